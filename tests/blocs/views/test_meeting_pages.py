"""The pages of conferences."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from blocs.actions.meeting import create_meeting, save_meeting
from blocs.models import Meeting
from tests.blocs.drafts import fields_of, meeting_content_of, ready_meeting
from tests.client import OfficeClient
from tests.personas import PASSWORD, World
from thidua.audit.models import Event

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], OfficeClient]


@pytest.fixture
def meeting(world: World) -> Meeting:
    return create_meeting(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, kind="year_end")


def _edit(meeting: Meeting) -> str:
    return reverse("blocs:edit_meeting", args=[meeting.pk])


def test_empty_list_offers_a_button_to_the_secretary_alone(world: World, sign_in: SignIn) -> None:
    url = reverse("blocs:meetings", args=[world.bloc_year.pk])
    page = sign_in(world.user("an")).get(url).content.decode()
    assert "Chưa có hội nghị nào trong năm 2026." in page
    assert "Thêm hội nghị" in page
    assert "Thêm hội nghị</a>" not in sign_in(world.user("chi")).get(url).content.decode()
    assert sign_in(world.user("giang")).get(url).status_code == 404


def test_create_prefills_the_title(world: World, sign_in: SignIn) -> None:
    url = reverse("blocs:create_meeting", args=[world.bloc_year.pk])
    answer = sign_in(world.user("an")).post(url, {"kind": "kickoff", "title": ""})
    assert answer.status_code == 302
    found = Meeting.objects.get()
    assert found.title == "Hội nghị triển khai công tác thi đua, khen thưởng năm 2026"
    assert answer["Location"] == _edit(found)


def test_create_refuses_an_unknown_kind_and_keeps_the_title(world: World, sign_in: SignIn) -> None:
    url = reverse("blocs:create_meeting", args=[world.bloc_year.pk])
    answer = sign_in(world.user("an")).post(url, {"kind": "xyz", "title": "Hội nghị thử"})
    assert answer.status_code == 422
    assert "Hội nghị thử" in answer.content.decode()
    assert sign_in(world.user("chi")).get(url).status_code == 403


def test_double_press_makes_one_meeting(world: World, sign_in: SignIn) -> None:
    url = reverse("blocs:create_meeting", args=[world.bloc_year.pk])
    browser = sign_in(world.user("an"))
    data = {"kind": "kickoff", "title": "", "form_key": "0f8fad5b-d9cb-469f-a165-70867728950e"}
    first, second = browser.post(url, data), browser.post(url, data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert first["Location"] == second["Location"]
    assert Meeting.objects.count() == 1


def test_form_saves_everything(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode())
    unit = world.units[0].pk
    data |= {
        "place": "Hội trường Sở Giáo dục và Đào tạo",
        "held_on": "03/12/2026",
        "starts_at": "14 giờ",
        "ends_at": "16:30",
        f"member-{unit}-presence": "yes",
        f"member-{unit}-person": "Trần Văn Bình (mẫu)",
        "agenda-0-title": "Báo cáo tổng kết",
        "agenda-0-kind": "report",
        "agenda-1-title": "Khai mạc",
        "agenda-0-position": "2",
        "agenda-1-position": "1",
        "opinions-0-unit_id": str(unit),
        "opinions-0-text": "<script>alert(1)</script> ${7*7}",
        "conclusions-0-text": "Sửa tiêu chí",
        "conclusions-0-owner_id": str(unit),
        "conclusions-0-due_on": "31-12-2026",
        "guests-0-office": "Phó Chủ tịch UBND tỉnh",
        "guests-0-note": "dự, chỉ đạo",
    }
    answer = browser.post(_edit(meeting), data)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    meeting.refresh_from_db()
    assert (str(meeting.starts_at), str(meeting.held_on), meeting.revision) == ("14:00:00", "2026-12-03", 2)
    assert [a.title for a in meeting.agenda.all()] == ["Khai mạc", "Báo cáo tổng kết"]
    page = browser.get(reverse("blocs:meeting", args=[meeting.pk])).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "${7*7}" in page
    assert "hồi 14 giờ 00 phút ngày 03 tháng 12 năm 2026" in page
    assert "Có mặt 01/08 đơn vị thành viên" in page
    assert Event.objects.filter(verb="blocs.save_meeting").count() == 1


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("held_on", "1/1/26"),
        ("held_on", "12/31/2026"),
        ("held_on", "0001-01-01"),
        ("held_on", "9999-12-31"),
        ("starts_at", "25:00"),
        ("copies", "1.0"),
        ("copies", "999999999999999999999"),
        ("title", ""),
        ("title", "🎉" * 301),
        ("opening", "a" * 1_000_000),
        ("place", "a\x00b"),
        ("place", "\ufffe"),
    ],
)
def test_bad_input_is_refused_and_kept(world: World, sign_in: SignIn, meeting: Meeting, name: str, typed: str) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode())
    data |= {"agenda-0-title": "Gõ dở dang", name: typed}
    answer = browser.post(_edit(meeting), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Gõ dở dang" in page
    assert "Chưa lưu được" in page
    meeting.refresh_from_db()
    assert meeting.revision == 1


def test_end_before_start_is_told_on_the_form(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"starts_at": "14:00", "ends_at": "13:00"}
    answer = browser.post(_edit(meeting), data)
    assert answer.status_code == 422
    assert "Giờ kết thúc phải sau giờ bắt đầu" in answer.content.decode()


@pytest.mark.parametrize("typed", ["Đắk Lắk", "Y Ngông Niê Kđăm", "O'Hara", "' OR 1=1--", "=HYPERLINK(1)"])
def test_odd_but_right_input_is_kept(world: World, sign_in: SignIn, meeting: Meeting, typed: str) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"place": typed}
    assert browser.post(_edit(meeting), data).status_code == 302
    meeting.refresh_from_db()
    assert meeting.place == typed


def test_row_without_its_text_says_which_row(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"agenda-1-speaker": "Ai đó"}
    answer = browser.post(_edit(meeting), data)
    assert answer.status_code == 422
    assert "Chương trình, dòng 2" in answer.content.decode()


def test_autosave_answers_json(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"place": "Nhà văn hóa"}
    data.pop("form_key", None)
    answer = browser.post(_edit(meeting), data, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    told = answer.json()
    assert told["revision"] == 2
    assert re.fullmatch(r"\d\d:\d\d:\d\d", told["at"])
    refused = browser.post(
        _edit(meeting), data | {"revision": 2, "held_on": "32/1/2026"}, headers={"Accept": "application/json"}
    )
    assert refused.status_code == 422
    assert "không có ngày này" in refused.json()["message"]


def test_autosave_signed_out_is_401(world: World, client: OfficeClient, meeting: Meeting) -> None:
    assert client.post(_edit(meeting), {}, headers={"Accept": "application/json"}).status_code == 401


def test_second_editor_gets_both_texts_and_chooses(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    an, ha = sign_in(world.user("an")), sign_in(world.user("ha"))
    mine, theirs = (fields_of(b.get(_edit(meeting)).content.decode()) for b in (an, ha))
    assert ha.post(_edit(meeting), theirs | {"opening": "Hội nghị khai mạc lúc đầu giờ"}).status_code == 302
    mine |= {"opening": "Hội nghị bế mạc lúc đầu giờ", "place": "Sở Y tế"}
    answer = an.post(_edit(meeting), mine)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "<del>khai</del>" in page
    assert "<ins>bế</ins>" in page
    assert "Bùi Thị Hà (mẫu)" in page
    meeting.refresh_from_db()
    assert meeting.opening == "Hội nghị khai mạc lúc đầu giờ"
    chosen = fields_of(page) | {"pick-opening": "both"}
    assert an.post(_edit(meeting), chosen).status_code == 302
    meeting.refresh_from_db()
    assert meeting.opening == "Hội nghị khai mạc lúc đầu giờ\nHội nghị bế mạc lúc đầu giờ"
    assert meeting.place == "Sở Y tế"


def test_conflict_of_an_autosave_is_told_as_json(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    an = sign_in(world.user("an"))
    data = fields_of(an.get(_edit(meeting)).content.decode())
    save_meeting(by=world.actor("ha"), meeting_id=meeting.pk, revision=1, content={"place": "Sở Y tế"})
    answer = an.post(_edit(meeting), data | {"place": "Sở Nội vụ"}, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert answer.json()["conflict"]


def test_who_may_what(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    url, edit = reverse("blocs:meeting", args=[meeting.pk]), _edit(meeting)
    approve = reverse("blocs:approve_meeting", args=[meeting.pk])
    stranger, insider, secretary = (sign_in(world.user(n)) for n in ("giang", "chi", "an"))
    assert [stranger.get(u).status_code for u in (url, edit, approve)] == [404, 404, 404]
    assert insider.get(url).status_code == 200
    refusal = insider.get(edit)
    assert refusal.status_code == 403
    assert "thư ký hoặc Trưởng khối" in refusal.content.decode()
    assert secretary.get(approve).status_code == 403
    assert secretary.put(edit).status_code == 405
    assert secretary.get(reverse("blocs:meeting", args=[10**9])).status_code == 404


def test_lead_approves_with_the_password_and_locks(world: World, sign_in: SignIn) -> None:
    meeting = ready_meeting(world)
    binh = sign_in(world.user("binh"))
    url = reverse("blocs:approve_meeting", args=[meeting.pk])
    page = binh.get(url).content.decode()
    data = fields_of(page)
    wrong = binh.post(url, data | {"password": "sai-mat-khau"})
    assert wrong.status_code == 422
    assert "Mật khẩu chưa đúng" in wrong.content.decode()
    data = fields_of(wrong.content.decode())
    assert binh.post(url, data | {"password": PASSWORD}).status_code == 302
    meeting.refresh_from_db()
    assert meeting.state == "approved"
    for name in ("an", "binh"):
        answer = sign_in(world.user(name)).get(_edit(meeting))
        assert answer.status_code == 423
    locked = sign_in(world.user("an")).post(_edit(meeting), {}, headers={"Accept": "application/json"})
    assert locked.status_code == 423
    assert "Đã khóa theo bản" in binh.get(reverse("blocs:meeting", args=[meeting.pk])).content.decode()


def test_approval_says_what_is_missing(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    binh = sign_in(world.user("binh"))
    url = reverse("blocs:approve_meeting", args=[meeting.pk])
    answer = binh.post(url, fields_of(binh.get(url).content.decode()) | {"password": PASSWORD})
    assert answer.status_code == 422
    assert "giờ bắt đầu" in answer.content.decode()


def test_approval_of_another_version_is_a_conflict(world: World, sign_in: SignIn) -> None:
    meeting = ready_meeting(world)
    binh = sign_in(world.user("binh"))
    url = reverse("blocs:approve_meeting", args=[meeting.pk])
    data = fields_of(binh.get(url).content.decode()) | {"password": PASSWORD}
    save_meeting(by=world.actor("an"), meeting_id=meeting.pk, revision=meeting.revision, content={"place": "Nơi khác"})
    assert binh.post(url, data).status_code == 409
    meeting.refresh_from_db()
    assert meeting.state == "draft"


def test_pages_ask_few_and_constant_questions(world: World, sign_in: SignIn) -> None:
    from tests.conftest import assert_flat_queries

    meeting = ready_meeting(world)
    browser = sign_in(world.user("an"))
    rows = [{"kind": "other", "title": f"Mục {i}", "speaker": "", "document": ""} for i in range(9)]

    def more() -> None:
        meeting.refresh_from_db()
        content = meeting_content_of(world, meeting)
        agenda = [*content["agenda"], *rows]
        save_meeting(by=world.actor("an"), meeting_id=meeting.pk, revision=meeting.revision, content={"agenda": agenda})

    assert_flat_queries(browser, reverse("blocs:meeting", args=[meeting.pk]), more, 24)
    assert_flat_queries(browser, _edit(meeting), more, 20)
    listed = reverse("blocs:meetings", args=[world.bloc_year.pk])
    assert_flat_queries(browser, listed, lambda: ready_meeting(world), 12)


def test_more_rows_than_are_read_save_nothing(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"agenda-total": "121", "agenda-0-title": "Một"}
    answer = browser.post(_edit(meeting), data)
    assert answer.status_code == 422
    assert "nhiều nhất 120 dòng" in answer.content.decode()
    assert meeting.agenda.count() == 0


@pytest.mark.parametrize("typed", ["x", "-1", "99999999", "١٢"])
def test_a_tampered_count_of_rows_is_no_fault_of_ours(
    world: World, sign_in: SignIn, meeting: Meeting, typed: str
) -> None:
    browser = sign_in(world.user("an"))
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"agenda-total": typed, "base": "[]"}
    assert browser.post(_edit(meeting), data).status_code in (302, 422)


def test_decomposed_letters_come_in_composed(world: World, sign_in: SignIn, meeting: Meeting) -> None:
    import unicodedata

    browser = sign_in(world.user("an"))
    typed = unicodedata.normalize("NFD", "Hội trường Sở Y tế")
    data = fields_of(browser.get(_edit(meeting)).content.decode()) | {"place": typed, "title": "Hội nghị\r\nmột"}
    assert browser.post(_edit(meeting), data).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.title) == ("Hội trường Sở Y tế", "Hội nghị một")


def test_the_day_to_come_is_told_before_the_password_is_asked(world: World, sign_in: SignIn) -> None:
    found = ready_meeting(world, held_on=date(2099, 12, 3))
    page = sign_in(world.user("binh")).get(reverse("blocs:approve_meeting", args=[found.pk])).content.decode()
    assert "Duyệt được từ ngày 03/12/2099" in page
    assert 'type="password"' not in page
