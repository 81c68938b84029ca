"""What is felt of others and of the world: company, writing, catching up, losing sight, ringing, the keyboard."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.conftest import HTTP, Telephone, next_number
from tests.e2e.test_inbox import COMPOSER, open_first, received, write

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CUT = "window.crm.live.socket.io.engine.close()"


@pytest.fixture
def prefer(owner, acme):
    def change(email, **preferences):
        with owner.begin() as connection:
            connection.execute(
                sa.text("UPDATE users SET preferences = CAST(:p AS jsonb) WHERE email = :e"),
                {"p": json.dumps({"undo_seconds": 0, **preferences}), "e": email},
            )

    return change


@pytest.fixture
def other_phone(stand_in, acme, workers):
    return Telephone(stand_in, next_number(), lambda: 0)


def assign(screen, name: str) -> None:
    screen.page.locator("#owner-menu summary").click()
    screen.page.locator("#owner-menu").get_by_role("button", name=name).click()
    expect(screen.page.locator("#owner-menu summary")).to_contain_text(name.split()[0])


def go_offline(screen) -> None:
    screen.context.set_offline(True)
    screen.page.evaluate(CUT)
    expect(screen.page.locator("#offline")).to_be_visible(timeout=10_000)


def together(sign_in, phone, *emails, words="Buenas"):
    """People with the same conversation open."""
    phone.says(words, name="Luisa Gómez")
    screens = [sign_in(email) for email in emails]
    for screen in screens:
        screen.sees(words)
        open_first(screen)
    return screens


# -- Company -------------------------------------------------------------------------------------------------


def test_who_else_is_here_and_who_writes(sign_in, phone):
    sofia, simon = together(sign_in, phone, "seller@acme.test", "seller2@acme.test")
    expect(sofia.page.locator("#viewers").get_by_role("img", name="Simón Díaz")).to_be_visible()
    expect(simon.page.locator("#viewers").get_by_role("img", name="Sofía Ríos")).to_be_visible()
    expect(simon.page.locator("#viewers .avatar")).to_have_count(1)
    sofia.page.locator(COMPOSER).press_sequentially("Hola, Luisa")
    expect(simon.page.locator("#writers")).to_contain_text("Sofía está escribiendo")
    expect(simon.page.locator(".row-writing")).to_be_visible()
    expect(sofia.page.locator("#writers")).to_be_empty()
    expect(simon.page.locator(".writers-warning")).to_be_hidden()
    simon.page.fill(COMPOSER, "Yo también")
    expect(simon.page.locator(".writers-warning")).to_contain_text("Sofía ya le está respondiendo")
    sofia.page.press(COMPOSER, "Enter")
    expect(simon.page.locator("#writers")).to_be_empty(timeout=10_000)
    sofia.page.close()
    expect(simon.page.locator("#viewers")).to_be_empty(timeout=10_000)
    assert simon.problems == []


# -- Catching up ---------------------------------------------------------------------------------------------


def test_offline_while_messages_ticks_and_owner_change(sign_in, phone, stand_in):
    sofia, simon = together(sign_in, phone, "seller@acme.test", "seller2@acme.test")
    write(sofia, "¿Me lees?")
    assert received(phone, "¿Me lees?")
    go_offline(sofia)
    for words in ("dos", "tres"):
        phone.says(words)
    HTTP.request("POST", f"{stand_in}/sandbox/read", json={"from": phone.number})
    assign(simon, "Simón Díaz")
    write(simon, "Contesta Simón")
    simon.sees("Contesta Simón")
    expect(simon.page.locator(".message", has_text="¿Me lees?")).to_contain_text("Leído", timeout=15_000)
    sofia.context.set_offline(False)
    for words in ("dos", "tres", "Contesta Simón"):
        expect(sofia.page.locator(".message").get_by_text(words, exact=True)).to_have_count(1, timeout=15_000)
    expect(sofia.page.locator("#owner-menu summary")).to_contain_text("Simón")
    expect(sofia.page.locator(".message", has_text="¿Me lees?")).to_contain_text("Leído")
    orders = sofia.page.locator(".message[data-order]").evaluate_all(
        "all => all.map(one => one.dataset.order)"
    )
    assert orders == sorted(orders)
    assert len(set(orders)) == len(orders)
    expect(sofia.page.locator(".row-owner").first).to_be_visible()


def test_a_long_absence_loads_the_thread_anew_and_keeps_what_was_typed(sign_in, phone, deliver):
    from tests import meta

    (sofia,) = together(sign_in, phone, "seller@acme.test", words="uno")
    sofia.page.fill(COMPOSER, "A medio escribir")
    go_offline(sofia)
    deliver(meta.said(*[meta.text(f"línea {number}", phone.number) for number in range(95)]))
    with_all = sofia.page.locator(".message").get_by_text("línea 94", exact=True)
    sofia.context.set_offline(False)
    expect(with_all).to_have_count(1, timeout=20_000)
    expect(sofia.page.locator(COMPOSER)).to_have_value("A medio escribir")
    ids = sofia.page.locator("li.message").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_two_browsers_of_one_person(sign_in, phone):
    desk, laptop = together(sign_in, phone, "seller@acme.test", "seller@acme.test")
    write(desk, "Desde el escritorio")
    laptop.sees("Desde el escritorio")
    expect(laptop.page.locator(".message", has_text="Desde el escritorio")).to_have_count(1)
    expect(laptop.page.locator("#viewers")).to_be_empty()
    go_offline(laptop)
    write(desk, "Mientras no estabas")
    laptop.context.set_offline(False)
    expect(laptop.page.locator(".message", has_text="Mientras no estabas")).to_have_count(1, timeout=15_000)


# -- Losing sight --------------------------------------------------------------------------------------------


def test_giving_it_away_closes_it_kindly_for_who_may_not_see_it(sign_in, phone, decide):
    decide("seller@acme.test", "revoke", "conversations.all")
    sofia, boss = together(sign_in, phone, "seller@acme.test", "manager@acme.test")
    sofia.page.fill(COMPOSER, "Esto no se pierde")
    assign(boss, "Simón Díaz")
    sofia.sees("Esta conversación pasó a otra persona")
    expect(sofia.page.locator("#inbox-rows .row")).to_have_count(0)
    assert sofia.page.url.endswith("/inbox")
    phone.says("secreto para Simón")
    boss.sees("secreto para Simón")
    expect(sofia.page.get_by_text("secreto para Simón")).to_have_count(0)
    assign(boss, "Sofía Ríos")
    open_first(sofia)
    expect(sofia.page.locator(COMPOSER)).to_have_value("Esto no se pierde")


def test_a_permission_taken_away_while_connected(sign_in, phone, decide):
    (sofia,) = together(sign_in, phone, "seller@acme.test")
    decide("seller@acme.test", "revoke", "conversations.all", "conversations.unassigned")
    sofia.sees("Esta conversación pasó a otra persona", timeout=10_000)
    expect(sofia.page.locator("#inbox-rows .row")).to_have_count(0)


# -- Title, sound, desktop -----------------------------------------------------------------------------------


def test_the_title_and_the_rail_count_what_waits(sign_in, phone):
    sofia = sign_in("seller@acme.test")
    expect(sofia.page).to_have_title("Bandeja")
    phone.says("¿Hola?")
    expect(sofia.page).to_have_title("(1) Bandeja", timeout=10_000)
    expect(sofia.page.locator(".rail .nav-item .pill").first).to_have_text("1")
    open_first(sofia)
    expect(sofia.page.locator(".rail .nav-item .pill")).to_have_count(0, timeout=10_000)
    expect(sofia.page).not_to_have_title("(1)")


NOTIFIED = """
  window.rang = []; window.notes = [];
  document.addEventListener("notices:rang", ({ detail }) => {
    document.documentElement.dataset.rang = window.rang.push(detail.news);
  });
  window.Notification = class extends EventTarget {
    static permission = "granted";
    constructor(title, given) { super(); window.notes.push({ title, ...given }); window.lastNote = this; }
    close() {}
  };
"""


def rings(screen, count: int) -> None:
    expect(screen.page.locator("html")).to_have_attribute("data-rang", str(count), timeout=10_000)


def test_one_tab_rings_with_who_wrote_what(sign_in, phone, other_phone, prefer):
    prefer("seller@acme.test", sound=True, desktop=True)
    sofia = sign_in("seller@acme.test")
    sofia.context.add_init_script(NOTIFIED)
    sofia.opens("/inbox")
    second = sofia.context.new_page()
    second.goto("/inbox")
    expect(second.locator("#inbox")).to_be_visible()
    phone.says("¿Está libre el sábado?", name="Luisa Gómez")
    rings(sofia, 1)
    assert sofia.page.evaluate("window.notes.map(({ title, body }) => [title, body])") == [
        ["Luisa Gómez", "¿Está libre el sábado?"]
    ]
    assert second.evaluate("window.rang.length") == 0
    sofia.page.evaluate("window.lastNote.dispatchEvent(new Event('click'))")
    expect(sofia.page.locator("#thread-title")).to_have_text("Luisa Gómez")
    second.close()
    sofia.page.close()


def test_what_is_a_colleagues_does_not_ring(sign_in, phone, other_phone, prefer):
    prefer("seller2@acme.test", sound=True)
    boss, simon = sign_in("manager@acme.test"), sign_in("seller2@acme.test")
    simon.context.add_init_script(NOTIFIED)
    simon.opens("/inbox")
    phone.says("uno")
    rings(simon, 1)
    boss.sees("uno")
    open_first(boss)
    assign(boss, "Sofía Ríos")
    phone.says("para Sofía")
    simon.sees("para Sofía")
    other_phone.says("para cualquiera")
    rings(simon, 2)
    assert "para Sofía" not in simon.page.evaluate("JSON.stringify(window.rang)")


# -- Keyboard ------------------------------------------------------------------------------------------------


def test_the_sheet_and_the_bindings_are_one_list(sign_in):
    sofia = sign_in("seller@acme.test")
    sofia.page.keyboard.press("?")
    sheet = sofia.page.locator("#keys")
    expect(sheet).to_be_visible()
    shown = set(sheet.locator("[data-does]").evaluate_all("all => all.map(one => one.dataset.does)"))
    assert shown == set(sofia.page.evaluate("window.crm.keys.names()"))
    keys = sheet.locator("[data-key]").evaluate_all("all => all.map(one => one.dataset.key.toLowerCase())")
    assert len(keys) == len(set(keys))
    assert not any("alt" in key for key in keys)
    assert all(words.strip() for words in sheet.locator("dd").all_text_contents())
    sofia.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_a_day_without_a_mouse(sign_in, phone, other_phone):
    other_phone.says("primera", name="Ana Primera")
    phone.says("segunda", name="Beto Segundo")
    sofia = sign_in("seller@acme.test")
    page = sofia.page
    keys = page.keyboard
    expect(page.locator("#inbox-rows .row")).to_have_count(2)
    keys.press("j")
    keys.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Beto Segundo")
    keys.press("i")
    expect(page.locator("#owner-menu summary")).to_contain_text("Sofía")
    keys.press("a")
    expect(page.locator("#owner-menu")).to_have_attribute("open", "")
    keys.press("Escape")
    keys.press("n")
    keys.type("recordar jek")
    keys.press("Enter")
    expect(page.locator(".message-note", has_text="recordar jek")).to_be_visible()
    keys.press("Escape")
    keys.press("u")
    expect(page.locator("#inbox-rows .row.is-unread")).to_have_count(2)
    keys.press("2")
    expect(page.locator("#inbox-tabs .tab").nth(1)).to_have_attribute("aria-current", "page")
    keys.press("3")
    expect(page.locator("#inbox-rows .row")).to_have_count(2)
    keys.press("Shift+E")
    expect(page.locator("#closing-menu")).to_have_attribute("open", "")
    page.locator("#closing-menu").get_by_role("button", name="Resuelta").press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Ana Primera")
    keys.press("e")
    expect(page.locator("#closing-menu")).to_have_attribute("open", "")
    keys.press("Escape")
    keys.press("g")
    keys.press("a")
    page.wait_for_url("**/settings")
    keys.press("g")
    keys.press("b")
    page.wait_for_url("**/inbox")
    assert sofia.problems == []


def test_keys_are_letters_while_somebody_types(sign_in, phone):
    (sofia,) = together(sign_in, phone, "seller@acme.test")
    sofia.page.locator(COMPOSER).press_sequentially("jek g b ? / 123 enu")
    expect(sofia.page.locator(COMPOSER)).to_have_value("jek g b ? / 123 enu")
    expect(sofia.page.locator("dialog[open], details[data-menu][open]")).to_have_count(0)
    sofia.page.keyboard.press("Escape")
    for held in ("Alt+e", "Alt+n", "Control+Alt+k"):
        sofia.page.keyboard.press(held)
    expect(sofia.page.locator("dialog[open], details[data-menu][open]")).to_have_count(0)


def test_the_palette_does_finds_and_goes(sign_in, phone, other_phone):
    other_phone.says("hola", name="Ana Primera")
    (sofia,) = together(sign_in, phone, "seller@acme.test")
    page, keys = sofia.page, sofia.page.keyboard
    page.locator(COMPOSER).focus()
    keys.press("Control+k")
    palette = page.locator("#palette")
    expect(palette).to_be_visible()
    keys.type("nota")
    keys.press("Enter")
    expect(page.locator("#composer [value='note']")).to_be_checked()
    keys.press("Control+k")
    keys.type("prim")
    expect(palette.get_by_role("option", name="Ana Primera")).to_be_visible()
    keys.press("Enter")
    expect(page.locator("#thread-title")).to_have_text("Ana Primera")
    keys.press("Control+k")
    expect(palette.locator("#palette-found [role=option]")).to_have_count(2)
    keys.type("zzz")
    expect(palette.locator("#palette-empty")).to_be_visible()
    expect(palette.get_by_role("option")).to_have_count(0)
    keys.press("Escape")
    expect(palette).to_be_hidden()
    page.goto("/me/sessions")
    keys.press("Control+k")
    palette.get_by_role("option", name="Luisa Gómez").click()
    expect(page.locator("#thread-title")).to_have_text("Luisa Gómez")
    page.get_by_role("button", name="Buscar").click()
    keys.type("perfil")
    keys.press("Enter")
    page.wait_for_url("**/me/profile")
    assert sofia.problems == []


# -- By touch ------------------------------------------------------------------------------------------------


def test_on_a_telephone_by_touch(sign_in, phone):
    phone.says("Desde el celular", name="Luisa Gómez")
    sofia = sign_in("seller@acme.test", **PHONE)
    page = sofia.page
    page.locator(".row-link").first.tap()
    expect(page.locator("#thread-title")).to_have_text("Luisa Gómez")
    expect(page.locator("#inbox-list")).to_be_hidden()
    page.get_by_role("link", name="Ver datos del cliente").tap()
    expect(page.locator("#cliente")).to_be_visible()
    page.get_by_role("link", name="Volver a la conversación").tap()
    expect(page.locator("#cliente")).to_be_hidden()
    page.locator(COMPOSER).tap()
    page.locator(COMPOSER).fill("Con el dedo")
    page.get_by_role("button", name="Enviar").tap()
    assert received(phone, "Con el dedo")
    page.get_by_role("link", name="Volver a la lista").tap()
    expect(page.locator(".row-link").first).to_be_visible()
    expect(page.locator("#thread-title")).to_be_hidden()
    page.locator("[data-more]").tap()
    page.get_by_role("button", name="Buscar").tap()
    expect(page.locator("#palette")).to_be_visible()
    for target in page.locator("#palette :is([role=option], .icon-button):visible").all():
        assert target.bounding_box()["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert sofia.problems == []


def test_the_ledger_by_hand(sign_in, phone, owner):
    phone.says("algo")
    boss = sign_in("manager@acme.test")
    with owner.begin() as connection:
        connection.execute(sa.text("UPDATE inbound_events SET state = 'failed', error = 'KeyError: x'"))
    boss.opens("/settings/events")
    boss.sees("KeyError: x")
    boss.page.get_by_role("button", name="Repetir los fallidos").click()
    expect(boss.page.locator("#toasts")).to_contain_text("vuelve a procesarse")
    expect(boss.page.locator(".ledger-chart")).to_be_visible()
    boss.page.locator("tbody a").first.click()
    expect(boss.page.locator(".ledger-payload")).to_contain_text('"field"')
