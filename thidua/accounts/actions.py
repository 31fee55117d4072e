"""What is done to accounts, and the record of signing in and out."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from thidua import audit
from thidua.accounts.models import User
from thidua.accounts.permissions import can_create_user, can_update_profile
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation
from thidua.lib.verdict import require

CHAIN = "accounts"


@transaction.atomic
def create_user(
    *, by: Actor, username: str, full_name: str, password: str | None, title: str = "", phone: str = "", email: str = ""
) -> User:
    """A new account; RuleViolation names the field for a name taken or malformed and for a weak password.

    Without a password the account cannot sign in until one is set.
    """
    require(can_create_user(by))
    user = User(username=User.normalize_username(username), full_name=full_name, title=title, phone=phone, email=email)
    try:
        if password is not None:
            validate_password(password, user)
        user.set_password(password)
        user.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.error_dict.items())) if hasattr(error, "error_dict") else ("password", None)
        text = " ".join(error.messages if messages is None else [m for e in messages for m in e.messages])
        raise RuleViolation("account-invalid", text, field=field) from error
    user.save()
    after = {"username": user.username, "full_name": user.full_name, "title": user.title}
    audit.record(by, "accounts.create_user", user, after=after, chain=CHAIN)
    return user


@transaction.atomic
def update_profile(*, by: Actor, user_id: int, title: str, phone: str, email: str) -> User:
    """Own office title, telephone and mail address; the name is the administrator's to change."""
    user = User.objects.select_for_update(of=("self",)).get(pk=user_id)
    require(can_update_profile(by, user))
    fields = ("title", "phone", "email")
    before = {name: getattr(user, name) for name in fields}
    user.title, user.phone, user.email = title, phone, email
    user.full_clean(exclude=["password"])
    user.save(update_fields=fields)
    audit.record(
        by, "accounts.update_profile", user, before=before, after={n: getattr(user, n) for n in fields}, chain=CHAIN
    )
    return user


@transaction.atomic
def note(*, by: Actor, verb: str, user: User | None, reason: str = "") -> None:
    """Record something allauth did: a sign-in, a sign-out, a changed password or factor."""
    audit.record(by, verb, user, reason=reason, chain=CHAIN)
