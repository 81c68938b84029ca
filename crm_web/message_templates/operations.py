"""Keeping our copy of the provider's templates: read all of them, take over what is there, put away what is gone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql as pg

from crm_web.channels import providers
from crm_web.channels.models import Channel
from crm_web.channels.normal import AccountChange, ProviderError
from crm_web.core.clock import now
from crm_web.core.db import db, new_id
from crm_web.core.tenancy import current_tenant_id
from crm_web.message_templates.models import MessageTemplate

FIELDS = (
    "message_template_status_update", "message_template_quality_update", "message_template_components_update",
    "template_category_update",
)  # fmt: skip
MOST_NAME = 512


def sync_templates(business_id: str) -> bool:
    """Make our copy of one WhatsApp business account's templates what Meta's is. True when Meta answered.

    All pages are read before anything is written, so an error changes nothing but what is remembered of it. One at a
    time per account.
    """
    _take_turn(business_id)
    channels = _channels_of(business_id)
    began = now()
    try:
        found = _ask(business_id, channels)
    except ProviderError as error:
        _remember(channels, began, error.sentence or str(error))
        return False
    rows = [row for one in found if (row := _row(business_id, one, began))]
    _write(rows)
    _put_away(business_id, began)
    _remember(channels, began, "")
    return True


def note_template_change(channel: Channel, change: AccountChange) -> None:
    """Meta says that a template changed: which way is read anew, so that no order of such news can mislead us."""
    if change.field in FIELDS and channel.business_id:
        db.session.execute(
            sa.update(Channel)
            .where(Channel.tenant_id == current_tenant_id(), Channel.business_id == channel.business_id)
            .values(templates_synced_at=None)
        )


def _take_turn(business_id: str) -> None:
    db.session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtextextended('templates:' || :tenant || :account, 0))"),
        {"tenant": str(current_tenant_id()), "account": business_id},
    )


def _channels_of(business_id: str) -> list[Channel]:
    """The numbers of the account, the one that can send first: its token asks."""
    found = db.session.scalars(
        sa.select(Channel)
        .options(orm.undefer(Channel.credentials))
        .where(
            Channel.tenant_id == current_tenant_id(),
            Channel.provider == "meta",
            Channel.business_id == business_id,
            Channel.deleted_at.is_(None),
        )
        .order_by(Channel.id)
    )
    return sorted(found, key=lambda channel: not channel.can_send)


def _ask(business_id: str, channels: list[Channel]) -> list[dict[str, Any]]:
    token = next((str((one.credentials or {}).get("token", "")) for one in channels), "")
    client = providers.adapter_for("meta").client
    found: list[dict[str, Any]] = client.templates(business_id, token)
    return found


def _row(business_id: str, one: dict[str, Any], at: datetime) -> dict[str, Any] | None:
    """A template as Meta describes it; its words for status and category stay as they are. None without a name."""
    name, language = (str(one.get(key) or "")[:MOST_NAME] for key in ("name", "language"))
    if not name or not language:
        return None
    quality, components = one.get("quality_score"), one.get("components")
    reason = str(one.get("rejected_reason") or "")
    return {
        "id": new_id(),
        "tenant_id": current_tenant_id(),
        "business_id": business_id,
        "name": name,
        "language": language,
        "external_id": str(one.get("id") or ""),
        "status": str(one.get("status") or "").upper(),
        "category": str(one.get("category") or "").upper(),
        "quality": str((quality.get("score") if isinstance(quality, dict) else quality) or ""),
        "rejected_reason": "" if reason == "NONE" else reason,
        "parameter_format": str(one.get("parameter_format") or "positional").lower(),
        "components": components if isinstance(components, list) else [],
        "synced_at": at,
        "deleted_at": None,
    }


def _write(rows: Iterable[dict[str, Any]]) -> None:
    """Each (name, language) once: the last of a page that names one twice counts."""
    unique = {(row["name"], row["language"]): row for row in rows}
    if not unique:
        return
    insert = pg.insert(MessageTemplate).values(list(unique.values()))
    keys = ("tenant_id", "business_id", "name", "language")
    new = {name: insert.excluded[name] for name in next(iter(unique.values())) if name not in ("id", *keys)}
    db.session.execute(
        insert.on_conflict_do_update(index_elements=keys, set_={**new, "updated_at": sa.func.now()}),
        execution_options={"synchronize_session": False},
    )


def _put_away(business_id: str, began: datetime) -> None:
    """What Meta no longer has: kept for the messages that were sent with it, shown and offered no more."""
    db.session.execute(
        sa.update(MessageTemplate)
        .where(
            MessageTemplate.tenant_id == current_tenant_id(),
            MessageTemplate.business_id == business_id,
            MessageTemplate.deleted_at.is_(None),
            sa.or_(MessageTemplate.synced_at.is_(None), MessageTemplate.synced_at < began),
        )
        .values(deleted_at=began),
        execution_options={"synchronize_session": False},
    )
    db.session.expire_all()


def _remember(channels: Iterable[Channel], at: datetime, error: str) -> None:
    """Of a failure, when and why; of a success, when."""
    for channel in channels:
        channel.health = {**channel.health, "templates": {"at": at.isoformat(), "error": error}}
        if not error:
            channel.templates_synced_at = at
