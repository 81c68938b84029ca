"""What may come in and what may go out, judged by content and not by name.

Going out, WhatsApp's own table of types and sizes rules (Meta, "Cloud API, media"). Coming in, everything up to
100 MB is kept, but what would do something when opened is only ever handed out as a download.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.core.words import file_size
from crm_web.files import pictures
from crm_web.files.measure import Measures, measure
from crm_web.files.names import clean_name, extension_of, first_extension
from crm_web.files.sniff import ACTIVE, EXECUTABLE, MACROS, OFFICE, UNKNOWN, plain, real_type, zip_entries

MEGABYTE = 1024 * 1024
LARGEST = 100 * MEGABYTE
MEDIA = ("image", "audio", "video")
PICTURES = tuple(pictures.FORMATS)
STICKER_SIZE, STICKER_MOST, ANIMATED_MOST = (512, 512), 100 * 1024, 500 * 1024
PLAIN_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA")
UNPACKED_MOST, UNPACKED_TIMES = 1024 * MEGABYTE, 100

# Type -> what WhatsApp sends it as, and up to how many MB. Tables and cards of text travel as plain text.
SENDABLE: dict[str, tuple[str, int]] = {
    "image/jpeg": ("image", 5),
    "image/png": ("image", 5),
    "audio/aac": ("audio", 16),
    "audio/amr": ("audio", 16),
    "audio/mpeg": ("audio", 16),
    "audio/mp4": ("audio", 16),
    "audio/ogg": ("audio", 16),
    "video/mp4": ("video", 16),
    "video/3gpp": ("video", 16),
    "application/pdf": ("document", 100),
    "application/msword": ("document", 100),
    "application/vnd.ms-excel": ("document", 100),
    "application/vnd.ms-powerpoint": ("document", 100),
    f"{OFFICE}wordprocessingml.document": ("document", 100),
    f"{OFFICE}spreadsheetml.sheet": ("document", 100),
    f"{OFFICE}presentationml.presentation": ("document", 100),
    "text/plain": ("document", 100),
}
ZIPPED = (OFFICE, "application/zip", "application/vnd.oasis", "application/epub")
TRUSTED = (
    "pdf",
    "jpg",
    "jpeg",
    "png",
    "gif",
    "webp",
    "mp4",
    "mp3",
    "m4a",
    "ogg",
    "docx",
    "xlsx",
    "pptx",
    "txt",
)
SENT_AS_TEXT = ("text/csv", "text/vcard", "text/calendar")

EMPTY = N_("El archivo está vacío.")
TOO_LARGE = N_("El archivo pesa demasiado: se aceptan hasta 100 MB.")
TOO_MANY_PIXELS = N_("La imagen tiene demasiados píxeles. Redúcela e inténtalo de nuevo.")
BROKEN_PICTURE = N_("La imagen está dañada o incompleta.")
BOMB = N_("El archivo comprimido se expande a un tamaño sospechoso, así que no lo aceptamos.")
PRETENDER = N_("El archivo no es lo que dice ser, así que no lo aceptamos.")
RUNS = N_("Este archivo ejecuta código o contiene macros, así que no se puede enviar.")
WEB_PAGE = N_("WhatsApp no acepta páginas web ni SVG. Conviértelo a PDF, JPG o PNG.")
NOT_ACCEPTED = N_(
    "WhatsApp no acepta este tipo de archivo. Envía JPG, PNG, MP4, 3GP, MP3, M4A, AAC, OGG, PDF, Office o texto."
)
IMAGE_TYPE = N_("WhatsApp solo acepta imágenes JPG y PNG. Convierte la imagen.")
VIDEO_TYPE = N_("WhatsApp solo acepta videos MP4 y 3GP. Convierte el video.")
AUDIO_TYPE = N_(
    "WhatsApp solo acepta audios AAC, AMR, MP3, M4A y OGG (Opus de un canal). Convierte el audio."
)
COLOURS = N_("WhatsApp solo acepta imágenes RGB de 8 bits. Guarda la imagen otra vez como JPG.")
ACTIVE_SENTENCES = {EXECUTABLE: RUNS, MACROS: RUNS, "text/html": WEB_PAGE, "image/svg+xml": WEB_PAGE}
TYPE_SENTENCES = {"image": IMAGE_TYPE, "video": VIDEO_TYPE, "audio": AUDIO_TYPE}
OVER_LIMIT = N_("El archivo pesa %(size)s y WhatsApp acepta hasta %(most)s para este tipo.")


class Refused(DomainError):
    """The file is not accepted; the sentence says why and, if there is one, what to do instead."""


@dataclass(frozen=True)
class Facts:
    """What is known of an accepted file. `mime` is what it is served as; `extension` is the one of its key."""

    kind: str
    mime: str
    name: str
    extension: str
    size: int
    sha256: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        return self.mime in PICTURES


@dataclass(frozen=True)
class _Known:
    """A file on the scales: its true type, and what header and tables tell."""

    mime: str
    size: int
    sha256: str
    look: pictures.Look | None = None
    measures: Measures = field(default_factory=Measures)

    @property
    def is_unreadable(self) -> bool:
        return self.mime in PICTURES and self.look is None


def for_sending(file: BinaryIO, *, name: str, claimed: str | None = None) -> Facts:
    """Facts of a file that somebody of the team wants to send; raises Refused with what to do about it."""
    known = _examine(file, plain(claimed))
    kind, most = _as_sent(known, plain(claimed))
    if known.size > most:
        raise refused(OVER_LIMIT, size=file_size(known.size), most=_round(most))
    named = clean_name(name, known.mime) or f"archivo.{first_extension(known.mime)}"
    return _facts(known, kind, _sent_type(known.mime), named)


def on_arrival(file: BinaryIO, *, name: str, claimed: str | None, kind: str) -> Facts:
    """Facts of a file that a customer sent; raises Refused for bombs and for programs in disguise.

    What a browser might run, or cannot show, is kept as a document of unknown type, which is only ever downloaded.
    """
    known = _examine(file, plain(claimed), arrives_as=kind)
    if known.mime in ACTIVE and _promises_no_harm(known.mime, plain(claimed), name):
        raise refused(PRETENDER)
    if known.mime in ACTIVE or known.is_unreadable:
        return _facts(known, "document", UNKNOWN, clean_name(name, known.mime))
    return _facts(known, _kind_on_arrival(known, kind), known.mime, clean_name(name, known.mime))


def _facts(known: _Known, kind: str, mime: str, name: str) -> Facts:
    width, height = known.measures.width, known.measures.height
    if known.look:
        width, height = known.look.width, known.look.height
    extension = first_extension(mime)
    return Facts(kind, mime, name, extension, known.size, known.sha256, known.measures.seconds, width, height)


def _examine(file: BinaryIO, claimed: str, arrives_as: str | None = None) -> _Known:
    """Weigh it first, so that nothing large is ever looked into."""
    size = file.seek(0, io.SEEK_END)
    if not size:
        raise refused(EMPTY)
    if size > LARGEST:
        raise refused(TOO_LARGE)
    mime = real_type(file, claimed)
    look = _look(file, mime, arrives_as) if mime in PICTURES else None
    if mime.startswith(ZIPPED):
        _refuse_bomb(file)
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    known = _Known(mime, size, sha256, look, measure(file, mime))
    file.seek(0)
    return known


def _look(file: BinaryIO, mime: str, arrives_as: str | None) -> pictures.Look | None:
    """The picture's header. A customer's file is kept unseen where ours is refused, unless it was meant to be shown."""
    try:
        return pictures.look(file, mime)
    except pictures.TooManyPixels:
        if arrives_as == "document":
            return None
        raise refused(TOO_MANY_PIXELS) from None
    except pictures.BrokenPicture:
        if arrives_as:
            return None
        raise refused(BROKEN_PICTURE) from None


def _refuse_bomb(file: BinaryIO) -> None:
    entries = zip_entries(file)
    packed, unpacked = sum(entry[1] for entry in entries), sum(entry[2] for entry in entries)
    if unpacked > UNPACKED_MOST and unpacked > UNPACKED_TIMES * packed:
        raise refused(BOMB)


def _promises_no_harm(mime: str, claimed: str, name: str) -> bool:
    """Whether type or ending, falsely, promise something that people open without a thought."""
    by_type = claimed != mime and claimed.startswith(("image/", "audio/", "video/", "application/pdf"))
    return by_type or extension_of(name) in TRUSTED


def _as_sent(known: _Known, claimed: str) -> tuple[str, int]:
    """The kind WhatsApp sends it as and the most it may weigh; raises Refused for a type it does not take."""
    if known.mime in ACTIVE:
        raise refused(ACTIVE_SENTENCES.get(known.mime, NOT_ACCEPTED))
    if _family(claimed) in MEDIA and _family(known.mime) not in MEDIA:
        raise refused(PRETENDER)
    if known.mime == "image/webp" and known.look and (known.look.width, known.look.height) == STICKER_SIZE:
        return "sticker", ANIMATED_MOST if known.look.animated else STICKER_MOST
    mime = _sent_type(known.mime)
    if mime not in SENDABLE:
        raise refused(TYPE_SENTENCES.get(_family(mime), NOT_ACCEPTED))
    _refuse_details(known)
    kind, megabytes = SENDABLE[mime]
    return kind, megabytes * MEGABYTE


def _refuse_details(known: _Known) -> None:
    if known.look and known.look.mode not in PLAIN_MODES:
        raise refused(COLOURS)
    if known.mime == "audio/ogg" and known.measures.channels != 1:
        raise refused(AUDIO_TYPE)


def _sent_type(mime: str) -> str:
    return "text/plain" if mime in SENT_AS_TEXT else mime


def _family(mime: str) -> str:
    return mime.partition("/")[0]


def _round(most: int) -> str:
    return f"{most // MEGABYTE} MB" if most >= MEGABYTE else f"{most // 1024} kB"


def _kind_on_arrival(known: _Known, kind: str) -> str:
    """The kind the customer chose where the content agrees: a picture sent as a document stays a document."""
    family = _family(known.mime)
    if kind == "document":
        return kind
    if family == "image":
        return _picture_kind(known.mime, kind)
    if family in ("audio", "video"):
        return kind if kind in ("audio", "video") else family
    return "document"


def _picture_kind(mime: str, kind: str) -> str:
    if mime not in PICTURES:
        return "document"
    return "sticker" if kind == "sticker" and mime == "image/webp" else "image"


def refused(sentence: str, **values: Any) -> Refused:
    """`details["reason"]` is the sentence as the catalogue knows it, to be kept and translated when shown."""
    return Refused(lazy(sentence, **values), reason=sentence)
