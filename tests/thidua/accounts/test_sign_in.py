"""Signing in: one sentence for every refusal, limits, ages of sessions, 401 for scripts."""

from __future__ import annotations

import re
import time
from io import StringIO

import pytest
from django.contrib.auth.hashers import get_hasher
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.urls import reverse

from tests.client import OfficeClient
from thidua.accounts.actions import create_user
from thidua.accounts.models import User
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM, Actor
from thidua.lib.errors import NotPermitted, RuleViolation

PASSWORD = "mưa rào trên mái tôn"
LOGIN = "/tai-khoan/dang-nhap/"


@pytest.fixture
def user(db: None) -> User:
    return create_user(by=SYSTEM, username="thuky", full_name="Nguyễn Thị An (mẫu)", password=PASSWORD)


def _token_of(page: str) -> str:
    form = page[page.index('method="post" action="/tai-khoan/thong-tin/"') :]
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert found
    return found[1]


def post(client: OfficeClient, name: str, password: str, **extra: str):
    return client.post(LOGIN, {"login": name, "password": password}, **extra)


class TestSignIn:
    def test_page_has_two_fields_and_one_button(self, client: OfficeClient, db: None) -> None:
        page = client.get(LOGIN).content.decode()
        assert page.count("<button") == 1
        assert 'autocomplete="username"' in page
        assert 'autocomplete="current-password"' in page
        assert "Tên đăng nhập" in page

    def test_right_password_signs_in_and_is_recorded(self, client: OfficeClient, user: User) -> None:
        response = post(client, " ThuKy ", PASSWORD)
        assert response.status_code == 302
        assert response["Location"] == reverse("home")
        assert client.session["_auth_user_id"] == str(user.pk)
        assert Event.objects.filter(verb="accounts.sign_in", actor_id=user.pk).count() == 1

    def test_unknown_disabled_and_wrong_answer_the_same(self, client: OfficeClient, user: User) -> None:
        create_user(by=SYSTEM, username="nghi", full_name="Nghỉ (mẫu)", password=PASSWORD)
        User.objects.filter(username="nghi").update(is_active=False)
        answers = []
        for name, password in (("thuky", "sai"), ("khongco", PASSWORD), ("nghi", PASSWORD), ("nghi", "sai")):
            response = post(OfficeClient(), name, password)
            answers.append((response.status_code, response.content.decode().replace(name, "*").split("csrf")[0]))
            assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in response.content.decode()
        assert {status for status, _ in answers} == {422}
        assert not Event.objects.filter(verb="accounts.sign_in").exists()
        assert Event.objects.filter(verb="accounts.sign_in_failed").count() == 4

    def test_unknown_names_cost_a_hash_too(self, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
        hasher = type(get_hasher())
        calls: list[str] = []
        encode = hasher.encode
        monkeypatch.setattr(hasher, "encode", lambda self, *a: (calls.append("x"), encode(self, *a))[1])
        counts = []
        for name in ("thuky", "khongco"):
            calls.clear()
            post(OfficeClient(), name, "sai")
            counts.append(len(calls))
        assert counts[0] == counts[1] >= 1

    def test_a_megabyte_of_password_is_not_hashed(self, client: OfficeClient, user: User, monkeypatch) -> None:
        monkeypatch.setattr(type(get_hasher()), "encode", lambda *a: pytest.fail("hashed"))
        response = post(client, "thuky", "x" * 1_000_001)
        assert response.status_code == 422
        assert "1000" in response.content.decode()

    @pytest.mark.parametrize("name", ["thu\u0430ky", "thư ký", "a" * 5000, "\u202e", "'; --"])
    def test_odd_names_are_answered(self, client: OfficeClient, user: User, name: str) -> None:
        assert post(client, name, "x").status_code == 422

    def test_five_wrong_tries_lock_this_address_only(self, user: User) -> None:
        for _ in range(5):
            post(OfficeClient(), "thuky", "sai")
        assert "Đăng nhập sai nhiều lần" in post(OfficeClient(), "thuky", PASSWORD).content.decode()
        assert post(OfficeClient(), "thuky", PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302

    def test_dialog_gets_the_new_token(self, client: OfficeClient, user: User) -> None:
        response = post(client, "thuky", PASSWORD, HTTP_X_REQUESTED_WITH="XMLHttpRequest")
        assert response.status_code == 200
        assert response.json()["user_id"] == user.pk
        assert response.json()["csrf_token"]

    def test_sign_up_is_nowhere(self, client: OfficeClient, db: None) -> None:
        with pytest.raises(Exception, match="account_signup"):
            reverse("account_signup")


class TestSession:
    def age(self, client: OfficeClient, **times: int) -> None:
        session = client.session
        for name, seconds in times.items():
            session[name] = int(time.time()) - seconds
        session.save()

    @pytest.mark.parametrize(
        ("times", "status"),
        [({"seen_at": 29 * 60}, 200), ({"seen_at": 31 * 60}, 302), ({"signed_in_at": 12 * 3600 + 5}, 302)],
    )
    def test_idle_and_absolute_age(self, sign_in, user: User, times: dict[str, int], status: int) -> None:
        client = sign_in(user)
        self.age(client, **times)
        assert client.get("/tai-khoan/").status_code == status

    def test_a_poll_does_not_keep_it_alive(self, sign_in, user: User) -> None:
        client = sign_in(user)
        self.age(client, seen_at=1000)
        client.get("/tai-khoan/", HTTP_HX_REQUEST="true")
        assert client.session["seen_at"] <= time.time() - 1000
        client.get("/tai-khoan/")
        assert client.session["seen_at"] > time.time() - 10

    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize(
        "headers",
        [
            {"HTTP_HX_REQUEST": "true"},
            {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
            {"HTTP_ACCEPT": "application/json"},
            {"HTTP_SEC_FETCH_MODE": "cors"},
        ],
    )
    def test_scripts_are_told_401_also_when_the_session_row_is_gone(
        self, user: User, headers: dict[str, str], method: str
    ) -> None:
        client = OfficeClient(enforce_csrf_checks=True)
        client.force_login(user)
        Session.objects.all().delete()
        response = getattr(client, method)("/tai-khoan/thong-tin/", **headers)
        assert response.status_code == 401
        assert response["HX-Trigger"] == "thidua-signed-out"
        assert "Phiên làm việc đã hết" in response.content.decode() or response.json()["csrf_token"]

    def test_people_are_sent_to_the_sign_in_page_and_back(self, client: OfficeClient, db: None) -> None:
        response = client.get("/tai-khoan/thong-tin/")
        assert response["Location"] == f"{LOGIN}?next=/tai-khoan/thong-tin/"

    def test_a_form_sent_too_late_is_kept_and_sent_again(self, user: User) -> None:
        client, url = OfficeClient(enforce_csrf_checks=True), "/tai-khoan/thong-tin/"
        typed = {"title": "Phó <Trưởng> phòng", "password": "x1y2", "csrfmiddlewaretoken": "a" * 64}
        kept = client.post(url, typed)
        page = kept.content.decode()
        assert kept.status_code == 401 and kept["Cache-Control"] == "no-store"
        assert "Phiên làm việc đã hết" in page and "Đăng nhập ở thẻ mới" in page and 'target="_blank"' in page
        assert "Phó &lt;Trưởng&gt; phòng" in page and "x1y2" not in page
        client.force_login(user)  # in another tab; the token of the kept page is older than the sign-in
        sent = {"title": "Phó Trưởng phòng", "csrfmiddlewaretoken": _token_of(page)}
        answer = client.post(url, sent)
        if answer.status_code == 403:  # the content once more, with the token of the new session
            assert "Phó Trưởng phòng" in answer.content.decode()
            answer = client.post(url, sent | {"csrfmiddlewaretoken": _token_of(answer.content.decode())})
        assert answer.status_code == 302
        user.refresh_from_db()
        assert user.title == "Phó Trưởng phòng"

    def test_another_sites_form_and_a_sign_in_page_are_not_given_back(self, client: OfficeClient, db: None) -> None:
        url = "/tai-khoan/thong-tin/"
        assert client.post(url, {"full_name": "giả"}, HTTP_SEC_FETCH_SITE="cross-site").status_code == 302
        assert client.post("/tai-khoan/doi-mat-khau/", {"oldpassword": "x1y2"}).status_code == 302

    def test_sign_out_clears_the_browser_and_is_recorded(self, sign_in, user: User) -> None:
        client = sign_in(user)
        assert client.get("/tai-khoan/dang-xuat/").status_code == 200  # asking changes nothing
        assert "_auth_user_id" in client.session
        response = client.post("/tai-khoan/dang-xuat/")
        assert "storage" in response["Clear-Site-Data"]
        assert client.get("/tai-khoan/").status_code == 302
        assert Event.objects.filter(verb="accounts.sign_out").count() == 1

    def test_a_disabled_account_is_out_at_once(self, sign_in, user: User) -> None:
        client = sign_in(user)
        User.objects.update(is_active=False)
        assert client.get("/tai-khoan/").status_code == 302


class TestAccounts:
    @pytest.mark.parametrize("name", ["thu\u0430ky", "thư-ký", "a", "-ab", "a b", "ab\n"])
    def test_user_names_are_ascii(self, db: None, name: str) -> None:
        if name == "ab\n":
            assert User.normalize_username(name) == "ab"
            return
        with pytest.raises(RuleViolation) as caught:
            create_user(by=SYSTEM, username=name, full_name="X (mẫu)", password=None)
        assert caught.value.field == "username"

    def test_the_database_refuses_them_too(self, user: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=user.pk).update(username="thu\u0430ky")
        User.objects.filter(pk=user.pk).update(username="thu.ky-2")

    def test_names_are_composed(self, db: None) -> None:
        user = create_user(by=SYSTEM, username="an", full_name="  Nguye\u0302\u0303n  Thi\u0323 An ", password=None)
        assert user.full_name == "Nguyễn Thị An"
        assert not user.has_usable_password()
        assert Event.objects.get(verb="accounts.create_user").after["username"] == "an"

    @pytest.mark.parametrize(
        "password",
        [
            "Thidua@2026", "Thidua@2026Thidua", "Khenthuong123", "khen thưởng 2026!", "MatKhau123456", "ngắn thôi",
            "P@ssw0rd12345", "aaaaaaaaaaaaaa", "1234567890123", "Nguyễn Thị An", "ban thi đua khen thưởng 2026",
            "qwertyuiop123", "x" * 1001,
        ],
    )  # fmt: skip
    def test_weak_passwords_are_refused(self, db: None, password: str) -> None:
        with pytest.raises(RuleViolation) as caught:
            create_user(by=SYSTEM, username="an", full_name="Nguyễn Thị An", password=password)
        assert caught.value.field == "password"
        assert not any(word in caught.value.message for word in ("This", "too", "password"))
        assert not User.objects.exists()

    @pytest.mark.parametrize("password", [PASSWORD, "bốn chiếc lá bàng khô", "x" * 3 + "tR0ng nh4 m4y?"])
    def test_good_ones_pass(self, db: None, password: str) -> None:
        create_user(by=SYSTEM, username="an", full_name="Nguyễn Thị An", password=password)

    def test_only_the_administrator_creates_accounts(self, db: None) -> None:
        with pytest.raises(NotPermitted):
            create_user(by=Actor(1, "An (mẫu)"), username="moi", full_name="Mới", password=None)

    def test_manager_validates(self, db: None) -> None:
        with pytest.raises(ValidationError):
            User.objects.create_user("thư ký", "x", full_name="X")


class TestCommand:
    def run(self, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
        monkeypatch.setenv("NEW_PASSWORD", password)
        call_command("create_user", "an", "Nguyễn Thị An (mẫu)", "--password-env", "NEW_PASSWORD", stdout=StringIO())

    def test_creates(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run(monkeypatch, PASSWORD)
        assert User.objects.get(username="an").check_password(PASSWORD)

    def test_says_what_is_wrong(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(CommandError, match="dễ đoán"):
            self.run(monkeypatch, "Thidua@2026")


class TestCreateUserPage:
    form = {"username": "moi.ten", "full_name": "Người Mới (mẫu)", "password": PASSWORD, "password_again": PASSWORD}

    def test_only_the_administrator(self, world, sign_in) -> None:
        assert sign_in(world.users["an"]).get("/tai-khoan/lap/").status_code == 403
        assert sign_in(world.users["an"]).post("/tai-khoan/lap/", self.form).status_code == 403
        assert not User.objects.filter(username="moi.ten").exists()

    def test_create_user(self, world, sign_in) -> None:
        client = sign_in(world.users["lan"])
        assert client.get("/tai-khoan/lap/").status_code == 200
        assert client.post("/tai-khoan/lap/", self.form).status_code == 302
        assert User.objects.get(username="moi.ten").check_password(PASSWORD)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"username": "an"}, "đã có người dùng"),
            ({"username": "Mới"}, "chữ không dấu"),
            ({"password": "Thidua@2026", "password_again": "Thidua@2026"}, "dễ đoán"),
            ({"password_again": "khác"}, "khác nhau"),
            ({"full_name": ""}, "chưa nhập"),
        ],
    )
    def test_faults_stand_on_the_form(self, world, sign_in, change: dict[str, str], words: str) -> None:
        answer = sign_in(world.users["lan"]).post("/tai-khoan/lap/", self.form | change)
        assert answer.status_code == 422
        assert words in answer.content.decode()


class TestOwnPages:
    def test_account_page_says_what_happened(self, client: OfficeClient, user: User) -> None:
        post(OfficeClient(), "thuky", "sai")
        post(client, "thuky", PASSWORD)
        page = client.get("/tai-khoan/").content.decode()
        assert "đăng nhập không thành công" in page
        assert "Nguyễn Thị An (mẫu)" in page

    def test_update_profile(self, sign_in, user: User) -> None:
        client = sign_in(user)
        bad = client.post("/tai-khoan/thong-tin/", {"title": "Chuyên viên", "phone": "abc", "email": "x"})
        assert bad.status_code == 422
        assert "Chuyên viên" in bad.content.decode()
        good = {"title": "Chuyên viên", "phone": "0222 3 123 456", "email": "an@example.vn", "username": "khac"}
        assert client.post("/tai-khoan/thong-tin/", good).status_code == 302
        user.refresh_from_db()
        assert (user.title, user.username) == ("Chuyên viên", "thuky")
        assert Event.objects.get(verb="accounts.update_profile").after["phone"] == "0222 3 123 456"

    def test_change_password_ends_the_other_sessions(self, sign_in, user: User) -> None:
        one, two = sign_in(user), sign_in(user)
        form = {"oldpassword": PASSWORD, "password1": "Thidua@2026", "password2": "Thidua@2026"}
        weak = one.post("/tai-khoan/doi-mat-khau/", form)
        assert "dễ đoán" in weak.content.decode()
        new = "sáu con cò bay lả"
        differ = one.post("/tai-khoan/doi-mat-khau/", form | {"password1": new, "password2": new + "!"})
        assert "Hai lần nhập mật khẩu mới khác nhau" in differ.content.decode()
        assert one.post("/tai-khoan/doi-mat-khau/", form | {"password1": new, "password2": new}).status_code == 302
        assert one.get("/tai-khoan/").status_code == 200
        assert two.get("/tai-khoan/").status_code == 302
        assert Event.objects.filter(verb="accounts.change_password").count() == 1

    @override_settings(LANGUAGE_CODE="vi")
    def test_sessions_page(self, client: OfficeClient, user: User) -> None:
        post(client, "thuky", PASSWORD)
        page = client.get("/tai-khoan/phien-dang-nhap/").content.decode()
        assert "Máy này" in page
