"""Fresh proof of who is at the keyboard, for the acts that need it (marked ! in the permission matrix)."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from thidua.accounts.passwords import MAX_LENGTH
from thidua.web.forms import OfficeForm


class PasswordConfirmMixin(OfficeForm):
    """Adds ``password`` (and ``code`` where the account has an authenticator app) and checks both.

    ``MyForm(request.POST or None, request=request)``. Ten tries a minute and person. A right answer marks the
    session as freshly confirmed for five minutes.
    """

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.fields["password"] = forms.CharField(
            label="Mật khẩu của bạn",
            max_length=MAX_LENGTH,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "form-control"}),
            error_messages={"required": "Nhập mật khẩu của bạn để xác nhận."},
        )
        factors = Authenticator.objects.filter(user_id=request.user.pk)
        self._factors = [f for f in factors if f.type != Authenticator.Type.WEBAUTHN]
        if any(f.type == Authenticator.Type.TOTP for f in self._factors):
            self.fields["code"] = forms.CharField(
                label="Mã trên ứng dụng xác thực",
                max_length=20,
                widget=forms.TextInput(
                    attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "form-control"}
                ),
                error_messages={"required": "Nhập mã 6 số đang hiện trên ứng dụng, hoặc một mã dự phòng."},
            )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors:  # a one-time code is spent by looking at it: not before everything else is right
            return cleaned
        request = self.request
        allowed = ratelimit.consume(request, action="reauthenticate", user=request.user)
        if not allowed:
            raise ValidationError("Bạn thử quá nhiều lần. Chờ một phút rồi thử lại.", "rate-limited")
        if not request.user.check_password(self.cleaned_data["password"]):
            self.add_error("password", ValidationError("Mật khẩu chưa đúng. Nhập lại.", "password-wrong"))
        elif "code" in self.fields and not self._code_is_right(self.cleaned_data["code"]):
            message = "Mã chưa đúng hoặc đã dùng. Chờ mã mới hiện trên ứng dụng rồi nhập lại."
            self.add_error("code", ValidationError(message, "code-wrong"))
        else:
            record_authentication(request, request.user, method="password", reauthenticated=True)
        return cleaned

    def _code_is_right(self, code: str) -> bool:
        return any(f.wrap().validate_code(code.strip()) for f in self._factors)


class ConfirmForm(PasswordConfirmMixin):
    """Password (and code) alone."""
