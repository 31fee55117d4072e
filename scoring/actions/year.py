"""The next year of a bloc."""

from __future__ import annotations

from django.db import transaction

from blocs.actions.bloc import start_next_year
from blocs.models import BlocYear
from scoring.actions.scheme import OptionsInput, _insert_lines, _new_draft, _options_of, _set_options, copy_lines
from scoring.models import Scheme
from scoring.rules.states import SchemeState
from thidua import audit
from thidua.lib.actor import Actor


def copy_to_next_year(*, by: Actor, bloc_year_id: int) -> BlocYear:
    """ "Năm sau": members and lead terms (by ``blocs``), then the scheme as a draft to edit. One transaction."""
    with transaction.atomic():
        bloc_year = start_next_year(by=by, bloc_year_id=bloc_year_id)
        source = (
            Scheme.objects.filter(bloc_year_id=bloc_year_id)
            .exclude(state=SchemeState.REPLACED.value)
            .order_by("state", "-version")
            .last()
        )
        if source is not None:
            options: OptionsInput = _options_of(source)
            draft = _new_draft(bloc_year, None, "")
            _set_options(draft, options)
            draft.is_sample = source.is_sample
            draft.save()
            _insert_lines(draft, copy_lines(source))
        audit.record(
            by,
            "scoring.copy_to_next_year",
            bloc_year,
            after={"year": bloc_year.year, "scheme_from": source.bloc_year.year if source else None},
            chain=bloc_year.chain,
        )
    return bloc_year
