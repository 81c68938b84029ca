"""Who handed a conversation to whom."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.inbox.models import Conversation, Transfer


def get_last_transfer(conversation: Conversation) -> Transfer:
    """The newest handing over of a conversation one may see, with who did it, or NotFound."""
    found = db.session.scalar(
        sa.select(Transfer)
        .where(Transfer.tenant_id == conversation.tenant_id, Transfer.conversation_id == conversation.id)
        .options(orm.joinedload(Transfer.author))
        .order_by(Transfer.created_at.desc(), Transfer.id.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound
    return found
