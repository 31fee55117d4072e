from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rules.entered import BLANK, NOT_ASSIGNED, Entered
from scoring.rules.points import compute, criterion_points, relative_facts
from scoring.rules.scheme import faults
from scoring.rules.states import CriterionKind, NotApplicable, Rule
from tests.scoring.rules.building import (
    amounts,
    criteria,
    entries_of,
    line,
    pair,
    positive,
    pts,
    row,
    scheme,
    section,
    usual,
)


def one(criterion, entered, digits=2):
    return criterion_points(criterion, {1: entered}, digits)[1]


def relative(*entered, max_points=10, params="hệ số=0,5"):
    found = criterion_points(line(Rule.RELATIVE, max_points, params), dict(enumerate(entered)))
    return [found[i] for i in range(len(entered))]


def sheet(entries, facts=None):
    return compute(facts or usual(), {1: entries}, [1])[1]


# ----------------------------------------------------- rules, one by one
@pytest.mark.parametrize(
    ("criterion", "entered", "points"),
    [
        (line(), pts("9.5"), "9.50"),
        (line(), pts(0), "0.00"),
        (line(Rule.PASS_FAIL, 40), Entered(passed=True), "40.00"),
        (line(Rule.PASS_FAIL, 40), Entered(passed=False), "0.00"),
        (line(Rule.LEVELS, 5, "Tốt=5; Khá=4,5; Chưa đạt=0"), Entered(level="Khá"), "4.50"),
        (line(Rule.LEVELS, 5, "Tốt=5"), Entered(level="Giỏi"), None),
        (line(Rule.RATIO, 20), pair(100, 95), "19.00"),
        (line(Rule.RATIO, 20), pair(100, 120), "20.00"),
        (line(Rule.RATIO, 150), pair(48, 48), "150.00"),
        (line(Rule.RATIO, 10), pair(3, 2), "6.67"),
        (line(Rule.RATIO, 10), pair(100, 0), "0.00"),
        (line(Rule.RATIO, 10), pair(0, 5), None),
        (line(Rule.RATIO, 10), pair(None, 5), None),
        (line(Rule.RATIO, 10), pair(100, None), None),
        (line(Rule.PER_COUNT, 20, "mỗi lần=10"), Entered(count=1), "10.00"),
        (line(Rule.PER_COUNT, 20, "mỗi lần=10"), Entered(count=3), "20.00"),
        (line(Rule.PER_COUNT, None, "mỗi lần=10", kind="thưởng"), Entered(count=30), "300.00"),
        (line(Rule.MINUS_PER_COUNT, 5, "mỗi lần=1"), Entered(count=2), "3.00"),
        (line(Rule.MINUS_PER_COUNT, 5, "mỗi lần=10"), Entered(count=1), "0.00"),
        (line(Rule.OUTSIDE_RANK, 50, "1-3=50; 4-6=40; 7-=30"), Entered(rank=3), "50.00"),
        (line(Rule.OUTSIDE_RANK, 50, "1-3=50; 4-6=40; 7-=30"), Entered(rank=4), "40.00"),
        (line(Rule.OUTSIDE_RANK, 50, "1-3=50; 4-6=40; 7-=30"), Entered(rank=99), "30.00"),
        (line(Rule.OUTSIDE_RANK, 50, "1-3=50"), Entered(rank=4), "0.00"),
        (line(), BLANK, None),
    ],
)
def test_points_of_each_rule(criterion, entered, points):
    found = one(criterion, entered)
    assert found == (None if points is None else D(points))
    assert points is None or str(found) == points


@pytest.mark.parametrize(
    ("params", "target", "actual", "points"),
    [
        ("ngưỡng=50%", 100, 50, "5.00"),  # equal to the cut-off counts
        ("ngưỡng=50%", 100, "49.99", "0.00"),
        ("ngưỡng=50%", 3, "1.5", "5.00"),
        ("đảo=có", 10, 20, "5.00"),
        ("đảo=có", 10, 5, "10.00"),
        ("đảo=có", 10, 0, "10.00"),
        ("ngưỡng=60%; đảo=có", 10, 20, "0.00"),  # the cut-off is compared after turning
        ("ngưỡng=50%; đảo=có", 10, 20, "5.00"),
        ("ngưỡng=100%", 100, 120, "10.00"),  # and before capping
        ("ngưỡng=90%; đảo=có", 10, 0, "10.00"),
    ],
)
def test_ratio_with_cut_off_and_turned_round(params, target, actual, points):
    assert one(line(Rule.RATIO, 10, params), pair(target, actual)) == D(points)


def test_rounding_is_half_up_and_exact():
    assert one(line(Rule.RATIO, "0.01"), pair(2, 1)) == D("0.01")  # 0,005 goes up
    assert one(line(Rule.RATIO, 1), pair(200, 1)) == D("0.01")
    assert one(line(Rule.RATIO, 1), pair("200.01", 1)) == D("0.00")
    # 0,00499999999999999999999999999999… would become 0,005 at 28 digits
    big = 10**40
    near = pair(2 * big + 1, big)
    assert one(line(Rule.RATIO, "0.01"), near) == D("0.00")
    assert one(line(Rule.RATIO, 10), pair(3, 2), digits=0) == D(7)
    assert one(line(Rule.RATIO, 10), pair(3, 2), digits=4) == D("6.6667")


# ------------------------------------------------- So với dẫn đầu (RELATIVE)
def test_the_vectors_of_the_contract():
    found = relative(
        pair(100, 120), pair(50, 60), pair(80, 80), pair(80, 60), pair(0, 150), pair(None, 100), pair(0, 75)
    )
    assert [str(p) for p in found] == ["10.00", "10.00", "5.00", "3.75", "10.00", "6.67", "5.00"]


def test_others_above_target_lie_between():
    # leader 50 % over, own 20 % over: 5 + (0,2 / 0,5) × 5 = 7
    assert relative(pair(100, 150), pair(100, 120)) == [D(10), D(7)]
    assert relative(pair(100, 150), pair(100, 120), params="hệ số=0,3") == [D(10), D("5.8")]


def test_who_leads_depends_on_the_choice():
    rows = (pair(100, 150), pair(1000, 1100))  # 50 % over; 100 over
    assert relative(*rows) == [D(10), D(6)]
    # by value the second leads with 1100; the first is 50 over of the leader's 100: 5 + 0,5 × 5
    assert relative(*rows, params="dẫn đầu theo=giá trị") == [D("7.5"), D(10)]


def test_led_by_value_never_goes_above_the_maximum():
    # leader 1001 is 1 over, the other is 99 over and would get 500 points
    assert relative(pair(1000, 1001), pair(1, 100), params="dẫn đầu theo=giá trị") == [D(10), D(10)]


def test_two_leaders_by_value_do_not_depend_on_the_order():
    rows = [pair(100, 120), pair(60, 120), pair(90, 110)]
    criterion = line(Rule.RELATIVE, 10, "dẫn đầu theo=giá trị")
    there = criterion_points(criterion, dict(enumerate(rows)))
    back = criterion_points(criterion, dict(reversed(list(enumerate(rows)))))
    assert there == back
    assert there[0] == there[1] == 10
    assert there[2] == D("6.67")  # 20 over of 60


def test_nobody_above_target_means_no_leader():
    assert relative(pair(100, 100), pair(100, 100)) == [D(5), D(5)]
    assert relative(pair(100, 90), pair(50, 50)) == [D("4.5"), D(5)]
    facts = relative_facts(line(Rule.RELATIVE), {1: pair(100, 100)})
    assert facts.leaders == frozenset()


def test_units_without_target_never_lead_and_are_compared_apart():
    assert relative(pair(None, 10**6), pair(100, 101)) == [D(10), D(10)]
    assert relative(pair(0, 10), pair(100, 50)) == [D(10), D("2.5")]


def test_best_of_zero_gives_zero():
    assert relative(pair(0, 0), pair(None, 0)) == [D(0), D(0)]


def test_blank_and_not_assigned_units_do_not_take_part():
    rows = {1: pair(100, 200), 2: pair(100, 150), 3: BLANK, 4: pair(100, None), 5: NOT_ASSIGNED}
    found = criterion_points(line(Rule.RELATIVE), rows)
    assert found == {1: D(10), 2: D("7.5"), 3: None, 4: None, 5: None}


def test_a_unit_not_assigned_does_not_lead_with_what_it_held_before():
    held = replace(pair(1, 999), not_assigned=True)
    apart = replace(pair(None, 999), not_assigned=True)
    found = criterion_points(line(Rule.RELATIVE), {1: held, 2: pair(100, 150), 3: apart, 4: pair(None, 10)})
    assert found == {1: None, 2: D(10), 3: None, 4: D(10)}


def test_a_late_change_of_the_leader_moves_the_others():
    before = relative(pair(100, 150), pair(100, 120))
    after = relative(pair(100, 200), pair(100, 120))
    assert before[0] == after[0] == 10
    assert (before[1], after[1]) == (D(7), D(6))


@given(
    st.lists(st.tuples(st.one_of(st.none(), amounts), amounts), min_size=1, max_size=8),
    st.sampled_from(["0", "0,25", "0,5", "1"]),
    st.sampled_from(["tỷ lệ vượt", "giá trị"]),
    st.randoms(use_true_random=False),
)
def test_relative_invariants(rows, factor, by, random):
    criterion = line(Rule.RELATIVE, 10, f"hệ số={factor}; dẫn đầu theo={by}")
    entered = {i: pair(t, a) for i, (t, a) in enumerate(rows)}
    found = criterion_points(criterion, entered)
    k = criterion.params["factor"]
    above = [i for i, e in entered.items() if e.target and e.actual > e.target]
    for i, e in entered.items():
        assert 0 <= found[i] <= 10
        if e.target and e.actual < e.target:
            assert found[i] <= 10 * k
        elif e.target:
            assert found[i] >= 10 * k
    facts = relative_facts(criterion, entered)
    assert bool(facts.leaders) == bool(above)
    assert facts.leaders <= set(above)
    assert all(found[i] == 10 for i in facts.leaders)
    without = [found[i] for i, e in entered.items() if not e.target]
    if without and facts.best_actual:
        assert max(without) == 10
    order = list(entered)
    random.shuffle(order)
    assert criterion_points(criterion, {i: entered[i] for i in order}) == found


@given(positive, st.lists(amounts, min_size=2, max_size=6, unique=True))
def test_more_is_never_worse_at_the_same_target(target, actuals):
    found = relative(*(pair(target, a) for a in sorted(actuals)))
    assert found == sorted(found)


# --------------------------------------------------- not assigned, blank
@pytest.mark.parametrize(("na", "points"), [("full", D(10)), ("zero", D(0)), ("drop", None), ("scale", None)])
def test_what_a_criterion_not_assigned_gives(na, points):
    for rule in (Rule.DIRECT, Rule.RATIO, Rule.RELATIVE):
        assert one(line(rule, na=na), NOT_ASSIGNED) == points


def test_outside_the_scale_nothing_entered_is_zero():
    for kind in ("thưởng", "trừ"):
        assert one(line(kind=kind, na="full"), NOT_ASSIGNED) == one(line(kind=kind), BLANK) == 0


def test_whole_sheet():
    found = sheet(row(38, "19.5", 40, 5, 3))
    assert found.points == {1: D("57.5"), 2: D(38), 3: D("19.5"), 4: D(40), 5: D(40), 6: D(5), 7: D(6)}
    assert (found.base, found.bonus, found.deduction, found.total) == (D("97.5"), D(5), D(6), D("96.5"))
    assert (found.maximum, found.rate, found.missing, found.scaled) == (D(100), D("96.50"), 0, False)
    assert found.rate_exact == Fraction(965, 1000)
    assert str(found.total) == "96.50"


def test_blank_counts_zero_is_missing_and_null():
    found = sheet(row(38))
    assert found.missing_ids == (3, 5)
    assert found.points[3] is None
    assert found.points[1] == 38
    assert found.points[6] == found.points[7] == 0
    assert found.total == 38
    assert found.maximum == 100


def test_bonus_may_lift_the_total_above_the_scale():
    assert sheet(row(40, 20, 37, 10)).total == 107
    assert sheet(row(40, 20, 37, 10)).rate == D("107.00")


def test_bonus_is_capped_together():
    found = sheet(row(40, 20, 40, 70), usual(cap=50))
    assert (found.bonus, found.bonus_before_cap, found.total) == (D(50), D(70), D(150))


def test_the_total_never_falls_below_zero():
    found = sheet(row(5, 0, 0, 0, 100))
    assert (found.deduction, found.total, found.rate) == (D(200), D(0), D(0))


def test_groups_outside_the_scale_are_capped_by_their_own_maximum():
    facts = scheme(
        line(),
        line(Rule.SUM, 15, id=2, code="B", kind="thưởng"),
        line(id=3, code="B.1", parent=2, max_points=None, kind="thưởng"),
        line(id=4, code="B.2", parent=2, max_points=10, kind="thưởng"),
        line(Rule.SUM, None, id=5, code="T", kind="trừ"),
        line(id=6, code="T.1", parent=5, max_points=None, kind="trừ"),
    )
    assert not [f for f in faults(facts) if f.is_error]
    found = sheet({1: pts(10), 3: pts(20), 4: pts(2), 6: pts(4)}, facts)
    assert (found.points[2], found.points[5]) == (D(15), D(4))
    assert (found.base, found.bonus, found.deduction, found.total) == (D(10), D(15), D(4), D(21))


def test_a_bonus_under_a_section_counts_as_bonus():
    facts = scheme(
        section(1, "1", 100),
        line(id=2, code="1.1", parent=1, max_points=100),
        line(id=3, code="B1", parent=1, kind="thưởng"),
    )
    found = sheet({2: pts(97), 3: pts(10)}, facts)
    assert (found.points[1], found.base, found.bonus, found.total, found.maximum) == (
        D(97),
        D(97),
        D(10),
        D(107),
        D(100),
    )


@pytest.mark.parametrize(
    ("na", "base", "maximum", "rate"),
    [
        ("full", "90.00", 100, "90.00"),
        ("zero", "70.00", 100, "70.00"),
        ("drop", "70.00", 80, "87.50"),
        ("scale", "87.50", 100, "87.50"),
    ],
)
def test_policies_for_what_is_not_assigned(na, base, maximum, rate):
    entries = row(30, None, 40) | {3: NOT_ASSIGNED}
    found = sheet(entries, usual(na=na))
    assert (str(found.base), found.maximum, str(found.rate)) == (base, D(maximum), rate)
    assert found.missing == 0
    assert found.scaled == (na == "scale")


def test_scaling_comes_before_bonus_and_deduction_and_is_rounded_once():
    entries = row(10, None, 20, 5, 1) | {3: NOT_ASSIGNED}
    found = sheet(entries, usual(na="scale", total=100))
    assert (found.raw_base, found.own_maximum, found.base) == (D(30), D(80), D("37.50"))
    assert found.total == D("37.50") + 5 - 2
    third = scheme(line(id=1, code="1", max_points=30, na="scale"), line(id=2, code="2", max_points=70, na="scale"))
    assert sheet({1: pts(20), 2: NOT_ASSIGNED}, third).base == D("66.67")


def test_scaling_and_leaving_out_in_one_sheet():
    facts = usual(na="scale")
    mixed = replace(
        facts, criteria=tuple(replace(c, not_applicable=NotApplicable.DROP) if c.id == 2 else c for c in facts.criteria)
    )
    found = sheet({2: NOT_ASSIGNED, 3: NOT_ASSIGNED, 5: pts(30)}, mixed)
    assert (found.own_maximum, found.base, found.maximum) == (D(40), D(75), D(100))


def test_nothing_assigned_divides_by_nothing():
    for na in ("drop", "scale"):
        found = sheet({2: NOT_ASSIGNED, 3: NOT_ASSIGNED, 5: NOT_ASSIGNED}, usual(na=na))
        assert (found.total, found.maximum, found.rate, found.rate_exact) == (D(0), D(0), D(0), Fraction(0))
        assert not found.scaled


def test_entries_of_other_criteria_and_units_do_not_count():
    found = compute(usual(), {1: row(10, 10, 10) | {99: pts(10)}, 2: row(1, 1, 1)}, [1])
    assert list(found) == [1]
    assert found[1].total == 30


def test_units_without_any_entry_have_all_missing():
    found = compute(usual(), {}, [3, 1])
    assert list(found) == [3, 1]
    assert found[3].missing == 3
    assert found[3].total == 0


def test_rounding_happens_once_per_criterion_and_never_on_totals():
    lines = [line(Rule.RATIO, 1, id=n, code=str(n)) for n in range(1, 4)]
    found = sheet({n: pair(3, 1) for n in range(1, 4)}, scheme(*lines))
    assert found.total == D("0.99")


# ------------------------------------------------------------ properties
@given(st.data())
def test_points_stay_between_zero_and_the_maximum(data):
    criterion = data.draw(criteria)
    entered = {i: data.draw(entries_of(criterion)) for i in range(4)}
    for digits in (0, 2, 4):
        if -criterion.max_points.normalize().as_tuple().exponent > digits:
            continue
        for value in criterion_points(criterion, entered, digits).values():
            if value is not None:
                assert 0 <= value <= criterion.max_points
                assert value.as_tuple().exponent == -digits


@given(st.data())
def test_totals_are_bounded_and_exact(data):
    lines = [replace(data.draw(criteria), id=n, code=str(n), position=n) for n in range(1, 6)]
    policies = st.sampled_from(list(NotApplicable))
    lines = [replace(c, not_applicable=data.draw(policies)) for c in lines]
    lines += [line(Rule.PER_COUNT, None, "mỗi lần=2", id=8, code="B", kind="thưởng"), line(id=9, code="T", kind="trừ")]
    facts = scheme(*lines, cap=20)
    units = [1, 2, 3]
    entries = {u: {c.id: data.draw(entries_of(c)) for c in lines if c.max_points is not None} for u in units}
    results = compute(facts, entries, units)
    for result in results.values():
        leaves = [result.points[c.id] or D(0) for c in lines if c.kind is CriterionKind.CRITERION]
        assert result.raw_base == sum(leaves)
        assert 0 <= result.total <= max(facts.full_scale, result.own_maximum) + 20
        assert result.total == max(D(0), result.base + result.bonus - result.deduction)
        assert result.base <= result.maximum
        assert result.own_maximum <= facts.full_scale
    shuffled = compute(facts, dict(reversed(list(entries.items()))), list(reversed(units)))
    assert shuffled == results
