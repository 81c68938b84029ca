"""Recordings become what WhatsApp plays as voice: Opus of one channel in Ogg."""

from __future__ import annotations

import io

import av
import pytest

from crm_web.files import voice
from crm_web.files.check import Refused
from crm_web.files.measure import measure
from crm_web.files.sniff import real_type
from tests.files import corpus, recordings


@pytest.mark.parametrize(
    ("container", "codec", "layout", "claimed"),
    [
        ("webm", "libopus", "mono", "audio/webm"),
        ("webm", "libopus", "stereo", "audio/webm;codecs=opus"),
        ("webm", "libopus", "mono", "application/pdf"),
        ("ogg", "libopus", "mono", "audio/ogg"),
        ("mp4", "aac", "stereo", "audio/mp4"),
        ("mp4", "aac", "mono", "video/mp4"),
    ],
)
def test_it_is_mono_opus_in_ogg(container, codec, layout, claimed):
    made = voice.as_voice_note(io.BytesIO(recordings.recording(container, codec, layout)), claimed)
    assert real_type(made) == "audio/ogg"
    measures = measure(made, "audio/ogg")
    assert measures.channels == 1
    assert measures.seconds == pytest.approx(1.0, abs=0.15)
    made.seek(0)
    with av.open(made) as read:
        assert sum(frame.samples for frame in read.decode(audio=0)) == pytest.approx(48_000, abs=5000)


def test_opus_of_one_channel_is_not_encoded_again():
    content = recordings.recording("webm", seconds=3)
    made = voice.as_voice_note(io.BytesIO(content)).read()
    with av.open(io.BytesIO(content)) as before, av.open(io.BytesIO(made)) as after:
        sounds = [[bytes(packet) for packet in one.demux(audio=0) if packet.size] for one in (before, after)]
    assert sounds[0] == sounds[1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hola",
        corpus.PDF,
        corpus.picture(),
        recordings.film(),
        recordings.recording()[:120],
        b"\x1aE\xdf\xa3" + bytes(900),
    ],
)
def test_what_is_no_recording_is_refused(content):
    with pytest.raises(Refused, match="Graba la nota de voz otra vez"):
        voice.as_voice_note(io.BytesIO(content), "audio/webm")


def test_a_cut_recording_keeps_what_is_there():
    content = recordings.recording(seconds=3)
    made = voice.as_voice_note(io.BytesIO(content[: len(content) // 2]))
    assert 0.5 < measure(made, "audio/ogg").seconds < 3


def test_what_is_too_large_is_not_even_opened(monkeypatch):
    monkeypatch.setattr(voice, "LARGEST", 1000)
    with pytest.raises(Refused, match="WhatsApp acepta hasta 16 MB"):
        voice.as_voice_note(io.BytesIO(recordings.recording()))


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_what_is_too_long_is_refused(monkeypatch, layout):
    monkeypatch.setattr(voice, "LONGEST", 1)
    with pytest.raises(Refused, match="demasiado larga"):
        voice.as_voice_note(io.BytesIO(recordings.recording(layout=layout, seconds=2)))
