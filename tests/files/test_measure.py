"""Lengths and sizes are read from tables, whatever stands in them."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_web.files.measure import Measures, measure
from tests.files import corpus


def of(content: bytes, mime: str) -> Measures:
    return measure(io.BytesIO(content), mime)


@pytest.mark.parametrize("channels", [1, 2])
def test_a_voice_note(channels):
    assert of(corpus.opus(3.5, channels), "audio/ogg") == Measures(seconds=3.5, channels=channels)


@pytest.mark.parametrize("late", [False, True])
def test_a_film_with_its_table_first_or_last(late):
    assert of(corpus.mp4(12, (720, 1280), late=late), "video/mp4") == Measures(12, 720, 1280)


def test_what_has_no_table_has_no_measures():
    for content in (b"", b"OggS", corpus.MP3, corpus.PDF, corpus.mp4()[:40]):
        assert of(content, "audio/ogg") == of(content, "video/mp4") == Measures()
    assert of(corpus.MP3, "audio/mpeg") == Measures()


def test_boxes_that_lead_nowhere_come_to_an_end():
    assert of(corpus.box(b"free") * 100_000, "video/mp4") == Measures()
    assert of(b"\x00\x00\x00\x01mdat" + b"\xff" * 8, "video/mp4") == Measures()


@settings(deadline=None)
@given(st.sampled_from([corpus.opus(), corpus.mp4()]), st.integers(0, 200), st.binary(max_size=30))
def test_damage_is_no_error(content, at, noise):
    damaged = content[:at] + noise + content[at + len(noise) :]
    assert isinstance(of(damaged, "audio/ogg"), Measures)
    assert isinstance(of(damaged, "video/mp4"), Measures)
