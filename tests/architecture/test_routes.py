"""Every address, walked: each has a permission or is public, refuses strangers, and is blind to Rival."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from crm_web.core.clock import now
from crm_web.core.db import Base, db
from crm_web.core.permissions import SIGNED_IN
from crm_web.core.tenancy import as_tenant
from crm_web.models import (
    Channel,
    Conversation,
    File,
    InboundEvent,
    InboxView,
    Lead,
    LeadNote,
    Macro,
    Message,
    QuickReply,
    ScheduledMessage,
    User,
    UserSession,
)
from crm_web.team.permissions import PERMISSIONS
from tests import meta
from tests.cast import RIVAL_NUMBER, RIVAL_WABA

IDS = {
    "conversation_id": Conversation,
    "message_id": Message,
    "channel_id": Channel,
    "file_id": File,
    "quick_reply_id": QuickReply,
    "event_id": InboundEvent,
    "scheduled_id": ScheduledMessage,
    "session_id": UserSession,
    "lead_id": Lead,
    "note_id": LeadNote,
    "macro_id": Macro,
    "view_id": InboxView,
}


HASH = "SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM {table} t WHERE tenant_id = :id"


def rules(app: Flask, *, private: bool | None = None):
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.endpoint == "static" or (private is not None and private is getattr(view, "public", False)):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method, view


def address(app: Flask, rule, ids=None) -> str:
    values = {name: (ids or {}).get(name, uuid.UUID(int=7)) for name in rule.arguments}
    return rule.build(values, append_unknown=False)[1]


def test_each_route_says_who_may_come(app):
    for rule, method, view in rules(app):
        marked = getattr(view, "permission", None)
        assert getattr(view, "public", False) != bool(marked), (
            f"{method} {rule} needs @permission or @public, not both"
        )
        assert marked in (None, SIGNED_IN, *PERMISSIONS), f"{rule}: {marked} is not in the catalogue"


def test_only_signed_or_token_routes_skip_csrf(app):
    open_to_posts = {
        str(rule) for rule, method, view in rules(app) if method != "GET" and not getattr(view, "csrf", True)
    }
    assert {path for path in open_to_posts if not path.startswith("/sandbox/")} == {"/webhooks/meta"}


def test_strangers_are_sent_to_sign_in(app, anonymous):
    for rule, method, _view in rules(app, private=True):
        answer = anonymous.open(address(app, rule), method=method, data={"csrf_token": "none"})
        assert answer.status_code in (302, 400, 401), (
            f"{method} {rule} answered a stranger {answer.status_code}"
        )


@pytest.fixture
def acme_ids(acme, conversation, seller):
    """One of everything Acme has, to be guessed by Rival."""
    with as_tenant(acme.id):
        file = File(
            tenant_id=acme.id,
            lead_id=conversation.lead_id,
            kind="document",
            name="secreto.pdf",
            state="ready",
        )
        writer = db.session.scalar(sa.select(User.id))
        note = LeadNote(tenant_id=acme.id, lead_id=conversation.lead_id, author_id=writer, body="Del Nogal")
        macro = Macro(tenant_id=acme.id, owner_id=writer, name="Del Nogal", is_shared=True, key=7)
        reply = QuickReply(tenant_id=acme.id, shortcut="secreto", title="Secreta", body="apartamento")
        later = ScheduledMessage(
            tenant_id=acme.id,
            conversation_id=conversation.id,
            author_id=writer,
            body="secreto",
            send_at=now() + timedelta(hours=1),
        )
        view = InboxView(tenant_id=acme.id, owner_id=writer, name="Vista de Nogal", is_shared=True)
        db.session.add_all([file, note, macro, reply, later, view])
        db.session.commit()
        found = {name: db.session.scalar(sa.select(model.id)) for name, model in IDS.items()}
        db.session.rollback()
    return found


def fingerprint(owner, tenant_id) -> list[str]:
    """Everything of one tenant, hashed per table, so that any side effect shows."""
    with owner.connect() as connection:
        return [
            f"{table.name} {connection.scalar(sa.text(HASH.format(table=table.name)), {'id': tenant_id})}"
            for table in Base.metadata.sorted_tables
            if "tenant_id" in table.c
        ]


def test_rival_finds_nothing_of_acmes(app, owner, acme, acme_ids, rival):
    before = fingerprint(owner, acme.id)
    for rule, method, _view in rules(app, private=True):
        if not set(rule.arguments) & set(IDS):
            continue
        for header in ({}, {"HX-Request": "true"}):
            data = {
                "csrf_token": rival.token,
                "body": "hola",
                "reason": "resolved",
                "kind": "reply",
                "status": "inactive",
            }
            answer = rival.open(address(app, rule, acme_ids), method=method, data=data, headers=header)
            assert answer.status_code == 404, f"{method} {rule} answered Rival {answer.status_code}"
    assert fingerprint(owner, acme.id) == before


def test_rivals_pages_show_nothing_of_acmes(app, acme_ids, rival):
    for rule, method, _view in rules(app, private=True):
        if method != "GET" or rule.arguments or rule.rule.startswith("/sandbox"):
            continue
        page = rival.open(str(rule)).get_data(as_text=True)
        assert not any(word in page for word in ("Ana Restrepo", "Nogal", "apartamento", "3105550142")), str(
            rule
        )


def test_rival_cannot_name_acmes_people(app, owner, acme, acme_ids, rival, rival_house, deliver, run_jobs):
    deliver(meta.said(meta.text("hola", "573009998877"), number=RIVAL_NUMBER, waba=RIVAL_WABA))
    run_jobs()
    with as_tenant(rival_house.id):
        theirs = db.session.scalar(sa.select(Conversation.id))
        db.session.rollback()
    with owner.connect() as connection:
        acme_user = connection.scalar(sa.text("SELECT id FROM users WHERE email = 'seller@acme.test'"))
    rival.post(f"/inbox/{theirs}/assignment", user_id=str(acme_user), expect=404)
