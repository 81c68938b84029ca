"""The settings of the inbox: who sees them, who changes them, and what is refused."""

from __future__ import annotations

import pytest

from crm_web.core.effects import commit
from crm_web.core.tenancy import as_tenant
from crm_web.inbox.settings import InboxSettings, own_tenant, settings_of
from tests.cast import House

GIVEN = {
    "satisfaction_enabled": "1",
    "satisfaction_text": "¿Qué tal?",
    "nudge_minutes": "90",
    "nudge_text": "",
}


def kept(acme: House) -> InboxSettings:
    with as_tenant(acme.id):
        return settings_of(own_tenant())


def test_what_is_chosen_is_kept_beside_what_others_keep(acme, boss):
    with as_tenant(acme.id):
        own_tenant().settings = {"theme": "x", "inbox": {"other": 1}}
        commit()
    boss.post("/settings/inbox", **GIVEN)
    with as_tenant(acme.id):
        chosen = own_tenant().settings
    assert (chosen["theme"], chosen["inbox"]["other"]) == ("x", 1)
    assert chosen["inbox"]["nudge"] == {"enabled": False, "minutes": 90, "text": ""}
    assert kept(acme).satisfaction.enabled
    page = boss.get("/settings/inbox").text
    assert "¿Qué tal?" in page
    assert 'value="90"' in page


@pytest.mark.parametrize(
    "bad",
    [{"nudge_minutes": "5"}, {"nudge_minutes": "mil"}, {"nudge_minutes": ""}, {"nudge_text": "x" * 1001}],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_is_lost(acme, boss, bad):
    page = boss.post("/settings/inbox", expect=422, **{**GIVEN, **bad}).text
    assert "field-error" in page
    assert "¿Qué tal?" in page
    assert kept(acme) == InboxSettings()


def test_sellers_look_and_owners_change(acme, seller, boss):
    assert "Solo quien administra" in seller.get("/settings/inbox").text
    seller.post("/settings/inbox", expect=403, **GIVEN)
    assert kept(acme) == InboxSettings()
    assert "/settings/inbox" in boss.get("/settings").text


def test_settings_nobody_understands_do_nothing(acme, boss):
    with as_tenant(acme.id):
        own_tenant().settings = {"inbox": {"nudge": {"enabled": "sí", "minutes": -4}, "satisfaction": []}}
        commit()
    assert kept(acme) == InboxSettings()
    boss.get("/settings/inbox")
