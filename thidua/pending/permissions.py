"""Who may do what to a two-person step."""

from __future__ import annotations

from thidua.lib.actor import Actor
from thidua.lib.errors import NotPermitted
from thidua.lib.verdict import ALLOWED, Verdict, refused
from thidua.pending.models import PendingStep
from thidua.pending.registry import kind_of
from thidua.pending.rules import check_second_person


def can_decide(actor: Actor, step: PendingStep) -> Verdict:
    """Somebody else than the proposer whom the deed's own app lets confirm."""
    try:
        check_second_person(step.proposed_by_id, actor.user_id)
    except NotPermitted as refusal:
        return refused(refusal.message, refusal.code)
    return kind_of(step.verb).can_confirm(actor, step)


def can_withdraw(actor: Actor, step: PendingStep) -> Verdict:
    """The proposer alone."""
    if actor.user_id is not None and actor.user_id == step.proposed_by_id:
        return ALLOWED
    return refused(f"Chỉ {step.proposed_by_name} rút được đề nghị này.")
