"""How a business wants its inbox to behave: the part of `tenants.settings` under `inbox`, and its defaults."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm_web.core.db import db
from crm_web.core.tenancy import current_tenant_id
from crm_web.core.text import N_
from crm_web.tenants.models import Tenant

QUESTION = N_("¿Cómo te pareció la atención que recibiste?")
REMINDER = N_("Hola, {{first_name}}. Seguimos atentos: si quieres continuar, responde a este mensaje.")
LEAST_MINUTES, MOST_MINUTES = 10, 720
MOST_TEXT = 1000


class Satisfaction(BaseModel):
    """Whether the customer is asked, after a closing, how it was; without a text, in the usual words."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    enabled: bool = False
    text: str = Field(default="", max_length=MOST_TEXT)


class Nudge(BaseModel):
    """Whether a customer nobody answered is written to, that many minutes before WhatsApp's window closes."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    enabled: bool = False
    minutes: int = Field(default=60, ge=LEAST_MINUTES, le=MOST_MINUTES)
    text: str = Field(default="", max_length=MOST_TEXT)


class InboxSettings(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    satisfaction: Satisfaction = Satisfaction()
    nudge: Nudge = Nudge()


def settings_of(tenant: Tenant) -> InboxSettings:
    """What the tenant chose; what is missing or no longer understood falls back to the defaults, which do nothing."""
    try:
        return InboxSettings.model_validate(tenant.settings.get("inbox") or {})
    except ValidationError:
        return InboxSettings()


def own_tenant() -> Tenant:
    """The tenant of this request or job; no query when it is the signed-in person's."""
    return db.session.get_one(Tenant, current_tenant_id())


def change_settings(tenant: Tenant, settings: InboxSettings) -> None:
    """Keep these; what other modules keep beside them stays as it is."""
    chosen: dict[str, Any] = dict(tenant.settings.get("inbox") or {})
    tenant.settings = {**tenant.settings, "inbox": {**chosen, **settings.model_dump()}}
