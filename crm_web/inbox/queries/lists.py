"""The list: thirty conversations of a tab at a time, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import current_user

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.models import Conversation
from crm_web.inbox.queries.cursors import cursor_of, place_of
from crm_web.inbox.queries.doors import visible_to, with_people

TABS = ("mine", "unassigned", "all")
STATES = ("open", "snoozed", "closed")
ROWS = 30
COUNT_TO = 1000


@dataclass(frozen=True)
class Page:
    items: Sequence[Conversation]
    next_cursor: str | None


def list_conversations(tab: str, state: str, cursor: str | None = None) -> Page:
    """Thirty conversations of a tab, the last active first."""
    query = with_people(sa.select(Conversation)).where(*_in_tab(tab, state))
    if cursor:
        query = query.where(sa.tuple_(Conversation.last_message_at, Conversation.id) < place_of(cursor))
    rows = db.session.scalars(
        query.order_by(Conversation.last_message_at.desc(), Conversation.id.desc()).limit(ROWS + 1)
    ).all()
    more = len(rows) > ROWS
    return Page(rows[:ROWS], cursor_of(rows[ROWS - 1].last_message_at, rows[ROWS - 1].id) if more else None)


def _in_tab(tab: str, state: str) -> list[sa.ColumnElement[bool]]:
    where = [*visible_to(current_user), *_in_state(state)]
    if tab == "mine":
        where.append(Conversation.assigned_to == current_user.id)
    elif tab == "unassigned":
        where.append(Conversation.assigned_to.is_(None))
    return where


def _in_state(state: str) -> list[sa.ColumnElement[bool]]:
    if state == "closed":
        return [Conversation.is_open == sa.false()]
    asleep = Conversation.status == "snoozed"
    return [Conversation.is_open == sa.true(), asleep if state == "snoozed" else ~asleep]


def count_tabs(state: str) -> dict[str, int]:
    """How many conversations each tab holds, counted up to a thousand: beyond that nobody counts on it."""
    counts = [
        sa.select(sa.func.count())
        .select_from(sa.select(sa.literal(1)).where(*_in_tab(tab, state)).limit(COUNT_TO).subquery())
        .scalar_subquery()
        .label(tab)
        for tab in TABS
    ]
    return dict(db.session.execute(sa.select(*counts)).one()._mapping)


def count_unread() -> int:
    """Open conversations with something unread that are mine or nobody's: what waits in the rail."""
    return int(
        db.session.scalar(
            sa.select(sa.func.count()).select_from(
                sa.select(sa.literal(1))
                .where(
                    *_in_tab("all", "open"),
                    Conversation.unread_count > 0,
                    sa.or_(Conversation.assigned_to == current_user.id, Conversation.assigned_to.is_(None)),
                )
                .limit(100)
                .subquery()
            )
        )
        or 0
    )


def inbox_pulse() -> str:
    """A word that changes whenever anything does that this person may see."""
    if current_user.can("conversations.all"):
        newest = db.session.scalar(
            sa.select(sa.func.max(Conversation.updated_at)).where(
                Conversation.tenant_id == current_tenant_id()
            )
        )
        return newest.isoformat() if newest else ""
    newest, count = db.session.execute(
        sa.select(sa.func.max(Conversation.updated_at), sa.func.count()).where(
            *visible_to(current_user), Conversation.is_open == sa.true()
        )
    ).one()
    return f"{newest.isoformat() if newest else ''} {count}"
