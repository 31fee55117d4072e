"""The next year of a bloc."""

from __future__ import annotations

from blocs.actions.bloc import start_next_year
from django.db import transaction

from blocs.models import BlocYear
from scoring.actions.scheme import copy_scheme
from scoring.queries.scheme import draft_scheme, published_scheme
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import NotPermitted


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


def mark_as_sample(*, by: Actor, bloc_year_id: int) -> None:
    """Say on every page and paper of the year that its figures are samples; the command line only."""
    with transaction.atomic():
        bloc_year = BlocYear.objects.select_related("bloc").select_for_update(of=("self",)).get(pk=bloc_year_id)
        if not by.is_system:
            raise NotPermitted("system-only", "Chỉ bộ dữ liệu dùng thử ghi là số liệu mẫu.")
        bloc_year.is_sample = True
        bloc_year.save(update_fields=["is_sample"])
        audit.record(by, "scoring.mark_as_sample", bloc_year, after={"is_sample": True}, chain=bloc_year.chain)
