"""Search over units and blocs."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from blocs.queries.search import found_for
from thidua.web.http import http


@http(reads=("GET",))
def search(request: HttpRequest) -> HttpResponse:
    """What the words hit, units and blocs apart."""
    words = request.GET.get("q", "")
    context = {"place": "search", "q": words[:100], "found": found_for(request.actor, words)}
    return render(request, "blocs/search.html", context)
