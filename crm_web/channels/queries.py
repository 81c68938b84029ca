"""Which channels may be seen."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.channels.models import Channel
from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id


def get_channel(channel_id: uuid.UUID, *, with_secrets: bool = False) -> Channel:
    """The tenant's channel, or NotFound. Secrets are loaded only for what needs them."""
    query = sa.select(Channel).where(
        Channel.tenant_id == current_tenant_id(), Channel.id == channel_id, Channel.deleted_at.is_(None)
    )
    if with_secrets:
        query = query.options(orm.undefer(Channel.credentials))
    channel = db.session.scalar(query)
    if channel is None:
        raise NotFound
    return channel


def list_channels() -> Sequence[Channel]:
    return db.session.scalars(
        sa.select(Channel)
        .where(Channel.tenant_id == current_tenant_id(), Channel.deleted_at.is_(None))
        .order_by(Channel.is_primary.desc(), Channel.name, Channel.id)
    ).all()
