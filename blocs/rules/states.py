"""Code values of blocs, units, offices, meetings and covenants, and what may follow what.

Words for people stand in ``blocs.labels``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from thidua.lib.errors import RuleViolation


class UnitCategory(StrEnum):
    DEPARTMENT = "department"
    CENTRAL_AGENCY = "central_agency"
    PUBLIC_SERVICE = "public_service"
    PARTY_BODY = "party_body"
    MASS_ORG = "mass_org"
    ENTERPRISE = "enterprise"
    SCHOOL = "school"
    COMMUNE = "commune"
    DISTRICT = "district"
    PROVINCE = "province"


class SuccessionKind(StrEnum):
    RENAME = "rename"
    MERGE = "merge"
    SPLIT = "split"
    DISSOLVE = "dissolve"


class BlocKind(StrEnum):
    KHOI = "khoi"
    CUM = "cum"


class BlocLevel(StrEnum):
    CENTRAL = "central"
    PROVINCE = "province"
    COMMUNE = "commune"
    SECTOR = "sector"


class LeadRole(StrEnum):
    LEAD = "lead"
    DEPUTY = "deputy"


class SelectionMethod(StrEnum):
    UNKNOWN = "unknown"
    ELECTED = "elected"
    DESIGNATED = "designated"
    ROTATION = "rotation"
    DECISION = "decision"


class PostKind(StrEnum):
    UNIT_OFFICER = "unit_officer"
    UNIT_HEAD = "unit_head"
    BLOC_SECRETARY = "bloc_secretary"
    BLOC_LEAD = "bloc_lead"
    BLOC_DEPUTY = "bloc_deputy"
    STAFF = "staff"
    COUNCIL_MEMBER = "council_member"
    ADMIN = "admin"


UNIT_POSTS = frozenset({PostKind.UNIT_OFFICER, PostKind.UNIT_HEAD})
BLOC_POSTS = frozenset({PostKind.BLOC_SECRETARY, PostKind.BLOC_LEAD, PostKind.BLOC_DEPUTY})
PROVINCE_POSTS = frozenset({PostKind.STAFF, PostKind.COUNCIL_MEMBER, PostKind.ADMIN})


class MeetingKind(StrEnum):
    KICKOFF = "kickoff"
    SIGNING = "signing"
    MID_YEAR = "mid_year"
    YEAR_END = "year_end"
    AD_HOC = "ad_hoc"


class MeetingState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


class AttendanceKind(StrEnum):
    MEMBER = "member"
    GUEST = "guest"


class AgendaKind(StrEnum):
    REPORT = "report"
    REVIEW = "review"
    PAPER = "paper"
    SPEECH = "speech"
    VOTE = "vote"
    OTHER = "other"


class CovenantState(StrEnum):
    DRAFT = "draft"
    AGREED = "agreed"
    SIGNED = "signed"


class CovenantSection(StrEnum):
    GROUND = "ground"
    CONTENT = "content"
    TARGET = "target"
    EXECUTION = "execution"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a move leads, and whether a reason must be given."""

    target: StrEnum
    reason_needed: bool = False


COVENANT_TRANSITIONS: Mapping[tuple[CovenantState, str], Step] = {
    (CovenantState.DRAFT, "agree"): Step(CovenantState.AGREED),
    (CovenantState.AGREED, "reopen"): Step(CovenantState.DRAFT, reason_needed=True),
    (CovenantState.AGREED, "sign"): Step(CovenantState.SIGNED),
}
MEETING_TRANSITIONS: Mapping[tuple[MeetingState, str], Step] = {
    (MeetingState.DRAFT, "approve"): Step(MeetingState.APPROVED),
}


def covenant_step(state: CovenantState, move: str) -> Step:
    """The step that ``move`` is from ``state``; RuleViolation ``covenant-move`` when there is none."""
    try:
        return COVENANT_TRANSITIONS[CovenantState(state), move]
    except KeyError:
        raise RuleViolation("covenant-move", "Giao ước đang ở trạng thái khác. Tải lại trang rồi làm tiếp.") from None


def meeting_step(state: MeetingState, move: str) -> Step:
    """The step that ``move`` is from ``state``; RuleViolation ``meeting-move`` when there is none."""
    try:
        return MEETING_TRANSITIONS[MeetingState(state), move]
    except KeyError:
        raise RuleViolation("meeting-move", "Hội nghị đang ở trạng thái khác. Tải lại trang rồi làm tiếp.") from None
