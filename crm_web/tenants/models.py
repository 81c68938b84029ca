"""The tenant and what its plan allows."""

from __future__ import annotations

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import orm

from crm_web.core.db import Row, one_of


class Plan(NamedTuple):
    """What a plan allows; `None` is no limit."""

    max_assistants: int | None
    max_whatsapp_numbers: int


PLANS: dict[str, Plan] = {
    "free": Plan(1, 0),
    "basic": Plan(1, 1),
    "pro": Plan(3, 2),
    "enterprise": Plan(None, 5),
}
STATUSES = ("active", "suspended", "closed")
LOCALES = ("es", "en", "pt")


class Tenant(Row):
    """One business. Fenced like every tenant table, by its own id."""

    __tablename__ = "tenants"
    __table_args__ = (
        one_of("plan", tuple(PLANS)),
        one_of("status", STATUSES),
        one_of("locale", LOCALES),
    )

    name: orm.Mapped[str]
    slug: orm.Mapped[str] = orm.mapped_column(unique=True)
    plan: orm.Mapped[str] = orm.mapped_column(default="basic")
    status: orm.Mapped[str] = orm.mapped_column(default="active")
    max_assistants: orm.Mapped[int | None]
    max_whatsapp_numbers: orm.Mapped[int]
    crm_enabled: orm.Mapped[bool] = orm.mapped_column(default=True)
    niche_type: orm.Mapped[str] = orm.mapped_column(default="crm_sales")
    locale: orm.Mapped[str] = orm.mapped_column(default="es")
    timezone: orm.Mapped[str] = orm.mapped_column(default="America/Bogota")
    currency: orm.Mapped[str] = orm.mapped_column(default="COP")
    settings: orm.Mapped[dict[str, Any]] = orm.mapped_column(default=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)
