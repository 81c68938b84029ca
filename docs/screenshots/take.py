"""`make screenshots`: start the product with its demo on a port of its own, and photograph the pages people live in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import launch
from tests.cast import PASSWORD

FOLDER = Path(__file__).parent
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True)
class Shot:
    """One picture: whose screen, which page, how large, light or dark; `open_first` opens the first conversation."""

    name: str
    email: str
    path: str
    viewport: dict[str, int]
    theme: str = "light"
    open_first: bool = False


SHOTS = (
    Shot("inbox-light", "seller@acme.test", "/inbox", DESKTOP, open_first=True),
    Shot("inbox-dark", "seller@acme.test", "/inbox", DESKTOP, "dark", open_first=True),
    Shot("inbox-phone-list", "seller@acme.test", "/inbox", PHONE),
    Shot("inbox-phone-thread", "seller@acme.test", "/inbox", PHONE, open_first=True),
    Shot("channels", "owner@acme.test", "/settings/channels", DESKTOP),
)


@contextmanager
def product() -> Iterator[str]:
    """The demo on a free port, gone afterwards."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="crm-screenshots-") as folder:
        Path(folder).chmod(0o755)
        environment = {**os.environ, "PORT": str(port), "CRM_DATA_DIR": folder}
        process = subprocess.Popen([sys.executable, "-m", "crm_web.ops.up"], env=environment)
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def wait_for(url: str) -> None:
    http = urllib3.PoolManager(retries=False, timeout=2)
    for _ in range(600):
        try:
            if http.request("GET", url).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            pass
        time.sleep(0.2)
    raise SystemExit(f"{url} did not answer within two minutes")


def sign_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/inbox*")


def take(browser: Browser, url: str, shot: Shot) -> None:
    context = browser.new_context(
        base_url=url,
        viewport=shot.viewport,
        color_scheme=shot.theme,
        locale="es-CO",
        timezone_id="America/Bogota",
    )
    page = context.new_page()
    sign_in(page, shot.email)
    page.goto(shot.path)
    if shot.open_first:
        page.locator("[data-conversation]").first.click()
        page.locator("textarea[name=body]").wait_for()
    page.wait_for_timeout(1200)
    page.screenshot(path=FOLDER / f"{shot.name}.png")
    context.close()
    print(f"{shot.name}.png")


def main() -> None:
    with product() as url, sync_playwright() as driver:
        browser = launch(driver)
        for shot in SHOTS:
            take(browser, url, shot)
        browser.close()


if __name__ == "__main__":
    main()
