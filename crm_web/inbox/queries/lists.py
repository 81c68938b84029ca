"""The list: thirty conversations of a filter at a time, in its order, and how many there are."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from flask_login import current_user

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.filters import TABS, InboxFilter
from crm_web.inbox.models import PRIORITIES, Conversation, ConversationTag, Mention
from crm_web.inbox.queries.doors import visible_to, with_people
from crm_web.inbox.queries.orders import ORDERS, closes_within, cursor_after, place_in
from crm_web.team.models import User

ROWS = 30
COUNT_TO = 1000
VIEW_COUNT_TO = 100


@dataclass(frozen=True)
class Page:
    items: Sequence[Conversation]
    next_cursor: str | None


def list_conversations(asked: InboxFilter, cursor: str | None = None) -> Page:
    """Thirty conversations that match, in the order asked for. A cursor of another order is NotFound."""
    order = ORDERS[asked.order]
    query = with_people(sa.select(Conversation)).where(*matching(asked, current_user))
    if cursor:
        query = query.where(order.after(place_in(asked.order, cursor)))
    rows = db.session.scalars(query.order_by(*order.sorting).limit(ROWS + 1)).all()
    more = len(rows) > ROWS
    return Page(rows[:ROWS], cursor_after(asked.order, rows[ROWS - 1]) if more else None)


def matching(asked: InboxFilter, user: User) -> list[sa.ColumnElement[bool]]:
    """Everything this person may see of what is asked for."""
    return [
        *visible_to(user),
        *_in_state(asked.state),
        *_in_tab(asked.tab, user),
        *ORDERS[asked.order].only(),
        *_chosen(asked),
    ]


def _in_tab(tab: str, user: User) -> Iterator[sa.ColumnElement[bool]]:
    if tab == "mine":
        yield Conversation.assigned_to == user.id
    elif tab == "unassigned":
        yield Conversation.assigned_to.is_(None)
    elif tab == "mentions":
        yield Conversation.id.in_(
            sa.select(Mention.conversation_id).where(
                Mention.tenant_id == current_tenant_id(),
                Mention.user_id == user.id,
                Mention.seen_at.is_(None),
            )
        )


def _in_state(state: str) -> list[sa.ColumnElement[bool]]:
    if state == "closed":
        return [Conversation.is_open == sa.false()]
    asleep = Conversation.status == "snoozed"
    return [Conversation.is_open == sa.true(), asleep if state == "snoozed" else ~asleep]


def _chosen(asked: InboxFilter) -> Iterator[sa.ColumnElement[bool]]:
    """What narrows it, in the words of the indexes: a literal zero is what the index of the unread is made for."""
    if asked.unread:
        yield Conversation.unread_count > sa.literal_column("0")
    if asked.unanswered:
        yield Conversation.waiting_since.is_not(None)
    if asked.closing:
        yield from closes_within(asked.closing)
    if asked.priority:
        yield Conversation.priority_rank.in_([PRIORITIES.index(priority) for priority in asked.priority])
    if asked.status:
        yield Conversation.status.in_(asked.status)
    yield from _whose(asked)


def _whose(asked: InboxFilter) -> Iterator[sa.ColumnElement[bool]]:
    if asked.channel:
        yield Conversation.channel_id == asked.channel
    if asked.assignee:
        yield Conversation.assigned_to == asked.assignee
    if asked.tag:
        yield sa.exists().where(
            ConversationTag.tenant_id == current_tenant_id(),
            ConversationTag.conversation_id == Conversation.id,
            ConversationTag.tag == asked.tag,
        )


def count_lists(asked: InboxFilter, views: Mapping[uuid.UUID, InboxFilter]) -> dict[str, int]:
    """How many conversations each tab of the filter holds, counted up to a thousand, and each view, up to a hundred.

    Beyond that nobody counts on it. A view's count stands under its id.
    """
    counts = [_count(asked.but(tab=tab), tab, COUNT_TO) for tab in TABS]
    counts += [_count(filter_, str(view_id), VIEW_COUNT_TO) for view_id, filter_ in views.items()]
    return dict(db.session.execute(sa.select(*counts)).one()._mapping)


def _count(asked: InboxFilter, name: str, most: int) -> sa.Label[int]:
    """Counted along the list's own index: in no order the planner would begin anywhere in everybody's rows."""
    found = sa.select(sa.literal(1)).where(*matching(asked, current_user))
    walked = found.order_by(*ORDERS[asked.order].sorting).limit(most)
    return sa.select(sa.func.count()).select_from(walked.subquery()).scalar_subquery().label(name)


def count_unread() -> int:
    """Open conversations with something unread that are mine or nobody's: what waits in the rail."""
    found = sa.select(sa.literal(1)).where(
        *matching(InboxFilter(unread=True), current_user),
        sa.or_(Conversation.assigned_to == current_user.id, Conversation.assigned_to.is_(None)),
    )
    counted = sa.select(sa.func.count()).select_from(found.limit(100).subquery())
    return int(db.session.scalar(counted) or 0)


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
