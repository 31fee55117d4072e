"""What can be imported: each app registers its kinds in ``AppConfig.ready``; this package knows none of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from thidua.exchange.columns import Fault, Table
from thidua.exchange.workbook import Workbook
from thidua.lib.actor import Actor
from thidua.lib.verdict import Verdict

KEPT_LINES = 500
KEPT_FAULTS = 5_000


@dataclass(frozen=True, slots=True)
class Change:
    """One thing a confirmed import would make or alter. ``old`` and ``new`` are words for people."""

    what: str
    new: str = ""
    old: str = ""
    cell: str = ""

    def line(self) -> str:
        """Sở Y tế, I.1: 48,00 → 48,50"""
        if self.old or self.new:
            return (
                f"{self.what}: {self.old or 'trống'} → {self.new or 'trống'}"
                if self.old
                else f"{self.what}: {self.new}"
            )
        return self.what


@dataclass(frozen=True, slots=True)
class Preview:
    """What ``check`` found: faults, or else exactly what a confirmation would do. Warnings go into ``notices``."""

    created: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        return not self.created and not self.changed

    def as_json(self) -> dict[str, Any]:
        """Counts of everything, the first lines of each, and a digest of the whole to compare by."""
        whole = {
            "created": [[c.what, c.new, c.old] for c in self.created],
            "changed": [[c.what, c.new, c.old] for c in self.changed],
            "unchanged": list(self.unchanged),
            "notices": list(self.notices),
        }
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True)
        return {
            **{name: lines[:KEPT_LINES] for name, lines in whole.items()},
            "counts": {name: len(lines) for name, lines in whole.items()},
            "digest": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a confirmation did. ``waits_for`` names who must confirm it as well; ``url`` leads to the result."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    notices: tuple[str, ...] = ()
    waits_for: str = ""
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "created": self.created,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "notices": list(self.notices),
            "waits_for": self.waits_for,
            "url": self.url,
        }


def _scope_as_it_is(scope: str) -> str:
    return scope


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of import.

    ``check(actor, workbook, scope)`` reads and judges, never writes, and never raises for what stands in the file.
    ``confirm(by=, workbook=, scope=)`` is an action (with ``run_id=`` too where ``two_person``); it checks again.
    ``hold(scope)`` locks what the file changes before the last check, so that what the person saw is what is written.
    ``can_import(actor, scope)``: a Verdict of code ``not-found`` hides the scope (404), any other refusal is 403.
    ``can_start(actor, scope)``: the same of the page that takes a new file; earlier runs stay readable.
    """

    slug: str
    title: str
    help: str
    tables: tuple[Table, ...]
    check: Callable[[Actor, Workbook, str], Preview]
    confirm: Callable[..., Outcome]
    can_import: Callable[[Actor, str], Verdict]
    template: Callable[[], bytes]
    two_person: bool = False
    companion_sheet: str = ""
    scope_title: Callable[[str], str] = field(default=_scope_as_it_is)
    back_url: Callable[[str], str] | None = None
    hold: Callable[[str], object] | None = None
    can_start: Callable[[Actor, str], Verdict] | None = None


_kinds: dict[str, ImportKind] = {}


def register(kind: ImportKind) -> ImportKind:
    """Make a kind known by its slug; a second one of the same slug is refused."""
    if _kinds.setdefault(kind.slug, kind) is not kind:
        raise ValueError(f"import kind {kind.slug} is registered twice")
    return kind


def kind_of(slug: str) -> ImportKind | None:
    return _kinds.get(slug)


def all_kinds() -> tuple[ImportKind, ...]:
    return tuple(_kinds.values())
