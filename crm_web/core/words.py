"""How moments, lengths, sizes and customers' texts are written for a person. Pure functions, and their filters.

Every function takes the zone and the language it writes for; the filters pass the reader's. Numbers keep their unit
by a non-breaking space.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple, cast

from babel import Locale
from babel.dates import format_date
from flask import Flask, g
from flask_babel import get_locale, get_timezone, gettext
from markupsafe import Markup, escape

from crm_web.core import clock
from crm_web.core.phone import pretty
from crm_web.core.text import highlight, highlight_digits

NBSP = "\u00a0"
MINUTE, HOUR, DAY = 60, 3600, 86400
DASH = "–"


class Vocabulary(NamedTuple):
    """The few words of time. They are here and not in the catalogues so that jobs can write them without a request."""

    today: str
    yesterday: str
    tomorrow: str
    now: str
    ahead: str
    ago: str
    under_a_minute: str
    day: str
    day_and_year: str
    weekday: str
    decimal: str


VOCABULARIES = {
    "es": Vocabulary(
        "Hoy", "Ayer", "Mañana", "ahora", "en {}", "hace {}", "menos de 1 min",
        "{d} {m}.", "{d} {m}. {y}", "{w} {d} {m}", ",",
    ),
    "en": Vocabulary(
        "Today", "Yesterday", "Tomorrow", "now", "in {}", "{} ago", "under 1 min",
        "{m} {d}", "{m} {d}, {y}", "{w}, {m} {d}", ".",
    ),
    "pt": Vocabulary(
        "Hoje", "Ontem", "Amanhã", "agora", "em {}", "há {}", "menos de 1 min",
        "{d} {m}.", "{d} {m}. {y}", "{w}, {d} {m}", ",",
    ),
}  # fmt: skip
PARTICLES = frozenset(["de", "del", "la", "las", "los", "da", "do", "dos", "y", "e"])


def _vocabulary(locale: str) -> Vocabulary:
    return VOCABULARIES.get(locale[:2], VOCABULARIES["es"])


@lru_cache(maxsize=4096)
def _long_date(day: date, language: str) -> str:
    return format_date(day, "full", locale=language)


@lru_cache(maxsize=64)
def _month(number: int, language: str) -> str:
    return str(Locale.parse(language).months["format"]["abbreviated"][number]).rstrip(".")


@lru_cache(maxsize=32)
def _weekday(number: int, language: str) -> str:
    return str(Locale.parse(language).days["format"]["wide"][number])


def _date_parts(day: datetime, locale: str) -> dict[str, Any]:
    month = _month(day.month, locale[:2])
    return {"d": day.day, "m": month, "y": day.year, "w": _weekday(day.weekday(), locale[:2])}


def local_time(moment: datetime, tz: tzinfo = UTC, locale: str = "es") -> str:
    """`9:04 a. m.` as the reader's language writes it: twelve hours in es and en, twenty-four in pt."""
    local = moment.astimezone(tz)
    if locale[:2] == "pt":
        return f"{local:%H:%M}"
    halves = ("AM", "PM") if locale[:2] == "en" else (f"a.{NBSP}m.", f"p.{NBSP}m.")
    return f"{local.hour % 12 or 12}:{local:%M}{NBSP}{halves[local.hour >= 12]}"


def day_label(moment: datetime, now: datetime, tz: tzinfo = UTC, locale: str = "es") -> str:
    """`Hoy`, `Ayer`, `lunes 17 nov`, and with the year when it is another one."""
    local, here, words = moment.astimezone(tz), now.astimezone(tz), _vocabulary(locale)
    days = (here.date() - local.date()).days
    if days in (-1, 0, 1):
        return (words.today, words.yesterday, words.tomorrow)[days]
    parts = _date_parts(local, locale)
    pattern = words.weekday if local.year == here.year else words.day_and_year
    return pattern.format(**parts).replace(" ", NBSP)


def relative(moment: datetime, now: datetime, tz: tzinfo = UTC, locale: str = "es") -> str:
    """`ahora`, `2 min`, `1 h`, `ayer`, `3 d`, `12 ago.`; what is still to come reads `en 2 min`, `mañana`."""
    words, seconds = _vocabulary(locale), (now - moment).total_seconds()
    ahead, away = seconds < 0, abs(seconds)
    days = abs((now.astimezone(tz).date() - moment.astimezone(tz).date()).days)
    if away < MINUTE:
        return words.now
    if days == 1 and away >= 6 * HOUR:
        return (words.tomorrow if ahead else words.yesterday).lower()
    if days >= 7:
        return _short_date(moment.astimezone(tz), now.astimezone(tz), locale)
    span = _span(int(away), days)
    return words.ahead.format(span).replace(" ", NBSP) if ahead else span


def ago(moment: datetime, now: datetime, tz: tzinfo = UTC, locale: str = "es") -> str:
    """The same inside a sentence: `hace 2 min`, `ayer`, `12 ago.`"""
    words, short = _vocabulary(locale), relative(moment, now, tz, locale)
    counted = short[0].isdigit() and short.endswith(("min", f"{NBSP}h", f"{NBSP}d"))
    return words.ago.format(short).replace(" ", NBSP) if counted else short


def _span(seconds: int, days: int) -> str:
    if seconds < HOUR:
        return f"{seconds // MINUTE}{NBSP}min"
    return f"{seconds // HOUR}{NBSP}h" if days < 2 else f"{days}{NBSP}d"


def _short_date(local: datetime, here: datetime, locale: str) -> str:
    words = _vocabulary(locale)
    pattern = words.day if local.year == here.year else words.day_and_year
    return pattern.format(**_date_parts(local, locale)).replace(" ", NBSP)


def exact(moment: datetime, tz: tzinfo = UTC, locale: str = "es") -> str:
    """The whole date and time, for a title: `martes, 17 de noviembre de 2026, 9:04 a. m.`"""
    day = _long_date(moment.astimezone(tz).date(), locale[:2])
    return f"{day}, {local_time(moment, tz, locale)}"


def remaining(until: datetime | timedelta | None, now: datetime | None = None, locale: str = "es") -> str:
    """`23 h 42 min` from now until a moment; nothing once it has passed, or when there is none."""
    if until is None:
        return ""
    left = until if isinstance(until, timedelta) else until - (now or clock.now())
    seconds = int(left.total_seconds())
    if seconds <= 0:
        return ""
    if seconds < MINUTE:
        return _vocabulary(locale).under_a_minute.replace(" ", NBSP)
    days = seconds // DAY if seconds >= 2 * DAY else 0
    parts = ((days, "d"), (seconds // HOUR - days * 24, "h"), (seconds % HOUR // MINUTE, "min"))
    return NBSP.join(f"{count}{NBSP}{unit}" for count, unit in parts if count)


def file_size(size: int | None, locale: str = "es") -> str:
    """`212 kB`, `1,8 MB`: powers of a thousand, one decimal below ten."""
    if size is None:
        return DASH
    amount, units = float(size), ["B", "kB", "MB", "GB"]
    while amount >= 999.5 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    digits = 1 if amount < 9.95 and units[0] != "B" else 0
    return f"{amount:.{digits}f}".replace(".", _vocabulary(locale).decimal) + NBSP + units[0]


def duration(seconds: float | None) -> str:
    """`0:38`, `12:05`, `1:02:03`."""
    if seconds is None:
        return DASH
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // HOUR, whole % HOUR // MINUTE, whole % MINUTE
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def initials(name: str | None) -> str:
    """Two letters of a person: first name and surname, whatever stands between; two digits of a nameless number."""
    words = [word for word in re.findall(r"[^\W_]+", name or "") if word.lower() not in PARTICLES]
    letters = [word for word in words if word[0].isalpha()]
    if not letters:
        return "".join(words)[-2:] or "?"
    surname = letters[2 if len(letters) >= 4 else -1]
    pair = letters[0][0] + (surname[0] if len(letters) > 1 else "")
    return unicodedata.normalize("NFC", pair).upper()[:2]


# What customers write. Addresses and code are lifted out of the raw text and stand there as \x01number\x02 while the
# rest is escaped and dressed, so that no pattern ever runs over markup and nothing unescaped is ever put back.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LIFTED = re.compile(
    r"```(?P<block>[^`]+)```|`(?P<code>[^`\n]+)`|(?P<url>\bhttps?://[^\s<>\"'`]+)", re.IGNORECASE
)
_PLACE = re.compile("\x01(\\d+)\x02")
_DRESSED = re.compile(
    r"(?<!\w)(?:\*(?=\S)(?P<strong>[^*\n]*[^*\s])\*|_(?=\S)(?P<em>[^_\n]*[^_\s])_|~(?=\S)(?P<s>[^~\n]*[^~\s])~)(?!\w)"
)
_TRAILING = ".,;:!?¡¿*_~…»”’"


def linkify(text: str | None) -> Markup:
    """A message as WhatsApp shows it: addresses that open outside, *bold*, _italic_, ~strike~ and ```code```.

    Everything else is escaped. Line breaks stay as they are: the bubble keeps them by its style.
    """
    pieces: list[Markup] = []

    def lift(match: re.Match[str]) -> str:
        if match["url"]:
            url, rest = _without_trailing(match["url"])
            pieces.append(_link(url))
        else:
            code = (match["block"] or match["code"]).strip("\n")
            pieces.append(Markup('<code class="mono">{}</code>').format(code))
            rest = ""
        return f"\x01{len(pieces) - 1}\x02{rest}"

    skeleton = _LIFTED.sub(lift, _CONTROL.sub("", text or ""))
    dressed = _dress(str(escape(skeleton)))
    return Markup(_PLACE.sub(lambda match: str(pieces[int(match[1])]), dressed))  # noqa: S704


def _link(url: str) -> Markup:
    return Markup('<a href="{0}" target="_blank" rel="noopener noreferrer nofollow">{0}</a>').format(url)


def _without_trailing(url: str) -> tuple[str, str]:
    """The address without the punctuation of its sentence; a closing bracket stays when it was opened inside."""
    end = len(url)
    unopened = sum(map(url.count, ")]")) - sum(map(url.count, "(["))
    while end and (url[end - 1] in _TRAILING or (url[end - 1] in ")]" and unopened > 0)):
        unopened -= url[end - 1] in ")]"
        end -= 1
    return url[:end], url[end:]


def _dress(escaped: str) -> str:
    """Put the three emphases into escaped text, properly nested."""
    return _DRESSED.sub(_emphasis, escaped)


def _emphasis(match: re.Match[str]) -> str:
    tag = str(match.lastgroup)
    return f"<{tag}>{_dress(match[tag])}</{tag}>"


def _reader() -> tuple[Any, str]:
    """The reader's zone and language, found once a request: a page writes hundreds of moments."""
    known = g.get("_flask_babel") if g else None
    locale = getattr(known, "babel_locale", None)
    if known is not None and locale is not None and getattr(known, "reader_of", None) is locale:
        return cast("tuple[Any, str]", known.reader)
    found = get_timezone() or UTC, str(get_locale() or "es")
    if known is not None:
        known.reader, known.reader_of = found, getattr(known, "babel_locale", None)
    return found


def init_app(app: Flask) -> None:
    """Make the words filters that write for whoever is reading."""

    def at(write: Any, *, needs_now: bool = False) -> Any:
        def filtered(moment: datetime | None) -> str:
            if moment is None:
                return DASH
            return str(write(moment, clock.now(), *_reader()) if needs_now else write(moment, *_reader()))

        return filtered

    app.jinja_env.filters.update(
        local_time=at(local_time),
        exact=at(exact),
        day_label=at(day_label, needs_now=True),
        relative=at(relative, needs_now=True),
        ago=at(ago, needs_now=True),
        remaining=lambda until: remaining(until, locale=_reader()[1]),
        file_size=lambda size: file_size(size, _reader()[1]),
        duration=duration,
        highlight=highlight,
        highlight_digits=highlight_digits,
        initials=initials,
        linkify=linkify,
        phone=pretty,
        translate=lambda sentence: gettext(str(sentence)) if sentence else "",
    )
    app.jinja_env.globals["get_locale"] = get_locale
