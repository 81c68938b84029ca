"""The orders of the list: each is one index of `models`, walked from any of its rows on, so every page costs the same."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.errors import NotFound
from crm_web.inbox.models import PRIORITIES, WINDOW, Conversation

LONGEST_CURSOR = 400


@dataclass(frozen=True)
class Order:
    """Columns in one direction, ended by the id; `only` keeps the rows that have a place in it."""

    keys: tuple[Any, ...]
    parsers: tuple[Callable[[str], Any], ...]
    descending: bool
    only: Callable[[], list[sa.ColumnElement[bool]]] = list

    @property
    def sorting(self) -> list[Any]:
        return [key.desc() if self.descending else key.asc() for key in self.keys]

    def after(self, place: tuple[Any, ...]) -> sa.ColumnElement[bool]:
        """The rows that come after this place."""
        here = sa.tuple_(*self.keys)
        there = sa.tuple_(*(sa.literal(value, key.type) for key, value in zip(self.keys, place, strict=True)))
        return here < there if self.descending else here > there


def has_open_window() -> sa.ColumnElement[bool]:
    return Conversation.last_inbound_at > now() - WINDOW


def closes_within(hours: int) -> list[sa.ColumnElement[bool]]:
    """The window is open, and for so many hours at most."""
    return [has_open_window(), Conversation.last_inbound_at <= now() - WINDOW + timedelta(hours=hours)]


def _rank(word: str) -> int:
    return range(len(PRIORITIES))[int(word)]


ORDERS: dict[str, Order] = {
    "activity": Order(
        (Conversation.last_message_at, Conversation.id), (datetime.fromisoformat, uuid.UUID), True
    ),
    "waiting": Order(
        (Conversation.waiting_since, Conversation.id),
        (datetime.fromisoformat, uuid.UUID),
        False,
        lambda: [Conversation.waiting_since.is_not(None)],
    ),
    "priority": Order(
        (Conversation.priority_rank, Conversation.last_message_at, Conversation.id),
        (_rank, datetime.fromisoformat, uuid.UUID),
        True,
    ),
    "window": Order(
        (Conversation.last_inbound_at, Conversation.id),
        (datetime.fromisoformat, uuid.UUID),
        False,
        lambda: [has_open_window()],
    ),
}


def cursor_after(sort: str, row: Conversation) -> str:
    """Where the page after this row begins."""
    values = (getattr(row, key.key) for key in ORDERS[sort].keys)
    words = (value.isoformat() if isinstance(value, datetime) else str(value) for value in values)
    return base64.urlsafe_b64encode("|".join((sort, *words)).encode()).decode().rstrip("=")


def place_in(sort: str, cursor: str) -> tuple[Any, ...]:
    """The place a cursor means; one that is none of ours, or of another order, is NotFound."""
    try:
        text = base64.urlsafe_b64decode(cursor[:LONGEST_CURSOR] + "=" * (-len(cursor) % 4)).decode()
        named, *words = text.split("|")
        if named != sort:
            raise NotFound
        return tuple(parse(word) for parse, word in zip(ORDERS[sort].parsers, words, strict=True))
    except (ValueError, IndexError):
        raise NotFound from None
