"""What a person enters for one unit and one criterion: checked, read from one text field, and written back.

Source: docs/domain, workbooks.md section 3 (table "what is entered for a unit", edges); bad inputs B01-B30 of
quality.md section 4; sentences of look/README.md strings 14 and 15.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from scoring.rules.numbers import EXACT, ZERO, plain, shown
from scoring.rules.scheme import MAX_POINTS, NOT_ASSIGNED_WORDS, CriterionFacts
from scoring.rules.states import Rule
from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import clean_text, fold, parse_count, parse_number, two_readings

MAX_DECIMALS = 2
MAX_COUNT = 999_999_999
# What a held value can be: nothing is cut or rounded on its way into the table.
MAX_AMOUNT = Decimal(10) ** 12
AMOUNT_DECIMALS = 6
NOT_ASSIGNED_TEXT = "không được giao"


@dataclass(frozen=True, slots=True)
class Entered:
    """The inputs of one cell; which of them count depends on the criterion's rule. Nothing given = blank."""

    points: Decimal | None = None
    target: Decimal | None = None
    actual: Decimal | None = None
    count: int | None = None
    level: str | None = None
    passed: bool | None = None
    rank: int | None = None
    not_assigned: bool = False

    @property
    def is_blank(self) -> bool:
        """Nothing at all was entered."""
        return self == BLANK


BLANK = Entered()
NOT_ASSIGNED = Entered(not_assigned=True)

# The inputs each rule takes; of the workbook's columns the same (workbooks.md section 4, long form).
FIELDS: Mapping[Rule, tuple[str, ...]] = {
    Rule.SUM: (),
    Rule.DIRECT: ("points",),
    Rule.PASS_FAIL: ("passed",),
    Rule.LEVELS: ("level",),
    Rule.RATIO: ("target", "actual"),
    Rule.RELATIVE: ("target", "actual"),
    Rule.PER_COUNT: ("count",),
    Rule.MINUS_PER_COUNT: ("count",),
    Rule.OUTSIDE_RANK: ("rank",),
}
FIELD_WORDS: Mapping[str, str] = {
    "points": "Điểm",
    "target": "Chỉ tiêu",
    "actual": "Thực hiện",
    "count": "Số lần",
    "level": "Mức",
    "passed": "Đạt",
    "rank": "Hạng",
}


def is_complete(entered: Entered, criterion: CriterionFacts) -> bool:
    """Is there enough to give points? A target alone is not; a cell marked as not assigned is."""
    if entered.not_assigned:
        return True
    needed = FIELDS[criterion.rule]
    if criterion.rule is Rule.RELATIVE:
        needed = ("actual",)
    return bool(needed) and all(getattr(entered, name) is not None for name in needed)


# --------------------------------------------------------------- check
def check_entered(entered: Entered, criterion: CriterionFacts) -> None:
    """Refuse what the rule of the criterion cannot take; a blank passes.

    RuleViolation with ``field``: ``entered-section``, ``entered-field``, ``entered-both``, ``negative``,
    ``points-above-max``, ``points-decimals``, ``points-step``, ``target-missing``, ``level-unknown``,
    ``count-invalid``, ``rank-invalid`` (workbooks.md section 3; quality.md B11-B26).
    """
    if entered.is_blank:
        return
    if criterion.rule is Rule.SUM:
        raise RuleViolation("entered-section", f"{criterion.name} cộng từ tiêu chí con, không nhập điểm ở dòng này.")
    taken = FIELDS[criterion.rule]
    given = [name for name in FIELD_WORDS if getattr(entered, name) is not None]
    if entered.not_assigned:
        if given:
            raise RuleViolation(
                "entered-both",
                f"Ô ghi “{NOT_ASSIGNED_TEXT}” và có cả {FIELD_WORDS[given[0]]}. Giữ lại một trong hai.",
                field=given[0],
            )
        return
    for name in given:
        if name not in taken:
            wanted = " và ".join(FIELD_WORDS[t] for t in taken)
            raise RuleViolation(
                "entered-field",
                f"{criterion.name} nhập {wanted}, không nhập {FIELD_WORDS[name]}. Chuyển số sang cột {wanted}.",
                field=name,
            )
    _CHECKS[criterion.rule](entered, criterion)


def _check_amount(value: Decimal | None, name: str) -> None:
    if value is None:
        return
    if not value.is_finite() or value < 0 or value.is_signed():
        raise RuleViolation("negative", f"{FIELD_WORDS[name]} nhỏ hơn 0. Nhập số từ 0 trở lên.", field=name)
    if value >= MAX_AMOUNT:
        raise RuleViolation(
            "amount-too-large", f"{FIELD_WORDS[name]} có quá 12 chữ số. Ghi bằng đơn vị tính lớn hơn.", field=name
        )
    if _decimals(value) > AMOUNT_DECIMALS:
        raise RuleViolation(
            "amount-decimals",
            f"{FIELD_WORDS[name]} có quá {AMOUNT_DECIMALS} số sau dấu phẩy. Nhập đến {AMOUNT_DECIMALS} số.",
            field=name,
        )


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.normalize(EXACT).as_tuple().exponent))


def _check_direct(entered: Entered, criterion: CriterionFacts) -> None:
    value = entered.points
    if value is None:
        return
    maximum = criterion.max_points
    upto = "từ 0 trở lên" if maximum is None else f"từ 0 đến {shown(maximum)}"
    if not value.is_finite() or value < 0 or value.is_signed():
        raise RuleViolation("negative", f"Điểm nhỏ hơn 0. Nhập số {upto}.", field="points")
    if maximum is not None and value > maximum:
        raise RuleViolation(
            "points-above-max",
            f"{shown(value)} lớn hơn điểm tối đa {shown(maximum)}. Nhập số {upto}.",
            field="points",
        )
    if value > MAX_POINTS:
        raise RuleViolation("points-too-large", "Điểm lớn hơn 999.999. Kiểm lại số vừa nhập.", field="points")
    step = criterion.params.get("step")
    if step:
        if EXACT.remainder(value, step) != 0:
            below = EXACT.multiply(EXACT.divide_int(value, step), step)
            above = below + step
            choice = plain(below) if maximum is not None and above > maximum else f"{plain(below)} hoặc {plain(above)}"
            raise RuleViolation(
                "points-step", f"{plain(value)} không đúng bước {plain(step)}. Nhập {choice}.", field="points"
            )
    elif _decimals(value) > MAX_DECIMALS:
        near = value.quantize(Decimal("0.01"), rounding=ROUND_DOWN, context=EXACT)
        raise RuleViolation(
            "points-decimals",
            f"{plain(value)} có quá {MAX_DECIMALS} số sau dấu phẩy. Nhập đến {MAX_DECIMALS} số, ví dụ {plain(near)}.",
            field="points",
        )


def _check_passed(entered: Entered, criterion: CriterionFacts) -> None:
    """Đạt or không: nothing else can be held."""


def _check_level(entered: Entered, criterion: CriterionFacts) -> None:
    if entered.level is not None and entered.level not in (name for name, _ in criterion.params["levels"]):
        raise _unknown_level(entered.level, criterion)


def _check_ratio(entered: Entered, criterion: CriterionFacts) -> None:
    _check_amount(entered.target, "target")
    _check_amount(entered.actual, "actual")
    if entered.target is not None and entered.target == 0:
        raise RuleViolation(
            "target-missing", "Chỉ tiêu là 0 nên không tính được tỷ lệ. Nhập chỉ tiêu lớn hơn 0.", field="target"
        )
    if entered.target is None and entered.actual is not None:
        raise RuleViolation(
            "target-missing",
            f"Chưa có chỉ tiêu. Nhập thực hiện/chỉ tiêu, ví dụ {plain(entered.actual)}/100.",
            field="target",
        )


def _check_relative(entered: Entered, criterion: CriterionFacts) -> None:
    _check_amount(entered.target, "target")
    _check_amount(entered.actual, "actual")


def _check_count(entered: Entered, criterion: CriterionFacts) -> None:
    value = entered.count
    if value is not None and not 0 <= value <= MAX_COUNT:
        raise RuleViolation("count-invalid", "Số lần từ 0 đến 999.999.999. Nhập lại số lần.", field="count")


def _check_rank(entered: Entered, criterion: CriterionFacts) -> None:
    value = entered.rank
    if value is not None and not 1 <= value <= MAX_COUNT:
        raise RuleViolation("rank-invalid", f"Hạng tính từ 1, không có hạng {value}. Nhập lại hạng.", field="rank")


_CHECKS: Mapping[Rule, Callable[[Entered, CriterionFacts], None]] = {
    Rule.DIRECT: _check_direct,
    Rule.PASS_FAIL: _check_passed,
    Rule.LEVELS: _check_level,
    Rule.RATIO: _check_ratio,
    Rule.RELATIVE: _check_relative,
    Rule.PER_COUNT: _check_count,
    Rule.MINUS_PER_COUNT: _check_count,
    Rule.OUTSIDE_RANK: _check_rank,
}


# ------------------------------------------------------- one text field
_NOT_ASSIGNED_KEYS = frozenset(fold(word) for word in NOT_ASSIGNED_WORDS)
_PASSED = frozenset({"d", "dat", "1", "x"})
_FAILED = frozenset({"k", "khong", "0", "khong dat"})


def parse_cell(text: str, criterion: CriterionFacts) -> Entered:
    """Read what was typed into one cell of the grid, checked by ``check_entered``.

    "9,5" · "Đạt" or "x" · a level or the start of its name · "95/100" (thực hiện/chỉ tiêu; "95" alone where a
    target is not needed; "/100" when only the target is known) · "3" · "kđg" · nothing. Never guesses:
    what reads two ways is refused (quality.md B01-B30).
    """
    typed = clean_text(text, one_line=True)
    if not typed:
        return BLANK
    if criterion.rule is Rule.SUM:
        raise RuleViolation("entered-section", f"{criterion.name} cộng từ tiêu chí con, không nhập điểm ở dòng này.")
    entered = NOT_ASSIGNED if fold(typed) in _NOT_ASSIGNED_KEYS else _READERS[criterion.rule](typed, criterion)
    check_entered(entered, criterion)
    return entered


def _read_points(typed: str, criterion: CriterionFacts) -> Entered:
    try:
        return Entered(points=_parsed("points", typed))
    except RuleViolation as refusal:
        readings = two_readings(typed)
        if readings is None:
            raise
        raise _two_ways(typed, readings, criterion, refusal) from None


def _two_ways(
    typed: str, readings: tuple[Decimal, Decimal], criterion: CriterionFacts, refusal: RuleViolation
) -> RuleViolation:
    """Names only the readings this cell would take."""
    taken = [value for value in readings if _takes(value, criterion)]
    if len(taken) == len(readings):
        return refusal
    if not taken:
        text = f"“{typed[:40]}” có thể hiểu hai cách, ô này không nhận cách nào. {input_hint(criterion)}"
    else:
        text = f"“{typed[:40]}” có thể hiểu hai cách, ô này chỉ nhận {plain(taken[0])}. Nhập {plain(taken[0])}."
    return RuleViolation(refusal.code, text, field="points")


def _takes(value: Decimal, criterion: CriterionFacts) -> bool:
    try:
        check_entered(Entered(points=value), criterion)
    except RuleViolation:
        return False
    return True


def _parsed(name: str, typed: str) -> Decimal:
    if re.fullmatch(r"[-−–]\s*[0-9]+(?:[.,][0-9]+)?", typed, re.ASCII):
        raise RuleViolation("negative", f"“{typed[:40]}” có dấu trừ. Nhập số từ 0 trở lên.", field=name)
    try:
        return parse_number(typed)
    except RuleViolation as refusal:
        raise RuleViolation(refusal.code, refusal.message, field=name) from None


def _read_passed(typed: str, criterion: CriterionFacts) -> Entered:
    key = fold(typed)
    if key in _PASSED:
        return Entered(passed=True)
    if key in _FAILED:
        return Entered(passed=False)
    raise RuleViolation(
        "passed-invalid",
        f"“{typed[:40]}” không phải Đạt hay Không. Nhập Đạt hoặc Không (gõ tắt: đ, k).",
        field="passed",
    )


def match_level(typed: str, criterion: CriterionFacts) -> str:
    """The level meant by its name or by the start of it, accents and case aside.

    RuleViolation ``level-unknown`` or, where two levels begin so, ``level-ambiguous``.
    """
    key = fold(typed)
    names = [name for name, _ in criterion.params["levels"]]
    exact = [name for name in names if fold(name) == key]
    if exact:
        return exact[0]
    begun = [name for name in names if key and fold(name).startswith(key)]
    if len(begun) == 1:
        return begun[0]
    if begun:
        choice = ", ".join(begun)
        raise RuleViolation("level-ambiguous", f"“{typed[:40]}” có thể là {choice}. Gõ thêm vài chữ.", field="level")
    raise _unknown_level(typed, criterion)


def _unknown_level(typed: str, criterion: CriterionFacts) -> RuleViolation:
    names = ", ".join(name for name, _ in criterion.params["levels"])
    return RuleViolation(
        "level-unknown", f"“{typed[:40]}” không có trong các mức. Chọn một mức: {names}.", field="level"
    )


def _read_level(typed: str, criterion: CriterionFacts) -> Entered:
    return Entered(level=match_level(typed, criterion))


def _read_pair(typed: str, criterion: CriterionFacts) -> Entered:
    if typed.count("/") > 1:
        raise RuleViolation(
            "number-invalid",
            f"“{typed[:40]}” có {typed.count('/')} dấu /, chỉ một dấu /. {input_hint(criterion)}",
            field="actual",
        )
    actual, slash, target = (part.strip() for part in typed.partition("/"))
    if slash and not actual and not target:
        raise RuleViolation("number-invalid", f"“{typed[:40]}” thiếu số. {input_hint(criterion)}", field="actual")
    return Entered(
        target=_parsed("target", target) if target else None, actual=_parsed("actual", actual) if actual else None
    )


def _read_count(typed: str, criterion: CriterionFacts) -> Entered:
    try:
        return Entered(count=parse_count(typed))
    except RuleViolation as refusal:
        raise RuleViolation(refusal.code, refusal.message, field="count") from None


def _read_rank(typed: str, criterion: CriterionFacts) -> Entered:
    try:
        return Entered(rank=parse_count(typed))
    except RuleViolation:
        raise RuleViolation(
            "rank-invalid", f"“{typed[:40]}” không phải hạng. Nhập số nguyên từ 1, ví dụ 3.", field="rank"
        ) from None


_READERS: Mapping[Rule, Callable[[str, CriterionFacts], Entered]] = {
    Rule.DIRECT: _read_points,
    Rule.PASS_FAIL: _read_passed,
    Rule.LEVELS: _read_level,
    Rule.RATIO: _read_pair,
    Rule.RELATIVE: _read_pair,
    Rule.PER_COUNT: _read_count,
    Rule.MINUS_PER_COUNT: _read_count,
    Rule.OUTSIDE_RANK: _read_rank,
}


def format_cell(entered: Entered, criterion: CriterionFacts) -> str:
    """The text ``parse_cell`` reads back to the same entry; "" for a blank."""
    if entered.not_assigned:
        return NOT_ASSIGNED_TEXT
    rule = criterion.rule
    if rule is Rule.DIRECT:
        return plain(entered.points)
    if rule is Rule.PASS_FAIL:
        return "" if entered.passed is None else "Đạt" if entered.passed else "Không"
    if rule is Rule.LEVELS:
        return entered.level or ""
    if rule in (Rule.RATIO, Rule.RELATIVE):
        actual = plain(entered.actual)
        return actual if entered.target is None else f"{actual}/{plain(entered.target)}"
    if rule in (Rule.PER_COUNT, Rule.MINUS_PER_COUNT):
        return plain(entered.count)
    return plain(entered.rank) if rule is Rule.OUTSIDE_RANK else ""


def input_hint(criterion: CriterionFacts) -> str:
    """One sentence saying what to type into a cell of this criterion."""
    maximum = criterion.max_points
    rule = criterion.rule
    if rule is Rule.DIRECT:
        upto = "Nhập điểm từ 0 trở lên" if maximum is None else f"Nhập điểm từ 0 đến {shown(maximum)}"
        step = criterion.params.get("step")
        return f"{upto}, theo bước {shown(step)}." if step else f"{upto}, ví dụ {plain(_example(maximum))}."
    if rule is Rule.PASS_FAIL:
        return "Nhập Đạt hoặc Không (gõ tắt: đ, k)."
    if rule is Rule.LEVELS:
        return "Chọn một mức: " + ", ".join(f"{n} ({shown(p)})" for n, p in criterion.params["levels"]) + "."
    if rule is Rule.RATIO:
        return "Nhập thực hiện/chỉ tiêu, ví dụ 95/100."
    if rule is Rule.RELATIVE:
        return "Nhập thực hiện/chỉ tiêu, ví dụ 95/100; không có chỉ tiêu thì chỉ nhập thực hiện."
    if rule is Rule.PER_COUNT:
        return f"Nhập số lần; mỗi lần {shown(criterion.params['each'])} điểm."
    if rule is Rule.MINUS_PER_COUNT:
        return f"Nhập số lần; mỗi lần trừ {shown(criterion.params['each'])} điểm."
    if rule is Rule.OUTSIDE_RANK:
        return "Nhập hạng do cơ quan khác xếp, số nguyên từ 1, ví dụ 3."
    return "Dòng này cộng từ tiêu chí con."


def _example(maximum: Decimal | None) -> Decimal:
    sample = Decimal("9.5")
    return sample if maximum is None or maximum >= sample else max(maximum, ZERO)
