"""Reading two-person steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Q, QuerySet
from django.urls import reverse

from thidua.lib.actor import Actor
from thidua.pending.models import PendingStep
from thidua.pending.registry import kind_of, known
from thidua.pending.rules import State
from thidua.web.registry import Waiting


def _open_steps() -> QuerySet[PendingStep]:
    return PendingStep.objects.filter(state=State.PROPOSED.value, verb__in=known()).order_by("id")


def waiting_for(actor: Actor) -> Sequence[PendingStep]:
    """Open steps this person may decide, oldest first. One query."""
    if actor.user_id is None:
        return []
    steps = _open_steps().exclude(proposed_by_id=actor.user_id)
    return [step for step in steps if kind_of(step.verb).can_confirm(actor, step)]


def proposed_by(actor: Actor) -> Sequence[PendingStep]:
    """Open steps this person proposed, oldest first."""
    if actor.user_id is None:
        return []
    return list(_open_steps().filter(proposed_by_id=actor.user_id))


def visible_steps(actor: Actor) -> QuerySet[PendingStep]:
    """What one proposed, decided, or may decide; not the deeds this release no longer knows."""
    if actor.user_id is None:
        return PendingStep.objects.none()
    mine = Q(proposed_by_id=actor.user_id) | Q(decided_by_id=actor.user_id)
    rows = PendingStep.objects.filter(verb__in=known())
    return rows.filter(mine | Q(pk__in=[step.pk for step in waiting_for(actor)]))


def open_step(verb: str, subject_label: str, subject_id: object) -> PendingStep | None:
    """The open proposal of this deed on this object, for the object's own page."""
    return PendingStep.objects.filter(
        verb=verb, subject_label=subject_label.lower(), subject_id=str(subject_id), state=State.PROPOSED.value
    ).first()


def waiting_rows(actor: Actor) -> Iterator[Waiting]:
    """Rows for the home page: what one may decide, and what waits for somebody else."""
    if actor.user_id is None:
        return
    for step in _open_steps():
        url = reverse("pending:step", args=[step.pk])
        kind = kind_of(step.verb)
        if step.proposed_by_id == actor.user_id:
            yield Waiting(kind.title, f"{step.summary}. Chờ người thứ hai xác nhận.", url, "Xem", None, True)
        elif kind.can_confirm(actor, step):
            yield Waiting(kind.title, f"{step.summary}. {step.proposed_by_name} đề nghị.", url, "Xem và xác nhận")
