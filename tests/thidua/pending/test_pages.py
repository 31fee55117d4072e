"""The pages of the two-person step: who sees, who decides, what a refusal shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.personas import PASSWORD
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, refused
from thidua.pending import registry
from thidua.pending.actions import propose
from thidua.pending.models import PendingStep


def _perform(*, by: Actor, name: str) -> None:
    audit.record(by, "test.create", None, after={"name": name})


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    registry.register(
        "test.create",
        perform=_perform,
        can_confirm=lambda actor, step: ALLOWED if actor.holds("staff") else refused("Không phải Ban Thi đua."),
        title="Lập khối",
        needs_password=True,
    )
    yield
    registry._kinds.pop("test.create")


@pytest.fixture
def step(world: Any) -> PendingStep:
    return propose(by=world.actor("dung"), verb="test.create", args={"name": "Khối A"}, summary="Lập Khối A")


def test_list_shows_it_to_both_in_their_places(world: Any, sign_in: Any, step: PendingStep) -> None:
    mine = sign_in(world.users["dung"]).get("/cho-xac-nhan/").content.decode()
    theirs = sign_in(world.users["dao"]).get("/cho-xac-nhan/").content.decode()
    assert "Không có việc nào chờ bạn" in mine
    assert "Lập Khối A" in mine
    assert "Không có việc nào chờ bạn" not in theirs
    assert "Lập Khối A" not in sign_in(world.users["chung"]).get("/cho-xac-nhan/").content.decode()


def test_strangers_find_nothing(world: Any, sign_in: Any, step: PendingStep) -> None:
    client = sign_in(world.users["chung"])
    assert client.get(f"/cho-xac-nhan/{step.pk}/").status_code == 404
    for deed in ("xac-nhan", "khong-dong-y", "rut"):
        assert client.post(f"/cho-xac-nhan/{step.pk}/{deed}/").status_code == 404
        assert client.get(f"/cho-xac-nhan/{step.pk}/{deed}/").status_code == 405


def test_proposer_may_withdraw_and_not_confirm(world: Any, sign_in: Any, step: PendingStep) -> None:
    client = sign_in(world.users["dung"])
    page = client.get(f"/cho-xac-nhan/{step.pk}/").content.decode()
    assert "Người thứ hai phải là người khác." in page
    assert "Mật khẩu" not in page
    answer = client.post(f"/cho-xac-nhan/{step.pk}/xac-nhan/", {"password": PASSWORD})
    assert answer.status_code == 403
    assert client.post(f"/cho-xac-nhan/{step.pk}/rut/").status_code == 302


def test_second_person_confirms_with_the_password(world: Any, sign_in: Any, step: PendingStep) -> None:
    client = sign_in(world.users["dao"])
    url = f"/cho-xac-nhan/{step.pk}/xac-nhan/"
    wrong = client.post(url, {"password": "sai"})
    assert wrong.status_code == 422
    assert "Mật khẩu chưa đúng" in wrong.content.decode()
    step.refresh_from_db()
    assert step.state == "proposed"
    done = client.post(url, {"password": PASSWORD}, follow=True)
    assert "Đã xác nhận: Lập Khối A." in done.content.decode()
    assert client.post(url, {"password": PASSWORD}).status_code == 409


def test_refusing_needs_a_reason(world: Any, sign_in: Any, step: PendingStep) -> None:
    client = sign_in(world.users["dao"])
    url = f"/cho-xac-nhan/{step.pk}/khong-dong-y/"
    short = client.post(url, {"reason": "ngắn"})
    assert short.status_code == 422
    assert "ngắn" in short.content.decode()
    client.post(url, {"reason": "Chưa có quyết định của tỉnh"})
    page = sign_in(world.users["dung"]).get(f"/cho-xac-nhan/{step.pk}/").content.decode()
    assert "Chưa có quyết định của tỉnh" in page


def test_list_asks_the_same_number_of_questions(world: Any, sign_in: Any, count_queries: Any) -> None:
    client, counts = sign_in(world.users["dao"]), []
    client.get("/cho-xac-nhan/")  # the first visit writes the session's clock
    for number in range(1, 4):
        propose(by=world.actor("dung"), verb="test.create", args={"name": str(number)}, summary=f"Lập {number}")
        with count_queries() as asked:
            client.get("/cho-xac-nhan/")
        counts.append(len(asked))
    assert counts[0] == counts[2] <= 6, counts


def test_a_deed_this_release_no_longer_knows_is_not_found(world: Any, sign_in: Any, step: PendingStep) -> None:
    PendingStep.objects.filter(pk=step.pk).update(verb="test.forgotten")
    client = sign_in(world.users["dung"])
    assert client.get("/cho-xac-nhan/").status_code == 200
    assert client.get(f"/cho-xac-nhan/{step.pk}/").status_code == 404
