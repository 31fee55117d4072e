"""Forms of covenants."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from blocs.forms.draft import DraftForm, ListRowForm, RowForm, unit_choice
from thidua.accounts.reauth import PasswordConfirmMixin
from thidua.web.forms import (
    CountField,
    DateField,
    LineField,
    OfficeForm,
    PointsField,
    ReasonField,
    RevisionField,
    TextField,
)


class CovenantHeadForm(OfficeForm):
    title = LineField(
        label="Trích yếu",
        max_length=300,
        required=False,
        help_text="Để trống thì in “Thực hiện nhiệm vụ công tác năm …”.",
    )
    preamble = TextField(label="Lời mở đầu", required=False, help_text="Để trống thì in câu thường dùng.")
    closing = TextField(label="Cam kết", required=False, help_text="Để trống thì in câu thường dùng.")


class CovenantLineForm(ListRowForm):
    columns = ("text",)
    needed = ("text",)
    text = TextField(label="Nội dung", required=False, widget=forms.Textarea({"rows": "2"}))


class CovenantTargetForm(ListRowForm):
    """A figure one unit takes upon itself."""

    takes_units = True
    columns = ("unit_id", "name", "value", "measure")
    needed = ("name",)
    missing = "Chưa nhập tên chỉ tiêu."
    unit_id = forms.ChoiceField(label="Đơn vị", required=False)
    name = LineField(label="Chỉ tiêu", max_length=300, required=False)
    value = PointsField(label="Mức", required=False, places=4, max_value=Decimal(999_999_999_999))
    measure = LineField(label="Đơn vị tính", max_length=40, required=False)

    def __init__(self, *args: Any, units: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_id"].choices = units

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self.is_blank() and not cleaned.get("unit_id"):
            self.add_error("unit_id", forms.ValidationError("Chọn đơn vị của chỉ tiêu này.", code="row-incomplete"))
        return cleaned

    def row(self) -> dict[str, Any]:
        value = self.cleaned_data["value"]
        return super().row() | {
            "unit_id": unit_choice(self.cleaned_data["unit_id"]),
            "value": None if value is None else value.normalize(),
        }


class CovenantDraft(DraftForm):
    """The whole text on one page."""

    head_class = CovenantHeadForm
    list_classes = {
        "ground": CovenantLineForm,
        "content": CovenantLineForm,
        "target": CovenantLineForm,
        "unit_targets": CovenantTargetForm,
        "execution": CovenantLineForm,
    }
    list_labels = {
        "ground": "Căn cứ",
        "content": "Nội dung thi đua",
        "target": "Chỉ tiêu chung",
        "unit_targets": "Chỉ tiêu của từng đơn vị",
        "execution": "Tổ chức thực hiện",
    }
    jumps = (
        ("mo-dau", "Mở đầu"),
        ("can-cu", "Căn cứ"),
        ("noi-dung", "Nội dung"),
        ("chi-tieu", "Chỉ tiêu chung"),
        ("chi-tieu-don-vi", "Chỉ tiêu đơn vị"),
        ("thuc-hien", "Thực hiện"),
    )


class SigningHeadForm(OfficeForm):
    place = LineField(label="Địa danh", max_length=80, required=False, help_text="Để trống thì lấy tên tỉnh.")
    signing_on = DateField(label="Ngày lễ ký", required=False, help_text="Ví dụ 11/03/2026.")
    witness_name = LineField(label="Người chứng kiến", max_length=120, required=False)
    witness_title = LineField(label="Chức vụ người chứng kiến", max_length=200, required=False)
    witness_body = LineField(label="Cơ quan chứng kiến", max_length=240, required=False)


class SignatureForm(RowForm):
    """One member's signature. Without a day it is not signed yet."""

    columns = ("group_no", "position", "signer_name", "signer_title", "signed_on", "absence_reason")
    group_no = CountField(label="Nhóm ký", required=False, min_value=1, max_value=50)
    position = CountField(label="Thứ tự", required=False, max_value=999)
    signer_name = LineField(label="Người ký", max_length=120, required=False)
    signer_title = LineField(label="Chức vụ", max_length=160, required=False)
    signed_on = DateField(label="Ngày ký", required=False, help_text="")
    absence_reason = LineField(label="Lý do ký sau", max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("group_no", "position"):
            self.fields[name].widget.attrs["size"] = "4"

    def clean(self) -> dict[str, Any]:
        return super(RowForm, self).clean() or {}

    def row(self) -> dict[str, Any]:
        given = super().row()
        return given | {"group_no": given["group_no"] or 1, "position": given["position"] or 0}


class SignaturesDraft(DraftForm):
    """Day, place, witness, and one row a member."""

    head_class = SigningHeadForm
    unit_class = SignatureForm
    unit_prefix = "signature"


class SeenRevisionForm(OfficeForm):
    """A deed on what was seen."""

    not_done = "Chưa làm được"
    revision = RevisionField()


class ReopenCovenantForm(SeenRevisionForm):
    not_done = "Chưa mở lại được"
    reason = ReasonField(label="Lý do mở lại")


class SignCovenantForm(PasswordConfirmMixin):
    """The lead's password; the revision seen."""

    not_done = "Chưa ghi nhận đã ký được"
    revision = RevisionField()
