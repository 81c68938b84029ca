"""What is scheduled in a conversation, and what became of it where somebody should know."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation, ScheduledMessage
from crm_web.inbox.queries.doors import visible_to

SHOWN = ("pending", "failed", "skipped")
MOST = 50


def get_scheduled(scheduled_id: uuid.UUID) -> ScheduledMessage:
    """A scheduled message of a conversation one may see, with its author, or NotFound."""
    found = db.session.scalar(
        sa.select(ScheduledMessage)
        .join(
            Conversation,
            sa.and_(
                Conversation.tenant_id == ScheduledMessage.tenant_id,
                Conversation.id == ScheduledMessage.conversation_id,
            ),
        )
        .where(
            ScheduledMessage.tenant_id == current_tenant_id(),
            ScheduledMessage.id == scheduled_id,
            *visible_to(current_user),
        )
        .options(orm.joinedload(ScheduledMessage.author))
    )
    if found is None:
        raise NotFound
    return found


def list_scheduled(conversation: Conversation) -> Sequence[ScheduledMessage]:
    """What waits, the next first, and before it what failed or was skipped and nobody has dismissed."""
    return db.session.scalars(
        sa.select(ScheduledMessage)
        .where(
            ScheduledMessage.tenant_id == conversation.tenant_id,
            ScheduledMessage.conversation_id == conversation.id,
            ScheduledMessage.state.in_(SHOWN),
        )
        .order_by(ScheduledMessage.state == "pending", ScheduledMessage.send_at, ScheduledMessage.id)
        .limit(MOST)
        .options(orm.joinedload(ScheduledMessage.author))
    ).all()
