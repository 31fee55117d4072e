"""Vietnamese words for every code value of scoring; one place, so that screens and papers say the same."""

from __future__ import annotations

from collections.abc import Mapping

from scoring.rules.scheme import KIND_WORDS, NOT_APPLICABLE_WORDS, RANK_BY_WORDS, RULE_WORDS
from scoring.rules.states import (
    CriterionKind,
    NotApplicable,
    RankBy,
    Rule,
    SchemeState,
    SheetState,
    StageSlug,
    StageState,
    TableState,
)

CRITERION_KIND: Mapping[str, str] = {kind.value: KIND_WORDS[kind] for kind in CriterionKind}
RULE: Mapping[str, str] = {rule.value: RULE_WORDS[rule] for rule in Rule}
NOT_APPLICABLE: Mapping[str, str] = {policy.value: NOT_APPLICABLE_WORDS[policy] for policy in NotApplicable}
RANK_BY: Mapping[str, str] = {choice.value: RANK_BY_WORDS[choice] for choice in RankBy}

# What each way of counting does, for the scheme editor.
RULE_MEANING: Mapping[str, str] = {
    Rule.SUM.value: "Cộng điểm các tiêu chí con.",
    Rule.DIRECT.value: "Nhập thẳng số điểm.",
    Rule.PASS_FAIL.value: "Đạt được điểm tối đa, không đạt được 0 điểm.",
    Rule.LEVELS.value: "Chọn một mức, điểm theo bảng mức.",
    Rule.RATIO.value: "Điểm tối đa × thực hiện ÷ chỉ tiêu, không quá điểm tối đa.",
    Rule.PER_COUNT.value: "Số lần × điểm mỗi lần, không quá điểm tối đa.",
    Rule.MINUS_PER_COUNT.value: "Điểm tối đa trừ số lần × điểm mỗi lần, không thấp hơn 0.",
    Rule.RELATIVE.value: "Đơn vị dẫn đầu được điểm tối đa, các đơn vị khác tính theo đơn vị dẫn đầu.",
    Rule.OUTSIDE_RANK.value: "Điểm theo hạng do cơ quan khác xếp.",
}
NOT_APPLICABLE_MEANING: Mapping[str, str] = {
    NotApplicable.FULL.value: "Tính điểm tối đa",
    NotApplicable.DROP.value: "Loại khỏi tổng và điểm được giao",
    NotApplicable.SCALE.value: "Quy đổi về thang điểm đầy đủ",
    NotApplicable.ZERO.value: "Tính 0 điểm",
}
NOT_APPLICABLE_SHORT: Mapping[str, str] = {
    NotApplicable.FULL.value: "Tính tối đa",
    NotApplicable.DROP.value: "Loại khỏi tổng",
    NotApplicable.SCALE.value: "Quy đổi",
    NotApplicable.ZERO.value: "Tính 0 điểm",
}
RANK_BY_MEANING: Mapping[str, str] = {
    RankBy.POINTS.value: "Xếp theo tổng điểm",
    RankBy.RATE.value: "Xếp theo tỷ lệ: tổng điểm chia điểm được giao",
}

SCHEME_STATE: Mapping[str, str] = {
    SchemeState.DRAFT.value: "Bản nháp",
    SchemeState.PUBLISHED.value: "Đang dùng",
    SchemeState.REPLACED.value: "Đã thay bằng bản khác",
}
STAGE_STATE: Mapping[str, str] = {
    StageState.NOT_OPEN.value: "Chưa mở",
    StageState.OPEN.value: "Đang chấm",
    StageState.CLOSED.value: "Đã đóng",
}
TABLE_STATE: Mapping[str, str] = {
    TableState.OPEN.value: "Tạm tính, chưa chốt",
    TableState.LOCKED.value: "Đã chốt",
}
SHEET_STATE: Mapping[str, str] = {
    SheetState.DRAFT.value: "Chưa nộp",
    SheetState.SUBMITTED.value: "Đã nộp",
}
STAGE: Mapping[str, str] = {
    StageSlug.SELF: "Tự chấm",
    StageSlug.CROSS: "Chấm chéo",
    StageSlug.BLOC: "Khối chấm",
    StageSlug.APPRAISAL: "Thẩm định",
}

# Tag of each state: one of the six kinds of look/README.md (wait, go, done, look, bad, lock); the sign is the page's.
TAG: Mapping[str, Mapping[str, str]] = {
    "scheme": {"draft": "wait", "published": "done", "replaced": "lock"},
    "stage": {"not-open": "wait", "open": "go", "closed": "lock"},
    "table": {"open": "go", "locked": "lock"},
    "sheet": {"draft": "wait", "submitted": "done"},
}

MOVE: Mapping[str, str] = {
    "publish": "Công bố",
    "replace": "Thay bằng bản mới",
    "open": "Mở bước chấm",
    "extend": "Gia hạn",
    "close": "Đóng bước chấm",
    "reopen": "Mở lại bước chấm",
    "submit": "Nộp bước này",
    "withdraw": "Rút lại phiếu",
    "return": "Trả lại phiếu",
    "lock": "Chốt bảng điểm",
    "unlock": "Mở lại bảng điểm",
}
