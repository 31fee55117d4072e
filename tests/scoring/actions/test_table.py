"""Steps and the lock: who waits for whom, what a late member changes, what a closed year keeps."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from blocs.models import Membership
from scoring.actions.sheet import record_score
from scoring.actions.table import (
    close_stage,
    lock_table,
    open_stage,
    prepare_table,
    propose_unlock,
    record_lots,
    submit_sheet,
    unlock_table,
    withdraw_sheet,
)
from scoring.models import Criterion, Scheme, ScoreEntry, ScoreSheet, Stage, TieOrder
from scoring.rules.entered import Entered
from scoring.rules.states import StageState
from tests import personas as people
from thidua.audit.models import Event
from thidua.lib.errors import Conflict, Locked, NotPermitted, Refusal, RuleViolation


@pytest.mark.django_db(transaction=True)
def test_close_stage_and_a_saving_cell_never_wait_for_each_other(db):
    """The cell holds its sheet while the step is being closed: it is saved, then the step closes."""
    world = people.make_world(2)
    people.make_scheme(world.bloc_year)
    stage = Stage.objects.get(bloc_year=world.bloc_year, slug="khoi")
    sheet = ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[1])
    criterion = Criterion.objects.get(scheme__bloc_year=world.bloc_year, code="I.2")
    by, lead = world.actor("an"), world.actor("binh")
    holds, faults = threading.Event(), []

    def save() -> None:
        try:
            with transaction.atomic():
                ScoreSheet.objects.select_for_update(of=("self",), no_key=True).get(pk=sheet.pk)
                holds.set()
                threading.Event().wait(0.6)  # long enough for the closing to stand in the queue
                record_score(
                    by=by, sheet_id=sheet.pk, criterion_id=criterion.pk, stage="khoi", revision=0, key=uuid4(),
                    entered=Entered(points=Decimal(10)),
                )  # fmt: skip
        except Exception as fault:  # noqa: BLE001 (whatever it is, the test shows it)
            faults.append(fault)
        finally:
            connection.close()

    saver = threading.Thread(target=save)
    saver.start()
    assert holds.wait(5)
    try:
        close_stage(by=lead, stage_id=stage.pk)
    finally:
        saver.join(10)
    assert not faults
    stage.refresh_from_db()
    assert ScoreEntry.objects.count() == 1
    assert stage.state == StageState.CLOSED
    with pytest.raises(Refusal) as refused:
        record_score(
            by=by, sheet_id=sheet.pk, criterion_id=criterion.pk, stage="khoi", entered=Entered(points=Decimal(11)),
            revision=1, key=uuid4(),
        )  # fmt: skip
    assert refused.value.code == "stage-closed"


@pytest.mark.django_db
def test_lock_table_is_refused_while_a_member_has_no_column(world):
    people.make_scheme(world.bloc_year)
    Membership.objects.create(bloc_year=world.bloc_year, unit=world.other_unit, position=99)
    with pytest.raises(RuleViolation) as refused:
        lock_table(by=world.actor("binh"), bloc_year_id=world.bloc_year.pk)
    assert refused.value.code == "members-left-out"
    assert world.other_unit.short in refused.value.message
    stage = Stage.objects.get(bloc_year=world.bloc_year, slug="khoi")
    open_stage(by=world.actor("binh"), stage_id=stage.pk)
    assert ScoreSheet.objects.filter(bloc_year=world.bloc_year, unit=world.other_unit).exists()


@pytest.mark.django_db
def test_propose_unlock_of_a_closed_year_is_refused(world):
    world.bloc_year.is_closed = True
    world.bloc_year.save()
    with pytest.raises(NotPermitted) as refused:
        propose_unlock(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk, reason="Nhập nhầm điểm của một đơn vị")
    assert refused.value.code == "closed-year"


# ------------------------------------------------------- steps, handing in, locking
GIVEN = {
    "I.1": {"target": 100, "actual": 100},
    "I.2": {"points": Decimal(20)},
    "I.3": {"outside_rank": 1},
    "I.4": {"actual": 5},
    "II.1": {"level": "Tốt"},
    "II.2": {"passed": True},
    "II.3": {"count": 0},
}


@pytest.fixture
def scored(world):
    people.make_scheme(world.bloc_year)
    return world


def fill(world, *indexes, stage="khoi"):
    step = Stage.objects.get(bloc_year=world.bloc_year, slug=stage)
    for index in indexes:
        sheet = ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[index])
        for code, values in GIVEN.items():
            criterion = Criterion.objects.get(scheme__bloc_year=world.bloc_year, code=code)
            ScoreEntry.objects.create(
                sheet=sheet, criterion=criterion, stage=step, changed_at=timezone.now(), changed_by="mẫu", **values
            )


def step(world, slug="khoi"):
    return Stage.objects.get(bloc_year=world.bloc_year, slug=slug)


@pytest.mark.django_db
def test_prepare_table_adds_only_what_is_missing(world):
    people.make_scheme(world.bloc_year)
    Stage.objects.filter(slug="khoi").delete()
    ScoreSheet.objects.filter(unit=world.units[3]).delete()
    prepare_table(by=world.actor("binh"), bloc_year_id=world.bloc_year.pk)
    prepare_table(by=world.actor("binh"), bloc_year_id=world.bloc_year.pk)
    assert list(Stage.objects.filter(bloc_year=world.bloc_year).values_list("slug", flat=True)) == ["tu-cham", "khoi"]
    assert ScoreSheet.objects.filter(bloc_year=world.bloc_year).count() == 8
    assert Event.objects.filter(verb="scoring.prepare_table").count() == 1


@pytest.mark.django_db
def test_open_stage_needs_a_scheme_a_right_and_a_limit_to_come(scored):
    with pytest.raises(NotPermitted):
        open_stage(by=scored.actor("an"), stage_id=step(scored).pk)
    with pytest.raises(RuleViolation) as refused:
        open_stage(by=scored.actor("binh"), stage_id=step(scored).pk, closes_at=timezone.now() - timedelta(minutes=1))
    assert refused.value.field == "closes_at"
    limit = timezone.now() + timedelta(days=3)
    opened = open_stage(by=scored.actor("binh"), stage_id=step(scored).pk, closes_at=limit)
    assert (opened.state, opened.closes_at) == ("open", limit)
    Scheme.objects.filter(bloc_year=scored.bloc_year).update(state="replaced")
    with pytest.raises(RuleViolation) as refused:
        open_stage(by=scored.actor("binh"), stage_id=step(scored).pk)
    assert refused.value.code == "no-scheme"


@pytest.mark.django_db
def test_close_stage_twice_is_a_conflict(scored):
    close_stage(by=scored.actor("binh"), stage_id=step(scored).pk)
    with pytest.raises(Conflict):
        close_stage(by=scored.actor("binh"), stage_id=step(scored).pk)


@pytest.mark.django_db
def test_submit_sheet_names_the_gaps_then_is_taken_once(scored):
    sheet = ScoreSheet.objects.get(bloc_year=scored.bloc_year, unit=scored.units[2])
    with pytest.raises(RuleViolation) as refused:
        submit_sheet(by=scored.actor("chi"), sheet_id=sheet.pk)
    assert "Còn 7 ô chưa chấm: I.1" in refused.value.message
    fill(scored, 2, stage="tu-cham")
    with pytest.raises(NotPermitted):
        submit_sheet(by=scored.actor("chung"), sheet_id=sheet.pk)
    first = submit_sheet(by=scored.actor("chi"), sheet_id=sheet.pk)
    assert submit_sheet(by=scored.actor("chi"), sheet_id=sheet.pk).pk == first.pk
    withdraw_sheet(by=scored.actor("chi"), sheet_id=sheet.pk)
    with pytest.raises(Conflict):
        withdraw_sheet(by=scored.actor("chi"), sheet_id=sheet.pk)
    assert submit_sheet(by=scored.actor("chi"), sheet_id=sheet.pk).pk != first.pk
    step_of = step(scored, "tu-cham")
    Stage.objects.filter(pk=step_of.pk).update(closes_at=timezone.now() - timedelta(hours=1))
    with pytest.raises(Locked):
        withdraw_sheet(by=scored.actor("chi"), sheet_id=sheet.pk)


@pytest.mark.django_db
def test_lock_table_is_refused_with_the_gaps_named(scored):
    fill(scored, 0, 1, 2, 3, 4, 5)
    with pytest.raises(RuleViolation) as refused:
        lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert refused.value.details["gaps"] == {"Báo và PTTH": 7, "TT PVHCC": 7}
    with pytest.raises(NotPermitted):
        lock_table(by=scored.actor("an"), bloc_year_id=scored.bloc_year.pk)


@pytest.mark.django_db
def test_lock_and_unlock_table_keep_the_snapshot(scored):
    fill(scored, *range(8))
    with pytest.raises(Conflict):
        lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk, seen_hash="anders")
    snapshot = lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert len(snapshot.data["units"]) == 8 and snapshot.data["units"][0]["total"] == "100.00"
    with pytest.raises(Refusal) as refused:
        lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert refused.value.code == "table-locked"
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreEntry.objects.first().save()
    with pytest.raises(RuleViolation):
        unlock_table(by=scored.actor("dung"), bloc_year_id=scored.bloc_year.pk, reason="ngắn")
    unlock_table(by=scored.actor("dung"), bloc_year_id=scored.bloc_year.pk, reason="Nhập nhầm điểm của một đơn vị")
    snapshot.refresh_from_db()
    assert snapshot.unlocked_at is not None and snapshot.unlock_reason.startswith("Nhập nhầm")
    assert not ScoreSheet.objects.filter(is_locked=True).exists()
    assert lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk).pk != snapshot.pk


@pytest.mark.django_db
def test_record_lots_takes_each_order_once_with_its_minutes(scored):
    units = [u.pk for u in scored.units]
    lead, year = scored.actor("binh"), scored.bloc_year.pk
    for orders, reference in (
        ({units[0]: 1}, ""),
        ({units[0]: 1, units[1]: 1}, "Biên bản 12"),
        ({units[0]: 0}, "Biên bản 12"),
        ({scored.other_unit.pk: 1}, "Biên bản 12"),
    ):
        with pytest.raises(RuleViolation):
            record_lots(by=lead, bloc_year_id=year, orders=orders, reference=reference)
    record_lots(by=lead, bloc_year_id=year, orders={units[0]: 2, units[1]: 1}, reference="Biên bản 12")
    assert dict(TieOrder.objects.values_list("unit_id", "order")) == {units[0]: 2, units[1]: 1}
