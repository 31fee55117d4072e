"""Quorum, completeness, flags of conferences."""

from __future__ import annotations

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocs.rules.meetings import (
    MeetingFacts,
    MemberPresence,
    Sitting,
    at_the_same_time,
    check_approval,
    check_times,
    half_of_day,
    in_two_places,
    missing_for_approval,
    quorum,
)
from thidua.lib.errors import RuleViolation

DAY = date(2019, 12, 3)


def facts(**other: object) -> MeetingFacts:
    given: dict = {
        "held_on": DAY,
        "starts_at": time(14),
        "ends_at": time(16),
        "chair": "Trưởng khối",
        "secretary": "Thư ký",
        "members": (MemberPresence("Sở Y tế", True), MemberPresence("Sở GDĐT", False)),
    }
    return MeetingFacts(**(given | other))


def test_seven_of_eight_is_enough_and_six_are_needed() -> None:
    found = quorum(7, 8)
    assert (found.needed, found.is_reached) == (6, True)
    assert quorum(5, 8).is_reached is False
    assert quorum(0, 0).is_reached is False
    assert quorum(4, 8, (1, 2)).is_reached


@given(st.integers(0, 40), st.integers(1, 40))
def test_needed_is_the_least_number_that_is_two_thirds(present: int, total: int) -> None:
    found = quorum(min(present, total), total)
    assert 3 * found.needed >= 2 * total
    assert 3 * (found.needed - 1) < 2 * total


def test_complete_minutes_miss_nothing() -> None:
    assert missing_for_approval(facts()) == ()
    check_approval(facts(), DAY)


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({"held_on": None}, "ngày họp"),
        ({"starts_at": None}, "giờ bắt đầu"),
        ({"ends_at": None}, "giờ kết thúc"),
        ({"chair": ""}, "chủ trì"),
        ({"secretary": ""}, "thư ký"),
        ({"members": ()}, "đơn vị thành viên của năm"),
        ({"members": (MemberPresence("Sở Y tế", None),)}, "điểm danh các đơn vị"),
        ({"members": (MemberPresence("A", True), MemberPresence("Sở Y tế", None))}, "điểm danh Sở Y tế"),
    ],
)
def test_approval_says_what_is_missing(other: dict, word: str) -> None:
    with pytest.raises(RuleViolation) as caught:
        check_approval(facts(**other), DAY)
    assert caught.value.code == "meeting-incomplete"
    assert word in caught.value.message


def test_midnight_is_an_hour() -> None:
    assert missing_for_approval(facts(starts_at=time(0), ends_at=time(1))) == ()


def test_a_meeting_to_come_is_not_approved() -> None:
    with pytest.raises(RuleViolation, match="chưa đến") as caught:
        check_approval(facts(held_on=date(2030, 1, 1)), DAY)
    assert caught.value.code == "meeting-in-future"


def test_end_comes_after_start() -> None:
    check_times(time(14), time(14, 1))
    check_times(None, time(14))
    check_times(time(14), None)
    for end in (time(13), time(14)):
        with pytest.raises(RuleViolation) as caught:
            check_times(time(14), end)
        assert caught.value.field == "ends_at"


def sitting(name: str, *people: str, **when: object) -> Sitting:
    given: dict = {"held_on": DAY, "starts_at": None, "ends_at": None, "part_of_day": "chieu"}
    return Sitting(name, people=people, **(given | when))


def test_halves_of_a_day() -> None:
    assert [half_of_day(time(h), "x") for h in (8, 12, 18)] == ["sang", "chieu", "toi"]
    assert half_of_day(None, "chieu") == "chieu"


def test_same_time() -> None:
    early = {"starts_at": time(8), "ends_at": time(9)}
    late = {"starts_at": time(9), "ends_at": time(10)}
    assert not at_the_same_time(sitting("a", **early), sitting("b", **late))
    assert at_the_same_time(sitting("a"), sitting("b"))
    assert at_the_same_time(sitting("a", part_of_day=""), sitting("b", part_of_day="sang"))
    assert not at_the_same_time(sitting("a"), sitting("b", held_on=date(2019, 12, 2)))
    assert not at_the_same_time(sitting("a", held_on=None), sitting("b", held_on=None))


def test_a_leader_in_two_meetings_is_flagged() -> None:
    """Bắc Ninh, 3/12/2019: two conferences in one afternoon are legal, one person in both is pointed out (B1)."""
    one = sitting("Hội nghị A", "Lê Văn Bình (mẫu)", "Trần Thị Cúc (mẫu)")
    other = sitting("Hội nghị B", "lê văn bình (mẫu)", "Vũ Văn Hùng (mẫu)")
    found = in_two_places(one, [other, sitting("Hội nghị C", "Vũ Văn Hùng (mẫu)")])
    assert found == ("Lê Văn Bình (mẫu) cũng được ghi dự Hội nghị B cùng buổi. Kiểm lại nếu nhầm.",)
    assert in_two_places(one, [sitting("D", "Lê Văn Bình (mẫu)", part_of_day="sang")]) == ()
