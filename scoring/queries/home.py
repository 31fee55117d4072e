"""What the home page shows of scoring: what waits for this person, how far each bloc's year has come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from blocs import labels as bloc_labels
from blocs.models import BlocYear, Covenant, CovenantSignature, LeadTerm, Meeting, Post
from blocs.permissions import bloc_officers, holds_bloc_post
from blocs.queries.visible import visible_bloc_years
from blocs.rules.states import CovenantState, MeetingState, PostKind
from scoring.models import RankingSnapshot, Scheme, ScoreSheet, Stage, Submission
from scoring.permissions import BLOC, SELF, can_record_score
from scoring.queries.table import Table, table_of
from scoring.rules.states import SchemeState, StageState
from thidua.lib.actor import Actor
from thidua.lib.vietnamese import format_date, format_number
from thidua.web.registry import Recent, Step, Waiting, YearProgress

AT_MOST = 12  # panels of years on one page; the list of blocs holds the rest


def current_years(actor: Actor, *, involved: bool) -> QuerySet[BlocYear]:
    """This year's bloc-years; ``involved``: those the actor holds an office of or a member unit in."""
    rows = visible_bloc_years(actor).filter(year=timezone.localdate().year).select_related("bloc", "decision")
    if involved:
        rows = rows.filter(
            Q(bloc__in={p.bloc_id for p in actor.posts if p.bloc_id}) | Q(memberships__unit__in=actor.unit_ids)
        ).distinct()
    return rows.order_by("bloc__official_name")


# -------------------------------------------------------------- waiting
def waiting_rows(actor: Actor) -> Iterator[Waiting]:
    """Own scoring to do or to hand in, the bloc's scoring, a table that can be closed."""
    if actor.is_anonymous or not actor.posts:
        return
    for bloc_year in current_years(actor, involved=True):
        yield from _own_scoring(actor, bloc_year)
        yield from _bloc_scoring(actor, bloc_year)


def _own_scoring(actor: Actor, bloc_year: BlocYear) -> Iterator[Waiting]:
    units = {p.unit_id for p in actor.posts_of(PostKind.UNIT_OFFICER, PostKind.UNIT_HEAD)}
    if not units:
        return
    stage = Stage.objects.filter(bloc_year=bloc_year, slug=SELF, state=StageState.OPEN.value).first()
    if stage is None:
        return
    table = table_of(bloc_year, SELF)
    if table is None or table.is_locked:
        return
    done = set(
        Submission.objects.filter(stage=stage, withdrawn_at__isnull=True).values_list("sheet__unit_id", flat=True)
    )
    heads = {p.unit_id for p in actor.posts_of(PostKind.UNIT_HEAD)}
    for column in table.columns:
        if column.unit_id not in units or column.unit_id in done:
            continue
        missing = table.results[column.unit_id].missing
        url = reverse("scoring:grid", args=[bloc_year.pk]) + f"?buoc={SELF}"
        if missing:
            yield Waiting(
                title=f"Tự chấm điểm {column.name}",
                detail=f"{bloc_year}. Còn {missing} ô chưa chấm.",
                url=url,
                button="Chấm tiếp",
                due=stage.closes_at,
            )
        elif column.unit_id in heads:
            yield Waiting(
                title=f"Nộp bảng tự chấm của {column.name}",
                detail=f"{bloc_year}. Đã đủ điểm ở mọi tiêu chí.",
                url=url,
                button="Xem và nộp",
                due=stage.closes_at,
            )
        else:
            yield Waiting(
                title=f"Thủ trưởng nộp bảng tự chấm của {column.name}",
                detail=f"{bloc_year}. Bạn đã nhập đủ điểm ở mọi tiêu chí.",
                url=url,
                due=stage.closes_at,
                waits_for_others=True,
            )


def _bloc_scoring(actor: Actor, bloc_year: BlocYear) -> Iterator[Waiting]:
    if not bloc_officers(actor, bloc_year):
        return
    table = table_of(bloc_year, BLOC)
    if table is None or table.is_locked or table.stage.state != StageState.OPEN:
        return
    url = reverse("scoring:grid", args=[bloc_year.pk]) + f"?buoc={BLOC}"
    mine = [c for c in table.columns if can_record_score(actor, bloc_year, BLOC, c.unit_id, table.officers_units)]
    gaps = [(c, table.results[c.unit_id].missing) for c in mine if table.results[c.unit_id].missing]
    if gaps:
        names = ", ".join(f"{c.short} {count} ô" for c, count in gaps[:4])
        more = f" và {len(gaps) - 4} đơn vị khác" if len(gaps) > 4 else ""
        yield Waiting(
            title=f"Chấm điểm {len(mine)} đơn vị, bước {table.stage.name}",
            detail=f"{bloc_year}. Còn {names}{more}.",
            url=url,
            button="Chấm tiếp",
            due=table.stage.closes_at,
        )
    elif holds_bloc_post(actor, bloc_year, PostKind.BLOC_LEAD) and _complete(table):
        yield Waiting(
            title=f"Chốt bảng điểm năm {bloc_year.year}",
            detail=f"{bloc_year.bloc.short}. {len(table.columns)} đơn vị đã đủ điểm.",
            url=reverse("scoring:lock_table", args=[bloc_year.pk]),
            button="Chốt bảng điểm…",
            due=table.stage.closes_at,
        )
    others = [c for c in table.columns if c not in mine and table.results[c.unit_id].missing]
    if others and holds_bloc_post(actor, bloc_year, PostKind.BLOC_SECRETARY, PostKind.BLOC_LEAD):
        yield Waiting(
            title=f"Phó Trưởng khối chấm cột {', '.join(c.short for c in others)}",
            detail=f"{bloc_year}, bước {table.stage.name}.",
            url=url,
            due=table.stage.closes_at,
            waits_for_others=True,
        )


def _complete(table: Table) -> bool:
    return bool(table.columns) and all(table.results[c.unit_id].missing == 0 for c in table.columns)


# ------------------------------------------------------------- progress
def progress_rows(actor: Actor) -> Iterator[YearProgress]:
    """The seven steps of each bloc-year, most two queries a subject, whatever the number of blocs."""
    if actor.is_anonymous or not actor.posts:
        return
    years = list(current_years(actor, involved=True)[:AT_MOST]) or list(current_years(actor, involved=False)[:AT_MOST])
    ids = [y.pk for y in years]
    if not ids:
        return
    facts = _facts(years, ids)
    for bloc_year in years:
        yield _progress(bloc_year, facts)


def _facts(years: list[BlocYear], ids: list[int]) -> dict[str, Any]:
    members = dict(
        BlocYear.objects.filter(pk__in=ids).values_list("pk").annotate(n=Count("memberships")).values_list("pk", "n")
    )
    scheme = {
        s.bloc_year_id: s
        for s in Scheme.objects.filter(bloc_year__in=ids, state=SchemeState.PUBLISHED.value).defer("bands", "ties")
    }
    signed = CovenantSignature.objects.filter(covenant=OuterRef("pk"), signed_on__isnull=False)
    covenants = {
        c.bloc_year_id: c
        for c in Covenant.objects.filter(bloc_year__in=ids).annotate(
            signed_count=Subquery(signed.values("covenant").annotate(n=Count("pk")).values("n"))
        )
    }
    submitted = dict(
        ScoreSheet.objects.filter(
            bloc_year__in=ids, submissions__stage__slug=SELF, submissions__withdrawn_at__isnull=True
        )
        .values_list("bloc_year")
        .annotate(n=Count("pk", distinct=True))
    )
    stages: dict[int, dict[str, Stage]] = {}
    for stage in Stage.objects.filter(bloc_year__in=ids):
        stages.setdefault(stage.bloc_year_id, {})[stage.slug] = stage
    locked = dict(
        RankingSnapshot.objects.filter(bloc_year__in=ids, unlocked_at__isnull=True).values_list(
            "bloc_year", "locked_at"
        )
    )
    meetings = {
        m.bloc_year_id: m for m in Meeting.objects.filter(bloc_year__in=ids, kind="year_end").order_by("held_on", "pk")
    }
    leads: dict[int, dict[str, list[str]]] = {}
    for term in LeadTerm.objects.filter(bloc_year__in=ids).select_related("unit"):
        leads.setdefault(term.bloc_year_id, {}).setdefault(term.role, []).append(term.unit.name)
    secretaries = {
        (p.bloc_id, p.year): p.user.full_name
        for p in Post.objects.filter(
            kind=PostKind.BLOC_SECRETARY.value, bloc__in={y.bloc_id for y in years}
        ).select_related("user")
    }
    return {
        "members": members,
        "scheme": scheme,
        "covenants": covenants,
        "submitted": submitted,
        "stages": stages,
        "locked": locked,
        "meetings": meetings,
        "leads": leads,
        "secretaries": secretaries,
    }


def _progress(bloc_year: BlocYear, facts: dict[str, Any]) -> YearProgress:
    pk = bloc_year.pk
    members = facts["members"].get(pk, 0)
    scheme = facts["scheme"].get(pk)
    covenant = facts["covenants"].get(pk)
    stages = facts["stages"].get(pk, {})
    locked = facts["locked"].get(pk)
    meeting = facts["meetings"].get(pk)
    own, bloc = stages.get(SELF), stages.get(BLOC)
    decision = bloc_year.decision
    marks = (
        ("Thành lập", bool(members), _decision_words(decision)),
        ("Tiêu chí", scheme is not None, f"công bố {_short(scheme.published_at)}" if scheme else "chưa công bố"),
        (
            "Giao ước",
            covenant is not None and covenant.state == CovenantState.SIGNED,
            _covenant_words(covenant, members),
        ),
        (
            "Tự chấm",
            own is not None and own.state == StageState.CLOSED,
            _own_words(own, facts["submitted"].get(pk, 0), members),
        ),
        ("Khối chấm", locked is not None, _bloc_words(bloc, locked)),
        (
            "Tổng kết",
            meeting is not None and meeting.state == MeetingState.APPROVED,
            f"ngày {format_date(meeting.held_on)}" if meeting and meeting.held_on else "chưa có hội nghị",
        ),
        ("Đề nghị", False, "sau hội nghị tổng kết"),
    )
    now = next((i for i, (_, done, _) in enumerate(marks) if not done), len(marks))
    steps = tuple(
        Step(label, detail, "done" if done else "now" if i == now else "todo")
        for i, (label, done, detail) in enumerate(marks)
    )
    words = bloc_labels.LEAD_ROLE[bloc_year.bloc.kind]
    leads = facts["leads"].get(pk, {})
    rows = [
        (words["lead"], ", ".join(leads.get("lead", [])) or "chưa rõ", ""),
        (words["deputy"], ", ".join(leads.get("deputy", [])) or "chưa rõ", ""),
        ("Thành viên", f"{members} đơn vị", reverse("blocs:bloc_year", args=[pk])),
        ("Thư ký", facts["secretaries"].get((bloc_year.bloc_id, bloc_year.year), "chưa giao"), ""),
    ]
    if scheme is not None:
        scale = f", thang {format_number(scheme.total_points, None)} điểm" if scheme.total_points else ""
        rows.append(("Bảng điểm", f"Bản {scheme.version}{scale}", reverse("scoring:scheme", args=[pk])))
    return YearProgress(
        title=f"{bloc_year.bloc.short}, năm {bloc_year.year}",
        url=reverse("blocs:bloc_year", args=[pk]),
        steps=steps,
        facts=tuple(rows),
        state_label=marks[now][0] if now < len(marks) else "Xong",
        is_sample=bloc_year.is_sample,
    )


def _short(moment: Any) -> str:
    return format_date(timezone.localtime(moment).date()) if moment else ""


def _decision_words(decision: Any) -> str:
    if decision is None:
        return "chưa ghi quyết định"
    day: date | None = decision.decided_on
    return f"QĐ {format_date(day)}" if day else f"QĐ {decision.number}"


def _covenant_words(covenant: Any, members: int) -> str:
    if covenant is None:
        return "chưa soạn"
    if covenant.state == CovenantState.SIGNED:
        return f"ký {format_date(covenant.signing_on)}, {covenant.signed_count or 0}/{members}"
    return bloc_labels.COVENANT_STATE[covenant.state].lower()


def _own_words(stage: Stage | None, submitted: int, members: int) -> str:
    """ "đã đóng, 3/8 đơn vị đã nộp": a closed step is not one all units handed in."""
    closed = "đã đóng, " if stage is not None and stage.state == StageState.CLOSED and submitted < members else ""
    return f"{closed}{submitted}/{members} đơn vị đã nộp"


def _bloc_words(stage: Stage | None, locked: Any) -> str:
    if locked is not None:
        return f"chốt {_short(locked)}"
    if stage is None or stage.state == StageState.NOT_OPEN:
        return "chưa mở"
    if stage.state == StageState.CLOSED:
        return "đã đóng, chưa chốt"
    return f"đến {_short(stage.closes_at)}" if stage.closes_at else "đang chấm"


# --------------------------------------------------------------- recent
def recent_rows(actor: Actor) -> Iterator[Recent]:
    """The latest locks of the actor's blocs: one query."""
    if actor.is_anonymous or not actor.posts:
        return
    rows = (
        RankingSnapshot.objects.filter(bloc_year__in=visible_bloc_years(actor).values("pk"), unlocked_at__isnull=True)
        .select_related("bloc_year__bloc")
        .defer("data")
        .order_by(F("locked_at").desc())[:3]
    )
    for row in rows:
        yield Recent(
            title=f"{row.locked_by} chốt bảng điểm {row.bloc_year}",
            at=row.locked_at,
            url=reverse("scoring:ranking", args=[row.bloc_year_id]),
        )
