"""Who may be named in a note, and who was and has not seen it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation, Mention
from crm_web.inbox.queries.doors import visible_to
from crm_web.team.models import User
from crm_web.team.queries import list_colleagues

COUNT_TO = 100


def list_who_may_see(conversation: Conversation) -> Sequence[User]:
    """Active colleagues who may open this conversation, by name: the same rule as `visible_to`, asked about others."""
    readers = list_colleagues("conversations.read")
    seeing = {user.id for user in list_colleagues("conversations.all")} | {conversation.assigned_to}
    if conversation.assigned_to is None:
        seeing |= {user.id for user in list_colleagues("conversations.unassigned")}
    return [user for user in readers if user.id in seeing]


def count_unseen_mentions(user: User) -> int:
    """Conversations this person may see in which a mention waits for them, counted up to a hundred."""
    waiting = (
        sa.select(Mention.conversation_id)
        .join(Conversation, Conversation.id == Mention.conversation_id)
        .where(*unseen_by(user), *visible_to(user))
        .distinct()
        .limit(COUNT_TO)
    )
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0)


def unseen_by(user: User) -> list[sa.ColumnElement[bool]]:
    """What is true of a mention that waits for this person; its index is made for exactly this."""
    return [
        Mention.tenant_id == current_tenant_id(),
        Mention.user_id == user.id,
        Mention.seen_at.is_(None),
    ]
