"""A database of the bench's own on the given server, made before Django starts and dropped afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


@contextmanager
def own_database() -> Iterator[str]:
    """DATABASE_URL names the new database inside; the one it named before is left alone."""
    before = os.environ["DATABASE_URL"]
    name = "bench_" + os.environ["THIDUA_TEST_DB"]
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(before)._replace(path="/" + name))
    with psycopg.connect(before, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield name
        finally:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            os.environ["DATABASE_URL"] = before


def postgres_pids() -> tuple[int, ...]:
    """The server's processes for our database (empty where it runs on another machine)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return tuple(pid for (pid,) in cursor.fetchall() if os.path.exists(f"/proc/{pid}/stat"))
