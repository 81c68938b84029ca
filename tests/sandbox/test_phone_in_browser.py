"""The telephone in a real browser, under the product's content security policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import urllib3
from playwright.sync_api import Page, Playwright, expect
from werkzeug.serving import make_server

from tests.browser import launch
from tests.sandbox.bare import ROOT, bare_app
from tests.sandbox.stage import ACME

pytestmark = pytest.mark.browser
LIST = {
    "type": "list",
    "body": {"text": "¿Qué buscas?"},
    "action": {
        "button": "Ver opciones",
        "sections": [{"title": "Tipo", "rows": [{"id": "c", "title": "Casa"}]}],
    },
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    app = bare_app(tmp_path_factory.mktemp("browser"), csrf=True)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    app.extensions["sandbox"].state.close()


@pytest.fixture
def telephone(site: str, playwright: Playwright) -> Iterator[Page]:
    """Pedro's telephone, picked up and open at Acme's chat. Nothing may complain in the console."""
    browser = launch(playwright)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{site}/sandbox/phone")
    if not page.locator(".tel-new[open]").count():
        page.get_by_text("Nueva persona").click()
    page.get_by_label("Nombre", exact=True).fill("Pedro Páramo")
    page.get_by_label("Número", exact=True).fill("+57 307 111 0001")
    page.get_by_role("button", name="Tomar este teléfono").click()
    page.wait_for_url("**person=573071110001**", wait_until="load")
    yield page
    browser.close()
    assert complaints == []


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Mensaje")
    box.fill(text)
    box.press("Enter")
    expect(page.locator(".tel-mine .tel-words").last).to_have_text(text)


def business(site: str, **message: object) -> None:
    body = {"messaging_product": "whatsapp", "to": "+573071110001", **message}
    url = f"{site}/sandbox/graph/v26.0/{ACME}/messages"
    answer = urllib3.request("POST", url, json=body, headers={"Authorization": "Bearer x"}, retries=False)
    assert answer.status == 200, answer.data


def test_writing_and_pressing_what_the_business_offers(telephone: Page, site: str) -> None:
    write(telephone, "Hola, busco vivienda")
    business(site, type="interactive", interactive=LIST)
    telephone.get_by_text("Ver opciones").last.click()
    telephone.get_by_role("button", name="Casa").last.click()
    expect(telephone.locator(".tel-mine").last).to_contain_text("Casa")
    row = telephone.locator(".tel-theirs").last
    row.hover()
    row.locator(".tel-more summary").click()
    row.get_by_label("Reaccionar con 👍").click()
    expect(telephone.locator(".tel-theirs .tel-reactions").last).to_have_text("👍")


def test_what_is_on_screen_becomes_read(telephone: Page, site: str) -> None:
    write(telephone, "¿Siguen ahí?")
    with telephone.expect_request("**/sandbox/phone/read**"):
        business(site, text={"body": "Aquí estamos"})
    expect(telephone.locator(".tel-theirs").last).to_contain_text("Aquí estamos")
    expect(telephone.locator("[data-unread]")).to_have_count(0)


def test_sending_a_file_and_a_sample(telephone: Page) -> None:
    folder = ROOT / "crm_web" / "sandbox" / "samples"
    telephone.locator("input[name=document]").set_input_files(folder / "promesa-de-compraventa.pdf")
    expect(telephone.locator(".tel-place b").last).to_have_text("promesa-de-compraventa.pdf")
    telephone.get_by_label("Adjuntar").click()
    telephone.get_by_role("button", name="Foto de ejemplo").click()
    expect(telephone.locator(".tel-picture").last).to_be_visible()


def test_nothing_is_wider_than_a_small_screen(telephone: Page, site: str) -> None:
    write(telephone, "x" * 400)
    telephone.set_viewport_size({"width": 360, "height": 740})
    for path in (telephone.url, f"{site}/sandbox/phone", f"{site}/sandbox/phone?person=573071110001"):
        telephone.goto(path)
        assert telephone.evaluate("document.documentElement.scrollWidth") == 360
