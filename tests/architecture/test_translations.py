"""Spanish is written in the code; English and Portuguese are complete, and no page speaks Spanish by accident."""

from __future__ import annotations

import re
import tomllib
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).parent.parent.parent
LOCALES = ("en", "pt")
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def mappings() -> list[tuple[str, str]]:
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    return [(one["pattern"], one["method"]) for one in found]


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """Every Spanish source string of code and templates; of a plural, its singular."""
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "N_": None, "_l": None}
    options = {pattern: {"silent": "false"} for pattern, method in mappings() if method == "jinja2"}
    found = extract_from_dir(ROOT, mappings(), options, keywords=keywords)
    return {one[2][0] if isinstance(one[2], tuple) else one[2] for one in found}


def catalogue(locale: str):
    with (ROOT / f"crm_web/translations/{locale}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_is_translated(locale, sentences):
    known = catalogue(locale)
    missing = sorted(
        one for one in sentences if one not in known or not _said(known[one]) or known[one].fuzzy
    )
    assert missing == [], (
        f"{len(missing)} of {len(sentences)} are missing in {locale}; run `make translations`"
    )


def _said(message) -> bool:
    said = message.string
    return all(said) if isinstance(said, tuple) else bool(said)


@pytest.mark.parametrize("locale", LOCALES)
def test_translations_keep_their_placeholders(locale):
    for message in catalogue(locale):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        said = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(" ".join(ids)))
        assert all(set(PLACEHOLDER.findall(one)) <= wanted for one in said), message.id
        assert set(PLACEHOLDER.findall(" ".join(said))) == wanted or not message.id, message.id


@pytest.mark.parametrize("locale", LOCALES)
def test_the_compiled_catalogue_is_the_written_one(locale):
    compiled = BytesIO()
    write_mo(compiled, catalogue(locale))
    kept = (ROOT / f"crm_web/translations/{locale}/LC_MESSAGES/messages.mo").read_bytes()
    assert kept == compiled.getvalue(), "run `make translations`"


class Words(HTMLParser):
    """The words a template shows without asking the catalogue."""

    HIDDEN = ("script", "style", "svg", "title")
    SAID = ("aria-label", "title", "placeholder", "alt")

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self._note(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.SAID and value:
                self._note(value)

    def _note(self, text: str) -> None:
        is_markup = '="' in text or re.fullmatch(
            r"[\s0·]*[a-z-]*\s*", text
        )  # a macro's attributes, a block's class
        if re.search(r"[^\W\d_]{3,}", text) and not is_markup:
            self.found.append(" ".join(text.split()))


LEXER = Environment(autoescape=True)
PROPER = set(
    "WhatsApp CRM Español English Português Ctrl Enter Esc PDF OpenStreetMap Meta Ana Restrepo laura perez".split()
)


def bare_html(source: str) -> str:
    """The template without its Jinja; where a value would stand, a zero stands."""
    kept = []
    for _line, token, text in LEXER.lex(source):
        kept.append(text if token == "data" else "0" if token == "variable_begin" else "")
    return "".join(kept)


@pytest.mark.parametrize(
    "template", sorted(ROOT.glob("templates/**/*.html")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_templates_show_only_translated_words(template):
    words = Words()
    words.feed(bare_html(template.read_text()))
    bare = [text for text in words.found if not set(re.findall(r"[^\W\d_]{3,}", text)) <= PROPER]
    assert bare == [], f"not in a catalogue: {bare}"
