"""Files of papers on disk: written beside, flushed, renamed; so a file under its name is always whole."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from django.conf import settings

FOLDER = "documents"


def folder() -> Path:
    """Where the papers lie; made when missing, for nobody but us."""
    path = Path(settings.MEDIA_ROOT) / FOLDER
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def put(name: str, body: bytes) -> None:
    """Store ``body`` under ``name``: after return it survives a power cut; before, the name shows nothing half."""
    final = folder() / name
    part = final.with_name(f"{name}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(final)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    handle = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(name: str, sha256: str) -> bytes | None:
    """The stored bytes, or None when the file is gone, is no plain file of ours, or is not what was stored."""
    path = folder() / name
    try:
        if not name or path.parent != folder() or path.is_symlink():
            return None
        body = path.read_bytes()
    except OSError:
        return None
    return body if hashlib.sha256(body).hexdigest() == sha256 else None


def remove(name: str) -> None:
    """Forget one file; an absent one is fine."""
    (folder() / name).unlink(missing_ok=True)


def remove_others(stem: str, keep: str) -> None:
    """Drop what cut-off attempts for the same paper left behind."""
    for path in folder().glob(f"{stem}-*"):
        if path.name != keep:
            path.unlink(missing_ok=True)
