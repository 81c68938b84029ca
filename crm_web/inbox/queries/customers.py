"""What the inbox knows of a person besides the open conversation: the others, and what was sent in them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.files.models import File
from crm_web.inbox.models import Conversation, Message
from crm_web.inbox.queries.cursors import cursor_of, place_of
from crm_web.inbox.queries.doors import visible_to
from crm_web.leads.models import Lead
from crm_web.team.models import User

OTHERS = 10
NEWEST_FILES = 8
FILES = 24


@dataclass(frozen=True)
class Files:
    """Files of a person, the newest first, and where the next page begins."""

    items: Sequence[File]
    next_cursor: str | None


def list_conversations_of(lead_id: uuid.UUID, besides: uuid.UUID | None = None) -> Sequence[Conversation]:
    """This person's conversations one may see, on every channel, the last active first; at most ten."""
    query = sa.select(Conversation).where(*visible_to(current_user), Conversation.lead_id == lead_id)
    if besides:
        query = query.where(Conversation.id != besides)
    return db.session.scalars(
        query.options(orm.joinedload(Conversation.channel), orm.joinedload(Conversation.last_author))
        .order_by(Conversation.last_message_at.desc(), Conversation.id)
        .limit(OTHERS)
    ).all()


def list_files_of(lead_id: uuid.UUID, before: str | None = None, most: int = FILES) -> Files:
    """What came and went in this person's conversations one may see, as far as its bytes are here."""
    seen = (
        sa.exists()
        .where(
            Message.tenant_id == File.tenant_id,
            Message.file_id == File.id,
            Message.deleted_at.is_(None),
            Conversation.id == Message.conversation_id,
            *visible_to(current_user),
        )
        .correlate(File)
    )
    query = sa.select(File).where(
        File.tenant_id == current_tenant_id(),
        File.lead_id == lead_id,
        File.state == "ready",
        File.deleted_at.is_(None),
        File.kind != "sticker",
        seen,
    )
    if before:
        query = query.where(sa.tuple_(File.created_at, File.id) < place_of(before))
    rows = db.session.scalars(query.order_by(File.created_at.desc(), File.id.desc()).limit(most + 1)).all()
    more = len(rows) > most
    return Files(rows[:most], cursor_of(rows[most - 1].created_at, rows[most - 1].id) if more else None)


def talks_with(user: User) -> sa.ColumnElement[bool]:
    """Whether this person may see a conversation with the lead: what lets them see the lead."""
    return sa.exists().where(Conversation.lead_id == Lead.id, *visible_to(user)).correlate(Lead)
