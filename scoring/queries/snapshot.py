"""The table as plain data: what is frozen at the lock, and what ``standings`` reads out."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from scoring.queries.table import Table
from scoring.rules.entered import format_cell
from scoring.rules.states import STAGE_SPELLINGS


def plain(value: Decimal | None, digits: int = 2) -> str | None:
    """A number as text with a decimal point, no thousands, fixed digits: "48.50"."""
    return None if value is None else f"{value:.{digits}f}"


def frozen_table(table: Table) -> dict[str, Any]:
    """Every figure of the table with the inputs it came from, and the hash of it all."""
    units = []
    for column in table.columns:
        result, place = table.results[column.unit_id], table.places[column.unit_id]
        units.append(
            {
                "unit_id": column.unit_id,
                "unit": column.code,
                "name": column.name,
                "short": column.short,
                "total": plain(result.total),
                "base": plain(result.base),
                "bonus": plain(result.bonus),
                "deduction": plain(result.deduction),
                "max": plain(result.maximum),
                "rate": plain(result.rate),
                "rank": place.place,
                "tied": place.tied,
                "classification": place.classification,
                "decided_by": place.decided_by,
                "points": {c.code: plain(result.points.get(c.id), table.facts.digits) for c in table.facts.ordered},
                "entered": {
                    c.code: format_cell(table.cell(column.unit_id, c.id).entered, c)
                    for c in table.facts.leaves
                    if not table.cell(column.unit_id, c.id).entered.is_blank
                },
            }
        )
    data: dict[str, Any] = {
        "scheme_version": table.scheme.version,
        "stage": table.stage.slug,
        "rank_by": table.facts.rank_by.value,
        "full_scale": plain(table.facts.full_scale),
        "units": units,
    }
    data["hash"] = hashlib.sha256(json.dumps(data, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    return data


def standings(table: Table) -> dict[str, Any]:
    """The read-out of ``manage.py standings --format json`` (workbooks.md section 5)."""
    rows = []
    for column in table.columns:
        result, place = table.results[column.unit_id], table.places[column.unit_id]
        rows.append(
            {
                "unit": column.code,
                "total": plain(result.total),
                "max": plain(result.maximum),
                "rate": plain(result.rate),
                "bonus": plain(result.bonus),
                "deduction": plain(result.deduction),
                "rank": place.place,
                "tied": place.tied,
                "classification": place.classification,
                "missing": result.missing,
                "criteria": {c.code: plain(result.points.get(c.id), table.facts.digits) for c in table.facts.ordered},
            }
        )
    return {
        "bloc": table.bloc_year.bloc.code,
        "year": table.bloc_year.year,
        "stage": STAGE_SPELLINGS.get(table.stage.slug, table.stage.slug),
        "scheme_version": table.scheme.version,
        "standings": rows,
    }
