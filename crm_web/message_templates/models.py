"""A provider's approved texts as we know them. The provider's copy is the truth; ours is read to choose and fill in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from crm_web.core.db import TenantRow, own_key


class MessageTemplate(TenantRow):
    """One template in one language of one WhatsApp business account (`business_id`, Meta's WABA id).

    `status` and `category` are the provider's words; unknown ones are kept. `components` is the provider's list.
    """

    __tablename__ = "message_templates"
    __table_args__ = (
        own_key(),
        sa.UniqueConstraint("tenant_id", "business_id", "name", "language"),
        sa.Index(None, "tenant_id", "status", "name"),
    )

    business_id: orm.Mapped[str]
    external_id: orm.Mapped[str] = orm.mapped_column(default="")
    name: orm.Mapped[str]
    language: orm.Mapped[str]
    category: orm.Mapped[str] = orm.mapped_column(default="")
    status: orm.Mapped[str] = orm.mapped_column(default="")
    quality: orm.Mapped[str] = orm.mapped_column(default="")
    rejected_reason: orm.Mapped[str] = orm.mapped_column(default="")
    parameter_format: orm.Mapped[str] = orm.mapped_column(default="positional")
    components: orm.Mapped[list[Any]] = orm.mapped_column(default=list)
    synced_at: orm.Mapped[datetime | None]
    deleted_at: orm.Mapped[datetime | None]

    @property
    def is_approved(self) -> bool:
        return self.status == "APPROVED" and self.deleted_at is None
