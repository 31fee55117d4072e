"""What agreeing and signing a covenant need."""

from __future__ import annotations

from datetime import date

import pytest

from blocs.rules.covenants import Signing, check_agreement, check_signature, check_signing, unsigned
from blocs.rules.states import COVENANT_TRANSITIONS, CovenantState, covenant_step
from thidua.lib.errors import RuleViolation

DAY = date(2022, 3, 11)
TODAY = date(2022, 3, 20)
EIGHT = tuple(Signing(f"Đơn vị {i}", DAY) for i in range(8))


def code_of(signings: object, day: date | None = DAY) -> str:
    with pytest.raises(RuleViolation) as caught:
        check_signing(signings, day, TODAY)  # type: ignore[arg-type]
    return caught.value.code


def test_eight_of_eight_is_signed() -> None:
    check_signing(EIGHT, DAY, TODAY)
    check_signing(EIGHT, TODAY.replace(day=11), TODAY)


def test_one_missing_is_refused_by_name() -> None:
    """cases.md A3: one of eight has not signed."""
    signings = (*EIGHT[:-1], Signing("Trung tâm Hành chính công"))
    assert unsigned(signings) == ("Trung tâm Hành chính công",)
    with pytest.raises(RuleViolation, match="Trung tâm Hành chính công") as caught:
        check_signing(signings, DAY, TODAY)
    assert caught.value.code == "signatures-missing"


def test_an_absent_signer_needs_a_later_day_and_a_reason() -> None:
    late = date(2022, 3, 15)
    check_signing((*EIGHT[:-1], Signing("X", late, "Đi công tác ngày ký")), DAY, TODAY)
    assert code_of((*EIGHT[:-1], Signing("X", late))) == "late-without-reason"
    assert code_of((*EIGHT[:-1], Signing("X", late, "   ngắn    "))) == "late-without-reason"
    assert code_of((*EIGHT[:-1], Signing("X", None, "Đi công tác ngày ký"))) == "signatures-missing"


def test_other_refusals() -> None:
    assert code_of((*EIGHT[:-1], Signing("X", date(2022, 3, 10)))) == "signed-too-early"
    assert code_of(EIGHT, None) == "signing-day-missing"
    assert code_of(EIGHT, date(2022, 3, 21)) == "signing-day-ahead"
    assert code_of(()) == "signatures-missing"
    check_signature(Signing("X", date(2022, 3, 10)), None)
    check_signature(Signing("X"), DAY)


def test_nothing_cannot_be_agreed() -> None:
    check_agreement(1, 8)
    for contents, members in ((0, 8), (1, 0)):
        with pytest.raises(RuleViolation) as caught:
            check_agreement(contents, members)
        assert caught.value.code == "covenant-empty"


@pytest.mark.parametrize("state", CovenantState)
@pytest.mark.parametrize("move", ["agree", "reopen", "sign", "fly"])
def test_every_move_is_decided(state: CovenantState, move: str) -> None:
    if (state, move) in COVENANT_TRANSITIONS:
        assert covenant_step(state, move).target in CovenantState
    else:
        with pytest.raises(RuleViolation):
            covenant_step(state, move)
