"""Founding, members, leads, the next year."""

from __future__ import annotations

from datetime import date

import pytest

from blocs.actions.bloc import (
    create_bloc_year,
    propose_create_bloc_year,
    propose_set_members,
    set_leads,
    set_members,
    start_next_year,
    update_bloc_year,
)
from blocs.actions.unit import succeed_unit
from blocs.models import Bloc, BlocYear, FoundingDecision
from blocs.queries.bloc import (
    bloc_year_for,
    members_of,
    province_of_year,
    succession_notices,
)
from blocs.rules.leads import LeadFacts
from blocs.rules.states import LeadRole
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db


def events(verb: str) -> int:
    return Event.objects.filter(verb=f"blocs.{verb}").count()


def new_bloc(world, **change) -> dict:
    return {
        "code": "BN-DANG",
        "official_name": "Khối thi đua các Ban, Cơ quan của Đảng",
        "kind": "khoi",
        "level": "province",
        "province_id": world.province.pk,
    } | change


def lead_of(bloc_year: BlocYear):  # noqa: ANN201
    term = bloc_year.lead_terms.filter(role="lead").select_related("unit").first()
    return term.unit if term else None


def test_create_bloc_year_by_command_line(world) -> None:
    ids = [u.pk for u in world.units[:3]]
    made = create_bloc_year(
        by=SYSTEM,
        year=2022,
        members=ids[::-1],
        leads=[{"unit_id": ids[0], "role": "lead", "method": "elected"}],
        bloc=new_bloc(world),
        decision={"number": "109/QĐ-UBND", "decided_on": "2022-01-25", "issuer": "UBND tỉnh"},
        source_note="theo báo",
        is_sample=True,
    )
    assert [m.unit_id for m in members_of(made)] == ids[::-1]
    assert lead_of(made) == world.units[0]
    assert (made.decision.decided_on, made.is_sample) == (date(2022, 1, 25), True)
    assert bloc_year_for("BN-DANG", 2022) == made
    assert events("create_bloc_year") == 1
    assert Event.objects.get(verb="blocs.create_bloc_year").chain == made.chain


def test_one_decision_covers_all_blocs_and_has_one_date(world) -> None:
    decision = {"number": "12/QĐ-UBND", "decided_on": date(2026, 1, 20)}
    made = create_bloc_year(by=SYSTEM, year=2026, bloc=new_bloc(world), decision=decision)
    assert made.decision == world.bloc_year.decision
    with pytest.raises(Conflict) as conflict:
        create_bloc_year(
            by=SYSTEM,
            year=2026,
            bloc=new_bloc(world, code="X"),
            decision={"number": "12/QĐ-UBND", "decided_on": date(2026, 1, 21)},
        )
    assert f"/khoi/{world.bloc_year.pk}/" in conflict.value.details["url"]
    other = create_bloc_year(
        by=SYSTEM,
        year=2025,
        bloc=new_bloc(world, code="Y"),
        decision={"number": "12/QĐ-UBND", "decided_on": date(2025, 1, 21)},
    )
    assert other.decision != made.decision, "numbers begin anew each year"
    typed = create_bloc_year(by=SYSTEM, year=2026, bloc=new_bloc(world, code="Z"), decision={"number": "12/QD-UBND"})
    assert typed.decision.number == "12/QD-UBND", "kept as typed"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"year": 1900}, "year-range"),
        ({"bloc": "same"}, "bloc-code"),
        ({"members": "twice"}, "member-twice"),
        ({"members": "gone"}, "member-gone"),
        ({"members": "ended"}, "member-not-then"),
        ({"leads": "stranger"}, "lead-not-member"),
        ({"decision": {"number": "1", "decided_on": date(2099, 1, 1)}}, "decision-future"),
    ],
)
def test_create_bloc_year_refuses(world, change: dict, code: str) -> None:
    ended = world.units[5]
    ended.valid_to = date(2020, 1, 1)
    ended.save()
    first = world.units[0].pk
    given = {"by": SYSTEM, "year": 2026, "bloc": new_bloc(world), "members": [first]} | change
    if given["bloc"] == "same":
        given["bloc"] = new_bloc(world, code="BN-VHXH")
    given["members"] = {"twice": [first, first], "gone": [10**9], "ended": [ended.pk]}.get(
        given["members"] if isinstance(given["members"], str) else "", given["members"]
    )
    if given.get("leads") == "stranger":
        given["leads"] = [LeadFacts(world.units[2].pk, LeadRole.LEAD)]
    with pytest.raises(RuleViolation) as refusal:
        create_bloc_year(**given)
    assert refusal.value.code == code
    assert not Bloc.objects.filter(code="BN-DANG").exists()


def test_a_year_twice_is_refused(world) -> None:
    with pytest.raises(RuleViolation) as refusal:
        create_bloc_year(by=SYSTEM, year=2026, bloc_id=world.bloc.pk)
    assert refusal.value.code == "bloc-year-exists"


@pytest.mark.parametrize("person", ["an", "binh", "khang", "lan", "giang", "mai"])
def test_bloc_deeds_are_for_the_standing_agency(world, person: str) -> None:
    by, year = world.actor(person), world.bloc_year
    for deed in (
        lambda: propose_create_bloc_year(by=by, year=2027, bloc=new_bloc(world)),
        lambda: create_bloc_year(by=by, year=2027, bloc=new_bloc(world)),
        lambda: update_bloc_year(by=by, bloc_year_id=year.pk, revision=1, bloc_revision=1),
        lambda: set_members(by=by, bloc_year_id=year.pk, revision=1, members=[]),
        lambda: propose_set_members(by=by, bloc_year_id=year.pk, revision=1, members=[]),
        lambda: set_leads(by=by, bloc_year_id=year.pk, revision=1, leads=[]),
        lambda: start_next_year(by=by, bloc_year_id=year.pk),
    ):
        with pytest.raises(NotPermitted):
            deed()
    assert not Event.objects.filter(verb__startswith="blocs.").exists()


def test_a_closed_year_is_read_only(world) -> None:
    BlocYear.objects.filter(pk=world.bloc_year.pk).update(is_closed=True)
    with pytest.raises(NotPermitted, match="khép lại"):
        set_leads(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk, revision=1, leads=[])


def test_set_members_keeps_what_stays(world) -> None:
    kept = world.bloc_year.memberships.get(unit=world.units[1]).pk
    members = [world.units[1].pk, world.units[0].pk]
    row = set_members(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk, revision=1, members=members)
    assert [m.unit_id for m in members_of(row)] == members
    assert row.memberships.get(unit=world.units[1]).pk == kept
    assert (events("set_members"), row.revision) == (1, 2)
    with pytest.raises(Conflict):
        set_members(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk, revision=1, members=members)
    with pytest.raises(RuleViolation) as refusal:
        set_members(by=world.actor("dung"), bloc_year_id=row.pk, revision=2, members=[world.units[1].pk])
    assert refusal.value.code == "lead-leaves"


def test_set_leads_may_leave_it_empty(world) -> None:
    row = set_leads(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk, revision=1, leads=[])
    assert lead_of(row) is None
    event = Event.objects.get(verb="blocs.set_leads")
    assert "Sở GDĐT" in event.before["leads"]
    assert event.after["leads"] == ""


def test_start_next_year_copies_the_living_and_names_successors(world) -> None:
    ended, after = world.units[1], world.units[3]
    succeed_unit(
        by=SYSTEM, unit_id=ended.pk, revision=1, kind="merge", happened_on=date(2026, 7, 1), successor_ids=[after.pk]
    )
    gone = world.units[4]
    succeed_unit(by=SYSTEM, unit_id=gone.pk, revision=1, kind="dissolve", happened_on=date(2026, 7, 1))
    fresh = start_next_year(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk)
    assert fresh.year == 2027
    assert [m.unit_id for m in members_of(fresh)] == [u.pk for u in world.units if u not in (ended, gone)]
    assert lead_of(fresh) == world.units[0]
    assert fresh.lead_terms.get().selection_method == "unknown", "the deputy ended, the lead's method is not known"
    notices = succession_notices(fresh)
    assert any("chưa ghi đơn vị kế thừa" in n for n in notices)
    assert not any(ended.name in n for n in notices), "its successor is a member already"
    assert events("start_next_year") == 1
    with pytest.raises(Conflict) as conflict:
        start_next_year(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk)
    assert str(fresh.pk) in conflict.value.details["url"]


def test_start_next_year_suggests_a_successor_from_outside(world) -> None:
    succeed_unit(
        by=SYSTEM,
        unit_id=world.units[2].pk,
        revision=1,
        kind="rename",
        happened_on=date(2026, 7, 1),
        successor_ids=[world.other_unit.pk],
    )
    fresh = start_next_year(by=SYSTEM, bloc_year_id=world.bloc_year.pk)
    assert any("Sở Xây dựng" in n for n in succession_notices(fresh))


def test_members_of_is_one_query(world, django_assert_num_queries) -> None:
    row = bloc_year_for("BN-VHXH", 2026)
    with django_assert_num_queries(1):
        rows = members_of(row)
    assert [(r.role, r.position) for r in rows[:3]] == [("lead", 1), ("deputy", 2), (None, 3)]


def test_province_of_year_is_the_decisions(world) -> None:
    from blocs.models import Province

    old = Province.objects.get(name="Bắc Ninh", valid_to=date(2025, 6, 30))
    decision = FoundingDecision.objects.create(province=old, number="1/QĐ")
    assert province_of_year(BlocYear(bloc=world.bloc, year=2019, decision=decision)) == old
    assert province_of_year(BlocYear(bloc=world.bloc, year=2019)) == old
    assert province_of_year(world.bloc_year) == world.province


def test_the_bloc_follows_its_province_into_the_next_year(world) -> None:
    from blocs.models import Province

    old = Province.objects.get(name="Vĩnh Phúc")
    made = create_bloc_year(by=SYSTEM, year=2025, bloc=new_bloc(world, code="VP", province_id=old.pk))
    fresh = start_next_year(by=SYSTEM, bloc_year_id=made.pk)
    fresh.bloc.refresh_from_db()
    assert fresh.bloc.province == Province.objects.get(name="Phú Thọ", valid_to=None)
    assert province_of_year(made) == old
