"""What the telephone's page shows: people, their chats, and one thread of bubbles. Reads only."""

from datetime import UTC, datetime

from .bubbles import describe
from .people import Person, find_person

TYPING = 25
THREAD_LENGTH = 200
EMOJIS = ("👍", "❤️", "😂", "😮", "🙏")
HERE = {"latitude": 4.6533, "longitude": -74.0636, "name": "Parque de la 93", "address": "Calle 93A, Bogotá"}
FAMILIES = ("image", "video", "audio", "sticker")


def people(state, search="", limit=60):
    """The telephones somebody may want to pick up, the liveliest first."""
    rows = state.all(
        "SELECT key, name, wa_id, username, last FROM ("
        " SELECT person AS key, max(last) AS last FROM ("
        "  SELECT person, max(at) AS last FROM messages GROUP BY person"
        "  UNION ALL SELECT person, last_inbound_at FROM chats UNION ALL SELECT key, 0 FROM people) GROUP BY person)"
        " LEFT JOIN people USING (key)"
        " WHERE ?1 = '' OR name LIKE '%' || ?1 || '%' OR key LIKE '%' || ?1 || '%' OR username LIKE '%' || ?1 || '%'"
        " ORDER BY last DESC LIMIT ?2",
        search,
        limit,
    )
    return [find_person(state, row["key"]) for row in rows]


def chats(state, person: Person):
    """One line per business: those this person talks with first, then the others."""
    numbers = state.all("SELECT * FROM numbers ORDER BY phone_number_id LIMIT 200")
    lines = [_chat(state, person, number) for number in numbers]
    return sorted(lines, key=lambda line: line["at"] or datetime.min.replace(tzinfo=UTC), reverse=True)


def _chat(state, person, number):
    whose = (person.key, number["phone_number_id"])
    last = state.one(
        "SELECT * FROM messages WHERE person = ? AND phone_number_id = ? ORDER BY id DESC LIMIT 1", *whose
    )
    unread = state.one(
        "SELECT count(*) AS many FROM messages WHERE person = ? AND phone_number_id = ? AND direction = 'out'"
        " AND status = 'delivered' AND type <> 'reaction'",
        *whose,
    )
    bubble = describe(last) if last else None
    return {
        "number": number,
        "bubble": bubble,
        "at": _moment(last["at"]) if last else None,
        "unread": unread["many"],
    }


def thread(state, person, number):
    """The last bubbles between a person and a business, reactions and deletions folded into what they concern."""
    rows = state.all(
        "SELECT * FROM (SELECT * FROM messages WHERE person = ? AND phone_number_id = ? AND status <> 'failed'"
        " ORDER BY id DESC LIMIT ?) ORDER BY id",
        person.key,
        number["phone_number_id"],
        THREAD_LENGTH,
    )
    bubbles = {row["wamid"]: _bubble(state, row) for row in rows}
    for bubble in list(bubbles.values()):
        _fold_in(bubbles, bubble)
    shown = [bubble for bubble in bubbles.values() if bubble["type"] not in ("reaction", "revoke")]
    for bubble in shown:
        bubble["quote"] = bubbles.get(bubble["context"])
    return {"bubbles": shown, "typing": _is_typing(state, person, number, rows)}


def _bubble(state, row):
    bubble = describe(row) | {"key": row["id"], "at": _moment(row["at"]), "mine": row["direction"] == "in"}
    bubble["reactions"], bubble["deleted"] = {}, False
    bubble["tick"] = _tick(state, row) if bubble["mine"] else None
    bubble["buttons"] = [_button(button, row["wamid"]) for button in bubble.get("buttons", [])]
    bubble["react"] = [
        (emoji, {"reaction": {"message_id": row["wamid"], "emoji": emoji}}) for emoji in EMOJIS
    ]
    bubble["revoke"] = {"message": {"type": "revoke", "revoke": {"original_message_id": row["wamid"]}}}
    if bubble.get("media"):
        bubble["media"] = _media(state, bubble["media"])
    return bubble


def _fold_in(bubbles, bubble):
    """A reaction sits on its message, one per side; a deletion empties it."""
    if bubble["type"] == "reaction":
        target = bubbles.get(bubble["reaction"]["message_id"])
        if target:
            target["reactions"][bubble["mine"]] = bubble["reaction"].get("emoji") or ""
    elif bubble["type"] == "revoke":
        target = bubbles.get(bubble.get("revoked"))
        if target:
            target["deleted"] = True


def _media(state, content):
    """A file for the page: by id from here, by link from where it is."""
    row = state.one(
        "SELECT mime_type, filename, length(bytes) AS size FROM media WHERE id = ?", content.get("id")
    )
    mime_type = row["mime_type"] if row else content.get("mime_type", "")
    return {
        "kind": content["kind"] if content["kind"] in FAMILIES else "document",
        "id": content.get("id"),
        "link": content.get("link") or content.get("url"),
        "mime_type": mime_type,
        "filename": content.get("filename") or (row["filename"] if row else None) or "documento",
        "size": row["size"] if row else None,
        "voice": bool(content.get("voice")),
    }


def _button(button, wamid):
    """What pressing does: an order to the telephone, an address to open, or nothing."""
    press = PRESSES.get(button["kind"])
    rows = [
        {**row, "order": {"choice": {**row, "section": None}, "reply_to": wamid}}
        for row in button.get("rows", [])
    ]
    return {**button, "order": press(button, wamid) if press else None, "rows": rows}


PRESSES = {
    "quick_reply": lambda button, wamid: {
        "button": {"payload": button["payload"], "text": button["text"], "context": wamid}
    },
    "reply": lambda button, wamid: {
        "button": {"id": button["payload"], "title": button["text"]},
        "reply_to": wamid,
    },
    "location_request": lambda button, wamid: {"location": HERE, "reply_to": wamid},
    "contact_request": lambda button, wamid: {"share_contact": True, "reply_to": wamid},
    "flow": lambda button, wamid: {"flow": {"token": button["payload"], "answers": {}, "context": wamid}},
}


def own_card(person, phone=None):
    """The person's own number as a contact card, for a business that asks for it."""
    first, _, last = person.name.partition(" ")
    name = {"formatted_name": person.name, "first_name": first, **({"last_name": last} if last else {})}
    wa_id = person.wa_id or phone or ""
    return [{"name": name, "phones": [{"phone": "+" + wa_id, "wa_id": wa_id, "type": "CELL"}]}]


def _tick(state, row):
    """How far the customer's own message got: `waiting`, `retrying`, `delivered` to the business, or `read` by it."""
    if row["status"] != "sent":
        return row["status"]
    tried = state.one(
        "SELECT attempts FROM deliveries WHERE inbound = ? AND attempts > 0 AND state = 'waiting'",
        row["wamid"],
    )
    return "retrying" if tried else "waiting"


def _is_typing(state, person, number, rows):
    """The dots last 25 seconds, or until the business's next message."""
    chat = state.one(
        "SELECT typing_at FROM chats WHERE phone_number_id = ? AND person = ?",
        number["phone_number_id"],
        person.key,
    )
    last = max((row["at"] for row in rows if row["direction"] == "out"), default=0)
    return chat is not None and last < chat["typing_at"] and state.now() - chat["typing_at"] < TYPING


def _moment(at):
    return datetime.fromtimestamp(at, UTC)
