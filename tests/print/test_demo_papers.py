"""Every paper of the demo year and of the historic cases: built from what seed_demo records, measured, read."""

from __future__ import annotations

import io
import re
from collections import Counter
from contextlib import redirect_stdout

import pypdfium2
import pytest
from django.core.management import call_command
from django.db import connection, transaction

from blocs.models import Covenant, Meeting, Post
from blocs.queries.covenant_paper import covenant_context
from scoring.models import ScoreEntry, ScoreSheet
from scoring.queries.papers import minutes_context, score_sheet_context, score_table_context
from tests.print import check_paper
from thidua.audit.models import Event
from thidua.documents import renderer

pytestmark = pytest.mark.django_db  # else no test database is made for the module

TEMPLATES = {
    "covenant": "print/blocs/covenant.html",
    "minutes": "print/scoring/minutes.html",
    "table": "print/scoring/score_table.html",
    "score-sheet": "print/scoring/score_sheet.html",
}
PAPERS = {
    "covenant BN-VHXH 2022": "covenant",
    "covenant BN-VHXH 2026": "covenant",
    "minutes BN-VHXH 2026 kickoff": "minutes",
    "minutes BN-VHXH 2026 mid_year": "minutes",
    "minutes BN-VHXH 2026 year_end": "minutes",
    "minutes BN-VHXH 2022 kickoff": "minutes",
    "minutes BN-VHXH 2019 year_end": "minutes",
    "minutes BN-DANG 2019 year_end": "minutes",
    "minutes BN-KTKT 2019 year_end": "minutes",
    "minutes BN-NOICHINH 2019 year_end": "minutes",
    "minutes VP-VHXH 2019 mid_year": "minutes",
    "table BN-VHXH 2026": "table",
    "sheet SVHTTDL": "score-sheet",
    "sheet TTPVHCC": "score-sheet",
}


def _seed():
    with redirect_stdout(io.StringIO()) as told:
        call_command("seed_demo", stdout=told)
    return told.getvalue()


def _counts():
    models = (Meeting, Covenant, Post, ScoreEntry, Event)
    return Counter({model.__name__: model.objects.count() for model in models})


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo loaded once, twice in fact; what its papers print; everything taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        told, once = _seed(), _counts()
        again, twice = _seed(), _counts()
        contexts = {}
        for covenant in Covenant.objects.select_related("bloc_year__bloc__province"):
            year = covenant.bloc_year
            contexts[f"covenant {year.bloc.code} {year.year}"] = covenant_context(covenant)
        for meeting in Meeting.objects.select_related("bloc_year__bloc__province"):
            year = meeting.bloc_year
            contexts[f"minutes {year.bloc.code} {year.year} {meeting.kind}"] = minutes_context(meeting)
        sheets = ScoreSheet.objects.select_related("bloc_year__bloc__province", "unit")
        for sheet in sheets.filter(unit__code__in=("SVHTTDL", "TTPVHCC")):
            contexts[f"sheet {sheet.unit.code}"] = score_sheet_context(sheet)
            contexts["table BN-VHXH 2026"] = score_table_context(sheet.bloc_year)
        transaction.set_rollback(True)
    with django_db_blocker.unblock():
        connection.close()
    return {"told": (told, again), "counts": (once, twice), "contexts": contexts, "pdfs": {}}


def _finished(context):
    """The paper as it leaves the drawer: without the word across it, with its number and day written in."""
    return {**context, "draft": False, "number": context.get("number") or "01", "date": context["date"] or "2026-12-03"}


def _pdf(demo, name):
    if name not in demo["pdfs"]:
        html = renderer.to_html(TEMPLATES[PAPERS[name]], _finished(demo["contexts"][name]))
        demo["pdfs"][name] = renderer.to_pdf(html)
    return demo["pdfs"][name]


def _text(demo, name):
    with pypdfium2.PdfDocument(_pdf(demo, name)) as document:
        words = " ".join(page.get_textpage().get_text_range() for page in document)
    return re.sub(r"\s+", " ", words.replace("\u00a0", " ").replace("\ufffe", "-"))


def test_loading_twice_changes_nothing(demo):
    once, twice = demo["counts"]
    assert once == twice
    assert once["Meeting"] == 9 and once["Covenant"] == 2
    assert demo["told"][0] == demo["told"][1]


def test_every_paper_is_listed_here(demo):
    assert set(demo["contexts"]) == set(PAPERS)


@pytest.mark.parametrize("name", PAPERS)
def test_geometry(demo, tmp_path, name):
    path = tmp_path / "paper.pdf"
    path.write_bytes(_pdf(demo, name))
    report = check_paper.check(path, PAPERS[name])
    assert report.ok, [f"{r.rule}: {r.figure}" for r in report.results if r.state == check_paper.FAIL]


def test_only_what_is_settled_is_no_draft(demo):
    settled = {name for name, context in demo["contexts"].items() if not context["draft"]}
    assert settled <= {
        "covenant BN-VHXH 2022",
        "covenant BN-VHXH 2026",
        "minutes BN-VHXH 2026 kickoff",
        "minutes BN-VHXH 2026 mid_year",
    }
    assert "covenant BN-VHXH 2022" in settled


def test_covenant_of_the_year(demo):
    text = _text(demo, "covenant BN-VHXH 2026")
    assert text.count("GIÁM ĐỐC") == 7 and "TRƯỞNG BAN" in text
    assert "Ký ngày 16/03/2026" in text
    assert "6.500.000 lượt" in text and "92,5%" in text
    assert "Chứng kiến ký kết" in text


def test_covenant_of_2022_names_nobody(demo):
    context = demo["contexts"]["covenant BN-VHXH 2022"]
    groups = [[" ".join(s["unit_lines"]) for s in group["signers"]] for group in context["groups"]]
    assert [len(group) for group in groups] == [4, 4]
    assert groups[0][0] == "Sở Giáo dục và Đào tạo (Trưởng khối)"
    assert not [s["name"] for group in context["groups"] for s in group["signers"] if s["name"]]


def test_papers_of_the_past_claim_no_more_than_their_source(demo):
    text = _text(demo, "minutes BN-VHXH 2019 year_end")
    assert "4 đơn vị (tin không nêu tên)" in text
    assert "Hội nghị bầu Trung tâm Hành chính công tỉnh làm Trưởng khối năm 2020" in text
    assert "nhất trí" not in text and "Vắng mặt: không" not in text
    party = _text(demo, "minutes BN-DANG 2019 year_end")
    assert "“Cờ thi đua của Thủ tướng Chính phủ”" in party
    assert "vào buổi chiều ngày 03 tháng 12 năm 2019" in party
    chosen = _text(demo, "minutes BN-NOICHINH 2019 year_end")
    assert "Hội nghị thống nhất chỉ định Sở Nội vụ làm Trưởng khối năm 2020" in chosen
    gone = _text(demo, "minutes VP-VHXH 2019 mid_year")
    assert "TỈNH VĨNH PHÚC" in gone and "Vĩnh Phúc, ngày 28 tháng 8 năm 2019" in gone


def test_persons_are_invented_or_unnamed(demo):
    """Whoever is named on a paper carries the mark of a specimen."""
    for name, context in demo["contexts"].items():
        people = [context.get("chair"), context.get("secretary"), *context.get("guests", [])]
        people += [who for unit in context.get("members", []) for who in unit["people"]]
        people += [s for group in context.get("groups", []) for s in group["signers"]]
        people += [context[key] for key in ("maker", "approver", "officer", "head") if key in context]
        named = [who["name"] for who in people if who and who["name"]]
        assert all(person.endswith("(mẫu)") for person in named), name
        assert not named or "2026" in name or name.startswith("sheet"), name


def test_the_year_end_conference_waits_to_be_recorded(demo):
    context = demo["contexts"]["minutes BN-VHXH 2026 year_end"]
    assert context["draft"] and len(context["silent"]) == 8 and not context["members"]
    assert len(context["ranking"]["rows"]) == 8
    absent = demo["contexts"]["minutes BN-VHXH 2026 mid_year"]["absent"]
    assert absent == [
        {"unit": "Ban Quản lý An toàn thực phẩm tỉnh", "reason": "tham gia đoàn kiểm tra liên ngành"},
    ]


def test_evidence_of_a_sheet_is_what_the_unit_named(demo):
    codes = [row["code"] for row in demo["contexts"]["sheet SVHTTDL"]["evidence"]]
    assert codes == ["I.1.a", "I.1.a", "I.3", "B.1"]
