"""Steps and the lock: who waits for whom, what a late member changes, what a closed year keeps."""

from __future__ import annotations

import threading
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction

from blocs.models import Membership
from scoring.actions.sheet import record_score
from scoring.actions.table import close_stage, lock_table, open_stage, propose_unlock
from scoring.models import Criterion, ScoreEntry, ScoreSheet, Stage
from scoring.rules.entered import Entered
from scoring.rules.states import StageState
from tests import personas as people
from thidua.lib.errors import NotPermitted, Refusal, RuleViolation


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
                    by=by, sheet_id=sheet.pk, criterion_id=criterion.pk, stage="khoi", entered=Entered(points=Decimal(10)),
                    revision=0, key=uuid4(),
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
