"""What the sign-in library tells us goes into the record; the session learns when it began."""

from __future__ import annotations

import time
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from thidua.accounts import actions, middleware
from thidua.accounts.models import User
from thidua.lib.actor import Actor


def _actor(request: HttpRequest | None, user: User | None) -> Actor:
    name = user.full_name if user else "Có người"
    return Actor(user.pk if user else None, name, request_id=getattr(request, "request_id", ""))


@receiver(user_logged_in)
def start_clock(request: HttpRequest, **kwargs: Any) -> None:
    now = int(time.time())
    request.session[middleware.SIGNED_IN_AT] = request.session[middleware.SEEN_AT] = now


@receiver(account.user_logged_in)
def note_sign_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    actions.note(by=_actor(request, user), verb="accounts.sign_in", user=user)


@receiver(user_logged_out)
def note_sign_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    request.thidua_signed_out = True  # type: ignore[attr-defined]
    if user is not None:
        actions.note(by=_actor(request, user), verb="accounts.sign_out", user=user)


@receiver(user_login_failed)
def note_failed_sign_in(credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The account if there is one, never what was typed: people type passwords into the name field."""
    user = User.objects.filter(username=str(credentials.get("username", "")).lower()).first()
    actions.note(by=_actor(request, None), verb="accounts.sign_in_failed", user=user)


@receiver(account.password_changed)
def note_password(request: HttpRequest, user: User, **kwargs: Any) -> None:
    actions.note(by=_actor(request, user), verb="accounts.change_password", user=user)


@receiver(mfa.authenticator_added)
def note_factor_added(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == "recovery_codes":
        return
    actions.note(by=_actor(request, user), verb="accounts.add_second_factor", user=user)


@receiver(mfa.authenticator_removed)
def note_factor_removed(request: HttpRequest, user: User, authenticator: Any, **kwargs: Any) -> None:
    if authenticator.type == "recovery_codes":
        return
    actions.note(by=_actor(request, user), verb="accounts.remove_second_factor", user=user)


@receiver(mfa.authenticator_reset)
def note_factor_reset(request: HttpRequest, user: User, **kwargs: Any) -> None:
    actions.note(by=_actor(request, user), verb="accounts.reset_second_factor", user=user)
