"""What a customer can do with a telephone: write, send things, press buttons, and open the chat."""

import base64
import binascii
import json

from . import webhooks
from .bubbles import describe
from .checks import MEDIA
from .knobs import read_knobs
from .media import add_media, find_media
from .people import digits, find_person, fold, is_user_id, person_behind, remember_person, user_id_for
from .sending import new_wamid

DEFAULT_NUMBER = "100000000000001"
MIME_TYPES = {
    "image": "image/jpeg", "audio": "audio/ogg; codecs=opus", "video": "video/mp4",
    "document": "application/pdf", "sticker": "image/webp",
}  # fmt: skip


class BadOrder(ValueError):
    """What was asked of the telephone cannot be done; the sentence says why."""


def write_as_customer(state, order):
    """Do as the order says and tell the business; returns the webhook's message.

    The order names who (`from`, or `bsuid` for somebody without a visible number; `name`, `username`,
    `hide_phone`), to whom (`phone_number_id`) and one thing to send: `text`, `button`, `choice`, `flow`,
    `location`, `contacts`, `reaction`, `media_id`, `bytes`, `link`, or a whole `message` as Meta would send it.
    `reply_to`, `referral`, `timestamp` and `id` may be given besides.
    """
    number = known_number(state, order.get("phone_number_id") or DEFAULT_NUMBER)
    with state.tx():
        person = _who(state, order, number)
        kind, content, extra = _what(state, order, number)
        message = _message(state, order, number, person, kind, content) | extra
        _keep(state, number, person, message, order)
        webhooks.queue_inbound(state, read_knobs(state), number, person, message)
    return message


def known_number(state, phone_number_id):
    number = state.one("SELECT * FROM numbers WHERE phone_number_id = ?", str(phone_number_id))
    if number is None:
        raise BadOrder(f"no business has the phone_number_id {phone_number_id}")
    return number


def person_from(state, text):
    """The person somebody means by digits, however written, or by a user id."""
    text = str(text or "").strip()
    if is_user_id(text):
        return person_behind(state, text)
    if len(digits(text)) < 7:
        raise BadOrder(f"{text!r} is not a telephone number")
    return find_person(state, fold(text))


def received(state, to, phone_number_id=None):
    """What this telephone has received, oldest first."""
    person = person_from(state, to)
    rows = state.all(
        "SELECT messages.*, numbers.display_phone_number FROM messages JOIN numbers USING (phone_number_id)"
        " WHERE person = ? AND direction = 'out' AND status <> 'failed' AND (? IS NULL OR phone_number_id = ?)"
        " ORDER BY messages.id",
        person.key,
        phone_number_id,
        phone_number_id,
    )
    return [_received(row, person) for row in rows]


def _received(row, person):
    return describe(row) | {
        "from": digits(row["display_phone_number"]),
        "to": person.key,
        "phone_number_id": row["phone_number_id"],
        "biz_opaque_callback_data": row["callback"],
    }


def open_chat(state, person, number):
    """The customer reads: everything that arrived becomes read, and the business hears of it."""
    knobs, now = read_knobs(state), state.now()
    with state.tx():
        rows = state.run(
            "UPDATE messages SET status = 'read' WHERE person = ? AND phone_number_id = ? AND direction = 'out'"
            " AND status = 'delivered' RETURNING *",
            person.key,
            number["phone_number_id"],
        ).fetchall()
        for row in rows if knobs.statuses else ():
            if row["type"] != "reaction":
                message = {"wamid": row["wamid"], "callback": row["callback"]}
                webhooks.queue_status(state, knobs, number, person, message, "read", due=now)
    return len(rows)


def register_window(state, phone_number_id, who, at, name=None):
    """The customer wrote at this time, as far as the 24-hour window is concerned."""
    number, person = known_number(state, phone_number_id), person_from(state, who)
    if name:
        remember_person(state, phone=person.wa_id, user_id=person.key, waba_id=number["waba_id"], name=name)
    _touch(state, number, person, at)


def _who(state, order, number):
    phone, bsuid = order.get("from"), order.get("bsuid")
    if phone and is_user_id(str(phone)):
        phone, bsuid = None, str(phone)
    if not bsuid and len(digits(phone or "")) < 7:
        raise BadOrder("from must be a telephone number, or bsuid a user id")
    known = {name: order.get(name) for name in ("name", "username", "hide_phone")}
    return remember_person(state, phone=phone, user_id=bsuid, waba_id=number["waba_id"], **known)


def _what(state, order, number):
    """(type, content under that key, keys beside it)."""
    for key, build in ORDERS:
        if order.get(key) not in (None, ""):
            return build(state, order, number)
    raise BadOrder("nothing to send: give text, button, location, reaction, media_id, bytes or message")


def _message(state, order, number, person, kind, content):
    message = {
        "id": order.get("id") or new_wamid(person.key),
        "timestamp": str(int(order.get("timestamp") or state.now())),
    }
    if person.shown_phone:
        message["from"] = person.shown_phone
    message |= {"from_user_id": user_id_for(state, person, number["waba_id"]), "type": kind}
    if content is not None:
        message[kind] = content
    context = _context(state, order, number, person)
    if context:
        message["context"] = context
    return message | ({"referral": order["referral"]} if order.get("referral") else {})


def _context(state, order, number, person):
    """What the message answers to: the business's message, or one of the customer's own."""
    pressed = [order[key] for key in ("button", "choice", "flow") if isinstance(order.get(key), dict)]
    wamid = order.get("reply_to") or (pressed and pressed[0].get("context"))
    if not wamid:
        return None
    row = state.one("SELECT direction FROM messages WHERE wamid = ?", wamid)
    own = row is not None and row["direction"] == "in"
    return {"from": person.key if own else digits(number["display_phone_number"]), "id": wamid}


def _keep(state, number, person, message, order):
    state.run(
        "INSERT OR IGNORE INTO messages (wamid, phone_number_id, person, direction, type, body, status, at)"
        " VALUES (?, ?, ?, 'in', ?, ?, 'sent', ?)",
        message["id"],
        number["phone_number_id"],
        person.key,
        message["type"],
        json.dumps(message, ensure_ascii=False),
        state.now(),
    )
    _touch(state, number, person, float(order.get("timestamp") or state.now()))


def _touch(state, number, person, at):
    """A window only ever moves forward."""
    state.run(
        "INSERT INTO chats (phone_number_id, person, last_inbound_at) VALUES (?, ?, ?) ON CONFLICT DO UPDATE"
        " SET last_inbound_at = max(last_inbound_at, excluded.last_inbound_at)",
        number["phone_number_id"],
        person.key,
        at,
    )


def _raw(state, order, number):
    message = dict(order["message"])
    kind = message.pop("type", "text")
    return kind, message.pop(kind, None), message


def _text(state, order, number):
    return "text", {"body": str(order["text"])}, {}


def _button(state, order, number):
    """A template's quick reply answers with `payload`, an interactive button with `id` and `title`."""
    pressed = order["button"]
    if "id" in pressed:
        reply = {"id": pressed["id"], "title": pressed.get("title", "")}
        return "interactive", {"type": "button_reply", "button_reply": reply}, {}
    text = pressed.get("text", "")
    return "button", {"payload": pressed.get("payload") or text, "text": text}, {}


def _choice(state, order, number):
    chosen = {
        name: order["choice"][name] for name in ("id", "title", "description") if order["choice"].get(name)
    }
    return "interactive", {"type": "list_reply", "list_reply": chosen}, {}


def _flow(state, order, number):
    """The answers of a form arrive as a string of JSON, with the token it was sent with."""
    answers = {"flow_token": order["flow"].get("token", ""), **order["flow"].get("answers", {})}
    reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(answers)}
    return "interactive", {"type": "nfm_reply", "nfm_reply": reply}, {}


def _location(state, order, number):
    return "location", order["location"], {}


def _contacts(state, order, number):
    extra = {"origin": order["origin"]} if order.get("origin") else {}
    return "contacts", order["contacts"], extra


def _reaction(state, order, number):
    return "reaction", order["reaction"], {}


def _file(state, order, number):
    kind = order.get("type") or _kind_of(order.get("mime_type", ""))
    if kind not in MEDIA:
        raise BadOrder(f"type must be one of {', '.join(MEDIA)}")
    media_id = order.get("media_id") or _receive_bytes(state, order, number, kind)
    row = find_media(state, str(media_id))
    if row is None:
        raise BadOrder(f"there is no file {media_id}")
    content = {"mime_type": row["mime_type"], "sha256": row["sha256"], "id": row["id"]}
    return kind, content | _file_details(order, kind, row["filename"]), {}


def _linked_file(state, order, number):
    """A file that only has an address, as in webhooks that carry `url` instead of an id."""
    kind = order.get("type") or _kind_of(order.get("mime_type", "image/jpeg"))
    content = {"mime_type": order.get("mime_type") or MIME_TYPES[kind], "url": order["link"]}
    return kind, content | _file_details(order, kind, order.get("filename")), {}


def _file_details(order, kind, filename):
    details: dict = {}
    if kind == "audio":
        details["voice"] = bool(order.get("voice", True))
    elif order.get("caption"):
        details["caption"] = order["caption"]
    if kind == "document":
        details["filename"] = order.get("filename") or filename or "documento.pdf"
    if kind == "sticker":
        details["animated"] = bool(order.get("animated", False))
    return details


def _receive_bytes(state, order, number, kind):
    try:
        content = (
            order["bytes"]
            if isinstance(order["bytes"], bytes)
            else base64.b64decode(order["bytes"], validate=True)
        )
    except (binascii.Error, ValueError, TypeError):
        raise BadOrder("bytes must be base64") from None
    mime_type = order.get("mime_type") or MIME_TYPES[kind]
    return add_media(state, number["phone_number_id"], content, mime_type, order.get("filename"))


def _kind_of(mime_type):
    family = mime_type.split("/")[0]
    if mime_type.startswith("image/webp"):
        return "sticker"
    return family if family in ("image", "audio", "video") else "document"


ORDERS = (
    ("message", _raw),
    ("button", _button),
    ("choice", _choice),
    ("flow", _flow),
    ("location", _location),
    ("contacts", _contacts),
    ("reaction", _reaction),
    ("media_id", _file),
    ("bytes", _file),
    ("link", _linked_file),
    ("text", _text),
)
