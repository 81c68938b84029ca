"""A recording's container is exchanged; its sound is not touched."""

from __future__ import annotations

import struct

import pytest

from crm_web.sandbox.voice import NotARecording, webm_to_ogg

HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48000, 0, 0)
TWENTY_MS = b"\x78"  # one frame of 20 ms, by the first byte of an Opus packet


def element(code: str, content: bytes, *, unknown_size: bool = False) -> bytes:
    size = b"\x01" + b"\xff" * 7 if unknown_size else (0x10000000 | len(content)).to_bytes(4, "big")
    return bytes.fromhex(code) + size + content


def webm(*packets: bytes) -> bytes:
    """As a browser streams it: segment and clusters of unknown size."""
    tracks = element("1654AE6B", element("AE", element("63A2", HEAD)))
    blocks = b"".join(element("A3", b"\x81\x00\x00\x80" + packet) for packet in packets)
    return element("1A45DFA3", b"") + element(
        "18538067", tracks + element("1F43B675", blocks, unknown_size=True), unknown_size=True
    )


def pages(ogg: bytes) -> list[tuple[int, int, bytes]]:
    """(flags, granule, content) of every page."""
    found, place = [], 0
    while place < len(ogg):
        assert ogg[place : place + 4] == b"OggS"
        flags, granule, count = ogg[place + 5], *struct.unpack_from("<q", ogg, place + 6), ogg[place + 26]
        start = place + 27 + count
        end = start + sum(ogg[place + 27 : start])
        found.append((flags, granule, ogg[start:end]))
        place = end
    return found


def test_packets_and_their_length_are_kept() -> None:
    packets = [TWENTY_MS + bytes([number]) * 300 for number in range(120)]
    first, tags, *sound = pages(webm_to_ogg(webm(*packets)))
    assert (first[0], first[2]) == (2, HEAD)
    assert tags[2].startswith(b"OpusTags")
    assert b"".join(content for _, _, content in sound) == b"".join(packets)
    assert sound[-1][:2] == (4, 312 + 120 * 960)


@pytest.mark.parametrize("content", [b"", b"hola", webm(), webm(TWENTY_MS)[:40]])
def test_what_is_no_recording_is_refused(content: bytes) -> None:
    with pytest.raises(NotARecording):
        webm_to_ogg(content)
