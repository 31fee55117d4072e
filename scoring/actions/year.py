"""The next year of a bloc."""

from __future__ import annotations

from django.db import transaction

from blocs.actions.bloc import start_next_year
from blocs.models import BlocYear
from blocs.permissions import can_start_next_year
from scoring.actions.scheme import copy_scheme
from scoring.queries.scheme import draft_scheme, published_scheme
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict
from thidua.lib.verdict import require
from thidua.pending.actions import propose
from thidua.pending.models import PendingStep


def copy_to_next_year(*, by: Actor, bloc_year_id: int) -> BlocYear:
    """ "Năm sau": members and lead terms (by ``blocs``), then the scheme as a draft to edit. One transaction."""
    with transaction.atomic():
        bloc_year = start_next_year(by=by, bloc_year_id=bloc_year_id)
        source = published_scheme(bloc_year_id) or draft_scheme(bloc_year_id)
        if source is not None:
            copy_scheme(by=by, source_id=source.pk, bloc_year_id=bloc_year.pk)
        audit.record(
            by,
            "scoring.copy_to_next_year",
            bloc_year,
            after={"year": bloc_year.year, "scheme_version": source.version if source else None},
            chain=bloc_year.chain,
        )
    return bloc_year


def propose_next_year(*, by: Actor, bloc_year_id: int) -> PendingStep:
    """Ask a second person of the standing agency to open the bloc's next year."""
    bloc_year = BlocYear.objects.select_related("bloc").get(pk=bloc_year_id)
    require(can_start_next_year(by, bloc_year))
    if BlocYear.objects.filter(bloc=bloc_year.bloc_id, year=bloc_year.year + 1).exists():
        raise Conflict("next-year-exists", f"Khối đã có năm {bloc_year.year + 1}. Mở năm đó để sửa.")
    return propose(
        by=by,
        verb="scoring.copy_to_next_year",
        args={"bloc_year_id": bloc_year.pk},
        subject=bloc_year,
        summary=f"Mở năm {bloc_year.year + 1} của {bloc_year.bloc} từ năm {bloc_year.year}",
        scope=f"province:{bloc_year.bloc.province_id}",
    )
