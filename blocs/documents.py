"""Papers that print blocs' own data alone: the covenant."""

from __future__ import annotations

from collections.abc import Callable

from blocs.models import BlocYear, Covenant
from blocs.permissions import bloc_officers, can_download_covenant, is_staff_of
from blocs.queries.covenant_paper import covenant_context
from blocs.queries.visible import visible_bloc_years
from thidua.documents.models import Document
from thidua.documents.registry import DocumentKind
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

OUTSIDE = refused("Bạn không thuộc Khối này.", "not-in-scope")
REQUESTERS = "Giấy tờ của Khối do thư ký, Trưởng khối hoặc Ban Thi đua - Khen thưởng tạo."


def bloc_year_in(actor: Actor, scope: str) -> BlocYear | None:
    """The bloc-year papers are listed under (their scope, ``bloc-year:12:2026``), if it is in the actor's sight: one
    query."""
    kind, _, rest = scope.partition(":")
    bloc_id, _, year = rest.partition(":")
    if kind != "bloc-year" or not bloc_id.isdecimal() or not year.isdecimal():
        return None
    rows = visible_bloc_years(actor).filter(bloc_id=int(bloc_id), year=int(year))
    return rows.select_related("bloc").first()


def covenant_sight(actor: Actor, scope: str) -> Callable[[Document], Verdict]:
    """Row 22: whoever sees the bloc-year and takes part in its work downloads its covenant."""
    bloc_year = bloc_year_in(actor, scope)
    told = OUTSIDE if bloc_year is None else can_download_covenant(actor, bloc_year)
    return lambda document: told


def may_request(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Officers of the bloc and the standing agency ask for papers."""
    if actor.is_system or bloc_officers(actor, bloc_year) or is_staff_of(actor, bloc_year.bloc.province_id):
        return ALLOWED
    return refused(REQUESTERS)


def can_request_covenant(actor: Actor, covenant: Covenant) -> Verdict:
    return may_request(actor, covenant.bloc_year)


def can_retry(actor: Actor, document: Document) -> Verdict:
    """A paper of the bloc is tried again by whoever may ask for one in its year."""
    bloc_year = bloc_year_in(actor, document.scope)
    return OUTSIDE if bloc_year is None else may_request(actor, bloc_year)


COVENANT = DocumentKind(
    slug="covenant",
    title="Giao ước thi đua",
    template="print/blocs/covenant.html",
    build_context=covenant_context,
    sight=covenant_sight,
    can_request=can_request_covenant,
    can_retry=can_retry,
    title_of=lambda covenant: f"Giao ước thi đua năm {covenant.bloc_year.year}",
    subject_model="blocs.covenant",
)
