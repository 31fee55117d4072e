"""Code values of scoring and the moves between states (quality.md section 2, rows 14-34; guide.md section 2.2).

Values are lower-case ASCII: they go into the database, URLs and JSON. Words for people are in ``scoring.labels``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import fold

S = TypeVar("S", bound=StrEnum)


class CriterionKind(StrEnum):
    """What a line of a scheme is (workbooks.md section 3, ``Loại``)."""

    SECTION = "section"
    CRITERION = "criterion"
    BONUS = "bonus"
    DEDUCTION = "deduction"


class Rule(StrEnum):
    """How the points of a line come about (workbooks.md section 3, ``Cách tính``)."""

    SUM = "sum"
    DIRECT = "direct"
    PASS_FAIL = "pass-fail"  # noqa: S105 - not a password
    LEVELS = "levels"
    RATIO = "ratio"
    PER_COUNT = "per-count"
    MINUS_PER_COUNT = "minus-per-count"
    RELATIVE = "relative"
    OUTSIDE_RANK = "outside-rank"


class NotApplicable(StrEnum):
    """What a criterion gives to a unit it is not assigned to (workbooks.md section 3, ``Không áp dụng``)."""

    FULL = "full"
    DROP = "drop"
    SCALE = "scale"
    ZERO = "zero"


class RankBy(StrEnum):
    POINTS = "points"
    RATE = "rate"


class SchemeState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    REPLACED = "replaced"


class StageState(StrEnum):
    NOT_OPEN = "not-open"
    OPEN = "open"
    CLOSED = "closed"


class TableState(StrEnum):
    OPEN = "open"
    LOCKED = "locked"


class SheetState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"


class StageSlug:
    """The stages known by name, in the order of the year. A bloc-year has some of them, as rows."""

    SELF: Final = "tu-cham"
    CROSS: Final = "cham-cheo"
    BLOC: Final = "khoi"
    APPRAISAL: Final = "tham-dinh"
    ORDER: Final = (SELF, CROSS, BLOC, APPRAISAL)


# What a command line takes (workbooks.md section 4) and the workbook spelling of each slug.
STAGE_SPELLINGS: Mapping[str, str] = {
    StageSlug.SELF: "tự-chấm",
    StageSlug.CROSS: "chấm-chéo",
    StageSlug.BLOC: "khối",
    StageSlug.APPRAISAL: "thẩm-định",
}


def parse_stage_slug(text: str, known: tuple[str, ...] = StageSlug.ORDER) -> str:
    """The slug meant by "tự-chấm", "Tự chấm", "tu-cham", "khối thẩm định"…

    ``known`` are the slugs the bloc-year has; another one is RuleViolation ``stage-unknown`` that names them
    (workbooks.md section 4: ``khối`` = khối thẩm định; a slug the year does not have is a fault).
    """
    slug = fold(text).replace("_", "-").replace(" ", "-")
    slug = {"khoi-tham-dinh": StageSlug.BLOC, "khoi-cham": StageSlug.BLOC}.get(slug, slug)
    if slug in known:
        return slug
    names = ", ".join(STAGE_SPELLINGS.get(k, k) for k in known)
    raise RuleViolation(
        "stage-unknown", f"Không có bước chấm “{text.strip()[:40]}”. Năm này có các bước: {names}.", field="stage"
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed move: where it leads, which offices may do it, whether a reason must be given."""

    target: str
    who: tuple[str, ...]
    reason_needed: bool = False


UNIT_OFFICER, UNIT_HEAD = "unit-officer", "unit-head"
BLOC_SECRETARY, BLOC_LEAD = "bloc-secretary", "bloc-lead"
STANDING_OFFICE = "standing-office"

SCHEME_TRANSITIONS: Mapping[tuple[SchemeState, str], Step] = {
    (SchemeState.DRAFT, "publish"): Step(SchemeState.PUBLISHED, (STANDING_OFFICE,)),
    (SchemeState.PUBLISHED, "replace"): Step(SchemeState.REPLACED, (STANDING_OFFICE,), reason_needed=True),
}
STAGE_TRANSITIONS: Mapping[tuple[StageState, str], Step] = {
    (StageState.NOT_OPEN, "open"): Step(StageState.OPEN, (BLOC_LEAD, STANDING_OFFICE)),
    (StageState.OPEN, "extend"): Step(StageState.OPEN, (STANDING_OFFICE,), reason_needed=True),
    (StageState.OPEN, "close"): Step(StageState.CLOSED, (BLOC_LEAD, STANDING_OFFICE)),
    (StageState.CLOSED, "reopen"): Step(StageState.OPEN, (STANDING_OFFICE,), reason_needed=True),
}
SHEET_TRANSITIONS: Mapping[tuple[SheetState, str], Step] = {
    (SheetState.DRAFT, "submit"): Step(SheetState.SUBMITTED, (UNIT_HEAD,)),
    (SheetState.SUBMITTED, "withdraw"): Step(SheetState.DRAFT, (UNIT_HEAD,)),
    (SheetState.SUBMITTED, "return"): Step(SheetState.DRAFT, (BLOC_SECRETARY, BLOC_LEAD), reason_needed=True),
}
TABLE_TRANSITIONS: Mapping[tuple[TableState, str], Step] = {
    (TableState.OPEN, "lock"): Step(TableState.LOCKED, (BLOC_LEAD,)),
    (TableState.LOCKED, "unlock"): Step(TableState.OPEN, (STANDING_OFFICE,), reason_needed=True),
}

# Two enums may share a value ("open", "draft"), and StrEnum members of equal value are equal as keys.
_SENTENCES = {
    (type(state).__name__, state.value): words
    for state, words in (
        (SchemeState.DRAFT, "Bảng tiêu chí đang là bản nháp"),
        (SchemeState.PUBLISHED, "Bảng tiêu chí đã công bố"),
        (SchemeState.REPLACED, "Bảng tiêu chí đã được thay bằng bản khác"),
        (StageState.NOT_OPEN, "Bước chấm chưa mở"),
        (StageState.OPEN, "Bước chấm đang mở"),
        (StageState.CLOSED, "Bước chấm đã đóng"),
        (SheetState.DRAFT, "Phiếu chấm chưa nộp"),
        (SheetState.SUBMITTED, "Phiếu chấm đã nộp"),
        (TableState.OPEN, "Bảng điểm chưa chốt"),
        (TableState.LOCKED, "Bảng điểm đã chốt"),
    )
}


def step(transitions: Mapping[tuple[S, str], Step], state: S, move: str) -> Step:
    """The step a move makes from a state. RuleViolation ``move-not-allowed`` when there is none."""
    found = transitions.get((state, move))
    if found is None:
        now = _SENTENCES.get((type(state).__name__, state.value), "Trạng thái đã đổi")
        raise RuleViolation("move-not-allowed", f"{now}, nên không làm được việc này. Tải lại trang để xem trạng thái.")
    return found
