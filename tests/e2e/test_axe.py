"""axe finds nothing serious on any page, in both themes, on a desk and on a telephone."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Page, expect

from tests.axe import findings
from tests.cast import PASSWORD
from tests.e2e.test_inbox import COMPOSER
from tests.inbox.test_pages import every_kind

SIZES = {"desk": {"viewport": {"width": 1440, "height": 900}},
         "telephone": {"viewport": {"width": 390, "height": 844}, "has_touch": True}}  # fmt: skip
LOOKS = [(theme, size) for theme in ("light", "dark") for size in SIZES]
PAGES = (
    "/settings", "/settings/channels", "/settings/channels/new", "/settings/events", "/me/profile", "/me/sessions",
)  # fmt: skip


@pytest.fixture(params=LOOKS, ids="-".join)
def look(request: pytest.FixtureRequest) -> dict[str, object]:
    theme, size = request.param
    return {"color_scheme": theme, "reduced_motion": "reduce", **SIZES[size]}


def clean(page: Page, what: str) -> None:
    found = findings(page)
    assert not found, f"{what}: {json.dumps(found, indent=1, ensure_ascii=False)}"


@pytest.fixture
def filled(acme, deliver, run_jobs, owner):
    """Every kind of message in one conversation, a failed event, and another conversation that is closed."""
    from tests import meta

    deliver(meta.said(*every_kind(), name="Luisa Gómez"))
    deliver(meta.said(meta.text("Ya compré, gracias", "573001110000"), name="Beto Cerrado"))
    run_jobs()
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE inbound_events SET state = 'failed', error = 'KeyError: x'"
                                   " WHERE id = (SELECT min(id::text)::uuid FROM inbound_events)"))  # fmt: skip
        connection.execute(sa.text("UPDATE conversations SET is_open = false, status = 'closed', close_reason = 'sale'"
                                   " WHERE last_message_preview LIKE 'Ya compré%'"))  # fmt: skip


def test_before_signing_in(browser: Browser, live_server, acme, look):
    context = browser.new_context(base_url=live_server, locale="es-CO", **look)
    page = context.new_page()
    page.goto("/login")
    clean(page, "login")
    page.fill("[name=email]", "nobody@acme.test")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    clean(page, "login with an error")
    page.goto("/sandbox/phone")
    clean(page, "telephone")
    context.close()


def open_menu(page, name):
    """A menu of the head; on a telephone it hangs on the one of the three dots."""
    if page.viewport_size["width"] < 721:
        page.locator("#more-menu summary").click()
        page.locator(f"[data-opens='{name}']").click()
    else:
        page.locator(f"#{name} summary").click()


def test_the_inbox(filled, sign_in, look):
    page = sign_in("manager@acme.test", **look).page
    expect(page.locator("#inbox-rows .row")).to_have_count(1)
    clean(page, "list")
    open_first_of(page)
    clean(page, "thread")
    page.fill(COMPOSER, "Hola")
    open_menu(page, "owner-menu")
    clean(page, "owner menu")
    page.keyboard.press("Escape")
    open_menu(page, "closing-menu")
    clean(page, "closing menu")
    page.keyboard.press("Escape")
    if page.viewport_size["width"] < 721:
        page.get_by_role("link", name="Ver datos del cliente").click()
    expect(page.locator("#cliente")).to_be_visible()
    clean(page, "customer")


def test_a_closed_conversation_and_an_empty_list(filled, sign_in, look):
    page = sign_in("manager@acme.test", **look).opens("/inbox?state=closed").page
    clean(page, "closed list")
    open_first_of(page)
    clean(page, "closed thread")
    page.goto("/inbox?tab=mine")
    clean(page, "empty list")


def open_first_of(page: Page) -> None:
    page.locator("[data-conversation]").first.click()
    expect(page.locator("#thread-title")).to_be_visible()


def test_palette_sheet_and_menus(filled, sign_in, look):
    page = sign_in("manager@acme.test", **look).page
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    clean(page, "palette")
    page.keyboard.type("luisa")
    expect(page.get_by_role("option", name="Luisa")).to_be_visible()
    clean(page, "palette with results")
    page.keyboard.type("zzz")
    expect(page.locator("#palette-empty")).to_be_visible()
    clean(page, "palette with nothing")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    clean(page, "sheet")
    page.keyboard.press("Escape")
    if page.viewport_size["width"] < 721:
        page.locator("[data-more]").click()
    page.locator(".person-card").click()
    clean(page, "own menu")


def test_pages_of_settings_and_of_oneself(filled, sign_in, look, acme):
    screen = sign_in("owner@acme.test", **look)
    for url in (
        *PAGES,
        f"/settings/channels/{acme.channel_id}",
        "/settings/events?state=failed",
        "/sandbox/phone",
    ):
        clean(screen.opens(url).page, url)
    screen.opens("/settings/events")
    screen.page.locator(".ledger-table summary").click()
    clean(screen.page, "the numbers behind the chart")
    screen.page.locator(".ledger-failed a").first.click()
    expect(screen.page.locator(".ledger-payload")).to_be_visible()
    clean(screen.page, "event")


def test_errors(filled, sign_in, look):
    screen = sign_in("seller@acme.test", **look)
    for url in ("/nowhere", "/settings/events", "/inbox/00000000-0000-0000-0000-000000000007"):
        clean(screen.opens(url).page, url)
