"""The list in real browsers: filtered, ordered, kept as views, and handled many at once, by mouse, keyboard and finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.inbox.lists import fill


@pytest.fixture
def many(acme, owner):
    fill(owner, acme, 60)
    return acme


def rows(screen):
    return screen.page.locator("#inbox-rows .row")


def count(screen) -> str:
    return screen.page.locator("#inbox-tabs .tab[aria-current] .pill")


def test_filtering_by_mouse(many, sign_in):
    seller = sign_in("seller@acme.test")
    page = seller.page
    expect(count(seller)).to_have_text("51")
    page.get_by_role("link", name="Sin responder").click()
    expect(count(seller)).to_have_text("12")
    expect(rows(seller)).to_have_count(12)
    page.get_by_label("Más filtros").click()
    page.get_by_role("checkbox", name="Urgente").check()
    page.get_by_role("button", name="Aplicar").click()
    expect(rows(seller)).to_have_count(1)
    expect(page).to_have_url(re.compile(r"unanswered=1.*priority=urgent"))
    page.locator(".inbox-chosen").get_by_role("link", name="prioridad urgente").click()
    expect(rows(seller)).to_have_count(12)
    page.reload()
    expect(rows(seller)).to_have_count(12)
    assert seller.problems == []


def test_filtering_and_ordering_by_keyboard(many, sign_in):
    seller = sign_in("seller@acme.test")
    page = seller.page
    page.get_by_role("link", name="Sin leer").focus()
    page.keyboard.press("Enter")
    expect(count(seller)).to_have_text("12")
    expect(page.get_by_role("link", name="Sin leer")).to_be_focused()
    page.locator("#sort-menu summary").focus()
    page.keyboard.press("Enter")
    for name in ("Última actividad", "Más tiempo esperando", "Prioridad"):
        page.keyboard.press("ArrowDown")
        expect(page.locator("#sort-menu").get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("sort=priority"))
    expect(page.locator(".row-name").first).not_to_have_text("Persona 4")


def test_an_empty_filter_has_a_way_back(many, sign_in):
    seller = sign_in("seller@acme.test").opens("/inbox?tag=vip&tab=mine")
    seller.opens("/inbox?status=pending")
    seller.sees("Nada coincide con el filtro")
    seller.page.locator(".empty").get_by_role("link", name="Quitar filtros").click()
    expect(rows(seller)).to_have_count(31 - 1)


def test_a_view_is_kept_counted_and_deleted(many, sign_in):
    seller = sign_in("seller@acme.test").opens("/inbox?unanswered=1&sort=waiting")
    page = seller.page
    page.get_by_label("Vistas guardadas").click()
    page.get_by_role("button", name="Guardar vista").click()
    page.get_by_label("Nombre").fill("Los que esperan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Los que esperan")).to_be_visible()
    seller.sees("Vista guardada.")
    page.get_by_label("Vistas guardadas").click()
    entry = page.locator(".view", has_text="Los que esperan")
    expect(entry.locator(".pill")).to_have_text("12")
    page.get_by_role("link", name="Bandeja", exact=True).last.click()
    expect(count(seller)).to_have_text("51")
    page.get_by_label("Vistas guardadas").click()
    page.get_by_label("Editar la vista Los que esperan").click()
    page.get_by_role("button", name="Eliminar").click()
    seller.sees("Vista eliminada.")
    page.get_by_label("Vistas guardadas").click()
    expect(page.locator(".view")).to_have_count(0)
    assert seller.problems == []


def test_a_selection_is_handled_by_keyboard_and_shift(many, sign_in):
    seller = sign_in("seller@acme.test")
    page = seller.page
    expect(rows(seller)).to_have_count(30)
    page.keyboard.press("j")
    page.keyboard.press("x")
    bar = page.get_by_role("region", name="Selección")
    expect(bar).to_contain_text("1 seleccionada")
    page.locator(".row-check input").nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4 seleccionadas")
    bar.get_by_label("Prioridad").click()
    bar.get_by_role("button", name="Urgente").click()
    seller.sees("conversaciones cambiaron")
    expect(page.locator(".row-priority.is-urgent")).to_have_count(4)
    expect(bar).to_be_hidden()
    rows(seller).first.hover()
    page.locator(".row-check input").first.click()
    expect(bar).to_be_visible()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    assert seller.problems == []


def test_a_selection_survives_what_arrives_meanwhile(many, sign_in, phone):
    seller = sign_in("seller@acme.test")
    first = seller.page.locator(".row").nth(1)
    name = first.locator(".row-name").text_content()
    first.hover()
    first.locator("input").click()
    phone.says("Hola desde la calle", name="Luisa Gómez")
    seller.sees("Luisa Gómez")
    expect(seller.page.locator(".row.is-chosen")).to_have_count(1)
    expect(seller.page.locator(".row.is-chosen .row-name")).to_have_text(name)


def test_all_that_match_are_closed_at_once(many, sign_in):
    seller = sign_in("seller@acme.test").opens("/inbox?unanswered=1")
    page = seller.page
    page.locator(".row").first.hover()
    page.locator(".row-check input").first.click()
    page.get_by_role("button", name="Seleccionar las 12 que coinciden").click()
    bar = page.get_by_role("region", name="Selección")
    expect(bar).to_contain_text("Las 12 que coinciden")
    bar.get_by_label("Cerrar", exact=True).click()
    bar.get_by_role("button", name="No respondió").click()
    seller.sees("12 conversaciones cambiaron")
    seller.sees("Nada coincide con el filtro")
    assert seller.problems == []


def test_very_many_are_closed_while_a_bar_fills(acme, owner, sign_in):
    fill(owner, acme, 900)
    seller = sign_in("seller@acme.test")
    page = seller.page
    page.locator(".row").first.hover()
    page.locator(".row-check input").first.click()
    page.locator("[data-bulk-all]").click()
    bar = page.get_by_role("region", name="Selección")
    bar.get_by_label("Cerrar", exact=True).click()
    bar.get_by_role("button", name="Spam").click()
    seller.sees("765 conversaciones cambiaron", timeout=20_000)
    expect(page.locator("#bulk-job")).to_have_count(0)
    seller.sees("Todavía no hay conversaciones")


def test_on_a_telephone_a_finger_that_stays_selects(many, sign_in):
    seller = sign_in(
        "seller@acme.test", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = seller.page
    first = page.locator(".row").first
    first.dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    bar = page.get_by_role("region", name="Selección")
    expect(bar).to_contain_text("1 seleccionada")
    page.locator(".row-link").nth(1).tap()
    expect(bar).to_contain_text("2 seleccionadas")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    sizes = bar.locator("summary, button:visible").evaluate_all(
        "all => all.filter(one => one.offsetParent).map(one => one.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 44
    bar.get_by_label("Prioridad").tap()
    bar.get_by_role("button", name="Alta").tap()
    seller.sees("cambi")
    page.get_by_label("Más filtros").tap()
    page.get_by_label("Sin leer").last.check()
    page.get_by_role("button", name="Aplicar").tap()
    expect(count(seller)).to_have_text("12")
    assert seller.problems == []


def test_the_list_is_filtered_without_javascript(many, sign_in):
    seller = sign_in("seller@acme.test", java_script_enabled=False)
    seller.page.get_by_role("link", name="Sin responder").click()
    expect(rows(seller)).to_have_count(12)
    seller.page.locator("#sort-menu summary").click()
    seller.page.get_by_role("link", name="Más tiempo esperando").click()
    expect(seller.page.locator(".row-name").first).to_have_text("Persona 60")


def test_rows_stay_where_they_are_for_whoever_has_scrolled(many, sign_in, phone):
    seller = sign_in("seller@acme.test").opens("/inbox?sort=priority")
    page = seller.page
    expect(rows(seller)).to_have_count(30)
    page.locator("#inbox-scroll").evaluate("one => { one.scrollTop = 200 }")
    before = page.locator(".row-name").all_text_contents()[:20]
    phone.says("Buenas, ¿me ayudan?", name="Luisa Gómez")
    page.get_by_role("button", name="1 nueva").wait_for()
    assert page.locator(".row-name").all_text_contents()[:20] == before
    page.get_by_role("button", name="1 nueva").click()
    seller.sees("Luisa Gómez")
