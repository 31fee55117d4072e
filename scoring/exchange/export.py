"""The bloc's table and a scheme as workbooks that can be brought back in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scoring import labels
from scoring.exchange.schemes import OPTIONS, SCHEME, SETTINGS
from scoring.exchange.scores import MATRIX
from scoring.queries.scheme import LineInput, OptionsInput
from scoring.queries.table import Table as ScoreTable
from scoring.rules.entered import format_cell
from scoring.rules.states import Rule
from thidua.exchange.writer import SheetSpec, table_sheet, write_xlsx


def export_matrix(table: ScoreTable) -> bytes:
    """The bloc's table in the shape an office prints: protected, with drop-downs; imported unchanged it changes
    nothing."""
    rows, choices, closed, bold = [], {}, set(), set()
    first = len(MATRIX)
    for number, criterion in enumerate(table.facts.ordered):
        row: list[Any] = [criterion.code, criterion.title, table.facts.maxima[criterion.id]]
        for index, column in enumerate(table.columns):
            held = table.cell(column.unit_id, criterion.id).entered
            if criterion.rule is Rule.SUM:
                row.append(None)
                closed.add((number, first + index))
            elif criterion.rule is Rule.DIRECT and held.points is not None:
                row.append(held.points)
            else:
                row.append(format_cell(held, criterion))
            if criterion.rule is Rule.LEVELS:
                choices[number, first + index] = tuple(name for name, _ in criterion.params["levels"])
            elif criterion.rule is Rule.PASS_FAIL:
                choices[number, first + index] = ("Đạt", "Không")
        if criterion.rule is Rule.SUM:
            bold.add(number)
        rows.append(row)
    main = SheetSpec(
        "Bảng chấm điểm",
        tuple(c.heading for c in MATRIX) + tuple(c.code for c in table.columns),
        rows,
        widths=(8, 60, 12, *([14] * len(table.columns))),
        cell_choices=choices,
        notes={first + i: c.name for i, c in enumerate(table.columns)},
        is_protected=True,
        open_columns=frozenset(range(first, first + len(table.columns))),
        closed_cells=frozenset(closed),
        bold_rows=frozenset(bold),
        frozen_columns=first,
    )
    totals = SheetSpec(
        "Tổng hợp",
        ("Mã đơn vị", "Đơn vị", "Tổng điểm", "Điểm tối đa", "Tỷ lệ (%)", "Thưởng", "Trừ", "Hạng", "Xếp loại"),
        [
            (
                c.code,
                c.name,
                table.results[c.unit_id].total,
                table.results[c.unit_id].maximum,
                table.results[c.unit_id].rate,
                table.results[c.unit_id].bonus,
                table.results[c.unit_id].deduction,
                table.places[c.unit_id].place,
                table.places[c.unit_id].classification or "",
            )
            for c in table.columns
        ],
        widths=(14, 44, 12, 12, 12, 10, 10, 8, 16),
        is_protected=True,
    )
    return write_xlsx([main, totals], title=f"Bảng chấm điểm {table.bloc_year}")


def export_scheme(options: OptionsInput, lines: Mapping[int, LineInput] | list[LineInput]) -> bytes:
    """A scheme as the file ``import_scheme`` takes."""
    rows = [
        {
            "code": x.code,
            "parent_code": x.parent_code,
            "title": x.title,
            "kind": labels.CRITERION_KIND[x.kind],
            "max_points": x.max_points,
            "rule": labels.RULE[x.rule],
            "params": x.params,
            "not_applicable": labels.NOT_APPLICABLE[x.not_applicable],
            "evidence": x.evidence,
            "guidance": x.guidance,
        }
        for x in (lines.values() if isinstance(lines, Mapping) else lines)
    ]
    values = [(c.heading, getattr(options, key)) for key, c in OPTIONS]
    values = [
        (heading, labels.RANK_BY[value] if heading == "Xếp hạng theo" else value)
        for heading, value in values
        if value not in (None, "")
    ]
    settings = SheetSpec(SETTINGS, ("Khóa", "Giá trị"), values, widths=(22, 60))
    return write_xlsx([table_sheet(SCHEME, rows), settings], title="Bảng điểm")
