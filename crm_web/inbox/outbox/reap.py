"""Messages whose sender died holding the lease."""

from __future__ import annotations

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.models import OutboxItem
from crm_web.inbox.operations import threads


def reap() -> int:
    """Messages whose sender died holding the lease: they may have been sent, so they become unconfirmed."""
    reaped = 0
    tenants = db.session.scalars(sa.text("SELECT tenant_id FROM tenants_with_dead_leases()")).all()
    db.session.rollback()
    for tenant_id in tenants:
        with as_tenant(tenant_id):
            reaped += _reap_tenant()
            commit()
    return reaped


def _reap_tenant() -> int:
    dead = (OutboxItem.state == "sending", OutboxItem.lease_until < sa.func.now())
    locked = threads.lock(db.session.scalars(sa.select(OutboxItem.conversation_id).where(*dead)).all())
    rows = db.session.execute(
        sa.delete(OutboxItem)
        .where(*dead, OutboxItem.conversation_id.in_(list(locked)))
        .returning(OutboxItem.message_id, OutboxItem.conversation_id),
        execution_options={"synchronize_session": False},
    ).all()
    for row in rows:
        db.session.execute(
            sa.text(
                "UPDATE messages SET status = 'unconfirmed', version = :version"
                " WHERE id = :id AND status IN ('queued', 'sending')"
            ),
            {"id": row.message_id, "version": locked[row.conversation_id].next},
        )
    threads.bump(locked.values())
    threads.follow_last_message(locked)
    threads.tell_changed(locked.values())
    return len(rows)
