"""Schemes of criteria, stages as rows, score sheets and their cells, the frozen table.

A person's entry is stored; points of computed rules, subtotals, totals, rates and places are not: they are
computed from the entries by ``scoring.rules`` when read, and frozen with their inputs when the table is locked.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from blocs.models import BlocYear, Unit


class Scheme(models.Model):
    """The scoring table of a bloc-year, versioned; a published one never changes."""

    bloc_year = models.ForeignKey(BlocYear, models.PROTECT, related_name="schemes")
    version = models.PositiveSmallIntegerField("bản")
    state = models.CharField("trạng thái", max_length=10, default="draft")
    title = models.CharField("tên bảng điểm", max_length=300, blank=True)
    total_points = models.DecimalField("tổng điểm", max_digits=10, decimal_places=4, null=True, blank=True)
    bonus_cap = models.DecimalField("trần điểm thưởng", max_digits=10, decimal_places=4, null=True, blank=True)
    digits = models.PositiveSmallIntegerField("làm tròn", default=2)
    bands = models.CharField("xếp loại", max_length=500, blank=True)
    ties = models.CharField("đồng hạng", max_length=300, blank=True)
    rank_by = models.CharField("xếp hạng theo", max_length=8, default="points")
    legal_basis = models.CharField("căn cứ", max_length=300, blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    reason = models.CharField("lý do của bản này", max_length=400, blank=True)
    effective_on = models.DateField("hiệu lực từ", null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=160, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["bloc_year_id", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["bloc_year", "version"], name="one_scheme_version"),
            models.UniqueConstraint(fields=["bloc_year"], condition=Q(state="draft"), name="one_draft_scheme"),
            models.UniqueConstraint(fields=["bloc_year"], condition=Q(state="published"), name="one_published_scheme"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "published", "replaced"]), name="scheme_state_known"
            ),
            models.CheckConstraint(condition=Q(rank_by__in=["points", "rate"]), name="scheme_rank_by_known"),
            models.CheckConstraint(condition=Q(digits__lte=4), name="scheme_digits_in_range"),
        ]

    def __str__(self) -> str:
        return f"Bảng điểm bản {self.version}, {self.bloc_year}"


class Criterion(models.Model):
    """One line of a scheme. ``code`` is the printed number, kept as text; it is no identity."""

    scheme = models.ForeignKey(Scheme, models.CASCADE, related_name="criteria")
    parent = models.ForeignKey("self", models.CASCADE, related_name="children", null=True, blank=True)
    position = models.PositiveIntegerField("thứ tự")
    code = models.CharField("mã", max_length=30)
    title = models.CharField("nội dung", max_length=600)
    kind = models.CharField("loại", max_length=10)
    max_points = models.DecimalField("điểm tối đa", max_digits=10, decimal_places=4, null=True, blank=True)
    rule = models.CharField("cách tính", max_length=16)
    params = models.CharField("tham số", max_length=500, blank=True)
    not_applicable = models.CharField("không áp dụng", max_length=8, default="drop")
    evidence = models.CharField("minh chứng", max_length=400, blank=True)
    guidance = models.TextField("hướng dẫn", blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "code"],
                name="one_criterion_code",
                violation_error_message="Mã này đã có trong bảng điểm. Chọn mã khác.",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(max_points__isnull=True) | Q(max_points__gte=0), name="max_points_not_negative"
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="criterion_not_own_parent"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_scheme_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF (SELECT state FROM scoring_scheme WHERE id = COALESCE(NEW.scheme_id, OLD.scheme_id)) <> 'draft'
                    THEN RAISE EXCEPTION 'a published scheme is frozen' USING ERRCODE = 'check_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class Stage(models.Model):
    """One step of scoring in a bloc-year: who scores whom, when it opens and ends. Rows, not columns."""

    bloc_year = models.ForeignKey(BlocYear, models.PROTECT, related_name="stages")
    slug = models.CharField("mã bước", max_length=20)
    name = models.CharField("tên bước", max_length=80)
    position = models.PositiveSmallIntegerField("thứ tự")
    state = models.CharField("trạng thái", max_length=10, default="not-open")
    closes_at = models.DateTimeField("hạn", null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bloc_year", "slug"], name="one_stage_slug"),
            models.UniqueConstraint(fields=["bloc_year", "position"], name="one_stage_position"),
            models.CheckConstraint(condition=Q(state__in=["not-open", "open", "closed"]), name="stage_state_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ScoreSheet(models.Model):
    """One unit's sheet in a bloc-year. ``is_locked`` follows the table: a trigger refuses any later cell."""

    bloc_year = models.ForeignKey(BlocYear, models.PROTECT, related_name="sheets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="sheets")
    is_locked = models.BooleanField(default=False)

    class Meta:
        ordering = ["bloc_year_id", "id"]
        constraints = [models.UniqueConstraint(fields=["bloc_year", "unit"], name="one_sheet_a_unit")]

    def __str__(self) -> str:
        return f"{self.unit}, {self.bloc_year}"


class Submission(models.Model):
    """A unit's head handed in the sheet of a stage; withdrawn ones stay, with the time."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="submissions")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="submissions")
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=160)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "stage"], condition=Q(withdrawn_at__isnull=True), name="one_live_submission"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} · {self.stage}"


class ScoreEntry(models.Model):
    """What a person entered in one cell at one stage; which fields are filled depends on the criterion's rule."""

    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, related_name="entries")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="entries")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="entries")
    points = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    actual = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    count = models.PositiveIntegerField(null=True, blank=True)
    level = models.CharField(max_length=80, blank=True)
    passed = models.BooleanField(null=True, blank=True)
    outside_rank = models.PositiveIntegerField(null=True, blank=True)
    not_assigned = models.BooleanField(default=False)
    note = models.CharField("ghi chú", max_length=600, blank=True)
    evidence = models.TextField("minh chứng, mỗi dòng một tài liệu", blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=160)
    changed_by_id_text = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "criterion", "stage"], name="one_entry"),
            models.CheckConstraint(condition=Q(points__isnull=True) | Q(points__gte=0), name="points_not_negative"),
            models.CheckConstraint(condition=Q(target__isnull=True) | Q(target__gte=0), name="target_not_negative"),
            models.CheckConstraint(condition=Q(actual__isnull=True) | Q(actual__gte=0), name="actual_not_negative"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="locked_sheet_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF (SELECT is_locked FROM scoring_scoresheet WHERE id = COALESCE(NEW.sheet_id, OLD.sheet_id))
                    THEN RAISE EXCEPTION 'the table is locked' USING ERRCODE = 'check_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}/{self.criterion_id}/{self.stage_id}"


class TieOrder(models.Model):
    """The order drawn by lot between units still equal, with the minutes that say so."""

    bloc_year = models.ForeignKey(BlocYear, models.PROTECT, related_name="tie_orders")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="tie_orders")
    order = models.PositiveSmallIntegerField("thứ tự bốc thăm")
    reference = models.CharField("biên bản", max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bloc_year", "unit"], name="one_tie_order_a_unit")]

    def __str__(self) -> str:
        return f"{self.unit}: {self.order}"


class RankingSnapshot(models.Model):
    """The table as it was locked: every total, place and the inputs they came from. Unlocking closes it and
    keeps it; a new lock makes a new one."""

    bloc_year = models.ForeignKey(BlocYear, models.PROTECT, related_name="snapshots")
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="snapshots")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="snapshots")
    data = models.JSONField()
    locked_at = models.DateTimeField()
    locked_by = models.CharField(max_length=160)
    unlocked_at = models.DateTimeField(null=True, blank=True)
    unlock_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["bloc_year_id", "-locked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["bloc_year"], condition=Q(unlocked_at__isnull=True), name="one_locked_table"
            )
        ]

    def __str__(self) -> str:
        return f"Bảng đã chốt, {self.bloc_year}"
