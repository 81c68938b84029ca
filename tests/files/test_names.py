"""A name can be shown, sent and saved, and says what is inside."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_web.files.names import EXTENSIONS, LONGEST, RUNNABLE, clean_name, extension_of
from crm_web.files.sniff import EXECUTABLE, UNKNOWN

PDF, JPEG = "application/pdf", "image/jpeg"


@pytest.mark.parametrize(
    "name, mime, clean",
    [
        ("Promesa de compraventa.pdf", PDF, "Promesa de compraventa.pdf"),
        ("FOTO.JPEG", JPEG, "FOTO.JPEG"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("..\\..\\windows\\win.ini", "text/plain", "win.ini"),
        ("C:\\Users\\ana\\cédula.pdf", PDF, "cédula.pdf"),
        ("\u202egnp.exe", EXECUTABLE, "gnp.exe.bin"),
        ("factura\u202excod.exe", EXECUTABLE, "facturaxcod.exe.bin"),
        ("a\x00b\r\nSet-Cookie: x.pdf", PDF, "abSet-Cookie_ x.pdf"),
        ("foto.jpg", "text/html", "foto.jpg.html"),
        ("contrato.pdf", "image/png", "contrato.pdf.png"),
        ("instalar.exe", UNKNOWN, "instalar.exe.bin"),
        ("plano.dwg", UNKNOWN, "plano.dwg"),
        ("falsa.jpg", UNKNOWN, "falsa.jpg.bin"),
        ("logo.svg", "image/svg+xml", "logo.svg"),
        ("datos.csv", "text/csv", "datos.csv"),
        ("datos.csv", "text/plain", "datos.csv"),
        ("ataque.bat", "text/plain", "ataque.bat.txt"),
        ("...", PDF, ""),
        (".pdf", PDF, "pdf.pdf"),
        ("", PDF, ""),
        ("CON.pdf", PDF, "_CON.pdf"),
        ("cotización 3/4.pdf", PDF, "4.pdf"),
        ("¿cuánto?.pdf", PDF, "¿cuánto_.pdf"),
        ("informe.pdf   ", PDF, "informe.pdf"),
        ("e\u0301xito.pdf", PDF, "éxito.pdf"),
    ],
)
def test_clean_name(name, mime, clean):
    assert clean_name(name, mime) == clean


def test_a_long_name_keeps_its_ending():
    clean = clean_name("ñ" * 500 + ".pdf", PDF)
    assert len(clean) == LONGEST
    assert clean.endswith("ñ.pdf")


@settings(deadline=None)
@given(st.text(max_size=400), st.sampled_from([*EXTENSIONS, UNKNOWN, EXECUTABLE]))
def test_no_name_climbs_hides_or_runs(name, mime):
    clean = clean_name(name, mime)
    assert len(clean) <= LONGEST
    assert not set(clean) & set('/\\<>:"|?*')
    assert not clean.startswith(".")
    assert not clean.endswith((" ", "."))
    assert not any(unicodedata.category(char)[0] == "C" for char in clean)
    assert extension_of(clean) not in RUNNABLE
    assert clean_name(clean, mime) == clean
