"""How a long draft is saved by its page: as a form, or by itself while somebody types.

The page's script sends the same form and asks for JSON; the answer says the new revision and the time. Two versions
that differ are answered 409 with both side by side; nothing typed is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from blocs.forms.draft import DraftForm
from blocs.rules.drafts import digests
from thidua.lib.errors import Conflict, Locked, NotPermitted
from thidua.lib.verdict import Verdict, require
from thidua.web.http import refusals_on, see_other

_CLOSED = {"approved", "signed"}


class Revised(Protocol):
    revision: int


def require_open(verdict: Verdict) -> None:
    """Let through who may edit; a closed draft is Locked, anything else NotPermitted."""
    if not verdict and verdict.code in _CLOSED:
        raise Locked(verdict.code, verdict.reason)
    require(verdict)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def save_draft(
    request: HttpRequest,
    form: DraftForm,
    *,
    save: Callable[..., Revised],
    stored: Callable[[], tuple[Mapping[str, Any], int]],
    page: tuple[str, Mapping[str, Any]],
    done: str,
) -> HttpResponse:
    """Answer one sending. ``stored``: content and revision as they are now; ``page``: template and context of the
    form's own page; ``done``: where a whole form goes once it is saved."""
    try:
        if form.is_valid():
            with refusals_on(form):  # type: ignore[arg-type]
                row = save(by=request.actor, content=form.content(), **form.sending())
                return _saved(request, row, stored, done)
    except Conflict as conflict:
        return _compared(request, form, conflict, stored, page[1])
    except (Locked, NotPermitted) as refusal:
        if not wants_json(request):
            raise
        return JsonResponse({"message": refusal.message}, status=423 if isinstance(refusal, Locked) else 403)
    if wants_json(request):
        faults = form.faults()
        told = {"message": faults[0][2] if faults else "", "count": len(faults)}
        return JsonResponse({**told, "faults": [[target, text] for target, _, text in faults if target]}, status=422)
    return render(request, page[0], {**page[1], "form": form}, status=422)


def _saved(request: HttpRequest, row: Revised, stored: Callable[[], Any], done: str) -> HttpResponse:
    if wants_json(request):
        at = f"{timezone.localtime():%H:%M:%S}"
        return JsonResponse({"revision": row.revision, "at": at, "base": json.dumps(digests(stored()[0]))})
    messages.success(request, f"Đã lưu {timezone.localtime():%H:%M:%S}.")
    return see_other(request, done)


def _compared(
    request: HttpRequest, form: DraftForm, conflict: Conflict, stored: Callable[[], Any], context: Mapping[str, Any]
) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"message": conflict.message, "conflict": True}, status=409)
    content, revision = stored()
    context = {
        **context,
        "message": conflict.message,
        "details": conflict.details,
        "parts": form.conflict(content),
        "kept": form.kept(),
        "revision": revision,
        "base": json.dumps(digests(content)),
        "action": request.path,
    }
    return render(request, "blocs/compare_drafts.html", context, status=409)
