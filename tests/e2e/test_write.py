"""Writing with one's own hands: quick replies, drafts, emoji, voice, mentions, and what goes wrong meanwhile."""

from __future__ import annotations

import re
import time
from io import BytesIO

import pytest
from playwright.sync_api import expect

from tests.files import corpus

COMPOSER = "#composer-body"
PASTE_8K = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 7680, height: 4320 });
  const pen = canvas.getContext("2d");
  const noise = pen.createImageData(1800, 1800);
  for (let at = 0; at < noise.data.length; at += 1) noise.data[at] = at % 4 === 3 ? 255 : Math.random() * 256;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, 7680, 4320);
  pen.putImageData(noise, 100, 100);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([blob], "captura.png", { type: "image/png" }));
  const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
  document.getElementById("composer-body").dispatchEvent(paste);
  return blob.size;
}"""


def until(found, seconds: float = 8):
    """What `found()` gives as soon as it is something."""
    ends_at = time.monotonic() + seconds
    while not (value := found()) and time.monotonic() < ends_at:
        time.sleep(0.05)
    return value


def texts(phone) -> list[str]:
    return [one.get("text") for one in phone.received()]


@pytest.fixture
def open_with(sign_in, phone):
    """A colleague's browser with the one conversation open."""

    def enter(email: str = "seller@acme.test", **context):
        screen = sign_in(email, **context)
        screen.page.locator(".row-link").first.click()
        expect(screen.page.locator(COMPOSER)).to_be_visible()
        return screen

    phone.says("Hola, ¿sigue disponible?", name="Luisa Gómez")
    return enter


def keep(person, **given):
    person.post(
        "/settings/quick-replies",
        **{"shortcut": "saludo", "title": "Saludo", "body": "Hola {{first_name|cliente}}", **given},
    )


# -- Quick replies -------------------------------------------------------------------------------------------


def test_a_quick_reply_by_keyboard_with_its_file(open_with, seller, phone):
    keep(
        seller,
        body="Hola {{first_name}}, soy {{agent}}",
        file=(BytesIO(corpus.PDF), "lista.pdf", "application/pdf"),
    )
    screen = open_with()
    screen.page.focus(COMPOSER)
    screen.page.keyboard.type("/sal")
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator(COMPOSER)).to_have_value("Hola Luisa, soy Sofía Ríos")
    expect(screen.page.locator(".file-chip")).to_contain_text("lista.pdf")
    screen.page.keyboard.press("Enter")
    got = until(lambda: phone.received() and phone.last())
    assert (got["type"], got["media"]["filename"]) == ("document", "lista.pdf")
    assert "Hola Luisa, soy Sofía Ríos" in str(got)
    assert screen.problems == []


def test_several_are_stacked_and_the_list_is_walked(open_with, seller):
    keep(seller, shortcut="a", title="Primera", body="Uno.")
    keep(seller, shortcut="b", title="Segunda", body="Dos.")
    page = open_with().page
    page.click("[data-quick-open]")
    expect(page.locator("#composer-suggest [role=option]")).to_have_count(2)
    expect(page.locator(COMPOSER)).to_have_attribute("aria-activedescendant", re.compile("quick-"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.locator(COMPOSER)).to_have_value("Dos.")
    page.keyboard.type(" /prim")
    page.keyboard.press("Enter")
    expect(page.locator(COMPOSER)).to_have_value("Dos. Uno.")


def test_escape_closes_the_list_and_a_slash_is_a_slash(open_with, seller, phone):
    keep(seller)
    page = open_with().page
    page.focus(COMPOSER)
    page.keyboard.type("/s")
    expect(page.locator("#composer-suggest [role=option]")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#composer-suggest [role=option]")).to_have_count(0)
    page.keyboard.press("Enter")
    assert until(lambda: texts(phone) == ["/s"])


def test_a_gap_is_pointed_out_before_it_goes(open_with, seller, phone):
    keep(seller, body="Nos vemos en {{city}}")
    page = open_with().page
    page.focus(COMPOSER)
    page.keyboard.type("/saludo")
    page.keyboard.press("Enter")
    expect(page.locator(COMPOSER)).to_have_value("Nos vemos en {{city}}")
    page.keyboard.press("Enter")
    expect(page.locator("#composer-problem")).to_contain_text("Quedó sin llenar {{city}}")
    assert phone.received() == []
    page.keyboard.type("Cali")
    page.keyboard.press("Enter")
    assert until(lambda: texts(phone) == ["Nos vemos en Cali"])


# -- Drafts --------------------------------------------------------------------------------------------------


def test_a_draft_is_in_every_browser_of_its_writer(open_with, sign_in, phone):
    first = open_with()
    first.page.fill(COMPOSER, "Te cuento:")
    second = sign_in("seller@acme.test")
    expect(second.page.locator(".row-draft")).to_have_text("Borrador: Te cuento:", timeout=10_000)
    told_at = second.page.locator(".row").get_attribute("data-at")
    phone.says("¿Hola?")
    expect(second.page.locator(".row")).not_to_have_attribute("data-at", told_at)
    expect(second.page.locator(".row-draft")).to_have_text("Borrador: Te cuento:")
    second.page.locator(".row-link").first.click()
    expect(second.page.locator(COMPOSER)).to_have_value("Te cuento:")
    colleague = sign_in("seller2@acme.test")
    expect(colleague.page.locator(".row-preview")).to_contain_text("¿Hola?")
    expect(colleague.page.locator(".row.has-draft")).to_have_count(0)
    second.page.press(COMPOSER, "Enter")
    assert until(lambda: texts(phone) == ["Te cuento:"])
    expect(first.page.locator(COMPOSER)).to_have_value("")
    assert first.problems == second.problems == []


def test_what_another_browser_writes_never_replaces_what_is_typed_here(open_with):
    first, second = open_with(), open_with()
    first.page.fill(COMPOSER, "desde el primero")
    expect(second.page.locator(COMPOSER)).to_have_value("desde el primero", timeout=10_000)
    second.context.set_offline(True)
    second.page.fill(COMPOSER, "desde el segundo")
    first.page.fill(COMPOSER, "desde el primero, otra vez")
    expect(first.page.locator(COMPOSER)).to_have_value("desde el primero, otra vez")
    second.context.set_offline(False)
    expect(second.page.locator(COMPOSER)).to_have_value("desde el segundo")


def test_without_a_network_the_draft_stays_here_and_goes_up_later(open_with, seller):
    screen = open_with()
    screen.context.set_offline(True)
    screen.page.fill(COMPOSER, "sin red")
    screen.page.locator(".thread-head h2").click()
    screen.context.set_offline(False)
    screen.page.reload()
    expect(screen.page.locator(COMPOSER)).to_have_value("sin red")
    assert until(lambda: list(seller.get("/inbox/drafts").json.values()) == ["sin red"])
    screen.page.goto("/inbox")
    expect(screen.page.locator(".row-draft")).to_have_text("Borrador: sin red")


def test_leaving_at_once_loses_nothing(open_with, seller):
    screen = open_with()
    screen.page.fill(COMPOSER, "me voy ya")
    screen.page.goto("/settings")
    assert until(lambda: list(seller.get("/inbox/drafts").json.values()) == ["me voy ya"])


# -- Emoji ---------------------------------------------------------------------------------------------------


def test_an_emoji_by_keyboard(open_with, phone):
    page = open_with().page
    page.fill(COMPOSER, "Tu nueva ")
    page.get_by_role("button", name="Emoji").press("Enter")
    page.keyboard.type("casa con jard")
    expect(page.locator(".emoji-grid button")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator(COMPOSER)).to_have_value("Tu nueva 🏡")
    page.get_by_role("button", name="Emoji").press("Enter")
    expect(page.locator(".emoji-group h3").first).to_have_text("Recientes")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowLeft", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(COMPOSER)).to_have_value("Tu nueva 🏡🏡")
    page.get_by_role("button", name="Emoji").press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(COMPOSER)).to_be_focused()
    page.keyboard.press("Enter")
    assert until(lambda: texts(phone) == ["Tu nueva 🏡🏡"])


def test_an_emoji_by_its_name(open_with):
    page = open_with().page
    page.focus(COMPOSER)
    page.keyboard.type("Va :fiesta")
    expect(page.locator("#composer-suggest [role=option]").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(COMPOSER)).to_have_value(re.compile(r"^Va \S+$"))
    page.fill(COMPOSER, "")
    page.keyboard.type("a las 10:30 :) nota:esto")
    expect(page.locator("#composer-suggest [role=option]")).to_have_count(0)


# -- Voice ---------------------------------------------------------------------------------------------------


def test_a_voice_note_is_heard_before_it_goes_and_played_by_the_telephone(open_with, phone):
    screen = open_with()
    page = screen.page
    page.get_by_role("button", name="Grabar una nota de voz").press("Enter")
    expect(page.locator(".voice-time")).to_have_text("0:01", timeout=10_000)
    page.get_by_role("button", name="Terminar y escuchar").press("Enter")
    expect(page.locator("#composer-voice audio")).to_have_attribute("src", re.compile("^blob:"))
    page.locator("#composer-voice .player-play").click()
    page.get_by_role("button", name="Enviar la nota de voz").press("Enter")
    got = until(lambda: phone.received() and phone.last(), 15)
    assert (got["type"], got["media"]["voice"]) == ("audio", True)
    expect(page.locator(".message-out [data-player]")).to_have_count(1)
    expect(page.locator("#composer-voice")).to_be_hidden()
    assert screen.problems == []


def test_a_recording_that_is_discarded_is_gone(open_with, phone):
    page = open_with().page
    page.click("[data-voice='start']")
    expect(page.locator("#composer-voice")).to_be_visible()
    page.get_by_role("button", name="Descartar la grabación").click()
    expect(page.locator("#composer-voice")).to_be_hidden()
    expect(page.locator(COMPOSER)).to_be_focused()
    assert phone.received() == []


def test_a_microphone_that_is_denied_gets_words(open_with):
    screen = open_with()
    screen.page.evaluate(
        "void (navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); })"
    )
    screen.page.click("[data-voice='start']")
    expect(screen.page.locator("#composer-problem")).to_contain_text("no dio permiso para usar el micrófono")


def test_where_nothing_can_be_recorded_there_is_no_button(sign_in, phone):
    phone.says("Hola")
    screen = sign_in("seller@acme.test")
    screen.page.add_init_script("delete window.MediaRecorder")
    screen.page.reload()
    screen.page.locator(".row-link").first.click()
    expect(screen.page.locator(COMPOSER)).to_be_visible()
    expect(screen.page.locator("[data-voice='start']")).to_be_hidden()


# -- Mentions ------------------------------------------------------------------------------------------------


def test_a_mention_is_heard_by_the_other_browser(open_with, sign_in):
    sofia, simon = open_with(), sign_in("seller2@acme.test")
    expect(simon.page.locator(".row")).to_have_count(1)
    sofia.page.get_by_text("Nota", exact=True).click()
    sofia.page.keyboard.type("@sim")
    expect(sofia.page.locator("#composer-suggest [role=option]")).to_have_count(1)
    sofia.page.keyboard.press("Enter")
    expect(sofia.page.locator(COMPOSER)).to_have_value("@Simón Díaz ")
    sofia.page.keyboard.type("¿la visitas tú?")
    sofia.page.keyboard.press("Enter")
    expect(sofia.page.locator(".message-note .mention")).to_have_text("@Simón Díaz")
    simon.sees("Te mencionaron en una nota.")
    simon.page.get_by_role("link", name="Abrir", exact=True).click()
    expect(simon.page.locator(".mention")).to_have_text("@Simón Díaz")
    assert sofia.problems == simon.problems == []


# -- How one likes to work -----------------------------------------------------------------------------------


def test_enter_breaks_the_line_for_who_prefers_it(open_with, seller, phone):
    seller.post("/me/preferences", work="1", enter_sends="0", undo_seconds="0")
    page = open_with().page
    expect(page.locator(".composer-hint")).to_contain_text("Ctrl")
    page.focus(COMPOSER)
    page.keyboard.type("uno")
    page.keyboard.press("Enter")
    page.keyboard.type("dos")
    expect(page.locator(COMPOSER)).to_have_value("uno\ndos")
    page.keyboard.press("Control+Enter")
    assert until(lambda: texts(phone) == ["uno\ndos"])


def test_tab_leads_out_of_the_composer(open_with):
    page = open_with().page
    page.focus(COMPOSER)
    page.keyboard.press("Tab")
    expect(page.locator(COMPOSER)).not_to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.locator(COMPOSER)).to_be_focused()


# -- What goes wrong -----------------------------------------------------------------------------------------


def test_a_pasted_8k_picture_is_made_to_fit_and_goes(open_with, phone):
    screen = open_with()
    assert screen.page.evaluate(PASTE_8K) > 5_000_000
    expect(screen.page.locator(".file-chip")).to_contain_text("reducida", timeout=30_000)
    screen.page.press(COMPOSER, "Enter")
    got = until(lambda: phone.received() and phone.last(), 20)
    assert got["type"] == "image"
    picture = screen.page.locator(".message-out .picture img")
    expect(picture).to_have_attribute("width", "4096")
    assert screen.problems == []


def test_a_90_mb_video_is_refused_before_it_is_uploaded(open_with, tmp_path):
    film = tmp_path / "recorrido.mp4"
    with film.open("wb") as file:
        file.write(b"\x00\x00\x00\x18ftypmp42")
        file.truncate(90_000_000)
    screen = open_with()
    screen.page.fill(COMPOSER, "Mira el recorrido")
    screen.page.set_input_files("#composer input[type=file]", film)
    expect(screen.page.locator("#composer-problem")).to_contain_text("recorrido.mp4 pesa demasiado: hasta 16")
    expect(screen.page.locator(".file-chip")).to_have_count(0)
    expect(screen.page.locator(COMPOSER)).to_have_value("Mira el recorrido")


def test_a_file_the_server_refuses_comes_back_with_its_words(open_with):
    screen = open_with()
    fake = {"name": "contrato.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00" + bytes(900)}
    screen.page.fill(COMPOSER, "El contrato")
    screen.page.set_input_files("#composer input[type=file]", fake)
    screen.page.press(COMPOSER, "Enter")
    expect(screen.page.locator("#composer-problem")).to_contain_text("ejecuta código")
    expect(screen.page.locator(COMPOSER)).to_have_value("El contrato")
    expect(screen.page.locator(".file-chip")).to_contain_text("contrato.pdf")


def test_the_network_gone_while_sending_loses_and_doubles_nothing(open_with, phone):
    screen = open_with()
    screen.context.set_offline(True)
    screen.page.fill(COMPOSER, "llegará")
    screen.page.press(COMPOSER, "Enter")
    screen.sees("En cola: sale al volver la conexión.")
    screen.context.set_offline(False)
    assert until(lambda: texts(phone) == ["llegará"], 20)
    expect(screen.page.locator(".message", has_text="llegará")).to_have_count(1)
    expect(screen.page.locator(".is-pending")).to_have_count(0)


def test_the_session_ended_while_typing_loses_no_word(open_with, seller):
    screen = open_with()
    screen.page.fill(COMPOSER, "esto no se pierde")
    seller.post("/me/sessions/revocation")
    expect(screen.page.locator("#composer-problem")).to_contain_text("Lo que escribiste está guardado aquí")
    screen.page.get_by_role("link", name="Entrar de nuevo").click()
    screen.page.fill("[name=email]", "seller@acme.test")
    screen.page.fill("[name=password]", "demo-2026-crm")
    screen.page.press("[name=password]", "Enter")
    expect(screen.page.locator(COMPOSER)).to_have_value("esto no se pierde")


def test_on_a_telephone_the_tools_are_in_reach(open_with, seller, phone):
    keep(seller, body="Hola {{first_name}}")
    screen = open_with(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = screen.page
    expect(page.locator("[data-voice='start']")).to_be_visible()
    page.tap("[data-quick-open]")
    page.locator("#composer-suggest [role=option]").tap()
    expect(page.locator(COMPOSER)).to_have_value("Hola Luisa")
    expect(page.locator("[data-voice='start']")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.tap(".composer-send")
    assert until(lambda: texts(phone) == ["Hola Luisa"])
