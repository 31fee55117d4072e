"""Propose, confirm, refuse, withdraw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, NotPermitted
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text
from thidua.pending.models import PendingStep
from thidua.pending.permissions import can_decide, can_withdraw
from thidua.pending.registry import kind_of
from thidua.pending.rules import State, check_open, check_reason

ALREADY = "Việc này đã có người đề nghị và đang chờ người thứ hai. Mở mục Chờ xác nhận để xem."


@transaction.atomic
def propose(
    *, by: Actor, verb: str, args: Mapping[str, Any], subject: Model | None = None, summary: str, scope: str = ""
) -> PendingStep:
    """Keep a deed for a second person; the caller has checked that ``by`` may ask for it.

    One open proposal per deed and object (without an object: per deed and arguments), else Conflict. ``args`` are
    what ``perform`` is called with later; ``scope`` is also the chain of the record.
    """
    kind_of(verb)
    if by.user_id is None:
        raise NotPermitted("no-person", "Việc cần hai người phải do một người có tài khoản đề nghị.")
    plain = json.loads(json.dumps(dict(args), cls=DjangoJSONEncoder))
    label, subject_id = (subject._meta.label_lower, str(subject.pk)) if subject is not None else ("", "")
    if subject is None and PendingStep.objects.filter(verb=verb, args=plain, state=State.PROPOSED.value).exists():
        raise Conflict("already-proposed", ALREADY)
    step = PendingStep(
        verb=verb,
        args=plain,
        subject_label=label,
        subject_id=subject_id,
        scope=scope,
        summary=clean_text(summary),
        proposed_by_id=by.user_id,
        proposed_by_name=by.name,
        proposed_by_office=by.office,
    )
    try:
        with transaction.atomic():
            step.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("already-proposed", ALREADY) from error
    audit.record(
        by,
        "pending.propose",
        _subject(step),
        after={"step": step.pk, "verb": verb, "args": plain},
        chain=scope,
        subject_text=step.summary,
    )
    return step


@transaction.atomic
def confirm(*, by: Actor, step_id: int) -> Any:
    """Do the deed in the second person's name for the first; returns what ``perform`` returned.

    The step is locked first, so two confirmations at once do it once.
    """
    step = _locked(step_id)
    check_open(step.state)
    require(can_decide(by, step))
    _decide(step, by, State.CONFIRMED, "")
    result = kind_of(step.verb).perform(by=replace(by, acting_for=step.proposed_by_name), **step.args)
    audit.record(by, "pending.confirm", _subject(step), **_event(step))
    return result


@transaction.atomic
def refuse(*, by: Actor, step_id: int, reason: str) -> PendingStep:
    """End the proposal without doing it; the reason is for the proposer."""
    step = _locked(step_id)
    check_open(step.state)
    require(can_decide(by, step))
    reason = clean_text(reason)
    check_reason(reason)
    _decide(step, by, State.REFUSED, reason)
    audit.record(by, "pending.refuse", _subject(step), reason=reason, **_event(step))
    return step


@transaction.atomic
def withdraw(*, by: Actor, step_id: int) -> PendingStep:
    """The proposer takes it back while nobody has decided."""
    step = _locked(step_id)
    check_open(step.state)
    require(can_withdraw(by, step))
    _decide(step, by, State.WITHDRAWN, "")
    audit.record(by, "pending.withdraw", _subject(step), **_event(step))
    return step


def _locked(step_id: int) -> PendingStep:
    return PendingStep.objects.select_for_update(of=("self",)).get(pk=step_id)


def _decide(step: PendingStep, by: Actor, state: State, reason: str) -> None:
    step.state, step.reason = state.value, reason
    step.decided_by_id, step.decided_by_name, step.decided_at = by.user_id, by.name, timezone.now()
    step.save(update_fields=["state", "reason", "decided_by_id", "decided_by_name", "decided_at"])


def _subject(step: PendingStep) -> tuple[str, object]:
    """The object the deed is about, so that its history shows the step; without one the step itself."""
    return (step.subject_label, step.subject_id) if step.subject_id else (step._meta.label_lower, step.pk)


def _event(step: PendingStep) -> dict[str, Any]:
    return {
        "before": {"step": step.pk, "state": State.PROPOSED.value},
        "after": {"step": step.pk, "state": step.state},
        "chain": step.scope,
        "subject_text": step.summary,
    }
