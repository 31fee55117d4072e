"""What differs between two schemes, line by line: for imports and for "So với bản 2"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from scoring import labels
from scoring.queries.scheme import LineInput, OptionsInput
from scoring.rules.scheme import format_params, parse_params
from scoring.rules.states import Rule
from thidua.lib.vietnamese import format_number

Content = tuple[OptionsInput, Sequence[LineInput]]
OPTION_WORDS = {
    "total_points": "Tổng điểm",
    "bonus_cap": "Trần điểm thưởng",
    "digits": "Làm tròn",
    "bands": "Xếp loại",
    "ties": "Đồng hạng",
    "rank_by": "Xếp hạng theo",
    "title": "Tên bảng điểm",
    "legal_basis": "Căn cứ",
}
FIELD_WORDS = {
    "title": "nội dung",
    "kind": "loại",
    "parent_code": "thuộc dòng",
    "not_applicable": "khi không được giao",
    "evidence": "minh chứng",
    "guidance": "hướng dẫn",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One line or option: what it was, what it is; either may be empty."""

    what: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    added: tuple[Difference, ...]
    changed: tuple[Difference, ...]
    removed: tuple[Difference, ...]
    unchanged: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return not (self.added or self.changed or self.removed)


def compare_schemes(before: Content | None, after: Content) -> Comparison:
    """Lines are told apart by their printed code; a line under a new code is one removed and one added."""
    options, lines = after
    former = list(before[1]) if before else []
    old_lines = {x.code: x for x in former}
    added, changed, unchanged = [], [], []
    for line in lines:
        what, old = f"{line.code} {line.title}", old_lines.get(line.code)
        if old is None:
            added.append(Difference(what, new=_line_words(line)))
        elif _one_spelling(old) == _one_spelling(line):
            unchanged.append(what)
        else:
            changed.append(_changed(what, old, line))
    there = {x.code for x in lines}
    removed = [Difference(f"{x.code} {x.title}", old=_line_words(x)) for x in former if x.code not in there]
    if former and not added and not removed and [x.code for x in former] != [x.code for x in lines]:
        changed.append(Difference("Thứ tự các dòng", "đang có", "mới"))
    if before is not None:
        for key, words in OPTION_WORDS.items():
            was, now = _option_words(key, getattr(before[0], key)), _option_words(key, getattr(options, key))
            if was != now:
                changed.append(Difference(f"Thiết lập, {words}", was or "để trống", now or "để trống"))
    return Comparison(tuple(added), tuple(changed), tuple(removed), tuple(unchanged))


def _one_spelling(line: LineInput) -> LineInput:
    rule = Rule(line.rule)
    most = None if line.max_points is None else line.max_points.normalize()
    return replace(line, params=format_params(rule, parse_params(rule, line.params)), max_points=most)


def _changed(what: str, old: LineInput, new: LineInput) -> Difference:
    """The points and the way of counting where they differ, then every other field that differs."""
    was, now = [], []
    if _line_words(old) != _line_words(new):
        was.append(_line_words(old))
        now.append(_line_words(new))
    for name, words in FIELD_WORDS.items():
        if getattr(old, name) != getattr(new, name):
            was.append(f"{words}: {_field_words(name, getattr(old, name))}")
            now.append(f"{words}: {_field_words(name, getattr(new, name))}")
    return Difference(what, "; ".join(was), "; ".join(now))


def _field_words(name: str, value: str) -> str:
    if name == "kind":
        return labels.CRITERION_KIND[value]
    if name == "not_applicable":
        return labels.NOT_APPLICABLE_SHORT[value]
    return value or "để trống"


def _line_words(line: LineInput) -> str:
    """Tỷ lệ, 40 điểm, ngưỡng=50%"""
    points = "không giới hạn" if line.max_points is None else f"{format_number(line.max_points, None)} điểm"
    params = format_params(Rule(line.rule), parse_params(Rule(line.rule), line.params)) if line.params else ""
    return ", ".join(x for x in (labels.RULE[line.rule], points, params) if x)


def _option_words(key: str, value: Any) -> str:
    if key == "rank_by":
        return labels.RANK_BY[value]
    if isinstance(value, Decimal):
        return format_number(value, None)
    return "" if value is None else str(value)
