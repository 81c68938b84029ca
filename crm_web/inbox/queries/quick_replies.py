"""Quick replies a person may use: their own, and everybody's."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import QuickReply

MOST = 20


def list_quick_replies() -> Sequence[QuickReply]:
    """All that this person may use, by shortcut; of two with one shortcut, their own first."""
    return db.session.scalars(_usable().order_by(sa.func.lower(QuickReply.shortcut), _shared())).all()


def search_quick_replies(text: str) -> Sequence[QuickReply]:
    """At most twenty whose shortcut begins with the text, or whose title or words hold it; accents do not matter.

    Shortcuts come first, then titles; among equals what is used most.
    """
    wanted = sa.func.fold(text)
    by_shortcut = sa.func.starts_with(sa.func.fold(QuickReply.shortcut), wanted)
    by_title = sa.func.strpos(sa.func.fold(QuickReply.title), wanted) > 0
    by_words = sa.func.strpos(sa.func.fold(QuickReply.body), wanted) > 0
    rank = sa.case((by_shortcut, 0), (by_title, 1), else_=2)
    query = _usable().where(QuickReply.is_active, sa.or_(by_shortcut, by_title, by_words))
    order = (rank, QuickReply.usage_count.desc(), sa.func.lower(QuickReply.shortcut), _shared())
    return db.session.scalars(query.order_by(*order).limit(MOST)).all()


def get_quick_reply(quick_reply_id: uuid.UUID) -> QuickReply:
    found = db.session.scalar(_usable().where(QuickReply.id == quick_reply_id))
    if found is None:
        raise NotFound
    return found


def _shared() -> sa.ColumnElement[bool]:
    return QuickReply.owner_id.is_(None)


def _usable() -> sa.Select[QuickReply]:
    return (
        sa.select(QuickReply)
        .options(orm.joinedload(QuickReply.file))
        .where(
            QuickReply.tenant_id == current_tenant_id(),
            QuickReply.deleted_at.is_(None),
            sa.or_(_shared(), QuickReply.owner_id == current_user.id),
        )
    )
