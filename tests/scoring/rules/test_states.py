from __future__ import annotations

import pytest

from scoring.rules import states
from scoring.rules.states import (
    SCHEME_TRANSITIONS,
    SHEET_TRANSITIONS,
    STAGE_TRANSITIONS,
    TABLE_TRANSITIONS,
    SchemeState,
    SheetState,
    StageSlug,
    StageState,
    TableState,
    parse_stage_slug,
    step,
)
from thidua.lib.errors import RuleViolation

MACHINES = [
    (SchemeState, SCHEME_TRANSITIONS),
    (StageState, STAGE_TRANSITIONS),
    (SheetState, SHEET_TRANSITIONS),
    (TableState, TABLE_TRANSITIONS),
]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("tự-chấm", "tu-cham"),
        ("Tự chấm", "tu-cham"),
        ("tu-cham", "tu-cham"),
        ("tu_cham", "tu-cham"),
        ("chấm-chéo", "cham-cheo"),
        ("khối", "khoi"),
        ("Khối thẩm định", "khoi"),
        (" thẩm-định ", "tham-dinh"),
    ],
)
def test_stage_slug_is_read_in_every_spelling(text, slug):
    assert parse_stage_slug(text) == slug


def test_a_stage_the_year_does_not_have_is_a_fault_that_names_those_it_has():
    with pytest.raises(RuleViolation) as refusal:
        parse_stage_slug("thẩm-định", (StageSlug.SELF, StageSlug.BLOC))
    assert refusal.value.code == "stage-unknown"
    assert "tự-chấm, khối" in refusal.value.message


@pytest.mark.parametrize(("machine", "transitions"), MACHINES)
def test_every_pair_of_state_and_move_is_decided(machine, transitions):
    moves = {move for _, move in transitions}
    for state in machine:
        for move in moves:
            if (state, move) in transitions:
                assert step(transitions, state, move).target in list(machine)
            else:
                with pytest.raises(RuleViolation) as refusal:
                    step(transitions, state, move)
                assert refusal.value.code == "move-not-allowed"
                assert refusal.value.message.endswith(".")


def test_going_back_always_needs_a_reason():
    assert step(TABLE_TRANSITIONS, TableState.LOCKED, "unlock").reason_needed
    assert step(SHEET_TRANSITIONS, SheetState.SUBMITTED, "return").reason_needed
    assert step(STAGE_TRANSITIONS, StageState.CLOSED, "reopen").reason_needed


def test_a_replaced_scheme_has_no_way_out():
    assert not [move for state, move in SCHEME_TRANSITIONS if state is SchemeState.REPLACED]


def test_code_values_are_lower_case_ascii():
    enums = [v for v in vars(states).values() if isinstance(v, type) and issubclass(v, states.StrEnum) and list(v)]
    assert enums
    for enum in enums:
        for value in enum:
            assert value.value.isascii()
            assert value.value == value.value.lower()
