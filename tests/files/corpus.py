"""Files as people send them, and as attackers do. Made here, small, and never what they look like."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

ROTATED = 6


def picture(kind: str = "JPEG", size: tuple[int, int] = (320, 200), mode: str = "RGB", **more) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, more.pop("colour", None)).save(out, kind, **more)
    return out.getvalue()


def sideways_jpeg(size: tuple[int, int] = (1200, 800)) -> bytes:
    """A telephone held upright: the pixels lie on their side and a tag says so; it also tells where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = ROTATED
    exif[0x010F] = "Secret Camera"
    return picture(size=size, exif=exif.tobytes())


def pixel_bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few hundred bytes that says it is 900 million pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def zipped(names: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(folder: str = "word", **more: bytes) -> bytes:
    names = {"[Content_Types].xml": b"<Types/>", "_rels/.rels": b"<r/>", f"{folder}/document.xml": b"<w/>"}
    return zipped(
        {**names, **{name.replace("__", "/").replace("_bin", ".bin"): body for name, body in more.items()}}
    )


def zip_bomb() -> bytes:
    """A docx whose list promises four gigabytes; the sizes are written into the list, nothing is packed."""
    content = bytearray(office())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", content, at + 24, 0xFFFF_FFF0)
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def ole(stream: str = "WordDocument") -> bytes:
    """An Office file of before 2007: its header, and a directory in the first sector."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<I", header, 48, 1)
    return bytes(header) + bytes(512) + stream.encode("utf-16-le").ljust(512, b"\0")


def opus(seconds: float = 3.5, channels: int = 1) -> bytes:
    def page(position: int, body: bytes, flags: int) -> bytes:
        return b"OggS" + struct.pack("<BBqIIIB", 0, flags, position, 1, 0, 0, 1) + bytes([len(body)]) + body

    head = b"OpusHead" + struct.pack("<BBHIhB", 1, channels, 312, 48_000, 0, 0)
    return (
        page(0, head, 2)
        + page(0, b"OpusTags" + bytes(8), 0)
        + page(int(seconds * 48_000) + 312, bytes(200), 4)
    )


def box(kind: bytes, *bodies: bytes) -> bytes:
    body = b"".join(bodies)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def mp4(
    seconds: float = 12, size: tuple[int, int] = (720, 1280), brand: bytes = b"isom", late: bool = False
) -> bytes:
    """The tables of a film, before or after what would be the film."""
    mvhd = box(b"mvhd", bytes(12), struct.pack(">II", 1000, int(seconds * 1000)), bytes(80))
    tkhd = box(b"tkhd", bytes(76), struct.pack(">II", size[0] << 16, size[1] << 16))
    moov, mdat = box(b"moov", mvhd, box(b"trak", tkhd)), box(b"mdat", bytes(5000))
    return box(b"ftyp", brand, bytes(4), brand) + (mdat + moov if late else moov + mdat)


PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)
ELF = b"\x7fELF\x02\x01\x01" + bytes(200)
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(200)
AAC = b"\xff\xf1\x50\x80" + bytes(200)
AMR = b"#!AMR\n" + bytes(200)
WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(200)
# A picture to one reader and a page to another.
GIF_PAGE = b"GIF89a/*" + b"<html><script>alert(1)</script>*/"
PDF_PAGE = b"<html><!--%PDF-1.7 --><script>alert(1)</script></html>"
JPEG_PAGE = picture() + HTML
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
