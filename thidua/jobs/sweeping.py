"""The sweeper: what makes a lost message, a flushed broker or a killed worker harmless. Idempotent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from thidua.jobs import bell
from thidua.jobs.models import Heartbeat, Job
from thidua.jobs.running import fail_exhausted, ring_again_seconds
from thidua.jobs.states import JobState
from thidua.web.http import forget_form_keys

AT_ONCE = 200
KEYS_KEPT = timedelta(days=7)  # a form open longer than that was left by an ended session long ago


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did."""

    given_up: int
    requeued: int
    rung: int


def sweep_jobs() -> Swept:
    """Give up jobs out of attempts, queue again those whose worker vanished, ring for those nobody came for."""
    with transaction.atomic():
        given_up = requeued = 0
        expired = Job.objects.select_for_update(of=("self",), skip_locked=True).filter(
            state=JobState.RUNNING.value, lease_until__lt=Now()
        )
        for job in expired.order_by("enqueued_at", "id")[:AT_ONCE]:
            if job.attempts >= job.attempts_allowed:
                fail_exhausted(job)
                given_up += 1
            else:
                _back_into_queue(job)
                requeued += 1
        unheard = (
            Job.objects.select_for_update(of=("self",), skip_locked=True)
            .filter(state=JobState.QUEUED.value)
            .filter(
                Q(not_before__isnull=False, not_before__lte=Now())
                | Q(not_before__isnull=True, rung_at__lt=Now() - timedelta(seconds=ring_again_seconds()))
            )
        )
        due = [(str(job.pk), job.kind) for job in unheard.order_by("enqueued_at", "id")[:AT_ONCE]]
        Job.objects.filter(pk__in=[pk for pk, _ in due]).update(rung_at=Now(), not_before=None)
        Heartbeat.objects.update_or_create(name="sweep", defaults={"at": Now()})
    bell.publish(due)
    return Swept(given_up, requeued, len(due))


def _back_into_queue(job: Job) -> None:
    """``not_before`` in the past makes it due in this very sweep."""
    Job.objects.filter(pk=job.pk).update(
        state=JobState.QUEUED.value, lease_until=None, not_before=F("lease_until"), message="", done=0, total=0
    )


def forget_old() -> int:
    """Delete ended sessions and the keys of forms sent more than a week ago; returns how many keys went."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    return forget_form_keys(timezone.now() - KEYS_KEPT)
