"""What the home page shows of scoring."""

from __future__ import annotations

import pytest
from django.utils import timezone

from blocs.models import BlocYear
from scoring.models import ScoreSheet, Stage, Submission
from scoring.queries.home import progress_rows, waiting_rows
from tests.personas import World, make_scheme
from tests.scoring.views.test_grid import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(world: World) -> World:
    make_scheme(world.bloc_year)
    BlocYear.objects.filter(pk=world.bloc_year.pk).update(year=timezone.localdate().year)
    return world


def test_the_officer_of_a_complete_sheet_waits_for_the_head(scored: World) -> None:
    fill(scored, 2, "tu-cham")
    (row,) = waiting_rows(scored.actor("chung"))
    assert row.waits_for_others and row.title == f"Thủ trưởng nộp bảng tự chấm của {scored.units[2].name}"
    (row,) = waiting_rows(scored.actor("chi"))
    assert not row.waits_for_others and row.button == "Xem và nộp"


def test_a_closed_step_is_not_one_everybody_handed_in(scored: World) -> None:
    stage = Stage.objects.get(bloc_year=scored.bloc_year, slug="tu-cham")
    for sheet in ScoreSheet.objects.filter(bloc_year=scored.bloc_year)[:3]:
        Submission.objects.create(sheet=sheet, stage=stage, submitted_at=timezone.now(), submitted_by="mẫu")

    def words() -> str:
        (year,) = progress_rows(scored.actor("chi"))
        return next(step.detail for step in year.steps if step.label == "Tự chấm")

    assert words() == "3/8 đơn vị đã nộp"
    Stage.objects.filter(pk=stage.pk).update(state="closed")
    assert words() == "đã đóng, 3/8 đơn vị đã nộp"
