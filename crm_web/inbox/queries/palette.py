"""Conversations found by the palette."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from flask_login import current_user

from crm_web.core.db import db
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries.doors import visible_to, with_people
from crm_web.leads.models import Lead

FOUND = 8


def find_conversations(words: str) -> Sequence[Conversation]:
    """Conversations whose customer's name has a word that begins so, or whose telephone holds these digits."""
    name = _literal(words.strip())
    known = Lead.first_name + " " + Lead.last_name + " " + Lead.profile_name
    wanted = [(" " + known).ilike(f"% {name}%", escape="\\")]
    digits = "".join(letter for letter in words if letter.isdecimal())
    if len(digits) >= 4:
        wanted.append(Lead.phone.like(f"%{digits}%"))
    return _shown(sa.or_(*wanted), FOUND)


def list_recent(ids: Collection[uuid.UUID]) -> Sequence[Conversation]:
    """Those of these conversations that one may still see, in the order they were named."""
    found = {conversation.id: conversation for conversation in _shown(Conversation.id.in_(ids), FOUND)}
    return [found[one] for one in ids if one in found]


def _shown(which: sa.ColumnElement[bool], most: int) -> Sequence[Conversation]:
    return db.session.scalars(
        with_people(sa.select(Conversation).join(Lead, Lead.id == Conversation.lead_id))
        .where(*visible_to(current_user), which)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(most)
    ).all()


def _literal(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
