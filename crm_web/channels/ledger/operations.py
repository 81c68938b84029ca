"""Working an event off once more: it becomes pending, and the ingest worker does the rest, with the same end as before."""

from __future__ import annotations

import sqlalchemy as sa
import structlog

from crm_web.channels.ledger.queries import Filter, matching
from crm_web.channels.models import InboundEvent
from crm_web.core.db import db
from crm_web.core.errors import DomainError
from crm_web.core.facts import announce
from crm_web.core.sentences import lazy
from crm_web.core.text import N_
from crm_web.team.models import User

MOST_AT_ONCE = 1000
log = structlog.get_logger(__name__)


class NothingToReplay(DomainError):
    """The event waits for its turn already, or belongs to no channel."""


def replay_event(event: InboundEvent, *, by: User) -> None:
    """Have one event worked off again, whatever became of it. Raises NothingToReplay."""
    db.session.refresh(event, with_for_update=True)
    if event.state == "pending" or event.channel_id is None:
        raise NothingToReplay(lazy(N_("Este evento ya está en espera de su turno.")))
    event.state, event.error = "pending", None
    announce("events.stored")
    log.info("event_replayed", by=str(by.id), event_id=str(event.id))


def replay_failed(chosen: Filter, *, by: User) -> int:
    """Have the failed events of a filter worked off again, a thousand at once, oldest first; how many they are."""
    failed = Filter("failed", chosen.kind, chosen.channel_id, chosen.text)
    some = (
        sa.select(InboundEvent.id)
        .where(*matching(failed))
        .order_by(InboundEvent.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    ids = db.session.scalars(
        sa.update(InboundEvent)
        .where(InboundEvent.id.in_(some))
        .values(state="pending", error=None)
        .returning(InboundEvent.id),
        execution_options={"synchronize_session": False},
    ).all()
    if ids:
        announce("events.stored")
        log.info("events_replayed", by=str(by.id), count=len(ids), **chosen.values())
    return len(ids)
