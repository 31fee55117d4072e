"""Who sees what: every list, page, search, export and paper of ``blocs`` starts here.

A member unit sees its blocs, up to its last year there; a secretary, lead or deputy theirs; the standing agency,
the council and the administrator their province, its predecessors included (old years stay readable). The command
line (SYSTEM) sees all. Out of scope is a 404; in scope without the right is a 403 with its reason.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from blocs.models import Bloc, BlocYear, Covenant, Meeting, Membership, Post, Province, Unit
from blocs.rules.states import PROVINCE_POSTS
from thidua.lib.actor import Actor


def province_ids(actor: Actor) -> frozenset[int]:
    """Provinces the actor holds an office of, with those that became part of them."""
    return frozenset(i for p in actor.posts_of(*PROVINCE_POSTS) for i in p.province_ids)


def _of_province(actor: Actor, path: str) -> Q:
    return Q(**{f"{path}__in": province_ids(actor)})


def visible_bloc_years(actor: Actor) -> QuerySet[BlocYear]:
    """A bloc's years up to the last one the actor's unit is a member of, or the actor holds an office of: who left
    the bloc reads the years before, and nothing of what came after."""
    if actor.is_system:
        return BlocYear.objects.all()
    wanted = _of_province(actor, "bloc__province")
    for post in actor.posts:
        if post.bloc_id and post.year:
            wanted |= Q(bloc=post.bloc_id, year__lte=post.year)
    if actor.unit_ids:
        mine = Membership.objects.filter(
            unit__in=actor.unit_ids, bloc_year__bloc=OuterRef("bloc"), bloc_year__year__gte=OuterRef("year")
        )
        wanted |= Q(Exists(mine))
    return BlocYear.objects.filter(wanted)


def visible_blocs(actor: Actor) -> QuerySet[Bloc]:
    if actor.is_system:
        return Bloc.objects.all()
    wanted = Q(pk__in={p.bloc_id for p in actor.posts if p.bloc_id}) | Q(years__memberships__unit__in=actor.unit_ids)
    rows = Bloc.objects.filter(wanted | _of_province(actor, "province")).values("pk")
    return Bloc.objects.filter(pk__in=rows)


def visible_units(actor: Actor) -> QuerySet[Unit]:
    """The register is the office directory: whoever holds any office today sees the units of the provinces
    he or she works in."""
    if actor.is_system:
        return Unit.objects.all()
    if actor.is_anonymous or not actor.posts:
        return Unit.objects.none()
    mine = Province.objects.filter(
        Q(pk__in=province_ids(actor))
        | Q(units__in=actor.unit_ids)
        | Q(blocs__in={p.bloc_id for p in actor.posts if p.bloc_id})
    ).values("pk")
    blocs_units = Unit.objects.filter(memberships__bloc_year__memberships__unit__in=actor.unit_ids).values("pk")
    return Unit.objects.filter(
        Q(province__in=mine) | Q(province__successions__successor__in=mine) | Q(pk__in=blocs_units)
    ).distinct()


def visible_posts(actor: Actor) -> QuerySet[Post]:
    if actor.is_system:
        return Post.objects.all()
    return Post.objects.filter(
        Q(unit__in=visible_units(actor).values("pk"))
        | Q(bloc__in=visible_blocs(actor).values("pk"))
        | Q(province__in=province_ids(actor))
    )


def visible_meetings(actor: Actor) -> QuerySet[Meeting]:
    return Meeting.objects.filter(bloc_year__in=visible_bloc_years(actor).values("pk"))


def visible_covenants(actor: Actor) -> QuerySet[Covenant]:
    return Covenant.objects.filter(bloc_year__in=visible_bloc_years(actor).values("pk"))
