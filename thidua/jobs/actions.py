"""Starting a job and starting it again. The deed that needs the job records itself; these two do not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from thidua.jobs import bell, registry
from thidua.jobs.models import MAX_ATTEMPTS, Job
from thidua.jobs.states import JobState
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict


@transaction.atomic
def start(kind: str, args: Mapping[str, int | str], *, by: Actor) -> Job:
    """Queue a job in the caller's transaction; the workers hear of it after commit, or from the sweeper."""
    if registry.kind_of(kind) is None:
        raise LookupError(f"no handler for job kind {kind!r}")
    job = Job.objects.create(
        kind=kind,
        args=dict(args),
        requested_by_id=by.user_id,
        requested_by_name=by.name[:200],
        request_id=by.request_id[:64],
    )
    _ring_after_commit(job)
    return job


@transaction.atomic
def retry(*, by: Actor, job_id: UUID) -> Job:
    """Queue a failed job again, with three more attempts; Conflict when it is not failed (any more)."""
    job = Job.objects.select_for_update(of=("self",)).get(pk=job_id)
    if job.state != JobState.FAILED.value:
        raise Conflict("job-not-failed", "Việc này đang chạy hoặc đã xong, không cần làm lại. Tải lại trang để xem.")
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUEUED.value,
        attempts_allowed=job.attempts + MAX_ATTEMPTS,
        not_before=None,
        enqueued_at=Now(),
        rung_at=Now(),
        finished_at=None,
        done=0,
        total=0,
        message="",
        error="",
        fault_code="",
        traceback="",
    )
    kind = registry.kind_of(job.kind)
    if kind is not None and kind.on_retry is not None:
        kind.on_retry(job)
    _ring_after_commit(job)
    job.refresh_from_db()
    return job


def _ring_after_commit(job: Job) -> None:
    transaction.on_commit(partial(bell.ring, str(job.pk), job.kind))
