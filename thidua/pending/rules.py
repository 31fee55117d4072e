"""States of a two-person step and who may decide it."""

from __future__ import annotations

from enum import StrEnum

from thidua.lib.errors import Conflict, NotPermitted, RuleViolation

SHORTEST_REASON = 10


class State(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


def check_open(state: str) -> None:
    """Conflict unless nobody has decided yet."""
    if state != State.PROPOSED:
        raise Conflict("already-decided", "Đề nghị này đã có người quyết định. Tải lại trang để xem kết quả.")


def check_second_person(proposed_by: int | None, decides: int | None) -> None:
    """NotPermitted for the proposer: nobody acts twice in one two-person step (quality.md section 2)."""
    if decides is None or decides == proposed_by:
        raise NotPermitted("same-person", "Người thứ hai phải là người khác.")


def check_reason(reason: str) -> None:
    """A refusal says why, in at least ten characters."""
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleViolation("reason-short", f"Không đồng ý cần nêu lý do, từ {SHORTEST_REASON} ký tự.", field="reason")
