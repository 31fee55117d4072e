"""Making the file of a paper. Needs nothing but the frozen row."""

from __future__ import annotations

import hashlib
import io
import time
from functools import partial

import pikepdf
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.module_loading import import_string

from thidua.documents import store
from thidua.documents.actions import RENDER
from thidua.documents.models import Document
from thidua.documents.queries import wait_for
from thidua.documents.registry import kind_of
from thidua.documents.states import COMING, DocumentState
from thidua.jobs.models import Job
from thidua.jobs.registry import Finish, handler
from thidua.jobs.running import Progress, run_job
from thidua.jobs.states import JobState
from thidua.lib.errors import RuleViolation


def failed(job: Job) -> None:
    """The paper says the same as its job."""
    Document.objects.filter(pk=job.args["document"], job=job, state__in=COMING).update(
        state=DocumentState.FAILED.value, error=job.error
    )


def queued_again(job: Job) -> None:
    """The job was started again: so is the paper."""
    Document.objects.filter(pk=job.args["document"], job=job, state=DocumentState.FAILED.value).update(
        state=DocumentState.QUEUED.value, error=""
    )


def link(job: Job) -> tuple[str, str]:
    """Where the finished paper is."""
    return reverse("documents:download", args=[job.args["document"]]), "Tải PDF"


@handler(RENDER, title="Tạo giấy tờ", time_limit=60, on_failed=failed, on_retry=queued_again, link=link)
def render(job: Job, progress: Progress) -> Finish:
    """HTML, PDF, file; the row turns *ready* in the transaction that ends the job, so a paper comes once.

    Each attempt writes a file of its own name. A worker that lost its lease removes what it wrote.
    """
    document = Document.objects.get(pk=job.args["document"])
    if document.state == DocumentState.READY.value:
        return Finish({"document": document.pk})
    Document.objects.filter(pk=document.pk, state__in=COMING).update(state=DocumentState.RENDERING.value)
    kind = kind_of(document.kind)
    if kind is None:
        raise RuleViolation("unknown-kind", "Loại giấy tờ này không còn dùng. Tạo giấy tờ loại khác.")
    progress.update(0, 3, "đang dàn trang")
    pdf = _pdf(kind.template, document)
    progress.update(2, 3, "đang ghi tệp")
    with pikepdf.open(io.BytesIO(pdf)) as read_back:
        pages = len(read_back.pages)
    name = f"{document.stem}-{job.pk.hex[:8]}-{job.attempts}.pdf"
    store.put(name, pdf)
    return Finish(
        {"document": document.pk, "pages": pages},
        write=partial(_publish, document, name, pdf, pages),
        undo=partial(_drop, document.pk, name),
    )


def _pdf(template: str, document: Document) -> bytes:
    """A fault in the content is told to the person at once; trying again would end the same way."""
    renderer_fault = import_string("thidua.documents.renderer.RenderError")
    try:
        html = import_string("thidua.documents.renderer.to_html")(template, document.context)
        pdf: bytes = import_string("thidua.documents.renderer.to_pdf")(html)
    except renderer_fault as error:
        raise RuleViolation("render", error.message) from error
    return pdf


def _publish(document: Document, name: str, pdf: bytes, pages: int) -> None:
    Document.objects.filter(pk=document.pk).update(
        state=DocumentState.READY.value,
        file=name,
        sha256=hashlib.sha256(pdf).hexdigest(),
        size=len(pdf),
        page_count=pages,
        ready_at=Now(),
        error="",
    )
    transaction.on_commit(partial(store.remove_others, document.stem, name))


def _drop(document_id: int, name: str) -> None:
    """Remove the file unless the row names it: the commit may have gone through although its answer was lost."""
    try:
        if not Document.objects.filter(pk=document_id, file=name).exists():
            store.remove(name)
    except DatabaseError:
        return  # the next attempt for this paper clears up


def wait_and_help(document: Document, *, timeout: float = 120.0, patience: float = 5.0) -> Document:
    """Wait until the paper is ready or failed; where no worker takes its job within ``patience``, do it here.

    For commands: works where no worker runs at all. Returns the paper as it stands when the time is over.
    """
    end = time.monotonic() + timeout
    document = wait_for(document, timeout=min(patience, timeout), until_taken=True)
    while document.state in COMING and time.monotonic() < end:
        job = Job.objects.get(pk=document.job_id)
        if job.state == JobState.QUEUED.value and run_job(job.pk):
            document.refresh_from_db()
        else:
            document = wait_for(document, timeout=min(1.0, max(0.0, end - time.monotonic())))
    return document
