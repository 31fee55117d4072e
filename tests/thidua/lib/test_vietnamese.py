from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua.lib import vietnamese as vn
from thidua.lib.errors import RuleViolation


def refused(read, text, *args):
    with pytest.raises(RuleViolation) as refusal:
        read(text, *args)
    assert refusal.value.message.endswith(".")
    return refusal.value


# --------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9,5", "9.5"),
        ("9.5", "9.5"),
        (" 7 ", "7"),
        ("7\u00a0", "7"),
        ("7\u200b", "7"),
        ("\ufeff7", "7"),
        ("0", "0"),
        ("007", "7"),
        ("1000,5", "1000.5"),
        ("0,25", "0.25"),
        ("370409", "370409"),
        ("1,0000", "1"),
        ("1 000", "1000"),
        ("12\u00a0345,5", "12345.5"),
    ],
)
def test_b01_b04_numbers(text, value):
    assert vn.parse_number(text) == D(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "1e2", "1_0", "１２", "٣", "NaN", "sNaN", "Infinity", "-0", "-1", "−1", "+7", "=1+1", "'7", "7;",
        "1e400", "1e-400", ",5", "5,", "1..5", "1,.5", "9O", "abc", "1" * 13, "0,1234567", "0x10", "1/2", "½", "²",
        "9 5", "9 ,5", "1 00",
    ],
)  # fmt: skip
def test_b05_b21_no_numbers(text):
    assert refused(vn.parse_number, text).code == "number-invalid"


@pytest.mark.parametrize("text", ["1.000", "1,000", "100.001", "0,125", "1.000,5", "1,000.5", "1.000.000", "1 000,250"])
def test_b14_b17_numbers_that_read_two_ways(text):
    assert refused(vn.parse_number, text).code == "number-ambiguous"


def test_the_question_names_both_readings():
    assert "Nhập 1000 hoặc 1,00." in refused(vn.parse_number, "1.000").message
    assert "Nhập 1125 hoặc 1,1250." in refused(vn.parse_number, "1,125").message
    assert vn.parse_number("1,1250") == D("1.125")
    assert "có chữ O" in refused(vn.parse_number, "9O").message


@pytest.mark.parametrize("text", ["1.0", "1,0", "", "-1", "+1", "1e2", "٣", "999999999999999999999", "1_0"])
def test_b29_b30_counts(text):
    assert refused(vn.parse_count, text).code == "count-invalid"


def test_counts():
    assert vn.parse_count(" 12 ") == 12
    assert vn.parse_count("0") == 0
    assert refused(vn.parse_count, "1 2").code == "count-invalid"


def test_a_refused_number_says_what_is_wrong_with_it():
    assert "nhỏ hơn 0" in refused(vn.parse_count, "-1").message
    assert "nhỏ hơn 0" in refused(vn.parse_number, "−4,5").message
    assert "nhỏ hơn" not in refused(vn.parse_number, "-0").message
    assert "quá lớn, nhiều nhất 999.999.999" in refused(vn.parse_count, "1" * 20).message
    assert "quá lớn" in refused(vn.parse_number, "1" * 20).message
    assert vn.two_readings("1.000") == (D(1000), D(1))
    assert vn.two_readings("1.0") is None


@given(st.text(max_size=15))
def test_any_text_is_a_number_or_refused(text):
    try:
        value = vn.parse_number(text)
    except RuleViolation:
        return
    assert value >= 0
    assert value.is_finite()
    assert not value.is_signed()


@given(st.decimals(0, 10**9, places=2))
def test_numbers_written_without_thousands_read_back(value):
    assert vn.parse_number(vn.format_number(value, thousands=False)) == value


def test_rounding_is_half_away_from_zero():
    assert vn.round_half_up(D("2.345")) == D("2.35")
    assert vn.round_half_up(D("2.5"), 0) == 3
    assert vn.round_half_up(D("-2.345")) == D("-2.35")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (D(1016), 2, "1.016,00"),
        (D("-4"), 2, "−4,00"),
        (D("-0.001"), 2, "0,00"),
        (D(0), 2, "0,00"),
        (D("98.75"), 2, "98,75"),
        (370409, 0, "370.409"),
        (D("1E+3"), None, "1.000"),
        (D("0.50"), None, "0,5"),
        (D("100"), None, "100"),
        (D("1234567.891"), None, "1.234.567,891"),
        (None, 2, ""),
    ],
)
def test_numbers_as_printed(value, digits, text):
    assert vn.format_number(value, digits) == text


def test_large_numbers_keep_their_digits():
    assert vn.format_number(D("123456789012.345678"), None) == "123.456.789.012,345678"


def test_percents():
    assert vn.format_percent(D("98.9")) == "98,90%"
    assert vn.format_percent(None) == ""
    assert vn.percent_of(13, 16) == "81,3"
    assert vn.percent_of(1, 3) == "33,3"
    assert vn.percent_of(2, 3) == "66,7"
    assert vn.percent_of(1, 16) == "6,3"  # 6,25 goes up
    assert vn.percent_of(0, 5) == "0,0"
    assert vn.percent_of(5, 5) == "100,0"
    assert vn.percent_of(1, 0) == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (25, "hai mươi lăm"),
        (101, "một trăm lẻ một"),
        (105, "một trăm lẻ năm"),
        (115, "một trăm mười lăm"),
        (1000, "một nghìn"),
        (1001, "một nghìn không trăm lẻ một"),
        (1015, "một nghìn không trăm mười lăm"),
        (1_000_001, "một triệu không trăm lẻ một"),
        (2_026, "hai nghìn không trăm hai mươi sáu"),
        (1_000_000_000, "một tỷ"),
        (21_000, "hai mươi mốt nghìn"),
    ],
)
def test_numbers_in_words(number, words):
    assert vn.number_in_words(number) == words


def test_words_have_bounds():
    for number in (-1, 10**12):
        with pytest.raises(ValueError, match="only"):
            vn.number_in_words(number)


@given(st.integers(0, 10**12 - 1), st.integers(0, 10**12 - 1))
def test_different_numbers_have_different_words(one, other):
    assert (vn.number_in_words(one) == vn.number_in_words(other)) == (one == other)
    assert "  " not in vn.number_in_words(one)


def test_two_digits():
    assert [vn.two_digits(n) for n in (0, 8, 12, 120)] == ["00", "08", "12", "120"]


# ----------------------------------------------------------------- dates
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("05/06/2026", date(2026, 6, 5)),
        ("31/12/2026", date(2026, 12, 31)),
        ("31-12-2026", date(2026, 12, 31)),
        ("31.12.2026", date(2026, 12, 31)),
        ("2026-12-31", date(2026, 12, 31)),
        ("1/1/2026", date(2026, 1, 1)),
        (" 01 / 01 / 2026 ", date(2026, 1, 1)),
        ("01/01/2026\u200b", date(2026, 1, 1)),
        ("29/02/2028", date(2028, 2, 29)),
    ],
)
def test_b31_b32_b36_dates(text, day):
    assert vn.parse_date(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12/31/2026", "date-invalid"),
        ("29/02/2026", "date-invalid"),
        ("00/01/2026", "date-invalid"),
        ("1/1/26", "date-short-year"),
        ("0001-01-01", "date-range"),
        ("9999-12-31", "date-range"),
        ("01/01/1944", "date-range"),
        ("01/01/2101", "date-range"),
        ("01/01/20266", "date-range"),
        ("01/01/2o26", "date-invalid"),
        ("01/01", "date-invalid"),
        ("1 1/01/2026", "date-invalid"),
        ("", "date-invalid"),
        ("hôm nay", "date-invalid"),
        ("٠١/٠١/٢٠٢٦", "date-invalid"),
    ],
)
def test_b33_b39_no_dates(text, code):
    assert refused(vn.parse_date, text).code == code


@given(st.dates(date(1945, 1, 1), date(2100, 12, 31)))
def test_dates_read_back(day):
    assert vn.parse_date(vn.format_date(day)) == vn.parse_date(day.isoformat()) == day


@given(st.text(alphabet="0123456789/.- aO", max_size=12))
def test_any_text_is_a_date_or_refused(text):
    try:
        day = vn.parse_date(text)
    except RuleViolation:
        return
    assert 1945 <= day.year <= 2100


def test_dates_as_printed():
    assert vn.format_date(date(2026, 11, 4)) == "04/11/2026"
    assert vn.format_date(None) == ""
    assert vn.date_on_paper(date(2026, 12, 3)) == "ngày 03 tháng 12 năm 2026"
    assert vn.date_on_paper(date(2026, 2, 13)) == "ngày 13 tháng 02 năm 2026"
    assert vn.date_on_paper(date(2026, 3, 1)) == "ngày 01 tháng 3 năm 2026"
    assert vn.time_on_paper(datetime(2026, 1, 1, 14, 0)) == "14 giờ 00 phút"
    assert vn.weekday(date(2026, 11, 22)) == "Chủ nhật"


def test_due_in_words():
    today = date(2026, 11, 24)
    assert vn.due_in_words(date(2026, 11, 23), today) == "Quá hạn 1 ngày"
    assert vn.due_in_words(today, today) == "Hạn hôm nay"
    assert vn.due_in_words(date(2026, 11, 27), today) == "Còn 3 ngày"


# ------------------------------------------------------------------ text
def test_b45_names_stay_as_they_are():
    for name in ("Đắk Lắk", "Y Ngông Niê Kđăm", "O'Hara"):
        assert vn.clean_text(name) == name


def test_b46_decomposed_letters_are_composed():
    assert vn.clean_text(unicodedata.normalize("NFD", "Sở Y tế")) == "Sở Y tế"
    assert vn.nfc(unicodedata.normalize("NFD", "Ẫ")) == "Ẫ"


@pytest.mark.parametrize(
    "char", ["\x00", "\x08", "\ufffe", "\uffff", "\x1b", "\x7f", "\ud800", "\x85", "\x9f", "\u202e"]
)
def test_b49_control_characters_are_refused(char):
    assert refused(vn.clean_text, f"a{char}b").code == "control-character"


def test_b52_markup_is_text():
    for text in ("<script>alert(1)</script>", "{{7*7}}", "' OR 1=1--", "=HYPERLINK(1)"):
        assert vn.clean_text(text) == text


def test_b56_one_line():
    assert vn.clean_text("a\r\n b\tc", one_line=True) == "a b c"
    assert vn.clean_text(" a \r\nb\r\n") == "a\nb"
    assert vn.clean_text("a\tb") == "a\tb"
    assert vn.clean_text("a\u2028b") == "a\nb"
    assert vn.clean_text("a\u00a0 b", one_line=True) == "a b"


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_cleaning_twice_changes_nothing(text):
    try:
        cleaned = vn.clean_text(text, one_line=True)
    except RuleViolation:
        return
    assert vn.clean_text(cleaned, one_line=True) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == cleaned.strip()


def test_fold():
    assert vn.fold("Sở Y tế") == "so y te"
    assert vn.fold("  ĐẮK   Lắk ") == "dak lak"
    assert vn.fold(unicodedata.normalize("NFD", "Thẩm định")) == vn.fold("thẩm định") == "tham dinh"
    assert vn.fold("Điểm\u00a0thưởng") == "diem thuong"


@given(st.text(max_size=20))
def test_fold_is_stable(text):
    assert vn.fold(vn.fold(text)) == vn.fold(text)


def test_dictionary_order():
    words = ["dân", "đào", "da", "ăn", "an", "ân", "ấn", "ẩn", "Ân", "nghỉ", "nghĩ", "nghi", "ốc", "oan", "ơn", "zeta"]
    ordered = sorted(words, key=vn.sort_key)
    assert ordered.index("an") < ordered.index("ăn") < ordered.index("ân") < ordered.index("da")
    assert ordered.index("dân") < ordered.index("đào")
    assert ordered.index("ân") < ordered.index("ẩn") < ordered.index("ấn")
    assert ordered.index("nghi") < ordered.index("nghỉ") < ordered.index("nghĩ")
    assert ordered.index("oan") < ordered.index("ốc") < ordered.index("ơn")
    assert sorted(["Sở Y tế", "Sở Tài chính", "Ban A"], key=vn.sort_key) == ["Ban A", "Sở Tài chính", "Sở Y tế"]
    assert sorted(["khối 2", "khối 10", "khối"], key=vn.sort_key)[0] == "khối"


@given(st.text(max_size=10))
def test_any_text_has_a_place_in_the_order(text):
    assert vn.sort_key(text) == vn.sort_key(unicodedata.normalize("NFD", text))


def test_initials():
    assert vn.initials("Lê Văn Bình (mẫu)") == "B."
    assert vn.initials("") == ""


def test_the_hyphen_does_not_begin_a_line():
    assert vn.hyphen_kept("Thi đua - Khen thưởng") == "Thi đua\u00a0- Khen thưởng"
