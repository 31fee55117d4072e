"""One paper: its state, its file, trying again. Strangers get 404 everywhere."""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header

from thidua.documents import actions, labels, store
from thidua.documents.models import Document
from thidua.documents.permissions import can_view
from thidua.documents.queries import paper_row
from thidua.jobs.running import new_fault_code
from thidua.lib.errors import Locked
from thidua.web.http import get_visible, http, page_or_fragment, see_other, wants_fragment

log = structlog.get_logger("thidua.documents")
STOP_POLLING = 286


def _visible(request: HttpRequest, document_id: int) -> Document:
    document = get_visible(Document.objects.defer("context"), document_id)
    if not can_view(request.actor, document):
        raise Http404
    return document


@http(reads=("GET",))
def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """The paper's page; for htmx its row of the list, polled every two seconds until it is made or failed."""
    row = paper_row(_visible(request, document_id), request.actor)
    status = 200 if row.is_coming or not wants_fragment(request) else STOP_POLLING
    context = {"paper": row, "papers": (row,)}
    return page_or_fragment(request, "documents/document.html", "documents/_paper.html", context, status=status)


@http(reads=("GET",))
def download(request: HttpRequest, document_id: int) -> HttpResponse:
    """The file, byte for byte as it was stored; one that was changed or lost is not sent."""
    paper = _visible(request, document_id)
    if not paper.is_ready:
        raise Locked("document-not-ready", labels.NOT_READY)
    body = store.read(paper.file, paper.sha256)
    if body is None:
        code = new_fault_code()
        log.error("document_file_changed", document=paper.pk, file=paper.file, code=code)
        context = {"paper": paper, "message": labels.CHANGED.format(code=code)}
        return render(request, "documents/file_changed.html", context, status=409)
    response = HttpResponse(body, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, paper.file_name) or "attachment"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@http(reads=(), writes=("POST",))
def retry(request: HttpRequest, document_id: int) -> HttpResponse:
    """Make a failed paper again, or one whose file was found changed."""
    paper = actions.retry(by=request.actor, document_id=_visible(request, document_id).pk)
    if not wants_fragment(request):
        return see_other(request, "documents:document", paper.pk)
    return render(request, "documents/_paper.html", {"paper": paper_row(paper, request.actor)})
