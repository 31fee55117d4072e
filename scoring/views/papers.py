"""Papers of a bloc-year: the list, and the buttons that ask for one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from blocs.documents import may_request
from blocs.queries.visible import visible_bloc_years, visible_meetings
from scoring.actions.papers import request_minutes as request_minutes_action
from scoring.actions.papers import request_score_sheet as request_score_sheet_action
from scoring.actions.papers import request_score_table as request_score_table_action
from scoring.queries.sheets import printable_things, visible_sheets
from thidua.documents.queries import papers_of
from thidua.web.http import get_visible, http, page_or_fragment, see_other


@http(reads=("GET",))
def papers(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = get_visible(visible_bloc_years(request.actor).select_related("bloc__province"), bloc_year_id)
    rows = papers_of(bloc_year.scope, actor=request.actor)
    context = {
        "bloc_year": bloc_year,
        "tab": "papers",
        "papers": rows,
        "is_coming": any(row.is_coming for row in rows),
        "things": printable_things(request.actor, bloc_year),
        "may_request": may_request(request.actor, bloc_year),
    }
    return page_or_fragment(request, "scoring/papers.html", "scoring/_papers.html", context)


@http(reads=(), writes=("POST",))
def request_score_table(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = get_visible(visible_bloc_years(request.actor), bloc_year_id)
    request_score_table_action(by=request.actor, bloc_year_id=bloc_year.pk)
    return see_other(request, "scoring:papers", bloc_year.pk)


@http(reads=(), writes=("POST",))
def request_minutes(request: HttpRequest, meeting_id: int) -> HttpResponse:
    meeting = get_visible(visible_meetings(request.actor), meeting_id)
    request_minutes_action(by=request.actor, meeting_id=meeting.pk)
    return see_other(request, "scoring:papers", meeting.bloc_year_id)


@http(reads=(), writes=("POST",))
def request_score_sheet(request: HttpRequest, bloc_year_id: int) -> HttpResponse:
    bloc_year = get_visible(visible_bloc_years(request.actor), bloc_year_id)
    sheet = get_visible(visible_sheets(request.actor).filter(bloc_year=bloc_year), request.POST.get("sheet", ""))
    request_score_sheet_action(by=request.actor, sheet_id=sheet.pk)
    return see_other(request, "scoring:papers", bloc_year.pk)
