"""Papers that print scores: conference minutes (they hold the ranking), the score table, one unit's sheet."""

from __future__ import annotations

from collections.abc import Callable

from blocs.documents import OUTSIDE, bloc_year_in, can_retry, may_request
from blocs.models import BlocYear, Meeting
from scoring.models import RankingSnapshot, ScoreSheet
from scoring.permissions import sees_all_sheets, sees_whole_ranking
from scoring.queries.papers import minutes_context, score_sheet_context, score_table_context
from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

Sight = Callable[[Document], Verdict]
HIDDEN = refused("Điểm của đơn vị khác xem được sau khi Khối chốt bảng điểm.", "hidden-until-locked")


def _seen(actor: Actor, scope: str, rule: Callable[..., bool] = sees_all_sheets) -> tuple[BlocYear | None, bool]:
    """The bloc-year, if it is in sight, and whether every column of its table is: the pages' own rule."""
    bloc_year = bloc_year_in(actor, scope)
    if bloc_year is None:
        return None, False
    is_locked = RankingSnapshot.objects.filter(bloc_year=bloc_year, unlocked_at__isnull=True).exists()
    return bloc_year, rule(actor, bloc_year, is_open=not is_locked)


def table_sight(actor: Actor, scope: str) -> Sight:
    bloc_year, sees_all = _seen(actor, scope)
    return lambda document: _told(bloc_year, sees_all)


def minutes_sight(actor: Actor, scope: str) -> Sight:
    """Minutes with a ranking follow the ranking's rule; others are open to the whole bloc."""
    bloc_year, sees_all = _seen(actor, scope, sees_whole_ranking)
    without: set[int] = set()
    if bloc_year is not None and not sees_all:
        rows = Document.objects.filter(scope=scope, kind=CONFERENCE_MINUTES.slug, context__ranking=None)
        without = set(rows.values_list("pk", flat=True))
    return lambda document: _told(bloc_year, sees_all or document.pk in without)


def sheet_sight(actor: Actor, scope: str) -> Sight:
    """The own unit's sheet always."""
    bloc_year, sees_all = _seen(actor, scope)
    own: set[str] = set()
    if bloc_year is not None and not sees_all:
        rows = ScoreSheet.objects.filter(bloc_year=bloc_year, unit__in=actor.unit_ids)
        own = {str(pk) for pk in rows.values_list("pk", flat=True)}
    return lambda document: _told(bloc_year, sees_all or document.subject_id in own)


def _told(bloc_year: BlocYear | None, sees: bool) -> Verdict:
    if bloc_year is None:
        return OUTSIDE
    return ALLOWED if sees else HIDDEN


def can_request_minutes(actor: Actor, meeting: Meeting) -> Verdict:
    return may_request(actor, meeting.bloc_year)


def can_request_sheet(actor: Actor, sheet: ScoreSheet) -> Verdict:
    """The unit prints its own sheet; the bloc's officers and the standing agency any."""
    if sheet.unit_id in actor.unit_ids:
        return ALLOWED
    return may_request(actor, sheet.bloc_year)


def can_retry_sheet(actor: Actor, document: Document) -> Verdict:
    """Whoever may ask for the unit's sheet: the unit itself, the bloc's officers, the standing agency."""
    sheet = ScoreSheet.objects.select_related("bloc_year__bloc").filter(pk=int(document.subject_id)).first()
    return OUTSIDE if sheet is None else can_request_sheet(actor, sheet)


CONFERENCE_MINUTES = DocumentKind(
    slug="conference-minutes",
    title="Biên bản hội nghị",
    template="print/scoring/minutes.html",
    build_context=minutes_context,
    sight=minutes_sight,
    can_request=can_request_minutes,
    can_retry=can_retry,
    title_of=lambda meeting: f"Biên bản {meeting.title}",
    subject_model="blocs.meeting",
)
SCORE_TABLE = DocumentKind(
    slug="score-table",
    title="Bảng tổng hợp điểm",
    template="print/scoring/score_table.html",
    build_context=score_table_context,
    sight=table_sight,
    can_request=may_request,
    can_retry=can_retry,
    title_of=lambda bloc_year: f"Bảng tổng hợp điểm thi đua năm {bloc_year.year}",
    subject_model="blocs.blocyear",
)
SCORE_SHEET = DocumentKind(
    slug="score-sheet",
    title="Phiếu điểm",
    template="print/scoring/score_sheet.html",
    build_context=score_sheet_context,
    sight=sheet_sight,
    can_request=can_request_sheet,
    can_retry=can_retry_sheet,
    title_of=lambda sheet: f"Phiếu điểm {sheet.unit.name}",
    subject_model="scoring.scoresheet",
)
