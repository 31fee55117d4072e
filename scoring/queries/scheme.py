"""Schemes as facts for the rules, read once: a published scheme never changes, so its facts are kept."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from blocs.queries.visible import visible_bloc_years
from scoring.models import Criterion, Scheme
from scoring.rules.scheme import (
    CriterionFacts,
    SchemeFacts,
    format_bands,
    format_params,
    format_ties,
    parse_bands,
    parse_params,
    parse_ties,
)
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


# --------------------------------------------------- content, as people and files give it
@dataclass(frozen=True, slots=True)
class LineInput:
    """One line of a scheme as a person or a file gives it; texts already cleaned, values are code values."""

    code: str
    title: str
    kind: str
    rule: str
    parent_code: str = ""
    max_points: Decimal | None = None
    params: str = ""
    not_applicable: str = NotApplicable.DROP.value
    evidence: str = ""
    guidance: str = ""


@dataclass(frozen=True, slots=True)
class OptionsInput:
    """The options of a scheme; ``total_points`` None = the sum of the sections."""

    total_points: Decimal | None = None
    bonus_cap: Decimal | None = None
    digits: int = 2
    bands: str = ""
    ties: str = ""
    rank_by: str = RankBy.POINTS.value
    title: str = ""
    legal_basis: str = ""


def facts_of_input(options: OptionsInput, lines: Sequence[LineInput]) -> SchemeFacts:
    """Facts of what was given, before anything is written; ids are line numbers from 1."""
    ids: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        ids.setdefault(line.code, number)
    return SchemeFacts(
        total_points=options.total_points,
        bonus_cap=options.bonus_cap,
        digits=options.digits,
        bands=parse_bands(options.bands),
        ties=parse_ties(options.ties),
        rank_by=RankBy(options.rank_by),
        criteria=tuple(
            CriterionFacts(
                id=number,
                code=line.code,
                parent_id=ids.get(line.parent_code, -1) if line.parent_code else None,
                parent_code=line.parent_code,
                position=number,
                kind=CriterionKind(line.kind),
                title=line.title,
                max_points=line.max_points,
                rule=Rule(line.rule),
                params=parse_params(Rule(line.rule), line.params),
                not_applicable=NotApplicable(line.not_applicable),
                evidence_required=bool(line.evidence),
            )
            for number, line in enumerate(lines, 1)
        ),
    )


def options_of(scheme: Scheme) -> OptionsInput:
    """The options of a scheme as they would be given."""
    return OptionsInput(
        total_points=_short(scheme.total_points),
        bonus_cap=_short(scheme.bonus_cap),
        digits=scheme.digits,
        bands=scheme.bands,
        ties=scheme.ties,
        rank_by=scheme.rank_by,
        title=scheme.title,
        legal_basis=scheme.legal_basis,
    )


def _short(value: Decimal | None) -> Decimal | None:
    """20.0000 as it was given: 20."""
    if value is None:
        return None
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def line_of(row: Criterion) -> LineInput:
    """A line as it would be given; ``parent`` should be loaded."""
    return LineInput(
        code=row.code,
        title=row.title,
        kind=row.kind,
        rule=row.rule,
        parent_code=row.parent.code if row.parent else "",
        max_points=_short(row.max_points),
        params=row.params,
        not_applicable=row.not_applicable,
        evidence=row.evidence,
        guidance=row.guidance,
    )


def lines_of(scheme: Scheme) -> list[LineInput]:
    """All lines in printed order, as they would be given. One query."""
    rows = scheme.criteria.select_related("parent").order_by("position", "id")
    return [line_of(row) for row in rows]


def content_hash_of(scheme: Scheme) -> str:
    """The same for two schemes of the same content, whatever their version."""
    return content_hash(options_of(scheme), lines_of(scheme))


def content_hash(options: OptionsInput, lines: Sequence[LineInput]) -> str:
    """The same for the same content, however its parameters were spelt."""

    def plain(value: Any) -> Any:
        return format(value.normalize(), "f") if isinstance(value, Decimal) else value

    options = replace(
        options, bands=format_bands(parse_bands(options.bands)), ties=format_ties(parse_ties(options.ties))
    )
    rows = [
        {**asdict(line), "params": format_params(Rule(line.rule), parse_params(Rule(line.rule), line.params))}
        for line in lines
    ]
    content = [
        {k: plain(v) for k, v in asdict(options).items()},
        [{k: plain(v) for k, v in row.items()} for row in rows],
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
