"""Sample data says so, on every page and paper."""

from __future__ import annotations

from django.db import transaction

from blocs.models import BlocYear
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import NotPermitted


def mark_as_sample(*, by: Actor, bloc_year_id: int) -> None:
    """Say on every page and paper of the year that its figures are samples; the command line only."""
    with transaction.atomic():
        bloc_year = BlocYear.objects.select_related("bloc").select_for_update(of=("self",)).get(pk=bloc_year_id)
        if not by.is_system:
            raise NotPermitted("system-only", "Chỉ bộ dữ liệu dùng thử ghi là số liệu mẫu.")
        bloc_year.is_sample = True
        bloc_year.save(update_fields=["is_sample"])
        audit.record(by, "scoring.mark_as_sample", bloc_year, after={"is_sample": True}, chain=bloc_year.chain)
