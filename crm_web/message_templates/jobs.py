"""Every few hours, and soon after Meta said that something changed, our copy of the templates is read anew."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from crm_web.channels.models import Channel
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.core.ticks import ticks
from crm_web.message_templates.operations import sync_templates
from crm_web.message_templates.queries import list_accounts

STALE = timedelta(hours=6)
AFTER_FAILURE = timedelta(minutes=15)


@ticks("templates.sync", seconds=20)
def sync_stale() -> None:
    """The accounts whose copy is older than six hours, or was told to be outdated; a failure is given a rest."""
    tenants = db.session.scalars(sa.text("SELECT tenant_id FROM tenants_with_stale_templates()")).all()
    db.session.rollback()
    for tenant_id in tenants:
        with as_tenant(tenant_id):
            for business_id in sorted({one.business_id for one in list_accounts() if _is_due(one)}):
                sync_templates(business_id)
                commit()


def _is_due(channel: Channel) -> bool:
    if channel.status != "active":
        return False
    last = channel.health.get("templates") or {}
    if last.get("error") and datetime.fromisoformat(last["at"]) > now() - AFTER_FAILURE:
        return False
    return channel.templates_synced_at is None or channel.templates_synced_at < now() - STALE
