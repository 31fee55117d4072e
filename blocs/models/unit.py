"""Provinces and units with dated lives, and what became of them."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from blocs import labels


class Province(models.Model):
    """A province or centrally-run city of one span of time. Codes were reused in 2025: never a key."""

    code = models.CharField("mã", max_length=4, blank=True)
    name = models.CharField("tên", max_length=80, db_collation="vi-x-icu")
    kind = models.CharField("loại", max_length=20, choices={"tỉnh": "tỉnh", "thành phố": "thành phố"})
    name_key = models.CharField(max_length=80, db_index=True, editable=False)
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "kind", "valid_from"], nulls_distinct=False, name="one_province_life"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="province_life_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class ProvinceSuccession(models.Model):
    """One province became part of another."""

    predecessor = models.ForeignKey(Province, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Province, models.PROTECT, related_name="ancestries")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="one_province_succession")]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor}"


class Unit(models.Model):
    """An office, agency, school, enterprise or place that can be a member of a bloc, for one span of time."""

    province = models.ForeignKey(Province, models.PROTECT, related_name="units", verbose_name="tỉnh")
    code = models.CharField("mã", max_length=30)
    name = models.CharField("tên", max_length=200, db_collation="vi-x-icu")
    short_name = models.CharField("tên ngắn", max_length=40, blank=True)
    name_key = models.CharField(max_length=260, editable=False)
    category = models.CharField("loại", max_length=20, choices=labels.UNIT_CATEGORY)
    valid_from = models.DateField("hiệu lực từ", null=True, blank=True)
    valid_to = models.DateField("hiệu lực đến", null=True, blank=True)
    founding = models.CharField("quyết định", max_length=200, blank=True)
    paper_lines = models.CharField("tên in trên giấy tờ, mỗi dòng cách nhau bằng dấu |", max_length=240, blank=True)
    superior_lines = models.CharField(
        "cơ quan chủ quản in trên giấy tờ, mỗi dòng cách nhau bằng dấu |", max_length=200, blank=True
    )
    head_title = models.CharField("chức danh thủ trưởng", max_length=80, blank=True)
    symbol = models.CharField("ký hiệu văn bản", max_length=30, blank=True)
    place = models.CharField("địa danh", max_length=80, blank=True)
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name", "id"]
        indexes = [GinIndex(OpClass("name_key", name="gin_trgm_ops"), name="unit_search")]
        constraints = [
            models.UniqueConstraint(
                fields=["province", "code"],
                name="one_unit_code",
                violation_error_message="Mã này đã có trong tỉnh và không dùng lại. Chọn mã khác.",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="unit_life_in_order",
                violation_error_message="Ngày hết hiệu lực đứng trước ngày bắt đầu. Kiểm lại hai ngày.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def short(self) -> str:
        """The usual short name where there is one, else the name: short names are never invented."""
        return self.short_name or self.name


class UnitSuccession(models.Model):
    """What became of a unit: renamed, merged, split (one row a successor) or dissolved (no successor)."""

    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, models.PROTECT, related_name="ancestries", null=True, blank=True)
    kind = models.CharField("hình thức kế thừa", max_length=12, choices=labels.SUCCESSION_KIND)
    happened_on = models.DateField("ngày", null=True, blank=True)
    decision = models.CharField("quyết định", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["predecessor", "successor"], nulls_distinct=False, name="one_unit_succession"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="dissolve", successor__isnull=True)
                | (~models.Q(kind="dissolve") & models.Q(successor__isnull=False)),
                name="dissolved_has_no_successor",
            ),
            models.CheckConstraint(
                condition=~models.Q(predecessor=models.F("successor")), name="unit_succeeds_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor} → {self.successor or 'giải thể'}"
