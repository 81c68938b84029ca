"""Recordings as browsers make them."""

from __future__ import annotations

import io
import math
from array import array

import av

RATE = 48_000


def recording(
    container: str = "webm", codec: str = "libopus", layout: str = "mono", seconds: float = 1.0
) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container) as target:
        stream = target.add_stream(codec, rate=RATE, layout=layout)
        resampler = av.AudioResampler(
            format=stream.codec_context.format.name,
            layout=layout,
            rate=RATE,
            frame_size=960 if "opus" in codec else 1024,
        )
        for even in [*resampler.resample(tone(seconds, layout)), *resampler.resample(None)]:
            target.mux(stream.encode(even))
        target.mux(stream.encode(None))
    return out.getvalue()


def tone(seconds: float, layout: str) -> av.AudioFrame:
    channels = 2 if layout == "stereo" else 1
    count = int(RATE * seconds)
    wave = array("h", (int(8000 * math.sin(n / 17)) for n in range(count) for _channel in range(channels)))
    frame = av.AudioFrame(format="s16", layout=layout, samples=count)
    frame.rate, frame.pts = RATE, 0
    frame.planes[0].update(wave.tobytes())
    return frame


def film() -> bytes:
    """Pictures without a sound."""
    out = io.BytesIO()
    with av.open(out, "w", format="webm") as target:
        stream = target.add_stream("libvpx", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _number in range(3):
            target.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        target.mux(stream.encode(None))
    return out.getvalue()
