"""Pages of covenants."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from blocs.actions import covenant as actions
from blocs.documents import can_request_covenant
from blocs.forms.covenant import (
    CovenantDraft,
    ReopenCovenantForm,
    SeenRevisionForm,
    SignaturesDraft,
    SignCovenantForm,
)
from blocs.models import BlocYear, Covenant
from blocs.permissions import can_edit_covenant, can_read_history, can_sign_covenant
from blocs.queries.bloc import members_of
from blocs.queries.covenant import covenant_of, covenant_page, covenant_signing, covenant_text, earlier_covenant
from blocs.queries.visible import visible_bloc_years, visible_covenants
from blocs.rules.states import CovenantState
from blocs.views.draft import require_open, save_draft
from thidua.lib.errors import Locked
from thidua.lib.verdict import require
from thidua.web.http import get_visible, http, refusals_on, see_other, status_of
from thidua.web.templatetags.vi import url_or_empty


def _visible_year(request: HttpRequest, bloc_year_id: int) -> BlocYear:
    rows = visible_bloc_years(request.actor).select_related("bloc__province", "decision")
    return get_visible(rows, bloc_year_id)


def _visible(request: HttpRequest, covenant_id: int) -> Covenant:
    rows = visible_covenants(request.actor).select_related("bloc_year__bloc__province", "bloc_year__decision")
    return get_visible(rows, covenant_id)


@http(reads=("GET",))
def covenant(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """The covenant as it will print; beside it the signatures."""
    bloc_year = _visible_year(request, bloc_year_id)
    found = covenant_of(bloc_year)
    may_edit = can_edit_covenant(request.actor, found, bloc_year)
    context: dict[str, Any] = {"tab": "covenant", "bloc_year": bloc_year, "covenant": found, "may_edit": may_edit}
    if found is None:
        context["earlier"] = earlier_covenant(bloc_year) if may_edit else None
    else:
        context["page"] = covenant_page(found, timezone.localdate())
        context["may_sign"] = can_sign_covenant(request.actor, found)
        context["may_request"] = can_request_covenant(request.actor, found)
        context["may_read_history"] = can_read_history(request.actor, bloc_year.bloc.province_id)
    return render(request, "blocs/covenant.html", context)


@http(reads=(), writes=("POST",))
def create_covenant(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _visible_year(request, bloc_year_id)
    found = actions.create_covenant(by=request.actor, bloc_year_id=bloc_year.pk)
    return see_other(request, "blocs:edit_covenant", found.pk)


@http(reads=(), writes=("POST",))
def copy_covenant(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _visible_year(request, bloc_year_id)
    found = actions.copy_covenant(by=request.actor, bloc_year_id=bloc_year.pk)
    messages.success(request, "Đã chép lời giao ước năm trước. Đọc lại các chỗ ghi năm, số văn bản và chỉ tiêu.")
    return see_other(request, "blocs:edit_covenant", found.pk)


@http(reads=("GET",), writes=("POST",))
def edit_covenant(request: HttpRequest, covenant_id: int) -> HttpResponse:
    """The text, while it is a draft."""
    found = _visible(request, covenant_id)
    require_open(can_edit_covenant(request.actor, found, found.bloc_year))
    if found.state == CovenantState.AGREED and request.method != "POST":
        raise Locked("covenant-agreed", "Lời giao ước đã thống nhất. Mở lại bản nháp, nêu lý do, rồi sửa.")
    members = members_of(found.bloc_year)
    form = CovenantDraft(
        request.POST if request.method == "POST" else None,
        content=covenant_text(found),
        revision=found.revision,
        units=[(m.unit_id, m.name, m.short) for m in members],
    )
    context = {"tab": "covenant", "bloc_year": found.bloc_year, "covenant": found, "form": form}
    if request.method != "POST":
        return render(request, "blocs/edit_covenant.html", context)
    return save_draft(
        request,
        form,
        save=partial(actions.save_covenant, covenant_id=found.pk),
        stored=partial(_stored_text, found.pk),
        page=("blocs/edit_covenant.html", context),
        done=reverse("blocs:covenant", args=[found.bloc_year_id]),
    )


def _stored_text(covenant_id: int) -> tuple[dict[str, Any], int]:
    found = Covenant.objects.get(pk=covenant_id)
    return covenant_text(found), found.revision


@http(reads=("GET",), writes=("POST",))
def edit_signatures(request: HttpRequest, covenant_id: int) -> HttpResponse:
    """Place, day, witness and who signed when."""
    found = _visible(request, covenant_id)
    require_open(can_edit_covenant(request.actor, found, found.bloc_year))
    members = members_of(found.bloc_year)
    form = SignaturesDraft(
        request.POST if request.method == "POST" else None,
        content=covenant_signing(found, members),
        revision=found.revision,
        units=[(m.unit_id, m.name, m.short) for m in members],
    )
    context = {"tab": "covenant", "bloc_year": found.bloc_year, "covenant": found, "form": form}
    if request.method != "POST":
        return render(request, "blocs/edit_signatures.html", context)
    return save_draft(
        request,
        form,
        save=partial(actions.save_signatures, covenant_id=found.pk),
        stored=partial(_stored_signing, found.pk),
        page=("blocs/edit_signatures.html", context),
        done=reverse("blocs:covenant", args=[found.bloc_year_id]),
    )


def _stored_signing(covenant_id: int) -> tuple[dict[str, Any], int]:
    found = Covenant.objects.select_related("bloc_year__bloc").get(pk=covenant_id)
    return covenant_signing(found, members_of(found.bloc_year)), found.revision


@http(reads=("GET",), writes=("POST",))
def agree_covenant(request: HttpRequest, covenant_id: int) -> HttpResponse:
    """The text is agreed; from now on only signatures."""
    found = _visible(request, covenant_id)
    require_open(can_edit_covenant(request.actor, found, found.bloc_year))
    form = SeenRevisionForm(request.POST if request.method == "POST" else None, initial={"revision": found.revision})
    if form.is_valid():
        with refusals_on(form):
            actions.agree_covenant(by=request.actor, covenant_id=found.pk, **form.cleaned_data)
            messages.success(request, "Đã ghi nhận lời giao ước được thống nhất. Tiếp theo: ghi chữ ký.")
            return see_other(request, "blocs:covenant", found.bloc_year_id)
    return _asked(request, "blocs/agree_covenant.html", found, form)


@http(reads=("GET",), writes=("POST",))
def reopen_covenant(request: HttpRequest, covenant_id: int) -> HttpResponse:
    """Back to a draft, with a reason."""
    found = _visible(request, covenant_id)
    require_open(can_edit_covenant(request.actor, found, found.bloc_year))
    form = ReopenCovenantForm(request.POST if request.method == "POST" else None, initial={"revision": found.revision})
    if form.is_valid():
        with refusals_on(form):
            actions.reopen_covenant(by=request.actor, covenant_id=found.pk, **form.cleaned_data)
            messages.success(request, "Đã mở lại bản nháp giao ước.")
            return see_other(request, "blocs:covenant", found.bloc_year_id)
    return _asked(request, "blocs/reopen_covenant.html", found, form)


@http(reads=("GET",), writes=("POST",))
def sign_covenant(request: HttpRequest, covenant_id: int) -> HttpResponse:
    """The lead records it as signed, with the password."""
    found = _visible(request, covenant_id)
    require_open(can_sign_covenant(request.actor, found))
    data = request.POST if request.method == "POST" else None
    form = SignCovenantForm(data, request=request, initial={"revision": found.revision})
    if form.is_valid():
        with refusals_on(form):
            actions.sign_covenant(by=request.actor, covenant_id=found.pk, revision=form.cleaned_data["revision"])
            messages.success(request, "Đã ghi nhận giao ước đã ký.")
            return see_other(request, "blocs:covenant", found.bloc_year_id)
    return _asked(request, "blocs/sign_covenant.html", found, form)


def _asked(request: HttpRequest, template: str, found: Covenant, form: Any) -> HttpResponse:
    page = covenant_page(found, timezone.localdate())
    context = {"tab": "covenant", "bloc_year": found.bloc_year, "covenant": found, "page": page, "form": form}
    return render(request, template, context, status=status_of(form))


@http(reads=(), writes=("POST",))
def request_covenant(request: HttpRequest, covenant_id: int) -> HttpResponse:
    """Ask for the paper; it appears among the papers of the year."""
    found = _visible(request, covenant_id)
    require(can_request_covenant(request.actor, found))
    actions.request_covenant(by=request.actor, covenant_id=found.pk)
    papers = url_or_empty("scoring:papers", found.bloc_year_id)
    return see_other(request, papers or reverse("blocs:covenant", args=[found.bloc_year_id]))
