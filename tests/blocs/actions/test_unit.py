"""Deeds of the register: state, exactly one event, refusals."""

from __future__ import annotations

from datetime import date

import pytest

from blocs.actions.unit import close_unit, create_unit, import_units, load_provinces, succeed_unit, update_unit
from blocs.models import Unit, UnitSuccession
from blocs.rules.imports import UnitLine
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db
VALUES = {"name": "Sở Tài chính", "category": "department"}


def events(verb: str) -> int:
    return Event.objects.filter(verb=f"blocs.{verb}").count()


def test_create_unit_composes_letters_and_keeps_the_search_key(world) -> None:
    made = create_unit(
        by=world.actor("dung"),
        province_id=world.province.pk,
        code=" STC ",
        values=VALUES | {"name": "So\u031b\u0309 Ta\u0300i  chi\u0301nh"},
    )
    assert (made.name, made.code, made.name_key) == ("Sở Tài chính", "STC", "so tai chinh stc")
    assert events("create_unit") == 1


@pytest.mark.parametrize("person", ["an", "binh", "chung", "khang", "lan", "giang", "mai"])
def test_create_unit_is_for_the_standing_agency(world, person: str) -> None:
    with pytest.raises(NotPermitted):
        create_unit(by=world.actor(person), province_id=world.province.pk, code="STC", values=VALUES)
    assert not Unit.objects.filter(code="STC").exists()


def test_create_unit_elsewhere_is_not_permitted(world) -> None:
    with pytest.raises(NotPermitted):
        create_unit(by=world.actor("dung"), province_id=world.other_province.pk, code="STC", values=VALUES)


@pytest.mark.parametrize(
    ("code", "change", "said"),
    [
        ("SYT", {}, "unit-code"),
        ("X", {"name": "sở Y TẾ"}, "unit-duplicate"),
        ("X", {"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "life-order"),
        ("X", {"name": "Sở\x00"}, "control-character"),
    ],
)
def test_create_unit_refuses(world, code: str, change: dict, said: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        create_unit(by=world.actor("dung"), province_id=world.province.pk, code=code, values=VALUES | change)
    assert refusal.value.code == said
    assert events("create_unit") == 0


def test_the_same_name_after_the_first_ended_is_fine(world) -> None:
    Unit.objects.filter(code="SYT").update(valid_to=date(2025, 12, 31))
    made = create_unit(
        by=SYSTEM,
        province_id=world.province.pk,
        code="SYT2",
        values={"name": "Sở Y tế", "category": "department", "valid_from": date(2026, 1, 1)},
    )
    assert made.pk


def test_update_unit_records_only_what_changed(world) -> None:
    unit = world.units[1]
    update_unit(by=world.actor("dung"), unit_id=unit.pk, revision=1, values={"symbol": "SYT"})
    event = Event.objects.get(verb="blocs.update_unit")
    assert (event.before, event.after) == ({"symbol": ""}, {"symbol": "SYT"})
    with pytest.raises(Conflict) as conflict:
        update_unit(by=world.actor("dung"), unit_id=unit.pk, revision=1, values={"symbol": "YT"})
    assert "SYT" in conflict.value.details["theirs"]
    assert "YT" in conflict.value.details["yours"]


def test_update_unit_takes_no_other_field(world) -> None:
    with pytest.raises(TypeError):
        update_unit(by=SYSTEM, unit_id=world.units[1].pk, revision=1, values={"province_id": 3})


def test_succeed_unit_ends_the_life_and_links(world) -> None:
    old, new = world.units[3], world.units[1]
    succeed_unit(
        by=world.actor("dung"),
        unit_id=old.pk,
        revision=1,
        kind="merge",
        happened_on=date(2027, 3, 1),
        successor_ids=[new.pk],
        decision="5/QĐ",
    )
    old.refresh_from_db()
    assert old.valid_to == date(2027, 2, 28)
    link = UnitSuccession.objects.get()
    assert (link.predecessor, link.successor, link.decision) == (old, new, "5/QĐ")
    assert events("succeed_unit") == 1
    with pytest.raises(RuleViolation, match="hết hiệu lực"):
        close_unit(by=world.actor("dung"), unit_id=old.pk, revision=2, happened_on=date(2027, 4, 1))


def test_close_unit_has_no_successor(world) -> None:
    close_unit(by=world.actor("dung"), unit_id=world.units[3].pk, revision=1, happened_on=date(2027, 1, 1))
    link = UnitSuccession.objects.get()
    assert (link.kind, link.successor) == ("dissolve", None)
    assert events("succeed_unit") == 1


def test_succeed_unit_refuses_circles(world) -> None:
    a, b = world.units[3], world.units[4]
    succeed_unit(by=SYSTEM, unit_id=a.pk, revision=1, kind="rename", happened_on=date(2027, 1, 1), successor_ids=[b.pk])
    with pytest.raises(RuleViolation) as refusal:
        succeed_unit(
            by=SYSTEM, unit_id=b.pk, revision=1, kind="rename", happened_on=date(2026, 1, 1), successor_ids=[a.pk]
        )
    assert refusal.value.code == "succession-circle"


def test_import_units_is_all_or_nothing(world) -> None:
    good = UnitLine("A1", "Đơn vị A1", "Bắc Ninh", "school")
    with pytest.raises(RuleViolation):
        import_units(by=world.actor("dung"), lines=[good, UnitLine("A1", "Khác", "Bắc Ninh", "school")])
    assert not Unit.objects.filter(code="A1").exists()
    plan = import_units(by=world.actor("dung"), lines=[good])
    assert len(plan.created) == 1
    assert not import_units(by=world.actor("dung"), lines=[good]).changes_anything
    assert events("import_units") == 1


def test_import_units_is_for_the_standing_agency(world) -> None:
    with pytest.raises(NotPermitted):
        import_units(by=world.actor("an"), lines=[UnitLine("A1", "Đơn vị A1", "Bắc Ninh", "school")])


def test_load_provinces_is_for_the_command_line(world) -> None:
    with pytest.raises(NotPermitted):
        load_provinces(by=world.actor("lan"), rows=[])
    row = {
        "code": "99",
        "name_vi": "Thử",
        "kind": "tỉnh",
        "valid_from": "2030-01-01",
        "valid_to": "",
        "predecessors": "",
    }
    assert load_provinces(by=SYSTEM, rows=[row]) == 1
    assert load_provinces(by=SYSTEM, rows=[row]) == 0
    assert events("load_provinces") == 1
