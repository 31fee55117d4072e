"""From the bytes of an uploaded spreadsheet to a ``Workbook``, safely. The one door for foreign .xlsx and .csv files.

Whatever the bytes are, the answer is a Workbook or a RuleViolation whose sentence says what to do (quality.md
U22-U38, T12, F36, F37). The .xlsx parser runs in a process of its own (``child``) that may use 512 MB and 10 s.
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path, PurePath

from thidua.exchange.archive import RESAVE, check_archive, unreadable
from thidua.exchange.workbook import MAX_COLUMNS, MAX_ROWS, Cell, Row, Sheet, Workbook, column_letters
from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import nfc

logger = logging.getLogger(__name__)

MAX_BYTES = 5 * 1024 * 1024
WALL_SECONDS = 20
SETTINGS_SHEET = "Thiết lập"
_CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_CHILD = str(Path(__file__).resolve().with_name("child.py"))


def read_workbook(data: bytes, filename: str, *, companion: Mapping[str, bytes] | None = None) -> Workbook:
    """All sheets of an .xlsx or .csv file. ``companion``: further sheets of a .csv, name -> bytes of their .csv.

    RuleViolation and nothing else for every file that is not fit: the content decides, not the name.
    """
    filename = nfc(PurePath(filename.replace("\\", "/")).name)[:200]
    if not data:
        raise RuleViolation("workbook-empty", "Tệp rỗng (0 byte). Lưu lại tệp rồi tải lại.")
    if len(data) > MAX_BYTES:
        raise RuleViolation(
            "workbook-too-large", "Tệp lớn hơn 5 MB. Xóa hình và trang không cần, hoặc chia thành nhiều tệp."
        )
    if data.startswith(_CFB):
        raise RuleViolation("workbook-old", f"Tệp là dạng .xls cũ hoặc có mật khẩu. {RESAVE}")
    if data.startswith(b"PK"):
        return _read_xlsx(data, filename)
    if _looks_binary(data) and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise RuleViolation("workbook-type", f"Tệp không phải bảng tính .xlsx hoặc .csv. {RESAVE}")
    if not filename.lower().endswith((".csv", ".txt")):
        raise RuleViolation("workbook-type", f"Tệp không phải bảng tính .xlsx hoặc .csv. {RESAVE}")
    sheets = [_read_csv(data, PurePath(filename).stem)]
    sheets += [_read_csv(more, name) for name, more in (companion or {}).items()]
    return Workbook(filename, tuple(sheets))


def _looks_binary(data: bytes) -> bool:
    return b"\0" in data[:4096] or data.startswith((b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"{\\rtf", b"<"))


# ---------------------------------------------------------------- xlsx
def _read_xlsx(data: bytes, filename: str) -> Workbook:
    names = check_archive(data)
    if "[Content_Types].xml" not in names:
        if "mimetype" in names:
            raise RuleViolation("workbook-type", f"Tệp là dạng .ods. {RESAVE}")
        raise unreadable()
    answer = _ask_child(data)
    if "refused" in answer:
        code, message = answer["refused"]
        raise RuleViolation(code, message)
    sheets = tuple(
        Sheet(nfc(name), tuple(_row(number, cells) for number, cells in rows), hidden, answer["date1904"])
        for name, hidden, rows in answer["sheets"]
    )
    return Workbook(filename, sheets)


def _ask_child(data: bytes) -> dict:
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "PYTHONIOENCODING": "utf-8",
        "OPENPYXL_LXML": "False",
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, "-P", "-B", _CHILD, str(MAX_ROWS), str(MAX_COLUMNS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, no shell, nothing of the file in the arguments
            command, input=data, capture_output=True, timeout=WALL_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_complex() from None
    if done.returncode < 0 or b"MemoryError" in done.stderr:
        raise _too_complex()
    if done.returncode != 0:
        logger.info("workbook not read: %s", done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:300])
        raise unreadable()
    return json.loads(done.stdout)


def _too_complex() -> RuleViolation:
    return RuleViolation(
        "workbook-too-complex",
        "Tệp quá lớn hoặc quá phức tạp để đọc. Chép phần cần nhập sang một tệp .xlsx mới rồi tải lại.",
    )


def _row(number: int, cells: Iterable) -> Row:
    return Row(number, {column: _cell(f"{column_letters(column)}{number}", kind, text) for column, kind, text in cells})


def _cell(ref: str, kind: str, text: str) -> Cell:
    if kind == "n":
        return _number_cell(ref, text)
    if kind == "d":
        return Cell(date.fromisoformat(text), ref, is_date=True)
    if kind == "b":
        return Cell(text == "1", ref)
    if kind == "e" and text.startswith("="):
        return Cell(text, ref, problem="công thức chưa có kết quả. Mở bằng Excel, lưu lại rồi tải lại.")
    if kind == "e":
        return Cell(text, ref, problem="ô báo lỗi, không có giá trị. Sửa công thức hoặc nhập giá trị rồi tải lại.")
    return Cell(nfc(text), ref)


def _number_cell(ref: str, text: str) -> Cell:
    """The number Excel shows: fifteen significant digits, so that 0.1 + 0.2 is 0.3 and not binary noise."""
    number = float(text)
    if number != number or abs(number) >= 1e15:
        return Cell(text, ref, problem="số quá lớn. Kiểm lại giá trị rồi tải lại.")
    value = Decimal(f"{number:.15g}")
    value = value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
    return Cell(value if value else Decimal(0), ref, is_number=True)


# ----------------------------------------------------------------- csv
def _read_csv(data: bytes, name: str) -> Sheet:
    if len(data) > MAX_BYTES:
        raise RuleViolation("workbook-too-large", "Tệp lớn hơn 5 MB. Chia thành nhiều tệp nhỏ hơn.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RuleViolation(
            "csv-encoding",
            "Tệp .csv không ở bảng mã UTF-8 nên chữ tiếng Việt sẽ sai. "
            "Trong Excel chọn Lưu thành “CSV UTF-8” hoặc .xlsx rồi tải lại.",
        ) from None
    if "\0" in text:
        raise unreadable()
    skipped = 0
    first, _, rest = text.partition("\n")
    if first.strip().lower() in ("sep=;", "sep=,"):
        delimiter, text, skipped = first.strip()[-1], rest, 1
    else:
        delimiter = _delimiter(text)
    rows: list[Row] = []
    try:
        for number, values in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1 + skipped):
            cells = {
                column: Cell(_unescaped(nfc(value)), f"{column_letters(column)}{number}")
                for column, value in enumerate(values, 1)
                if value.strip(" \t\r\n\u00a0\u200b\ufeff")
            }
            if not cells:
                continue
            if max(cells) > MAX_COLUMNS:
                raise RuleViolation(
                    "workbook-too-large", f"Dòng {number} có quá {MAX_COLUMNS} cột. Xóa cột thừa rồi tải lại."
                )
            rows.append(Row(number, cells))
            if len(rows) > MAX_ROWS + 1:
                raise RuleViolation(
                    "workbook-too-large", f"Tệp có quá {MAX_ROWS} dòng. Chia thành nhiều tệp rồi tải từng tệp."
                )
    except csv.Error:
        raise RuleViolation(
            "csv-unreadable", "Tệp .csv có dấu nháy kép không khép hoặc ô quá dài. Sửa chỗ đó rồi tải lại."
        ) from None
    return Sheet(nfc(name), tuple(rows))


def _delimiter(text: str) -> str:
    """``;`` or ``,``: the one more frequent outside quotes in the first line that holds something."""
    commas = semicolons = 0
    quoted = False
    for char in text[:100_000]:
        if char == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif char == "\n" and commas + semicolons:
            break
        elif char == ",":
            commas += 1
        elif char == ";":
            semicolons += 1
    return ";" if semicolons > commas else ","


def _unescaped(value: str) -> str:
    """Undo what ``writer.write_csv`` did against formulas, so that an exported file comes back unchanged."""
    return value[1:] if value.startswith("'") and value[1:2] in _DANGEROUS and value[1:2] else value
