"""For tests of two persons at the same moment."""

from __future__ import annotations

import time

from django.db import connection


def wait_for_a_lock(seconds: float = 10) -> None:
    """Return as soon as another connection to this database waits for a lock; fail when none ever does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # inside a transaction the view stands still
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError("nobody waited for a lock")
