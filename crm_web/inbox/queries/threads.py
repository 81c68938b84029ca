"""A thread: pages of messages, and what changed since a version."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.queries.cursors import cursor_of, place_of
from crm_web.inbox.queries.doors import with_parts

MESSAGES = 40
MOST_CHANGES = 80


@dataclass(frozen=True)
class Thread:
    """A page of a conversation, oldest first, and where the page before it begins."""

    messages: Sequence[Message]
    older_cursor: str | None
    version: int
    unread_from: uuid.UUID | None = None


def load_thread(conversation: Conversation, before: str | None = None) -> Thread:
    """The newest forty messages of a conversation, or the forty before a cursor."""
    query = with_parts(sa.select(Message)).where(*_of(conversation))
    if before:
        query = query.where(sa.tuple_(Message.occurred_at, Message.id) < place_of(before))
    rows = db.session.scalars(
        query.order_by(Message.occurred_at.desc(), Message.id.desc()).limit(MESSAGES + 1)
    ).all()
    older = rows[MESSAGES - 1] if len(rows) > MESSAGES else None
    messages = list(reversed(rows[:MESSAGES]))
    return Thread(
        messages,
        cursor_of(older.occurred_at, older.id) if older else None,
        conversation.version,
        _first_unread(conversation, messages),
    )


def load_changes(conversation: Conversation, since: int) -> Sequence[Message] | None:
    """Messages changed after version `since`, oldest first; None when that is more than a page should mend."""
    rows = db.session.scalars(
        with_parts(sa.select(Message))
        .where(*_of(conversation), Message.version > since)
        .order_by(Message.occurred_at, Message.id)
        .limit(MOST_CHANGES + 1)
    ).all()
    return rows if len(rows) <= MOST_CHANGES else None


def _of(conversation: Conversation) -> list[sa.ColumnElement[bool]]:
    return [
        Message.tenant_id == conversation.tenant_id,
        Message.conversation_id == conversation.id,
        Message.deleted_at.is_(None),
    ]


def _first_unread(conversation: Conversation, messages: Sequence[Message]) -> uuid.UUID | None:
    """The first of the last `unread_count` inbound messages on this page."""
    inbound = [message for message in messages if message.direction == "inbound"]
    count = min(conversation.unread_count, len(inbound))
    return inbound[-count].id if count else None
