"""Measuring words in the paper's own typeface: where a long name breaks and how wide a column must be.

A name broken by the printing engine fills its box, and the short rule under it (one third to one half of the
*text*, Nghị định 30/2020/NĐ-CP, Phụ lục I) would then be measured against the column. So lines are cut here,
before the engine sees them, with the advance widths of the vendored Liberation Serif.
Pure: no Django, no clock, no database.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from fontTools.ttLib import TTFont

from thidua.lib.vietnamese import MINUS, format_number

FONTS = Path(__file__).resolve().parents[2] / "static" / "print" / "fonts"
PT_PER_MM = 72 / 25.4
NBSP = "\u00a0"
T = TypeVar("T")


@cache
def _advances(bold: bool) -> tuple[dict[int, float], float]:
    """Advance width of every character in em, and the width of a character the face lacks."""
    with TTFont(FONTS / f"LiberationSerif-{'Bold' if bold else 'Regular'}.ttf", lazy=True) as font:
        unit = font["head"].unitsPerEm
        widths = font["hmtx"].metrics
        table = {code: widths[name][0] / unit for code, name in font.getBestCmap().items()}
        return table, widths[".notdef"][0] / unit


def width_mm(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Width of one printed line, kerning off as on every paper."""
    table, unknown = _advances(bold)
    return sum(table.get(ord(char), unknown) for char in text) * size_pt / PT_PER_MM


def break_line(text: str, room_mm: float, size_pt: float, *, bold: bool = False) -> list[str]:
    """The text in the fewest lines that fit, as even as possible; a word wider than the room is cut inside.

    A line never begins with a hyphen ("Thi đua - Khen thưởng").
    """
    words: list[str] = []
    for word in text.replace(" - ", NBSP + "- ").split(" "):
        words += _cut(word, room_mm, size_pt, bold=bold) if word else []
    if not words:
        return []
    sizes = [width_mm(word, size_pt, bold=bold) for word in words]
    blank = width_mm(" ", size_pt, bold=bold)
    # best[i]: (lines, sum of squared slack, start of the last line) for the first i words
    best: list[tuple[int, float, int]] = [(0, 0.0, 0)]
    for end in range(1, len(words) + 1):
        options: list[tuple[int, float, int]] = []
        length = -blank
        for start in range(end - 1, -1, -1):
            length += sizes[start] + blank
            if length > room_mm and start < end - 1:
                break
            lines, slack, _ = best[start]
            torn = _TORN_MM2 if start and _is_compound(words[start - 1], words[start]) else 0.0
            options.append((lines + 1, slack + torn + (room_mm - length) ** 2, start))
        best.append(min(options))
    cuts = [len(words)]
    while cuts[-1]:
        cuts.append(best[cuts[-1]][2])
    cuts.reverse()
    return [" ".join(words[a:b]) for a, b in zip(cuts, cuts[1:], strict=False)]


# Two-syllable words met in names of offices: a line should not end between their halves.
_COMPOUNDS = frozenset(
    """an toàn|án dân|ban quản|bảo hiểm|bảo tồn|báo chí|biên phòng|cải cách|cán bộ|chính quyền|chính sách|chính trị
    |chuyển đổi|công an|công chức|công đoàn|công nghệ|công nghiệp|công tác|công thương|cơ quan|cơ sở|cựu chiến
    |chiến binh|dân sự|dân tộc|di sản|doanh nghiệp|du lịch|đào tạo|đầu tư|đô thị|đơn vị|giám đốc|giám sát|giáo dục
    |giao thông|hải quan|hành chính|hỗ trợ|hội đồng|hội nghị|hợp tác|kế hoạch|khen thưởng|khoa học|khu công
    |kiểm sát|kiểm tra|kinh tế|kỹ thuật|lao động|liên đoàn|liên minh|lưu trữ|mặt trận|môi trường|năng lực
    |ngân hàng|nghệ thuật|ngoại vụ|nhà nước|nhân dân|nông dân|nông nghiệp|nông thôn|nội vụ|phát thanh|phát triển
    |phòng cháy|phụ nữ|quản lý|quân sự|quy hoạch|sáng tạo|sở hữu|tài chính|tài nguyên|thanh niên|thanh tra
    |thẩm định|thể thao|thi đua|thi hành|thông tin|thống kê|thủy lợi|thực phẩm|thương binh|thương mại|tòa án
    |tôn giáo|tổ chức|tổ quốc|tổng hợp|tổng kết|trẻ em|triển khai|trung tâm|truyền hình|truyền thông|trưởng ban
    |trưởng khối|tuyên giáo|tư pháp|ủy ban|vận tải|văn hóa|văn nghệ|văn phòng|việt nam|xã hội|xây dựng|xúc tiến|y tế
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_TORN_MM2 = 900.0


def _is_compound(left: str, right: str) -> bool:
    return f"{left} {right.rstrip(',;.' + NBSP + '-')}".lower() in _COMPOUNDS


def _cut(word: str, room_mm: float, size_pt: float, *, bold: bool) -> list[str]:
    """A word too wide for the room in even pieces ("VHTTDL" -> "VHT", "TDL")."""
    wide = width_mm(word, size_pt, bold=bold)
    if wide <= room_mm:
        return [word]
    pieces = 2
    while pieces < len(word):
        step = -(-len(word) // pieces)
        parts = [word[i : i + step] for i in range(0, len(word), step)]
        if all(width_mm(part, size_pt, bold=bold) <= room_mm for part in parts):
            return parts
        pieces += 1
    return list(word)


def fit_lines(
    lines: Iterable[str], room_mm: float, size_pt: float, *, bold: bool = False, upper: bool = False
) -> list[str]:
    """Hand-broken lines where all of them fit; otherwise the whole text broken anew. Blank lines drop out."""
    given = [line.upper() if upper else line for line in lines if line.strip()]
    given = [line.strip().replace(" - ", NBSP + "- ") for line in given]
    if all(width_mm(line, size_pt, bold=bold) <= room_mm for line in given):
        return given
    return break_line(" ".join(given), room_mm, size_pt, bold=bold)


def signature_columns(signers: Sequence[Mapping[str, object]], text_mm: float, size_pt: float) -> int:
    """How many boxes fit in a row (4, 3 or 2) so that no signer's name and no single word is broken."""
    for columns in (4, 3):
        room = text_mm / columns - 1.0
        names = [str(signer["name"] or "") for signer in signers]
        words = [w for s in signers for line in _strings(s["unit_lines"]) for w in line.upper().split()]
        words += [w for s in signers for w in str(s["capacity"]).upper().split()]
        if all(width_mm(text, size_pt, bold=True) <= room for text in names + words):
            return columns
    return 2


def _strings(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list | tuple) else []


def rows_of(items: Sequence[T], columns: int) -> list[Sequence[T]]:
    """Items in rows of equal length where possible: 5 in rows of at most 4 -> 3 + 2, not 4 + 1."""
    if not items:
        return []
    count = -(-len(items) // columns)
    size, more = divmod(len(items), count)
    rows, start = [], 0
    for index in range(count):
        end = start + size + (1 if index < more else 0)
        rows.append(items[start:end])
        start = end
    return rows


def decimals_shown(values: Iterable[object], most: int) -> int:
    """The fewest decimals (at most ``most``) that show every value exactly, so that a column stays narrow."""
    need = 0
    for value in values:
        if value is None or value == "":
            continue
        exponent = Decimal(str(value)).normalize().as_tuple().exponent
        need = max(need, -int(exponent) if isinstance(exponent, int) else 0)
    return min(need, most)


def short_name(lines: Sequence[str]) -> str:
    """A unit's short name on one line: initials run together ("GDĐT"), words stay apart ("Nội vụ")."""
    return ("" if all(line == line.upper() for line in lines) else " ").join(lines)


# ------------------------------------------------- the wide table of scores
TABLE_MM, TABLE_PT = 247.0, 12.0
MOST_UNITS, NARROWEST_TEXT_MM, WIDEST_UNIT_MM = 14, 33.0, 20.0
_CELL_GAP_MM = 1.4
_HEAD_GAP_MM, _WIDEST_HEAD_WORD_MM = 0.9, 14.0  # a wider word of a short name ("VHTTDL") is cut, not given room


@dataclass(frozen=True)
class TablePart:
    """One run of unit columns that fits the width of the paper; ``…_col`` are classes of a4.css."""

    first: int
    last: int
    code_col: str
    text_col: str
    max_col: str
    unit_col: str
    unit_mm: float


@dataclass(frozen=True)
class TablePlan:
    parts: tuple[TablePart, ...]
    digits: int
    max_digits: int
    thousands: bool


def column_class(mm: float) -> str:
    """The class of a4.css for a column of this width: 13.5 -> "mm13h"."""
    whole = int(mm)
    return f"mm{whole}{'h' if mm - whole >= 0.5 else ''}"


def table_plan(units: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], digits: int) -> TablePlan:
    """Column widths of the score table, and where it is cut into parts because the units do not fit side by side.

    Thousands lose their dot before a table is cut; at most 14 units stand side by side.
    """
    cells = [(row["kind"], cell) for row in rows for cell in row["cells"] if cell not in (None, "not-assigned")]
    totals = [unit["total"] for unit in units]
    highest = [row["max"] for row in rows] + [unit["max"] for unit in units]
    shown = decimals_shown([cell for _, cell in cells] + totals, digits)
    shown_max = decimals_shown(highest, digits)
    biggest = max((abs(Decimal(str(p))) for p in [cell for _, cell in cells] + totals), default=Decimal(0))
    biggest_max = max((Decimal(str(p)) for p in highest if p is not None), default=Decimal(0))
    biggest_minus = max((Decimal(str(cell)) for kind, cell in cells if kind == "deduction"), default=None)
    code_mm = _half_up(
        max([9.0] + [width_mm(row["code"], TABLE_PT, bold=row["kind"] == "section") + 1.6 for row in rows])
    )
    code_mm = min(code_mm, 22.0)
    words = [w for u in units for w in str(u["classification"] or "").split()]
    words_mm = max((width_mm(word, TABLE_PT, bold=True) + 1.6 for word in words), default=0.0)
    heads = [word for unit in units for line in unit["short_lines"] for word in line.split()]
    heads_mm = [width_mm(word, TABLE_PT, bold=True) + _HEAD_GAP_MM for word in heads]
    words_mm = max([words_mm] + [mm for mm in heads_mm if mm <= _WIDEST_HEAD_WORD_MM])
    for thousands in (True, False):
        texts = [format_number(biggest, shown, thousands=thousands)]
        texts += [MINUS + format_number(biggest_minus, shown, thousands=thousands)] if biggest_minus is not None else []
        texts += [format_number(unit["max"] and Decimal(unit["max"]), shown_max, thousands=thousands) for unit in units]
        number_mm = max(width_mm(text, TABLE_PT, bold=True) for text in texts)
        need = _half_up(max(11.5, words_mm, number_mm + _CELL_GAP_MM))
        max_text = format_number(biggest_max, shown_max, thousands=thousands)
        max_mm = _half_up(max(13.5, width_mm(max_text, TABLE_PT, bold=True) + 2.0))
        room = TABLE_MM - code_mm - max_mm - NARROWEST_TEXT_MM
        fits = max(1, min(MOST_UNITS, int(room // need)))
        if fits >= min(len(units), MOST_UNITS):
            break
    parts, start = [], 0
    for run in rows_of(units, fits):
        wished = (TABLE_MM - code_mm - max_mm - 72.0) / len(run)
        unit_mm = max(need, min(WIDEST_UNIT_MM * (2 if len(run) <= 4 else 1), int(wished * 2) / 2))
        text_mm = TABLE_MM - code_mm - max_mm - unit_mm * len(run)
        parts.append(
            TablePart(
                first=start,
                last=start + len(run),
                code_col=column_class(code_mm),
                text_col=column_class(text_mm),
                max_col=column_class(max_mm),
                unit_col=column_class(unit_mm),
                unit_mm=unit_mm,
            )
        )
        start += len(run)
    return TablePlan(tuple(parts), shown, shown_max, thousands)


def _half_up(mm: float) -> float:
    """Rounded up to half a millimetre, the step of the column classes."""
    return math.ceil(mm * 2 - 1e-9) / 2
