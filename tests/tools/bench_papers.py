"""100 minutes of three pages: the worker against plain WeasyPrint (CPU), two worker processes against one (wall)."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings
from django.core.management import call_command

from tests.print import contexts
from tests.tools.bench import Ratio, middle
from tests.tools.bench_clock import cpu_seconds, session_pids
from thidua import bootstrap
from thidua.documents import renderer
from thidua.documents.actions import RENDER, hash_of
from thidua.documents.models import Document
from thidua.jobs import actions as jobs
from thidua.jobs.bell import RUN_JOB
from thidua.jobs.models import Job
from thidua.jobs.states import FINISHED, JobState
from thidua.lib.actor import SYSTEM

PAPERS, KIND, TEMPLATE = 100, "conference-minutes", "print/scoring/minutes.html"


def minutes(number: int) -> dict[str, Any]:
    """The year-end minutes of a different bloc each time; three pages."""
    context = deepcopy(contexts.minutes_year_end())
    context["number"] = f"{number:03d}"
    context["venue"] = f"Phòng họp số {number}, Trung tâm Hội nghị tỉnh Bắc Ninh"
    for index, item in enumerate(context["agenda"]):
        item["content"] += f" Nội dung {index + 1} của biên bản {number} được thảo luận."
    return context


class Worker:
    """A real Celery worker with its own queue, of ``size`` processes."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.prefix = f"bench-{secrets.token_hex(3)}-{size}"
        command = [sys.executable, "-m", "celery", "-A", "thidua.celery", "worker", "-c", str(size), "-l", "WARNING"]
        command += ["--without-gossip", "--without-mingle", "-n", f"{self.prefix}@%h"]
        self.child = bootstrap.Child(
            "worker",
            command,
            log=Path(settings.VAR_DIR) / f"worker{size}.log",
            env=dict(os.environ) | {"THIDUA_KEY_PREFIX": self.prefix},
        )
        self.child.start()
        self.app = Celery(broker=settings.CELERY_BROKER_URL)
        self.app.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS | {
            "global_keyprefix": f"{self.prefix}:"
        }

    def make(self, numbers: Sequence[int]) -> tuple[float, float]:
        """Wall and CPU seconds until every one of these papers is ready."""
        ids = [ask(number) for number in numbers]
        pids = session_pids(self.child.pid)
        cpu, wall = cpu_seconds(pids), time.perf_counter()
        for job_id in ids:
            self.app.send_task(RUN_JOB, args=[job_id], queue=self.prefix, ignore_result=True, retry=False)
        while Job.objects.filter(pk__in=ids).exclude(state__in=FINISHED).exists():
            if not self.child.alive() or time.perf_counter() - wall > 300:
                raise SystemExit(f"The worker does not get on; see {self.child.log}\n{bootstrap.tail(self.child.log)}")
            time.sleep(0.02)
        wall = time.perf_counter() - wall
        cpu = cpu_seconds(pids) - cpu
        lost = Job.objects.filter(pk__in=ids).exclude(state=JobState.DONE.value)
        pages = set(Document.objects.filter(job__in=ids).values_list("page_count", flat=True))
        if lost.exists() or pages != {3}:
            raise SystemExit(f"Not all papers came, or not of three pages: {list(lost.values('error'))} {pages}")
        return wall, cpu

    def stop(self) -> None:
        self.app.close()
        self.child.stop()


def ask(number: int) -> str:
    """A paper as ``documents.request`` leaves it, with its job."""
    context = minutes(number) | {"draft": False}
    document = Document.objects.create(
        kind=KIND,
        title=f"Biên bản {number}",
        subject_label="bench.paper",
        subject_id=secrets.token_hex(8),
        scope="bench",
        version=1,
        context=context,
        context_hash=hash_of(context),
        template_version=renderer.template_version(TEMPLATE),
        stem=secrets.token_hex(16),
    )
    document.job = jobs.start(RENDER, {"document": document.pk}, by=SYSTEM)
    document.save(update_fields=["job"])
    return str(document.job_id)


class Plain:
    """The loop of tests/tools/bench_plain.py, kept running."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("bench_plain.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def make(self, pages: Sequence[str]) -> tuple[float, float]:
        assert self.process.stdin and self.process.stdout  # noqa: S101
        print(json.dumps({"html": list(pages)}), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        return answer["wall"], answer["cpu"]

    def stop(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        self.process.wait(10)


@contextmanager
def makers() -> Iterator[tuple[Worker, Worker, Plain]]:
    one, two, plain = Worker(1), Worker(2), Plain()
    try:
        yield one, two, plain
    finally:
        plain.stop()
        one.stop()
        two.stop()


def measure(*, rounds: int) -> list[Ratio]:
    """Every round makes the same papers by one worker process, by the plain loop and by two worker processes."""
    call_command("migrate", verbosity=0)
    share = PAPERS // rounds
    walls: dict[str, list[float]] = {"one": [], "two": [], "plain": []}
    cpus: dict[str, list[float]] = {"one": [], "two": [], "plain": []}
    with makers() as (one, two, plain):
        for worker in (one, two):
            worker.make(range(2 * worker.size))
        plain.make([renderer.to_html(TEMPLATE, minutes(0) | {"draft": False})])
        for turn in range(rounds):
            numbers = range(1 + turn * share, 1 + (turn + 1) * share)
            pages = [renderer.to_html(TEMPLATE, minutes(n) | {"draft": False}) for n in numbers]
            jobs_of_round = [("one", one.make, numbers), ("plain", plain.make, pages), ("two", two.make, numbers)]
            for name, make, what in jobs_of_round if turn % 2 == 0 else reversed(jobs_of_round):
                wall, cpu = make(what)  # type: ignore[operator]
                walls[name].append(wall)
                cpus[name].append(cpu)
            shown = ", ".join(f"{n} {walls[n][-1]:.2f} s (CPU {cpus[n][-1]:.2f})" for n in walls)
            print(f"papers {turn + 1}: {shown}", flush=True)
    each = {name: [1000 * cpu / share for cpu in values] for name, values in cpus.items()}
    return [
        Ratio(
            "worker's CPU to plain WeasyPrint's, minutes of 3 pages",
            "≤ 0.75", "", False, 0.75,
            tuple(a / b for a, b in zip(cpus["one"], cpus["plain"], strict=True)),
            f"{middle(each['one'])} against {middle(each['plain'])} ms a paper",
        ),
        Ratio(
            "two worker processes to one, papers a second",
            "≥ 1.7", "", True, 1.7,
            tuple(a / b for a, b in zip(walls["one"], walls["two"], strict=True)),
            f"{middle([share / w for w in walls['two']], 1)} against {middle([share / w for w in walls['one']], 1)} a"
            f" second; CPU {middle(each['two'])} against {middle(each['one'])} ms a paper",
        ),
    ]  # fmt: skip
