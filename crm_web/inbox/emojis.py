"""The emoji that are offered, in groups, and their names in the reader's language (from the package `emoji`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import emoji

from crm_web.core.text import N_

LANGUAGES = ("es", "en", "pt")

# The groups of emojis.txt by the names people know them by.
LABELS = {
    "smileys": N_("Caras"),
    "people": N_("Gestos y personas"),
    "hearts": N_("Corazones y fiesta"),
    "work": N_("Trabajo y ventas"),
    "places": N_("Casas y viajes"),
    "food": N_("Comida"),
    "nature": N_("Animales y naturaleza"),
    "activities": N_("Deporte y tiempo libre"),
    "flags": N_("Banderas"),
}
# What people who sell write, the most used first; a telephone's keyboard has the rest.
SIGNS = Path(__file__).with_suffix(".txt")


class Emoji(NamedTuple):
    """A sign, its name as it is read out, and the other words it is found by."""

    sign: str
    name: str
    words: str


class Group(NamedTuple):
    key: str
    label: str
    emojis: Sequence[Emoji]


@lru_cache(maxsize=8)
def list_groups(language: str) -> tuple[Group, ...]:
    """All groups in one language; the labels are Spanish and translated where they are shown."""
    language = language if language in LANGUAGES else "es"
    emoji.config.load_language(list(LANGUAGES))
    return tuple(
        Group(key, LABELS[key], [_named(sign, language) for sign in signs]) for key, signs in _read()
    )


def _read() -> Iterator[tuple[str, list[str]]]:
    """A group is its key and a colon, then its signs on lines that begin with spaces."""
    for part in re.split(r"^(?=\w)", SIGNS.read_text("utf-8"), flags=re.MULTILINE):
        key, _colon, signs = part.partition(":")
        if key:
            yield key, signs.split()


def _named(sign: str, language: str) -> Emoji:
    """English short names find it as well: they are what other products have taught people to type."""
    known = emoji.EMOJI_DATA[sign]
    name = _plain(known.get(language) or known["en"])
    return Emoji(sign, name, " ".join(_plain(word) for word in (known["en"], *known.get("alias", ()))))


def _plain(shortcode: str) -> str:
    return shortcode.strip(":").replace("_", " ")
