"""Comparing and joining two versions of a draft."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocs.rules.drafts import (
    Pick,
    check_revision,
    differences,
    digest,
    digests,
    known_parts,
    merge,
    moment_words,
    word_diff,
)
from thidua.lib.errors import Conflict, RuleViolation

TEXTS = st.text(alphabet="aăâ đ.\n,Hội nghị", max_size=60)


@given(TEXTS, TEXTS)
def test_runs_joined_again_are_the_very_texts(old: str, new: str) -> None:
    left, right = word_diff(old, new)
    assert "".join(p.text for p in left) == old
    assert "".join(p.text for p in right) == new
    assert [p.text for p in left if not p.changed] == [p.text for p in right if not p.changed]


def test_only_the_changed_words_are_marked() -> None:
    left, right = word_diff("Hội nghị khai mạc lúc 14 giờ", "Hội nghị bế mạc lúc 14 giờ")
    assert [p.text for p in left if p.changed] == ["khai"]
    assert [p.text for p in right if p.changed] == ["bế"]


def test_very_long_texts_are_compared_by_lines() -> None:
    lines = [f"dòng thứ {i} có vài chữ" for i in range(1500)]
    left, right = word_diff("\n".join(lines), "\n".join([*lines, "thêm"]))
    assert "thêm" in right[-1].text
    assert left[0].changed is False


def test_who_changed_what_is_told_from_the_base() -> None:
    base = {"a": "1", "b": "1", "c": "1", "d": "1"}
    mine = {"a": "mine", "b": "1", "c": "mine", "d": "1"}
    theirs = {"a": "1", "b": "theirs", "c": "theirs", "d": "1"}
    found = {d.part: d for d in differences(mine, theirs, digests(base))}
    assert set(found) == {"a", "b", "c"}
    assert (found["a"].suggested, found["a"].changed_by_both) == (Pick.MINE, False)
    assert (found["b"].suggested, found["b"].changed_by_both) == (Pick.THEIRS, False)
    assert (found["c"].suggested, found["c"].changed_by_both) == (Pick.MINE, True)
    assert all(d.changed_by_both for d in differences(mine, theirs, {})), "without a base every difference is shown"


def test_merge_takes_what_was_picked() -> None:
    mine = {"text": "của tôi", "rows": [{"a": 1}, {"a": 2}], "day": date(2026, 1, 1), "only": 1}
    theirs = {"text": "của họ", "rows": [{"a": 2}, {"a": 3}], "day": date(2026, 1, 2)}
    picks = {"text": "both", "rows": "both", "day": "both", "only": "theirs", "strange": "theirs"}
    assert merge(mine, theirs, picks) == {
        "text": "của họ\ncủa tôi",
        "rows": [{"a": 2}, {"a": 3}, {"a": 1}],
        "day": date(2026, 1, 1),
        "only": 1,
    }
    assert merge(mine, theirs, {"text": "theirs"})["text"] == "của họ"
    assert merge(mine, theirs, {}) == mine
    assert merge({"text": ""}, {"text": "x"}, {"text": "both"})["text"] == "x"


def test_equal_values_have_equal_marks() -> None:
    assert digest([{"b": 1, "a": date(2026, 1, 2)}]) == digest([{"a": date(2026, 1, 2), "b": 1}])
    assert digest(Decimal("1.5")) != digest(Decimal("1.6"))
    assert digest("\ud800") == digest("\ud800")


def test_revision() -> None:
    check_revision(3, 3, what="x", changed_by="A", changed_at="14:00")
    check_revision(2, 3, what="x", changed_by="A", changed_at="14:00", repeated=True)
    with pytest.raises(Conflict) as caught:
        check_revision(2, 3, what="hội nghị này", changed_by="A (mẫu)", changed_at="14:03:22")
    assert caught.value.code == "stale-revision"
    assert caught.value.message.startswith("A (mẫu) đã lưu hội nghị này lúc 14:03:22")
    assert caught.value.details["revision"] == 3


def test_parts_come_in_clean_at_any_depth() -> None:
    stored = {"title": "", "rows": [], "held_on": None, "member:3": None}
    typed = {
        "title": "Ho\u0323\u0302i nghị ",
        "rows": [{"text": "a \r\nb", "unit_id": 3}],
        "held_on": date(2026, 1, 2),
    }
    assert known_parts(typed, stored) == {
        "title": "Hội nghị",
        "rows": [{"text": "a\nb", "unit_id": 3}],
        "held_on": date(2026, 1, 2),
    }


def test_a_part_of_a_unit_that_left_is_refused() -> None:
    with pytest.raises(RuleViolation) as refusal:
        known_parts({"member:9": None}, {"member:3": None})
    assert refusal.value.code == "not-a-member"


def test_a_moment_is_told_hour_first() -> None:
    assert moment_words(datetime(2026, 11, 4, 8, 3, 2)) == "08:03:02 ngày 04/11/2026"  # noqa: DTZ001
