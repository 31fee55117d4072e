"""Small schemes and entries for the tests of the rules, and hypothesis strategies for both."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from scoring.rules.entered import BLANK, NOT_ASSIGNED, Entered
from scoring.rules.scheme import CriterionFacts, SchemeFacts, parse_bands, parse_params, parse_ties
from scoring.rules.states import CriterionKind, NotApplicable, RankBy, Rule

D = Decimal
KINDS = {
    "mục": CriterionKind.SECTION,
    "tiêu chí": CriterionKind.CRITERION,
    "thưởng": CriterionKind.BONUS,
    "trừ": CriterionKind.DEDUCTION,
}


def dec(value):
    return None if value is None else D(str(value))


def line(
    rule=Rule.DIRECT,
    max_points=10,
    params="",
    *,
    id=1,
    code="I.1",
    parent=None,
    kind="tiêu chí",
    title="Tiêu chí",
    na="drop",
):
    """One criterion; ``params`` as in a workbook."""
    return CriterionFacts(
        id=id,
        code=code,
        parent_id=parent,
        position=id,
        kind=KINDS[kind],
        title=title,
        max_points=dec(max_points),
        rule=rule,
        params=parse_params(rule, params),
        not_applicable=NotApplicable(na),
    )


def section(id, code, max_points, parent=None):
    return line(Rule.SUM, max_points, id=id, code=code, parent=parent, kind="mục", title=f"Mục {code}")


def scheme(*lines, total=None, cap=None, digits=2, bands="", ties="", by="points"):
    return SchemeFacts(
        total_points=dec(total),
        criteria=tuple(lines),
        bonus_cap=dec(cap),
        digits=digits,
        bands=parse_bands(bands),
        ties=parse_ties(ties),
        rank_by=RankBy(by),
    )


def pts(value):
    return Entered(points=dec(value))


def pair(target, actual):
    return Entered(target=dec(target), actual=dec(actual))


def usual(**options):
    """I 60 (I.1 40, I.2 20), II 40 (II.1), bonus B, deduction T: ids 1-7."""
    na = options.pop("na", "drop")
    return scheme(
        section(1, "I", 60),
        line(id=2, code="I.1", parent=1, max_points=40, na=na),
        line(id=3, code="I.2", parent=1, max_points=20, na=na),
        section(4, "II", 40),
        line(id=5, code="II.1", parent=4, max_points=40, na=na),
        line(id=6, code="B", max_points=None, kind="thưởng"),
        line(Rule.PER_COUNT, None, "mỗi lần=2", id=7, code="T", kind="trừ"),
        **options,
    )


def row(first=None, second=None, third=None, bonus=None, events=None):
    """Entries of one unit for ``usual``."""
    found = {2: pts(first), 3: pts(second), 5: pts(third), 6: pts(bonus), 7: Entered(count=events)}
    return {key: value for key, value in found.items() if value != BLANK}


# ------------------------------------------------------------ strategies
amounts = st.decimals(min_value=0, max_value=10**6, places=2)
small = st.decimals(min_value=0, max_value=500, places=2)
positive = st.decimals(min_value=D("0.01"), max_value=10**6, places=2)
level_names = st.text("abcdefhik xyzđ", min_size=1, max_size=8).map(lambda t: " ".join(t.split())).filter(bool)

criteria = st.one_of(
    st.builds(lambda m: line(Rule.DIRECT, m), small),
    st.builds(
        lambda step, n: line(Rule.DIRECT, step * n, f"bước={step}"),
        st.sampled_from([D("0.25"), D("0.5"), D(2)]),
        st.integers(1, 40),
    ),
    st.builds(lambda m: line(Rule.PASS_FAIL, m), small),
    st.just(line(Rule.LEVELS, 5, "Tốt=5; Khá=4; Đạt=3; Chưa đạt=0")),
    st.builds(
        lambda m, p: line(Rule.RATIO, m, p), small, st.sampled_from(["", "ngưỡng=50%", "đảo=có", "ngưỡng=80%; đảo=có"])
    ),
    st.builds(lambda m: line(Rule.PER_COUNT, m, "mỗi lần=1,5"), small),
    st.builds(lambda m: line(Rule.MINUS_PER_COUNT, m, "mỗi lần=1"), small),
    st.builds(
        lambda m, k, by: line(Rule.RELATIVE, m, f"hệ số={k}; dẫn đầu theo={by}"),
        small,
        st.sampled_from(["0", "0,3", "0,5", "1"]),
        st.sampled_from(["tỷ lệ vượt", "giá trị"]),
    ),
    st.just(line(Rule.OUTSIDE_RANK, 50, "1-3=50; 4-6=40; 7-=30")),
)


@st.composite
def entries_of(draw, criterion, *, blanks=True):
    """A valid entry for a criterion."""
    if blanks and draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([BLANK, NOT_ASSIGNED]))
    rule = criterion.rule
    if rule is Rule.DIRECT:
        step = criterion.params.get("step", D("0.01"))
        return Entered(points=step * draw(st.integers(0, int(criterion.max_points / step))))
    if rule is Rule.PASS_FAIL:
        return Entered(passed=draw(st.booleans()))
    if rule is Rule.LEVELS:
        return Entered(level=draw(st.sampled_from([n for n, _ in criterion.params["levels"]])))
    if rule is Rule.RATIO:
        return Entered(target=draw(positive), actual=draw(amounts))
    if rule is Rule.RELATIVE:
        return Entered(target=draw(st.one_of(st.none(), amounts)), actual=draw(amounts))
    if rule is Rule.OUTSIDE_RANK:
        return Entered(rank=draw(st.integers(1, 99)))
    return Entered(count=draw(st.integers(0, 500)))
