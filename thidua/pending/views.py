"""What waits for a second person: list, one step, the decision."""

from __future__ import annotations

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from thidua.accounts.reauth import ConfirmForm
from thidua.pending import actions, queries
from thidua.pending.forms import RefuseForm
from thidua.pending.labels import STATES, TAGS
from thidua.pending.models import PendingStep
from thidua.pending.permissions import can_decide, can_withdraw
from thidua.pending.registry import kind_of
from thidua.pending.rules import State
from thidua.web.forms import OfficeForm
from thidua.web.http import get_visible, http, refusals_on, see_other, status_of


@http(reads=("GET",))
def steps(request: HttpRequest) -> HttpResponse:
    """Mine to decide first, then mine that others decide."""
    context = {
        "place": "pending",
        "waiting": [_row(step) for step in queries.waiting_for(request.actor)],
        "proposed": [_row(step) for step in queries.proposed_by(request.actor)],
    }
    return render(request, "pending/steps.html", context)


@http(reads=("GET",))
def step(request: HttpRequest, step_id: int) -> HttpResponse:
    found = get_visible(queries.visible_steps(request.actor), step_id)
    return _page(request, found, _confirm_form(request, found), RefuseForm())


@http(reads=(), writes=("POST",))
def confirm(request: HttpRequest, step_id: int) -> HttpResponse:
    found = get_visible(queries.visible_steps(request.actor), step_id)
    form = _confirm_form(request, found)
    if form.is_valid():
        with refusals_on(form):
            actions.confirm(by=request.actor, step_id=found.pk)
            messages.success(request, f"Đã xác nhận: {found.summary}.")
            return see_other(request, "pending:step", found.pk)
    return _page(request, found, form, RefuseForm())


@http(reads=(), writes=("POST",))
def refuse(request: HttpRequest, step_id: int) -> HttpResponse:
    found = get_visible(queries.visible_steps(request.actor), step_id)
    form = RefuseForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.refuse(by=request.actor, step_id=found.pk, reason=form.cleaned_data["reason"])
            messages.success(request, f"Đã ghi không đồng ý: {found.summary}.")
            return see_other(request, "pending:step", found.pk)
    return _page(request, found, _confirm_form(request, found, bound=False), form)


@http(reads=(), writes=("POST",))
def withdraw(request: HttpRequest, step_id: int) -> HttpResponse:
    found = get_visible(queries.visible_steps(request.actor), step_id)
    actions.withdraw(by=request.actor, step_id=found.pk)
    messages.success(request, f"Đã rút đề nghị: {found.summary}.")
    return see_other(request, "pending:steps")


def _confirm_form(request: HttpRequest, found: PendingStep, *, bound: bool = True) -> OfficeForm:
    data = request.POST if bound and request.method == "POST" else None
    form = ConfirmForm(data, request=request) if kind_of(found.verb).needs_password else OfficeForm(data)
    form.not_done = "Chưa xác nhận được"
    return form


def _row(found: PendingStep) -> dict[str, object]:
    return {"step": found, "title": kind_of(found.verb).title}


def _page(request: HttpRequest, found: PendingStep, confirm_form: BaseForm, refuse_form: BaseForm) -> HttpResponse:
    kind = kind_of(found.verb)
    is_open = found.state == State.PROPOSED
    context = {
        "place": "pending",
        "step": found,
        "kind": kind,
        "state_label": STATES[found.state],
        "state_tag": TAGS[found.state],
        "is_open": is_open,
        "decide": can_decide(request.actor, found),
        "can_withdraw": is_open and can_withdraw(request.actor, found),
        "link": kind.link(found) if kind.link else "",
        "confirm_form": confirm_form,
        "refuse_form": refuse_form,
    }
    status = max(status_of(confirm_form), status_of(refuse_form))
    return render(request, "pending/step.html", context, status=status)
