"""What a browser records, as WhatsApp carries it: the Opus packets of a WebM file put into an Ogg file.

Nothing is decoded. Containers: Matroska's EBML elements, RFC 3533 (Ogg pages), RFC 7845 (Opus in Ogg).
"""

import struct

SEGMENT, CLUSTER, TRACKS, TRACK, GROUP = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0
CODEC_PRIVATE, SIMPLE_BLOCK, BLOCK = 0x63A2, 0xA3, 0xA1
CONTAINERS = {SEGMENT, CLUSTER, TRACKS, TRACK, GROUP}
SERIAL = 0x53424F58
FRAME_SIZES = (480, 960, 1920, 2880)
MAX_PACKETS = 50


class NotARecording(ValueError):
    """These bytes are no WebM file with Opus inside."""


def webm_to_ogg(content):
    """The same sound as `audio/ogg; codecs=opus`; raises NotARecording."""
    head, packets = None, []
    for element, start, end in _elements(content, 0, len(content)):
        if element == CODEC_PRIVATE:
            head = content[start:end]
        elif element in (SIMPLE_BLOCK, BLOCK):
            packets.append(content[start + 4 : end])
    if not packets or head is None or not head.startswith(b"OpusHead"):
        raise NotARecording("there is no Opus track")
    return b"".join(_pages(head, packets))


def _elements(data, place, limit):
    """Every element that holds something, containers opened; a container of unknown size runs to the end."""
    while place < limit:
        element, place = _number(data, place, keep_marker=True)
        size, place = _number(data, place)
        end = limit if size is None else min(place + size, limit)
        if element in CONTAINERS:
            yield from _elements(data, place, end)
        else:
            yield element, place, end
        place = end


def _number(data, place, *, keep_marker=False):
    """A variable-length integer and the place after it; all ones mean unknown."""
    first = data[place] if place < len(data) else 0
    length = 9 - first.bit_length()
    if first == 0 or place + length > len(data):
        raise NotARecording("the file is cut")
    value = int.from_bytes(data[place : place + length], "big")
    if not keep_marker:
        value &= (1 << 7 * length) - 1
        if value == (1 << 7 * length) - 1:
            return None, place + length
    return value, place + length


def _pages(head, packets):
    """The two header pages, then the sound, each page closed by how many samples came before its end."""
    yield _page([head], granule=0, number=0, flags=2)
    yield _page([b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)], granule=0, number=1)
    samples, number = struct.unpack_from("<H", head, 10)[0], 2
    for start in range(0, len(packets), MAX_PACKETS):
        group = packets[start : start + MAX_PACKETS]
        samples += sum(map(_samples, group))
        last = start + MAX_PACKETS >= len(packets)
        yield _page(group, granule=samples, number=number, flags=4 if last else 0)
        number += 1


def _samples(packet):
    """How long a packet sounds, at 48 kHz, from its first byte (RFC 6716, 3.1)."""
    if not packet:
        return 0
    config, code = packet[0] >> 3, packet[0] & 3
    if config >= 16:
        size = 120 << (config & 3)
    elif config >= 12:
        size = 480 << (config & 1)
    else:
        size = FRAME_SIZES[config & 3]
    frames = 1 if code == 0 else 2 if code < 3 else packet[1] & 63 if len(packet) > 1 else 0
    return size * frames


def _page(packets, *, granule, number, flags=0):
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    if len(lacing) > 255:
        raise NotARecording("a packet is too long for one page")
    fields = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, SERIAL, number, 0, len(lacing))
    page = bytearray(fields + lacing + b"".join(packets))
    page[22:26] = struct.pack("<I", _checksum(page))
    return bytes(page)


def _table():
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        yield value & 0xFFFFFFFF


TABLE = tuple(_table())


def _checksum(page):
    value = 0
    for byte in page:
        value = (value << 8 & 0xFFFFFFFF) ^ TABLE[value >> 24 ^ byte]
    return value
