"""Forms of the register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from blocs import labels
from blocs.models import Unit
from thidua.lib.vietnamese import fold
from thidua.web.forms import DateField, LineField, OfficeForm, RevisionField, TextField, choices_of


class UnitForm(OfficeForm):
    """All that is kept of a unit, but its code and province."""

    name = LineField(label="Tên", max_length=200)
    short_name = LineField(
        label="Tên ngắn", max_length=40, required=False, help_text="Tên cơ quan quen dùng, ví dụ Sở GDĐT."
    )
    category = forms.ChoiceField(label="Loại", choices=choices_of(labels.UNIT_CATEGORY))
    valid_from = DateField(label="Hiệu lực từ", required=False)
    valid_to = DateField(label="Hiệu lực đến", required=False, help_text="Ngày cuối cùng. Trống: còn hiệu lực.")
    founding = LineField(label="Quyết định thành lập", max_length=200, required=False)
    head_title = LineField(label="Chức danh thủ trưởng", max_length=80, required=False, help_text="Ví dụ Giám đốc.")
    paper_lines = LineField(
        label="Tên in trên giấy tờ", max_length=240, required=False, help_text="Xuống dòng ở đâu thì ghi dấu | ở đó."
    )
    superior_lines = LineField(
        label="Cơ quan chủ quản in trên giấy tờ", max_length=200, required=False, help_text="Ví dụ UBND TỈNH BẮC NINH."
    )
    symbol = LineField(label="Ký hiệu văn bản", max_length=30, required=False)
    place = LineField(
        label="Địa danh", max_length=80, required=False, help_text="Nơi ghi trước ngày tháng trên giấy tờ."
    )


class CreateUnitForm(UnitForm):
    """A new unit: its code is kept for ever."""

    not_done = "Chưa thêm được đơn vị"
    field_order = ["province", "code"]
    province = forms.ChoiceField(label="Tỉnh")
    code = LineField(label="Mã", max_length=30, help_text="Mã riêng của cơ quan, không dùng lại trong tỉnh.")

    def __init__(self, *args: Any, provinces: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["province"].choices = [("", "Chọn tỉnh"), *provinces]  # type: ignore[attr-defined]

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        if "/" in code or ";" in code:
            raise forms.ValidationError("Mã không có dấu / và dấu ;. Sửa mã.", code="code-signs")
        return code


class UpdateUnitForm(UnitForm):
    """A correction; a change of organisation has its own page."""

    revision = RevisionField()


class SucceedUnitForm(OfficeForm):
    """What became of a unit, from which day, by which decision."""

    not_done = "Chưa ghi được thay đổi"
    kind = forms.ChoiceField(label="Hình thức", choices=choices_of(labels.SUCCESSION_KIND))
    happened_on = DateField(
        label="Có hiệu lực từ ngày", help_text="Ngày đầu tiên của đơn vị kế thừa, ví dụ 01/03/2025."
    )
    decision = LineField(label="Quyết định", max_length=200, required=False)
    successors = TextField(
        label="Đơn vị kế thừa",
        required=False,
        help_text="Mỗi dòng một đơn vị: mã hoặc tên trong danh bạ. Giải thể thì để trống.",
    )
    revision = RevisionField()

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = units

    def clean_successors(self) -> list[int]:
        return [u.pk for u in units_in(self.cleaned_data["successors"], self.units)]


def units_in(text: str, units: Iterable[Unit]) -> list[Unit]:
    """The units a text names, one a line: "MÃ", "MÃ | tên", a name or a short name. Unknown lines are named."""
    known = list(units)
    by_code = {u.code.casefold(): u for u in known}
    by_name: dict[str, list[Unit]] = {}
    for unit in known:
        for name in {fold(unit.name), fold(unit.short_name)} - {""}:
            by_name.setdefault(name, []).append(unit)
    found: list[Unit] = []
    faults: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("|")[0].strip()
        if not words:
            continue
        named = [by_code[words.casefold()]] if words.casefold() in by_code else by_name.get(fold(words), [])
        if len(named) == 1:
            found.append(named[0])
        elif named:
            faults.append(f"Dòng {number}: có {len(named)} đơn vị tên “{words[:60]}”. Ghi mã đơn vị.")
        else:
            faults.append(f"Dòng {number}: “{words[:60]}” không có trong danh bạ. Ghi đúng mã hoặc tên.")
    if faults:
        raise forms.ValidationError(faults[:10], code="unit-unknown")
    return found


def lines_of(units: Iterable[Unit]) -> str:
    """What ``units_in`` reads: "MÃ | tên", one a line."""
    return "\n".join(f"{u.code} | {u.name}" for u in units)
