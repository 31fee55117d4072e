from __future__ import annotations

from datetime import date

import pytest

from blocs.rules.posts import PostFacts, check_end, check_post, needs_second_person
from blocs.rules.states import PostKind
from thidua.lib.errors import RuleViolation


@pytest.mark.parametrize(
    ("kind", "unit", "bloc", "year", "province", "code"),
    [
        ("unit_officer", 1, None, None, None, ""),
        ("unit_officer", None, None, None, None, "post-unit"),
        ("unit_head", 1, 2, None, None, "post-extra"),
        ("unit_head", 1, None, 2026, None, "post-extra"),
        ("unit_head", 1, None, None, 3, "post-extra"),
        ("bloc_secretary", 1, 2, 2026, None, ""),
        ("bloc_secretary", None, 2, 2026, None, "post-unit"),
        ("bloc_lead", 1, None, 2026, None, "post-bloc"),
        ("bloc_deputy", 1, 2, None, None, "post-year"),
        ("staff", None, None, None, 3, ""),
        ("admin", None, None, None, None, "post-province"),
        ("council_member", None, 2, None, 3, "post-extra"),
    ],
)
def test_check_post(
    kind: str, unit: int | None, bloc: int | None, year: int | None, province: int | None, code: str
) -> None:
    facts = PostFacts(PostKind(kind), unit, bloc, year, province)
    if not code:
        check_post(facts)
        return
    with pytest.raises(RuleViolation) as refusal:
        check_post(facts)
    assert refusal.value.code == code


def test_check_post_life_and_end() -> None:
    with pytest.raises(RuleViolation):
        check_post(PostFacts(PostKind.STAFF, None, None, None, 1, date(2026, 2, 1), date(2026, 1, 1)))
    check_end(date(2026, 1, 1), None, date(2026, 1, 1))
    with pytest.raises(RuleViolation):
        check_end(date(2026, 1, 1), None, date(2025, 12, 31))
    with pytest.raises(RuleViolation):
        check_end(None, date(2026, 1, 1), date(2026, 1, 1))


def test_only_offices_of_a_blocs_year_need_one_person() -> None:
    assert [k for k in PostKind if not needs_second_person(k)] == [
        PostKind.BLOC_SECRETARY,
        PostKind.BLOC_LEAD,
        PostKind.BLOC_DEPUTY,
    ]
