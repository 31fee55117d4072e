"""Event rows nobody can change: triggers refuse UPDATE, DELETE and TRUNCATE; each row is chained to the one before."""

from __future__ import annotations

import pgtrigger
from django.db import models

REFUSE_TRUNCATE = """
    IF current_setting('thidua.allow_truncate', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION 'audit: % may not be truncated', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
"""


class Event(models.Model):
    """One deed of one person. Written only by ``audit.record``."""

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)  # no foreign key: the record outlives the account
    actor_name = models.TextField()
    actor_office = models.TextField(blank=True, default="")
    acting_for = models.TextField(blank=True, default="")
    verb = models.CharField(max_length=100)
    subject_label = models.CharField(max_length=100, blank=True, default="")
    subject_id = models.CharField(max_length=64, blank=True, default="")
    subject_text = models.TextField(blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    reason = models.TextField(blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    key = models.UUIDField(null=True, unique=True)
    chain = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "sequence"], name="audit_event_one_place_in_chain")]
        indexes = [
            models.Index(fields=["subject_label", "subject_id", "-id"], name="audit_event_subject"),
            models.Index(fields=["actor_id", "-id"], name="audit_event_actor"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func=REFUSE_TRUNCATE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain}#{self.sequence} {self.verb}"


class ChainHead(models.Model):
    """The last place and hash of a chain: its row lock orders the writers, and a tail that was cut off shows."""

    chain = models.CharField(max_length=64, primary_key=True)
    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="one_step_on",
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(new__sequence=pgtrigger.F("old__sequence") + 1)
                | ~pgtrigger.Q(new__chain=pgtrigger.F("old__chain")),
            ),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func=REFUSE_TRUNCATE,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.chain}#{self.sequence}"
