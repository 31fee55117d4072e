"""allauth's two adapters: no sign-up from outside, Vietnamese sentences, secrets encrypted at rest."""

from __future__ import annotations

import base64
from functools import lru_cache

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token

WRONG_LOGIN = "Tên đăng nhập hoặc mật khẩu chưa đúng."
TOO_MANY = "Đăng nhập sai nhiều lần. Chờ 5 phút rồi thử lại."


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; one sentence for every refused sign-in, whatever the cause."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": WRONG_LOGIN,
        "cannot_remove_primary_email": "Chưa bỏ được địa chỉ thư này. Đặt địa chỉ khác làm địa chỉ chính trước.",
        "email_password_mismatch": WRONG_LOGIN,
        "enter_current_password": "Mật khẩu hiện tại chưa đúng. Nhập lại.",
        "incorrect_code": "Mã chưa đúng. Xem lại mã đang hiện trên ứng dụng rồi nhập lại.",
        "incorrect_password": "Mật khẩu chưa đúng. Nhập lại.",
        "invalid_login": WRONG_LOGIN,
        "invalid_password_reset": "Liên kết này không dùng được nữa. Đề nghị quản trị của tỉnh cấp lại mật khẩu.",
        "password_min_length": "Mật khẩu cần ít nhất {0} ký tự.",
        "rate_limited": "Bạn thử quá nhiều lần. Chờ 5 phút rồi thử lại.",
        "too_many_login_attempts": TOO_MANY,
        "unknown_email": WRONG_LOGIN,
        "username_password_mismatch": WRONG_LOGIN,
        "username_taken": "Tên đăng nhập này đã có người dùng. Chọn tên khác.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: object) -> AbstractBaseUser | None:
        """A disabled account is answered like an unknown one, so that nobody learns which names exist."""
        user = super().authenticate(request, **credentials)
        return user if user is not None and user.is_active else None

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: object) -> str:
        """Wrong tries count per name *and* address: nobody can lock a colleague out from elsewhere."""
        return f"{super()._get_login_attempts_cache_key(request, **credentials)}:{self.get_client_ip(request)}"

    def ajax_response(
        self, request: HttpRequest, response: HttpResponse, redirect_to: str | None = None, form=None, data=None
    ) -> HttpResponse:
        """The sign-in dialog of a page gets the new token and whose session it is now."""
        answer = super().ajax_response(request, response, redirect_to=redirect_to, form=form, data=data)
        if redirect_to and request.user.is_authenticated:
            body = {"location": redirect_to, "csrf_token": get_token(request), "user_id": request.user.pk}
            return JsonResponse(body)
        return answer

    def send_notification_mail(self, *args: object, **kwargs: object) -> None:
        """No mail: most office accounts hold no address; the events are in the audit record."""


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    """Authenticated encryption under keys derived from the secret keys; the first encrypts, all decrypt."""
    ciphers = []
    for key in keys:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"thidua.accounts.mfa").derive(key.encode())
        ciphers.append(Fernet(base64.urlsafe_b64encode(derived)))
    return MultiFernet(ciphers)


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: the secret of the authenticator app never lies readable in the database."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": "Tài khoản của bạn phải có bước xác thực thứ hai, nên không tắt được.",
        "cannot_generate_recovery_codes": "Bật ứng dụng tạo mã trước, rồi mới tạo được mã dự phòng.",
        "incorrect_code": "Mã chưa đúng. Xem lại mã đang hiện trên ứng dụng rồi nhập lại.",
    }

    def encrypt(self, text: str) -> str:
        return _cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        cipher = _cipher((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
        return cipher.decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last factor of a person whose office demands one."""
        actor = getattr(context.request, "actor", None)
        if not settings.THIDUA_MFA_FORCED or actor is None or not actor.holds(*settings.THIDUA_MFA_KINDS):
            return True
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()
