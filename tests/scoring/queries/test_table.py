"""The one calculation everything reads: which step, which columns, which figures, with how many questions."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blocs.models import BlocYear, Membership
from scoring.models import Criterion, RankingSnapshot, ScoreEntry, ScoreSheet, Stage, Submission, TieOrder
from scoring.queries.grid import grid_numbers, grid_of
from scoring.queries.table import table_of
from scoring.rules.entered import Entered
from tests import personas as people

pytestmark = pytest.mark.django_db
PARTS = {
    "I.1": {"target": 100, "actual": 100},
    "I.2": {"points": Decimal("20")},
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


def enter(world, index, code, stage="khoi", **values):
    return ScoreEntry.objects.create(
        sheet=ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[index]),
        criterion=Criterion.objects.get(scheme__bloc_year=world.bloc_year, code=code),
        stage=Stage.objects.get(bloc_year=world.bloc_year, slug=stage),
        changed_at=timezone.now(),
        changed_by="Nguyễn Thị An (mẫu)",
        **values,
    )


def fill(world, index, stage="khoi", **other):
    for code, values in (PARTS | other).items():
        enter(world, index, code, stage, **values)


def test_no_published_scheme_no_table(world):
    assert table_of(world.bloc_year) is None
    people.make_scheme(world.bloc_year, published=False)
    assert table_of(world.bloc_year) is None


def test_unknown_step_no_table(scored):
    assert table_of(scored.bloc_year, "cheo") is None


def test_step_not_asked_for_is_the_last_with_entries(scored):
    assert table_of(scored.bloc_year).stage.slug == "tu-cham"
    enter(scored, 3, "I.2", "tu-cham", points=1)
    assert table_of(scored.bloc_year).stage.slug == "tu-cham"
    enter(scored, 3, "I.2", "khoi", points=1)
    assert table_of(scored.bloc_year).stage.slug == "khoi"


def test_columns_follow_the_bloc_and_know_the_officers_units(scored):
    Membership.objects.filter(unit=scored.units[5]).update(position=0)
    table = table_of(scored.bloc_year, "khoi")
    assert [c.unit_id for c in table.columns][:2] == [scored.units[5].pk, scored.units[0].pk]
    assert table.officers_units == {scored.units[0].pk}


def test_cells_of_both_steps_stand_side_by_side(scored):
    enter(scored, 3, "I.2", "tu-cham", points=Decimal("12.5"))
    enter(scored, 3, "I.2", "khoi", points=Decimal("10"))
    criterion = Criterion.objects.get(code="I.2").pk
    table = table_of(scored.bloc_year, "khoi")
    unit = scored.units[3].pk
    assert table.cell(unit, criterion).entered == Entered(points=Decimal("10"))
    assert table.cells_before[unit][criterion].entered == Entered(points=Decimal("12.5"))
    assert table.stage_before.slug == "tu-cham"
    first = table_of(scored.bloc_year, "tu-cham")
    assert first.stage_before is None and first.cells_before == {}


def test_totals_and_places_count_only_what_is_complete(scored):
    fill(scored, 3)
    fill(scored, 4, **{"II.3": {"count": 3}})
    enter(scored, 5, "I.2", points=20)
    table = table_of(scored.bloc_year, "khoi")
    results = [table.results[scored.units[i].pk] for i in (3, 4, 5)]
    assert [r.total for r in results] == [Decimal(100), Decimal(97), Decimal(20)]
    assert [r.missing for r in results] == [0, 0, 6]
    assert [table.places[scored.units[i].pk].place for i in (3, 4, 5)] == [1, 2, None]


def test_lots_part_what_is_equal(scored):
    scored.bloc_year.schemes.update(ties="bốc thăm")
    fill(scored, 3)
    fill(scored, 4)
    assert [table_of(scored.bloc_year, "khoi").places[scored.units[i].pk].place for i in (3, 4)] == [1, 1]


def test_drawn_order_is_read_with_the_columns(scored):
    TieOrder.objects.create(bloc_year=scored.bloc_year, unit=scored.units[4], order=2)
    table = table_of(scored.bloc_year, "khoi")
    assert table.lot_order == {scored.units[4].pk: 2}


def test_submissions_are_known_unless_withdrawn(scored):
    sheet = ScoreSheet.objects.get(bloc_year=scored.bloc_year, unit=scored.units[2])
    stage = Stage.objects.get(bloc_year=scored.bloc_year, slug="tu-cham")
    row = Submission.objects.create(sheet=sheet, stage=stage, submitted_at=timezone.now(), submitted_by="Chi (mẫu)")
    column = table_of(scored.bloc_year, "tu-cham").columns[2]
    assert column.submitted[stage.pk][1] == "Chi (mẫu)"
    Submission.objects.filter(pk=row.pk).update(withdrawn_at=timezone.now())
    assert table_of(scored.bloc_year, "tu-cham").columns[2].submitted == {}


def test_locked_table_is_read_with_the_scheme_and_step_it_was_locked_with(scored):
    fill(scored, 3)
    scheme = scored.bloc_year.schemes.get()
    RankingSnapshot.objects.create(
        bloc_year=scored.bloc_year,
        scheme=scheme,
        stage=Stage.objects.get(bloc_year=scored.bloc_year, slug="khoi"),
        data={},
        locked_at=timezone.now(),
        locked_by="mẫu",
    )
    enter(scored, 3, "I.2", "tu-cham", points=1)
    table = table_of(scored.bloc_year)
    assert table.is_locked and table.stage.slug == "khoi" and table.scheme.pk == scheme.pk
    assert table.lock.locked_by == "mẫu"


def test_only_shows_no_other_column(scored):
    fill(scored, 3)
    fill(scored, 4)
    mine = table_of(scored.bloc_year, "khoi").only({scored.units[4].pk})
    shown = {scored.units[4].pk}
    assert {c.unit_id for c in mine.columns} == set(mine.cells) == set(mine.results) == set(mine.places) == shown


@pytest.mark.parametrize("size", [3, 12])
def test_four_questions_whatever_the_size(db, size):
    world = people.make_world(size)
    people.make_scheme(world.bloc_year)
    for index in range(size):
        fill(world, index)
    table_of(world.bloc_year, "khoi")
    bloc_year = BlocYear.objects.select_related("bloc").get(pk=world.bloc_year.pk)
    with CaptureQueriesContext(connection) as asked:
        table = table_of(bloc_year, "khoi")
        assert len(table.results) == size
    assert len(asked) == 4


def test_grid_says_why_a_column_is_closed(scored):
    grid = grid_of(scored.actor("ha"), scored.bloc_year, "khoi")
    assert [c.why for c in grid.columns][:3] == ["", "đơn vị của bạn", "chỉ xem"]
    grid = grid_of(scored.actor("dung"), scored.bloc_year, "khoi")
    assert not grid.can_write and grid.can_manage
    assert {c.why for c in grid.columns} == {"chỉ xem"}


def test_grid_texts(scored):
    enter(scored, 3, "P", count=2)
    enter(scored, 3, "I.2", not_assigned=True)
    enter(scored, 3, "I.1", "tu-cham", target=100, actual=95)
    grid = grid_of(scored.actor("an"), scored.bloc_year, "khoi")
    cells = {row.criterion.code: row.cells[3] for row in grid.rows}
    assert (cells["P"].text, cells["P"].points) == ("2", "−4,00")
    assert cells["I.2"].points == "không được giao" and "na" in cells["I.2"].css
    assert cells["I.1"].before == "95/100"
    assert grid.columns[3].of == 6


def test_numbers_hold_every_line_in_the_order_of_columns(scored):
    fill(scored, 3)
    grid = grid_of(scored.actor("an"), scored.bloc_year, "khoi")
    numbers = grid_numbers(grid, None)
    assert numbers["totals"][3] == "100,00" and numbers["rates"][3] == "100,00%"
    assert numbers["points"][Criterion.objects.get(code="I").pk][3] == "60,00"
    assert len(numbers["changed"]) == 7
