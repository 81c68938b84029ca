"""One message as a telephone has it, in the same words for the JSON of tests and the bubbles of the page."""

import json

from .checks import MEDIA


def describe(row):
    """What a row of `messages` says: its text, file, buttons and the rest, whichever type it is."""
    body, kind = json.loads(row["body"]), row["type"]
    content = body.get(kind)
    shown = json.loads(row["shown"]) if row["shown"] else None
    bubble = {
        "id": row["wamid"],
        "type": kind,
        "direction": row["direction"],
        "timestamp": int(row["at"]),
        "status": row["status"],
        "text": text_of(kind, content, shown),
        "context": (body.get("context") or {}).get("message_id") or (body.get("context") or {}).get("id"),
    }
    return bubble | _rest(kind, content, shown)


def text_of(kind, content, shown=None):
    """The words a person reads; empty when there are none."""
    if kind == "template":
        return shown["body"]
    if kind in WORDS and content:
        return WORDS[kind](content) or ""
    return ""


def _contact_names(cards):
    return ", ".join((card.get("name") or {}).get("formatted_name", "") for card in cards)


def _interactive_text(content):
    """Of a question its body, of an answer the chosen title."""
    reply = content.get(content.get("type")) if isinstance(content.get("type"), str) else None
    if isinstance(reply, dict):
        return reply.get("title") or reply.get("body")
    return (content.get("body") or {}).get("text")


WORDS = {
    "text": lambda content: content.get("body"),
    **dict.fromkeys(MEDIA, lambda content: content.get("caption")),
    "reaction": lambda content: content.get("emoji"),
    "location": lambda content: content.get("name") or content.get("address"),
    "contacts": _contact_names,
    "button": lambda content: content.get("text"),
    "interactive": _interactive_text,
}


def _rest(kind, content, shown):
    if kind == "template":
        return _template(shown)
    if kind in MEDIA:
        return {"media": {"kind": kind, **content}}
    if kind == "interactive":
        return _interactive(content)
    if kind == "revoke":
        return {"revoked": content.get("original_message_id")}
    return {kind: content} if kind in ("reaction", "location", "contacts") else {}


def _template(shown):
    buttons = [
        {"kind": button.pop("type"), **button} for button in (dict(button) for button in shown["buttons"])
    ]
    bubble = {"template": {"name": shown["name"]}, "footer": shown["footer"], "buttons": buttons}
    return bubble | _header(shown["header"])


def _interactive(content):
    bubble = {"interactive": content.get("type"), "footer": (content.get("footer") or {}).get("text")}
    buttons = BUTTONS.get(content.get("type"))
    if buttons:
        bubble["buttons"] = buttons(content.get("action") or {})
    return bubble | _header(content.get("header"))


def _header(header):
    """A header of words is a title; one with a file shows it."""
    if not header:
        return {}
    if header["type"] == "text":
        return {"title": header["text"]}
    if header["type"] == "location":
        return {"location": header["location"]}
    return {"media": {"kind": header["type"], **header[header["type"]]}}


def _replies(action):
    replies = [button["reply"] for button in action["buttons"]]
    return [{"kind": "reply", "text": reply["title"], "payload": reply["id"]} for reply in replies]


def _list(action):
    rows = [
        {"section": section.get("title"), **row} for section in action["sections"] for row in section["rows"]
    ]
    return [{"kind": "list", "text": action["button"], "rows": rows}]


def _link(action):
    parameters = action["parameters"]
    return [{"kind": "url", "text": parameters["display_text"], "url": parameters["url"]}]


def _flow(action):
    parameters = action["parameters"]
    return [{"kind": "flow", "text": parameters["flow_cta"], "payload": parameters.get("flow_token", "")}]


BUTTONS = {
    "button": _replies,
    "list": _list,
    "cta_url": _link,
    "flow": _flow,
    "location_request_message": lambda action: [{"kind": "location_request", "text": ""}],
    "request_contact_info": lambda action: [{"kind": "contact_request", "text": ""}],
}
