"""``record``: the only writer of events."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError

from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict

GENERAL_CHAIN = "general"
Subject = Model | tuple[str, object] | None
_INSERT = "SELECT audit_record(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s, %s::uuid)"


def record(
    by: Actor,
    verb: str,
    subject: Subject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
    chain: str = "",
    subject_text: str = "",
    key: UUID | None = None,
) -> None:
    """Write one event in the caller's transaction: both are kept, or neither. One round trip.

    ``subject`` is a saved model instance or ``(label, id)``; ``before`` and ``after`` lose what they have in common;
    ``chain`` is the caller's opaque text (``bloc:12``); a ``key`` recorded twice is a Conflict.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("audit.record outside a transaction: the deed could stay without its record")
    label, subject_id = _name(subject)
    old, new = _changed(before, after)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                _INSERT,
                [
                    chain or GENERAL_CHAIN,
                    by.user_id,
                    by.name,
                    by.office,
                    by.acting_for,
                    verb,
                    label,
                    subject_id,
                    subject_text or (str(subject) if isinstance(subject, Model) else ""),
                    old,
                    new,
                    reason,
                    by.request_id,
                    str(key) if key else None,
                ],
            )
    except IntegrityError as error:
        if key is None:
            raise
        raise Conflict("already-recorded", "Việc này đã được ghi nhận rồi. Tải lại trang để xem kết quả.") from error


def _name(subject: Subject) -> tuple[str, str]:
    if subject is None:
        return "", ""
    if isinstance(subject, Model):
        return subject._meta.label_lower, str(subject.pk)
    label, subject_id = subject
    return label.lower(), str(subject_id)


def _changed(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[str | None, str | None]:
    """Both sides as JSON text, without the fields that stayed as they were."""
    old = None if before is None else _plain(before)
    new = None if after is None else _plain(after)
    if old is not None and new is not None:
        same = {name for name in old if name in new and old[name] == new[name]}
        old = {name: value for name, value in old.items() if name not in same}
        new = {name: value for name, value in new.items() if name not in same}
    return (
        None if old is None else json.dumps(old, ensure_ascii=False),
        None if new is None else json.dumps(new, ensure_ascii=False),
    )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Decimals and dates as text, exactly as JSON will hold them."""
    return json.loads(json.dumps(dict(values), cls=DjangoJSONEncoder))
