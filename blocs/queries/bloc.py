"""Reading blocs and their years: pages, members, leads, and the facts imports compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery
from django.utils import timezone

from blocs import labels
from blocs.models import Bloc, BlocYear, FoundingDecision, LeadTerm, Membership, Province, Unit
from blocs.queries.post import posts_held
from blocs.queries.unit import (
    known_units,
    province_links,
    province_words,
    provinces_known,
    unit_facts,
    unit_links,
)
from blocs.queries.visible import visible_bloc_years, visible_blocs
from blocs.rules import imports
from blocs.rules import units as unit_rules
from blocs.rules.leads import LeadYear, lead_history
from blocs.rules.states import BLOC_POSTS, LeadRole, PostKind
from blocs.rules.units import UnitFacts
from thidua.lib.actor import Actor
from thidua.lib.periods import overlap
from thidua.lib.vietnamese import fold


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One member of a bloc-year, in the order of the decision."""

    unit_id: int
    code: str
    name: str
    short: str
    paper_lines: str
    head_title: str
    role: str | None
    position: int
    role_words: str = labels.MEMBER
    is_ended: bool = False


def members_of(bloc_year: BlocYear) -> tuple[MemberRow, ...]:
    """The members in order with their offices: one query (``bloc_year.bloc`` should be loaded)."""
    term = LeadTerm.objects.filter(bloc_year=bloc_year, unit=OuterRef("unit")).values("role")[:1]
    rows = Membership.objects.filter(bloc_year=bloc_year).select_related("unit").annotate(role=Subquery(term))
    year_end = date(bloc_year.year, 12, 31)
    words = labels.LEAD_ROLE[bloc_year.bloc.kind]
    found = []
    for row in rows.order_by("position", "id"):
        unit = row.unit
        role = row.role
        found.append(
            MemberRow(
                unit.pk,
                unit.code,
                unit.name,
                unit.short,
                unit.paper_lines,
                unit.head_title,
                role,
                row.position,
                words[role] if role else labels.MEMBER,
                bool(unit.valid_to and unit.valid_to < year_end),
            )
        )
    return tuple(found)


def bloc_year_for(code: str, year: int) -> BlocYear | None:
    """A bloc's year by the bloc's code, as commands name it."""
    return BlocYear.objects.select_related("bloc__province").filter(bloc__code=code, year=year).first()


def province_of_year(bloc_year: BlocYear) -> Province:
    """The province as it was in that year: the bloc's own, else the decision's, else the one the bloc's came from.

    Papers print it; the bloc itself moves on to the province of today (cases.md C4).
    """
    own = bloc_year.bloc.province
    first, last = date(bloc_year.year, 1, 1), date(bloc_year.year, 12, 31)
    decision = bloc_year.decision
    if decision is not None and decision.province_id != own.pk:
        return decision.province
    if overlap(own.valid_from, own.valid_to, first, last):
        return own
    links = province_links()
    before = [i for i in links if own.pk in unit_rules.descendants(i, links)]
    lives = [p for p in Province.objects.filter(pk__in=before) if overlap(p.valid_from, p.valid_to, first, last)]
    return next((p for p in lives if p.name == own.name), own)


def blocs_listed(actor: Actor, *, words: str = "") -> QuerySet[Bloc]:
    """Blocs the actor sees with their years (``shown_years``), in dictionary order."""
    rows = Bloc.objects.filter(pk__in=visible_blocs(actor).values("pk")).select_related("province")
    wanted = fold(words)[:100]
    if wanted:
        rows = rows.filter(name_key__contains=wanted)
    years = Prefetch("years", visible_bloc_years(actor).order_by("-year"), to_attr="shown_years")
    return rows.prefetch_related(years).order_by("official_name", "id")


_OFFICE_ORDER = (PostKind.BLOC_LEAD, PostKind.BLOC_DEPUTY, PostKind.BLOC_SECRETARY)


@dataclass(frozen=True, slots=True)
class OfficerRow:
    kind: str
    words: str
    person: str
    unit: str
    post_id: int


@dataclass(frozen=True, slots=True)
class BlocYearPage:
    """All the overview of a bloc-year shows."""

    bloc_year: BlocYear
    title: str
    province: str
    level: str
    kind: str
    members: tuple[MemberRow, ...]
    officers: tuple[OfficerRow, ...]
    history: tuple[LeadYear, ...]
    years: tuple[tuple[int, int], ...]
    gone: tuple[str, ...]
    lead_missing: bool
    next_year_id: int | None


def bloc_year_page(bloc_year_id: int, today: date | None = None) -> BlocYearPage:
    """The overview, in a number of queries that does not grow with members or years."""
    day = today or timezone.localdate()
    bloc_year = BlocYear.objects.select_related("bloc__province", "decision__province").get(pk=bloc_year_id)
    bloc = bloc_year.bloc
    members = members_of(bloc_year)
    years = list(BlocYear.objects.filter(bloc=bloc).order_by("-year").values_list("year", "pk"))
    terms: dict[int, tuple[tuple[str, ...], str]] = {}
    for term in LeadTerm.objects.filter(bloc_year__bloc=bloc, role=LeadRole.LEAD).select_related("unit", "bloc_year"):
        method = labels.SELECTION_METHOD[term.selection_method] if term.selection_method != "unknown" else ""
        terms[term.bloc_year.year] = ((term.unit.name,), term.source_wording or method)
    held = (
        posts_held(day)
        .filter(bloc=bloc, year=bloc_year.year, kind__in=[k.value for k in BLOC_POSTS])
        .select_related("user", "unit")
        .order_by("id")
    )
    officers = tuple(
        OfficerRow(p.kind, _post_words(p.kind, bloc.kind), p.user.full_name, p.unit.short if p.unit else "", p.pk)
        for p in sorted(held, key=lambda p: _OFFICE_ORDER.index(p.kind))
    )
    return BlocYearPage(
        bloc_year,
        str(bloc_year),
        province_words(province_of_year(bloc_year), day),
        labels.BLOC_LEVEL[bloc.level],
        labels.BLOC_KIND[bloc.kind],
        members,
        officers,
        lead_history(terms, years[0][0] if years else bloc_year.year),
        tuple(years),
        succession_notices(bloc_year) if not bloc_year.is_closed else (),
        not any(m.role == LeadRole.LEAD for m in members),
        next((pk for year, pk in years if year == bloc_year.year + 1), None),
    )


def _post_words(kind: str, bloc_kind: str) -> str:
    """An office of a Cụm by its own words."""
    if bloc_kind == "cum":
        own = {
            PostKind.BLOC_SECRETARY: "Thư ký Cụm",
            PostKind.BLOC_LEAD: labels.LEAD_ROLE["cum"]["lead"],
            PostKind.BLOC_DEPUTY: labels.LEAD_ROLE["cum"]["deputy"],
        }
        return own.get(PostKind(kind), labels.POST_KIND[kind])
    return labels.POST_KIND[kind]


def succession_notices(bloc_year: BlocYear) -> tuple[str, ...]:
    """Sentences about members of the year before that are not here because they ended, and who came after them.

    Successors are suggested, never put in; a sentence goes once a successor is a member.
    """
    before = BlocYear.objects.filter(bloc_id=bloc_year.bloc_id, year=bloc_year.year - 1).first()
    if before is None:
        return ()
    mine = frozenset(bloc_year.memberships.values_list("unit_id", flat=True))
    first = date(bloc_year.year, 1, 1)
    earlier = [unit_facts(m.unit) for m in before.memberships.select_related("unit").order_by("position", "id")]
    ended = [u for u in earlier if u.id not in mine and u.valid_to and u.valid_to < first]
    if not ended:
        return ()
    links = unit_links()
    wanted = {i for u in ended for i in unit_rules.descendants(u.id, links)}
    units = {u.pk: unit_facts(u) for u in Unit.objects.filter(pk__in=wanted)}
    found = unit_rules.members_on(ended, first, links, units)
    return tuple(
        unit_rules.gone_in_words(g, mine)
        for g in found.gone
        if not g.successors or not all(s.id in mine for s in g.successors)
    )


def successors_of(unit_ids: Sequence[int]) -> tuple[dict[int, tuple[int, ...]], dict[int, UnitFacts]]:
    """Links and facts of everything these units became: what ``rules.units.members_on`` needs."""
    links = unit_links()
    wanted = {i for u in unit_ids for i in unit_rules.descendants(u, links)}
    return links, {u.pk: unit_facts(u) for u in Unit.objects.filter(pk__in=wanted)}


# --------------------------------------------------------------- import
_BLOC_VALUES = ("official_name", "short_name", "level", "kind")


def known_blocs(codes: Sequence[str]) -> tuple[imports.KnownBloc, ...]:
    """The blocs of these codes with their years, members and leads, as imports compare them."""
    rows = Bloc.objects.filter(code__in=codes).prefetch_related("years__memberships", "years__lead_terms")
    return tuple(
        imports.KnownBloc(
            b.pk,
            b.code,
            b.province_id,
            {name: getattr(b, name) for name in _BLOC_VALUES},
            {
                y.year: imports.KnownYear(
                    y.pk,
                    y.year,
                    y.is_closed,
                    y.decision_id,
                    tuple(m.unit_id for m in sorted(y.memberships.all(), key=lambda m: (m.position, m.pk))),
                    {t.unit_id: t.role for t in y.lead_terms.all()},
                )
                for y in b.years.all()
            },
        )
        for b in rows
    )


def known_decisions() -> tuple[imports.KnownDecision, ...]:
    return tuple(
        imports.KnownDecision(d.pk, d.province_id, d.number, d.decided_on, d.issuer)
        for d in FoundingDecision.objects.order_by("id")
    )


def plan_of_blocs(
    lines: Sequence[imports.BlocLine], allowed: frozenset[int] | None = None, today: date | None = None
) -> imports.BlocPlan:
    """What importing the lines would do now; ``allowed``: the provinces the person keeps (None: all)."""
    return imports.plan_blocs(
        lines,
        known_blocs(sorted({line.code for line in lines})),
        known_units(),
        known_decisions(),
        provinces_known(),
        province_links(),
        today or timezone.localdate(),
        allowed,
    )


def leads_as_given(bloc_year: BlocYear) -> dict[str, object]:
    """The leads of the year as the form to change them shows them."""
    given: dict[str, object] = {"revision": bloc_year.revision, "lead_method": "unknown", "deputy_method": "unknown"}
    for term in bloc_year.lead_terms.order_by("id"):
        name = "second_deputy" if term.role == LeadRole.DEPUTY and "deputy" in given else term.role
        given[name] = str(term.unit_id)
        given[f"{term.role}_method"] = term.selection_method
        given[f"{term.role}_wording"] = term.source_wording
    return given
