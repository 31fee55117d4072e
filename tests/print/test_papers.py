"""Every paper: its HTML against a golden file, its geometry, its text as it copies out, its PDF/A dress."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import unicodedata
from functools import cache
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tests.print import check_paper, contexts
from thidua.documents import renderer

GOLDEN = Path(__file__).parent / "golden"


@cache
def html_of(name: str) -> str:
    _, template, make = contexts.ALL[name]
    return renderer.to_html(template, make())


@cache
def pdf_of(name: str) -> bytes:
    return renderer.to_pdf(html_of(name))


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def printed(name: str) -> str:
    """The text as a reader copies it, no-break spaces as blanks."""
    return re.sub(r"\s+", " ", text_of(pdf_of(name)).replace("\u00a0", " "))


@pytest.mark.parametrize("name", contexts.ALL)
def test_context_is_frozen_json(name):
    context = contexts.ALL[name][2]()
    assert json.loads(json.dumps(context)) == context


@pytest.mark.parametrize("name", [*contexts.GOOD, *contexts.DRAFTS])
def test_golden_html(name):
    """As in tests/print/golden; after a wanted change write them anew with UPDATE_GOLDENS=1 and read the diff."""
    path = GOLDEN / f"{name}.html"
    html = html_of(name)
    if os.environ.get("UPDATE_GOLDENS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(html, encoding="utf-8")
    assert html == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", contexts.ALL)
def test_html_is_fit_for_a_strict_page(name):
    html = html_of(name)
    assert unicodedata.is_normalized("NFC", html)
    assert not re.search(r"<[^>]* (style|on\w+)=|<script|<style|<img|<link|None|Undefined|\{\{", html)


@pytest.mark.parametrize("name", [*contexts.GOOD, *contexts.WIDE])
def test_geometry(tmp_path, name):
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf_of(name))
    kind = contexts.ALL[name][0]
    report = check_paper.check(path, kind)
    assert report.ok, [r for r in report.results if r.state == check_paper.FAIL]
    assert check_paper.check(path).kind == kind


@pytest.mark.parametrize("name", contexts.DRAFTS)
def test_unfinished_papers_come_out(name):
    with pypdfium2.PdfDocument(pdf_of(name)) as document:
        assert 1 <= len(document) <= 4


@pytest.mark.parametrize("name", contexts.ALL)
def test_only_our_face_is_embedded(name):
    with pikepdf.open(io.BytesIO(pdf_of(name))) as pdf:
        names = {
            str(font.BaseFont).split("+")[-1] for page in pdf.pages for font in page.Resources.get("/Font", {}).values()
        }
    assert names <= {"Liberation-Serif", "Liberation-Serif-Bold", "Liberation-Serif-Italic",
                     "Liberation-Serif-Bold-Italic"}, names  # fmt: skip


@pytest.mark.parametrize("name", contexts.GOOD)
def test_pdfa_metadata(name):
    with pikepdf.open(io.BytesIO(pdf_of(name))) as pdf:
        assert "/OutputIntents" in pdf.Root
        assert str(pdf.Root.Lang) == "vi"
        with pdf.open_metadata() as meta:
            assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "U")
            assert meta["dc:title"] == contexts.ALL[name][2]()["document_title"]
            assert meta["xmp:CreateDate"].startswith("2022-")
        assert "/EmbeddedFiles" not in pdf.Root.get("/Names", {})


@pytest.mark.parametrize("name", contexts.GOOD)
def test_bookmarks(name):
    with pikepdf.open(io.BytesIO(pdf_of(name))) as pdf, pdf.open_outline() as outline:
        top = list(outline.root)
        titles = [child.title for item in top for child in item.children]
    assert len(top) == 1
    assert titles, "a paper of several pages needs bookmarks"
    if name.startswith("table"):
        assert "Thực hiện nhiệm vụ chính trị, chuyên môn" in titles


def test_text_copies_out_as_vietnamese():
    """Each letter once, composed, in reading order: the whole alphabet in four faces."""
    letters = (
        "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵđ"
        "AÀẢÃÁẠĂẰẲẴẮẶÂẦẨẪẤẬEÈẺẼÉẸÊỀỂỄẾỆIÌỈĨÍỊOÒỎÕÓỌÔỒỔỖỐỘƠỜỞỠỚỢUÙỦŨÚỤƯỪỬỮỨỰYỲỶỸÝỴĐ“”–…%≥−"
    )
    words = " ".join(letters[i : i + 8] for i in range(0, len(letters), 8))
    loose = unicodedata.normalize("NFD", words)
    html = "".join(f"<p>{start}{words}{end}</p>" for start, end in (
        ("", ""), ("<b>", "</b>"), ("<i>", "</i>"), ("<b><i>", "</i></b>")
    ))  # fmt: skip
    pdf = renderer.to_pdf(f'<!DOCTYPE html><html lang="vi"><title>Bảng chữ cái</title>{html}</html>')
    assert "".join(text_of(pdf).split()) == letters * 4
    assert loose not in text_of(pdf)


@pytest.mark.skipif(not shutil.which("pdftotext"), reason="needs poppler-utils")
@pytest.mark.parametrize("name", contexts.GOOD)
def test_pdftotext_reads_the_same(tmp_path, name):
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf_of(name))
    out = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True).stdout.decode()
    flat = re.sub(r"\s+", " ", out.replace("\u00a0", " "))
    assert unicodedata.is_normalized("NFC", out)
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ỦY BAN NHÂN DÂN",
        "Bắc Ninh, ngày",
    ):
        assert words in flat


# ---------------------------------------------------------- what they say
def test_covenant_of_case_000():
    text = printed("covenant")
    assert "Căn cứ Quyết định số 109/QĐ-UBND ngày 25 tháng 01 năm 2022" in text
    assert text.index("SỞ GIÁO DỤC") < text.index("SỞ Y TẾ")
    for index in range(8):
        assert text.count(contexts.UNITS[index][2]) == 1
    assert "Chứng kiến ký kết" in text
    assert text.count("./.") == 1


def test_covenant_grounds_end_as_they_should():
    html = html_of("covenant")
    grounds = re.findall(r'<p class="ground">(.*?)</p>', html)
    assert [g[-1] for g in grounds] == [";", ";", "."]


def test_covenant_of_twenty_has_every_box_and_the_late_date():
    text = printed("covenant-20")
    assert text.count("(mẫu)") == 21
    assert "Ký ngày 15/3/2022" in text


def test_an_unknown_signer_stays_blank():
    assert "……………………" in printed("covenant-bare")
    assert "None" not in printed("covenant-bare")


def test_minutes_of_the_kickoff():
    text = printed("minutes-kickoff")
    assert "Số: 01/BB-KTĐ" in text
    assert "Hôm nay, vào hồi 14 giờ 00 phút ngày 11 tháng 3 năm 2022, tại Hội trường Sở Giáo dục" in text
    assert "16 người, đại diện cho 08/08 đơn vị" in text
    assert "Vắng mặt: không." in text
    assert "hoàn thành trước ngày 31 tháng 3 năm 2022." in text
    assert "03 bản có giá trị như nhau./." in text


def test_minutes_of_the_year_end_with_ranking_and_ballot():
    text = printed("minutes-year-end")
    assert "Vắng mặt: Trung tâm Hành chính công tỉnh (bận họp, có gửi ý kiến bằng văn bản)." in text
    assert "bầu Sở Y tế làm Trưởng khối, Bảo hiểm xã hội tỉnh làm Phó Trưởng khối năm 2023" in text
    assert "Số phiếu phát ra: 16" in text
    assert "81,3" in text  # 13 of 16, half up
    assert re.search(r"97,5 97,0 97,00 1 Xuất sắc", text)


def test_ranking_without_self_points_and_classes_drops_those_columns():
    context = contexts.minutes_year_end()
    for row in context["ranking"]["rows"]:
        row |= {"self_points": None, "rate": None, "classification": ""}
    html = renderer.to_html("print/scoring/minutes.html", context)
    assert "Điểm tự chấm" not in html
    assert "Xếp loại" not in html
    assert "Điểm thống nhất" in html


@pytest.mark.parametrize(("name", "tables"), [("table-8", 1), ("table-12", 1), ("table-14", 1), ("table-20", 2)])
def test_score_table_stands_in_as_few_parts_as_fit(name, tables):
    assert html_of(name).count('<table class="ruled points">') == tables
    assert ("Phần 1/2" in html_of(name)) == (tables == 2)


def test_score_table_columns_fill_the_text_width():
    for name in ("table-8", "table-12", "table-14", "table-20", "table-1"):
        for group in re.findall(r'<table class="ruled points"><colgroup>(.*?)</colgroup>', html_of(name)):
            classes = re.findall(r'class="mm(\d+)(h?)"', group)
            assert sum(int(mm) + (0.5 if half else 0) for mm, half in classes) == 247


def test_score_table_says_its_rules():
    text = printed("table-12")
    assert "GDĐT: Sở Giáo dục và Đào tạo" in text
    assert "Nội vụ: Sở Nội vụ" in text
    assert "Xếp hạng theo tổng điểm; khi bằng nhau xét lần lượt: điểm mục I, điểm thưởng, bốc thăm" in text
    assert "làm tròn đến 2 chữ số thập phân" in text
    assert "−4,00" in text
    draft = printed("table-1")
    assert "Xếp hạng theo tỷ lệ giữa tổng điểm và điểm tối đa của đơn vị" in draft
    assert "ghi “–” (I.1): không tính vào tổng điểm và điểm tối đa của đơn vị" in draft


def test_score_sheet_and_its_evidence():
    text = printed("sheet")
    assert "PHIẾU TỰ CHẤM ĐIỂM THI ĐUA" in text
    assert "B. DANH MỤC MINH CHỨNG" in text
    assert "Danh mục gồm 03 minh chứng." in text
    assert "Chỉ tiêu 12" in text
    assert "Thực hiện 1.250,5" in text
    assert "Xếp hạng: 2/8 đơn vị. Xếp loại: Xuất sắc." in text
    assert "Chưa có minh chứng." in printed("sheet-no-evidence")


@pytest.mark.parametrize("name", contexts.ALL)
def test_draft_and_sample_are_marked(name):
    context = contexts.ALL[name][2]()
    with pypdfium2.PdfDocument(pdf_of(name)) as document:
        pages = [page.get_textpage().get_text_range() for page in document]
    assert all(("DỰ THẢO" in page) == context["draft"] for page in pages)
    assert sum("Số liệu mẫu" in page for page in pages) == (1 if context["sample"] else 0)


def test_deep_tree_and_long_texts_survive(tmp_path):
    """Five levels, a code as wide as they come, and a text of five hundred letters."""
    context = contexts.score_table(12, 8)
    row = next(r for r in context["rows"] if r["kind"] == "criterion")
    for level, code in enumerate(("1", "a)", "10", "10.a"), 1):
        context["rows"].insert(level, row | {"kind": "section", "level": level, "code": code, "text": f"Mức {level}"})
    context["rows"].append(row | {"level": 4, "code": "IV.10.10.na", "text": "chỉ tiêu rất dài " * 30})
    path = tmp_path / "deep.pdf"
    path.write_bytes(renderer.to_pdf(renderer.to_html("print/scoring/score_table.html", context)))
    failed = check_paper.check(path, "table").failed()
    assert not failed & {"margin left", "margin right", "page size A4", "table headings", "font family"}, failed


def test_subtotal_of_deductions_carries_the_minus():
    context = contexts.score_table(8, 8)
    heading, line = context["rows"][-2:]
    heading["cells"] = ["4", "0", *[None] * 6]
    line["cells"] = ["4", *[None] * 7]
    html = renderer.to_html("print/scoring/score_table.html", context)
    assert html.count("−4,0") == 2
    assert "−0" not in html
