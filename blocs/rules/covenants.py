"""Covenants: what agreeing and signing need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import format_date

SHORTEST_REASON = 10  # characters, as for every reason that is kept (quality.md B61)


@dataclass(frozen=True, slots=True)
class Signing:
    """A member unit's signature as recorded; ``signed_on`` None: not signed."""

    unit: str
    signed_on: date | None = None
    absence_reason: str = ""


def check_agreement(contents: int, members: int) -> None:
    """A text without one content, or for nobody, cannot be agreed. RuleViolation ``covenant-empty``."""
    if not members:
        raise RuleViolation("covenant-empty", "Năm này chưa có đơn vị thành viên. Ghi thành viên trước.")
    if not contents:
        raise RuleViolation("covenant-empty", "Giao ước chưa có nội dung thi đua nào. Ghi nội dung rồi thống nhất.")


def check_signature(signing: Signing, signing_on: date | None) -> None:
    """One row: never before the signing day; later only with a reason (cases.md A3)."""
    if signing.signed_on is None:
        return
    if signing_on is not None and signing.signed_on < signing_on:
        raise RuleViolation(
            "signed-too-early",
            f"{signing.unit}: ngày ký {format_date(signing.signed_on)} trước lễ ký {format_date(signing_on)}."
            " Kiểm lại hai ngày.",
        )
    if signing_on is not None and signing.signed_on > signing_on and not _has_reason(signing):
        raise RuleViolation(
            "late-without-reason",
            f"{signing.unit}: ký sau lễ ký ({format_date(signing.signed_on)}) cần lý do, từ {SHORTEST_REASON} ký tự.",
        )


def _has_reason(signing: Signing) -> bool:
    return len(signing.absence_reason.strip()) >= SHORTEST_REASON


def unsigned(signings: Sequence[Signing]) -> tuple[str, ...]:
    """The members without a signing day, in order."""
    return tuple(s.unit for s in signings if s.signed_on is None)


def check_signing(signings: Sequence[Signing], signing_on: date | None, today: date) -> None:
    """May the covenant be recorded as signed? ``signings``: one for every member of the year.

    RuleViolation ``signing-day-missing``, ``signing-day-ahead``, ``signatures-missing`` (naming the units),
    ``signed-too-early``, ``late-without-reason``. An absent signer counts with a later day and the reason.
    """
    if signing_on is None:
        raise RuleViolation("signing-day-missing", "Chưa có ngày ký. Ghi ngày lễ ký trong phần chữ ký rồi làm tiếp.")
    if signing_on > today:
        raise RuleViolation(
            "signing-day-ahead", f"Lễ ký ngày {format_date(signing_on)} chưa đến. Ký xong rồi ghi nhận đã ký."
        )
    missing = unsigned(signings)
    if missing or not signings:
        names = ", ".join(missing) or "mọi đơn vị"
        raise RuleViolation(
            "signatures-missing",
            f"Chưa ghi nhận đã ký được: còn thiếu chữ ký của {names}. Ghi ngày ký; đơn vị vắng thì ghi ngày ký sau"
            " và lý do.",
        )
    for signing in signings:
        check_signature(signing, signing_on)
