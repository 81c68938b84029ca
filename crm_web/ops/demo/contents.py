"""What a line says besides plain words: `@foto sala | caption` and the like become a kind, a body and a payload.

Payloads have the shapes that the channel's own messages have, so that everything is shown by the same templates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm_web.ops.demo import letters
from crm_web.ops.demo.listings import PLACES
from crm_web.ops.demo.screenplay import SCENES

Data = dict[str, Any]
_ITEM = re.compile(r"(.+) × (\d+) = (\d+)")


@dataclass(frozen=True)
class Wish:
    """A file that a message wants: `source` is photo, sticker, voice, film or sheet; `missing` says why it never came."""

    source: str
    name: str
    kind: str
    missing: str = ""


@dataclass(frozen=True)
class Content:
    kind: str = "text"
    body: str = ""
    payload: Data = field(default_factory=dict)
    wish: Wish | None = None


def content_of(text: str) -> Content:
    """Read one line. Its parts stand between ` | `."""
    if not text.startswith("@") or text[1:2].isspace():
        return Content("text", text.replace("\\n", "\n"))
    head, *parts = text[1:].split(" | ")
    name, _, value = head.partition(" ")
    return READERS[name](value.strip(), parts)


def _photo(value: str, parts: list[str]) -> Content:
    return Content("image", _first(parts), {}, Wish("photo", value, "image"))


def _voice(value: str, _parts: list[str]) -> Content:
    return Content("audio", "", {"voice": True}, Wish("voice", value, "audio"))


def _sheet(value: str, parts: list[str]) -> Content:
    return Content("document", _first(parts), {}, Wish("sheet", value, "document"))


def _film(value: str, parts: list[str]) -> Content:
    return Content("video", _first(parts), {}, Wish("film", value, "video"))


def _lost_film(_value: str, parts: list[str]) -> Content:
    wish = Wish(
        "film", "", "video", missing="WhatsApp ya no tiene este archivo. Pide que lo envíen otra vez."
    )
    return Content("video", _first(parts), {}, wish)


def _sticker(value: str, _parts: list[str]) -> Content:
    return Content("sticker", "", {}, Wish("sticker", value, "sticker"))


def _place(value: str, _parts: list[str]) -> Content:
    latitude, longitude, name, address = PLACES[value]
    place = {"latitude": latitude, "longitude": longitude, "name": name, "address": address}
    return Content("location", f"{name}, {address}", place)


def _contact(value: str, parts: list[str]) -> Content:
    first, _, last = value.partition(" ")
    phone = parts[0]
    card: Data = {
        "name": {"formatted_name": value, "first_name": first, **({"last_name": last} if last else {})},
        "phones": [{"phone": phone, "wa_id": re.sub(r"\D", "", phone), "type": "CELL"}],
    }
    if len(parts) > 1:
        card["org"] = {"company": parts[1]}
    return Content("contacts", value, {"contacts": [card]})


def _template(value: str, parts: list[str]) -> Content:
    letter = letters.LETTERS[value]
    body, payload = letter.filled(parts)
    wish = {
        "IMAGE": Wish("photo", "fachada", "image"),
        "DOCUMENT": Wish("sheet", "propuesta", "document"),
    }.get(letter.file)
    return Content("template", body, payload, wish)


def _buttons(value: str, parts: list[str]) -> Content:
    buttons = [
        {"type": "reply", "reply": {"id": f"opcion-{n}", "title": _cut(part, 20)}}
        for n, part in enumerate(parts, 1)
    ]
    return Content("interactive", value, {"type": "button", "action": {"buttons": buttons}})


def _list(value: str, parts: list[str]) -> Content:
    rows = [{"id": f"opcion-{n}", **_titled(part)} for n, part in enumerate(parts[1:], 1)]
    return Content(
        "interactive", value, {"type": "list", "action": {"button": parts[0], "sections": [{"rows": rows}]}}
    )


def _tap(value: str, _parts: list[str]) -> Content:
    """A button; whether of a template or of our own question is known by what it answers."""
    return Content("choice", _cut(value, 20), {"type": "button_reply", **_chosen(_cut(value, 20))})


def _pick(value: str, _parts: list[str]) -> Content:
    row = _titled(value)
    return Content(
        "choice", row["title"], {"type": "list_reply", **_chosen(row["title"], row.get("description", ""))}
    )


def _chosen(title: str, description: str = "") -> Data:
    return {"id": "opcion-1", "title": title, "description": description, "response": None}


def _titled(text: str) -> dict[str, str]:
    title, _, description = text.partition(" – ")
    return {"title": _cut(title, 24), **({"description": _cut(description, 72)} if description else {})}


def _order(value: str, parts: list[str]) -> Content:
    items = [
        {
            "product_retailer_id": found[1],
            "quantity": int(found[2]),
            "item_price": int(found[3]),
            "currency": "COP",
        }
        for found in map(_ITEM.fullmatch, [value, *parts])
        if found
    ]
    return Content("order", "", {"catalog_id": "400000000000001", "product_items": items})


def _poll(_value: str, _parts: list[str]) -> Content:
    return Content("unsupported", "", {"type": "poll_creation"})


def _call(value: str, _parts: list[str]) -> Content:
    payload = {
        "id": f"wacid.{value}",
        "event": "terminate",
        "direction": "USER_INITIATED",
        "status": "COMPLETED",
        "duration": int(value),
    }
    return Content("call", "", payload)


def _letter(_value: str, _parts: list[str]) -> Content:
    return Content("text", (SCENES / "carta.txt").read_text().strip())


def _first(parts: list[str]) -> str:
    return parts[0] if parts else ""


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


READERS: dict[str, Callable[[str, list[str]], Content]] = {
    "foto": _photo,
    "voz": _voice,
    "documento": _sheet,
    "video": _film,
    "video!": _lost_film,
    "sticker": _sticker,
    "lugar": _place,
    "contacto": _contact,
    "plantilla": _template,
    "botones": _buttons,
    "lista": _list,
    "toca": _tap,
    "elige": _pick,
    "pedido": _order,
    "encuesta": _poll,
    "llamada": _call,
    "largo": _letter,
}
