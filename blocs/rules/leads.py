"""Who leads a bloc in a year: at most one lead, only members, methods that fit. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from blocs.rules.states import LeadRole, SelectionMethod
from thidua.lib.errors import RuleViolation


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """One unit's office in the bloc for the year."""

    unit_id: int
    role: LeadRole
    method: SelectionMethod = SelectionMethod.UNKNOWN
    source_wording: str = ""


def check_leads(leads: Iterable[LeadFacts], member_ids: Collection[int], names: Mapping[int, str]) -> None:
    """RuleViolation ``lead-twice`` (two leads), ``lead-two-roles`` (one unit twice), ``lead-not-member``.

    A year without a lead is legal: for past years nobody may know (cases.md B8).
    """
    seen: set[int] = set()
    lead_seen = False
    for lead in leads:
        name = names.get(lead.unit_id, "Đơn vị này")
        if lead.unit_id not in member_ids:
            raise RuleViolation(
                "lead-not-member",
                f"{name} không phải thành viên của năm này. Thêm vào thành viên trước, rồi giao vai trò.",
                field="lead",
            )
        if lead.unit_id in seen:
            raise RuleViolation(
                "lead-two-roles", f"{name} được giao hai vai trò. Chọn một đơn vị khác làm Phó.", field="deputy"
            )
        if lead.role == LeadRole.LEAD:
            if lead_seen:
                raise RuleViolation("lead-twice", "Mỗi năm chỉ có một đơn vị Trưởng khối. Chọn lại.", field="lead")
            lead_seen = True
        seen.add(lead.unit_id)


def check_leads_stay(leads: Iterable[LeadFacts], member_ids: Collection[int], names: Mapping[int, str]) -> None:
    """RuleViolation ``lead-leaves`` when a unit with an office of the year would stop being a member."""
    for lead in leads:
        if lead.unit_id not in member_ids:
            raise RuleViolation(
                "lead-leaves",
                f"{names.get(lead.unit_id, 'Đơn vị này')} đang là Trưởng khối hoặc Phó Trưởng khối của năm."
                " Giao vai trò đó cho đơn vị khác trước.",
                field="members",
            )


@dataclass(frozen=True, slots=True)
class LeadYear:
    """A line of the lead history; ``units`` empty means nobody knows."""

    year: int
    units: tuple[str, ...]
    method: str = ""


def lead_history(terms: Mapping[int, tuple[tuple[str, ...], str]], last: int) -> tuple[LeadYear, ...]:
    """Every year from the first known one to ``last``, newest first; years nobody knows stay empty (B8)."""
    if not terms:
        return ()
    years = range(max(last, *terms), min(terms) - 1, -1)
    return tuple(LeadYear(year, *terms.get(year, ((), ""))) for year in years)
