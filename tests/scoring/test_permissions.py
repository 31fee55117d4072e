"""Tables of who may do what in scoring, over offices and states (permission matrix rows 14-38)."""

from __future__ import annotations

import pytest

from blocs.documents import may_request
from scoring import permissions as may
from tests.personas import World

EVERYBODY = ("an", "binh", "ha", "chi", "chung", "dung", "giang", "khang", "lan", "mai")
pytestmark = pytest.mark.django_db


def who(world: World, rule) -> set[str]:  # noqa: ANN001
    return {name for name in EVERYBODY if rule(world.actor(name))}


def test_offices_over_the_table(world: World) -> None:
    year = world.bloc_year
    officers = {"an", "binh", "ha"}
    assert who(world, lambda a: may.can_draft_scheme(a, year)) == officers | {"dung"}
    assert who(world, lambda a: may.can_manage_stages(a, year)) == {"binh", "ha", "dung"}
    assert who(world, lambda a: may.can_lock_table(a, year)) == {"binh", "ha"}
    assert who(world, lambda a: may.can_unlock_table(a, year)) == {"dung"}
    assert who(world, lambda a: may.sees_all_sheets(a, year, is_open=True)) == officers | {"dung"}
    assert who(world, lambda a: may_request(a, year)) == officers | {"dung"}


def test_an_administrator_has_no_business_write(world: World) -> None:
    lan, year, unit = world.actor("lan"), world.bloc_year, world.units[3].pk
    assert not may.can_draft_scheme(lan, year)
    assert not may.can_lock_table(lan, year)
    assert not may.can_record_score(lan, year, may.BLOC, unit, set())
    assert not may.can_record_score(lan, year, may.SELF, unit, set())


@pytest.mark.parametrize("unit", range(8))
def test_own_scoring_is_entered_by_the_unit_alone(world: World, unit: int) -> None:
    column = world.units[unit].pk
    expected = {0: {"an", "binh"}, 1: {"ha"}, 2: {"chi", "chung"}}.get(unit, set())
    assert who(world, lambda a: may.can_record_score(a, world.bloc_year, may.SELF, column, set())) == expected


@pytest.mark.parametrize("unit", range(8))
def test_the_bloc_scores_every_unit_but_the_scorers_own(world: World, unit: int) -> None:
    """Secretary and lead belong to unit 0: its column is the deputy's, and no other."""
    officers = {world.units[0].pk}
    column = world.units[unit].pk
    expected = {"ha"} if unit == 0 else {"an", "binh"}
    assert who(world, lambda a: may.can_record_score(a, world.bloc_year, may.BLOC, column, officers)) == expected


def test_the_deputy_never_scores_her_own_unit(world: World) -> None:
    own = world.units[1].pk
    verdict = may.can_record_score(world.actor("ha"), world.bloc_year, may.BLOC, own, {own})
    assert not verdict
    assert verdict.code == "own-unit"
    assert verdict.reason == may.OWN_UNIT


def test_a_closed_year_is_read_only_for_everyone(world: World) -> None:
    world.bloc_year.is_closed = True
    year, unit = world.bloc_year, world.units[4].pk
    for rule in (
        lambda a: may.can_draft_scheme(a, year),
        lambda a: may.can_manage_stages(a, year),
        lambda a: may.can_lock_table(a, year),
        lambda a: may.can_record_score(a, year, may.BLOC, unit, set()),
        lambda a: may.can_submit_sheet(a, year, world.units[2].pk),
    ):
        assert who(world, rule) == set()


def test_an_office_of_another_year_gives_nothing(world: World) -> None:
    world.bloc_year.year = 2025
    assert who(world, lambda a: may.can_lock_table(a, world.bloc_year)) == set()


def test_other_sheets_stay_hidden_until_the_lock(world: World) -> None:
    year, other = world.bloc_year, world.units[5].pk
    hidden = may.can_see_sheet(world.actor("chi"), year, other, is_open=True)
    assert not hidden
    assert hidden.code == "hidden-until-locked"
    assert may.can_see_sheet(world.actor("chi"), year, world.units[2].pk, is_open=True)
    assert may.can_see_sheet(world.actor("chi"), year, other, is_open=False)


def test_an_office_ends_with_its_last_day(world: World) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from blocs.models import Post

    Post.objects.filter(user=world.user("binh"), kind="bloc_lead").update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    assert not may.can_lock_table(world.actor("binh"), world.bloc_year)


def test_a_council_member_sees_the_published_ranking_and_no_sheet(world: World) -> None:
    """Rows 28, 38 and 46 of the matrix, before and after the lock."""
    year, unit = world.bloc_year, world.units[5].pk
    inside = {"an", "binh", "ha", "chi", "chung", "dung"}
    officers = {"an", "binh", "ha", "dung"}
    assert who(world, lambda a: may.sees_whole_ranking(a, year, is_open=True)) == officers
    after = who(world, lambda a: may.sees_whole_ranking(a, year, is_open=False))
    assert after >= inside | {"khang"} and not after & {"lan", "mai"}
    for is_open in (True, False):
        for name in ("khang", "lan", "mai"):
            assert not may.can_see_sheet(world.actor(name), year, unit, is_open=is_open)
            assert not may.can_export_table(world.actor(name), year, is_open=is_open)
    assert who(world, lambda a: may.sees_all_sheets(a, year, is_open=False)) >= inside


def test_rights_of_several_offices_add_up(world: World) -> None:
    from blocs.models import Post

    Post.objects.create(user=world.user("khang"), kind="unit_officer", unit=world.units[5])
    assert may.sees_all_sheets(world.actor("khang"), world.bloc_year, is_open=False)
    Post.objects.create(user=world.user("lan"), kind="council_member", province=world.other_province)
    assert not may.sees_whole_ranking(world.actor("lan"), world.bloc_year, is_open=False)
