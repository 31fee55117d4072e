"""The page of papers: what is offered, asked for and seen by whom."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from blocs.actions.bloc import start_next_year
from blocs.models import LeadTerm, Meeting, Opinion
from blocs.queries.meeting import next_lead_of
from scoring.actions.papers import request_minutes, request_score_sheet, request_score_table
from scoring.models import ScoreSheet
from scoring.queries.papers import minutes_context, score_sheet_context
from scoring.queries.sheets import visible_sheets
from tests.conftest import assert_flat_queries
from tests.personas import World, make_scheme
from tests.scoring.views.test_ranking import fill
from thidua.audit.models import Event
from thidua.documents.models import Document
from thidua.documents.permissions import can_view
from thidua.documents.renderer import to_html
from thidua.jobs.models import Job
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(world: World) -> World:
    make_scheme(world.bloc_year)
    fill(world)
    return world


def meeting_of(world: World) -> Meeting:
    return Meeting.objects.create(
        bloc_year=world.bloc_year, kind="year_end", title="Hội nghị tổng kết năm 2026", with_ranking=True
    )


def test_secretary_asks_for_every_paper(scored: World, sign_in) -> None:  # noqa: ANN001
    browser = sign_in(scored.user("an"))
    meeting = meeting_of(scored)
    year = scored.bloc_year.pk
    sheet = ScoreSheet.objects.get(unit=scored.units[4])
    browser.post(reverse("scoring:request_minutes", args=[meeting.pk]))
    browser.post(reverse("scoring:request_score_table", args=[year]))
    answer = browser.post(reverse("scoring:request_score_sheet", args=[year]), {"sheet": sheet.pk})
    assert answer.headers["Location"] == reverse("scoring:papers", args=[year])
    kinds = set(Document.objects.values_list("kind", flat=True))
    assert kinds == {"conference-minutes", "score-table", "score-sheet"}
    assert Job.objects.count() == 3
    assert Event.objects.filter(verb__startswith="scoring.request_").count() == 3
    page = browser.get(reverse("scoring:papers", args=[year])).content.decode()
    assert "Biên bản Hội nghị tổng kết năm 2026" in page


def test_the_same_request_twice_is_one_document(scored: World) -> None:
    first = request_score_table(by=scored.actor("an"), bloc_year_id=scored.bloc_year.pk)
    second = request_score_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert first.pk == second.pk
    assert Job.objects.count() == 1


def test_a_score_changed_after_the_request_does_not_reach_the_paper(scored: World) -> None:
    paper = request_score_table(by=scored.actor("an"), bloc_year_id=scored.bloc_year.pk)
    before = paper.context["units"][7]["total"]
    from uuid import uuid4

    from scoring.actions.sheet import CellWrite, record_scores
    from scoring.queries.table import table_of
    from scoring.rules.entered import parse_cell

    table = table_of(scored.bloc_year, "khoi")
    assert table is not None
    criterion = table.facts.by_code["I.2"]
    write = CellWrite(table.columns[7].sheet_id or 0, criterion.id, parse_cell("1", criterion), 1)
    assert record_scores(by=scored.actor("an"), stage="khoi", writes=[write], key=uuid4())[0].saved
    paper.refresh_from_db()
    assert paper.context["units"][7]["total"] == before
    newer = request_score_table(by=scored.actor("an"), bloc_year_id=scored.bloc_year.pk)
    assert newer.version == 2


def test_members_and_strangers_are_refused(scored: World, sign_in) -> None:  # noqa: ANN001
    year = scored.bloc_year.pk
    for name in ("chi", "khang", "lan"):
        with pytest.raises(NotPermitted):
            request_score_table(by=scored.actor(name), bloc_year_id=year)
    assert sign_in(scored.user("giang")).get(reverse("scoring:papers", args=[year])).status_code == 404
    assert sign_in(scored.user("giang")).post(reverse("scoring:request_score_table", args=[year])).status_code == 404
    meeting = meeting_of(scored)
    with pytest.raises(NotPermitted):
        request_minutes(by=scored.actor("chi"), meeting_id=meeting.pk)


def test_a_unit_prints_its_own_sheet_and_no_other(scored: World, sign_in) -> None:  # noqa: ANN001
    own = ScoreSheet.objects.get(unit=scored.units[2])
    other = ScoreSheet.objects.get(unit=scored.units[3])
    assert request_score_sheet(by=scored.actor("chung"), sheet_id=own.pk).kind == "score-sheet"
    url = reverse("scoring:request_score_sheet", args=[scored.bloc_year.pk])
    assert sign_in(scored.user("chung")).post(url, {"sheet": other.pk}).status_code == 404
    assert sign_in(scored.user("chung")).post(url, {"sheet": "abc"}).status_code == 404


def test_papers_with_scores_are_hidden_from_members_until_the_lock(scored: World, sign_in) -> None:  # noqa: ANN001
    from scoring.actions.table import lock_table

    paper = request_score_table(by=scored.actor("an"), bloc_year_id=scored.bloc_year.pk)
    minutes = request_minutes(by=scored.actor("an"), meeting_id=meeting_of(scored).pk)
    browser = sign_in(scored.user("chi"))
    url = reverse("scoring:papers", args=[scored.bloc_year.pk])
    assert paper.title not in browser.get(url).content.decode()
    assert minutes.title not in browser.get(url).content.decode()
    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert paper.title in browser.get(url).content.decode()


def test_the_list_asks_the_same_questions_for_a_member_however_long_it_is(scored: World, sign_in) -> None:  # noqa: ANN001
    an = scored.actor("an")
    sheets = iter(ScoreSheet.objects.filter(bloc_year=scored.bloc_year).exclude(unit=scored.units[2]).order_by("pk"))
    request_minutes(by=an, meeting_id=meeting_of(scored).pk)
    request_score_sheet(by=an, sheet_id=ScoreSheet.objects.get(unit=scored.units[2]).pk)
    request_score_sheet(by=an, sheet_id=next(sheets).pk)

    def another() -> None:
        request_minutes(by=an, meeting_id=meeting_of(scored).pk)
        request_score_sheet(by=an, sheet_id=next(sheets).pk)

    browser = sign_in(scored.user("chi"))
    url = reverse("scoring:papers", args=[scored.bloc_year.pk])
    assert_flat_queries(browser, url, another, ceiling=26)


def test_minutes_without_a_ranking_are_open_to_the_bloc_and_scores_never_to_an_administrator(scored: World) -> None:
    from scoring.actions.table import lock_table

    meeting = Meeting.objects.create(bloc_year=scored.bloc_year, kind="kickoff", title="Hội nghị triển khai")
    minutes = request_minutes(by=scored.actor("an"), meeting_id=meeting.pk)
    table = request_score_table(by=scored.actor("an"), bloc_year_id=scored.bloc_year.pk)
    chi, lan, khang = (scored.actor(name) for name in ("chi", "lan", "khang"))
    assert can_view(chi, minutes) and not can_view(chi, table)
    assert not can_view(scored.actor("giang"), minutes)
    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert can_view(chi, table) and not can_view(khang, table) and not can_view(lan, table)
    assert visible_sheets(chi).exists() and not visible_sheets(lan).exists() and not visible_sheets(khang).exists()
    ranked = request_minutes(by=scored.actor("an"), meeting_id=meeting_of(scored).pk)
    assert can_view(khang, ranked) and not can_view(lan, ranked)


def test_no_table_no_paper(world: World) -> None:
    with pytest.raises(RuleViolation):
        request_score_table(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)


def test_page_and_minutes_say_the_same_of_next_years_lead_and_of_who_spoke(scored: World, sign_in) -> None:  # noqa: ANN001
    meeting = meeting_of(scored)
    Opinion.objects.create(meeting=meeting, speaker="Bà Cúc (mẫu)", unit=scored.units[2], text="Đồng ý", position=1)
    start_next_year(by=SYSTEM, bloc_year_id=scored.bloc_year.pk)
    browser, url = sign_in(scored.user("an")), reverse("blocs:meeting", args=[meeting.pk])

    def page_and_paper() -> tuple[str, str]:
        paper = to_html("print/scoring/minutes.html", minutes_context(meeting))
        return browser.get(url).content.decode(), html.unescape(paper).replace("\xa0", " ").replace("\u2060", "")

    who = f"Bà Cúc (mẫu), {scored.units[2].name}: Đồng ý"
    for text in page_and_paper():
        assert who in text and "năm 2027" not in text  # copied leads were chosen by nobody yet
    LeadTerm.objects.filter(bloc_year__year=2027).update(selection_method="elected")
    found = next_lead_of(meeting)
    assert found is not None
    for text in page_and_paper():
        assert found.sentence in text


def test_a_failed_paper_of_the_bloc_is_tried_again_by_its_officers_alone(scored: World) -> None:
    from scoring.actions.table import lock_table
    from thidua.documents.permissions import can_retry

    an = scored.actor("an")
    minutes = request_minutes(by=an, meeting_id=meeting_of(scored).pk)
    sheet = request_score_sheet(by=an, sheet_id=ScoreSheet.objects.get(unit=scored.units[2]).pk)
    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    chung, ha, other = scored.actor("chung"), scored.actor("ha"), scored.actor("giang")
    assert can_view(chung, minutes) and not can_retry(chung, minutes)
    assert can_retry(ha, minutes) and can_retry(scored.actor("dung"), minutes) and can_retry(an, minutes)
    assert can_retry(chung, sheet) and can_retry(ha, sheet) and not can_retry(other, sheet)


def test_a_rank_outside_the_bloc_is_printed_as_one_says_it(scored: World) -> None:
    sheet = ScoreSheet.objects.get(unit=scored.units[2])
    paper = to_html("print/scoring/score_sheet.html", score_sheet_context(sheet))
    assert ">Hạng 2<" in paper and "2 hạng" not in paper
