"""Plant one fault at a time in a good paper and see that its rule fails: so the measuring stick can be believed.

The papers are our own templates' output; the two kinds that have no template yet (letter, tally minutes) come from
``reference/`` and are printed with the same stylesheet.
"""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pikepdf
import pytest

from tests.print import check_paper as cp
from tests.print import contexts
from thidua.documents import renderer

REFERENCE = Path(__file__).parent / "reference"
PAPERS = {
    "minutes": "minutes-year-end",
    "covenant": "covenant",
    "table": "table-12",
    "score-sheet": "sheet",
}


@cache
def html_of(kind: str) -> str:
    if kind not in PAPERS:
        return (REFERENCE / f"{kind}.html").read_text(encoding="utf-8")
    _, template, make = contexts.GOOD[PAPERS[kind]]
    return renderer.to_html(template, make())


def sub(old, new):
    def change(html):
        assert old in html, f"nothing to spoil: {old}"
        return html.replace(old, new)

    return change


def made(folder, kind, change=None, css="", variant=renderer.PDF_VARIANT):
    target = folder / f"{kind}.pdf"
    html = html_of(kind)
    target.write_bytes(renderer.to_pdf(change(html) if change else html, extra_css=css, variant=variant))
    return target


@pytest.mark.parametrize("kind", ["minutes", "covenant", "table", "score-sheet", "letter", "tally"])
def test_good_papers_pass(tmp_path, kind):
    report = cp.check(made(tmp_path, kind), kind)
    assert report.ok, [r for r in report.results if r.state == cp.FAIL]
    assert len(report.results) == 44
    assert report.kind == cp.check(tmp_path / f"{kind}.pdf").kind == kind  # guessed the same


# id, paper, change of HTML, extra CSS, the rule that must fail
FAULTS = [
    ("letter size paper", "minutes", None, "@page { size: letter }", "page size A4"),
    ("minutes lying", "minutes", None, "@page { size: A4 landscape }", "page size A4"),
    ("sheet lying", "score-sheet", None, "@page { size: A4 landscape }", "page size A4"),
    ("left margin 22", "minutes", None, "@page { margin-left: 22mm }", "margin left"),
    ("left margin 40", "letter", None, "@page { margin-left: 40mm }", "margin left"),
    (
        "right margin 12", "minutes", None,
        "@page { margin-right: 12mm } table.ruled { width: 168mm }", "margin right",
    ),
    (
        "right margin 28", "minutes", None,
        "@page { margin-right: 28mm } table { width: 152mm !important }", "margin right",
    ),
    ("top margin 12", "minutes", None, "@page { margin-top: 12mm }", "margin top"),
    ("top margin 32", "minutes", None, "@page { margin-top: 32mm }", "margin top"),
    (
        "bottom margin 8", "minutes", None,
        "@page { margin-bottom: 8mm } p { break-inside: auto; orphans: 1; widows: 1 } tr { break-inside: auto }",
        "margin bottom",
    ),
    ("sheet's table leaves the margin", "score-sheet", None, "table.sheet { width: 172mm }", "margin right"),
    ("no such face", "minutes", None, "p { font-family: 'DejaVu Sans' } @font-face { font-family: 'DejaVu Sans';"
     " src: url('static:fonts/LiberationSerif-Regular.ttf') }", "font family"),
    ("body 12 pt", "minutes", None, "p { font-size: 12pt }", "body size"),
    ("two body sizes", "covenant", None, "p.ground { font-size: 13pt }", "body size"),
    ("flush left", "minutes", None, "p { text-align: left }", "justified"),
    ("kerned lines overshoot", "minutes", None, "html { font-kerning: normal }", "justified"),
    ("no indent", "minutes", None, "p { text-indent: 0 }", "first-line indent"),
    ("indent 2 cm", "covenant", None, "p { text-indent: 20mm }", "first-line indent"),
    ("one paragraph not indented", "minutes", None, "h2 + p { text-indent: 0 }", "first-line indent"),
    ("paragraphs 2 pt apart", "minutes", None, "p, h2 { margin-bottom: 2pt }", "paragraph space"),
    ("double spaced", "covenant", None, "p { line-height: 2.1 }", "line spacing"),
    ("cramped", "covenant", None, "p { line-height: 1.0 }", "line spacing"),
    ("Quốc hiệu 14 pt", "table", None, ".nation { font-size: 14pt }", "Quốc hiệu"),
    ("Quốc hiệu light", "minutes", None, ".nation { font-weight: 400 }", "Quốc hiệu"),
    ("Tiêu ngữ 12 pt", "minutes", None, ".motto { font-size: 12pt }", "Tiêu ngữ"),
    ("Tiêu ngữ with dashes", "minutes", sub("Độc lập - Tự do", "Độc lập – Tự do"), "", "Tiêu ngữ"),
    ("no rule under Tiêu ngữ", "minutes", None, ".motto::after { display: none }", "rule under Tiêu ngữ"),
    ("short rule under Tiêu ngữ", "score-sheet", None, ".motto::after { width: 50% }", "rule under Tiêu ngữ"),
    ("superior agency bold", "minutes", None, ".superior { font-weight: 700 }", "superior agency"),
    ("issuing agency light", "minutes", None, ".issuer { font-weight: 400 }", "issuing agency"),
    ("no rule under agency", "covenant", None, ".issuer::after { display: none }", "rule under agency"),
    ("rule under agency full", "covenant", None, ".issuer::after { width: 100% }", "rule under agency"),
    ("rule under agency to the left", "covenant", None, ".issuer::after { margin-left: 0 }", "rule under agency"),
    ("number without zero", "minutes", sub("Số: 02/BB", "Số: 2/BB"), "", "number line"),
    ("number with spaces", "minutes", sub("Số: 02/BB-KTĐ", "Số: 02 / BB-KTĐ"), "", "number line"),
    ("number lost", "minutes", sub("Số: 02/BB-KTĐ</span>", "</span>"), "", "number line"),
    ("date upright", "minutes", None, ".dateline { font-style: normal }", "place-date line"),
    (
        "number and date apart", "minutes", None,
        ".number { position: relative; top: 5pt }", "number and date on one baseline",
    ),
    ("day 8", "minutes", sub("ngày 08 tháng 12", "ngày 8 tháng 12"), "", "leading zeros in dates"),
    ("month 1", "covenant", sub("25 tháng 01", "25 tháng 1"), "", "leading zeros in dates"),
    ("9/3 by slash", "covenant", sub("ngày 11 tháng 3 năm 2022.", "ngày 9/3."), "", "leading zeros in dates"),
    ("9/3/2022 by slash", "covenant", sub("ngày 11 tháng 3 năm 2022.", "9/3/2022."), "", "leading zeros in dates"),
    ("type light", "minutes", None, "h1 { font-weight: 400 }", "document type"),
    ("type to the left", "minutes", None, "h1 { text-align: left }", "document type"),
    ("wrong type", "covenant", sub("<h1>GIAO ƯỚC THI ĐUA", "<h1>BÁO CÁO"), "", "document type"),
    ("sheet without its name", "score-sheet", sub("<h1>PHIẾU TỰ CHẤM", "<h1>TỰ CHẤM"), "", "document type"),
    ("abstract light", "minutes", None, ".abstract { font-weight: 400 }", "abstract"),
    ("no rule under abstract", "minutes", None, ".abstract::after { display: none }", "rule under abstract"),
    (
        "number on page 1", "minutes", None,
        "@page :first { @top-center { content: counter(page) } }", "page numbers",
    ),
    ("no page numbers", "minutes", None, "@page { @top-center { content: none } }", "page numbers"),
    ("no page numbers on a sheet", "score-sheet", None, "@page { @top-center { content: none } }", "page numbers"),
    (
        "page number right", "minutes", None,
        "@page { @top-center { text-align: right; width: 160mm } }", "page numbers",
    ),
    (
        "page number at the foot", "minutes", None,
        "@page { @top-center { content: none } @bottom-center { content: counter(page) } }", "page numbers",
    ),
    (
        "page number roman", "minutes", None,
        "@page { @top-center { content: counter(page, lower-roman) } }", "page numbers",
    ),
    ("page number 10 pt", "minutes", None, "@page { @top-center { font-size: 10pt } }", "page numbers"),
    (
        "annex goes on counting and shows it", "letter", None,
        "@page :nth(1 of annex) { @top-center { content: counter(page) } }", "page numbers",
    ),
    (
        "lonely signature", "minutes", None,
        ".closing { break-inside: auto } table.sign { break-before: page }", "signature not alone",
    ),
    (
        "lonely signature of a letter", "letter", None,
        ".closing { break-inside: auto } table.sign { break-before: page }", "signature not alone",
    ),
    (
        "lonely signatures of a covenant", "covenant", None,
        ".closing { break-inside: auto } p.group-row { break-before: page }", "signature not alone",
    ),
    (
        "signers not in bold", "covenant", None,
        "table.boxes td { font-weight: 400 }", "signatures",
    ),
    ("signature light", "minutes", None, "table.sign td { font-weight: 400 }", "signatures"),
    ("one signer of a sheet", "score-sheet", sub("<td>Tô Văn Bình (mẫu)</td>", "<td></td>"), "", "signatures"),
    ("no room to sign", "minutes", None, "table.sign tr.room td { height: 9mm }", "signature room"),
    ("degree before the name", "minutes", sub("<td>Cao Thị An", "<td>TS. Cao Thị An"), "", "signatures"),
    ("prefix without full stop", "table", sub("TM. KHỐI THI ĐUA", "TM KHỐI THI ĐUA"), "", "signatures"),
    (
        "chair to the left", "minutes",
        sub("<td>THƯ KÝ</td><td>CHỦ TRÌ</td>", "<td>CHỦ TRÌ</td><td>THƯ KÝ</td>"), "", "signatures",
    ),
    ("Nơi nhận 14 pt", "minutes", None, ".to-list p.head { font-size: 14pt }", "Nơi nhận"),
    ("Nơi nhận upright", "letter", None, ".to-list p.head { font-style: normal }", "Nơi nhận"),
    ("list 12 pt", "minutes", None, ".to-list p { font-size: 12pt }", "Nơi nhận"),
    ("no Lưu line", "minutes", sub("<p>- Lưu: VT, KTĐ.</p>", ""), "", "Nơi nhận"),
    ("no Nơi nhận", "letter", sub('<p class="head">Nơi nhận:</p>', ""), "", "Nơi nhận"),
    ("no end mark", "minutes", sub("./.", "."), "", "end mark"),
    ("end mark apart", "covenant", sub("ký kết./.", "ký kết ./."), "", "end mark"),
    ("headings light", "minutes", None, "table.ruled th { font-weight: 400 }", "table headings"),
    ("headings left", "score-sheet", None, "table.ruled th { text-align: left }", "table headings"),
    ("headings 10 pt", "table", None, "table.ruled th { font-size: 10pt }", "table headings"),
    ("numbers centred", "minutes", None, "table.ruled td.num { text-align: center }", "table numbers"),
    ("numbers left", "table", None, "table.ruled td.num { text-align: left }", "table numbers"),
    ("numbers of a sheet left", "score-sheet", None, "table.ruled td.num { text-align: left }", "table numbers"),
    ("head not repeated", "table", None, "table.ruled thead { display: table-row-group }", "table head repeats"),
    (
        "head of a sheet not repeated", "score-sheet", None,
        "table.ruled thead { display: table-row-group }", "table head repeats",
    ),
    ("sheet without its table", "score-sheet", None, "table.ruled { display: none }", "table headings"),
    ("red rules", "minutes", None, ".motto::after { border-color: #c00 }", "all black"),
    ("grey text", "minutes", None, "p { color: #555 }", "all black"),
    ("decomposed letters", "minutes", lambda h: unicodedata.normalize("NFD", h), "", "text is NFC"),
    ("English", "minutes", sub('lang="vi"', 'lang="en"'), "", "language metadata"),
    (
        "no title", "minutes",
        lambda h: h[: h.index("<title>")] + h[h.index("</title>") + 8 :], "", "title metadata",
    ),
    ("no bookmarks", "table", None, "h1, h2, h3, td { bookmark-level: none !important }", "bookmarks"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "css", "rule"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS])
def test_fault_is_caught(tmp_path, kind, change, css, rule):
    report = cp.check(made(tmp_path, kind, change, css), kind)
    assert rule in report.failed(), {r.rule: (r.state, r.figure) for r in report.results}.get(rule)


def test_no_pdfa(tmp_path):
    assert "PDF/A claim" in cp.check(made(tmp_path, "minutes", variant=None)).failed()


def test_font_not_embedded(tmp_path):
    source, target = made(tmp_path, "minutes"), tmp_path / "bare.pdf"
    with pikepdf.open(source) as pdf:
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/FontDescriptor":
                for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                    if key in item:
                        del item[key]
        pdf.save(target)
    assert "fonts embedded" in cp.check(target).failed()


def test_another_face_is_caught(tmp_path):
    """The private font folder holds one family only, so a foreign face is planted in the finished file."""
    source, target = made(tmp_path, "minutes"), tmp_path / "sans.pdf"
    with pikepdf.open(source) as pdf:
        font = next(iter(pdf.pages[0].Resources.Font.values()))
        font.BaseFont = pikepdf.Name("/ABCDEF+Liberation-Sans")
        font.DescendantFonts[0].BaseFont = pikepdf.Name("/ABCDEF+Liberation-Sans")
        font.DescendantFonts[0].FontDescriptor.FontName = pikepdf.Name("/ABCDEF+Liberation-Sans")
        pdf.save(target)
    assert "font family" in cp.check(target).failed()


def test_notdef_glyph(tmp_path):
    source, target = made(tmp_path, "letter"), tmp_path / "holes.pdf"
    with pikepdf.open(source) as pdf:
        page = pdf.pages[0]
        steps = list(pikepdf.parse_content_stream(page))
        for index, (_, operator) in enumerate(steps):
            if str(operator) == "TJ":
                steps[index] = ([pikepdf.Array([pikepdf.String(b"\0\0")])], operator)
                break
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(steps))
        pdf.save(target)
    assert "no missing glyphs" in cp.check(target).failed()


def test_heavy_file(tmp_path):
    source, target = made(tmp_path, "tally"), tmp_path / "heavy.pdf"
    with pikepdf.open(source) as pdf:
        pdf.Root.Heavy = pdf.make_indirect(pikepdf.Stream(pdf, os.urandom(400_000)))
        pdf.save(target)
    assert "file size per page" in cp.check(target).failed()


def test_pictures_of_text_fail(tmp_path):
    target = tmp_path / "blank.pdf"
    target.write_bytes(renderer.to_pdf('<!DOCTYPE html><html lang="vi"><title>Trang trống</title><p></p></html>'))
    failed = cp.check(target, "minutes").failed()
    assert {"text extractable", "Quốc hiệu", "Tiêu ngữ", "document type", "signatures", "end mark"} <= failed


def test_wrong_kind_fails(tmp_path):
    assert "document type" in cp.check(made(tmp_path, "letter"), "covenant").failed()


def test_command(tmp_path):
    def run(*arguments):
        command = [sys.executable, cp.__file__, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    good, bad = made(tmp_path, "tally"), tmp_path / "no.pdf"
    bad.write_bytes(b"not a pdf")
    assert run(good, "--kind", "tally", "--json").returncode == 0
    assert run(good, "--kind", "letter").returncode == 1
    assert run(bad).returncode == 2
