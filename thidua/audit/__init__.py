"""The record of everything: one event per action, append-only, hash-chained per chain.

``audit.record(by, "app.verb", obj, before=…, after=…)`` is the only way in; ``audit.verify_chain(chain)`` proves
that nothing was changed since. Both load with the first call, so that importing this package needs no app registry.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_EXPORTS = {
    "record": "thidua.audit.actions",
    "verify_chain": "thidua.audit.queries",
    "history_of": "thidua.audit.queries",
    "history_by_key": "thidua.audit.queries",
}
__all__ = sorted(_EXPORTS)


def __getattr__(name: str) -> Any:
    if name in _EXPORTS:
        return getattr(import_module(_EXPORTS[name]), name)
    raise AttributeError(name)
