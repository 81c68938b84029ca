"""What a message says, by its type (Meta, "messages webhook reference", one page per type)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

from crm_web.channels.adapters.meta.values import clean, listing, mapping, name, stable_id, text
from crm_web.channels.normal import Media, MediaKind, MessageKind

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """The part of a normal message that depends on its type."""

    kind: MessageKind
    body: str = ""
    payload: Data = field(default_factory=dict)
    media: Media | None = None


def content_of(item: Data) -> Content:
    """Read the object under the key that `type` names; whatever cannot be read is shown as unsupported."""
    kind = text(item.get("type"))
    read = READERS.get(kind)
    return (read(item) if read else None) or unsupported(item)


def unsupported(item: Data) -> Content:
    """A placeholder that keeps what came: the customer did write, and the service window opens all the
    same.
    """
    kind = text(item.get("type"))
    payload: Data = {"type": text(mapping(item.get("unsupported")).get("type")) or kind}
    if kind not in ("", "unsupported") and item.get(kind) is not None:
        payload["data"] = item[kind]
    return Content("unsupported", payload=payload)


def _text(item: Data) -> Content | None:
    said = item.get("text")
    return Content("text", text(said.get("body"))) if isinstance(said, dict) else None


def _media(item: Data) -> Content | None:
    kind = text(item.get("type"))
    data = item.get(kind)
    if not isinstance(data, dict):
        return None
    return Content(
        cast(MessageKind, kind), text(data.get("caption")), media=_file(cast(MediaKind, kind), data)
    )


def _file(kind: MediaKind, data: Data) -> Media:
    """A voice note's type has parameters (`audio/ogg; codecs=opus`), which are of no use to anyone here."""
    return Media(
        kind,
        provider_id=stable_id(data.get("id")),
        url=text(data.get("url")) or None,
        mime=text(data.get("mime_type")).partition(";")[0].strip().lower() or None,
        sha256=text(data.get("sha256")) or None,
        filename=name(data.get("filename")),
        voice=data.get("voice") is True,
        animated=data.get("animated") is True,
    )


def _location(item: Data) -> Content | None:
    place = item.get("location")
    if not isinstance(place, dict):
        return None
    words = filter(None, (text(place.get("name")), text(place.get("address"))))
    return Content("location", ", ".join(words), place)


def _contacts(item: Data) -> Content | None:
    """`origin` tells an answer to our request for the number from cards that people share by themselves."""
    cards = [card for card in listing(item.get("contacts")) if isinstance(card, dict)]
    if not cards:
        return None
    words = filter(None, (name(mapping(card.get("name")).get("formatted_name")) for card in cards))
    payload: Data = {"contacts": cards}
    if origin := text(item.get("origin")):
        payload["origin"] = origin
    return Content("contacts", ", ".join(words), payload)


def _order(item: Data) -> Content | None:
    order = item.get("order")
    return Content("order", text(order.get("text")), order) if isinstance(order, dict) else None


def _button(item: Data) -> Content | None:
    """A tap on a template's quick reply."""
    tap = item.get("button")
    return (
        _choice("button", text(tap.get("payload")), text(tap.get("text"))) if isinstance(tap, dict) else None
    )


def _choice(kind: str, key: str, title: str, description: str = "", response: Any = None) -> Content:
    payload = {"type": kind, "id": key, "title": title, "description": description, "response": response}
    return Content("choice", title, payload)


def _interactive(item: Data) -> Content | None:
    answer = mapping(item.get("interactive"))
    kind = text(answer.get("type"))
    data = answer.get(kind)
    if not isinstance(data, dict):
        return None
    if kind == "nfm_reply":
        return _choice(
            kind, text(data.get("name")), text(data.get("body")), response=_form(data.get("response_json"))
        )
    if kind == "call_permission_reply":
        return _choice(kind, text(data.get("response")), text(data.get("response")), response=data)
    return _choice(kind, text(data.get("id")), text(data.get("title")), text(data.get("description")))


def _form(given: Any) -> Any:
    """A filled-in form comes as JSON inside a string; as the string itself when that cannot be read."""
    if not isinstance(given, str):
        return given
    try:
        return clean(json.loads(given, parse_constant=lambda _: None))
    except (ValueError, RecursionError):
        return given


def _system(item: Data) -> Content | None:
    news = item.get("system")
    return Content("system", text(news.get("body")), news) if isinstance(news, dict) else None


def _call(item: Data) -> Content:
    return Content("call", payload={key: item[key] for key in CALL_KEYS if key in item})


CALL_KEYS = ("id", "event", "direction", "status", "duration", "start_time", "end_time", "session")
READERS: dict[str, Callable[[Data], Content | None]] = {
    "text": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "document": _media,
    "sticker": _media,
    "location": _location,
    "contacts": _contacts,
    "order": _order,
    "button": _button,
    "interactive": _interactive,
    "system": _system,
    "call": _call,
}
