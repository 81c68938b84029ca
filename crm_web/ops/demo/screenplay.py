"""The scenes of the demo, as they are written in `scenes/*.txt`, and how one is read.

    ## name | tags                a scene; its first tag is the moment it belongs to (abre, visita, papeles…)
    < words                       the customer speaks
    > words                       whoever takes care of the customer answers
    jefe> words                   somebody else of the team does: a part of `people.py`; also bot, flujo, campaña, tel
    #jefe words                   a private note
    * asigna jefe > asesor        a line of the system: asigna, cierra <who> <reason> | notes, reabre <who>
    ...                           some hours later
    --- 3                         three days later
    ~~~                           what follows is said at the very end, when the window is nearly or already over
      + 👍                        (indented, about the line before) the other side reacts
      ^ or ^2                     it answers the last, or last but one, message of the other side
      ~ words                     what it said before it was edited
      borrado, reenviado, anuncio, escuchado, enviado, duda, fallo 131026, noche, temprano

Inside words, `[te|le]` is what somebody says who writes tú, or usted; `{precio}` is a word of the listing; `@foto sala | words`
and the like (see `contents.py`) are everything that is not plain text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

SCENES = Path(__file__).parent / "scenes"
CUSTOMER, NOTE, SYSTEM = "cliente", "nota", "linea"
_SPEAKER = re.compile(r"(<|>|\*|#\w+|\w+>)\s*(.*)")
_TONE = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_WORD = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Line:
    """One thing said or done. `who` is a part; `wait` says how long after the line before."""

    who: str
    text: str
    how: str = ""
    wait: str = ""
    days: int = 0
    marks: tuple[str, ...] = ()

    @property
    def is_inbound(self) -> bool:
        return self.how == "" and self.who == CUSTOMER

    @property
    def is_outbound(self) -> bool:
        return self.how == "" and self.who != CUSTOMER

    @property
    def is_template(self) -> bool:
        return self.text.startswith("@plantilla")


@dataclass
class Scene:
    name: str
    tags: tuple[str, ...]
    lines: list[Line] = field(default_factory=list)

    @property
    def moment(self) -> str:
        return self.tags[0]

    def fits(self, moment: str, kind: str = "", also: str = "") -> bool:
        """Whether it belongs to this moment, suits this kind of business, and has this tag besides."""
        kinds = [tag for tag in self.tags[1:] if tag in KINDS]
        return (
            self.moment == moment
            and (not kinds or not kind or kind in kinds)
            and (not also or also in self.tags)
        )


KINDS = ("venta", "arriendo", "vender", "posventa", "cita", "otro", "spam")


@lru_cache(maxsize=8)
def load(*names: str) -> tuple[Scene, ...]:
    """The scenes of these files, in order."""
    scenes: list[Scene] = []
    for name in names:
        _read((SCENES / f"{name}.txt").read_text(), scenes)
    return tuple(scenes)


def _read(text: str, scenes: list[Scene]) -> None:
    wait, days = "", 0
    for row in text.splitlines():
        if row.startswith("## "):
            name, _, tags = row[3:].partition(" | ")
            scenes.append(Scene(name, tuple(tags.split())))
        elif row.startswith("  "):
            last = scenes[-1].lines[-1]
            scenes[-1].lines[-1] = replace(last, marks=(*last.marks, row.strip()))
        elif row in ("...", "~~~"):
            wait = "hours" if row == "..." else "end"
        elif row.startswith("---"):
            wait, days = "days", int(row[3:])
        elif row.strip():
            scenes[-1].lines.append(_line(row, wait, days))
            wait, days = "", 0


def _line(row: str, wait: str, days: int) -> Line:
    found = _SPEAKER.fullmatch(row)
    if found is None:
        raise ValueError(f"not a line of a scene: {row!r}")
    sign, text = found[1], found[2]
    if sign == "<":
        return Line(CUSTOMER, text, "", wait, days)
    if sign == "*":
        return Line("", text, SYSTEM, wait, days)
    if sign.startswith("#"):
        return Line(sign[1:], text, NOTE, wait, days)
    return Line(sign[:-1] or "asesor", text, "", wait, days)


def spoken(text: str, tone: str, words: dict[str, str]) -> str:
    """The words as somebody says them who writes `tú` or `usted`. An unknown `{word}` is a mistake in the scene."""
    toned = _TONE.sub(lambda found: found[1] if tone == "tú" else found[2], text)
    return tidy(_WORD.sub(lambda found: words[found[1]], toned))


def tidy(text: str) -> str:
    """Mend what putting words together breaks."""
    for wrong, right in (("m..", "m."), (" de el ", " del "), (" a el ", " al ")):
        text = text.replace(wrong, right)
    return text
