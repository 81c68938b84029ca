"""What the inbox does later: work off the ledger, send the outbox, hear of files that arrived, reap dead leases."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.jobs import answers
from crm_web.core.tenancy import as_tenant
from crm_web.core.ticks import ticks
from crm_web.inbox import outbox
from crm_web.inbox.operations import bulk_jobs, files, nudge_waiting, process_events, schedule, wake_due

_courier: outbox.Courier | None = None


@answers("inbox.events", queue="ingest", linger=0.01)
def drain_events() -> int:
    """A batch of pending events of every tenant that has some, each in a transaction of its own."""
    tenants = db.session.scalars(sa.text("SELECT tenant_id FROM tenants_with_pending_events()")).all()
    db.session.rollback()
    taken = 0
    for tenant_id in tenants:
        with as_tenant(tenant_id):
            taken += process_events()
    return taken


@answers("inbox.outbox", queue="work")
def drain_outbox() -> int:
    """Send what is due; the courier and its connections live as long as the process."""
    global _courier  # noqa: PLW0603 - one courier per process
    _courier = _courier or outbox.Courier()
    return _courier.run()


@answers("inbox.files", queue="ingest")
def drain_file_news() -> int:
    """Messages whose file arrived, or was refused, count as changed."""
    tenants = db.session.scalars(sa.text("SELECT tenant_id FROM tenants_with_file_news()")).all()
    db.session.rollback()
    told = 0
    for tenant_id in tenants:
        with as_tenant(tenant_id):
            told += files.show_news()
            commit()
    return told


@answers("inbox.bulk", queue="work")
def drain_bulk() -> int:
    """The next batch of every action on many that is under way."""
    return bulk_jobs.run_some()


@ticks("inbox.reap", seconds=5)
def reap_leases() -> None:
    outbox.reap()


@ticks("inbox.waiting", seconds=30)
def retry_waiting() -> None:
    """Events that wait for a message which is here by now (it came by a road that did not call them)."""
    tenants = db.session.scalars(sa.text("SELECT tenant_id FROM tenants_with_waiting_events()")).all()
    db.session.rollback()
    for tenant_id in tenants:
        with as_tenant(tenant_id):
            files.release_arrived()
            commit()


@ticks("inbox.snoozes", seconds=5)
def wake_snoozed() -> None:
    """Conversations put aside until a moment that has come."""
    for tenant_id in _tenants("SELECT tenant_id FROM tenants_with_due_snoozes()"):
        with as_tenant(tenant_id):
            wake_due()
            commit()


@ticks("inbox.nudges", seconds=30)
def nudge() -> None:
    """Customers nobody answered, where the business writes to them before the window closes."""
    for tenant_id in _tenants("SELECT tenant_id FROM tenants_that_nudge()"):
        with as_tenant(tenant_id):
            nudge_waiting()
            commit()


@ticks("inbox.schedules", seconds=2)
def send_scheduled() -> None:
    """What was written to be sent later, and whose time has come."""
    for tenant_id in _tenants("SELECT tenant_id FROM tenants_with_due_schedules()"):
        with as_tenant(tenant_id):
            schedule.send_due()


def _tenants(question: str) -> Sequence[uuid.UUID]:
    found = db.session.scalars(sa.text(question)).all()
    db.session.rollback()
    return found
