"""Pieces of pages that look the same to everybody who may see them, kept in this process while nothing they show changes.

A piece is found by everything it shows, so there is nothing to throw away when something changes: the new look has another
key, and what nobody asks for any more is forgotten. When a message comes, a hundred sellers ask for the same thirty rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from flask_babel import get_locale, get_timezone
from markupsafe import Markup

MOST = 6000

_kept: OrderedDict[Hashable, Markup] = OrderedDict()
_door = threading.Lock()


def kept(shown: Hashable, draw: Callable[[], str]) -> Markup:
    """The piece that shows `shown` to readers of this language and time zone, drawn when it is not here."""
    key = (shown, str(get_locale()), str(get_timezone()))
    with _door:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    drawn = Markup(draw())  # noqa: S704 - what a template of ours has drawn is escaped already
    with _door:
        _kept[key] = drawn
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return drawn


def forget() -> None:
    """Draw everything anew: for tests."""
    with _door:
        _kept.clear()
