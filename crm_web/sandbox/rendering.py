"""A template with its parameters, as the telephone shows it; raises what Meta would say if they do not fit."""

import json
import re
from functools import lru_cache

from .checks import MEDIA
from .faults import GraphError

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
FORBIDDEN = re.compile(r"[\n\t]| {5}")
LIMITS = {"header": 60, "body": 1024}
STATUS_ERRORS = {"PAUSED": 132015, "DISABLED": 132016}


@lru_cache(maxsize=2048)
def parse_components(text):
    """The components of a stored template by type. Shared: not to be changed."""
    return {component["type"]: component for component in json.loads(text)}


def variables(text):
    """The names in `{{ }}`, in order, each once."""
    return list(dict.fromkeys(VARIABLE.findall(text or "")))


def render(template, sent):
    """The header, body, footer and buttons a person sees for this send of this template."""
    if template is None or template["status"] in ("PENDING", "REJECTED"):
        raise GraphError(
            132001, f"template name ({sent['name']}) does not exist in {sent['language']['code']}"
        )
    if template["status"] != "APPROVED":
        raise GraphError(
            STATUS_ERRORS.get(template["status"], 132001), f"{sent['name']}: {template['status']}"
        )
    given = _given(sent.get("components") or [])
    parts = parse_components(template["components"])
    named = template["parameter_format"] == "NAMED"
    return {
        "name": template["name"],
        "header": _header(parts.get("HEADER"), given.get("header", []), named),
        "body": _text("body", parts["BODY"]["text"], given.get("body", []), named),
        "footer": parts.get("FOOTER", {}).get("text"),
        "buttons": _buttons(parts.get("BUTTONS", {}).get("buttons", []), given),
    }


def _given(components):
    """The parameters by where they go: `header`, `body`, or the index of a button."""
    given = {}
    for component in components:
        kind = str(component.get("type", "")).lower()
        place = str(component.get("index", "0")) if kind == "button" else kind
        given[place] = component.get("parameters") or []
    return given


def _header(header, given, named):
    if header is None:
        return None
    kind = header["format"].lower()
    if kind == "text":
        return {"type": "text", "text": _text("header", header["text"], given, named)}
    parameter = given[0] if given else {}
    if parameter.get("type") != kind or not isinstance(parameter.get(kind), dict):
        raise GraphError(132012, f"header: Format mismatch, expected {header['format']}, received UNKNOWN")
    if kind in MEDIA and not (parameter[kind].get("id") or parameter[kind].get("link")):
        raise GraphError(132012, f"header: {kind} needs an id or a link")
    return {"type": kind, kind: parameter[kind]}


def _text(place, text, given, named):
    """`text` with every variable replaced; the counts must match exactly."""
    names = variables(text)
    if len(names) != len(given):
        raise GraphError(
            132000,
            f"{place}: number of localizable_params ({len(given)}) does not match the expected number of params"
            f" ({len(names)})",
        )
    values = (
        _named_values(place, given, names) if named else dict(zip(names, map(_value, given), strict=True))
    )
    filled = VARIABLE.sub(lambda found: values[found[1]], text)
    if len(filled) > LIMITS[place]:
        raise GraphError(132005, f"{place}: the translated text is longer than {LIMITS[place]} characters")
    return filled


def _named_values(place, given, names):
    values = {parameter.get("parameter_name"): _value(parameter) for parameter in given}
    if None in values:
        raise GraphError(132012, f"{place}: parameter_name is missing in a named template")
    if set(values) != set(names):
        raise GraphError(132000, f"{place}: expected the parameters {', '.join(names)}")
    return values


def _value(parameter):
    """The words of one parameter; Meta refuses line breaks, tabs and long runs of spaces."""
    kind = parameter.get("type", "text")
    legacy = parameter.get(kind) if kind in ("currency", "date_time") else None
    value = legacy.get("fallback_value") if isinstance(legacy, dict) else parameter.get("text")
    if not isinstance(value, str) or not value:
        raise GraphError(131008, "Parameter of type text is missing text value")
    if FORBIDDEN.search(value):
        raise GraphError(
            132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        )
    return value


def _buttons(buttons, given):
    return [_button(button, str(place), given.get(str(place), [])) for place, button in enumerate(buttons)]


def _button(button, place, given):
    """One button with what the send put into it: a payload, the end of an address, a code."""
    parameter = given[0] if given else {}
    shown = {"type": button["type"].lower(), "text": button.get("text", "")}
    if button["type"] == "QUICK_REPLY":
        return {**shown, "payload": parameter.get("payload") or button["text"]}
    if button["type"] == "URL":
        return {**shown, "url": _url(button["url"], place, parameter)}
    if button["type"] == "COPY_CODE":
        return {**shown, "code": parameter.get("coupon_code") or parameter.get("text") or ""}
    return {**shown, "phone_number": button["phone_number"]} if "phone_number" in button else shown


def _url(url, place, parameter):
    if not variables(url):
        return url
    if not parameter.get("text"):
        raise GraphError(131008, f"buttons: Button at index {place} of type Url requires a parameter")
    return VARIABLE.sub(lambda _: str(parameter["text"]), url)
