"""The cast: the same people in every test, and in the demo. Acme's team, and Rival, who must find nothing.

A `Person` is a signed-in browser without JavaScript: it sends forms with their CSRF token and says what came back.
"""

from __future__ import annotations

import re
import uuid
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_web.channels.models import Channel
from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.team.models import User
from crm_web.team.operations import create_user
from crm_web.tenants.operations import create_tenant

PASSWORD = "demo-2026-crm"
ACME_NUMBER, ACME_WABA = "100000000000001", "200000000000001"
RIVAL_NUMBER, RIVAL_WABA = "100000000000002", "200000000000002"
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"|name="csrf_token"[^>]*value="([^"]+)"')


@dataclass
class Person:
    """Somebody at a browser. `expect` is the status the answer must have; redirects count as themselves."""

    app: Flask
    email: str = ""
    client: FlaskClient = field(init=False)
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        if self.email:
            self.sign_in()

    def sign_in(self, password: str = PASSWORD, expect: int = 303) -> TestResponse:
        self.token = self.read_token(self.get("/login"))
        answer = self.post("/login", email=self.email, password=password, expect=expect)
        if expect == 303:
            self.token = self.read_token(self.get("/me/sessions"))
        return answer

    @staticmethod
    def read_token(answer: TestResponse) -> str:
        found = TOKEN.search(answer.get_data(as_text=True))
        return next(group for group in found.groups() if group) if found else ""

    def open(self, url: str, **given: Any) -> TestResponse:
        """One request in a world of its own: nothing of the test's application context reaches it."""
        return Context().run(self.client.open, url, **given)

    def get(self, url: str, expect: int = 200, **given: Any) -> TestResponse:
        answer = self.open(url, method="GET", **given)
        assert answer.status_code == expect, (url, answer.status_code, answer.get_data(as_text=True)[:400])
        return answer

    def post(self, url: str, expect: int | None = None, fragment: bool = False, **form: Any) -> TestResponse:
        headers = {"HX-Request": "true"} if fragment else {}
        answer = self.open(url, method="POST", data={"csrf_token": self.token, **form}, headers=headers)
        wanted = (expect,) if expect else (200, 201, 204, 303)
        assert answer.status_code in wanted, (url, answer.status_code, answer.get_data(as_text=True)[:400])
        return answer


def hire(email: str, role: str, first_name: str, last_name: str) -> User:
    """Somebody of the team. What they send goes out at once: taking it back is tested where it is the matter."""
    user = create_user(email=email, password=PASSWORD, first_name=first_name, last_name=last_name, role=role)
    user.preferences = {"undo_seconds": 0}
    return user


def connected(name: str, address: str, account_id: str, business_id: str) -> Channel:
    """A channel that has passed its test, without asking anybody."""
    tenant_id = uuid.UUID(db.session.execute(db.text("SELECT current_setting('app.tenant_id')")).scalar_one())
    channel = Channel(
        tenant_id=tenant_id, kind="whatsapp", provider="meta", name=name, address=address, account_id=account_id,
        business_id=business_id, credentials={"token": f"test-token-{account_id}", "app_secret": ""},
        status="active", last_connected_at=now(), is_primary=True, rate_limit_per_minute=60_000,
    )  # fmt: skip
    db.session.add(channel)
    db.session.flush()
    return channel


@dataclass(frozen=True)
class House:
    """A tenant as tests know it."""

    id: uuid.UUID
    channel_id: uuid.UUID


def build_acme() -> House:
    tenant = create_tenant("Nogal Finca Raíz", "acme", plan="pro")
    with as_tenant(tenant.id):
        hire("owner@acme.test", "owner", "Olga", "Nogal")
        hire("manager@acme.test", "manager", "Mateo", "Rincón")
        hire("seller@acme.test", "seller", "Sofía", "Ríos")
        hire("seller2@acme.test", "seller", "Simón", "Díaz")
        hire("setter@acme.test", "setter", "Sara", "Téllez")
        hire("quality@acme.test", "quality", "Quintín", "Mora")
        hire("auditor@acme.test", "auditor", "Aura", "Torres")
        channel = connected("WhatsApp principal", "+573000000001", ACME_NUMBER, ACME_WABA)
        commit()
        return House(tenant.id, channel.id)


def build_rival() -> House:
    tenant = create_tenant("Clínica Altamira", "rival", plan="pro")
    with as_tenant(tenant.id):
        hire("owner@rival.test", "owner", "Óscar", "Rival")
        hire("seller@rival.test", "seller", "Rita", "Rival")
        channel = connected("WhatsApp Altamira", "+573000000002", RIVAL_NUMBER, RIVAL_WABA)
        commit()
        return House(tenant.id, channel.id)
