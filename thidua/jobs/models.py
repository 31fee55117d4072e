"""A job is a row; the row is the truth, the broker only rings."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.functions import Now

from thidua.jobs.states import FINISHED, JobState

MAX_ATTEMPTS = 3


class Job(models.Model):
    """One piece of background work, from the request to its end.

    ``attempts`` only ever grows: together with ``state`` it tells which worker holds the row, so it must never
    return to a number another worker still remembers. A retry by a person raises ``attempts_allowed`` instead.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=80)
    args = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, default=JobState.QUEUED.value)
    attempts = models.PositiveSmallIntegerField(default=0)
    attempts_allowed = models.PositiveSmallIntegerField(default=MAX_ATTEMPTS)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    enqueued_at = models.DateTimeField(db_default=Now())
    rung_at = models.DateTimeField(db_default=Now())
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=200, blank=True, default="")
    result = models.JSONField(default=dict, blank=True)
    error = models.TextField(blank=True, default="")
    fault_code = models.CharField(max_length=8, blank=True, default="")
    traceback = models.TextField(blank=True, default="")
    requested_by_id = models.BigIntegerField(null=True, blank=True)  # no foreign key: the row outlives the account
    requested_by_name = models.CharField(max_length=200, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in JobState]), name="jobs_job_known_state"
            ),
            models.CheckConstraint(
                condition=(models.Q(state=JobState.RUNNING.value) & models.Q(lease_until__isnull=False))
                | (~models.Q(state=JobState.RUNNING.value) & models.Q(lease_until__isnull=True)),
                name="jobs_job_lease_while_running",
            ),
            models.CheckConstraint(
                condition=(models.Q(state__in=FINISHED) & models.Q(finished_at__isnull=False))
                | (~models.Q(state__in=FINISHED) & models.Q(finished_at__isnull=True)),
                name="jobs_job_end_when_finished",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=JobState.FAILED.value) | ~models.Q(error=""), name="jobs_job_failed_says_why"
            ),
            models.CheckConstraint(
                condition=models.Q(attempts__lte=models.F("attempts_allowed")), name="jobs_job_attempts_bounded"
            ),
        ]
        indexes = [
            models.Index(
                fields=["enqueued_at"], name="jobs_job_unfinished", condition=models.Q(state__in=["queued", "running"])
            ),
            models.Index(fields=["requested_by_id", "-created_at"], name="jobs_job_requester"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_finished(self) -> bool:
        return self.state in FINISHED


class Heartbeat(models.Model):
    """When a periodic work last ran: how a deaf worker or a missing beat is noticed."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
