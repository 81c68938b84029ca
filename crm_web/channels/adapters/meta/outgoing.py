"""What may be sent, its limits, and how it is written (Meta, "Messages" and "Media" reference of the Cloud
API).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, get_args

from crm_web.channels.adapters.meta.values import clean, listing, mapping, text
from crm_web.channels.normal import MediaKind, OutgoingKind, OutgoingMessage
from crm_web.core.phone import digits_of
from crm_web.core.text import N_

Data = dict[str, Any]
KB, MB = 1024, 1024 * 1024

CAPABILITIES: Data = {
    "kinds": frozenset(get_args(OutgoingKind)),
    "window_hours": 24,
    "read_receipts": True,
    "typing": True,
    "edit": False,
    "revoke": False,
    "reply_buttons": 3,
    "list_rows": 10,
}

LIMITS: dict[str, int] = {
    "text": 4096,
    "caption": 1024,
    "client_ref": 512,
    "buttons": 3,
    "button_id": 256,
    "button_title": 20,
    "button_body": 1024,
    "header": 60,
    "footer": 60,
    "list_button": 20,
    "list_body": 4096,
    "sections": 10,
    "rows": 10,
    "row_id": 200,
    "row_title": 24,
    "row_description": 72,
    "section_title": 24,
    "template_name": 512,
}

MEDIA_LIMITS: dict[str, tuple[MediaKind, int]] = {
    "audio/aac": ("audio", 16 * MB),
    "audio/amr": ("audio", 16 * MB),
    "audio/mp4": ("audio", 16 * MB),
    "audio/mpeg": ("audio", 16 * MB),
    "audio/ogg": ("audio", 16 * MB),
    "image/jpeg": ("image", 5 * MB),
    "image/png": ("image", 5 * MB),
    "image/webp": ("sticker", 500 * KB),
    "video/3gpp": ("video", 16 * MB),
    "video/mp4": ("video", 16 * MB),
    "text/plain": ("document", 100 * MB),
    "application/pdf": ("document", 100 * MB),
    "application/msword": ("document", 100 * MB),
    "application/vnd.ms-excel": ("document", 100 * MB),
    "application/vnd.ms-powerpoint": ("document", 100 * MB),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("document", 100 * MB),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("document", 100 * MB),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("document", 100 * MB),
}
OTHER_MEDIA: tuple[MediaKind, int] = ("document", 100 * MB)
VOICE_MIME, VOICE_BYTES = "audio/ogg", 512 * KB  # a larger voice note shows a download arrow instead of play
STILL_STICKER_BYTES = 100 * KB
CAPTIONED = frozenset({"image", "video", "document"})
_LOOSE_SPACE = re.compile(r"[\n\t]| {5,}")


def media_limit(mime: str) -> tuple[MediaKind, int]:
    """The kind a file goes out as, and the most bytes it may have. What is no picture, sound or film is a
    document.
    """
    return MEDIA_LIMITS.get(mime.partition(";")[0].strip().lower(), OTHER_MEDIA)


# --- How it is written -------------------------------------------------------------------------------------


def request_body(outgoing: OutgoingMessage) -> Data:
    """The JSON of `POST /{phone number id}/messages`. The phone goes before the user id, which Meta does as
    well.

    `to` has a plus: without it Meta may put the business's own country in front.
    """
    body: Data = {"messaging_product": "whatsapp", "recipient_type": "individual"}
    phone = digits_of(outgoing.to_phone)
    body.update({"to": f"+{phone}"} if phone else {"recipient": outgoing.to_bsuid})
    body["type"] = outgoing.kind
    body[outgoing.kind] = WRITERS[outgoing.kind](outgoing)
    if outgoing.reply_to and outgoing.kind != "reaction":
        body["context"] = {"message_id": outgoing.reply_to}
    body["biz_opaque_callback_data"] = outgoing.client_ref
    return mapping(clean(body))


def _text(outgoing: OutgoingMessage) -> Data:
    return {"body": outgoing.body, "preview_url": bool(outgoing.payload.get("preview_url"))}


def _media(outgoing: OutgoingMessage) -> Data:
    data: Data = {"id": outgoing.media_id} if outgoing.media_id else {"link": outgoing.payload.get("link")}
    if outgoing.body and outgoing.kind in CAPTIONED:
        data["caption"] = outgoing.body
    if outgoing.filename and outgoing.kind == "document":
        data["filename"] = outgoing.filename
    if outgoing.payload.get("voice") and outgoing.kind == "audio":
        data["voice"] = True
    return data


def _template(outgoing: OutgoingMessage) -> Data:
    language = outgoing.payload.get("language")
    return {
        "name": outgoing.payload.get("name"),
        "language": language if isinstance(language, dict) else {"code": language},
        "components": [_with_file(one, outgoing) for one in listing(outgoing.payload.get("components"))],
    }


def _with_file(component: Any, outgoing: OutgoingMessage) -> Any:
    """The header that shows a picture, a film or a document names the file as it was uploaded."""
    kind = text(mapping(next(iter(listing(mapping(component).get("parameters"))), None)).get("type"))
    if mapping(component).get("type") != "header" or kind not in CAPTIONED or not outgoing.media_id:
        return component
    named = {"filename": outgoing.filename} if kind == "document" and outgoing.filename else {}
    return {**component, "parameters": [{"type": kind, kind: {"id": outgoing.media_id, **named}}]}


def _reaction(outgoing: OutgoingMessage) -> Data:
    """An empty emoji takes the reaction back."""
    return {"message_id": _reaction_target(outgoing), "emoji": outgoing.body}


def _reaction_target(outgoing: OutgoingMessage) -> str:
    return text(outgoing.payload.get("message_id")) or outgoing.reply_to or ""


def _location(outgoing: OutgoingMessage) -> Data:
    return {
        key: outgoing.payload[key]
        for key in ("latitude", "longitude", "name", "address")
        if key in outgoing.payload
    }


def _contacts(outgoing: OutgoingMessage) -> list[Any]:
    return listing(outgoing.payload.get("contacts"))


def _interactive(outgoing: OutgoingMessage) -> Data:
    """The payload is Meta's own object; its body may be left to `outgoing.body`."""
    return ({"body": {"text": outgoing.body}} if outgoing.body else {}) | outgoing.payload


WRITERS: dict[str, Callable[[OutgoingMessage], Any]] = {
    "text": _text,
    "image": _media,
    "video": _media,
    "audio": _media,
    "document": _media,
    "sticker": _media,
    "template": _template,
    "reaction": _reaction,
    "location": _location,
    "contacts": _contacts,
    "interactive": _interactive,
}


# --- What may be sent --------------------------------------------------------------------------------------


def validate(outgoing: OutgoingMessage) -> list[str]:
    """Sentences (to be translated) about what Meta would refuse; empty when nothing is known to be wrong."""
    check = CHECKS.get(outgoing.kind)
    if check is None:
        return [N_("WhatsApp no admite este tipo de mensaje.")]
    return [*_addressing(outgoing), *check(outgoing)]


def _addressing(outgoing: OutgoingMessage) -> Iterator[str]:
    if not digits_of(outgoing.to_phone) and not outgoing.to_bsuid:
        yield N_("El contacto no tiene teléfono ni usuario de WhatsApp.")
    if not outgoing.client_ref or len(outgoing.client_ref) > LIMITS["client_ref"]:
        yield N_("El mensaje no tiene una referencia válida.")


def _check_text(outgoing: OutgoingMessage) -> Iterator[str]:
    if not outgoing.body.strip():
        yield N_("El mensaje está vacío.")
    if len(outgoing.body) > LIMITS["text"]:
        yield N_("El texto supera los 4096 caracteres.")


def _check_media(outgoing: OutgoingMessage) -> Iterator[str]:
    if not outgoing.media_id and not text(outgoing.payload.get("link")):
        yield N_("Falta el archivo.")
    if outgoing.kind in CAPTIONED and len(outgoing.body) > LIMITS["caption"]:
        yield N_("La descripción del archivo supera los 1024 caracteres.")
    if outgoing.kind not in CAPTIONED and outgoing.body:
        yield N_("Este tipo de archivo no admite texto.")


def _check_template(outgoing: OutgoingMessage) -> Iterator[str]:
    name = text(outgoing.payload.get("name"))
    if not name or len(name) > LIMITS["template_name"] or not outgoing.payload.get("language"):
        yield N_("Falta la plantilla o su idioma.")
    if any(not said.strip() or _LOOSE_SPACE.search(said) for said in _variables(outgoing)):
        yield N_("Las variables no pueden estar vacías ni tener saltos de línea o espacios seguidos.")
    if outgoing.payload.get("category") == "AUTHENTICATION" and not digits_of(outgoing.to_phone):
        yield N_("Este mensaje requiere el teléfono del contacto, y aún no lo ha compartido.")


def _variables(outgoing: OutgoingMessage) -> Iterator[str]:
    for component in listing(outgoing.payload.get("components")):
        for parameter in listing(mapping(component).get("parameters")):
            if mapping(parameter).get("type") == "text":
                yield text(parameter.get("text"))


def _check_reaction(outgoing: OutgoingMessage) -> Iterator[str]:
    if not _reaction_target(outgoing):
        yield N_("Falta el mensaje al que se reacciona.")


def _check_location(outgoing: OutgoingMessage) -> Iterator[str]:
    for key, most in (("latitude", 90), ("longitude", 180)):
        try:
            inside = abs(float(text(outgoing.payload.get(key)))) <= most
        except ValueError:
            inside = False
        if not inside:
            yield N_("La ubicación no es válida.")
            return


def _check_contacts(outgoing: OutgoingMessage) -> Iterator[str]:
    cards = [mapping(mapping(card).get("name")) for card in _contacts(outgoing)]
    if not cards or any(not text(card.get("formatted_name")) or len(card) < 2 for card in cards):
        yield N_("Cada contacto compartido necesita un nombre completo y una de sus partes.")


def _check_interactive(outgoing: OutgoingMessage) -> Iterator[str]:
    data = _interactive(outgoing)
    kind, action = text(data.get("type")), mapping(data.get("action"))
    said = text(mapping(data.get("body")).get("text"))
    if not said.strip():
        yield N_("El mensaje está vacío.")
    if len(said) > LIMITS["list_body" if kind == "list" else "button_body"]:
        yield N_("El texto del mensaje con opciones es demasiado largo.")
    if _too_long(data.get("header"), "text", "header") or _too_long(data.get("footer"), "text", "footer"):
        yield N_("El encabezado y el pie admiten 60 caracteres.")
    if not kind or not action:
        yield N_("Faltan las opciones del mensaje.")
    elif kind in OPTIONS:
        yield from OPTIONS[kind](action)


def _too_long(holder: Any, key: str, limit: str) -> bool:
    return len(text(mapping(holder).get(key))) > LIMITS[limit]


def _check_buttons(action: Data) -> Iterator[str]:
    replies = [mapping(mapping(button).get("reply")) for button in listing(action.get("buttons"))]
    if not 1 <= len(replies) <= LIMITS["buttons"]:
        yield N_("El mensaje debe tener de uno a tres botones.")
    if not _distinct(replies, "button_id"):
        yield N_("Cada opción necesita un identificador propio.")
    if any(not text(one.get("title")) or _too_long(one, "title", "button_title") for one in replies):
        yield N_("El texto de cada botón debe tener de 1 a 20 caracteres.")


def _check_list(action: Data) -> Iterator[str]:
    sections = [mapping(section) for section in listing(action.get("sections"))]
    rows = [mapping(row) for section in sections for row in listing(section.get("rows"))]
    if not text(action.get("button")) or _too_long(action, "button", "list_button"):
        yield N_("El botón de la lista debe tener de 1 a 20 caracteres.")
    if not 1 <= len(rows) <= LIMITS["rows"] or len(sections) > LIMITS["sections"]:
        yield N_("La lista debe tener de una a diez opciones.")
    if not _distinct(rows, "row_id"):
        yield N_("Cada opción necesita un identificador propio.")
    if any(not text(row.get("title")) or _too_long(row, "title", "row_title") for row in rows):
        yield N_("El título de cada opción debe tener de 1 a 24 caracteres.")
    if any(_too_long(row, "description", "row_description") for row in rows):
        yield N_("La descripción de cada opción admite 72 caracteres.")
    untitled = len(sections) > 1 and any(not text(section.get("title")) for section in sections)
    if untitled or any(_too_long(section, "title", "section_title") for section in sections):
        yield N_("Cada sección de la lista necesita un título de hasta 24 caracteres.")


def _distinct(options: list[Data], limit: str) -> bool:
    keys = [text(option.get("id")) for option in options]
    return len(set(keys)) == len(keys) and all(0 < len(key) <= LIMITS[limit] for key in keys)


def _check_link(action: Data) -> Iterator[str]:
    link = mapping(action.get("parameters"))
    title = text(link.get("display_text"))
    if (
        not title
        or len(title) > LIMITS["button_title"]
        or not text(link.get("url")).startswith(("https://", "http://"))
    ):
        yield N_("El botón necesita un texto de hasta 20 caracteres y una dirección web.")


OPTIONS: dict[str, Callable[[Data], Iterator[str]]] = {
    "button": _check_buttons,
    "list": _check_list,
    "cta_url": _check_link,
}
CHECKS: dict[str, Callable[[OutgoingMessage], Iterator[str]]] = {
    "text": _check_text,
    "image": _check_media,
    "video": _check_media,
    "audio": _check_media,
    "document": _check_media,
    "sticker": _check_media,
    "template": _check_template,
    "reaction": _check_reaction,
    "location": _check_location,
    "contacts": _check_contacts,
    "interactive": _check_interactive,
}
