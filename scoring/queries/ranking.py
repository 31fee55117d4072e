"""Rows of the ranking page and the answers to "Vì sao được điểm này?"."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from scoring.permissions import can_see_sheet, sees_all_sheets, sees_whole_ranking
from scoring.queries.snapshot import frozen_table
from scoring.queries.table import EMPTY_CELL, Cell, Column, Table, cells_of
from scoring.rules.entered import format_cell
from scoring.rules.explain import Line, explain_points, explain_total
from scoring.rules.ranking import order_words
from scoring.rules.scheme import CriterionFacts
from thidua.lib.actor import Actor
from thidua.lib.vietnamese import format_number

COMPARED = "Điểm này so với đơn vị dẫn đầu; số của đơn vị khác xem được sau khi Khối chốt bảng điểm."


@dataclass(frozen=True, slots=True)
class RankingRow:
    """One unit of the ranking, best first; units with cells missing come last, without a place."""

    unit_id: int
    name: str
    short: str
    place: int | None
    tied: bool
    decided_by: str
    sections: tuple[Decimal | None, ...]
    bonus: Decimal
    deduction: Decimal
    total: Decimal
    rate: Decimal
    maximum: Decimal
    classification: str
    missing: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The page: section heads, rows, the rule of order in words, what is still missing."""

    table: Table
    sections: tuple[CriterionFacts, ...]
    rows: tuple[RankingRow, ...]
    order: str
    missing: int
    gaps: tuple[tuple[str, int], ...]
    hash: str
    sees_all: bool
    explains: bool


def ranking_of(actor: Actor, table: Table) -> Ranking:
    """The ranking the actor may see: everybody's, or the own unit's line alone while the table is open."""
    is_open = not table.is_locked
    sees_all = sees_whole_ranking(actor, table.bloc_year, is_open=is_open)
    shown = table if sees_all else table.own_part(actor.unit_ids)
    sections = tuple(c for c in table.facts.roots if c.kind not in ("bonus", "deduction"))
    rows = sorted(
        (_row(shown, column, sections) for column in shown.columns),
        key=lambda r: (r.place is None, r.place or 0, -r.total),
    )
    gaps = tuple((r.short, r.missing) for r in rows if r.missing)
    return Ranking(
        table=shown,
        sections=sections,
        rows=tuple(rows),
        order=order_words(table.facts),
        missing=sum(count for _, count in gaps),
        gaps=gaps,
        hash=frozen_table(table)["hash"] if sees_all else "",
        sees_all=sees_all,
        explains=not sees_all or sees_all_sheets(actor, table.bloc_year, is_open=is_open),
    )


def _row(table: Table, column: Column, sections: tuple[CriterionFacts, ...]) -> RankingRow:
    result, place = table.results[column.unit_id], table.places[column.unit_id]
    return RankingRow(
        unit_id=column.unit_id,
        name=column.name,
        short=column.short,
        place=place.place,
        tied=place.tied,
        decided_by=place.decided_by,
        sections=tuple(result.points.get(s.id) for s in sections),
        bonus=result.bonus,
        deduction=result.deduction,
        total=result.total,
        rate=result.rate,
        maximum=result.maximum,
        classification=place.classification or "",
        missing=result.missing,
    )


@dataclass(frozen=True, slots=True)
class TotalExplained:
    """A unit's total line by line, and how far it stands from its neighbour."""

    column: Column
    row: RankingRow
    lines: tuple[Line, ...]
    neighbour: str


def explain_unit(actor: Actor, table: Table, unit_id: int) -> TotalExplained | None:
    """The arithmetic of a total; None where the actor may not see this unit (yet)."""
    column = _column(actor, table, unit_id)
    if column is None:
        return None
    sections = tuple(c for c in table.facts.roots if c.kind not in ("bonus", "deduction"))
    sees_all = sees_all_sheets(actor, table.bloc_year, is_open=not table.is_locked)
    return TotalExplained(
        column=column,
        row=_row(table if sees_all else table.own_part(actor.unit_ids), column, sections),
        lines=explain_total(table.facts, unit_id, table.results, table.entered()),
        neighbour=_neighbour(actor, table, unit_id),
    )


def _neighbour(actor: Actor, table: Table, unit_id: int) -> str:
    """ "Hơn đơn vị đứng sau (Sở GDĐT, 1.003,38 điểm) 12,62 điểm." where both have a place and may be seen."""
    if not sees_all_sheets(actor, table.bloc_year, is_open=not table.is_locked):
        return ""
    place = table.places[unit_id].place
    if place is None:
        return ""
    mine = table.results[unit_id].total
    after = [(table.places[c.unit_id].place, c) for c in table.columns if (table.places[c.unit_id].place or 0) > place]
    if not after:
        return ""
    _, nearest = min(after, key=lambda pair: pair[0] or 0)
    other = table.results[nearest.unit_id].total
    digits = table.facts.digits
    told = f"Hơn đơn vị đứng sau ({nearest.short}, {format_number(other, digits)} điểm) "
    words = f"{told}{format_number(mine - other, digits)} điểm."
    decided = table.places[unit_id].decided_by
    return f"{words} Xếp trên nhờ {decided}." if decided and mine == other else words


@dataclass(frozen=True, slots=True)
class CellExplained:
    """One number: what was entered, by whom, the formula with the numbers in it, and the stage before."""

    column: Column
    criterion: CriterionFacts
    cell: Cell
    entered: str
    points: Decimal | None
    sentences: tuple[str, ...]
    before: tuple[tuple[str, Cell, str], ...]


def explain_criterion(actor: Actor, table: Table, unit_id: int, criterion_id: int) -> CellExplained | None:
    """Why this number, and what stands in the same cell at the other stages (one query); None out of sight."""
    column = _column(actor, table, unit_id)
    criterion = table.facts.by_id.get(criterion_id)
    if column is None or criterion is None:
        return None
    cell = table.cell(unit_id, criterion_id)
    others = [s for s in table.stages if s.pk != table.stage.pk]
    held = cells_of(table.bloc_year.pk, [s.pk for s in others], table.scheme.pk)
    by_unit = {c.unit_id: table.cell(c.unit_id, criterion_id).entered for c in table.columns}
    names = {c.unit_id: c.short for c in table.columns}
    sentences = explain_points(criterion, by_unit, unit_id, names, table.facts.digits)
    if not sees_all_sheets(actor, table.bloc_year, is_open=not table.is_locked):
        # what the own entry alone explains may be told; what needs the others' numbers holds them
        alone = explain_points(criterion, {unit_id: cell.entered}, unit_id, names, table.facts.digits)
        sentences = sentences if sentences == alone else (COMPARED,)
    return CellExplained(
        column=column,
        criterion=criterion,
        cell=cell,
        entered=format_cell(cell.entered, criterion),
        points=table.results[unit_id].points.get(criterion_id),
        sentences=sentences,
        before=tuple(
            (stage.name, other, format_cell(other.entered, criterion))
            for stage in others
            for other in [held[stage.pk].get(unit_id, {}).get(criterion_id, EMPTY_CELL)]
        ),
    )


def _column(actor: Actor, table: Table, unit_id: int) -> Column | None:
    column = next((c for c in table.columns if c.unit_id == unit_id), None)
    if column is None or not can_see_sheet(actor, table.bloc_year, unit_id, is_open=not table.is_locked):
        return None
    return column
