"""Channels with their sealed credentials, and the ledger of everything providers told us."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.clock import now
from crm_web.core.crypto import Sealed
from crm_web.core.db import Row, TenantRow, inside, one_of, own_key

KINDS = ("whatsapp", "sms", "telegram", "email", "web", "instagram", "facebook", "voice")
PROVIDERS = ("meta", "wppconnect", "twilio", "telegram", "smtp", "web")
STATUSES = ("active", "inactive", "disconnected", "error", "pending")
EVENT_STATES = ("pending", "processed", "waiting", "ignored", "failed")


class Channel(TenantRow):
    """One account at one provider. `account_id` is the provider's own id of it (Meta: phone number id)."""

    __tablename__ = "channels"
    __table_args__ = (
        own_key(),
        one_of("kind", KINDS),
        one_of("provider", PROVIDERS),
        one_of("status", STATUSES),
        sa.Index(
            "uq_channels_account",
            "provider",
            "account_id",
            unique=True,
            postgresql_where=sa.text("deleted_at IS NULL"),
        ),
        sa.Index(None, "provider", "business_id"),
        sa.CheckConstraint("rate_limit_per_minute > 0", name="rate"),
        sa.CheckConstraint("daily_message_limit > 0", name="daily"),
        inside("owner_user_id", "users"),
    )

    kind: orm.Mapped[str]
    provider: orm.Mapped[str]
    name: orm.Mapped[str]
    address: orm.Mapped[str]
    account_id: orm.Mapped[str]
    business_id: orm.Mapped[str] = orm.mapped_column(default="")
    portfolio_id: orm.Mapped[str] = orm.mapped_column(default="")
    owner_user_id: orm.Mapped[uuid.UUID | None]
    credentials: orm.Mapped[dict[str, Any] | None] = orm.mapped_column(Sealed, deferred=True)
    status: orm.Mapped[str] = orm.mapped_column(default="pending")
    last_error: orm.Mapped[str | None]
    last_error_at: orm.Mapped[datetime | None]
    last_connected_at: orm.Mapped[datetime | None]
    health: orm.Mapped[dict[str, Any]] = orm.mapped_column(default=dict)
    daily_message_limit: orm.Mapped[int] = orm.mapped_column(default=1000)
    rate_limit_per_minute: orm.Mapped[int] = orm.mapped_column(default=4800)
    timezone: orm.Mapped[str | None]
    business_hours: orm.Mapped[dict[str, Any] | None]
    auto_reply: orm.Mapped[bool] = orm.mapped_column(default=False)
    is_primary: orm.Mapped[bool] = orm.mapped_column(default=False)
    send_clock: orm.Mapped[datetime | None]
    messages_sent: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, default=0)
    messages_received: orm.Mapped[int] = orm.mapped_column(sa.BigInteger, default=0)
    last_message_at: orm.Mapped[datetime | None]
    templates_synced_at: orm.Mapped[datetime | None]
    deleted_at: orm.Mapped[datetime | None]

    @property
    def can_send(self) -> bool:
        return self.status in ("active", "pending") and self.deleted_at is None


class InboundEvent(Row):
    """One fact a provider told us, raw, kept before anybody is told: the idempotency ledger.

    `dedupe_key` is equal for redeliveries of one fact. Facts for accounts no tenant has connected keep
    an empty `tenant_id`, so no tenant sees them and nothing is dropped.
    """

    __tablename__ = "inbound_events"
    __table_args__ = (
        one_of("state", EVENT_STATES),
        inside("channel_id", "channels"),
        sa.UniqueConstraint("provider", "account", "kind", "dedupe_key"),
        sa.Index(
            "ix_inbound_events_pending", "tenant_id", "id", postgresql_where=sa.text("state = 'pending'")
        ),
        sa.Index("ix_inbound_events_failed", "tenant_id", "id", postgresql_where=sa.text("state = 'failed'")),
        sa.Index(
            "ix_inbound_events_waiting",
            "tenant_id",
            "target",
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index(None, "tenant_id", "received_at"),
    )

    tenant_id: orm.Mapped[uuid.UUID | None] = orm.mapped_column(sa.ForeignKey("tenants.id"))
    channel_id: orm.Mapped[uuid.UUID | None]
    provider: orm.Mapped[str]
    account: orm.Mapped[str]
    kind: orm.Mapped[str]
    dedupe_key: orm.Mapped[str]
    payload: orm.Mapped[Any] = orm.mapped_column(sa.JSON)
    target: orm.Mapped[str | None]
    state: orm.Mapped[str] = orm.mapped_column(default="pending", server_default="pending")
    error: orm.Mapped[str | None]
    attempts: orm.Mapped[int] = orm.mapped_column(default=0, server_default="0")
    received_at: orm.Mapped[datetime] = orm.mapped_column(default=now, server_default=sa.func.now())
    processed_at: orm.Mapped[datetime | None]
