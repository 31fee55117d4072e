"""Reading provinces and units: the register's pages, and the facts that rules and imports need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from blocs import labels
from blocs.models import Post, Province, ProvinceSuccession, Unit, UnitSuccession
from blocs.permissions import staff_provinces
from blocs.queries.visible import visible_units
from blocs.rules import imports
from blocs.rules import units as rules
from blocs.rules.units import ProvinceFacts, UnitFacts
from thidua.lib.actor import Actor
from thidua.lib.periods import contains
from thidua.lib.vietnamese import fold


# ------------------------------------------------------------ provinces
def province_facts(province: Province) -> ProvinceFacts:
    return ProvinceFacts(
        province.pk, province.code, province.name, province.kind, province.valid_from, province.valid_to
    )


def provinces_known() -> tuple[ProvinceFacts, ...]:
    """Every life of every province."""
    return tuple(province_facts(p) for p in Province.objects.order_by("valid_from", "id"))


def province_links() -> dict[int, tuple[int, ...]]:
    """Province -> the provinces it became part of."""
    links: dict[int, tuple[int, ...]] = {}
    for before, after in ProvinceSuccession.objects.order_by("id").values_list("predecessor_id", "successor_id"):
        links[before] = (*links.get(before, ()), after)
    return links


def province_words(province: Province, today: date | None = None) -> str:
    """ "tỉnh Vĩnh Phúc (đến 30/6/2025; nay thuộc tỉnh Phú Thọ)"; no query for a province that lives on."""
    day = today or timezone.localdate()
    if province.valid_to is None or province.valid_to >= day:
        return str(province)
    following: dict[int, list[ProvinceFacts]] = {}
    for row in ProvinceSuccession.objects.select_related("successor").order_by("id"):
        following.setdefault(row.predecessor_id, []).append(province_facts(row.successor))
    return rules.province_in_words(province_facts(province), day, following)


def province_on(province: Province, day: date) -> Province:
    """The province itself while it lives, later what it became part of (itself again where nobody knows)."""
    if province.valid_to is None or province.valid_to >= day:
        return province
    following: dict[int, list[ProvinceFacts]] = {}
    for row in ProvinceSuccession.objects.select_related("successor").order_by("id"):
        following.setdefault(row.predecessor_id, []).append(province_facts(row.successor))
    found = rules.living_successor(province_facts(province), day, following)
    return Province.objects.get(pk=found.id) if found else province


def provinces_editable(actor: Actor) -> QuerySet[Province]:
    """Provinces whose register the actor keeps, those that became part of them included."""
    if actor.is_system:
        return Province.objects.all()
    return Province.objects.filter(pk__in=staff_provinces(actor))


def province_choices(provinces: Iterable[Province]) -> list[tuple[str, str]]:
    """Choices with the life of those that ended, the living first."""
    rows = sorted(provinces, key=lambda p: (p.valid_to is not None, p.name, p.pk))
    return [
        (str(p.pk), str(p) if p.valid_to is None else f"{p} ({rules.life_in_words(p.valid_from, p.valid_to)})")
        for p in rows
    ]


# ---------------------------------------------------------------- units
def unit_facts(unit: Unit) -> UnitFacts:
    return UnitFacts(unit.pk, unit.code, unit.name, unit.valid_from, unit.valid_to)


def units_of_province(province_id: int) -> tuple[UnitFacts, ...]:
    return tuple(unit_facts(u) for u in Unit.objects.filter(province_id=province_id))


def unit_links(unit_ids: Iterable[int] | None = None) -> dict[int, tuple[int, ...]]:
    """Unit -> its successors; all of them, for chains are short and few."""
    rows = UnitSuccession.objects.filter(successor__isnull=False).order_by("id")
    links: dict[int, tuple[int, ...]] = {}
    for before, after in rows.values_list("predecessor_id", "successor_id"):
        links[before] = (*links.get(before, ()), after)
    return links


def units_listed(actor: Actor, *, words: str = "", category: str = "", alive: bool = False) -> QuerySet[Unit]:
    """The register the actor sees, in dictionary order; ``words`` match anywhere, accents and case aside."""
    rows = Unit.objects.filter(pk__in=visible_units(actor).values("pk")).select_related("province")
    wanted = fold(words)[:100]
    if wanted:
        rows = rows.filter(name_key__contains=wanted)
    if category in labels.UNIT_CATEGORY:
        rows = rows.filter(category=category)
    if alive:
        rows = rows.filter(alive_on(timezone.localdate()))
    return rows.order_by("name", "id")


def alive_on(day: date, path: str = "") -> Q:
    """Rows whose life holds on the day."""
    start, end = f"{path}valid_from", f"{path}valid_to"
    return (Q(**{f"{start}__isnull": True}) | Q(**{f"{start}__lte": day})) & (
        Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": day})
    )


@dataclass(frozen=True, slots=True)
class SuccessionRow:
    """One line of what a unit became or came from; ``unit`` is the other one (None: dissolved)."""

    unit: Unit | None
    words: str
    happened_on: date | None
    decision: str


@dataclass(frozen=True, slots=True)
class MembershipRow:
    bloc_year_id: int
    bloc: str
    year: int
    role: str


@dataclass(frozen=True, slots=True)
class UnitPage:
    """All the unit's page shows."""

    unit: Unit
    province: str
    category: str
    life: str
    is_alive: bool
    became: tuple[SuccessionRow, ...]
    came_from: tuple[SuccessionRow, ...]
    memberships: tuple[MembershipRow, ...]
    posts: tuple[Post, ...]


def unit_page(unit_id: int, today: date | None = None) -> UnitPage:
    day = today or timezone.localdate()
    unit = Unit.objects.select_related("province").get(pk=unit_id)
    became, came_from = [], []
    rows = UnitSuccession.objects.filter(Q(predecessor=unit) | Q(successor=unit))
    for row in rows.select_related("predecessor", "successor").order_by("happened_on", "id"):
        words = labels.SUCCESSION_KIND[row.kind]
        if row.predecessor_id == unit.pk:
            became.append(SuccessionRow(row.successor, words, row.happened_on, row.decision))
        else:
            came_from.append(SuccessionRow(row.predecessor, words, row.happened_on, row.decision))
    roles = {
        (t.bloc_year_id): t.role
        for t in unit.lead_terms.all()  # one a year and bloc (constraint)
    }
    memberships = [
        MembershipRow(
            m.bloc_year_id,
            m.bloc_year.bloc.short,
            m.bloc_year.year,
            labels.LEAD_ROLE[m.bloc_year.bloc.kind].get(roles.get(m.bloc_year_id, ""), labels.MEMBER),
        )
        for m in unit.memberships.select_related("bloc_year__bloc").order_by("-bloc_year__year", "id")
    ]
    posts = Post.objects.filter(unit=unit).select_related("user", "bloc").order_by("-valid_from", "kind", "id")
    return UnitPage(
        unit,
        province_words(unit.province, day),
        labels.UNIT_CATEGORY[unit.category],
        rules.life_in_words(unit.valid_from, unit.valid_to),
        contains(unit.valid_from, unit.valid_to, day),
        tuple(became),
        tuple(came_from),
        tuple(memberships),
        tuple(posts),
    )


# --------------------------------------------------------------- import
_VALUES = imports.UNIT_FIELDS


def known_units() -> tuple[imports.KnownUnit, ...]:
    """Every unit as imports compare it."""
    return tuple(
        imports.KnownUnit(unit_facts(u), u.province_id, {name: getattr(u, name) for name in _VALUES})
        for u in Unit.objects.all()
    )


def known_successions() -> tuple[imports.KnownSuccession, ...]:
    rows: Sequence[UnitSuccession] = UnitSuccession.objects.all()
    return tuple(
        imports.KnownSuccession(r.predecessor_id, r.successor_id, r.kind, r.happened_on, r.decision) for r in rows
    )


def plan_of_units(lines: Sequence[imports.UnitLine], allowed: frozenset[int] | None = None) -> imports.UnitPlan:
    """What importing the lines would do now; ``allowed``: the provinces the person keeps (None: all)."""
    return imports.plan_units(lines, known_units(), known_successions(), provinces_known(), province_links(), allowed)
