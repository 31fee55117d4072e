"""Floors: the least a signed-in page and the least a signed-in save can cost in this project."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from thidua.accounts.models import User
from thidua.web.http import http


@http(reads=("GET",))
def empty(request: HttpRequest) -> HttpResponse:
    """The frame and nothing in it."""
    return render(request, "bench/empty.html")


@http(reads=(), writes=("POST",), keyed=False)
def update(request: HttpRequest) -> JsonResponse:
    """One UPDATE of one row of one's own, in a transaction."""
    now = timezone.now()
    User.objects.filter(pk=request.user.pk).update(last_login=now)
    return JsonResponse({"saved": now.isoformat()})
