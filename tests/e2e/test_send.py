"""Templates, taking back and sending later, in real browsers with a customer's telephone at the other end."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from crm_web.inbox.jobs import send_scheduled
from crm_web.models import ScheduledMessage
from tests.e2e.test_inbox import COMPOSER, open_first, received, write
from tests.inbox.sending import close_window, learn_templates, let_undo


@pytest.fixture
def talking(sign_in, phone, acme):
    """Sofía has the conversation with Luisa open."""

    def begin(**context):
        phone.says("Hola, ¿sigue disponible?", name="Luisa Gómez")
        screen = sign_in("seller@acme.test", **context)
        for _ in range(60):
            if screen.page.locator("[data-conversation]").count():
                break
            screen.page.reload()
        open_first(screen)
        return screen

    return begin


def telephone_shows(phone, words: str) -> bool:
    for _ in range(100):
        if any(words in str(one) for one in phone.received()):
            return True
        time.sleep(0.05)
    return False


def choose(page, title: str) -> None:
    page.locator("[data-template]", has_text=title).click()
    expect(page.locator("[data-template][aria-current]")).to_contain_text(title)


def test_a_closed_window_offers_templates_and_the_telephone_receives_one(talking, phone, acme, owner):
    learn_templates(acme)
    seller = talking()
    close_window(owner)
    page = seller.page
    page.reload()
    page.get_by_placeholder("Buscar plantilla").fill("bienvenída")
    expect(page.locator("[data-template]:visible")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("[data-slot='body-1']")).to_have_text("Luisa")
    expect(page.locator("[data-variable='body-2']")).to_be_focused()
    page.keyboard.type("la casa de La Calera")
    expect(page.locator("[data-slot='body-2']")).to_have_text("la casa de La Calera")
    page.keyboard.press("Enter")
    expect(page.locator(".message.is-template")).to_contain_text("tu solicitud sobre la casa de La Calera")
    assert telephone_shows(phone, "tu solicitud sobre la casa de La Calera")
    assert seller.problems == []


def test_what_is_missing_is_said_and_what_was_typed_stays(talking, phone, acme, owner):
    learn_templates(acme)
    seller = talking()
    close_window(owner)
    page = seller.page
    page.reload()
    choose(page, "Seguimiento visita")
    page.locator("[data-variable='body-inmueble']").fill("la casa")
    page.get_by_role("button", name="Enviar plantilla").click()
    expect(page.locator("#composer-problem")).to_contain_text("Completa")
    expect(page.locator("[data-variable='body-inmueble']")).to_have_value("la casa")
    expect(page.locator(".message.is-template")).to_have_count(0)


def test_templates_are_at_hand_while_the_window_is_open(talking, phone, acme):
    learn_templates(acme)
    seller = talking()
    page = seller.page
    page.fill(COMPOSER, "a medias")
    page.get_by_role("button", name="Usar una plantilla").click()
    expect(page.get_by_role("button", name="Enviar plantilla", exact=True)).to_be_visible()
    expect(page.locator(COMPOSER)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(COMPOSER)).to_have_value("a medias")
    page.get_by_role("button", name="Usar una plantilla").click()
    choose(page, "Retomar busqueda")
    page.locator("[data-variable='body-2']").fill("Usaquén")
    page.get_by_role("button", name="Enviar plantilla", exact=True).click()
    expect(page.locator(".message.is-template")).to_be_visible()
    expect(page.locator(COMPOSER)).to_have_value("a medias")
    assert telephone_shows(phone, "buscabas vivienda en Usaquén")


def test_undo_brings_the_words_back_and_the_telephone_hears_nothing(talking, sign_in, phone, acme):
    let_undo(acme, 10)
    seller = talking()
    write(seller, "Esto no debía salir")
    expect(seller.page.get_by_text(re.compile(r"Se envía en \d+ s"))).to_be_visible()
    colleague = sign_in("seller2@acme.test")
    open_first(colleague)
    expect(colleague.page.locator(".message", has_text="Esto no debía salir")).to_have_count(1)
    seller.page.reload()
    seller.page.get_by_role("button", name="Deshacer").click()
    expect(seller.page.locator(COMPOSER)).to_have_value("Esto no debía salir")
    for screen in (seller, colleague):
        expect(screen.page.locator(".message", has_text="Esto no debía salir")).to_have_count(0)
    write(seller, " corregido")
    assert not any(one.get("text") == "Esto no debía salir" for one in phone.received())
    assert seller.problems == []


def test_it_leaves_by_itself_when_the_seconds_are_over(talking, phone, acme):
    let_undo(acme, 2)
    seller = talking()
    write(seller, "Sale solo")
    expect(seller.page.get_by_text(re.compile(r"Se envía en \d+ s"))).to_be_visible()
    began = time.monotonic()
    assert received(phone, "Sale solo")
    assert time.monotonic() - began < 4.5
    expect(seller.page.get_by_role("button", name="Deshacer")).to_have_count(0)


def test_undo_without_javascript(talking, phone, acme):
    let_undo(acme, 20)
    seller = talking(java_script_enabled=False)
    seller.page.fill(COMPOSER, "Sin JavaScript")
    seller.page.get_by_role("button", name="Enviar", exact=True).click()
    seller.page.get_by_role("button", name="Deshacer").click()
    expect(seller.page.locator(COMPOSER)).to_have_value("Sin JavaScript")
    expect(seller.page.locator(".message", has_text="Sin JavaScript")).to_have_count(0)


def test_schedule_edit_cancel_and_send(talking, sign_in, phone, acme, app, only):
    seller = talking()
    colleague = sign_in("seller2@acme.test")
    open_first(colleague)
    page = seller.page
    page.fill(COMPOSER, "Te escribo mañana")
    page.locator(".later-open").focus()
    page.keyboard.press("Enter")
    page.get_by_text("Mañana a las 9:00").click()
    expect(page.locator("#scheduled")).to_contain_text("Te escribo mañana")
    expect(page.locator(COMPOSER)).to_have_value("")
    expect(colleague.page.locator("#scheduled")).to_contain_text("Te escribo mañana")
    page.get_by_label("Editar").click()
    page.locator("#scheduled textarea").fill("Te escribo el lunes")
    page.get_by_role("button", name="Guardar", exact=True).click()
    expect(colleague.page.locator("#scheduled")).to_contain_text("Te escribo el lunes")
    colleague.page.get_by_role("button", name="Cancelar el envío").click()
    expect(page.locator("#scheduled")).to_be_hidden()
    page.fill(COMPOSER, "En una hora")
    page.locator(".later-open").click()
    page.get_by_text("En 1 hora").click()
    page.get_by_role("button", name="Enviar ahora").click()
    expect(page.locator(".message", has_text="En una hora")).to_be_visible()
    assert received(phone, "En una hora")
    assert not any("lunes" in str(one) for one in phone.received())
    assert seller.problems == colleague.problems == []


def test_a_time_that_passed_is_refused_and_the_words_stay(talking, phone):
    seller = talking()
    page = seller.page
    page.fill(COMPOSER, "Tarde")
    page.locator(".later-open").click()
    page.get_by_label("Otra fecha y hora").fill("2020-01-01T09:00")
    page.get_by_role("button", name="Programar").click()
    expect(page.locator("#composer-problem")).to_contain_text("ya pasó")
    expect(page.locator(COMPOSER)).to_have_value("Tarde")


def test_the_scheduled_one_arrives_while_somebody_watches(talking, phone, acme, owner, only):
    seller = talking()
    seller.page.fill(COMPOSER, "Puntual")
    seller.page.locator(".later-open").click()
    seller.page.get_by_text("En 1 hora").click()
    expect(seller.page.locator("#scheduled")).to_contain_text("Puntual")
    with owner.begin() as connection:
        connection.exec_driver_sql("UPDATE scheduled_messages SET send_at = now()")
    send_scheduled()
    expect(seller.page.locator("#scheduled")).to_be_hidden()
    expect(seller.page.locator(".message", has_text="Puntual")).to_be_visible()
    assert received(phone, "Puntual")
    assert only(ScheduledMessage).state == "sent"


def test_on_a_telephone_everything_fits(talking, phone, acme, owner):
    learn_templates(acme)
    seller = talking(viewport={"width": 390, "height": 844}, has_touch=True)
    page = seller.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    close_window(owner)
    page.reload()
    expect(page.get_by_role("button", name="Enviar plantilla", exact=True)).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.goto("/templates")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_template_without_javascript(talking, phone, acme, owner):
    learn_templates(acme)
    seller = talking(java_script_enabled=False)
    close_window(owner)
    page = seller.page
    page.reload()
    page.get_by_role("link", name="Retomar busqueda").click()
    expect(page.locator("[data-slot='body-1']")).to_have_text("Luisa")
    page.locator("[name='variable-body-2']").fill("Usaquén")
    page.get_by_role("button", name="Enviar plantilla", exact=True).click()
    expect(page.locator(".message.is-template")).to_contain_text("vivienda en Usaquén")
    assert telephone_shows(phone, "vivienda en Usaquén")
