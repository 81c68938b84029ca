"""Taking care, in real browsers: what one does the other sees, by hand, by key, and on a telephone."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm_web.inbox.jobs import wake_snoozed
from crm_web.models import Macro
from tests.inbox.colleagues import id_of

COMPOSER = "textarea[name=body]#composer-body"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def at_desk(sign_in, phone):
    """Sellers with Luisa's conversation open; she wrote a moment ago."""
    phone.says("Hola, ¿sigue disponible?", name="Luisa Gómez")

    def open_one(email="seller@acme.test", **context):
        screen = sign_in(email, **context)
        screen.sees("Luisa Gómez")
        screen.page.locator("#inbox-rows [data-conversation]").first.click()
        expect(screen.page.locator(COMPOSER)).to_be_visible()
        expect(screen.page.locator("#lead-notes")).to_be_attached()
        return screen

    return open_one


def rows(screen):
    return screen.page.locator("#inbox-rows [data-conversation]")


def test_a_snoozed_one_leaves_both_lists_and_the_customers_message_brings_it_back(at_desk, phone):
    sofia, simon = at_desk(), at_desk("seller2@acme.test")
    sofia.page.keyboard.press("h")
    expect(sofia.page.locator("#snooze-menu .menu-item").first).to_be_focused()
    sofia.page.get_by_role("button", name=re.compile("Mañana")).click()
    for screen in (sofia, simon):
        screen.sees("la pospuso hasta: Mañana, 9:00")
        expect(rows(screen)).to_have_count(0)
        expect(screen.page.locator("#snooze-menu summary")).to_contain_text("Mañana, 9:00")
    phone.says("¿Siguen ahí?")
    for screen in (sofia, simon):
        expect(rows(screen)).to_have_count(1)
        expect(screen.page.locator("#snooze-menu summary")).not_to_contain_text("Mañana")
        assert screen.problems == []


def test_when_its_time_comes_whoever_has_it_is_told(at_desk, app, owner):
    sofia = at_desk()
    sofia.page.keyboard.press("i")
    expect(sofia.page.locator("#owner-menu summary")).to_contain_text("Sofía")
    sofia.page.locator("#snooze-menu summary").click()
    sofia.page.get_by_role("button", name=re.compile("1 hora")).click()
    expect(rows(sofia)).to_have_count(0)
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE conversations SET snoozed_until = now() - interval '1 second'"))
    wake_snoozed()
    sofia.sees("Volvió la conversación con Luisa Gómez")
    expect(rows(sofia)).to_have_count(1)


def test_a_transfer_is_heard_by_the_other_with_its_note(at_desk, sign_in):
    sofia, simon = at_desk(), sign_in("seller2@acme.test")
    expect(rows(simon)).to_have_count(1)
    sofia.page.locator("#owner-menu summary").click()
    sofia.page.get_by_label("Nota para quien la recibe (opcional)").fill("Quiere verlo el jueves")
    sofia.page.locator("#owner-menu").get_by_role("button", name=re.compile("Simón Díaz")).click()
    simon.sees("Sofía te pasó la conversación con Luisa Gómez: Quiere verlo el jueves")
    expect(sofia.page.locator(".message-note")).to_contain_text("Quiere verlo el jueves")
    expect(sofia.page.locator("#owner-menu summary")).to_contain_text("Simón")
    assert sofia.problems == simon.problems == []


def test_a_name_is_corrected_in_place_while_a_message_arrives(at_desk, phone):
    sofia, simon = at_desk(), at_desk("seller2@acme.test")
    field = sofia.page.get_by_label("Nombre", exact=True)
    field.fill("Luisa Fern")
    phone.says("¿Y el precio?")
    sofia.sees("¿Y el precio?")
    expect(sofia.page.locator("#cliente .customer-facts", has_text="Mensajes")).to_contain_text("2")
    expect(field).to_have_value("Luisa Fern")
    expect(field).to_be_focused()
    sofia.page.keyboard.type("anda")
    sofia.page.keyboard.press("Enter")
    for screen in (sofia, simon):
        expect(screen.page.locator("#thread-title")).to_contain_text("Luisa Fernanda")
        expect(rows(screen).first).to_contain_text("Luisa Fernanda")
    expect(simon.page.get_by_label("Nombre", exact=True)).to_have_value("Luisa Fernanda")
    assert sofia.problems == simon.problems == []


def test_what_cannot_be_is_said_beside_the_field_and_esc_takes_it_back(at_desk):
    sofia = at_desk()
    field = sofia.page.get_by_label("Correo", exact=True)
    field.fill("luisa@")
    field.press("Enter")
    expect(sofia.page.locator("#lead-email .field-error")).to_contain_text("Escribe un correo completo")
    expect(field).to_have_value("luisa@")
    field.press("Escape")
    expect(field).to_have_value("")
    expect(sofia.page.locator("#lead-email .field-error")).to_have_count(0)
    field.fill("luisa@correo.co")
    field.press("Enter")
    sofia.page.reload()
    expect(sofia.page.get_by_label("Correo", exact=True)).to_have_value("luisa@correo.co")


def test_notes_and_tags_are_seen_by_the_other(at_desk):
    sofia, simon = at_desk(), at_desk("seller2@acme.test")
    sofia.page.get_by_label("Agregar etiqueta").fill("VIP")
    sofia.page.get_by_label("Agregar etiqueta").press("Enter")
    expect(simon.page.locator("#customer-tags .tag")).to_have_text("VIP")
    expect(sofia.page.get_by_label("Agregar etiqueta")).to_have_value("")
    note = sofia.page.get_by_label("Nueva nota sobre el cliente")
    note.fill("Llamar después de las 6")
    sofia.page.locator("#lead-notes").get_by_role("button", name="Guardar").first.click()
    expect(simon.page.locator("#lead-notes .note")).to_contain_text("Llamar después de las 6")
    expect(note).to_have_value("")
    expect(simon.page.locator("#lead-notes .note-edit")).to_be_hidden()
    sofia.page.get_by_label("Editar la nota").click()
    sofia.page.locator(".note-edit textarea").fill("Llamar a las 7")
    sofia.page.locator(".note-edit").get_by_role("button", name="Guardar").click()
    expect(simon.page.locator("#lead-notes .note")).to_contain_text("Llamar a las 7")
    simon.page.get_by_label("Quitar la etiqueta VIP").click()
    expect(sofia.page.locator("#customer-tags .tag")).to_have_count(0)


@pytest.fixture
def macro(acme, owner):
    """M and 3: an answer, a tag and a priority, of Sofía's own."""
    actions = '[{"do": "send", "text": "Hola, {{first_name}}"},{"do": "tag", "tag": "VIP"}, {"do": "priority", "to": "urgent"}]'
    with owner.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO macros (id, tenant_id, owner_id, name, key, is_shared, actions) VALUES (gen_random_uuid(), :t,"
                " :u, 'Atender', 3, false, CAST(:a AS jsonb))"
            ),
            {"t": acme.id, "u": id_of(owner, "seller@acme.test"), "a": actions},
        )


def test_a_macro_by_two_keys(macro, at_desk):
    sofia, simon = at_desk(), at_desk("seller2@acme.test")
    sofia.page.keyboard.press("m")
    sofia.page.keyboard.press("3")
    for screen in (sofia, simon):
        expect(screen.page.locator(".message-out")).to_contain_text("Hola, Luisa")
        expect(screen.page.locator("#customer-tags .tag")).to_have_text("VIP")
        expect(
            screen.page.locator("#thread-head").get_by_role("img", name="Prioridad urgente")
        ).to_be_visible()
    sofia.page.keyboard.press("m")
    sofia.page.keyboard.press("9")
    sofia.sees("Ninguna macro tiene la tecla 9")


def test_a_macro_from_the_menu_by_keyboard(macro, at_desk):
    sofia = at_desk()
    sofia.page.locator("#more-menu summary").focus()
    sofia.page.keyboard.press("Enter")
    entry = sofia.page.locator("#more-macros").get_by_role("button", name=re.compile("Atender"))
    expect(entry).to_be_visible()
    entry.focus()
    sofia.page.keyboard.press("Enter")
    expect(sofia.page.locator(".message-out")).to_contain_text("Hola, Luisa")


def test_enter_beside_the_choices_decides_nothing(at_desk):
    sofia = at_desk()
    sofia.page.keyboard.press("e")
    note = sofia.page.locator("#closing-menu").get_by_label("Nota para el equipo (opcional)")
    note.fill("Llamar")
    note.press("Enter")
    expect(sofia.page.locator("#closing-menu .menu-item").first).to_be_focused()
    expect(note).to_have_value("Llamar")
    expect(sofia.page.locator("#thread-head")).to_have_attribute("data-is-open", "true")


def test_a_note_that_is_not_saved_yet_survives_a_reload(at_desk):
    sofia = at_desk()
    sofia.page.locator("#note-add").fill("A medio escribir")
    sofia.page.reload()
    expect(sofia.page.locator("#note-add")).to_have_value("A medio escribir")
    sofia.page.get_by_role("button", name="Guardar la nota").click()
    expect(sofia.page.locator("#lead-notes .note")).to_contain_text("A medio escribir")
    sofia.page.reload()
    expect(sofia.page.locator("#lead-notes .note")).to_be_visible()
    expect(sofia.page.locator("#note-add")).to_have_value("")


def test_closing_by_keyboard_with_what_came_of_it(at_desk):
    sofia, simon = at_desk(), at_desk("seller2@acme.test")
    sofia.page.keyboard.press("e")
    menu = sofia.page.locator("#closing-menu")
    menu.get_by_label("Resultado (opcional)").select_option("sale")
    menu.get_by_label(re.compile("Valor en COP")).fill("1.850.000")
    menu.get_by_role("button", name="Venta").focus()
    sofia.page.keyboard.press("Enter")
    for screen in (sofia, simon):
        screen.sees("cerró la conversación: venta")
        expect(screen.page.locator("#customer-ending")).to_contain_text("1.850.000")


def test_a_macro_is_made_by_hand(sign_in, rows):
    sofia = sign_in("seller@acme.test").opens("/settings/macros/new")
    page = sofia.page
    page.get_by_label("Nombre").fill("Retomar")
    page.get_by_label("Tecla", exact=True).select_option("2")
    expect(page.locator(".step:visible")).to_have_count(1)
    page.get_by_label("Acción 1", exact=True).select_option("tag")
    page.get_by_label("Texto de la acción 1", exact=True).fill("Retomar")
    page.get_by_label("Acción 2", exact=True).select_option("snooze:month")
    expect(page.locator(".step:visible")).to_have_count(3)
    page.locator(".step").nth(1).get_by_label("Subir").click()
    page.get_by_role("button", name="Guardar").click()
    sofia.sees("Macro guardada.")
    [made] = rows(Macro)
    assert [step["do"] for step in made.actions] == ["snooze", "tag"]


def test_on_a_telephone_the_customer_is_the_third_screen(at_desk):
    sofia = at_desk(**PHONE)
    page = sofia.page
    page.get_by_role("link", name="Ver datos del cliente").tap()
    field = page.get_by_label("Ciudad", exact=True)
    expect(field).to_be_visible()
    field.fill("Cali")
    field.press("Enter")
    expect(field).to_have_value("Cali")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("link", name="Volver a la conversación").tap()
    expect(page.locator(COMPOSER)).to_be_visible()
    page.locator("#more-menu summary").tap()
    page.get_by_role("button", name="Posponer…").tap()
    page.get_by_role("button", name=re.compile("Hasta que escriba")).tap()
    sofia.sees("la pospuso hasta que el cliente escriba")
    assert sofia.problems == []


def test_without_javascript_it_is_put_aside_tagged_and_corrected(sign_in, phone):
    phone.says("Hola", name="Luisa Gómez")
    page = sign_in("seller@acme.test", java_script_enabled=False).page
    for _ in range(50):
        page.goto("/inbox")
        if page.locator("#inbox-rows [data-conversation]").count():
            break
    page.locator("#inbox-rows [data-conversation]").first.click()
    page.locator("#tag-add").fill("VIP")
    page.locator("#tag-add").press("Enter")
    expect(page.locator("#customer-tags .tag")).to_have_text("VIP")
    page.get_by_label("Ciudad", exact=True).fill("Cali")
    page.get_by_label("Ciudad", exact=True).press("Enter")
    expect(page.get_by_label("Ciudad", exact=True)).to_have_value("Cali")
    page.locator("#snooze-menu summary").click()
    page.get_by_role("button", name=re.compile("Hasta que escriba")).click()
    expect(page.locator(".happened").last).to_contain_text("hasta que el cliente escriba")
