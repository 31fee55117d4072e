"""What was proposed and waits for a second person."""

from __future__ import annotations

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from thidua.pending.labels import STATES
from thidua.pending.rules import State


class PendingStep(models.Model):
    """One deed, proposed with all its arguments; done only when somebody else confirms."""

    verb = models.CharField(max_length=100)
    args = models.JSONField(encoder=DjangoJSONEncoder)
    subject_label = models.CharField(max_length=100, blank=True, default="")
    subject_id = models.CharField(max_length=64, blank=True, default="")
    scope = models.CharField(max_length=64, blank=True, default="")  # opaque text of the app, e.g. province:3
    summary = models.TextField()
    state = models.CharField(max_length=12, choices=list(STATES.items()), default=State.PROPOSED.value)
    proposed_by_id = models.BigIntegerField()
    proposed_by_name = models.TextField()
    proposed_by_office = models.TextField(blank=True, default="")
    proposed_at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.TextField(blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "scope"], name="pending_step_open")]
        constraints = [
            models.UniqueConstraint(
                fields=["verb", "subject_label", "subject_id"],
                condition=models.Q(state="proposed") & ~models.Q(subject_id=""),
                name="pending_one_open_step_per_deed",
            ),
            models.CheckConstraint(condition=models.Q(state__in=[s.value for s in State]), name="pending_known_state"),
            models.CheckConstraint(
                condition=models.Q(decided_by_id=None)
                | models.Q(state="withdrawn")
                | ~models.Q(decided_by_id=models.F("proposed_by_id")),
                name="pending_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return self.summary
