"""Forms of blocs and their years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from blocs import labels
from blocs.forms.unit import units_in
from blocs.models import Unit
from thidua.lib.vietnamese import format_date
from thidua.web.forms import DateField, LineField, OfficeForm, RevisionField, TextField, YearField, choices_of

MEMBERS_HELP = (
    "Mỗi dòng một đơn vị, theo thứ tự trong quyết định: mã hoặc tên trong danh bạ. Có thể dán danh sách từ quyết định."
)


class DecisionPart(OfficeForm):
    """The founding decision and what else is said of a year."""

    number = LineField(label="Số quyết định", max_length=60, required=False, help_text="Ví dụ 109/QĐ-UBND.")
    decided_on = DateField(label="Ngày quyết định", required=False)
    issuer = LineField(label="Cơ quan quyết định", max_length=160, required=False)
    subject = LineField(label="Trích yếu", max_length=400, required=False)
    theme = LineField(label="Chủ đề thi đua", max_length=300, required=False)
    source_note = TextField(
        label="Ghi theo nguồn", max_length=2000, required=False, help_text="Lời văn của nguồn, để đối chiếu."
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        given = cleaned.get("decided_on") or cleaned.get("issuer") or cleaned.get("subject")
        if given and not cleaned.get("number") and "number" not in self.errors:
            self.add_error("number", forms.ValidationError("Số quyết định: chưa nhập.", code="number-missing"))
        return cleaned

    def decision(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("number", "decided_on", "issuer", "subject")}


class UpdateBlocYearForm(DecisionPart):
    """Names of the bloc, decision, theme and source of the year."""

    field_order = ["official_name", "short_name"]
    official_name = LineField(label="Tên khối", max_length=240)
    short_name = LineField(label="Tên ngắn", max_length=120, required=False)
    paper_lines = LineField(
        label="Tên in trên giấy tờ", max_length=240, required=False, help_text="Xuống dòng ở đâu thì ghi dấu | ở đó."
    )
    symbol = LineField(label="Ký hiệu văn bản", max_length=30, required=False)
    revision = RevisionField()
    bloc_revision = RevisionField()

    def bloc(self) -> dict[str, Any]:
        return {n: self.cleaned_data[n] for n in ("official_name", "short_name", "paper_lines", "symbol")}


def named_apart(units: Sequence[Unit]) -> list[tuple[str, str]]:
    """Units to choose from; those of one name (an earlier life and a later one) with their code and dates."""
    often = Counter(unit.name for unit in units)
    return [(str(unit.pk), unit.name if often[unit.name] == 1 else _with_life(unit)) for unit in units]


def _with_life(unit: Unit) -> str:
    life = [unit.code]
    if unit.valid_from:
        life.append(f"từ {format_date(unit.valid_from)}")
    if unit.valid_to:
        life.append(f"đến {format_date(unit.valid_to)}")
    return f"{unit.name} ({', '.join(life)})"


class CreateBlocYearForm(DecisionPart):
    """A new year of a bloc that is there: members and leads."""

    not_done = "Chưa gửi được đề nghị"
    field_order = ["year", "members", "lead", "deputy", "method"]
    year = YearField()
    members = TextField(label="Đơn vị thành viên", max_length=20_000, help_text=MEMBERS_HELP)
    lead = forms.ChoiceField(label="Trưởng khối", required=False)
    deputy = forms.ChoiceField(label="Phó Trưởng khối", required=False)
    method = forms.ChoiceField(
        label="Cách chọn", choices=choices_of(labels.SELECTION_METHOD, None), required=False, initial="unknown"
    )

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = list(units)
        choices = [("", "Chưa rõ"), *named_apart(self.units)]
        self.fields["lead"].choices = self.fields["deputy"].choices = choices  # type: ignore[attr-defined]
        self.fields["members"].widget.attrs["rows"] = "10"

    def clean_members(self) -> list[int]:
        return [u.pk for u in units_in(self.cleaned_data["members"], self.units)]

    def leads(self) -> list[dict[str, Any]]:
        method = self.cleaned_data["method"] or "unknown"
        return [
            {"unit_id": int(self.cleaned_data[role]), "role": role, "method": method}
            for role in ("lead", "deputy")
            if self.cleaned_data[role]
        ]


class CreateBlocForm(CreateBlocYearForm):
    """A new bloc with its first year."""

    field_order = [
        "province",
        "kind",
        "level",
        "code",
        "official_name",
        "short_name",
        "year",
        "members",
        "lead",
        "deputy",
        "method",
    ]
    province = forms.ChoiceField(label="Tỉnh")
    kind = forms.ChoiceField(label="Loại", choices=choices_of(labels.BLOC_KIND, None))
    level = forms.ChoiceField(label="Cấp", choices=choices_of(labels.BLOC_LEVEL, None), initial="province")
    code = LineField(label="Mã khối", max_length=30, help_text="Duy nhất trong cả hệ thống, ví dụ BN-VHXH.")
    official_name = LineField(label="Tên khối", max_length=240)
    short_name = LineField(label="Tên ngắn", max_length=120, required=False)

    def __init__(self, *args: Any, provinces: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].choices = list(provinces)  # type: ignore[attr-defined]

    def bloc(self) -> dict[str, Any]:
        given = {n: self.cleaned_data[n] for n in ("code", "official_name", "short_name", "kind", "level")}
        return given | {"province_id": int(self.cleaned_data["province"])}


class SetMembersForm(OfficeForm):
    """The members of a year, in order."""

    not_done = "Chưa gửi được đề nghị"
    members = TextField(label="Đơn vị thành viên", max_length=20_000, help_text=MEMBERS_HELP)
    revision = RevisionField()

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = list(units)
        self.fields["members"].widget.attrs["rows"] = "14"

    def clean_members(self) -> list[int]:
        return [u.pk for u in units_in(self.cleaned_data["members"], self.units)]


class SetLeadsForm(OfficeForm):
    """Who leads the year, and how they were chosen; blank where nobody knows."""

    lead = forms.ChoiceField(label="Trưởng khối", required=False, help_text="Năm đã qua mà chưa rõ thì để trống.")
    lead_method = forms.ChoiceField(label="Cách chọn Trưởng khối", choices=choices_of(labels.SELECTION_METHOD, None))
    lead_wording = LineField(label="Ghi theo nguồn (Trưởng khối)", max_length=200, required=False)
    deputy = forms.ChoiceField(label="Phó Trưởng khối", required=False)
    deputy_method = forms.ChoiceField(
        label="Cách chọn Phó Trưởng khối", choices=choices_of(labels.SELECTION_METHOD, None)
    )
    deputy_wording = LineField(label="Ghi theo nguồn (Phó)", max_length=200, required=False)
    second_deputy = forms.ChoiceField(label="Phó Trưởng khối thứ hai", required=False)
    revision = RevisionField()

    def __init__(self, *args: Any, members: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Chưa rõ"), *((str(pk), name) for pk, name in members)]
        for name in ("lead", "deputy", "second_deputy"):
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def leads(self) -> list[dict[str, Any]]:
        given = self.cleaned_data
        rows = []
        for name, role in (("lead", "lead"), ("deputy", "deputy"), ("second_deputy", "deputy")):
            if given[name]:
                rows.append(
                    {
                        "unit_id": int(given[name]),
                        "role": role,
                        "method": given[f"{role}_method"],
                        "source_wording": given[f"{role}_wording"],
                    }
                )
        return rows
