"""Forms of the scheme editor: a line, the options, a draft, a copy, publishing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from scoring import labels
from scoring.models import Criterion, Scheme
from scoring.queries.scheme import LineInput, OptionsInput
from scoring.rules.scheme import MAX_DIGITS, MAX_POINTS
from scoring.rules.states import CriterionKind, NotApplicable, Rule
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
    choices_of,
)

# What stands in the parameter field of each way of counting; nothing where there is no parameter.
PARAM_EXAMPLES = {
    Rule.SUM.value: "",
    Rule.DIRECT.value: "bước=0,25 (không bắt buộc)",
    Rule.PASS_FAIL.value: "",
    Rule.LEVELS.value: "Tốt=5; Khá=4; Đạt=3; Chưa đạt=0",
    Rule.RATIO.value: "ngưỡng=50%; đảo=có khi số càng ít càng tốt (không bắt buộc)",
    Rule.PER_COUNT.value: "mỗi lần=2",
    Rule.MINUS_PER_COUNT.value: "mỗi lần=1",
    Rule.RELATIVE.value: "hệ số=0,5; dẫn đầu theo=tỷ lệ vượt (không bắt buộc)",
    Rule.OUTSIDE_RANK.value: "1-3=50; 4-6=40; 7-=30",
}


class LineForm(OfficeForm):
    """One line of a draft. ``line_input`` is what the actions take."""

    code = LineField(label="Mã in trên bảng", max_length=30)
    parent_code = forms.ChoiceField(label="Thuộc dòng", required=False)
    title = TextField(label="Tên tiêu chí", max_length=600, widget=forms.Textarea(attrs={"rows": 2}))
    kind = forms.ChoiceField(label="Loại", choices=choices_of(labels.CRITERION_KIND, None))
    max_points = PointsField(label="Điểm tối đa", required=False, places=4, max_value=MAX_POINTS)
    rule = forms.ChoiceField(
        label="Cách tính",
        choices=choices_of(labels.RULE, None),
        widget=forms.Select(attrs={"data-thidua-rule": ""}),
    )
    params = LineField(label="Tham số", max_length=500, required=False)
    not_applicable = forms.ChoiceField(
        label="Khi không được giao", choices=choices_of(labels.NOT_APPLICABLE_MEANING, None)
    )
    evidence = LineField(label="Minh chứng", max_length=400, required=False)
    guidance = TextField(label="Hướng dẫn chấm", max_length=5000, required=False)
    revision = RevisionField()

    def __init__(self, *args: Any, parents: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent_code"].choices = parents

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    @property
    def rule_value(self) -> str:
        """The way of counting now chosen, for its hint."""
        value = str(self["rule"].value() or Rule.DIRECT.value)
        return value if value in PARAM_EXAMPLES else Rule.DIRECT.value

    @property
    def hints(self) -> list[tuple[str, str, str, bool]]:
        """(value, meaning, example, shown) of every way of counting."""
        chosen = self.rule_value
        return [(v, labels.RULE_MEANING[v], PARAM_EXAMPLES[v], v == chosen) for v in PARAM_EXAMPLES]

    @property
    def line_input(self) -> LineInput:
        return LineInput(**{name: value for name, value in self.cleaned_data.items() if name != "revision"})


def line_initial(criterion: Criterion, parent_code: str, revision: int) -> dict[str, Any]:
    """What the form of a line opens with."""
    names = ("code", "title", "kind", "max_points", "rule", "params", "not_applicable", "evidence", "guidance")
    return {name: getattr(criterion, name) for name in names} | {"parent_code": parent_code, "revision": revision}


def new_line_initial(parent: Criterion | None, revision: int) -> dict[str, Any]:
    """A line under ``parent``, of the parent's kind where that stands outside the scale; without one a section."""
    kind = CriterionKind.CRITERION.value if parent else CriterionKind.SECTION.value
    if parent and parent.kind in (CriterionKind.BONUS.value, CriterionKind.DEDUCTION.value):
        kind = parent.kind
    return {
        "parent_code": parent.code if parent else "",
        "kind": kind,
        "rule": (Rule.DIRECT if parent else Rule.SUM).value,
        "not_applicable": NotApplicable.DROP.value,
        "revision": revision,
    }


class OptionsForm(OfficeForm):
    """The options of a draft."""

    title = LineField(label="Tên bảng điểm", max_length=300, required=False)
    total_points = PointsField(
        label="Tổng điểm", required=False, places=4, max_value=MAX_POINTS, help_text="Để trống là tổng các mục."
    )
    bonus_cap = PointsField(
        label="Trần điểm thưởng",
        required=False,
        places=4,
        max_value=MAX_POINTS,
        help_text="Để trống là không giới hạn.",
    )
    digits = CountField(label="Làm tròn", max_value=MAX_DIGITS, help_text="Số chữ số sau dấu phẩy, từ 0 đến 4.")
    rank_by = forms.ChoiceField(label="Xếp hạng theo", choices=choices_of(labels.RANK_BY_MEANING, None))
    bands = LineField(
        label="Xếp loại",
        max_length=500,
        required=False,
        help_text="Ghi từ cao xuống thấp, ví dụ: Xuất sắc>=900; Tốt>=800; Khá>=650; Trung bình.",
    )
    ties = LineField(
        label="Đồng hạng",
        max_length=300,
        required=False,
        help_text="Các bước theo thứ tự: mã một dòng, thưởng, trừ, bốc thăm. Ví dụ: I; thưởng; bốc thăm.",
    )
    legal_basis = LineField(label="Căn cứ", max_length=300, required=False)
    revision = RevisionField()

    @property
    def options_input(self) -> OptionsInput:
        return OptionsInput(**{name: value for name, value in self.cleaned_data.items() if name != "revision"})


def options_initial(scheme: Scheme) -> dict[str, Any]:
    names = ("title", "total_points", "bonus_cap", "digits", "rank_by", "bands", "ties", "legal_basis", "revision")
    return {name: getattr(scheme, name) for name in names}


class RevisionForm(OfficeForm):
    """A confirmation that carries nothing but the revision the person saw."""

    not_done = "Chưa làm được"
    revision = RevisionField()


class MoveForm(RevisionForm):
    """A line and where it goes."""

    line = forms.IntegerField(min_value=1, max_value=2**62)
    direction = forms.ChoiceField(choices=[(d, d) for d in ("up", "down", "in", "out")])


class DraftForm(OfficeForm):
    """A new draft; the reason only where a scheme is published already."""

    not_done = "Chưa lập được"
    reason = ReasonField(
        label="Lý do lập bản mới", max_length=400, help_text="Từ 10 ký tự. Lý do được in kèm hồ sơ và ghi ở bản mới."
    )

    def __init__(self, *args: Any, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]

    @property
    def given_reason(self) -> str:
        return self.cleaned_data.get("reason", "")


class CopyForm(DraftForm):
    """Which scheme to copy."""

    source = forms.TypedChoiceField(label="Chép từ bảng điểm", coerce=int)
    field_order = ("source", "reason")

    def __init__(self, *args: Any, sources: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [("", "Chọn trong danh sách"), *sources]


class PublishForm(PasswordConfirmMixin):
    """The day it takes effect, the revision seen, the password."""

    not_done = "Chưa đề nghị được"
    effective_on = DateField(label="Hiệu lực từ", required=False)
    revision = RevisionField()
