"""Searching in a real browser: by keyboard, by hand on a telephone, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.inbox.test_search import Archive

FIELD = "#inbox-search"


@pytest.fixture
def archive(acme) -> Archive:
    """A long thread with a needle in it, and a few others."""
    archive = Archive(acme)
    lines = [f"línea {n}" if n != 60 else "la aguja del pajar" for n in range(200)]
    archive.talk("Íngrid Peña", "+573105550143", *lines)
    archive.talk("Óscar Núñez", "+573209998877", "otra aguja, más nueva")
    archive.talk("Zoe Díaz", "+525512345678", "sin apuro")
    return archive


def is_in_view(page: Page, text: str) -> None:
    expect(page.locator("#messages .message", has_text=text)).to_be_in_viewport()


def test_by_keyboard_from_the_slash_to_the_message_and_back(sign_in, archive):
    seller = sign_in("seller@acme.test")
    page = seller.page
    expect(page.locator("#inbox-rows .row")).to_have_count(3)
    page.keyboard.press("/")
    expect(page.locator(FIELD)).to_be_focused()
    expect(page.locator("#search-found")).to_contain_text("Busca en todo el historial")
    page.keyboard.type("AGUJA")
    expect(page.locator(".found-message")).to_have_count(2)
    expect(page.locator("#search-said")).to_have_text("0 personas, 2 mensajes")
    assert page.url.endswith("/inbox?q=AGUJA")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".found-message .row-link").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    needle = page.locator("#messages .message", has_text="la aguja del pajar")
    expect(needle).to_be_in_viewport()
    expect(needle).to_have_class(re.compile("is-flash"))
    assert "message=" in page.url
    page.go_back()
    expect(page.locator(FIELD)).to_have_value("AGUJA")
    expect(page.locator(".found-message .row-link").nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_hidden()
    expect(page.locator("#inbox-rows .row")).to_have_count(3)
    page.wait_for_url(re.compile(r"/inbox(\?(?!q).*)?$"))
    assert seller.problems == []


def test_enter_in_the_field_opens_the_first(sign_in, archive):
    page = sign_in("seller@acme.test").page
    page.keyboard.press("/")
    page.keyboard.type("0143")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Íngrid Peña")
    expect(page.locator("#found-people mark")).to_have_text("0143")


def test_reload_and_a_link_show_the_same(sign_in, archive):
    page = sign_in("seller@acme.test").opens("/inbox?q=aguja").page
    page.locator(".found-message .row-link").nth(1).click()
    is_in_view(page, "la aguja del pajar")
    page.reload()
    is_in_view(page, "la aguja del pajar")
    expect(page.locator(FIELD)).to_have_value("aguja")
    expect(page.locator(".found-message .row-link[aria-current]")).to_have_count(1)


def test_from_a_found_message_the_thread_goes_on_both_ways(sign_in, archive, deliver):
    page = sign_in("seller@acme.test").opens("/inbox?q=pajar").page
    page.locator(".found-message .row-link").click()
    is_in_view(page, "la aguja del pajar")
    expect(page.locator("#thread-newer")).to_have_text("Ir al final")
    for last in range(99, 200, 40):
        page.locator("#thread-scroll").hover()
        page.locator("#messages .message").last.scroll_into_view_if_needed()
        expect(page.locator("#messages").get_by_text(f"línea {last}", exact=True)).to_have_count(1)
    expect(page.locator("#newer")).to_have_count(0)
    seen = [text for text in page.locator("#messages .words").all_inner_texts() if text.startswith("línea")]
    numbers = [int(text.split()[1]) for text in seen]
    assert numbers == [n for n in range(numbers[0], 200) if n != 60]


def test_the_end_is_one_button_away_and_nothing_new_falls_into_the_gap(sign_in, archive, phone):
    seller = sign_in("seller@acme.test")
    phone.says("hola desde el celular", name="Rosa Marín")
    seller.sees("hola desde el celular")
    archive.goes_on("Rosa Marín", *[f"relleno {number}" for number in range(90)])
    page = seller.opens("/inbox?q=celular").page
    page.locator(".found-message .row-link").click()
    is_in_view(page, "hola desde el celular")
    phone.says("esto es nuevo")
    expect(page.locator("#thread-newer")).to_be_visible()
    expect(page.locator("#messages").get_by_text("esto es nuevo")).to_have_count(0)
    page.locator("#thread-newer").click()
    is_in_view(page, "esto es nuevo")
    expect(page.locator("#newer")).to_have_count(0)
    expect(page.locator("#messages").get_by_text("esto es nuevo")).to_have_count(1)


def test_inside_the_open_conversation(sign_in, archive):
    page = sign_in("seller@acme.test").page
    page.locator("[data-conversation]", has_text="Íngrid Peña").click()
    page.get_by_role("link", name="Buscar en esta conversación").click()
    page.keyboard.type("aguja")
    expect(page.locator(".found-message")).to_have_count(1)
    page.locator(".found-message .row-link").click()
    is_in_view(page, "la aguja del pajar")
    page.locator("#search-in-chip").click()
    expect(page.locator(".found-message")).to_have_count(2)


def test_filters_are_part_of_the_address(sign_in, archive):
    page = sign_in("seller@acme.test").opens("/inbox?q=aguja").page
    page.locator("#search-kind").select_option("image")
    expect(page.locator("#search-found")).to_contain_text("Quita los filtros")
    assert "kind=image" in page.url
    page.get_by_role("link", name="Quitar los filtros").click()
    expect(page.locator(".found-message")).to_have_count(2)
    assert "kind" not in page.url


def test_on_a_telephone(sign_in, archive):
    seller = sign_in("seller@acme.test", viewport={"width": 390, "height": 844}, has_touch=True)
    page = seller.page
    page.get_by_role("link", name="Buscar", exact=True).tap()
    page.locator(FIELD).fill("pajar")
    expect(page.locator(".found-message")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".found-message .row-link").tap()
    is_in_view(page, "la aguja del pajar")
    expect(page.locator("#search")).to_be_hidden()
    page.get_by_role("link", name="Volver a la lista").tap()
    expect(page.locator(FIELD)).to_be_visible()
    expect(page.locator(".found-message")).to_have_count(1)
    page.get_by_role("link", name="Salir de la búsqueda").tap()
    expect(page.locator("#inbox-rows .row").first).to_be_visible()


def test_without_javascript(sign_in, archive):
    page = sign_in("seller@acme.test", java_script_enabled=False).opens("/inbox").page
    page.get_by_role("link", name="Buscar", exact=True).click()
    page.fill(FIELD, "pajar")
    page.press(FIELD, "Enter")
    page.locator(".found-message .row-link").click()
    expect(page.locator("#messages .message", has_text="la aguja del pajar")).to_have_count(1)
    page.get_by_role("link", name="Ver mensajes siguientes").click()
    expect(page.locator("#messages .message").get_by_text("línea 80", exact=True)).to_have_count(1)
