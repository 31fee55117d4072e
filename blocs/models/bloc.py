"""Blocs, their years, members and leads."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from blocs import labels
from blocs.models.unit import Province, Unit


class FoundingDecision(models.Model):
    """The decision that organises blocs for a year; one may cover all blocs of a province."""

    number = models.CharField("số, ký hiệu", max_length=60)
    decided_on = models.DateField("ngày ban hành", null=True, blank=True)
    issuer = models.CharField("cơ quan ban hành", max_length=160, blank=True)
    subject = models.CharField("trích yếu", max_length=400, blank=True)
    province = models.ForeignKey(Province, models.PROTECT, related_name="founding_decisions")

    class Meta:
        ordering = ["-decided_on", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["province", "number", "decided_on"], nulls_distinct=False, name="one_founding_decision"
            )
        ]

    def __str__(self) -> str:
        return f"Quyết định số {self.number}"


class Bloc(models.Model):
    """A Khối or Cụm thi đua through the years."""

    code = models.CharField("mã khối", max_length=30, unique=True)
    official_name = models.CharField("tên khối", max_length=240, db_collation="vi-x-icu")
    short_name = models.CharField("tên ngắn", max_length=120, blank=True)
    name_key = models.CharField(max_length=380, editable=False)
    kind = models.CharField("loại", max_length=8, choices=labels.BLOC_KIND)
    level = models.CharField("cấp", max_length=12, choices=labels.BLOC_LEVEL)
    province = models.ForeignKey(Province, models.PROTECT, related_name="blocs", verbose_name="tỉnh")
    paper_lines = models.CharField("tên in trên giấy tờ, mỗi dòng cách nhau bằng dấu |", max_length=240, blank=True)
    symbol = models.CharField("ký hiệu văn bản", max_length=30, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["official_name", "id"]
        indexes = [GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="bloc_search")]

    def __str__(self) -> str:
        return self.short

    @property
    def short(self) -> str:
        return self.short_name or self.official_name


class BlocYear(models.Model):
    """One bloc in one year: what members, leads, covenant, meetings and scores belong to."""

    bloc = models.ForeignKey(Bloc, models.PROTECT, related_name="years")
    year = models.PositiveSmallIntegerField("năm")
    decision = models.ForeignKey(
        FoundingDecision, models.PROTECT, related_name="bloc_years", null=True, blank=True, verbose_name="quyết định"
    )
    theme = models.CharField("chủ đề thi đua", max_length=300, blank=True)
    source_note = models.TextField("ghi theo nguồn", blank=True)
    is_sample = models.BooleanField("số liệu mẫu", default=False)
    is_closed = models.BooleanField("đã khép lại", default=False)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-year", "bloc_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["bloc", "year"],
                name="one_bloc_year",
                violation_error_message="Khối đã có năm này. Mở năm đó để sửa.",
            ),
            models.CheckConstraint(condition=models.Q(year__range=(1945, 2100)), name="bloc_year_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.bloc}, năm {self.year}"

    @property
    def chain(self) -> str:
        """The audit chain of the bloc."""
        return f"bloc:{self.bloc_id}"

    @property
    def scope(self) -> str:
        """What papers of this bloc-year are listed under."""
        return f"bloc-year:{self.bloc_id}:{self.year}"


class Membership(models.Model):
    """A unit belongs to a bloc in a year."""

    bloc_year = models.ForeignKey(BlocYear, models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    position = models.PositiveSmallIntegerField("thứ tự")

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["bloc_year", "unit"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.unit}"


class LeadTerm(models.Model):
    """A unit leads (or is deputy of) the bloc for a year; its head acts as chair."""

    bloc_year = models.ForeignKey(BlocYear, models.CASCADE, related_name="lead_terms")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="lead_terms")
    role = models.CharField("vai trò", max_length=8, choices=labels.LEAD_ROLE["khoi"])
    selection_method = models.CharField("cách chọn", max_length=12, choices=labels.SELECTION_METHOD, default="unknown")
    source_wording = models.CharField("ghi theo nguồn", max_length=200, blank=True)

    class Meta:
        ordering = ["-role", "id"]
        constraints = [
            models.UniqueConstraint(fields=["bloc_year", "unit"], name="one_lead_term_a_unit"),
            models.UniqueConstraint(
                fields=["bloc_year"],
                condition=models.Q(role="lead"),
                name="one_lead",
                violation_error_message="Năm này đã có Trưởng khối. Đổi vai trò đơn vị đó trước.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} ({self.role})"
