"""What the home page shows: each app registers providers in ``AppConfig.ready``; ``thidua`` asks, and knows nobody.

A provider takes the Actor and returns rows. Providers should cost one or two queries each, whatever the number
of rows. ``due`` is a date or an aware datetime; rows without one come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.utils import timezone

from thidua.lib.actor import Actor


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits: for the reader, or (``waits_for_others``) for somebody else at the reader's wish."""

    title: str
    detail: str
    url: str
    button: str = "Mở"
    due: date | datetime | None = None
    waits_for_others: bool = False

    @property
    def day(self) -> date | None:
        if isinstance(self.due, datetime):
            return timezone.localtime(self.due).date() if timezone.is_aware(self.due) else self.due.date()
        return self.due


@dataclass(frozen=True, slots=True)
class Step:
    """One of the steps of a year."""

    label: str
    detail: str
    state: Literal["done", "now", "todo"]


@dataclass(frozen=True, slots=True)
class YearProgress:
    """How far a bloc's year has come; ``facts`` are (label, value, url or "")."""

    title: str
    url: str
    steps: tuple[Step, ...]
    facts: tuple[tuple[str, str, str], ...] = ()
    state_label: str = ""
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Recent:
    """A paper (``tag_kind``, ``tag_label`` say its state) or an event (both empty), newest first by ``at``."""

    title: str
    at: datetime
    url: str = ""
    detail: str = ""
    tag_kind: str = ""
    tag_label: str = ""

    @property
    def is_paper(self) -> bool:
        return bool(self.tag_label)


_waiting: list[Callable[[Actor], Iterable[Waiting]]] = []
_progress: list[Callable[[Actor], Iterable[YearProgress]]] = []
_recent: list[Callable[[Actor], Iterable[Recent]]] = []


def register_waiting(provider: Callable[[Actor], Iterable[Waiting]]) -> None:
    """Add a source of "Việc đang chờ"; registering twice is harmless."""
    if provider not in _waiting:
        _waiting.append(provider)


def register_progress(provider: Callable[[Actor], Iterable[YearProgress]]) -> None:
    """Add a source of year progress panels."""
    if provider not in _progress:
        _progress.append(provider)


def register_recent(provider: Callable[[Actor], Iterable[Recent]]) -> None:
    """Add a source of new papers and events."""
    if provider not in _recent:
        _recent.append(provider)


def waiting_of(actor: Actor) -> list[Waiting]:
    """Everything that waits, the latest overdue first, then by due day, undated last."""
    rows = [row for provider in _waiting for row in provider(actor)]
    return sorted(rows, key=lambda row: (row.day is None, row.day or date.max, row.title))


def progress_of(actor: Actor) -> list[YearProgress]:
    """The years of the reader's blocs, in the order the providers give them."""
    return [row for provider in _progress for row in provider(actor)]


def recent_of(actor: Actor, limit: int = 6) -> tuple[list[Recent], list[Recent]]:
    """(papers, events), newest first, at most ``limit`` of each."""
    rows = sorted((row for provider in _recent for row in provider(actor)), key=lambda row: row.at, reverse=True)
    return [r for r in rows if r.is_paper][:limit], [r for r in rows if not r.is_paper][:limit]
