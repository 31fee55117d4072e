"""Reading import runs."""

from __future__ import annotations

from django.db.models import QuerySet

from thidua.exchange import labels
from thidua.exchange.columns import Fault
from thidua.exchange.kinds import ImportKind, kind_of
from thidua.exchange.models import ImportRun
from thidua.exchange.reader import SETTINGS_SHEET, read_workbook
from thidua.exchange.workbook import Workbook
from thidua.lib.actor import Actor


def visible_runs(actor: Actor) -> QuerySet[ImportRun]:
    """The runs a person uploaded; nobody sees another's. The file itself is fetched only where it is read."""
    if actor.user_id is None:
        return ImportRun.objects.none()
    return ImportRun.objects.filter(user_id=actor.user_id).defer("content", "companion").order_by("-id")


def recent_runs(actor: Actor, kind: ImportKind, scope: str) -> QuerySet[ImportRun]:
    """The person's last five runs of this kind and scope."""
    return visible_runs(actor).filter(kind=kind.slug, scope=scope)[:5]


def workbook_of(run: ImportRun) -> Workbook:
    """The uploaded file, read again."""
    kind = kind_of(run.kind)
    sheet = (kind.companion_sheet if kind else "") or SETTINGS_SHEET
    companion = {sheet: bytes(run.companion)} if run.companion else None
    return read_workbook(bytes(run.content), run.file_name, companion=companion)


def faults_of(run: ImportRun) -> tuple[Fault, ...]:
    return tuple(Fault(**fault) for fault in run.faults)


def earlier_confirmed(run: ImportRun) -> ImportRun | None:
    """The last confirmed run of the same bytes, kind and scope, by anyone."""
    same = ImportRun.objects.filter(sha256=run.sha256, kind=run.kind, scope=run.scope, state=labels.CONFIRMED)
    return same.exclude(pk=run.pk).defer("content", "companion", "faults", "preview").order_by("-id").first()
