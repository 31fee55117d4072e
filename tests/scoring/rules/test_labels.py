from __future__ import annotations

import unicodedata

import pytest

from scoring import labels
from scoring.rules import states

PAIRS = [
    (labels.CRITERION_KIND, states.CriterionKind),
    (labels.RULE, states.Rule),
    (labels.RULE_MEANING, states.Rule),
    (labels.NOT_APPLICABLE, states.NotApplicable),
    (labels.NOT_APPLICABLE_MEANING, states.NotApplicable),
    (labels.RANK_BY, states.RankBy),
    (labels.RANK_BY_MEANING, states.RankBy),
    (labels.SCHEME_STATE, states.SchemeState),
    (labels.STAGE_STATE, states.StageState),
    (labels.TABLE_STATE, states.TableState),
    (labels.SHEET_STATE, states.SheetState),
    (labels.TAG["scheme"], states.SchemeState),
    (labels.TAG["stage"], states.StageState),
    (labels.TAG["table"], states.TableState),
    (labels.TAG["sheet"], states.SheetState),
]


@pytest.mark.parametrize(("words", "enum"), PAIRS)
def test_every_value_has_words(words, enum):
    assert set(words) == {value.value for value in enum}
    assert all(type(key) is str for key in words)
    assert all(text == unicodedata.normalize("NFC", text) for text in words.values())


def test_every_stage_has_words():
    assert set(labels.STAGE) == set(states.StageSlug.ORDER)


def test_every_move_has_words():
    tables = (
        states.SCHEME_TRANSITIONS,
        states.STAGE_TRANSITIONS,
        states.SHEET_TRANSITIONS,
        states.TABLE_TRANSITIONS,
    )
    assert set(labels.MOVE) == {move for table in tables for _, move in table}
