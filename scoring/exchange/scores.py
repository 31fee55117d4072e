"""Scores from a spreadsheet, in long form or as the bloc's matrix: reading, what they would change, writing them."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction

from blocs.models import BlocYear
from scoring.actions.sheet import CellWrite, record_scores
from scoring.actions.table import open_stage, prepare_table
from scoring.models import ScoreEntry
from scoring.permissions import can_record_score
from scoring.queries.locks import lock_table_of
from scoring.queries.table import Table as ScoreTable
from scoring.queries.table import stages_of, table_of
from scoring.rules.entered import Entered, check_entered, format_cell, match_level, parse_cell
from scoring.rules.scheme import CriterionFacts
from scoring.rules.states import Rule, StageState, parse_stage_slug
from thidua.exchange.columns import Column, Fault, Parsed, ParsedRow, Table, headings_of, parse_table
from thidua.exchange.kinds import Change, Outcome, Preview
from thidua.exchange.workbook import Cell, Sheet, Workbook, heading_key
from thidua.exchange.writer import template_xlsx
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation

SCORES = Table(
    "Điểm",
    (
        Column("unit", "Mã đơn vị", required=True, max_length=60, width=14),
        Column("criterion", "Mã tiêu chí", required=True, max_length=30, width=12),
        Column("target", "Chỉ tiêu", "number", width=12),
        Column("actual", "Thực hiện", "number", width=12),
        Column("count", "Số lần", "count", width=10),
        Column("level", "Mức", max_length=80, width=16),
        Column("passed", "Đạt", "bool", width=10),
        Column("rank", "Hạng", "count", width=10),
        Column("points", "Điểm", "number", width=10),
        Column("not_assigned", "Không áp dụng", "bool", aliases=("Không được giao",), width=14),
        Column("note", "Ghi chú", max_length=600, width=40),
    ),
)
MATRIX = (Column("code", "Mã"), Column("title", "Nội dung"), Column("max_points", "Điểm tối đa"))


@dataclass
class ReadScores:
    """Cells of a file by (unit, criterion), with everything wrong in them."""

    entered: dict[tuple[int, int], tuple[Entered, str | None]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def read_scores(workbook: Workbook, table: ScoreTable) -> ReadScores:
    """Long form or matrix, told by the headings; rows that hold nothing leave the cell as it is."""
    sheet = workbook.first
    headings = {heading_key(h.text) for h in headings_of(sheet, (*SCORES.columns, *MATRIX))[1]}
    if {heading_key("Mã đơn vị"), heading_key("Mã tiêu chí")} <= headings:
        return _read_long(sheet, table)
    if {heading_key(c.heading) for c in MATRIX} <= headings:
        return _read_matrix(sheet, table)
    found = ReadScores()
    found.faults.append(
        Fault(
            sheet.name,
            "A1",
            "",
            "",
            "không nhận ra dòng tiêu đề. Dùng cột Mã đơn vị, Mã tiêu chí… hoặc Mã, Nội dung, Điểm tối đa và mã đơn vị.",
        )
    )
    return found


def _read_long(sheet: Sheet, table: ScoreTable) -> ReadScores:
    parsed: Parsed = parse_table(sheet, SCORES)
    found = ReadScores(faults=list(parsed.faults), notices=list(parsed.notices))
    units = {c.code.casefold(): c for c in table.columns}
    seen: dict[tuple[int, int], int] = {}
    for row in parsed.rows:
        if row["unit"] is None or row["criterion"] is None:
            continue
        column = units.get(row["unit"].casefold())
        criterion = table.facts.by_code.get(row["criterion"])
        if column is None:
            found.faults.append(
                row.fault("unit", f"không có đơn vị mã “{row['unit']}” trong Khối năm này. Sửa mã rồi tải lại.")
            )
        if criterion is None:
            found.faults.append(
                row.fault(
                    "criterion", f"không có tiêu chí mã “{row['criterion']}” trong bảng điểm. Sửa mã rồi tải lại."
                )
            )
        if column is None or criterion is None or row.is_faulty:
            continue
        place = (column.unit_id, criterion.id)
        if place in seen:
            found.faults.append(row.fault("criterion", f"đơn vị và tiêu chí này đã có ở dòng {seen[place]}. Xóa một."))
            continue
        seen[place] = row.number
        entered = _entered_of_row(row, criterion, found)
        if entered is not None:
            found.entered[place] = (entered, row["note"])
    return found


def _entered_of_row(row: ParsedRow, criterion: CriterionFacts, found: ReadScores) -> Entered | None:
    level = row["level"]
    try:
        if level is not None and criterion.rule is Rule.LEVELS:
            level = match_level(level, criterion)
        entered = Entered(
            points=row["points"],
            target=row["target"],
            actual=row["actual"],
            count=row["count"],
            level=level,
            passed=row["passed"],
            rank=row["rank"],
            not_assigned=bool(row["not_assigned"]),
        )
        if entered.is_blank:
            return None
        check_entered(entered, criterion)
    except RuleViolation as refusal:
        found.faults.append(row.fault(refusal.field or "criterion", refusal.message))
        return None
    return entered


def _read_matrix(sheet: Sheet, table: ScoreTable) -> ReadScores:
    heading_row, headings = headings_of(sheet, MATRIX)
    found = ReadScores()
    units = {c.code.casefold(): c for c in table.columns}
    code_at = next(h.column for h in headings if heading_key(h.text) == heading_key("Mã"))
    known = {heading_key(c.heading) for c in MATRIX}
    columns: dict[int, Any] = {}
    for heading in headings:
        if heading_key(heading.text) in known:
            continue
        unit = units.get(heading.text.strip().casefold())
        if unit is None:
            found.faults.append(
                Fault(sheet.name, heading.ref, heading.text, heading.text, "không có đơn vị mã này trong Khối năm này.")
            )
        elif unit in columns.values():
            found.faults.append(Fault(sheet.name, heading.ref, heading.text, "", "đơn vị này có hai cột. Xóa một cột."))
        else:
            columns[heading.column] = unit
    seen: set[str] = set()
    for row in sheet.rows:
        if heading_row is None or row.number <= heading_row.number:
            continue
        code_cell = row.cells.get(code_at)
        if code_cell is None or code_cell.is_blank:
            continue
        code = code_cell.shown.strip()
        criterion = table.facts.by_code.get(code)
        if criterion is None:
            found.faults.append(
                Fault(sheet.name, code_cell.ref, "Mã", code, "không có tiêu chí mã này trong bảng điểm. Sửa mã.")
            )
            continue
        if code in seen:
            found.faults.append(Fault(sheet.name, code_cell.ref, "Mã", code, "tiêu chí này có hai dòng. Xóa một dòng."))
            continue
        seen.add(code)
        if criterion.rule is Rule.SUM:
            continue
        for index, unit in columns.items():
            cell = row.cells.get(index)
            if cell is None or cell.is_blank:
                continue
            try:
                found.entered[unit.unit_id, criterion.id] = (_entered_of_cell(cell, criterion), None)
            except RuleViolation as refusal:
                found.faults.append(Fault(sheet.name, cell.ref, unit.code, cell.shown, refusal.message))
    return found


def _entered_of_cell(cell: Cell, criterion: CriterionFacts) -> Entered:
    if isinstance(cell.value, Decimal) and criterion.rule is Rule.DIRECT:
        entered = Entered(points=cell.value)
        check_entered(entered, criterion)
        return entered
    if cell.problem:
        raise RuleViolation("cell-unreadable", cell.problem)
    text = format(cell.value, "f") if isinstance(cell.value, Decimal) else cell.shown
    return parse_cell(text, criterion)


def _writes(table: ScoreTable, read: ReadScores) -> list[CellWrite]:
    """Only cells that differ from what is held."""
    sheets = {c.unit_id: c.sheet_id for c in table.columns}
    writes = []
    for place, (entered, note) in read.entered.items():
        if _differs(table, read, place):
            unit_id, criterion_id = place
            revision = table.cell(unit_id, criterion_id).revision
            writes.append(CellWrite(sheets[unit_id] or 0, criterion_id, entered, revision, note))
    return writes


def _differs(table: ScoreTable, read: ReadScores, place: tuple[int, int]) -> bool:
    """Would the file change this cell? What stays as it is needs no right to write it."""
    entered, note = read.entered[place]
    held = table.cell(*place)
    return held.entered != entered or (note is not None and note != held.note)


def _is_new(table: ScoreTable, place: tuple[int, int]) -> bool:
    """Nothing stood in the cell, be it that a value was taken out of it again: preview and result count alike."""
    return table.cell(*place).entered.is_blank


def score_scope(scope: str) -> tuple[BlocYear, str]:
    """The bloc-year and step a file of scores is for ("12:khoi")."""
    year_id, _, stage = scope.partition(":")
    if not year_id.isdecimal():
        raise RuleViolation("scope-unknown", "Không rõ nhập vào bảng điểm nào. Mở lại từ trang Chấm điểm.")
    bloc_year = BlocYear.objects.select_related("bloc").filter(pk=int(year_id)).first()
    if bloc_year is None:
        raise RuleViolation("scope-unknown", "Không còn bảng điểm này. Mở lại từ trang Chấm điểm.")
    known = tuple(s.slug for s in stages_of(bloc_year.pk))
    return bloc_year, parse_stage_slug(stage, known or ("tu-cham", "khoi"))


def _readable_table(actor: Actor, bloc_year: BlocYear, slug: str) -> ScoreTable:
    table = table_of(bloc_year, slug)
    if table is None:
        raise RuleViolation("no-scheme", "Bảng điểm của năm chưa công bố. Công bố bảng điểm rồi nhập điểm.")
    if table.is_locked:
        raise RuleViolation("table-locked", "Bảng điểm đã chốt, không nhập thêm được. Đề nghị mở lại bảng điểm.")
    state = table.stage.state
    # only the command line opens a step by bringing its scores
    if state != StageState.OPEN and not (actor.is_system and not ScoreEntry.objects.filter(stage=table.stage).exists()):
        if state == StageState.NOT_OPEN:
            raise RuleViolation("stage-not-open", f"Bước {table.stage.name} chưa mở. Trưởng khối mở bước này rồi nhập.")
        raise RuleViolation("stage-closed", f"Bước {table.stage.name} đã đóng, không nhập điểm được.")
    return table


def _whole(message: str) -> Preview:
    return Preview(faults=(Fault("", "", "", "", message),))


def check_scores(actor: Actor, workbook: Workbook, scope: str) -> Preview:
    try:
        bloc_year, slug = score_scope(scope)
        table = _readable_table(actor, bloc_year, slug)
    except RuleViolation as refusal:
        return _whole(refusal.message)
    read = read_scores(workbook, table)
    units = {c.unit_id: c for c in table.columns}
    for unit_id in dict.fromkeys(u for u, c in read.entered if _differs(table, read, (u, c))):
        verdict = can_record_score(actor, bloc_year, slug, unit_id, table.officers_units)
        if not verdict:
            read.faults.append(Fault("", "", units[unit_id].code, "", verdict.reason))
    if read.faults:
        return Preview(faults=tuple(read.faults), notices=tuple(read.notices))
    created, changed, unchanged = [], [], []
    for (unit_id, criterion_id), (entered, _note) in read.entered.items():
        criterion, held = table.facts.by_id[criterion_id], table.cell(unit_id, criterion_id)
        what = f"{units[unit_id].short}, {criterion.code}"
        new = format_cell(entered, criterion)
        if not _differs(table, read, (unit_id, criterion_id)):
            unchanged.append(what)
        elif _is_new(table, (unit_id, criterion_id)):
            created.append(Change(what, new=new))
        else:
            changed.append(Change(what, new=new, old=format_cell(held.entered, criterion)))
    return Preview(tuple(created), tuple(changed), tuple(unchanged), notices=tuple(read.notices))


def confirm_scores(*, by: Actor, workbook: Workbook, scope: str) -> Outcome:
    """Write every differing cell in one statement and one event, or nothing at all.

    On the command line the step is opened where nothing was entered in it yet; a page never opens one.
    """
    with transaction.atomic():
        bloc_year, slug = score_scope(scope)
        if by.is_system:
            prepare_table(by=by, bloc_year_id=bloc_year.pk)
        lock_table_of(bloc_year.pk)
        table = _readable_table(by, bloc_year, slug)
        if table.stage.state != StageState.OPEN:
            open_stage(by=by, stage_id=table.stage.pk)
        read = read_scores(workbook, table)
        if read.faults:
            raise RuleViolation("workbook-faults", read.faults[0].line())
        writes = _writes(table, read)
        is_new = {place for place in read.entered if _is_new(table, place)}
        for outcome in record_scores(by=by, stage=slug, writes=writes, key=uuid4()):
            if outcome.refusal is not None:
                raise outcome.refusal
    unit_of = {c.sheet_id: c.unit_id for c in table.columns}
    created = sum((unit_of[w.sheet_id], w.criterion_id) in is_new for w in writes)
    return Outcome(created=created, changed=len(writes) - created, unchanged=len(read.entered) - len(writes))


def scores_template() -> bytes:
    example: list[dict[str, Any]] = [
        {"unit": "SGDDT", "criterion": "I.1", "target": Decimal(100), "actual": Decimal(95)},
        {"unit": "SGDDT", "criterion": "I.2", "points": Decimal("18.5"), "note": "Chậm 01 đề án"},
        {"unit": "SGDDT", "criterion": "II.1", "level": "Tốt"},
        {"unit": "SYT", "criterion": "I.1", "not_assigned": True},
    ]
    return template_xlsx(SCORES, example)
