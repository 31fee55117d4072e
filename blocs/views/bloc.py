"""Pages of blocs and their years."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from blocs.actions import bloc as actions
from blocs.exchange import can_import_register
from blocs.forms.bloc import CreateBlocForm, CreateBlocYearForm, SetLeadsForm, SetMembersForm, UpdateBlocYearForm
from blocs.forms.unit import lines_of
from blocs.models import BlocYear
from blocs.permissions import (
    OFFICE_ONLY,
    can_appoint_leads,
    can_edit_bloc,
    can_edit_bloc_year,
    can_read_history,
    can_start_next_year,
    staff_provinces,
)
from blocs.queries.bloc import bloc_year_page, blocs_listed, leads_as_given, members_of
from blocs.queries.search import member_candidates
from blocs.queries.unit import province_choices, provinces_editable
from blocs.queries.visible import visible_bloc_years, visible_blocs
from thidua.lib.verdict import refused, require
from thidua.web.http import get_visible, http, page_of, page_or_fragment, refusals_on, see_other, status_of

WAITS = "Đã gửi đề nghị. Người thứ hai của Ban Thi đua xác nhận thì có hiệu lực."


def _visible_year(request: HttpRequest, bloc_year_id: int) -> BlocYear:
    rows = visible_bloc_years(request.actor).select_related("bloc__province", "decision")
    return get_visible(rows, bloc_year_id)


@http(reads=("GET",))
def blocs(request: HttpRequest) -> HttpResponse:
    """The blocs one sees, with their years."""
    words = request.GET.get("q", "")[:100]
    context = {
        "place": "blocs",
        "words": words,
        "page": page_of(request, blocs_listed(request.actor, words=words)),
        "may_edit": can_import_register(request.actor, ""),
    }
    return page_or_fragment(request, "blocs/blocs.html", "blocs/_blocs.html", context)


@http(reads=("GET",))
def bloc_year(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Tổng quan: members, leads through the years, decision, officers, history."""
    found = _visible_year(request, bloc_year_id)
    actor = request.actor
    context = {
        "tab": "overview",
        "bloc_year": found,
        "page": bloc_year_page(found.pk),
        "may_edit": can_edit_bloc_year(actor, found),
        "may_appoint": can_appoint_leads(actor, found),
        "may_start_next": can_start_next_year(actor, found),
        "may_read_history": can_read_history(actor, found.bloc.province_id),
    }
    return render(request, "blocs/bloc_year.html", context)


@http(reads=("GET",), writes=("POST",))
def create_bloc_year(request: HttpRequest) -> HttpResponse:
    """A new bloc with its first year: proposed here, done when a second person confirms."""
    require(can_import_register(request.actor, "") or refused(OFFICE_ONLY))
    provinces = province_choices(provinces_editable(request.actor))
    units = member_candidates(sorted(staff_provinces(request.actor)))
    form = CreateBlocForm(_data(request), provinces=provinces, units=units)
    if form.is_valid():
        with refusals_on(form):
            actions.propose_create_bloc_year(by=request.actor, bloc=form.bloc(), **_of_year(form))
            messages.success(request, WAITS)
            return see_other(request, "pending:steps")
    context = {"place": "blocs", "form": form, "units": units}
    return render(request, "blocs/create_bloc_year.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def create_year_of_bloc(request: HttpRequest, bloc_id: int) -> HttpResponse:
    """Another year of a bloc, typed in; for the year after the last there is "Năm sau"."""
    found = get_visible(visible_blocs(request.actor), bloc_id)
    require(can_edit_bloc(request.actor, found))
    units = member_candidates([found.province_id])
    form = CreateBlocYearForm(_data(request), units=units)
    if form.is_valid():
        with refusals_on(form):
            actions.propose_create_bloc_year(by=request.actor, bloc_id=found.pk, **_of_year(form))
            messages.success(request, WAITS)
            return see_other(request, "pending:steps")
    context = {"place": "blocs", "form": form, "units": units, "bloc": found}
    return render(request, "blocs/create_bloc_year.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def update_bloc_year(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Names, decision, theme, source."""
    found = _visible_year(request, bloc_year_id)
    require(can_edit_bloc_year(request.actor, found))
    form = UpdateBlocYearForm(_data(request), initial=_initial(found))
    if form.is_valid():
        given = form.cleaned_data
        with refusals_on(form):
            actions.update_bloc_year(
                by=request.actor,
                bloc_year_id=found.pk,
                bloc=form.bloc(),
                decision=form.decision(),
                **{name: given[name] for name in ("revision", "bloc_revision", "theme", "source_note")},
            )
            messages.success(request, "Đã lưu thông tin năm của khối.")
            return see_other(request, "blocs:bloc_year", found.pk)
    context = {"tab": "overview", "bloc_year": found, "form": form}
    return render(request, "blocs/edit_bloc_year.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def set_members(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Other members, or another order; a second person confirms."""
    found = _visible_year(request, bloc_year_id)
    require(can_edit_bloc_year(request.actor, found))
    units = member_candidates([found.bloc.province_id], found.year)
    mine = [m.unit for m in found.memberships.select_related("unit").order_by("position", "id")]
    units += [u for u in mine if u not in units]
    initial = {"members": lines_of(mine), "revision": found.revision}
    form = SetMembersForm(_data(request), units=units, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            actions.propose_set_members(by=request.actor, bloc_year_id=found.pk, **form.cleaned_data)
            messages.success(request, WAITS)
            return see_other(request, "blocs:bloc_year", found.pk)
    context = {"tab": "overview", "bloc_year": found, "form": form, "units": [u for u in units if u not in mine]}
    return render(request, "blocs/set_members.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def set_leads(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Who leads the year."""
    found = _visible_year(request, bloc_year_id)
    require(can_appoint_leads(request.actor, found))
    members = [(m.unit_id, m.name) for m in members_of(found)]
    form = SetLeadsForm(_data(request), members=members, initial=leads_as_given(found))
    if form.is_valid():
        with refusals_on(form):
            revision = form.cleaned_data["revision"]
            actions.set_leads(by=request.actor, bloc_year_id=found.pk, revision=revision, leads=form.leads())
            messages.success(request, "Đã lưu vai trò.")
            return see_other(request, "blocs:bloc_year", found.pk)
    context = {"tab": "overview", "bloc_year": found, "form": form}
    return render(request, "blocs/set_leads.html", context, status=status_of(form))


def _data(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _of_year(form: CreateBlocYearForm) -> dict[str, Any]:
    given = form.cleaned_data
    named = {name: given[name] for name in ("year", "members", "theme", "source_note")}
    return named | {"leads": form.leads(), "decision": form.decision()}


def _initial(found: BlocYear) -> dict[str, Any]:
    bloc, decision = found.bloc, found.decision
    initial = {n: getattr(bloc, n) for n in ("official_name", "short_name", "paper_lines", "symbol")}
    initial |= {n: getattr(decision, n) for n in ("number", "decided_on", "issuer", "subject")} if decision else {}
    return initial | {
        "theme": found.theme,
        "source_note": found.source_note,
        "revision": found.revision,
        "bloc_revision": bloc.revision,
    }
