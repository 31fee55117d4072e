"""Declared columns: from a sheet of cells to checked values, with every fault named by its cell. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

from thidua.exchange.workbook import Cell, Row, Sheet, column_letters, heading_key
from thidua.lib import vietnamese
from thidua.lib.errors import RuleViolation

Kind = Literal["text", "line", "number", "count", "date", "choice", "bool"]
LONGEST = {"text": 4000, "line": 255}
TRUE_WORDS = frozenset({"có", "x", "đúng", "đạt", "true", "1"})
FALSE_WORDS = frozenset({"không", "sai", "không đạt", "chưa đạt", "false", "0"})
_HEADING_WITHIN = 20  # a title and a few notes may stand above the headings
_DAY_ZERO, _DAY_ZERO_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. ``choices`` maps the words people write to the values the actions take."""

    key: str
    heading: str
    kind: Kind = "line"
    required: bool = False
    aliases: tuple[str, ...] = ()
    choices: Mapping[str, Any] | None = None
    max_length: int | None = None
    width: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's name and columns; ``notes`` are shown in the template, one line each."""

    name: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        return next(c for c in self.columns if c.key == key)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to repair, at one place. ``message`` says what is wrong and what to do."""

    sheet: str
    cell: str
    column: str
    value: str
    message: str

    def line(self) -> str:
        """Trang tính “Diem”, ô D14, cột “Điểm”: “9O” không phải số (có chữ O). Sửa thành 90 rồi tải lại."""
        place = ", ".join(
            part
            for part in (
                f"Trang tính “{self.sheet}”" if self.sheet else "",
                f"ô {self.cell}" if self.cell else "",
                f"cột “{self.column}”" if self.column else "",
            )
            if part
        )
        value = self.value if len(self.value) <= 40 else self.value[:39] + "…"
        said = self.message if not value or value in self.message else f"“{value}”: {self.message}"
        said = " ".join(said.split())
        return f"{place}: {said}" if place else said

    def as_dict(self) -> dict[str, str]:
        return {
            "sheet": self.sheet,
            "cell": self.cell,
            "column": self.column,
            "value": self.value[:200],
            "message": self.message,
        }


class ParsedRow(dict[str, Any]):
    """Values by column key (a blank or faulty cell is None), and where they stood, for faults found later."""

    def __init__(self, values: Mapping[str, Any], number: int, sheet: str, places: Mapping[str, tuple[str, Cell]]):
        super().__init__(values)
        self.number = number
        self.sheet = sheet
        self.is_faulty = False
        self._places = places

    def given(self, key: str) -> bool:
        """Does the cell hold anything, readable or not?"""
        place = self._places.get(key)
        return place is not None and not place[1].is_blank

    def fault(self, key: str, message: str) -> Fault:
        """A fault of this row at the column's cell (the row alone when the sheet has no such column)."""
        heading, cell = self._places.get(key, ("", Cell(None, f"dòng {self.number}")))
        return Fault(self.sheet, cell.ref, heading, cell.shown, message)


@dataclass(frozen=True, slots=True)
class Heading:
    column: int
    text: str
    ref: str


@dataclass(frozen=True, slots=True)
class Parsed:
    """All rows, all faults. ``rows`` may be used to look further for faults even where there are some already."""

    rows: tuple[ParsedRow, ...]
    faults: tuple[Fault, ...]
    unknown_headings: tuple[str, ...]
    notices: tuple[str, ...] = ()
    present: frozenset[str] = field(default_factory=frozenset)


# --------------------------------------------------------------- headings
def headings_of(sheet: Sheet, columns: Iterable[Column] = ()) -> tuple[Row | None, tuple[Heading, ...]]:
    """The heading line and what stands in it: among the first lines the one that holds the most declared
    headings, or simply the first where none holds any."""
    names = {heading_key(n) for c in columns for n in (c.heading, *c.aliases)}
    best: Row | None = None
    best_hits = -1
    for row in sheet.rows[:_HEADING_WITHIN]:
        hits = len({heading_key(c.shown) for c in row.cells.values()} & names)
        if hits > best_hits:
            best, best_hits = row, hits
    if best is None:
        return None, ()
    return best, tuple(
        Heading(index, cell.shown, cell.ref) for index, cell in sorted(best.cells.items()) if not cell.is_blank
    )


def parse_table(sheet: Sheet, columns: Table | Iterable[Column]) -> Parsed:
    """Read every line below the headings. All faults are collected; lines that are wholly blank are skipped."""
    columns = tuple(columns.columns if isinstance(columns, Table) else columns)
    heading_row, headings = headings_of(sheet, columns)
    if heading_row is None:
        message = "trang tính không có dòng nào. Điền theo tệp mẫu rồi tải lại."
        return Parsed((), (Fault(sheet.name, "A1", "", "", message),), ())
    faults: list[Fault] = []
    notices: list[str] = []
    unknown: list[str] = []
    by_name = {heading_key(n): c for c in columns for n in (c.heading, *c.aliases)}
    found: dict[str, tuple[Column, int]] = {}
    for heading in headings:
        column = by_name.get(heading_key(heading.text))
        if column is None:
            unknown.append(heading.text)
            notices.append(f"Trang tính “{sheet.name}”: cột “{heading.text}” (ô {heading.ref}) không dùng, đã bỏ qua.")
        elif column.key in found:
            faults.append(
                Fault(sheet.name, heading.ref, column.heading, "", "cột này có hai lần. Xóa một cột rồi tải lại.")
            )
        else:
            found[column.key] = (column, heading.column)
    for column in columns:
        if column.required and column.key not in found:
            faults.append(
                Fault(
                    sheet.name,
                    f"A{heading_row.number}",
                    column.heading,
                    "",
                    "thiếu cột này. Thêm cột với đúng tên đó vào dòng tiêu đề rồi tải lại.",
                )
            )
    rows: list[ParsedRow] = []
    headless: set[int] = set()
    known = {h.column for h in headings}
    for row in sheet.rows:
        if row.number <= heading_row.number:
            continue
        headless |= {i for i, c in row.cells.items() if i not in known and not c.is_blank}
        if all(cell.is_blank for cell in row.cells.values()):
            continue
        rows.append(_parse_row(sheet, row, columns, found, faults))
    notices += [
        f"Trang tính “{sheet.name}”: cột {column_letters(i)} có dữ liệu nhưng không có tiêu đề, đã bỏ qua."
        for i in sorted(headless)
    ]
    return Parsed(tuple(rows), tuple(faults), tuple(unknown), tuple(notices), frozenset(found))


def _parse_row(
    sheet: Sheet,
    row: Row,
    columns: tuple[Column, ...],
    found: Mapping[str, tuple[Column, int]],
    faults: list[Fault],
) -> ParsedRow:
    values: dict[str, Any] = {}
    places: dict[str, tuple[str, Cell]] = {}
    bad = False
    for column in columns:
        values[column.key] = None
        if column.key not in found:
            continue
        index = found[column.key][1]
        cell = row.cells.get(index) or Cell(None, f"{column_letters(index)}{row.number}")
        places[column.key] = (column.heading, cell)
        try:
            values[column.key] = read_value(cell, column, date_1904=sheet.date_1904)
        except RuleViolation as refusal:
            bad = True
            faults.append(Fault(sheet.name, cell.ref, column.heading, cell.shown, refusal.message))
    parsed = ParsedRow(values, row.number, sheet.name, places)
    parsed.is_faulty = bad
    return parsed


# ----------------------------------------------------------------- values
def read_value(cell: Cell, column: Column, *, date_1904: bool = False) -> Any:
    """The cell's value as the column's kind: str, Decimal, int, date, bool, a choice's value, or None when blank.

    RuleViolation with a sentence that quotes the value where it cannot be read without guessing.
    """
    if cell.problem:
        raise RuleViolation("cell-unreadable", cell.problem)
    if cell.is_blank:
        if column.required:
            raise RuleViolation("required", "ô để trống. Điền giá trị rồi tải lại.")
        return None
    if column.kind == "number":
        return _number(cell)
    if column.kind == "count":
        return _count(cell)
    if column.kind == "date":
        return _date(cell, date_1904)
    if column.kind == "bool":
        return _bool(cell)
    text = _text(cell, column)
    if column.kind == "choice":
        return _choice(text, column)
    limit = column.max_length or LONGEST[column.kind]
    if len(text) > limit:
        raise RuleViolation("too-long", f"dài {len(text)} ký tự, nhiều nhất {limit}. Rút ngắn rồi tải lại.")
    return text


def _text(cell: Cell, column: Column) -> str:
    if cell.is_date:
        raise RuleViolation(
            "text-is-date",
            f"“{cell.shown}” đã bị đổi thành ngày. Định dạng cột này là Văn bản (Text), gõ lại rồi tải lại.",
        )
    if isinstance(cell.value, Decimal):
        return format(cell.value, "f")
    return vietnamese.clean_text(
        cell.shown if isinstance(cell.value, bool) else str(cell.value), one_line=column.kind != "text"
    )


def _number(cell: Cell) -> Decimal:
    if isinstance(cell.value, Decimal):
        if cell.value < 0:
            raise RuleViolation("number-negative", f"“{cell.shown}” nhỏ hơn 0. Nhập số từ 0 trở lên.")
        if cell.value >= 10**12:
            raise RuleViolation("number-too-large", f"“{cell.shown}” quá lớn. Kiểm lại giá trị rồi tải lại.")
        return cell.value
    if not isinstance(cell.value, str):
        raise RuleViolation(
            "number-invalid", f"“{cell.shown}” không phải số. Định dạng ô là Số (Number), gõ lại rồi tải lại."
        )
    try:
        return vietnamese.parse_number(cell.value)
    except RuleViolation as refusal:
        repaired = re.sub("[oO]", "0", cell.shown)
        if (
            refusal.code == "number-invalid"
            and repaired != cell.shown
            and re.fullmatch(r"[0-9]+([.,][0-9]+)?", repaired)
        ):
            raise RuleViolation(
                refusal.code, f"“{cell.shown}” không phải số (có chữ O). Sửa thành {repaired} rồi tải lại."
            ) from None
        raise


def _count(cell: Cell) -> int:
    if isinstance(cell.value, Decimal):
        if cell.value != cell.value.to_integral_value() or not 0 <= cell.value < 10**9:
            raise RuleViolation("count-invalid", f"“{cell.shown}” không phải số nguyên từ 0 trở lên. Nhập ví dụ 3.")
        return int(cell.value)
    if not isinstance(cell.value, str):
        raise RuleViolation("count-invalid", f"“{cell.shown}” không phải số nguyên. Nhập ví dụ 3.")
    return vietnamese.parse_count(cell.value)


def _date(cell: Cell, date_1904: bool) -> date:
    if isinstance(cell.value, date):
        return vietnamese.parse_date(cell.value.isoformat())
    if isinstance(cell.value, Decimal):
        serial = int(cell.value)
        if not 1 <= serial <= 200_000 or 1900 <= cell.value <= vietnamese.LAST_YEAR:
            raise RuleViolation(
                "date-invalid", f"“{cell.shown}” không phải ngày. Nhập theo dạng ngày/tháng/năm, ví dụ 03/12/2026."
            )
        day = (_DAY_ZERO_1904 if date_1904 else _DAY_ZERO) + timedelta(days=serial)
        return vietnamese.parse_date(day.isoformat())
    return vietnamese.parse_date(cell.shown)


def _bool(cell: Cell) -> bool:
    if isinstance(cell.value, bool):
        return cell.value
    word = heading_key(format(cell.value, "f") if isinstance(cell.value, Decimal) else cell.shown)
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise RuleViolation("bool-invalid", f"“{cell.shown}” không rõ. Ghi có hoặc không.")


def _choice(text: str, column: Column) -> Any:
    choices = column.choices or {}
    for word, value in choices.items():
        if heading_key(word) == heading_key(text):
            return value
    shown = {}
    for word, value in choices.items():
        shown.setdefault(value, word)
    known = " · ".join(list(shown.values())[:12]) + (" …" if len(shown) > 12 else "")
    raise RuleViolation("choice-unknown", f"“{text[:40]}” không có trong danh sách. Chọn một trong: {known}.")


# ---------------------------------------------------------------- settings
def parse_settings(sheet: Sheet) -> tuple[dict[str, Cell], tuple[Fault, ...]]:
    """A two-column sheet ``Khóa`` | ``Giá trị`` as a mapping by ``heading_key``; a repeated key is a fault."""
    found: dict[str, Cell] = {}
    faults: list[Fault] = []
    for row in sheet.rows:
        key = row.cells.get(1)
        if key is None or key.is_blank or heading_key(key.shown) == "khóa":
            continue
        if heading_key(key.shown) in found:
            faults.append(Fault(sheet.name, key.ref, "Khóa", key.shown, "khóa này có hai lần. Giữ lại một dòng."))
            continue
        found[heading_key(key.shown)] = row.cells.get(2) or Cell(None, f"B{row.number}")
    return found, tuple(faults)
