"""What may go out and what may come in, judged by content."""

from __future__ import annotations

import io
import time

import pytest

from crm_web.files import check
from crm_web.files.check import Refused, for_sending, on_arrival
from crm_web.files.sniff import OFFICE, UNKNOWN
from tests.files import corpus

DOCX = f"{OFFICE}wordprocessingml.document"


def send(content: bytes, name: str, claimed: str = ""):
    return for_sending(io.BytesIO(content), name=name, claimed=claimed)


def arrive(content: bytes, name: str = "", claimed: str = UNKNOWN, kind: str = "document"):
    return on_arrival(io.BytesIO(content), name=name, claimed=claimed, kind=kind)


@pytest.mark.parametrize(
    "content, name, claimed, kind, mime",
    [
        (corpus.picture(), "casa.jpg", "image/jpeg", "image", "image/jpeg"),
        (corpus.picture("PNG", mode="RGBA"), "plano.png", "image/png", "image", "image/png"),
        (corpus.picture(), "casa.png", "image/png", "image", "image/jpeg"),
        (corpus.picture("WEBP", (512, 512)), "hola.webp", "image/webp", "sticker", "image/webp"),
        (corpus.opus(), "nota.ogg", "audio/ogg", "audio", "audio/ogg"),
        (corpus.MP3, "aviso.mp3", "audio/mpeg", "audio", "audio/mpeg"),
        (corpus.mp4(), "nota.m4a", "audio/x-m4a", "audio", "audio/mp4"),
        (corpus.mp4(), "recorrido.mp4", "video/mp4", "video", "video/mp4"),
        (corpus.PDF, "promesa.pdf", "application/pdf", "document", "application/pdf"),
        (corpus.PDF, "promesa.pdf", "application/octet-stream", "document", "application/pdf"),
        (corpus.office(), "carta.docx", DOCX, "document", DOCX),
        (corpus.ole(), "carta.doc", "application/msword", "document", "application/msword"),
        (b"a;b\n1;2\n", "lista.csv", "text/csv", "document", "text/plain"),
        ("Señora Ana:\n".encode("latin-1"), "carta.txt", "text/plain", "document", "text/plain"),
    ],
)  # fmt: skip
def test_what_whatsapp_takes_is_sent(content, name, claimed, kind, mime):
    facts = send(content, name, claimed)
    assert (facts.kind, facts.mime, facts.size) == (kind, mime, len(content))


@pytest.mark.parametrize(
    "content, name, claimed, sentence",
    [
        (b"", "vacío.pdf", "application/pdf", check.EMPTY),
        (corpus.HTML, "foto.jpg", "image/jpeg", check.WEB_PAGE),
        (corpus.SVG, "logo.svg", "image/svg+xml", check.WEB_PAGE),
        (corpus.SVG, "logo.png", "image/png", check.WEB_PAGE),
        (b"<?xml version='1.0'?><Invoice/>", "factura.xml", "text/xml", check.NOT_ACCEPTED),
        (corpus.EXE, "factura.pdf", "application/pdf", check.RUNS),
        (b"#!/bin/sh\n", "nota.txt", "text/plain", check.RUNS),
        (corpus.office(word__vbaProject_bin=b"x"), "carta.docx", DOCX, check.RUNS),
        (corpus.GIF_PAGE, "gracioso.gif", "image/gif", check.PRETENDER),
        (corpus.EICAR, "foto.png", "image/png", check.PRETENDER),
        (corpus.picture("GIF"), "gracioso.gif", "image/gif", check.IMAGE_TYPE),
        (corpus.picture("WEBP"), "foto.webp", "image/webp", check.IMAGE_TYPE),
        (corpus.picture("BMP"), "foto.bmp", "image/bmp", check.IMAGE_TYPE),
        (corpus.picture(mode="CMYK"), "aviso.jpg", "image/jpeg", check.COLOURS),
        (corpus.pixel_bomb(), "foto.png", "image/png", check.TOO_MANY_PIXELS),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(50), "foto.jpg", "image/jpeg", check.BROKEN_PICTURE),
        (corpus.zip_bomb(), "carta.docx", DOCX, check.BOMB),
        (corpus.zipped({"a": b"x"}), "fotos.zip", "application/zip", check.NOT_ACCEPTED),
        (corpus.opus(channels=2), "canción.ogg", "audio/ogg", check.AUDIO_TYPE),
        (corpus.WAV, "nota.wav", "audio/wav", check.AUDIO_TYPE),
        (corpus.mp4(brand=b"qt  "), "recorrido.mov", "video/quicktime", check.VIDEO_TYPE),
        (b"\x00\x01\x02 what is this", "datos.bin", "", check.NOT_ACCEPTED),
    ],
)
def test_what_it_does_not_take_is_refused_with_what_to_do(content, name, claimed, sentence):
    with pytest.raises(Refused) as refusal:
        send(content, name, claimed)
    assert refusal.value.details["reason"] == sentence


@pytest.mark.parametrize(
    "content, name, most",
    [
        (corpus.picture() + bytes(5 * check.MEGABYTE), "foto.jpg", "5 MB"),
        (corpus.mp4() + bytes(16 * check.MEGABYTE), "recorrido.mp4", "16 MB"),
        (corpus.picture("WEBP", (512, 512)) + bytes(100 * 1024), "hola.webp", "100 kB"),
    ],
)
def test_each_kind_has_its_limit(app, content, name, most):
    with app.test_request_context(), pytest.raises(Refused) as refusal:
        send(content, name)
    with app.test_request_context():
        assert most in str(refusal.value)


def large_pdf(folder, size: int):
    """A file of this size that takes no room."""
    path = folder / "large"
    with path.open("wb") as file:
        file.write(corpus.PDF)
        file.truncate(size)
    return path.open("rb")


def test_100_megabytes_are_the_end_of_it(tmp_path):
    with large_pdf(tmp_path, 4 * 1024**3) as file, pytest.raises(Refused) as refusal:
        for_sending(file, name="todo.pdf")
    assert refusal.value.details["reason"] == check.TOO_LARGE


def test_a_file_without_a_name_gets_one():
    assert send(corpus.PDF, "\u202e..").name == "archivo.pdf"


@pytest.mark.parametrize(
    "content, claimed, kind, kept_as",
    [
        (corpus.picture(), "image/jpeg", "image", ("image", "image/jpeg", "jpg")),
        (corpus.picture("GIF"), "image/gif", "image", ("image", "image/gif", "gif")),
        (corpus.picture(), "image/jpeg", "document", ("document", "image/jpeg", "jpg")),
        (corpus.picture("WEBP"), "image/webp", "sticker", ("sticker", "image/webp", "webp")),
        (corpus.opus(channels=2), "audio/ogg; codecs=opus", "audio", ("audio", "audio/ogg", "ogg")),
        (corpus.mp4(brand=b"3gp4"), "audio/3gpp", "audio", ("audio", "video/3gpp", "3gp")),
        (corpus.mp4(), "video/mp4", "video", ("video", "video/mp4", "mp4")),
        (corpus.PDF, "image/jpeg", "image", ("document", "application/pdf", "pdf")),
        (corpus.zipped({"a": b"x"}), "application/zip", "document", ("document", "application/zip", "zip")),
        (b"\x00\x01what", "application/acad", "document", ("document", UNKNOWN, "")),
        (corpus.GIF_PAGE, "image/gif", "image", ("document", "text/plain", "txt")),
        (b"\xff\xd8\xff\xe0 cut off" + bytes(9), "image/jpeg", "image", ("document", UNKNOWN, "")),
        (corpus.pixel_bomb(9000, 9000), "image/png", "document", ("document", UNKNOWN, "")),
    ],
)  # fmt: skip
def test_what_customers_send_is_kept(content, claimed, kind, kept_as):
    facts = arrive(content, claimed=claimed, kind=kind)
    assert (facts.kind, facts.mime, facts.extension) == kept_as


@pytest.mark.parametrize(
    "content, name, claimed, saved_as",
    [
        (corpus.SVG, "logo.svg", "image/svg+xml", "logo.svg"),
        (corpus.HTML, "propuesta.html", "text/html", "propuesta.html"),
        (corpus.EXE, "instalar.exe", UNKNOWN, "instalar.exe.bin"),
        (corpus.office(word__vbaProject_bin=b"x"), "carta.docm", UNKNOWN, "carta.docm.bin"),
    ],
)
def test_what_could_run_is_only_ever_a_download(content, name, claimed, saved_as):
    facts = arrive(content, name, claimed)
    assert (facts.kind, facts.mime, facts.name, facts.extension) == ("document", UNKNOWN, saved_as, "")


@pytest.mark.parametrize(
    "content, name, claimed, kind",
    [
        (corpus.HTML, "", "image/jpeg", "image"),
        (corpus.SVG, "", "image/png", "image"),
        (corpus.EXE, "factura.pdf", UNKNOWN, "document"),
        (corpus.EXE, "factura", "application/pdf", "document"),
        (corpus.PDF_PAGE, "contrato.pdf", "application/pdf", "document"),
        (corpus.pixel_bomb(), "", "image/png", "image"),
        (corpus.zip_bomb(), "carta.docx", DOCX, "document"),
    ],
)
def test_disguises_and_bombs_are_refused_even_from_customers(content, name, claimed, kind):
    with pytest.raises(Refused):
        arrive(content, name, claimed, kind)


def test_a_hundred_megabytes_take_little_time(tmp_path):
    began = time.perf_counter()
    with large_pdf(tmp_path, check.LARGEST) as file:
        assert (
            on_arrival(file, name="todo.pdf", claimed="application/pdf", kind="document").size
            == check.LARGEST
        )
    assert time.perf_counter() - began < 2
