"""Who may see a paper, and who may try a failed one again: the kind decides."""

from __future__ import annotations

from thidua.documents.models import Document
from thidua.documents.registry import kind_of
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused


def can_view(actor: Actor, document: Document) -> Verdict:
    """As the kind says; a kind nobody knows any more is seen by nobody."""
    kind = kind_of(document.kind)
    if kind is None:
        return refused("Loại giấy tờ này không còn dùng.", "unknown-kind")
    return ALLOWED if kind.can_view(actor, document) else refused("Bạn không được xem giấy tờ này.", "not-viewer")


def can_retry(actor: Actor, document: Document) -> Verdict:
    """Who asked for it, or whom the kind names; without a rule of the kind, everybody who may see it."""
    kind = kind_of(document.kind)
    seen = can_view(actor, document)
    if not seen or kind is None:
        return seen
    if actor.is_system or (actor.user_id is not None and actor.user_id == document.requested_by_id):
        return ALLOWED
    if kind.can_retry is None or kind.can_retry(actor, document):
        return ALLOWED
    return refused(f"Việc tạo lại dành cho người đã yêu cầu: {document.requested_by_name}.", "not-requester")
