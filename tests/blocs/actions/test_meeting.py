"""Recording and approving conferences."""

from __future__ import annotations

import threading
from datetime import date, time
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from blocs.actions.meeting import approve_meeting, create_meeting, save_meeting
from blocs.models import Meeting
from blocs.queries.meeting import meeting_page, member_part
from blocs.queries.waiting import bloc_waiting
from tests.blocs.drafts import PRESENT, ready_meeting
from tests.personas import World, make_world
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import Conflict, Locked, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db


def events(verb: str) -> int:
    return Event.objects.filter(verb=f"blocs.{verb}").count()


def make(world: World, **other: Any) -> Meeting:
    return create_meeting(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, kind="mid_year", **other)


def save(world: World, meeting: Meeting, who: str = "an", **content: Any) -> Meeting:
    return save_meeting(by=world.actor(who), meeting_id=meeting.pk, revision=meeting.revision, content=content)


def test_only_kind_and_title_are_needed(world: World) -> None:
    meeting = make(world, title="Hội nghị  sơ kết\n năm 2019")
    assert meeting.title == "Hội nghị sơ kết năm 2019"
    assert (meeting.held_on, meeting.starts_at, meeting.state) == (None, None, "draft")
    assert events("create_meeting") == 1


def test_two_meetings_in_one_afternoon_are_legal(world: World) -> None:
    afternoon = {"held_on": date(2026, 1, 15), "part_of_day": "chieu", "chair_name": "Trần Văn Bình (mẫu)"}
    first, second = make(world), make(world)
    save(world, first, **afternoon)
    second = save(world, second, **afternoon)
    page = meeting_page(world.actor("an"), second, date(2026, 1, 20))
    assert any("Trần Văn Bình (mẫu) cũng được ghi dự" in sentence for sentence in page.warnings)


@pytest.mark.parametrize("who", ["chi", "giang", "dung", "khang", "lan", "mai"])
def test_others_do_not_record(world: World, who: str) -> None:
    with pytest.raises(NotPermitted):
        create_meeting(by=world.actor(who), bloc_year_id=world.bloc_year.pk, kind="kickoff")
    meeting = make(world)
    with pytest.raises(NotPermitted):
        save(world, meeting, who, place="x")
    meeting.refresh_from_db()
    assert meeting.revision == 1


def test_saving_writes_everything_and_one_event(world: World) -> None:
    meeting = make(world)
    unit = world.units[0].pk
    save(
        world,
        meeting,
        starts_at=time(14),
        ends_at=time(16),
        guests=[{"person": "", "office": "Phó Chủ tịch UBND tỉnh", "head_count": 1, "note": "dự, chỉ đạo"}],
        agenda=[{"kind": "paper", "title": "Tham luận", "speaker": "Sở Y tế", "document": ""}],
        opinions=[{"unit_id": unit, "speaker": "", "text": "Đồng ý\nvới dự thảo"}],
        conclusions=[{"text": "Làm ngay", "owner_id": unit, "due_on": date(2026, 12, 1)}],
        **{member_part(unit): dict(PRESENT)},
    )
    meeting.refresh_from_db()
    assert meeting.revision == 2
    assert meeting.changed_by == "Nguyễn Thị An (mẫu)"
    assert [a.kind for a in meeting.attendances.all()] == ["guest", "member"]
    assert meeting.opinions.get().text == "Đồng ý\nvới dự thảo"
    assert events("save_meeting") == 1
    event = Event.objects.get(verb="blocs.save_meeting")
    assert event.after["attendance"] == "Sở GDĐT: có mặt"
    assert "title" not in event.after, "only what changed"


def test_same_content_again_is_nothing_even_when_stale(world: World) -> None:
    meeting = make(world)
    saved = save(world, meeting, place="Sở Y tế")
    again = save_meeting(by=world.actor("an"), meeting_id=meeting.pk, revision=1, content={"place": "Sở Y tế"})
    assert again.revision == saved.revision == 2
    assert events("save_meeting") == 1


def test_stale_revision_is_a_conflict_and_nothing_is_written(world: World) -> None:
    meeting = make(world)
    save(world, meeting, place="Sở Y tế")
    with pytest.raises(Conflict) as caught:
        save_meeting(by=world.actor("ha"), meeting_id=meeting.pk, revision=1, content={"place": "Sở Nội vụ"})
    assert caught.value.details["by"] == "Nguyễn Thị An (mẫu)"
    assert Meeting.objects.get().place == "Sở Y tế"


def test_lost_answer_is_no_conflict_with_oneself(world: World) -> None:
    meeting, key = make(world), uuid4()
    an = world.actor("an")
    save_meeting(by=an, meeting_id=meeting.pk, revision=1, content={"place": "A"}, key=key)
    save_meeting(by=an, meeting_id=meeting.pk, revision=1, content={"place": "AB"}, after_key=key)
    assert Meeting.objects.get().place == "AB"
    with pytest.raises(Conflict):
        save_meeting(by=world.actor("ha"), meeting_id=meeting.pk, revision=1, content={"place": "C"}, after_key=key)
    with pytest.raises(Conflict):
        save_meeting(by=an, meeting_id=meeting.pk, revision=1, content={"place": "D"}, after_key=key)


def test_picks_decide_part_by_part(world: World) -> None:
    meeting = save(world, make(world), place="của họ", opening="lời của họ")
    content = {"place": "của tôi", "opening": "lời của tôi", "number": "06"}
    picks = {"place": "theirs", "opening": "both"}
    save_meeting(by=world.actor("ha"), meeting_id=meeting.pk, revision=2, content=content, picks=picks)
    meeting.refresh_from_db()
    assert (meeting.place, meeting.number) == ("của họ", "06")
    assert meeting.opening == "lời của họ\nlời của tôi"


def test_refusals_of_content(world: World) -> None:
    meeting = make(world)
    stranger = world.other_unit.pk
    for content, code in (
        ({"starts_at": time(14), "ends_at": time(13)}, "meeting-ends-early"),
        ({member_part(stranger): dict(PRESENT)}, "not-a-member"),
        ({"opinions": [{"unit_id": stranger, "speaker": "", "text": "x"}]}, "not-a-member"),
        ({"conclusions": [{"text": "x", "owner_id": stranger, "due_on": None}]}, "not-a-member"),
        ({"kind": "xyz"}, "field-invalid"),
        ({"title": "x" * 301}, "field-invalid"),
        ({"place": "a\x00"}, "control-character"),
        ({"copies": 10**9}, "field-invalid"),
        ({"agenda": [{"kind": "xyz", "title": "x", "speaker": "", "document": ""}]}, "field-invalid"),
    ):
        with pytest.raises(RuleViolation) as caught:
            save(world, meeting, **content)
        assert caught.value.code == code
    meeting.refresh_from_db()
    assert meeting.revision == 1
    assert events("save_meeting") == 0


def test_guests_do_not_count_for_the_quorum(world: World) -> None:
    guest = {"person": "", "office": "Ban Thi đua - Khen thưởng", "head_count": 9, "note": ""}
    meeting = save(world, make(world), guests=[guest], **{member_part(world.units[0].pk): dict(PRESENT)})
    page = meeting_page(world.actor("an"), meeting, date(2026, 1, 20))
    assert (page.quorum.present, page.quorum.total, page.quorum.is_reached) == (1, 8, False)
    assert len(page.guests) == 1


def test_a_unit_that_left_keeps_its_row(world: World) -> None:
    meeting = save(world, make(world), **{member_part(world.units[-1].pk): dict(PRESENT)})
    world.bloc_year.memberships.filter(unit=world.units[-1]).delete()
    meeting = save(world, meeting, place="Sở Y tế")
    assert meeting.attendances.count() == 1
    assert len(meeting_page(world.actor("an"), meeting, date(2026, 1, 20)).members) == 8


def test_approval_locks(world: World) -> None:
    meeting = ready_meeting(world)
    with pytest.raises(NotPermitted):
        approve_meeting(by=world.actor("an"), meeting_id=meeting.pk, revision=meeting.revision)
    approved = approve_meeting(by=world.actor("binh"), meeting_id=meeting.pk, revision=meeting.revision)
    assert (approved.state, approved.approved_by) == ("approved", "Trần Văn Bình (mẫu)")
    assert events("approve_meeting") == 1
    for again in (
        lambda: approve_meeting(by=world.actor("binh"), meeting_id=meeting.pk, revision=approved.revision),
        lambda: save(world, approved, place="x"),
        lambda: save_meeting(by=SYSTEM, meeting_id=meeting.pk, revision=approved.revision, content={"place": "x"}),
    ):
        with pytest.raises(Locked):
            again()
    assert events("approve_meeting") == 1


def test_approval_of_what_was_not_seen_is_a_conflict(world: World) -> None:
    meeting = ready_meeting(world)
    save(world, meeting, place="Nơi khác")
    with pytest.raises(Conflict):
        approve_meeting(by=world.actor("binh"), meeting_id=meeting.pk, revision=meeting.revision)


def test_approval_needs_every_unit(world: World) -> None:
    meeting = ready_meeting(world, **{member_part(world.units[1].pk): None})
    with pytest.raises(RuleViolation, match="điểm danh Sở Y tế"):
        approve_meeting(by=world.actor("binh"), meeting_id=meeting.pk, revision=meeting.revision)


def test_home_page_rows(world: World, count_queries: Any) -> None:
    from django.utils import timezone

    due = timezone.localdate()
    unit = world.units[2].pk
    conclusions = [
        {"text": "Gửi báo cáo", "owner_id": unit, "due_on": due},
        {"text": "Không có hạn", "owner_id": unit, "due_on": None},
        {"text": "Của đơn vị khác", "owner_id": world.units[3].pk, "due_on": due},
    ]
    meeting = ready_meeting(world, conclusions=conclusions)
    assert bloc_waiting(world.actor("chi")) == [], "conclusions of a draft bind nobody"
    assert [w.title for w in bloc_waiting(world.actor("binh"))] == [f"Duyệt biên bản {meeting.title}"]
    approve_meeting(by=world.actor("binh"), meeting_id=meeting.pk, revision=meeting.revision)
    rows = bloc_waiting(world.actor("chi"))
    assert [(w.title, w.due) for w in rows] == [("Gửi báo cáo", due)]
    binh, mai = world.actor("binh"), world.actor("mai")
    with count_queries() as counted:
        assert bloc_waiting(binh) == []
    assert len(counted) <= 3
    with count_queries() as counted:
        assert bloc_waiting(mai) == []
    assert len(counted) == 0


def _race(count: int, deed: Any) -> list[str]:
    """Run the deed in many threads at once; the names of what came out."""
    barrier, outcomes = threading.Barrier(count), []

    def run() -> None:
        try:
            barrier.wait(10)
            deed()
            outcomes.append("done")
        except (Conflict, Locked) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_race_approve_has_one_outcome() -> None:
    world = make_world()
    meeting, binh = ready_meeting(world), world.actor("binh")
    outcomes = _race(8, lambda: approve_meeting(by=binh, meeting_id=meeting.pk, revision=meeting.revision))
    assert outcomes.count("done") == 1
    assert len(outcomes) == 8
    assert events("approve_meeting") == 1


@pytest.mark.django_db(transaction=True)
def test_race_of_two_editors_loses_nothing_in_silence() -> None:
    world = make_world()
    meeting = ready_meeting(world)
    names = iter([f"Nơi {i}" for i in range(8)])
    an = world.actor("an")
    outcomes = _race(
        8,
        lambda: save_meeting(by=an, meeting_id=meeting.pk, revision=meeting.revision, content={"place": next(names)}),
    )
    assert outcomes.count("done") == 1
    assert outcomes.count("stale-revision") == 7
