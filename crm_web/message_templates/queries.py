"""Which templates may be seen, and which may be sent."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crm_web.channels.models import Channel
from crm_web.core.db import db
from crm_web.core.errors import NotFound
from crm_web.core.tenancy import current_tenant_id
from crm_web.message_templates.models import MessageTemplate
from crm_web.message_templates.rendering import obstacle

MOST = 500


def get_template(template_id: uuid.UUID) -> MessageTemplate:
    """The tenant's template, or NotFound."""
    found = db.session.scalar(_mine().where(MessageTemplate.id == template_id))
    if found is None:
        raise NotFound
    return found


def list_templates() -> Sequence[MessageTemplate]:
    return db.session.scalars(
        _mine().order_by(MessageTemplate.name, MessageTemplate.language, MessageTemplate.id).limit(MOST)
    ).all()


def list_sendable(business_id: str) -> list[MessageTemplate]:
    """The approved templates of a WhatsApp business account that a conversation can send."""
    found = db.session.scalars(
        _mine()
        .where(MessageTemplate.business_id == business_id, MessageTemplate.status == "APPROVED")
        .order_by(MessageTemplate.name, MessageTemplate.language, MessageTemplate.id)
        .limit(MOST)
    )
    return [template for template in found if not obstacle(template)]


def list_accounts() -> Sequence[Channel]:
    """The numbers whose accounts have templates; several may share one account (`business_id`)."""
    return db.session.scalars(
        sa.select(Channel)
        .where(
            Channel.tenant_id == current_tenant_id(),
            Channel.provider == "meta",
            Channel.business_id != "",
            Channel.deleted_at.is_(None),
        )
        .order_by(Channel.business_id, Channel.is_primary.desc(), Channel.id)
    ).all()


def _mine() -> sa.Select[Any]:
    return sa.select(MessageTemplate).where(
        MessageTemplate.tenant_id == current_tenant_id(), MessageTemplate.deleted_at.is_(None)
    )
