"""The register of units: new ones, corrections, and what became of them (matrix row 10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.urls import reverse

from blocs import labels
from blocs.models import Province, ProvinceSuccession, Unit, UnitSuccession
from blocs.permissions import can_edit_unit
from blocs.queries.unit import known_units, plan_of_units, unit_facts, unit_links, units_of_province
from blocs.rules import imports
from blocs.rules import units as rules
from blocs.rules.states import SuccessionKind, UnitCategory
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text, fold

FIELDS = imports.UNIT_FIELDS
_REGISTER_LOCK = 7_120_101  # one writer of the register at a time: codes and names are compared over all rows
_LINES = ("name", "short_name", "founding", "paper_lines", "superior_lines", "head_title", "symbol", "place")


@transaction.atomic
def create_unit(*, by: Actor, province_id: int, code: str, values: Mapping[str, Any]) -> Unit:
    """A new unit in the register. Its code is new in the province for ever; its name is nobody else's meanwhile.

    ``values`` holds any of ``FIELDS``; name and category are needed.
    """
    _lock_register()
    province = Province.objects.get(pk=province_id)
    require(can_edit_unit(by, None, province.pk))
    unit = Unit(province=province, code=clean_text(code, one_line=True), **_cleaned(values))
    _decide(unit)
    _fill(unit)
    unit.save(force_insert=True)
    audit.record(by, "blocs.create_unit", unit, after={"code": unit.code, "province": str(province)} | _facts(unit))
    return unit


@transaction.atomic
def update_unit(*, by: Actor, unit_id: int, revision: int, values: Mapping[str, Any]) -> Unit:
    """Correct a unit's entry. A form opened before somebody else saved is a Conflict that shows both."""
    _lock_register()
    unit = Unit.objects.select_for_update(of=("self",)).select_related("province").get(pk=unit_id)
    require(can_edit_unit(by, unit))
    wanted = _cleaned(values)
    if unit.revision != revision:
        raise _stale(unit, wanted)
    before = _facts(unit)
    for name, value in wanted.items():
        setattr(unit, name, value)
    _decide(unit)
    _fill(unit)
    unit.revision += 1
    unit.save(update_fields=[*FIELDS, "name_key", "revision"])
    audit.record(by, "blocs.update_unit", unit, before=before, after=_facts(unit))
    return unit


@transaction.atomic
def succeed_unit(
    *,
    by: Actor,
    unit_id: int,
    revision: int,
    kind: str,
    happened_on: date,
    successor_ids: Sequence[int] = (),
    decision: str = "",
) -> Unit:
    """A unit is renamed, merged, split or dissolved: from ``happened_on`` the successors stand in its place,
    its own life ends the day before. Old years keep it under its old name."""
    _lock_register()
    unit = Unit.objects.select_for_update(of=("self",)).select_related("province").get(pk=unit_id)
    require(can_edit_unit(by, unit))
    if unit.revision != revision:
        raise _stale(unit, {})
    if unit.valid_to is not None:
        raise RuleViolation("unit-closed", "Đơn vị này đã hết hiệu lực. Sửa ngày hết hiệu lực trước nếu ghi nhầm.")
    successors = list(Unit.objects.filter(pk__in=set(successor_ids)).order_by("name", "id"))
    rules.check_succession(
        unit_facts(unit), SuccessionKind(kind), [unit_facts(u) for u in successors], happened_on, unit_links()
    )
    unit.valid_to = happened_on - timedelta(days=1)
    unit.revision += 1
    unit.save(update_fields=["valid_to", "revision"])
    _link(unit, successors, kind, happened_on, clean_text(decision, one_line=True))
    after = {"succession": labels.SUCCESSION_KIND[kind], "happened_on": happened_on, "valid_to": unit.valid_to}
    after |= {"successors": "; ".join(u.name for u in successors), "decision": clean_text(decision, one_line=True)}
    audit.record(by, "blocs.succeed_unit", unit, before={"valid_to": None}, after=after)
    return unit


@transaction.atomic
def close_unit(*, by: Actor, unit_id: int, revision: int, happened_on: date, decision: str = "") -> Unit:
    """A unit is dissolved: nobody stands in its place from ``happened_on``."""
    return succeed_unit(
        by=by,
        unit_id=unit_id,
        revision=revision,
        kind=SuccessionKind.DISSOLVE.value,
        happened_on=happened_on,
        decision=decision,
    )


@transaction.atomic
def import_units(*, by: Actor, lines: Sequence[imports.UnitLine]) -> imports.UnitPlan:
    """Write a whole list of units, judged as ``plan_of_units`` judges it; one event holds everything it changed.

    RuleViolation ``import-faults`` and nothing written when any line is at fault.
    """
    _lock_register()
    plan = plan_of_units(lines)
    if plan.faults:
        raise RuleViolation("import-faults", f"Danh sách có {len(plan.faults)} chỗ cần sửa. Chưa ghi dòng nào.")
    if not plan.changes_anything:
        return plan
    known = {k.facts.id: k for k in known_units()}
    touched = {n.key[0] for n in plan.created} | {known[c.unit_id].province_id for c in plan.changed}
    for province_id in touched | {s.predecessor[0] for s in plan.successions}:
        require(can_edit_unit(by, None, province_id))
    rows = []
    for new in plan.created:
        unit = Unit(province_id=new.key[0], code=new.key[1], **new.values)
        _fill(unit)
        rows.append(unit)
    Unit.objects.bulk_create(rows, batch_size=1000)
    changed = Unit.objects.select_for_update(of=("self",)).in_bulk([c.unit_id for c in plan.changed])
    for change in plan.changed:
        unit = changed[change.unit_id]
        for name, value in change.after.items():
            setattr(unit, name, value)
        unit.revision += 1
        _fill(unit)
    Unit.objects.bulk_create(  # one statement for many rows: an update of each field by case is twenty times slower
        changed.values(),
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*FIELDS, "name_key", "revision"],
    )
    _import_successions(plan)
    first = rows[0] if rows else None
    audit.record(
        by,
        "blocs.import_units",
        (Unit._meta.label_lower, first.pk if first and len(rows) == 1 else ""),
        before={changed[c.unit_id].code: dict(c.before) for c in plan.changed},
        after={n.key[1]: dict(n.values) for n in plan.created}
        | {changed[c.unit_id].code: dict(c.after) for c in plan.changed}
        | {
            f"{s.predecessor[1]} →": f"{labels.SUCCESSION_KIND[s.kind]}: {'; '.join(c for _, c in s.successors)}"
            for s in plan.successions
        },
    )
    return plan


@transaction.atomic
def load_provinces(*, by: Actor, rows: Sequence[Mapping[str, str]]) -> int:
    """Add the lives of provinces that are not there yet, with what they came from; returns how many were added.

    Rows as in ``blocs/data/provinces.csv``. What is there is left alone.
    """
    if not by.is_system:
        raise NotPermitted("system-only", "Danh mục tỉnh do quản trị hệ thống nạp bằng lệnh load_provinces.")
    there = {(p.name, p.kind, p.valid_from): p for p in Province.objects.all()}
    added = 0
    for row in rows:
        name, kind = clean_text(row["name_vi"], one_line=True), clean_text(row["kind"], one_line=True)
        start, end = _iso(row["valid_from"]), _iso(row["valid_to"])
        if (name, kind, start) not in there:
            there[name, kind, start] = Province.objects.create(
                code=row["code"], name=name, kind=kind, name_key=fold(name), valid_from=start, valid_to=end
            )
            added += 1
    for row in rows:
        start = _iso(row["valid_from"])
        if start is None:
            continue
        after = there[clean_text(row["name_vi"], one_line=True), clean_text(row["kind"], one_line=True), start]
        for words in filter(None, row["predecessors"].split(";")):
            code, name = words.split("/", 1)
            before = next(
                p
                for p in there.values()
                if p.code == code and p.name == clean_text(name) and p.valid_to == start - timedelta(days=1)
            )
            ProvinceSuccession.objects.get_or_create(predecessor=before, successor=after)
    if added:
        audit.record(by, "blocs.load_provinces", ("blocs.province", ""), after={"count": added})
    return added


def _lock_register() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_REGISTER_LOCK])


def _iso(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _cleaned(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"not fields of a unit: {sorted(unknown)}")
    return {n: clean_text(v, one_line=True) if n in _LINES else v for n, v in values.items()}


def _facts(unit: Unit) -> dict[str, Any]:
    return {name: getattr(unit, name) for name in FIELDS}


def _decide(unit: Unit) -> None:
    UnitCategory(unit.category)
    rules.check_life(unit.valid_from, unit.valid_to)
    others = units_of_province(unit.province_id)
    if unit.pk is None and any(u.code == unit.code for u in others):
        raise RuleViolation(
            "unit-code", f"Mã {unit.code} đã có trong tỉnh và không dùng lại. Chọn mã khác.", field="code"
        )
    rules.check_no_namesake(unit.name, unit.valid_from, unit.valid_to, others, own_code=unit.code)


def _fill(unit: Unit) -> None:
    unit.name_key = fold(f"{unit.name} {unit.short_name} {unit.code}")[:260]


def _stale(unit: Unit, wanted: Mapping[str, Any]) -> Conflict:
    differs = {n: v for n, v in wanted.items() if getattr(unit, n) != v}
    words = {f.name: f.verbose_name for f in Unit._meta.get_fields() if hasattr(f, "verbose_name")}
    return Conflict(
        "stale-unit",
        "Người khác vừa sửa đơn vị này. Xem hai bản bên dưới, mở lại trang rồi sửa tiếp.",
        details={
            "theirs": "\n".join(f"{words[n]}: {_shown(n, getattr(unit, n))}" for n in differs),
            "yours": "\n".join(f"{words[n]}: {_shown(n, v)}" for n, v in differs.items()),
            "url": reverse("blocs:unit", args=[unit.pk]),
        },
    )


def _shown(name: str, value: Any) -> str:
    if name == "category":
        return labels.UNIT_CATEGORY.get(value, str(value))
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    return str(value or "")


def _link(unit: Unit, successors: Sequence[Unit], kind: str, happened_on: date | None, decision: str) -> None:
    UnitSuccession.objects.bulk_create(
        UnitSuccession(predecessor=unit, successor=after, kind=kind, happened_on=happened_on, decision=decision)
        for after in (successors or [None])
    )


def _import_successions(plan: imports.UnitPlan) -> None:
    keys = {key for s in plan.successions for key in (s.predecessor, *s.successors)}
    rows = Unit.objects.filter(province_id__in={k[0] for k in keys}, code__in={k[1] for k in keys})
    by_key = {(u.province_id, u.code): u for u in rows}
    for s in plan.successions:
        unit = by_key[s.predecessor]
        UnitSuccession.objects.filter(predecessor=unit).delete()
        _link(unit, [by_key[k] for k in s.successors], s.kind, s.happened_on, s.decision)
