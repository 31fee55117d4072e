"""Which deeds take two persons, how they are done, and who may be the second; filled in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from thidua.lib.actor import Actor
from thidua.lib.verdict import Verdict
from thidua.pending.models import PendingStep


@dataclass(frozen=True, slots=True)
class Kind:
    """One deed. ``perform(by=…, **args)`` gets the arguments as JSON gives them back: days, decimals as text."""

    verb: str
    title: str
    perform: Callable[..., Any]
    can_confirm: Callable[[Actor, PendingStep], Verdict]
    needs_password: bool
    link: Callable[[PendingStep], str] | None


_kinds: dict[str, Kind] = {}


def register(
    verb: str,
    *,
    perform: Callable[..., Any],
    can_confirm: Callable[[Actor, PendingStep], Verdict],
    title: str,
    needs_password: bool = False,
    link: Callable[[PendingStep], str] | None = None,
) -> None:
    """``verb`` is the deed's audit verb. ``perform`` is an action (it records its own deed); ``can_confirm`` should
    judge by ``step.scope`` and ``step.args``, without queries; ``needs_password`` for deeds marked ! in the matrix;
    ``link`` gives the page to look at, for the detail page.
    """
    _kinds[verb] = Kind(verb, title, perform, can_confirm, needs_password, link)


def kind_of(verb: str) -> Kind:
    return _kinds[verb]


def known() -> frozenset[str]:
    return frozenset(_kinds)
