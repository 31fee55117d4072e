"""A kind of import for the tests of the machinery: codes with a number, kept in a dictionary."""

from __future__ import annotations

from thidua.exchange.columns import Column, Table, parse_table
from thidua.exchange.kinds import Change, ImportKind, Outcome, Preview, kind_of, register
from thidua.exchange.writer import template_xlsx
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation
from thidua.lib.verdict import ALLOWED, Verdict, refused

TABLE = Table("Số", (Column("code", "Mã", required=True), Column("points", "Điểm", "number", required=True)))
STORE: dict[str, str] = {}


def can_import(actor: Actor, scope: str) -> Verdict:
    if scope == "hidden":
        return refused("Không có.", "not-found")
    return refused("Việc này dành cho thư ký.") if scope == "closed" else ALLOWED


def check(actor: Actor, workbook, scope: str) -> Preview:
    parsed = parse_table(workbook.first, TABLE)
    if parsed.faults:
        return Preview(faults=parsed.faults, notices=parsed.notices)
    created, changed, same = [], [], []
    for row in parsed.rows:
        code, new = row["code"], str(row["points"])
        if code not in STORE:
            created.append(Change(code, new))
        elif STORE[code] != new:
            changed.append(Change(code, new, STORE[code]))
        else:
            same.append(code)
    return Preview(tuple(created), tuple(changed), tuple(same), (), parsed.notices)


def confirm(*, by: Actor, workbook, scope: str) -> Outcome:
    preview = check(by, workbook, scope)
    if preview.faults:
        raise RuleViolation("faults", "Có lỗi.")
    STORE.update({c.what: c.new for c in (*preview.created, *preview.changed)})
    return Outcome(len(preview.created), len(preview.changed), len(preview.unchanged))


KIND = kind_of("so-mau") or register(
    ImportKind(
        slug="so-mau",
        title="Nhập số mẫu",
        help="Mỗi dòng một mã.",
        tables=(TABLE,),
        check=check,
        confirm=confirm,
        can_import=can_import,
        template=lambda: template_xlsx(TABLE, [{"code": "A", "points": 1}]),
    )
)
