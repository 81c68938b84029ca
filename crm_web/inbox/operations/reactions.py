"""Reactions: each author's newest word on each message, whatever order the words come in."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from crm_web.channels.normal import Reaction
from crm_web.core.db import db, new_id
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Reaction as ReactionRow

CUSTOMER, BUSINESS = "customer", "business"


def row_of(item: Reaction, conversation_id: uuid.UUID, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "tenant_id": current_tenant_id(),
        "conversation_id": conversation_id,
        "target": item.target,
        "author_key": BUSINESS if item.from_business else CUSTOMER,
        "emoji": item.emoji or "",
        "reacted_at": at,
        "external_id": item.external_id,
    }


def keep(rows: Sequence[dict[str, Any]]) -> None:
    """Write each row unless a newer word of its author on its message is here."""
    statement = pg.insert(ReactionRow)
    newer = sa.tuple_(statement.excluded.reacted_at, statement.excluded.external_id) > sa.tuple_(
        ReactionRow.reacted_at, ReactionRow.external_id
    )
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "conversation_id", "target", "author_key"],
            set_={name: statement.excluded[name] for name in ("emoji", "reacted_at", "external_id")},
            where=newer,
        ),
        list(rows),
    )
