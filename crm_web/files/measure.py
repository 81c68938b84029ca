"""How long a recording lasts and how large its picture is, read from its own tables without decoding anything."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MOST_BOXES = 500
LARGEST_TABLE = 4 * 1024 * 1024
TAIL = 64 * 1024


@dataclass(frozen=True)
class Measures:
    """What could be learnt cheaply. `channels` is of an Opus recording: 1 is what a voice note must have."""

    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    channels: int | None = None


def measure(file: BinaryIO, mime: str) -> Measures:
    """Measures of a sound or a film; all unknown when the tables are missing or make no sense."""
    try:
        if mime == "audio/ogg":
            return _opus(file)
        if mime in ("audio/mp4", "video/mp4", "video/3gpp", "video/quicktime"):
            return _iso_media(file)
    except (struct.error, ValueError, OverflowError, IndexError):
        return Measures()
    return Measures()


def _opus(file: BinaryIO) -> Measures:
    """RFC 7845: the last page's position counts samples at 48 kHz, of which the first `pre-skip` are not played."""
    file.seek(0)
    head = file.read(512)
    at = head.find(b"OpusHead")
    if at < 0:
        return Measures()
    channels, skipped = head[at + 9], struct.unpack_from("<H", head, at + 10)[0]
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - TAIL))
    tail = file.read()
    position = struct.unpack_from("<q", tail, tail.rindex(b"OggS") + 6)[0]
    return Measures(seconds=_sensible((position - skipped) / 48_000), channels=channels)


def _iso_media(file: BinaryIO) -> Measures:
    """ISO 14496-12: `moov` holds the length in `mvhd` and a picture's size at the end of each track's `tkhd`."""
    table = _table(file)
    length = next(iter(_found(table, (b"mvhd",))), None)
    sizes = [_picture_size(header) for header in _found(table, (b"trak", b"tkhd"))]
    width, height = max(sizes, default=(0, 0))
    return Measures(_length(length) if length else None, width or None, height or None)


def _table(file: BinaryIO) -> bytes:
    """The body of `moov`, which may stand before or after gigabytes of film; those are skipped, never read."""
    at, end = 0, file.seek(0, io.SEEK_END)
    for _box in range(MOST_BOXES):
        file.seek(at)
        header = file.read(16)
        size, kind = struct.unpack_from(">I4s", header)
        start = at + (16 if size == 1 else 8)
        size = struct.unpack_from(">Q", header, 8)[0] if size == 1 else size or end - at
        if kind == b"moov":
            file.seek(start)
            return file.read(min(size, LARGEST_TABLE))
        at += max(size, 8)
        if at >= end:
            break
    return b""


def _boxes(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(table):
        size, kind = struct.unpack_from(">I4s", table, at)
        if size < 8:
            return
        yield kind, table[at + 8 : at + size]
        at += size


def _found(table: bytes, path: tuple[bytes, ...]) -> Iterator[bytes]:
    for kind, body in _boxes(table):
        if kind == path[0]:
            yield from [body] if len(path) == 1 else _found(body, path[1:])


def _length(header: bytes) -> float | None:
    """Version 1 of the table has 64-bit times before the scale."""
    shape, at = (">IQ", 20) if header[0] == 1 else (">II", 12)
    scale, length = struct.unpack_from(shape, header, at)
    return _sensible(length / scale) if scale else None


def _picture_size(header: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", header, len(header) - 8)
    return width >> 16, height >> 16


def _sensible(seconds: float) -> float | None:
    return round(seconds, 2) if 0 < seconds < 30 * 24 * 3600 else None
