"""The PDF files of the demo: one page each, written by hand so that they cost a millisecond."""

from __future__ import annotations

import json
import textwrap
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from crm_web.ops.demo.listings import Words
from crm_web.ops.demo.screenplay import SCENES, spoken

WIDE, HIGH, LEFT = 595, 842, 56
COLOURS = {"green": (0.059, 0.463, 0.431), "blue": (0.114, 0.306, 0.604), "violet": (0.36, 0.25, 0.63)}


class Sheet(NamedTuple):
    """`house` is whose paper it is; every text may hold the words of a listing."""

    file: str
    title: str
    house: str
    colour: str
    rows: list[list[str]]
    text: str


SHEETS = {name: Sheet(**given) for name, given in json.loads((SCENES / "sheets.json").read_text()).items()}


def pdf(sheet: Sheet, words: Words) -> bytes:
    """The sheet as a PDF with these words in it."""
    stream = zlib.compress(b"\n".join(part.encode("cp1252", "replace") for part in _drawing(sheet, words)))
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>" % (WIDE, HIGH),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(stream) + stream + b"\nendstream",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    )
    return _assembled(objects)


def _assembled(objects: tuple[bytes, ...]) -> bytes:
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def _drawing(sheet: Sheet, words: Words) -> Iterator[str]:
    colour = " ".join(f"{part:.3f}" for part in COLOURS[sheet.colour])
    yield f"{colour} rg 0 {HIGH - 96} {WIDE} 96 re f"
    yield _words(LEFT, HIGH - 56, 20, spoken(sheet.house, "tú", words), bold=True, colour="1 1 1")
    yield _words(LEFT, HIGH - 150, 22, sheet.title, bold=True)
    y = HIGH - 200
    for label, value in sheet.rows:
        yield f"0.898 0.886 0.867 rg {LEFT} {y - 12} {WIDE - 2 * LEFT} 0.8 re f"
        yield _words(LEFT, y, 11, label, colour="0.404 0.388 0.361")
        yield _words(LEFT + 170, y, 11, spoken(value, "tú", words))
        y -= 32
    for row in textwrap.wrap(spoken(sheet.text, "tú", words), 88):
        yield _words(LEFT, y - 16, 11, row)
        y -= 18
    yield _words(LEFT, 48, 9, "Documento de demostración", colour="0.545 0.525 0.494")


def _words(
    x: float, y: float, size: float, text: str, *, bold: bool = False, colour: str = "0.118 0.11 0.102"
) -> str:
    safe = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"{colour} rg BT /{'F2' if bold else 'F1'} {size} Tf {x} {y} Td ({safe}) Tj ET"
