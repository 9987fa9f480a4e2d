"""A real browser for the pages that plotart writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from needs import program

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True}


def opened_browser() -> Iterator[Any]:
    """A Chromium without a window, closed in the end; skips where there is none, or nothing that drives it."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    found = program(*BROWSERS)
    with playwright.sync_playwright() as api:
        opened = api.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()
