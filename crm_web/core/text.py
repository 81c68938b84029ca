"""Words that are written in one place and shown in another language later, and words without their accents."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

# The same letters as the database's `fold` (migrations/versions/0002_inbox.py), which the indexes stand on.
_SMALL = "áàâäãåāăąçćčďéèêëēęěíìîïīñńňóòôöõøōřśšșťțúùûüūůýÿžźż"
_PLAIN = "aaaaaaaaacccdeeeeeeeiiiiinnnooooooorsssttuuuuuuyyzzz"
_COMBINING = (0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x308, 0x30A, 0x30C, 0x327, 0x328)
_TABLE: dict[int, str | None] = {
    **dict(zip(map(ord, _SMALL), _PLAIN, strict=True)),
    **dict.fromkeys(_COMBINING),
}
_WORD = re.compile(r"[^\W_]+")


def N_(sentence: str) -> str:  # noqa: N802 - the name every catalogue tool looks for
    """Mark a Spanish source sentence for translation without translating it yet."""
    return sentence


def fold(text: str) -> str:
    """The text in small letters without accents: what is compared when people search."""
    return text.replace("İ", "i").lower().translate(_TABLE)  # the one capital whose small letter is two signs


def words_in(text: str) -> list[str]:
    """The folded words of a text, signs left out."""
    return _WORD.findall(fold(text))


def highlight(text: str, terms: Iterable[str], length: int | None = None) -> Markup:
    """The text as HTML with the words that begin with a term marked; of a long text the part around the first one.

    A term is a folded word; one of less than three letters must be the whole word. Everything but the marks is escaped.
    """
    found = list(_places(text, list(terms)))
    start, end = _window(text, found[0][0] if found else 0, length)
    parts, at = [Markup("…") if start else Markup("")], start
    for begins, ends in found:
        if at <= begins and ends <= end:
            parts += [escape(text[at:begins]), Markup("<mark>"), escape(text[begins:ends]), Markup("</mark>")]
            at = ends
    parts += [escape(text[at:end]), Markup("…") if end < len(text) else Markup("")]
    return Markup("").join(parts)


def _places(text: str, terms: list[str]) -> Iterator[tuple[int, int]]:
    """Where a word of the text begins with a term, and where that beginning ends; in order, none inside another."""
    folded, origin = _folded_with_origin(text)
    for word in _WORD.finditer(folded):
        fits = [t for t in terms if word.group() == t or (len(t) > 2 and word.group().startswith(t))]
        if fits:
            last = word.start() + max(map(len, fits)) - 1
            yield origin[word.start()], _after(text, origin[last])


def _folded_with_origin(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place in the text it came from."""
    letters, origin = [], []
    for place, letter in enumerate(text):
        for plain in fold(letter):
            letters.append(plain)
            origin.append(place)
    return "".join(letters), origin


def _after(text: str, place: int) -> int:
    """The place after a letter and the accents that follow it as signs of their own."""
    place += 1
    while place < len(text) and ord(text[place]) in _COMBINING:
        place += 1
    return place


def _window(text: str, first: int, length: int | None) -> tuple[int, int]:
    """From where to where a text is shown so that the letter at `first` is seen, beginning at a word."""
    if length is None or len(text) <= length:
        return 0, len(text)
    start = first - 28 if first > 48 else 0
    if start:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    return start, min(len(text), start + length)


def highlight_digits(number: str, asked: str) -> Markup:
    """A telephone as HTML with the digits that were asked for marked, however either is spaced."""
    wanted = "".join(filter(str.isdigit, asked))
    places = [place for place, sign in enumerate(number) if sign.isdigit()]
    at = "".join(number[place] for place in places).rfind(wanted) if len(wanted) > 3 else -1
    if at < 0:
        return escape(number)
    begins, ends = places[at], places[at + len(wanted) - 1] + 1
    return Markup("{}<mark>{}</mark>{}").format(number[:begins], number[begins:ends], number[ends:])
