"""Schemes and scores in and out of spreadsheets (workbooks.md sections 3 and 4).

A file is checked whole; each fault names sheet, cell, column and value. What is written goes through the same
actions and rules as on the pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.urls import reverse

from blocs.models import BlocYear
from blocs.queries.visible import visible_bloc_years
from scoring import labels
from scoring.actions.scheme import import_scheme
from scoring.actions.sheet import CellWrite, record_scores
from scoring.actions.table import open_stage, prepare_table
from scoring.models import Scheme, ScoreEntry, Stage
from scoring.permissions import can_draft_scheme, can_import_scores, can_record_score
from scoring.queries.locks import lock_table_of
from scoring.queries.scheme import (
    LineInput,
    OptionsInput,
    draft_scheme,
    facts_of_input,
    lines_of,
    options_of,
    published_scheme,
)
from scoring.queries.scheme_compare import compare_schemes
from scoring.queries.table import Table as ScoreTable
from scoring.queries.table import stages_of, table_of
from scoring.rules.entered import Entered, check_entered, format_cell, match_level, parse_cell
from scoring.rules.scheme import CriterionFacts, faults, parse_bands, parse_params, parse_ties
from scoring.rules.states import Rule, StageState, parse_stage_slug
from thidua.exchange.columns import (
    Column,
    Fault,
    Parsed,
    ParsedRow,
    Table,
    headings_of,
    parse_settings,
    parse_table,
    read_value,
)
from thidua.exchange.kinds import Change, ImportKind, Outcome, Preview
from thidua.exchange.workbook import Cell, Sheet, Workbook, heading_key
from thidua.exchange.writer import SheetSpec, table_sheet, template_xlsx, write_xlsx
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation
from thidua.lib.verdict import Verdict, refused

SETTINGS = "Thiết lập"
KINDS = {words: value for value, words in labels.CRITERION_KIND.items()}
RULES = {words: value for value, words in labels.RULE.items()}
POLICIES = {words: value for value, words in labels.NOT_APPLICABLE.items()}
RANK_BY = {words: value for value, words in labels.RANK_BY.items()}

SCHEME = Table(
    "Bảng điểm",
    (
        Column("code", "Mã", required=True, max_length=30, width=10),
        Column("parent_code", "Mã cha", max_length=30, width=10),
        Column("title", "Nội dung", required=True, max_length=600, width=60),
        Column("kind", "Loại", "choice", required=True, choices=KINDS, width=14),
        Column("max_points", "Điểm tối đa", "number", width=12),
        Column("rule", "Cách tính", "choice", required=True, choices=RULES, width=18),
        Column("params", "Tham số", max_length=500, width=34),
        Column("not_applicable", "Không áp dụng", "choice", choices=POLICIES, width=16),
        Column("evidence", "Minh chứng", max_length=400, width=30),
        Column("guidance", "Hướng dẫn", "text", width=40),
    ),
    notes=(
        "Thứ tự các dòng là thứ tự in. Mã là số in trên bảng điểm.",
        "Tổng điểm tiêu chí con bằng điểm tối đa của mục; tổng các mục bằng Tổng điểm ở trang “Thiết lập”.",
    ),
)
NEEDED_COLUMNS = ("code", "parent_code", "title", "kind", "max_points", "rule")
OPTIONS: tuple[tuple[str, Column], ...] = (
    ("total_points", Column("total_points", "Tổng điểm", "number")),
    ("bonus_cap", Column("bonus_cap", "Trần điểm thưởng", "number")),
    ("digits", Column("digits", "Làm tròn", "count")),
    ("bands", Column("bands", "Xếp loại", max_length=500)),
    ("ties", Column("ties", "Đồng hạng", max_length=300)),
    ("rank_by", Column("rank_by", "Xếp hạng theo", "choice", choices=RANK_BY)),
    ("title", Column("title", "Tên bảng điểm", max_length=300)),
    ("legal_basis", Column("legal_basis", "Căn cứ", max_length=300)),
)
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


# -------------------------------------------------------------- schemes
@dataclass(frozen=True)
class ReadScheme:
    """A scheme as a file gives it, with everything wrong in it."""

    options: OptionsInput
    lines: tuple[LineInput, ...]
    faults: tuple[Fault, ...]
    notices: tuple[str, ...]


def read_scheme(workbook: Workbook) -> ReadScheme:
    """Read both sheets and judge the whole; faults of structure are found only where every cell could be read."""
    settings = workbook.sheet(SETTINGS)
    sheet = next((s for s in workbook.sheets if s is not settings and not s.is_hidden), workbook.first)
    parsed = parse_table(sheet, SCHEME)
    found = list(parsed.faults)
    notices = list(parsed.notices)
    for key in NEEDED_COLUMNS:
        column = SCHEME.column(key)
        if key not in parsed.present and not column.required:
            found.append(
                Fault(sheet.name, "A1", column.heading, "", "thiếu cột này. Thêm cột với đúng tên đó rồi tải lại.")
            )
    options = _read_options(settings, found, notices)
    lines: list[LineInput] = []
    for row in parsed.rows:
        if row["rule"]:
            try:
                parse_params(Rule(row["rule"]), row["params"] or "")
            except RuleViolation as refusal:
                found.append(row.fault("params", refusal.message))
        if not row.is_faulty and row["kind"] and row["rule"]:
            lines.append(
                LineInput(
                    code=row["code"],
                    title=row["title"],
                    kind=row["kind"],
                    rule=row["rule"],
                    parent_code=row["parent_code"] or "",
                    max_points=row["max_points"],
                    params=row["params"] or "",
                    not_applicable=row["not_applicable"] or labels_default(),
                    evidence=row["evidence"] or "",
                    guidance=row["guidance"] or "",
                )
            )
    if not found:
        for fault in faults(facts_of_input(options, lines)):
            place = parsed.rows[fault.criterion_id - 1] if fault.criterion_id else None
            key = {"parent": "parent_code", "children": "max_points"}.get(fault.field, fault.field)
            if place is not None:
                told = place.fault(key if key in parsed.present else "code", fault.message)
            else:
                heading = next((c.heading for k, c in OPTIONS if k == fault.field), "")
                told = Fault(settings.name if settings else sheet.name, "", heading, "", fault.message)
            if fault.is_error:
                found.append(told)
            else:
                notices.append(f"Lưu ý. {told.line()}")
    return ReadScheme(options, tuple(lines), tuple(found), tuple(notices))


def labels_default() -> str:
    return LineInput(code="", title="", kind="", rule="").not_applicable


def _read_options(sheet: Sheet | None, found: list[Fault], notices: list[str]) -> OptionsInput:
    if sheet is None:
        return OptionsInput()
    cells, wrong = parse_settings(sheet)
    found.extend(wrong)
    values: dict[str, Any] = {}
    known = {heading_key(column.heading): (key, column) for key, column in OPTIONS}
    readers = {"bands": parse_bands, "ties": parse_ties}
    for name, cell in cells.items():
        if name not in known:
            notices.append(f"Trang tính “{sheet.name}”: khóa “{name}” không dùng, đã bỏ qua.")
            continue
        key, column = known[name]
        try:
            value = read_value(cell, column, date_1904=sheet.date_1904)
            if value is not None:
                readers.get(key, lambda text: text)(value)
                values[key] = value
        except RuleViolation as refusal:
            found.append(Fault(sheet.name, cell.ref, column.heading, cell.shown, refusal.message))
    return OptionsInput(**values)


def check_scheme(actor: Actor, workbook: Workbook, scope: str, *, reason: str = "") -> Preview:
    """What the file would make of the year's draft, or of a new one beside the published scheme."""
    read = read_scheme(workbook)
    if read.faults:
        return Preview(faults=read.faults, notices=read.notices)
    draft, published = draft_scheme(int(scope)), published_scheme(int(scope))
    preview = _scheme_changes(read, draft or published)
    needs_reason = published is not None and not (draft and draft.reason)
    if needs_reason and not preview.changes_nothing and not reason and not actor.is_system:
        return _whole("Bảng điểm của năm đã công bố. Bấm “Lập bản mới” ở trang Tiêu chí, nêu lý do, rồi tải lại tệp.")
    return preview


def _scheme_changes(read: ReadScheme, held: Scheme | None) -> Preview:
    before = (options_of(held), lines_of(held)) if held else None
    found = compare_schemes(before, (read.options, read.lines))
    return Preview(
        tuple(Change(x.what, new=x.new) for x in found.added),
        tuple(Change(x.what, new=x.new or "bỏ dòng này", old=x.old) for x in (*found.changed, *found.removed)),
        found.unchanged,
        notices=read.notices,
    )


def confirm_scheme(
    *, by: Actor, workbook: Workbook, scope: str, publish: bool = False, reason: str = "", is_sample: bool = False
) -> Outcome:
    """Make or replace the draft; RuleViolation with every sentence when anything is wrong."""
    read = read_scheme(workbook)
    if read.faults:
        raise RuleViolation("workbook-faults", read.faults[0].line())
    changes = _scheme_changes(read, draft_scheme(int(scope)) or published_scheme(int(scope)))
    done = import_scheme(
        by=by,
        bloc_year_id=int(scope),
        options=read.options,
        lines=read.lines,
        publish=publish,
        reason=reason,
        is_sample=is_sample,
    )
    state = "đã công bố" if done.is_published else "bản nháp"
    return Outcome(
        created=len(changes.created),
        changed=len(changes.changed),
        unchanged=len(changes.unchanged),
        notices=(f"Bảng điểm bản {done.scheme.version}, {state}, {len(read.lines)} dòng.", *done.warnings),
    )


def scheme_template() -> bytes:
    example = [
        {"code": "I", "title": "Thực hiện nhiệm vụ được giao", "kind": "Mục", "max_points": Decimal(60),
         "rule": "Tổng"},
        {"code": "I.1", "parent_code": "I", "title": "Chỉ tiêu được giao trong năm", "kind": "Tiêu chí",
         "max_points": Decimal(40), "rule": "Tỷ lệ", "params": "ngưỡng=50%", "not_applicable": "bỏ khỏi thang",
         "evidence": "Báo cáo kết quả năm"},
        {"code": "I.2", "parent_code": "I", "title": "Chương trình công tác", "kind": "Tiêu chí",
         "max_points": Decimal(20), "rule": "Trực tiếp", "params": "bước=0,25"},
        {"code": "II", "title": "Công tác thi đua, khen thưởng", "kind": "Mục", "max_points": Decimal(40),
         "rule": "Tổng"},
        {"code": "II.1", "parent_code": "II", "title": "Xếp loại phong trào", "kind": "Tiêu chí",
         "max_points": Decimal(40), "rule": "Mức", "params": "Tốt=40; Khá=30; Đạt=20; Chưa đạt=0"},
        {"code": "T", "title": "Điểm thưởng sáng kiến", "kind": "Điểm thưởng", "max_points": Decimal(5),
         "rule": "Theo lần", "params": "mỗi lần=1"},
    ]  # fmt: skip
    options = SheetSpec(
        SETTINGS,
        ("Khóa", "Giá trị"),
        (
            ("Tổng điểm", Decimal(100)),
            ("Trần điểm thưởng", Decimal(5)),
            ("Làm tròn", Decimal(2)),
            ("Xếp loại", "Xuất sắc>=90; Tốt>=80; Khá>=65; Trung bình"),
            ("Đồng hạng", "I; thưởng"),
            ("Xếp hạng theo", "điểm"),
        ),
        widths=(22, 60),
    )
    return template_xlsx(SCHEME, example, extra=[options])


# --------------------------------------------------------------- scores
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
    for (unit_id, criterion_id), (entered, note) in read.entered.items():
        held = table.cell(unit_id, criterion_id)
        same_note = note is None or note == held.note
        if held.entered == entered and same_note:
            continue
        writes.append(CellWrite(sheets[unit_id] or 0, criterion_id, entered, held.revision, note))
    return writes


def _score_scope(scope: str) -> tuple[BlocYear, str]:
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
        bloc_year, slug = _score_scope(scope)
        table = _readable_table(actor, bloc_year, slug)
    except RuleViolation as refusal:
        return _whole(refusal.message)
    read = read_scores(workbook, table)
    units = {c.unit_id: c for c in table.columns}
    for unit_id in dict.fromkeys(u for u, _ in read.entered):
        verdict = can_record_score(actor, bloc_year, slug, unit_id, table.officers_units)
        if not verdict:
            read.faults.append(Fault("", "", units[unit_id].code, "", verdict.reason))
    if read.faults:
        return Preview(faults=tuple(read.faults), notices=tuple(read.notices))
    created, changed, unchanged = [], [], []
    for (unit_id, criterion_id), (entered, note) in read.entered.items():
        criterion, held = table.facts.by_id[criterion_id], table.cell(unit_id, criterion_id)
        what = f"{units[unit_id].short}, {criterion.code}"
        new = format_cell(entered, criterion)
        if held.entered.is_blank:
            created.append(Change(what, new=new))
        elif held.entered == entered and (note is None or note == held.note):
            unchanged.append(what)
        else:
            changed.append(Change(what, new=new, old=format_cell(held.entered, criterion)))
    return Preview(tuple(created), tuple(changed), tuple(unchanged), notices=tuple(read.notices))


def confirm_scores(*, by: Actor, workbook: Workbook, scope: str) -> Outcome:
    """Write every differing cell in one statement and one event, or nothing at all.

    On the command line the step is opened where nothing was entered in it yet; a page never opens one.
    """
    with transaction.atomic():
        bloc_year, slug = _score_scope(scope)
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
        is_new = {(u, c) for (u, c) in read.entered if table.cell(u, c).revision == 0}
        for outcome in record_scores(by=by, stage=slug, writes=writes, key=uuid4()):
            if outcome.refusal is not None:
                raise outcome.refusal
    unit_of = {c.sheet_id: c.unit_id for c in table.columns}
    created = sum((unit_of[w.sheet_id], w.criterion_id) in is_new for w in writes)
    return Outcome(created=created, changed=len(writes) - created, unchanged=len(read.entered) - len(writes))


def scores_template() -> bytes:
    example = [
        {"unit": "SGDDT", "criterion": "I.1", "target": Decimal(100), "actual": Decimal(95)},
        {"unit": "SGDDT", "criterion": "I.2", "points": Decimal("18.5"), "note": "Chậm 01 đề án"},
        {"unit": "SGDDT", "criterion": "II.1", "level": "Tốt"},
        {"unit": "SYT", "criterion": "I.1", "not_assigned": True},
    ]
    return template_xlsx(SCORES, example)


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


# ---------------------------------------------------------------- kinds
def _in_scope(actor: Actor, year_id: str) -> BlocYear | None:
    if not year_id.isdecimal():
        return None
    return visible_bloc_years(actor).select_related("bloc").filter(pk=int(year_id)).first()


def _can_import_scheme(actor: Actor, scope: str) -> Verdict:
    bloc_year = _in_scope(actor, scope)
    return refused("", "not-found") if bloc_year is None else can_draft_scheme(actor, bloc_year)


def _can_import_scores(actor: Actor, scope: str) -> Verdict:
    bloc_year = _in_scope(actor, scope.partition(":")[0])
    return refused("", "not-found") if bloc_year is None else can_import_scores(actor, bloc_year)


def _title(scope: str) -> str:
    year_id, _, slug = scope.partition(":")
    bloc_year = BlocYear.objects.select_related("bloc").filter(pk=int(year_id) if year_id.isdecimal() else 0).first()
    if bloc_year is None:
        return ""
    stage = Stage.objects.filter(bloc_year=bloc_year, slug=slug).first() if slug else None
    return f"{bloc_year}" + (f", bước {stage.name}" if stage else "")


SCHEME_KIND = ImportKind(
    slug="bang-diem",
    title="Nhập bảng điểm",
    help="Mỗi dòng là một mục hoặc tiêu chí. Tệp thay toàn bộ bản nháp bảng điểm của năm.",
    tables=(SCHEME,),
    check=check_scheme,
    confirm=confirm_scheme,
    can_import=_can_import_scheme,
    template=scheme_template,
    companion_sheet=SETTINGS,
    scope_title=_title,
    back_url=lambda scope: reverse("scoring:scheme", args=[scope]),
)
SCORES_KIND = ImportKind(
    slug="diem",
    title="Nhập điểm",
    help="Dạng dài (một dòng một ô) hoặc dạng bảng (một dòng một tiêu chí, một cột một đơn vị).",
    tables=(SCORES,),
    check=check_scores,
    confirm=confirm_scores,
    can_import=_can_import_scores,
    template=scores_template,
    scope_title=_title,
    hold=lambda scope: lock_table_of(_score_scope(scope)[0].pk),
    back_url=lambda scope: reverse("scoring:grid", args=[scope.partition(":")[0]]),
)
