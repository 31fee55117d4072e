"""Which function does which kind of job. Filled in ``AppConfig.ready``, so actions never import tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thidua.jobs.models import Job
    from thidua.jobs.running import Progress


@dataclass(frozen=True, slots=True)
class Finish:
    """What a handler hands back: its result, and the write that publishes it.

    ``write`` runs in the transaction that ends the job, under the row's lock and only while the lease is still
    ours: what it stores appears once, or not at all. ``undo`` runs instead when the lease was lost.
    """

    result: Mapping[str, Any] = field(default_factory=dict)
    write: Callable[[], None] | None = None
    undo: Callable[[], None] | None = None


Run = Callable[["Job", "Progress"], Finish | None]


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of job: ``run`` works, ``on_failed`` writes the end in failure (same transaction as the row's).

    ``link`` gives address and words of what the finished job made.
    """

    slug: str
    title: str
    run: Run
    time_limit: int
    on_failed: Callable[[Job], None] | None = None
    on_retry: Callable[[Job], None] | None = None
    link: Callable[[Job], tuple[str, str] | None] | None = None


_KINDS: dict[str, JobKind] = {}


def handler(
    slug: str,
    *,
    title: str,
    time_limit: int = 60,
    on_failed: Callable[[Job], None] | None = None,
    on_retry: Callable[[Job], None] | None = None,
    link: Callable[[Job], tuple[str, str] | None] | None = None,
) -> Callable[[Run], Run]:
    """Register the decorated function; after ``time_limit`` seconds it is asked to stop, 30 s later killed."""

    def register(run: Run) -> Run:
        if slug in _KINDS and _KINDS[slug].run is not run:
            raise ValueError(f"two handlers for {slug}")
        _KINDS[slug] = JobKind(slug, title, run, time_limit, on_failed, on_retry, link)
        return run

    return register


def kind_of(slug: str) -> JobKind | None:
    """The registered kind, or None: a row of a kind this release no longer knows."""
    return _KINDS.get(slug)
