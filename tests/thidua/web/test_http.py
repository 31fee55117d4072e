"""Methods, guards, one-time form keys, fetching and paging."""

from __future__ import annotations

import re
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.utils import timezone

from tests.thidua.web.urls import deeds
from thidua.accounts.models import User
from thidua.web.http import WriteDuringRead, forget_form_keys, get_visible
from thidua.web.models import FormKey

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.thidua.web.urls")]


@pytest.mark.parametrize("method", ["TRACE", "FOO", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("url", ["/", "/doc/", "/ghi/", "/tai-khoan/dang-nhap/", "/khong-co/"])
def test_unknown_methods_are_405_on_every_address(client, method, url):
    assert client.generic(method, url).status_code == 405


def test_get_of_a_post_only_view_is_405(client):
    answer = client.get("/chi-gui/")
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


def test_post_to_a_read_only_view_is_405(client):
    assert client.post("/doc/").status_code == 405


def test_head_comes_with_get(client):
    assert client.head("/doc/").status_code == 200


def test_a_get_can_read_and_cannot_write(client):
    assert client.get("/doc/").status_code == 200
    with pytest.raises(WriteDuringRead):
        client.get("/doc-ma-ghi/")


def test_a_get_cannot_lock(client):
    with pytest.raises(WriteDuringRead):
        client.get("/doc-ma-khoa/")


def test_writes_of_an_error_answer_are_undone(client):
    assert client.post("/chi-gui/").status_code == 423
    assert deeds() == []


def test_writes_of_an_error_answer_stay_when_marked(client):
    assert client.post("/chi-gui/", {"keep": "1"}).status_code == 423
    assert deeds() == ["deed:post-only"]


def test_a_refusal_undoes_the_writes(client):
    assert client.post("/tu-choi/conflict/").status_code == 409
    assert deeds() == []


def test_the_page_carries_a_key(client):
    text = client.get("/ghi/").content.decode()
    assert re.search(r'name="form_key" value="[0-9a-f-]{36}"', text)


def test_a_replay_gives_the_first_answer(client):
    body = {"text": "một", "form_key": str(uuid.uuid4())}
    first, second = client.post("/ghi/", body), client.post("/ghi/", body)
    assert first.status_code == second.status_code == 302
    assert first["Location"] == second["Location"]
    assert deeds() == ["deed:một"]


def test_a_replay_by_htmx_gives_the_first_answer(client):
    body = {"text": "một", "form_key": str(uuid.uuid4())}
    headers = {"HX-Request": "true"}
    first = client.post("/ghi/", body, headers=headers)
    second = client.post("/ghi/", body, headers=headers)
    assert first["HX-Redirect"] == second["HX-Redirect"]
    assert len(deeds()) == 1


def test_the_same_key_with_other_content_is_a_conflict(client):
    key = str(uuid.uuid4())
    client.post("/ghi/", {"text": "một", "form_key": key})
    answer = client.post("/ghi/", {"text": "hai", "form_key": key})
    assert answer.status_code == 409
    assert answer["X-Refusal"] == "form-key-reused"
    assert deeds() == ["deed:một"]


def test_a_key_of_somebody_else_is_a_conflict(client, sign_in, world):
    body = {"text": "một", "form_key": str(uuid.uuid4())}
    client.post("/ghi/", body)
    assert sign_in(world.users["an"]).post("/ghi/", body).status_code == 409


def test_a_refused_form_gives_its_key_back(client):
    body = {"text": "bad", "form_key": str(uuid.uuid4())}
    answer = client.post("/ghi/", body)
    assert answer.status_code == 422
    assert "Câu này không được." in answer.content.decode()
    assert deeds() == []
    assert client.post("/ghi/", body | {"text": "sửa rồi"}).status_code == 302
    assert deeds() == ["deed:sửa rồi"]


def test_a_garbage_key_is_refused_and_no_key_is_accepted(client):
    assert client.post("/ghi/", {"text": "một", "form_key": "x"}).status_code == 422
    assert client.post("/ghi/", {"text": "một"}).status_code == 302


def test_old_keys_are_forgotten(client):
    client.post("/ghi/", {"text": "một", "form_key": str(uuid.uuid4())})
    assert forget_form_keys(timezone.now() - timedelta(days=1)) == 0
    assert forget_form_keys(timezone.now() + timedelta(seconds=1)) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [2, 10])
def test_double_submit_writes_once(times):
    body = {"text": "slow", "form_key": str(uuid.uuid4())}
    answers = []

    def press() -> None:
        try:
            answers.append(Client().post("/ghi/", body))
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in answers} == {302}
    assert len({a["Location"] for a in answers}) == 1
    assert deeds() == ["deed:slow"]


@pytest.mark.parametrize("pk", ["abc", "1e5", "", " ", "0", "-1", "9" * 30, "1;2", None, [], "١"])
def test_garbage_is_absent(pk):
    with pytest.raises(Http404):
        get_visible(User.objects.all(), pk)


@pytest.mark.parametrize("pk", ["abc", "1e5", "9" * 30])
def test_garbage_ids_are_404(client, pk):
    assert client.get(f"/nguoi/{pk}/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ("", 1),
        ("page=0", 1),
        ("page=abc", 1),
        ("page=999999999", 3),
        ("page=-1", 1),
        ("page=2", 2),
        ("page=%C2%B2", 1),
        ("page=2&page=3", 2),
    ],
)
def test_the_nearest_page_is_shown(client, asked, page):
    assert client.get(f"/hang/?{asked}").content.decode().startswith(f"{page} ")


def test_keys_carry_no_content():
    assert {f.name for f in FormKey._meta.fields} == {"key", "user_id", "path", "body_hash", "location", "created_at"}
