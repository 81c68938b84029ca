"""Words without their accents, and what is marked in what was found."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from crm_web.core.text import fold, highlight, highlight_digits, words_in


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Cotización", "cotizacion"), ("ÑANDÚ", "nandu"), ("e\u0301", "e"), ("Straße", "straße"), ("", "")],
)
def test_accents_and_capitals_go(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "terms", "shown"),
    [
        ("La cotización va", ["cotizacion"], "La <mark>cotización</mark> va"),
        ("La cotización va", ["coti"], "La <mark>coti</mark>zación va"),
        ("descotizada", ["coti"], "descotizada"),
        ("de desde de", ["de"], "<mark>de</mark> desde <mark>de</mark>"),
        ("cafe\u0301 y café", ["cafe"], "<mark>cafe\u0301</mark> y <mark>café</mark>"),
        ("<b>hola</b> & adiós", ["hola"], "&lt;b&gt;<mark>hola</mark>&lt;/b&gt; &amp; adiós"),
        ("İstanbul", ["ist"], "<mark>İst</mark>anbul"),
        ("nada", [], "nada"),
    ],
)
def test_words_and_beginnings_are_marked(text, terms, shown):
    assert highlight(text, terms) == shown


def test_of_a_long_text_the_part_around_the_first_hit_is_shown():
    shown = highlight("palabra " * 40 + "aguja " + "palabra " * 40, ["aguja"], 100)
    assert "<mark>aguja</mark>" in shown
    assert shown.startswith("…palabra")
    assert shown.endswith("…")
    assert len(shown) < 130


@pytest.mark.parametrize(
    ("number", "asked", "shown"),
    [
        ("+57 310 555 0142", "0142", "+57 310 555 <mark>0142</mark>"),
        ("+57 310 555 0142", "5550", "+57 310 <mark>555 0</mark>142"),
        ("+57 310 555 0142", "310 555", "+57 <mark>310 555</mark> 0142"),
        ("+57 310 555 0142", "ana", "+57 310 555 0142"),
        ("+57 310 555 0142", "01", "+57 310 555 0142"),
    ],
)
def test_digits_are_marked_however_they_are_spaced(number, asked, shown):
    assert highlight_digits(number, asked) == shown


@given(st.text(max_size=80), st.lists(st.text(max_size=6), max_size=3), st.integers(10, 60))
def test_marking_loses_nothing_and_lets_no_markup_through(text, typed, length):
    terms = [word for part in typed for word in words_in(part)]
    whole = highlight(text, terms)
    assert whole.replace("<mark>", "").replace("</mark>", "") == highlight(text, [])
    part = highlight(text, terms, length)
    for shown in (whole, part):
        assert "<" not in shown.replace("<mark>", "").replace("</mark>", "")


def test_the_database_folds_the_same_letters(app, owner):
    letters = "áÁàÀäÄâÂãÃåÅçÇéÉèÈëËêÊíÍìÌïÏîÎñÑóÓòÒöÖôÔõÕøØúÚùÙüÜûÛýÝÿşŞžŽłŁİe\u0301n\u0303ABCxyz¿?"
    with owner.connect() as connection:
        assert connection.scalar(sa.text("SELECT fold(:letters)"), {"letters": letters}) == fold(letters)
