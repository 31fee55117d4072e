"""The second factor: encrypted, single use, forced where an office demands it; fresh proof for grave acts."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.test import RequestFactory, override_settings

from tests.client import OfficeClient
from thidua.accounts.actions import create_user
from thidua.accounts.models import User
from thidua.accounts.reauth import ConfirmForm
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM

PASSWORD = "mưa rào trên mái tôn"
LOGIN = "/tai-khoan/dang-nhap/"
STEP_TWO = "/tai-khoan/xac-thuc/dang-nhap/"
ACTIVATE = "/tai-khoan/xac-thuc/ung-dung/bat/"


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def user(db: None) -> User:
    return create_user(by=SYSTEM, username="thuky", full_name="Nguyễn Thị An (mẫu)", password=PASSWORD)


@pytest.fixture
def secret(user: User) -> str:
    value = generate_totp_secret()
    TOTP.activate(user, value)
    RecoveryCodes.activate(user)
    return value


def sign_in_half(user: User) -> OfficeClient:
    client = OfficeClient()
    assert client.post(LOGIN, {"login": user.username, "password": PASSWORD})["Location"] == STEP_TWO
    return client


def test_the_secret_is_not_readable_in_the_database(user: User, secret: str) -> None:
    stored = Authenticator.objects.get(user=user, type="totp").data["secret"]
    assert secret not in stored
    with override_settings(SECRET_KEY="another", SECRET_KEY_FALLBACKS=[]), pytest.raises(Exception):  # noqa: B017, PT011
        Authenticator.objects.get(user=user, type="totp").wrap().validate_code(code_of(secret))


def test_password_alone_does_not_sign_in(user: User, secret: str) -> None:
    client = sign_in_half(user)
    assert client.get("/tai-khoan/").status_code == 302
    page = client.get(STEP_TWO).content.decode()
    assert "Bước xác thực thứ hai" in page
    assert client.post(STEP_TWO, {"code": code_of(secret)}).status_code == 302
    assert client.get("/tai-khoan/").status_code == 200


def test_a_code_works_once(user: User, secret: str) -> None:
    code = code_of(secret)
    assert sign_in_half(user).post(STEP_TWO, {"code": code}).status_code == 302
    again = sign_in_half(user).post(STEP_TWO, {"code": code})
    assert "Mã chưa đúng" in again.content.decode()


def test_recovery_code_works_once(user: User, secret: str) -> None:
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    assert sign_in_half(user).post(STEP_TWO, {"code": code}).status_code == 302
    assert "Mã chưa đúng" in sign_in_half(user).post(STEP_TWO, {"code": code}).content.decode()


@pytest.mark.parametrize("typed", ["", "１２３４５６", "abc", "0" * 5000, "\u0000", "٣٣٣٣٣٣", "123 456"])
def test_odd_codes_are_answered(user: User, secret: str, typed: str) -> None:
    assert sign_in_half(user).post(STEP_TWO, {"code": typed}).status_code in (200, 422)


def test_wrong_codes_are_limited(user: User, secret: str) -> None:
    client = sign_in_half(user)
    for _ in range(11):
        answer = client.post(STEP_TWO, {"code": "000000"})
    assert "sai nhiều lần" in answer.content.decode()
    right = client.post(STEP_TWO, {"code": code_of(secret)})
    assert right.status_code != 302


def reauthenticated(user: User) -> OfficeClient:
    client = OfficeClient()
    client.force_login(user)
    client.post("/tai-khoan/xac-nhan-mat-khau/?next=/tai-khoan/", {"password": PASSWORD})
    return client


def test_activate_app_and_see_recovery_codes(user: User) -> None:
    client = reauthenticated(user)
    page = client.get(ACTIVATE).content.decode()
    assert "data:image" in page
    secret = re.search(r'<code class="tt-secret">(\w+)</code>', page)[1]
    wrong = client.post(ACTIVATE, {"code": "1"})
    assert "Mã chưa đúng" in wrong.content.decode()
    secret = re.search(r'<code class="tt-secret">(\w+)</code>', wrong.content.decode())[1]
    answer = client.post(ACTIVATE, {"code": code_of(secret)})
    assert answer.status_code == 302
    assert "Mã dự phòng" in client.get(answer["Location"]).content.decode()
    assert Event.objects.filter(verb="accounts.add_second_factor").count() == 1
    assert "Đã bật" in client.get("/tai-khoan/xac-thuc/").content.decode()
    for page in ("ung-dung/tat/", "ma-du-phong/tao/", "ma-du-phong/tai-ve/", "khoa/", "khoa/them/"):
        assert client.get(f"/tai-khoan/xac-thuc/{page}").status_code == 200, page
    assert client.post("/tai-khoan/xac-thuc/ung-dung/tat/").status_code == 302
    assert Event.objects.filter(verb="accounts.remove_second_factor").count() == 1


def test_adding_a_factor_asks_for_the_password_again(sign_in: Any, user: User) -> None:
    answer = sign_in(user).get(ACTIVATE)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/tai-khoan/xac-nhan-mat-khau/")


class TestForced:
    @pytest.fixture(autouse=True)
    def _forced(self, settings: Any) -> None:
        settings.THIDUA_MFA_FORCED = True

    def test_staff_without_a_factor_get_nowhere_else(self, world: Any, sign_in: Any) -> None:
        client = sign_in(world.users["dung"])
        assert client.get("/tai-khoan/")["Location"] == ACTIVATE
        assert client.get("/tai-khoan/", HTTP_HX_REQUEST="true").status_code == 403
        assert client.get("/tai-khoan/dang-xuat/").status_code == 200

    def test_with_a_factor_they_do(self, world: Any, sign_in: Any) -> None:
        TOTP.activate(world.users["dung"], generate_totp_secret())
        assert sign_in(world.users["dung"]).get("/tai-khoan/").status_code == 200

    def test_others_need_none(self, world: Any, sign_in: Any) -> None:
        assert sign_in(world.users["chung"]).get("/tai-khoan/").status_code == 200

    def test_demo_does_not_force(self, world: Any, sign_in: Any, settings: Any) -> None:
        settings.THIDUA_MFA_FORCED = False
        assert sign_in(world.users["dung"]).get("/tai-khoan/").status_code == 200


class TestFreshProof:
    def request(self, user: User) -> Any:
        request = RequestFactory().post("/")
        request.user, request.session = user, SessionStore()
        return request

    def confirm(self, request: Any, **data: str) -> ConfirmForm:
        return ConfirmForm(data, request=request)

    def test_password(self, user: User) -> None:
        request = self.request(user)
        assert self.confirm(request, password="sai").errors["password"] == ["Mật khẩu chưa đúng. Nhập lại."]
        assert not did_recently_reauthenticate(request)
        assert self.confirm(request, password=PASSWORD).is_valid()
        assert did_recently_reauthenticate(request)

    def test_code_too_where_the_account_has_one(self, user: User, secret: str) -> None:
        request = self.request(user)
        assert "code" in self.confirm(request, password=PASSWORD).errors
        assert "code" in self.confirm(request, password=PASSWORD, code="000000").errors
        code = code_of(secret)
        assert "password" in self.confirm(request, password="sai", code=code).errors
        assert self.confirm(request, password=PASSWORD, code=code).is_valid()
        assert not self.confirm(request, password=PASSWORD, code=code).is_valid()

    def test_tries_are_limited(self, user: User) -> None:
        request = self.request(user)
        for _ in range(10):
            self.confirm(request, password="sai").is_valid()
        assert "quá nhiều lần" in str(self.confirm(request, password=PASSWORD).errors)
        cache.clear()
        assert self.confirm(request, password=PASSWORD).is_valid()
