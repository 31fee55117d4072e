"""What an imported list of units or blocs would do: every fault by line and column, or the whole change. Pure.

A list is judged whole. A cell left blank says nothing and changes nothing, so that the same file read twice
leaves everything alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from blocs.rules import units as unit_rules
from blocs.rules.states import BlocKind, LeadRole, SuccessionKind
from blocs.rules.units import ProvinceFacts, UnitFacts
from thidua.lib.errors import RuleViolation
from thidua.lib.periods import overlap
from thidua.lib.vietnamese import FIRST_YEAR, LAST_YEAR, fold, format_date

UNIT_FIELDS = (
    "name",
    "short_name",
    "category",
    "valid_from",
    "valid_to",
    "founding",
    "paper_lines",
    "superior_lines",
    "head_title",
    "symbol",
    "place",
)
Key = tuple[int, str]  # a unit: its province and its code
_NOT_YOURS = "không thuộc nơi bạn phụ trách. Bỏ dòng này, hoặc nhờ Ban Thi đua của tỉnh đó nhập."


@dataclass(frozen=True, slots=True)
class LineFault:
    """One thing to repair: the index of the line, the column's key, what to do."""

    line: int
    column: str
    message: str


# ---------------------------------------------------------------- units
@dataclass(frozen=True, slots=True)
class UnitLine:
    """One line of the list of units; None where the cell is blank."""

    code: str
    name: str
    province: str
    category: str
    short_name: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    successors: str | None = None
    succession_kind: str | None = None
    decision: str | None = None
    paper_lines: str | None = None
    superior_lines: str | None = None
    head_title: str | None = None
    symbol: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True)
class KnownUnit:
    """A unit there already."""

    facts: UnitFacts
    province_id: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownSuccession:
    predecessor_id: int
    successor_id: int | None
    kind: str
    happened_on: date | None
    decision: str


@dataclass(frozen=True, slots=True)
class UnitChange:
    unit_id: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewUnit:
    key: Key
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewSuccession:
    """What became of one unit; replaces what was recorded of it."""

    predecessor: Key
    successors: tuple[Key, ...]
    kind: str
    happened_on: date | None
    decision: str


@dataclass(slots=True)
class UnitPlan:
    faults: list[LineFault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    created: list[NewUnit] = field(default_factory=list)
    changed: list[UnitChange] = field(default_factory=list)
    successions: list[NewSuccession] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)

    @property
    def changes_anything(self) -> bool:
        return bool(self.created or self.changed or self.successions)


@dataclass(frozen=True, slots=True)
class _Placed:
    index: int
    line: UnitLine
    key: Key
    known: KnownUnit | None
    facts: UnitFacts


def plan_units(
    lines: Sequence[UnitLine],
    known: Sequence[KnownUnit],
    successions: Sequence[KnownSuccession],
    provinces: Sequence[ProvinceFacts],
    following: Mapping[int, Iterable[int]] | None = None,
    allowed: frozenset[int] | None = None,
) -> UnitPlan:
    """Judge a list of units whole. ``following``: province -> the provinces it became part of; ``allowed``: the
    provinces the person keeps (None: all)."""
    plan = UnitPlan()
    by_key = {(u.province_id, u.facts.code): u for u in known}
    placed = _place_units(plan, lines, by_key, provinces, allowed)
    _check_names(plan, placed, known)
    targets: dict[Key, UnitFacts] = {(u.province_id, u.facts.code): u.facts for u in known}
    targets |= {p.key: p.facts for p in placed}
    links: dict[int, set[int]] = {}
    for s in successions:
        if s.successor_id is not None:
            links.setdefault(s.predecessor_id, set()).add(s.successor_id)
    recorded: dict[int, list[KnownSuccession]] = {}
    for known_one in successions:
        recorded.setdefault(known_one.predecessor_id, []).append(known_one)
    for one in placed:
        succession = _succession(plan, one, targets, links, following or {})
        _change(plan, one, succession, recorded, by_key)
    return plan


def _place_units(
    plan: UnitPlan,
    lines: Sequence[UnitLine],
    by_key: Mapping[Key, KnownUnit],
    provinces: Sequence[ProvinceFacts],
    allowed: frozenset[int] | None,
) -> list[_Placed]:
    placed: list[_Placed] = []
    first_at: dict[Key, int] = {}
    for index, line in enumerate(lines):
        try:
            province = _province_of(line, by_key, provinces)
        except RuleViolation as refusal:
            plan.faults.append(LineFault(index, "province", refusal.message))
            continue
        if allowed is not None and province.id not in allowed:
            plan.faults.append(LineFault(index, "province", f"{province.full} {_NOT_YOURS}"))
            continue
        if any(sign in line.code for sign in "/;"):
            plan.faults.append(
                LineFault(index, "code", "mã không được có dấu / hoặc ; vì hai dấu này ngăn cách các mã. Sửa mã.")
            )
            continue
        key = (province.id, line.code)
        if key in first_at:
            plan.faults.append(
                LineFault(index, "code", f"mã {line.code} của {province.full} có hai dòng. Giữ lại một dòng.")
            )
            continue
        first_at[key] = index
        known = by_key.get(key)
        start = line.valid_from or (known.facts.valid_from if known else None)
        end = line.valid_to or (known.facts.valid_to if known else None)
        try:
            unit_rules.check_life(start, end)
        except RuleViolation as refusal:
            plan.faults.append(LineFault(index, "valid_to", refusal.message))
        if line.category == "district" and start and start > date(2025, 6, 30):
            plan.faults.append(
                LineFault(index, "category", "cấp huyện kết thúc ngày 30/06/2025. Sửa loại hoặc ngày hiệu lực.")
            )
        facts = UnitFacts(known.facts.id if known else -1 - index, line.code, line.name, start, end)
        placed.append(_Placed(index, line, key, known, facts))
    return placed


def _province_of(line: UnitLine, by_key: Mapping[Key, KnownUnit], provinces: Sequence[ProvinceFacts]) -> ProvinceFacts:
    """By the day the unit began; without one by name, and then where the code is known, else where it ended."""
    if line.valid_from is not None:
        return unit_rules.province_at(line.province, line.valid_from, provinces)
    found = unit_rules.province_at(line.province, None, provinces)
    lives = [p for p in unit_rules.matching_provinces(line.province, provinces) if p.key == found.key]
    holding = [p for p in lives if (p.id, line.code) in by_key]
    if len(holding) == 1:
        return holding[0]
    if line.valid_to is not None:
        return unit_rules.province_at(line.province, line.valid_to, lives)
    return found


def _check_names(plan: UnitPlan, placed: Sequence[_Placed], known: Sequence[KnownUnit]) -> None:
    """No two units of a file carry one name in one province at one time (quality.md B46).

    The name of a unit that is there already under another code is told, not refused: an office may bring its own
    list beside one made by hand, and the codes are what identifies.
    """
    in_file = {p.key for p in placed}
    others: dict[tuple[int, str], list[UnitFacts]] = {}
    for unit in known:
        if (unit.province_id, unit.facts.code) not in in_file:
            others.setdefault((unit.province_id, fold(unit.facts.name)), []).append(unit.facts)
    for one in placed:
        same = others.setdefault((one.key[0], fold(one.line.name)), [])
        found = unit_rules.namesake(
            one.line.name, one.facts.valid_from, one.facts.valid_to, same, own_code=one.line.code
        )
        if found and (one.key[0], found.code) in in_file:
            plan.faults.append(
                LineFault(
                    one.index,
                    "name",
                    f"tệp đã có đơn vị “{found.name}” (mã {found.code}) trong cùng thời gian. Dùng một mã, hoặc sửa"
                    " ngày hiệu lực.",
                )
            )
        elif found:
            plan.notices.append(
                f"Lưu ý: tỉnh đã có đơn vị “{found.name}” với mã {found.code}; mã {one.line.code} là đơn vị khác."
            )
        same.append(one.facts)


def _succession(
    plan: UnitPlan,
    one: _Placed,
    targets: Mapping[Key, UnitFacts],
    links: dict[int, set[int]],
    following: Mapping[int, Iterable[int]],
) -> NewSuccession | None:
    line = one.line
    codes = [c.strip() for c in (line.successors or "").split(";") if c.strip()]
    if not line.succession_kind:
        if codes:
            plan.faults.append(
                LineFault(one.index, "succession_kind", "có đơn vị kế thừa mà thiếu hình thức. Ghi: đổi tên, sáp nhập"
                          " hoặc chia tách.")
            )  # fmt: skip
        return None
    keys: list[Key] = []
    missing = False
    for code in codes:
        found = _successor(code, one.key[0], targets, following)
        if found is None:
            missing = True
            plan.faults.append(
                LineFault(
                    one.index,
                    "successors",
                    f"không có đơn vị mã {code} trong tỉnh. Sửa mã, hoặc thêm dòng của đơn vị đó.",
                )
            )
        elif found in keys:
            plan.faults.append(LineFault(one.index, "successors", f"mã {code} ghi hai lần. Giữ lại một lần."))
            missing = True
        else:
            keys.append(found)
    if missing:
        return None
    happened_on = one.facts.valid_to + timedelta(days=1) if one.facts.valid_to else None
    try:
        unit_rules.check_succession(
            one.facts, SuccessionKind(line.succession_kind), [targets[k] for k in keys], happened_on, links
        )
    except RuleViolation as refusal:
        column = "valid_to" if refusal.field == "happened_on" else "successors"
        plan.faults.append(LineFault(one.index, column, refusal.message))
        return None
    links.setdefault(one.facts.id, set()).update(targets[k].id for k in keys)
    if happened_on is None:
        plan.notices.append(f"{line.name} ({line.code}): chưa ghi ngày hết hiệu lực, nên vẫn được coi là còn hiệu lực.")
    return NewSuccession(one.key, tuple(keys), line.succession_kind, happened_on, line.decision or "")


def _successor(
    code: str, province_id: int, targets: Mapping[Key, UnitFacts], following: Mapping[int, Iterable[int]]
) -> Key | None:
    """Sought in the unit's own province, then in those it became part of."""
    todo, seen = [province_id], set()
    while todo:
        current = todo.pop(0)
        if (current, code) in targets:
            return current, code
        seen.add(current)
        todo.extend(p for p in following.get(current, ()) if p not in seen)
    return None


def _change(
    plan: UnitPlan,
    one: _Placed,
    succession: NewSuccession | None,
    recorded: Mapping[int, Sequence[KnownSuccession]],
    by_key: Mapping[Key, KnownUnit],
) -> None:
    said = {name: getattr(one.line, name) for name in UNIT_FIELDS if name != "founding"}
    said["founding"] = one.line.decision if not one.line.succession_kind else None
    said = {name: value for name, value in said.items() if value is not None}
    if one.known is None:
        plan.created.append(NewUnit(one.key, said))
        if succession:
            plan.successions.append(succession)
        return
    after = {name: value for name, value in said.items() if one.known.values.get(name) != value}
    if after:
        before = {name: one.known.values.get(name) for name in after}
        plan.changed.append(UnitChange(one.known.facts.id, before, after))
    fresh = False
    if succession:
        mine = recorded.get(one.known.facts.id, ())
        ids = {by_key[k].facts.id if k in by_key else None for k in succession.successors} or {None}
        unknown = any(k not in by_key for k in succession.successors)
        fresh = (
            unknown
            or {s.successor_id for s in mine} != ids
            or any(
                s.kind != succession.kind
                or (succession.happened_on and s.happened_on != succession.happened_on)
                or (succession.decision and s.decision != succession.decision)
                for s in mine
            )
        )
        if fresh:
            plan.successions.append(succession)
    if not after and not fresh:
        plan.left_alone.append(f"{one.line.name} ({one.line.code})")


# ---------------------------------------------------------------- blocs
@dataclass(frozen=True, slots=True)
class BlocLine:
    """One line of the list of blocs: one member of one bloc in one year; None where the cell is blank."""

    code: str
    name: str
    level: str
    province: str
    year: int
    unit: str
    role: str
    short_name: str | None = None
    kind: str | None = None
    decision: str | None = None
    decided_on: date | None = None
    issuer: str | None = None


@dataclass(frozen=True, slots=True)
class KnownDecision:
    id: int
    province_id: int
    number: str
    decided_on: date | None
    issuer: str


@dataclass(frozen=True, slots=True)
class KnownYear:
    id: int
    year: int
    is_closed: bool
    decision_id: int | None
    members: tuple[int, ...]
    leads: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class KnownBloc:
    id: int
    code: str
    province_id: int
    values: Mapping[str, Any]
    years: Mapping[int, KnownYear]


@dataclass(frozen=True, slots=True)
class PlannedBloc:
    """A bloc to make (``bloc_id`` None) or to change; ``after`` holds the fields that are new."""

    code: str
    bloc_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlannedDecision:
    province_id: int
    number: str
    decided_on: date | None
    issuer: str


@dataclass(frozen=True, slots=True)
class PlannedYear:
    """One bloc-year as the file has it: members in order, offices, decision (an id, a new one, or left)."""

    code: str
    year: int
    bloc_year_id: int | None
    members: tuple[int, ...]
    leads: Mapping[int, str]
    decision_id: int | None
    new_decision: PlannedDecision | None
    changed: tuple[str, ...]


@dataclass(slots=True)
class BlocPlan:
    faults: list[LineFault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    blocs: list[PlannedBloc] = field(default_factory=list)
    years: list[PlannedYear] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)

    @property
    def changes_anything(self) -> bool:
        return bool(self.blocs or self.years)


@dataclass(slots=True)
class _Group:
    code: str
    year: int
    lines: list[tuple[int, BlocLine]]
    province: ProvinceFacts | None = None


def plan_blocs(
    lines: Sequence[BlocLine],
    blocs: Sequence[KnownBloc],
    units: Sequence[KnownUnit],
    decisions: Sequence[KnownDecision],
    provinces: Sequence[ProvinceFacts],
    following: Mapping[int, Iterable[int]],
    today: date,
    allowed: frozenset[int] | None = None,
) -> BlocPlan:
    """Judge a list of blocs whole. A year's lines are its complete list of members, in order; ``allowed``: the
    provinces the person keeps (None: all)."""
    plan = BlocPlan()
    known = {b.code: b for b in blocs}
    unit_index: dict[str, list[KnownUnit]] = {}
    for unit in units:
        unit_index.setdefault(unit.facts.code, []).append(unit)
    made: list[PlannedDecision] = []
    groups: dict[tuple[str, int], _Group] = {}
    for index, line in enumerate(lines):
        if not FIRST_YEAR <= line.year <= LAST_YEAR:
            message = f"năm {line.year} nằm ngoài khoảng {FIRST_YEAR}-{LAST_YEAR}. Kiểm lại năm."
            plan.faults.append(LineFault(index, "year", message))
            continue
        groups.setdefault((line.code, line.year), _Group(line.code, line.year, [])).lines.append((index, line))
    by_code: dict[str, list[_Group]] = {}
    for group in sorted(groups.values(), key=lambda g: (g.lines[0][0], g.year)):
        bloc = known.get(group.code)
        _check_same(plan, group)
        group.province = _bloc_province(plan, group, provinces)
        if group.province is None:
            continue
        if allowed is not None and group.province.id not in allowed:
            plan.faults.append(LineFault(group.lines[0][0], "province", f"{group.province.full} {_NOT_YOURS}"))
            continue
        by_code.setdefault(group.code, []).append(group)
        members, leads = _members(plan, group, unit_index, provinces, today)
        decision_id, fresh = _decision(plan, group, decisions, made, today)
        _year(plan, group, bloc, members, leads, decision_id, fresh)
    for code, mine in by_code.items():
        _bloc(plan, code, known.get(code), mine, following, {p.id: p for p in provinces})
    return plan


_SAME = {
    "name": "Tên khối",
    "short_name": "Tên ngắn",
    "level": "Cấp",
    "province": "Tỉnh",
    "kind": "Loại",
    "decision": "Số quyết định",
    "decided_on": "Ngày quyết định",
    "issuer": "Cơ quan quyết định",
}


def _said(group: _Group, name: str) -> Any:
    return next((getattr(line, name) for _, line in group.lines if getattr(line, name) is not None), None)


def _check_same(plan: BlocPlan, group: _Group) -> None:
    for name, heading in _SAME.items():
        first = _said(group, name)
        for index, line in group.lines:
            value = getattr(line, name)
            if value is not None and value != first:
                shown = format_date(first) if isinstance(first, date) else first
                plan.faults.append(
                    LineFault(
                        index,
                        name,
                        f"{heading} của Khối {group.code} năm {group.year} ở dòng trước là “{shown}”. Ghi giống nhau.",
                    )
                )


def _bloc_province(plan: BlocPlan, group: _Group, provinces: Sequence[ProvinceFacts]) -> ProvinceFacts | None:
    index, line = group.lines[0]
    try:
        return unit_rules.province_in_year(line.province, group.year, provinces, _said(group, "decided_on"))
    except RuleViolation as refusal:
        plan.faults.append(LineFault(index, "province", refusal.message))
        return None


def _members(
    plan: BlocPlan,
    group: _Group,
    unit_index: Mapping[str, Sequence[KnownUnit]],
    provinces: Sequence[ProvinceFacts],
    today: date,
) -> tuple[tuple[int, ...], dict[int, str]]:
    members: list[int] = []
    leads: dict[int, str] = {}
    lead_at: int | None = None
    for index, line in group.lines:
        try:
            unit = _unit_of(line.unit, group, unit_index, provinces)
        except RuleViolation as refusal:
            plan.faults.append(LineFault(index, "unit", refusal.message))
            lead_at = index if line.role == LeadRole.LEAD else lead_at
            continue
        if unit.facts.id in members:
            plan.faults.append(
                LineFault(index, "unit", f"đơn vị {line.unit} có hai dòng trong năm {group.year}. Giữ lại một dòng.")
            )
            continue
        members.append(unit.facts.id)
        if line.role == LeadRole.LEAD:
            if lead_at is not None:
                plan.faults.append(
                    LineFault(index, "role", f"năm {group.year} đã có Trưởng khối ở dòng trước. Sửa vai trò một dòng.")
                )
            lead_at = index
        if line.role in (LeadRole.LEAD, LeadRole.DEPUTY):
            leads[unit.facts.id] = line.role
    if lead_at is None:
        message = f"Khối {group.code} năm {group.year} chưa có Trưởng khối."
        if group.year < today.year:
            plan.notices.append(f"{message} Năm đã qua: để trống, không suy đoán.")
        else:
            plan.faults.append(LineFault(group.lines[0][0], "role", f"{message} Ghi Trưởng khối cho một đơn vị."))
    return tuple(members), leads


def _unit_of(
    words: str, group: _Group, unit_index: Mapping[str, Sequence[KnownUnit]], provinces: Sequence[ProvinceFacts]
) -> KnownUnit:
    """A code is sought in the bloc's province of that year (by name: in its other lives too); "Tỉnh/Mã" elsewhere."""
    assert group.province is not None
    home, code = group.province, words.strip()
    if "/" in code:
        elsewhere, _, code = (part.strip() for part in code.partition("/"))
        home = unit_rules.province_in_year(elsewhere, group.year, provinces)
    found = [u for u in unit_index.get(code, ()) if u.province_id == home.id]
    if not found:
        lives = {p.id for p in provinces if p.key == home.key}
        named = [u for u in unit_index.get(code, ()) if u.province_id in lives]
        found = [u for u in named if _lives_in(u, group.year)] or named
    if not found:
        raise RuleViolation(
            "unit-unknown",
            f"{home.full} không có đơn vị mã {code}. Sửa mã, nhập đơn vị trước, hoặc ghi Tỉnh/Mã nếu ở tỉnh khác.",
        )
    unit = found[0]
    if not _lives_in(unit, group.year):
        life = unit_rules.life_in_words(unit.facts.valid_from, unit.facts.valid_to)
        raise RuleViolation(
            "unit-not-then",
            f"{unit.facts.name} có hiệu lực {life}, không có trong năm {group.year}. Dùng mã của đơn vị kế thừa.",
        )
    return unit


def _lives_in(unit: KnownUnit, year: int) -> bool:
    return overlap(unit.facts.valid_from, unit.facts.valid_to, date(year, 1, 1), date(year, 12, 31))


def _decision(
    plan: BlocPlan,
    group: _Group,
    decisions: Sequence[KnownDecision],
    made: list[PlannedDecision],
    today: date,
) -> tuple[int | None, PlannedDecision | None]:
    """The decision of the year: one there already, or one to make; a number has one date a year (B44)."""
    assert group.province is not None
    index = group.lines[0][0]
    number, decided_on, issuer = (_said(group, n) for n in ("decision", "decided_on", "issuer"))
    if number is None:
        if decided_on is not None:
            plan.faults.append(LineFault(index, "decision", "có ngày quyết định mà thiếu số. Ghi số quyết định."))
        return None, None
    try:
        unit_rules.check_decided_on(decided_on, today)
    except RuleViolation as refusal:
        plan.faults.append(LineFault(index, "decided_on", refusal.message))
        return None, None
    for there in decisions:
        if there.province_id == group.province.id and same_decision(number, decided_on, there.number, there.decided_on):
            if decided_on and there.decided_on and there.decided_on != decided_on:
                plan.faults.append(LineFault(index, "decided_on", twice(number, there.decided_on)))
            return there.id, None
    for other in made:
        if other.province_id == group.province.id and same_decision(number, decided_on, other.number, other.decided_on):
            if decided_on and other.decided_on and other.decided_on != decided_on:
                plan.faults.append(LineFault(index, "decided_on", twice(number, other.decided_on)))
            return None, other
    fresh = PlannedDecision(group.province.id, number, decided_on, issuer or "")
    made.append(fresh)
    return None, fresh


def same_decision(number: str, decided_on: date | None, other: str, other_on: date | None) -> bool:
    """One office gives a number once a year: the same number in the same year is the same decision."""
    if number.casefold() != other.casefold():
        return False
    return decided_on is None or other_on is None or decided_on.year == other_on.year


def twice(number: str, decided_on: date) -> str:
    return (
        f"Quyết định số {number} đã ghi ngày {format_date(decided_on)}; một số quyết định chỉ có một ngày trong năm."
        " Kiểm lại số hoặc ngày."
    )


def _year(
    plan: BlocPlan,
    group: _Group,
    bloc: KnownBloc | None,
    members: tuple[int, ...],
    leads: Mapping[int, str],
    decision_id: int | None,
    fresh: PlannedDecision | None,
) -> None:
    there = bloc.years.get(group.year) if bloc else None
    if there is None:
        plan.years.append(PlannedYear(group.code, group.year, None, members, leads, decision_id, fresh, ()))
        return
    changed: list[str] = []
    if members != there.members:
        changed.append("thành viên")
    if dict(leads) != dict(there.leads):
        changed.append("vai trò")
    if fresh is not None or (decision_id is not None and decision_id != there.decision_id):
        changed.append("quyết định")
    if not changed:
        plan.left_alone.append(f"Khối {group.code}, năm {group.year}")
        return
    if there.is_closed:
        plan.faults.append(
            LineFault(
                group.lines[0][0], "year", f"năm {group.year} của Khối {group.code} đã khép lại. Bỏ các dòng này."
            )
        )
    plan.years.append(PlannedYear(group.code, group.year, there.id, members, leads, decision_id, fresh, tuple(changed)))


def _bloc(
    plan: BlocPlan,
    code: str,
    bloc: KnownBloc | None,
    groups: Sequence[_Group],
    following: Mapping[int, Iterable[int]],
    provinces: Mapping[int, ProvinceFacts],
) -> None:
    """The bloc's own fields follow its latest year; an earlier year never renames it."""
    latest = max(groups, key=lambda g: g.year)
    assert latest.province is not None
    index = latest.lines[0][0]
    name = _said(latest, "name")
    said: dict[str, Any] = {
        "official_name": name,
        "short_name": _said(latest, "short_name"),
        "level": _said(latest, "level"),
        "kind": _said(latest, "kind"),
    }
    if said["kind"] is None:
        if bloc is None:
            said["kind"] = kind_of_name(name)
            if said["kind"] is None:
                plan.faults.append(
                    LineFault(index, "name", "tên không bắt đầu bằng Khối hay Cụm. Thêm cột Loại và ghi Khối hoặc Cụm.")
                )
        elif bloc.values.get("official_name") != name:
            said["kind"] = kind_of_name(name)
    said = {k: v for k, v in said.items() if v is not None}
    _check_provinces(plan, code, groups, bloc, following, provinces)
    if bloc is None:
        plan.blocs.append(PlannedBloc(code, None, {}, said | {"province_id": latest.province.id}))
        return
    if bloc.years and latest.year < max(bloc.years):
        if name != bloc.values.get("official_name"):
            plan.notices.append(
                f"Khối {code}: tên năm {latest.year} là “{name}”; tên hiện nay “{bloc.values.get('official_name')}”"
                " được giữ."
            )
        return
    if latest.province.id in unit_rules.descendants(bloc.province_id, {k: tuple(v) for k, v in following.items()}):
        said["province_id"] = latest.province.id
    after = {k: v for k, v in said.items() if (dict(bloc.values) | {"province_id": bloc.province_id}).get(k) != v}
    if after:
        before = {k: (dict(bloc.values) | {"province_id": bloc.province_id}).get(k) for k in after}
        plan.blocs.append(PlannedBloc(code, bloc.id, before, after))


def _check_provinces(
    plan: BlocPlan,
    code: str,
    groups: Sequence[_Group],
    bloc: KnownBloc | None,
    following: Mapping[int, Iterable[int]],
    provinces: Mapping[int, ProvinceFacts],
) -> None:
    """All years of one bloc lie in one line of provinces."""
    links = {k: tuple(v) for k, v in following.items()}
    home = bloc.province_id if bloc else max(groups, key=lambda g: g.year).province.id  # type: ignore[union-attr]
    line = {home} | unit_rules.descendants(home, links)
    for group in groups:
        assert group.province is not None
        if group.province.id in line or home in unit_rules.descendants(group.province.id, links):
            continue
        there = provinces[home].full if home in provinces else "tỉnh khác"
        plan.faults.append(
            LineFault(
                group.lines[0][0],
                "province",
                f"Khối {code} thuộc {there}, không thuộc {group.province.full}. Sửa tỉnh hoặc dùng mã khối khác.",
            )
        )


def kind_of_name(name: str) -> str | None:
    """Khối or Cụm by the name's first word."""
    first = fold(name).split(" ", 1)[0]
    return {"khoi": BlocKind.KHOI.value, "cum": BlocKind.CUM.value}.get(first)
