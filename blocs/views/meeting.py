"""Pages of conferences."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from blocs.actions import meeting as actions
from blocs.documents import may_request
from blocs.forms.meeting import ApproveMeetingForm, CreateMeetingForm, MeetingDraft
from blocs.models import Meeting
from blocs.permissions import can_approve_meeting, can_edit_meeting, can_read_history
from blocs.queries.bloc import members_of
from blocs.queries.meeting import meeting_content, meeting_page, meetings_listed
from blocs.queries.visible import visible_bloc_years, visible_meetings
from blocs.views.draft import require_open, save_draft
from thidua.lib.verdict import require
from thidua.web.http import get_visible, http, page_of, refusals_on, see_other, status_of


def _visible(request: HttpRequest, meeting_id: int) -> Meeting:
    rows = visible_meetings(request.actor).select_related("bloc_year__bloc__province", "bloc_year__decision")
    return get_visible(rows, meeting_id)


@http(reads=("GET",))
def meetings(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """The year's conferences, the latest first."""
    bloc_year = get_visible(visible_bloc_years(request.actor).select_related("bloc__province"), bloc_year_id)
    context = {
        "tab": "meetings",
        "bloc_year": bloc_year,
        "page": page_of(request, meetings_listed(bloc_year)),
        "may_edit": can_edit_meeting(request.actor, None, bloc_year),
    }
    return render(request, "blocs/meetings.html", context)


@http(reads=("GET",), writes=("POST",))
def create_meeting(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    """A new conference: kind and title; everything else on its page."""
    bloc_year = get_visible(visible_bloc_years(request.actor).select_related("bloc__province"), bloc_year_id)
    require(can_edit_meeting(request.actor, None, bloc_year))
    form = CreateMeetingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            found = actions.create_meeting(by=request.actor, bloc_year_id=bloc_year.pk, **form.cleaned_data)
            return see_other(request, "blocs:edit_meeting", found.pk)
    context = {"tab": "meetings", "bloc_year": bloc_year, "form": form}
    return render(request, "blocs/create_meeting.html", context, status=status_of(form))


@http(reads=("GET",))
def meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The minutes as they will print, with their live parts; beside them the facts."""
    found = _visible(request, meeting_id)
    context = {
        "tab": "meetings",
        "bloc_year": found.bloc_year,
        "meeting": found,
        "page": meeting_page(request.actor, found, timezone.localdate()),
        "may_edit": can_edit_meeting(request.actor, found, found.bloc_year),
        "may_approve": can_approve_meeting(request.actor, found),
        "may_request": may_request(request.actor, found.bloc_year),
        "may_read_history": can_read_history(request.actor, found.bloc_year.bloc.province_id),
    }
    return render(request, "blocs/meeting.html", context)


@http(reads=("GET",), writes=("POST",))
def edit_meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Everything of a conference on one page, saved by itself while somebody types."""
    found = _visible(request, meeting_id)
    require_open(can_edit_meeting(request.actor, found, found.bloc_year))
    members = members_of(found.bloc_year)
    form = MeetingDraft(
        request.POST if request.method == "POST" else None,
        content=meeting_content(found, members),
        revision=found.revision,
        units=[(m.unit_id, m.name, m.short) for m in members],
    )
    context = {"tab": "meetings", "bloc_year": found.bloc_year, "meeting": found, "form": form}
    if request.method != "POST":
        return render(request, "blocs/edit_meeting.html", context)
    return save_draft(
        request,
        form,
        save=partial(actions.save_meeting, meeting_id=found.pk),
        stored=partial(_stored, found.pk),
        page=("blocs/edit_meeting.html", context),
        done=reverse("blocs:meeting", args=[found.pk]),
    )


def _stored(meeting_id: int) -> tuple[dict[str, object], int]:
    found = Meeting.objects.select_related("bloc_year__bloc").get(pk=meeting_id)
    return meeting_content(found, members_of(found.bloc_year)), found.revision


@http(reads=("GET",), writes=("POST",))
def approve_meeting(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """The lead approves with the password; from then on nothing changes."""
    found = _visible(request, meeting_id)
    require_open(can_approve_meeting(request.actor, found))
    data = request.POST if request.method == "POST" else None
    form = ApproveMeetingForm(data, request=request, initial={"revision": found.revision})
    if form.is_valid():
        with refusals_on(form):
            actions.approve_meeting(by=request.actor, meeting_id=found.pk, revision=form.cleaned_data["revision"])
            messages.success(request, "Đã duyệt biên bản hội nghị.")
            return see_other(request, "blocs:meeting", found.pk)
    page = meeting_page(request.actor, found, timezone.localdate())
    context = {"tab": "meetings", "bloc_year": found.bloc_year, "meeting": found, "page": page, "form": form}
    return render(request, "blocs/approve_meeting.html", context, status=status_of(form))
