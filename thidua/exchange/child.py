"""Reads one .xlsx in a process of its own, with little memory and time, and prints what it found as JSON.

Run as a file, ``python -P child.py MAX_ROWS MAX_COLUMNS``, with the workbook on standard input; it imports
nothing of ours. Anything that goes wrong here ends
this process only; ``reader`` turns the exit into a sentence. Standard output: ``{"refused": [code, message]}`` or
``{"date1904": bool, "sheets": [[name, hidden, [[row, [[column, kind, value], …]], …]], …]}``; kinds: s text,
n number, d date, b truth value, e unreadable.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import resource
import sys
import warnings
import zipfile

from defusedxml.ElementTree import fromstring, iterparse
from openpyxl import load_workbook
from openpyxl.cell.text import Text
from openpyxl.utils.datetime import MAC_EPOCH, from_excel, from_ISO8601

MEMORY = 512 * 1024 * 1024
SECONDS = 10
MAX_SHEETS = 50
MAX_CELLS = 300_000
MAX_TEXT = 8_000_000
_XLSX_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_NUMBER = re.compile(
    r"^[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,4})?$|^[+-]?\.[0-9]+(?:[eE][+-]?[0-9]{1,4})?$", re.ASCII
)
_REF = re.compile(r"^([A-Z]{1,3})([0-9]{1,7})$", re.ASCII)
_RESAVE = "Mở bằng Excel, lưu lại dạng .xlsx rồi tải lại."
_UNREADABLE = f"Không đọc được tệp bảng tính, có thể tệp bị hỏng. {_RESAVE}"


class Refused(Exception):
    """The file is not to be read; carries code and sentence."""


def refuse_active_content(archive: zipfile.ZipFile) -> None:
    """Refused unless the parts are those of a plain workbook: right types, no macros, links, objects, entities."""
    names = {i.filename: i for i in archive.infolist()}
    types = names.get("[Content_Types].xml")
    if types is None or types.file_size > 2_000_000:
        raise Refused("workbook-unreadable", _UNREADABLE)
    for name in names:
        low = name.lower()
        if "vbaproject" in low or "/macrosheets/" in low:
            raise Refused(
                "workbook-macro", "Tệp có macro nên không được nhận. Lưu lại dạng .xlsx (không macro) rồi tải lại."
            )
        if "/externallinks/" in low:
            raise Refused(
                "workbook-external",
                "Tệp có liên kết tới tệp khác. Trong Excel: Dữ liệu, Sửa liên kết, Ngắt liên kết; lưu lại rồi tải lại.",
            )
        if "/embeddings/" in low or "/activex/" in low or "oleobject" in low:
            raise Refused(
                "workbook-embedded", "Tệp có đối tượng nhúng. Xóa đối tượng đó trong Excel, lưu lại rồi tải lại."
            )
    for name in names:
        low = name.lower()
        if low.endswith((".xml", ".rels", ".vml")):
            _refuse_entities(archive, name)
    declared = {e.get("ContentType", "") for e in fromstring(archive.read("[Content_Types].xml"))}
    if any("macroenabled" in d.lower() or "ms-office.vbaproject" in d.lower() for d in declared):
        raise Refused(
            "workbook-macro", "Tệp có macro nên không được nhận. Lưu lại dạng .xlsx (không macro) rồi tải lại."
        )
    if _XLSX_MAIN not in declared:
        raise Refused("workbook-type", f"Tệp này không phải bảng tính .xlsx. {_RESAVE}")
    for name in names:
        if name.lower().endswith(".rels"):
            for relation in fromstring(archive.read(name)):
                kind = relation.get("Type", "")
                # a mail address typed into a cell becomes a hyperlink by itself: nothing opens it here
                if relation.get("TargetMode") == "External" and not kind.endswith("/hyperlink"):
                    raise Refused(
                        "workbook-external",
                        "Tệp có liên kết ra ngoài. Xóa liên kết (hình, dữ liệu) trong Excel, lưu lại rồi tải lại.",
                    )


def _refuse_entities(archive: zipfile.ZipFile, name: str) -> None:
    """No document type declaration anywhere in a part: Excel writes none, attacks need one."""
    last = b""
    with archive.open(name) as part:
        while chunk := part.read(1 << 20):
            if not last and (chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in chunk[:200]):
                raise Refused("workbook-encoding", _UNREADABLE)
            window = last + chunk
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise Refused(
                    "workbook-entities", f"Tệp có khai báo lạ, không do Excel tạo, nên không được mở. {_RESAVE}"
                )
            last = chunk[-16:]


def read(data: bytes, max_rows: int, max_columns: int) -> dict:
    """Every sheet's cells that hold something."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    refuse_active_content(archive)

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    if len(book.worksheets) > MAX_SHEETS:
        raise Refused("workbook-too-large", f"Tệp có quá {MAX_SHEETS} trang tính. Chỉ giữ trang cần nhập rồi tải lại.")
    if not book.worksheets:
        raise Refused("workbook-empty", f"Tệp không có trang tính nào. {_RESAVE}")
    budget = Budget(max_rows, max_columns)
    sheets = [[w.title, w.sheet_state != "visible", read_sheet(book, w, budget)] for w in book.worksheets]
    return {"date1904": book.epoch == MAC_EPOCH, "sheets": sheets}


class Budget:
    """How much may still be read; all sheets share cells and text."""

    def __init__(self, max_rows: int, max_columns: int) -> None:
        self.max_rows = max_rows
        self.max_columns = max_columns
        self.cells = MAX_CELLS
        self.text = MAX_TEXT

    def spend(self, text: str) -> None:
        self.cells -= 1
        self.text -= len(text)
        if self.cells < 0 or self.text < 0:
            raise Refused(
                "workbook-too-large", "Tệp có quá nhiều ô dữ liệu. Chia thành nhiều tệp nhỏ hơn rồi tải từng tệp."
            )


def read_sheet(book, sheet, budget: Budget) -> list:
    """Rows with at least one value. The file is walked once, never padded, so a cell at XFD1048576 costs nothing."""
    rows: list = []
    row_number = 0
    source = sheet._get_source()  # openpyxl has no public way to walk a sheet without padding it
    parents: list = []
    with source:
        for event, element in iterparse(source, events=("start", "end")):
            if event == "start":
                parents.append(element)
                continue
            parents.pop()
            if not element.tag.endswith("}row"):
                continue
            row_number = int(element.get("r") or row_number + 1)
            cells = []
            column = 0
            for node in element:
                if not node.tag.endswith("}c"):
                    continue
                column, number = _place(node.get("r"), column + 1, row_number)
                kind, value = read_cell(book, sheet, node)
                if kind is None:
                    continue
                if number != row_number:
                    raise Refused("workbook-unreadable", _UNREADABLE)
                if column > budget.max_columns or row_number > 2 * budget.max_rows:
                    raise Refused(
                        "workbook-too-large",
                        f"Trang tính “{sheet.title}”: ô {node.get('r')} có dữ liệu nằm quá xa. Mỗi trang nhiều nhất "
                        f"{budget.max_columns} cột và {budget.max_rows} dòng. Xóa ô đó rồi tải lại.",
                    )
                budget.spend(value)
                cells.append([column, kind, value])
            if cells:
                rows.append([row_number, cells])
                if len(rows) > budget.max_rows + 1:
                    raise Refused(
                        "workbook-too-large",
                        f"Trang tính “{sheet.title}” có quá {budget.max_rows} dòng. "
                        "Chia thành nhiều tệp rồi tải từng tệp.",
                    )
            element.clear()
            if parents:
                parents[-1].clear()
    return rows


def _place(ref: str | None, column: int, row: int) -> tuple[int, int]:
    if not ref:
        return column, row
    match = _REF.match(ref)
    if not match:
        raise Refused("workbook-unreadable", _UNREADABLE)
    index = 0
    for letter in match[1]:
        index = index * 26 + ord(letter) - 64
    return index, int(match[2])


def read_cell(book, sheet, node) -> tuple[str | None, str]:
    """Kind and text of one cell; kind None when it holds nothing."""
    kind = node.get("t", "n")
    style = int(node.get("s") or 0)
    if style and style >= len(book._cell_styles):
        raise Refused("workbook-style", f"Tệp bị hỏng phần định dạng (ô {node.get('r')}). {_RESAVE}")
    value = formula = inline = None
    for child in node:
        name = child.tag.rpartition("}")[2]
        if name == "v":
            value = child.text
        elif name == "f":
            formula = child
        elif name == "is":
            inline = child
    if kind == "inlineStr":
        text = Text.from_tree(inline).content if inline is not None else ""
        return ("s", text) if text else (None, "")
    if value is None or value == "":
        if formula is not None and kind != "str":
            return "e", "=" + (formula.text or "")
        return None, ""
    if kind == "s":
        text = sheet._shared_strings[int(value)]
        return ("s", text) if text else (None, "")
    if kind == "str":
        return "s", value
    if kind == "b":
        return "b", "1" if value.strip() == "1" else "0"
    if kind == "e":
        return "e", value
    if kind == "d":
        moment = from_ISO8601(value)
    elif not _NUMBER.match(value.strip()):
        return "e", value
    elif style not in book._date_formats or style in book._timedelta_formats:
        return "n", value.strip()
    else:
        try:
            moment = from_excel(float(value), book.epoch)
        except (OverflowError, ValueError):
            return "e", value
    if isinstance(moment, datetime.datetime):
        return "d", moment.date().isoformat()
    if isinstance(moment, datetime.date):
        return "d", moment.isoformat()
    return "s", str(moment)


def main() -> int:
    """Limits first, then the file."""
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    max_rows, max_columns = int(sys.argv[1]), int(sys.argv[2])
    try:
        answer = read(sys.stdin.buffer.read(), max_rows, max_columns)
    except Refused as refusal:
        answer = {"refused": list(refusal.args)}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
