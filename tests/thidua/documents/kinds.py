"""Paper kinds that only tests know: real templates, contexts written by hand."""

from __future__ import annotations

from typing import Any

from tests.print import contexts
from thidua.accounts.models import User
from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind, register
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused


def covenant_context(user: User) -> dict[str, Any]:
    """The covenant of the print tests; its closing sentence is the user's title."""
    return {**contexts.covenant(), "closing": user.title or "Các đơn vị cam kết thực hiện."}


def long_context(user: User) -> dict[str, Any]:
    """Some seconds of real rendering."""
    context = contexts.covenant()
    return {**context, "contents": context["contents"] * 260, "closing": user.title or "Hết"}


def can_view(actor: Actor, document: Document) -> bool:
    return actor.is_system or actor.holds("viewer")


def can_request(actor: Actor, user: User) -> Verdict:
    return ALLOWED if actor.is_system or actor.holds("viewer") else refused("Việc này dành cho thư ký Khối.")


COVENANT = DocumentKind(
    slug="tests-covenant",
    title="Giao ước thi đua",
    template="print/blocs/covenant.html",
    build_context=covenant_context,
    can_view=can_view,
    can_request=can_request,
    title_of=lambda user: f"Giao ước thi đua của {user.username}",
)
LONG = DocumentKind(
    slug="tests-long",
    title="Giấy dài",
    template="print/blocs/covenant.html",
    build_context=long_context,
    can_view=can_view,
)
BROKEN = DocumentKind(
    slug="tests-broken",
    title="Giấy thiếu dữ liệu",
    template="print/blocs/covenant.html",
    build_context=lambda user: {"document_title": "thiếu"},
    can_view=can_view,
)
register(COVENANT, LONG, BROKEN)
