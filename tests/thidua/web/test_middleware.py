"""Bad requests, headers, refusals, CSRF: B62-B82 of the corpus."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.thidua.web.urls import deeds

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.thidua.web.urls")]


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/hang/?q=a%00b", 400),
        ("/hang/?q=%ff%fe", 200),
        ("/hang/?q=%ED%A0%BD", 200),
        ("/..%2f..%2fetc/passwd", 404),
        ("/%00", 404),
        ("/%ff", 404),
        ("/hang/?q=" + "a" * 9000, 414),
        ("/hang/?q=%2500", 200),
    ],
)
def test_bad_addresses(client, world, sign_in, url, status):
    assert sign_in(world.users["an"]).get(url).status_code == status


def test_foreign_host_is_400(client):
    assert client.get("/hang/", headers={"host": "evil.vn"}).status_code == 400


@pytest.mark.parametrize("charset", ["utf-7", "nope", "latin-1"])
def test_foreign_charsets_are_400(client, charset):
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/ghi/", b"text=a", content_type=kind).status_code == 400


def test_too_many_fields_are_400_and_many_are_fine(client):
    few = {f"f{i}": "1" for i in range(1001)} | {"text": "một"}
    assert client.post("/ghi/", few).status_code == 302
    kind = "application/x-www-form-urlencoded"
    many = "&".join(f"f{i}=1" for i in range(5002)).encode()
    assert client.generic("POST", "/ghi/", many, content_type=kind).status_code == 400


def test_too_much_is_413_with_a_sentence(client):
    kind = "application/x-www-form-urlencoded"
    answer = client.generic("POST", "/ghi/", b"text=" + b"a" * 3_000_000, content_type=kind)
    assert answer.status_code == 413
    assert "quá lớn" in answer.content.decode()


def test_multipart_without_boundary_is_400(client):
    answer = client.generic("POST", "/ghi/", b"xx", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert deeds() == []


@pytest.mark.parametrize(
    ("kind", "status", "sentence"),
    [
        ("rule", 422, "Quy tắc chưa cho."),
        ("permit", 403, "Trang này dành cho thư ký Khối."),
        ("conflict", 409, "Đã có người sửa."),
        ("locked", 423, "Đã chốt lúc 17:00."),
        ("nul", 400, "không đọc được"),
        ("busy", 503, "đang bận"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_refusals_have_their_page(client, kind, status, sentence, method):
    answer = getattr(client, method)(f"/tu-choi/{kind}/")
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert deeds() == []


def test_a_conflict_shows_both_sides_and_what_was_typed(client):
    text = client.post("/tu-choi/conflict/", {"note": "Câu dài tôi đã gõ", "password": "bí mật lắm"}).content.decode()
    assert "35,00" in text
    assert "30,00" in text
    assert "Câu dài tôi đã gõ" in text
    assert "bí mật lắm" not in text


def test_htmx_gets_a_sentence_for_the_notice_place(client):
    answer = client.post("/tu-choi/locked/", headers={"HX-Request": "true"})
    assert answer.status_code == 423
    assert answer["HX-Retarget"] == "#thong-bao"
    assert "<html" not in answer.content.decode()


def test_a_busy_database_says_when_to_come_back_and_keeps_the_content(client):
    answer = client.post("/tu-choi/busy/", {"text": "dài dòng"})
    assert answer["Retry-After"]
    assert "dài dòng" in answer.content.decode()


def test_a_fault_is_told_with_a_code_only(client):
    client.raise_request_exception = False
    answer = client.get("/tu-choi/fault/")
    text = answer.content.decode()
    assert answer.status_code == 500
    assert re.search(r"mã [0-9A-F]{4}", text)
    assert "boom" not in text
    assert "Traceback" not in text


def test_absent_pages_are_404_for_insiders(world, sign_in):
    answer = sign_in(world.users["an"]).get("/khong-co/")
    assert answer.status_code == 404
    assert "Không có trang này" in answer.content.decode()


def test_headers(client):
    answer = client.get("/ghi/")
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"] == "no-store"
    assert "camera=()" in answer["Permissions-Policy"]
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_an_ended_session_answers_htmx_with_401(client):
    answer = client.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert "Location" not in answer


# ------------------------------------------------------------------- CSRF
def strict() -> Client:
    return Client(enforce_csrf_checks=True)


def test_a_post_without_a_token_keeps_the_content_and_sends_again():
    browser = strict()
    answer = browser.post(
        "/ghi/", {"text": "Dòng\nhai <b>", "password": "x1y2"}, headers={"Origin": "http://testserver"}
    )
    text = answer.content.decode()
    assert answer.status_code == 403
    assert deeds() == []
    assert "hai &lt;b&gt;" in text
    assert "x1y2" not in text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)[1]
    again = browser.post(
        "/ghi/", {"text": "Dòng hai", "csrfmiddlewaretoken": token}, headers={"Origin": "http://testserver"}
    )
    assert again.status_code == 302
    assert deeds() == ["deed:Dòng hai"]


def test_a_post_with_an_old_token_is_kept_too():
    answer = strict().post("/ghi/", {"text": "giữ lại", "csrfmiddlewaretoken": "a" * 64})
    assert answer.status_code == 403
    assert "giữ lại" in answer.content.decode()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.vn"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_content_from_another_site_is_never_offered_again(headers):
    answer = strict().post("/ghi/", {"text": "giả mạo"}, headers=headers)
    assert answer.status_code == 403
    assert "giả mạo" not in answer.content.decode()


def test_htmx_gets_a_fresh_token_and_keeps_the_page():
    browser = strict()
    headers = {"HX-Request": "true", "Origin": "http://testserver"}
    answer = browser.post("/ghi/", {"text": "một"}, headers=headers)
    assert answer.status_code == 403
    assert answer["HX-Retarget"] == "#thong-bao"
    again = browser.post("/ghi/", {"text": "một"}, headers=headers | {"X-CSRFToken": answer["X-New-CSRF-Token"]})
    assert again.status_code == 200
    assert again["HX-Redirect"]


def test_a_busy_database_keeps_the_code_of_a_unit_but_no_one_time_code(client):
    kept = client.post("/tu-choi/busy/", {"code": "BN-SYT-01"}).content.decode()
    assert "BN-SYT-01" in kept
    asked = client.post("/tu-choi/busy/", {"code": "481516", "password": "bí mật lắm"}).content.decode()
    assert "481516" not in asked and "bí mật lắm" not in asked


def test_answers_before_all_middleware_are_safe_by_themselves(client):
    answer = client.generic("TRACE", "/ghi/")
    assert answer.status_code == 405
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'"
