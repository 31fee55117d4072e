"""What leaves comes back the same, and no cell is ever a formula (T19)."""

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from thidua.exchange.columns import Column, Fault, Table, parse_table
from thidua.exchange.reader import read_workbook
from thidua.exchange.writer import SheetSpec, faults_xlsx, template_xlsx, write_csv, write_xlsx

PAYLOADS = [
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://a.b")',
    "{=1}",
    "http://a.b",
    '=DDE("a")',
    "-2+3+cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_becomes_a_formula(payload):
    data = write_xlsx(
        [SheetSpec(payload, (payload, "b"), [[payload, payload]], notes={0: payload}, choices={1: (payload,)})]
    )
    book = openpyxl.load_workbook(io.BytesIO(data))
    cells = [c for s in book for row in s.iter_rows() for c in row if c.value is not None]
    assert cells
    assert {c.data_type for c in cells} == {"s"}
    text = write_csv((payload,), [[payload]]).decode("utf-8-sig")
    assert not any(part.strip('"').startswith(("=", "+", "-", "@", "\t", "\r")) for part in text.split("\r\n"))


def test_csv_comes_back_unchanged():
    rows = [["-1+1", "a;b"], ["=x", 'c"d'], ["Sở\nY tế", "'quoted"]]
    sheet = read_workbook(write_csv(("Mã", "Tên"), rows), "a.csv").first
    assert [[c.value for c in r.cells.values()] for r in sheet.rows[1:]] == rows


def test_values_keep_their_kind():
    rows = [["A", Decimal("9.25"), 3, date(2026, 6, 5), True, None, datetime(2026, 1, 2, 3, 4)]]
    sheet = read_workbook(write_xlsx([SheetSpec("Đ/iểm", list("abcdefg"), rows)]), "a.xlsx").first
    cells = sheet.rows[1].cells
    assert sheet.name == "Đ-iểm"
    assert [c.value for c in cells.values()] == ["A", Decimal("9.25"), 3, date(2026, 6, 5), "có", date(2026, 1, 2)]
    text = write_csv(list("abcdefg"), rows).decode("utf-8-sig")
    assert "A;9,25;3;05/06/2026;có;;02/01/2026 03:04" in text


TABLE = Table(
    "Đơn vị",
    (
        Column("code", "Mã", required=True),
        Column("kind", "Loại", "choice", choices={f"loại số {i}, tên dài": i for i in range(40)}),
        Column("day", "Hiệu lực từ", "date", note="để trống khi chưa rõ"),
    ),
    notes=("Mã không dùng lại.",),
)


def test_template_is_empty_explained_and_its_example_is_right():
    book = read_workbook(
        template_xlsx(TABLE, [{"code": "1.10", "kind": "loại số 3, tên dài", "day": date(2026, 1, 1)}]), "a.xlsx"
    )
    assert [s.name for s in book.sheets] == ["Đơn vị", "Ví dụ", "Hướng dẫn", "Danh mục"]
    assert book.first.name == "Đơn vị"
    assert parse_table(book.first, TABLE).rows == ()
    example = parse_table(book.sheet("Ví dụ"), TABLE)
    assert not example.faults
    assert dict(example.rows[0]) == {"code": "1.10", "kind": 3, "day": date(2026, 1, 1)}


def test_protected_matrix_has_open_cells_and_drop_downs():
    spec = SheetSpec(
        "Diem",
        ("Mã", "Nội dung", "SYT"),
        [["I", "Mục", 5], ["I.1", "Tiêu chí", None]],
        is_protected=True,
        open_columns=frozenset({2}),
        closed_cells=frozenset({(0, 2)}),
        cell_choices={(1, 2): ("Tốt", "Khá")},
    )
    sheet = openpyxl.load_workbook(io.BytesIO(write_xlsx([spec])))["Diem"]
    assert sheet.protection.sheet
    assert sheet["A2"].protection.locked
    assert sheet["C2"].protection.locked
    assert not sheet["C3"].protection.locked
    assert sheet.data_validations.dataValidation[0].sqref == "C3"


def test_sheet_names_never_collide():
    names = ["a" * 40, "a" * 40, "A" * 31, "", "History"]
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx([SheetSpec(n, ("x",)) for n in names])))
    assert len({n.casefold() for n in book.sheetnames}) == 5


def test_faults_as_a_list():
    sheet = read_workbook(faults_xlsx([Fault("Diem", "D14", "Điểm", "9O", "=không phải số")]), "a.xlsx").first
    assert [c.value for c in sheet.rows[1].cells.values()] == ["Diem", "D14", "Điểm", "9O", "=không phải số"]
