"""Import of units and of blocs' years (docs of the workbooks 1 and 2): from cells to lines, from faults to cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from blocs import labels
from blocs.actions.bloc import import_blocs
from blocs.actions.unit import import_units
from blocs.models import Province
from blocs.permissions import OFFICE_ONLY, staff_provinces
from blocs.queries.bloc import plan_of_blocs
from blocs.queries.unit import known_units, plan_of_units
from blocs.rules.imports import BlocLine, BlocPlan, LineFault, UnitLine, UnitPlan
from blocs.rules.states import BlocKind, BlocLevel, LeadRole, SuccessionKind, UnitCategory
from thidua.exchange.columns import Column, Fault, ParsedRow, Table, parse_table
from thidua.exchange.kinds import Change, ImportKind, Outcome, Preview
from thidua.exchange.models import ImportRun
from thidua.exchange.queries import workbook_of
from thidua.exchange.workbook import Workbook
from thidua.exchange.writer import template_xlsx
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused
from thidua.lib.vietnamese import format_date
from thidua.pending.actions import propose

CATEGORY_WORDS = {
    "sở/ban/ngành": UnitCategory.DEPARTMENT.value,
    "ngành dọc": UnitCategory.CENTRAL_AGENCY.value,
    "đơn vị sự nghiệp": UnitCategory.PUBLIC_SERVICE.value,
    "cơ quan Đảng": UnitCategory.PARTY_BODY.value,
    "đoàn thể": UnitCategory.MASS_ORG.value,
    "doanh nghiệp": UnitCategory.ENTERPRISE.value,
    "trường": UnitCategory.SCHOOL.value,
    "xã/phường/đặc khu": UnitCategory.COMMUNE.value,
    "huyện": UnitCategory.DISTRICT.value,
    "tỉnh": UnitCategory.PROVINCE.value,
}
# Single words of the composed kinds, as offices write them.
CATEGORY_CHOICES = (
    CATEGORY_WORDS
    | {words.lower(): value for value, words in labels.UNIT_CATEGORY.items()}
    | dict.fromkeys(("sở", "ban", "ngành", "sở ban ngành"), UnitCategory.DEPARTMENT.value)
    | dict.fromkeys(("xã", "phường", "đặc khu"), UnitCategory.COMMUNE.value)
    | dict.fromkeys(("huyện/quận/thị xã", "huyện (chỉ trước 01/7/2025)"), UnitCategory.DISTRICT.value)
)
SUCCESSION_CHOICES = {
    "đổi tên": SuccessionKind.RENAME.value,
    "sáp nhập": SuccessionKind.MERGE.value,
    "chia tách": SuccessionKind.SPLIT.value,
    "giải thể": SuccessionKind.DISSOLVE.value,
}
LEVEL_CHOICES = {
    "trung ương": BlocLevel.CENTRAL.value,
    "tỉnh": BlocLevel.PROVINCE.value,
    "xã": BlocLevel.COMMUNE.value,
    "ngành": BlocLevel.SECTOR.value,
}
ROLE_CHOICES = {
    "Trưởng khối": LeadRole.LEAD.value,
    "Phó Trưởng khối": LeadRole.DEPUTY.value,
    "Thành viên": "",
    "Khối trưởng": LeadRole.LEAD.value,
    "Cụm trưởng": LeadRole.LEAD.value,
    "Trưởng cụm": LeadRole.LEAD.value,
    "Khối phó": LeadRole.DEPUTY.value,
    "Cụm phó": LeadRole.DEPUTY.value,
    "Phó Trưởng cụm": LeadRole.DEPUTY.value,
}

UNITS = Table(
    "Đơn vị",
    (
        Column("code", "Mã", required=True, max_length=30, note="Mã riêng của cơ quan, không dùng lại trong tỉnh."),
        Column("name", "Tên", required=True, max_length=200, width=44),
        Column("short_name", "Tên ngắn", max_length=40),
        Column("province", "Tỉnh", required=True, max_length=80, note="Tên hoặc mã tỉnh tại ngày Hiệu lực từ."),
        Column("category", "Loại", "choice", required=True, choices=CATEGORY_CHOICES, width=20),
        Column("valid_from", "Hiệu lực từ", "date", note="Trống: chưa rõ; khi đó Tỉnh được tìm theo tên."),
        Column("valid_to", "Hiệu lực đến", "date", note="Ngày cuối cùng. Trống: còn hiệu lực."),
        Column("successors", "Kế thừa bởi", max_length=400, note="Mã các đơn vị kế thừa, cách nhau bằng dấu ;"),
        Column("succession_kind", "Hình thức kế thừa", "choice", choices=SUCCESSION_CHOICES),
        Column("decision", "Quyết định", max_length=200, width=30),
        Column("head_title", "Chức danh thủ trưởng", max_length=80, note="Không bắt buộc. Ví dụ Giám đốc."),
        Column("paper_lines", "Tên in", max_length=240, note="Tên trên giấy tờ, xuống dòng bằng dấu |"),
        Column("superior_lines", "Cơ quan chủ quản", max_length=200, note="Dòng trên tên, xuống dòng bằng dấu |"),
        Column("symbol", "Ký hiệu", max_length=30, note="Ký hiệu văn bản, ví dụ SGDĐT."),
        Column("place", "Địa danh", max_length=80, note="Nơi ghi trên giấy tờ, ví dụ Bắc Ninh."),
    ),
    ("Ô để trống không làm thay đổi dữ liệu đã có.", "Nhập lại cùng một tệp không thay đổi gì."),
)
BLOCS = Table(
    "Khối",
    (
        Column("code", "Mã khối", required=True, max_length=30),
        Column("name", "Tên khối", required=True, max_length=240, width=50),
        Column("short_name", "Tên ngắn", max_length=120, width=30),
        Column("level", "Cấp", "choice", required=True, choices=LEVEL_CHOICES),
        Column("province", "Tỉnh", required=True, max_length=80, note="Tên hoặc mã tỉnh trong năm đó."),
        Column("year", "Năm", "count", required=True),
        Column("decision", "Số quyết định", max_length=60),
        Column("decided_on", "Ngày quyết định", "date"),
        Column("issuer", "Cơ quan quyết định", max_length=160, width=24),
        Column("unit", "Mã đơn vị", required=True, max_length=120, note="Đơn vị ở tỉnh khác: ghi Tỉnh/Mã."),
        Column("role", "Vai trò", "choice", required=True, choices=ROLE_CHOICES, width=18),
        Column("kind", "Loại", "choice", choices={"Khối": BlocKind.KHOI.value, "Cụm": BlocKind.CUM.value}),
    ),
    ("Mỗi dòng một đơn vị thành viên. Các dòng của một năm là toàn bộ danh sách thành viên của năm đó.",),
)
_UNIT_EXAMPLE = (
    {"code": "SGDDT", "name": "Sở Giáo dục và Đào tạo", "short_name": "Sở GDĐT", "province": "Bắc Ninh",
     "category": "sở/ban/ngành", "head_title": "Giám đốc", "symbol": "SGDĐT", "place": "Bắc Ninh"},
    {"code": "BHXH", "name": "Bảo hiểm xã hội tỉnh", "short_name": "BHXH tỉnh", "province": "Bắc Ninh",
     "category": "ngành dọc", "head_title": "Giám đốc"},
)  # fmt: skip
_BLOC_EXAMPLE = tuple(
    {"code": "BN-VHXH", "name": "Khối thi đua Văn hóa - Xã hội", "short_name": "Khối VH-XH", "level": "tỉnh",
     "province": "Bắc Ninh", "year": 2026, "decision": "12/QĐ-UBND", "issuer": "UBND tỉnh", "unit": code, "role": role}
    for code, role in (("SGDDT", "Trưởng khối"), ("BHXH", "Thành viên"))
)  # fmt: skip


# ---------------------------------------------------------------- common
def can_import_register(actor: Actor, scope: str) -> Verdict:
    """The standing agency imports for its provinces; the command line for all."""
    if actor.is_system or staff_provinces(actor):
        return ALLOWED
    return refused(OFFICE_ONLY)


def _allowed(actor: Actor) -> frozenset[int] | None:
    return None if actor.is_system else staff_provinces(actor)


def _faults(found: Sequence[LineFault], rows: Sequence[ParsedRow], incomplete: bool, unsure: set[str]) -> list[Fault]:
    """At their cells; where lines are unreadable, faults that may only come from that are left for the next time."""
    return [rows[f.line].fault(f.column, f.message) for f in found if not (incomplete and f.column in unsure)]


def _shown(name: str, value: Any, provinces: dict[int, str]) -> str:
    words = {"category": labels.UNIT_CATEGORY, "level": labels.BLOC_LEVEL, "kind": labels.BLOC_KIND}
    if name in words:
        return words[name].get(value, str(value or ""))
    if name == "province_id":
        return provinces.get(value, "")
    return format_date(value) if hasattr(value, "year") else str(value or "")


def _province_names() -> dict[int, str]:
    return {p.pk: str(p) for p in Province.objects.all()}


# ----------------------------------------------------------------- units
_UNIT_HEADINGS = {c.key: c.heading for c in UNITS.columns} | {"founding": "Quyết định"}


def _read_units(workbook: Workbook) -> tuple[list[UnitLine], list[ParsedRow], list[Fault], list[str], bool]:
    parsed = parse_table(workbook.sheet("Đơn vị", "Don vi") or workbook.first, UNITS)
    rows = [r for r in parsed.rows if not r.is_faulty]
    usable = not any(not f.value and f.message.startswith("thiếu cột") for f in parsed.faults)
    lines = [UnitLine(**dict(r)) for r in rows] if usable else []
    return lines, rows, list(parsed.faults), list(parsed.notices), len(rows) < len(parsed.rows)


def check_units(actor: Actor, workbook: Workbook, scope: str) -> Preview:
    """What the list would do, or everything that is wrong with it."""
    lines, rows, faults, notices, incomplete = _read_units(workbook)
    plan = plan_of_units(lines, _allowed(actor)) if lines else UnitPlan()
    faults += _faults(plan.faults, rows, incomplete, {"successors"})
    if not faults and not lines:
        faults.append(Fault(workbook.first.name, "A1", "", "", "chưa có dòng đơn vị nào. Điền theo tệp mẫu."))
    return _unit_preview(plan, faults, [*notices, *plan.notices])


def _unit_preview(plan: UnitPlan, faults: Sequence[Fault], notices: Sequence[str]) -> Preview:
    if faults:
        return Preview(faults=tuple(faults), notices=tuple(notices))
    provinces = _province_names()
    known = {k.facts.id: k.facts for k in known_units()} if plan.changed else {}
    created = [
        Change(
            f"{n.values['name']} ({n.key[1]})", f"{provinces[n.key[0]]}, {labels.UNIT_CATEGORY[n.values['category']]}"
        )
        for n in plan.created
    ]
    changed = [
        Change(
            f"{known[c.unit_id].name} ({known[c.unit_id].code}), {_UNIT_HEADINGS[name]}",
            _shown(name, value, provinces),
            _shown(name, c.before[name], provinces),
        )
        for c in plan.changed
        for name, value in c.after.items()
    ]
    changed += [
        Change(
            f"{s.predecessor[1]}, Kế thừa bởi",
            f"{labels.SUCCESSION_KIND[s.kind]} {'; '.join(code for _, code in s.successors)}".strip(),
        )
        for s in plan.successions
    ]
    return Preview(tuple(created), tuple(changed), tuple(plan.left_alone), (), tuple(notices))


@transaction.atomic
def confirm_units(*, by: Actor, workbook: Workbook, scope: str) -> Outcome:
    """Write the list through the action that judges it again."""
    lines, _, _, notices, _ = _read_units(workbook)
    preview = check_units(by, workbook, scope)
    plan = import_units(by=by, lines=lines)
    return Outcome(
        len(plan.created),
        len(preview.changed),
        len(plan.left_alone),
        (*notices, *plan.notices) if by.user_id else (),
        url=reverse("blocs:units"),
    )


# ----------------------------------------------------------------- blocs
_BLOC_HEADINGS = {"official_name": "Tên khối", "short_name": "Tên ngắn", "level": "Cấp", "kind": "Loại",
                  "province_id": "Tỉnh"}  # fmt: skip


def _read_blocs(workbook: Workbook) -> tuple[list[BlocLine], list[ParsedRow], list[Fault], list[str], bool]:
    parsed = parse_table(workbook.sheet("Khối", "Khoi") or workbook.first, BLOCS)
    rows = [r for r in parsed.rows if not r.is_faulty]
    usable = not any(not f.value and f.message.startswith("thiếu cột") for f in parsed.faults)
    lines = [BlocLine(**dict(r)) for r in rows] if usable else []
    return lines, rows, list(parsed.faults), list(parsed.notices), len(rows) < len(parsed.rows)


def check_blocs(actor: Actor, workbook: Workbook, scope: str) -> Preview:
    """What the list would do, or everything that is wrong with it."""
    lines, rows, faults, notices, incomplete = _read_blocs(workbook)
    plan = plan_of_blocs(lines, _allowed(actor)) if lines else BlocPlan()
    faults += _faults(plan.faults, rows, incomplete, {"role"})
    if not faults and not lines:
        faults.append(Fault(workbook.first.name, "A1", "", "", "chưa có dòng nào của khối. Điền theo tệp mẫu."))
    return _bloc_preview(plan, faults, [*notices, *plan.notices])


def _bloc_preview(plan: BlocPlan, faults: Sequence[Fault], notices: Sequence[str]) -> Preview:
    if faults:
        return Preview(faults=tuple(faults), notices=tuple(notices))
    provinces = _province_names()
    created, changed = [], []
    for bloc in plan.blocs:
        if bloc.bloc_id is None:
            created.append(Change(f"Khối {bloc.code}", str(bloc.after["official_name"])))
            continue
        changed += [
            Change(
                f"Khối {bloc.code}, {_BLOC_HEADINGS[name]}",
                _shown(name, value, provinces),
                _shown(name, bloc.before[name], provinces),
            )
            for name, value in bloc.after.items()
        ]
    for year in plan.years:
        what = f"Khối {year.code}, năm {year.year}"
        if year.bloc_year_id is None:
            created.append(Change(what, f"{len(year.members)} đơn vị"))
        else:
            changed.append(Change(what, f"sửa {', '.join(year.changed)}"))
    return Preview(tuple(created), tuple(changed), tuple(plan.left_alone), (), tuple(notices))


@transaction.atomic
def confirm_blocs(*, by: Actor, workbook: Workbook, scope: str, run_id: int | None = None) -> Outcome:
    """Write the list; on the page (``run_id``) a second person of the standing agency confirms first (row 11)."""
    lines, _, _, notices, _ = _read_blocs(workbook)
    preview = check_blocs(by, workbook, scope)
    if run_id is not None and not by.is_system and not preview.changes_nothing:
        years = sorted({(line.code, line.year) for line in lines})
        propose(
            by=by,
            verb="blocs.import_blocs",
            args={"run_id": run_id},
            summary=f"Nhập khối từ tệp {workbook.filename}: " + ", ".join(f"{c} năm {y}" for c, y in years[:8]),
            scope=f"province:{min(staff_provinces(by))}",
        )
        return Outcome(waits_for="người thứ hai của Ban Thi đua", url=reverse("pending:steps"))
    plan = import_blocs(by=by, lines=lines)
    return Outcome(
        len(preview.created),
        len(preview.changed),
        len(plan.left_alone),
        (*notices, *plan.notices) if by.user_id else (),
        url=reverse("blocs:blocs"),
    )


@transaction.atomic
def perform_import_blocs(*, by: Actor, run_id: int) -> BlocPlan:
    """What the second person's confirmation does: the kept file, judged and written now."""
    run = ImportRun.objects.get(pk=run_id)
    lines, *_ = _read_blocs(workbook_of(run))
    return import_blocs(by=by, lines=lines)


IMPORT_UNITS = ImportKind(
    slug="don-vi",
    title="Nhập danh sách đơn vị",
    help="Mỗi dòng một đơn vị: mã, tên, tỉnh, loại, ngày hiệu lực, đơn vị kế thừa.",
    tables=(UNITS,),
    check=check_units,
    confirm=confirm_units,
    can_import=can_import_register,
    template=lambda: template_xlsx(UNITS, _UNIT_EXAMPLE),
    back_url=lambda scope: reverse("blocs:units"),
)
IMPORT_BLOCS = ImportKind(
    slug="khoi",
    title="Nhập khối và thành viên theo năm",
    help="Mỗi dòng một đơn vị thành viên của một khối trong một năm. Người thứ hai của Ban Thi đua xác nhận.",
    tables=(BLOCS,),
    check=check_blocs,
    confirm=confirm_blocs,
    can_import=can_import_register,
    template=lambda: template_xlsx(BLOCS, _BLOC_EXAMPLE),
    two_person=True,
    back_url=lambda scope: reverse("blocs:blocs"),
)
