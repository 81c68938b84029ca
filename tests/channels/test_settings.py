"""Connecting a number: tested at once, its secrets never shown again, its plan's limit kept."""

from __future__ import annotations

import pytest

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.models import Channel, Conversation, OutboxItem
from tests.cast import ACME_WABA, RIVAL_NUMBER
from tests.conftest import HTTP

NEW = {
    "name": "Ventas",
    "phone": "+57 300 000 0077",
    "account_id": "100000000000077",
    "business_id": ACME_WABA,
}


@pytest.fixture
def known_number(stand_in):
    """Meta knows the new number, as one of Acme's business account."""
    body = {
        "phone_number_id": NEW["account_id"],
        "waba_id": ACME_WABA,
        "display_phone_number": "+573000000077",
    }
    assert HTTP.request("POST", f"{stand_in}/sandbox/numbers", json=body).status < 300


def newest(rows) -> Channel:
    return rows(Channel)[-1]


def test_a_number_is_connected_and_tested_at_once(boss, known_number, rows):
    boss.post("/settings/channels", **NEW, token="canary-token", app_secret="canary-secret", expect=303)
    channel = newest(rows)
    assert (channel.status, channel.last_error) == ("active", None)
    assert channel.last_connected_at is not None
    assert channel.health["phone"]["verified_name"]


@pytest.mark.parametrize(("token", "status"), [("expired-token", "error"), ("forbidden-token", "error")])
def test_a_bad_token_is_kept_out_and_said(boss, known_number, rows, token, status):
    boss.post("/settings/channels", **NEW, token=token, expect=303)
    channel = newest(rows)
    assert (channel.status, channel.last_connected_at) == (status, None)
    assert channel.last_error in boss.get(f"/settings/channels/{channel.id}").text


def test_a_number_of_another_business_account_is_not_believed(boss, known_number, rows):
    boss.post("/settings/channels", **{**NEW, "business_id": "200000000000002"}, token="t", expect=303)
    assert newest(rows).last_connected_at is None


def test_secrets_are_never_shown_again(boss, known_number, rows, owner):
    boss.post("/settings/channels", **NEW, token="canary-token", app_secret="canary-secret")
    pages = ("/settings/channels", f"/settings/channels/{newest(rows).id}", "/inbox")
    assert not any("canary" in boss.get(page).text for page in pages)
    with owner.connect() as connection:
        sealed = connection.exec_driver_sql(
            "SELECT credentials FROM channels ORDER BY id DESC LIMIT 1"
        ).scalar()
    assert b"canary" not in bytes(sealed)
    with as_tenant(newest(rows).tenant_id):
        assert (
            db.session.query(Channel.credentials).order_by(Channel.id.desc()).first()[0]["token"]
            == "canary-token"
        )


def test_new_credentials_are_tested_and_an_empty_secret_keeps_the_old(boss, known_number, rows):
    boss.post("/settings/channels", **NEW, token="expired-token", app_secret="kept")
    channel = newest(rows)
    boss.post(f"/settings/channels/{channel.id}/credentials", token="good", expect=303)
    assert newest(rows).status == "active"
    with as_tenant(channel.tenant_id):
        sealed = db.session.query(Channel.credentials).filter_by(id=channel.id).one()[0]
    assert sealed == {"token": "good", "app_secret": "kept"}


def test_limits_are_set_within_reason(boss, acme, rows):
    url = f"/settings/channels/{acme.channel_id}/limits"
    boss.post(url, daily_message_limit="250", rate_limit_per_minute="60", expect=303)
    assert (rows(Channel)[0].daily_message_limit, rows(Channel)[0].rate_limit_per_minute) == (250, 60)
    for bad in ("0", "-1", "many", "", "99999999999999999999"):
        boss.post(url, daily_message_limit=bad, rate_limit_per_minute="60", expect=422)
    assert rows(Channel)[0].daily_message_limit == 250


def test_the_plan_limits_how_many(boss, known_number, rows):
    boss.post("/settings/channels", **NEW, token="t", expect=303)
    answer = boss.post(
        "/settings/channels", **{**NEW, "account_id": "100000000000078"}, token="t", expect=422
    )
    assert "Tu plan permite 2" in answer.text


def test_a_number_belongs_to_one_tenant(boss, rival_house, stand_in, rows):
    answer = boss.post("/settings/channels", **{**NEW, "account_id": RIVAL_NUMBER}, token="t", expect=422)
    assert "ya está conectado" in answer.text
    assert len(rows(Channel)) == 1


def test_pausing_holds_what_is_to_be_sent(boss, seller, telephone, acme, only, run_jobs):
    telephone.says("hola")
    boss.post(f"/settings/channels/{acme.channel_id}/status", status="inactive")
    seller.post(f"/inbox/{only(Conversation).id}/messages", body="espera")
    run_jobs()
    assert only(OutboxItem).state == "queued"
    boss.post(f"/settings/channels/{acme.channel_id}/status", status="active")
    telephone.settle()
    assert telephone.last()["text"] == "espera"


def test_removing_wants_the_name_and_erases_the_secrets(boss, acme, owner):
    url = f"/settings/channels/{acme.channel_id}/removal"
    boss.post(url, name="otra cosa", expect=303)
    boss.get(f"/settings/channels/{acme.channel_id}")
    boss.post(url, name="WhatsApp principal", expect=303)
    boss.get(f"/settings/channels/{acme.channel_id}", expect=404)
    with owner.connect() as connection:
        assert connection.exec_driver_sql("SELECT credentials FROM channels").scalar() is None


def test_the_connection_can_be_tested_from_the_page(boss, acme, stand_in):
    answer = boss.post(f"/settings/channels/{acme.channel_id}/test", fragment=True, expect=200)
    assert "Conectado" in answer.text
