"""What the ledger says: hour by hour, state by state, event by event."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crm_web.channels.models import EVENT_STATES, Channel, InboundEvent
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id

ROWS = 50
HOURS = 48
WEEKS = 4
USUAL = 3  # of the four same hours before: then an hour without events is a gap
COUNT_TO = 1000
WITHIN = timedelta(days=30)
FEW = ("failed", "pending", "waiting")  # states with an index of their own
SEARCHED = ("dedupe_key", "target")

_HOURS = sa.text(
    """
    WITH hours AS (
        SELECT generate_series(date_trunc('hour', CAST(:at AS timestamptz)) - make_interval(hours => :hours - 1),
            date_trunc('hour', CAST(:at AS timestamptz)), interval '1 hour') AS hour
    ), counted AS (
        SELECT date_trunc('hour', received_at) AS hour, count(*) AS events,
            percentile_cont(0.95) WITHIN GROUP (ORDER BY extract(epoch FROM processed_at - received_at))
                FILTER (WHERE processed_at IS NOT NULL) AS lag
        FROM inbound_events
        WHERE tenant_id = :tenant AND received_at >= (SELECT min(hour) FROM hours)
        GROUP BY 1
    )
    SELECT h.hour, coalesce(c.events, 0) AS events, c.lag,
        CASE WHEN c.events IS NULL THEN (
            SELECT count(*) FROM generate_series(1, :weeks) AS w
            WHERE EXISTS (SELECT 1 FROM inbound_events e WHERE e.tenant_id = :tenant
                AND e.received_at >= h.hour - w * interval '7 days'
                AND e.received_at < h.hour - w * interval '7 days' + interval '1 hour')
        ) ELSE 0 END AS usual
    FROM hours h LEFT JOIN counted c USING (hour) ORDER BY h.hour
    """
)


@dataclass(frozen=True)
class Hour:
    """`lag` is the 95th percentile of seconds from received to processed; None when nothing was processed."""

    at: datetime
    events: int
    lag: float | None
    is_gap: bool


@dataclass(frozen=True)
class Filter:
    state: str = ""
    kind: str = ""
    channel_id: uuid.UUID | None = None
    text: str = ""

    def values(self) -> dict[str, Any]:
        """As an address carries it."""
        given = {
            "state": self.state,
            "kind": self.kind,
            "channel": str(self.channel_id or ""),
            "q": self.text,
        }
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Page:
    items: Sequence[tuple[InboundEvent, str | None]]
    next_cursor: str | None


def list_hours() -> list[Hour]:
    """The last forty-eight hours, oldest first; an hour that has only begun is no gap."""
    rows = db.session.execute(
        _HOURS, {"at": now(), "tenant": current_tenant_id(), "hours": HOURS, "weeks": WEEKS}
    ).all()
    return [
        Hour(row.hour, row.events, row.lag, row.usual >= USUAL and number < len(rows) - 1)
        for number, row in enumerate(rows)
    ]


def count_states() -> dict[str, int]:
    """How many events are in each state, up to a thousand: of the settled ones, those of the last two days."""
    recent = InboundEvent.received_at > now() - timedelta(hours=HOURS)
    counts = [
        sa.select(sa.func.count())
        .select_from(
            sa.select(sa.literal(1))
            .where(
                InboundEvent.tenant_id == current_tenant_id(),
                InboundEvent.state == sa.literal_column(f"'{state}'"),
                *([recent] if state in ("processed", "ignored") else []),
            )
            .limit(COUNT_TO)
            .subquery()
        )
        .scalar_subquery()
        .label(state)
        for state in EVENT_STATES
    ]
    return dict(db.session.execute(sa.select(*counts)).one()._mapping)


def list_events(chosen: Filter, cursor: str | None = None, *, most: int = ROWS) -> Page:
    """Fifty events with their channel's name, the newest first."""
    query = _with_channel().where(*matching(chosen))
    if cursor:
        query = query.where(sa.tuple_(InboundEvent.received_at, InboundEvent.id) < _place_of(cursor))
    rows = db.session.execute(
        query.order_by(InboundEvent.received_at.desc(), InboundEvent.id.desc()).limit(most + 1)
    ).all()
    items = [(row[0], row[1]) for row in rows[:most]]
    return Page(items, _cursor_of(items[-1][0]) if len(rows) > most else None)


def get_event(event_id: uuid.UUID) -> tuple[InboundEvent, str | None]:
    """An event with its channel's name, or NotFound."""
    found = db.session.execute(
        _with_channel().where(InboundEvent.tenant_id == current_tenant_id(), InboundEvent.id == event_id)
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def matching(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    """The conditions of a filter. What few events may match is looked for in the last thirty days, not in the whole ledger."""
    where: list[sa.ColumnElement[bool]] = [InboundEvent.tenant_id == current_tenant_id()]
    if chosen.state:
        where.append(InboundEvent.state == sa.literal_column(f"'{chosen.state}'"))
    if chosen.kind:
        where.append(InboundEvent.kind == chosen.kind)
    if chosen.channel_id:
        where.append(InboundEvent.channel_id == chosen.channel_id)
    if chosen.text:
        inside = (getattr(InboundEvent, name).contains(chosen.text, autoescape=True) for name in SEARCHED)
        where.append(sa.or_(*inside))
    if chosen.values() and chosen.state not in FEW:
        where.append(InboundEvent.received_at > now() - WITHIN)
    return where


def _with_channel() -> Any:
    """Events with their channel's name, where they have one."""
    name: sa.ColumnElement[str | None] = sa.type_coerce(Channel.name, sa.Text)
    same = sa.and_(Channel.tenant_id == InboundEvent.tenant_id, Channel.id == InboundEvent.channel_id)
    return sa.select(InboundEvent, name).outerjoin(Channel, same)


def _cursor_of(event: InboundEvent) -> str:
    return (
        base64.urlsafe_b64encode(f"{event.received_at.isoformat()}|{event.id}".encode()).decode().rstrip("=")
    )


def _place_of(cursor: str) -> Any:
    try:
        at, event_id = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        return sa.tuple_(sa.literal(datetime.fromisoformat(at)), sa.literal(uuid.UUID(event_id)))
    except ValueError:
        raise NotFound from None
