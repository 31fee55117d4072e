"""Reading accounts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from thidua.accounts.models import User
from thidua.audit.models import Event
from thidua.audit.queries import history_of
from thidua.lib.actor import Actor


def visible_users(actor: Actor) -> QuerySet[User]:
    """One's own account; the lists of a unit or a province belong to the app that knows offices."""
    return User.objects.filter(pk=actor.user_id)


def sign_in_history(user_id: int, limit: int = 10) -> Sequence[Event]:
    """What happened to this account lately: sign-ins, failed ones, changes."""
    return history_of("accounts.user", user_id, limit)
