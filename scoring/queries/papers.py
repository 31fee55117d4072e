"""What the papers of scoring print (templates/print/README.md), frozen when they are asked for."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import F
from django.utils import timezone

from blocs import labels as bloc_labels
from blocs.models import BlocYear, Meeting, Post
from blocs.queries.bloc import members_of
from blocs.queries.covenant_paper import head_of, lines_of, signer
from blocs.queries.meeting import next_lead_of, opinion_by
from blocs.rules.meetings import half_of_day
from blocs.rules.states import AttendanceKind, MeetingState, PostKind
from scoring.models import ScoreSheet
from scoring.queries.snapshot import plain
from scoring.queries.table import Column, Table, table_of
from scoring.rules.entered import Entered
from scoring.rules.scheme import CriterionFacts
from scoring.rules.states import CriterionKind, NotApplicable, Rule, StageSlug
from thidua.lib.errors import RuleViolation

POLICY = {
    NotApplicable.FULL: "maximum",
    NotApplicable.DROP: "excluded",
    NotApplicable.SCALE: "converted",
    NotApplicable.ZERO: "zero",
}

# Of several who held an office: who holds it still, then who took it last.
LATEST = (F("valid_to").desc(nulls_first=True), F("valid_from").desc(nulls_last=True), "-pk")


def _table(bloc_year: BlocYear, slug: str | None = None) -> Table:
    table = table_of(bloc_year, slug)
    if table is None:
        raise RuleViolation("no-scheme", "Bảng điểm của năm chưa công bố, chưa in được. Công bố bảng điểm trước.")
    return table


def _number(value: Decimal | None) -> str | None:
    """As many decimals as the value has: maxima stand as they are in the scheme."""
    return None if value is None else format(value.normalize(), "f")


def _officer(bloc_year: BlocYear, kind: PostKind) -> str:
    post = (
        Post.objects.filter(bloc_id=bloc_year.bloc_id, year=bloc_year.year, kind=kind)
        .select_related("user")
        .order_by(*LATEST)
        .first()
    )
    return post.user.full_name if post else ""


def _unit_person(unit_id: int, kind: PostKind) -> str:
    post = Post.objects.filter(unit_id=unit_id, kind=kind).select_related("user").order_by(*LATEST).first()
    return post.user.full_name if post else ""


# ------------------------------------------------------------ score table
def score_table_context(bloc_year: BlocYear) -> dict[str, Any]:
    """The bloc's table at the stage that counts; a draft until it is locked."""
    table = _table(bloc_year)
    kind = "cụm" if bloc_year.bloc.kind == "cum" else "khối"
    notes = []
    if not table.is_locked:
        notes.append(f"Số liệu tạm tính ở bước {table.stage.name}, chưa chốt.")
    return {
        **head_of(bloc_year),
        "document_title": f"Bảng tổng hợp điểm thi đua năm {bloc_year.year} - {bloc_year.bloc.short}",
        "date": timezone.localdate(table.lock.locked_at).isoformat() if table.lock else None,
        "abstract_lines": [f"{len(table.columns):02d} đơn vị thuộc {bloc_year.bloc.short}"],
        "draft": not table.is_locked,
        "sample": bloc_year.is_sample or table.scheme.is_sample,
        "title": f"Bảng tổng hợp điểm thi đua năm {bloc_year.year}",
        "attached_to": "",
        "digits": table.facts.digits,
        "units": [_unit(table, column) for column in table.columns],
        "rows": [_row(table, c) for c in table.facts.ordered],
        "total_max": _number(table.facts.full_scale),
        "rank_by": table.facts.rank_by.value,
        "tie_break": [_tie_words(table, step) for step in table.facts.ties],
        "not_applicable": _policies(table),
        "notes": notes,
        "maker": signer([], "Thư ký", _officer(bloc_year, PostKind.BLOC_SECRETARY)),
        "approver": signer(
            [], f"TM. {kind} thi đua\n{_lead_words(bloc_year)}", _officer(bloc_year, PostKind.BLOC_LEAD)
        ),
    }


def _lead_words(bloc_year: BlocYear) -> str:
    return bloc_labels.LEAD_ROLE[bloc_year.bloc.kind]["lead"]


def _unit(table: Table, column: Column) -> dict[str, Any]:
    result, place = table.results[column.unit_id], table.places[column.unit_id]
    return {
        "name": column.name,
        "short_lines": [column.short],
        "total": plain(result.total, table.facts.digits),
        "max": _number(result.maximum),
        "rate": plain(result.rate),
        "bonus": plain(result.bonus, table.facts.digits),
        "deduction": plain(result.deduction, table.facts.digits),
        "place": place.place,
        "classification": place.classification or "",
    }


def _kind(table: Table, criterion: CriterionFacts) -> str:
    if criterion.rule is Rule.SUM:
        return "section"
    place = table.facts.places[criterion.id]
    return "criterion" if place is CriterionKind.SECTION else place.value


def _row(table: Table, criterion: CriterionFacts) -> dict[str, Any]:
    return {
        "kind": _kind(table, criterion),
        "level": table.facts.depths[criterion.id],
        "code": criterion.code,
        "text": criterion.title,
        "max": _number(table.facts.maxima[criterion.id]),
        "cells": [_cell(table, column.unit_id, criterion) for column in table.columns],
    }


def _cell(table: Table, unit_id: int, criterion: CriterionFacts) -> str | None:
    if table.cell(unit_id, criterion.id).entered.not_assigned:
        return "not-assigned"
    return plain(table.results[unit_id].points.get(criterion.id), table.facts.digits)


def _tie_words(table: Table, step: Any) -> str:
    if step.kind == "criterion":
        criterion = table.facts.by_code.get(step.code)
        word = "mục" if criterion is not None and criterion.kind is CriterionKind.SECTION else "tiêu chí"
        return f"điểm {word} {step.code}"
    return {"bonus": "điểm thưởng", "deduction": "điểm trừ ít hơn", "lot": "bốc thăm"}[step.kind]


def _policies(table: Table) -> list[dict[str, Any]]:
    found: dict[NotApplicable, list[str]] = {}
    for criterion in table.facts.leaves:
        if any(table.cell(c.unit_id, criterion.id).entered.not_assigned for c in table.columns):
            found.setdefault(criterion.not_applicable, []).append(criterion.code)
    return [{"policy": POLICY[policy], "codes": codes} for policy, codes in found.items()]


# ------------------------------------------------------------ score sheet
def score_sheet_context(sheet: ScoreSheet) -> dict[str, Any]:
    """One unit's sheet at the last stage with entries, and its list of evidence."""
    bloc_year = sheet.bloc_year
    table = _table(bloc_year)
    unit_id = sheet.unit_id
    result, place = table.results[unit_id], table.places[unit_id]
    own = table.stage.slug == StageSlug.SELF
    unit = sheet.unit
    head = head_of(bloc_year)
    day = _sheet_day(table, unit_id)
    return {
        **head,
        "superior_lines": lines_of(unit.superior_lines, "") if unit.superior_lines else head["superior_lines"],
        "issuer_lines": lines_of(unit.paper_lines, unit.name),
        "place": unit.place or head["place"],
        "document_title": f"Phiếu {'tự chấm' if own else 'chấm'} điểm thi đua năm {bloc_year.year} - {unit.name}",
        "date": day,
        "abstract_lines": [f"Năm {bloc_year.year}, {bloc_year.bloc.short}"],
        "draft": not table.is_locked and not (own and day),
        "sample": bloc_year.is_sample or table.scheme.is_sample,
        "title": "Phiếu tự chấm điểm thi đua" if own else "Phiếu chấm điểm thi đua",
        "unit": unit.name,
        "digits": table.facts.digits,
        "rows": [_sheet_row(table, unit_id, c) for c in table.facts.ordered],
        "total": plain(result.total, table.facts.digits),
        "max": _number(result.maximum),
        "bonus": plain(result.bonus, table.facts.digits),
        "deduction": plain(result.deduction, table.facts.digits),
        "rate": plain(result.rate),
        "rank": place.place if table.is_locked else None,
        "rank_of": sum(1 for p in table.places.values() if p.place is not None),
        "classification": (place.classification or "") if table.is_locked else "",
        "evidence": _evidence(table if own else table_of(bloc_year, StageSlug.SELF) or table, unit_id),
        "notes": [] if table.is_locked else [f"Số liệu ở bước {table.stage.name}, chưa chốt."],
        "officer": signer([], "Người lập phiếu", _unit_person(unit_id, PostKind.UNIT_OFFICER)),
        "head": signer([], unit.head_title or "Thủ trưởng đơn vị", _unit_person(unit_id, PostKind.UNIT_HEAD)),
    }


def _sheet_day(table: Table, unit_id: int) -> str | None:
    """The day the figures became final: the table closed, or the unit handed its own sheet in; else to be written."""
    if table.lock:
        return timezone.localdate(table.lock.locked_at).isoformat()
    column = next(c for c in table.columns if c.unit_id == unit_id)
    handed_in = column.submitted.get(table.stage.pk)
    return timezone.localdate(datetime.fromisoformat(handed_in[0])).isoformat() if handed_in else None


def _sheet_row(table: Table, unit_id: int, criterion: CriterionFacts) -> dict[str, Any]:
    held = table.cell(unit_id, criterion.id)
    return {
        "kind": _kind(table, criterion),
        "level": table.facts.depths[criterion.id],
        "code": criterion.code,
        "text": criterion.title,
        "max": _number(table.facts.maxima[criterion.id]),
        "points": _cell(table, unit_id, criterion),
        "note": held.note,
        "entered": _entered(held.entered, criterion),
    }


def _entered(entered: Entered, criterion: CriterionFacts) -> dict[str, Any] | None:
    if criterion.rule in (Rule.DIRECT, Rule.SUM) or entered.is_blank or entered.not_assigned:
        return None
    count = entered.count if entered.count is not None else entered.rank
    return {
        "target": _number(entered.target),
        "actual": _number(entered.actual),
        "count": None if count is None else str(count),
        "level": entered.level or "",
        "passed": entered.passed,
        "unit_of_measure": "hạng" if criterion.rule is Rule.OUTSIDE_RANK else "",
    }


def _evidence(table: Table, unit_id: int) -> list[dict[str, Any]]:
    """What the unit named while it scored itself; the bloc's own scoring adds none."""
    return [
        {"code": criterion.code, "title": line.strip(), "reference": "", "date": None, "file": ""}
        for criterion in table.facts.leaves
        for line in table.cell(unit_id, criterion.id).evidence.splitlines()
        if line.strip()
    ]


# ---------------------------------------------------------------- minutes
def minutes_context(meeting: Meeting) -> dict[str, Any]:
    """The conference's minutes: what was recorded, and the ranking as it stands where the meeting asks for it."""
    bloc_year = meeting.bloc_year
    bloc = bloc_year.bloc
    members = members_of(bloc_year)
    attending = list(meeting.attendances.select_related("unit").order_by("position", "pk"))
    kind_words = bloc_labels.MEETING_KIND[meeting.kind]
    title = meeting.title or f"{kind_words} năm {bloc_year.year}"
    day = meeting.held_on
    head = head_of(bloc_year)
    present = [a for a in attending if a.kind == AttendanceKind.MEMBER and a.is_present]
    absent = [a for a in attending if a.kind == AttendanceKind.MEMBER and not a.is_present]
    recorded = {a.unit_id for a in (*present, *absent)}
    half = half_of_day(meeting.starts_at, meeting.part_of_day)
    return {
        **head,
        "document_title": f"Biên bản {title} - {bloc.short}",
        "date": day.isoformat() if day else None,
        "abstract_lines": [title, f"của {bloc.short}"],
        "draft": meeting.state != MeetingState.APPROVED,
        "number": meeting.number,
        "symbol": f"BB-{bloc.symbol or 'KTĐ'}",
        "start": f"{day}T{meeting.starts_at:%H:%M}" if day and meeting.starts_at else None,
        "half": bloc_labels.PART_OF_DAY[half] if half else "",
        "end": f"{day}T{meeting.ends_at:%H:%M}" if day and meeting.ends_at else None,
        "venue": meeting.place,
        "host": bloc.short,
        "purpose": title,
        "chair": _person(meeting.chair_name, meeting.chair_title),
        "secretary": _person(meeting.secretary_name, meeting.secretary_title),
        "guests": [
            {"name": a.person, "post": a.office, "role": a.note} for a in attending if a.kind == AttendanceKind.GUEST
        ],
        "members": [
            {
                "unit": a.unit.name if a.unit else "",
                "people": [{"name": a.person, "post": a.office}] if a.person or a.office else [],
                "count": a.head_count,
            }
            for a in present
        ],
        "absent": [{"unit": a.unit.name if a.unit else "", "reason": a.note} for a in absent],
        "silent": [m.name for m in members if m.unit_id not in recorded],
        "member_total": len(members),
        "agenda": [
            *_opening(meeting.opening),
            *(
                {
                    "title": item.title,
                    "presenter": item.speaker,
                    "content": "",
                    "outcome": "",
                    "documents": [item.document] if item.document else [],
                }
                for item in meeting.agenda.order_by("position", "pk")
            ),
        ],
        "opinions": [
            {"who": opinion_by(o), "text": o.text}
            for o in meeting.opinions.select_related("unit").order_by("position", "pk")
        ],
        "ranking": _ranking(bloc_year) if meeting.with_ranking else None,
        "ballots": [],
        "next_lead": _next_lead(meeting),
        "conclusions": [
            {
                "text": c.text,
                "owner": c.owner.name if c.owner else "",
                "due": c.due_on.isoformat() if c.due_on else None,
            }
            for c in meeting.conclusions.select_related("owner").order_by("position", "pk")
        ],
        "copies": meeting.copies,
        "agreed": "",  # nobody recorded how many agreed: the paper claims nothing
        "signers": {
            "secretary": signer([], "Thư ký", meeting.secretary_name),
            "chair": signer([], "Chủ trì", meeting.chair_name),
        },
        "recipients": [r.strip() for r in meeting.recipients.splitlines() if r.strip()],
        "file_code": f"VT, {bloc.symbol or 'KTĐ'}",
    }


def _opening(words: str) -> list[dict[str, Any]]:
    """How the conference was opened: its first point, a sentence or several paragraphs."""
    text = words.strip()
    if not text:
        return []
    title, content = ("Khai mạc", text) if "\n" in text else (text, "")
    return [{"title": title, "presenter": "", "content": content, "outcome": "", "documents": []}]


def _person(name: str, post: str) -> dict[str, str] | None:
    return {"name": name, "post": post} if name or post else None


def _next_lead(meeting: Meeting) -> dict[str, Any] | None:
    found = next_lead_of(meeting)
    return asdict(found) | {"titles": list(found.titles)} if found else None


def _ranking(bloc_year: BlocYear) -> dict[str, Any] | None:
    table = table_of(bloc_year)
    if table is None:
        return None
    own = table_of(bloc_year, StageSlug.SELF) if table.stage.slug != StageSlug.SELF else None
    rows = []
    for column in table.columns:
        result, place = table.results[column.unit_id], table.places[column.unit_id]
        self_result = own.results[column.unit_id] if own else None
        rows.append(
            {
                "unit": column.name,
                "self_points": plain(self_result.total, table.facts.digits)
                if self_result and not self_result.missing
                else None,
                "points": plain(result.total, table.facts.digits),
                "rate": plain(result.rate),
                "place": place.place,
                "classification": place.classification or "",
            }
        )
    rows.sort(key=lambda r: (r["place"] is None, r["place"] or 0))
    return {
        "caption": "Hội nghị thống nhất kết quả chấm điểm và xếp hạng như sau",
        "digits": table.facts.digits,
        "rank_by": table.facts.rank_by.value,
        "rows": rows,
        "note": "" if table.is_locked else "Số liệu tạm tính, bảng điểm chưa chốt.",
    }
