"""A real Chromium, started the way that works headless and without a network of its own."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip

# A microphone that hums, and nobody is asked whether it may be used.
FAKE_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


class NoChromium(RuntimeError):
    """There is no Chromium on this machine: `apt-get install chromium`, or set CHROMIUM to its path."""


def chromium_path() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise NoChromium(NoChromium.__doc__)
    return found


def launch(driver: Playwright, *more: str) -> Browser:
    """Start it, with `more` arguments where a test needs them."""
    return driver.chromium.launch(executable_path=chromium_path(), args=[*ARGUMENTS, *more])
