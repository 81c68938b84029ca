"""What a file really is, told by its bytes. The claim only decides between the names of one container."""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

import filetype  # type: ignore[import-untyped]

HEAD = 8192
UNKNOWN = "application/octet-stream"
EXECUTABLE = "application/x-executable"
MACROS = "application/x-macro-document"
# Never shown in a browser and never sent to a customer: they do something when they are opened.
ACTIVE = frozenset({"text/html", "image/svg+xml", "application/xml", EXECUTABLE, MACROS})
ALIASES = {
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/apng": "image/png",
    "image/x-ms-bmp": "image/bmp",
    "image/heif": "image/heic",
    "audio/mp3": "audio/mpeg",
    "audio/x-mpeg": "audio/mpeg",
    "audio/x-aac": "audio/aac",
    "audio/aacp": "audio/aac",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/opus": "audio/ogg",
    "audio/3gpp": "video/3gpp",
    "video/x-m4v": "video/mp4",
    "application/x-pdf": "application/pdf",
    "application/x-zip-compressed": "application/zip",
    "application/x-rar-compressed": "application/vnd.rar",
    "text/rtf": "application/rtf",
    "application/x-msdownload": EXECUTABLE,
    "application/x-shockwave-flash": EXECUTABLE,
    "application/x-google-chrome-extension": EXECUTABLE,
    "application/x-deb": EXECUTABLE,
    "application/x-rpm": EXECUTABLE,
    "application/wasm": EXECUTABLE,
}
ZIP = "application/zip"
OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE_PARTS = {
    "word/": "wordprocessingml.document",
    "xl/": "spreadsheetml.sheet",
    "ppt/": "presentationml.presentation",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(r"<(?:!doctype\s+(?P<doctype>\w+)|\?xml|(?P<tag>[a-z][\w:-]*)[\s/>])", re.IGNORECASE)
_BINARIES = (
    b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"!<arch>", b"MZ",
)  # fmt: skip


def plain(mime: str | None) -> str:
    """A claimed type without parameters, under the one name we use for it."""
    bare = (mime or "").partition(";")[0].strip().lower()
    return ALIASES.get(bare, bare)


def real_type(file: BinaryIO, claimed: str | None = None) -> str:
    """The type that the content shows, or `UNKNOWN`. Reads a bounded part, whatever the size of the file."""
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith((b"%PDF-", b"{\\rtf", b"#!AMR")):
        return _by_library(head)
    words = _as_text(head)
    if words is not None:
        return _text_type(words, plain(claimed))
    return _binary_type(file, head, plain(claimed))


def _as_text(head: bytes) -> str | None:
    """The beginning as words, in whatever encoding; None when it holds what no text holds."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            words = head[: len(head) // 2 * 2].decode("utf-16")
        except UnicodeDecodeError:
            return None
        return None if _CONTROLS.search(words.encode()) else words
    return None if _CONTROLS.search(head) else head.decode("utf-8-sig", "replace")


def _text_type(words: str, claimed: str) -> str:
    if words.startswith("#!"):
        return EXECUTABLE
    body = _without_comments(words)
    markup = _MARKUP.match(body)
    if markup:
        return _markup_type(words, (markup["doctype"] or markup["tag"] or "xml").lower())
    if body.startswith("<!--"):
        return "text/html"
    return claimed if claimed in ("text/csv", "text/vcard", "text/calendar") else "text/plain"


def _without_comments(words: str) -> str:
    """What follows the comments at the beginning; a comment that does not end here is left."""
    body = words.lstrip()
    while body.startswith("<!--") and "-->" in body:
        body = body.partition("-->")[2].lstrip()
    return body


def _markup_type(words: str, first: str) -> str:
    if first == "svg" or (first == "xml" and "<svg" in words.lower()):
        return "image/svg+xml"
    return "application/xml" if first == "xml" and "<html" not in words.lower() else "text/html"


def _binary_type(file: BinaryIO, head: bytes, claimed: str) -> str:
    if head.startswith(_BINARIES):
        return EXECUTABLE
    if head[4:8] == b"ftyp":
        return _iso_media_type(head[8:12], claimed)
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return _matroska_type(head, claimed)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole_type(file, head)
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(zip_entries(file), _by_library(head))
    return _by_library(head)


def _by_library(head: bytes) -> str:
    found = filetype.guess_mime(head)
    return plain(found) if found else UNKNOWN


def _iso_media_type(brand: bytes, claimed: str) -> str:
    """MP4 and its kin. Sound and pictures share a container, so an honest claim of sound is believed."""
    if brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        return "image/heic"
    if brand in (b"avif", b"avis"):
        return "image/avif"
    if brand.startswith((b"M4A", b"M4B")) or claimed == "audio/mp4":
        return "audio/mp4"
    if brand.startswith((b"3gp", b"3g2")):
        return "video/3gpp"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _matroska_type(head: bytes, claimed: str) -> str:
    if b"webm" not in head[:64]:
        return "video/x-matroska"
    return "audio/webm" if claimed == "audio/webm" else "video/webm"


def _ole_type(file: BinaryIO, head: bytes) -> str:
    """Office before 2007: the names in the directory of the compound file tell which program wrote it."""
    if len(head) < 512:
        return UNKNOWN
    shift, first = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    file.seek((first + 1) << min(shift, 12))
    directory = file.read(HEAD)
    for stream, mime in (
        ("WordDocument", "application/msword"),
        ("Workbook", "application/vnd.ms-excel"),
        ("PowerPoint Document", "application/vnd.ms-powerpoint"),
    ):
        if stream.encode("utf-16-le") in directory:
            return mime
    return UNKNOWN


def zip_entries(file: BinaryIO) -> list[tuple[str, int, int]]:
    """Name, packed and unpacked size of what a ZIP lists, at most its first 256 KB of list; nothing is unpacked."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - 66_000))
    tail = file.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 20 > len(tail):
        return []
    start = struct.unpack_from("<I", tail, end + 16)[0]
    file.seek(min(start, size))
    return list(_entries(file.read(256 * 1024)))


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    at = 0
    while directory[at : at + 4] == b"PK\x01\x02" and at + 46 <= len(directory):
        packed, unpacked, name, extra, comment = struct.unpack_from("<IIHHH", directory, at + 20)
        yield directory[at + 46 : at + 46 + name].decode("utf-8", "replace"), packed, unpacked
        at += 46 + name + extra + comment


def _zip_type(entries: list[tuple[str, int, int]], guess: str) -> str:
    names = {name for name, _packed, _unpacked in entries}
    if names & {"AndroidManifest.xml", "META-INF/MANIFEST.MF", "classes.dex"}:
        return EXECUTABLE
    if any(name.rsplit("/", 1)[-1].lower() == "vbaproject.bin" for name in names):
        return MACROS
    if "[Content_Types].xml" in names:
        folders = {name.partition("/")[0] + "/" for name in names}
        return next((OFFICE + part for folder, part in OFFICE_PARTS.items() if folder in folders), ZIP)
    return guess if guess.startswith(("application/vnd.oasis.", "application/epub")) else ZIP
