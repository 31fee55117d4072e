"""Sheets the actor may see, and what can be printed of a bloc-year."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from blocs.models import BlocYear, Covenant, Meeting
from blocs.permissions import bloc_officers, is_staff_of, staff_provinces
from blocs.queries.visible import visible_bloc_years
from blocs.rules.states import BLOC_POSTS, PROVINCE_POSTS
from scoring.models import RankingSnapshot, Scheme, ScoreSheet
from scoring.rules.states import SchemeState
from thidua.lib.actor import Actor


def visible_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """The own units' sheets always; the others' for officers and the standing agency, or once the table is locked."""
    rows = ScoreSheet.objects.filter(bloc_year__in=visible_bloc_years(actor).values("pk"))
    if actor.is_system:
        return rows
    seen = Q(pk__in=[])
    if any(p.kind not in PROVINCE_POSTS for p in actor.posts):
        seen = Q(Exists(RankingSnapshot.objects.filter(bloc_year=OuterRef("bloc_year"), unlocked_at__isnull=True)))
    for post in actor.posts_of(*BLOC_POSTS):
        seen |= Q(bloc_year__bloc_id=post.bloc_id, bloc_year__year=post.year)
    return rows.filter(Q(unit__in=actor.unit_ids) | seen | Q(bloc_year__bloc__province__in=staff_provinces(actor)))


@dataclass(frozen=True, slots=True)
class Printable:
    """What the page "Giấy tờ" offers to make."""

    covenant: Covenant | None
    meetings: tuple[Meeting, ...]
    sheets: tuple[ScoreSheet, ...]
    has_table: bool
    all_sheets: bool


def printable_things(actor: Actor, bloc_year: BlocYear) -> Printable:
    """The bloc-year's covenant, meetings, table and the sheets this actor may print: four queries at most."""
    officers = bool(
        actor.is_system or bloc_officers(actor, bloc_year) or is_staff_of(actor, bloc_year.bloc.province_id)
    )
    sheets = ScoreSheet.objects.filter(bloc_year=bloc_year).select_related("unit").order_by("unit__name")
    if not officers:
        sheets = sheets.filter(unit__in=actor.unit_ids)
    published = Scheme.objects.filter(bloc_year=bloc_year, state=SchemeState.PUBLISHED.value).exists()
    return Printable(
        covenant=Covenant.objects.filter(bloc_year=bloc_year).first() if officers else None,
        meetings=tuple(Meeting.objects.filter(bloc_year=bloc_year)) if officers else (),
        sheets=tuple(sheets) if published else (),
        has_table=published and officers,
        all_sheets=officers,
    )
