"""Throwing a demo business away, with everything that is its own."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from crm_web.channels.models import Channel
from crm_web.core.db import Base, db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant


def clear(slugs: Iterable[str]) -> None:
    """Delete these tenants row by row, children first; their files stay in the store. Commits after each."""
    wanted = set(slugs)
    found = db.session.execute(sa.text("SELECT id, slug FROM all_tenants()")).all() if wanted else []
    for row in found:
        if row.slug in wanted:
            with as_tenant(row.id):
                _close_door(row.id)
                _delete(row.id)
                commit()


def _close_door(tenant_id: object) -> None:
    """Webhooks go on arriving: what refers to a channel waits from here on, and finds it gone."""
    channels = sa.select(Channel.id).where(Channel.tenant_id == tenant_id).order_by(Channel.id)
    db.session.execute(channels.with_for_update())


def _delete(tenant_id: object) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        column = table.columns.get("tenant_id") if table.name != "tenants" else table.columns["id"]
        if column is not None:
            db.session.execute(sa.delete(table).where(column == tenant_id))
