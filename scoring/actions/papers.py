"""Asking for the papers of a bloc-year. The content is frozen here and now; the worker makes the file."""

from __future__ import annotations

from django.db import transaction

from blocs.models import BlocYear, Meeting
from scoring.documents import CONFERENCE_MINUTES, SCORE_SHEET, SCORE_TABLE
from scoring.models import ScoreSheet
from thidua import audit
from thidua.documents.actions import request
from thidua.documents.models import Document
from thidua.lib.actor import Actor


def request_minutes(*, by: Actor, meeting_id: int) -> Document:
    """The conference's minutes as recorded now, with the ranking as it stands where the meeting asks for it."""
    with transaction.atomic():
        meeting = Meeting.objects.select_related("bloc_year__bloc").select_for_update(of=("self",)).get(pk=meeting_id)
        bloc_year = meeting.bloc_year
        document = request(by=by, kind=CONFERENCE_MINUTES, subject=meeting, scope=bloc_year.scope)
        _record(by, "scoring.request_minutes", bloc_year, document)
    return document


def request_score_table(*, by: Actor, bloc_year_id: int) -> Document:
    """The bloc's table on lying A4, at the stage that counts."""
    with transaction.atomic():
        bloc_year = BlocYear.objects.select_related("bloc").select_for_update(of=("self",)).get(pk=bloc_year_id)
        document = request(by=by, kind=SCORE_TABLE, subject=bloc_year, scope=bloc_year.scope)
        _record(by, "scoring.request_score_table", bloc_year, document)
    return document


def request_score_sheet(*, by: Actor, sheet_id: int) -> Document:
    """One unit's sheet with its list of evidence."""
    with transaction.atomic():
        sheet = (
            ScoreSheet.objects.select_related("bloc_year__bloc", "unit")
            .select_for_update(of=("self",))
            .get(pk=sheet_id)
        )
        document = request(by=by, kind=SCORE_SHEET, subject=sheet, scope=sheet.bloc_year.scope)
        _record(by, "scoring.request_score_sheet", sheet.bloc_year, document)
    return document


def _record(by: Actor, verb: str, bloc_year: BlocYear, document: Document) -> None:
    audit.record(
        by,
        verb,
        bloc_year,
        after={"document": document.pk, "version": document.version},
        chain=bloc_year.chain,
        subject_text=document.title,
    )
