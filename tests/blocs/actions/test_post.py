"""Offices: given at once only where one person is enough."""

from __future__ import annotations

from datetime import date

import pytest

from blocs.actions.post import end_post, give_post, propose_end_post, propose_give_post
from blocs.models import Post
from blocs.queries.post import load_actor
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation
from thidua.pending import actions as pending
from thidua.pending.models import PendingStep

pytestmark = pytest.mark.django_db


def test_give_post_by_command_line(world) -> None:
    post = give_post(by=SYSTEM, user_id=world.user("mai").pk, kind="unit_head", unit_id=world.units[4].pk)
    assert load_actor(world.user("mai")).holds("unit_head")
    assert Event.objects.get(verb="blocs.give_post").subject_id == str(post.pk)


@pytest.mark.parametrize("person", ["an", "binh", "chung", "khang", "giang", "mai"])
def test_posts_are_for_office_and_administrator(world, person: str) -> None:
    by = world.actor(person)
    given = {"user_id": world.user("mai").pk, "kind": "unit_head", "unit_id": world.units[4].pk}
    for deed in (give_post, propose_give_post):
        with pytest.raises(NotPermitted):
            deed(by=by, **given)
    held = Post.objects.get(user=world.user("chung"))
    for deed in (end_post, propose_end_post):
        with pytest.raises(NotPermitted):
            deed(by=by, post_id=held.pk, ends_on=date(2026, 1, 1))


def test_an_administrator_appoints_no_bloc_officer(world) -> None:
    with pytest.raises(NotPermitted):
        propose_give_post(
            by=world.actor("lan"),
            user_id=world.user("mai").pk,
            kind="bloc_lead",
            unit_id=world.units[1].pk,
            bloc_id=world.bloc.pk,
            year=2026,
        )


def test_two_persons_give_an_office(world) -> None:
    step = propose_give_post(
        by=world.actor("dung"),
        user_id=world.user("mai").pk,
        kind="staff",
        province_id=world.province.pk,
        valid_from=date(2026, 1, 1),
    )
    assert isinstance(step, PendingStep)
    with pytest.raises(NotPermitted):
        pending.confirm(by=world.actor("dung"), step_id=step.pk)
    with pytest.raises(NotPermitted):
        pending.confirm(by=world.actor("an"), step_id=step.pk)
    post = pending.confirm(by=world.actor("dao"), step_id=step.pk)
    assert post.valid_from == date(2026, 1, 1)
    assert Event.objects.get(verb="blocs.give_post").acting_for == world.user("dung").full_name
    with pytest.raises(Conflict):
        pending.confirm(by=world.actor("dao"), step_id=step.pk)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit_id": None}, "post-unit"),
        ({"bloc_id": None}, "post-bloc"),
        ({"year": 2031}, "post-no-year"),
        ({"unit_id": "stranger"}, "post-not-member"),
        ({"user_id": "an"}, "post-held"),
        ({"valid_from": date(2026, 2, 1), "valid_to": date(2026, 1, 1)}, "post-life"),
    ],
)
def test_give_post_refuses(world, change: dict, code: str) -> None:
    given = {
        "user_id": world.user("mai").pk,
        "kind": "bloc_secretary",
        "unit_id": world.units[0].pk,
        "bloc_id": world.bloc.pk,
        "year": 2026,
    } | change
    given["unit_id"] = world.other_unit.pk if given["unit_id"] == "stranger" else given["unit_id"]
    given["user_id"] = world.user("an").pk if given["user_id"] == "an" else given["user_id"]
    with pytest.raises(RuleViolation) as refusal:
        give_post(by=SYSTEM, **given)
    assert refusal.value.code == code
    assert not Event.objects.exists()


def test_give_post_to_a_closed_account(world) -> None:
    world.user("mai").is_active = False
    world.user("mai").save()
    with pytest.raises(RuleViolation) as refusal:
        give_post(by=SYSTEM, user_id=world.user("mai").pk, kind="unit_head", unit_id=world.units[4].pk)
    assert refusal.value.code == "user-inactive"


def test_end_post_ends_the_right_at_once(world) -> None:
    held = Post.objects.get(user=world.user("chung"))
    end_post(by=SYSTEM, post_id=held.pk, ends_on=date(2026, 1, 1), reason="chuyển công tác")
    assert not load_actor(world.user("chung")).posts
    event = Event.objects.get(verb="blocs.end_post")
    assert (event.reason, event.after["valid_to"]) == ("chuyển công tác", "2026-01-01")
    with pytest.raises(RuleViolation):
        end_post(by=SYSTEM, post_id=held.pk, ends_on=date(2026, 1, 1))
    again = give_post(
        by=SYSTEM,
        user_id=world.user("chung").pk,
        kind="unit_officer",
        unit_id=held.unit_id,
        valid_from=date(2026, 2, 1),
    )
    assert again.pk != held.pk
