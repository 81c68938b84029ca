"""A file: where it lies, what it is, and what is known of it before it has arrived."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.db import TenantRow, inside, one_of, own_key

KINDS = ("image", "video", "audio", "document", "sticker", "other")
STATES = ("pending", "ready", "refused", "failed")
STORAGES = ("local", "s3", "azure", "gcs")


class File(TenantRow):
    """`pending` until its bytes are here, `refused` when they are not accepted, `failed` when they never came."""

    __tablename__ = "files"
    __table_args__ = (
        own_key(),
        one_of("kind", KINDS),
        one_of("state", STATES),
        one_of("storage", STORAGES),
        inside("lead_id", "leads"),
        inside("channel_id", "channels"),
        inside("uploaded_by", "users"),
        sa.Index(None, "tenant_id", "lead_id"),
        sa.Index(None, "tenant_id", "sha256"),
        sa.Index("ix_files_pending", "fetch_after", postgresql_where=sa.text("state = 'pending'")),
        sa.Index("ix_files_news", "tenant_id", "id", postgresql_where=sa.text("has_news")),
    )

    lead_id: orm.Mapped[uuid.UUID | None]
    channel_id: orm.Mapped[uuid.UUID | None]
    uploaded_by: orm.Mapped[uuid.UUID | None]
    kind: orm.Mapped[str]
    name: orm.Mapped[str] = orm.mapped_column(default="")
    mime: orm.Mapped[str] = orm.mapped_column(default="application/octet-stream")
    size: orm.Mapped[int | None] = orm.mapped_column(sa.BigInteger)
    sha256: orm.Mapped[str | None]
    storage: orm.Mapped[str] = orm.mapped_column(default="local")
    key: orm.Mapped[str | None]
    thumbnail_key: orm.Mapped[str | None]
    width: orm.Mapped[int | None]
    height: orm.Mapped[int | None]
    seconds: orm.Mapped[float | None]
    state: orm.Mapped[str] = orm.mapped_column(default="pending")
    reason: orm.Mapped[str | None]
    provider_id: orm.Mapped[str | None]
    provider_url: orm.Mapped[str | None]
    fetch_after: orm.Mapped[datetime | None]
    attempts: orm.Mapped[int] = orm.mapped_column(default=0)
    has_news: orm.Mapped[bool] = orm.mapped_column(default=False)
    retention_until: orm.Mapped[datetime | None]
    access_count: orm.Mapped[int] = orm.mapped_column(default=0)
    last_accessed_at: orm.Mapped[datetime | None]
    deleted_at: orm.Mapped[datetime | None]

    @property
    def is_ready(self) -> bool:
        return self.state == "ready"
