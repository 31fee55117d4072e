"""Nobody does alone what takes two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from thidua import audit
from thidua.accounts.models import User
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM, Actor, Post
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation
from thidua.lib.verdict import ALLOWED, Verdict, refused
from thidua.pending import queries, registry
from thidua.pending.actions import confirm, propose, refuse, withdraw
from thidua.pending.models import PendingStep

STAFF = Post("staff", province_id=1, label="Ban Thi đua")
AN = Actor(1, "An (mẫu)", (STAFF,))
BINH = Actor(2, "Bình (mẫu)", (STAFF,))
STRANGER = Actor(3, "Chi (mẫu)", (Post("staff", province_id=2),))


def _rename(*, by: Actor, user_id: int, name: str) -> str:
    User.objects.filter(pk=user_id).update(full_name=name)
    audit.record(by, "test.rename", ("accounts.user", user_id), after={"name": name}, chain="province:1")
    if name == "xấu":
        raise RuleViolation("bad-name", "Tên này không dùng được.")
    return name


def _can(actor: Actor, step: PendingStep) -> Verdict:
    mine = any(f"province:{p.province_id}" == step.scope for p in actor.posts_of("staff"))
    return ALLOWED if mine else refused("Chỉ Ban Thi đua của tỉnh xác nhận được.")


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    registry.register("test.rename", perform=_rename, can_confirm=_can, title="Đổi tên")
    yield
    registry._kinds.pop("test.rename")


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("mau", "x", full_name="Cũ (mẫu)")


def make(user: User, name: str = "Mới (mẫu)", by: Actor = AN) -> PendingStep:
    args = {"user_id": user.pk, "name": name}
    return propose(
        by=by, verb="test.rename", args=args, subject=user, summary=f"Đổi tên thành {name}", scope="province:1"
    )


def test_proposed_is_not_done_and_waits_for_the_other(user: User) -> None:
    step = make(user)
    user.refresh_from_db()
    assert user.full_name == "Cũ (mẫu)"
    assert [queries.waiting_for(a) for a in (AN, STRANGER, SYSTEM)] == [[], [], []]
    assert queries.waiting_for(BINH) == [step]
    assert queries.proposed_by(AN) == [step]
    assert queries.open_step("test.rename", "accounts.User", user.pk) == step
    assert queries.visible_steps(STRANGER).count() == 0
    assert [row.waits_for_others for row in queries.waiting_rows(AN)] == [True]
    assert [row.waits_for_others for row in queries.waiting_rows(BINH)] == [False]


def test_second_person_confirms_and_the_deed_names_both(user: User) -> None:
    step = make(user)
    assert confirm(by=BINH, step_id=step.pk) == "Mới (mẫu)"
    user.refresh_from_db()
    step.refresh_from_db()
    assert (user.full_name, step.state, step.decided_by_id) == ("Mới (mẫu)", "confirmed", 2)
    deed = Event.objects.get(verb="test.rename")
    assert (deed.actor_name, deed.acting_for) == ("Bình (mẫu)", "An (mẫu)")
    verbs = list(Event.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["pending.propose", "test.rename", "pending.confirm"]
    with pytest.raises(Conflict):
        confirm(by=BINH, step_id=step.pk)
    assert queries.visible_steps(BINH).count() == 1


@pytest.mark.parametrize(("actor", "code"), [(AN, "same-person"), (STRANGER, "not-permitted"), (SYSTEM, "same-person")])
def test_others_do_not_confirm_or_refuse(user: User, actor: Actor, code: str) -> None:
    step = make(user)
    for act in (lambda: confirm(by=actor, step_id=step.pk), lambda: refuse(by=actor, step_id=step.pk, reason="x" * 20)):
        with pytest.raises(NotPermitted) as caught:
            act()
        assert caught.value.code == code
    step.refresh_from_db()
    assert step.state == "proposed"


def test_same_person_sentence(user: User) -> None:
    with pytest.raises(NotPermitted, match="Người thứ hai phải là người khác."):
        confirm(by=AN, step_id=make(user).pk)


def test_a_refused_deed_leaves_everything_as_it_was(user: User) -> None:
    step = make(user, "xấu")
    with pytest.raises(RuleViolation):
        confirm(by=BINH, step_id=step.pk)
    step.refresh_from_db()
    user.refresh_from_db()
    assert (step.state, user.full_name) == ("proposed", "Cũ (mẫu)")
    assert not Event.objects.filter(verb="test.rename").exists()


def test_refuse_needs_a_reason(user: User) -> None:
    step = make(user)
    with pytest.raises(RuleViolation) as caught:
        refuse(by=BINH, step_id=step.pk, reason="không    ")
    assert caught.value.field == "reason"
    refuse(by=BINH, step_id=step.pk, reason="Tên này sai chính tả")
    step.refresh_from_db()
    assert (step.state, step.reason) == ("refused", "Tên này sai chính tả")
    make(user)  # decided, so it may be proposed again


def test_only_the_proposer_withdraws(user: User) -> None:
    step = make(user)
    with pytest.raises(NotPermitted):
        withdraw(by=BINH, step_id=step.pk)
    assert withdraw(by=AN, step_id=step.pk).state == "withdrawn"
    with pytest.raises(Conflict):
        confirm(by=BINH, step_id=step.pk)


def test_one_open_proposal_per_deed_and_object(user: User) -> None:
    make(user)
    with pytest.raises(Conflict) as caught:
        make(user, "Khác (mẫu)", BINH)
    assert caught.value.code == "already-proposed"


def test_without_an_object_the_arguments_decide(db: None) -> None:
    def create(name: str) -> PendingStep:
        return propose(by=AN, verb="test.rename", args={"user_id": 0, "name": name}, summary="Lập", scope="province:1")

    create("a")
    create("b")
    with pytest.raises(Conflict):
        create("a")


def test_the_database_itself_refuses_one_person(user: User) -> None:
    step = make(user)
    with pytest.raises(IntegrityError), transaction.atomic():
        PendingStep.objects.filter(pk=step.pk).update(state="confirmed", decided_by_id=1)
    PendingStep.objects.filter(pk=step.pk).update(state="confirmed", decided_by_id=2)  # the twin that is right


def test_nobody_proposes_without_an_account(user: User) -> None:
    with pytest.raises(NotPermitted):
        make(user, by=SYSTEM)
