"""Who may do what to accounts."""

from __future__ import annotations

from thidua.accounts.models import User
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

ADMIN_KIND = "admin"  # an office of blocs.rules.states.PostKind, which this layer cannot import


def can_create_user(actor: Actor) -> Verdict:
    """The administrator, and the command line."""
    if actor.is_system or actor.holds(ADMIN_KIND):
        return ALLOWED
    return refused("Quản trị của tỉnh lập tài khoản. Gửi đề nghị cho quản trị.")


def can_update_profile(actor: Actor, user: User) -> Verdict:
    """One's own only."""
    if actor.is_system or actor.user_id == user.pk:
        return ALLOWED
    return refused("Mỗi người tự sửa thông tin của mình.")
