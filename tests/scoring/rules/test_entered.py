from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rules.entered import (
    BLANK,
    FIELD_WORDS,
    FIELDS,
    NOT_ASSIGNED,
    Entered,
    check_entered,
    format_cell,
    input_hint,
    is_complete,
    parse_cell,
)
from scoring.rules.states import Rule
from tests.scoring.rules.building import criteria, entries_of, line, pair, pts, section
from thidua.lib.errors import RuleViolation

LEVELS = line(Rule.LEVELS, 5, "Tốt=5; Khá=4; Đạt=3; Chưa đạt=0")


def refused(text, criterion):
    with pytest.raises(RuleViolation) as refusal:
        parse_cell(text, criterion)
    assert refusal.value.message.endswith((".", "?"))
    return refusal.value


# ---------------------------------------------- B01-B26, the score field
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9,5", "9.5"),
        ("9.5", "9.5"),
        (" 7 ", "7"),
        ("7\u00a0", "7"),
        ("7\u200b", "7"),
        ("0", "0"),
        ("10", "10"),
        ("9,50", "9.5"),
    ],
)
def test_b01_to_b04_numbers_people_type(text, value):
    assert parse_cell(text, line()) == pts(value)


@pytest.mark.parametrize(
    "text",
    [
        "1e2", "1_0", "１２", "٣", "NaN", "sNaN", "Infinity", "-0", "−5", "+7", "=1+1", "'7", "7;", "1e400", "1e-400",
        "9O", "9,5,", "chín", "7/8", "0x1", "1 1/2", "9,123456789",
    ],
)  # fmt: skip
def test_b05_to_b21_what_is_not_a_plain_number(text):
    assert refused(text, line(max_points=9999)).field == "points"


@pytest.mark.parametrize("text", ["1.000", "1,000", "1.000,5", "100.001", "1,000,000"])
def test_b14_to_b17_what_reads_two_ways(text):
    assert refused(text, line(max_points=9999)).code == "number-ambiguous"


def test_only_readings_the_cell_takes_are_offered():
    assert "Nhập 1000 hoặc 1,00." in refused("1.000", line(max_points=9999)).message
    assert refused("1.000", line(max_points=100)).message.endswith("ô này chỉ nhận 1. Nhập 1.")
    told = refused("5,555", line(max_points=20)).message
    assert "ô này không nhận cách nào. Nhập điểm từ 0 đến 20" in told
    assert "5555" not in told


def test_a_pair_has_one_slash():
    refusal = refused("30/40/50", line(Rule.RATIO, 10))
    assert "chỉ một dấu /" in refusal.message
    assert refusal.field == "actual"


def test_b23_empty_is_blank():
    assert parse_cell("", line()) == parse_cell(" \u200b ", line()) == BLANK
    assert BLANK.is_blank
    assert not NOT_ASSIGNED.is_blank
    assert not Entered(passed=False).is_blank
    assert not Entered(count=0).is_blank


def test_b25_step():
    criterion = line(params="bước=0,25")
    assert parse_cell("9,25", criterion) == pts("9.25")
    refusal = refused("9,13", criterion)
    assert refusal.code == "points-step"
    assert refusal.message == "9,13 không đúng bước 0,25. Nhập 9 hoặc 9,25."


def test_b26_above_the_maximum():
    assert parse_cell("10,00", line()) == pts(10)
    assert refused("10,01", line()).code == "points-above-max"
    assert refused("105", line(max_points=100)).message == "105 lớn hơn điểm tối đa 100. Nhập số từ 0 đến 100."
    assert parse_cell("100000", line(max_points=None, kind="thưởng")) == pts(100000)


def test_decimals_without_a_step():
    assert refused("9,1234", line()).code == "points-decimals"


@pytest.mark.parametrize("text", ["1.0", "1,5", "999999999999999999999", "-1", "ba", "1e2"])
def test_b29_b30_counts(text):
    criterion = line(Rule.PER_COUNT, 10, "mỗi lần=1")
    assert refused(text, criterion).code in ("count-invalid", "negative")
    assert parse_cell("3", criterion) == Entered(count=3)


# -------------------------------------------------------- other rules
@pytest.mark.parametrize("text", ["đ", "d", "Đạt", "dat", "ĐẠT", "1", "x", "X"])
def test_passed(text):
    assert parse_cell(text, line(Rule.PASS_FAIL)) == Entered(passed=True)


@pytest.mark.parametrize("text", ["k", "Không", "khong", "0", "Không đạt"])
def test_failed(text):
    assert parse_cell(text, line(Rule.PASS_FAIL)) == Entered(passed=False)


def test_neither_passed_nor_failed():
    assert refused("có thể", line(Rule.PASS_FAIL)).code == "passed-invalid"


@pytest.mark.parametrize(
    ("text", "level"),
    [("Tốt", "Tốt"), ("tot", "Tốt"), ("t", "Tốt"), ("KHÁ", "Khá"), ("đạt", "Đạt"), ("chưa", "Chưa đạt")],
)
def test_levels_by_name_or_start(text, level):
    assert parse_cell(text, LEVELS) == Entered(level=level)


def test_level_that_is_unknown_or_begins_two():
    assert refused("giỏi", LEVELS).code == "level-unknown"
    two = line(Rule.LEVELS, 5, "Hoàn thành xuất sắc=5; Hoàn thành tốt=4; Hoàn thành=3")
    assert refused("hoàn thành tệ", two).code == "level-unknown"
    refusal = refused("hoàn", two)
    assert refusal.code == "level-ambiguous"
    assert "Hoàn thành tốt" in refusal.message
    assert parse_cell("hoàn thành", two) == Entered(level="Hoàn thành")  # the whole name wins over longer ones


def test_pairs():
    ratio, relative = line(Rule.RATIO), line(Rule.RELATIVE)
    assert parse_cell("95/100", ratio) == parse_cell(" 95 / 100 ", relative) == pair(100, 95)
    assert parse_cell("95,5/100,25", ratio) == pair("100.25", "95.5")
    assert parse_cell("150", relative) == parse_cell("150/", relative) == pair(None, 150)
    assert parse_cell("150/0", relative) == pair(0, 150)
    assert parse_cell("/100", ratio) == pair(100, None)
    for text, field in (
        ("95", "target"),
        ("95/0", "target"),
        ("95/", "target"),
        ("a/100", "actual"),
        ("9/b", "target"),
    ):
        assert refused(text, ratio).field == field
    assert refused("-5/100", relative).code == "negative"
    assert refused("1.000/100", relative).code == "number-ambiguous"
    assert refused("/", relative).code == "number-invalid"
    assert refused("1/2/3", relative).code == "number-invalid"


def test_ranks():
    criterion = line(Rule.OUTSIDE_RANK, 50, "1-3=50; 4-=40")
    assert parse_cell("12", criterion) == Entered(rank=12)
    for text in ("0", "1,5", "nhất", "99999999999"):
        assert refused(text, criterion).code == "rank-invalid"


@pytest.mark.parametrize("text", ["kđg", "KĐG", "không được giao", "Không giao", "khong duoc giao"])
def test_not_assigned_in_every_rule(text):
    for rule, params in ((Rule.DIRECT, ""), (Rule.PASS_FAIL, ""), (Rule.RATIO, ""), (Rule.PER_COUNT, "mỗi lần=1")):
        assert parse_cell(text, line(rule, 10, params)) == NOT_ASSIGNED
    assert parse_cell(text, LEVELS) == NOT_ASSIGNED


def test_sections_take_nothing():
    assert refused("5", section(1, "I", 10)).code == "entered-section"
    with pytest.raises(RuleViolation):
        check_entered(NOT_ASSIGNED, section(1, "I", 10))
    check_entered(BLANK, section(1, "I", 10))


# ---------------------------------------------------------- facts given
def test_an_input_the_rule_does_not_take():
    with pytest.raises(RuleViolation) as refusal:
        check_entered(Entered(points=D(4)), LEVELS)
    assert refusal.value.code == "entered-field"
    assert refusal.value.field == "points"
    assert "Mức" in refusal.value.message


def test_not_assigned_and_a_value_at_once():
    with pytest.raises(RuleViolation) as refusal:
        check_entered(Entered(points=D(4), not_assigned=True), line())
    assert refusal.value.code == "entered-both"


@pytest.mark.parametrize("value", [D(-1), D("-0"), D("NaN"), D("Infinity")])
def test_decimals_that_are_no_score(value):
    with pytest.raises(RuleViolation):
        check_entered(Entered(points=value), line())
    with pytest.raises(RuleViolation):
        check_entered(Entered(actual=value), line(Rule.RELATIVE))


@pytest.mark.parametrize(
    ("criterion", "entered"),
    [
        (LEVELS, Entered(level="Giỏi")),
        (line(Rule.PER_COUNT, 9, "mỗi lần=1"), Entered(count=-1)),
        (line(Rule.OUTSIDE_RANK, 9, "1-=9"), Entered(rank=0)),
        (line(Rule.RATIO), Entered(actual=D(1))),
        (line(Rule.RATIO), pair(0, 1)),
        (line(Rule.RATIO), pair(10**12, 1)),
        (line(Rule.RELATIVE), pair(1, "0.1234567")),
        (line(max_points=None, kind="thưởng"), pts(10**6)),
    ],
)
def test_facts_outside_the_rule(criterion, entered):
    with pytest.raises(RuleViolation):
        check_entered(entered, criterion)


def test_complete_means_enough_for_points():
    assert not is_complete(pair(100, None), line(Rule.RATIO))
    assert is_complete(pair(100, 5), line(Rule.RATIO))
    assert is_complete(pair(None, 5), line(Rule.RELATIVE))
    assert is_complete(NOT_ASSIGNED, line())
    assert not is_complete(BLANK, line())


def test_every_rule_has_fields_words_and_a_hint():
    assert set(FIELDS) == set(Rule)
    assert {name for names in FIELDS.values() for name in names} == set(FIELD_WORDS)
    samples = [
        line(),
        line(max_points=5),
        line(max_points=None, kind="thưởng"),
        line(params="bước=0,5"),
        line(Rule.PASS_FAIL),
        LEVELS,
        line(Rule.RATIO),
        line(Rule.RELATIVE),
        line(Rule.PER_COUNT, 5, "mỗi lần=1"),
        line(Rule.MINUS_PER_COUNT, 5, "mỗi lần=1"),
        line(Rule.OUTSIDE_RANK, 5, "1-=5"),
        section(1, "I", 5),
    ]
    for criterion in samples:
        assert input_hint(criterion).endswith(".")


# ------------------------------------------------------------ properties
@given(st.data())
def test_what_is_written_reads_back(data):
    criterion = data.draw(criteria)
    entered = data.draw(entries_of(criterion))
    assert parse_cell(format_cell(entered, criterion), criterion) == entered


@given(st.decimals(0, 10**9, places=3), st.decimals(D("0.001"), 10**9, places=3))
def test_three_decimals_read_back(actual, target):
    criterion = line(Rule.RATIO)
    assert parse_cell(format_cell(pair(target, actual), criterion), criterion) == pair(target, actual)


@given(st.text(max_size=12), criteria)
def test_any_text_is_read_or_refused_with_a_sentence(text, criterion):
    try:
        entered = parse_cell(text, criterion)
    except RuleViolation:
        return
    check_entered(entered, criterion)
    assert parse_cell(format_cell(entered, criterion), criterion) == entered
