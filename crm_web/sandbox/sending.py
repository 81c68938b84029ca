"""`POST /<phone number id>/messages`: check as Meta would, note it in the log, and start its way to the telephone."""

import base64
import json
import secrets

from .checks import MEDIA, check_body
from .faults import ENDINGS, Ending, GraphError, missing
from .knobs import read_knobs, take_failure
from .media import require_own_media
from .people import digits, find_person, fold, is_user_id, person_behind, user_id_for
from .rendering import render
from .templates import find_template
from .webhooks import queue_status

WINDOW = 24 * 3600


def send(state, number, body):
    """Accept one send: (answer, mishap), where a mishap is how the answer gets lost on its way back.

    Raises GraphError for what Meta would refuse. An accepted send is in the log before this returns.
    """
    if body.get("status") == "read":
        return mark_read(state, number, body), None
    kind = check_body(body)
    knobs = read_knobs(state)
    with state.tx():
        person, contact = _recipient(state, number, body)
        trouble = _trouble(state, knobs, number, person, kind)
        if not trouble or trouble.when != "answer":
            message = _check_against_world(state, knobs, number, person, kind, body)
            _write(state, number, person, message, trouble)
            _announce(state, knobs, number, person, message, trouble)
    if trouble and trouble.when == "answer":
        raise GraphError(trouble.code, http=trouble.http)
    return _answer(contact, message), _mishap(trouble)


def mark_read(state, number, body):
    """The business read up to this message, and perhaps starts typing."""
    wamid = body.get("message_id")
    if not wamid:
        raise missing("message_id")
    row = state.one(
        "SELECT id, person FROM messages WHERE wamid = ? AND phone_number_id = ? AND direction = 'in'",
        wamid,
        number["phone_number_id"],
    )
    if row is None:
        raise GraphError(131009, "Message ID is invalid or too old")
    with state.tx() as db:
        chat = (number["phone_number_id"], row["person"])
        db.execute(
            "UPDATE messages SET status = 'read' WHERE phone_number_id = ? AND person = ? AND direction = 'in'"
            " AND id <= ?",
            (*chat, row["id"]),
        )
        if body.get("typing_indicator"):
            db.execute(
                "INSERT INTO chats (phone_number_id, person, typing_at) VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET typing_at = excluded.typing_at",
                (*chat, state.now()),
            )
    return {"success": True}


def _recipient(state, number, body):
    """The person and the `contacts` entry of the answer; a phone wins over a user id when both are given."""
    waba = number["waba_id"]
    if body.get("to") and not is_user_id(str(body["to"])):
        person = find_person(state, fold(body["to"]))
        if len(person.key) < 7:
            raise GraphError(131009, "Parameter 'to' is not a valid phone number")
        if person.key == digits(number["display_phone_number"]):
            raise GraphError(131021)
        user_id = user_id_for(state, person, waba)
        return person, {"input": str(body["to"]), "wa_id": person.key, "user_id": user_id}
    bsuid = str(body.get("recipient") or body["to"])
    if not is_user_id(bsuid):
        raise GraphError(131009, "Parameter 'recipient' is not a user id")
    return person_behind(state, bsuid), {"input": bsuid, "user_id": bsuid}


def _trouble(state, knobs, number, person, kind):
    """What goes wrong with this send: what the knobs ask for, or what the number's ending does."""
    asked = take_failure(state, knobs)
    if asked:
        return Ending(asked.get("when", "answer"), asked["code"], http=asked.get("http"))
    ending = ENDINGS.get(person.key[-7:]) if knobs.endings else None
    if ending is None or (ending.code == 131047 and kind == "template"):
        return None
    return ending if ending.times is None or _stumbles(state, number, person, ending.times) else None


def _stumbles(state, number, person, times):
    """Refused `times` times, then accepted once, then refused again: the next message has its own trouble."""
    whose = (number["phone_number_id"], person.key)
    row = state.one("SELECT times FROM stumbles WHERE phone_number_id = ? AND person = ?", *whose)
    so_far = row["times"] if row else 0
    state.run("INSERT OR REPLACE INTO stumbles VALUES (?, ?, ?)", *whose, so_far + 1 if so_far < times else 0)
    return so_far < times


def _check_against_world(state, knobs, number, person, kind, body):
    """The message, once the template, the window and the media turn out to be there."""
    message = {"kind": kind, "body": body, "shown": None, "category": "service"}
    if kind == "template":
        template = find_template(state, number["waba_id"], body["template"])
        message["shown"] = render(template, body["template"])
        message["category"] = template["category"].lower()
        if message["category"] == "authentication" and person.wa_id is None:
            raise GraphError(131062)
    elif knobs.window:
        _require_window(state, number, person)
    for media_kind, content in _files(message):
        require_own_media(state, number, content, media_kind)
    return {**message, "wamid": new_wamid(person.key), "callback": body.get("biz_opaque_callback_data")}


def _files(message):
    """The files a send carries: its own, or the one in its header."""
    kind, body = message["kind"], message["body"]
    if kind in MEDIA:
        return [(kind, body[kind])]
    header = (message["shown"] or body.get("interactive") or {}).get("header") or {}
    return [(header["type"], header[header["type"]])] if header.get("type") in MEDIA else []


def _require_window(state, number, person):
    row = state.one(
        "SELECT last_inbound_at FROM chats WHERE phone_number_id = ? AND person = ?",
        number["phone_number_id"],
        person.key,
    )
    if row is None or state.now() - row["last_inbound_at"] > WINDOW:
        raise GraphError(
            131047,
            "Message failed to send because more than 24 hours have passed since the customer last replied"
            " to this number",
        )


def _write(state, number, person, message, trouble):
    now, where = state.now(), (number["phone_number_id"], person.key)
    failed = bool(trouble) and trouble.when == "status"
    with state.tx() as db:
        db.execute(
            "INSERT INTO log (wamid, phone_number_id, person, type, biz_opaque_callback_data, mishap, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (message["wamid"], *where, message["kind"], message["callback"], _mishap(trouble), now),
        )
        db.execute(
            "INSERT INTO messages (wamid, phone_number_id, person, direction, type, body, shown, callback, status, at)"
            " VALUES (?, ?, ?, 'out', ?, ?, ?, ?, ?, ?)",
            (
                message["wamid"],
                *where,
                message["kind"],
                json.dumps(message["body"], ensure_ascii=False),
                json.dumps(message["shown"], ensure_ascii=False) if message["shown"] else None,
                message["callback"],
                "failed" if failed else "delivered",
                now,
            ),
        )


def _announce(state, knobs, number, person, message, trouble):
    """The statuses that follow, each at its time; reactions only ever become `sent`."""
    if not knobs.statuses:
        return
    now, tell = state.now(), (state, knobs, number, person, message)
    if trouble and trouble.when == "status":
        queue_status(*tell, "failed", due=now + knobs.sent_ms / 1000, code=trouble.code)
        return
    queue_status(*tell, "sent", due=now + knobs.sent_ms / 1000)
    if message["kind"] != "reaction":
        queue_status(*tell, "delivered", due=now + knobs.delivered_ms / 1000)
        if knobs.auto_read:
            queue_status(*tell, "read", due=now + knobs.read_ms / 1000)
            state.run("UPDATE messages SET status = 'read' WHERE wamid = ?", message["wamid"])


def _answer(contact, message):
    return {
        "messaging_product": "whatsapp",
        "contacts": [contact],
        "messages": [
            {"id": message["wamid"], **({"message_status": "accepted"} if message["shown"] else {})}
        ],
    }


def _mishap(trouble):
    return trouble.when if trouble and trouble.when in ("cut", "hang", "broken") else None


def new_wamid(key):
    """An id like WhatsApp's: opaque, and never twice."""
    inside = b"\x1c\x18" + bytes([len(key) % 256]) + key.encode() + b"\x15\x02\x00\x11\x18\x12"
    return "wamid." + base64.b64encode(inside + secrets.token_hex(10).upper().encode() + b"\x00").decode()
