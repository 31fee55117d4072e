"""Workers killed, brokers flushed, frozen, away: each paper still comes, once (quality.md F04-F12)."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.faults.stack import PrivateRedis, Worker, forget_connections, point_bell_at, until
from tests.personas import make_user
from tests.thidua.documents.kinds import COVENANT, LONG
from tests.thidua.jobs import handlers  # noqa: F401
from thidua.accounts.models import User
from thidua.celery import app
from thidua.documents import actions as documents
from thidua.documents import store
from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind
from thidua.jobs import actions as jobs
from thidua.jobs.bell import RUN_JOB
from thidua.jobs.models import Job
from thidua.lib.actor import SYSTEM

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def broker() -> Iterator[PrivateRedis]:
    server = PrivateRedis()
    server.start()
    old = app.conf.broker_url
    point_bell_at(server)
    yield server
    app.conf.update(broker_url=old, broker_read_url=old, broker_write_url=old)
    forget_connections()
    server.close()


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    settings.THIDUA_JOB_BELL = True
    return tmp_path


class Workers:
    """Starts workers and sees to it that none outlives the test."""

    def __init__(self, broker: PrivateRedis, media: Path) -> None:
        self.broker, self.media = broker, media
        self.all: list[Worker] = []

    def start(self) -> Worker:
        worker = Worker(self.broker, self.media)
        self.all.append(worker)
        return worker

    def said(self) -> str:
        return "\n".join(worker.said() for worker in self.all)[-4000:]


@pytest.fixture
def workers(broker: PrivateRedis, media: Path, transactional_db: None) -> Iterator[Workers]:
    started = Workers(broker, media)
    yield started
    for worker in started.all:
        worker.kill()
    broker.client.flushall()


def ask(user: User, kind: DocumentKind = COVENANT) -> Document:
    with transaction.atomic():
        return documents.request(by=SYSTEM, kind=kind, subject=user, scope="tests")


def states(model: type[Job] | type[Document]) -> list[str]:
    return sorted(model.objects.values_list("state", flat=True))


def assert_each_came_once() -> None:
    """No paper missing, none doubled, no file without its row, each file whole."""
    papers = list(Document.objects.all())
    assert {paper.state for paper in papers} == {"ready"}
    assert sorted(path.name for path in store.folder().iterdir()) == sorted(paper.file for paper in papers)
    for paper in papers:
        assert store.read(paper.file, paper.sha256) is not None
    assert Job.objects.count() == len(papers)
    assert states(Job) == ["done"] * len(papers)


def test_kill_9_of_the_worker_in_mid_render(workers: Workers) -> None:
    """F05: the whole worker dies while rendering; another one makes the paper, in the second attempt, once."""
    paper = ask(make_user("an"), LONG)
    worker = workers.start()
    until(lambda: states(Document) == ["rendering"], 25, "a worker renders")
    time.sleep(0.2)
    worker.kill()
    assert states(Document) == ["rendering"]
    workers.start()
    until(lambda: states(Document) == ["ready"], 30, "the paper comes all the same")
    paper.refresh_from_db()
    assert Job.objects.get().attempts == 2
    assert paper.page_count > 10
    assert_each_came_once()


def test_a_flushed_broker_loses_nothing(broker: PrivateRedis, workers: Workers) -> None:
    """F11: every message is gone before a worker saw it; the sweeper rings from the rows."""
    for name in ("an", "binh", "chi", "dung", "giang", "ha"):
        ask(make_user(name))
    until(lambda: broker.client.dbsize() > 0, 5, "the bell was rung")
    broker.client.flushall()
    workers.start()
    until(lambda: states(Document) == ["ready"] * 6, 40, "all papers come")
    assert_each_came_once()


def test_five_deliveries_one_run_and_neither_poison_nor_a_stuck_job_stops_the_rest(
    workers: Workers, tmp_path: Path
) -> None:
    """F08, F06, F07: one message five times is one run; jobs that kill or block a worker end, others finish."""
    runs = tmp_path / "runs"
    with transaction.atomic():
        poison = jobs.start("tests.poison", {}, by=SYSTEM)
        stuck = jobs.start("tests.stuck", {}, by=SYSTEM)
        Job.objects.filter(pk=stuck.pk).update(attempts_allowed=1)
        marked = jobs.start("tests.mark", {"path": str(runs), "seconds": "2.5"}, by=SYSTEM)
        paper = documents.request(by=SYSTEM, kind=COVENANT, subject=make_user("an"), scope="tests")
    for job in (marked, paper.job):
        for _ in range(4):
            app.send_task(RUN_JOB, args=[str(job.pk)], ignore_result=True)
    workers.start()
    until(lambda: states(Job) == ["done", "done", "failed", "failed"], 45, f"all ended\n{workers.said()}")
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == ("failed", 3)
    assert poison.fault_code in poison.error
    assert poison.fault_code in workers.said(), "the code people see is in the log"
    stuck.refresh_from_db()
    assert "chạy quá lâu" in stuck.error
    marked.refresh_from_db()
    assert marked.attempts == 1, "longer than its lease, delivered five times, run once"
    assert runs.read_text() == "run\n"
    paper.refresh_from_db()
    assert (paper.state, paper.job.attempts) == ("ready", 1)
    assert len(list(store.folder().glob(f"{paper.stem}*"))) == 1


def test_a_frozen_or_absent_broker_costs_the_request_nothing(broker: PrivateRedis, workers: Workers) -> None:
    """F09, F10: the person's request returns at once, and the papers come when Redis is back."""
    users = [make_user(name) for name in ("an", "binh", "chi")]
    ask(users[0])  # imports and connections are paid here
    took = []
    broker.signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        ask(users[1])
        took.append(time.monotonic() - start)
    finally:
        broker.signal(signal.SIGCONT)
    broker.stop()
    forget_connections()
    start = time.monotonic()
    ask(users[2])
    took.append(time.monotonic() - start)
    assert states(Document) == ["queued"] * 3
    assert max(took) < 0.5, took
    broker.start()
    workers.start()
    until(lambda: states(Document) == ["ready"] * 3, 30, "all papers come")
    assert_each_came_once()
