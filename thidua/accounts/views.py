"""One's own account, and the sign-in page; the other pages of signing in are allauth's with our templates."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from thidua.accounts import actions, queries
from thidua.accounts.forms import CreateUserForm, SignInForm, UpdateProfileForm
from thidua.accounts.permissions import can_create_user
from thidua.lib.verdict import require
from thidua.web.http import get_visible, http, refusals_on, see_other, status_of


class SignInView(LoginView):
    """Two fields, one button; the same sentence and status whatever was wrong."""

    form_class = SignInForm

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        response: HttpResponse = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"has_errors": bool(kwargs.get("form") and kwargs["form"].errors)}


sign_in = SignInView.as_view()


@http(reads=("GET",))
def account(request: HttpRequest) -> HttpResponse:
    """Name, offices, second factor, sessions, what happened to the account lately."""
    user = get_visible(queries.visible_users(request.actor), request.user.pk)
    factors = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    context = {"person": user, "factors": list(factors)}
    return render(request, "accounts/account.html", context)


@http(reads=("GET",), writes=("POST",))
def update_profile(request: HttpRequest) -> HttpResponse:
    user = get_visible(queries.visible_users(request.actor), request.user.pk)
    initial = {"title": user.title, "phone": user.phone, "email": user.email}
    form = UpdateProfileForm(request.POST or None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            actions.update_profile(by=request.actor, user_id=user.pk, **form.cleaned_data)
            messages.success(request, "Đã lưu thông tin của bạn.")
            return see_other(request, "accounts:account")
    return render(request, "accounts/update_profile.html", {"form": form}, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def create_user(request: HttpRequest) -> HttpResponse:
    require(can_create_user(request.actor))
    form = CreateUserForm(request.POST or None)
    if form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "password_again"}
        with refusals_on(form):
            made = actions.create_user(by=request.actor, **fields)
            messages.success(request, f"Đã lập tài khoản {made.username} cho {made.full_name}.")
            return see_other(request, "accounts:create_user")
    return render(request, "accounts/create_user.html", {"form": form}, status=status_of(form))
