"""Every computed number opens its arithmetic: the sum of a sheet line by line, and one criterion in words.

Source: docs/domain, workbooks.md section 3; look/README.md ("Make each number that was computed open its
arithmetic"; numbers). What is told is computed by ``points``; nothing is computed here a second way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from scoring.rules.entered import BLANK, Entered, is_complete
from scoring.rules.numbers import HUNDRED, ZERO, product, quotient, shown
from scoring.rules.points import SheetResult, criterion_points, relative_facts
from scoring.rules.scheme import LED_BY_VALUE, OUTSIDE_SCALE, CriterionFacts, SchemeFacts
from scoring.rules.states import CriterionKind, NotApplicable, Rule
from thidua.lib.vietnamese import MINUS, format_number, format_percent


@dataclass(frozen=True, slots=True)
class Line:
    """One line of "Vì sao được điểm này?": words, how the number came about, the number.

    ``code``: the criterion's printed number; of the sums at the foot "scaled", "bonus", "deduction", "total", "rate".
    ``points`` of a deduction are what is taken off, not negative.
    """

    label: str
    arithmetic: str
    points: Decimal | None
    indent: int
    code: str
    is_minus: bool = False  # the number is taken off: shown with a minus sign


_LEFT_OUT = {
    NotApplicable.FULL: "không được giao, tính điểm tối đa",
    NotApplicable.DROP: "không được giao, bỏ khỏi thang",
    NotApplicable.SCALE: "không được giao, quy đổi",
    NotApplicable.ZERO: "không được giao, tính 0 điểm",
}


# ---------------------------------------------------------- one sheet
def explain_total(
    scheme: SchemeFacts,
    unit_id: int,
    results: Mapping[int, SheetResult],
    entries: Mapping[int, Mapping[int, Entered]],
) -> tuple[Line, ...]:
    """The whole sheet of a unit as printed, then scale, bonus, deduction, total and rate.

    The last but one line is the total; the numbers shown are those of ``results``.
    """
    result = results[unit_id]
    row = entries.get(unit_id, {})
    digits = scheme.digits
    lines = [_scheme_line(scheme, criterion, result, row.get(criterion.id, BLANK)) for criterion in scheme.ordered]

    def text(value: Decimal) -> str:
        return format_number(value, digits)

    if result.scaled:
        lines.append(
            Line(
                "Điểm quy đổi",
                f"{text(result.raw_base)} × {shown(scheme.full_scale)} ÷ {shown(result.own_maximum)}",
                result.base,
                0,
                "scaled",
            )
        )
    has = {kind for kind in scheme.places.values() if kind in OUTSIDE_SCALE}
    if CriterionKind.BONUS in has:
        lines.append(Line("Điểm thưởng", _group_sum(scheme, CriterionKind.BONUS, result), result.bonus, 0, "bonus"))
    if CriterionKind.DEDUCTION in has:
        lines.append(
            Line(
                "Điểm trừ", _group_sum(scheme, CriterionKind.DEDUCTION, result), result.deduction, 0, "deduction", True
            )
        )
    arithmetic = text(result.base)
    if CriterionKind.BONUS in has:
        arithmetic += f" + {text(result.bonus)}"
    if CriterionKind.DEDUCTION in has:
        arithmetic += f" {MINUS} {text(result.deduction)}"
    if result.base + result.bonus - result.deduction < 0:
        arithmetic += ", không thấp hơn 0"
    lines.append(Line("Tổng điểm", arithmetic, result.total, 0, "total"))
    lines.append(Line("Tỷ lệ", _rate_words(scheme, result), result.rate, 0, "rate"))
    return tuple(lines)


def _scheme_line(scheme: SchemeFacts, c: CriterionFacts, result: SheetResult, entered: Entered) -> Line:
    points = result.points.get(c.id)
    digits = scheme.digits
    maximum = scheme.maxima[c.id]
    children = [k for k in scheme.children_of(c.id) if scheme.places[k.id] is scheme.places[c.id]]
    if c.id in scheme.children:
        words = " + ".join(format_number(result.points.get(k.id) or ZERO, digits) for k in children)
        if c.kind in OUTSIDE_SCALE and maximum is not None:
            words += f" (tối đa {shown(maximum)})"
    elif entered.not_assigned:
        words = "không được giao" if c.kind in OUTSIDE_SCALE else _LEFT_OUT[c.not_applicable]
    elif not is_complete(entered, c) or points is None:
        words = "chưa nhập, tính 0" if c.kind in OUTSIDE_SCALE else "chưa chấm"
    elif maximum is None:
        words = format_number(points, digits)
    else:
        words = f"{format_number(points, digits)} / {shown(maximum)}"
    prefix = f"Mục {c.code}. " if c.kind is CriterionKind.SECTION and c.parent_id is None else f"{c.code} "
    is_minus = scheme.places[c.id] is CriterionKind.DEDUCTION
    return Line(prefix + c.title, words, points, scheme.depths[c.id], c.code, is_minus)


def _group_sum(scheme: SchemeFacts, kind: CriterionKind, result: SheetResult) -> str:
    tops = [
        c
        for c in scheme.ordered
        if scheme.places[c.id] is kind and (c.parent_id is None or scheme.places[c.parent_id] is not kind)
    ]
    words = " + ".join(format_number(result.points.get(c.id) or ZERO, scheme.digits) for c in tops)
    if kind is CriterionKind.BONUS and scheme.bonus_cap is not None:
        words += f" (trần {shown(scheme.bonus_cap)})"
    return words


def _rate_words(scheme: SchemeFacts, result: SheetResult) -> str:
    if result.maximum <= 0:
        return "không có điểm được giao"
    words = f"{format_number(result.total, scheme.digits)} ÷ {shown(result.maximum)} điểm được giao"
    return words if not result.missing else f"{words}; còn {result.missing} ô chưa chấm"


# ------------------------------------------------------ one criterion
def explain_points(
    criterion: CriterionFacts,
    entries_by_unit: Mapping[int, Entered],
    unit_id: int,
    unit_names: Mapping[int, str],
    digits: int = 2,
) -> tuple[str, ...]:
    """How one unit's points of one criterion came about, in sentences with the numbers in them.

    ``entries_by_unit``: the entries of the whole bloc for this criterion (So với dẫn đầu compares units).
    """
    entered = entries_by_unit.get(unit_id, BLANK)
    if entered.not_assigned:
        if criterion.kind in OUTSIDE_SCALE:
            return ("Không được giao: không tính điểm.",)
        return (f"Đơn vị {_LEFT_OUT[criterion.not_applicable]}.",)
    if criterion.rule is Rule.SUM:
        return ("Cộng điểm các tiêu chí con.",)
    if not is_complete(entered, criterion):
        outside = criterion.kind in OUTSIDE_SCALE
        return ("Chưa nhập: tính 0 điểm." if outside else "Chưa chấm: chưa có điểm, tổng tạm tính là 0.",)
    if criterion.rule is Rule.RELATIVE:
        return _relative_words(criterion, entries_by_unit, unit_id, unit_names, digits)
    points = criterion_points(criterion, {unit_id: entered}, digits)[unit_id]
    if points is None:
        return ("Dữ liệu nhập không hợp cách tính hiện nay. Nhập lại ô này.",)
    return (_alone_words(criterion, entered, format_number(points, digits)),)


def _alone_words(c: CriterionFacts, e: Entered, points: str) -> str:
    rule = c.rule
    maximum = shown(c.max_points)
    limit = "" if c.max_points is None else f", tối đa {maximum}"
    if rule is Rule.DIRECT:
        return f"Nhập trực tiếp: {points} điểm{limit}."
    if rule is Rule.PASS_FAIL:
        return f"Đạt: {points} điểm." if e.passed else "Không đạt: 0 điểm."
    if rule is Rule.LEVELS:
        return f"Mức “{e.level}”: {points} điểm."
    if rule is Rule.PER_COUNT:
        each, count = c.params["each"], e.count or 0
        full = each * count
        capped = "" if c.max_points is None or full <= c.max_points else f", không quá {maximum}"
        return f"Theo lần: {count} lần × {shown(each)} = {shown(full)}{capped}; được {points} điểm."
    if rule is Rule.MINUS_PER_COUNT:
        each, count = c.params["each"], e.count or 0
        low = (c.max_points or ZERO) - each * count
        floor = "" if low >= 0 else ", không thấp hơn 0"
        return f"Trừ theo lần: {maximum} {MINUS} {count} lần × {shown(each)} = {shown(low)}{floor}; được {points} điểm."
    if rule is Rule.OUTSIDE_RANK:
        known = any(
            low <= (e.rank or 0) and (high is None or (e.rank or 0) <= high) for low, high, _ in c.params["ranks"]
        )
        return f"Hạng {e.rank}: {points} điểm." if known else f"Hạng {e.rank} không có trong bảng hạng: {points} điểm."
    return _ratio_words(c, e, points)


def _percent(numerator: Decimal, denominator: Decimal) -> tuple[str, bool]:
    """A ratio as per cent with two decimals, and whether that is exact."""
    value = quotient(product(numerator, HUNDRED), denominator, 2)
    return format_percent(value), product(value, denominator) == product(numerator, HUNDRED)


def _ratio_words(c: CriterionFacts, e: Entered, points: str) -> str:
    actual, target = e.actual or ZERO, e.target or ZERO
    maximum = shown(c.max_points)
    if c.params.get("inverse"):
        if actual == 0:
            return f"Tỷ lệ (ít hơn là tốt hơn): thực hiện là 0, được điểm tối đa {points} điểm."
        numerator, denominator, name = target, actual, "Tỷ lệ (chỉ tiêu ÷ thực hiện, ít hơn là tốt hơn)"
    else:
        numerator, denominator, name = actual, target, "Tỷ lệ"
    percent, exact = _percent(numerator, denominator)
    ratio = f"{name}: {shown(numerator)} ÷ {shown(denominator)} = {percent}"
    cutoff = c.params.get("cutoff")
    if cutoff is not None and product(numerator, HUNDRED) < product(cutoff, denominator):
        return f"{ratio}; dưới ngưỡng {shown(cutoff)}% nên được {points} điểm."
    if numerator > denominator:
        return f"{ratio}; tính không quá 100%, được {points} điểm."
    if exact:
        return f"{ratio}; {percent} × {maximum} = {points} điểm"
    return f"{ratio} (số làm tròn để xem); {shown(numerator)} ÷ {shown(denominator)} × {maximum} = {points} điểm"


def _relative_words(
    c: CriterionFacts,
    entries_by_unit: Mapping[int, Entered],
    unit_id: int,
    unit_names: Mapping[int, str],
    digits: int,
) -> tuple[str, ...]:
    facts = relative_facts(c, entries_by_unit)
    value = criterion_points(c, entries_by_unit, digits)[unit_id]
    entered = entries_by_unit[unit_id]
    points = format_number(value, digits)
    actual, target = entered.actual or ZERO, entered.target or ZERO
    maximum, k = shown(c.max_points), shown(c.params["factor"])
    by_value = c.params.get("led_by") == LED_BY_VALUE
    if target == 0:
        best = facts.best_actual or ZERO
        first = "Không có chỉ tiêu: chỉ so với các đơn vị không có chỉ tiêu, và không là đơn vị dẫn đầu."
        if best == 0:
            return (first, f"Kết quả cao nhất trong nhóm là 0 nên được {points} điểm.")
        return (first, f"Kết quả {shown(actual)} ÷ cao nhất trong nhóm {shown(best)} × {maximum} = {points} điểm.")
    if actual < target:
        return (
            f"Chưa đạt chỉ tiêu: {shown(actual)} trên {shown(target)}.",
            f"{k} × {maximum} × {shown(actual)} ÷ {shown(target)} = {points} điểm.",
        )
    if actual == target:
        return (f"Đạt đúng chỉ tiêu {shown(target)}: {k} × {maximum} = {points} điểm.",)
    percent, _ = _percent(actual - target, target)
    own = f"vượt {shown(actual - target)}" if by_value else f"vượt {percent}"
    mine = f"Thực hiện {shown(actual)}, chỉ tiêu {shown(target)}: {own}."
    if unit_id in facts.leaders:
        others = sorted(unit_names.get(u, str(u)) for u in facts.leaders if u != unit_id)
        together = f", cùng {', '.join(others)}" if others else ""
        measure = "giá trị cao nhất" if by_value else "tỷ lệ vượt cao nhất"
        return (mine, f"Dẫn đầu ({measure}){together}: được điểm tối đa {points} điểm.")
    names = ", ".join(sorted(unit_names.get(u, str(u)) for u in facts.leaders))
    if by_value:
        own_excess, lead_excess = shown(actual - target), shown(facts.excess_numerator)
    else:
        own_excess, lead_excess = percent, _percent(facts.excess_numerator, facts.excess_denominator)[0]
    return (
        mine,
        f"Dẫn đầu là {names}, vượt {lead_excess}.",
        f"{k} × {maximum} + {own_excess} ÷ {lead_excess} × (1 {MINUS} {k}) × {maximum} = {points} điểm"
        f"{', không quá điểm tối đa' if value == c.max_points else ''}.",
    )
