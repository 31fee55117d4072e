"""The two kinds of import scoring registers: who may, where it leads, what is locked meanwhile."""

from __future__ import annotations

from django.urls import reverse

from blocs.models import BlocYear
from blocs.queries.visible import visible_bloc_years
from scoring.exchange.schemes import SCHEME, SETTINGS, check_scheme, confirm_scheme, scheme_template
from scoring.exchange.scores import SCORES, check_scores, confirm_scores, score_scope, scores_template
from scoring.models import Stage
from scoring.permissions import can_draft_scheme, can_import_scores, can_record_score
from scoring.queries.locks import lock_table_of
from scoring.queries.table import stages_of, table_of
from scoring.rules.states import StageSlug, parse_stage_slug
from thidua.exchange.kinds import ImportKind
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation
from thidua.lib.verdict import ALLOWED, Verdict, refused


def _in_scope(actor: Actor, year_id: str) -> BlocYear | None:
    if not year_id.isdecimal():
        return None
    return visible_bloc_years(actor).select_related("bloc").filter(pk=int(year_id)).first()


def _can_import_scheme(actor: Actor, scope: str) -> Verdict:
    bloc_year = _in_scope(actor, scope)
    return refused("", "not-found") if bloc_year is None else can_draft_scheme(actor, bloc_year)


def _can_import_scores(actor: Actor, scope: str) -> Verdict:
    bloc_year = _in_scope(actor, scope.partition(":")[0])
    return refused("", "not-found") if bloc_year is None else can_import_scores(actor, bloc_year)


def _can_start_scores(actor: Actor, scope: str) -> Verdict:
    """No file is taken in vain: an unknown step is 404; a locked table, or no column of one's own there, 403."""
    year_id, _, stage = scope.partition(":")
    bloc_year = _in_scope(actor, year_id)
    if bloc_year is None:
        return refused("", "not-found")
    try:
        slug = parse_stage_slug(stage, tuple(s.slug for s in stages_of(bloc_year.pk)) or StageSlug.ORDER)
    except RuleViolation:
        return refused("", "not-found")
    table = table_of(bloc_year, slug)
    if table is None:
        return ALLOWED  # the file's own check says that no scheme is published
    if table.is_locked:
        return refused("Bảng điểm đã chốt, không nhập thêm được. Đề nghị mở lại bảng điểm.", "table-locked")
    verdicts = [can_record_score(actor, bloc_year, slug, c.unit_id, table.officers_units) for c in table.columns]
    if any(verdicts):
        return ALLOWED
    foreign = (v for v, c in zip(verdicts, table.columns, strict=True) if c.unit_id not in actor.unit_ids)
    return next(foreign, refused("Bạn không nhập điểm ở bước này."))


def _title(scope: str) -> str:
    year_id, _, slug = scope.partition(":")
    bloc_year = BlocYear.objects.select_related("bloc").filter(pk=int(year_id) if year_id.isdecimal() else 0).first()
    if bloc_year is None:
        return ""
    stage = Stage.objects.filter(bloc_year=bloc_year, slug=slug).first() if slug else None
    return f"{bloc_year}" + (f", bước {stage.name}" if stage else "")


SCHEME_KIND = ImportKind(
    slug="bang-diem",
    title="Nhập bảng điểm",
    help="Mỗi dòng là một mục hoặc tiêu chí. Tệp thay toàn bộ bản nháp bảng điểm của năm.",
    tables=(SCHEME,),
    check=check_scheme,
    confirm=confirm_scheme,
    can_import=_can_import_scheme,
    template=scheme_template,
    companion_sheet=SETTINGS,
    scope_title=_title,
    back_url=lambda scope: reverse("scoring:scheme", args=[scope]),
)
SCORES_KIND = ImportKind(
    slug="diem",
    title="Nhập điểm",
    help="Dạng dài (một dòng một ô) hoặc dạng bảng (một dòng một tiêu chí, một cột một đơn vị).",
    tables=(SCORES,),
    check=check_scores,
    confirm=confirm_scores,
    can_import=_can_import_scores,
    can_start=_can_start_scores,
    template=scores_template,
    scope_title=_title,
    hold=lambda scope: lock_table_of(score_scope(scope)[0].pk),
    back_url=lambda scope: reverse("scoring:grid", args=[scope.partition(":")[0]]),
)
