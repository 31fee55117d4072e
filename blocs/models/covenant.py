"""The covenant (giao ước thi đua) of a bloc-year."""

from django.db import models

from blocs import labels
from blocs.models.bloc import BlocYear
from blocs.models.unit import Unit


class Covenant(models.Model):
    """What the members promise each other for the year. Signing locks it."""

    bloc_year = models.OneToOneField(BlocYear, models.PROTECT, related_name="covenant")
    title = models.CharField("trích yếu", max_length=300, blank=True)
    place = models.CharField("địa danh", max_length=80, blank=True)
    signing_on = models.DateField("ngày ký", null=True, blank=True)
    preamble = models.TextField("lời mở đầu", blank=True)
    closing = models.TextField("cam kết", blank=True)
    witness_name = models.CharField("người chứng kiến", max_length=120, blank=True)
    witness_title = models.CharField("chức vụ người chứng kiến", max_length=200, blank=True)
    witness_body = models.CharField("cơ quan chứng kiến", max_length=240, blank=True)
    state = models.CharField("trạng thái", max_length=8, choices=labels.COVENANT_STATE, default="draft")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=160, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.CharField(max_length=160, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["draft", "agreed", "signed"]), name="covenant_state_known"
            )
        ]

    def __str__(self) -> str:
        return f"Giao ước thi đua {self.bloc_year}"


class CovenantLine(models.Model):
    """One line of a section: a ground, a content, a target in words or a way of carrying out."""

    covenant = models.ForeignKey(Covenant, models.CASCADE, related_name="lines")
    section = models.CharField("phần", max_length=10, choices=labels.COVENANT_SECTION)
    position = models.PositiveSmallIntegerField("thứ tự")
    text = models.TextField("nội dung")

    class Meta:
        ordering = ["section", "position", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class CovenantTarget(models.Model):
    """A numeric target of one unit, as agreed."""

    covenant = models.ForeignKey(Covenant, models.CASCADE, related_name="targets")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="covenant_targets")
    name = models.CharField("chỉ tiêu", max_length=300)
    value = models.DecimalField("mức", max_digits=16, decimal_places=4, null=True, blank=True)
    measure = models.CharField("đơn vị tính", max_length=40, blank=True)
    position = models.PositiveSmallIntegerField("thứ tự")

    class Meta:
        ordering = ["unit_id", "position", "id"]

    def __str__(self) -> str:
        return self.name


class CovenantSignature(models.Model):
    """A member's signature; without ``signed_on`` not signed yet. An absent signer has a later day and a reason."""

    covenant = models.ForeignKey(Covenant, models.CASCADE, related_name="signatures")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="covenant_signatures")
    group_no = models.PositiveSmallIntegerField("nhóm ký", default=1)
    position = models.PositiveSmallIntegerField("thứ tự", default=0)
    signer_name = models.CharField("người ký", max_length=120, blank=True)
    signer_title = models.CharField("chức vụ", max_length=160, blank=True)
    signed_on = models.DateField("ngày ký", null=True, blank=True)
    absence_reason = models.CharField("lý do ký sau", max_length=300, blank=True)

    class Meta:
        ordering = ["group_no", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["covenant", "unit"], name="one_signature_a_unit")]

    def __str__(self) -> str:
        return f"{self.unit}: {self.signer_name}"
