"""Lives of units and provinces: pure."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocs.rules import units
from blocs.rules.states import SuccessionKind
from blocs.rules.units import ProvinceFacts, UnitFacts
from thidua.lib.errors import RuleViolation

JUNE_30, JULY_1 = date(2025, 6, 30), date(2025, 7, 1)
PROVINCES = (
    ProvinceFacts(1, "27", "Bắc Ninh", "tỉnh", None, JUNE_30),
    ProvinceFacts(2, "24", "Bắc Giang", "tỉnh", None, JUNE_30),
    ProvinceFacts(3, "24", "Bắc Ninh", "tỉnh", JULY_1, None),
    ProvinceFacts(4, "26", "Vĩnh Phúc", "tỉnh", None, JUNE_30),
    ProvinceFacts(5, "25", "Phú Thọ", "tỉnh", None, JUNE_30),
    ProvinceFacts(6, "25", "Phú Thọ", "tỉnh", JULY_1, None),
    ProvinceFacts(7, "01", "Hà Nội", "thành phố"),
    ProvinceFacts(8, "75", "Đồng Nai", "tỉnh", JULY_1, date(2026, 4, 29)),
    ProvinceFacts(9, "75", "Đồng Nai", "thành phố", date(2026, 4, 30), None),
)
FOLLOWING = {
    1: [PROVINCES[2]], 2: [PROVINCES[2]], 4: [PROVINCES[5]], 5: [PROVINCES[5]], 8: [PROVINCES[8]]
}  # fmt: skip


@pytest.mark.parametrize(
    ("words", "day", "found"),
    [
        ("Bắc Ninh", date(2019, 1, 1), 1),
        ("bac ninh", date(2026, 1, 1), 3),
        ("tỉnh Bắc Ninh", None, 3),
        ("24", date(2019, 1, 1), 2),
        ("24", date(2026, 1, 1), 3),
        ("27", None, 1),
        ("1", None, 7),
        ("TP Hà Nội", None, 7),
        ("thành phố Hà Nội", date(2020, 5, 5), 7),
        ("Đồng Nai", date(2026, 4, 29), 8),
        ("Đồng Nai", date(2026, 4, 30), 9),
        ("tỉnh Đồng Nai", date(2026, 1, 1), 8),
        ("Vĩnh Phúc", None, 4),
    ],
)
def test_province_at_finds_the_life_of_that_day(words: str, day: date | None, found: int) -> None:
    assert units.province_at(words, day, PROVINCES).id == found


@pytest.mark.parametrize(
    ("words", "day", "code"),
    [
        ("24", None, "province-ambiguous"),
        ("Bắc Nính Bình", None, "province-unknown"),
        ("99", date(2020, 1, 1), "province-unknown"),
        ("Vĩnh Phúc", date(2026, 1, 1), "province-not-then"),
        ("27", date(2026, 1, 1), "province-not-then"),
        ("", None, "province-unknown"),
    ],
)
def test_province_at_refuses(words: str, day: date | None, code: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        units.province_at(words, day, PROVINCES)
    assert refusal.value.code == code


def test_province_in_year_of_two_lives_follows_the_decision() -> None:
    assert units.province_in_year("Bắc Ninh", 2025, PROVINCES).id == 1
    assert units.province_in_year("Bắc Ninh", 2025, PROVINCES, date(2025, 8, 1)).id == 3
    assert units.province_in_year("Vĩnh Phúc", 2025, PROVINCES).id == 4
    assert units.province_in_year("Bắc Ninh", 2026, PROVINCES, date(2025, 12, 20)).id == 3


def test_province_in_words() -> None:
    today = date(2026, 11, 22)
    assert (
        units.province_in_words(PROVINCES[3], today, FOLLOWING)
        == "tỉnh Vĩnh Phúc (đến 30/6/2025; nay thuộc tỉnh Phú Thọ)"
    )
    assert units.province_in_words(PROVINCES[2], today, FOLLOWING) == "tỉnh Bắc Ninh"
    assert units.province_in_words(PROVINCES[0], today, FOLLOWING).endswith("nay thuộc tỉnh Bắc Ninh mới)")
    assert (
        units.province_in_words(PROVINCES[7], today, FOLLOWING)
        == "tỉnh Đồng Nai (đến 29/4/2026; nay là thành phố Đồng Nai)"
    )
    assert units.province_in_words(PROVINCES[3], date(2019, 1, 1), FOLLOWING) == "tỉnh Vĩnh Phúc"


OLD = UnitFacts(1, "SLD", "Sở Lao động", None, date(2025, 2, 28))
NEW = UnitFacts(2, "SNV", "Sở Nội vụ")
THIRD = UnitFacts(3, "SYT", "Sở Y tế")


@pytest.mark.parametrize(
    ("kind", "count", "fits"),
    [
        ("rename", 1, True), ("rename", 2, False), ("rename", 0, False), ("merge", 1, True), ("merge", 2, False),
        ("split", 2, True), ("split", 1, False), ("dissolve", 0, True), ("dissolve", 1, False),
    ],
)  # fmt: skip
def test_check_successors(kind: str, count: int, fits: bool) -> None:
    if fits:
        units.check_successors(SuccessionKind(kind), count)
    else:
        with pytest.raises(RuleViolation, match=r"\w"):
            units.check_successors(SuccessionKind(kind), count)


def test_check_succession_refuses_itself_circles_and_the_dead() -> None:
    def code(unit: UnitFacts, after: UnitFacts, on: date | None, links: dict[int, tuple[int, ...]]) -> str:
        with pytest.raises(RuleViolation) as refusal:
            units.check_succession(unit, SuccessionKind.RENAME, [after], on, links)
        return refusal.value.code

    assert code(NEW, NEW, None, {}) == "succession-circle"
    assert code(NEW, THIRD, None, {3: (4,), 4: (2,)}) == "succession-circle"
    assert code(NEW, OLD, date(2025, 3, 1), {}) == "successor-ended"
    young = UnitFacts(5, "X", "Mới", date(2026, 1, 1))
    assert code(young, NEW, date(2026, 1, 1), {}) == "succession-early"
    units.check_succession(OLD, SuccessionKind.MERGE, [NEW], date(2025, 3, 1), {3: (1,)})


def test_namesake_needs_the_same_time_and_minds_accents() -> None:
    there = [UnitFacts(1, "A", "Sở Nội vụ", None, date(2025, 2, 28))]
    assert units.namesake("Sở  NỘI VỤ", None, None, there)
    assert units.namesake("So\u031b\u0309 No\u0323\u0302i vu\u0323", None, None, there), "decomposed letters"
    assert not units.namesake("Sở Nội vụ", date(2025, 3, 1), None, there)
    assert not units.namesake("Sở Nôi vụ", None, None, there)
    assert not units.namesake("Sở Nội vụ", None, None, there, own_code="A")


def test_check_life_and_decision_date() -> None:
    units.check_life(None, date(2020, 1, 1))
    units.check_life(date(2020, 1, 1), date(2020, 1, 1))
    with pytest.raises(RuleViolation):
        units.check_life(date(2020, 1, 2), date(2020, 1, 1))
    with pytest.raises(RuleViolation):
        units.check_decided_on(date(2026, 11, 23), date(2026, 11, 22))


def test_members_on_keeps_the_living_and_names_who_came_after() -> None:
    found = units.members_on([OLD, NEW, THIRD], date(2026, 1, 1), {1: (2,)}, {2: NEW})
    assert [u.id for u in found.kept] == [2, 3]
    assert [(g.unit.id, [s.id for s in g.successors]) for g in found.gone] == [(1, [2])]
    words = units.gone_in_words(found.gone[0], frozenset({2}))
    assert "Sở Nội vụ (đã là thành viên)" in words
    assert "28/02/2025" in words


def test_members_on_follows_several_steps() -> None:
    middle = UnitFacts(2, "B", "Giữa", date(2025, 3, 1), date(2025, 9, 1))
    last = UnitFacts(3, "C", "Cuối", date(2025, 9, 2))
    found = units.members_on([OLD], date(2026, 1, 1), {1: (2,), 2: (3,)}, {2: middle, 3: last})
    assert found.gone[0].successors == (last,)


LINKS = st.dictionaries(st.integers(1, 8), st.lists(st.integers(1, 8), max_size=3))


@given(LINKS, st.integers(1, 8))
def test_descendants_always_end_and_are_closed(links: dict[int, list[int]], start: int) -> None:
    found = units.descendants(start, links)
    assert set(links.get(start, ())) <= found
    for one in found:
        assert set(links.get(one, ())) <= found
