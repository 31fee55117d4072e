"""Vietnamese numbers, dates, names: the one place where they are read and written.

Reading is strict: a value that could mean two things is refused with a question, never guessed
(quality.md findings 2 and 3, B01-B39). Writing follows the papers (Nghị định 30/2020/NĐ-CP, Phụ lục I)
and the screen rules of the look reference.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from thidua.lib.errors import RuleViolation

MINUS = "\u2212"
NBSP = "\u00a0"
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
_SPACES = re.compile(r"[\s\u00a0\u2007\u202f]+")
# Controls, surrogates, and marks that turn the direction of writing (a name could be made to read as another).
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udfff]")
_GROUPED = re.compile(r"^[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?$", re.ASCII)
_NUMBER = re.compile(r"^[0-9]{1,12}(?:[.,][0-9]{1,6})?$", re.ASCII)
_NEGATIVE = re.compile(r"(?=.*[1-9])[-−–]\s*[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_DATE = re.compile(r"^([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]([0-9]{1,6})$", re.ASCII)
_ISO = re.compile(r"^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})$", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1945, 2100


# ------------------------------------------------------------------ text
def nfc(text: str) -> str:
    """The same text with composed letters (macOS and some Excel files hand over decomposed ones)."""
    return unicodedata.normalize("NFC", text)


def clean_text(text: str, *, one_line: bool = False) -> str:
    """NFC, zero-width characters out, blanks at the ends off; with ``one_line`` any run of blanks is one space.

    RuleViolation ``control-character`` for characters no keyboard makes (NUL, backspace, lone surrogates, marks
    that turn the direction of writing).
    """
    if _CONTROL.search(text):
        raise RuleViolation("control-character", "Nội dung có ký tự điều khiển không in được. Hãy gõ lại chỗ đó.")
    text = nfc(text.translate(_INVISIBLE)).replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    if one_line:
        return _SPACES.sub(" ", text).strip()
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def fold(text: str) -> str:
    """Search key: no case, no accents, đ as d, single blanks. "Sở Y tế" -> "so y te"."""
    # letters of mathematical alphabets become capitals only by decomposing: the case is dropped before and after
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    text = "".join(c for c in text if not unicodedata.combining(c)).replace("đ", "d")
    return _SPACES.sub(" ", text).strip()


_ALPHABET = {c: i for i, c in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}


def sort_key(text: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Dictionary order of Vietnamese: letters first (a ă â … d đ …), tones only between equal letters."""
    letters: list[int] = []
    tones: list[int] = []
    for char in nfc(text).casefold():
        parts = unicodedata.normalize("NFD", char)
        tone = next((_TONES[p] for p in parts if p in _TONES), 0)
        base = nfc("".join(p for p in parts if p not in _TONES))
        if base in _ALPHABET:
            letters.append(1000 + _ALPHABET[base])
        else:
            letters.append(ord(base[0]) if ord(base[0]) < 1000 else 2000 + ord(base[0]))
        tones.append(tone)
    return tuple(letters), tuple(tones)


# --------------------------------------------------------------- numbers
def _typed(text: str) -> str:
    """What was typed, without blanks and zero-width characters around it; blanks inside become one space."""
    return _SPACES.sub(" ", text.translate(_INVISIBLE)).strip()


def _digits(text: str) -> str:
    """The same with a blank between thousands closed ("1 000"); any other blank stays and is refused ("9 5")."""
    typed = _typed(text)
    return typed.replace(" ", "") if _GROUPED.fullmatch(typed) else typed


def parse_number(text: str) -> Decimal:
    """Read a number >= 0 as people type it: "9,5", "9.5", " 7 ", "1 000". Exact.

    RuleViolation ``number-ambiguous`` for one separator followed by exactly three digits or for two
    separators ("1.000", "1.000,5"); ``number-invalid`` for everything else that is not plain ASCII digits.
    """
    typed = _digits(text)
    if two_readings(typed):
        whole, part = re.split(r"[.,]", typed)
        small = f"{whole},{part[:2]}" if part[2] == "0" else f"{whole},{part}0"
        raise RuleViolation(
            "number-ambiguous",
            f"“{text.strip()[:40]}” có thể hiểu hai cách. Nhập {(whole + part).lstrip('0') or '0'} hoặc {small}.",
        )
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]+){2,}", typed, re.ASCII):
        raise RuleViolation(
            "number-ambiguous",
            f"“{text.strip()[:40]}” có hai dấu ngăn cách. Nhập số không có dấu ngăn cách hàng nghìn, ví dụ 1000,5.",
        )
    if not _NUMBER.fullmatch(typed):
        if _NEGATIVE.fullmatch(typed):
            raise RuleViolation("number-invalid", f"“{text.strip()[:40]}” nhỏ hơn 0. Nhập số từ 0 trở lên.")
        if re.fullmatch(r"[0-9]{13,}(?:[.,][0-9]+)?", typed, re.ASCII):
            raise RuleViolation("number-invalid", f"“{text.strip()[:40]}” quá lớn, nhiều nhất 12 chữ số.")
        hint = " (có chữ O)" if re.fullmatch(r"[0-9oO.,]+", typed) and re.search("[oO]", typed) else ""
        raise RuleViolation(
            "number-invalid", f"“{text.strip()[:40]}” không phải số{hint}. Nhập số bằng chữ số, ví dụ 9,5."
        )
    return Decimal(typed.replace(",", "."))


def two_readings(text: str) -> tuple[Decimal, Decimal] | None:
    """The two numbers "1.000" may mean: one thousand, and one; None where there is one reading or none."""
    typed = _digits(text)
    if not re.fullmatch(r"[0-9]{1,12}[.,][0-9]{3}", typed, re.ASCII):
        return None
    whole, part = re.split(r"[.,]", typed)
    return Decimal(whole + part), Decimal(f"{whole}.{part}")


def parse_count(text: str) -> int:
    """Read a whole number 0 … 999 999 999. RuleViolation ``count-invalid`` otherwise ("1.0" too)."""
    typed = _digits(text)
    if _NEGATIVE.fullmatch(typed):
        raise RuleViolation("count-invalid", f"“{text.strip()[:40]}” nhỏ hơn 0. Nhập số nguyên từ 0, ví dụ 3.")
    if re.fullmatch(r"[0-9]{10,}", typed, re.ASCII):
        raise RuleViolation("count-invalid", f"“{text.strip()[:40]}” quá lớn, nhiều nhất 999.999.999.")
    if not re.fullmatch(r"[0-9]{1,9}", typed, re.ASCII):
        raise RuleViolation("count-invalid", f"“{text.strip()[:40]}” không phải số nguyên. Nhập số lần, ví dụ 3.")
    return int(typed)


def round_half_up(value: Decimal, digits: int = 2) -> Decimal:
    """Round half away from zero, as offices do."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


@lru_cache(maxsize=16384)
def format_number(value: Decimal | int | None, digits: int | None = 2, *, thousands: bool = True) -> str:
    """1016 -> "1.016,00"; −4 -> "−4,00". ``digits=None``: as many decimals as the value has, none for whole ones."""
    if value is None:
        return ""
    value = Decimal(value)
    if digits is None:
        value = value.normalize()
        digits = max(0, -int(value.as_tuple().exponent))
    text = f"{abs(round_half_up(value, digits)):,.{digits}f}"
    text = text.replace(",", "\0").replace(".", ",").replace("\0", "." if thousands else "")
    return (MINUS if value < 0 and any(c in "123456789" for c in text) else "") + text


def format_percent(value: Decimal | None, digits: int = 2) -> str:
    """98.9 -> "98,90%"."""
    return "" if value is None else format_number(value, digits) + "%"


def percent_of(part: int, whole: int) -> str:
    """Share with one decimal, half up, whole-number arithmetic: 13 of 16 -> "81,3"."""
    if whole <= 0:
        return ""
    tenths = (part * 2000 + whole) // (2 * whole)
    return f"{tenths // 10},{tenths % 10}"


_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def two_digits(number: int) -> str:
    """Counts on papers below ten carry a leading zero: 8 -> "08"."""
    return f"{number:02d}"


def number_in_words(number: int) -> str:
    """0 … 999 999 999 999 in words: 15 -> "mười lăm", 1001 -> "một nghìn không trăm lẻ một"."""
    if not 0 <= number < 10**12:
        raise ValueError("0 … 999 999 999 999 only")
    if number == 0:
        return _DIGITS[0]
    groups: list[int] = []
    while number:
        groups.append(number % 1000)
        number //= 1000
    names = ("", "nghìn", "triệu", "tỷ")
    words: list[str] = []
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if group == 0:
            continue
        words.append(_group_in_words(group, full=index < len(groups) - 1))
        if names[index]:
            words.append(names[index])
    return " ".join(words)


def _group_in_words(group: int, *, full: bool) -> str:
    hundreds, rest = divmod(group, 100)
    tens, units = divmod(rest, 10)
    words: list[str] = []
    if hundreds or full:
        words += [_DIGITS[hundreds], "trăm"]
    if tens == 0:
        if units:
            words += ["lẻ"] if words else []
            words.append(_DIGITS[units])
        return " ".join(words)
    words += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if units == 5:
        words.append("lăm")
    elif units == 1 and tens > 1:
        words.append("mốt")
    elif units:
        words.append(_DIGITS[units])
    return " ".join(words)


# ----------------------------------------------------------------- dates
def parse_date(text: str) -> date:
    """Read "31/12/2026", "31-12-2026", "31.12.2026" or ISO. Day first, always.

    RuleViolation: ``date-short-year`` for two digits of year, ``date-range`` outside 1945-2100,
    ``date-invalid`` for anything else, 12/31/2026 included.
    """
    typed = re.sub(r" ?([/.\-]) ?", r"\1", _typed(text))
    iso = _ISO.fullmatch(typed)
    parts = _DATE.fullmatch(typed)
    if iso:
        year, month, day = (int(x) for x in iso.groups())
    elif parts:
        day, month = int(parts[1]), int(parts[2])
        if len(parts[3]) < 4:
            raise RuleViolation("date-short-year", f"“{text.strip()[:40]}”: ghi đủ 4 số năm, ví dụ 01/01/2026.")
        year = int(parts[3])
    else:
        raise RuleViolation(
            "date-invalid",
            f"“{text.strip()[:40]}” không phải ngày. Nhập theo dạng ngày/tháng/năm, ví dụ 03/12/2026.",
        )
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleViolation("date-range", f"Năm {year} nằm ngoài khoảng {FIRST_YEAR}-{LAST_YEAR}. Kiểm lại năm.")
    try:
        return date(year, month, day)
    except ValueError:
        raise RuleViolation(
            "date-invalid",
            f"“{text.strip()[:40]}”: không có ngày này. Nhập ngày trước, tháng sau, ví dụ 31/12/2026.",
        ) from None


def format_date(day: date | None) -> str:
    """24/11/2026."""
    return "" if day is None else f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def date_on_paper(day: date) -> str:
    """ "ngày 03 tháng 12 năm 2026": days under 10 and months 1, 2 with a leading zero (NĐ 30/2020, Phụ lục I)."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def time_on_paper(moment: datetime) -> str:
    """ "14 giờ 00 phút"; the moment must already be in local time."""
    return f"{moment.hour:02d} giờ {moment.minute:02d} phút"


def due_in_words(due: date, today: date) -> str:
    """ "Quá hạn 1 ngày", "Hạn hôm nay", "Còn 3 ngày"."""
    days = (due - today).days
    if days < 0:
        return f"Quá hạn {-days} ngày"
    return "Hạn hôm nay" if days == 0 else f"Còn {days} ngày"


_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật")


def weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


def initials(name: str) -> str:
    """Short mark of a person for a narrow cell: the given name's first letter, "Lê Văn Bình (mẫu)" -> "B."."""
    words = re.sub(r"\(.*?\)", "", name).split()
    return f"{words[-1][0]}." if words else ""


def hyphen_kept(text: str) -> str:
    """A line must not begin with the hyphen of "Thi đua - Khen thưởng": the blank before it does not break."""
    return text.replace(" - ", NBSP + "- ")
