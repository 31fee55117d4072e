"""Doing one job: claim, work under a lease that is kept alive, end.

A message names only the job. The claim is one conditional UPDATE, so of five deliveries four find nothing to do.
While the handler works, a thread renews the lease as long as the row still carries our ``attempts``. The end
re-reads the row under lock and looks at ``attempts`` again: a worker that lost its lease publishes nothing.
All times are the database's.
"""

from __future__ import annotations

import secrets
import threading
import time
import traceback
from datetime import timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from thidua.jobs import labels, registry
from thidua.jobs.models import Job
from thidua.jobs.registry import Finish
from thidua.jobs.states import JobState
from thidua.lib.errors import Refusal

log = structlog.get_logger("thidua.jobs")

RETRY_AFTER_SECONDS = (5, 30, 120)
PROGRESS_EVERY_SECONDS = 0.4
_STOP_RENEWING_AFTER_LIMIT = 60


class LeaseLost(Exception):
    """Somebody else owns the job now; whatever we have is dropped."""


def lease_seconds() -> int:
    return getattr(settings, "THIDUA_JOB_LEASE_SECONDS", 60)


def ring_again_seconds() -> int:
    """How long a queued job may wait unheard before the sweeper rings for it again."""
    return getattr(settings, "THIDUA_JOB_RING_AGAIN_SECONDS", min(20, lease_seconds()))


def new_fault_code() -> str:
    """Short code a person can tell by telephone; the same code stands in the log."""
    return secrets.token_hex(2).upper()


class Progress:
    """How far the handler is. Raises LeaseLost when the job is no longer ours, so that work stops early."""

    def __init__(self, job: Job) -> None:
        self._job_id, self._attempts = job.pk, job.attempts
        self._written = 0.0

    def update(self, done: int, total: int, message: str = "") -> None:
        """Show "done of total" and a few words; at most every 0.4 s reaches the database, the last one always."""
        now = time.monotonic()
        if done < total and now - self._written < PROGRESS_EVERY_SECONDS:
            return
        self._written = now
        if not _ours(self._job_id, self._attempts).update(done=done, total=total, message=message[:200]):
            raise LeaseLost(str(self._job_id))


def claim(job_id: UUID | str) -> Job | None:
    """Take the job for this worker, or None: finished, not due, held by another, out of attempts, unknown."""
    with transaction.atomic():
        taken = (
            Job.objects.filter(pk=job_id, attempts__lt=F("attempts_allowed"))
            .filter(
                Q(state=JobState.QUEUED.value) & (Q(not_before__isnull=True) | Q(not_before__lte=Now()))
                | Q(state=JobState.RUNNING.value, lease_until__lt=Now())
            )
            .update(
                state=JobState.RUNNING.value,
                attempts=F("attempts") + 1,
                lease_until=Now() + timedelta(seconds=lease_seconds()),
                not_before=None,
                started_at=Now(),
                done=0,
                total=0,
                message="",
            )
        )
        return Job.objects.get(pk=job_id) if taken else None


def run_job(job_id: UUID | str, *, too_long: tuple[type[Exception], ...] = ()) -> bool:
    """Do the job if it can be claimed; False when there was nothing to do. Never raises for a handler's fault.

    ``too_long`` names the exceptions by which the caller's pool says that the time limit is over.
    """
    job = claim(job_id)
    if job is None:
        return False
    kind = registry.kind_of(job.kind)
    if kind is None:
        _fail(job, labels.NO_HANDLER.format(code=(code := new_fault_code())), code, "no handler", final=True)
        return True
    finish: Finish | None = None
    try:
        with _Lease(job, kind.time_limit):
            finish = kind.run(job, Progress(job)) or Finish()
        _end(job, finish)
    except LeaseLost:
        log.warning("job_lease_lost", job=str(job.pk), kind=job.kind, attempt=job.attempts)
        _undo(finish)
    except Refusal as refusal:
        _undo(finish)
        _fail(job, refusal.message, "", traceback.format_exc(), final=True)
    except Exception as error:
        _undo(finish)
        code = new_fault_code()
        log.exception("job_fault", job=str(job.pk), kind=job.kind, attempt=job.attempts, code=code)
        slow = isinstance(error, too_long) if too_long else False
        sentence = (labels.TOO_LONG if slow else labels.FAULT).format(code=code)
        _fail(job, sentence, code, traceback.format_exc(), final=False)
    return True


def run_waiting(limit: int = 1000) -> int:
    """Do every job that is due, in this process, in the order they came; returns how many. For commands and tests."""
    count = 0
    for job_id in (
        Job.objects.filter(state=JobState.QUEUED.value).order_by("enqueued_at", "id").values_list("pk")[:limit]
    ):
        count += run_job(job_id[0])
    return count


def fail_exhausted(job: Job) -> None:
    """End a job whose every attempt was cut off. The caller holds the row's lock."""
    code = new_fault_code()
    sentence = labels.WORKER_LOST.format(attempts=job.attempts, code=code)
    log.error("job_given_up", job=str(job.pk), kind=job.kind, attempts=job.attempts, code=code)
    _write_failure(job, sentence, code, "worker lost at every attempt")


def _ours(job_id: UUID, attempts: int):  # noqa: ANN202
    return Job.objects.filter(pk=job_id, state=JobState.RUNNING.value, attempts=attempts)


def _locked_if_ours(job: Job) -> Job:
    row = _ours(job.pk, job.attempts).select_for_update(of=("self",)).first()
    if row is None:
        raise LeaseLost(str(job.pk))
    return row


def _end(job: Job, finish: Finish) -> None:
    with transaction.atomic():
        row = _locked_if_ours(job)
        if finish.write is not None:
            finish.write()
        Job.objects.filter(pk=row.pk).update(
            state=JobState.DONE.value,
            lease_until=None,
            finished_at=Now(),
            done=F("total"),
            result=dict(finish.result),
            message="",
            error="",
            fault_code="",
            traceback="",
        )


def _undo(finish: Finish | None) -> None:
    if finish is not None and finish.undo is not None:
        finish.undo()


def _fail(job: Job, sentence: str, code: str, trace: str, *, final: bool) -> None:
    """Write the failed attempt: queued again after a pause while attempts are left, else failed for good."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        with transaction.atomic():
            row = _locked_if_ours(job)
            if final or row.attempts >= row.attempts_allowed:
                _write_failure(row, sentence, code, trace)
                return
            left = row.attempts_allowed - row.attempts
            pause = RETRY_AFTER_SECONDS[max(0, len(RETRY_AFTER_SECONDS) - 1 - left)]
            Job.objects.filter(pk=row.pk).update(
                state=JobState.QUEUED.value,
                lease_until=None,
                not_before=Now() + timedelta(seconds=pause),
                fault_code=code,
                traceback=trace,
            )
    except LeaseLost:
        log.warning("job_lease_lost", job=str(job.pk), kind=job.kind, attempt=job.attempts)


def _write_failure(row: Job, sentence: str, code: str, trace: str) -> None:
    Job.objects.filter(pk=row.pk).update(
        state=JobState.FAILED.value,
        lease_until=None,
        not_before=None,
        finished_at=Now(),
        error=sentence,
        fault_code=code,
        traceback=trace,
        message="",
    )
    kind = registry.kind_of(row.kind)
    if kind is not None and kind.on_failed is not None:
        row.refresh_from_db()
        kind.on_failed(row)


class _Lease:
    """Keeps the lease alive from a thread of its own while the block runs."""

    def __init__(self, job: Job, time_limit: int) -> None:
        self._job = job
        self._over = threading.Event()
        # A handler stuck beyond its limit where nobody kills it must lose its lease one day.
        self._until = time.monotonic() + time_limit + _STOP_RENEWING_AFTER_LIMIT
        self._thread = threading.Thread(target=self._renew, name="thidua-lease", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=5)

    def _renew(self) -> None:
        every = lease_seconds() / 3
        opened = False
        try:
            while not self._over.wait(every) and time.monotonic() < self._until:
                opened = True
                try:
                    kept = _ours(self._job.pk, self._job.attempts).update(
                        lease_until=Now() + timedelta(seconds=lease_seconds())
                    )
                except DatabaseError as error:
                    # The database is away for a moment: try again next time, the lease may still hold.
                    log.warning("lease_not_renewed", job=str(self._job.pk), error=repr(error)[:200])
                    connection.close()
                    continue
                if not kept:
                    return
        finally:
            if opened:
                connection.close()
