"""The four refusals of the application.

Each carries a ``code`` for tests and programs and a Vietnamese ``message`` for people: what happened,
why, and what to do. ``thidua.web`` turns them into answers: RuleViolation 422 (on the form),
Conflict 409, NotPermitted 403, Locked 423.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """Common base; never raised itself."""

    def __init__(self, code: str, message: str, *, field: str | None = None, details: Mapping[str, Any] | None = None):
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.details: dict[str, Any] = dict(details or {})


class RuleViolation(Refusal):
    """What was asked breaks a rule of the field; ``field`` names the form field at fault, if there is one."""


class Conflict(Refusal):
    """Somebody else changed it first; ``details`` holds both versions."""


class NotPermitted(Refusal):
    """The actor may not do this; the message says who may."""


class Locked(Refusal):
    """The object is closed; the message says since when and who could open it."""
