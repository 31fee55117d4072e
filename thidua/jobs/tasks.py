"""The Celery tasks. All may come late, twice or not at all: the rows decide."""

from __future__ import annotations

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from thidua.jobs import running, sweeping


@shared_task(name="thidua.jobs.tasks.run_job", acks_late=True, ignore_result=True)
def run_job(job_id: str) -> None:
    """Do one job, if it is still there to be done."""
    running.run_job(job_id, too_long=(SoftTimeLimitExceeded,))


@shared_task(name="thidua.jobs.tasks.sweep", acks_late=True, ignore_result=True)
def sweep() -> None:
    """Ring again for what was forgotten, end what cannot be done."""
    sweeping.sweep_jobs()


@shared_task(name="thidua.jobs.tasks.forget", acks_late=True, ignore_result=True)
def forget() -> None:
    """Once a day: drop what no page will ask for again."""
    sweeping.forget_old()
