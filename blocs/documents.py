"""Papers that print blocs' own data alone: the covenant."""

from __future__ import annotations

from blocs.models import BlocYear, Covenant
from blocs.permissions import bloc_officers, is_staff_of
from blocs.queries.covenant_paper import covenant_context
from blocs.queries.visible import visible_bloc_years
from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

REQUESTERS = "Giấy tờ của Khối do thư ký, Trưởng khối hoặc Ban Thi đua - Khen thưởng tạo."


def bloc_year_of(document: Document) -> tuple[int, int] | None:
    """Bloc and year a paper is listed under (its scope, ``bloc-year:12:2026``)."""
    kind, _, rest = document.scope.partition(":")
    bloc_id, _, year = rest.partition(":")
    return (int(bloc_id), int(year)) if kind == "bloc-year" and bloc_id.isdecimal() and year.isdecimal() else None


def sees_bloc_year_of(actor: Actor, document: Document) -> bool:
    """Is the paper's bloc-year in the actor's sight? No query for officers and for the system."""
    found = bloc_year_of(document)
    if found is None:
        return False
    if actor.is_system or any((p.bloc_id, p.year) == found for p in actor.posts):
        return True
    return visible_bloc_years(actor).filter(bloc_id=found[0], year=found[1]).exists()


def can_view_covenant(actor: Actor, document: Document) -> Verdict:
    """Row 22: whoever sees the bloc-year downloads its covenant."""
    return ALLOWED if sees_bloc_year_of(actor, document) else refused("Bạn không thuộc Khối này.", "not-in-scope")


def may_request(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Officers of the bloc and the standing agency ask for papers."""
    if actor.is_system or bloc_officers(actor, bloc_year) or is_staff_of(actor, bloc_year.bloc.province_id):
        return ALLOWED
    return refused(REQUESTERS)


def can_request_covenant(actor: Actor, covenant: Covenant) -> Verdict:
    return may_request(actor, covenant.bloc_year)


COVENANT = DocumentKind(
    slug="covenant",
    title="Giao ước thi đua",
    template="print/blocs/covenant.html",
    build_context=covenant_context,
    can_view=can_view_covenant,
    can_request=can_request_covenant,
    title_of=lambda covenant: f"Giao ước thi đua năm {covenant.bloc_year.year}",
    subject_model="blocs.covenant",
)
