"""What rings: messages of customers one takes care of (or nobody does), and mentions, since a moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation, Mention, Message
from crm_web.inbox.queries.doors import visible_to

MOST = 10
# Transactions become visible later than the times they write: look back a little, the page knows what it has rung for.
OVERLAP = timedelta(seconds=15)


def list_unread_since(since: datetime) -> Sequence[Conversation]:
    """Mine or nobody's, with something unread of the customer's, changed after `since`; the newest first."""
    return db.session.scalars(
        sa.select(Conversation)
        .options(orm.joinedload(Conversation.lead))
        .where(
            *visible_to(current_user),
            Conversation.updated_at > since - OVERLAP,
            Conversation.is_open == sa.true(),
            Conversation.status != "snoozed",
            Conversation.unread_count > 0,
            Conversation.last_message_direction == "inbound",
            sa.or_(Conversation.assigned_to == current_user.id, Conversation.assigned_to.is_(None)),
        )
        .order_by(Conversation.updated_at.desc())
        .limit(MOST)
    ).all()


def list_mentions_since(since: datetime) -> Sequence[tuple[Mention, Message, Conversation]]:
    """Notes that name this person, written after `since`, where they may still read them."""
    rows = db.session.execute(
        sa.select(Mention, Message, Conversation)
        .join(Message, Message.id == Mention.message_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .options(orm.joinedload(Message.author), orm.joinedload(Conversation.lead))
        .where(
            Mention.tenant_id == current_tenant_id(),
            Mention.user_id == current_user.id,
            Mention.seen_at.is_(None),
            Mention.created_at > since - OVERLAP,
            *visible_to(current_user),
        )
        .order_by(Mention.created_at.desc())
        .limit(MOST)
    )
    return [(mention, message, conversation) for mention, message, conversation in rows]
