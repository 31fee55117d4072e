"""Reading accounts."""

from __future__ import annotations

from django.db.models import QuerySet

from thidua.accounts.models import User
from thidua.lib.actor import Actor


def visible_users(actor: Actor) -> QuerySet[User]:
    """One's own account; the lists of a unit or a province belong to the app that knows offices."""
    return User.objects.filter(pk=actor.user_id)
