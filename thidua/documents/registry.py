"""Which kinds of paper there are. Each app declares its own in ``documents.py`` and registers them in ``ready``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from thidua.lib.actor import Actor
from thidua.lib.verdict import Verdict

if TYPE_CHECKING:
    from thidua.documents.models import Document


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of paper.

    ``build_context(subject)`` gives a complete JSON-able context (no floats, no model). List, page and download ask
    one of two, which the kind gives: ``can_view(actor, document)`` decides from the stored row alone, without a query;
    ``sight(actor, scope)`` asks its queries once and gives the decision for all papers of the scope.
    ``can_request(actor, subject)`` is asked by ``request``. ``title_of(subject)`` names one paper; without it
    ``title`` does. ``subject_model`` is a label such as "scoring.stage".
    """

    slug: str
    title: str
    template: str
    build_context: Callable[[Any], Mapping[str, Any]]
    can_view: Callable[[Actor, Document], Verdict | bool] | None = None
    sight: Callable[[Actor, str], Callable[[Document], Verdict | bool]] | None = None
    can_request: Callable[[Actor, Any], Verdict] | None = None
    can_retry: Callable[[Actor, Document], Verdict | bool] | None = None
    title_of: Callable[[Any], str] | None = None
    detail_of: Callable[[Any], str] | None = None
    subject_model: str = ""


_KINDS: dict[str, DocumentKind] = {}


def register(*kinds: DocumentKind) -> None:
    """Make the kinds known; the same kind twice is harmless, two kinds of one slug are a fault of ours."""
    for kind in kinds:
        if _KINDS.setdefault(kind.slug, kind) is not kind:
            raise ValueError(f"two document kinds named {kind.slug}")


def kind_of(slug: str) -> DocumentKind | None:
    """The kind, or None for papers of a kind this release no longer makes (they stay, unseen)."""
    return _KINDS.get(slug)


def all_kinds() -> tuple[DocumentKind, ...]:
    """Every kind, by slug."""
    return tuple(_KINDS[slug] for slug in sorted(_KINDS))
