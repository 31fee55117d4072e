"""What a spreadsheet is once it has been read: sheets, rows, cells with their address. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from thidua.lib import vietnamese

MAX_ROWS = 10_000  # of data; the heading line is not counted
MAX_COLUMNS = 200

CellValue = str | Decimal | date | bool | None


def column_letters(index: int) -> str:
    """1 -> "A", 27 -> "AA"."""
    letters = ""
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def heading_key(text: str) -> str:
    """What two headings (or sheet names, or choices) must share to be the same: NFC, no case, single blanks."""
    return " ".join(vietnamese.nfc(text).replace("\u200b", "").replace("\ufeff", "").split()).casefold()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. ``problem`` is a Vietnamese sentence when the cell cannot be read at all (formula without result)."""

    value: CellValue
    ref: str
    is_number: bool = False
    is_date: bool = False
    problem: str = ""

    @property
    def is_blank(self) -> bool:
        if self.problem:
            return False
        return self.value is None or (isinstance(self.value, str) and not self.value.strip(" \t\r\n\u00a0\u200b\ufeff"))

    @property
    def shown(self) -> str:
        """The value as a person typed or sees it, on one line, for messages."""
        if self.value is None:
            return ""
        if isinstance(self.value, bool):
            return "TRUE" if self.value else "FALSE"
        if isinstance(self.value, date):
            return vietnamese.format_date(self.value)
        if isinstance(self.value, Decimal):
            return format(self.value, "f").replace(".", ",")
        return " ".join(self.value.split())


@dataclass(frozen=True, slots=True)
class Row:
    """One line that holds something; ``cells`` maps the column (from 1) to the cell, blanks left out."""

    number: int
    cells: Mapping[int, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    rows: tuple[Row, ...]
    is_hidden: bool = False
    date_1904: bool = False


@dataclass(frozen=True, slots=True)
class Workbook:
    """All that was read from one file, in the order of its sheets."""

    filename: str
    sheets: tuple[Sheet, ...] = field(default_factory=tuple)

    @property
    def first(self) -> Sheet:
        """The first visible sheet; a readable workbook always has one."""
        return next((s for s in self.sheets if not s.is_hidden), self.sheets[0])

    def sheet(self, *names: str) -> Sheet | None:
        """The sheet with one of these names (matched as headings are), or None."""
        wanted = {heading_key(n) for n in names}
        return next((s for s in self.sheets if heading_key(s.name) in wanted), None)
