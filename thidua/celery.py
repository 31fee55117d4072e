"""The Celery application: a door-bell. What is to be done stands in ``jobs_job`` rows, never in a message."""

from __future__ import annotations

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import task_prerun, worker_process_init
from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "thidua.settings")

app = Celery("thidua")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Without this Celery opens a new database connection for each task.
app.conf["CELERY_DB_REUSE_MAX"] = 1000
app.autodiscover_tasks()
app.conf.beat_schedule = {
    "sweep": {
        "task": "thidua.jobs.tasks.sweep",
        "schedule": getattr(settings, "THIDUA_SWEEP_SECONDS", 15),
        # A sweep nobody fetched in time is worthless: the next one does its work.
        "options": {"expires": 60},
    },
    "forget": {"task": "thidua.jobs.tasks.forget", "schedule": 24 * 3600, "options": {"expires": 3600}},
}


@worker_process_init.connect
def warm_up(**_: Any) -> None:
    """Render once so that fonts and style sheet are parsed, then keep all of that out of later collections."""
    import_string("thidua.documents.renderer.warm_up")()
    gc.collect()
    gc.freeze()


@task_prerun.connect
def check_connection(**_: Any) -> None:
    """The database connection outlives a task (``DB_REUSE_MAX``); a broken or old one is left before the next."""
    close_old_connections()
