"""Blocs and their years: founding, members, leads, the next year (matrix rows 11 and 12).

Founding a year and assigning its members takes two persons of the standing agency: pages propose, the second
person's confirmation performs. The command line (SYSTEM) performs at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from blocs import labels
from blocs.models import Bloc, BlocYear, FoundingDecision, LeadTerm, Membership, Province, Unit
from blocs.permissions import can_appoint_leads, can_edit_bloc, can_edit_bloc_year, can_start_next_year
from blocs.queries.bloc import plan_of_blocs, successors_of
from blocs.queries.unit import province_on, unit_facts
from blocs.rules import imports
from blocs.rules import units as unit_rules
from blocs.rules.leads import LeadFacts, check_leads, check_leads_stay
from blocs.rules.states import BlocKind, BlocLevel, LeadRole, SelectionMethod
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import FIRST_YEAR, LAST_YEAR, clean_text, fold, format_date
from thidua.pending.actions import propose
from thidua.pending.models import PendingStep

_BLOCS_LOCK = 7_120_102  # one founder at a time: bloc codes, decisions and years are compared over all rows
Leads = Sequence[LeadFacts | Mapping[str, Any]]
_BLOC_LINES = ("official_name", "short_name", "paper_lines", "symbol")


# ------------------------------------------------------------- founding
@transaction.atomic
def create_bloc_year(
    *,
    by: Actor,
    year: int,
    members: Sequence[int] = (),
    leads: Leads = (),
    bloc_id: int | None = None,
    bloc: Mapping[str, Any] | None = None,
    decision: Mapping[str, Any] | None = None,
    theme: str = "",
    source_note: str = "",
    is_sample: bool = False,
) -> BlocYear:
    """A bloc's year with its members in order, leads and founding decision; the bloc itself is new or there.

    ``bloc`` (for a new one): code, official_name, kind, level, province_id, and optionally short_name, paper_lines,
    symbol. ``decision``: number, decided_on, issuer, subject; a decision there already (it may cover all blocs of
    the year) is used again, the same number with another date is a Conflict.
    """
    _lock_blocs()
    owner, is_new = _bloc_for(by, bloc_id, bloc)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise RuleViolation("year-range", f"Năm {year} nằm ngoài khoảng {FIRST_YEAR}-{LAST_YEAR}.", field="year")
    if not is_new and BlocYear.objects.filter(bloc=owner, year=year).exists():
        raise RuleViolation("bloc-year-exists", f"Khối đã có năm {year}. Mở năm đó để sửa.", field="year")
    units = _units(members, year)
    facts = _leads(leads)
    check_leads(facts, set(members), {u.pk: u.name for u in units})
    if is_new:
        owner.save(force_insert=True)
    else:
        _follow_province(owner, year)
    row = BlocYear(
        bloc=owner,
        year=year,
        decision=_decision(owner.province_id, year, decision or {}),
        theme=clean_text(theme, one_line=True),
        source_note=clean_text(source_note),
        is_sample=is_sample,
    )
    row.save(force_insert=True)
    _write_members(row, [u.pk for u in units])
    _write_leads(row, facts)
    after = _year_facts(row) | {"members": _names(units), "leads": _lead_words(facts, units, owner.kind)}
    audit.record(by, "blocs.create_bloc_year", row, after=after, chain=row.chain)
    return row


@transaction.atomic
def propose_create_bloc_year(
    *,
    by: Actor,
    year: int,
    members: Sequence[int] = (),
    leads: Leads = (),
    bloc_id: int | None = None,
    bloc: Mapping[str, Any] | None = None,
    decision: Mapping[str, Any] | None = None,
    theme: str = "",
    source_note: str = "",
) -> PendingStep:
    """Ask a second person to confirm a new bloc-year; everything that can be judged now is judged now."""
    owner, is_new = _bloc_for(by, bloc_id, bloc)
    if not is_new and BlocYear.objects.filter(bloc=owner, year=year).exists():
        raise RuleViolation("bloc-year-exists", f"Khối đã có năm {year}. Mở năm đó để sửa.", field="year")
    units = _units(members, year)
    facts = _leads(leads)
    check_leads(facts, set(members), {u.pk: u.name for u in units})
    _decision(owner.province_id, year, decision or {}, save=False)
    return propose(
        by=by,
        verb="blocs.create_bloc_year",
        args={
            "year": year,
            "members": list(members),
            "leads": [_lead_plain(f) for f in facts],
            "bloc_id": bloc_id,
            "bloc": dict(bloc) if bloc else None,
            "decision": dict(decision or {}),
            "theme": theme,
            "source_note": source_note,
        },
        subject=None if is_new else owner,
        summary=f"Lập {owner.short}, năm {year}: {len(units)} đơn vị ({_names(units)})",
        scope=f"province:{owner.province_id}",
    )


@transaction.atomic
def update_bloc_year(
    *,
    by: Actor,
    bloc_year_id: int,
    revision: int,
    bloc_revision: int,
    bloc: Mapping[str, Any] | None = None,
    decision: Mapping[str, Any] | None = None,
    theme: str = "",
    source_note: str = "",
) -> BlocYear:
    """Correct names, decision, theme and source note. What somebody else saved meanwhile is a Conflict."""
    _lock_blocs()
    row = _locked(bloc_year_id)
    require(can_edit_bloc_year(by, row))
    owner = Bloc.objects.select_for_update(of=("self",)).get(pk=row.bloc_id)
    row.bloc = owner
    wanted = {n: clean_text(v, one_line=True) for n, v in (bloc or {}).items() if n in _BLOC_LINES}
    theme, source_note = clean_text(theme, one_line=True), clean_text(source_note)
    if row.revision != revision or owner.revision != bloc_revision:
        raise _stale(row, wanted | {"theme": theme, "source_note": source_note})
    before = _year_facts(row)
    if any(getattr(owner, n) != v for n, v in wanted.items()):
        for name, value in wanted.items():
            setattr(owner, name, value)
        _fill(owner)
        owner.revision += 1
        owner.save(update_fields=[*_BLOC_LINES, "name_key", "revision"])
    row.decision = _decision(owner.province_id, row.year, decision or {}, current=row.decision)
    row.theme, row.source_note = theme, source_note
    row.revision += 1
    row.save(update_fields=["decision", "theme", "source_note", "revision"])
    audit.record(by, "blocs.update_bloc_year", row, before=before, after=_year_facts(row), chain=row.chain)
    return row


# -------------------------------------------------------------- members
@transaction.atomic
def set_members(*, by: Actor, bloc_year_id: int, revision: int, members: Sequence[int]) -> BlocYear:
    """Replace the year's members, in this order. A unit that leads the year cannot leave before its office does."""
    row = _locked(bloc_year_id)
    require(can_edit_bloc_year(by, row))
    if row.revision != revision:
        raise _stale(row, {"members": ""})
    units = _units(members, row.year)
    _check_leads_stay(row, members)
    before = list(row.memberships.select_related("unit").order_by("position", "id"))
    _write_members(row, [u.pk for u in units])
    row.revision += 1
    row.save(update_fields=["revision"])
    audit.record(
        by,
        "blocs.set_members",
        row,
        before={"members": _names([m.unit for m in before])},
        after={"members": _names(units)},
        chain=row.chain,
    )
    return row


@transaction.atomic
def propose_set_members(*, by: Actor, bloc_year_id: int, revision: int, members: Sequence[int]) -> PendingStep:
    """Ask a second person to confirm other members of the year."""
    row = _locked(bloc_year_id)
    require(can_edit_bloc_year(by, row))
    if row.revision != revision:
        raise _stale(row, {"members": ""})
    units = _units(members, row.year)
    _check_leads_stay(row, members)
    if [u.pk for u in units] == list(row.memberships.order_by("position", "id").values_list("unit_id", flat=True)):
        raise RuleViolation("no-change", "Danh sách thành viên không thay đổi. Chưa gửi đề nghị.", field="members")
    there = {m.unit_id: m.unit for m in row.memberships.select_related("unit")}
    wanted = {u.pk: u for u in units}
    changes = [f"thêm {u.short}" for pk, u in wanted.items() if pk not in there]
    changes += [f"bớt {u.short}" for pk, u in there.items() if pk not in wanted]
    return propose(
        by=by,
        verb="blocs.set_members",
        args={"bloc_year_id": row.pk, "revision": revision, "members": list(members)},
        subject=row,
        summary=f"Sửa thành viên {row}: {', '.join(changes) or 'đổi thứ tự'}",
        scope=f"province:{row.bloc.province_id}",
    )


# ---------------------------------------------------------------- leads
@transaction.atomic
def set_leads(*, by: Actor, bloc_year_id: int, revision: int, leads: Leads) -> BlocYear:
    """Say which members lead the year and how they were chosen; empty where nobody knows (cases.md B8)."""
    row = _locked(bloc_year_id)
    require(can_appoint_leads(by, row))
    if row.revision != revision:
        raise _stale(row, {"leads": ""})
    members = [m.unit for m in row.memberships.select_related("unit")]
    names = {u.pk: u.name for u in members}
    facts = _leads(leads)
    check_leads(facts, set(names), names)
    before = [
        LeadFacts(t.unit_id, LeadRole(t.role), SelectionMethod(t.selection_method), t.source_wording)
        for t in row.lead_terms.all()
    ]
    _write_leads(row, facts)
    row.revision += 1
    row.save(update_fields=["revision"])
    audit.record(
        by,
        "blocs.set_leads",
        row,
        before={"leads": _lead_words(before, members, row.bloc.kind)},
        after={"leads": _lead_words(facts, members, row.bloc.kind)},
        chain=row.chain,
    )
    return row


# ------------------------------------------------------------ next year
@transaction.atomic
def start_next_year(*, by: Actor, bloc_year_id: int) -> BlocYear:
    """Open the bloc's next year with the members that live on 1 January and the leads that remain, for editing.

    Members that ended are left out; ``queries.bloc.succession_notices`` of the new year names who came after them.
    How the leads are chosen for the new year is not known yet. A next year that exists is a Conflict.
    """
    _lock_blocs()
    row = _locked(bloc_year_id)
    require(can_start_next_year(by, row))
    year = row.year + 1
    there = BlocYear.objects.filter(bloc_id=row.bloc_id, year=year).first()
    if there is not None:
        raise Conflict(
            "next-year-exists",
            f"Khối đã có năm {year}. Mở năm đó để sửa.",
            details={"url": reverse("blocs:bloc_year", args=[there.pk])},
        )
    if year > LAST_YEAR:
        raise RuleViolation("year-range", f"Năm {year} nằm ngoài khoảng {FIRST_YEAR}-{LAST_YEAR}.")
    members = [m.unit for m in row.memberships.select_related("unit").order_by("position", "id")]
    links, units = successors_of([u.pk for u in members])
    found = unit_rules.members_on([unit_facts(u) for u in members], date(year, 1, 1), links, units)
    kept = [u.id for u in found.kept]
    facts = [LeadFacts(t.unit_id, LeadRole(t.role)) for t in row.lead_terms.order_by("id") if t.unit_id in set(kept)]
    _follow_province(row.bloc, year)
    fresh = BlocYear(bloc=row.bloc, year=year, is_sample=row.is_sample)
    fresh.save(force_insert=True)
    _write_members(fresh, kept)
    _write_leads(fresh, facts)
    by_id = {u.pk: u for u in members}
    after = {"copied_from": row.year, "province": str(row.bloc.province), "members": _names([by_id[i] for i in kept])}
    after |= {"leads": _lead_words(facts, members, row.bloc.kind)}
    after |= {"left_out": "; ".join(g.unit.name for g in found.gone)} if found.gone else {}
    audit.record(by, "blocs.start_next_year", fresh, after=after, chain=fresh.chain)
    return fresh


# --------------------------------------------------------------- import
@transaction.atomic
def import_blocs(*, by: Actor, lines: Sequence[imports.BlocLine]) -> imports.BlocPlan:
    """Write a whole list of blocs and years, judged as ``plan_of_blocs`` judges it; one event a bloc-year.

    RuleViolation ``import-faults`` and nothing written when any line is at fault.
    """
    _lock_blocs()
    plan = plan_of_blocs(lines)
    if plan.faults:
        raise RuleViolation("import-faults", f"Danh sách có {len(plan.faults)} chỗ cần sửa. Chưa ghi dòng nào.")
    blocs = {b.code: b for b in Bloc.objects.select_for_update(of=("self",)).filter(code__in={x.code for x in lines})}
    for planned in plan.blocs:
        bloc = blocs.get(planned.code) or Bloc(code=planned.code)
        for name, value in planned.after.items():
            setattr(bloc, name, value)
        require(can_edit_bloc(by, None, bloc.province_id))
        _fill(bloc)
        if bloc.pk:
            bloc.revision += 1
        bloc.save()
        blocs[planned.code] = bloc
        if planned.bloc_id:
            audit.record(
                by,
                "blocs.import_blocs",
                bloc,
                before=_plain_values(planned.before),
                after=_plain_values(planned.after),
                chain=f"bloc:{bloc.pk}",
            )
    made: dict[imports.PlannedDecision, FoundingDecision] = {}
    for planned_year in plan.years:
        _import_year(by, planned_year, blocs[planned_year.code], made)
    return plan


def _import_year(
    by: Actor, planned: imports.PlannedYear, bloc: Bloc, made: dict[imports.PlannedDecision, FoundingDecision]
) -> None:
    require(can_edit_bloc(by, bloc))
    fresh = planned.new_decision
    if fresh is not None and fresh not in made:
        made[fresh] = FoundingDecision.objects.create(
            province_id=fresh.province_id, number=fresh.number, decided_on=fresh.decided_on, issuer=fresh.issuer
        )
    decision_id = made[fresh].pk if fresh else planned.decision_id
    if planned.bloc_year_id is None:
        row = BlocYear(bloc=bloc, year=planned.year)
        before: dict[str, Any] = {}
        old_terms: dict[int, LeadTerm] = {}
    else:
        row = _locked(planned.bloc_year_id)
        before = _year_facts(row) | {
            "members": _names([m.unit for m in row.memberships.select_related("unit").order_by("position", "id")]),
            "leads": _lead_words(
                [LeadFacts(t.unit_id, LeadRole(t.role)) for t in row.lead_terms.all()],
                [t.unit for t in row.lead_terms.select_related("unit")],
                bloc.kind,
            ),
        }
        old_terms = {t.unit_id: t for t in row.lead_terms.all()}
        row.revision += 1
    if decision_id is not None:
        row.decision_id = decision_id
    row.save()
    facts = []
    for unit_id, role in planned.leads.items():
        old = old_terms.get(unit_id)
        kept = old is not None and old.role == role
        method = SelectionMethod(old.selection_method) if old and kept else SelectionMethod.UNKNOWN
        facts.append(LeadFacts(unit_id, LeadRole(role), method, old.source_wording if old and kept else ""))
    _write_members(row, list(planned.members))
    _write_leads(row, facts)
    units = list(Unit.objects.filter(pk__in=planned.members))
    order = {pk: i for i, pk in enumerate(planned.members)}
    units.sort(key=lambda u: order[u.pk])
    row.bloc = bloc
    after = _year_facts(row) | {
        "members": _names(units),
        "leads": _lead_words([LeadFacts(f.unit_id, f.role) for f in facts], units, bloc.kind),
    }
    audit.record(by, "blocs.import_blocs", row, before=before or None, after=after, chain=row.chain)


# -------------------------------------------------------------- helpers
def _lock_blocs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BLOCS_LOCK])


def _locked(bloc_year_id: int) -> BlocYear:
    return (
        BlocYear.objects.select_for_update(of=("self",))
        .select_related("bloc__province", "decision")
        .get(pk=bloc_year_id)
    )


def _bloc_for(by: Actor, bloc_id: int | None, values: Mapping[str, Any] | None) -> tuple[Bloc, bool]:
    """The bloc there is, or a new one that is not saved yet."""
    if bloc_id is not None:
        there = Bloc.objects.get(pk=bloc_id)
        require(can_edit_bloc(by, there))
        return there, False
    given = dict(values or {})
    province_id = int(given["province_id"])
    require(can_edit_bloc(by, None, province_id))
    code = clean_text(given["code"], one_line=True)
    first = Bloc.objects.filter(code=code).first()
    if first is not None:
        raise RuleViolation("bloc-code", f"Mã khối {code} đã có: {first.short}. Chọn mã khác.", field="code")
    BlocKind(given["kind"]), BlocLevel(given["level"])
    bloc = Bloc(code=code, kind=given["kind"], level=given["level"], province=Province.objects.get(pk=province_id))
    for name in _BLOC_LINES:
        setattr(bloc, name, clean_text(given.get(name) or "", one_line=True))
    _fill(bloc)
    return bloc, True


def _follow_province(bloc: Bloc, year: int) -> None:
    """A bloc that goes on after its province ended belongs to what the province became."""
    now = province_on(bloc.province, date(year, 1, 1))
    if now.pk != bloc.province_id:
        bloc.province = now
        bloc.revision += 1
        bloc.save(update_fields=["province", "revision"])


def _fill(bloc: Bloc) -> None:
    bloc.name_key = fold(f"{bloc.official_name} {bloc.short_name} {bloc.code}")[:380]


def _units(ids: Sequence[int], year: int) -> list[Unit]:
    """The units in the order given; each once, each alive some time of the year."""
    if len(set(ids)) != len(ids):
        raise RuleViolation("member-twice", "Một đơn vị có hai lần trong danh sách thành viên.", field="members")
    found = Unit.objects.in_bulk(list(ids))
    first, last = date(year, 1, 1), date(year, 12, 31)
    units = []
    for pk in ids:
        unit = found.get(pk)
        if unit is None:
            raise RuleViolation("member-gone", "Có đơn vị không còn trong danh bạ. Chọn lại.", field="members")
        if not unit_rules.overlap(unit.valid_from, unit.valid_to, first, last):
            life = unit_rules.life_in_words(unit.valid_from, unit.valid_to)
            raise RuleViolation(
                "member-not-then",
                f"{unit.name} có hiệu lực {life}, không có trong năm {year}. Chọn đơn vị kế thừa.",
                field="members",
            )
        units.append(unit)
    return units


def _leads(leads: Leads) -> list[LeadFacts]:
    return [
        lead
        if isinstance(lead, LeadFacts)
        else LeadFacts(
            int(lead["unit_id"]),
            LeadRole(lead["role"]),
            SelectionMethod(lead.get("method") or "unknown"),
            clean_text(lead.get("source_wording") or "", one_line=True),
        )
        for lead in leads
    ]


def _lead_plain(lead: LeadFacts) -> dict[str, Any]:
    return {
        "unit_id": lead.unit_id,
        "role": lead.role.value,
        "method": lead.method.value,
        "source_wording": lead.source_wording,
    }


def _check_leads_stay(row: BlocYear, members: Sequence[int]) -> None:
    terms = list(row.lead_terms.select_related("unit"))
    check_leads_stay(
        [LeadFacts(t.unit_id, LeadRole(t.role)) for t in terms], set(members), {t.unit_id: t.unit.name for t in terms}
    )


def _write_members(row: BlocYear, unit_ids: Sequence[int]) -> None:
    there = {m.unit_id: m for m in Membership.objects.filter(bloc_year=row)}
    gone = [m.pk for unit_id, m in there.items() if unit_id not in set(unit_ids)]
    if gone:
        Membership.objects.filter(pk__in=gone).delete()
    fresh, moved = [], []
    for position, unit_id in enumerate(unit_ids, 1):
        member = there.get(unit_id)
        if member is None:
            fresh.append(Membership(bloc_year=row, unit_id=unit_id, position=position))
        elif member.position != position:
            member.position = position
            moved.append(member)
    Membership.objects.bulk_create(fresh)
    Membership.objects.bulk_update(moved, ["position"])


def _write_leads(row: BlocYear, leads: Sequence[LeadFacts]) -> None:
    LeadTerm.objects.filter(bloc_year=row).delete()
    LeadTerm.objects.bulk_create(
        LeadTerm(
            bloc_year=row,
            unit_id=lead.unit_id,
            role=lead.role.value,
            selection_method=lead.method.value,
            source_wording=lead.source_wording,
        )
        for lead in leads
    )


def _decision(
    province_id: int,
    year: int,
    values: Mapping[str, Any],
    *,
    current: FoundingDecision | None = None,
    save: bool = True,
) -> FoundingDecision | None:
    """The founding decision of these words: one there already, or a new one; B44 refuses a second date."""
    number = clean_text(values.get("number") or "", one_line=True)
    if not number:
        return None
    decided_on = _day(values.get("decided_on"))
    unit_rules.check_decided_on(decided_on, timezone.localdate())
    issuer = clean_text(values.get("issuer") or "", one_line=True)
    subject = clean_text(values.get("subject") or "", one_line=True)
    if current is not None and current.number == number and current.decided_on == decided_on:
        if (issuer, subject) != (current.issuer, current.subject) and save:
            current.issuer, current.subject = issuer, subject
            current.save(update_fields=["issuer", "subject"])
        return current
    for there in FoundingDecision.objects.filter(province_id=province_id, number__iexact=number).order_by("id"):
        if not imports.same_decision(number, decided_on or date(year, 1, 1), there.number, there.decided_on):
            continue
        if decided_on and there.decided_on and there.decided_on != decided_on:
            first = BlocYear.objects.filter(decision=there).order_by("id").first()
            url = reverse("blocs:bloc_year", args=[first.pk]) if first else reverse("blocs:blocs")
            raise Conflict(
                "decision-number",
                f"Quyết định số {there.number} ngày {format_date(there.decided_on)} đã được ghi; trong một năm một số"
                " quyết định chỉ có một ngày. Mở nơi đã ghi để so lại.",
                details={
                    "url": url,
                    "theirs": f"{there.number}, ngày {format_date(there.decided_on)}",
                    "yours": f"{number}, ngày {format_date(decided_on)}",
                },
            )
        return there
    fresh = FoundingDecision(
        province_id=province_id, number=number, decided_on=decided_on, issuer=issuer, subject=subject
    )
    if save:
        fresh.save(force_insert=True)
    return fresh


def _day(value: date | str | None) -> date | None:
    """Days of a confirmed proposal come back as ISO text."""
    return date.fromisoformat(value) if isinstance(value, str) and value else (value or None)  # type: ignore[return-value]


def _names(units: Sequence[Unit]) -> str:
    return "; ".join(u.short for u in units)


def _lead_words(leads: Sequence[LeadFacts], units: Sequence[Unit], kind: str) -> str:
    names = {u.pk: u.short for u in units}
    words = labels.LEAD_ROLE[kind]
    return "; ".join(
        f"{words[x.role.value]}: {names.get(x.unit_id, x.unit_id)}"
        + (f" ({labels.SELECTION_METHOD[x.method.value].lower()})" if x.method != SelectionMethod.UNKNOWN else "")
        for x in sorted(leads, key=lambda x: x.role != LeadRole.LEAD)
    )


def _year_facts(row: BlocYear) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(row.bloc, name) for name in _BLOC_LINES}
    decision = row.decision
    return facts | {
        "year": row.year,
        "province": str(row.bloc.province),
        "theme": row.theme,
        "source_note": row.source_note,
        "decision": str(decision) if decision else "",
        "decided_on": decision.decided_on if decision else None,
    }


def _plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(values)
    if "province_id" in shown:
        province = Province.objects.filter(pk=shown.pop("province_id")).first()
        shown["province"] = str(province or "")
    return shown


def _stale(row: BlocYear, wanted: Mapping[str, Any]) -> Conflict:
    theirs, yours = [], []
    for name, value in wanted.items():
        owner: Any = row if name in ("theme", "source_note") else row.bloc
        held = getattr(owner, name, "")
        if value and held != value:
            words = owner._meta.get_field(name).verbose_name
            theirs.append(f"{words}: {held}")
            yours.append(f"{words}: {value}")
    return Conflict(
        "stale-bloc-year",
        "Người khác vừa sửa năm này của Khối. Mở lại trang để thấy bản mới rồi sửa tiếp.",
        details={
            "theirs": "\n".join(theirs),
            "yours": "\n".join(yours),
            "url": reverse("blocs:bloc_year", args=[row.pk]),
        },
    )
