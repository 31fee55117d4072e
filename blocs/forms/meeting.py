"""Forms of conferences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from blocs import labels
from blocs.forms.draft import DraftForm, ListRowForm, RowForm, TimeField, unit_choice
from thidua.accounts.reauth import PasswordConfirmMixin
from thidua.web.forms import CountField, DateField, LineField, OfficeForm, RevisionField, TextField, choices_of


class CreateMeetingForm(OfficeForm):
    """Only the kind is needed; the title follows from it unless one is typed."""

    not_done = "Chưa tạo được"
    kind = forms.ChoiceField(label="Loại hội nghị", choices=choices_of(labels.MEETING_KIND))
    title = LineField(
        label="Tên hội nghị",
        max_length=300,
        required=False,
        help_text="Để trống thì lấy tên thường dùng của loại hội nghị, ví dụ “Hội nghị tổng kết công tác thi đua,"
        " khen thưởng năm …”. Sửa được sau.",
    )


class MeetingHeadForm(OfficeForm):
    """Place, time, people, texts. Facts not known (old meetings) stay empty."""

    kind = forms.ChoiceField(label="Loại hội nghị", choices=choices_of(labels.MEETING_KIND, None))
    title = LineField(label="Tên hội nghị", max_length=300)
    number = LineField(label="Số biên bản", max_length=40, required=False)
    place = LineField(label="Địa điểm", max_length=240, required=False)
    held_on = DateField(label="Ngày họp", required=False, help_text="Ví dụ 03/12/2026.")
    part_of_day = forms.ChoiceField(
        label="Buổi",
        choices=choices_of(labels.PART_OF_DAY, "Chưa rõ"),
        required=False,
        help_text="Dùng khi không rõ giờ.",
    )
    starts_at = TimeField(label="Giờ bắt đầu", required=False, help_text="Ví dụ 14:00 hoặc 14 giờ 30.")
    ends_at = TimeField(label="Giờ kết thúc", required=False)
    chair_name = LineField(label="Chủ trì", max_length=120, required=False)
    chair_title = LineField(label="Chức vụ chủ trì", max_length=200, required=False)
    secretary_name = LineField(label="Thư ký", max_length=120, required=False)
    secretary_title = LineField(label="Chức vụ thư ký", max_length=200, required=False)
    opening = TextField(label="Khai mạc, mục đích", required=False, widget=forms.Textarea({"rows": "3"}))
    with_ranking = forms.BooleanField(label="Đưa bảng xếp hạng vào biên bản", required=False)
    recipients = TextField(
        label="Nơi nhận, mỗi dòng một nơi", required=False, max_length=2000, widget=forms.Textarea({"rows": "3"})
    )
    copies = CountField(label="Số bản", min_value=1, max_value=99)
    published_on = DateField(
        label="Ngày đăng tin nguồn", required=False, help_text="Chỉ khi ghi theo bài báo; khác với ngày họp."
    )
    source_note = TextField(
        label="Ghi theo nguồn", required=False, max_length=2000, widget=forms.Textarea({"rows": "3"})
    )


PRESENCE = {"yes": "Có mặt", "no": "Vắng"}


class MemberForm(RowForm):
    """One member unit: there, absent, or nothing recorded yet."""

    columns = ("presence", "person", "office", "head_count", "note")
    presence = forms.ChoiceField(label="Điểm danh", choices=choices_of(PRESENCE, "Chưa ghi"), required=False)
    person = LineField(label="Người dự", max_length=120, required=False)
    office = LineField(label="Chức vụ", max_length=240, required=False)
    head_count = CountField(label="Số người", required=False, max_value=9999)
    note = LineField(label="Ghi chú hoặc lý do vắng", max_length=240, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = kwargs.get("initial") or {}
        if initial:
            initial["presence"] = "yes" if initial.pop("is_present") else "no"
        super().__init__(*args, **kwargs)
        self.fields["head_count"].widget.attrs["size"] = "4"

    def clean(self) -> dict[str, Any]:
        cleaned = super(RowForm, self).clean() or {}
        if not self.errors and not self.is_blank() and not cleaned.get("presence"):
            self.add_error("presence", forms.ValidationError("Chọn có mặt hoặc vắng.", code="row-incomplete"))
        return cleaned

    def row(self) -> dict[str, Any]:
        given = self.cleaned_data
        is_present = given["presence"] == "yes"
        count = given["head_count"]
        return {
            "is_present": is_present,
            "person": given["person"],
            "office": given["office"],
            "head_count": count if count is not None else int(is_present),
            "note": given["note"],
        }


class GuestForm(ListRowForm):
    """A guest with office and part in the meeting; old reports often give the office alone."""

    columns = ("person", "office", "head_count", "note")
    needed = ("office", "person")
    defaults = {"head_count": 1}
    missing = "Chưa có họ tên hoặc chức vụ của đại biểu này."
    person = LineField(label="Đại biểu", max_length=120, required=False)
    office = LineField(label="Chức vụ, cơ quan", max_length=240, required=False)
    head_count = CountField(label="Số người", required=False, min_value=1, max_value=9999)
    note = LineField(label="Vai trò", max_length=240, required=False)

    def row(self) -> dict[str, Any]:
        return super().row() | {"head_count": self.cleaned_data["head_count"] or 1}


class AgendaForm(ListRowForm):
    columns = ("kind", "title", "speaker", "document")
    needed = ("title",)
    defaults = {"kind": "other"}
    missing = "Nội dung này chưa có tên."
    kind = forms.ChoiceField(
        label="Loại", choices=choices_of(labels.AGENDA_KIND, None), required=False, initial="other"
    )
    title = LineField(label="Nội dung", max_length=500, required=False)
    speaker = LineField(label="Người trình bày", max_length=240, required=False)
    document = LineField(label="Văn bản liên quan", max_length=300, required=False)

    def row(self) -> dict[str, Any]:
        return super().row() | {"kind": self.cleaned_data["kind"] or "other"}


class _WithUnit(ListRowForm):
    """A row that names a member unit."""

    takes_units = True
    unit_field = "unit_id"

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[self.unit_field].choices = units

    def row(self) -> dict[str, Any]:
        return super().row() | {self.unit_field: unit_choice(self.cleaned_data[self.unit_field])}


class OpinionForm(_WithUnit):
    columns = ("unit_id", "speaker", "text")
    needed = ("text",)
    missing = "Chưa nhập ý kiến."
    unit_id = forms.ChoiceField(label="Đơn vị", required=False)
    speaker = LineField(label="Người phát biểu", max_length=240, required=False)
    text = TextField(label="Ý kiến", required=False, max_length=20_000, widget=forms.Textarea({"rows": "3"}))


class ConclusionForm(_WithUnit):
    columns = ("text", "owner_id", "due_on")
    needed = ("text",)
    missing = "Chưa nhập kết luận."
    unit_field = "owner_id"
    text = TextField(label="Kết luận", required=False, max_length=20_000, widget=forms.Textarea({"rows": "2"}))
    owner_id = forms.ChoiceField(label="Đơn vị thực hiện", required=False)
    due_on = DateField(label="Hạn", required=False, help_text="")


class MeetingDraft(DraftForm):
    """The whole meeting on one page."""

    head_class = MeetingHeadForm
    unit_class = MemberForm
    unit_prefix = "member"
    list_classes = {
        "guests": GuestForm,
        "agenda": AgendaForm,
        "opinions": OpinionForm,
        "conclusions": ConclusionForm,
    }
    list_labels = {
        "guests": "Khách mời",
        "agenda": "Chương trình",
        "opinions": "Ý kiến thảo luận",
        "conclusions": "Kết luận",
    }

    jumps = (
        ("thong-tin", "Thông tin"),
        ("thanh-phan", "Thành phần"),
        ("khach", "Khách mời"),
        ("chuong-trinh", "Chương trình"),
        ("y-kien", "Ý kiến"),
        ("ket-luan", "Kết luận"),
    )

    def _unit_value(self, form: RowForm) -> Any:
        return None if form.is_blank() else form.row()

    def words(self, part: str, value: Any) -> str:
        if part.startswith("member:") and isinstance(value, Mapping):
            value = {**value, "is_present": PRESENCE["yes" if value["is_present"] else "no"]}
        return super().words(part, value)


class ApproveMeetingForm(PasswordConfirmMixin):
    """The lead's password; the revision seen."""

    not_done = "Chưa duyệt được"
    revision = RevisionField()
