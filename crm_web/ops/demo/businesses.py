"""The two businesses of the demo, made with the verbs that make any other: tenant, team with its week, channel."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa

from crm_web.channels.models import Channel
from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.ops.demo import plans
from crm_web.ops.demo.people import ACME_TEAM, PASSWORD, RIVAL_TEAM, Colleague
from crm_web.ops.demo.play import Member
from crm_web.team.models import AgentState, User
from crm_web.team.operations import create_user
from crm_web.tenants.models import Tenant
from crm_web.tenants.operations import create_tenant

OPENED = timedelta(days=151)
DAY = (
    (0.0, "available", None),
    (2.2, "busy", None),
    (3.1, "available", None),
    (4.3, "paused", "Almuerzo"),
    (5.2, "available", None),
    (9.6, "offline", None),
)


@dataclass(frozen=True)
class Business:
    """What is written down of one of the two. `leads` is how many customers one helping has."""

    slug: str
    name: str
    team: tuple[Colleague, ...]
    channel: str
    address: str
    account: str
    business_id: str
    leads: int
    scenes: tuple[str, ...]
    script: str
    kind: str
    open: dict[str | None, str]
    more: dict[str | None, str]
    closed: dict[str, int]
    closers: tuple[str, ...]


ACME = Business(
    "acme", "Nogal Finca Raíz", ACME_TEAM, "WhatsApp principal", "+573000000001", "100000000000001", "200000000000001", 320,
    ("venta", "arriendo", "cierre"), "protagonistas", "", plans.ACME_OPEN, plans.ACME_MORE, plans.ACME_CLOSED,
    ("asesora", "asesora", "asesora", "companero", "companero", "companero", "jefe", "agenda", "duena"),
)  # fmt: skip
RIVAL = Business(
    "rival", "Clínica Altamira", RIVAL_TEAM, "WhatsApp Altamira", "+573000000002", "100000000000002", "200000000000002", 120,
    ("clinica",), "", "cita", plans.RIVAL_OPEN, {}, plans.RIVAL_CLOSED, ("asesora", "asesora", "asesora", "jefe"),
)  # fmt: skip
BUSINESSES = (ACME, RIVAL)


def make_tenant(business: Business, at: datetime) -> Tenant:
    tenant = create_tenant(business.name, business.slug, plan="pro")
    with as_tenant(tenant.id):
        tenant.created_at = at - OPENED
        db.session.flush()
    return tenant


def make_team(business: Business, tenant: Tenant, at: datetime, chance: Random) -> dict[str, Member]:
    """Hire everybody; returns who plays which part."""
    team = {}
    for colleague in business.team:
        user = create_user(
            email=colleague.email, password=PASSWORD, first_name=colleague.first_name, last_name=colleague.last_name,
            role=colleague.role, job_title=colleague.job_title,
        )  # fmt: skip
        _describe(user, colleague, tenant, at, chance)
        is_her = colleague.first_name.endswith("a")
        team[colleague.part] = Member(
            user.id, colleague.part, colleague.first_name, user.name, colleague.tone, is_her
        )
    return team


def _describe(user: User, colleague: Colleague, tenant: Tenant, at: datetime, chance: Random) -> None:
    user.created_at = at - OPENED + timedelta(hours=2)
    user.availability, user.availability_reason = colleague.availability, colleague.reason
    user.last_login_at = at - timedelta(minutes=chance.randint(40, 900))
    user.last_activity_at = max(user.last_login_at, at - timedelta(minutes=chance.randint(2, 600)))
    db.session.flush()
    db.session.execute(sa.insert(AgentState), list(_week(user, tenant, at, chance)))


def _week(user: User, tenant: Tenant, at: datetime, chance: Random) -> list[dict[str, Any]]:
    """A week of working days, each with a busy hour and a lunch, up to the stretch that is open now."""
    stretches: list[tuple[datetime, str, str | None]] = []
    today = at.astimezone(tenant.zone).date()
    for back in range(7, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() < 6:
            morning = datetime.combine(day, time(8), tenant.zone) + timedelta(minutes=chance.randint(-12, 25))
            for hours, availability, reason in DAY:
                stretches.append(
                    (morning + timedelta(hours=hours, minutes=chance.randint(0, 18)), availability, reason)
                )
    minutes = 24 if user.availability == "paused" else 130
    stretches = [one for one in stretches if one[0] < at - timedelta(minutes=minutes + 20)]
    stretches.append((at - timedelta(minutes=minutes), user.availability, user.availability_reason))
    ends: list[datetime | None] = [*(one[0] for one in stretches[1:]), None]
    return [
        {"id": uuid.UUID(int=chance.getrandbits(128), version=4), "tenant_id": tenant.id, "user_id": user.id,
        "availability": availability,
         "reason": reason, "started_at": began, "ended_at": end, "created_at": began, "updated_at": end or began}
        for (began, availability, reason), end in zip(stretches, ends, strict=True)
    ]  # fmt: skip


def make_channel(business: Business, tenant: Tenant, at: datetime) -> Channel:
    """The WhatsApp number, connected and healthy, at the stand-in for Meta."""
    digits = business.address
    phone = {
        "id": business.account, "verified_name": business.name,
        "display_phone_number": f"{digits[:3]} {digits[3:6]} {digits[6:9]} {digits[9:]}", "quality_rating": "GREEN",
        "code_verification_status": "VERIFIED", "name_status": "APPROVED", "status": "CONNECTED", "platform_type": "CLOUD_API",
        "is_on_biz_app": False, "throughput": {"level": "STANDARD"}, "whatsapp_business_manager_messaging_limit": "TIER_100K",
        "health_status": {"can_send_message": "AVAILABLE"},
    }  # fmt: skip
    channel = Channel(
        tenant_id=tenant.id, kind="whatsapp", provider="meta", name=business.channel, address=business.address,
        account_id=business.account, business_id=business.business_id, status="active", is_primary=True,
        credentials={"token": f"sandbox-token-{business.slug}", "app_secret": ""}, last_connected_at=at,
        health={"phone": phone, "checked_at": at.isoformat()}, created_at=at - OPENED + timedelta(hours=3),
    )  # fmt: skip
    db.session.add(channel)
    db.session.flush()
    return channel
