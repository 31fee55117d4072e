"""The score grid: the page, one cell, a pasted block, fresh numbers, opening and closing a step, handing in."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from blocs.models import BlocYear
from blocs.queries.visible import visible_bloc_years
from scoring import permissions
from scoring.actions import sheet as sheets
from scoring.actions import table as tables
from scoring.exchange import export_matrix
from scoring.forms.grid import (
    CellForm,
    CellNotesForm,
    OpenStageForm,
    OpenStageWithPasswordForm,
    WholeGridForm,
    read_block,
)
from scoring.models import Stage
from scoring.queries.grid import Grid, cell_answer, grid_numbers, grid_of, shown_table
from scoring.queries.table import table_of
from thidua.accounts.reauth import ConfirmForm
from thidua.exchange.writer import XLSX
from thidua.lib.errors import Conflict, Locked, NotPermitted, Refusal
from thidua.lib.verdict import require
from thidua.web.cells import render_cells
from thidua.web.forms import OfficeForm
from thidua.web.http import get_visible, http, keep_writes, refusals_on, see_other, status_of


def _year(request: HttpRequest, bloc_year_id: int) -> BlocYear:
    return get_visible(visible_bloc_years(request.actor).select_related("bloc"), bloc_year_id)


def _grid(request: HttpRequest, bloc_year: BlocYear) -> Grid | None:
    slug = request.GET.get("buoc") or None
    grid = grid_of(request.actor, bloc_year, slug, request.GET.get("don-vi", ""))
    if grid is None and slug is not None:
        raise Http404
    return grid


def _stage(request: HttpRequest, bloc_year: BlocYear) -> Stage:
    stage = Stage.objects.filter(bloc_year=bloc_year, slug=request.GET.get("buoc", "")).first()
    if stage is None:
        raise Http404
    return stage


def _to_grid(request: HttpRequest, bloc_year: BlocYear, slug: str) -> HttpResponse:
    return see_other(request, f"{reverse('scoring:grid', args=[bloc_year.pk])}?buoc={slug}")


def _page(request: HttpRequest, bloc_year: BlocYear, grid: Grid | None, refused: dict[str, Any] | None = None) -> Any:
    """The whole page; ``refused``: name of a field -> (typed text, sentence) of the cells that were not saved."""
    refused = refused or {}
    context: dict[str, Any] = {"bloc_year": bloc_year, "tab": "grid", "place": "blocs", "grid": grid}
    context["is_sample"] = bloc_year.is_sample
    if grid is None:
        context["may_draft"] = bool(permissions.can_draft_scheme(request.actor, bloc_year))
    else:
        context["why_url"] = reverse("scoring:explain_cell", args=[bloc_year.pk, 0, 0]) + f"?buoc={grid.stage.slug}"
        context["notes_url"] = reverse("scoring:cell_notes", args=[bloc_year.pk, 0, 0]) + f"?buoc={grid.stage.slug}"
        context["one_unit"] = "don-vi" in request.GET
        context["problems"] = [f"{where}: {why}" for where, _, why in refused.values()]
        cells = {
            "grid": grid,
            "typed": {name: typed for name, (_, typed, _) in refused.items()},
            "faults": {name: why for name, (_, _, why) in refused.items()},
        }
        context["cells"] = render_cells("grid.html", cells)
    return render(request, "scoring/grid.html", context, status=422 if refused else 200)


@http(reads=("GET",), writes=("POST",), keyed=False)
def grid(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """The page; a POST is the whole page as a form, sent where scripts do not run."""
    bloc_year = _year(request, bloc_year_id)
    found = _grid(request, bloc_year)
    if request.method != "POST":
        return _page(request, bloc_year, found)
    if found is None:
        raise Http404
    form = WholeGridForm(request.POST, found)
    outcomes = sheets.record_scores(by=request.actor, stage=found.stage.slug, writes=form.changed(), key=uuid4())
    refused = form.refused(outcomes)
    if not refused:
        return _to_grid(request, bloc_year, found.stage.slug)
    return keep_writes(_page(request, bloc_year, _grid(request, bloc_year), refused))


@http(reads=("GET",), writes=("POST",))
def cell_notes(request: HttpRequest, bloc_year_id: int, unit_id: int, criterion_id: int) -> HttpResponse:
    """Note and evidence of one cell; who may not enter it reads them."""
    bloc_year = _year(request, bloc_year_id)
    found = _grid(request, bloc_year)
    column = next((c for c in found.columns if c.column.unit_id == unit_id), None) if found else None
    criterion = found.table.facts.by_id.get(criterion_id) if found else None
    if found is None or column is None or criterion not in found.table.facts.leaves:
        raise Http404
    cell = found.table.cell(unit_id, criterion_id)
    if request.method == "POST" and not column.writable:
        raise NotPermitted("column-closed", f"Bạn không sửa được cột {column.column.short} ở bước này, chỉ xem.")
    initial = {"revision": cell.revision, "note": cell.note, "evidence": cell.evidence}
    form = CellNotesForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            place = {"sheet_id": column.sheet_id, "criterion_id": criterion_id, "stage": found.stage.slug}
            sheets.record_score(by=request.actor, **place, entered=None, key=uuid4(), **form.cleaned_data)
            return _to_grid(request, bloc_year, found.stage.slug)
    context = {"bloc_year": bloc_year, "tab": "grid", "place": "blocs", "grid": found, "column": column}
    context |= {"criterion": criterion, "cell": cell, "form": form}
    return render(request, "scoring/cell_notes.html", context, status=status_of(form))


# ------------------------------------------------------------- for scripts
def _status(refusal: Refusal) -> int:
    if isinstance(refusal, NotPermitted):
        return 403
    if isinstance(refusal, Conflict):
        return 409
    if isinstance(refusal, Locked):
        return 423
    return 404 if refusal.code == "cell-unknown" else 422


@http(reads=(), writes=("POST",), keyed=False)
def record_score(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """One cell: 200 with what was acknowledged, or the refusal as data."""
    form = CellForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"message": "Ô này gửi lên thiếu hoặc sai. Tải lại trang rồi nhập lại."}, status=422)
    data = form.cleaned_data
    try:
        saved = sheets.record_score(
            by=request.actor,
            sheet_id=data["sheet"],
            criterion_id=data["criterion"],
            stage=data["buoc"],
            entered=data["text"],
            revision=data["revision"],
            key=data["key"],
            note=form.told("note"),
            evidence=form.told("evidence"),
            bloc_year_id=bloc_year_id,
        )
    except Refusal as refusal:
        return JsonResponse(cell_answer(refusal=refusal, typed=data["text"]), status=_status(refusal))
    return JsonResponse(cell_answer(saved=saved, typed=data["text"]))


@http(reads=(), writes=("POST",), keyed=False)
def record_scores(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """A block under one key: the fate of every cell, in the order sent."""
    try:
        block = read_block(request.body)
        outcomes = sheets.record_scores(
            by=request.actor, stage=block.stage, writes=block.writes, key=block.key, bloc_year_id=bloc_year_id
        )
    except Refusal as refusal:
        return JsonResponse(cell_answer(refusal=refusal, typed=""), status=_status(refusal))
    cells = []
    for sent, outcome in zip(block.writes, outcomes, strict=True):
        status = 200 if outcome.refusal is None else _status(outcome.refusal)
        answer = cell_answer(saved=outcome.saved, refusal=outcome.refusal, typed=str(sent.entered))
        cells.append(answer | {"status": status, "sheet": sent.sheet_id, "criterion": sent.criterion_id})
    return JsonResponse({"cells": cells})


@http(reads=("GET",))
def totals(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Fresh numbers of the columns the actor sees, and a token for the next saves."""
    bloc_year = _year(request, bloc_year_id)
    found = _grid(request, bloc_year)
    if found is None:
        raise Http404
    try:
        since = datetime.fromisoformat(request.GET.get("tu", ""))
    except ValueError:
        since = None
    if since is not None and timezone.is_naive(since):
        since = None
    numbers = grid_numbers(found, since)
    return JsonResponse(numbers | {"token": get_token(request), "user": request.user.pk})


@http(reads=("GET",))
def export_table(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """The columns the actor sees as a workbook that can be brought back in."""
    bloc_year = _year(request, bloc_year_id)
    table = table_of(bloc_year, request.GET.get("buoc") or None)
    if table is None:
        raise Http404
    require(permissions.can_export_table(request.actor, bloc_year, is_open=not table.is_locked))
    shown, _ = shown_table(request.actor, table)
    response = HttpResponse(export_matrix(shown), content_type=XLSX)
    name = f"Bảng chấm điểm {bloc_year.bloc.short} {bloc_year.year} - {table.stage.name}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


# ------------------------------------------------------------------- steps
@http(reads=("GET",), writes=("POST",))
def open_stage(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Open a step, open it again, or give it another limit."""
    bloc_year = _year(request, bloc_year_id)
    stage = _stage(request, bloc_year)
    require(permissions.can_manage_stages(request.actor, bloc_year))
    data, initial = request.POST if request.method == "POST" else None, {"closes_at": stage.closes_at}
    form = OpenStageForm(data, initial=initial)
    if permissions.stage_needs_password(request.actor, bloc_year):
        form = OpenStageWithPasswordForm(data, request=request, initial=initial)
    form.not_done = "Chưa đổi được hạn" if stage.state == "open" else form.not_done
    if form.is_valid():
        with refusals_on(form):
            tables.open_stage(by=request.actor, stage_id=stage.pk, closes_at=form.cleaned_data["closes_at"])
            return _to_grid(request, bloc_year, stage.slug)
    context = {"bloc_year": bloc_year, "tab": "grid", "place": "blocs", "stage": stage, "form": form}
    return render(request, "scoring/open_stage.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def close_stage(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Close a step now, after a page that says what follows."""
    bloc_year = _year(request, bloc_year_id)
    stage = _stage(request, bloc_year)
    require(permissions.can_manage_stages(request.actor, bloc_year))
    data = request.POST if request.method == "POST" else None
    form = OfficeForm(data)
    if permissions.stage_needs_password(request.actor, bloc_year):
        form = ConfirmForm(data, request=request)
    form.not_done = "Chưa đóng được"
    if form.is_valid():
        with refusals_on(form):
            tables.close_stage(by=request.actor, stage_id=stage.pk)
            return _to_grid(request, bloc_year, stage.slug)
    found = grid_of(request.actor, bloc_year, stage.slug)
    context = {"bloc_year": bloc_year, "tab": "grid", "place": "blocs", "stage": stage, "grid": found, "form": form}
    return render(request, "scoring/close_stage.html", context, status=status_of(form))


def _own(request: HttpRequest, bloc_year: BlocYear) -> tuple[Grid, Any]:
    found = _grid(request, bloc_year)
    if found is None:
        raise Http404
    if found.to_submit is None:
        raise NotPermitted("not-head", "Thủ trưởng đơn vị nộp và rút bảng tự chấm của đơn vị mình.")
    return found, found.to_submit


@http(reads=("GET",), writes=("POST",))
def submit_sheet(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Hand the own sheet in: what it holds, what is missing, the password."""
    bloc_year = _year(request, bloc_year_id)
    found, own = _own(request, bloc_year)
    form = ConfirmForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        with refusals_on(form):
            tables.submit_sheet(by=request.actor, sheet_id=own.sheet_id, stage_slug=found.stage.slug)
            return _to_grid(request, bloc_year, found.stage.slug)
    context = {"bloc_year": bloc_year, "tab": "grid", "place": "blocs", "grid": found, "own": own, "form": form}
    return render(request, "scoring/submit_sheet.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def withdraw_sheet(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """Take the own sheet back before the step closes, with the password as it was handed in."""
    bloc_year = _year(request, bloc_year_id)
    found, own = _own(request, bloc_year)
    form = ConfirmForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        with refusals_on(form):
            tables.withdraw_sheet(by=request.actor, sheet_id=own.sheet_id, stage_slug=found.stage.slug)
            return _to_grid(request, bloc_year, found.stage.slug)
    context = {"bloc_year": bloc_year, "tab": "grid", "place": "blocs", "grid": found, "own": own, "form": form}
    return render(request, "scoring/withdraw_sheet.html", context, status=status_of(form))
