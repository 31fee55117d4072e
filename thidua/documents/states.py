"""The four states of a paper. Pure."""

from __future__ import annotations

from enum import StrEnum


class DocumentState(StrEnum):
    QUEUED = "queued"
    RENDERING = "rendering"
    READY = "ready"
    FAILED = "failed"


COMING = (DocumentState.QUEUED.value, DocumentState.RENDERING.value)
