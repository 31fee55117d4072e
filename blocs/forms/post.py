"""Forms of offices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from blocs import labels
from thidua.accounts.reauth import PasswordConfirmMixin
from thidua.web.forms import DateField, LineField, OfficeForm, TextField, YearField, choices_of

Choices = Sequence[tuple[str, str]]


class GivePostForm(OfficeForm):
    """Who holds which office of what; what does not belong to the kind stays empty."""

    not_done = "Chưa giao được chức vụ"
    user = forms.ChoiceField(label="Người giữ")
    kind = forms.ChoiceField(label="Chức vụ", choices=choices_of(labels.POST_KIND))
    unit = forms.ChoiceField(
        label="Đơn vị", required=False, help_text="Cần cho chức vụ của đơn vị và của khối (đơn vị của người giữ)."
    )
    bloc = forms.ChoiceField(label="Khối", required=False, help_text="Cần cho thư ký, Trưởng khối, Phó Trưởng khối.")
    year = YearField(required=False, help_text="Năm của chức vụ trong khối, ví dụ 2026.")
    province = forms.ChoiceField(
        label="Tỉnh", required=False, help_text="Cần cho Ban Thi đua, Hội đồng, quản trị hệ thống."
    )
    valid_from = DateField(label="Từ ngày", required=False)
    valid_to = DateField(label="Đến ngày", required=False)
    decision = LineField(label="Văn bản giao nhiệm vụ", max_length=200, required=False)

    def __init__(
        self, *args: Any, users: Choices, units: Choices, blocs: Choices, provinces: Choices, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices, empty in (
            ("user", users, "Chọn người"),
            ("unit", units, "Không chọn"),
            ("bloc", blocs, "Không chọn"),
            ("province", provinces, "Không chọn"),
        ):
            self.fields[name].choices = [("", empty), *choices]  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """What the action takes."""
        found = self.cleaned_data
        ids = {f"{n}_id": int(found[n]) if found[n] else None for n in ("user", "unit", "bloc", "province")}
        return ids | {n: found[n] for n in ("kind", "year", "valid_from", "valid_to", "decision")}


class EndPostForm(OfficeForm):
    """The last day of an office, and why."""

    not_done = "Chưa ghi được"
    ends_on = DateField(label="Ngày cuối giữ chức vụ")
    reason = TextField(label="Lý do", max_length=1000, required=False)


class GivePostWithPasswordForm(GivePostForm, PasswordConfirmMixin):
    """The same for an administrator, with the own password."""


class EndPostWithPasswordForm(EndPostForm, PasswordConfirmMixin):
    """The same for an administrator, with the own password."""
