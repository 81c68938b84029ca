"""Conversations the palette shows before anything is typed."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from flask_login import current_user

from crm_web.core.db import db
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries.doors import visible_to, with_people

RECENT = 8


def list_recent(ids: Collection[uuid.UUID]) -> Sequence[Conversation]:
    """Those of these conversations that one may still see, in the order they were named."""
    query = with_people(sa.select(Conversation)).where(*visible_to(current_user), Conversation.id.in_(ids))
    found = {conversation.id: conversation for conversation in db.session.scalars(query)}
    return [found[one] for one in ids if one in found]
