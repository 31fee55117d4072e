"""Words for verbs, field names and values: each app fills them from its labels in ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Mapping

_verbs: dict[str, str] = {}
_fields: dict[str, str] = {}
_values: dict[tuple[str, str], str] = {}


def register(verbs: Mapping[str, str]) -> None:
    """Vietnamese words of verbs: ``{"scoring.record_score": "nhập điểm"}``. A second meaning for a verb is refused."""
    for verb, text in verbs.items():
        if _verbs.setdefault(verb, text) != text:
            raise ValueError(f"verb {verb} has two meanings")


def register_fields(fields: Mapping[str, str]) -> None:
    """Words of field names in before/after: ``{"points": "điểm"}``; ``{"scoring.points": …}`` for one app only."""
    _fields.update(fields)


def register_values(field: str, values: Mapping[str, str]) -> None:
    """Words of a field's code values: ``register_values("state", {"open": "đang mở"})``."""
    _values.update({(field, str(code)): text for code, text in values.items()})


def verb(name: str) -> str:
    """The deed in words; an unregistered verb shows its own name, so nothing is hidden."""
    return _verbs.get(name, name)


def field(app: str, name: str) -> str:
    return _fields.get(f"{app}.{name}") or _fields.get(name) or name


def value(app: str, name: str, code: str) -> str:
    return _values.get((f"{app}.{name}", code)) or _values.get((name, code)) or code
