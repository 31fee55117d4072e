"""What every test stands on: strict settings of the ORM, a client that runs on-commit callbacks, people."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
os.environ.setdefault("THIDUA_TESTING", "1")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["THIDUA_KEY_PREFIX"] = (
        os.environ.get("THIDUA_KEY_PREFIX", "thidua-test") + "-" + os.environ["PYTEST_XDIST_WORKER"]
    )

from collections.abc import Callable, Iterator  # noqa: E402
from typing import Any  # noqa: E402

import pytest  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from tests import personas as people  # noqa: E402
from tests.client import OfficeClient  # noqa: E402


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Sign-in limits live in the cache: they must not leak from one test into the next."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def client() -> OfficeClient:
    return OfficeClient()


@pytest.fixture
def world(db: None) -> people.World:
    """One bloc-year with eight units, its officers, a stranger's bloc and the standing agency."""
    return people.make_world()


@pytest.fixture
def sign_in(db: None) -> Callable[[Any], OfficeClient]:
    def do(user: Any) -> OfficeClient:
        browser = OfficeClient()
        browser.force_login(user)
        return browser

    return do


@pytest.fixture
def count_queries() -> Callable[[], CaptureQueriesContext]:
    return lambda: CaptureQueriesContext(connection)


def assert_flat_queries(client: OfficeClient, url: str, make: Callable[[], Any], ceiling: int, times: int = 2) -> None:
    """The page asks the same number of questions after ``make`` added rows, and never more than ``ceiling``."""
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        assert client.get(url).status_code == 200
    for _ in range(times):
        make()
    with CaptureQueriesContext(connection) as many:
        assert client.get(url).status_code == 200
    assert len(many) == len(few), "\n".join(q["sql"][:200] for q in many.captured_queries)
    assert len(many) <= ceiling, "\n".join(q["sql"][:200] for q in many.captured_queries)
