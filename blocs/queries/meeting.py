"""Reading conferences: the list, the page, the content two versions are compared by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, QuerySet

from blocs import labels
from blocs.models import Attendance, BlocYear, Conclusion, LeadTerm, Meeting, Opinion
from blocs.queries.bloc import MemberRow, members_of, province_of_year
from blocs.queries.unit import province_words
from blocs.queries.visible import visible_meetings
from blocs.rules.meetings import (
    MeetingFacts,
    MemberPresence,
    Quorum,
    Sitting,
    at_the_same_time,
    half_of_day,
    in_two_places,
    missing_for_approval,
    quorum,
    too_early_for_approval,
)
from blocs.rules.states import AttendanceKind, LeadRole, SelectionMethod
from thidua.lib.actor import Actor
from thidua.lib.vietnamese import date_on_paper, two_digits

HEAD = (
    "kind",
    "title",
    "number",
    "place",
    "held_on",
    "starts_at",
    "ends_at",
    "part_of_day",
    "chair_name",
    "chair_title",
    "secretary_name",
    "secretary_title",
    "opening",
    "with_ranking",
    "recipients",
    "copies",
    "published_on",
    "source_note",
)
MEMBER_COLUMNS = ("is_present", "person", "office", "head_count", "note")
GUEST_COLUMNS = ("person", "office", "head_count", "note")
AGENDA_COLUMNS = ("kind", "title", "speaker", "document")
OPINION_COLUMNS = ("unit_id", "speaker", "text")
CONCLUSION_COLUMNS = ("text", "owner_id", "due_on")


def member_part(unit_id: int) -> str:
    """The name of the part that holds one unit's attendance."""
    return f"member:{unit_id}"


def meetings_listed(bloc_year: BlocYear) -> QuerySet[Meeting]:
    """The year's meetings, the latest first; those without a day last."""
    return bloc_year.meetings.order_by("-held_on", "-pk")


def _row(item: Any, columns: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(item, name) for name in columns}


def meeting_content(meeting: Meeting, members: Sequence[MemberRow]) -> dict[str, Any]:
    """Everything a person typed, as one flat mapping of parts (``blocs.rules.drafts``).

    ``member:<unit>`` is a unit's attendance row, or None where nothing is recorded; a unit that left the bloc since
    keeps its row.
    """
    attending = list(meeting.attendances.order_by("position", "pk"))
    recorded = {a.unit_id: _row(a, MEMBER_COLUMNS) for a in attending if a.kind == AttendanceKind.MEMBER}
    unit_ids = [m.unit_id for m in members]
    unit_ids += [i for i in recorded if i is not None and i not in unit_ids]
    content: dict[str, Any] = {name: getattr(meeting, name) for name in HEAD}
    content |= {member_part(i): recorded.get(i) for i in unit_ids}
    content["guests"] = [_row(a, GUEST_COLUMNS) for a in attending if a.kind == AttendanceKind.GUEST]
    content["agenda"] = [_row(a, AGENDA_COLUMNS) for a in meeting.agenda.order_by("position", "pk")]
    content["opinions"] = [_row(a, OPINION_COLUMNS) for a in meeting.opinions.order_by("position", "pk")]
    content["conclusions"] = [_row(a, CONCLUSION_COLUMNS) for a in meeting.conclusions.order_by("position", "pk")]
    return content


def meeting_facts(meeting: Meeting, members: Sequence[MemberRow]) -> MeetingFacts:
    """What approval looks at."""
    rows = meeting.attendances.filter(kind=AttendanceKind.MEMBER.value).values_list("unit_id", "is_present")
    present = dict(rows)
    return MeetingFacts(
        meeting.held_on,
        meeting.starts_at,
        meeting.ends_at,
        meeting.chair_name or meeting.chair_title,
        meeting.secretary_name or meeting.secretary_title,
        tuple(MemberPresence(m.short, present.get(m.unit_id)) for m in members),
    )


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """One member unit on the page: recorded or not yet."""

    unit: str
    short: str
    person: str
    office: str
    head_count: int
    is_present: bool | None
    note: str


@dataclass(frozen=True, slots=True)
class NextLead:
    """Whom the conference chose to lead the following year; page and paper say the same of it."""

    year: int
    lead: str
    deputy: str
    method: str
    wording: str
    titles: tuple[str, str]

    @property
    def sentence(self) -> str:
        """As the minutes print it."""
        how = _CHOSEN[self.method]
        deputy = f", {self.deputy} làm {self.titles[1]}" if self.deputy else ""
        source = f" (nguồn ghi: “{self.wording}”)" if self.wording and self.wording != how else ""
        return f"Hội nghị {how} {self.lead} làm {self.titles[0]}{deputy} năm {self.year}{source}."


_CHOSEN = {SelectionMethod.ELECTED.value: "bầu", SelectionMethod.DESIGNATED.value: "thống nhất chỉ định"}


def next_lead_of(meeting: Meeting) -> NextLead | None:
    """Lead and deputy of the following year, where a year-end conference chose them.

    Leads copied into the next year (method unknown), rotated or named by a decision were not chosen by the
    conference: its minutes say nothing of them.
    """
    if meeting.kind != "year_end":
        return None
    year, bloc = meeting.bloc_year.year + 1, meeting.bloc_year.bloc
    rows = LeadTerm.objects.filter(bloc_year__bloc=bloc, bloc_year__year=year, selection_method__in=_CHOSEN)
    terms = list(rows.select_related("unit").order_by("pk"))
    lead = next((t for t in terms if t.role == LeadRole.LEAD), None)
    if lead is None:
        return None
    deputies = [t.unit.name for t in terms if t.role == LeadRole.DEPUTY and t.selection_method == lead.selection_method]
    words = labels.LEAD_ROLE[bloc.kind]
    titles = (words[LeadRole.LEAD.value], words[LeadRole.DEPUTY.value])
    return NextLead(year, lead.unit.name, ", ".join(deputies), lead.selection_method, lead.source_wording, titles)


def opinion_by(opinion: Opinion) -> str:
    """Who spoke, and for whom: "Bà Trần Thị Cúc (mẫu), Sở Y tế"; "" where nobody is named."""
    return ", ".join(part for part in (opinion.speaker, opinion.unit.name if opinion.unit else "") if part)


@dataclass(frozen=True, slots=True)
class MeetingPage:
    """All the page of a conference shows."""

    meeting: Meeting
    opening_line: str
    attendance_line: str
    province: str
    members: tuple[AttendanceRow, ...]
    guests: tuple[Attendance, ...]
    agenda: tuple[Any, ...]
    opinions: tuple[Opinion, ...]
    conclusions: tuple[Conclusion, ...]
    quorum: Quorum
    missing: tuple[str, ...]
    warnings: tuple[str, ...]
    too_early: str
    next_lead: NextLead | None

    @property
    def present(self) -> int:
        return self.quorum.present


def meeting_page(actor: Actor, meeting: Meeting, today: date) -> MeetingPage:
    """The conference with its live sentences, what approval still needs, and what looks odd."""
    bloc_year = meeting.bloc_year
    members = members_of(bloc_year)
    attending = list(meeting.attendances.select_related("unit").order_by("position", "pk"))
    recorded = {a.unit_id: a for a in attending if a.kind == AttendanceKind.MEMBER}
    rows = [_attendance(m.name, m.short, recorded.get(m.unit_id)) for m in members]
    mine = {m.unit_id for m in members}
    rows += [_attendance(a.unit.name, a.unit.short, a) for i, a in recorded.items() if i not in mine and a.unit]
    facts = MeetingFacts(
        meeting.held_on,
        meeting.starts_at,
        meeting.ends_at,
        meeting.chair_name or meeting.chair_title,
        meeting.secretary_name or meeting.secretary_title,
        tuple(MemberPresence(r.short, r.is_present) for r in rows),
    )
    found = quorum(sum(1 for r in rows if r.is_present), len(rows))
    return MeetingPage(
        meeting,
        _opening_line(meeting),
        _attendance_line(rows, found),
        province_words(province_of_year(bloc_year), today),
        tuple(rows),
        tuple(a for a in attending if a.kind == AttendanceKind.GUEST),
        tuple(meeting.agenda.order_by("position", "pk")),
        tuple(meeting.opinions.select_related("unit").order_by("position", "pk")),
        tuple(meeting.conclusions.select_related("owner").order_by("position", "pk")),
        found,
        missing_for_approval(facts),
        _warnings(actor, meeting, attending, bloc_year),
        too_early_for_approval(facts, today),
        next_lead_of(meeting),
    )


def _attendance(name: str, short: str, row: Attendance | None) -> AttendanceRow:
    if row is None:
        return AttendanceRow(name, short, "", "", 0, None, "")
    return AttendanceRow(name, short, row.person, row.office, row.head_count, row.is_present, row.note)


def _opening_line(meeting: Meeting) -> str:
    """The first sentence of the minutes; what is not known yet is dots, never a guess."""
    when = []
    if meeting.starts_at:
        when.append(f"hồi {meeting.starts_at:%H} giờ {meeting.starts_at:%M} phút")
    else:
        half = half_of_day(None, meeting.part_of_day)
        when.append(f"buổi {labels.PART_OF_DAY[half]}" if half else "hồi … giờ … phút")
    when.append(date_on_paper(meeting.held_on) if meeting.held_on else "ngày … tháng … năm …")
    return f"{' '.join(when)}, tại {meeting.place or '…'}, {meeting.bloc_year.bloc.short} tổ chức {meeting.title}."


def _attendance_line(rows: Sequence[AttendanceRow], found: Quorum) -> str:
    absent = [f"{r.unit}{f' ({r.note})' if r.note else ''}" for r in rows if r.is_present is False]
    silent = sum(1 for r in rows if r.is_present is None)
    text = f"Có mặt {two_digits(found.present)}/{two_digits(found.total)} đơn vị thành viên"
    if absent:
        text += f"; vắng: {', '.join(absent)}"
    if silent:
        text += f"; chưa điểm danh {two_digits(silent)} đơn vị"
    return text + "."


def sitting_of(meeting: Meeting, attending: Sequence[Attendance]) -> Sitting:
    people = (meeting.chair_name, meeting.secretary_name, *(a.person for a in attending if a.is_present))
    return Sitting(
        f"{meeting.title}, {meeting.bloc_year.bloc.short}",
        meeting.held_on,
        meeting.starts_at,
        meeting.ends_at,
        meeting.part_of_day,
        tuple(dict.fromkeys(name for name in people if name)),
    )


def _warnings(actor: Actor, meeting: Meeting, attending: Sequence[Attendance], bloc_year: BlocYear) -> tuple[str, ...]:
    """What looks odd; nothing here refuses anything. Other blocs' meetings only as far as the reader sees them."""
    found: list[str] = []
    if meeting.held_on is None:
        return ()
    if not bloc_year.year - 1 <= meeting.held_on.year <= bloc_year.year + 1:
        found.append(f"Ngày họp không thuộc năm {bloc_year.year} hoặc năm liền kề. Kiểm lại năm.")
    others = (
        visible_meetings(actor)
        .filter(held_on=meeting.held_on)
        .exclude(pk=meeting.pk)
        .select_related("bloc_year__bloc")
        .prefetch_related(Prefetch("attendances", Attendance.objects.filter(is_present=True)))
        .order_by("pk")[:50]
    )
    mine = sitting_of(meeting, attending)
    sittings = [sitting_of(other, other.attendances.all()) for other in others]
    found += in_two_places(mine, sittings)
    same_bloc = [
        o
        for o, s in zip(others, sittings, strict=True)
        if o.bloc_year.bloc_id == bloc_year.bloc_id and at_the_same_time(mine, s)
    ]
    found += [
        f"Khối còn một hội nghị cùng buổi: {other.title}. Hai hội nghị cùng buổi vẫn được." for other in same_bloc
    ]
    return tuple(found)
