from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from thidua.lib.actor import ANONYMOUS, SYSTEM, Actor, Post

SECRETARY = Post(kind="bloc-secretary", unit_id=1, bloc_id=2, year=2026, label="Thư ký Khối, Sở A")
OFFICER = Post(kind="unit-officer", unit_id=1, label="Cán bộ, Sở A")


def test_who_is_who():
    assert ANONYMOUS.is_anonymous
    assert not SYSTEM.is_anonymous
    assert not Actor(user_id=1, name="An (mẫu)").is_anonymous


def test_offices():
    actor = Actor(user_id=1, name="An (mẫu)", posts=(SECRETARY, OFFICER))
    assert actor.holds("bloc-secretary")
    assert actor.holds("council", "unit-officer")
    assert not actor.holds("council")
    assert actor.posts_of("unit-officer") == (OFFICER,)
    assert actor.office == "Thư ký Khối, Sở A"
    assert Actor(user_id=2, name="Chi (mẫu)").office == ""


def test_an_actor_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        SYSTEM.name = "Khác"
