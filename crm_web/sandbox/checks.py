"""Meta's rules for the body of a send: what must be there, and how long it may be."""

from .faults import GraphError, invalid, missing

MEDIA = ("image", "video", "audio", "document", "sticker")
CALLBACK_LIMIT = 512


def check_body(body):
    """The type of a send that has the right shape; raises GraphError naming the parameter that has not."""
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'")
    if body.get("recipient_type", "individual") != "individual":
        raise GraphError(131059, "Groups are not available to this number")
    if not body.get("to") and not body.get("recipient"):
        raise GraphError(100, "The parameter to is required")
    _check_text(body, "biz_opaque_callback_data", CALLBACK_LIMIT, required=False)
    return _check_object(body)


def _check_object(body):
    kind = body.get("type", "text")
    check = CHECKS.get(kind) if isinstance(kind, str) else None
    if check is None:
        raise GraphError(100, f"Param type must be one of {{{', '.join(CHECKS)}}}")
    content = body.get(kind)
    if not isinstance(content, list if kind == "contacts" else dict) or not content:
        raise missing(kind)
    check(content, kind)
    return kind


def _check_text(holder, name, limit, *, required=True, path=None):
    """A text of up to `limit` characters; absent is fine unless required."""
    value, path = holder.get(name), path or name
    if value is None and not required:
        return
    if value is None or value == "":
        raise missing(path)
    if not isinstance(value, str):
        raise invalid(path, "must be a string")
    if len(value) > limit:
        raise invalid(path, f"must be at most {limit} characters long")


def _text(content, kind):
    _check_text(content, "body", 4096, path="text['body']")


def _media(content, kind):
    if bool(content.get("id")) == bool(content.get("link")):
        raise invalid(kind, "must have either an id or a link")
    if content.get("caption") is not None:
        if kind in ("audio", "sticker"):
            raise invalid(f"{kind}['caption']", "is not supported")
        _check_text(content, "caption", 1024, path=f"{kind}['caption']")
    if content.get("link") and not str(content["link"]).startswith(("http://", "https://")):
        raise invalid(f"{kind}['link']", "is not a valid URI")


def _location(content, kind):
    for name, limit in (("latitude", 90), ("longitude", 180)):
        try:
            fits = abs(float(content[name])) <= limit
        except (KeyError, TypeError, ValueError):
            raise missing(f"location['{name}']") from None
        if not fits:
            raise invalid(f"location['{name}']", f"must be between -{limit} and {limit}")


def _contacts(content, kind):
    for place, card in enumerate(content):
        name = card.get("name") if isinstance(card, dict) else None
        if not isinstance(name, dict) or not name.get("formatted_name"):
            raise missing(f"contacts[{place}]['name']['formatted_name']")
        if not set(name) & {"first_name", "last_name", "middle_name", "prefix", "suffix"}:
            raise missing(f"contacts[{place}]['name']['first_name']")


def _reaction(content, kind):
    _check_text(content, "message_id", 200, path="reaction['message_id']")
    if not isinstance(content.get("emoji"), str):
        raise missing("reaction['emoji']")


def _template(content, kind):
    _check_text(content, "name", 512, path="template['name']")
    language = content.get("language")
    if not isinstance(language, dict) or not language.get("code"):
        raise missing("template['language']['code']")


def _interactive(content, kind):
    check = INTERACTIVE.get(content.get("type"))
    if check is None:
        raise invalid("interactive['type']", f"must be one of {{{', '.join(INTERACTIVE)}}}")
    _check_interactive_text(content, 4096 if content["type"] == "list" else 1024)
    action = content.get("action")
    if not isinstance(action, dict):
        raise missing("interactive['action']")
    check(action)


def _check_interactive_text(content, body_limit):
    body, footer, header = content.get("body"), content.get("footer"), content.get("header")
    if not isinstance(body, dict):
        raise missing("interactive['body']")
    _check_text(body, "text", body_limit, path="interactive['body']['text']")
    if footer is not None:
        _check_text(footer, "text", 60, path="interactive['footer']['text']")
    if header is not None:
        _check_header(header, text_only=content["type"] == "list")


def _check_header(header, *, text_only):
    kind = header.get("type")
    if kind == "text":
        _check_text(header, "text", 60, path="interactive['header']['text']")
    elif text_only or kind not in ("image", "video", "document"):
        raise invalid("interactive['header']['type']", "is not supported here")
    else:
        _media(header.get(kind) or {}, kind)


def _check_buttons(action):
    buttons = action.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise invalid("interactive['action']['buttons']", "must have between 1 and 3 buttons")
    replies = [button.get("reply") or {} for button in buttons]
    for reply in replies:
        _check_text(reply, "id", 256, path="button['reply']['id']")
        _check_text(reply, "title", 20, path="button['reply']['title']")
    for name in ("id", "title"):
        if len({reply[name] for reply in replies}) < len(replies):
            raise invalid(f"button['reply']['{name}']", "must be unique")


def _check_list(action):
    _check_text(action, "button", 20, path="action['button']")
    sections = action.get("sections")
    if not isinstance(sections, list) or not 1 <= len(sections) <= 10:
        raise invalid("action['sections']", "must have between 1 and 10 sections")
    for section in sections:
        _check_text(section, "title", 24, required=len(sections) > 1, path="section['title']")
    _check_rows([row for section in sections for row in section.get("rows") or []])


def _check_rows(rows):
    if not 1 <= len(rows) <= 10:
        raise invalid("section['rows']", "must have between 1 and 10 rows in total")
    for row in rows:
        _check_text(row, "id", 200, path="row['id']")
        _check_text(row, "title", 24, path="row['title']")
        _check_text(row, "description", 72, required=False, path="row['description']")
    if len({row["id"] for row in rows}) < len(rows):
        raise invalid("row['id']", "must be unique")


def _check_link(action):
    parameters = action.get("parameters") or {}
    _check_text(parameters, "display_text", 20, path="parameters['display_text']")
    _check_text(parameters, "url", 2000, path="parameters['url']")


def _check_flow(action):
    parameters = action.get("parameters") or {}
    _check_text(parameters, "flow_cta", 30, path="parameters['flow_cta']")
    if not parameters.get("flow_id") and not parameters.get("flow_name"):
        raise missing("parameters['flow_id']")


def _named(name):
    def check(action):
        if action.get("name") != name:
            raise invalid("action['name']", f"must be '{name}'")

    return check


def _anything(action):
    """Commerce and calling: accepted as they come."""


INTERACTIVE = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link,
    "flow": _check_flow,
    "location_request_message": _named("send_location"),
    "request_contact_info": _named("request_contact_info"),
    "product": _anything,
    "product_list": _anything,
    "catalog_message": _anything,
    "address_message": _anything,
    "voice_call": _anything,
    "call_permission_request": _anything,
}
CHECKS = {
    "text": _text,
    **dict.fromkeys(MEDIA, _media),
    "location": _location,
    "contacts": _contacts,
    "reaction": _reaction,
    "interactive": _interactive,
    "template": _template,
}
