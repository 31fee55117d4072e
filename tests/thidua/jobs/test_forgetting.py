"""What nobody asks for again is dropped once a day."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from thidua.celery import app
from thidua.jobs.tasks import forget
from thidua.web.models import FormKey

pytestmark = pytest.mark.django_db


def test_old_form_keys_and_ended_sessions_go_and_the_others_stay():
    old, fresh = uuid4(), uuid4()
    for key in (old, fresh):
        FormKey.objects.create(key=key, path="/", body_hash="0" * 64)
    FormKey.objects.filter(pk=old).update(created_at=timezone.now() - timedelta(days=8))
    Session.objects.create(session_key="het", session_data="", expire_date=timezone.now() - timedelta(minutes=1))
    Session.objects.create(session_key="con", session_data="", expire_date=timezone.now() + timedelta(minutes=1))
    forget()
    assert list(FormKey.objects.values_list("pk", flat=True)) == [fresh]
    assert list(Session.objects.values_list("pk", flat=True)) == ["con"]


def test_the_beat_knows_every_task_it_rings_for():
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)
