from __future__ import annotations

import pytest

from blocs.rules.leads import LeadFacts, check_leads, check_leads_stay, lead_history
from blocs.rules.states import LeadRole
from thidua.lib.errors import RuleViolation

NAMES = {1: "Sở A", 2: "Sở B", 3: "Sở C"}
LEAD, DEPUTY = LeadRole.LEAD, LeadRole.DEPUTY


@pytest.mark.parametrize(
    ("leads", "code"),
    [
        ([(1, LEAD), (2, LEAD)], "lead-twice"),
        ([(1, LEAD), (1, DEPUTY)], "lead-two-roles"),
        ([(9, LEAD)], "lead-not-member"),
    ],
)
def test_check_leads_refuses(leads: list, code: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        check_leads([LeadFacts(*x) for x in leads], {1, 2, 3}, NAMES)
    assert refusal.value.code == code


def test_check_leads_lets_nobody_lead_and_two_deputies() -> None:
    check_leads([], {1}, NAMES)
    check_leads([LeadFacts(1, LEAD), LeadFacts(2, DEPUTY), LeadFacts(3, DEPUTY)], {1, 2, 3}, NAMES)


def test_check_leads_stay() -> None:
    check_leads_stay([LeadFacts(1, LEAD)], {1, 2}, NAMES)
    with pytest.raises(RuleViolation, match="Sở A"):
        check_leads_stay([LeadFacts(1, LEAD)], {2}, NAMES)


def test_lead_history_leaves_unknown_years_empty() -> None:
    rows = lead_history({2020: (("TT HCC",), "Bầu"), 2022: (("Sở GDĐT",), "")}, 2022)
    assert [(r.year, r.units) for r in rows] == [(2022, ("Sở GDĐT",)), (2021, ()), (2020, ("TT HCC",))]
    assert lead_history({}, 2022) == ()
