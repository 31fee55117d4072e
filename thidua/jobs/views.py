"""The progress page of one job, for the person who asked for it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from thidua.jobs import actions
from thidua.jobs.queries import job_page, visible_jobs
from thidua.web.http import get_visible, http, page_or_fragment, see_other, wants_fragment

STOP_POLLING = 286


@http(reads=("GET",))
def progress(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Page, or the fragment polled every two seconds; a finished job answers 286, which ends the polling."""
    page = job_page(get_visible(visible_jobs(request.actor), job_id))
    status = STOP_POLLING if page.is_finished and wants_fragment(request) else 200
    return page_or_fragment(request, "jobs/progress.html", "jobs/_job.html", {"job": page}, status=status)


@http(reads=(), writes=("POST",))
def retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Start a failed job again."""
    job = get_visible(visible_jobs(request.actor), job_id)
    actions.retry(by=request.actor, job_id=job.pk)
    return see_other(request, "jobs:progress", job.pk)
