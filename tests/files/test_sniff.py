"""What a file really is, whatever it is called."""

from __future__ import annotations

import io
import os
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_web.files.sniff import ACTIVE, EXECUTABLE, MACROS, OFFICE, UNKNOWN, real_type
from tests.files import corpus

KNOWN = [
    (corpus.picture(), "image/jpeg"),
    (corpus.picture("PNG"), "image/png"),
    (corpus.picture("WEBP"), "image/webp"),
    (corpus.picture("GIF"), "image/gif"),
    (corpus.picture("BMP"), "image/bmp"),
    (corpus.PDF, "application/pdf"),
    (corpus.opus(), "audio/ogg"),
    (corpus.MP3, "audio/mpeg"),
    (corpus.AAC, "audio/aac"),
    (corpus.AMR, "audio/amr"),
    (corpus.WAV, "audio/wav"),
    (corpus.mp4(), "video/mp4"),
    (corpus.mp4(brand=b"qt  "), "video/quicktime"),
    (corpus.mp4(brand=b"3gp4"), "video/3gpp"),
    (corpus.mp4(brand=b"M4A "), "audio/mp4"),
    (corpus.mp4(brand=b"heic"), "image/heic"),
    (b"\x1aE\xdf\xa3\x42\x82\x84webm" + bytes(50), "video/webm"),
    (corpus.ole(), "application/msword"),
    (corpus.ole("Workbook"), "application/vnd.ms-excel"),
    (corpus.ole("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    (corpus.ole("Something"), UNKNOWN),
    (corpus.office(), f"{OFFICE}wordprocessingml.document"),
    (corpus.office("xl"), f"{OFFICE}spreadsheetml.sheet"),
    (corpus.office("ppt"), f"{OFFICE}presentationml.presentation"),
    (corpus.office(word__vbaProject_bin=b"x"), MACROS),
    (corpus.zipped({"foto.jpg": b"x"}), "application/zip"),
    (
        corpus.zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}, 0),
        "application/vnd.oasis.opendocument.text",
    ),
    (corpus.zipped({"AndroidManifest.xml": b"x", "classes.dex": b"x"}), EXECUTABLE),
    (corpus.HTML, "text/html"),
    (b"\xef\xbb\xbf  <!-- hola --><HTML>", "text/html"),
    (b"<!-- " + b"x" * 9000 + b"--><html>", "text/html"),
    (corpus.HTML.decode().encode("utf-16"), "text/html"),
    (corpus.SVG, "image/svg+xml"),
    (b"<svg onload='alert(1)'>", "image/svg+xml"),
    (b"<?xml version='1.0'?><factura/>", "application/xml"),
    (b"#!/bin/sh\nrm -rf /\n", EXECUTABLE),
    (corpus.EXE, EXECUTABLE),
    (corpus.ELF, EXECUTABLE),
    ("Señor, aquí está la lista: año 2026\n".encode("latin-1"), "text/plain"),
    (b"MZ Holdings S. A. S., factura 12\n", "text/plain"),
    (b"BMW usado en venta\n", "text/plain"),
    (b"1 < 2 & 3 > 2\n", "text/plain"),
    ("Precio\tCiudad\n".encode("utf-16"), "text/plain"),
    (b"\x00\x01\x02\x03 nothing anybody knows", UNKNOWN),
]


@pytest.mark.parametrize("content, mime", KNOWN, ids=[f"{i}-{mime}" for i, (_, mime) in enumerate(KNOWN)])
def test_the_content_tells(content, mime):
    assert real_type(io.BytesIO(content)) == mime


def test_a_claim_decides_only_between_names_of_one_container():
    assert real_type(io.BytesIO(corpus.mp4()), "audio/mp4") == "audio/mp4"
    assert real_type(io.BytesIO(b"a;b\n1;2\n"), "text/csv; charset=utf-8") == "text/csv"
    assert real_type(io.BytesIO(corpus.PDF), "image/png") == "application/pdf"
    assert real_type(io.BytesIO(corpus.HTML), "text/csv") == "text/html"


@pytest.mark.parametrize("content", [corpus.GIF_PAGE, corpus.PDF_PAGE, corpus.EICAR, corpus.JPEG_PAGE])
def test_a_polyglot_is_never_what_could_harm_where_it_is_shown(content):
    assert real_type(io.BytesIO(content), "image/gif") in {"text/plain", "image/jpeg", *ACTIVE}


@settings(deadline=None)
@given(
    st.binary(max_size=3000), st.sampled_from(["", "image/jpeg", "text/csv", "application/pdf", "video/mp4"])
)
def test_no_bytes_upset_it(content, claimed):
    assert "/" in real_type(io.BytesIO(content), claimed)


@settings(deadline=None)
@given(st.sampled_from(KNOWN), st.integers(0, 400), st.binary(max_size=40))
def test_nor_do_damaged_ones(known, at, noise):
    content = known[0]
    assert "/" in real_type(io.BytesIO(content[:at] + noise + content[at + len(noise) :]))


@pytest.mark.parametrize(
    "content", [b"<!---->" * 1200, b"PK\x03\x04" + os.urandom(4) * 2_000_000, b"PK\x01\x02" * 2_000_000]
)
def test_it_is_quick_even_about_what_is_made_to_be_slow(content):
    began = time.perf_counter()
    real_type(io.BytesIO(content))
    assert time.perf_counter() - began < 0.5
