from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rules.scheme import (
    Band,
    CriterionFacts,
    TieStep,
    faults,
    format_bands,
    format_params,
    format_ties,
    parse_bands,
    parse_params,
    parse_ties,
)
from scoring.rules.states import CriterionKind, Rule
from tests.scoring.rules.building import criteria, level_names, line, scheme, section, small, usual
from thidua.lib.errors import RuleViolation


def codes(facts, severity="error"):
    return [f.code for f in faults(facts) if f.severity == severity]


def only(facts):
    found = faults(facts)
    assert len(found) == 1, found
    return found[0]


# ----------------------------------------------------------- parameters
@pytest.mark.parametrize(
    ("rule", "text", "params"),
    [
        (Rule.DIRECT, "", {}),
        (Rule.DIRECT, "bước=0,25", {"step": D("0.25")}),
        (Rule.DIRECT, "BƯỚC = 0.5 ;", {"step": D("0.5")}),
        (Rule.LEVELS, "Tốt=5; Khá=4; Chưa đạt=0", {"levels": (("Tốt", D(5)), ("Khá", D(4)), ("Chưa đạt", D(0)))}),
        (Rule.RATIO, "ngưỡng=50%; đảo=có", {"cutoff": D(50), "inverse": True}),
        (Rule.RATIO, "ngưỡng=50", {"cutoff": D(50)}),
        (Rule.RATIO, "đảo=không", {}),
        (Rule.PER_COUNT, "mỗi lần=2", {"each": D(2)}),
        (Rule.MINUS_PER_COUNT, "mỗi lần=0,5", {"each": D("0.5")}),
        (Rule.RELATIVE, "", {"factor": D("0.5"), "led_by": "excess"}),
        (Rule.RELATIVE, "hệ số=0,3; dẫn đầu theo=giá trị", {"factor": D("0.3"), "led_by": "value"}),
        (
            Rule.OUTSIDE_RANK,
            "1-3=50; 4-6=40; 7-=30",
            {"ranks": ((1, 3, D(50)), (4, 6, D(40)), (7, None, D(30)))},
        ),
        (Rule.OUTSIDE_RANK, "1=10; 2=8", {"ranks": ((1, 1, D(10)), (2, 2, D(8)))}),
    ],
)
def test_parameters_are_read_and_written_back(rule, text, params):
    assert parse_params(rule, text) == params
    assert parse_params(rule, format_params(rule, params)) == params


@pytest.mark.parametrize(
    ("rule", "text", "code"),
    [
        (Rule.DIRECT, "ngưỡng=50%", "param-unknown"),
        (Rule.PASS_FAIL, "bước=1", "param-unknown"),
        (Rule.SUM, "bước=1", "param-unknown"),
        (Rule.DIRECT, "bước", "param-invalid"),
        (Rule.DIRECT, "bước=", "param-invalid"),
        (Rule.DIRECT, "bước=0", "param-zero"),
        (Rule.DIRECT, "bước=0,00001", "param-decimals"),
        (Rule.LEVELS, "x" * 81 + "=1", "level-too-long"),
        (Rule.DIRECT, "bước=1.000", "number-ambiguous"),
        (Rule.DIRECT, "bước=-1", "number-invalid"),
        (Rule.DIRECT, "bước=1; bước=2", "param-repeated"),
        (Rule.PER_COUNT, "", "param-missing"),
        (Rule.MINUS_PER_COUNT, "", "param-missing"),
        (Rule.LEVELS, "", "param-missing"),
        (Rule.LEVELS, "Khá=4; Kha=3", "level-repeated"),
        (Rule.LEVELS, "Không được giao=0", "level-reserved"),
        (Rule.LEVELS, "Tốt=năm", "number-invalid"),
        (Rule.OUTSIDE_RANK, "", "param-missing"),
        (Rule.OUTSIDE_RANK, "1-3=5; 3-4=4", "rank-overlap"),
        (Rule.OUTSIDE_RANK, "4-=5; 9=1", "rank-overlap"),
        (Rule.OUTSIDE_RANK, "3-1=5", "param-invalid"),
        (Rule.OUTSIDE_RANK, "0=5", "param-invalid"),
        (Rule.OUTSIDE_RANK, "nhất=5", "param-invalid"),
        (Rule.RATIO, "ngưỡng=0,5", "param-percent"),
        (Rule.RATIO, "ngưỡng=120%", "param-percent"),
        (Rule.RATIO, "đảo=1", "param-invalid"),
        (Rule.RELATIVE, "hệ số=1,5", "param-factor"),
        (Rule.RELATIVE, "dẫn đầu theo=điểm", "param-invalid"),
    ],
)
def test_bad_parameters_are_refused_with_an_example(rule, text, code):
    with pytest.raises(RuleViolation) as refusal:
        parse_params(rule, text)
    assert refusal.value.code == code
    assert refusal.value.field == "params"


@given(criteria)
def test_parameters_round_trip(criterion):
    assert parse_params(criterion.rule, format_params(criterion.rule, criterion.params)) == criterion.params


@given(
    st.lists(
        st.tuples(level_names, st.decimals(0, 999, places=3)),
        min_size=1,
        max_size=6,
        unique_by=lambda p: p[0].replace("đ", "d"),
    )
)
def test_levels_round_trip_with_any_decimals(levels):
    params = {"levels": tuple(levels)}
    assert parse_params(Rule.LEVELS, format_params(Rule.LEVELS, params)) == params


def test_bands_and_ties_of_the_contract():
    text = "Xuất sắc>=900; Tốt>=800; Khá>=650; Trung bình"
    bands = parse_bands(text)
    assert bands == (Band("Xuất sắc", D(900)), Band("Tốt", D(800)), Band("Khá", D(650)), Band("Trung bình", None))
    assert format_bands(bands) == text
    ties = parse_ties("I; thưởng; bốc thăm")
    assert ties == (TieStep("criterion", "I"), TieStep("bonus"), TieStep("lot"))
    assert format_ties(ties) == "I; thưởng; bốc thăm"
    assert parse_ties("Điểm trừ") == (TieStep("deduction"),)
    assert parse_bands("") == parse_ties(" ") == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Tốt>=800; Xuất sắc>=900", "bands-order"),
        ("Trung bình; Tốt>=800", "bands-order"),
        ("Tốt>=800; Tốt>=700", "bands-repeated"),
        ("Tốt>=", "bands-invalid"),
        ("Tốt>800", "bands-invalid"),
        (">=800", "bands-invalid"),
        ("Tốt>=1.000", "number-ambiguous"),
    ],
)
def test_bad_bands_are_refused(text, code):
    with pytest.raises(RuleViolation) as refusal:
        parse_bands(text)
    assert refusal.value.code == code


def test_repeated_tie_step_is_refused():
    with pytest.raises(RuleViolation) as refusal:
        parse_ties("I; thưởng; I")
    assert refusal.value.code == "ties-repeated"


@given(st.lists(small, max_size=5, unique=True).map(lambda v: sorted(v, reverse=True)), st.booleans())
def test_bands_round_trip(thresholds, with_rest):
    bands = tuple(Band(f"Loại {i}", t) for i, t in enumerate(thresholds)) + (
        (Band("Còn lại", None),) if with_rest else ()
    )
    assert parse_bands(format_bands(bands)) == bands


# ----------------------------------------------------------------- tree
def test_tree_helpers():
    facts = usual()
    assert [c.code for c in facts.roots] == ["I", "II", "B", "T"]
    assert [c.code for c in facts.ordered] == ["I", "I.1", "I.2", "II", "II.1", "B", "T"]
    assert [c.code for c in facts.leaves] == ["I.1", "I.2", "II.1", "B", "T"]
    assert [facts.depths[c.id] for c in facts.ordered] == [0, 1, 1, 0, 1, 0, 0]
    assert facts.full_scale == facts.sections_total == 100
    assert facts.places[6] is CriterionKind.BONUS
    assert faults(facts) == ()


def test_printed_order_follows_position_not_the_order_of_the_rows():
    facts = usual()
    turned = replace(facts, criteria=tuple(reversed(facts.criteria)))
    assert turned.ordered == facts.ordered


def test_five_levels_and_230_lines():
    lines, parent = [], None
    for depth in range(5):
        lines.append(section(depth + 1, f"L{depth}", 226, parent))
        parent = depth + 1
    lines += [line(id=10 + n, code=f"n{n}", parent=5, max_points=1) for n in range(226)]
    facts = scheme(*lines, total=226)
    assert faults(facts) == ()
    assert max(facts.depths.values()) == 5


# --------------------------------------------------------------- faults
def test_children_that_do_not_add_up_say_by_how_much():
    facts = scheme(
        section(1, "I", 600),
        line(id=2, code="I.1", parent=1, max_points=600),
        section(3, "II", 200),
        line(id=4, code="II.1", parent=3, max_points=210),
        total=800,
    )
    fault = only(facts)
    assert fault.code == "children-sum"
    assert fault.criterion_id == 3
    assert fault.field == "max_points"
    assert fault.message == (
        "Mục II: tổng điểm tiêu chí con là 210, điểm tối đa của mục là 200. Giảm 10 điểm ở một tiêu chí con."
    )


def test_sections_that_do_not_add_up_to_the_total():
    fault = only(scheme(line(max_points=990), total=1000))
    assert fault.code == "total-sum"
    assert fault.criterion_id is None
    assert "990" in fault.message
    assert "1.000" in fault.message
    assert "Tăng 10 điểm" in fault.message


def test_without_a_total_the_sections_decide():
    assert faults(scheme(line(max_points=990))) == ()


def test_parent_that_is_not_there():
    fault = only(scheme(line(id=1), replace(line(id=2, code="I.2", parent=99), parent_code="IX")))
    assert fault.code == "parent-missing"
    assert "IX" in fault.message


def test_parents_in_a_circle_are_found_once_and_do_not_hang():
    facts = scheme(line(id=9, code="9"), section(1, "A", 10, 2), section(2, "B", 10, 1), section(3, "C", 10, 3))
    found = [f for f in faults(facts) if f.code == "parent-circle"]
    assert [f.criterion_id for f in found] == [1, 3]
    assert "A → B → A" in found[0].message


def test_repeated_code_is_told_of_the_second_line():
    fault = only(scheme(line(id=1, code="I.1"), line(id=2, code="I.1")))
    assert (fault.code, fault.criterion_id, fault.field) == ("code-repeated", 2, "code")


def test_codes_that_differ_in_case_are_different():
    assert faults(scheme(line(id=1, code="a"), line(id=2, code="A"))) == ()


@pytest.mark.parametrize(
    ("criterion", "code", "field"),
    [
        (line(Rule.LEVELS, 4, "Tốt=5; Khá=4"), "level-above-max", "params"),
        (line(Rule.OUTSIDE_RANK, 40, "1-3=50; 4-=40"), "level-above-max", "params"),
        (line(Rule.DIRECT, 10, "bước=0,3"), "step-not-dividing", "params"),
        (line(Rule.DIRECT, None), "max-missing", "max_points"),
        (line(Rule.RATIO, None, kind="thưởng"), "max-missing", "max_points"),
        (line(Rule.MINUS_PER_COUNT, 10, "mỗi lần=1", kind="trừ"), "minus-in-deduction", "rule"),
        (line(Rule.SUM, 10), "sum-without-children", "rule"),
        (section(1, "I", 10), "section-empty", "kind"),
        (line(title=" "), "title-missing", "title"),
        (line(code=""), "code-missing", "code"),
        (line(max_points="0.125"), "max-digits", "max_points"),
        (line(max_points=-1), "max-negative", "max_points"),
        (line(max_points=10**6), "max-too-large", "max_points"),
        (replace(line(), rule=Rule.LEVELS), "param-missing", "params"),
    ],
)
def test_faults_of_a_line(criterion, code, field):
    outside = criterion.kind in (CriterionKind.BONUS, CriterionKind.DEDUCTION)
    facts = scheme(criterion, *([line(id=2, code="khác")] if outside else []))
    assert [(f.code, f.field) for f in faults(facts) if f.is_error] == [(code, field)]


def test_an_empty_scheme_is_a_fault():
    assert codes(scheme()) == ["scheme-empty"]
    assert codes(scheme(line(max_points=None, kind="thưởng"))) == ["scheme-empty"]


def test_a_deduction_larger_than_the_maximum_is_only_a_warning():
    facts = scheme(
        line(Rule.MINUS_PER_COUNT, 5, "mỗi lần=10"), line(Rule.PER_COUNT, 5, "mỗi lần=10", id=2, code="T", kind="trừ")
    )
    assert codes(facts) == []
    assert codes(facts, "warning") == ["each-above-max", "each-above-max"]


def test_a_line_with_children_is_a_sum():
    facts = scheme(line(Rule.DIRECT, 10, id=1, code="I", kind="mục"), line(id=2, parent=1))
    assert codes(facts) == ["parent-rule"]


def test_a_criterion_with_children_is_taken_with_a_warning():
    facts = scheme(line(Rule.SUM, 10, id=1, code="I.1"), line(id=2, code="a)", parent=1))
    assert codes(facts) == []
    assert codes(facts, "warning") == ["criterion-with-children"]


def test_a_blank_section_maximum_is_the_sum_of_its_children():
    facts = scheme(section(1, "I", None), line(id=2, parent=1, max_points=30))
    assert codes(facts) == []
    assert codes(facts, "warning") == ["section-max-blank"]
    assert facts.maxima[1] == facts.full_scale == 30


def test_groups_of_bonus_and_deduction():
    group = line(Rule.SUM, 50, id=2, code="B", kind="thưởng")
    child = line(id=3, code="B.1", parent=2, max_points=20, kind="thưởng")
    rest = line(id=4, code="B.2", parent=2, max_points=30, kind="thưởng")
    assert faults(scheme(line(), group, child, rest, total=10)) == ()
    assert codes(scheme(line(), group, child)) == ["children-sum"]
    assert faults(scheme(line(), group, child, replace(rest, max_points=None))) == ()
    assert faults(scheme(line(), replace(group, max_points=None), child)) == ()
    wrong = replace(child, kind=CriterionKind.CRITERION, max_points=D(50))
    assert "kind-outside" in codes(scheme(line(), group, wrong))


def test_a_bonus_under_a_section_stands_outside_its_sum():
    facts = scheme(
        section(1, "1", 100),
        line(id=2, code="1.1", parent=1, max_points=100),
        line(id=3, code="B1", parent=1, kind="thưởng"),
    )
    assert faults(facts) == ()
    assert facts.full_scale == 100


def test_options_are_checked():
    assert codes(usual(ties="IX")) == ["ties-unknown"]
    assert codes(usual(ties="bốc thăm; I"), "warning") == ["ties-lot-last"]
    assert codes(usual(digits=9)) == ["digits-range"]
    assert codes(replace(usual(), bonus_cap=D(-1))) == ["bonus-cap"]
    assert codes(replace(usual(), bands=(Band("Khá", D(1)), Band("Tốt", D(2))))) == ["bands-order"]


def test_faults_come_in_printed_order():
    facts = scheme(
        line(id=1, code="1", max_points=None),
        line(id=2, code="2", title=""),
        line(Rule.DIRECT, 10, "bước=3", id=3, code="3"),
    )
    assert [f.criterion_id for f in faults(facts)] == [1, 2, 3]


def test_every_sentence_ends_and_says_something():
    for fault in faults(
        scheme(section(1, "I", 5), line(id=2, parent=1), line(id=3, code="I.1", max_points=None), total=99)
    ):
        assert fault.message.endswith(".")
        assert len(fault.message) > 20


def test_facts_need_nothing_but_the_line_itself():
    facts = CriterionFacts(1, "I", None, 1, CriterionKind.CRITERION, "x", D(1), Rule.DIRECT)
    assert facts.params == {}
    assert facts.name == "Tiêu chí I"
