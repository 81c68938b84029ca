"""Pictures are looked at without being opened, and their small copies tell nothing but what is to be seen."""

from __future__ import annotations

import contextlib
import io
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from crm_web.files.pictures import BrokenPicture, TooManyPixels, look, thumbnail
from tests.files import corpus


def small(content: bytes, mime: str = "image/jpeg") -> Image.Image:
    made = thumbnail(io.BytesIO(content), mime)
    return Image.open(io.BytesIO(made or b""))


def test_the_size_is_the_one_that_is_shown():
    seen = look(io.BytesIO(corpus.sideways_jpeg((1200, 800))), "image/jpeg")
    assert (seen.width, seen.height) == (800, 1200)


def test_a_small_copy_stands_upright_and_keeps_no_secret():
    content = corpus.sideways_jpeg((1200, 800))
    assert b"Secret Camera" in content
    made = thumbnail(io.BytesIO(content), "image/jpeg")
    picture = Image.open(io.BytesIO(made))
    assert (picture.format, picture.size) == ("WEBP", (427, 640))
    assert not picture.getexif()
    assert b"Secret" not in made


@pytest.mark.parametrize(
    "kind, mode, more",
    [("JPEG", "CMYK", {}), ("JPEG", "L", {}), ("PNG", "P", {}), ("PNG", "I;16", {}), ("PNG", "RGBA", {}), ("PNG", "1", {}),
     ("PNG", "LA", {}), ("GIF", "P", {}), ("WEBP", "RGBA", {})],
)  # fmt: skip
def test_every_mode_has_a_small_copy(kind, mode, more):
    picture = small(corpus.picture(kind, (900, 300), mode, **more), f"image/{kind.lower()}")
    assert picture.size == (640, 213)


def test_what_is_small_already_is_not_blown_up():
    assert small(corpus.picture(size=(90, 40))).size == (90, 40)


def test_transparency_stays():
    assert small(corpus.picture("PNG", mode="RGBA", colour=(0, 0, 0, 0)), "image/png").mode == "RGBA"


def test_a_pixel_bomb_goes_off_nowhere():
    began = time.perf_counter()
    tracemalloc.start()
    for examine in (look, thumbnail):
        with pytest.raises(TooManyPixels):
            examine(io.BytesIO(corpus.pixel_bomb()), "image/png")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert time.perf_counter() - began < 0.5


def test_a_large_png_is_too_dear_for_a_small_copy_and_no_bomb():
    content = corpus.pixel_bomb(6000, 6000)
    assert look(io.BytesIO(content), "image/png").width == 6000
    assert thumbnail(io.BytesIO(content), "image/png") is None


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", corpus.HTML, corpus.picture("PNG"), corpus.picture()[:20]]
)
def test_what_is_no_jpeg_is_not_taken_for_one(content):
    with pytest.raises(BrokenPicture):
        look(io.BytesIO(content), "image/jpeg")


def test_a_picture_that_ends_too_soon_has_no_small_copy():
    noisy = Image.effect_noise((400, 400), 90)
    out = io.BytesIO()
    noisy.save(out, "JPEG")
    with pytest.raises(BrokenPicture):
        thumbnail(io.BytesIO(out.getvalue()[:2000]), "image/jpeg")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["JPEG", "PNG", "WEBP", "GIF"]), st.integers(4, 300), st.binary(min_size=1, max_size=30)
)
def test_damage_is_one_of_two_errors(kind, at, noise):
    content = corpus.picture(kind, (60, 40))
    content = content[:at] + noise + content[at + len(noise) :]
    for examine in (look, thumbnail):
        with contextlib.suppress(BrokenPicture, TooManyPixels):
            examine(io.BytesIO(content), f"image/{kind.lower()}")
