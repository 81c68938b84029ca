"""Words for people: moments, lengths, sizes, names, and customers' texts that may carry anything."""

import re
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from crm_web.core import words
from crm_web.core.words import linkify

BOGOTA = ZoneInfo("America/Bogota")
NOW = datetime(2026, 11, 21, 15, 4, tzinfo=UTC)  # a Saturday, 10:04 in Bogotá


def plain(text):
    """Non-breaking spaces as spaces, for reading."""
    return text.replace("\u00a0", " ")


def before(**ago):
    return NOW - timedelta(**ago)


@pytest.mark.parametrize(
    "hour, locale, said",
    [
        (14, "es", "9:04 a. m."),
        (17, "es", "12:04 p. m."),
        (5, "es", "12:04 a. m."),
        (18, "en", "1:04 PM"),
        (14, "pt", "09:04"),
    ],
)
def test_the_time_is_written_as_the_language_does(hour, locale, said):
    assert plain(words.local_time(NOW.replace(hour=hour), BOGOTA, locale)) == said


def test_a_time_never_breaks_over_two_lines():
    assert " " not in words.local_time(NOW, BOGOTA, "es")


@pytest.mark.parametrize(
    "ago, locale, said",
    [
        ({"hours": 10}, "es", "Hoy"),
        ({"hours": 11}, "es", "Ayer"),
        ({"days": 4}, "es", "martes 17 nov"),
        ({"days": 4}, "en", "Tuesday, Nov 17"),
        ({"days": 4}, "pt", "terça-feira, 17 nov"),
        ({"days": 400}, "es", "17 oct. 2025"),
        ({"days": -1}, "pt", "Amanhã"),
    ],
)
def test_a_day_is_the_reader_s_day_not_greenwich_s(ago, locale, said):
    assert plain(words.day_label(before(**ago), NOW, BOGOTA, locale)) == said


@pytest.mark.parametrize(
    "ago, said",
    [
        ({"seconds": 0}, "ahora"),
        ({"seconds": 59}, "ahora"),
        ({"seconds": -3}, "ahora"),
        ({"minutes": 2}, "2 min"),
        ({"minutes": 59, "seconds": 59}, "59 min"),
        ({"hours": 1}, "1 h"),
        ({"hours": 10}, "10 h"),
        ({"hours": 11}, "ayer"),
        ({"days": 3}, "3 d"),
        ({"days": 6}, "6 d"),
        ({"days": 7}, "14 nov."),
        ({"days": 101}, "12 ago."),
        ({"days": 400}, "17 oct. 2025"),
        ({"minutes": -5}, "en 5 min"),
        ({"hours": -20}, "mañana"),
        ({"days": -3}, "en 3 d"),
    ],
)
def test_how_long_ago(ago, said):
    assert plain(words.relative(before(**ago), NOW, BOGOTA)) == said


def test_just_after_midnight_the_last_hour_is_still_minutes():
    midnight = datetime(2026, 11, 21, 5, 10, tzinfo=UTC)
    assert plain(words.relative(midnight - timedelta(minutes=30), midnight, BOGOTA)) == "30 min"
    assert plain(words.relative(midnight - timedelta(hours=3), midnight, BOGOTA)) == "3 h"


@pytest.mark.parametrize(
    "ago, locale, said",
    [
        ({"hours": 3}, "es", "hace 3 h"),
        ({"hours": 3}, "en", "3 h ago"),
        ({"hours": 3}, "pt", "há 3 h"),
        ({"days": 1}, "es", "ayer"),
        ({"days": 60}, "es", "22 sept."),
        ({"seconds": 5}, "en", "now"),
    ],
)
def test_how_long_ago_inside_a_sentence(ago, locale, said):
    assert plain(words.ago(before(**ago), NOW, BOGOTA, locale)) == said


def test_the_exact_moment_for_a_title():
    assert plain(words.exact(NOW, BOGOTA)) == "sábado, 21 de noviembre de 2026, 10:04 a. m."


@pytest.mark.parametrize(
    "left, said",
    [
        ({"hours": 23, "minutes": 42, "seconds": 9}, "23 h 42 min"),
        ({"hours": 24}, "24 h"),
        ({"minutes": 42}, "42 min"),
        ({"seconds": 30}, "menos de 1 min"),
        ({"days": 2, "hours": 4}, "2 d 4 h"),
        ({"seconds": 0}, ""),
        ({"hours": -3}, ""),
    ],
)
def test_what_is_left_of_the_window(left, said):
    assert plain(words.remaining(timedelta(**left))) == said
    assert plain(words.remaining(NOW + timedelta(**left), NOW)) == said


def test_nothing_is_left_of_no_window():
    assert words.remaining(None) == ""


@pytest.mark.parametrize(
    "size, said",
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1,0 kB"),
        (212_345, "212 kB"),
        (999_600, "1,0 MB"),
        (1_834_567, "1,8 MB"),
        (5 * 10**12, "5000 GB"),
    ],
)
def test_file_sizes(size, said):
    assert plain(words.file_size(size)) == said


def test_file_sizes_in_english_have_a_point():
    assert plain(words.file_size(1_834_567, "en")) == "1.8 MB"
    assert words.file_size(None) == "–"


@pytest.mark.parametrize(
    "seconds, said", [(0, "0:00"), (38, "0:38"), (725, "12:05"), (3723, "1:02:03"), (None, "–")]
)
def test_durations(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    "name, said",
    [
        ("Ana Restrepo", "AR"),
        ("Ana María Restrepo", "AR"),
        ("María José Pérez Gómez", "MP"),
        ("Luis de la Cruz", "LC"),
        ("ángela", "Á"),
        ("+57 310 555 0142", "42"),
        ("🙂", "?"),
        ("", "?"),
        (None, "?"),
        ("李 小龙", "李小"),
    ],
)
def test_initials(name, said):
    assert words.initials(name) == said


@pytest.mark.parametrize(
    "written, shown",
    [
        ("*hola*", "<strong>hola</strong>"),
        ("_hola_ ~adiós~", "<em>hola</em> <s>adiós</s>"),
        ("*_hola_*", "<strong><em>hola</em></strong>"),
        ("*a _b* c_", "<strong>a _b</strong> c_"),
        ("```a *b*```", '<code class="mono">a *b*</code>'),
        ("`x`", '<code class="mono">x</code>'),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("* lista\n* otra", "* lista\n* otra"),
        ("*a\nb*", "*a\nb*"),
        ("Tom & <b>", "Tom &amp; &lt;b&gt;"),
        (None, ""),
    ],
)
def test_whatsapp_s_emphasis(written, shown):
    assert linkify(written) == shown


@pytest.mark.parametrize(
    "written, address",
    [
        ("ver https://nogal.co.", "https://nogal.co"),
        ("(https://nogal.co/a)", "https://nogal.co/a"),
        ("https://es.wikipedia.org/wiki/Nogal_(árbol)", "https://es.wikipedia.org/wiki/Nogal_(árbol)"),
        ("*https://nogal.co/a_b_c*", "https://nogal.co/a_b_c"),
        ("HTTP://NOGAL.CO?a=1&b=2", "HTTP://NOGAL.CO?a=1&amp;b=2"),
    ],
)
def test_addresses_open_outside_and_tell_nobody_where_from(written, address):
    link = f'<a href="{address}" target="_blank" rel="noopener noreferrer nofollow">{address}</a>'
    assert link in linkify(written)


class Seen(HTMLParser):
    """Every tag with its attributes that a browser would build."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    'https://x.co/"onmouseover="alert(1)',
    "https://x.co/'onmouseover='alert(1)",
    "https://x.co/<script>alert(1)</script>",
    "https://x.co/`onclick=alert(1)`",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https:javascript:alert(1)",
    "*<b onclick=alert(1)>*",
    "_<svg/onload=alert(1)>_",
    "~</s><script>alert(1)</script>~",
    "```</code><script>alert(1)</script>```",
    "`<img src=x onerror=alert(1)>`",
    "\x010\x02 https://x.co <script>",
    "\x01999\x02",
    "https://x.co/\x01\x020\x02",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)",
    '*https://x.co/*"><img src=x onerror=alert(1)>*',
    "https://x.co/*a*_b_~c~",
    '```https://x.co/"><script>```',
    "<a href='https://x.co' onclick=alert(1)>",
    "https://x.co/\u202egnp.exe",
    "<<<>>>\"\"''``**__~~",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_customer_writes_stays_text(text):
    allowed = {"a": {"href", "target", "rel"}, "code": {"class"}, "strong": set(), "em": set(), "s": set()}
    for tag, attributes in Seen(linkify(text)).tags:
        assert set(attributes) <= allowed[tag]
        assert attributes.get("href", "https://").lower().startswith(("http://", "https://"))


@pytest.mark.parametrize("text", [*HOSTILE, "*a _b ~c~ d_ e* `f` https://x.co/"])
def test_tags_are_closed_in_order(text):
    opened = []
    for piece in re.findall(r"</?[a-z]+", linkify(text)):
        if piece.startswith("</"):
            assert opened.pop() == piece[2:]
        else:
            opened.append(piece[1:])
    assert opened == []


@pytest.mark.parametrize(
    "piece", ["*a ", "_", "*_~", "`", "https://x.co/" + ")" * 50, "*x*", " *", "https://a" + "(" * 50]
)
def test_a_very_long_message_costs_no_time(piece):
    started = time.perf_counter()
    linkify(piece * (65_536 // len(piece)))
    assert time.perf_counter() - started < 1
