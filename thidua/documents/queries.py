"""Reading papers."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse

from thidua.documents import labels
from thidua.documents.models import Document
from thidua.documents.permissions import can_retry, can_view, viewer
from thidua.documents.states import COMING, DocumentState
from thidua.jobs.queries import queue_positions
from thidua.lib.actor import Actor
from thidua.lib.vietnamese import fold, format_number
from thidua.web.registry import Recent, Waiting

_ORDER = {"failed": 0, "rendering": 1, "queued": 2, "ready": 3}


@dataclass(frozen=True, slots=True)
class Older:
    """An earlier version of a paper that can still be fetched."""

    id: int
    version: int
    is_ready: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """One row of the list of papers: the latest version, and the earlier ones."""

    id: int
    kind: str
    title: str
    facts: str
    state: str
    state_text: str
    tag: str
    is_coming: bool
    is_ready: bool
    is_draft: bool
    can_retry: bool
    version: int
    older: tuple[Older, ...]
    requested_by: str
    requested_at: datetime
    done: int
    total: int
    message: str
    error: str


def papers_of(scope: str, *, actor: Actor, kind: str = "", state: str = "", search: str = "") -> tuple[Paper, ...]:
    """The papers of one scope this actor may see, failed and running first, then the newest. Two queries,
    and those of the kinds, whatever the number of papers."""
    rows = _rows().filter(scope=scope).order_by("kind", "subject_label", "subject_id", "-version")
    sees = viewer(actor, scope)
    papers = _papers([row for row in rows if sees(row)], actor)
    wanted = fold(search)
    return tuple(
        paper
        for paper in papers
        if (not kind or paper.kind == kind)
        and (not state or paper.state == state)
        and (not wanted or wanted in fold(f"{paper.title} {paper.facts}"))
    )


def summary(papers: Iterable[Paper]) -> str:
    """ "14 giấy tờ · 1 đang tạo, 1 đang chờ, 1 không tạo được"."""
    states = [paper.state for paper in papers]
    words = (("rendering", "đang tạo"), ("queued", "đang chờ"), ("failed", "không tạo được"))
    parts = [f"{states.count(state)} {word}" for state, word in words if state in states]
    return f"{len(states)} giấy tờ" + (" · " + ", ".join(parts) if parts else "")


def paper_row(document: Document, actor: Actor) -> Paper:
    """The one paper as its row shows it, with the earlier versions."""
    rows = _rows().filter(
        kind=document.kind,
        subject_label=document.subject_label,
        subject_id=document.subject_id,
        version__lte=document.version,
    )
    sees = viewer(actor, document.scope)
    return _papers([row for row in rows.order_by("-version") if sees(row)], actor)[0]


def failed_of(actor: Actor) -> list[Waiting]:
    """What waits for this person: papers asked for that could not be made. One query."""
    return [
        Waiting(f"Giấy tờ chưa tạo được: {row.title}", row.error, reverse("documents:document", args=[row.pk]), "Xem")
        for row in _asked_by(actor).filter(state=DocumentState.FAILED.value)[:20]
        if can_view(actor, row)
    ]


def recent_of(actor: Actor) -> list[Recent]:
    """This person's newest papers for the home page. One query."""
    return [
        Recent(
            row.title,
            row.ready_at or row.requested_at,
            reverse("documents:document", args=[row.pk]),
            f"bản {row.version}",
            labels.TAGS[row.state],
            labels.STATES[row.state],
        )
        for row in _asked_by(actor)[:6]
        if can_view(actor, row)
    ]


def _asked_by(actor: Actor) -> QuerySet[Document]:
    if actor.user_id is None:
        return Document.objects.none()
    return Document.objects.filter(requested_by_id=actor.user_id).defer("context").order_by("-requested_at", "-id")


def wait_for(document: Document, timeout: float, *, until_taken: bool = False) -> Document:
    """Look again until the paper is made or failed (or, ``until_taken``, a worker works on it) or time is over."""
    end = time.monotonic() + timeout
    pause = 0.05
    while True:
        document.refresh_from_db()
        waiting = document.state == DocumentState.QUEUED.value if until_taken else document.state in COMING
        if not waiting or time.monotonic() >= end:
            return document
        time.sleep(min(pause, max(0.0, end - time.monotonic())))
        pause = min(pause * 1.5, 0.5)


def _rows() -> QuerySet[Document]:
    """Without the content: it may be long, and no list needs it."""
    return Document.objects.select_related("job").defer("context", "job__traceback", "job__result")


def _papers(rows: list[Document], actor: Actor) -> list[Paper]:
    """Rows of one paper stand together, the latest version first."""
    places = queue_positions() if any(row.state == DocumentState.QUEUED.value for row in rows) else {}
    groups: dict[tuple[str, str, str], list[Document]] = {}
    for row in rows:
        groups.setdefault((row.kind, row.subject_label, row.subject_id), []).append(row)
    papers = [_paper(group[0], group[1:], actor, places) for group in groups.values()]
    return sorted(papers, key=lambda paper: (_ORDER[paper.state], -paper.requested_at.timestamp(), -paper.id))


def _paper(row: Document, older: list[Document], actor: Actor, places: dict[str, int]) -> Paper:
    state_text = labels.STATES[row.state]
    place = places.get(str(row.job_id), 0)
    if row.state == DocumentState.QUEUED.value and place:
        state_text += f", thứ {place} trong hàng"
    job = row.job
    return Paper(
        id=row.pk,
        kind=row.kind,
        title=row.title,
        facts=_facts(row),
        state=row.state,
        state_text=state_text,
        tag=labels.TAGS[row.state],
        is_coming=row.state in COMING,
        is_ready=row.is_ready,
        is_draft=row.is_draft,
        can_retry=_may_come_right(row) and bool(can_retry(actor, row)),
        version=row.version,
        older=tuple(Older(o.pk, o.version, o.is_ready) for o in older),
        requested_by=row.requested_by_name,
        requested_at=row.requested_at,
        done=job.done if job else 0,
        total=job.total if job else 0,
        message=job.message if job else "",
        error=row.error,
    )


def _may_come_right(row: Document) -> bool:
    """Failed, and not for its very content: that stays as it was frozen, so trying again would fail again."""
    return row.state == DocumentState.FAILED.value and not row.error.endswith(labels.MEND_AND_ASK)


def _facts(row: Document) -> str:
    """ "dự thảo, 6 trang, PDF 182 kB"."""
    parts = [row.detail] if row.detail else []
    if row.is_draft:
        parts.append(labels.DRAFT)
    if row.is_ready:
        parts += [f"{row.page_count} trang", f"PDF {format_number(max(1, round(row.size / 1000)), 0)} kB"]
    return ", ".join(parts)
