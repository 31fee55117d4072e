"""Reading jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from thidua.jobs import labels, registry
from thidua.jobs.models import Heartbeat, Job
from thidua.jobs.states import JobState
from thidua.lib.actor import Actor


@dataclass(frozen=True, slots=True)
class JobPage:
    """All the progress page needs."""

    id: str
    title: str
    state: str
    state_text: str
    tag: str
    is_finished: bool
    can_retry: bool
    position: int
    position_text: str
    done: int
    total: int
    message: str
    error: str
    link: tuple[str, str] | None


def visible_jobs(actor: Actor) -> QuerySet[Job]:
    """The jobs this person asked for."""
    if actor.user_id is None:
        return Job.objects.none()
    return Job.objects.filter(requested_by_id=actor.user_id)


def position_in_queue(job: Job) -> int:
    """1 for the next one to be taken; 0 when the job is not waiting."""
    if job.state != JobState.QUEUED.value:
        return 0
    ahead = Q(enqueued_at__lt=job.enqueued_at) | Q(enqueued_at=job.enqueued_at, pk__lt=job.pk)
    return 1 + Job.objects.filter(ahead, state=JobState.QUEUED.value).count()


def queue_positions() -> dict[str, int]:
    """Place of every waiting job by its id, in one query."""
    waiting = Job.objects.filter(state=JobState.QUEUED.value).order_by("enqueued_at", "id").values_list("pk", flat=True)
    return {str(pk): place for place, pk in enumerate(waiting[:2000], 1)}


def job_page(job: Job) -> JobPage:
    """The job as the page shows it."""
    kind = registry.kind_of(job.kind)
    place = position_in_queue(job)
    link = kind.link(job) if kind and kind.link and job.state == JobState.DONE.value else None
    return JobPage(
        id=str(job.pk),
        title=kind.title if kind else "Việc chạy nền",
        state=job.state,
        state_text=labels.STATES[job.state],
        tag=labels.TAGS[job.state],
        is_finished=job.is_finished,
        can_retry=job.state == JobState.FAILED.value,
        position=place,
        position_text=str(place),
        done=job.done,
        total=job.total,
        message=job.message,
        error=job.error,
        link=link,
    )


def sweeper_age() -> timedelta | None:
    """How long ago the sweeper last ran; None when never. A big age means: beat, broker or worker is deaf."""
    beat = Heartbeat.objects.filter(name="sweep").first()
    return None if beat is None else timezone.now() - beat.at


def oldest_waiting() -> timedelta:
    """How long the longest-waiting due job has waited; zero when none waits."""
    first = (
        Job.objects.filter(state=JobState.QUEUED.value)
        .filter(Q(not_before__isnull=True) | Q(not_before__lte=Now()))
        .order_by("enqueued_at")
        .first()
    )
    return timedelta(0) if first is None else timezone.now() - first.enqueued_at
