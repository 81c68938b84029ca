"""What files and late events mean for messages that are already shown."""

from __future__ import annotations

import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.inbox.operations import threads

NEWS_AT_ONCE = 200


def show_news() -> int:
    """Messages whose file changed state count as changed; returns how many files were told about."""
    given = {"tenant": current_tenant_id()}
    file_ids = db.session.scalars(
        sa.text(
            "SELECT id FROM files WHERE tenant_id = :tenant AND has_news ORDER BY id LIMIT 200 FOR UPDATE SKIP LOCKED"
        ),
        given,
    ).all()
    if not file_ids:
        return 0
    rows = db.session.execute(
        sa.text(
            "SELECT id, conversation_id FROM messages WHERE tenant_id = :tenant AND file_id = ANY(CAST(:ids AS uuid[]))"
        ),
        {**given, "ids": file_ids},
    ).all()
    locked = threads.lock(row.conversation_id for row in rows)
    for row in rows:
        db.session.execute(
            sa.text("UPDATE messages SET version = :version WHERE tenant_id = :tenant AND id = :id"),
            {**given, "id": row.id, "version": locked[row.conversation_id].next},
        )
    threads.bump(locked.values())
    db.session.execute(
        sa.text(
            "UPDATE files SET has_news = false WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))"
        ),
        {**given, "ids": file_ids},
    )
    threads.tell_changed(locked.values())
    return len(file_ids)


def release_arrived() -> None:
    """Events waiting for a message that is here by now are due again."""
    db.session.execute(
        sa.text(
            "UPDATE inbound_events SET state = 'pending' WHERE tenant_id = :tenant AND id IN ("
            "SELECT e.id FROM inbound_events e JOIN messages m ON m.tenant_id = e.tenant_id"
            " AND m.channel_id = e.channel_id AND m.external_id = e.target WHERE e.tenant_id = :tenant"
            " AND e.state = 'waiting' FOR UPDATE OF e SKIP LOCKED)"
        ),
        {"tenant": current_tenant_id()},
    )
