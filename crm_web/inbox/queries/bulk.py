"""Which conversations an action on many is about, asked anew for every batch and never wider than its person sees."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.filters import InboxFilter
from crm_web.inbox.models import Conversation, ConversationTag
from crm_web.inbox.queries.doors import visible_to
from crm_web.inbox.queries.lists import matching
from crm_web.team.models import User

FIRST = uuid.UUID(int=0)


def count_matching(asked: InboxFilter, user: User) -> int:
    """How many there are, all of them counted."""
    return int(
        db.session.scalar(sa.select(sa.func.count()).select_from(Conversation).where(*matching(asked, user)))
        or 0
    )


def next_matching(
    asked: InboxFilter, user: User, *, after: uuid.UUID, before: datetime, most: int
) -> Sequence[uuid.UUID]:
    """The next ids that match, in their order, of those that were there `before` the order was given."""
    return db.session.scalars(
        sa.select(Conversation.id)
        .where(*matching(asked, user), Conversation.id > after, Conversation.created_at <= before)
        .order_by(Conversation.id)
        .limit(most)
    ).all()


def load_seen(ids: Iterable[uuid.UUID], user: User) -> Sequence[Any]:
    """What an action must know of conversations it has locked, of those the person may see."""
    return db.session.execute(
        sa.select(
            Conversation.id,
            Conversation.channel_id,
            Conversation.is_open,
            Conversation.status,
            Conversation.assigned_to,
            Conversation.priority,
            Conversation.unread_count,
        ).where(*visible_to(user), Conversation.id.in_(list(ids)))
    ).all()


def tags_of(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The tags of these conversations; one without any is not there."""
    rows = db.session.execute(
        sa.select(ConversationTag.conversation_id, ConversationTag.tag)
        .where(
            ConversationTag.tenant_id == current_tenant_id(),
            ConversationTag.conversation_id.in_(list(ids)),
        )
        .order_by(ConversationTag.tag)
    )
    found: dict[uuid.UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.conversation_id, []).append(row.tag)
    return found
