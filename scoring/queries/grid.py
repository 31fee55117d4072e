"""The score grid as a page shows it: columns the actor sees, which of them take entries, every cell as text.

The texts are made here and nowhere else, so that the page, its refresh and the answer to a save agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from blocs.models import BlocYear
from scoring.permissions import (
    BLOC,
    SELF,
    can_lock_table,
    can_manage_stages,
    can_record_score,
    can_submit_sheet,
    sees_all_sheets,
)
from scoring.queries.table import Cell, Column, Table, table_of
from scoring.rules.entered import BLANK, Entered, format_cell, input_hint
from scoring.rules.points import SheetResult, criterion_points
from scoring.rules.scheme import CriterionFacts, SchemeFacts
from scoring.rules.states import CriterionKind, Rule, StageState
from thidua.lib.actor import Actor
from thidua.lib.errors import Refusal
from thidua.lib.verdict import Verdict
from thidua.lib.vietnamese import format_number, format_percent

if TYPE_CHECKING:
    from scoring.actions.sheet import Saved

MANY_ROWS = 60
NOT_ASSIGNED_WORDS = "không được giao"
DEPUTY_SCORES = "Phó Trưởng khối chấm"


@dataclass(frozen=True, slots=True)
class GridColumn:
    """One unit as the head shows it. ``why``: the short reason why its cells take no entry."""

    column: Column
    writable: bool
    why: str
    result: SheetResult
    place: int | None
    of: int
    is_current: bool
    submitted_at: datetime | None
    submitted_by: str

    @property
    def sheet_id(self) -> int | None:
        return self.column.sheet_id

    @property
    def filled(self) -> int:
        return self.of - self.result.missing

    @property
    def state(self) -> str:
        """The small line under the unit's name."""
        return self.why or self.count

    @property
    def count(self) -> str:
        return f"{self.filled}/{self.of} ô" if self.result.missing else f"đủ {self.of} ô"

    @property
    def place_text(self) -> str:
        return place_text(self.result, self.place)


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell: ``text`` as it is typed, ``points`` as they are shown, ``before`` of the step before.

    ``name`` is "sheet-criterion", ``labels`` the ids of its two heads.
    """

    text: str
    points: str
    revision: int
    css: str
    name: str = ""
    labels: str = ""
    writable: bool = False
    before: str = ""
    held: str = ""
    papers: int = 0


@dataclass(frozen=True, slots=True)
class GridRow:
    """One line of the scheme with its cells in the order of the columns."""

    criterion: CriterionFacts
    kind: str
    depth: int
    label: str
    full_code: str
    maximum: str
    hint: str
    levels: str
    inputmode: str
    cells: tuple[GridCell, ...]

    @property
    def is_leaf(self) -> bool:
        return self.kind == "leaf"

    @property
    def shows_entry(self) -> bool:
        """What is typed differs from the points it gives."""
        return self.is_leaf and self.criterion.rule is not Rule.DIRECT


@dataclass(frozen=True)
class Grid:
    """Everything of the page but its frame."""

    table: Table
    columns: tuple[GridColumn, ...]
    sees_all: bool
    can_manage: bool
    can_lock: bool
    now: datetime
    own_units: frozenset[int] = frozenset()

    @property
    def stage(self) -> Any:
        return self.table.stage

    @property
    def is_taking(self) -> bool:
        return takes_entries(self.table, self.now)

    @property
    def can_write(self) -> bool:
        return any(c.writable for c in self.columns)

    @property
    def current(self) -> GridColumn | None:
        return next((c for c in self.columns if c.is_current), None)

    @property
    def filled(self) -> int:
        return sum(c.filled for c in self.columns)

    @property
    def of(self) -> int:
        return sum(c.of for c in self.columns)

    @property
    def to_submit(self) -> GridColumn | None:
        """The own sheet its head hands in, or has handed in, at this step."""
        return next((c for c in self.columns if c.column.unit_id in self.own_units), None)

    @property
    def waits_for_head(self) -> bool:
        """Somebody fills the own unit's sheet who does not hand it in: the page says who does."""
        return self.stage.slug == SELF and self.can_write and not self.own_units

    @property
    def may_open(self) -> bool:
        return self.can_manage and not self.table.is_locked and self.stage.state != StageState.OPEN

    @property
    def may_close(self) -> bool:
        return self.can_manage and not self.table.is_locked and self.stage.state == StageState.OPEN

    @cached_property
    def rows(self) -> tuple[GridRow, ...]:
        zone = timezone.get_current_timezone()
        return tuple(_row(self, self.table.facts, c, zone) for c in self.table.facts.ordered)

    @property
    def is_long(self) -> bool:
        return len(self.table.facts.ordered) > MANY_ROWS


def takes_entries(table: Table, now: datetime) -> bool:
    """Is the step open by this clock and the table not locked? The action asks the database again."""
    stage = table.stage
    return not table.is_locked and stage.state == StageState.OPEN and (stage.closes_at is None or now < stage.closes_at)


def shown_table(actor: Actor, table: Table) -> tuple[Table, bool]:
    """The table with the columns the actor may see, and whether these are all."""
    sees_all = sees_all_sheets(actor, table.bloc_year, is_open=not table.is_locked)
    return (table if sees_all else table.own_part(actor.unit_ids)), sees_all


def grid_of(actor: Actor, bloc_year: BlocYear, slug: str | None, unit_code: str = "") -> Grid | None:
    """The grid of a step; None while no scheme is published or the step does not exist."""
    whole = table_of(bloc_year, slug)
    if whole is None:
        return None
    now = timezone.now()
    table, sees_all = shown_table(actor, whole)
    officers = whole.officers_units
    taking = takes_entries(table, now)
    verdicts = {
        c.unit_id: can_record_score(actor, bloc_year, table.stage.slug, c.unit_id, officers) for c in table.columns
    }
    chosen = next((c.unit_id for c in table.columns if c.code == unit_code), None)
    if chosen is None:
        writable = [c.unit_id for c in table.columns if verdicts[c.unit_id].allowed]
        chosen = next(iter(writable or [c.unit_id for c in table.columns]), None)
    columns = tuple(
        GridColumn(
            column=c,
            writable=taking and verdicts[c.unit_id].allowed and table.stage.pk not in c.submitted,
            why=_why(actor, table, c, verdicts),
            result=table.results[c.unit_id],
            place=table.places[c.unit_id].place if sees_all else None,
            of=compulsory(table, c.unit_id),
            is_current=c.unit_id == chosen,
            submitted_at=datetime.fromisoformat(c.submitted[table.stage.pk][0])
            if table.stage.pk in c.submitted
            else None,
            submitted_by=c.submitted.get(table.stage.pk, ("", ""))[1],
        )
        for c in table.columns
    )
    own = frozenset(
        c.unit_id
        for c in table.columns
        if table.stage.slug == SELF and not actor.is_system and can_submit_sheet(actor, bloc_year, c.unit_id).allowed
    )
    return Grid(
        table=table,
        columns=columns,
        sees_all=sees_all,
        can_manage=can_manage_stages(actor, bloc_year).allowed,
        can_lock=can_lock_table(actor, bloc_year).allowed and not table.is_locked and table.stage.slug == BLOC,
        now=now,
        own_units=own,
    )


def _why(actor: Actor, table: Table, column: Column, verdicts: Mapping[int, Verdict]) -> str:
    """Why this column takes nothing from this person, in three or four words for the head; "" where it does."""
    if verdicts[column.unit_id].allowed:
        return "đã nộp" if table.stage.pk in column.submitted else ""
    if column.unit_id in actor.unit_ids and table.stage.slug != SELF:
        return "đơn vị của bạn"
    if table.stage.slug == BLOC and column.is_officers and any(v.allowed for v in verdicts.values()):
        return DEPUTY_SCORES
    return "chỉ xem"


def compulsory(table: Table, unit_id: int) -> int:
    """How many cells of a unit have to be filled before it gets a place."""
    cells = table.cells.get(unit_id, {})
    return sum(
        1
        for c in table.facts.leaves
        if c.kind is CriterionKind.CRITERION and not (c.id in cells and cells[c.id].entered.not_assigned)
    )


# ------------------------------------------------------------------ texts
def points_text(facts: SchemeFacts, criterion: CriterionFacts, value: Decimal | None) -> str:
    """Points as shown: two decimals or more, what is taken off with its sign."""
    if value is None:
        return ""
    if value and facts.places[criterion.id] is CriterionKind.DEDUCTION:
        value = -value
    return _two_or_more(value)


@lru_cache(maxsize=4096)
def _two_or_more(value: Decimal) -> str:
    return format_number(value, max(2, -int(value.normalize().as_tuple().exponent)))


def cell_points(table: Table, unit_id: int, criterion: CriterionFacts, entered: Entered) -> str:
    """The right-hand text of a cell."""
    if entered.not_assigned:
        return NOT_ASSIGNED_WORDS
    return points_text(table.facts, criterion, table.results[unit_id].points.get(criterion.id))


def total_text(result: SheetResult) -> str:
    return format_number(result.total, 2)


def rate_text(result: SheetResult) -> str:
    return format_percent(result.rate)


def place_text(result: SheetResult, place: int | None) -> str:
    """A place, or why there is none yet."""
    if result.missing:
        return f"còn {result.missing} ô"
    return "" if place is None else str(place)


def held_text(cell: Cell, zone: tzinfo) -> str:
    """By whom and when the held value was entered."""
    if cell.changed_at is None:
        return ""
    at = cell.changed_at.astimezone(zone)
    return f"{cell.changed_by}, {at.hour:02}:{at.minute:02} ngày {at.day:02}/{at.month:02}"


def full_code(facts: SchemeFacts, criterion: CriterionFacts) -> str:
    """The code as people say it: "a)" under I.1 is "I.1 a)"."""
    parent = facts.by_id.get(criterion.parent_id or 0)
    if parent is None or criterion.code.startswith(parent.code):
        return criterion.code
    return f"{full_code(facts, parent)} {criterion.code}" if len(criterion.code) <= 2 else criterion.code


_MODES: Mapping[Rule, str] = {
    Rule.DIRECT: "decimal",
    Rule.PER_COUNT: "numeric",
    Rule.MINUS_PER_COUNT: "numeric",
    Rule.OUTSIDE_RANK: "numeric",
}


def choices_of(criterion: CriterionFacts) -> tuple[str, ...]:
    """The texts of a cell that takes one of a few."""
    if criterion.rule is Rule.LEVELS:
        return tuple(name for name, _ in criterion.params["levels"])
    return ("Đạt", "Không") if criterion.rule is Rule.PASS_FAIL else ()


def _row(grid: Grid, facts: SchemeFacts, criterion: CriterionFacts, zone: tzinfo) -> GridRow:
    depth = facts.depths[criterion.id]
    is_leaf = criterion.rule is not Rule.SUM
    maximum = facts.maxima[criterion.id]
    return GridRow(
        criterion=criterion,
        kind="leaf" if is_leaf else "sec" if depth == 0 else "par",
        depth=depth,
        label=f"{criterion.code} {criterion.title}",
        full_code=full_code(facts, criterion),
        maximum="–" if maximum is None else format_number(maximum, None),
        hint=input_hint(criterion) if is_leaf else "",
        levels="|".join(choices_of(criterion)),
        inputmode=_MODES.get(criterion.rule, "text"),
        cells=tuple(_cell(grid, column, criterion, is_leaf, zone) for column in grid.columns),
    )


def _cell(grid: Grid, column: GridColumn, criterion: CriterionFacts, is_leaf: bool, zone: tzinfo) -> GridCell:
    table, unit_id = grid.table, column.column.unit_id
    current = " on" if column.is_current else ""
    if not is_leaf:
        return GridCell("", cell_points(table, unit_id, criterion, BLANK), 0, current.strip())
    cell = table.cell(unit_id, criterion.id)
    before = table.cells_before.get(unit_id, {}).get(criterion.id)
    css = "c" if column.writable else "c ro"
    if cell.entered.not_assigned:
        css += " na"
    return GridCell(
        text=format_cell(cell.entered, criterion),
        points=cell_points(table, unit_id, criterion, cell.entered),
        revision=cell.revision,
        css=css + current,
        name=f"{column.sheet_id}-{criterion.id}",
        labels=f"k{criterion.id} u{column.sheet_id}",
        writable=column.writable,
        before=before_text(before, criterion) if before is not None else "",
        held=held_text(cell, zone) if cell.revision else "",
        papers=len(cell.evidence.splitlines()) if cell.evidence else 0,
    )


def before_text(cell: Cell, criterion: CriterionFacts) -> str:
    if criterion.rule is Rule.DIRECT and cell.entered.points is not None:
        return _two_or_more(cell.entered.points)
    return format_cell(cell.entered, criterion)


# -------------------------------------------------------------- refreshing
def grid_numbers(grid: Grid, since: datetime | None) -> dict[str, Any]:
    """What the page asks for after a save: points of every cell, totals, places, and cells changed since then.

    Holds the columns the actor sees and nothing of the others.
    """
    table = grid.table
    units = [c.column.unit_id for c in grid.columns]
    zone = timezone.get_current_timezone()
    points = {
        c.id: [
            cell_points(table, u, c, table.cell(u, c.id).entered if c.rule is not Rule.SUM else BLANK) for u in units
        ]
        for c in table.facts.ordered
    }
    return {
        "sheets": [c.sheet_id for c in grid.columns],
        "points": points,
        "totals": [total_text(c.result) for c in grid.columns],
        "rates": [rate_text(c.result) for c in grid.columns],
        "places": [c.place if not c.result.missing else None for c in grid.columns],
        "place_texts": [c.place_text for c in grid.columns],
        "missing": [c.result.missing for c in grid.columns],
        "states": [c.state for c in grid.columns],
        "filled": grid.filled,
        "of": grid.of,
        "open": grid.is_taking,
        "now": grid.now.isoformat(),
        "changed": [
            [column.sheet_id, criterion_id, cell.revision, format_cell(cell.entered, table.facts.by_id[criterion_id]),
             held_text(cell, zone)]
            for column in grid.columns
            for criterion_id, cell in table.cells.get(column.column.unit_id, {}).items()
            if since is None or (cell.changed_at is not None and cell.changed_at >= since)
        ],
    }  # fmt: skip


def cell_answer(*, typed: str, saved: Saved | None = None, refusal: Refusal | None = None) -> dict[str, Any]:
    """What a script is told about one cell it sent: what was acknowledged, or why not with both values."""
    if saved is not None:
        criterion = saved.facts.by_id[saved.criterion_id] if saved.facts else None
        at = timezone.localtime(saved.changed_at)
        return {
            "revision": saved.revision,
            "at": f"{at:%H:%M:%S}",
            "by": saved.changed_by,
            "text": format_cell(saved.entered, criterion) if criterion else typed,
            "points": own_points(saved.facts, criterion, saved.entered) if criterion and saved.facts else None,
        }
    assert refusal is not None  # noqa: S101 (one of the two is given)
    answer: dict[str, Any] = {"message": refusal.message, "code": refusal.code}
    held = refusal.details.get("cell")
    if held is not None:
        at = timezone.localtime(held.changed_at) if held.changed_at else None
        answer |= {
            "mine": typed,
            "theirs": refusal.details.get("theirs", ""),
            "by": held.changed_by,
            "at": f"{at:%H:%M:%S}" if at else "",
            "revision": held.revision,
        }
    return answer


def own_points(facts: SchemeFacts, criterion: CriterionFacts, entered: Entered) -> str | None:
    """Points of a cell that depend on no other unit; None where they do, the refresh tells them then."""
    if entered.not_assigned:
        return NOT_ASSIGNED_WORDS
    if criterion.rule is Rule.RELATIVE:
        return None
    return points_text(facts, criterion, criterion_points(criterion, {0: entered}, facts.digits)[0])
