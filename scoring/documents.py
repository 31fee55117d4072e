"""Papers that print scores: conference minutes (they hold the ranking), the score table, one unit's sheet."""

from __future__ import annotations

from blocs.documents import bloc_year_of, may_request, sees_bloc_year_of
from blocs.models import BlocYear, Meeting
from blocs.permissions import staff_provinces
from blocs.rules.states import BLOC_POSTS
from scoring.models import RankingSnapshot, ScoreSheet
from scoring.queries.papers import minutes_context, score_sheet_context, score_table_context
from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

HIDDEN = refused("Điểm của đơn vị khác xem được sau khi Khối chốt bảng điểm.", "hidden-until-locked")


def _sees_all(actor: Actor, document: Document) -> bool:
    """The same rule as the grid's: officers and the standing agency always, members once the table is locked."""
    found = bloc_year_of(document)
    if found is None:
        return False
    if actor.is_system or any((p.bloc_id, p.year) == found for p in actor.posts_of(*BLOC_POSTS)):
        return True
    if BlocYear.objects.filter(bloc_id=found[0], year=found[1], bloc__province_id__in=staff_provinces(actor)).exists():
        return True
    return RankingSnapshot.objects.filter(
        bloc_year__bloc_id=found[0], bloc_year__year=found[1], unlocked_at__isnull=True
    ).exists()


def can_view_table(actor: Actor, document: Document) -> Verdict:
    if not sees_bloc_year_of(actor, document):
        return refused("Bạn không thuộc Khối này.", "not-in-scope")
    return ALLOWED if _sees_all(actor, document) else HIDDEN


def can_view_minutes(actor: Actor, document: Document) -> Verdict:
    """Minutes with a ranking follow the table's rule; others are open to the whole bloc."""
    if not sees_bloc_year_of(actor, document):
        return refused("Bạn không thuộc Khối này.", "not-in-scope")
    if not document.context.get("ranking") or _sees_all(actor, document):
        return ALLOWED
    return HIDDEN


def can_view_sheet(actor: Actor, document: Document) -> Verdict:
    if not sees_bloc_year_of(actor, document):
        return refused("Bạn không thuộc Khối này.", "not-in-scope")
    if ScoreSheet.objects.filter(pk=document.subject_id, unit_id__in=actor.unit_ids).exists():
        return ALLOWED
    return ALLOWED if _sees_all(actor, document) else HIDDEN


def can_request_minutes(actor: Actor, meeting: Meeting) -> Verdict:
    return may_request(actor, meeting.bloc_year)


def can_request_sheet(actor: Actor, sheet: ScoreSheet) -> Verdict:
    """The unit prints its own sheet; the bloc's officers and the standing agency any."""
    if sheet.unit_id in actor.unit_ids:
        return ALLOWED
    return may_request(actor, sheet.bloc_year)


CONFERENCE_MINUTES = DocumentKind(
    slug="conference-minutes",
    title="Biên bản hội nghị",
    template="print/scoring/minutes.html",
    build_context=minutes_context,
    can_view=can_view_minutes,
    can_request=can_request_minutes,
    title_of=lambda meeting: f"Biên bản {meeting.title}",
    subject_model="blocs.meeting",
)
SCORE_TABLE = DocumentKind(
    slug="score-table",
    title="Bảng tổng hợp điểm",
    template="print/scoring/score_table.html",
    build_context=score_table_context,
    can_view=can_view_table,
    can_request=may_request,
    title_of=lambda bloc_year: f"Bảng tổng hợp điểm thi đua năm {bloc_year.year}",
    subject_model="blocs.blocyear",
)
SCORE_SHEET = DocumentKind(
    slug="score-sheet",
    title="Phiếu điểm",
    template="print/scoring/score_sheet.html",
    build_context=score_sheet_context,
    can_view=can_view_sheet,
    can_request=can_request_sheet,
    title_of=lambda sheet: f"Phiếu điểm {sheet.unit.name}",
    subject_model="scoring.scoresheet",
)
