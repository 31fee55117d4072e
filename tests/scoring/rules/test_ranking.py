from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.rules.entered import NOT_ASSIGNED
from scoring.rules.points import compute
from scoring.rules.ranking import Standing, band_of, order_words, places, rank
from scoring.rules.scheme import parse_bands
from tests.scoring.rules.building import line, pts, row, scheme, usual


def ranked(rows, lots=None, **options):
    facts = usual(**options)
    return rank(facts, compute(facts, rows, rows), lots)


def shown(found):
    return {unit: (r.place, r.tied) for unit, r in found.items()}


def test_by_points():
    found = ranked({1: row(10, 10, 10), 2: row(40, 20, 40), 3: row(20, 20, 20)})
    assert list(found) == [2, 3, 1]
    assert shown(found) == {2: (1, False), 3: (2, False), 1: (3, False)}
    assert {r.decided_by for r in found.values()} == {""}


def test_equals_share_the_place_and_the_next_is_skipped():
    found = ranked({1: row(30, 20, 40), 2: row(40, 10, 40), 3: row(10, 10, 10), 4: row(40, 20, 40)})
    assert shown(found) == {4: (1, False), 1: (2, True), 2: (2, True), 3: (4, False)}


def test_steps_are_tried_in_their_order():
    rows = {1: row(30, 20, 30, 10), 2: row(20, 20, 40, 10), 3: row(30, 20, 40, 0)}
    assert shown(ranked(rows)) == {1: (1, True), 2: (1, True), 3: (1, True)}
    by_section = ranked(rows, ties="I; thưởng")
    assert shown(by_section) == {1: (1, False), 3: (2, False), 2: (3, False)}
    assert {u: r.decided_by for u, r in by_section.items()} == {1: "điểm thưởng", 3: "điểm thưởng", 2: "mục I"}
    by_bonus = ranked(rows, ties="thưởng")
    assert shown(by_bonus) == {1: (1, True), 2: (1, True), 3: (3, False)}
    assert by_bonus[3].decided_by == "điểm thưởng"


def test_less_deduction_comes_first():
    found = ranked({1: row(40, 20, 40, 0, 5), 2: row(40, 20, 30, 0, 0)}, ties="trừ")
    assert [(u, r.place, r.decided_by) for u, r in found.items()] == [(2, 1, "điểm trừ"), (1, 2, "điểm trừ")]


def test_a_criterion_breaks_ties_too_and_one_left_out_counts_as_nothing():
    rows = {1: row(30, 20, 40), 2: row(40, 10, 40)}
    assert list(ranked(rows, ties="I.2")) == [1, 2]
    rows = {1: row(40, None, 40) | {3: NOT_ASSIGNED}, 2: row(40, 0, 40)}
    assert shown(ranked(rows, ties="I.2")) == {1: (1, True), 2: (1, True)}


def test_until_the_lot_is_entered_the_tie_stands():
    rows = {1: row(40, 20, 40), 2: row(40, 20, 40), 3: row(40, 20, 40)}
    for lots in (None, {}, [], {1: 1, 2: 2}, [2, 1]):
        assert shown(ranked(rows, lots, ties="thưởng; bốc thăm")) == {1: (1, True), 2: (1, True), 3: (1, True)}
    for lots in ([3, 1, 2], {1: 2, 2: 3, 3: 1}):
        found = ranked(rows, lots, ties="thưởng; bốc thăm")
        assert [(u, r.place, r.tied, r.decided_by) for u, r in found.items()] == [
            (3, 1, False, "bốc thăm"),
            (1, 2, False, "bốc thăm"),
            (2, 3, False, "bốc thăm"),
        ]
    assert shown(ranked(rows, [3, 1, 2])) == {1: (1, True), 2: (1, True), 3: (1, True)}  # no lot declared


def test_a_lot_decides_only_between_equals():
    rows = {1: row(40, 20, 40), 2: row(40, 20, 39), 3: row(40, 20, 39)}
    found = ranked(rows, [3, 2, 1], ties="bốc thăm")
    assert [(u, r.place, r.decided_by) for u, r in found.items()] == [
        (1, 1, ""),
        (3, 2, "bốc thăm"),
        (2, 3, "bốc thăm"),
    ]


def test_a_unit_with_missing_cells_takes_no_place():
    found = ranked({1: row(40, 20), 2: row(10, 10, 10), 3: row(5, 5, 5)}, bands="Tốt>=50; Trung bình")
    assert shown(found) == {2: (1, False), 3: (2, False), 1: (None, False)}
    assert found[1].classification is None
    assert found[2].classification == "Trung bình"


def test_points_and_rate_give_different_winners():
    rows = {1: row(38, 18, 38), 2: row(38, None, 39) | {3: NOT_ASSIGNED}}
    assert list(ranked(rows)) == [1, 2]
    assert list(ranked(rows, by="rate")) == [2, 1]


def test_rates_are_compared_unrounded():
    # 2/3 against 0,6667: both print 66,67
    facts = scheme(
        line(id=1, code="1", max_points=3, params="bước=1"),
        line(id=2, code="2", max_points=9997, params="bước=1"),
        by="rate",
        digits=4,
    )
    rows = {1: {1: pts(2), 2: NOT_ASSIGNED}, 2: {1: pts(0), 2: pts(6667)}}
    results = compute(facts, rows, rows)
    assert results[1].rate == results[2].rate == D("66.67")
    assert [(u, r.place, r.tied) for u, r in rank(facts, results).items()] == [(2, 1, False), (1, 2, False)]


@pytest.mark.parametrize(
    ("value", "name"),
    [(900, "Xuất sắc"), ("899.99", "Tốt"), (800, "Tốt"), (650, "Khá"), (0, "Trung bình"), (2000, "Xuất sắc")],
)
def test_bands(value, name):
    bands = parse_bands("Xuất sắc>=900; Tốt>=800; Khá>=650; Trung bình")
    assert band_of(bands, D(value)) == name


def test_below_all_bands_there_is_no_classification():
    assert band_of(parse_bands("Tốt>=800"), D(799)) is None
    assert band_of((), D(1)) is None


def test_bands_compare_what_the_ranking_compares_with_the_bonus():
    rows = {1: row(30, None, 40) | {3: NOT_ASSIGNED}, 2: row(38, 18, 30, 5)}
    by_points = ranked(rows, bands="Tốt>=85; Khá")
    assert {u: r.classification for u, r in by_points.items()} == {1: "Khá", 2: "Tốt"}
    by_rate = ranked(rows, bands="Tốt>=85; Khá", by="rate")
    assert {u: r.classification for u, r in by_rate.items()} == {1: "Tốt", 2: "Tốt"}


def test_a_rate_is_classified_unrounded():
    assert band_of(parse_bands("Tốt>=90; Khá"), Fraction(89999, 1000)) == "Khá"


def test_the_order_is_said_in_one_sentence():
    assert order_words(usual()) == "Xếp theo tổng điểm. Bằng nhau thì đồng hạng, bỏ hạng kế tiếp."
    words = order_words(usual(by="rate", ties="I; thưởng; trừ; bốc thăm"))
    assert words.startswith("Xếp theo tỷ lệ: tổng điểm chia điểm được giao. Bằng nhau thì so mục I, rồi điểm thưởng,")


# ------------------------------------------------------------ properties
keys = st.integers(0, 4)
standings = st.lists(st.tuples(keys, st.one_of(st.none(), keys), keys), min_size=1, max_size=10).map(
    lambda rows: [Standing(i, main, (a, b)) for i, (main, a, b) in enumerate(rows)]
)


def placed(rows):
    return {s.unit_id: place for group, place, _ in places(rows) for s in group}


@given(standings, st.randoms(use_true_random=False))
def test_the_order_of_input_is_irrelevant(rows, random):
    turned = list(rows)
    random.shuffle(turned)
    assert placed(rows) == placed(turned)


@given(standings)
def test_places_skipped_equal_the_ties(rows):
    found = Counter(placed(rows).values())
    expected = 1
    for place in sorted(found):
        assert place == expected
        expected += found[place]
    assert sum(found.values()) == len(rows)


@given(standings)
def test_equal_keys_share_and_only_they(rows):
    by_unit = placed(rows)
    for one in rows:
        for other in rows:
            if (one.main, one.steps) == (other.main, other.steps):
                assert by_unit[one.unit_id] == by_unit[other.unit_id]
            elif one.main != other.main:
                assert (by_unit[one.unit_id] < by_unit[other.unit_id]) == (one.main > other.main)


@given(standings, st.data())
def test_raising_one_total_never_lowers_its_place(rows, data):
    index = data.draw(st.integers(0, len(rows) - 1))
    raised = [replace(s, main=s.main + 1) if i == index else s for i, s in enumerate(rows)]
    # a lot drawn for the group it leaves cannot hold for the group it joins, so only the plain steps are asked
    plain = [replace(s, steps=s.steps[1:]) for s in rows]
    plain_raised = [replace(s, steps=s.steps[1:]) for s in raised]
    assert placed(plain_raised)[index] <= placed(plain)[index]
    others = [i for i in placed(plain) if i != index]
    assert all(placed(plain_raised)[i] >= placed(plain)[i] for i in others)


@given(standings)
def test_a_group_is_tied_only_where_all_steps_are_equal_or_not_drawn(rows):
    for group, _, _ in places(rows):
        assert len({s.main for s in group}) == 1
        assert len({s.steps[1] for s in group}) == 1
