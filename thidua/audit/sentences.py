"""One event as one sentence: time, person, office, deed, from, to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils import timezone

from thidua.audit import words
from thidua.audit.models import Event

LONGEST = 160
MOST_CHANGES = 8


@dataclass(frozen=True, slots=True)
class Change:
    """One field: what it was, what it became; either side may be missing."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """An event ready to be shown."""

    at: datetime
    person: str
    office: str
    acting_for: str
    deed: str
    subject: str
    changes: tuple[Change, ...]
    more: int
    reason: str


def sentences(events: Iterable[Event], *, with_subject: bool = False) -> Sequence[Sentence]:
    """The events in words; ``with_subject`` where the page is not about one object."""
    return [_sentence(event, with_subject=with_subject) for event in events]


def _sentence(event: Event, *, with_subject: bool) -> Sentence:
    app = event.verb.partition(".")[0]
    old, new = event.before or {}, event.after or {}
    names = [name for name in [*old, *(n for n in new if n not in old)] if not name.startswith("_")]
    changes = tuple(
        Change(words.field(app, name), _shown(app, name, old.get(name)), _shown(app, name, new.get(name)))
        for name in names
    )
    return Sentence(
        at=timezone.localtime(event.at),
        person=event.actor_name,
        office=event.actor_office,
        acting_for=event.acting_for,
        deed=words.verb(event.verb),
        subject=event.subject_text if with_subject else "",
        changes=changes[:MOST_CHANGES],
        more=max(0, len(changes) - MOST_CHANGES),
        reason=event.reason,
    )


def _shown(app: str, name: str, value: Any) -> str:
    """A stored value as people write it: decimal comma, dd/mm/yyyy, words for codes, lists counted."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, list):
        return f"{len(value)} mục"
    if isinstance(value, dict):
        return f"{len(value)} trường"
    text = str(value)
    named = words.value(app, name, text)
    if named != text:
        return named
    if len(text) == 10 and text[4] == "-" and text[7] == "-":
        return f"{text[8:]}/{text[5:7]}/{text[:4]}"
    if "." in text and len(text) < 20:
        try:
            return format(Decimal(text), "f").replace(".", ",")
        except InvalidOperation:
            pass
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
