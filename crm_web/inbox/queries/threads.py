"""A thread: pages of messages, and what changed since a version."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.queries.cursors import cursor_of, place_of
from crm_web.inbox.queries.doors import with_parts

MESSAGES = 40
MOST_CHANGES = 80
_place = sa.tuple_(Message.occurred_at, Message.id)


@dataclass(frozen=True)
class Thread:
    """A page of a conversation, oldest first, and where the pages before and after it begin.

    `target` is the message the page was opened for.
    """

    messages: Sequence[Message]
    older_cursor: str | None
    version: int
    unread_from: uuid.UUID | None = None
    newer_cursor: str | None = None
    target: uuid.UUID | None = None


def load_thread(conversation: Conversation, before: str | None = None, after: str | None = None) -> Thread:
    """The newest forty messages of a conversation, the forty before a cursor, or the forty after one."""
    if after:
        return _page(conversation, [], _after(conversation, place_of(after), MESSAGES + 1), MESSAGES)
    place = place_of(before) if before else None
    older = _before(conversation, place, MESSAGES + 1)
    messages = older[-MESSAGES:]
    return Thread(
        messages,
        _older_cursor(older, MESSAGES),
        conversation.version,
        None if before else _first_unread(conversation, messages),
    )


def load_around(conversation: Conversation, message_id: uuid.UUID) -> Thread:
    """The page of a conversation a message stands in the middle of; NotFound when it is of another one."""
    target = db.session.execute(
        sa.select(Message.id, Message.occurred_at).where(*_of(conversation), Message.id == message_id)
    ).first()
    if target is None:
        raise NotFound
    place = sa.tuple_(sa.literal(target.occurred_at), sa.literal(target.id))
    half = MESSAGES // 2
    older = _before(conversation, place, half + 1)
    newer = _after(conversation, place, half + 1, here=True)
    return _page(conversation, older, newer, half, target=target.id)


def _page(
    conversation: Conversation,
    older: list[Message],
    newer: list[Message],
    most: int,
    target: uuid.UUID | None = None,
) -> Thread:
    """A page of what was read backwards and forwards from a place, each with one more than is shown."""
    last = newer[most - 1] if len(newer) > most else None
    messages = [*older[-most:], *newer[:most]]
    return Thread(
        messages,
        _older_cursor(older, most),
        conversation.version,
        None if last else _first_unread(conversation, messages),
        cursor_of(last.occurred_at, last.id) if last else None,
        target,
    )


def _older_cursor(older: list[Message], most: int) -> str | None:
    return cursor_of(older[-most].occurred_at, older[-most].id) if len(older) > most else None


def _before(conversation: Conversation, place: Any, most: int) -> list[Message]:
    """The last messages before a place, or of all, oldest first."""
    query = with_parts(sa.select(Message)).where(*_of(conversation))
    if place is not None:
        query = query.where(_place < place)
    rows = db.session.scalars(query.order_by(Message.occurred_at.desc(), Message.id.desc()).limit(most))
    return list(reversed(rows.all()))


def _after(conversation: Conversation, place: Any, most: int, *, here: bool = False) -> list[Message]:
    """The first messages after a place, oldest first; with the one that stands `here`."""
    rows = db.session.scalars(
        with_parts(sa.select(Message))
        .where(*_of(conversation), _place >= place if here else _place > place)
        .order_by(Message.occurred_at, Message.id)
        .limit(most)
    )
    return list(rows.all())


def load_changes(conversation: Conversation, since: int) -> Sequence[Message] | None:
    """Messages changed after version `since`, oldest first; None when that is more than a page should mend.

    What was taken back is among them, so that it goes from every page that shows it.
    """
    rows = db.session.scalars(
        with_parts(sa.select(Message))
        .where(*_of(conversation, gone=True), Message.version > since)
        .order_by(Message.occurred_at, Message.id)
        .limit(MOST_CHANGES + 1)
    ).all()
    return rows if len(rows) <= MOST_CHANGES else None


def _of(conversation: Conversation, *, gone: bool = False) -> list[sa.ColumnElement[bool]]:
    here = [Message.tenant_id == conversation.tenant_id, Message.conversation_id == conversation.id]
    return here if gone else [*here, Message.deleted_at.is_(None)]


def _first_unread(conversation: Conversation, messages: Sequence[Message]) -> uuid.UUID | None:
    """The first of the last `unread_count` inbound messages on this page."""
    inbound = [message for message in messages if message.direction == "inbound"]
    count = min(conversation.unread_count, len(inbound))
    return inbound[-count].id if count else None
