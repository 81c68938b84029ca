"""What a browser records, as WhatsApp plays it with a waveform: one channel of Opus in an Ogg file.

Opus of one channel is only put into another container; anything else is decoded and encoded again. The type is read from
the bytes, each container by its own demuxer alone.
"""

from __future__ import annotations

import io
from typing import Any, BinaryIO

import av
from av.error import FFmpegError

from crm_web.core.text import N_
from crm_web.core.words import file_size
from crm_web.files.check import OVER_LIMIT, refused
from crm_web.files.sniff import real_type

MIME, NAME = "audio/ogg", "nota-de-voz.ogg"
DEMUXERS = {"audio/webm": "matroska", "audio/ogg": "ogg", "audio/mp4": "mp4"}
LARGEST = 16 * 1024 * 1024
LONGEST = 30 * 60
RATE, BITS = 48_000, 32_000

NO_RECORDING = N_("No pudimos leer la grabación. Graba la nota de voz otra vez.")
TOO_LONG = N_("La nota de voz es demasiado larga: hasta 30 minutos.")


def as_voice_note(file: BinaryIO, claimed: str = "") -> BinaryIO:
    """The recording as `audio/ogg`; raises check.Refused for what is no recording, is too large or too long."""
    size = file.seek(0, io.SEEK_END)
    if size > LARGEST:
        raise refused(OVER_LIMIT, size=file_size(size), most="16 MB")
    demuxer = DEMUXERS.get(_container(file, claimed))
    if demuxer is None:
        raise refused(NO_RECORDING)
    file.seek(0)
    out = io.BytesIO()
    try:
        with av.open(file, format=demuxer) as source, av.open(out, "w", format="ogg") as target:
            _carry(source, target)
    except (FFmpegError, ValueError):
        raise refused(NO_RECORDING) from None
    out.seek(0)
    return out


def _container(file: BinaryIO, claimed: str) -> str:
    """A film's container may hold sound alone, so both names of it are tried as sound."""
    mime = real_type(file, claimed if claimed.startswith("audio/") else "audio/webm")
    return {"video/webm": "audio/webm", "video/mp4": "audio/mp4"}.get(mime, mime)


def _carry(source: Any, target: Any) -> None:
    if not source.streams.audio:
        raise refused(NO_RECORDING)
    stream = source.streams.audio[0]
    if stream.codec_context.name in ("opus", "libopus") and stream.codec_context.layout.nb_channels == 1:
        carried = _copy(source, stream, target)
    else:
        carried = _encode(source, stream, target)
    if not carried:
        raise refused(NO_RECORDING)


def _copy(source: Any, stream: Any, target: Any) -> int:
    out, packets = target.add_stream_from_template(stream), 0
    for packet in source.demux(stream):
        if packet.dts is None:
            continue
        _check_length(float(packet.dts * packet.time_base))
        packet.stream = out
        target.mux(packet)
        packets += 1
    return packets


def _encode(source: Any, stream: Any, target: Any) -> int:
    out = target.add_stream("libopus", rate=RATE, layout="mono", options={"application": "voip"})
    out.bit_rate = BITS
    resampler, samples = av.AudioResampler(format="s16", layout="mono", rate=RATE), 0
    for frame in source.decode(stream):
        for even in resampler.resample(frame):
            even.pts = samples
            samples += even.samples
            _check_length(samples / RATE)
            target.mux(out.encode(even))
    target.mux(out.encode(None))
    return samples


def _check_length(seconds: float) -> None:
    if seconds > LONGEST:
        raise refused(TOO_LONG)
