"""Who sees which years of a bloc."""

from __future__ import annotations

import pytest
from django.urls import reverse

from blocs.models import Covenant, Meeting, Membership, Post
from blocs.permissions import can_approve_meeting, can_sign_covenant
from blocs.queries.search import found_for
from blocs.queries.visible import visible_bloc_years
from tests import personas as people

pytestmark = pytest.mark.django_db


def years_of(actor, bloc):
    return sorted(visible_bloc_years(actor).filter(bloc=bloc).values_list("year", flat=True))


def test_a_unit_that_left_reads_the_years_before_and_nothing_after(world, sign_in):
    people.make_bloc_year(world.province, "BN-VHXH", world.units[:3], year=2025)
    after = people.make_bloc_year(world.province, "BN-VHXH", world.units[:2], year=2027)
    assert years_of(world.actor("chi"), world.bloc) == [2025, 2026]
    assert years_of(world.actor("ha"), world.bloc) == [2025, 2026, 2027]
    assert years_of(world.actor("dung"), world.bloc) == [2025, 2026, 2027]
    assert years_of(world.actor("giang"), world.bloc) == []
    chi = sign_in(world.user("chi"))
    assert chi.get(reverse("blocs:bloc_year", args=[after.pk])).status_code == 404
    assert chi.get(reverse("scoring:ranking", args=[after.pk])).status_code == 404
    listed = chi.get(reverse("blocs:blocs")).content.decode()
    assert reverse("blocs:bloc_year", args=[after.pk]) not in listed
    assert found_for(world.actor("chi"), "văn hóa").blocs[0].latest_year_id == world.bloc_year.pk


def test_an_office_of_a_past_year_opens_no_later_one(world):
    after = people.make_bloc_year(world.province, "BN-VHXH", world.units[:2], year=2027)
    Membership.objects.filter(unit=world.units[2]).delete()
    Post.objects.create(user=world.user("mai"), kind="bloc_secretary", unit=world.units[2], bloc=world.bloc, year=2026)
    assert years_of(world.actor("mai"), world.bloc) == [2026]
    assert after.pk not in visible_bloc_years(world.actor("mai")).values_list("pk", flat=True)


def test_nothing_is_signed_or_approved_in_a_closed_year(world):
    world.bloc_year.is_closed = True
    world.bloc_year.save()
    covenant = Covenant.objects.create(bloc_year=world.bloc_year, state="agreed")
    meeting = Meeting.objects.create(bloc_year=world.bloc_year, kind="year_end", title="Hội nghị tổng kết")
    lead = world.actor("binh")
    assert can_sign_covenant(lead, covenant).code == "closed-year"
    assert can_approve_meeting(lead, meeting).code == "closed-year"
