"""The grid's page and what its script asks: who sees and writes what, how many questions the database gets."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from scoring.models import Criterion, ScoreEntry, ScoreSheet, Stage, Submission
from tests import personas as people
from thidua.audit.models import Event

pytestmark = pytest.mark.django_db
LONG = tuple(
    line
    for s in range(5)
    for line in (
        (f"{s}", "", "section", f"Mục {s}", "90", "sum", ""),
        *((f"{s}.{i}", f"{s}", "criterion", f"Tiêu chí {i}", "10", "direct", "") for i in range(9)),
    )
)


@pytest.fixture
def scored(world):
    people.make_scheme(world.bloc_year)
    return world


def url(world, name="grid", stage="khoi"):
    return reverse(f"scoring:{name}", args=[world.bloc_year.pk]) + (f"?buoc={stage}" if stage else "")


def sheet_of(world, index):
    return ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[index])


def criterion_of(world, code):
    return Criterion.objects.get(scheme__bloc_year=world.bloc_year, code=code)


def cell(world, index=3, code="I.2", text="10", revision=0, stage="khoi", **more):
    return {
        "sheet": sheet_of(world, index).pk,
        "criterion": criterion_of(world, code).pk,
        "buoc": stage,
        "text": text,
        "revision": revision,
        "key": str(uuid4()),
    } | more


def save(client, world, *args, **kwargs):
    return client.post(url(world, "record_score", ""), cell(world, *args, **kwargs), HTTP_ACCEPT="application/json")


def fill(world, index, stage="khoi"):
    given = {
        "I.1": {"target": 100, "actual": 100},
        "I.2": {"points": Decimal("20")},
        "I.3": {"outside_rank": 1},
        "I.4": {"actual": 5},
        "II.1": {"level": "Tốt"},
        "II.2": {"passed": True},
        "II.3": {"count": 0},
    }
    for code, values in given.items():
        ScoreEntry.objects.create(
            sheet=sheet_of(world, index),
            criterion=criterion_of(world, code),
            stage=Stage.objects.get(bloc_year=world.bloc_year, slug=stage),
            changed_at=timezone.now(),
            changed_by="mẫu",
            **values,
        )


# ---------------------------------------------------------------- the page
def test_secretary_sees_all_and_writes_all_but_her_unit(scored, sign_in):
    response = sign_in(scored.user("an")).get(url(scored))
    text = response.content.decode()
    assert response.status_code == 200
    assert 'role="grid"' in text and "đơn vị của bạn" in text
    for index, unit in enumerate(scored.units):
        assert unit.name in text
        assert (f'name="c-{sheet_of(scored, index).pk}-' in text) == (index != 0)


def test_the_officer_is_told_who_hands_the_sheet_in(scored, sign_in):
    words = "Thủ trưởng đơn vị nộp bảng này"
    assert words in sign_in(scored.user("chung")).get(url(scored, stage="tu-cham")).content.decode()
    head = sign_in(scored.user("chi")).get(url(scored, stage="tu-cham")).content.decode()
    assert words not in head and "Nộp bước này" in head
    assert words not in sign_in(scored.user("an")).get(url(scored)).content.decode()


@pytest.mark.parametrize("name", ["khang", "lan"])
def test_no_workbook_is_offered_where_the_export_refuses(scored, sign_in, name):
    client = sign_in(scored.user(name))
    assert "Tải bảng Excel" not in client.get(url(scored)).content.decode()
    assert client.get(url(scored, "export_table")).status_code == 403


def test_deputy_writes_the_leads_column_alone(scored, sign_in):
    text = sign_in(scored.user("ha")).get(url(scored)).content.decode()
    assert f'name="c-{sheet_of(scored, 0).pk}-' in text
    assert text.count("data-w=") == 1


@pytest.mark.parametrize("stage", ["tu-cham", "khoi"])
def test_member_sees_the_own_column_alone_while_open(scored, sign_in, stage):
    fill(scored, 3, stage)
    client = sign_in(scored.user("chung"))
    text = client.get(url(scored, stage=stage)).content.decode()
    assert scored.units[2].name in text
    assert not any(u.name in text for i, u in enumerate(scored.units) if i != 2)
    assert (f'name="c-{sheet_of(scored, 2).pk}-' in text) == (stage == "tu-cham")
    numbers = client.get(url(scored, "totals", stage)).json()
    assert numbers["sheets"] == [sheet_of(scored, 2).pk]
    assert numbers["places"] == [None] and len(numbers["totals"]) == 1
    assert numbers["changed"] == [] and all(len(p) == 1 for p in numbers["points"].values())


def test_own_place_is_not_told_while_open(scored, sign_in):
    fill(scored, 2)
    client = sign_in(scored.user("chung"))
    assert client.get(url(scored, "totals")).json()["place_texts"] == [""]
    assert "Hạng tạm tính" not in client.get(url(scored)).content.decode()


def test_all_see_all_once_locked(scored, sign_in):
    from scoring.models import RankingSnapshot

    stage = Stage.objects.get(bloc_year=scored.bloc_year, slug="khoi")
    RankingSnapshot.objects.create(
        bloc_year=scored.bloc_year,
        scheme=scored.bloc_year.schemes.get(),
        stage=stage,
        data={},
        locked_at=timezone.now(),
        locked_by="mẫu",
    )
    ScoreSheet.objects.update(is_locked=True)
    text = sign_in(scored.user("chung")).get(url(scored)).content.decode()
    assert all(u.name in text for u in scored.units)
    assert "Đã chốt" in text and 'name="c-' not in text


@pytest.mark.parametrize("who", ["giang", "mai"])
def test_strangers_find_nothing(scored, sign_in, who):
    client = sign_in(scored.user(who))
    assert client.get(url(scored)).status_code == 404
    assert client.get(url(scored, "totals")).status_code == 404
    assert client.get(url(scored, "export_table")).status_code == 404
    assert save(client, scored).status_code == 404
    assert client.post(url(scored), {}).status_code == 404


def test_no_scheme_yet(world, sign_in):
    text = sign_in(world.user("an")).get(url(world, stage="")).content.decode()
    assert "Chưa có bảng điểm được công bố" in text


def test_unknown_step_is_404(scored, sign_in):
    assert sign_in(scored.user("an")).get(url(scored, stage="cheo")).status_code == 404


def test_closed_step_has_no_inputs(scored, sign_in):
    Stage.objects.filter(slug="khoi").update(closes_at=timezone.now() - timedelta(minutes=1))
    text = sign_in(scored.user("an")).get(url(scored)).content.decode()
    assert 'name="c-' not in text and "Đã hết hạn" in text


def test_titles_are_escaped(world, sign_in):
    lines = (
        ("I", "", "section", "<b>Đậm</b>", "10", "sum", ""),
        ("I.1", "I", "criterion", '"><i>', "10", "direct", ""),
    )
    people.make_scheme(world.bloc_year, lines)
    text = sign_in(world.user("an")).get(url(world)).content.decode()
    assert "<b>Đậm" not in text and '"><i>' not in text


@pytest.mark.parametrize("size", [3, 12])
def test_page_and_numbers_ask_few_questions(db, sign_in, size):
    world = people.make_world(size)
    people.make_scheme(world.bloc_year, LONG)
    client = sign_in(world.user("an"))
    for name in ("grid", "totals"):
        client.get(url(world, name))
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url(world, name)).status_code == 200
        assert len(asked) <= 8, "\n".join(q["sql"][:160] for q in asked.captured_queries)


@pytest.mark.parametrize("size", [3, 12])
def test_a_save_asks_few_questions(db, sign_in, size):
    world = people.make_world(size)
    people.make_scheme(world.bloc_year)
    client = sign_in(world.user("an"))
    assert save(client, world, index=1).status_code == 200
    data = cell(world, index=2)
    with CaptureQueriesContext(connection) as asked:
        assert client.post(url(world, "record_score", ""), data).status_code == 200
    assert len(asked) <= 8, "\n".join(q["sql"][:160] for q in asked.captured_queries)


# ----------------------------------------------------------------- one cell
def test_save_answers_with_the_servers_clock(scored, sign_in):
    answer = save(sign_in(scored.user("an")), scored, text="9,5")
    body = answer.json()
    assert answer.status_code == 200
    assert (body["revision"], body["text"], body["points"]) == (1, "9,5", "9,50")
    assert body["at"] == f"{timezone.localtime(ScoreEntry.objects.get().changed_at):%H:%M:%S}"


@pytest.mark.parametrize(
    ("code", "text", "shown", "points"),
    [
        ("I.1", "95/100", "95/100", "19,00"),
        ("II.1", "kh", "Khá", "15,00"),
        ("II.2", "đ", "Đạt", "10,00"),
        ("I.3", "4", "4", "8,00"),
        ("P", "2", "2", "−4,00"),
        ("I.4", "50/40", "50/40", None),
        ("I.2", "kđg", "không được giao", "không được giao"),
        ("I.2", "", "", ""),
    ],
)
def test_save_reads_the_text_by_the_rule(scored, sign_in, code, text, shown, points):
    body = save(sign_in(scored.user("an")), scored, code=code, text=text).json()
    assert (body["text"], body["points"]) == (shown, points)


# quality.md B01-B28: what may be typed into a cell of points 0-20, and what is refused
@pytest.mark.parametrize("text", ["9,5", "9.5", " 7 ", "7\u00a0", "7\u200b", ""])
def test_texts_taken(scored, sign_in, text):
    assert save(sign_in(scored.user("an")), scored, text=text).status_code == 200


@pytest.mark.parametrize(
    "text",
    ["1e2", "1_0", "１２", "NaN", "sNaN", "Infinity", "-0", "-1", "+7", "100.001", "9.13", "20,01", "1.000", "1,000",
     "1.000,5", "=1+1", "'7", "7;", "1e400", "9" * 150, "<script>"],
)  # fmt: skip
def test_texts_refused(scored, sign_in, text):
    answer = save(sign_in(scored.user("an")), scored, text=text)
    assert answer.status_code == 422, answer.content
    assert answer.json()["message"].strip()
    assert not ScoreEntry.objects.exists()


def test_second_editor_gets_both_values(scored, sign_in):
    save(sign_in(scored.user("an")), scored, text="10")
    answer = save(sign_in(scored.user("binh")), scored, text="12")
    body = answer.json()
    assert answer.status_code == 409
    assert (body["mine"], body["theirs"], body["revision"]) == ("12", "10", 1)
    assert "Nguyễn Thị An (mẫu)" in body["by"] and len(body["at"]) == 8


def test_lost_answer_is_given_again(scored, sign_in):
    client, data = sign_in(scored.user("an")), cell(scored)
    first = client.post(url(scored, "record_score", ""), data).json()
    again = client.post(url(scored, "record_score", ""), data).json()
    assert again == first
    assert Event.objects.filter(verb="scoring.record_score").count() == 1


def test_own_column_and_closed_step_say_why(scored, sign_in):
    client = sign_in(scored.user("an"))
    answer = save(client, scored, index=0)
    assert answer.status_code == 403 and "Bạn không chấm đơn vị của mình" in answer.json()["message"]
    Stage.objects.filter(slug="khoi").update(state="closed")
    assert save(client, scored).status_code == 423


def test_ended_session_is_401_for_the_script(scored, client):
    answer = save(client, scored)
    assert answer.status_code == 401 and answer.json()["csrf_token"]


@pytest.mark.parametrize("missing", ["sheet", "criterion", "revision", "key", "buoc"])
def test_half_a_cell_is_refused(scored, sign_in, missing):
    data = cell(scored)
    del data[missing]
    assert sign_in(scored.user("an")).post(url(scored, "record_score", ""), data).status_code == 422


def test_unknown_cell_is_404(scored, sign_in):
    client = sign_in(scored.user("an"))
    assert client.post(url(scored, "record_score", ""), cell(scored) | {"criterion": 999999}).status_code == 404
    assert client.post(url(scored, "record_score", ""), cell(scored) | {"sheet": 999999}).status_code == 404


# ------------------------------------------------------------------ a block
def send_block(client, world, cells, key=None):
    body = {"buoc": "khoi", "key": str(key or uuid4()), "cells": cells}
    return client.post(url(world, "record_scores", ""), json.dumps(body), content_type="application/json")


def test_block_tells_the_fate_of_each_cell(scored, sign_in):
    client, line = sign_in(scored.user("an")), criterion_of(scored, "I.2").pk
    cells = [[sheet_of(scored, i).pk, line, t, 0] for i, t in ((3, "10"), (0, "10"), (4, "99"), (5, "7,5"))]
    key = uuid4()
    answer = send_block(client, scored, cells, key).json()["cells"]
    assert [c["status"] for c in answer] == [200, 403, 422, 200]
    assert answer[3]["text"] == "7,5"
    again = send_block(client, scored, cells, key).json()["cells"]
    assert [c["status"] for c in again] == [200, 403, 422, 200]
    assert set(ScoreEntry.objects.values_list("revision", flat=True)) == {1}


KEY = '"key":"0d2e2d1e-6d0c-4e0e-9b8c-1f1f1f1f1f1f"'


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"cells": []}',
        '{"buoc":"khoi","key":"x","cells":[[1,2,"3",0]]}',
        '{"buoc":"khoi",' + KEY + ',"cells":[[1,2,3,0]]}',
        '{"buoc":"khoi",' + KEY + ',"cells":[[true,2,"3",0]]}',
    ],
)
def test_unreadable_block(scored, sign_in, body):
    client = sign_in(scored.user("an"))
    answer = client.post(url(scored, "record_scores", ""), body, content_type="application/json")
    assert answer.status_code == 422


# ------------------------------------------------------------ fresh numbers
def test_numbers_tell_totals_places_and_what_changed(scored, sign_in):
    fill(scored, 3)
    client = sign_in(scored.user("an"))
    ScoreEntry.objects.update(changed_at=timezone.now() - timedelta(days=1))
    before = client.get(url(scored, "totals")).json()
    assert before["totals"][3] == "100,00"
    earlier = timezone.now() - timedelta(hours=1)
    assert before["place_texts"][4] == "còn 7 ô" and before["places"][3] == 1
    save(client, scored, index=4, text="12")
    after = client.get(url(scored, "totals"), {"buoc": "khoi", "tu": earlier.isoformat()}).json()
    assert [(c[0], c[3]) for c in after["changed"]] == [(sheet_of(scored, 4).pk, "12")]
    assert after["totals"][4] == "12,00" and after["token"] and after["user"] == scored.user("an").pk


# --------------------------------------------------------- without scripts
def form_of(response):
    import re

    text = response.content.decode()
    return dict(re.findall(r'name="([cr]-\d+-\d+)" value="([^"]*)"', text))


def test_form_writes_only_what_was_changed(scored, sign_in):
    client = sign_in(scored.user("an"))
    save(client, scored, index=4, text="5")
    data = form_of(client.get(url(scored)))
    line = criterion_of(scored, "I.2").pk
    data[f"c-{sheet_of(scored, 3).pk}-{line}"] = "9,5"
    answer = client.post(url(scored), data)
    assert answer.status_code == 302
    assert sorted(ScoreEntry.objects.values_list("points", "revision")) == [(Decimal(5), 1), (Decimal("9.5"), 1)]


def test_form_keeps_what_was_typed_and_saves_the_rest(scored, sign_in):
    client = sign_in(scored.user("an"))
    data = form_of(client.get(url(scored)))
    line = criterion_of(scored, "I.2").pk
    data[f"c-{sheet_of(scored, 3).pk}-{line}"] = "105"
    data[f"c-{sheet_of(scored, 4).pk}-{line}"] = "8"
    answer = client.post(url(scored), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="105"' in text and "105 lớn hơn điểm tối đa 20" in text and "Sở KHCN, I.2" in text
    assert [e.points for e in ScoreEntry.objects.all()] == [Decimal(8)]


def test_form_over_another_persons_value_shows_both(scored, sign_in):
    client = sign_in(scored.user("an"))
    data = form_of(client.get(url(scored)))
    save(sign_in(scored.user("binh")), scored, text="11")
    data[f"c-{sheet_of(scored, 3).pk}-{criterion_of(scored, 'I.2').pk}"] = "12"
    answer = client.post(url(scored), data)
    assert answer.status_code == 422
    assert "Bạn nhập 12; ô đang giữ 11" in answer.content.decode()
    assert ScoreEntry.objects.get().points == 11


# ------------------------------------------------------------------- steps
def test_lead_opens_and_closes_a_step(scored, sign_in):
    Stage.objects.update(state="not-open")
    client = sign_in(scored.user("binh"))
    assert "Mở bước chấm" in client.get(url(scored)).content.decode()
    page = client.get(url(scored, "open_stage"))
    assert page.status_code == 200
    answer = client.post(url(scored, "open_stage"), {"closes_at_0": "27/11/2099", "closes_at_1": "17:00"})
    assert answer.status_code == 302
    stage = Stage.objects.get(bloc_year=scored.bloc_year, slug="khoi")
    assert stage.state == "open" and f"{timezone.localtime(stage.closes_at):%d/%m/%Y %H:%M}" == "27/11/2099 17:00"
    assert client.get(url(scored, "close_stage")).status_code == 200
    client.post(url(scored, "close_stage"))
    stage.refresh_from_db()
    assert stage.state == "closed"


def test_the_standing_agency_opens_and_closes_with_the_password(scored, sign_in):
    client, stages = sign_in(scored.user("dung")), Stage.objects.filter(bloc_year=scored.bloc_year, slug="khoi")
    stages.update(state="not-open")
    assert 'name="password"' in client.get(url(scored, "open_stage")).content.decode()
    for name, before, after in (("open_stage", "not-open", "open"), ("close_stage", "open", "closed")):
        for data in ({}, {"password": "sai"}):
            refused = client.post(url(scored, name), data)
            assert refused.status_code == 422 and 'name="password"' in refused.content.decode()
            assert stages.get().state == before
        assert client.post(url(scored, name), {"password": people.PASSWORD}).status_code == 302
        assert stages.get().state == after


@pytest.mark.parametrize("who", ["binh", "ha"])
def test_the_blocs_lead_needs_no_password_for_a_step(scored, sign_in, who):
    client, stages = sign_in(scored.user(who)), Stage.objects.filter(bloc_year=scored.bloc_year, slug="khoi")
    assert 'name="password"' not in client.get(url(scored, "close_stage")).content.decode()
    assert client.post(url(scored, "close_stage")).status_code == 302
    assert stages.get().state == "closed"
    assert client.post(url(scored, "open_stage")).status_code == 302
    assert stages.get().state == "open"


def test_limit_in_the_past_is_refused_on_the_field(scored, sign_in):
    answer = sign_in(scored.user("binh")).post(
        url(scored, "open_stage"), {"closes_at_0": "27/11/2020", "closes_at_1": "17:00"}
    )
    assert answer.status_code == 422 and "quá khứ" in answer.content.decode()


def test_others_do_not_open_steps(scored, sign_in):
    client = sign_in(scored.user("chi"))
    assert client.post(url(scored, "open_stage"), {}).status_code == 403
    assert client.post(url(scored, "close_stage")).status_code == 403


def test_a_cell_is_saved_at_its_own_years_address_alone(scored, sign_in):
    client = sign_in(scored.user("an"))
    for year in (scored.other_bloc_year.pk, 987654):
        one = client.post(reverse("scoring:record_score", args=[year]), cell(scored), HTTP_ACCEPT="application/json")
        assert one.status_code == 404
        sent = [[sheet_of(scored, 3).pk, criterion_of(scored, "I.2").pk, "10", 0]]
        block = {"buoc": "khoi", "key": str(uuid4()), "cells": sent}
        many = client.post(
            reverse("scoring:record_scores", args=[year]), json.dumps(block), content_type="application/json"
        )
        assert many.status_code == 404
    assert not ScoreEntry.objects.exists()


# ---------------------------------------------------------------- handing in
def test_head_hands_in_and_takes_back(scored, sign_in):
    fill(scored, 2, "tu-cham")
    client = sign_in(scored.user("chi"))
    assert "Nộp bước này" in client.get(url(scored, stage="tu-cham")).content.decode()
    assert client.get(url(scored, "submit_sheet", "tu-cham")).status_code == 200
    wrong = client.post(url(scored, "submit_sheet", "tu-cham"), {"password": "sai"})
    assert wrong.status_code == 422 and not Submission.objects.exists()
    answer = client.post(url(scored, "submit_sheet", "tu-cham"), {"password": people.PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    assert Submission.objects.filter(withdrawn_at__isnull=True).count() == 1
    page = client.get(url(scored, stage="tu-cham")).content.decode()
    assert "Đã nộp" in page and "Rút lại" in page
    assert 'name="c-' not in page
    assert save(client, scored, index=2, text="1", revision=1, stage="tu-cham").status_code == 423
    assert client.get(url(scored, "withdraw_sheet", "tu-cham")).status_code == 200
    for data in ({}, {"password": "sai"}):
        assert client.post(url(scored, "withdraw_sheet", "tu-cham"), data).status_code == 422
    assert Submission.objects.filter(withdrawn_at__isnull=True).exists()
    assert client.post(url(scored, "withdraw_sheet", "tu-cham"), {"password": people.PASSWORD}).status_code == 302
    assert not Submission.objects.filter(withdrawn_at__isnull=True).exists()


def test_gaps_are_named_before_handing_in(scored, sign_in):
    client = sign_in(scored.user("chi"))
    answer = client.post(url(scored, "submit_sheet", "tu-cham"), {"password": people.PASSWORD})
    assert answer.status_code == 422 and "Còn 7 ô chưa chấm" in answer.content.decode()


@pytest.mark.parametrize("who", ["chung", "an", "dung"])
def test_only_heads_hand_in(scored, sign_in, who):
    answer = sign_in(scored.user(who)).post(url(scored, "submit_sheet", "tu-cham"), {"password": people.PASSWORD})
    assert answer.status_code == 403


# ------------------------------------------------------------------ workbook
def test_workbook_holds_the_columns_the_reader_sees(scored, sign_in):
    import io

    from openpyxl import load_workbook

    fill(scored, 3)
    for who, codes in (("an", [u.code for u in scored.units]), ("chung", [scored.units[2].code])):
        answer = sign_in(scored.user(who)).get(url(scored, "export_table"))
        assert answer.status_code == 200
        book = load_workbook(io.BytesIO(answer.content))
        heads = [c.value for c in book.worksheets[0][1]]
        assert heads[3:] == codes


# ------------------------------------------------------------ note, evidence
def notes_url(world, index=3, code="I.2", stage="khoi"):
    args = [world.bloc_year.pk, world.units[index].pk, criterion_of(world, code).pk]
    return reverse("scoring:cell_notes", args=args) + f"?buoc={stage}"


def test_note_and_evidence_leave_the_entry_as_it_is(scored, sign_in):
    client = sign_in(scored.user("an"))
    save(client, scored, text="9,5")
    assert "Minh chứng" in client.get(notes_url(scored)).content.decode()
    data = {"revision": 1, "note": "Theo báo cáo quý", "evidence": "Báo cáo 12\nQuyết định 3"}
    assert client.post(notes_url(scored), data).status_code == 302
    entry = ScoreEntry.objects.get()
    assert (entry.points, entry.revision, entry.note) == (Decimal("9.5"), 2, "Theo báo cáo quý")
    assert 'data-n="2"' in client.get(url(scored)).content.decode()
    assert client.post(notes_url(scored), data).status_code == 409


def test_notes_are_seen_by_who_sees_the_column(scored, sign_in):
    assert sign_in(scored.user("chung")).get(notes_url(scored)).status_code == 404
    assert sign_in(scored.user("giang")).get(notes_url(scored)).status_code == 404
    own = sign_in(scored.user("chung")).get(notes_url(scored, 2))
    assert own.status_code == 200 and "Chưa có minh chứng" in own.content.decode()
    answer = sign_in(scored.user("chung")).post(notes_url(scored, 2), {"revision": 0, "note": "x", "evidence": ""})
    assert answer.status_code == 403
    assert sign_in(scored.user("an")).get(notes_url(scored, 3, "I")).status_code == 404
