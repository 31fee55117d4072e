"""Upload, see what is wrong or what would change, confirm."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from thidua.exchange import actions, labels
from thidua.exchange.forms import ConfirmImportForm, UploadImportForm
from thidua.exchange.kinds import ImportKind, kind_of
from thidua.exchange.models import ImportRun
from thidua.exchange.queries import earlier_confirmed, faults_of, recent_runs, visible_runs
from thidua.exchange.writer import XLSX, faults_xlsx
from thidua.lib.verdict import Verdict, require
from thidua.web.http import get_visible, http, refusals_on, see_other, status_of

SHOWN_FAULTS = 200


def _kind_or_404(request: HttpRequest, slug: str, scope: str) -> ImportKind:
    kind = kind_of(slug)
    if kind is None:
        raise Http404
    _require(kind.can_import(request.actor, scope))
    return kind


def _require(verdict: Verdict) -> None:
    if verdict.code == "not-found" and not verdict:
        raise Http404
    require(verdict)


def _scope(request: HttpRequest) -> str:
    return request.GET.get("scope", "")[:200]


@http(reads=("GET",), writes=("POST",))
def upload(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of one kind: what a file must hold, the template, the upload, the last runs."""
    scope = _scope(request)
    kind = _kind_or_404(request, slug, scope)
    if kind.can_start is not None:
        _require(kind.can_start(request.actor, scope))
    form = UploadImportForm(request.POST or None, request.FILES or None, companion_sheet=kind.companion_sheet)
    if request.method == "POST" and not form.is_bound:
        form = UploadImportForm({}, {}, companion_sheet=kind.companion_sheet)
    if form.is_valid():
        file, companion = form.cleaned_data["file"], form.cleaned_data.get("companion")
        with refusals_on(form):
            run = actions.upload_import(
                by=request.actor,
                kind=kind,
                scope=scope,
                file_name=file.name,
                content=file.read(),
                companion=companion.read() if companion else None,
            )
            return see_other(request, "exchange:run", run.pk)
    context = {"kind": kind, "scope": scope, "form": form, "runs": recent_runs(request.actor, kind, scope)}
    return render(request, "exchange/upload.html", _with_place(context, kind, scope), status=status_of(form))


@http(reads=("GET",))
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """One upload: its faults, or what it would change, or what it did."""
    found = get_visible(visible_runs(request.actor), run_id)
    return render(request, "exchange/run.html", _run_context(request, found))


@http(reads=(), writes=("POST",))
def check(request: HttpRequest, run_id: int) -> HttpResponse:
    """Check the kept file once more."""
    found = get_visible(visible_runs(request.actor), run_id)
    actions.check_import(by=request.actor, run_id=found.pk)
    return see_other(request, "exchange:run", found.pk)


@http(reads=(), writes=("POST",))
def confirm(request: HttpRequest, run_id: int) -> HttpResponse:
    """Write what the preview showed."""
    found = get_visible(visible_runs(request.actor), run_id)
    form = ConfirmImportForm(request.POST)
    if form.is_valid():
        with refusals_on(form):
            actions.confirm_import(by=request.actor, run_id=found.pk, digest=form.cleaned_data["digest"])
            return see_other(request, "exchange:run", found.pk)
    return render(request, "exchange/run.html", {**_run_context(request, found), "form": form}, status=422)


@http(reads=("GET",))
def template(request: HttpRequest, slug: str) -> HttpResponse:
    """The empty spreadsheet with its filled example."""
    kind = _kind_or_404(request, slug, _scope(request))
    return _attachment(kind.template(), f"mau-{kind.slug}.xlsx")


@http(reads=("GET",))
def faults(request: HttpRequest, run_id: int) -> HttpResponse:
    """All faults as a spreadsheet."""
    found = get_visible(visible_runs(request.actor), run_id)
    return _attachment(faults_xlsx(faults_of(found)), f"can-sua-{found.pk}.xlsx")


def _attachment(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _with_place(context: dict, kind: ImportKind, scope: str) -> dict:
    return {
        **context,
        "scope_title": kind.scope_title(scope),
        "back_url": kind.back_url(scope) if kind.back_url else "",
    }


def _run_context(request: HttpRequest, found: ImportRun) -> dict:
    kind = _kind_or_404(request, found.kind, found.scope)
    all_faults = faults_of(found)
    context = {
        "kind": kind,
        "run": found,
        "state": labels.STATES[found.state],
        "tag": labels.STATE_TAGS[found.state],
        "fault_lines": [fault.line() for fault in all_faults[:SHOWN_FAULTS]],
        "more_faults": max(0, found.fault_count - SHOWN_FAULTS),
        "preview": found.preview,
        "earlier": earlier_confirmed(found) if found.state == labels.CHECKED else None,
        "form": ConfirmImportForm(initial={"digest": found.preview.get("digest", "")}),
    }
    return _with_place(context, kind, found.scope)
