"""Real browsers, and workers that work while they watch. Without Chromium these tests fail; they never skip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect

from crm_web.core import jobs
from tests.browser import ARGUMENTS, FAKE_MICROPHONE, chromium_path
from tests.cast import PASSWORD, House
from tests.conftest import Telephone, next_number


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {"executable_path": chromium_path(), "args": [*ARGUMENTS, *FAKE_MICROPHONE]}


@pytest.fixture
def workers(app: Flask, clean: None) -> Iterator[None]:
    """Every bell has its thread, as in the worker processes."""
    answerers = [jobs.Answerer(app, name) for name in jobs.BELLS]
    for answerer in answerers:
        jobs._answerers[answerer.name] = answerer
        answerer.start()
    yield
    for answerer in answerers:
        answerer.stop()
    for answerer in answerers:
        answerer.thread.join(10)


@dataclass
class Screen:
    """A person's browser, and what went wrong in it."""

    page: Page
    context: BrowserContext
    problems: list[str]

    def opens(self, url: str) -> Screen:
        self.page.goto(url)
        return self

    def sees(self, text: str, timeout: float = 5_000) -> None:
        expect(self.page.get_by_text(text).last).to_be_visible(timeout=timeout)


@pytest.fixture
def sign_in(
    browser: Browser, live_server: str, acme: House, workers: None
) -> Iterator[Callable[..., Screen]]:
    """Open a browser of one's own and sign in."""
    screens: list[Screen] = []

    def enter(email: str, **context: object) -> Screen:
        opened = browser.new_context(base_url=live_server, locale="es-CO", **context)
        page = opened.new_page()
        screen = Screen(page, opened, [])
        page.on("pageerror", lambda error: screen.problems.append(f"{error} {error.stack}"))
        page.on("console", lambda said: said.type == "error" and screen.problems.append(said.text))
        page.goto("/login")
        page.fill("[name=email]", email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/inbox*")
        screens.append(screen)
        return screen

    yield enter
    for screen in screens:
        screen.context.close()


@pytest.fixture
def phone(stand_in: str, acme: House, workers: None) -> Telephone:
    """A customer whose product works by itself."""
    return Telephone(stand_in, next_number(), lambda: 0)
