"""A scoring scheme as facts: its tree, its texts in a workbook, and what is wrong with it.

Source: docs/domain, workbooks.md section 3 (columns, parameters, options, faults); guide.md sections 3.1 and 3.3
(structure, validation before publishing). Sentences follow look/README.md string 22.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from scoring.rules.numbers import EXACT, HUNDRED, ZERO, plain, shown
from scoring.rules.states import CriterionKind, NotApplicable, RankBy, Rule
from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import clean_text, fold, parse_count, parse_number

MAX_DIGITS = 4
MAX_POINTS = Decimal(999_999)
LEVEL_NAME_LENGTH = 80
# What a cell of the grid takes for "not assigned to this unit"; no level may be called so.
NOT_ASSIGNED_WORDS = ("kđg", "không được giao", "không giao")
IN_SCALE = frozenset({CriterionKind.SECTION, CriterionKind.CRITERION})
OUTSIDE_SCALE = frozenset({CriterionKind.BONUS, CriterionKind.DEDUCTION})

KIND_WORDS: Mapping[CriterionKind, str] = {
    CriterionKind.SECTION: "Mục",
    CriterionKind.CRITERION: "Tiêu chí",
    CriterionKind.BONUS: "Điểm thưởng",
    CriterionKind.DEDUCTION: "Điểm trừ",
}
RULE_WORDS: Mapping[Rule, str] = {
    Rule.SUM: "Tổng",
    Rule.DIRECT: "Trực tiếp",
    Rule.PASS_FAIL: "Đạt/Không đạt",
    Rule.LEVELS: "Mức",
    Rule.RATIO: "Tỷ lệ",
    Rule.PER_COUNT: "Theo lần",
    Rule.MINUS_PER_COUNT: "Trừ theo lần",
    Rule.RELATIVE: "So với dẫn đầu",
    Rule.OUTSIDE_RANK: "Theo hạng ngoài",
}
NOT_APPLICABLE_WORDS: Mapping[NotApplicable, str] = {
    NotApplicable.FULL: "tối đa",
    NotApplicable.DROP: "bỏ khỏi thang",
    NotApplicable.SCALE: "quy đổi",
    NotApplicable.ZERO: "0",
}
RANK_BY_WORDS: Mapping[RankBy, str] = {RankBy.POINTS: "điểm", RankBy.RATE: "tỷ lệ"}


# ----------------------------------------------------------------- facts
@dataclass(frozen=True)
class CriterionFacts:
    """One line of a scheme. ``params`` is what ``parse_params`` returned; ``max_points`` None = no limit (bonus)."""

    id: int
    code: str
    parent_id: int | None
    position: int
    kind: CriterionKind
    title: str
    max_points: Decimal | None
    rule: Rule
    params: Mapping[str, Any] = field(default_factory=dict)
    not_applicable: NotApplicable = NotApplicable.DROP
    evidence_required: bool = False
    parent_code: str = ""

    @property
    def name(self) -> str:
        """ "Mục II", "Tiêu chí I.1", as faults call it."""
        return f"{KIND_WORDS[self.kind]} {self.code}"


@dataclass(frozen=True, slots=True)
class Band:
    """A classification and what it takes; ``at_least`` None = everything below the others."""

    name: str
    at_least: Decimal | None


@dataclass(frozen=True, slots=True)
class TieStep:
    """One step of breaking ties; ``kind`` is "criterion" (with its ``code``), "bonus", "deduction" or "lot"."""

    kind: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a scheme: a sentence that says what to do, the line and the field to change."""

    code: str
    message: str
    criterion_id: int | None = None
    field: str = ""
    severity: str = "error"

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


@dataclass(frozen=True)
class SchemeFacts:
    """A whole scheme. ``total_points`` None = the sum of the sections (workbooks.md section 3)."""

    total_points: Decimal | None
    criteria: tuple[CriterionFacts, ...]
    bonus_cap: Decimal | None = None
    digits: int = 2
    bands: tuple[Band, ...] = ()
    ties: tuple[TieStep, ...] = ()
    rank_by: RankBy = RankBy.POINTS

    @cached_property
    def by_id(self) -> Mapping[int, CriterionFacts]:
        return {c.id: c for c in self.criteria}

    @cached_property
    def by_code(self) -> Mapping[str, CriterionFacts]:
        return {c.code: c for c in self.criteria}

    @cached_property
    def children(self) -> Mapping[int | None, tuple[CriterionFacts, ...]]:
        """The lines under each line in printed order; under None the roots."""
        found: dict[int | None, list[CriterionFacts]] = {}
        for criterion in sorted(self.criteria, key=lambda c: (c.position, c.id)):
            found.setdefault(criterion.parent_id, []).append(criterion)
        return {parent: tuple(lines) for parent, lines in found.items()}

    def children_of(self, criterion_id: int | None) -> tuple[CriterionFacts, ...]:
        return self.children.get(criterion_id, ())

    @property
    def roots(self) -> tuple[CriterionFacts, ...]:
        return self.children_of(None)

    @cached_property
    def ordered(self) -> tuple[CriterionFacts, ...]:
        """All lines as printed: each before its children. Lines in a circle or under nothing are left out."""
        lines: list[CriterionFacts] = []
        stack = list(reversed(self.roots))
        while stack:
            criterion = stack.pop()
            lines.append(criterion)
            stack.extend(reversed(self.children_of(criterion.id)))
        return tuple(lines)

    @cached_property
    def depths(self) -> Mapping[int, int]:
        """Indent of each line: 0 for roots."""
        found: dict[int, int] = {}
        for criterion in self.ordered:
            found[criterion.id] = 0 if criterion.parent_id is None else found[criterion.parent_id] + 1
        return found

    @cached_property
    def leaves(self) -> tuple[CriterionFacts, ...]:
        """The lines something is entered for, in printed order."""
        return tuple(c for c in self.ordered if c.rule is not Rule.SUM and c.id not in self.children)

    @cached_property
    def places(self) -> Mapping[int, CriterionKind]:
        """Where the points of each line go: SECTION (the scale), BONUS or DEDUCTION; inherited from the parent."""
        found: dict[int, CriterionKind] = {}
        for criterion in self.ordered:
            above = found.get(criterion.parent_id) if criterion.parent_id is not None else None
            if above in OUTSIDE_SCALE:
                found[criterion.id] = above  # type: ignore[assignment]
            else:
                found[criterion.id] = criterion.kind if criterion.kind in OUTSIDE_SCALE else CriterionKind.SECTION
        return found

    @cached_property
    def maxima(self) -> Mapping[int, Decimal | None]:
        """Maximum of each line; of a section left blank: the sum of its children in the scale."""
        found: dict[int, Decimal | None] = {}
        for criterion in reversed(self.ordered):
            maximum = criterion.max_points
            if maximum is None and self.places[criterion.id] is CriterionKind.SECTION:
                maximum = sum((found[c.id] or ZERO for c in self._scale_children(criterion.id)), ZERO)
            found[criterion.id] = maximum
        return found

    @cached_property
    def full_scale(self) -> Decimal:
        """``Tổng điểm``; left out, the sum of the sections."""
        return self.sections_total if self.total_points is None else self.total_points

    @cached_property
    def sections_total(self) -> Decimal:
        return sum((self.maxima[c.id] or ZERO for c in self._scale_children(None)), ZERO)

    def _scale_children(self, parent_id: int | None) -> list[CriterionFacts]:
        return [c for c in self.children_of(parent_id) if c.kind in IN_SCALE]


# ------------------------------------------------------------- the words
def _key(text: str) -> str:
    return clean_text(text, one_line=True).casefold().replace(" / ", "/").replace(" /", "/").replace("/ ", "/")


# ---------------------------------------------------------- parameters
_PARAM_KEYS: Mapping[Rule, Mapping[str, str]] = {
    Rule.SUM: {},
    Rule.DIRECT: {"bước": "step"},
    Rule.PASS_FAIL: {},
    Rule.RATIO: {"ngưỡng": "cutoff", "đảo": "inverse"},
    Rule.PER_COUNT: {"mỗi lần": "each"},
    Rule.MINUS_PER_COUNT: {"mỗi lần": "each"},
    Rule.RELATIVE: {"hệ số": "factor", "dẫn đầu theo": "led_by"},
}
LED_BY_EXCESS, LED_BY_VALUE = "excess", "value"
_LED_BY = {"tỷ lệ vượt": LED_BY_EXCESS, "tỉ lệ vượt": LED_BY_EXCESS, "giá trị": LED_BY_VALUE}
_EXAMPLES: Mapping[Rule, str] = {
    Rule.DIRECT: "bước=0,25",
    Rule.LEVELS: "Tốt=5; Khá=4; Đạt=3; Chưa đạt=0",
    Rule.RATIO: "ngưỡng=50%; đảo=có",
    Rule.PER_COUNT: "mỗi lần=2",
    Rule.MINUS_PER_COUNT: "mỗi lần=1",
    Rule.RELATIVE: "hệ số=0,5; dẫn đầu theo=tỷ lệ vượt",
    Rule.OUTSIDE_RANK: "1-3=50; 4-6=40; 7-=30",
}


def parse_params(rule: Rule, text: str) -> Mapping[str, Any]:
    """The parameters of a rule, read from "khóa=giá trị; …" (workbooks.md section 3, ``Tham số``).

    DIRECT {"step": Decimal}; LEVELS {"levels": ((name, points), …)}; RATIO {"cutoff": per cent, "inverse": True};
    PER_COUNT and MINUS_PER_COUNT {"each": Decimal}; RELATIVE {"factor": Decimal, "led_by": "excess" | "value"};
    OUTSIDE_RANK {"ranks": ((from, to | None, points), …)}. What may be left out and is left out has no key, except
    of RELATIVE, whose defaults are filled in (0,5 and excess). RuleViolation ``param-…`` on field ``params``.
    """
    pairs = _pairs(rule, text)
    if rule is Rule.LEVELS:
        return {"levels": _levels(pairs)}
    if rule is Rule.OUTSIDE_RANK:
        return {"ranks": _ranks(pairs)}
    keys = _PARAM_KEYS[rule]
    found: dict[str, Any] = {}
    for word, value in pairs:
        name = keys.get(_key(word))
        if name is None:
            raise _unknown_param(rule, word)
        if name in found:
            raise _bad("param-repeated", f"Tham số “{word}” ghi hai lần. Giữ lại một.")
        found[name] = _VALUES[name](word, value)
    if "each" in keys.values() and "each" not in found:
        raise _bad("param-missing", f"Cách tính “{RULE_WORDS[rule]}” cần tham số, ví dụ: {_EXAMPLES[rule]}.")
    if found.get("inverse") is False:
        del found["inverse"]
    if rule is Rule.RELATIVE:
        found = {"factor": Decimal("0.5"), "led_by": LED_BY_EXCESS} | found
    return found


def format_params(rule: Rule, params: Mapping[str, Any]) -> str:
    """The text ``parse_params`` reads back to the same parameters."""
    if rule is Rule.LEVELS:
        return "; ".join(f"{name}={plain(points)}" for name, points in params.get("levels", ()))
    if rule is Rule.OUTSIDE_RANK:
        return "; ".join(f"{_span(low, high)}={plain(points)}" for low, high, points in params.get("ranks", ()))
    parts: list[str] = []
    for word, name in _PARAM_KEYS[rule].items():
        if name not in params:
            continue
        value = params[name]
        if name == "inverse":
            if value:
                parts.append(f"{word}=có")
        elif name == "led_by":
            parts.append(f"{word}={'giá trị' if value == LED_BY_VALUE else 'tỷ lệ vượt'}")
        else:
            parts.append(f"{word}={plain(value)}{'%' if name == 'cutoff' else ''}")
    return "; ".join(parts)


def _span(low: int, high: int | None) -> str:
    return f"{low}-" if high is None else str(low) if low == high else f"{low}-{high}"


def _bad(code: str, message: str) -> RuleViolation:
    return RuleViolation(code, message, field="params")


def _unknown_param(rule: Rule, word: str) -> RuleViolation:
    if rule not in _EXAMPLES:
        return _bad("param-unknown", f"Cách tính “{RULE_WORDS[rule]}” không có tham số. Xóa “{word}”.")
    return _bad(
        "param-unknown",
        f"Tham số “{word}” không có trong cách tính “{RULE_WORDS[rule]}”. Ghi theo dạng: {_EXAMPLES[rule]}.",
    )


def _pairs(rule: Rule, text: str) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for part in clean_text(text, one_line=True).split(";"):
        if not part.strip():
            continue
        word, equals, value = part.rpartition("=")
        word, value = word.strip(), value.strip()
        if not equals or not word or not value:
            example = _EXAMPLES.get(rule, "khóa=giá trị")
            raise _bad("param-invalid", f"“{part.strip()[:40]}” thiếu dấu bằng hoặc thiếu giá trị. Ghi: {example}.")
        pairs.append((word, value))
    return pairs


def _number(word: str, value: str) -> Decimal:
    try:
        return parse_number(value)
    except RuleViolation as refusal:
        raise _bad(refusal.code, f"Tham số “{word}”: {refusal.message}") from None


def _positive(word: str, value: str) -> Decimal:
    number = _number(word, value)
    if number == 0:
        raise _bad("param-zero", f"Tham số “{word}” phải lớn hơn 0.")
    return number


def _step(word: str, value: str) -> Decimal:
    number = _positive(word, value)
    if -int(number.normalize().as_tuple().exponent) > MAX_DIGITS:
        raise _bad("param-decimals", f"Tham số “{word}” có quá {MAX_DIGITS} số sau dấu phẩy. Ghi số ngắn hơn.")
    return number


def _percent(word: str, value: str) -> Decimal:
    number = _number(word, value.removesuffix("%"))
    if not value.endswith("%") and number <= 1:
        raise _bad("param-percent", f"Tham số “{word}”: {value} chưa rõ là phần trăm hay tỷ số. Ghi kèm dấu %.")
    if number > HUNDRED:
        raise _bad("param-percent", f"Tham số “{word}” lớn hơn 100%. Ghi từ 0% đến 100%.")
    return number


def _yes(word: str, value: str) -> bool:
    answer = {"có": True, "không": False}.get(_key(value))
    if answer is None:
        raise _bad("param-invalid", f"Tham số “{word}” nhận “có” hoặc “không”, không nhận “{value[:40]}”.")
    return answer


def _factor(word: str, value: str) -> Decimal:
    number = _number(word, value)
    if number > 1:
        raise _bad("param-factor", f"Tham số “{word}” là {value}, lớn hơn 1. Ghi từ 0 đến 1, ví dụ 0,5.")
    return number


def _led_by(word: str, value: str) -> str:
    found = _LED_BY.get(_key(value))
    if found is None:
        raise _bad("param-invalid", f"Tham số “{word}” nhận “tỷ lệ vượt” hoặc “giá trị”, không nhận “{value[:40]}”.")
    return found


_VALUES: Mapping[str, Callable[[str, str], Any]] = {
    "step": _step,
    "cutoff": _percent,
    "inverse": _yes,
    "each": _positive,
    "factor": _factor,
    "led_by": _led_by,
}


def _levels(pairs: list[tuple[str, str]]) -> tuple[tuple[str, Decimal], ...]:
    if not pairs:
        raise _bad("param-missing", f"Cách tính “Mức” cần các mức, ví dụ: {_EXAMPLES[Rule.LEVELS]}.")
    levels: list[tuple[str, Decimal]] = []
    seen: set[str] = set()
    reserved = {fold(word) for word in NOT_ASSIGNED_WORDS}
    for name, value in pairs:
        if fold(name) in seen:
            raise _bad("level-repeated", f"Mức “{name}” ghi hai lần. Mỗi mức một tên khác nhau, không tính dấu.")
        if fold(name) in reserved:
            raise _bad("level-reserved", f"“{name}” dùng để ghi tiêu chí không được giao. Đặt tên mức khác.")
        if len(name) > LEVEL_NAME_LENGTH:
            raise _bad("level-too-long", f"Tên mức “{name[:40]}…” dài quá {LEVEL_NAME_LENGTH} ký tự. Ghi ngắn hơn.")
        seen.add(fold(name))
        levels.append((name, _number(name, value)))
    return tuple(levels)


def _ranks(pairs: list[tuple[str, str]]) -> tuple[tuple[int, int | None, Decimal], ...]:
    if not pairs:
        raise _bad(
            "param-missing", f"Cách tính “Theo hạng ngoài” cần bảng hạng, ví dụ: {_EXAMPLES[Rule.OUTSIDE_RANK]}."
        )
    ranks: list[tuple[int, int | None, Decimal]] = []
    for word, value in pairs:
        first, dash, last = (part.strip() for part in word.replace("–", "-").partition("-"))
        try:
            low = parse_count(first)
            high = None if dash and not last else parse_count(last) if dash else low
        except RuleViolation:
            raise _bad(
                "param-invalid", f"“{word}” không phải khoảng hạng. Ghi: {_EXAMPLES[Rule.OUTSIDE_RANK]}."
            ) from None
        if low < 1 or (high is not None and high < low):
            raise _bad("param-invalid", f"Khoảng hạng “{word}” không đúng. Hạng từ 1 trở lên, số nhỏ ghi trước.")
        for other_low, other_high, _ in ranks:
            if (other_high is None or low <= other_high) and (high is None or other_low <= high):
                raise _bad("rank-overlap", f"Khoảng hạng “{word}” trùng với khoảng khác. Mỗi hạng chỉ ghi một lần.")
        ranks.append((low, high, _number(word, value)))
    return tuple(ranks)


# ------------------------------------------------------- bands and ties
def parse_bands(text: str) -> tuple[Band, ...]:
    """ "Xuất sắc>=900; Tốt>=800; Trung bình" (workbooks.md section 3, ``Xếp loại``). RuleViolation ``bands-…``."""
    bands: list[Band] = []
    for part in clean_text(text, one_line=True).replace("≥", ">=").split(";"):
        if not part.strip():
            continue
        name, sign, value = (piece.strip() for piece in part.partition(">="))
        if not name or (sign and not value) or "<" in part or ">" in name or "=" in name:
            raise _bad_bands("bands-invalid", f"“{part.strip()[:40]}” không đúng dạng. Ghi: Xuất sắc>=900; Tốt>=800.")
        try:
            bands.append(Band(name, parse_number(value.removesuffix("%")) if sign else None))
        except RuleViolation as refusal:
            raise _bad_bands(refusal.code, f"Xếp loại “{name}”: {refusal.message}") from None
    faults_found = _band_faults(tuple(bands))
    if faults_found:
        raise _bad_bands(faults_found[0].code, faults_found[0].message)
    return tuple(bands)


def _bad_bands(code: str, message: str) -> RuleViolation:
    return RuleViolation(code, message, field="bands")


def format_bands(bands: tuple[Band, ...]) -> str:
    """The text ``parse_bands`` reads back."""
    return "; ".join(b.name if b.at_least is None else f"{b.name}>={plain(b.at_least)}" for b in bands)


_TIE_WORDS = {
    "thưởng": "bonus",
    "điểm thưởng": "bonus",
    "trừ": "deduction",
    "điểm trừ": "deduction",
    "bốc thăm": "lot",
}


def parse_ties(text: str) -> tuple[TieStep, ...]:
    """ "I; thưởng; bốc thăm" (workbooks.md section 3, ``Đồng hạng``): a code, thưởng, trừ (less first), bốc thăm.

    Whether a code is in the scheme is asked by ``faults``. RuleViolation ``ties-repeated``.
    """
    steps: list[TieStep] = []
    for part in clean_text(text, one_line=True).split(";"):
        if not part.strip():
            continue
        kind = _TIE_WORDS.get(_key(part))
        step = TieStep(kind) if kind else TieStep("criterion", part.strip())
        if step in steps:
            raise RuleViolation("ties-repeated", f"Đồng hạng: “{part.strip()[:40]}” ghi hai lần.", field="ties")
        steps.append(step)
    return tuple(steps)


def format_ties(ties: tuple[TieStep, ...]) -> str:
    """The text ``parse_ties`` reads back."""
    words = {"bonus": "thưởng", "deduction": "trừ", "lot": "bốc thăm"}
    return "; ".join(step.code if step.kind == "criterion" else words[step.kind] for step in ties)


# -------------------------------------------------------------- faults
def faults(scheme: SchemeFacts) -> tuple[Fault, ...]:
    """Everything that keeps a scheme from being published (errors) or deserves a look (warnings), in printed order.

    Guarantees: without errors the tree is whole, codes are unique, each line's maximum equals the sum of its
    children's, the sections add up to ``Tổng điểm``, and every rule has what it needs (workbooks.md section 3,
    last paragraph; guide.md section 3.3, points 2 and 3).
    """
    found: list[Fault] = []
    if not any(c.kind in IN_SCALE for c in scheme.criteria):
        found.append(Fault("scheme-empty", "Bảng chưa có mục hay tiêu chí nào. Thêm ít nhất một tiêu chí."))
    found += _tree_faults(scheme)
    for criterion in scheme.ordered:
        found += _line_faults(scheme, criterion)
    found += _total_faults(scheme) + _option_faults(scheme)
    place = {c.id: index for index, c in enumerate(scheme.ordered)}
    found.sort(key=lambda f: place.get(f.criterion_id, len(place)) if f.criterion_id is not None else len(place) + 1)
    return tuple(found)


def _tree_faults(scheme: SchemeFacts) -> list[Fault]:
    found: list[Fault] = []
    repeated = Counter(c.code for c in scheme.criteria)
    seen: set[str] = set()
    for c in sorted(scheme.criteria, key=lambda c: (c.position, c.id)):
        if not c.code.strip():
            found.append(Fault("code-missing", f"“{c.title[:60]}” chưa có mã. Nhập mã in trước tên.", c.id, "code"))
        elif repeated[c.code] > 1 and c.code in seen:
            found.append(Fault("code-repeated", f"Mã {c.code} ghi ở hai dòng. Đổi mã dòng này.", c.id, "code"))
        seen.add(c.code)
        if c.parent_id is not None and c.parent_id not in scheme.by_id:
            named = f" {c.parent_code}" if c.parent_code else ""
            found.append(
                Fault(
                    "parent-missing",
                    f"{c.name}: mã cha{named} không có trong bảng. Sửa mã cha, hoặc thêm dòng cha.",
                    c.id,
                    "parent",
                )
            )
    return found + _circle_faults(scheme)


def _circle_faults(scheme: SchemeFacts) -> list[Fault]:
    found: list[Fault] = []
    done: set[int] = set()
    for start in scheme.criteria:
        path: list[int] = []
        here: int | None = start.id
        while here is not None and here in scheme.by_id and here not in done and here not in path:
            path.append(here)
            here = scheme.by_id[here].parent_id
        if here in path:
            circle = path[path.index(here) :]
            codes = " → ".join(scheme.by_id[i].code for i in [*circle, circle[0]])
            first = scheme.by_id[circle[0]]
            message = f"{first.name} nằm trong vòng cha con: {codes}. Sửa mã cha của một dòng trong vòng."
            found.append(Fault("parent-circle", message, first.id, "parent"))
        done.update(path)
    return found


def _line_faults(scheme: SchemeFacts, c: CriterionFacts) -> list[Fault]:
    found: list[Fault] = []

    def add(code: str, message: str, field_name: str, severity: str = "error") -> None:
        found.append(Fault(code, f"{c.name}: {message}", c.id, field_name, severity))

    if not c.title.strip():
        add("title-missing", "chưa có nội dung. Nhập tên tiêu chí.", "title")
    if c.max_points is not None and c.max_points < 0:
        add("max-negative", "điểm tối đa nhỏ hơn 0. Nhập số từ 0 trở lên.", "max_points")
    elif c.max_points is not None and c.max_points > MAX_POINTS:
        add("max-too-large", f"điểm tối đa lớn hơn {shown(MAX_POINTS)}. Nhập số nhỏ hơn.", "max_points")
    elif c.max_points is not None and -int(c.max_points.normalize(EXACT).as_tuple().exponent) > scheme.digits:
        text = f"điểm tối đa {shown(c.max_points)} lẻ hơn số chữ số làm tròn ({scheme.digits}). Sửa một trong hai."
        add("max-digits", text, "max_points")
    parent = scheme.by_id.get(c.parent_id) if c.parent_id is not None else None
    if parent is not None:
        if parent.kind in OUTSIDE_SCALE and c.kind is not parent.kind:
            add("kind-outside", f"nằm trong {parent.name} nên loại phải là {KIND_WORDS[parent.kind]}.", "kind")
        elif parent.kind is CriterionKind.CRITERION and c.kind is CriterionKind.SECTION:
            add("kind-order", f"mục không nằm trong {parent.name}. Đổi loại của một trong hai dòng.", "kind")
    children = scheme.children_of(c.id)
    if children:
        found += _parent_faults(scheme, c, children)
    elif c.kind is CriterionKind.SECTION:
        add("section-empty", "mục chưa có tiêu chí con. Thêm tiêu chí, hoặc đổi loại thành Tiêu chí.", "kind")
    elif c.rule is Rule.SUM:
        add("sum-without-children", "cách tính Tổng cần tiêu chí con. Thêm tiêu chí con, hoặc đổi cách tính.", "rule")
    else:
        found += _leaf_faults(c)
    return found


def _parent_faults(scheme: SchemeFacts, c: CriterionFacts, children: tuple[CriterionFacts, ...]) -> list[Fault]:
    found: list[Fault] = []
    if c.rule is not Rule.SUM:
        text = f"{c.name}: có tiêu chí con nên cách tính phải là Tổng, không phải “{RULE_WORDS[c.rule]}”."
        found.append(Fault("parent-rule", text, c.id, "rule"))
    elif c.kind is CriterionKind.CRITERION:
        text = f"{c.name}: dòng có tiêu chí con nên ghi loại là Mục."
        found.append(Fault("criterion-with-children", text, c.id, "kind", "warning"))
    outside = c.kind in OUTSIDE_SCALE
    counted = [k for k in children if (k.kind is c.kind if outside else k.kind in IN_SCALE)]
    if c.max_points is None:
        if not outside:
            total = shown(scheme.maxima[c.id])
            text = f"{c.name}: chưa có điểm tối đa, tính theo tổng tiêu chí con là {total}. Nhập {total}."
            found.append(Fault("section-max-blank", text, c.id, "max_points", "warning"))
        return found
    maxima = [scheme.maxima[k.id] for k in counted]
    if outside and (not maxima or any(m is None for m in maxima)):
        return found  # a child without limit: the parent's maximum is the cap of them together
    total_points = sum((m or ZERO for m in maxima), ZERO)
    gap = total_points - c.max_points
    if gap:
        what = {CriterionKind.SECTION: "mục", CriterionKind.CRITERION: "tiêu chí"}.get(c.kind, "dòng")
        text = (
            f"{c.name}: tổng điểm tiêu chí con là {shown(total_points)}, điểm tối đa của {what} là "
            f"{shown(c.max_points)}. {'Giảm' if gap > 0 else 'Tăng'} {shown(abs(gap))} điểm ở một tiêu chí con."
        )
        found.append(Fault("children-sum", text, c.id, "max_points"))
    return found


_NEEDS_MAX = frozenset({Rule.PASS_FAIL, Rule.RATIO, Rule.MINUS_PER_COUNT, Rule.RELATIVE})
_NEEDED_PARAM = {
    Rule.LEVELS: "levels",
    Rule.PER_COUNT: "each",
    Rule.MINUS_PER_COUNT: "each",
    Rule.OUTSIDE_RANK: "ranks",
}


def _leaf_faults(c: CriterionFacts) -> list[Fault]:
    found: list[Fault] = []

    def add(code: str, message: str, field_name: str, severity: str = "error") -> None:
        found.append(Fault(code, f"{c.name}: {message}", c.id, field_name, severity))

    maximum = c.max_points
    if maximum is None and (c.kind is CriterionKind.CRITERION or c.rule in _NEEDS_MAX):
        add("max-missing", "chưa có điểm tối đa. Nhập điểm tối đa.", "max_points")
    if c.kind is CriterionKind.DEDUCTION and c.rule is Rule.MINUS_PER_COUNT:
        add("minus-in-deduction", "dòng Điểm trừ không dùng cách tính Trừ theo lần. Đổi thành Theo lần.", "rule")
    needed = _NEEDED_PARAM.get(c.rule)
    if needed and not c.params.get(needed):
        add("param-missing", f"cách tính “{RULE_WORDS[c.rule]}” cần tham số, ví dụ: {_EXAMPLES[c.rule]}.", "params")
        return found
    if maximum is None:
        return found
    if c.rule is Rule.DIRECT and c.params.get("step"):
        step = c.params["step"]
        if EXACT.remainder(maximum, step) != 0:
            add(
                "step-not-dividing",
                f"bước {shown(step)} không chia hết điểm tối đa {shown(maximum)}. Sửa bước hoặc điểm tối đa.",
                "params",
            )
    elif c.rule is Rule.LEVELS:
        for name, points in c.params["levels"]:
            if points > maximum:
                text = f"mức “{name}” là {shown(points)} điểm, lớn hơn điểm tối đa {shown(maximum)}. Giảm điểm của mức."
                add("level-above-max", text, "params")
    elif c.rule is Rule.OUTSIDE_RANK:
        for low, high, points in c.params["ranks"]:
            if points > maximum:
                span = _span(low, high)
                text = f"hạng {span} là {shown(points)} điểm, lớn hơn điểm tối đa {shown(maximum)}. Giảm điểm của hạng."
                add("level-above-max", text, "params")
    elif c.params.get("each") is not None and c.params["each"] > maximum:
        each = shown(c.params["each"])
        if c.rule is Rule.MINUS_PER_COUNT or c.kind is CriterionKind.DEDUCTION:
            text = f"trừ mỗi lần {each} điểm, lớn hơn điểm tối đa {shown(maximum)}. Một lần là trừ hết. Kiểm lại số."
            add("each-above-max", text, "params", "warning")
    return found


def _total_faults(scheme: SchemeFacts) -> list[Fault]:
    if scheme.total_points is None or scheme.sections_total == scheme.total_points:
        return []
    gap = scheme.sections_total - scheme.total_points
    total, wanted = shown(scheme.sections_total), shown(scheme.total_points)
    text = (
        f"Các mục cộng lại là {total} điểm, tổng điểm của bảng là {wanted}. "
        f"{'Giảm' if gap > 0 else 'Tăng'} {shown(abs(gap))} điểm ở một mục, hoặc đổi tổng điểm thành {total}."
    )
    return [Fault("total-sum", text, None, "total_points")]


def _option_faults(scheme: SchemeFacts) -> list[Fault]:
    found: list[Fault] = []
    if not 0 <= scheme.digits <= MAX_DIGITS:
        found.append(Fault("digits-range", f"Làm tròn từ 0 đến {MAX_DIGITS} chữ số.", None, "digits"))
    if scheme.bonus_cap is not None and scheme.bonus_cap < 0:
        found.append(Fault("bonus-cap", "Trần điểm thưởng nhỏ hơn 0. Nhập số từ 0 trở lên.", None, "bonus_cap"))
    found += _band_faults(scheme.bands)
    for index, step in enumerate(scheme.ties):
        if step.kind == "criterion" and step.code not in scheme.by_code:
            text = f"Đồng hạng: không có mã {step.code} trong bảng. Ghi mã của một dòng, thưởng, trừ hoặc bốc thăm."
            found.append(Fault("ties-unknown", text, None, "ties"))
        if step.kind == "lot" and index < len(scheme.ties) - 1:
            text = "Đồng hạng: bốc thăm phải là bước cuối, vì sau bốc thăm không còn đồng hạng."
            found.append(Fault("ties-lot-last", text, None, "ties", "warning"))
    return found


def _band_faults(bands: tuple[Band, ...]) -> list[Fault]:
    found: list[Fault] = []
    names = Counter(fold(b.name) for b in bands)
    if any(count > 1 for count in names.values()):
        found.append(Fault("bands-repeated", "Xếp loại: một tên ghi hai lần. Mỗi loại một tên.", None, "bands"))
    for above, below in zip(bands, bands[1:], strict=False):
        if above.at_least is None:
            text = f"Xếp loại “{above.name}” không có mức điểm nên phải ghi cuối cùng."
            found.append(Fault("bands-order", text, None, "bands"))
        elif below.at_least is not None and below.at_least >= above.at_least:
            text = f"Xếp loại “{below.name}” phải có mức thấp hơn “{above.name}”. Ghi từ cao xuống thấp."
            found.append(Fault("bands-order", text, None, "bands"))
    return found
