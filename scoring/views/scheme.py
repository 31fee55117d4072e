"""The scoring scheme: the tree with its editor, versions, publishing, export; and "Năm sau"."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header

from blocs.models import BlocYear
from blocs.permissions import can_read_history, can_start_next_year
from blocs.queries.visible import visible_bloc_years
from scoring import permissions
from scoring.actions import scheme as actions
from scoring.actions.year import propose_next_year
from scoring.exchange import export_scheme as scheme_file
from scoring.forms.scheme import (
    CopyForm,
    DraftForm,
    LineForm,
    MoveForm,
    OptionsForm,
    PublishForm,
    RevisionForm,
    line_initial,
    new_line_initial,
    options_initial,
)
from scoring.models import Scheme
from scoring.queries.scheme import lines_of, options_of, published_scheme, visible_schemes
from scoring.queries.scheme_compare import compare_schemes as compare
from scoring.queries.scheme_page import LineDetails, SchemePage, next_year_of, scheme_page, schemes_to_copy
from thidua.audit.queries import history_of
from thidua.exchange.writer import XLSX
from thidua.lib.verdict import require
from thidua.web.http import (
    asked,
    get_visible,
    http,
    page_or_fragment,
    refusals_on,
    see_other,
    status_of,
    wants_fragment,
)

PAGE, PART = "scoring/scheme.html", "scoring/_scheme.html"
DIRECTIONS = (("up", "Chuyển lên"), ("down", "Chuyển xuống"), ("in", "Vào trong"), ("out", "Ra ngoài"))


def _year(request: HttpRequest, bloc_year_id: int) -> BlocYear:
    return get_visible(visible_bloc_years(request.actor).select_related("bloc__province"), bloc_year_id)


def _scheme(request: HttpRequest, scheme_id: int) -> Scheme:
    return get_visible(visible_schemes(request.actor).select_related("bloc_year__bloc__province"), scheme_id)


def _address(scheme: Scheme) -> str:
    return f"{reverse('scoring:scheme', args=[scheme.bloc_year_id])}?ban={scheme.version}"


def _page_of(request: HttpRequest, scheme: Scheme) -> SchemePage:
    page = scheme_page(request.actor, scheme.bloc_year, scheme.version)
    if page is None:
        raise Http404
    return page


def _line_of(page: SchemePage, typed: str | int) -> LineDetails:
    found = page.line(int(typed)) if str(typed).isdecimal() and len(str(typed)) < 18 else None
    if found is None:
        raise Http404
    return found


def _line_form(page: SchemePage, line: LineDetails, data: Any = None) -> LineForm:
    parent = page.facts.by_id.get(line.criterion.parent_id or 0)
    initial = line_initial(line.criterion, parent.code if parent else "", page.scheme.revision)
    return LineForm(data, parents=page.parents_for(line.row.id), initial=initial)


def _shown(request: HttpRequest, page: SchemePage, panel: str = "", **more: Any) -> HttpResponse:
    """The whole page, or for htmx its part; ``panel`` names what stands at the right."""
    context = {
        "bloc_year": page.scheme.bloc_year,
        "tab": "scheme",
        "page": page,
        "panel": panel,
        "directions": DIRECTIONS,
        **more,
    }
    seen = can_read_history(request.actor, page.scheme.bloc_year.bloc.province_id)
    context["events"] = history_of("scoring.scheme", page.scheme.pk, 10) if seen else None
    form = more.get("form")
    status = status_of(form) if form is not None else 200
    return page_or_fragment(request, PAGE, PART, context, status)


def _after(request: HttpRequest, scheme: Scheme, line_id: int | None = None) -> HttpResponse:
    """After a change: the part anew for htmx, else the page with the line chosen."""
    if not wants_fragment(request):
        return redirect(_address(scheme) + (f"&dong={line_id}#dong-{line_id}" if line_id else ""))
    page = _page_of(request, scheme)
    line = page.line(line_id) if line_id else None
    if line is None:
        return _shown(request, page)
    return _shown(request, page, "edit", line=line, form=_line_form(page, line), is_saved=True)


@http(reads=("GET",))
def scheme(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """``?ban=`` another version, ``?dong=`` a line."""
    bloc_year = _year(request, bloc_year_id)
    version = asked(request, "ban")
    if version and not (version.isdecimal() and len(version) < 6):
        raise Http404
    page = scheme_page(request.actor, bloc_year, int(version) if version else None)
    if page is None:
        if version:
            raise Http404
        may_edit = permissions.can_draft_scheme(request.actor, bloc_year)
        context = {"bloc_year": bloc_year, "tab": "scheme", "page": None, "may_edit": may_edit}
        return page_or_fragment(request, PAGE, PART, context)
    chosen = asked(request, "dong")
    if not chosen:
        return _shown(request, page)
    line = _line_of(page, chosen)
    if not page.is_editable:
        return _shown(request, page, "view", line=line)
    return _shown(request, page, "edit", line=line, form=_line_form(page, line))


@http(reads=("GET",))
def scheme_version(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """The page of one version by its identity, for links of other pages."""
    found = _scheme(request, scheme_id)
    return redirect(_address(found))


@http(reads=("GET",))
def compare_schemes(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """``?voi=`` the version to compare with; without it the one before."""
    found = _scheme(request, scheme_id)
    typed = asked(request, "voi") or str(found.version - 1)
    if not (typed.isdecimal() and len(typed) < 6):
        raise Http404
    others = visible_schemes(request.actor).filter(bloc_year=found.bloc_year_id).exclude(pk=found.pk)
    former = get_visible(others, version=int(typed))
    difference = compare((options_of(former), lines_of(former)), (options_of(found), lines_of(found)))
    context = {"bloc_year": found.bloc_year, "tab": "scheme", "scheme": found, "former": former, "found": difference}
    return render(request, "scoring/scheme_compare.html", context)


# ------------------------------------------------------------- the editor
@http(reads=("GET",), writes=("POST",))
def add_criterion(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """``?cha=`` the line to stand under, ``?sau=`` the line to stand after."""
    found = _scheme(request, scheme_id)
    require(permissions.can_edit_scheme(request.actor, found))
    page = _page_of(request, found)
    under, after = asked(request, "cha"), asked(request, "sau")
    sibling = _line_of(page, after) if after else None
    parent_id = sibling.criterion.parent_id if sibling else under and _line_of(page, under).row.id
    initial = new_line_initial(page.criteria.get(parent_id or 0), found.revision)
    form = LineForm(request.POST or None, parents=page.parents_for(None), initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            added = actions.add_criterion(
                by=request.actor,
                scheme_id=found.pk,
                revision=form.cleaned_data["revision"],
                line=form.line_input,
                after_id=sibling.row.id if sibling else None,
            )
            return _after(request, found, added.pk)
    return _shown(request, page, "add", form=form)


@http(reads=("GET",), writes=("POST",))
def update_criterion(request: HttpRequest, scheme_id: int, criterion_id: int) -> HttpResponse:
    found = _scheme(request, scheme_id)
    require(permissions.can_edit_scheme(request.actor, found))
    page = _page_of(request, found)
    line = _line_of(page, criterion_id)
    form = _line_form(page, line, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.update_criterion(
                by=request.actor,
                scheme_id=found.pk,
                revision=form.cleaned_data["revision"],
                criterion_id=line.row.id,
                line=form.line_input,
            )
            return _after(request, found, line.row.id)
    return _shown(request, page, "edit", line=line, form=form)


@http(reads=(), writes=("POST",))
def move_criterion(request: HttpRequest, scheme_id: int) -> HttpResponse:
    found = _scheme(request, scheme_id)
    form = MoveForm(request.POST)
    if not form.is_valid():
        raise Http404
    actions.move_criterion(
        by=request.actor,
        scheme_id=found.pk,
        revision=form.cleaned_data["revision"],
        criterion_id=form.cleaned_data["line"],
        direction=form.cleaned_data["direction"],
    )
    return _after(request, found, form.cleaned_data["line"])


@http(reads=("GET",), writes=("POST",))
def delete_criterion(request: HttpRequest, scheme_id: int, criterion_id: int) -> HttpResponse:
    found = _scheme(request, scheme_id)
    require(permissions.can_edit_scheme(request.actor, found))
    page = _page_of(request, found)
    line = _line_of(page, criterion_id)
    form = RevisionForm(request.POST or None, initial={"revision": found.revision})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.delete_criterion(
                by=request.actor,
                scheme_id=found.pk,
                revision=form.cleaned_data["revision"],
                criterion_id=line.row.id,
            )
            return _after(request, found, line.criterion.parent_id)
    return _shown(request, page, "delete", line=line, form=form)


@http(reads=("GET",), writes=("POST",))
def update_options(request: HttpRequest, scheme_id: int) -> HttpResponse:
    found = _scheme(request, scheme_id)
    require(permissions.can_edit_scheme(request.actor, found))
    form = OptionsForm(request.POST or None, initial=options_initial(found))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.update_options(
                by=request.actor,
                scheme_id=found.pk,
                revision=form.cleaned_data["revision"],
                options=form.options_input,
            )
            return _after(request, found)
    return _shown(request, _page_of(request, found), "options", form=form)


# --------------------------------------------------------------- drafts
@http(reads=("GET",), writes=("POST",))
def start_draft(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    require(permissions.can_draft_scheme(request.actor, bloc_year))
    former = published_scheme(bloc_year.pk)
    form = DraftForm(request.POST or None, needs_reason=former is not None)
    if request.method == "POST" and (form.is_valid() or former is None):
        with refusals_on(form):
            reason = form.given_reason if former else ""
            draft = actions.start_draft(by=request.actor, bloc_year_id=bloc_year.pk, reason=reason)
            return redirect(_address(draft))
    context = {"bloc_year": bloc_year, "tab": "scheme", "form": form, "former": former}
    return render(request, "scoring/scheme_draft.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def copy_scheme(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    require(permissions.can_draft_scheme(request.actor, bloc_year))
    sources = schemes_to_copy(request.actor, bloc_year)
    former = published_scheme(bloc_year.pk)
    form = CopyForm(request.POST or None, sources=sources, needs_reason=former is not None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            draft = actions.copy_scheme(
                by=request.actor,
                source_id=form.cleaned_data["source"],
                bloc_year_id=bloc_year.pk,
                reason=form.given_reason,
            )
            return redirect(_address(draft))
    context = {"bloc_year": bloc_year, "tab": "scheme", "form": form, "sources": sources, "former": former}
    return render(request, "scoring/scheme_copy.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def discard_draft(request: HttpRequest, scheme_id: int) -> HttpResponse:
    found = _scheme(request, scheme_id)
    require(permissions.can_edit_scheme(request.actor, found))
    page = _page_of(request, found)
    form = RevisionForm(request.POST or None, initial={"revision": found.revision})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            actions.discard_draft(by=request.actor, scheme_id=found.pk, revision=form.cleaned_data["revision"])
            messages.success(request, f"Đã bỏ bản nháp {found.version}.")
            return see_other(request, "scoring:scheme", found.bloc_year_id)
    context = {"bloc_year": found.bloc_year, "tab": "scheme", "form": form, "page": page}
    return render(request, "scoring/scheme_discard.html", context, status=status_of(form))


# ------------------------------------------------------------ publishing
@http(reads=("GET",), writes=("POST",))
def publish_scheme(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """Propose; a second person of the standing agency confirms on the page of the step."""
    found = _scheme(request, scheme_id)
    require(permissions.can_publish_scheme(request.actor, found))
    page = _page_of(request, found)
    form: BaseForm = PublishForm(request.POST or None, request=request, initial={"revision": found.revision})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            step = actions.propose_publish(
                by=request.actor,
                scheme_id=found.pk,
                revision=form.cleaned_data["revision"],
                effective_on=form.cleaned_data["effective_on"],
            )
            return see_other(request, "pending:step", step.pk)
    context = {"bloc_year": found.bloc_year, "tab": "scheme", "form": form, "page": page}
    return render(request, "scoring/scheme_publish.html", context, status=status_of(form))


@http(reads=("GET",))
def export_scheme(request: HttpRequest, scheme_id: int) -> HttpResponse:
    """The version as a spreadsheet that can be taken back in."""
    found = _scheme(request, scheme_id)
    response = HttpResponse(scheme_file(options_of(found), lines_of(found)), content_type=XLSX)
    name = f"bang-diem-{found.bloc_year.bloc.code}-{found.bloc_year.year}-ban-{found.version}.xlsx"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response


# ------------------------------------------------------------ "Năm sau"
@http(reads=("GET",), writes=("POST",))
def copy_to_next_year(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = _year(request, bloc_year_id)
    require(can_start_next_year(request.actor, bloc_year))
    if request.method == "POST":
        step = propose_next_year(by=request.actor, bloc_year_id=bloc_year.pk)
        return see_other(request, "pending:step", step.pk)
    context = {"bloc_year": bloc_year, "tab": "overview", "next": next_year_of(bloc_year)}
    return render(request, "scoring/next_year.html", context)
