"""The doors of the inbox: load, fence, authorise, or NotFound; missing and forbidden are one thing."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask_login import current_user
from sqlalchemy import orm

from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.files.models import File
from crm_web.inbox.models import Conversation, Message
from crm_web.team.models import User


def visible_to(user: User) -> list[sa.ColumnElement[bool]]:
    """What every question about conversations begins with: this tenant's, and of those the ones this person may see.

    One's own always; those of nobody with `conversations.unassigned`; everybody's with `conversations.all`.
    """
    fence = [Conversation.tenant_id == current_tenant_id(), Conversation.deleted_at.is_(None)]
    if not user.can("conversations.read"):
        return [*fence, sa.false()]
    if user.can("conversations.all"):
        return fence
    mine = Conversation.assigned_to == user.id
    if user.can("conversations.unassigned"):
        return [*fence, sa.or_(mine, Conversation.assigned_to.is_(None))]
    return [*fence, mine]


def get_conversation(conversation_id: uuid.UUID) -> Conversation:
    """The conversation with its lead, channel, assignee and tags, or NotFound."""
    conversation = db.session.scalar(
        with_people(sa.select(Conversation)).where(
            *visible_to(current_user), Conversation.id == conversation_id
        )
    )
    if conversation is None:
        raise NotFound
    return conversation


def get_message(message_id: uuid.UUID) -> Message:
    """A message of a conversation one may see, with all that is shown of it, or NotFound."""
    message = db.session.scalar(
        with_parts(sa.select(Message))
        .join(Message.conversation)
        .where(
            Message.tenant_id == current_tenant_id(),
            Message.id == message_id,
            *visible_to(current_user),
        )
    )
    if message is None:
        raise NotFound
    return message


def sees_file(file: File) -> bool:
    """Whether the signed-in person may see a file: by a conversation it was sent in, or because they brought it."""
    if current_user.can("conversations.all") or file.uploaded_by == current_user.id or file.lead_id is None:
        return True
    sent = (
        sa.select(Message.id)
        .join(Message.conversation)
        .where(
            Message.tenant_id == current_tenant_id(), Message.file_id == file.id, *visible_to(current_user)
        )
    )
    return db.session.scalar(sa.select(sent.exists())) or False


def with_people(query: sa.Select[Any]) -> sa.Select[Any]:
    """Everything a row of the list or the head of a thread shows, in one query however many rows."""
    return query.options(
        orm.joinedload(Conversation.lead),
        orm.joinedload(Conversation.channel),
        orm.joinedload(Conversation.assignee),
        orm.joinedload(Conversation.last_author),
        orm.undefer(Conversation.tags),
    )


def with_parts(query: sa.Select[Any]) -> sa.Select[Any]:
    """Everything a bubble shows."""
    return query.options(
        orm.joinedload(Message.author),
        orm.joinedload(Message.file),
        orm.selectinload(Message.reactions),
        orm.joinedload(Message.quoted).options(orm.joinedload(Message.author), orm.joinedload(Message.file)),
    )
