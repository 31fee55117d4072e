"""Forms of signing in and of one's own account; the library's forms in our look and words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordAgainForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.recovery_codes.forms import GenerateRecoveryCodesForm
from allauth.mfa.totp.forms import ActivateTOTPForm, DeactivateTOTPForm
from django import forms

from thidua.accounts.passwords import MAX_LENGTH
from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import clean_text
from thidua.web.forms import LineField, OfficeForm

TOO_LONG = f"Mật khẩu không dài quá {MAX_LENGTH} ký tự. Nhập lại."


def _dress(form: forms.Form, name: str, label: str, **attrs: str) -> None:
    """Label and attributes of a library field; its English placeholder and hint go."""
    field = form.fields[name]
    field.label, field.help_text = label, ""
    field.widget.attrs = {"class": "form-control", **attrs}
    field.error_messages["required"] = f"{label}: chưa nhập. Đây là phần cần có."


def _bounded(password: str) -> str:
    """Nothing longer than can be hashed in good time is hashed."""
    if len(password) > MAX_LENGTH:
        raise forms.ValidationError(TOO_LONG, "password_too_long")
    return password


class SignInForm(OfficeForm, LoginForm):
    """User name and password."""

    not_done = "Chưa đăng nhập được"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # After a refusal the focus belongs to the summary of errors.
        first = {} if self.is_bound else {"autofocus": "autofocus"}
        _dress(
            self, "login", "Tên đăng nhập", autocomplete="username", autocapitalize="none", spellcheck="false", **first
        )
        _dress(self, "password", "Mật khẩu", autocomplete="current-password")

    def clean_login(self) -> str:
        try:
            return clean_text(super().clean_login(), one_line=True).lower()
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message, refusal.code) from refusal

    def clean_password(self) -> str:
        return _bounded(self.cleaned_data["password"])


class PasswordForm(OfficeForm, PasswordAgainForm):
    """The password once more."""

    not_done = "Chưa xác nhận được"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self, "password", "Mật khẩu", autocomplete="current-password")

    def clean_password(self) -> str:
        _bounded(self.cleaned_data["password"])
        return super().clean_password()


class NewPasswordForm(OfficeForm, ChangePasswordForm):
    """Old password, new one twice."""

    not_done = "Chưa đổi được mật khẩu"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self, "oldpassword", "Mật khẩu đang dùng", autocomplete="current-password")
        _dress(self, "password1", "Mật khẩu mới", autocomplete="new-password")
        _dress(self, "password2", "Nhập lại mật khẩu mới", autocomplete="new-password")
        self.fields[
            "password1"
        ].help_text = (
            "Từ 12 ký tự. Ghép vài từ không liên quan; không dùng tên cơ quan, tên phong trào hay dãy số quen thuộc."
        )

    def clean_oldpassword(self) -> str:
        _bounded(self.cleaned_data.get("oldpassword", ""))
        return super().clean_oldpassword()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "password2" in self._errors and self.cleaned_data.get("password1"):
            self._errors["password2"] = self.error_class(["Hai lần nhập mật khẩu mới khác nhau. Nhập lại lần hai."])
        return cleaned


class _CodeForm(OfficeForm):
    not_done = "Chưa xác nhận được"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self, "code", "Mã 6 số hoặc mã dự phòng", autocomplete="one-time-code", autocapitalize="none")
        self.fields["code"].max_length = 64


class CodeForm(_CodeForm, AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(_CodeForm, ReauthenticateForm):
    """The code once more."""


class ActivateAppForm(OfficeForm, ActivateTOTPForm):
    """The first code of a new authenticator app."""

    not_done = "Chưa bật được"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self, "code", "Mã 6 số trên ứng dụng", autocomplete="one-time-code", inputmode="numeric")


class DeactivateAppForm(OfficeForm, DeactivateTOTPForm):
    """No field; refused where the office demands a second factor."""

    not_done = "Chưa tắt được"


class NewCodesForm(OfficeForm, GenerateRecoveryCodesForm):
    """No field; refused without an authenticator app."""

    not_done = "Chưa tạo được"


class _PersonFields(OfficeForm):
    title = LineField(label="Chức vụ", max_length=160, required=False)
    phone = forms.RegexField(
        label="Điện thoại",
        regex=r"^[0-9 +().-]{6,20}$",
        required=False,
        error_messages={"invalid": "Số điện thoại chỉ gồm chữ số, dấu cách, dấu + . ( ) -; từ 6 đến 20 ký tự."},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    email = forms.EmailField(
        label="Thư điện tử công vụ",
        max_length=254,
        required=False,
        error_messages={"invalid": "Địa chỉ thư chưa đúng dạng, ví dụ thuky@example.vn."},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class UpdateProfileForm(_PersonFields):
    """Own title, telephone and mail address."""


class CreateUserForm(_PersonFields):
    """A new account; what a name and a password may be is decided by the action."""

    not_done = "Chưa lập được tài khoản"
    field_order = ("username", "full_name", "title", "phone", "email", "password", "password_again")
    username = LineField(
        label="Tên đăng nhập", max_length=64, help_text="Chữ không dấu, chữ số, dấu chấm, gạch nối. Ví dụ: thuky.sgddt."
    )
    full_name = LineField(label="Họ và tên", max_length=120)
    password = forms.CharField(
        label="Mật khẩu ban đầu",
        max_length=MAX_LENGTH,
        strip=False,
        help_text="Từ 12 ký tự. Đưa riêng cho người dùng và nhắc đổi ngay lần đầu.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label="Nhập lại mật khẩu",
        max_length=MAX_LENGTH,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("password") and cleaned.get("password_again") not in (None, cleaned["password"]):
            self.add_error("password_again", "Hai lần nhập mật khẩu khác nhau. Nhập lại lần hai.")
        return cleaned
