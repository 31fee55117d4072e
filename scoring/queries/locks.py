"""Rows of scoring read with a lock, for actions.

Locks are taken in one order everywhere: the year, its sheets by their ids, a stage, a scheme, the chain of the record.
Whoever takes only some of them keeps that order.
"""

from __future__ import annotations

from blocs.models import BlocYear
from scoring.models import ScoreSheet


def lock_year(bloc_year_id: int) -> BlocYear:
    """The year with its bloc; the bloc's row stays free."""
    return BlocYear.objects.select_related("bloc").select_for_update(of=("self",)).get(pk=bloc_year_id)


def lock_sheets(bloc_year: BlocYear) -> list[ScoreSheet]:
    """All sheets, in the order of their ids: the same order in which cells lock them. No cell is saved meanwhile."""
    return list(
        ScoreSheet.objects.filter(bloc_year=bloc_year)
        .select_related("unit")
        .order_by("pk")
        .select_for_update(of=("self",))
    )


def lock_table_of(bloc_year_id: int) -> BlocYear:
    """The year, then all its sheets: what is read of the table afterwards stays so until the end."""
    bloc_year = lock_year(bloc_year_id)
    lock_sheets(bloc_year)
    return bloc_year
