"""A scheme from a spreadsheet: its columns, reading, what it would change, writing it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scoring import labels
from scoring.actions.scheme import import_scheme
from scoring.models import Scheme
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
from scoring.rules.scheme import faults, parse_bands, parse_params, parse_ties
from scoring.rules.states import Rule
from thidua.exchange.columns import Column, Fault, Table, parse_settings, parse_table, read_value
from thidua.exchange.kinds import Change, Outcome, Preview
from thidua.exchange.workbook import Sheet, Workbook, heading_key
from thidua.exchange.writer import SheetSpec, template_xlsx
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation

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
        told = "Bảng điểm của năm đã công bố. Bấm “Lập bản mới” ở trang Tiêu chí, nêu lý do, rồi tải lại tệp."
        return Preview(faults=(Fault("", "", "", "", told),))
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
