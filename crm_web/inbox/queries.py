"""What may be seen of the inbox: the door to a conversation, lists by tab, counts, pages of messages.

Pages are keyset pages: a cursor is the place of the last row seen, so page four thousand costs what page one does.
"""

from __future__ import annotations

import base64
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
from crm_web.inbox.models import Conversation, Message

TABS = ("mine", "unassigned", "all")
STATES = ("open", "closed")
ROWS = 30
MESSAGES = 40
MOST_CHANGES = 80
COUNT_TO = 1000


@dataclass(frozen=True)
class Page:
    items: Sequence[Conversation]
    next_cursor: str | None


@dataclass(frozen=True)
class Thread:
    """A page of a conversation, oldest first, and where the page before it begins."""

    messages: Sequence[Message]
    older_cursor: str | None
    version: int
    unread_from: uuid.UUID | None = None


def get_conversation(conversation_id: uuid.UUID) -> Conversation:
    """The conversation with its lead, channel and assignee, or NotFound: missing and forbidden are one thing."""
    conversation = db.session.scalar(
        _with_people(sa.select(Conversation)).where(
            Conversation.tenant_id == current_tenant_id(),
            Conversation.id == conversation_id,
            Conversation.deleted_at.is_(None),
        )
    )
    if conversation is None or not current_user.can("conversations.read"):
        raise NotFound
    return conversation


def get_message(message_id: uuid.UUID) -> Message:
    """A message of a conversation one may see, with all that is shown of it."""
    message = db.session.scalar(
        _with_parts(sa.select(Message)).where(
            Message.tenant_id == current_tenant_id(), Message.id == message_id
        )
    )
    if message is None:
        raise NotFound
    return message


def _with_people(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.options(
        orm.joinedload(Conversation.lead),
        orm.joinedload(Conversation.channel),
        orm.joinedload(Conversation.assignee),
        orm.joinedload(Conversation.last_author),
    )


def _with_parts(query: sa.Select[Any]) -> sa.Select[Any]:
    return query.options(
        orm.joinedload(Message.author),
        orm.joinedload(Message.file),
        orm.selectinload(Message.reactions),
        orm.joinedload(Message.quoted).options(orm.joinedload(Message.author), orm.joinedload(Message.file)),
    )


def list_conversations(tab: str, state: str, cursor: str | None = None) -> Page:
    """Thirty conversations of a tab, the last active first."""
    query = _with_people(sa.select(Conversation)).where(*_in_tab(tab, state))
    if cursor:
        query = query.where(sa.tuple_(Conversation.last_message_at, Conversation.id) < _place(cursor))
    rows = db.session.scalars(
        query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(ROWS + 1)
    ).all()
    more = len(rows) > ROWS
    return Page(rows[:ROWS], _cursor(rows[ROWS - 1].last_message_at, rows[ROWS - 1].id) if more else None)


def _in_tab(tab: str, state: str) -> list[sa.ColumnElement[bool]]:
    where: list[sa.ColumnElement[bool]] = [
        Conversation.tenant_id == current_tenant_id(),
        Conversation.deleted_at.is_(None),
        Conversation.is_open.is_(state == "open"),
    ]
    if tab == "mine":
        where.append(Conversation.assigned_to == current_user.id)
    elif tab == "unassigned":
        where.append(Conversation.assigned_to.is_(None))
    return where


def count_tabs(state: str) -> dict[str, int]:
    """How many conversations each tab holds, counted up to a thousand: beyond that nobody counts on it."""
    counts = [
        sa.select(sa.func.count())
        .select_from(sa.select(sa.literal(1)).where(*_in_tab(tab, state)).limit(COUNT_TO).subquery())
        .scalar_subquery()
        .label(tab)
        for tab in TABS
    ]
    return dict(db.session.execute(sa.select(*counts)).one()._mapping)


def count_unread() -> int:
    """Open conversations with something unread that are mine or nobody's: what waits in the rail."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count()).select_from(
                sa.select(sa.literal(1))
                .where(
                    *_in_tab("all", "open"),
                    Conversation.unread_count > 0,
                    sa.or_(Conversation.assigned_to == current_user.id, Conversation.assigned_to.is_(None)),
                )
                .limit(100)
                .subquery()
            )
        )
        or 0
    )


def load_thread(conversation: Conversation, before: str | None = None) -> Thread:
    """The newest forty messages of a conversation, or the forty before a cursor."""
    query = _with_parts(sa.select(Message)).where(*_of(conversation))
    if before:
        query = query.where(sa.tuple_(Message.occurred_at, Message.id) < _place(before))
    rows = db.session.scalars(
        query.order_by(Message.occurred_at.desc(), Message.id.desc()).limit(MESSAGES + 1)
    ).all()
    older = rows[MESSAGES - 1] if len(rows) > MESSAGES else None
    messages = list(reversed(rows[:MESSAGES]))
    return Thread(
        messages,
        _cursor(older.occurred_at, older.id) if older else None,
        conversation.version,
        _first_unread(conversation, messages),
    )


def load_changes(conversation: Conversation, since: int) -> Sequence[Message] | None:
    """Messages changed after version `since`, oldest first; None when that is more than a page should mend."""
    rows = db.session.scalars(
        _with_parts(sa.select(Message))
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


def inbox_pulse() -> str:
    """A word that changes whenever anything in the tenant's inbox does."""
    newest = db.session.scalar(
        sa.select(sa.func.max(Conversation.updated_at)).where(Conversation.tenant_id == current_tenant_id())
    )
    return newest.isoformat() if newest else ""


def _cursor(at: datetime, row_id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{row_id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> Any:
    """The row a cursor points at; a cursor that is none of ours is NotFound."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, row_id = text.split("|")
        return sa.tuple_(sa.literal(datetime.fromisoformat(at)), sa.literal(uuid.UUID(row_id)))
    except ValueError:
        raise NotFound from None
