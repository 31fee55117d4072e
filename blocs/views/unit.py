"""Pages of the register of units."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from blocs import labels
from blocs.actions import unit as actions
from blocs.exchange import can_import_register
from blocs.forms.unit import CreateUnitForm, SucceedUnitForm, UpdateUnitForm
from blocs.permissions import OFFICE_ONLY, can_edit_unit, can_read_history, staff_provinces
from blocs.queries.search import member_candidates
from blocs.queries.unit import province_choices, provinces_editable, unit_page, units_listed
from blocs.queries.visible import visible_units
from blocs.rules.imports import UNIT_FIELDS
from thidua.lib.verdict import refused, require
from thidua.web.http import get_visible, http, page_of, page_or_fragment, refusals_on, see_other, status_of


@http(reads=("GET",))
def units(request: HttpRequest) -> HttpResponse:
    """The register: search, kind, only the living; 50 a page in dictionary order."""
    words, category = request.GET.get("q", "")[:100], request.GET.get("loai", "")
    alive = request.GET.get("tat-ca") != "1"
    rows = units_listed(request.actor, words=words, category=category, alive=alive)
    context = {
        "place": "units",
        "page": page_of(request, rows),
        "categories": labels.UNIT_CATEGORY,
        "words": words,
        "category": category,
        "alive": alive,
        "may_edit": can_import_register(request.actor, ""),
    }
    return page_or_fragment(request, "blocs/units.html", "blocs/_units.html", context)


@http(reads=("GET",))
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit: its life, what it came from and became, its years in blocs, who holds which office."""
    found = get_visible(visible_units(request.actor), unit_id)
    context = {
        "place": "units",
        "page": unit_page(found.pk),
        "may_edit": can_edit_unit(request.actor, found),
        "may_read_history": can_read_history(request.actor, found.province_id),
    }
    return render(request, "blocs/unit.html", context)


@http(reads=("GET",), writes=("POST",))
def create_unit(request: HttpRequest) -> HttpResponse:
    """A new unit."""
    require(can_import_register(request.actor, "") or refused(OFFICE_ONLY))
    provinces = province_choices(provinces_editable(request.actor))
    form = CreateUnitForm(request.POST or None, provinces=provinces, initial={"province": provinces[0][0]})
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            made = actions.create_unit(
                by=request.actor,
                province_id=int(form.cleaned_data["province"]),
                code=form.cleaned_data["code"],
                values={name: form.cleaned_data[name] for name in UNIT_FIELDS},
            )
            messages.success(request, f"Đã thêm {made.name} vào danh bạ.")
            return see_other(request, "blocs:unit", made.pk)
    context = {"place": "units", "form": form, "title": "Thêm đơn vị", "button": "Thêm đơn vị"}
    return render(request, "blocs/edit_unit.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def update_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Correct a unit's entry."""
    found = get_visible(visible_units(request.actor), unit_id)
    require(can_edit_unit(request.actor, found))
    initial = {name: getattr(found, name) for name in (*UNIT_FIELDS, "revision")}
    form = UpdateUnitForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            values = {name: form.cleaned_data[name] for name in UNIT_FIELDS}
            revision = form.cleaned_data["revision"]
            actions.update_unit(by=request.actor, unit_id=found.pk, revision=revision, values=values)
            messages.success(request, "Đã lưu thông tin đơn vị.")
            return see_other(request, "blocs:unit", found.pk)
    context = {"place": "units", "form": form, "unit": found, "title": f"Sửa {found.name}", "button": "Lưu"}
    return render(request, "blocs/edit_unit.html", context, status=status_of(form))


@http(reads=("GET",), writes=("POST",))
def succeed_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Renamed, merged, split, dissolved."""
    found = get_visible(visible_units(request.actor), unit_id)
    require(can_edit_unit(request.actor, found))
    others = member_candidates(sorted(staff_provinces(request.actor) | {found.province_id}))
    data = request.POST if request.method == "POST" else None
    form = SucceedUnitForm(data, units=others, initial={"revision": found.revision})
    if form.is_valid():
        given = dict(form.cleaned_data)
        with refusals_on(form):
            actions.succeed_unit(by=request.actor, unit_id=found.pk, successor_ids=given.pop("successors"), **given)
            messages.success(request, f"Đã ghi thay đổi tổ chức của {found.name}.")
            return see_other(request, "blocs:unit", found.pk)
    context = {"place": "units", "form": form, "unit": found, "others": [u for u in others if u.pk != found.pk]}
    return render(request, "blocs/succeed_unit.html", context, status=status_of(form))
