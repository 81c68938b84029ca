"""Two real browsers and a customer's telephone, all the way through."""

from __future__ import annotations

import time

from playwright.sync_api import expect

COMPOSER = "textarea[name=body]"


def write(screen, text: str) -> None:
    screen.page.fill(COMPOSER, text)
    screen.page.press(COMPOSER, "Enter")


def open_first(screen) -> None:
    screen.page.locator("[data-conversation]").first.click()
    expect(screen.page.locator(COMPOSER)).to_be_visible()


def received(phone, text: str) -> bool:
    for _ in range(100):
        if any(one.get("text") == text for one in phone.received()):
            return True
        time.sleep(0.05)
    return False


def test_a_customer_and_a_seller_talk(sign_in, phone):
    seller = sign_in("seller@acme.test")
    phone.says("Hola, ¿sigue disponible?", name="Luisa Gómez")
    seller.sees("Luisa Gómez")
    open_first(seller)
    seller.sees("Hola, ¿sigue disponible?")
    write(seller, "Claro que sí, Luisa")
    assert received(phone, "Claro que sí, Luisa")
    phone.says("¡Perfecto!")
    seller.sees("¡Perfecto!")
    expect(seller.page.locator(COMPOSER)).to_have_value("")
    assert seller.problems == []


def test_what_one_seller_does_the_other_sees(sign_in, phone):
    sofia, simon = sign_in("seller@acme.test"), sign_in("seller2@acme.test")
    phone.says("Buenas")
    for screen in (sofia, simon):
        screen.sees("Buenas")
        open_first(screen)
    write(sofia, "Te atiende Sofía")
    simon.sees("Te atiende Sofía")
    expect(simon.page.get_by_text("Te atiende Sofía")).to_have_count(2)  # the thread and the list
    assert sofia.page.locator(".message", has_text="Te atiende Sofía").count() == 1
    assert sofia.problems == simon.problems == []


def test_a_browser_that_was_offline_catches_up(sign_in, phone):
    seller = sign_in("seller@acme.test")
    phone.says("uno")
    seller.sees("uno")
    open_first(seller)
    seller.context.set_offline(True)
    seller.page.evaluate("window.crm?.live?.socket?.io?.engine?.close()")
    for word in ("dos", "tres", "cuatro"):
        phone.says(word)
    seller.context.set_offline(False)
    for word in ("dos", "tres", "cuatro"):
        expect(seller.page.locator(".message").get_by_text(word, exact=True)).to_have_count(1, timeout=15_000)


def test_script_in_a_name_or_a_text_stays_words(sign_in, phone):
    seller = sign_in("seller@acme.test")
    ran: list[str] = []
    seller.page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    phone.says("<img src=x onerror=alert(1)><script>alert(2)</script>", name="<svg onload=alert(3)>")
    seller.sees("<svg onload=alert(3)>")
    open_first(seller)
    seller.sees("<script>alert(2)</script>")
    assert ran == []


def test_the_whole_conversation_by_keyboard(sign_in, phone):
    seller = sign_in("seller@acme.test")
    phone.says("Solo teclado")
    seller.sees("Solo teclado")
    seller.page.keyboard.press("j")
    seller.page.keyboard.press("Enter")
    expect(seller.page.locator(COMPOSER)).to_be_visible()
    seller.page.keyboard.press("r")
    seller.page.keyboard.type("Sin ratón")
    seller.page.keyboard.press("Enter")
    assert received(phone, "Sin ratón")


def test_reading_and_replying_without_javascript(sign_in, phone):
    phone.says("¿Hay alguien?")
    seller = sign_in("seller@acme.test", java_script_enabled=False)
    for _ in range(50):
        if seller.opens("/inbox").page.locator("[data-conversation]").count():
            break
    seller.page.locator("[data-conversation]").first.click()
    seller.page.fill(COMPOSER, "Aquí, sin JavaScript")
    seller.page.locator("form", has=seller.page.locator(COMPOSER)).get_by_role(
        "button", name="Enviar"
    ).click()
    seller.sees("Aquí, sin JavaScript")
    assert received(phone, "Aquí, sin JavaScript")


def test_on_a_telephone_there_are_three_screens(sign_in, phone):
    phone.says("Desde el celular")
    seller = sign_in("seller@acme.test", viewport={"width": 390, "height": 844}, has_touch=True)
    seller.sees("Desde el celular")
    open_first(seller)
    width = seller.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
    seller.page.get_by_role("link", name="Volver").first.click()
    seller.page.wait_for_url("**/inbox*")
