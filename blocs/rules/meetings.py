"""Conferences: who was there, is it enough, what approval still needs, what looks odd.

The share that makes a quorum comes from the bloc's regulation and is passed in; two thirds is what is usual
(guide.md 4.3, from memory). A quorum is shown, it refuses nothing: approval records what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import fold, format_date

USUAL_SHARE = (2, 3)
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Member units present, of how many, and how many are needed."""

    present: int
    total: int
    needed: int

    @property
    def is_reached(self) -> bool:
        return self.total > 0 and self.present >= self.needed


def quorum(present: int, total: int, share: tuple[int, int] = USUAL_SHARE) -> Quorum:
    """The least whole number of units that is at least ``share`` of all; guests do not count."""
    part, whole = share
    return Quorum(present, total, -(-total * part // whole))


@dataclass(frozen=True, slots=True)
class MemberPresence:
    """A member unit and what is recorded of it: True, False, or None for nothing yet."""

    unit: str
    is_present: bool | None


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """What approval looks at."""

    held_on: date | None
    starts_at: time | None
    ends_at: time | None
    chair: str
    secretary: str
    members: tuple[MemberPresence, ...]


def check_times(starts_at: time | None, ends_at: time | None) -> None:
    """RuleViolation ``meeting-ends-early`` (B38). A meeting within one day; equal times are refused too."""
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise RuleViolation(
            "meeting-ends-early", "Giờ kết thúc phải sau giờ bắt đầu. Kiểm lại hai giờ.", field="ends_at"
        )


def missing_for_approval(facts: MeetingFacts) -> tuple[str, ...]:
    """What is not recorded yet, in words, in the order of the page; empty when the minutes may be approved."""
    head = (
        ("ngày họp", facts.held_on),
        ("giờ bắt đầu", facts.starts_at is not None),
        ("giờ kết thúc", facts.ends_at is not None),
        ("chủ trì", facts.chair),
        ("thư ký", facts.secretary),
    )
    missing = [words for words, value in head if not value]
    silent = [m.unit for m in facts.members if m.is_present is None]
    if not facts.members:
        missing.append("đơn vị thành viên của năm")
    elif len(silent) == len(facts.members):
        missing.append("điểm danh các đơn vị")
    elif silent:
        missing.append(f"điểm danh {', '.join(silent)}")
    return tuple(missing)


def check_approval(facts: MeetingFacts, today: date) -> None:
    """RuleViolation ``meeting-incomplete`` names what is missing; ``meeting-in-future`` for a day still to come."""
    missing = missing_for_approval(facts)
    if missing:
        raise RuleViolation(
            "meeting-incomplete", f"Chưa duyệt được: còn thiếu {'; '.join(missing)}. Ghi bổ sung rồi duyệt."
        )
    early = too_early_for_approval(facts, today)
    if early:
        raise RuleViolation("meeting-in-future", early)


def too_early_for_approval(facts: MeetingFacts, today: date) -> str:
    """The sentence while the conference's day is still to come; "" from that day on, or without a day."""
    if facts.held_on is None or facts.held_on <= today:
        return ""
    day = format_date(facts.held_on)
    return f"Chưa duyệt được: ngày họp {day} chưa đến. Duyệt được từ ngày {day}, sau khi họp xong."


@dataclass(frozen=True, slots=True)
class Sitting:
    """When a meeting is and who sits in it, as far as known."""

    name: str
    held_on: date | None
    starts_at: time | None
    ends_at: time | None
    part_of_day: str
    people: tuple[str, ...]


def half_of_day(starts_at: time | None, part_of_day: str) -> str:
    """ "sang", "chieu", "toi" or "" when not known: the recorded hour speaks before the recorded words."""
    if starts_at is None:
        return part_of_day
    if starts_at < _NOON:
        return "sang"
    return "chieu" if starts_at < time(18) else "toi"


def at_the_same_time(one: Sitting, other: Sitting) -> bool:
    """Could one person not be in both? Unknown hours within the same half of a day count as the same time."""
    if one.held_on is None or one.held_on != other.held_on:
        return False
    if None not in (one.starts_at, one.ends_at, other.starts_at, other.ends_at):
        return one.starts_at < other.ends_at and other.starts_at < one.ends_at  # type: ignore[operator]
    first, second = half_of_day(one.starts_at, one.part_of_day), half_of_day(other.starts_at, other.part_of_day)
    return not first or not second or first == second


def in_two_places(sitting: Sitting, others: Sequence[Sitting]) -> tuple[str, ...]:
    """Sentences about people recorded in two meetings at once: a flag, never a refusal (cases.md B1)."""
    mine = {fold(name): name for name in sitting.people if name.strip()}
    found = []
    for other in others:
        if not at_the_same_time(sitting, other):
            continue
        for name in other.people:
            if fold(name) in mine and name.strip():
                found.append(f"{mine[fold(name)]} cũng được ghi dự {other.name} cùng buổi. Kiểm lại nếu nhầm.")
    return tuple(dict.fromkeys(found))
