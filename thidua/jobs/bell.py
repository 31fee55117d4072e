"""Ringing the workers without ever making a request wait.

``ring`` puts the id into a small queue of this process; one thread publishes from there. A broker that is away,
frozen or slow costs the thread some seconds and the request nothing. What could not be published is forgotten
here: the row stays queued and the sweeper rings again.
"""

from __future__ import annotations

import atexit
import os
import queue
import threading
from collections.abc import Iterable

import structlog
from django.conf import settings
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from thidua.celery import app
from thidua.jobs import registry

log = structlog.get_logger("thidua.jobs")

RUN_JOB = "thidua.jobs.tasks.run_job"
KILL_AFTER_SECONDS = 30
WAITING_AT_MOST = 1000
_LAST_RINGS_SECONDS = 1.0
Ring = tuple[str, str]


class _Bell:
    """The queue and the thread of one process; a forked child starts its own."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.waiting: queue.Queue[Ring] = queue.Queue(WAITING_AT_MOST)
        self.idle = threading.Event()
        self.idle.set()
        self.thread = threading.Thread(target=self._publish_all, name="thidua-bell", daemon=True)
        self.thread.start()

    @property
    def is_ours(self) -> bool:
        """False after a fork, or when the thread ended by a fault: then a new bell is hung up."""
        return self.process == os.getpid() and self.thread.is_alive()

    def put(self, ring: Ring) -> None:
        try:
            self.idle.clear()
            self.waiting.put_nowait(ring)
        except queue.Full:
            log.warning("bell_full", job=ring[0])

    def _publish_all(self) -> None:
        while True:
            ring = self.waiting.get()
            if not publish([ring]):
                self._forget()
            if self.waiting.empty():
                self.idle.set()

    def _forget(self) -> None:
        while True:
            try:
                self.waiting.get_nowait()
            except queue.Empty:
                return


_bell: _Bell | None = None
_starting = threading.Lock()


def ring(job_id: str, kind: str) -> None:
    """Tell the workers that there is something to do; returns at once, never raises."""
    global _bell
    if not getattr(settings, "THIDUA_JOB_BELL", True):
        return
    if _bell is None or not _bell.is_ours:
        with _starting:
            if _bell is None or not _bell.is_ours:
                _bell = _Bell()
    _bell.put((job_id, kind))


def publish(rings: Iterable[Ring]) -> bool:
    """Publish in this thread; False when the broker did not take them. For the bell's thread and for workers."""
    for job_id, slug in rings:
        kind = registry.kind_of(slug)
        limit = kind.time_limit if kind else 60
        try:
            app.send_task(
                RUN_JOB,
                args=[job_id],
                soft_time_limit=limit,
                time_limit=limit + KILL_AFTER_SECONDS,
                retry=False,
                ignore_result=True,
            )
        except (KombuError, RedisError, OSError) as error:
            log.warning("bell_not_heard", job=job_id, error=repr(error)[:200])
            return False
    return True


@atexit.register
def _let_the_last_rings_out() -> None:
    """A command that ends right after its deed still rings, if the broker answers within a second."""
    if _bell is not None and _bell.is_ours:
        _bell.idle.wait(_LAST_RINGS_SECONDS)
