"""Debian's Chromium, driven by Playwright, in which a page may load nothing from elsewhere."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium", "started_browser"]

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
    "--disable-lcd-text",
)
"""A browser that asks nobody for anything; its sandbox does not work as root."""

_FONTS = Path(__file__).with_name("fonts.conf")
"""Configuration of fontconfig."""


def chromium() -> str | None:
    """Return the path of the browser; None: it is not installed."""
    return shutil.which("chromium")


@contextmanager
def started_browser() -> Iterator[Browser]:
    """Start the browser with the fonts of `fonts.conf`; end it with the context."""
    environment: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(_FONTS)}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=list(_OPTIONS), env=environment
        )
        try:
            yield browser
        finally:
            browser.close()
