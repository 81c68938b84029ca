"""What can be done with tenants: make one, change its plan."""

from __future__ import annotations

import re
from collections.abc import Callable

from crm_web.core.db import db, new_id
from crm_web.core.errors import DomainError
from crm_web.core.tenancy import as_tenant
from crm_web.tenants.models import PLANS, Tenant

# Filled by the modules above as they arrive: what every new tenant gets. Each function runs as that tenant.
FURNISH: list[Callable[[Tenant], None]] = []


class BadTenant(DomainError):
    """The name, the slug or the plan cannot be used."""


def create_tenant(name: str, slug: str, *, plan: str = "basic", locale: str = "es", timezone: str = "America/Bogota",
                  currency: str = "COP") -> Tenant:  # fmt: skip
    """Make a tenant and everything each tenant starts with. Raises BadTenant."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,40}", slug):
        raise BadTenant("slug: 2 to 41 of a-z, 0-9 and -")
    if plan not in PLANS:
        raise BadTenant(f"plan: one of {', '.join(PLANS)}")
    tenant = Tenant(id=new_id(), name=name, slug=slug, locale=locale, timezone=timezone, currency=currency)
    _apply_plan(tenant, plan)
    with as_tenant(tenant.id):
        db.session.add(tenant)
        db.session.flush()
        furnish(tenant)
    return tenant


def furnish(tenant: Tenant) -> None:
    """Give the tenant what it lacks of the things every tenant has; running it again changes nothing."""
    for give in FURNISH:
        give(tenant)
    db.session.flush()


def _apply_plan(tenant: Tenant, plan: str) -> None:
    limits = PLANS[plan]
    tenant.plan = plan
    tenant.max_assistants = limits.max_assistants
    tenant.max_whatsapp_numbers = limits.max_whatsapp_numbers
