"""Ranking, "Vì sao?", closing and opening the table."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from blocs.models import BlocYear
from blocs.queries.visible import visible_bloc_years
from scoring import permissions
from scoring.actions.table import lock_table as lock_table_action
from scoring.actions.table import propose_unlock, record_lots
from scoring.forms.ranking import LockTableForm, LotsForm, UnlockTableForm
from scoring.queries.ranking import explain_criterion, explain_unit, ranking_of
from scoring.queries.table import Table, table_of
from thidua.lib.verdict import require
from thidua.web.http import get_visible, http, page_or_fragment, refusals_on, see_other, status_of


def _year(request: HttpRequest, bloc_year_id: int) -> BlocYear:
    return get_visible(visible_bloc_years(request.actor).select_related("bloc__province"), bloc_year_id)


def _table(request: HttpRequest, bloc_year: BlocYear) -> Table | None:
    slug = request.GET.get("buoc") or None
    table = table_of(bloc_year, slug)
    if table is None and slug is not None:
        raise Http404
    return table


@http(reads=("GET",))
def ranking(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    table = _table(request, bloc_year)
    context = {"bloc_year": bloc_year, "tab": "ranking", "table": table}
    if table is not None:
        context["ranking"] = ranking_of(request.actor, table)
        context["may_lock"] = permissions.can_lock_table(request.actor, bloc_year)
        context["may_unlock"] = permissions.can_unlock_table(request.actor, bloc_year)
        chosen = request.GET.get("don-vi", "")
        if chosen.isdecimal():
            context["why"] = explain_unit(request.actor, table, int(chosen))
    return page_or_fragment(request, "scoring/ranking.html", "scoring/_ranking.html", context)


@http(reads=("GET",))
def explain_total(request: HttpRequest, bloc_year_id: int, unit_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    table = _table(request, bloc_year)
    why = explain_unit(request.actor, table, unit_id) if table else None
    if why is None:
        raise Http404
    context = {"bloc_year": bloc_year, "tab": "ranking", "table": table, "why": why}
    return page_or_fragment(request, "scoring/explain_total.html", "scoring/_why_total.html", context)


@http(reads=("GET",))
def explain_cell(request: HttpRequest, bloc_year_id: int, unit_id: int, criterion_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    table = _table(request, bloc_year)
    why = explain_criterion(request.actor, table, unit_id, criterion_id) if table else None
    if why is None:
        raise Http404
    context = {"bloc_year": bloc_year, "tab": "grid", "table": table, "why": why}
    return page_or_fragment(request, "scoring/explain_cell.html", "scoring/_why_cell.html", context)


@http(reads=("GET",), writes=("POST",))
def lock_table(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    require(permissions.can_lock_table(request.actor, bloc_year))
    table = table_of(bloc_year, permissions.BLOC)
    seen = ranking_of(request.actor, table) if table else None
    form = LockTableForm(request.POST or None, request=request, initial={"seen": seen.hash if seen else ""})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            lock_table_action(by=request.actor, bloc_year_id=bloc_year.pk, seen_hash=form.cleaned_data["seen"])
            return see_other(request, "scoring:ranking", bloc_year.pk)
    context = {"bloc_year": bloc_year, "tab": "ranking", "form": form, "ranking": seen}
    return render(request, "scoring/lock_table.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def unlock_table(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    require(permissions.can_unlock_table(request.actor, bloc_year))
    form = UnlockTableForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            step = propose_unlock(by=request.actor, bloc_year_id=bloc_year.pk, reason=form.cleaned_data["reason"])
            return see_other(request, "pending:step", step.pk)
    context = {"bloc_year": bloc_year, "tab": "ranking", "form": form}
    return render(request, "scoring/unlock_table.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def lots(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    require(permissions.can_lock_table(request.actor, bloc_year))
    table = table_of(bloc_year)
    if table is None:
        raise Http404
    form = LotsForm(request.POST or None, columns=table.columns)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            record_lots(
                by=request.actor,
                bloc_year_id=bloc_year.pk,
                orders=form.orders,
                reference=form.cleaned_data["reference"],
            )
            return see_other(request, "scoring:ranking", bloc_year.pk)
    context = {"bloc_year": bloc_year, "tab": "ranking", "form": form}
    return render(request, "scoring/lots.html", context, status=status_of(form))
