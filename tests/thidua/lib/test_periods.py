from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from thidua.lib.periods import contains, overlap

FIRST, LAST = date(2025, 1, 1), date(2025, 6, 30)
ends = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
days = st.dates(date(2019, 1, 1), date(2031, 1, 1))


def test_both_ends_are_inside():
    assert contains(FIRST, LAST, FIRST)
    assert contains(FIRST, LAST, LAST)
    assert not contains(FIRST, LAST, LAST + timedelta(days=1))
    assert not contains(FIRST, LAST, FIRST - timedelta(days=1))


def test_open_ends():
    assert contains(None, LAST, date(1945, 1, 1))
    assert contains(FIRST, None, date(2100, 1, 1))
    assert contains(None, None, FIRST)


def test_overlap_needs_one_day():
    assert overlap(FIRST, LAST, LAST, None)
    assert not overlap(FIRST, LAST, LAST + timedelta(days=1), None)
    assert overlap(None, None, FIRST, FIRST)
    assert not overlap(None, FIRST, LAST, None)


@given(ends, ends, ends, ends)
def test_overlap_is_symmetric(a, b, c, d):
    assert overlap(a, b, c, d) == overlap(c, d, a, b)


@given(ends, ends, ends, ends, days)
def test_a_day_in_both_means_they_overlap(a, b, c, d, day):
    if contains(a, b, day) and contains(c, d, day):
        assert overlap(a, b, c, d)
