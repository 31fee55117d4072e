"""Schemes as facts for the rules, read once: a published scheme never changes, so its facts are kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from django.db.models import QuerySet

from blocs.queries.visible import visible_bloc_years
from scoring.models import Criterion, Scheme
from scoring.rules.scheme import CriterionFacts, SchemeFacts, parse_bands, parse_params, parse_ties
from scoring.rules.states import CriterionKind, NotApplicable, RankBy, Rule, SchemeState
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation

_KEPT: OrderedDict[tuple[int, int], SchemeFacts] = OrderedDict()
_KEEP_AT_MOST = 64


def visible_schemes(actor: Actor) -> QuerySet[Scheme]:
    """Schemes of the bloc-years the actor sees; drafts too (members comment on them)."""
    return Scheme.objects.filter(bloc_year__in=visible_bloc_years(actor).values("pk"))


def published_scheme(bloc_year_id: int) -> Scheme | None:
    """The scheme in force, if one is published."""
    return Scheme.objects.filter(bloc_year_id=bloc_year_id, state=SchemeState.PUBLISHED.value).first()


def draft_scheme(bloc_year_id: int) -> Scheme | None:
    return Scheme.objects.filter(bloc_year_id=bloc_year_id, state=SchemeState.DRAFT.value).first()


def scheme_versions(bloc_year_id: int) -> QuerySet[Scheme]:
    return Scheme.objects.filter(bloc_year_id=bloc_year_id).order_by("-version")


def scheme_facts(scheme: Scheme) -> SchemeFacts:
    """The scheme as the rules see it. One query for a draft; none for a published one already read."""
    key = (scheme.pk, scheme.revision)
    frozen = scheme.state != SchemeState.DRAFT
    if frozen and key in _KEPT:
        _KEPT.move_to_end(key)
        return _KEPT[key]
    facts = facts_from(scheme, list(scheme.criteria.order_by("position", "id")))
    if frozen:
        _KEPT[key] = facts
        while len(_KEPT) > _KEEP_AT_MOST:
            _KEPT.popitem(last=False)
    return facts


def published_facts(scheme_id: int, revision: int) -> SchemeFacts:
    """Facts of a published scheme by identity: no query when it was read before."""
    key = (scheme_id, revision)
    return _KEPT[key] if key in _KEPT else scheme_facts(Scheme.objects.get(pk=scheme_id))


def facts_from(scheme: Scheme, criteria: list[Criterion]) -> SchemeFacts:
    """Facts from rows in hand. Parameters of a draft that cannot be read count as none: the faults say so."""
    codes = {c.pk: c.code for c in criteria}
    return SchemeFacts(
        total_points=scheme.total_points,
        bonus_cap=scheme.bonus_cap,
        digits=scheme.digits,
        bands=_or_empty(parse_bands, scheme.bands),
        ties=_or_empty(parse_ties, scheme.ties),
        rank_by=RankBy(scheme.rank_by),
        criteria=tuple(_facts(c, codes) for c in criteria),
    )


def _facts(row: Criterion, codes: dict[int, str]) -> CriterionFacts:
    rule = Rule(row.rule)
    try:
        params = parse_params(rule, row.params)
    except RuleViolation:
        params = {}
    return CriterionFacts(
        id=row.pk,
        code=row.code,
        parent_id=row.parent_id,
        parent_code=codes.get(row.parent_id or 0, ""),
        position=row.position,
        kind=CriterionKind(row.kind),
        title=row.title,
        max_points=row.max_points,
        rule=rule,
        params=params,
        not_applicable=NotApplicable(row.not_applicable),
        evidence_required=bool(row.evidence),
    )


def _or_empty(parse, text):  # noqa: ANN001, ANN202
    try:
        return parse(text)
    except RuleViolation:
        return ()


@dataclass(frozen=True, slots=True)
class CriterionTexts:
    """What a page shows of a line besides its facts."""

    evidence: str
    guidance: str
    params: str


def criterion_texts(scheme: Scheme) -> dict[int, CriterionTexts]:
    rows = scheme.criteria.values_list("pk", "evidence", "guidance", "params")
    return {pk: CriterionTexts(evidence, guidance, params) for pk, evidence, guidance, params in rows}
