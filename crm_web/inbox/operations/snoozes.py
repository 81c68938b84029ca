"""Out of sight until a moment, or until the customer writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from crm_web.core import live
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.sentences import lazy
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.inbox.models import Conversation
from crm_web.inbox.operations import threads
from crm_web.inbox.operations.answer import ConversationClosed, write_line
from crm_web.team.models import User

MORNING = time(9)
FARTHEST = timedelta(days=366)
AT_ONCE = 200
SPANS = ("hour", "tomorrow", "monday", "month")


class BadMoment(DomainError):
    """One snoozes into the future, and no further than a year."""


class Choice(NamedTuple):
    """One of the usual moments, worked out for now."""

    key: str
    until: datetime


def choices(zone: ZoneInfo, at: datetime | None = None) -> Iterator[Choice]:
    """The usual moments in the tenant's zone: in an hour, tomorrow at nine, Monday at nine, in a month."""
    return (Choice(span, moment_of(span, zone, at)) for span in SPANS)


def moment_of(span: str, zone: ZoneInfo, at: datetime | None = None) -> datetime:
    """When a span of `SPANS` that begins now ends, to the minute."""
    here = (at or now()).astimezone(zone)
    if span == "hour":
        return (here + timedelta(hours=1)).replace(second=0, microsecond=0)
    days = {"tomorrow": 1, "monday": 7 - here.weekday(), "month": _days_to_same_day_next_month(here.date())}
    return datetime.combine(here.date() + timedelta(days=days[span]), MORNING, zone)


def _days_to_same_day_next_month(day: date) -> int:
    """The same day of the next month, or the last it has."""
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return (first.replace(day=min(day.day, last.day)) - day).days


def snooze(conversation: Conversation, *, until: datetime | None, by: User) -> None:
    """Put the conversation aside until a moment, or, without one, until the customer writes.

    It wakes earlier when the customer writes or somebody answers. Raises BadMoment, ConversationClosed.
    """
    _require_reachable(until)
    thread = threads.lock_one(conversation)
    if not conversation.is_open:
        raise ConversationClosed(lazy(N_("La conversación está cerrada. Reábrela para posponerla.")))
    conversation.status = "snoozed"
    conversation.snoozed_until, conversation.snoozed_by = until, by.id
    conversation.unread_count = 0
    write_line(conversation, thread, "snoozed", by=by, until=until.isoformat() if until else None)


def _require_reachable(until: datetime | None) -> None:
    if until is None:
        return
    if until <= now():
        raise BadMoment(lazy(N_("Ese momento ya pasó. Elige uno que esté por venir.")))
    if until > now() + FARTHEST:
        raise BadMoment(lazy(N_("Se puede posponer hasta por un año. Elige un momento más cercano.")))


def wake(conversation: Conversation, *, by: User | None) -> None:
    """Bring a snoozed conversation back to whoever had it; anything else stays as it is."""
    thread = threads.lock_one(conversation)
    if conversation.status == "snoozed":
        _wake(conversation, thread, by)


def _wake(conversation: Conversation, thread: threads.Thread, by: User | None) -> None:
    conversation.status = "assigned" if conversation.assigned_to else "new"
    conversation.snoozed_until = conversation.snoozed_by = None
    write_line(conversation, thread, "woken", by=by)


def wake_due() -> int:
    """Wake what is due in this tenant; how many. Each comes back unread, and its assignee is told."""
    due = [
        Conversation.tenant_id == current_tenant_id(),
        Conversation.status == "snoozed",
        Conversation.snoozed_until <= now(),
    ]
    locked = threads.lock(db.session.scalars(sa.select(Conversation.id).where(*due).limit(AT_ONCE)).all())
    found = sa.select(Conversation).where(*due, Conversation.id.in_(locked))
    woken = db.session.scalars(found.execution_options(populate_existing=True)).all()
    for conversation in woken:
        _wake(conversation, locked[conversation.id], None)
        conversation.unread_count = max(conversation.unread_count, 1)
        if conversation.assigned_to:
            live.tell("woken", {"id": str(conversation.id)}, live.user_room(conversation.assigned_to))
    return len(woken)
