"""Offices held today, and the actor they make."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from blocs import labels
from blocs.models import Post
from blocs.rules.states import BLOC_POSTS, PostKind
from thidua.lib import actor as actors

# The office named first under a person's name.
_ORDER = {
    PostKind.BLOC_SECRETARY: 0,
    PostKind.BLOC_LEAD: 1,
    PostKind.BLOC_DEPUTY: 2,
    PostKind.STAFF: 3,
    PostKind.UNIT_HEAD: 4,
    PostKind.UNIT_OFFICER: 5,
    PostKind.COUNCIL_MEMBER: 6,
    PostKind.ADMIN: 7,
}


def posts_held(today: date | None = None) -> QuerySet[Post]:
    """Offices in force on the day (default: today), checked at use and not at sign-in."""
    day = today or timezone.localdate()
    return Post.objects.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=day), Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )


def load_actor(user: Any, *, request_id: str = "", mfa_done: bool = False) -> actors.Actor:
    """The actor a signed-in user is today: one query."""
    rows = (
        posts_held()
        .filter(user_id=user.pk)
        .select_related("unit", "bloc", "province")
        .annotate(former_provinces=ArrayAgg("province__ancestries__predecessor_id", default=[]))
    )
    posts = sorted((_post(row) for row in rows), key=lambda p: (_ORDER[PostKind(p.kind)], -(p.year or 0)))
    return actors.Actor(
        user_id=user.pk,
        name=user.full_name,
        posts=tuple(posts),
        request_id=request_id,
        mfa_done=mfa_done,
        unit_ids=frozenset(p.unit_id for p in posts if p.unit_id),
    )


def _post(row: Any) -> actors.Post:
    words = labels.POST_KIND[row.kind]
    if row.kind in BLOC_POSTS and row.bloc and row.bloc.kind == "cum":
        words = words.replace("Thư ký Khối", "Thư ký Cụm").replace("Phó Trưởng khối", "Cụm phó")
        words = words.replace("Trưởng khối", "Cụm trưởng")
    where = row.unit.short if row.unit else (str(row.province) if row.province else "")
    return actors.Post(
        kind=row.kind,
        unit_id=row.unit_id,
        bloc_id=row.bloc_id,
        year=row.year,
        province_id=row.province_id,
        province_ids=frozenset(i for i in (row.province_id, *row.former_provinces) if i),
        label=f"{words}, {where}" if where else words,
    )


def database_now() -> Any:
    """The database's clock: the only one deadlines are compared with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return cursor.fetchone()[0]
