"""Upload, check again, confirm: the three deeds of an import. Nothing of the file is written before ``confirm``."""

from __future__ import annotations

import hashlib
from pathlib import PurePath

from django.db import transaction
from django.db.models.functions import Now

from thidua import audit
from thidua.exchange import labels
from thidua.exchange.kinds import KEPT_FAULTS, ImportKind, Outcome, Preview, kind_of
from thidua.exchange.models import ImportRun
from thidua.exchange.queries import workbook_of
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text, nfc


@transaction.atomic
def upload_import(
    *, by: Actor, kind: ImportKind, scope: str, file_name: str, content: bytes, companion: bytes | None = None
) -> ImportRun:
    """Keep the file and check it whole; the run ends ``checked`` or, with faults, ``refused``.

    RuleViolation when the file cannot be read at all: then nothing is kept.
    """
    require(kind.can_import(by, scope))
    run = ImportRun(
        kind=kind.slug,
        scope=scope,
        file_name=_file_name(file_name),
        sha256=hashlib.sha256(content + b"\0" + (companion or b"")).hexdigest(),
        content=content,
        companion=companion,
        user_id=by.user_id,
        user_name=by.name,
    )
    _judge(run, kind.check(by, workbook_of(run), scope))
    run.full_clean()
    run.save()
    audit.record(by, "exchange.upload_import", run, after=_facts(run))
    return run


@transaction.atomic
def check_import(*, by: Actor, run_id: int) -> ImportRun:
    """Check the kept file against the data of now. A confirmed run stays as it is."""
    run, kind = _locked(by, run_id)
    if run.state == labels.CONFIRMED:
        return run
    before = _facts(run)
    _judge(run, kind.check(by, workbook_of(run), run.scope))
    run.save(update_fields=["state", "faults", "fault_count", "preview"])
    audit.record(by, "exchange.check_import", run, before=before, after=_facts(run))
    return run


@transaction.atomic
def confirm_import(*, by: Actor, run_id: int, digest: str) -> ImportRun:
    """Write what the preview showed, all or nothing; a replay finds it done and changes nothing.

    The file is checked again under lock: faults are a RuleViolation, a preview other than the one the person saw
    (``digest``) is a Conflict.
    """
    run, kind = _locked(by, run_id)
    if run.state == labels.CONFIRMED:
        return run
    if kind.hold is not None:
        kind.hold(run.scope)
    workbook = workbook_of(run)
    preview = kind.check(by, workbook, run.scope)
    if preview.faults:
        raise RuleViolation(
            "import-faults", f"Tệp có {len(preview.faults)} chỗ cần sửa. Chưa ghi dòng nào. Bấm Kiểm lại để xem."
        )
    if preview.as_json()["digest"] != digest:
        raise Conflict(
            "import-changed",
            "Dữ liệu đã thay đổi từ lúc kiểm tệp. Chưa ghi dòng nào. Bấm Kiểm lại để xem thay đổi mới.",
        )
    before = _facts(run)
    more = {"run_id": run.pk} if kind.two_person else {}
    outcome: Outcome = kind.confirm(by=by, workbook=workbook, scope=run.scope, **more)
    run.state = labels.CONFIRMED
    run.outcome = outcome.as_json()
    run.confirmed_at = Now()
    run.save(update_fields=["state", "outcome", "confirmed_at"])
    run.refresh_from_db(fields=["confirmed_at"])
    after = _facts(run) | {name: run.outcome[name] for name in ("created", "changed", "unchanged")}
    audit.record(by, "exchange.confirm_import", run, before=before, after=after)
    return run


def _locked(by: Actor, run_id: int) -> tuple[ImportRun, ImportKind]:
    run = ImportRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    kind = kind_of(run.kind)
    if kind is None:
        raise RuleViolation("import-kind-gone", "Loại dữ liệu này không còn được nhập từ tệp.")
    if run.user_id != by.user_id:
        raise NotPermitted("not-uploader", f"Chỉ người tải tệp lên ({run.user_name}) được xác nhận lần nhập này.")
    require(kind.can_import(by, run.scope))
    return run, kind


def _judge(run: ImportRun, preview: Preview) -> None:
    run.state = labels.REFUSED if preview.faults else labels.CHECKED
    run.faults = [fault.as_dict() for fault in preview.faults[:KEPT_FAULTS]]
    run.fault_count = len(preview.faults)
    run.preview = preview.as_json()


def _facts(run: ImportRun) -> dict[str, object]:
    return {
        "kind": run.kind,
        "scope": run.scope,
        "file_name": run.file_name,
        "sha256": run.sha256,
        "state": run.state,
        "faults": run.fault_count,
    }


def _file_name(name: str) -> str:
    """The bare name, cleaned; a long one keeps its ending."""
    name = nfc(PurePath(name.replace("\\", "/")).name)
    name = "".join(
        c for c in name if c.isprintable() and c not in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )
    name = clean_text(name, one_line=True) or "tep.xlsx"
    return name if len(name) <= 120 else name[:110] + PurePath(name).suffix[:10]
