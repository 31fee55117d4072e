"""Asking for a paper: its content is frozen here and now, the file comes from the worker."""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Model
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from thidua.audit.actions import record
from thidua.documents import store
from thidua.documents.models import Document
from thidua.documents.permissions import can_retry
from thidua.documents.registry import DocumentKind
from thidua.documents.states import COMING, DocumentState
from thidua.jobs import actions as jobs
from thidua.jobs.states import JobState
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, RuleViolation
from thidua.lib.verdict import require

RENDER = "documents.render"
MOST_COMING = 40  # papers of one person on their way: one hand on the button must not keep the others waiting


@transaction.atomic
def request(*, by: Actor, kind: DocumentKind, subject: Model, scope: str, draft: bool = False) -> Document:
    """The paper of ``subject`` as it stands now: the existing one if nothing changed, else the next version, queued.

    Content and template being the same as in the latest version, that one is given back, also while it is still
    being made; if it had failed it is tried again. The calling action records the deed.
    """
    label, key = subject._meta.label_lower, str(subject.pk)
    _one_at_a_time(f"{kind.slug}:{label}:{key}")
    if kind.can_request is not None:
        require(kind.can_request(by, subject))
    _refuse_flood(by)
    context = frozen(kind.build_context(subject), draft=draft)
    digest = hash_of(context)
    template_version = import_string("thidua.documents.renderer.template_version")(kind.template)
    latest = (
        Document.objects.select_for_update(of=("self",))
        .filter(kind=kind.slug, subject_label=label, subject_id=key)
        .order_by("-version")
        .first()
    )
    if latest and (latest.context_hash, latest.template_version) == (digest, template_version):
        return _again(by, latest) if latest.state == DocumentState.FAILED.value else latest
    document = Document(
        kind=kind.slug,
        title=(kind.title_of(subject) if kind.title_of else kind.title)[:300],
        detail=(kind.detail_of(subject) if kind.detail_of else "")[:300],
        subject_label=label,
        subject_id=key,
        scope=scope,
        version=latest.version + 1 if latest else 1,
        is_draft=context["draft"],
        context=context,
        context_hash=digest,
        template_version=template_version,
        stem=secrets.token_hex(16),
        requested_by_id=by.user_id,
        requested_by_name=by.name[:200],
    )
    document.save(force_insert=True)
    document.job = jobs.start(RENDER, {"document": document.pk}, by=by)
    document.save(update_fields=["job"])
    return document


@transaction.atomic
def retry(*, by: Actor, document_id: int) -> Document:
    """Make a failed paper again, or one whose file was lost or changed, with the very content it was asked for."""
    document = Document.objects.select_for_update(of=("self",)).get(pk=document_id)
    require(can_retry(by, document))
    lost = document.is_ready and store.read(document.file, document.sha256) is None
    if document.state != DocumentState.FAILED.value and not lost:
        raise Conflict("document-not-failed", "Giấy tờ này đang được tạo hoặc đã có. Tải lại trang để xem.")
    document = _again(by, document)
    record(by, "documents.retry", document, chain=document.scope, after={"version": document.version})
    return document


def frozen(context: Mapping[str, Any], *, draft: bool) -> dict[str, Any]:
    """A private, JSON-able, NFC copy; floats, models and dates are refused with TypeError, being faults of ours."""
    text = json.dumps({**context, "draft": draft or bool(context.get("draft"))}, ensure_ascii=False, allow_nan=False)
    copy: dict[str, Any] = json.loads(unicodedata.normalize("NFC", text), parse_float=_no_float)
    return copy


def hash_of(context: Mapping[str, Any]) -> str:
    """The same content gives the same hash, whatever the order of its keys."""
    return hashlib.sha256(
        json.dumps(context, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()


def _no_float(text: str) -> float:
    raise TypeError(f"a float in a paper's context: {text}")


def _again(by: Actor, document: Document) -> Document:
    """A failed paper back into the queue: its failed job once more, or a new one where the job itself had ended."""
    if document.job is not None and document.job.state == JobState.FAILED.value:
        job = jobs.retry(by=by, job_id=document.job_id)
    else:
        job = jobs.start(RENDER, {"document": document.pk}, by=by)
    document.job, document.state, document.error = job, DocumentState.QUEUED.value, ""
    Document.objects.filter(pk=document.pk).update(
        job=job,
        state=document.state,
        error="",
        requested_at=Now(),
        requested_by_id=by.user_id,
        requested_by_name=by.name[:200],
    )
    document.refresh_from_db()
    return document


def _refuse_flood(by: Actor) -> None:
    if by.user_id is None:
        return
    coming = Document.objects.filter(requested_by_id=by.user_id, state__in=COMING).count()
    if coming >= MOST_COMING:
        raise RuleViolation(
            "too-many-papers", f"Bạn đang có {coming} giấy tờ chờ tạo. Đợi tạo xong bớt rồi yêu cầu tiếp."
        )


def _one_at_a_time(key: str) -> None:
    """Two requests for one paper follow each other, so that version numbers have neither gaps nor doubles."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["documents:" + key])
