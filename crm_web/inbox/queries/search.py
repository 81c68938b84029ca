"""Search: what was asked for, the people and the messages it finds, and the pages that follow.

The database's doors look (`search_messages`, `search_people`), newest first, through everything one may see; here their
ids become rows, once more through `visible_to`. A page may hold fewer than asked and still have one after it: a search
for what is rare among the common stops after a moment and says where it goes on.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import words_in
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.queries.cursors import cursor_of, moment_of
from crm_web.inbox.queries.doors import visible_to, with_people

LONGEST, MOST_WORDS = 200, 8
PEOPLE, MORE_PEOPLE, HITS = 8, 20, 30
LAST_ID = uuid.UUID(int=2**128 - 1)
_QUOTED = re.compile(r'["“”«»]([^"“”«»]+)["“”«»]')
_NUMBER = re.compile(r"\+?[\d\s().-]+")
# Signs that are no words and that PostgreSQL or its driver would refuse: controls, halves of pairs.
_UNFIT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")

_MESSAGES = sa.text(
    """
    SELECT message_id, occurred_at FROM search_messages(CAST(:words AS text[]), CAST(:phrases AS text[]),
        CAST(:inside AS uuid), CAST(:person AS uuid), CAST(:since AS timestamptz), CAST(:until AS timestamptz),
        CAST(:kinds AS text[]), CAST(:channel AS uuid), :viewer, :sees_all, :sees_free,
        CAST(:before_at AS timestamptz), CAST(:before_id AS uuid), :most)
    """
)
_PEOPLE = sa.text(
    """
    SELECT conversation_id FROM search_people(CAST(:words AS text[]), :viewer, :sees_all, :sees_free,
        CAST(:before_open AS boolean), CAST(:before_at AS timestamptz), CAST(:before_id AS uuid), :most)
    """
)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for: words that must all be there, quoted text as it came, and what narrows it."""

    text: str
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    inside: uuid.UUID | None = None
    person: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[str, ...] = ()
    channel: uuid.UUID | None = None

    @property
    def is_narrowed(self) -> bool:
        return any((self.person, self.since, self.until, self.kinds, self.channel, self.inside))

    @property
    def terms(self) -> list[str]:
        """The folded words that are marked in what was found."""
        return [word for part in (*self.words, *self.phrases) for word in words_in(part)]


def wanted(text: str, **narrowed: Any) -> Wanted:
    """Read what was typed: at most 200 signs of it and eight words; anything is accepted."""
    text = " ".join(_UNFIT.sub(" ", text[: LONGEST * 2]).split())[:LONGEST]
    phrases = [phrase for phrase in _QUOTED.findall(text) if words_in(phrase)]
    words = [word for word in _QUOTED.sub(" ", text).split() if words_in(word)]
    return Wanted(text, tuple(words[:MOST_WORDS]), tuple(phrases[:MOST_WORDS]), **narrowed)


@dataclass(frozen=True)
class Found:
    """A page of messages, newest first, and where the next one begins."""

    messages: Sequence[Message]
    next_cursor: str | None


@dataclass(frozen=True)
class People:
    """Conversations of the customers found, and where the next ones begin."""

    conversations: Sequence[Conversation]
    next_cursor: str | None


def search_messages(look: Wanted, cursor: str | None = None) -> Found:
    """Thirty messages that hold all the words, newest first."""
    at, row_id = moment_of(cursor) if cursor else (None, None)
    given = {
        "words": list(look.words), "phrases": list(look.phrases), "inside": look.inside, "person": look.person,
        "since": look.since, "until": look.until, "kinds": list(look.kinds) or None, "channel": look.channel,
        "before_at": at, "before_id": row_id, "most": HITS + 1, **_sight(),
    }  # fmt: skip
    rows = db.session.execute(_MESSAGES, given).all()
    hits = [row for row in rows if row.message_id]
    stopped = rows[-1].occurred_at if rows and rows[-1].message_id is None else None
    if len(hits) > HITS:
        hits = hits[:HITS]
        return Found(_messages(hits), cursor_of(hits[-1].occurred_at, hits[-1].message_id))
    return Found(_messages(hits), cursor_of(stopped, uuid.UUID(int=0)) if stopped else None)


def _sight() -> dict[str, Any]:
    """What this person may see, as the doors take it; the same three cases as `visible_to`."""
    return {
        "viewer": current_user.id,
        "sees_all": current_user.can("conversations.all"),
        "sees_free": current_user.can("conversations.unassigned"),
    }


def _messages(hits: Sequence[Any]) -> Sequence[Message]:
    if not hits:
        return []
    rows = db.session.scalars(
        sa.select(Message)
        .join(Message.conversation)
        .where(
            Message.tenant_id == current_tenant_id(),
            Message.id.in_([hit.message_id for hit in hits]),
            *visible_to(current_user),
        )
        .options(
            orm.joinedload(Message.author),
            orm.contains_eager(Message.conversation).joinedload(Conversation.lead),
        )
        .order_by(Message.occurred_at.desc(), Message.id.desc())
    )
    return rows.all()


def search_people(look: Wanted, cursor: str | None = None) -> People:
    """Conversations of customers with that name, user name, address, company or number: the open ones first."""
    words = _person_words(look)
    if not words or look.is_narrowed:
        return People([], None)
    most = MORE_PEOPLE if cursor else PEOPLE
    given = {"words": words, "most": most + 1, **_place(cursor), **_sight()}
    ids = list(db.session.scalars(_PEOPLE, given))
    rows = _conversations(ids[:most])
    return People(rows, _cursor_after(rows[-1]) if len(ids) > most and rows else None)


def _person_words(look: Wanted) -> list[str]:
    """The chunks a person is found by; a number that was written in groups is one."""
    if _NUMBER.fullmatch(look.text):
        return [re.sub(r"\D", "", look.text)]
    chunks = [*look.words, *(word for phrase in look.phrases for word in phrase.split())]
    return [re.sub(r"\D", "", chunk) if _NUMBER.fullmatch(chunk) else chunk for chunk in chunks][:MOST_WORDS]


def _conversations(ids: list[uuid.UUID]) -> Sequence[Conversation]:
    if not ids:
        return []
    rows = db.session.scalars(
        with_people(sa.select(Conversation))
        .where(Conversation.id.in_(ids), *visible_to(current_user))
        .order_by(Conversation.is_open.desc(), Conversation.last_message_at.desc(), Conversation.id.desc())
    )
    return rows.all()


def _cursor_after(conversation: Conversation) -> str:
    opened = "o" if conversation.is_open else "c"
    return opened + cursor_of(conversation.last_message_at, conversation.id)


def _place(cursor: str | None) -> dict[str, Any]:
    if not cursor:
        return {"before_open": None, "before_at": None, "before_id": None}
    if cursor[0] not in "oc":
        raise NotFound
    at, row_id = moment_of(cursor[1:])
    return {"before_open": cursor[0] == "o", "before_at": at, "before_id": row_id}
