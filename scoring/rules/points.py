"""From what was entered to points, sums, maxima and rates; the whole bloc at once.

Source: docs/domain, workbooks.md section 3 (table of rules, ``So với dẫn đầu``, edges, bonus, deduction, policies,
rounding) and section 5 (missing); guide.md section 3.1 with the worked vectors of RELATIVE_TO_BEST.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from scoring.rules.entered import BLANK, Entered
from scoring.rules.numbers import EXACT, HUNDRED, ZERO, product, quotient, rounded
from scoring.rules.scheme import LED_BY_VALUE, OUTSIDE_SCALE, CriterionFacts, SchemeFacts
from scoring.rules.states import CriterionKind, NotApplicable, Rule

ONE = Decimal(1)
RATE_DIGITS = 2


@dataclass(frozen=True, slots=True)
class SheetResult:
    """One unit's sheet, computed.

    ``points``: of every line, sections and groups with their sums; None where nothing counts (blank, left out).
    ``base``: the points in the scale, after quy đổi where ``scaled``; ``raw_base`` before it. ``bonus`` after its
    cap. ``maximum``: what is assigned to the unit, without bonus; the full scale where ``scaled``;
    ``own_maximum`` before that. ``rate``: per cent, two digits; ``rate_exact``: total ÷ maximum, unrounded.
    ``missing_ids``: the Tiêu chí that apply and are blank; while there are any the unit has no place.
    """

    unit_id: int
    points: Mapping[int, Decimal | None]
    base: Decimal
    bonus: Decimal
    deduction: Decimal
    total: Decimal
    maximum: Decimal
    rate: Decimal
    rate_exact: Fraction
    missing_ids: tuple[int, ...]
    scaled: bool
    raw_base: Decimal
    own_maximum: Decimal
    bonus_before_cap: Decimal

    @property
    def missing(self) -> int:
        return len(self.missing_ids)


# ------------------------------------------------------- one criterion
@dataclass(frozen=True, slots=True)
class RelativeFacts:
    """What the units of a So với dẫn đầu criterion are compared with.

    ``leaders`` is empty when nobody is above target. ``leader_excess`` is kept as a fraction, numerator and
    denominator. ``best_actual`` is the largest result among units without target, None without such units.
    """

    leaders: frozenset[int]
    excess_numerator: Decimal
    excess_denominator: Decimal
    best_actual: Decimal | None


def relative_facts(criterion: CriterionFacts, entered_by_unit: Mapping[int, Entered]) -> RelativeFacts:
    """Leader and best of a bloc (workbooks.md section 3, ``So với dẫn đầu``).

    Only units above their target can lead: by the largest (A−T)/T, or by the largest A. Where several lead by
    value, the others are measured against the largest excess among them, so that the order of units is irrelevant.
    """
    by_value = criterion.params.get("led_by") == LED_BY_VALUE
    leaders: list[int] = []
    top = best_num = ZERO
    best_den = ONE
    best_actual: Decimal | None = None
    for unit_id, entered in entered_by_unit.items():
        actual = entered.actual
        if entered.not_assigned or actual is None:
            continue
        target = entered.target
        if target is None or target <= 0:
            if best_actual is None or actual > best_actual:
                best_actual = actual
            continue
        if actual <= target:
            continue
        num, den = (actual - target, ONE if by_value else target)
        if by_value:
            order = actual - top if leaders else ONE
        else:
            order = product(num, best_den) - product(best_num, den)
        if order > 0:
            leaders, top, best_num, best_den = [unit_id], actual, num, den
        elif order == 0:
            leaders.append(unit_id)
            best_num = max(best_num, num) if by_value else best_num
    return RelativeFacts(frozenset(leaders), best_num, best_den, best_actual)


def _relative(
    criterion: CriterionFacts, entered_by_unit: Mapping[int, Entered], digits: int
) -> dict[int, Decimal | None]:
    facts = relative_facts(criterion, entered_by_unit)
    maximum = criterion.max_points
    if maximum is None:
        return dict.fromkeys(entered_by_unit)
    factor = criterion.params.get("factor", Decimal("0.5"))
    by_value = criterion.params.get("led_by") == LED_BY_VALUE
    floor = product(factor, maximum)
    found: dict[int, Decimal | None] = {}
    for unit_id, entered in entered_by_unit.items():
        actual, target = entered.actual, entered.target
        if entered.not_assigned or actual is None:
            found[unit_id] = None
        elif target is None or target <= 0:
            best = facts.best_actual
            found[unit_id] = quotient(product(actual, maximum), best, digits) if best else rounded(ZERO, digits)
        elif unit_id in facts.leaders:
            found[unit_id] = rounded(maximum, digits)
        elif actual < target:
            found[unit_id] = quotient(product(floor, actual), target, digits)
        elif actual == target:
            found[unit_id] = rounded(floor, digits)
        else:
            # k·M + own/leader·(1−k)·M as one fraction, so that it is rounded once
            den = product(ONE if by_value else target, facts.excess_numerator)
            num = product(actual - target, facts.excess_denominator, maximum - floor)
            num = EXACT.add(num, product(floor, den))
            found[unit_id] = min(quotient(num, den, digits), rounded(maximum, digits))
    return found


def _direct(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    return None if e.points is None else _capped(e.points, c, digits)


def _passed(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    if e.passed is None:
        return None
    return rounded((c.max_points or ZERO) if e.passed else ZERO, digits)


def _level(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    for name, points in c.params.get("levels", ()):
        if name == e.level:
            return _capped(points, c, digits)
    return None


def _ratio(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    if e.actual is None or e.target is None or e.target <= 0 or c.max_points is None:
        return None
    num, den = e.actual, e.target
    if c.params.get("inverse"):
        if e.actual == 0:
            return rounded(c.max_points, digits)
        num, den = den, num
    cutoff = c.params.get("cutoff")
    if cutoff is not None and product(num, HUNDRED) < product(cutoff, den):
        return rounded(ZERO, digits)
    if num >= den:
        return rounded(c.max_points, digits)
    return quotient(product(c.max_points, num), den, digits)


def _per_count(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    return None if e.count is None else _capped(c.params["each"] * e.count, c, digits)


def _minus_per_count(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    if e.count is None or c.max_points is None:
        return None
    return rounded(max(ZERO, c.max_points - c.params["each"] * e.count), digits)


def _outside_rank(c: CriterionFacts, e: Entered, digits: int) -> Decimal | None:
    if e.rank is None:
        return None
    for low, high, points in c.params.get("ranks", ()):
        if low <= e.rank and (high is None or e.rank <= high):
            return _capped(points, c, digits)
    return rounded(ZERO, digits)


def _capped(value: Decimal, c: CriterionFacts, digits: int) -> Decimal:
    maximum = c.max_points
    return rounded(value if maximum is None or value <= maximum else maximum, digits)


_ALONE: Mapping[Rule, Callable[[CriterionFacts, Entered, int], Decimal | None]] = {
    Rule.DIRECT: _direct,
    Rule.PASS_FAIL: _passed,
    Rule.LEVELS: _level,
    Rule.RATIO: _ratio,
    Rule.PER_COUNT: _per_count,
    Rule.MINUS_PER_COUNT: _minus_per_count,
    Rule.OUTSIDE_RANK: _outside_rank,
}


def criterion_points(
    criterion: CriterionFacts, entered_by_unit: Mapping[int, Entered], digits: int = 2
) -> dict[int, Decimal | None]:
    """Points of one criterion for all units of the bloc, rounded half up once.

    None: blank, or not assigned and left out of the scale (bỏ khỏi thang, quy đổi). Not assigned gives the maximum
    under ``tối đa`` and 0 under ``0``. A bonus or deduction that is blank or not assigned gives 0, never None
    (workbooks.md section 5). Never above the maximum, never negative.
    """
    if criterion.rule is Rule.RELATIVE:
        found = _relative(criterion, entered_by_unit, digits)
    else:
        rule = _ALONE.get(criterion.rule)
        found = {
            unit_id: None if rule is None or entered.not_assigned else rule(criterion, entered, digits)
            for unit_id, entered in entered_by_unit.items()
        }
    if criterion.kind in OUTSIDE_SCALE:
        zero = rounded(ZERO, digits)
        return {unit_id: zero if points is None else points for unit_id, points in found.items()}
    if criterion.not_applicable in (NotApplicable.FULL, NotApplicable.ZERO):
        full = criterion.not_applicable is NotApplicable.FULL
        instead = rounded((criterion.max_points or ZERO) if full else ZERO, digits)
        for unit_id, entered in entered_by_unit.items():
            if entered.not_assigned:
                found[unit_id] = instead
    return found


# ------------------------------------------------------- the whole bloc
def compute(
    scheme: SchemeFacts, entries: Mapping[int, Mapping[int, Entered]], unit_ids: Iterable[int]
) -> dict[int, SheetResult]:
    """The computed sheet of every unit, in the order of ``unit_ids``.

    total = max(0, base + bonus − deduction); bonus not above its cap; a scaled base = base × full scale ÷ the unit's
    own maximum, rounded once (workbooks.md section 3). Entries of criteria that are not in the scheme do not count.
    """
    units = list(unit_ids)
    rows = {unit_id: entries.get(unit_id, {}) for unit_id in units}
    points: dict[int, dict[int, Decimal | None]] = {unit_id: {} for unit_id in units}
    missing: dict[int, list[int]] = {unit_id: [] for unit_id in units}
    left_out: dict[int, Decimal] = dict.fromkeys(units, ZERO)
    scaled: set[int] = set()
    places = scheme.places
    assigned = ZERO
    for leaf in scheme.leaves:
        entered_by_unit = {unit_id: rows[unit_id].get(leaf.id, BLANK) for unit_id in units}
        found = criterion_points(leaf, entered_by_unit, scheme.digits)
        in_scale = places[leaf.id] is CriterionKind.SECTION
        if in_scale:
            assigned += leaf.max_points or ZERO
        for unit_id, value in found.items():
            points[unit_id][leaf.id] = value
            if value is not None or not in_scale:
                continue
            if not entered_by_unit[unit_id].not_assigned:
                missing[unit_id].append(leaf.id)
                continue
            left_out[unit_id] += leaf.max_points or ZERO
            if leaf.not_applicable is NotApplicable.SCALE:
                scaled.add(unit_id)
    return {
        unit_id: _sheet(
            scheme, unit_id, points[unit_id], missing[unit_id], assigned - left_out[unit_id], unit_id in scaled
        )
        for unit_id in units
    }


def _sheet(
    scheme: SchemeFacts,
    unit_id: int,
    points: dict[int, Decimal | None],
    missing: list[int],
    own_maximum: Decimal,
    wants_scaling: bool,
) -> SheetResult:
    zero = rounded(ZERO, scheme.digits)
    sums = {CriterionKind.SECTION: zero, CriterionKind.BONUS: zero, CriterionKind.DEDUCTION: zero}
    places = scheme.places
    groups: dict[int, Decimal] = {}
    for criterion in reversed(scheme.ordered):
        place = places[criterion.id]
        if criterion.id in scheme.children:
            value: Decimal | None = groups.get(criterion.id, zero)
            if place is not CriterionKind.SECTION and criterion.max_points is not None:
                value = min(value, rounded(criterion.max_points, scheme.digits))  # type: ignore[type-var]
            points[criterion.id] = value
        else:
            value = points.setdefault(criterion.id, None)
        if value is None:
            continue
        parent_id = criterion.parent_id
        if parent_id is None or places[parent_id] is not place:
            sums[place] += value
        else:
            groups[parent_id] = groups.get(parent_id, zero) + value
    raw_base, deduction = sums[CriterionKind.SECTION], sums[CriterionKind.DEDUCTION]
    before_cap = bonus = sums[CriterionKind.BONUS]
    if scheme.bonus_cap is not None:
        bonus = min(bonus, rounded(scheme.bonus_cap, scheme.digits))
    scaled = wants_scaling and own_maximum > 0
    base = quotient(product(raw_base, scheme.full_scale), own_maximum, scheme.digits) if scaled else raw_base
    maximum = scheme.full_scale if scaled else own_maximum
    total = max(zero, base + bonus - deduction)
    if maximum > 0:
        rate = quotient(product(total, HUNDRED), maximum, RATE_DIGITS)
        rate_exact = Fraction(total) / Fraction(maximum)
    else:
        rate, rate_exact = rounded(ZERO, RATE_DIGITS), Fraction(0)
    return SheetResult(
        unit_id=unit_id,
        points=points,
        base=base,
        bonus=bonus,
        deduction=deduction,
        total=total,
        maximum=maximum,
        rate=rate,
        rate_exact=rate_exact,
        missing_ids=tuple(missing),
        scaled=scaled,
        raw_base=raw_base,
        own_maximum=own_maximum,
        bonus_before_cap=before_cap,
    )
