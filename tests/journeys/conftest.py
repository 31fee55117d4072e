"""A real browser against the real server: one Chromium for the run, one context for each person."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests import personas as people

DESK, LOW, PHONE = {"width": 1366, "height": 768}, {"width": 1366, "height": 650}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "journeys" in item.nodeid:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("THIDUA_CHROMIUM", "/usr/bin/chromium")
    if not os.path.exists(path):
        pytest.skip("no Chromium here: set THIDUA_CHROMIUM")
    with sync_playwright() as driver:
        # The papers' own font list would hide the system's fonts from the browser.
        env = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"], env=env)
        yield browser
        browser.close()


@pytest.fixture
def live_world(transactional_db: None) -> people.World:
    return people.make_world()


@pytest.fixture
def browse(chromium: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """``browse(user)`` -> a page signed in as that person; every fault of a script or of the CSP fails the test."""
    contexts, faults = [], []

    def do(user: Any = None, viewport: dict[str, int] | None = None, **more: Any) -> Any:
        context = chromium.new_context(
            base_url=live_server.url, viewport=viewport or DESK, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **more
        )
        context.set_default_timeout(10_000)
        if user is not None:
            client = Client()
            client.force_login(user)
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        contexts.append(context)
        return page

    yield do
    for context in contexts:
        context.close()
    assert not faults, faults
