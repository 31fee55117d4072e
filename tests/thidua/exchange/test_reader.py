"""Whatever is uploaded: a Workbook or a RuleViolation that says what to do (quality.md U22-U38, T12)."""

import resource
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.thidua.exchange.makers import NS, PACKAGE, REL, pack, parts, workbook
from thidua.exchange.reader import read_workbook
from thidua.exchange.writer import SheetSpec, write_xlsx
from thidua.lib.errors import RuleViolation


def refused(data, filename="diem.xlsx"):
    with pytest.raises(RuleViolation) as caught:
        read_workbook(data, filename)
    assert caught.value.message.rstrip(".”").count(" ") > 3
    return caught.value.code


def values(sheet):
    return [[c.value for c in row.cells.values()] for row in sheet.rows]


# ------------------------------------------------------------------ good
def test_smallest_workbook():
    book = read_workbook(pack(parts()), "diem.xlsx")
    assert [s.name for s in book.sheets] == ["Diem"]
    assert book.first.rows[0].cells[1].value == "Mã"
    assert book.first.rows[0].cells[1].ref == "A1"


def test_numbers_dates_text_and_formulas():
    cells = (
        '<row r="1"><c r="A1"><v>0.30000000000000004</v></c><c r="B1"><v>1000</v></c>'
        '<c r="C1" s="1"><v>46178</v></c><c r="D1" t="b"><v>1</v></c><c r="E1"><f>1+1</f><v>2</v></c>'
        '<c r="F1"><f>1+1</f></c><c r="G1" t="e"><v>#N/A</v></c><c r="H1" t="str"><f>"a"</f><v>chữ</v></c>'
        '<c r="I1"><v>-4</v></c><c r="J1" s="1"><v>99999999</v></c><c r="K1"><v>1_0</v></c><c r="L1"/></row>'
    )
    row = read_workbook(workbook(cells), "a.xlsx").first.rows[0].cells
    assert row[1].value == Decimal("0.3")
    assert row[1].is_number
    assert row[2].value == 1000
    assert str(row[2].value) == "1000"
    assert row[3].value == date(2026, 6, 5)
    assert row[3].is_date
    assert row[4].value is True
    assert row[5].value == 2
    assert "công thức" in row[6].problem
    assert "ô báo lỗi" in row[7].problem
    assert row[8].value == "chữ"
    assert row[9].value == -4
    assert row[10].problem
    assert row[11].problem
    assert 12 not in row


def test_rows_far_apart_are_not_padded():
    book = read_workbook(
        workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="9000"><c r="B9000"><v>2</v></c></row>'), "a.xlsx"
    )
    assert [(r.number, *r.cells) for r in book.first.rows] == [(1, 1), (9000, 2)]


def test_hyperlink_is_no_external_link():
    content = parts()
    content["xl/worksheets/_rels/sheet1.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{REL}/hyperlink" '
        'Target="mailto:a@b.vn" TargetMode="External"/></Relationships>'
    ).encode()
    assert read_workbook(pack(content), "a.xlsx").first.rows


def test_ten_thousand_rows_within_time():
    rows = [[f"DV{i}", "I.1", i] for i in range(10_000)]
    data = write_xlsx([SheetSpec("Điểm", ("Mã đơn vị", "Mã tiêu chí", "Điểm"), rows)])
    start = time.monotonic()
    book = read_workbook(data, "a.xlsx")
    assert len(book.first.rows) == 10_001
    assert time.monotonic() - start < 15


# ------------------------------------------------------------------- bad
def test_bomb_is_refused_at_once_and_costs_no_memory():
    content = parts()
    content["xl/worksheets/sheet1.xml"] = b"<worksheet>" + b" " * 150_000_000
    data = pack(content)
    content.clear()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.monotonic()
    assert refused(data) == "archive-bomb"
    assert time.monotonic() - start < 2
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_bomb_that_lies_about_its_size():
    content = parts()
    content["xl/worksheets/sheet1.xml"] = b"<worksheet>" + b" " * 30_000_000
    data = pack(content)
    for width in ((30_000_011).to_bytes(4, "little"),):
        data = data.replace(width, (90_000).to_bytes(4, "little"))
    assert refused(data) in {"workbook-unreadable", "archive-bomb"}


def test_three_thousand_entries():
    assert refused(pack(parts() | {f"xl/media/{i}.txt": b"x" for i in range(3000)})) == "archive-bomb"


@pytest.mark.parametrize("name", ["xl/a.zip", "xl/media/image1.png"])
def test_zip_within_zip(name):
    assert refused(pack(parts() | {name: pack({"a": b"b"})})) == "archive-nested"


@pytest.mark.parametrize(
    ("extra", "code"),
    [
        ({"xl/vbaProject.bin": b"x"}, "workbook-macro"),
        ({"xl/macrosheets/sheet1.xml": b"<a/>"}, "workbook-macro"),
        ({"xl/externalLinks/externalLink1.xml": b"<a/>"}, "workbook-external"),
        ({"xl/embeddings/oleObject1.bin": b"x"}, "workbook-embedded"),
        ({"xl/activeX/activeX1.xml": b"<a/>"}, "workbook-embedded"),
        (
            {
                "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="r" '
                f'Type="{REL}/image" Target="http://a.b/c.png" TargetMode="External"/></Relationships>'
            },
            "workbook-external",
        ),
    ],
)
def test_active_content(extra, code):
    assert refused(pack(parts() | extra)) == code


def test_macro_workbook_renamed():
    assert refused(pack(parts(main="application/vnd.ms-excel.sheet.macroEnabled.main+xml"))) == "workbook-macro"


def test_word_file_renamed():
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    assert refused(pack(parts(main=main))) == "workbook-type"


def test_old_xls_and_encrypted():
    assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == "workbook-old"


def test_encrypted_zip_entry():
    data = bytearray(pack(parts()))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert refused(bytes(data)) == "workbook-encrypted"


XXE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    "<!DOCTYPE a [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{i} '{f'&a{i - 1};' * 10}'>" for i in range(1, 10)) + "]>"
)


@pytest.mark.parametrize("doctype", [XXE, LAUGHS, "<!--" + "x" * 3_000_000 + "-->" + XXE])
def test_entities(doctype):
    content = parts()
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>'
    content["xl/worksheets/sheet1.xml"] = f"{doctype}<worksheet {NS}><sheetData>{row}</sheetData></worksheet>".encode()
    if len(doctype) > 10_000:  # keep the ratio of the comment within bounds: only the entities are on trial
        content["xl/worksheets/sheet1.xml"] = content["xl/worksheets/sheet1.xml"].replace(
            b"x" * 3_000_000, b"".join(str(i * 7919 % 100_003).encode() for i in range(600_000))
        )
    assert refused(pack(content)) == "workbook-entities"


def test_utf16_part_cannot_hide_entities():
    content = parts()
    content["xl/worksheets/sheet1.xml"] = (XXE + "<worksheet/>").encode("utf-16")
    assert refused(pack(content)) == "workbook-encoding"


def test_no_workbook_in_zip():
    assert refused(pack({})) == "workbook-unreadable"
    assert refused(pack({"a.txt": b"x"})) == "workbook-unreadable"
    content = parts()
    del content["xl/workbook.xml"]
    assert refused(pack(content)) == "workbook-unreadable"


def test_bad_style_index():
    assert refused(workbook('<row r="1"><c r="A1" s="99"><v>1</v></c></row>')) == "workbook-style"


def test_last_cell_of_the_grid():
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    start = time.monotonic()
    assert refused(workbook(cells)) == "workbook-too-large"
    assert time.monotonic() - start < 5


def test_too_many_rows_and_columns():
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1, 10_003))
    assert refused(workbook(rows)) == "workbook-too-large"
    assert refused(workbook('<row r="1"><c r="GS1"><v>1</v></c></row>')) == "workbook-too-large"
    assert refused(("a\n" * 10_002).encode(), "a.csv") == "workbook-too-large"
    assert refused((";" * 200 + "a").encode(), "a.csv") == "workbook-too-large"
    assert refused(b"a" * (5 * 1024 * 1024 + 1), "a.csv") == "workbook-too-large"


@pytest.mark.parametrize("data", [b"%PDF-1.7", b"\x89PNG\r\n", b"<html>", b"{\\rtf1}", b"\0\0\0"])
def test_other_kinds_under_a_false_name(data):
    assert refused(data) == "workbook-type"
    assert refused(data, "a.csv") == "workbook-type"


def test_empty_and_cut():
    assert refused(b"") == "workbook-empty"
    data = pack(parts())
    assert refused(data[:200]) == "workbook-unreadable"
    assert refused(data[:-30]) == "workbook-unreadable"


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_bytes_never_raise_anything_else(data):
    original = bytearray(pack(parts()))
    for _ in range(data.draw(st.integers(1, 6))):
        original[data.draw(st.integers(0, len(original) - 1))] = data.draw(st.integers(0, 255))
    try:
        read_workbook(bytes(original), "a.xlsx")
    except RuleViolation as refusal:
        assert refusal.message  # noqa: PT017


def test_zip_with_odd_method():
    data = bytearray(pack(parts()))
    at = data.find(b"PK\x01\x02")
    data[at + 10] = 99
    assert refused(bytes(data)) == "workbook-unreadable"


# ------------------------------------------------------------------- csv
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    "text", ["Mã,Điểm\nA,9.5\n", "Mã;Điểm\r\nA;9,5\r\n", "sep=;\nMã;Điểm\nA;9,5\n", '"Mã";"Điểm"\nA;9,5']
)
def test_csv(text, encoding):
    book = read_workbook(text.encode(encoding), "Diem.csv")
    assert book.first.name == "Diem"
    assert values(book.first)[0] == ["Mã", "Điểm"]
    assert values(book.first)[1][1].replace(",", ".") == "9.5"


def test_csv_decomposed_letters_become_composed():
    assert values(read_workbook("Mã\nSở".encode(), "a.csv").first) == [["Mã"], ["Sở"]]


def test_csv_quoted_comma_does_not_choose_the_delimiter():
    assert values(read_workbook(b'"a,b,c";d\n1;2', "a.csv").first)[0] == ["a,b,c", "d"]


def test_csv_refusals():
    assert refused("Mã đơn vị, Sở".encode("utf-16"), "a.csv") == "csv-encoding"
    assert refused("Mã;Đ".encode("cp1258", "replace") + b"\xd0\xff", "a.csv") == "csv-encoding"
    assert refused(b"a;" + b"x" * 200_000, "a.csv") == "csv-unreadable"


def test_companion_becomes_a_sheet():
    book = read_workbook(b"a\n1", "x.csv", companion={"Thiết lập": "Khóa;Giá trị\nTổng điểm;1000".encode()})
    assert values(book.sheet("thiết lập"))[1] == ["Tổng điểm", "1000"]
    assert book.sheet("không có") is None


def test_folder_in_name_is_dropped():
    assert read_workbook(b"a", "..\\..\\x/Diem.csv").first.name == "Diem"
