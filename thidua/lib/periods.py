"""Spans of days with open ends. ``None`` at the start: since ever; at the end: until further notice."""

from __future__ import annotations

from datetime import date


def contains(start: date | None, end: date | None, day: date) -> bool:
    """Is ``day`` inside the span, both ends included?"""
    return (start is None or start <= day) and (end is None or day <= end)


def overlap(a_start: date | None, a_end: date | None, b_start: date | None, b_end: date | None) -> bool:
    """Do two spans share at least one day?"""
    return (a_start is None or b_end is None or a_start <= b_end) and (
        b_start is None or a_end is None or b_start <= a_end
    )
