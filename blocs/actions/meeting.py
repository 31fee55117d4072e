"""Conferences: calling one, recording it, approving its minutes. Approval locks everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone

from blocs import labels
from blocs.models import AgendaItem, Attendance, BlocYear, Conclusion, Meeting, Opinion
from blocs.models.checks import check_fields
from blocs.permissions import can_approve_meeting, can_edit_meeting
from blocs.queries.bloc import MemberRow, members_of
from blocs.queries.draft import revision_saved_by
from blocs.queries.meeting import HEAD, meeting_content, meeting_facts, member_part
from blocs.rules.drafts import check_revision, known_parts, merge, moment_words
from blocs.rules.meetings import check_approval, check_times
from blocs.rules.states import AttendanceKind, MeetingKind, MeetingState, meeting_step
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Locked, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text

_LISTS = ("guests", "agenda", "opinions", "conclusions")
_MEMBER = "member:"


@transaction.atomic
def create_meeting(*, by: Actor, bloc_year_id: int, kind: str, title: str = "") -> Meeting:
    """A draft; only kind and title are needed, and the title follows from the kind where none is given.

    Two meetings on one day, even in one afternoon, are legal (cases.md B1).
    """
    bloc_year = BlocYear.objects.select_related("bloc").select_for_update(of=("self",)).get(pk=bloc_year_id)
    require(can_edit_meeting(by, None, bloc_year))
    known = MeetingKind(kind)
    meeting = Meeting(
        bloc_year=bloc_year,
        kind=known.value,
        title=clean_text(title, one_line=True) or labels.MEETING_TITLE[known.value].format(year=bloc_year.year),
        changed_by=by.name,
    )
    check_fields(meeting)
    meeting.save(force_insert=True)
    after = {"kind": meeting.kind, "title": meeting.title}
    audit.record(by, "blocs.create_meeting", meeting, after=after, chain=bloc_year.chain)
    return meeting


@transaction.atomic
def save_meeting(
    *,
    by: Actor,
    meeting_id: int,
    revision: int,
    content: Mapping[str, Any],
    picks: Mapping[str, str] | None = None,
    key: UUID | None = None,
    after_key: UUID | None = None,
) -> Meeting:
    """What was typed, all parts at once (``queries.meeting.meeting_content``); parts not given stay as they are.

    Content equal to what is stored writes and records nothing, whatever the revision. Otherwise a revision that is
    not the current one is a Conflict. ``picks`` says, part by part, what to take where two versions were compared.
    ``key`` marks this sending, ``after_key`` an earlier one whose answer never arrived.
    """
    meeting = _locked(meeting_id)
    bloc_year = meeting.bloc_year
    _require_open(meeting)
    require(can_edit_meeting(by, meeting, bloc_year))
    members = members_of(bloc_year)
    stored = meeting_content(meeting, members)
    wanted = merge(known_parts(content, stored), stored, picks or {})
    changed = {part: value for part, value in wanted.items() if stored[part] != value}
    if not changed:
        return meeting
    check_revision(
        revision,
        meeting.revision,
        what="hội nghị này",
        changed_by=meeting.changed_by,
        changed_at=moment_words(timezone.localtime(meeting.changed_at)),
        repeated=revision_saved_by(by, after_key) == meeting.revision,
    )
    _check_units(changed, stored, members)
    _write_head(meeting, changed)
    _write_members(meeting, changed, members)
    _write_lists(meeting, changed)
    meeting.revision += 1
    meeting.changed_by = by.name
    meeting.save()
    before = {part: stored[part] for part in changed}
    audit.record(
        by,
        "blocs.save_meeting",
        meeting,
        before=_in_words(before, members),
        after=_in_words(changed, members) | {"_revision": meeting.revision},
        chain=bloc_year.chain,
        key=key,
    )
    return meeting


@transaction.atomic
def approve_meeting(*, by: Actor, meeting_id: int, revision: int) -> Meeting:
    """The lead approves the minutes as seen at ``revision``; from then on nothing in them changes."""
    meeting = _locked(meeting_id)
    bloc_year = meeting.bloc_year
    _require_open(meeting)
    require(can_approve_meeting(by, meeting))
    check_revision(
        revision,
        meeting.revision,
        what="hội nghị này",
        changed_by=meeting.changed_by,
        changed_at=moment_words(timezone.localtime(meeting.changed_at)),
    )
    check_approval(meeting_facts(meeting, members_of(bloc_year)), timezone.localdate())
    before = {"state": meeting.state}
    meeting.state = meeting_step(MeetingState(meeting.state), "approve").target.value
    meeting.approved_at = timezone.now()
    meeting.approved_by = by.name
    meeting.revision += 1
    meeting.save(update_fields=["state", "approved_at", "approved_by", "revision", "changed_at"])
    after = {"state": meeting.state, "_revision": meeting.revision}
    audit.record(by, "blocs.approve_meeting", meeting, before=before, after=after, chain=bloc_year.chain)
    return meeting


# --------------------------------------------------------------- inside
def _locked(meeting_id: int) -> Meeting:
    rows = Meeting.objects.select_related("bloc_year__bloc__province").select_for_update(of=("self",))
    return rows.get(pk=meeting_id)


def _require_open(meeting: Meeting) -> None:
    if meeting.state == MeetingState.APPROVED:
        when = f" lúc {moment_words(timezone.localtime(meeting.approved_at))}" if meeting.approved_at else ""
        raise Locked(
            "meeting-approved",
            f"Biên bản hội nghị đã được {meeting.approved_by or 'chủ trì'} duyệt{when} nên không sửa được nữa.",
        )


def _check_units(changed: Mapping[str, Any], stored: Mapping[str, Any], members: Sequence[MemberRow]) -> None:
    """Speakers' and owners' units are members of the year, or stood there before."""
    allowed = {m.unit_id for m in members} | {None}
    for part, column in (("opinions", "unit_id"), ("conclusions", "owner_id")):
        allowed_here = allowed | {row[column] for row in stored[part]}
        if any(row[column] not in allowed_here for row in changed.get(part, ())):
            raise RuleViolation("not-a-member", "Có đơn vị không phải thành viên của năm. Chọn lại đơn vị.")


def _write_head(meeting: Meeting, changed: Mapping[str, Any]) -> None:
    for name in HEAD:
        if name in changed:
            setattr(meeting, name, changed[name])
    check_times(meeting.starts_at, meeting.ends_at)
    check_fields(meeting)


def _write_members(meeting: Meeting, changed: Mapping[str, Any], members: Sequence[MemberRow]) -> None:
    order = {m.unit_id: m.position for m in members}
    unit_ids = [int(part.removeprefix(_MEMBER)) for part in changed if part.startswith(_MEMBER)]
    if not unit_ids:
        return
    meeting.attendances.filter(kind=AttendanceKind.MEMBER.value, unit_id__in=unit_ids).delete()
    rows = []
    for unit_id in unit_ids:
        value = changed[member_part(unit_id)]
        if value is not None:
            kind = AttendanceKind.MEMBER.value
            rows.append(
                Attendance(meeting=meeting, kind=kind, unit_id=unit_id, position=order.get(unit_id, 999), **value)
            )
    _insert(rows)


def _write_lists(meeting: Meeting, changed: Mapping[str, Any]) -> None:
    """A changed list is written anew, in its order; nothing else refers to its rows."""
    if "guests" in changed:
        meeting.attendances.filter(kind=AttendanceKind.GUEST.value).delete()
        guests = enumerate(changed["guests"], 1)
        _insert([Attendance(meeting=meeting, kind=AttendanceKind.GUEST.value, position=i, **row) for i, row in guests])
    for part, model in (("agenda", AgendaItem), ("opinions", Opinion), ("conclusions", Conclusion)):
        if part in changed:
            model.objects.filter(meeting=meeting).delete()
            _insert([model(meeting=meeting, position=i, **row) for i, row in enumerate(changed[part], 1)])


def _insert(rows: Sequence[models.Model]) -> None:
    for row in rows:
        check_fields(row)
    if rows:
        type(rows[0])._default_manager.bulk_create(rows)


def _in_words(parts: Mapping[str, Any], members: Sequence[MemberRow]) -> dict[str, Any]:
    """For the record: hours as people say them, the units' rows as one sentence; their whole rows beside it."""
    names = {m.unit_id: m.short for m in members}
    found: dict[str, Any] = {}
    units: dict[str, Any] = {}
    for part, value in parts.items():
        if part.startswith(_MEMBER):
            units[part.removeprefix(_MEMBER)] = value
        else:
            found["venue" if part == "place" else part] = f"{value:%H:%M}" if isinstance(value, time) else value
    if units:
        found["attendance"] = "; ".join(f"{names.get(int(i), i)}: {_presence(row)}" for i, row in units.items())
        found["_attendance"] = units
    return found


def _presence(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "chưa ghi"
    who = row["person"] or row["office"]
    return ("có mặt" if row["is_present"] else "vắng") + (f" ({who})" if who else "")
