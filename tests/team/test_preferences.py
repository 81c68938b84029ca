"""How a person likes to work: kept for them alone, and seen where it matters."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from crm_web.core.db import db
from crm_web.core.tenancy import as_tenant
from crm_web.team.models import User

URL = "/me/preferences"


@pytest.fixture
def sofia(acme):
    def read() -> User:
        with as_tenant(acme.id):
            db.session.rollback()
            return db.session.scalars(sa.select(User).where(User.email == "seller@acme.test")).one()

    return read


def test_all_of_it_is_kept(seller, sofia):
    given = {
        "work": "1",
        "enter_sends": "0",
        "undo_seconds": "30",
        "sound": "1",
        "theme": "dark",
        "locale": "pt",
    }
    seller.post(URL, **given)
    kept = sofia()
    assert kept.prefers.model_dump() == {
        "enter_sends": False,
        "undo_seconds": 30,
        "sound": True,
        "desktop": False,
    }
    assert (kept.theme, kept.locale) == ("dark", "pt")


def test_the_composer_follows(seller, seller2):
    assert 'data-enter-sends="true"' in seller.get("/inbox").text
    seller.post(URL, work="1", enter_sends="0", undo_seconds="5")
    assert 'data-enter-sends="false"' in seller.get("/inbox").text
    assert 'data-enter-sends="true"' in seller2.get("/inbox").text


def test_the_page_shows_what_is_chosen(seller):
    seller.post(URL, work="1", enter_sends="1", undo_seconds="10", desktop="1")
    page = seller.get(URL).text
    assert 'name="undo_seconds" value="10" checked' in page
    assert 'name="enter_sends" value="1" checked' in page
    assert URL in seller.get("/settings").text


def test_choosing_a_theme_from_the_menu_touches_nothing_else(seller, sofia):
    seller.post(URL, work="1", enter_sends="0", undo_seconds="30", sound="1")
    seller.post(URL, theme="light")
    assert (sofia().prefers.undo_seconds, sofia().prefers.sound, sofia().theme) == (30, True, "light")


@pytest.mark.parametrize("seconds", ["7", "-1", "99999", "x", ""])
def test_seconds_that_are_not_offered_are_refused(seller, sofia, seconds):
    before = sofia().preferences
    answer = seller.post(
        URL, work="1", undo_seconds=seconds, expect=422 if seconds not in ("x", "") else None
    )
    assert "lista" in answer.text or sofia().prefers.undo_seconds == 0
    assert sofia().preferences.keys() >= before.keys()
