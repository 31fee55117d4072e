"""What waits for a person in the blocs: conclusions to carry out, minutes to approve, covenants to sign.

Three queries at most, whatever the number of rows; none for who holds no office.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from blocs.models import Conclusion, Covenant, Meeting
from blocs.rules.states import CovenantState, MeetingState, PostKind
from thidua.lib.actor import Actor
from thidua.web.registry import Waiting

# A conclusion carries no mark "done": it is shown until a month after its day, then it speaks from the minutes alone.
SHOWN_AFTER_DUE = timedelta(days=30)
MOST = 30


def bloc_waiting(actor: Actor) -> list[Waiting]:
    """Rows for "Việc của tôi"."""
    return [*_conclusions(actor), *_meetings(actor), *_covenants(actor)]


def _years(actor: Actor, *kinds: PostKind) -> Q | None:
    """The bloc-years the actor holds one of these offices in, or None."""
    found: Q | None = None
    for post in actor.posts_of(*kinds):
        if post.bloc_id and post.year:
            one = Q(bloc_year__bloc_id=post.bloc_id, bloc_year__year=post.year)
            found = one if found is None else found | one
    return found


def _conclusions(actor: Actor) -> list[Waiting]:
    if not actor.unit_ids:
        return []
    rows = (
        Conclusion.objects.filter(
            owner__in=actor.unit_ids,
            due_on__gte=timezone.localdate() - SHOWN_AFTER_DUE,
            meeting__state=MeetingState.APPROVED.value,
        )
        .select_related("meeting", "owner")
        .order_by("due_on", "pk")[:MOST]
    )
    return [
        Waiting(
            title=row.text if len(row.text) <= 120 else f"{row.text[:119]}…",
            detail=f"Kết luận {row.meeting.title}; đơn vị thực hiện: {row.owner.short if row.owner else ''}",
            url=reverse("blocs:meeting", args=[row.meeting_id]),
            button="Xem biên bản",
            due=row.due_on,
        )
        for row in rows
    ]


def _meetings(actor: Actor) -> list[Waiting]:
    """Held, not approved yet: for the lead."""
    mine = _years(actor, PostKind.BLOC_LEAD)
    if mine is None:
        return []
    rows = (
        Meeting.objects.filter(mine, state=MeetingState.DRAFT.value, held_on__lte=timezone.localdate())
        .select_related("bloc_year__bloc")
        .order_by("held_on", "pk")[:MOST]
    )
    return [
        Waiting(
            title=f"Duyệt biên bản {row.title}",
            detail=row.bloc_year.bloc.short,
            url=reverse("blocs:meeting", args=[row.pk]),
            button="Xem biên bản",
        )
        for row in rows
    ]


def _covenants(actor: Actor) -> list[Waiting]:
    """Agreed, not signed yet: signatures are for the secretary to record, the last word for the lead."""
    mine = _years(actor, PostKind.BLOC_LEAD, PostKind.BLOC_SECRETARY)
    if mine is None:
        return []
    rows = Covenant.objects.filter(mine, state=CovenantState.AGREED.value).select_related("bloc_year__bloc")
    return [
        Waiting(
            title=f"Ký giao ước thi đua năm {row.bloc_year.year}",
            detail=f"{row.bloc_year.bloc.short}: lời đã thống nhất, chờ đủ chữ ký",
            url=reverse("blocs:covenant", args=[row.bloc_year_id]),
            button="Xem giao ước",
            due=row.signing_on,
        )
        for row in rows.order_by("pk")[:MOST]
    ]
