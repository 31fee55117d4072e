"""The renderer's promises: same bytes, nothing fetched, nothing missing, nothing left behind."""

from __future__ import annotations

import contextlib
import gc
import http.server
import io
import os
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import pikepdf
import pypdfium2
import pytest

from tests.print import contexts
from thidua.documents import renderer, typesetting
from thidua.documents.renderer import RenderError

ROOT = Path(__file__).resolve().parents[2]

COVENANT = "print/blocs/covenant.html"


def page(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="vi"><head><title>Thử</title>{head}</head><body>{body}</body></html>'


def test_same_context_same_bytes():
    first = renderer.to_pdf(renderer.to_html(COVENANT, contexts.covenant()))
    renderer.to_pdf(renderer.to_html("print/scoring/minutes.html", contexts.minutes_kickoff()))
    assert renderer.to_pdf(renderer.to_html(COVENANT, contexts.covenant())) == first


def test_identifier_follows_the_content():
    def identifier(html):
        with pikepdf.open(io.BytesIO(renderer.to_pdf(html))) as pdf:
            return bytes(pdf.trailer.ID[0])

    assert identifier(page("<p>một</p>")) != identifier(page("<p>hai</p>"))


@pytest.mark.parametrize("name", contexts.ALL)
def test_each_key_is_needed(name):
    """A context that lacks a documented key fails with a sentence naming it, never prints a hole."""
    _, template, make = contexts.ALL[name]
    full = make()
    for key in full:
        with pytest.raises(RenderError, match=rf"Giấy thiếu dữ liệu để in \({key}\)"):
            renderer.to_html(template, {k: v for k, v in full.items() if k != key})


def test_missing_inner_key_and_wrong_type():
    context = contexts.minutes_kickoff()
    del context["members"][0]["count"]
    with pytest.raises(RenderError, match="Giấy thiếu dữ liệu"):
        renderer.to_html("print/scoring/minutes.html", context)
    with pytest.raises(RenderError, match="không đúng dạng"):
        renderer.to_html("print/scoring/minutes.html", contexts.minutes_kickoff() | {"start": 14})


def test_unknown_template():
    with pytest.raises(RenderError, match="Không có mẫu giấy"):
        renderer.to_html("print/nothing.html", {})
    with pytest.raises(RenderError, match="Không có mẫu giấy"):
        renderer.to_html("print/../layout/base.html", {})
    with pytest.raises(RenderError, match="Không có mẫu giấy"):
        renderer.template_version("print/nothing.html")


def test_what_people_type_is_text():
    """quality.md B58: markup typed into a field prints as it was typed."""
    context = contexts.covenant()
    typed = '<img src="file:///etc/passwd"><link rel=attachment href="file:///etc/passwd">{{ 7*7 }}'
    context |= {"closing": typed, "document_title": typed, "place": typed, "issuer_lines": ["<b>Khối</b>"]}
    context["groups"][0]["signers"][0] |= {"name": "<i>An</i>", "unit_lines": ["<u>Sở</u>"], "note": "<s>x</s>"}
    html = renderer.to_html(COVENANT, context)
    assert "<img" not in html
    assert "<link" not in html
    pdf = renderer.to_pdf(html)
    with pypdfium2.PdfDocument(pdf) as document:
        text = "".join(p.get_textpage().get_text_range() for p in document)
    assert "file:///etc/passwd" in "".join(text.split())
    assert "{{7*7}}" in "".join(text.split())
    assert "root:" not in text
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not opened.attachments


@pytest.fixture(scope="module")
def canary(tmp_path_factory):
    """A listener and a file that nobody may touch: (address, path, requests seen)."""
    seen: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            seen.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"CANARY")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = tmp_path_factory.mktemp("canary") / "secret.txt"
    secret.write_text("CANARY-SECRET-TEXT")
    yield f"http://127.0.0.1:{server.server_address[1]}", secret, seen
    server.shutdown()
    server.server_close()


VECTORS = [
    '<img src="{url}/img">',
    '<img src="{file}">',
    '<img src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3C/svg%3E">',
    '<object data="{file}"></object>',
    '<object data="{url}/object"></object>',
    '<embed src="{url}/embed">',
    '<img src="//127.0.0.1/x">',
    '<img src="ftp://127.0.0.1/x">',
    '<img src="static:../a4.css">',
    '<img src="static:../../thidua/settings.py">',
    '<img src="static:/etc/passwd">',
    '<img src="static:fonts/../../../manage.py">',
    '<img src="static:fonts/fonts.conf">',
    '<div style="background: url({url}/bg)">x</div>',
    '<div style="background-image: url({file})">x</div>',
    '<ul style="list-style-image: url({url}/li)"><li>x</li></ul>',
    '<p style="content: url({file})">x</p>',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}/svg" width="9" height="9"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg"><use href="{url}/use.svg#x"/></svg>',
    '<a rel="attachment" href="{file}">x</a>',
    '<a rel="attachment" href="{url}/a">x</a>',
]
HEAD_VECTORS = [
    '<link rel="stylesheet" href="{url}/css">',
    '<link rel="stylesheet" href="{file}">',
    '<link rel="attachment" href="{file}">',
    '<link rel="attachment" href="{url}/attachment">',
    "<style>@import url({url}/import);</style>",
    "<style>@import '{file}';</style>",
    "<style>@font-face {{ font-family: x; src: url({url}/font) }} p {{ font-family: x }}</style>",
    "<style>@page {{ background: url({url}/page) }}</style>",
    '<base href="{url}/"><img src="relative.png">',
]


@pytest.mark.parametrize(
    "html", [page(v + "<p>x</p>") for v in VECTORS] + [page("<p>x</p>", v) for v in HEAD_VECTORS],
    ids=range(len(VECTORS) + len(HEAD_VECTORS)),
)  # fmt: skip
def test_pdf_ssrf(canary, html):
    """quality.md T13: nothing is fetched and nothing read, even if hostile markup reached the engine."""
    url, secret, seen = canary
    pdf = None
    with contextlib.suppress(RenderError):
        pdf = renderer.to_pdf(html.format(url=url, file=secret.as_uri()))
    if pdf is not None:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            assert not opened.attachments
            assert "/EmbeddedFiles" not in opened.Root.get("/Names", {})
            streams = b"".join(o.read_bytes() for o in opened.objects if isinstance(o, pikepdf.Stream))
        assert b"CANARY" not in streams
    assert not seen


def test_a_letter_without_glyph_is_named():
    with pytest.raises(RenderError, match="漢"):
        renderer.to_pdf(page("<p>Chữ 漢 trong giấy</p>"))
    assert renderer.to_pdf(page("<p>Lần sau vẫn in được</p>")).startswith(b"%PDF")


def test_collector_is_given_back():
    gc.enable()
    renderer.to_pdf(page("<p>x</p>"))
    assert gc.isenabled()
    with pytest.raises(RenderError):
        renderer.to_pdf(page('<img src="file:///etc/passwd">'))
    assert gc.isenabled()


def test_other_programs_keep_the_machine_fonts(monkeypatch):
    """A browser started by the same process must not be left with one serif face."""
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    renderer._engine.cache_clear()
    renderer.warm_up()
    assert "FONTCONFIG_FILE" not in os.environ


FACES = """
import io, pikepdf
from thidua.documents import renderer
html = "<!DOCTYPE html><html lang='vi'><head><title>Thử phông</title></head><body><p>x</p></body></html>"
pdf = renderer.to_pdf(html, extra_css="p { font-family: 'DejaVu Sans', sans-serif }")
with pikepdf.open(io.BytesIO(pdf)) as opened:
    print(*sorted({str(f.BaseFont).split("+")[-1] for f in opened.pages[0].Resources.Font.values()}))
"""


def test_only_the_four_faces_are_seen():
    """Whatever family a paper asks for, the engine finds Liberation Serif and nothing else.

    In a process of its own, as a worker is: fontconfig keeps what another program of the same process has read.
    """
    done = subprocess.run([sys.executable, "-c", FACES], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["Liberation-Serif"]


def test_threads_do_not_disturb_each_other():
    html = renderer.to_html("print/scoring/minutes.html", contexts.minutes_kickoff())
    expected, got = renderer.to_pdf(html), []
    threads = [threading.Thread(target=lambda: got.append(renderer.to_pdf(html))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [expected] * 3


def test_template_version_is_short_stable_and_per_template():
    versions = {template: renderer.template_version(template) for _, template, _ in contexts.GOOD.values()}
    assert len(set(versions.values())) == 4
    assert all(len(v) == 16 for v in versions.values())
    assert renderer._templates_used("print/scoring/minutes.html") == {
        "print/scoring/minutes.html", "print/scoring/_results.html", "print/base.html", "print/_macros.html",
    }  # fmt: skip


def test_html_is_composed():
    context = contexts.covenant() | {"place": "Ba\u0306\u0301c Ninh"}
    assert "Bắc Ninh, ngày 11 tháng 3 năm 2022" in renderer.to_html(COVENANT, context)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [("48.50", 2, "48,50"), ("1016", 2, "1.016,00"), ("1016", None, "1.016"), (None, 2, ""), ("-4", 0, "−4"),
     (Decimal("0.005"), 2, "0,01"), (3, None, "3")],
)  # fmt: skip
def test_numbers(value, digits, text):
    assert renderer.number(value, digits) == text


def test_floats_are_refused():
    with pytest.raises(RenderError):
        renderer.number(0.1)


@pytest.mark.parametrize(
    ("text", "mark", "result"),
    [("xong", ".", "xong."), ("xong;", ".", "xong."), ("xong./.", "./.", "xong./."), ("xong .", ";", "xong;")],
)
def test_ended(text, mark, result):
    assert renderer.ended(text, mark) == result


# ------------------------------------------------------------- typesetting
def test_names_break_between_words_that_belong_together():
    lines = typesetting.fit_lines(["Ban Quản lý An toàn thực phẩm"], 39, 13, bold=True, upper=True)
    assert lines == ["BAN QUẢN LÝ", "AN TOÀN", "THỰC PHẨM"]


def test_hand_broken_lines_stay_where_they_fit():
    assert typesetting.fit_lines(["Sở Giáo dục", "và Đào tạo"], 60, 13) == ["Sở Giáo dục", "và Đào tạo"]


def test_no_line_begins_with_a_hyphen():
    for room in range(25, 120, 5):
        lines = typesetting.fit_lines(["Sở Lao động - Thương binh và Xã hội - Thể thao"], room, 13, bold=True)
        assert not any(line.startswith("-") for line in lines)


def test_every_line_fits_and_no_letter_is_lost():
    text = "Ủy ban Mặt trận Tổ quốc Việt Nam và các tổ chức chính trị - xã hội tỉnh LĐTBXHVHTTDLGDĐTBHXHATTP"
    for room in range(12, 200, 7):
        lines = typesetting.fit_lines([text], room, 12, bold=True)
        assert all(typesetting.width_mm(line, 12, bold=True) <= room for line in lines)
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_rows_are_even():
    assert [len(row) for row in typesetting.rows_of(list(range(7)), 4)] == [4, 3]
    assert [len(row) for row in typesetting.rows_of(list(range(9)), 4)] == [3, 3, 3]
    assert typesetting.rows_of([], 4) == []


def test_long_names_get_wider_boxes():
    short = [contexts.signer("Giám đốc", "Lê An (mẫu)", ["Sở Y tế"])] * 4
    long = [contexts.signer("Giám đốc", "Nguyễn Thị Phương Thảo (mẫu)", ["Sở Y tế"])] * 4
    assert typesetting.signature_columns(short, 160, 13) == 4
    assert typesetting.signature_columns(long, 160, 13) == 2
