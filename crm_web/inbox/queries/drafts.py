"""What the person who looks has begun to write."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa
from flask_login import current_user

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation, Draft, Mention
from crm_web.inbox.queries.doors import visible_to
from crm_web.inbox.queries.mentions import unseen_by

MOST = 500
WORDS = 140


class Own(NamedTuple):
    """What is one's own in a conversation: the draft, and whether a mention waits to be seen."""

    draft: Draft | None
    mentioned: bool


def load_own(conversation: Conversation) -> Own:
    """Both in one query, for every opening of a conversation asks it."""
    mentioned = sa.exists().where(*unseen_by(current_user), Mention.conversation_id == conversation.id)
    one_row = sa.select(sa.literal(1)).subquery()
    mine = sa.and_(*_mine(), Draft.conversation_id == conversation.id)
    row = db.session.execute(sa.select(Draft, mentioned).select_from(one_row).outerjoin(Draft, mine)).one()
    return Own(row[0], bool(row[1]))


def list_drafts() -> dict[str, str]:
    """Conversation ids and the first words of one's draft there, the newest five hundred."""
    rows = db.session.execute(
        sa.select(Draft.conversation_id, sa.func.left(Draft.body, WORDS))
        .join(Conversation, Conversation.id == Draft.conversation_id)
        .where(*_mine(), *visible_to(current_user))
        .order_by(Draft.updated_at.desc())
        .limit(MOST)
    )
    return {str(conversation_id): " ".join(body.split()) for conversation_id, body in rows}


def _mine() -> list[sa.ColumnElement[bool]]:
    return [Draft.tenant_id == current_tenant_id(), Draft.user_id == current_user.id]
