"""Saves of cells against one bare UPDATE, at 8 connections; the grid of 12 × 50 against an empty page."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from scoring.models import ScoreEntry
from tests.tools import bench_world
from tests.tools.bench import Ratio, middle
from tests.tools.bench_clock import cpu_seconds, session_pids
from tests.tools.bench_database import postgres_pids
from tests.tools.bench_world import BenchWorld, Officer
from thidua import bootstrap
from thidua.audit.models import Event

CONNECTIONS, PAGES_A_ROUND = 8, 40


class Web:
    """The demo's web process on a free port."""

    def __init__(self) -> None:
        self.listener = bootstrap.free_port(range(20000, 20100))
        self.port = self.listener.getsockname()[1]
        self.child = bootstrap.web_child(dict(os.environ), self.listener)
        self.child.log = Path(settings.VAR_DIR) / "web.log"
        self.child.start()
        bootstrap.wait_for(self.child, self._answers)

    def _answers(self) -> bool:
        try:
            line = HTTPConnection("127.0.0.1", self.port, timeout=5)
            line.request("GET", reverse("account_login"))
            return line.getresponse().status == 200
        except OSError:
            return False

    def cpu(self) -> float:
        """CPU seconds so far of the web workers and of the database's processes that serve them."""
        return cpu_seconds((*session_pids(self.child.pid), *postgres_pids()))

    def stop(self) -> None:
        self.child.stop()
        self.listener.close()


class Browser:
    """One kept connection of one signed-in officer."""

    def __init__(self, web: Web, officer: Officer, world: BenchWorld) -> None:
        self.line = HTTPConnection("127.0.0.1", web.port, timeout=30)
        self.officer = officer
        self.lines = [c.pk for c in world.direct]
        self.revisions = dict.fromkeys(self.lines, 1)
        self.turn = 0
        self.save_url = reverse("scoring:record_score", args=[world.bloc_year.pk])
        self.grid_url = reverse("scoring:grid", args=[world.bloc_year.pk]) + "?buoc=khoi"
        self.headers = {"Cookie": officer.cookie, "X-CSRFToken": officer.token, "Accept": "application/json"}

    def _ask(self, method: str, url: str, body: str | None, headers: dict[str, str]) -> bytes:
        self.line.request(method, url, body, headers)
        answer = self.line.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {url}: {answer.status} {text[:300]!r}")
        return text

    def _post(self, url: str, fields: dict[str, object]) -> bytes:
        headers = self.headers | {"Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, urlencode(fields), headers)

    def save(self) -> None:
        """Another value into the next cell of the own column, over the revision seen last."""
        self.turn += 1
        criterion = self.lines[self.turn % len(self.lines)]
        answer = self._post(
            self.save_url,
            {
                "sheet": self.officer.sheet_id,
                "criterion": criterion,
                "buoc": "tu-cham",
                "text": f"{self.turn % 4},{self.turn % 2 * 5}",
                "revision": self.revisions[criterion],
                "key": uuid.uuid4(),
            },
        )
        self.revisions[criterion] = json.loads(answer)["revision"]

    def update(self) -> None:
        self._post("/bench/update/", {"value": "3,5"})

    def grid(self) -> None:
        self._ask("GET", self.grid_url, None, {"Cookie": self.officer.cookie})

    def empty(self) -> None:
        self._ask("GET", "/bench/empty/", None, {"Cookie": self.officer.cookie})


def rate(web: Web, deeds: Sequence[Callable[[], None]], seconds: float) -> tuple[float, float]:
    """Deeds a second over all connections at once, and server CPU milliseconds for each."""
    counts = [0] * len(deeds)
    faults: list[BaseException] = []
    end = time.perf_counter() + seconds

    def work(place: int) -> None:
        try:
            while time.perf_counter() < end:
                deeds[place]()
                counts[place] += 1
        except BaseException as fault:
            faults.append(fault)

    cpu, begin = web.cpu(), time.perf_counter()
    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    spent = time.perf_counter() - begin
    return sum(counts) / spent, 1000 * (web.cpu() - cpu) / sum(counts)


def page_time(web: Web, deed: Callable[[], None]) -> tuple[float, float]:
    """Milliseconds of one page on one connection, one after another, and server CPU milliseconds for each."""
    cpu, begin = web.cpu(), time.perf_counter()
    for _ in range(PAGES_A_ROUND):
        deed()
    return 1000 * (time.perf_counter() - begin) / PAGES_A_ROUND, 1000 * (web.cpu() - cpu) / PAGES_A_ROUND


@contextmanager
def running():  # noqa: ANN201
    web = Web()
    try:
        yield web
    finally:
        web.stop()


def measure(parts: Sequence[str], *, rounds: int, seconds: float) -> list[Ratio]:
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    world = bench_world.fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ratios = []
    with running() as web:
        browsers = [Browser(web, officer, world) for officer in world.officers[:CONNECTIONS]]
        secretary = Browser(web, world.secretary, world)
        for _ in range(3):  # every process has read the scheme, compiled its templates, opened its connections
            rate(web, [b.update for b in browsers], 0.5)
            rate(web, [b.empty for b in browsers], 0.5)
        if "cells" in parts:
            rate(web, [b.save for b in browsers], 1)
            ratios += cells(web, browsers, rounds, seconds)
        if "grid" in parts:
            rate(web, [Browser(web, world.secretary, world).grid for _ in browsers], 1)
            ratios += pages(web, secretary, rounds)
    return ratios


def cells(web: Web, browsers: Sequence[Browser], rounds: int, seconds: float) -> list[Ratio]:
    saves, floors = [], []
    for turn in range(rounds):
        before = Event.objects.count()
        saves.append(rate(web, [b.save for b in browsers], seconds))
        if Event.objects.count() - before < 1 or ScoreEntry.objects.filter(revision__gt=1).count() == 0:
            raise SystemExit("The cells were not saved.")
        floors.append(rate(web, [b.update for b in browsers], seconds))
        print(
            f"cells {turn + 1}: {saves[-1][0]:.0f} saves/s (CPU {saves[-1][1]:.1f} ms),"
            f" {floors[-1][0]:.0f} bare updates/s (CPU {floors[-1][1]:.1f} ms)",
            flush=True,
        )
    return [
        Ratio(
            "cell saves a second to bare updates a second, 8 connections",
            "≥ 0.4", "aim 0.6", True, 0.4,
            tuple(a[0] / b[0] for a, b in zip(saves, floors, strict=True)),
            f"{middle([s[0] for s in saves])} against {middle([f[0] for f in floors])} a second; server CPU"
            f" {middle([s[1] for s in saves], 1)} against {middle([f[1] for f in floors], 1)} ms",
        )
    ]  # fmt: skip


def pages(web: Web, secretary: Browser, rounds: int) -> list[Ratio]:
    grids, empties = [], []
    for turn in range(rounds):
        grids.append(page_time(web, secretary.grid))
        empties.append(page_time(web, secretary.empty))
        print(
            f"pages {turn + 1}: grid {grids[-1][0]:.1f} ms (CPU {grids[-1][1]:.1f}),"
            f" empty {empties[-1][0]:.1f} ms (CPU {empties[-1][1]:.1f})",
            flush=True,
        )
    return [
        Ratio(
            "grid of 12 × 50 to an empty signed-in page",
            "≤ 8", "aim 4", False, 8,
            tuple(a[0] / b[0] for a, b in zip(grids, empties, strict=True)),
            f"{middle([g[0] for g in grids], 1)} against {middle([e[0] for e in empties], 1)} ms; server CPU"
            f" {middle([g[1] for g in grids], 1)} against {middle([e[1] for e in empties], 1)} ms",
        )
    ]  # fmt: skip
