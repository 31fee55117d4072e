"""Offices: given and ended. Those of units and provinces take two persons (matrix row 5), those of a bloc's year
one person of the standing agency (row 12). The command line (SYSTEM) gives them at once."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from blocs import labels
from blocs.models import Bloc, Post, Province, Unit
from blocs.permissions import can_edit_bloc, can_edit_post
from blocs.rules.posts import PostFacts, check_end, check_post, needs_second_person
from blocs.rules.states import BLOC_POSTS, PostKind
from thidua import audit
from thidua.accounts.models import User
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation
from thidua.lib.verdict import Verdict, require
from thidua.lib.vietnamese import clean_text, format_date
from thidua.pending.actions import propose
from thidua.pending.models import PendingStep

Day = date | str | None  # days of a confirmed proposal come back as ISO text


@transaction.atomic
def give_post(
    *,
    by: Actor,
    user_id: int,
    kind: str,
    unit_id: int | None = None,
    bloc_id: int | None = None,
    year: int | None = None,
    province_id: int | None = None,
    valid_from: Day = None,
    valid_to: Day = None,
    decision: str = "",
) -> Post:
    """Give a person an office. In force from its first day, checked anew at every request."""
    post = _new(user_id, kind, unit_id, bloc_id, year, province_id, valid_from, valid_to, decision)
    require(_may(by, post))
    _decide(post)
    post.save(force_insert=True)
    audit.record(by, "blocs.give_post", post, after=_facts(post), chain=_chain(post))
    return post


@transaction.atomic
def propose_give_post(
    *,
    by: Actor,
    user_id: int,
    kind: str,
    unit_id: int | None = None,
    bloc_id: int | None = None,
    year: int | None = None,
    province_id: int | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    decision: str = "",
) -> PendingStep | Post:
    """Ask a second person to confirm the office; one of a bloc's year is given at once."""
    args = {
        "user_id": user_id,
        "kind": kind,
        "unit_id": unit_id,
        "bloc_id": bloc_id,
        "year": year,
        "province_id": province_id,
        "valid_from": valid_from,
        "valid_to": valid_to,
        "decision": decision,
    }
    if not needs_second_person(PostKind(kind)):
        return give_post(by=by, **args)  # type: ignore[arg-type]
    post = _new(user_id, kind, unit_id, bloc_id, year, province_id, valid_from, valid_to, decision)
    require(_may(by, post))
    _decide(post)
    return propose(
        by=by,
        verb="blocs.give_post",
        args=args,
        summary=f"Giao chức vụ {_words(post)} cho {post.user.full_name}",
        scope=f"province:{_province_of(post)}",
    )


@transaction.atomic
def end_post(*, by: Actor, post_id: int, ends_on: Day, reason: str = "") -> Post:
    """End an office: ``ends_on`` is its last day."""
    post = _locked(post_id)
    require(_may(by, post))
    last = _day(ends_on) or timezone.localdate()
    check_end(post.valid_from, post.valid_to, last)
    before = _facts(post)
    post.valid_to = last
    post.save(update_fields=["valid_to"])
    audit.record(
        by,
        "blocs.end_post",
        post,
        before=before,
        after=_facts(post),
        reason=clean_text(reason),
        chain=_chain(post),
    )
    return post


@transaction.atomic
def propose_end_post(*, by: Actor, post_id: int, ends_on: date, reason: str = "") -> PendingStep | Post:
    """Ask a second person to confirm the end of an office; one of a bloc's year ends at once."""
    post = _locked(post_id)
    if not needs_second_person(PostKind(post.kind)):
        return end_post(by=by, post_id=post_id, ends_on=ends_on, reason=reason)
    require(_may(by, post))
    check_end(post.valid_from, post.valid_to, ends_on)
    return propose(
        by=by,
        verb="blocs.end_post",
        args={"post_id": post.pk, "ends_on": ends_on, "reason": reason},
        subject=post,
        summary=f"Thôi giữ chức vụ {_words(post)}: {post.user.full_name}, ngày cuối {format_date(ends_on)}",
        scope=f"province:{_province_of(post)}",
    )


# -------------------------------------------------------------- helpers
def _new(
    user_id: int,
    kind: str,
    unit_id: int | None,
    bloc_id: int | None,
    year: int | None,
    province_id: int | None,
    valid_from: Day,
    valid_to: Day,
    decision: str,
) -> Post:
    return Post(
        # the holder's row orders two people who give the same office at once
        user=User.objects.select_for_update(of=("self",)).get(pk=user_id),
        kind=PostKind(kind).value,
        unit=Unit.objects.get(pk=unit_id) if unit_id else None,
        bloc=Bloc.objects.get(pk=bloc_id) if bloc_id else None,
        province=Province.objects.get(pk=province_id) if province_id else None,
        year=year,
        valid_from=_day(valid_from),
        valid_to=_day(valid_to),
        decision=clean_text(decision, one_line=True),
    )


def _decide(post: Post) -> None:
    check_post(
        PostFacts(
            PostKind(post.kind),
            post.unit_id,
            post.bloc_id,
            post.year,
            post.province_id,
            post.valid_from,
            post.valid_to,
        )
    )
    if not post.user.is_active:
        raise RuleViolation("user-inactive", "Tài khoản này đã ngừng dùng. Chọn người khác.", field="user")
    if post.bloc is not None and not post.bloc.years.filter(year=post.year).exists():
        raise RuleViolation("post-no-year", f"Khối chưa có năm {post.year}. Lập năm đó trước.", field="year")
    if post.bloc is not None and not post.bloc.years.filter(year=post.year, memberships__unit_id=post.unit_id).exists():
        raise RuleViolation(
            "post-not-member", f"Đơn vị này không phải thành viên của Khối năm {post.year}. Chọn lại.", field="unit"
        )
    twin = Post.objects.filter(
        user=post.user, kind=post.kind, unit=post.unit, bloc=post.bloc, year=post.year, province=post.province
    )
    for other in twin:
        if other.valid_to is None or post.valid_from is None or post.valid_from <= other.valid_to:
            raise RuleViolation(
                "post-held", f"{post.user.full_name} đang giữ chức vụ này rồi. Không cần giao lại.", field="kind"
            )


def _may(by: Actor, post: Post) -> Verdict:
    if post.kind in BLOC_POSTS:
        return can_edit_bloc(by, post.bloc)
    return can_edit_post(by, post)


def _locked(post_id: int) -> Post:
    rows = Post.objects.select_for_update(of=("self",)).select_related("user", "unit", "bloc", "province")
    return rows.get(pk=post_id)


def _day(value: Day) -> date | None:
    if isinstance(value, str):
        return date.fromisoformat(value) if value else None
    return value


def _province_of(post: Post) -> int:
    if post.province_id:
        return post.province_id
    return post.bloc.province_id if post.bloc else post.unit.province_id  # type: ignore[union-attr]


def _chain(post: Post) -> str:
    return f"bloc:{post.bloc_id}" if post.bloc_id else f"province:{_province_of(post)}"


def _facts(post: Post) -> dict[str, object]:
    return {
        "kind": labels.POST_KIND[post.kind],
        "person": post.user.full_name,
        "unit": post.unit.name if post.unit else "",
        "bloc": str(post.bloc) if post.bloc else "",
        "year": post.year,
        "province": str(post.province) if post.province else "",
        "valid_from": post.valid_from,
        "valid_to": post.valid_to,
        "decision": post.decision,
    }


def _words(post: Post) -> str:
    """ "Thư ký Khối, Sở GDĐT, Khối thi đua Văn hóa - Xã hội, năm 2026"."""
    parts = [labels.POST_KIND[post.kind]]
    parts += [post.unit.short] if post.unit else []
    parts += [f"{post.bloc}, năm {post.year}"] if post.bloc else []
    parts += [str(post.province)] if post.province else []
    return ", ".join(parts)
