"""The table of a bloc-year at one stage: entries, points, totals and places, computed when asked.

Grid, ranking, "Vì sao?", exports and papers all read this one calculation; once the table is locked they
read the snapshot, so what is signed and what is shown are the same figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.utils import timezone

from blocs.models import BlocYear
from scoring.models import RankingSnapshot, Scheme, ScoreEntry, Stage
from scoring.queries.scheme import scheme_facts
from scoring.rules.entered import BLANK, Entered
from scoring.rules.points import SheetResult, compute
from scoring.rules.ranking import Ranked, rank
from scoring.rules.scheme import SchemeFacts
from scoring.rules.states import SchemeState


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as it stands: what was entered, its revision (0: nothing yet), by whom and when."""

    entered: Entered = BLANK
    revision: int = 0
    changed_at: datetime | None = None
    changed_by: str = ""
    note: str = ""
    evidence: str = ""


EMPTY_CELL = Cell()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Column:
    """One unit of the table, in the bloc's order. ``submitted``: stage -> (moment in ISO form, by whom)."""

    unit_id: int
    sheet_id: int | None
    code: str
    name: str
    short: str
    paper_lines: str
    head_title: str
    is_locked: bool
    is_officers: bool = False
    lot_order: int | None = None
    submitted: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lock:
    """The lock in force on a table."""

    snapshot_id: int
    stage_id: int
    locked_at: datetime
    locked_by: str


@dataclass(frozen=True)
class Table:
    """Everything about one bloc-year at one stage."""

    bloc_year: BlocYear
    scheme: Scheme
    facts: SchemeFacts
    stage: Stage
    stages: tuple[Stage, ...]
    columns: tuple[Column, ...]
    cells: Mapping[int, Mapping[int, Cell]]
    cells_before: Mapping[int, Mapping[int, Cell]]
    results: Mapping[int, SheetResult]
    places: Mapping[int, Ranked]
    lot_order: Mapping[int, int] = field(default_factory=dict)
    lock: Lock | None = None

    @property
    def is_locked(self) -> bool:
        return self.lock is not None

    @property
    def officers_units(self) -> frozenset[int]:
        """Units of the bloc's secretary and lead of the year: the deputy lead enters their columns."""
        return frozenset(c.unit_id for c in self.columns if c.is_officers)

    def cell(self, unit_id: int, criterion_id: int) -> Cell:
        return self.cells.get(unit_id, {}).get(criterion_id, EMPTY_CELL)

    @property
    def stage_before(self) -> Stage | None:
        """The step before this one, whose entries stand beside this one's."""
        return stage_before(self.stages, self.stage)

    def entered(self) -> dict[int, dict[int, Entered]]:
        """What the rules take: unit -> criterion -> inputs."""
        return {u: {c: cell.entered for c, cell in row.items()} for u, row in self.cells.items()}

    def only(self, unit_ids: frozenset[int] | set[int]) -> Table:
        """The same table showing these columns alone; totals and places were computed over all of them."""
        return replace(
            self,
            columns=tuple(c for c in self.columns if c.unit_id in unit_ids),
            cells={u: row for u, row in self.cells.items() if u in unit_ids},
            cells_before={u: row for u, row in self.cells_before.items() if u in unit_ids},
            results={u: r for u, r in self.results.items() if u in unit_ids},
            places={u: r for u, r in self.places.items() if u in unit_ids},
        )

    def own_part(self, unit_ids: frozenset[int] | set[int]) -> Table:
        """These columns alone and without their places: a place tells of the others' totals, so while the table is
        open it is nobody's own."""
        own = self.only(unit_ids)
        bare = {u: replace(r, place=None, tied=False, decided_by="") for u, r in own.places.items()}
        return replace(own, places=bare)


def stages_of(bloc_year_id: int) -> tuple[Stage, ...]:
    """The steps of scoring in order, each with ``has_entries``."""
    used = ScoreEntry.objects.filter(stage=OuterRef("pk"))
    return tuple(
        Stage.objects.filter(bloc_year_id=bloc_year_id).annotate(has_entries=Exists(used)).order_by("position")
    )


def active_snapshot(bloc_year_id: int) -> RankingSnapshot | None:
    """The frozen table, if it is locked."""
    return (
        RankingSnapshot.objects.filter(bloc_year_id=bloc_year_id, unlocked_at__isnull=True)
        .select_related("scheme", "stage")
        .first()
    )


def scheme_and_lock(bloc_year_id: int) -> tuple[Scheme | None, Lock | None]:
    """The scheme that counts (the locked table's, else the published one) and the lock: one query."""
    live = FilteredRelation("snapshots", condition=Q(snapshots__unlocked_at__isnull=True))
    rows = (
        Scheme.objects.filter(bloc_year_id=bloc_year_id)
        .annotate(live=live)
        .annotate(
            lock_id=F("live__pk"),
            lock_stage=F("live__stage_id"),
            lock_at=F("live__locked_at"),
            lock_by=F("live__locked_by"),
        )
        .filter(Q(state=SchemeState.PUBLISHED.value) | Q(live__pk__isnull=False))
    )
    found = sorted(rows, key=lambda s: s.lock_id is None)
    if not found:
        return None, None
    scheme = found[0]
    if scheme.lock_id is None:
        return scheme, None
    return scheme, Lock(scheme.lock_id, scheme.lock_stage, scheme.lock_at, scheme.lock_by)


# Written out: the ORM takes longer to put these two together than the database to answer, and every page of
# scores asks them.
_COLUMNS = """
SELECT s.id, s.unit_id, s.is_locked, u.code, u.name, coalesce(nullif(u.short_name, ''), u.name), u.paper_lines,
       u.head_title,
       EXISTS (SELECT FROM blocs_post p WHERE p.bloc_id = %(bloc)s AND p.year = %(year)s AND p.unit_id = s.unit_id
               AND p.kind IN ('bloc_secretary', 'bloc_lead')
               AND coalesce(p.valid_from <= %(today)s, true) AND coalesce(p.valid_to >= %(today)s, true))
       OR EXISTS (SELECT FROM blocs_leadterm l WHERE l.bloc_year_id = s.bloc_year_id AND l.role = 'lead'
                  AND l.unit_id = s.unit_id),
       o."order",
       (SELECT json_agg(json_build_array(h.stage_id, h.submitted_at, h.submitted_by))::text
        FROM scoring_submission h WHERE h.sheet_id = s.id AND h.withdrawn_at IS NULL)
FROM scoring_scoresheet s
JOIN blocs_unit u ON u.id = s.unit_id
JOIN blocs_membership m ON m.bloc_year_id = s.bloc_year_id AND m.unit_id = s.unit_id
LEFT JOIN scoring_tieorder o ON o.bloc_year_id = s.bloc_year_id AND o.unit_id = s.unit_id
WHERE s.bloc_year_id = %(bloc_year)s
ORDER BY m.position, s.id
"""
# Times as whole microseconds: reading a thousand of them as text takes longer than the rest of the query.
_CELLS = """
SELECT e.stage_id, s.unit_id, e.criterion_id,
       e.points, e.target, e.actual, e.count, e.level, e.passed, e.outside_rank, e.not_assigned,
       e.revision, (extract(epoch FROM e.changed_at) * 1000000)::bigint, e.changed_by, e.note, e.evidence
FROM scoring_scoreentry e
JOIN scoring_scoresheet s ON s.id = e.sheet_id
JOIN scoring_criterion c ON c.id = e.criterion_id
WHERE s.bloc_year_id = %(bloc_year)s AND e.stage_id = ANY(%(stages)s) AND c.scheme_id = %(scheme)s
"""


def _rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def columns_of(bloc_year: BlocYear) -> tuple[Column, ...]:
    """Members in the bloc's order with their sheets, who leads, what was handed in, the drawn order: one query."""
    values = {"bloc": bloc_year.bloc_id, "year": bloc_year.year, "bloc_year": bloc_year.pk}
    rows = _rows(_COLUMNS, values | {"today": timezone.localdate()})
    return tuple(
        Column(
            unit_id=unit_id,
            sheet_id=sheet_id,
            code=code,
            name=name,
            short=short,
            paper_lines=paper_lines,
            head_title=head_title,
            is_locked=is_locked,
            is_officers=is_officers,
            lot_order=lot,
            submitted={stage: (at, by) for stage, at, by in json.loads(handed_in or "[]")},
        )
        for (sheet_id, unit_id, is_locked, code, name, short, paper_lines, head_title, is_officers, lot, handed_in)
        in rows
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _trimmed(value: Decimal) -> Decimal:
    """Trailing zeros of the column type do not count."""
    whole = value.normalize()
    exponent = whole.as_tuple().exponent
    return whole.quantize(1) if isinstance(exponent, int) and exponent > 0 else whole


@lru_cache(maxsize=4096)
def entered_from(
    points: Decimal | None,
    target: Decimal | None,
    actual: Decimal | None,
    count: int | None,
    level: str,
    passed: bool | None,
    outside_rank: int | None,
    not_assigned: bool,
) -> Entered:
    """The rules' inputs of a row's columns. Equal rows share one object: tables are full of them."""
    return Entered(
        points=None if points is None else _trimmed(points),
        target=None if target is None else _trimmed(target),
        actual=None if actual is None else _trimmed(actual),
        count=count,
        level=level or None,
        passed=passed,
        rank=outside_rank,
        not_assigned=not_assigned,
    )


def entered_of(entry: ScoreEntry) -> Entered:
    """The rules' inputs of a row."""
    return entered_from(
        entry.points, entry.target, entry.actual, entry.count, entry.level, entry.passed, entry.outside_rank,
        entry.not_assigned,
    )  # fmt: skip


def cells_of(bloc_year_id: int, stage_ids: Iterable[int], scheme_id: int) -> dict[int, dict[int, dict[int, Cell]]]:
    """All cells of these stages, by stage, unit and criterion: one query."""
    cells: dict[int, dict[int, dict[int, Cell]]] = {stage_id: {} for stage_id in stage_ids}
    rows = _rows(_CELLS, {"bloc_year": bloc_year_id, "stages": list(cells), "scheme": scheme_id})
    for stage, unit, criterion, *rest in rows:
        inputs, (revision, changed, by, note, evidence) = rest[:8], rest[8:]
        at = _EPOCH + timedelta(microseconds=changed)
        cells[stage].setdefault(unit, {})[criterion] = Cell(entered_from(*inputs), revision, at, by, note, evidence)
    return cells


def stage_before(stages: tuple[Stage, ...], stage: Stage) -> Stage | None:
    """The step before, in order."""
    place = next((i for i, s in enumerate(stages) if s.pk == stage.pk), 0)
    return stages[place - 1] if place else None


def pick_stage(stages: tuple[Stage, ...], slug: str | None, lock: Lock | None) -> Stage | None:
    """The stage asked for; else the locked one; else the last, in order, that has an entry; else the first."""
    if slug is not None:
        return next((s for s in stages if s.slug == slug), None)
    if lock is not None:
        return next((s for s in stages if s.pk == lock.stage_id), None)
    return next((s for s in reversed(stages) if s.has_entries), stages[0] if stages else None)


def table_of(bloc_year: BlocYear, stage_slug: str | None = None) -> Table | None:
    """The table at a stage (see ``pick_stage``); None while no scheme is published or the stage does not exist.

    Four queries, whatever the number of units and criteria (one more when a scheme is read for the first time).
    A locked table is read with the scheme it was locked with; a trigger keeps its cells from changing.
    """
    scheme, lock = scheme_and_lock(bloc_year.pk)
    if scheme is None:
        return None
    stages = stages_of(bloc_year.pk)
    stage = pick_stage(stages, stage_slug, lock)
    if stage is None:
        return None
    facts = scheme_facts(scheme)
    columns = columns_of(bloc_year)
    before = stage_before(stages, stage)
    all_cells = cells_of(bloc_year.pk, [s.pk for s in (stage, before) if s is not None], scheme.pk)
    cells = all_cells[stage.pk]
    lots = {c.unit_id: c.lot_order for c in columns if c.lot_order is not None}
    unit_ids = tuple(c.unit_id for c in columns)
    entries = {u: {c: cell.entered for c, cell in row.items()} for u, row in cells.items()}
    results = compute(facts, entries, unit_ids)
    return Table(
        bloc_year=bloc_year,
        scheme=scheme,
        facts=facts,
        stage=stage,
        stages=stages,
        columns=columns,
        cells=cells,
        cells_before=all_cells[before.pk] if before is not None else {},
        results=results,
        places=rank(facts, results, lots),
        lot_order=lots,
        lock=lock,
    )
