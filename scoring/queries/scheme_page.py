"""The page of a bloc-year's scheme: the tree with its sums, what is wrong, the versions, what may be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from blocs.models import BlocYear
from blocs.queries.bloc import MemberRow, members_of, successors_of
from blocs.queries.unit import unit_facts
from blocs.queries.visible import visible_bloc_years
from blocs.rules.units import gone_in_words, members_on
from scoring import labels
from scoring.models import Criterion, Scheme
from scoring.permissions import can_draft_scheme, can_publish_scheme
from scoring.queries.scheme import draft_scheme, facts_from, published_scheme
from scoring.rules.numbers import ZERO, shown
from scoring.rules.scheme import IN_SCALE, CriterionFacts, Fault, SchemeFacts, faults
from scoring.rules.states import CriterionKind, Rule, SchemeState
from thidua.lib.actor import Actor
from thidua.lib.verdict import Verdict
from thidua.pending.models import PendingStep
from thidua.pending.queries import open_step

DEEPEST_INDENT = 8


@dataclass(frozen=True, slots=True)
class Sum:
    """What the lines under a line add up to, against its own maximum; ``gap`` 0 = they agree."""

    total: Decimal
    gap: Decimal

    @property
    def words(self) -> str:
        """ "600" · "210, thừa 10" · "190, thiếu 10"."""
        if not self.gap:
            return shown(self.total)
        return f"{shown(self.total)}, {'thừa' if self.gap > 0 else 'thiếu'} {shown(abs(self.gap))}"


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the tree as the page shows it."""

    id: int
    code: str
    title: str
    level: int
    kind: str
    kind_words: str
    rule_words: str
    maximum: Decimal | None
    is_maximum_computed: bool
    sum: Sum | None
    not_applicable: str
    is_faulty: bool
    is_section: bool


@dataclass(frozen=True, slots=True)
class ShownFault:
    """A fault with the place where it is repaired: a line, or the options (None)."""

    message: str
    criterion_id: int | None
    field: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class LineDetails:
    """Everything of the chosen line, for reading; ``scale`` are its levels or ranks."""

    row: LineRow
    criterion: Criterion
    rule_meaning: str
    scale_heading: str
    scale: tuple[tuple[str, Decimal], ...]
    descendants: int
    faults: tuple[ShownFault, ...]  # its own and those of the line above it, whose sum it is part of


@dataclass(frozen=True)
class SchemePage:
    """All the scheme page shows of one version."""

    scheme: Scheme
    facts: SchemeFacts
    criteria: Mapping[int, Criterion]
    rows: tuple[LineRow, ...]
    errors: tuple[ShownFault, ...]
    warnings: tuple[ShownFault, ...]
    state_words: str
    tag: str
    versions: tuple[VersionRow, ...]
    may_edit: Verdict
    may_publish: Verdict
    has_draft: bool
    based_on: int | None
    step: PendingStep | None

    @property
    def is_editable(self) -> bool:
        return self.scheme.state == SchemeState.DRAFT and bool(self.may_edit)

    @property
    def counts(self) -> str:
        """3 mục, 14 tiêu chí, thưởng tối đa 50"""
        sections = sum(1 for c in self.facts.roots if c.kind is CriterionKind.SECTION)
        leaves = sum(1 for c in self.facts.leaves if c.kind is CriterionKind.CRITERION)
        words = [f"{sections} mục"] if sections else []
        words.append(f"{leaves} tiêu chí")
        if self.facts.bonus_cap is not None:
            words.append(f"thưởng tối đa {shown(self.facts.bonus_cap)}")
        return ", ".join(words)

    @property
    def total_words(self) -> str:
        """600 + 200 + 200 = 1.000, đúng thang điểm."""
        parts = [shown(self.facts.maxima[c.id] or ZERO) for c in self.facts.roots if c.kind in IN_SCALE]
        total = shown(self.facts.sections_total)
        text = f"{' + '.join(parts)} = {total}" if len(parts) > 1 else total
        if self.facts.total_points is None:
            return f"{text} điểm."
        gap = self.facts.sections_total - self.facts.total_points
        if not gap:
            return f"{text}, đúng thang điểm."
        return (
            f"{text}, {'thừa' if gap > 0 else 'thiếu'} {shown(abs(gap))} so với thang {shown(self.facts.total_points)}."
        )

    @property
    def option_facts(self) -> tuple[tuple[str, str], ...]:
        """The options in words, for reading."""
        s = self.scheme
        rows = (
            ("Tên bảng điểm", s.title),
            ("Tổng điểm", shown(self.facts.full_scale)),
            ("Trần điểm thưởng", "không giới hạn" if s.bonus_cap is None else shown(s.bonus_cap)),
            ("Làm tròn", f"{s.digits} chữ số sau dấu phẩy"),
            ("Xếp hạng", labels.RANK_BY_MEANING[s.rank_by]),
            ("Xếp loại", s.bands),
            ("Đồng hạng", s.ties or "cùng hạng"),
            ("Căn cứ", s.legal_basis),
            ("Lý do của bản này", s.reason),
        )
        return tuple((label, text) for label, text in rows if text)

    def line(self, criterion_id: int) -> LineDetails | None:
        """The chosen line, or nothing when it is not of this scheme."""
        row = next((r for r in self.rows if r.id == criterion_id), None)
        if row is None:
            return None
        facts = self.facts.by_id[criterion_id]
        heading, scale = _scale_of(facts)
        places = {criterion_id, facts.parent_id} - {None}
        wrong = tuple(f for f in (*self.errors, *self.warnings) if f.criterion_id in places)
        return LineDetails(
            row,
            self.criteria[criterion_id],
            labels.RULE_MEANING[facts.rule.value],
            heading,
            scale,
            len(descendants_of(self.facts, criterion_id)),
            wrong,
        )

    def parents_for(self, criterion_id: int | None) -> list[tuple[str, str]]:
        """Lines a line may stand under, by code: every line but itself and what is under it."""
        barred = set() if criterion_id is None else {criterion_id, *descendants_of(self.facts, criterion_id)}
        found = [("", "Cấp ngoài cùng")]
        for c in self.facts.ordered:
            if c.id not in barred:
                found.append((c.code, f"{'  ' * self.facts.depths[c.id]}{c.code} {c.title[:70]}"))
        return found


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of the year's scheme."""

    id: int
    version: int
    state_words: str
    tag: str
    published_by: str
    published_at: object
    effective_on: date | None
    reason: str
    is_shown: bool


def descendants_of(facts: SchemeFacts, criterion_id: int) -> tuple[int, ...]:
    """Ids of everything under a line."""
    found: list[int] = []
    stack = [c.id for c in facts.children_of(criterion_id)]
    while stack:
        current = stack.pop()
        found.append(current)
        stack += [c.id for c in facts.children_of(current)]
    return tuple(found)


def scheme_page(actor: Actor, bloc_year: BlocYear, version: int | None = None) -> SchemePage | None:
    """The version asked for; without one the draft for whoever may edit it, else the one in force, else any.

    Four queries whatever the number of lines. None where there is no such version.
    """
    versions = list(Scheme.objects.filter(bloc_year=bloc_year).order_by("-version"))
    may_edit = can_draft_scheme(actor, bloc_year)
    scheme = _chosen(versions, version, bool(may_edit))
    if scheme is None:
        return None
    scheme.bloc_year = bloc_year
    criteria = list(scheme.criteria.order_by("position", "id"))
    facts = facts_from(scheme, criteria)
    wrong = [_shown(f) for f in faults(facts)] if scheme.state == SchemeState.DRAFT else []
    faulty = frozenset(f.criterion_id for f in wrong if f.is_error and f.criterion_id is not None)
    drafts = [v for v in versions if v.state == SchemeState.DRAFT]
    in_force = next((v.version for v in versions if v.state == SchemeState.PUBLISHED), None)
    is_draft = scheme.state == SchemeState.DRAFT
    return SchemePage(
        scheme=scheme,
        facts=facts,
        criteria={c.pk: c for c in criteria},
        rows=tuple(_row(facts, c, c.id in faulty) for c in facts.ordered),
        errors=tuple(f for f in wrong if f.is_error),
        warnings=tuple(f for f in wrong if not f.is_error),
        state_words=labels.SCHEME_STATE[scheme.state],
        tag=_TAGS[scheme.state],
        versions=tuple(_version(v, v.pk == scheme.pk) for v in versions),
        may_edit=may_edit,
        may_publish=can_publish_scheme(actor, scheme),
        has_draft=bool(drafts),
        based_on=in_force if is_draft else None,
        step=open_step("scoring.publish_scheme", "scoring.scheme", scheme.pk) if is_draft else None,
    )


_TAGS = {SchemeState.DRAFT.value: "wait", SchemeState.PUBLISHED.value: "ok", SchemeState.REPLACED.value: "lock"}


def _chosen(versions: Sequence[Scheme], version: int | None, sees_draft_first: bool) -> Scheme | None:
    if version is not None:
        return next((v for v in versions if v.version == version), None)
    wanted = [SchemeState.PUBLISHED, SchemeState.DRAFT, SchemeState.REPLACED]
    if sees_draft_first:
        wanted = [SchemeState.DRAFT, SchemeState.PUBLISHED, SchemeState.REPLACED]
    return next((v for state in wanted for v in versions if v.state == state), None)


def _shown(fault: Fault) -> ShownFault:
    return ShownFault(fault.message, fault.criterion_id, fault.field, fault.is_error)


def _row(facts: SchemeFacts, c: CriterionFacts, is_faulty: bool) -> LineRow:
    children = facts.children_of(c.id)
    return LineRow(
        id=c.id,
        code=c.code,
        title=c.title,
        level=min(facts.depths[c.id] + 1, DEEPEST_INDENT),
        kind=c.kind.value,
        kind_words=labels.CRITERION_KIND[c.kind.value],
        rule_words="Cộng tiêu chí con" if c.rule is Rule.SUM else labels.RULE[c.rule.value],
        maximum=facts.maxima[c.id],
        is_maximum_computed=c.max_points is None and facts.maxima[c.id] is not None,
        sum=_sum(facts, c, children) if children else None,
        not_applicable="" if children or c.kind not in IN_SCALE else labels.NOT_APPLICABLE_SHORT[c.not_applicable],
        is_faulty=is_faulty,
        is_section=bool(children) or c.kind is CriterionKind.SECTION,
    )


def _sum(facts: SchemeFacts, c: CriterionFacts, children: Sequence[CriterionFacts]) -> Sum | None:
    in_scale = c.kind in IN_SCALE
    counted = [k for k in children if (k.kind in IN_SCALE if in_scale else k.kind is c.kind)]
    maxima = [facts.maxima[k.id] for k in counted]
    if not in_scale and (not maxima or any(m is None for m in maxima)):
        return None
    total = sum((m or ZERO for m in maxima), ZERO)
    own = c.max_points
    return Sum(total, ZERO if own is None else total - own)


def _version(scheme: Scheme, is_shown: bool) -> VersionRow:
    return VersionRow(
        scheme.pk,
        scheme.version,
        labels.SCHEME_STATE[scheme.state],
        _TAGS[scheme.state],
        scheme.published_by,
        scheme.published_at,
        scheme.effective_on,
        scheme.reason,
        is_shown,
    )


def _scale_of(facts: CriterionFacts) -> tuple[str, tuple[tuple[str, Decimal], ...]]:
    if facts.rule is Rule.LEVELS:
        return "Mức", tuple(facts.params.get("levels", ()))
    if facts.rule is Rule.OUTSIDE_RANK:
        ranks = facts.params.get("ranks", ())
        return "Hạng", tuple((_span(low, high), points) for low, high, points in ranks)
    return "", ()


def _span(low: int, high: int | None) -> str:
    if high is None:
        return f"từ {low}"
    return str(low) if low == high else f"{low} - {high}"


# ----------------------------------------------------------- copying
def schemes_to_copy(actor: Actor, bloc_year: BlocYear, limit: int = 200) -> list[tuple[int, str]]:
    """Schemes a draft may be copied from: this bloc's other years first, then other blocs the actor sees."""
    rows = (
        Scheme.objects.filter(
            bloc_year__in=visible_bloc_years(actor).values("pk"),
            state__in=[SchemeState.PUBLISHED.value, SchemeState.DRAFT.value],
        )
        .exclude(bloc_year=bloc_year)
        .select_related("bloc_year__bloc")
        .order_by("-bloc_year__year", "bloc_year__bloc__official_name", "-version")[:limit]
    )
    found = sorted(rows, key=lambda s: s.bloc_year.bloc_id != bloc_year.bloc_id)
    return [(s.pk, f"{s.bloc_year}, bản {s.version} ({labels.SCHEME_STATE[s.state].lower()})") for s in found]


@dataclass(frozen=True, slots=True)
class NextYear:
    """What "Năm sau" would copy."""

    year: int
    kept: tuple[MemberRow, ...]
    gone: tuple[str, ...]
    scheme: Scheme | None
    lines: int
    there: BlocYear | None
    step: PendingStep | None


def next_year_of(bloc_year: BlocYear) -> NextYear:
    """Members that live on 1 January of the next year, those that do not and who came after them, the scheme."""
    year = bloc_year.year + 1
    members = members_of(bloc_year)
    units = [m.unit for m in bloc_year.memberships.select_related("unit").order_by("position", "id")]
    links, known = successors_of([u.pk for u in units])
    found = members_on([unit_facts(u) for u in units], date(year, 1, 1), links, known)
    kept = frozenset(u.id for u in found.kept)
    scheme = published_scheme(bloc_year.pk) or draft_scheme(bloc_year.pk)
    return NextYear(
        year,
        tuple(m for m in members if m.unit_id in kept),
        tuple(gone_in_words(g, kept) for g in found.gone),
        scheme,
        scheme.criteria.count() if scheme else 0,
        BlocYear.objects.filter(bloc_id=bloc_year.bloc_id, year=year).first(),
        open_step("scoring.copy_to_next_year", "blocs.blocyear", bloc_year.pk),
    )
