from __future__ import annotations

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rules.entered import BLANK, NOT_ASSIGNED, Entered
from scoring.rules.explain import explain_points, explain_total
from scoring.rules.points import compute, criterion_points
from scoring.rules.states import Rule
from tests.scoring.rules.building import criteria, entries_of, line, pair, pts, row, section, usual
from thidua.lib.vietnamese import format_number

NAMES = {1: "Sở A", 2: "Sở B", 3: "Sở C"}


def words(criterion, entered, unit=1):
    rows = entered if isinstance(entered, dict) else {1: entered}
    return " ".join(explain_points(criterion, rows, unit, NAMES))


@pytest.mark.parametrize(
    ("criterion", "entered", "sentence"),
    [
        (line(), pts("9.5"), "Nhập trực tiếp: 9,50 điểm, tối đa 10."),
        (line(Rule.PASS_FAIL, 40), Entered(passed=True), "Đạt: 40,00 điểm."),
        (line(Rule.PASS_FAIL, 40), Entered(passed=False), "Không đạt: 0 điểm."),
        (line(Rule.LEVELS, 5, "Tốt=5"), Entered(level="Tốt"), "Mức “Tốt”: 5,00 điểm."),
        (line(Rule.RATIO, 20), pair(100, 95), "Tỷ lệ: 95 ÷ 100 = 95,00%; 95,00% × 20 = 19,00 điểm"),
        (
            line(Rule.RATIO, 10),
            pair(3, 2),
            "Tỷ lệ: 2 ÷ 3 = 66,67% (số làm tròn để xem); 2 ÷ 3 × 10 = 6,67 điểm",
        ),
        (line(Rule.RATIO, 10), pair(100, 130), "Tỷ lệ: 130 ÷ 100 = 130,00%; tính không quá 100%, được 10,00 điểm."),
        (
            line(Rule.RATIO, 10, "ngưỡng=50%"),
            pair(100, 40),
            "Tỷ lệ: 40 ÷ 100 = 40,00%; dưới ngưỡng 50% nên được 0,00 điểm.",
        ),
        (
            line(Rule.RATIO, 10, "đảo=có"),
            pair(10, 20),
            "Tỷ lệ (chỉ tiêu ÷ thực hiện, ít hơn là tốt hơn): 10 ÷ 20 = 50,00%; 50,00% × 10 = 5,00 điểm",
        ),
        (
            line(Rule.RATIO, 10, "đảo=có"),
            pair(10, 0),
            "Tỷ lệ (ít hơn là tốt hơn): thực hiện là 0, được điểm tối đa 10,00 điểm.",
        ),
        (
            line(Rule.PER_COUNT, 20, "mỗi lần=10"),
            Entered(count=3),
            "Theo lần: 3 lần × 10 = 30, không quá 20; được 20,00 điểm.",
        ),
        (
            line(Rule.MINUS_PER_COUNT, 5, "mỗi lần=10"),
            Entered(count=1),
            "Trừ theo lần: 5 − 1 lần × 10 = −5, không thấp hơn 0; được 0,00 điểm.",
        ),
        (line(Rule.OUTSIDE_RANK, 50, "1-3=50"), Entered(rank=2), "Hạng 2: 50,00 điểm."),
        (
            line(Rule.OUTSIDE_RANK, 50, "1-3=50"),
            Entered(rank=4),
            "Hạng 4 không có trong bảng hạng: 0,00 điểm.",
        ),
        (line(), BLANK, "Chưa chấm: chưa có điểm, tổng tạm tính là 0."),
        (line(kind="thưởng"), BLANK, "Chưa nhập: tính 0 điểm."),
        (line(), NOT_ASSIGNED, "Đơn vị không được giao, bỏ khỏi thang."),
        (line(na="full"), NOT_ASSIGNED, "Đơn vị không được giao, tính điểm tối đa."),
        (line(kind="trừ"), NOT_ASSIGNED, "Không được giao: không tính điểm."),
        (section(1, "I", 10), BLANK, "Cộng điểm các tiêu chí con."),
    ],
)
def test_one_criterion_in_words(criterion, entered, sentence):
    assert words(criterion, entered) == sentence


def test_compared_with_the_leader():
    criterion = line(Rule.RELATIVE)
    rows = {1: pair(100, 150), 2: pair(100, 120), 3: pair(100, 150)}
    assert "Dẫn đầu (tỷ lệ vượt cao nhất), cùng Sở C: được điểm tối đa 10,00 điểm." in words(criterion, rows)
    found = words(criterion, rows, 2)
    assert "Dẫn đầu là Sở A, Sở C, vượt 50,00%." in found
    assert "0,5 × 10 + 20,00% ÷ 50,00% × (1 − 0,5) × 10 = 7,00 điểm" in found
    assert "0,5 × 10 × 60 ÷ 80 = 3,75 điểm." in words(criterion, pair(80, 60))
    assert "Đạt đúng chỉ tiêu 80: 0,5 × 10 = 5,00 điểm." in words(criterion, pair(80, 80))
    apart = {1: pair(None, 100), 2: pair(0, 150)}
    assert "Kết quả 100 ÷ cao nhất trong nhóm 150 × 10 = 6,67 điểm." in words(criterion, apart)
    assert "là 0 nên được 0,00 điểm" in words(criterion, pair(0, 0))


def test_led_by_value_in_words():
    criterion = line(Rule.RELATIVE, 10, "dẫn đầu theo=giá trị")
    rows = {1: pair(100, 150), 2: pair(1000, 1100)}
    assert "Dẫn đầu là Sở B, vượt 100." in words(criterion, rows)
    assert "50 ÷ 100 × (1 − 0,5) × 10 = 7,50 điểm" in words(criterion, rows)
    assert "giá trị cao nhất" in words(criterion, rows, 2)


def test_a_whole_sheet_line_by_line():
    facts = usual(cap=4)
    rows = {1: row(38, "19.5", None, 5, 3)}
    lines = explain_total(facts, 1, compute(facts, rows, [1]), rows)
    assert [(x.code, x.arithmetic, x.points, x.indent) for x in lines] == [
        ("I", "38,00 + 19,50", D("57.5"), 0),
        ("I.1", "38,00 / 40", D(38), 1),
        ("I.2", "19,50 / 20", D("19.5"), 1),
        ("II", "0,00", D(0), 0),
        ("II.1", "chưa chấm", None, 1),
        ("B", "5,00", D(5), 0),
        ("T", "6,00", D(6), 0),
        ("bonus", "5,00 (trần 4)", D(4), 0),
        ("deduction", "6,00", D(6), 0),
        ("total", "57,50 + 4,00 − 6,00", D("55.5"), 0),
        ("rate", "55,50 ÷ 100 điểm được giao; còn 1 ô chưa chấm", D("55.50"), 0),
    ]
    assert lines[0].label == "Mục I. Mục I"


def test_scaling_and_the_floor_are_told():
    facts = usual(na="scale")
    rows = {1: row(10, None, 20, None, 50) | {3: NOT_ASSIGNED}}
    lines = {x.code: x for x in explain_total(facts, 1, compute(facts, rows, [1]), rows)}
    assert lines["I.2"].arithmetic == "không được giao, quy đổi"
    assert lines["scaled"].arithmetic == "30,00 × 100 ÷ 80"
    assert lines["total"].arithmetic == "37,50 + 0,00 − 100,00, không thấp hơn 0"
    assert lines["total"].points == 0


@given(st.data())
def test_the_number_told_is_the_number_computed(data):
    criterion = data.draw(criteria)
    rows = {unit: data.draw(entries_of(criterion)) for unit in NAMES}
    found = criterion_points(criterion, rows)
    for unit in NAMES:
        sentences = explain_points(criterion, rows, unit, NAMES)
        assert sentences
        assert all(sentences)
        if found[unit] is not None and not rows[unit].not_assigned and rows[unit].passed is not False:
            assert format_number(found[unit], 2) in " ".join(sentences)
