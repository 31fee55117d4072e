"""Search over units and blocs: accents, case and đ aside, every sign taken literally."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Subquery

from blocs.models import Bloc, Post, Province, Unit
from blocs.queries.post import posts_held
from blocs.queries.unit import province_links
from blocs.queries.visible import visible_bloc_years, visible_blocs, visible_posts, visible_units
from blocs.rules.units import descendants
from thidua.accounts.models import User
from thidua.lib.actor import Actor
from thidua.lib.periods import overlap
from thidua.lib.vietnamese import fold

SHORTEST, LONGEST, MOST = 2, 100, 30


@dataclass(frozen=True, slots=True)
class Found:
    """What the words hit; ``more`` when there is more than is shown."""

    words: str
    units: tuple[Unit, ...]
    blocs: tuple[Bloc, ...]
    more: bool

    @property
    def count(self) -> int:
        return len(self.units) + len(self.blocs)


def found_for(actor: Actor, words: str) -> Found:
    """Units and blocs whose name, short name or code contains the words; nothing for fewer than two signs."""
    wanted = fold(words)[:LONGEST]
    if len(wanted) < SHORTEST:
        return Found(words[:LONGEST], (), (), False)
    units = (
        Unit.objects.filter(pk__in=visible_units(actor).values("pk"), name_key__contains=wanted)
        .select_related("province")
        .order_by("name", "id")[: MOST + 1]
    )
    latest = visible_bloc_years(actor).filter(bloc=OuterRef("pk")).order_by("-year").values("pk")[:1]
    blocs = (
        Bloc.objects.filter(pk__in=visible_blocs(actor).values("pk"), name_key__contains=wanted)
        .select_related("province")
        .annotate(latest_year_id=Subquery(latest))
        .order_by("official_name", "id")[: MOST + 1]
    )
    unit_rows, bloc_rows = tuple(units), tuple(blocs)
    return Found(words[:LONGEST], unit_rows[:MOST], bloc_rows[:MOST], len(unit_rows) > MOST or len(bloc_rows) > MOST)


def posts_listed(actor: Actor, *, words: str = "", current: bool = True) -> Sequence[Post]:
    """Offices the actor sees, by holder's name; ``words`` match holder, unit or bloc, accents and case aside."""
    rows = Post.objects.filter(pk__in=visible_posts(actor).values("pk"))
    if current:
        rows = rows.filter(pk__in=posts_held().values("pk"))
    rows = rows.select_related("user", "unit", "bloc", "province").order_by("user__full_name", "kind", "id")
    wanted = fold(words)[:LONGEST]
    if not wanted:
        return rows
    return [
        p
        for p in rows
        if wanted in fold(p.user.full_name)
        or (p.unit and wanted in p.unit.name_key)
        or (p.bloc and wanted in p.bloc.name_key)
    ]


def post_choices(actor: Actor, province_ids: frozenset[int]) -> dict[str, list[tuple[str, str]]]:
    """What an office can be given out of: people, units, blocs and provinces of the actor's province."""
    users = User.objects.filter(is_active=True).order_by("full_name", "username")
    units = Unit.objects.filter(province__in=province_ids, valid_to__isnull=True).order_by("name", "id")
    blocs = Bloc.objects.filter(province__in=province_ids).order_by("official_name", "id")
    provinces = Province.objects.filter(pk__in=province_ids, valid_to__isnull=True)
    return {
        "users": [(str(u.pk), f"{u.full_name} ({u.username})") for u in users],
        "units": [(str(u.pk), u.name) for u in units],
        "blocs": [(str(b.pk), b.short) for b in blocs],
        "provinces": [(str(p.pk), str(p)) for p in provinces],
    }


def member_candidates(province_ids: Sequence[int], year: int | None = None) -> list[Unit]:
    """Units that can be members: of these provinces, those they came from and became, alive some time of the year."""
    links = province_links()
    wanted = set(province_ids)
    for one in province_ids:
        wanted |= descendants(one, links) | {i for i in links if one in descendants(i, links)}
    units = Unit.objects.filter(province__in=wanted).order_by("name", "id")
    if year is None:
        return list(units)
    first, last = date(year, 1, 1), date(year, 12, 31)
    return [u for u in units if overlap(u.valid_from, u.valid_to, first, last)]
