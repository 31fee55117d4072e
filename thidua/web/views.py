"""The home page: what waits, how far the year has come, what is new."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from thidua.lib.actor import ANONYMOUS
from thidua.web import registry
from thidua.web.http import http

SHOWN_YEARS = 6


@http(reads=("GET",))
def home(request: HttpRequest) -> HttpResponse:
    actor = getattr(request, "actor", ANONYMOUS)
    rows = registry.waiting_of(actor)
    mine = [row for row in rows if not row.waits_for_others]
    years = registry.progress_of(actor)[:SHOWN_YEARS]
    papers, events = registry.recent_of(actor)
    context = {
        "place": "home",
        "today": timezone.localdate(),
        "mine": mine,
        "others": [row for row in rows if row.waits_for_others],
        "waiting_count": len(mine),
        "years": years,
        "papers": papers,
        "events": events,
        "is_sample": any(year.is_sample for year in years),
    }
    return render(request, "home.html", context)
