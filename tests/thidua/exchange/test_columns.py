"""Every value read strictly, every fault named by its cell."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua.exchange.columns import Column, Fault, headings_of, parse_settings, parse_table
from thidua.exchange.reader import read_workbook
from thidua.exchange.workbook import Cell, Row, Sheet, column_letters

COLUMNS = (
    Column("code", "Mã", required=True, aliases=("Mã đơn vị",)),
    Column("points", "Điểm", "number"),
    Column("times", "Số lần", "count"),
    Column("day", "Ngày", "date"),
    Column("role", "Vai trò", "choice", choices={"Trưởng khối": "lead", "Phó Trưởng khối": "deputy", "Phó": "deputy"}),
    Column("passed", "Đạt", "bool"),
    Column("note", "Ghi chú", "text", max_length=20),
)


def csv(text, name="Diem.csv"):
    return read_workbook(text.encode(), name).first


def sheet_of(*rows):
    return Sheet(
        "Diem",
        tuple(
            Row(
                n, {i: Cell(v, f"{column_letters(i)}{n}", is_number=isinstance(v, Decimal)) for i, v in enumerate(r, 1)}
            )
            for n, r in enumerate(rows, 1)
        ),
    )


def lines(parsed):
    return [f.line() for f in parsed.faults]


def test_all_kinds():
    parsed = parse_table(
        csv("Mã;Điểm;Số lần;Ngày;Vai trò;Đạt;Ghi chú\nA1;9,5;3;05/06/2026;trưởng khối;có;\nA2;;;;Phó;x;a"), COLUMNS
    )
    assert not parsed.faults
    assert parsed.rows[0] == {
        "code": "A1",
        "points": Decimal("9.5"),
        "times": 3,
        "day": date(2026, 6, 5),
        "role": "lead",
        "passed": True,
        "note": None,
    }
    assert parsed.rows[1]["role"] == "deputy"
    assert parsed.rows[1].number == 3


def test_headings_any_order_case_blanks_and_decomposed():
    parsed = parse_table(csv("  ĐIỂM ;mã  đơn vị\n9;A"), COLUMNS)
    assert not parsed.faults
    assert parsed.rows[0]["points"] == 9
    assert parsed.present == {"code", "points"}


def test_title_above_the_headings_is_skipped():
    parsed = parse_table(csv("BẢNG ĐIỂM NĂM 2026;\n;\nMã;Điểm\nA;9"), COLUMNS)
    assert [r["code"] for r in parsed.rows] == ["A"]
    assert parsed.rows[0].number == 4


def test_unknown_columns_are_told_and_missing_ones_are_faults():
    parsed = parse_table(csv("Điểm;Màu\n9;đỏ"), COLUMNS)
    assert parsed.unknown_headings == ("Màu",)
    assert "đã bỏ qua" in parsed.notices[0]
    assert lines(parsed) == [
        "Trang tính “Diem”, ô A1, cột “Mã”: thiếu cột này. Thêm cột với đúng tên đó vào dòng tiêu đề rồi tải lại."
    ]
    assert "không có tiêu đề" in parse_table(csv("Mã;\nA;9"), COLUMNS).notices[0]


def test_double_heading():
    assert "hai lần" in lines(parse_table(csv("Mã;Mã đơn vị\nA;B"), COLUMNS))[0]


def test_all_faults_are_collected_in_the_wording_of_the_screen():
    parsed = parse_table(csv("Mã;Ngày;Số lần;Điểm\n;31/02/2026;1.0;9O\nB;1/1/26;-1;1.000"), COLUMNS)
    said = lines(parsed)
    assert len(said) == 7
    assert "Trang tính “Diem”, ô D2, cột “Điểm”: “9O” không phải số (có chữ O). Sửa thành 90 rồi tải lại." in said
    assert said[0].startswith("Trang tính “Diem”, ô A2, cột “Mã”: ô để trống")
    assert any("ô D3" in s and "1.000" in s and "hai cách" in s for s in said)
    assert all("\n" not in s for s in said)
    assert parsed.rows[0].is_faulty


@pytest.mark.parametrize("typed", ["1e2", "１２", "NaN", "-4", "+7", "1.000,5", "7;x", "Infinity", "1_0"])
def test_text_numbers_are_strict(typed):
    assert parse_table(sheet_of(["Mã", "Điểm"], ["A", typed]), COLUMNS).faults


def test_number_cells_are_taken_as_they_are():
    parsed = parse_table(
        sheet_of(["Mã", "Điểm", "Số lần"], [Decimal("1.1"), Decimal("66.6666666666667"), Decimal(3)]), COLUMNS
    )
    assert not parsed.faults
    assert parsed.rows[0]["code"] == "1.1"
    assert parsed.rows[0]["points"] == Decimal("66.6666666666667")
    assert parsed.rows[0]["times"] == 3
    bad = parse_table(sheet_of(["Mã", "Điểm", "Số lần"], ["A", Decimal(-4), Decimal("1.5")]), COLUMNS)
    assert len(bad.faults) == 2


def test_date_as_cell_as_serial_and_as_text_is_the_same():
    rows = [["A", date(2026, 6, 5)], ["B", Decimal(46178)], ["C", "05/06/2026"], ["D", "2026-06-05"]]
    parsed = parse_table(sheet_of(["Mã", "Ngày"], *rows), COLUMNS)
    assert not parsed.faults
    assert {r["day"] for r in parsed.rows} == {date(2026, 6, 5)}
    for wrong in (Decimal(2026), Decimal(5), "12/31/2026", date(1900, 1, 1)):
        assert parse_table(sheet_of(["Mã", "Ngày"], ["A", wrong]), COLUMNS).faults


def test_code_that_excel_made_a_date():
    sheet = Sheet("Diem", (Row(1, {1: Cell("Mã", "A1")}), Row(2, {1: Cell(date(2026, 2, 1), "A2", is_date=True)})))
    assert "đã bị đổi thành ngày" in lines(parse_table(sheet, COLUMNS))[0]


def test_formula_without_result():
    cell = Cell("=A1", "B2", problem="công thức chưa có kết quả.")
    sheet = Sheet("Diem", (Row(1, {1: Cell("Mã", "A1"), 2: Cell("Điểm", "B1")}), Row(2, {1: Cell("A", "A2"), 2: cell})))
    assert lines(parse_table(sheet, COLUMNS)) == [
        "Trang tính “Diem”, ô B2, cột “Điểm”: “=A1”: công thức chưa có kết quả."
    ]


def test_choice_bool_and_length():
    parsed = parse_table(csv("Mã;Vai trò;Đạt;Ghi chú\nA;Chủ tịch;có lẽ;" + "a" * 21), COLUMNS)
    said = lines(parsed)
    assert "Chọn một trong: Trưởng khối · Phó Trưởng khối." in said[0]
    assert "có hoặc không" in said[1]
    assert "21 ký tự" in said[2]
    assert len(said[2]) < 200


def test_blank_rows_and_zero_width_blanks_are_skipped():
    parsed = parse_table(csv("Mã;Điểm\n ;\u200b\nA;1"), COLUMNS)
    assert [r["code"] for r in parsed.rows] == ["A"]


def test_empty_sheet():
    assert "không có dòng nào" in lines(parse_table(Sheet("Diem", ()), COLUMNS))[0]
    assert headings_of(Sheet("x", ())) == (None, ())


def test_faults_found_later_point_to_the_cell():
    row = parse_table(csv("Mã;Điểm\nA;1"), COLUMNS).rows[0]
    assert row.fault("code", "không có đơn vị này.").line() == (
        "Trang tính “Diem”, ô A2, cột “Mã”: “A”: không có đơn vị này."
    )
    assert row.fault("day", "thiếu ngày.").line() == "Trang tính “Diem”, ô dòng 2: thiếu ngày."
    assert row.given("points")
    assert not row.given("day")


def test_settings_sheet():
    found, faults = parse_settings(csv("Khóa;Giá trị\nTổng điểm;1000\nLàm tròn;2\ntổng ĐIỂM;1"))
    assert found["tổng điểm"].value == "1000"
    assert [f.cell for f in faults] == ["A4"]


@given(st.text(max_size=60))
def test_any_text_is_read_or_told(text):
    parsed = parse_table(sheet_of([c.heading for c in COLUMNS], ["A", *[text] * 6]), COLUMNS)
    for fault in parsed.faults:
        assert isinstance(fault, Fault)
        assert "\n" not in fault.line()
