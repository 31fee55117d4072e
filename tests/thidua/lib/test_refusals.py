"""Errors and verdicts: what they carry to tests, programs and people."""

from __future__ import annotations

import pytest

from thidua.lib.errors import Conflict, Locked, NotPermitted, Refusal, RuleViolation
from thidua.lib.verdict import ALLOWED, refused, require


@pytest.mark.parametrize("kind", [RuleViolation, Conflict, NotPermitted, Locked])
def test_a_refusal_carries_code_sentence_field_and_details(kind):
    error = kind("some-code", "Nhập lại.", field="points", details={"mine": 1})
    assert isinstance(error, Refusal)
    assert (error.code, error.message, error.field, error.details) == ("some-code", "Nhập lại.", "points", {"mine": 1})
    assert str(error) == "Nhập lại."
    assert kind("c", "m").details == {}


def test_details_are_a_copy():
    details = {"mine": 1}
    error = Conflict("c", "m", details=details)
    details["mine"] = 2
    assert error.details == {"mine": 1}


def test_verdicts():
    assert ALLOWED
    verdict = refused("Cột này do người được Khối giao chấm.", "own-unit")
    assert not verdict
    require(ALLOWED)
    with pytest.raises(NotPermitted) as refusal:
        require(verdict)
    assert refusal.value.code == "own-unit"
    assert refusal.value.message == "Cột này do người được Khối giao chấm."
    assert refused("x").code == "not-permitted"
