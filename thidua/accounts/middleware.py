"""From a session to an Actor: age limits, sign-in required everywhere, the second factor where offices demand it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import import_string

from thidua.lib.actor import ANONYMOUS, Actor
from thidua.web import errors

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
_SEEN_STEP = 60  # seconds: the idle clock is written at most once a minute, not with each request
SIGNED_OUT_MESSAGE = "Phiên làm việc đã hết. Đăng nhập lại ở đây, những gì bạn gõ vẫn còn."
Answer = Callable[[HttpRequest], HttpResponseBase]


def is_background(request: HttpRequest) -> bool:
    """Was this sent by a script of the page (htmx, fetch) and not by going to an address?"""
    headers = request.headers
    return (
        (headers.get("HX-Request") == "true" and headers.get("HX-Boosted") != "true")
        or headers.get("X-Requested-With") == "XMLHttpRequest"
        or "application/json" in headers.get("Accept", "")
        or headers.get("Sec-Fetch-Mode", "navigate") in ("cors", "same-origin")
    )


class SessionAgeMiddleware:
    """Ends a session after 30 minutes without a deed and after 12 hours in any case (settings decide).

    A script that only asks for news (a poll) is no sign of a person, so it does not keep the session alive.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if "_auth_user_id" in session:
            now = int(time.time())
            started, seen = session.get(SIGNED_IN_AT), session.get(SEEN_AT)
            if started is None or seen is None:
                session[SIGNED_IN_AT], session[SEEN_AT] = now, now
            elif (
                now - seen > settings.THIDUA_SESSION_IDLE_SECONDS or now - started > settings.THIDUA_SESSION_MAX_SECONDS
            ):
                session.flush()
                request.user = AnonymousUser()
            elif now - seen >= _SEEN_STEP and not (request.method == "GET" and is_background(request)):
                session[SEEN_AT] = now
        response = self.get_response(request)
        if getattr(request, "thidua_signed_out", False):
            response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """Every view needs a signed-in person unless marked.

    A script is told 401, never sent to another page; a form of ours gets its content back, to be sent again.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseBase:
        if is_background(request):
            return signed_out_answer(request)
        if request.method == "POST" and not _is_of_account(request) and errors.came_from_here(request):
            return errors.signed_out_form(request)
        return super().handle_no_permission(request, view_func)


def _is_of_account(request: HttpRequest) -> bool:
    """Pages of signing in and of its second factor: what is typed there is secret, or worth nothing later."""
    name = (request.resolver_match.url_name if request.resolver_match else "") or ""
    return name.startswith(("account_", "mfa_", "usersessions_"))


def signed_out_answer(request: HttpRequest) -> HttpResponse:
    """401 with all a page needs to open its sign-in dialog: sentence, address, a token for the form.

    The event ``thidua-signed-out`` reaches htmx pages also where the answer itself is not swapped in.
    """
    if request.headers.get("HX-Request") == "true":
        response = errors.signed_out(request)
    else:
        body = {"code": "signed-out", "message": SIGNED_OUT_MESSAGE, "sign_in_url": reverse(settings.LOGIN_URL)}
        response = JsonResponse(body | {"csrf_token": get_token(request)}, status=401)
    response["HX-Trigger"] = "thidua-signed-out"
    response["Cache-Control"] = "no-store"
    return response


class ActorMiddleware:
    """``request.actor``: who acts, with the offices held today. One query; none for people not signed in."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.load = import_string(settings.ACTOR_LOADER)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = self._actor(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _actor(self, request: HttpRequest) -> Actor:
        if not request.user.is_authenticated:
            return ANONYMOUS
        return self.load(
            request.user, request_id=getattr(request, "request_id", ""), mfa_done=used_second_factor(request)
        )


def used_second_factor(request: HttpRequest) -> bool:
    """Was a second factor given in this session?"""
    return any(r.get("method") == "mfa" for r in get_authentication_records(request, request.user))


_WITHOUT_FACTOR = {"account_logout", "account_reauthenticate", "account_change_password"}


class SecondFactorMiddleware:
    """Who holds an office that demands a second factor gets to nothing else before setting one up."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not settings.THIDUA_MFA_FORCED or not request.user.is_authenticated:
            return None
        name = (request.resolver_match.url_name if request.resolver_match else "") or ""
        if not getattr(view_func, "login_required", True) or name in _WITHOUT_FACTOR or name.startswith("mfa_"):
            return None
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.mfa_done or not actor.holds(*settings.THIDUA_MFA_KINDS) or is_mfa_enabled(request.user):
            return None
        if is_background(request):
            return JsonResponse(
                {
                    "code": "second-factor",
                    "message": "Bật bước xác thực thứ hai cho tài khoản trước khi làm việc tiếp.",
                },
                status=403,
            )
        return redirect("mfa_activate_totp")
