"""What Meta tells the business: the values of webhooks, their envelope, their signature, and the queue of them."""

import hashlib
import hmac
import json
import random
from datetime import UTC, datetime

from .faults import status_error
from .people import contact_card, digits, user_id_for

SIGNATURE = "X-Hub-Signature-256"
QUEUE = (
    "INSERT INTO deliveries (waba_id, phone_number_id, lane, inbound, field, value, created_at, due_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def queue(state, knobs, *, waba_id, field, value, number=None, lane=None, due=0.0):
    """Deliver this value from `due` on, as often as the knobs say; call it inside the transaction it belongs to.

    Rows of one lane go out in order, unless the knobs shuffle them.
    """
    now = state.now()
    due = max(due, now) + knobs.delay_ms / 1000
    lane, text = None if knobs.shuffle else lane, json.dumps(value, separators=(",", ":"))
    for _ in range(1 + knobs.duplicate):
        moved = due + random.random() if knobs.shuffle else due  # noqa: S311 - disorder, not secrecy
        state.run(QUEUE, waba_id, number, lane, _inbound(value), field, text, now, moved)
    state.news.set()


def _inbound(value):
    """The wamid whose tick turns double once the business has taken it."""
    messages = value.get("messages")
    return messages[0]["id"] if messages else None


def queue_inbound(state, knobs, number, person, message):
    """Tell the business what a customer did; one customer's doings arrive in order."""
    card = contact_card(person, user_id_for(state, person, number["waba_id"]))
    value = {**_frame(number), "contacts": [card], "messages": [message]}
    _queue_messages(state, knobs, number, value, lane=f"{number['phone_number_id']}:{person.key}")


def queue_status(state, knobs, number, person, message, status, *, due, code=None):
    """Tell the business how far its message got. `failed` says less about the person than the others do."""
    user_id = user_id_for(state, person, number["waba_id"])
    item = {"id": message["wamid"], "status": status, "timestamp": str(int(due))}
    if person.shown_phone:
        item["recipient_id"] = person.shown_phone
    if status != "failed" or not person.shown_phone:
        item["recipient_user_id"] = user_id
    if message["callback"]:
        item["biz_opaque_callback_data"] = message["callback"]
    value = {**_frame(number)}
    if status == "failed":
        item["errors"] = [status_error(code)]
    else:
        value["contacts"] = [contact_card(person, user_id, with_username=status != "sent")]
    if status in ("sent", "delivered"):
        item["pricing"] = pricing(message["category"])
    value["statuses"] = [item]
    _queue_messages(state, knobs, number, value, lane=message["wamid"], due=due)


def queue_template_event(state, knobs, template, event, *, due=0.0, reason="NONE"):
    """Tell the account that a template was reviewed, paused and the like."""
    value = {
        "event": event,
        "message_template_id": template["id"],
        "message_template_name": template["name"],
        "message_template_language": template["language"],
        "message_template_category": template["category"],
        "reason": reason,
    }
    queue(
        state,
        knobs,
        waba_id=template["waba_id"],
        field="message_template_status_update",
        value=value,
        lane=f"template:{template['id']}",
        due=due,
    )


def pricing(category):
    """What the message costs the business: templates by their category, answers as service."""
    if category == "service":
        return {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_customer_service",
            "category": "service",
        }
    return {"billable": True, "pricing_model": "PMP", "type": "regular", "category": category}


def envelope(rows):
    """One POST's worth of deliveries, grouped by account; account events carry the entry's time."""
    entries: dict[str, dict] = {}
    for row in rows:
        entry = entries.setdefault(row["waba_id"], {"id": row["waba_id"], "changes": []})
        entry["changes"].append({"field": row["field"], "value": json.loads(row["value"])})
        if row["field"] != "messages":
            entry["time"] = int(row["created_at"])
    return {"object": "whatsapp_business_account", "entry": list(entries.values())}


def encode(payload):
    """The bytes that are signed and sent: non-ASCII escaped, as Meta does."""
    return json.dumps(payload, separators=(",", ":")).encode("ascii")


def signature(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(secret, body):
    return {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "Date": datetime.now(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        SIGNATURE: signature(secret, body),
    }


def _queue_messages(state, knobs, number, value, **how):
    queue(
        state,
        knobs,
        waba_id=number["waba_id"],
        number=number["phone_number_id"],
        field="messages",
        value=value,
        **how,
    )


def _frame(number):
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": digits(number["display_phone_number"]),
            "phone_number_id": number["phone_number_id"],
        },
    }
