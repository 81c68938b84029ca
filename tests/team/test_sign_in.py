"""Signing in, being locked out, sessions that can be listed and revoked, permissions of one's own."""

from __future__ import annotations

import sqlalchemy as sa

from crm_web.core.clock import now
from crm_web.core.db import db
from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.models import AgentState, User, UserSession
from crm_web.team.models import LOCKOUT_FOR
from crm_web.team.operations import decide_permission
from tests.cast import Person


def test_a_person_signs_in_and_out(seller, rows):
    assert "Bandeja" in seller.get("/inbox").text
    seller.post("/logout")
    seller.get("/inbox", expect=302)
    assert rows(UserSession)[0].revoked_at is not None


def test_a_wrong_password_and_a_stranger_read_the_same(app, acme):
    def text_of(email):
        person = Person(app)
        person.email = email
        page = person.sign_in("wrong", expect=422).text
        return page.replace(email, "").split("csrf")[0]

    assert text_of("seller@acme.test") == text_of("nobody@nowhere.test")


def test_five_wrong_passwords_lock_for_fifteen_minutes(app, acme, rows):
    person = Person(app)
    person.email = "seller@acme.test"
    for _ in range(5):
        person.sign_in("wrong", expect=422)
    person.sign_in(expect=422)
    locked = next(user for user in rows(User) if user.email == person.email)
    assert now() < locked.locked_until <= now() + LOCKOUT_FOR


def test_after_the_lock_the_right_password_opens(app, acme, owner):
    person = Person(app)
    person.email = "seller@acme.test"
    for _ in range(5):
        person.sign_in("wrong", expect=422)
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET locked_until = now() - interval '1 second'")
    person.sign_in()


def test_sessions_are_listed_and_revoked(app, seller):
    elsewhere = Person(app, "seller@acme.test")
    assert seller.get("/me/sessions").text.count("/revocation") >= 2
    seller.post("/me/sessions/revocation")
    elsewhere.get("/inbox", expect=302)
    seller.get("/inbox")


def test_a_colleagues_session_cannot_be_revoked(seller, seller2, rows):
    theirs = rows(UserSession)[-1]
    seller.post(f"/me/sessions/{theirs.id}/revocation", expect=404)
    seller2.get("/inbox")


def test_a_suspended_person_is_out_at_once(seller, owner):
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET status = 'suspended' WHERE email = 'seller@acme.test'")
    seller.get("/inbox", expect=302)


def test_roles_decide_who_opens_channels(seller, boss, auditor):
    boss.get("/settings/channels/new")
    auditor.get("/settings/channels")
    auditor.get("/settings/channels/new", expect=403)
    seller.get("/settings/channels", expect=403)


def _decide(acme, email, permission, effect):
    with as_tenant(acme.id):
        decide_permission(
            db.session.scalars(sa.select(User).where(User.email == email)).one(), permission, effect
        )
        commit()


def test_a_grant_and_a_revocation_override_the_role(acme, seller, boss):
    _decide(acme, "seller@acme.test", "channels.read", "grant")
    _decide(acme, "owner@acme.test", "channels.read", "revoke")
    seller.get("/settings/channels")
    boss.get("/settings/channels", expect=403)
    _decide(acme, "owner@acme.test", "channels.read", None)
    boss.get("/settings/channels")


def test_availability_has_a_history(seller, rows):
    seller.post("/me/availability", availability="paused", reason="Almuerzo")
    seller.post("/me/availability", availability="available")
    states = [(state.availability, state.ended_at is None) for state in rows(AgentState)]
    assert states == [("available", False), ("paused", False), ("available", True)]
    seller.post("/me/availability", availability="asleep", expect=422)


def test_the_next_page_is_never_somebody_elses(app, acme):
    for wanted in ("//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)"):
        person = Person(app)
        person.token = person.read_token(person.get("/login"))
        answer = person.post(
            f"/login?next={wanted}", email="seller@acme.test", password="demo-2026-crm", expect=303
        )
        assert answer.location == "/inbox"


def test_a_form_without_its_token_is_refused_in_words(seller):
    answer = seller.open("/me/availability", method="POST", data={"availability": "busy"})
    assert answer.status_code == 400
    assert "Recarga la página" in answer.get_data(as_text=True)


def test_each_reads_their_own_language(seller):
    seller.post("/me/preferences", locale="en")
    assert 'lang="en"' in seller.get("/me/sessions").text
    seller.post("/me/preferences", locale="pt")
    assert 'lang="pt"' in seller.get("/me/sessions").text
