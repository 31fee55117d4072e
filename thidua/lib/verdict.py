"""A permission's answer: true or false, and in the second case why."""

from __future__ import annotations

from dataclasses import dataclass

from thidua.lib.errors import NotPermitted


@dataclass(frozen=True, slots=True)
class Verdict:
    """True when allowed. When not, ``reason`` is a Vietnamese sentence a page can show."""

    allowed: bool
    reason: str = ""
    code: str = "not-permitted"

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)


def refused(reason: str, code: str = "not-permitted") -> Verdict:
    """A refusal with its reason."""
    return Verdict(False, reason, code)


def require(verdict: Verdict) -> None:
    """Raise NotPermitted with the verdict's reason unless it allows."""
    if not verdict:
        raise NotPermitted(verdict.code, verdict.reason)
