"""File names as people may see and save them: nothing that hides, climbs or lies about what is inside."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
# The first extension of a type is the one it gets; the others may stay.
EXTENSIONS: dict[str, tuple[str, ...]] = {
    "image/jpeg": ("jpg", "jpeg", "jpe", "jfif"),
    "image/png": ("png",),
    "image/webp": ("webp",),
    "image/gif": ("gif",),
    "image/heic": ("heic", "heif"),
    "image/avif": ("avif",),
    "image/tiff": ("tif", "tiff"),
    "image/bmp": ("bmp",),
    "audio/aac": ("aac",),
    "audio/amr": ("amr",),
    "audio/mpeg": ("mp3", "mpga"),
    "audio/mp4": ("m4a", "mp4", "m4b"),
    "audio/ogg": ("ogg", "opus", "oga"),
    "audio/wav": ("wav",),
    "audio/flac": ("flac",),
    "audio/webm": ("webm", "weba"),
    "video/mp4": ("mp4", "m4v"),
    "video/3gpp": ("3gp", "3gpp", "3g2"),
    "video/quicktime": ("mov",),
    "video/webm": ("webm",),
    "video/x-matroska": ("mkv",),
    "video/x-msvideo": ("avi",),
    "video/ogg": ("ogv", "ogg"),
    "application/pdf": ("pdf",),
    "application/rtf": ("rtf",),
    "application/msword": ("doc", "dot"),
    "application/vnd.ms-excel": ("xls", "xlt"),
    "application/vnd.ms-powerpoint": ("ppt", "pps", "pot"),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ("pptx",),
    "application/vnd.oasis.opendocument.text": ("odt",),
    "application/vnd.oasis.opendocument.spreadsheet": ("ods",),
    "application/vnd.oasis.opendocument.presentation": ("odp",),
    "application/epub+zip": ("epub",),
    "application/zip": ("zip",),
    "application/vnd.rar": ("rar",),
    "application/x-7z-compressed": ("7z",),
    "application/gzip": ("gz", "tgz"),
    "text/csv": ("csv", "tsv"),
    "text/vcard": ("vcf",),
    "text/calendar": ("ics",),
    "text/plain": ("txt", "csv", "tsv", "log", "md", "json", "vcf", "ics", "srt", "vtt", "ini", "yaml"),
    "text/html": ("html", "htm", "xhtml", "mht"),
    "image/svg+xml": ("svg",),
    "application/xml": ("xml", "xsd", "xsl", "kml", "gpx"),
}
_KNOWN = {extension for extensions in EXTENSIONS.values() for extension in extensions}
# What a double click would run. Such an ending never stays, whatever is inside.
RUNNABLE = frozenset({
    "apk", "app", "appimage", "bat", "chm", "cmd", "com", "command", "cpl", "deb", "dll", "dmg", "docm", "dotm", "elf",
    "exe", "gadget", "hta", "inf", "ipa", "iso", "jar", "js", "jse", "jsp", "lnk", "msc", "msi", "msp", "mst", "php",
    "pif", "pkg", "pl", "potm", "ppsm", "pptm", "ps1", "psm1", "py", "rb", "reg", "rpm", "scf", "scr", "sh", "sys",
    "url", "vb", "vbe", "vbs", "war", "wsf", "wsh", "xlam", "xll", "xlsb", "xlsm", "xltm",
})  # fmt: skip
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,10})$")


def extension_of(name: str) -> str:
    """What stands after the last dot, in lower case, if it looks like an extension."""
    found = _ENDING.search(name)
    return found[1].lower() if found else ""


def first_extension(mime: str) -> str:
    """The extension that a type gets when nobody says otherwise; empty for types without one."""
    return EXTENSIONS.get(mime, ("",))[0]


def clean_name(name: str, mime: str) -> str:
    """A name that can be shown, sent and saved anywhere: at most 200 characters, and its ending tells what it is.

    An empty one stays empty. Controls, invisible characters and those that turn the direction of writing go.
    """
    words = _visible(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    if not words:
        return ""
    words = _FORBIDDEN.sub("_", words)
    words = f"_{words}" if _RESERVED.match(words) else words
    return _shortened(_honest(words, mime))


def _visible(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    kept = "".join(" " if unicodedata.category(char) in ("Zl", "Zp", "Zs") else char for char in text)
    return " ".join("".join(char for char in kept if unicodedata.category(char)[0] != "C").split())


def _honest(name: str, mime: str) -> str:
    """The name as it is when its ending fits its content; with a true or a harmless ending added otherwise."""
    extension, fitting = extension_of(name), EXTENSIONS.get(mime, ())
    if extension in fitting:
        return name
    if fitting:
        return f"{name}.{fitting[0]}"
    return f"{name}.bin" if extension in _KNOWN | RUNNABLE else name


def _shortened(name: str) -> str:
    extension = extension_of(name)
    ending = name[-len(extension) - 1 :] if extension else ""
    return name[: len(name) - len(ending)][: LONGEST - len(ending)].rstrip(" .") + ending
