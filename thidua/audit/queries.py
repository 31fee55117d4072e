"""Reading the record, and proving it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from thidua.audit.models import Event


def history_of(label: str, subject_id: object, limit: int = 20) -> Sequence[Event]:
    """The newest events about one object, newest first."""
    events = Event.objects.filter(subject_label=label.lower(), subject_id=str(subject_id)).order_by("-id")
    return list(events[:limit])


def history_by_key(key: UUID) -> Event | None:
    """The event a request key was recorded with: then the request is a repeat, and has its answer already."""
    return Event.objects.filter(key=key).first()


@dataclass(frozen=True, slots=True)
class Fault:
    """A place where a chain no longer fits."""

    chain: str
    sequence: int
    kind: str
    message: str


# Written out here and not called from the database's own function: who may alter that function may not alter this.
_VERIFY = """
WITH rows AS (
    SELECT e.*, row_number() OVER w AS place, coalesce(lag(hash) OVER w, '') AS hash_before,
        encode(sha256(convert_to(previous_hash || E'\\n' || jsonb_build_array(
            chain, sequence, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
            actor_id, actor_name, actor_office, acting_for, verb, subject_label, subject_id, subject_text,
            before, after, reason, request_id, key)::text, 'UTF8')), 'hex') AS computed
    FROM audit_event e WHERE %(chain)s::text IS NULL OR chain = %(chain)s
    WINDOW w AS (PARTITION BY chain ORDER BY sequence)
)
SELECT chain, sequence, 'changed' FROM rows WHERE computed <> hash
UNION ALL SELECT chain, sequence, 'gap' FROM rows WHERE sequence <> place
UNION ALL SELECT chain, sequence, 'broken' FROM rows WHERE previous_hash <> hash_before
UNION ALL SELECT h.chain, h.sequence, 'tail' FROM audit_chainhead h
    LEFT JOIN LATERAL (SELECT sequence, hash FROM audit_event e WHERE e.chain = h.chain ORDER BY sequence DESC LIMIT 1)
        last ON true
    WHERE (%(chain)s::text IS NULL OR h.chain = %(chain)s)
        AND (last.sequence IS DISTINCT FROM h.sequence OR last.hash IS DISTINCT FROM h.hash)
UNION ALL SELECT DISTINCT r.chain, 0::bigint, 'headless' FROM rows r
    WHERE NOT EXISTS (SELECT 1 FROM audit_chainhead h WHERE h.chain = r.chain)
ORDER BY 1, 2, 3
"""
_MESSAGES = {
    "changed": "nội dung không khớp mã kiểm tra, dòng đã bị sửa",
    "gap": "thiếu dòng đứng trước",
    "broken": "không nối với dòng đứng trước",
    "tail": "cuối chuỗi không khớp mốc đã ghi, có dòng bị xóa hoặc thêm",
    "headless": "chuỗi không còn mốc cuối",
}


def verify_chain(chain: str | None = None) -> Sequence[Fault]:
    """Every place where the chain (without a name: all chains) does not fit; empty when all is as it was written."""
    with connection.cursor() as cursor:
        cursor.execute(_VERIFY, {"chain": chain})
        return [Fault(name, sequence, kind, _MESSAGES[kind]) for name, sequence, kind in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Head:
    chain: str
    sequence: int
    hash: str


def chain_heads() -> Sequence[Head]:
    """The last place and hash of each chain: kept outside the database, they prove that no tail was replaced."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT chain, sequence, hash FROM audit_chainhead WHERE sequence > 0 ORDER BY chain")
        return [Head(*row) for row in cursor.fetchall()]


def missing_heads(anchors: Sequence[Head]) -> Sequence[Head]:
    """Those of the heads kept outside that the record no longer holds."""
    held = set(
        Event.objects.filter(chain__in=[a.chain for a in anchors], hash__in=[a.hash for a in anchors]).values_list(
            "chain", "sequence", "hash"
        )
    )
    return [a for a in anchors if (a.chain, a.sequence, a.hash) not in held]
