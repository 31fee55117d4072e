"""A paper: its frozen content, and the file made of it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from thidua.documents.states import DocumentState


class Document(models.Model):
    """One version of one paper about one thing. Subject and scope are opaque text: this app knows no bloc."""

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    detail = models.CharField(max_length=300, blank=True, default="")
    subject_label = models.CharField(max_length=80)
    subject_id = models.CharField(max_length=64)
    scope = models.CharField(max_length=80, db_index=True)
    version = models.PositiveIntegerField()
    is_draft = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=DocumentState.QUEUED.value)
    context = models.JSONField()
    context_hash = models.CharField(max_length=64)
    template_version = models.CharField(max_length=64)
    stem = models.CharField(max_length=32, unique=True, editable=False)  # file names on disk; cannot be guessed
    file = models.CharField(max_length=100, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)
    page_count = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    job = models.ForeignKey("jobs.Job", on_delete=models.PROTECT, null=True, related_name="+")
    requested_by_id = models.BigIntegerField(null=True, blank=True)  # no foreign key: the paper outlives the account
    requested_by_name = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    requested_at = models.DateTimeField(db_default=Now())
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["requested_by_id", "-requested_at"], name="documents_document_requester")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject_label", "subject_id", "version"], name="documents_document_one_per_version"
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="documents_document_version_from_one"),
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in DocumentState]),
                name="documents_document_known_state",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DocumentState.READY.value)
                | (~models.Q(file="") & ~models.Q(sha256="") & models.Q(ready_at__isnull=False, page_count__gte=1)),
                name="documents_document_ready_has_file",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=DocumentState.FAILED.value) | ~models.Q(error=""),
                name="documents_document_failed_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, bản {self.version}"

    @property
    def is_ready(self) -> bool:
        return self.state == DocumentState.READY.value

    @property
    def file_name(self) -> str:
        """What the reader's file is called: "Biên bản hội nghị tổng kết, bản 2.pdf"."""
        title = " ".join("".join(c if c not in '\\/:*?"<>|' else " " for c in self.title).split())
        draft = " (dự thảo)" if self.is_draft else ""
        return f"{title[:150]}{draft}, bản {self.version}.pdf"
