"""Spreadsheets that leave the system. Text is always written as text: no cell of ours is ever a formula (T19)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from thidua.exchange.columns import LONGEST, Column, Fault, Table
from thidua.exchange.workbook import MAX_ROWS
from thidua.lib import vietnamese

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EXAMPLE_SHEET = "Ví dụ"
HELP_SHEET = "Hướng dẫn"
LISTS_SHEET = "Danh mục"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CELL = 32_000
_LISTED_INLINE = 255
_OPEN_LINES = 1_000  # lines of a template that have drop-downs and formats ready

KIND_WORDS = {
    "text": "chữ, nhiều dòng",
    "line": "chữ",
    "number": "số, ví dụ 9,5",
    "count": "số nguyên, ví dụ 3",
    "date": "ngày/tháng/năm, ví dụ 03/12/2026",
    "choice": "chọn trong danh sách",
    "bool": "có hoặc không",
}


@dataclass(frozen=True, slots=True)
class SheetSpec:
    """One sheet to write. Columns are counted from 0, ``rows`` do not hold the headings.

    With ``is_protected`` only ``open_columns`` can be typed in, except ``closed_cells`` ((row, column), both from 0).
    ``choices`` gives a column its drop-down; ``notes`` are comments on headings.
    """

    name: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Any]] = ()
    widths: Sequence[int | None] = ()
    kinds: Sequence[str] = ()
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    cell_choices: Mapping[tuple[int, int], Sequence[str]] = field(default_factory=dict)
    notes: Mapping[int, str] = field(default_factory=dict)
    is_protected: bool = False
    open_columns: frozenset[int] = frozenset()
    closed_cells: frozenset[tuple[int, int]] = frozenset()
    bold_rows: frozenset[int] = frozenset()
    frozen_columns: int = 0
    spare_rows: int = 0


# ---------------------------------------------------------------- xlsx
def write_xlsx(sheets: Iterable[SheetSpec], *, title: str = "") -> bytes:
    """An .xlsx file of these sheets; numbers are numbers, dates are dates shown as dd/mm/yyyy, the rest is text."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "author": "", "company": ""})
        writer = _Writer(book)
        for spec in sheets:
            writer.add(spec)
        writer.finish()
    return buffer.getvalue()


class _Writer:
    """One file being written: its formats, its sheet names, its long lists."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.names: set[str] = set()
        self.formats: dict[tuple, Any] = {}
        self.lists: dict[tuple[str, ...], str] = {}

    def format(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_name": "Times New Roman", "font_size": 12, **properties})
        return self.formats[key]

    def sheet_name(self, wanted: str) -> str:
        base = re.sub(r"[\[\]:*?/\\]", "-", vietnamese.nfc(wanted)).strip("' ") or "Trang"
        name, count = base[:31], 2
        while name.casefold() in self.names or name.casefold() in {"history", LISTS_SHEET.casefold()}:
            name = f"{base[:27]} ({count})"
            count += 1
        self.names.add(name.casefold())
        return name

    def add(self, spec: SheetSpec) -> None:
        sheet = self.book.add_worksheet(self.sheet_name(spec.name))
        head = self.format(bold=True, bg_color="#EEF1F4", border=1, text_wrap=True, valign="vcenter", align="center")
        for column, heading in enumerate(spec.headings):
            sheet.write_string(0, column, _text(heading), head)
            if column in spec.notes and spec.notes[column]:
                sheet.write_comment(0, column, spec.notes[column][:1000], {"author": "", "x_scale": 2})
            width = spec.widths[column] if column < len(spec.widths) else None
            kind = spec.kinds[column] if column < len(spec.kinds) else ""
            sheet.set_column(
                column,
                column,
                width or min(60, max(10, len(heading) + 2)),
                self.format(**_kind_format(kind), locked=not self._is_open(spec, None, column), valign="top"),
            )
        for row, values in enumerate(spec.rows):
            for column, value in enumerate(values):
                self._write(sheet, spec, row, column, value)
        self._validate(sheet, spec)
        sheet.freeze_panes(1, spec.frozen_columns)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        if spec.is_protected:
            sheet.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})

    @staticmethod
    def _is_open(spec: SheetSpec, row: int | None, column: int) -> bool:
        return not spec.is_protected or (column in spec.open_columns and (row, column) not in spec.closed_cells)

    def _write(self, sheet: Any, spec: SheetSpec, row: int, column: int, value: Any) -> None:
        kind = spec.kinds[column] if column < len(spec.kinds) else ""
        properties: dict[str, Any] = {
            "border": 1,
            "valign": "top",
            "locked": not self._is_open(spec, row, column),
            "bold": row in spec.bold_rows,
        }
        if spec.is_protected and properties["locked"]:
            properties["bg_color"] = "#EEF1F4"
        at = (row + 1, column)
        if value is None or value == "":
            sheet.write_blank(*at, None, self.format(**properties, **_kind_format(kind)))
        elif isinstance(value, bool):
            sheet.write_string(*at, "có" if value else "không", self.format(**properties))
        elif isinstance(value, int | Decimal):
            if abs(value) >= 10**15:
                sheet.write_string(*at, str(value), self.format(**properties))
            else:
                sheet.write_number(*at, float(value), self.format(**properties))
        elif isinstance(value, datetime):
            moment = value.replace(tzinfo=None)
            sheet.write_datetime(*at, moment, self.format(**properties, num_format="dd/mm/yyyy hh:mm", align="left"))
        elif isinstance(value, date):
            if value.year < 1900:
                sheet.write_string(*at, vietnamese.format_date(value), self.format(**properties))
            else:
                sheet.write_datetime(*at, value, self.format(**properties, num_format="dd/mm/yyyy", align="left"))
        else:
            sheet.write_string(*at, _text(str(value)), self.format(**properties, num_format="@", text_wrap=True))

    def _validate(self, sheet: Any, spec: SheetSpec) -> None:
        last = max(len(spec.rows) + spec.spare_rows, 1)
        for column, words in spec.choices.items():
            sheet.data_validation(1, column, last, column, self._list(words))
        for (row, column), words in spec.cell_choices.items():
            sheet.data_validation(row + 1, column, row + 1, column, self._list(words))

    def _list(self, words: Sequence[str]) -> dict[str, Any]:
        words = tuple(w for w in dict.fromkeys(words) if w)
        source: Any = list(words)
        # Excel keeps a short list in the rule itself, where a comma would part a word in two
        if len(",".join(words)) > _LISTED_INLINE or any("," in w or '"' in w for w in words):
            source = self.lists.setdefault(
                words, f"='{LISTS_SHEET}'!${_letters(len(self.lists))}$1:${_letters(len(self.lists))}${len(words)}"
            )
        return {
            "validate": "list",
            "source": source,
            "error_title": "Không có trong danh sách",
            "error_message": "Chọn một giá trị trong danh sách.",
        }

    def finish(self) -> None:
        if not self.names:
            self.add(SheetSpec("Trang", ()))
        if not self.lists:
            return
        sheet = self.book.add_worksheet(LISTS_SHEET)
        for column, words in enumerate(self.lists):
            for row, word in enumerate(words):
                sheet.write_string(row, column, _text(word))
        sheet.hide()


def _letters(column: int) -> str:
    return re.sub(r"\d", "", xl_rowcol_to_cell(0, column))


def _kind_format(kind: str) -> dict[str, Any]:
    # text columns are Text from the start, so that Excel does not make a date of the code "1-2" or 1,1 of "1.10"
    if kind in ("text", "line", "choice", "bool"):
        return {"num_format": "@"}
    return {"num_format": "dd/mm/yyyy"} if kind == "date" else {}


def _text(text: str) -> str:
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", vietnamese.nfc(text))
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


# ----------------------------------------------------------------- csv
def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with BOM, ``;`` and decimal comma, as Excel set to Vietnamese opens it; a ``'`` before dangerous text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_csv_value(h) for h in headings])
    for row in rows:
        writer.writerow([_csv_value(v) for v in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8")


def _csv_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, int | Decimal):
        return format(Decimal(value), "f").replace(".", ",")
    if isinstance(value, datetime):
        return f"{vietnamese.format_date(value.date())} {value:%H:%M}"
    if isinstance(value, date):
        return vietnamese.format_date(value)
    text = re.sub(r"[\x00\ud800-\udfff]", "", vietnamese.nfc(str(value)))
    return "'" + text if text.startswith(_DANGEROUS) else text


# ------------------------------------------------------------ templates
def table_sheet(table: Table, rows: Sequence[Mapping[str, Any]] = (), *, name: str = "") -> SheetSpec:
    """A table as a sheet: its headings, formats, drop-downs, and rows given by column key."""
    choices = {i: tuple(c.choices) for i, c in enumerate(table.columns) if c.kind == "choice" and c.choices}
    choices |= {i: ("có", "không") for i, c in enumerate(table.columns) if c.kind == "bool"}
    return SheetSpec(
        name=name or table.name,
        headings=[c.heading for c in table.columns],
        rows=[[row.get(c.key) for c in table.columns] for row in rows],
        widths=[c.width for c in table.columns],
        kinds=[c.kind for c in table.columns],
        choices=choices,
        notes={i: c.note for i, c in enumerate(table.columns) if c.note},
        spare_rows=min(_OPEN_LINES, MAX_ROWS),
    )


def template_xlsx(table: Table, example_rows: Sequence[Mapping[str, Any]], *, extra: Sequence[SheetSpec] = ()) -> bytes:
    """The empty table, the same filled as an example, a sheet that explains each column; ``extra`` comes second."""
    explained = [[c.heading, "có" if c.required else "không", _kind_words(c), c.note] for c in table.columns]
    explained += [["", "", "", note] for note in table.notes]
    return write_xlsx(
        [
            table_sheet(table),
            *extra,
            table_sheet(table, example_rows, name=EXAMPLE_SHEET),
            SheetSpec(HELP_SHEET, ("Cột", "Bắt buộc", "Cách ghi", "Ghi chú"), explained, (28, 10, 44, 70)),
        ],
        title=table.name,
    )


def _kind_words(column: Column) -> str:
    if column.kind == "choice" and column.choices:
        return " · ".join(column.choices)
    words = KIND_WORDS[column.kind]
    if column.kind in LONGEST:
        words += f", nhiều nhất {column.max_length or LONGEST[column.kind]} ký tự"
    return words


def faults_xlsx(faults: Iterable[Fault]) -> bytes:
    """The faults as a list to work through in Excel."""
    return write_xlsx(
        [
            SheetSpec(
                "Cần sửa",
                ("Trang tính", "Ô", "Cột", "Giá trị đã ghi", "Cần sửa"),
                [(f.sheet, f.cell, f.column, f.value, f.message) for f in faults],
                (20, 10, 24, 30, 90),
            )
        ],
        title="Các chỗ cần sửa",
    )
