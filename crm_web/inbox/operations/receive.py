"""From the ledger of inbound events to conversations: everything a batch of events means, in one transaction.

Events of one tenant are worked on one transaction at a time (an advisory lock), so order and concurrency of
delivery change nothing. A batch that fails is tried again event by event, so one bad item never holds up its siblings.
What refers to a message we do not have yet waits in the ledger under that message's id.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog

from crm_web.channels import providers
from crm_web.channels.models import Channel, InboundEvent
from crm_web.channels.normal import (
    AccountChange,
    Echo,
    Edit,
    IdentityChange,
    InboundMessage,
    Preference,
    Reaction,
    Revoke,
    Status,
)
from crm_web.core.db import db
from crm_web.core.effects import commit, rollback
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.operations import accounts, arrivals, changes

BATCH = 200
GIVE_UP_AFTER = 5
log = structlog.get_logger(__name__)


@dataclass
class Told:
    """One normalised item with the event it came in and the channel it concerns."""

    event_id: uuid.UUID
    received_at: Any
    channel: Channel
    item: Any


@dataclass
class Outcome:
    """What is to be written into the ledger about a batch."""

    processed: list[uuid.UUID] = field(default_factory=list)
    waiting: dict[uuid.UUID, str | None] = field(default_factory=dict)


def process_events(limit: int = BATCH) -> int:
    """Work off up to `limit` pending events of the current tenant and commit; how many were taken."""
    try:
        taken = _process(_claim(limit))
        commit()
        return taken
    except sa.exc.OperationalError:
        rollback()
        raise
    except Exception as error:
        rollback()
        log.warning("batch_failed", error=type(error).__name__)
        return _one_by_one(limit)


def _one_by_one(limit: int) -> int:
    """The careful way: a transaction per event, and what still fails is kept with its error."""
    done = 0
    for _ in range(limit):
        rows = _claim(1)
        if not rows:
            break
        try:
            done += _process(rows)
            commit()
        except sa.exc.OperationalError:
            rollback()
            raise
        except Exception as error:
            rollback()
            _put_aside(rows[0].id, error)
            done += 1
    return done


def _put_aside(event_id: uuid.UUID, error: Exception) -> None:
    log.error("event_failed", event_id=str(event_id), exc_info=error)
    event = db.session.get_one(InboundEvent, event_id)
    event.attempts += 1
    event.error = f"{type(error).__name__}: {error}"[:2000].replace("\x00", "")
    event.state = "failed"
    commit()


def _claim(limit: int) -> Sequence[Any]:
    """The oldest pending events, locked; whoever comes second waits for the first and finds the rest."""
    db.session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended('inbox.events:' || :tenant, 0))"),
        {"tenant": str(current_tenant_id())},
    )
    return db.session.execute(
        sa.select(
            InboundEvent.id,
            InboundEvent.channel_id,
            InboundEvent.provider,
            InboundEvent.kind,
            InboundEvent.payload,
            InboundEvent.received_at,
        )
        .where(InboundEvent.tenant_id == current_tenant_id(), InboundEvent.state == "pending")
        .order_by(InboundEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()


def _process(rows: Sequence[Any]) -> int:
    if not rows:
        return 0
    outcome = Outcome(processed=[row.id for row in rows])
    told = _normalise(rows)
    accounts.apply([one for one in told if isinstance(one.item, Preference | IdentityChange)])
    mending = [one for one in told if _changes(one.item)]
    held = arrivals.apply([one for one in told if _arrives(one.item)], also=changes.conversations_of(mending))
    outcome.waiting = changes.apply(mending, held)
    accounts.note([one for one in told if isinstance(one.item, AccountChange)])
    _record(outcome)
    return len(rows)


def _arrives(item: Any) -> bool:
    """A customer did something, or we wrote from the telephone: it names the person whose conversation it is."""
    return isinstance(item, InboundMessage | Echo) or (isinstance(item, Reaction) and not item.from_business)


def _changes(item: Any) -> bool:
    """It names a message, and only by that the conversation."""
    return isinstance(item, Status | Edit | Revoke) or (isinstance(item, Reaction) and item.from_business)


def _normalise(rows: Sequence[Any]) -> list[Told]:
    channels = {
        channel.id: channel
        for channel in db.session.scalars(
            sa.select(Channel).where(Channel.id.in_({row.channel_id for row in rows if row.channel_id}))
        )
    }
    return [
        Told(row.id, row.received_at, channels[row.channel_id], item)
        for row in rows
        if row.channel_id in channels
        for item in providers.adapter_for(row.provider).normalise(row.kind, row.payload)
    ]


def _record(outcome: Outcome) -> None:
    db.session.execute(
        sa.text(
            "UPDATE inbound_events SET state = 'processed', processed_at = clock_timestamp(), error = NULL"
            " WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"
        ),
        {"tenant": current_tenant_id(), "ids": [i for i in outcome.processed if i not in outcome.waiting]},
    )
    if outcome.waiting:
        db.session.execute(
            sa.text(
                "UPDATE inbound_events e SET target = w.target,"
                " state = CASE WHEN w.target IS NULL THEN 'pending' ELSE 'waiting' END"
                " FROM unnest(CAST(:ids AS uuid[]), CAST(:targets AS text[])) AS w(id, target)"
                " WHERE e.tenant_id = :tenant AND e.id = w.id"
            ),
            {
                "tenant": current_tenant_id(),
                "ids": list(outcome.waiting),
                "targets": list(outcome.waiting.values()),
            },
        )
