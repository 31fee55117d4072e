"""Conferences of a bloc-year."""

from django.db import models

from blocs import labels
from blocs.models.bloc import BlocYear
from blocs.models.unit import Unit


class Meeting(models.Model):
    """A conference: what was called, who sat, what was said and concluded. Approval locks it."""

    bloc_year = models.ForeignKey(BlocYear, models.PROTECT, related_name="meetings")
    kind = models.CharField("loại hội nghị", max_length=12, choices=labels.MEETING_KIND)
    title = models.CharField("tên hội nghị", max_length=300)
    number = models.CharField("số biên bản", max_length=40, blank=True)
    place = models.CharField("địa điểm", max_length=240, blank=True)
    held_on = models.DateField("ngày họp", null=True, blank=True)
    starts_at = models.TimeField("bắt đầu", null=True, blank=True)
    ends_at = models.TimeField("kết thúc", null=True, blank=True)
    part_of_day = models.CharField(
        "buổi", max_length=8, blank=True, choices={"": "", "sang": "sáng", "chieu": "chiều", "toi": "tối"}
    )
    chair_name = models.CharField("chủ trì", max_length=120, blank=True)
    chair_title = models.CharField("chức vụ chủ trì", max_length=200, blank=True)
    secretary_name = models.CharField("thư ký", max_length=120, blank=True)
    secretary_title = models.CharField("chức vụ thư ký", max_length=200, blank=True)
    opening = models.TextField("khai mạc, mục đích", blank=True)
    with_ranking = models.BooleanField("đưa bảng xếp hạng vào biên bản", default=False)
    recipients = models.TextField("nơi nhận, mỗi dòng một nơi", blank=True)
    copies = models.PositiveSmallIntegerField("số bản", default=3)
    published_on = models.DateField("ngày đăng tin nguồn", null=True, blank=True)
    source_note = models.TextField("ghi theo nguồn", blank=True)
    state = models.CharField("trạng thái", max_length=10, choices=labels.MEETING_STATE, default="draft")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=160, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.CharField(max_length=160, blank=True)

    class Meta:
        ordering = ["-held_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=["draft", "approved"]), name="meeting_state_known"),
            models.CheckConstraint(
                condition=models.Q(ends_at__isnull=True)
                | models.Q(starts_at__isnull=True)
                | models.Q(ends_at__gte=models.F("starts_at")),
                name="meeting_ends_after_start",
                violation_error_message="Giờ kết thúc đứng trước giờ bắt đầu. Kiểm lại hai giờ.",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Attendance(models.Model):
    """A member unit's or a guest's presence. Guests count neither for quorum nor for signatures."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    kind = models.CharField("thành phần", max_length=8, choices=labels.ATTENDANCE_KIND)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="attendances")
    person = models.CharField("họ tên", max_length=120, blank=True)
    office = models.CharField("chức vụ, cơ quan", max_length=240, blank=True)
    head_count = models.PositiveSmallIntegerField("số người", default=1)
    is_present = models.BooleanField("có mặt", default=True)
    note = models.CharField("vai trò hoặc lý do vắng", max_length=240, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "unit"], condition=models.Q(kind="member"), name="one_attendance_a_unit"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="member") | models.Q(unit__isnull=False), name="member_has_unit"
            ),
        ]

    def __str__(self) -> str:
        return self.person or str(self.unit)


class AgendaItem(models.Model):
    """One item of the programme, with the document it treats and that document's versions."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="agenda")
    position = models.PositiveSmallIntegerField("thứ tự")
    kind = models.CharField("loại nội dung", max_length=8, choices=labels.AGENDA_KIND, default="other")
    title = models.CharField("nội dung", max_length=500)
    speaker = models.CharField("người trình bày", max_length=240, blank=True)
    document = models.CharField("văn bản liên quan", max_length=300, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.title


class Opinion(models.Model):
    """What somebody said."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="opinions")
    position = models.PositiveSmallIntegerField("thứ tự")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="opinions")
    speaker = models.CharField("người phát biểu", max_length=240, blank=True)
    text = models.TextField("ý kiến")

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Conclusion(models.Model):
    """One conclusion; with an owner and a day it is a task that follows from the meeting."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="conclusions")
    position = models.PositiveSmallIntegerField("thứ tự")
    text = models.TextField("kết luận")
    owner = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="conclusions", verbose_name="đơn vị thực hiện"
    )
    due_on = models.DateField("hạn", null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text[:60]
