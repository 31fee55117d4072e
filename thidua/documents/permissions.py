"""Who may see a paper, and who may try a failed one again: the kind decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind, kind_of
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused


def viewer(actor: Actor, scope: str) -> Callable[[Document], Verdict]:
    """The decision about any paper of a scope, as its kind says; each kind is asked for its queries once. A kind
    nobody knows any more is seen by nobody."""
    rules: dict[str, Callable[[Document], Verdict | bool]] = {}

    def decide(document: Document) -> Verdict:
        kind = kind_of(document.kind)
        if kind is None:
            return refused("Loại giấy tờ này không còn dùng.", "unknown-kind")
        if kind.slug not in rules:
            rules[kind.slug] = _rule(kind, actor, scope)
        return ALLOWED if rules[kind.slug](document) else refused("Bạn không được xem giấy tờ này.", "not-viewer")

    return decide


def _rule(kind: DocumentKind, actor: Actor, scope: str) -> Callable[[Document], Verdict | bool]:
    if kind.sight is not None:
        return kind.sight(actor, scope)
    if kind.can_view is not None:
        return partial(kind.can_view, actor)
    raise LookupError(f"document kind {kind.slug} does not say who sees its papers")


def can_view(actor: Actor, document: Document) -> Verdict:
    """One paper alone."""
    return viewer(actor, document.scope)(document)


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
