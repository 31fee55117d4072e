"""One row per uploaded file: what it was, what was found, what it did."""

from __future__ import annotations

from django.db import models

from thidua.exchange import labels


class ImportRun(models.Model):
    """An import from upload to confirmation. The file is kept in the row: private, small, saved with the deed."""

    kind = models.CharField(max_length=50)
    scope = models.CharField(max_length=200, blank=True, default="")
    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    companion = models.BinaryField(null=True, blank=True)
    state = models.CharField(max_length=20, default=labels.UPLOADED, choices=labels.STATES)
    user_id = models.BigIntegerField(null=True, blank=True)  # no foreign key: the record outlives the account
    user_name = models.TextField()
    faults = models.JSONField(default=list, blank=True)
    fault_count = models.PositiveIntegerField(default=0)
    preview = models.JSONField(default=dict, blank=True)
    outcome = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["user_id", "kind", "-id"], name="exchange_run_of_user"),
            models.Index(fields=["sha256", "kind", "scope"], name="exchange_run_same_file"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(labels.STATES)), name="exchange_run_known_state"),
            models.CheckConstraint(
                condition=models.Q(state=labels.CONFIRMED, confirmed_at__isnull=False)
                | (~models.Q(state=labels.CONFIRMED) & models.Q(confirmed_at__isnull=True)),
                name="exchange_run_confirmed_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
