"""Steps of scoring, handing in, locking and unlocking the table of a bloc-year."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from blocs.models import BlocYear, Unit
from blocs.queries.post import database_now
from scoring.models import RankingSnapshot, Scheme, ScoreSheet, Stage, Submission, TieOrder
from scoring.permissions import (
    can_lock_table,
    can_manage_stages,
    can_submit_sheet,
    can_unlock_table,
)
from scoring.queries.locks import lock_sheets, lock_year
from scoring.queries.snapshot import frozen_table
from scoring.queries.table import active_snapshot, table_of
from scoring.rules.states import SchemeState, StageSlug, StageState
from thidua import audit
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, Locked, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text
from thidua.pending.actions import propose
from thidua.pending.models import PendingStep

FIRST_STAGES = ((StageSlug.SELF, "Tự chấm"), (StageSlug.BLOC, "Khối chấm"))


# A cell takes its sheet and, by its foreign key, a share of the stage's key; so a stage is locked with ``no_key``:
# else closing a step and saving a cell would wait for each other.
def _lock_stage(bloc_year: BlocYear, stage_id: int) -> Stage:
    rows = Stage.objects.select_for_update(of=("self",), no_key=True)
    stage = rows.get(pk=stage_id, bloc_year=bloc_year)
    stage.bloc_year = bloc_year
    return stage


def _year_of_stage(stage_id: int) -> BlocYear:
    return lock_year(Stage.objects.values_list("bloc_year_id", flat=True).get(pk=stage_id))


def prepare_table(*, by: Actor, bloc_year_id: int) -> None:
    """Make what a published scheme needs: the two steps and a sheet for each member. Repeating it adds only what
    is missing (a member that joined later)."""
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_manage_stages(by, bloc_year))
        made: dict[str, Any] = {}
        for position, (slug, name) in enumerate(FIRST_STAGES, 1):
            stage, is_new = Stage.objects.get_or_create(
                bloc_year=bloc_year, slug=slug, defaults={"name": name, "position": position}
            )
            if is_new:
                made.setdefault("stages", []).append(stage.slug)
        if made_sheets := _make_sheets(bloc_year):
            made["sheets"] = made_sheets
        if made:
            audit.record(by, "scoring.prepare_table", bloc_year, after=made, chain=bloc_year.chain)


def open_stage(*, by: Actor, stage_id: int, closes_at: datetime | None = None) -> Stage:
    """Open a step (or open it again) with its limit; refused while the table is locked or no scheme is published.

    A unit that joined the bloc since the table was made gets its sheet here.
    """
    with transaction.atomic():
        bloc_year = _year_of_stage(stage_id)
        stage = _lock_stage(bloc_year, stage_id)
        require(can_manage_stages(by, bloc_year))
        _refuse_locked(stage.bloc_year)
        if not Scheme.objects.filter(bloc_year=stage.bloc_year, state=SchemeState.PUBLISHED.value).exists():
            raise RuleViolation("no-scheme", "Bảng điểm chưa công bố. Công bố bảng điểm rồi mở bước chấm.")
        if closes_at is not None and closes_at <= database_now():
            raise RuleViolation("limit-past", "Hạn nằm trong quá khứ. Nhập ngày giờ sau lúc này.", field="closes_at")
        made_sheets = _make_sheets(bloc_year)
        before = {"state": stage.state, "closes_at": stage.closes_at}
        stage.state = StageState.OPEN.value
        stage.closes_at = closes_at
        stage.opened_at = database_now()
        stage.closed_at = None
        stage.full_clean(exclude=["bloc_year"])
        stage.save(update_fields=["state", "closes_at", "opened_at", "closed_at"])
        audit.record(
            by,
            "scoring.open_stage",
            stage,
            before=before,
            after={"state": stage.state, "closes_at": stage.closes_at}
            | ({"sheets": made_sheets} if made_sheets else {}),
            chain=stage.bloc_year.chain,
            subject_text=f"Bước {stage.name}",
        )
    return stage


def close_stage(*, by: Actor, stage_id: int) -> Stage:
    """Close a step now. Sheets are locked first, so no cell is saved after the event says closed."""
    with transaction.atomic():
        bloc_year = _year_of_stage(stage_id)
        require(can_manage_stages(by, bloc_year))
        lock_sheets(bloc_year)
        stage = _lock_stage(bloc_year, stage_id)
        if stage.state != StageState.OPEN:
            raise Conflict("stage-not-open", f"Bước {stage.name} không mở. Tải lại trang.")
        stage.state = StageState.CLOSED.value
        stage.closed_at = database_now()
        stage.save(update_fields=["state", "closed_at"])
        audit.record(
            by,
            "scoring.close_stage",
            stage,
            before={"state": StageState.OPEN.value},
            after={"state": stage.state},
            chain=stage.bloc_year.chain,
            subject_text=f"Bước {stage.name}",
        )
    return stage


def submit_sheet(*, by: Actor, sheet_id: int, stage_slug: str = StageSlug.SELF) -> Submission:
    """Hand in a unit's sheet; refused while a compulsory cell is blank, naming the first gaps."""
    with transaction.atomic():
        sheet = _lock_sheet(sheet_id)
        require(can_submit_sheet(by, sheet.bloc_year, sheet.unit_id))
        table = table_of(sheet.bloc_year, stage_slug)
        if table is None or sheet.is_locked or table.stage.state != StageState.OPEN:
            raise Locked("stage-closed", "Bước này không mở. Tải lại trang.")
        if table.stage.closes_at is not None and database_now() >= table.stage.closes_at:
            raise Locked("stage-closed", f"Bước {table.stage.name} đã hết hạn, không nộp được nữa.")
        result = table.results[sheet.unit_id]
        if result.missing:
            codes = [table.facts.by_id[i].code for i in result.missing_ids]
            raise RuleViolation(
                "cells-missing",
                f"Còn {result.missing} ô chưa chấm: {', '.join(codes[:8])}{'…' if len(codes) > 8 else ''}. "
                "Nhập đủ rồi nộp.",
                details={"criterion_ids": list(result.missing_ids)},
            )
        submission, is_new = Submission.objects.get_or_create(
            sheet=sheet,
            stage=table.stage,
            withdrawn_at=None,
            defaults={"submitted_at": Now(), "submitted_by": _signed(by)},
        )
        if not is_new:
            return submission
        submission.refresh_from_db()
        audit.record(
            by,
            "scoring.submit_sheet",
            sheet,
            after={"stage": table.stage.slug, "total": result.total},
            chain=sheet.bloc_year.chain,
            subject_text=f"{sheet.unit.short}, bước {table.stage.name}",
        )
    return submission


def withdraw_sheet(*, by: Actor, sheet_id: int, stage_slug: str = StageSlug.SELF) -> None:
    """Take a handed-in sheet back before the step closes."""
    with transaction.atomic():
        sheet = _lock_sheet(sheet_id)
        require(can_submit_sheet(by, sheet.bloc_year, sheet.unit_id))
        stage = Stage.objects.get(bloc_year=sheet.bloc_year, slug=stage_slug)
        if sheet.is_locked or stage.state != StageState.OPEN or (stage.closes_at and database_now() >= stage.closes_at):
            raise Locked("stage-closed", f"Bước {stage.name} đã đóng, không rút lại được.")
        changed = Submission.objects.filter(sheet=sheet, stage=stage, withdrawn_at__isnull=True).update(
            withdrawn_at=Now()
        )
        if not changed:
            raise Conflict("not-submitted", "Bảng tự chấm này chưa nộp. Tải lại trang.")
        audit.record(
            by,
            "scoring.withdraw_sheet",
            sheet,
            after={"stage": stage.slug},
            chain=sheet.bloc_year.chain,
            subject_text=f"{sheet.unit.short}, bước {stage.name}",
        )


def lock_table(*, by: Actor, bloc_year_id: int, seen_hash: str | None = None) -> RankingSnapshot:
    """Close the bloc's table: freeze every figure with its inputs, refuse every later cell.

    Refused while a compulsory cell is blank (details name units and counts) or a member has no sheet yet.
    ``seen_hash``: the hash of the table the person confirmed; another one is a Conflict (somebody changed a cell).
    """
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_lock_table(by, bloc_year))
        sheets = lock_sheets(bloc_year)
        _refuse_locked(bloc_year)
        table = table_of(bloc_year, StageSlug.BLOC)
        if table is None:
            raise RuleViolation("no-scheme", "Bảng điểm chưa công bố, chưa có gì để chốt.")
        _refuse_members_left_out(bloc_year, {c.unit_id for c in table.columns})
        gaps = {c.short: table.results[c.unit_id].missing for c in table.columns if table.results[c.unit_id].missing}
        if gaps:
            words = "; ".join(f"{name} còn {count} ô" for name, count in gaps.items())
            raise RuleViolation(
                "cells-missing",
                f"Chưa chốt được: còn {sum(gaps.values())} ô chưa chấm ở {len(gaps)} đơn vị ({words}). "
                "Chấm đủ các ô này rồi chốt.",
                details={"gaps": gaps},
            )
        data = frozen_table(table)
        if seen_hash is not None and data["hash"] != seen_hash:
            raise Conflict("table-changed", "Bảng điểm đã thay đổi sau khi bạn mở trang này. Xem lại rồi chốt.")
        snapshot = RankingSnapshot.objects.create(
            bloc_year=bloc_year,
            scheme=table.scheme,
            stage=table.stage,
            data=data,
            locked_at=database_now(),
            locked_by=_signed(by),
        )
        ScoreSheet.objects.filter(pk__in=[s.pk for s in sheets]).update(is_locked=True)
        audit.record(
            by,
            "scoring.lock_table",
            bloc_year,
            after={"stage": table.stage.slug, "scheme_version": table.scheme.version, "hash": data["hash"]},
            chain=bloc_year.chain,
        )
    return snapshot


def unlock_table(*, by: Actor, bloc_year_id: int, reason: str) -> None:
    """Open a locked table again (two persons of the standing agency, through the pending step); the snapshot stays."""
    reason = clean_text(reason, one_line=True)
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_unlock_table(by, bloc_year))
        if len(reason) < 10:
            raise RuleViolation("reason-short", "Nêu lý do mở lại bảng điểm, từ 10 ký tự.", field="reason")
        sheets = lock_sheets(bloc_year)
        snapshot = active_snapshot(bloc_year.pk)
        if snapshot is None:
            raise Conflict("not-locked", "Bảng điểm không ở trạng thái đã chốt. Tải lại trang.")
        ScoreSheet.objects.filter(pk__in=[s.pk for s in sheets]).update(is_locked=False)
        RankingSnapshot.objects.filter(pk=snapshot.pk).update(unlocked_at=Now(), unlock_reason=reason[:400])
        audit.record(by, "scoring.unlock_table", bloc_year, reason=reason, chain=bloc_year.chain)


def propose_unlock(*, by: Actor, bloc_year_id: int, reason: str) -> PendingStep:
    """Ask for a locked table to be opened; a second person of the standing agency confirms."""
    reason = clean_text(reason, one_line=True)
    bloc_year = BlocYear.objects.select_related("bloc").get(pk=bloc_year_id)
    require(can_unlock_table(by, bloc_year))
    if len(reason) < 10:
        raise RuleViolation("reason-short", "Nêu lý do mở lại bảng điểm, từ 10 ký tự.", field="reason")
    if active_snapshot(bloc_year.pk) is None:
        raise Conflict("not-locked", "Bảng điểm không ở trạng thái đã chốt. Tải lại trang.")
    return propose(
        by=by,
        verb="scoring.unlock_table",
        args={"bloc_year_id": bloc_year.pk, "reason": reason},
        subject=bloc_year,
        summary=f"Mở lại bảng điểm {bloc_year}. Lý do: {reason}",
        scope=f"province:{bloc_year.bloc.province_id}",
    )


def record_lots(*, by: Actor, bloc_year_id: int, orders: dict[int, int], reference: str) -> None:
    """Enter the order drawn by lot between units still equal, with the minutes that say so."""
    reference = clean_text(reference, one_line=True)
    with transaction.atomic():
        bloc_year = lock_year(bloc_year_id)
        require(can_lock_table(by, bloc_year))
        _refuse_locked(bloc_year)
        members = set(bloc_year.memberships.values_list("unit_id", flat=True))
        if not reference:
            raise RuleViolation("reference-missing", "Ghi số, ngày biên bản bốc thăm.", field="reference")
        if (
            not set(orders) <= members
            or len(set(orders.values())) != len(orders)
            or any(o < 1 for o in orders.values())
        ):
            raise RuleViolation("lots-invalid", "Mỗi đơn vị trong Khối nhận một thứ tự khác nhau, từ 1 trở lên.")
        before = dict(TieOrder.objects.filter(bloc_year=bloc_year).values_list("unit__code", "order"))
        TieOrder.objects.filter(bloc_year=bloc_year).delete()
        TieOrder.objects.bulk_create(
            TieOrder(bloc_year=bloc_year, unit_id=unit_id, order=order, reference=reference[:200])
            for unit_id, order in orders.items()
        )
        after = dict(Unit.objects.filter(pk__in=orders).values_list("code", "pk"))
        audit.record(
            by,
            "scoring.record_lots",
            bloc_year,
            before=before,
            after={code: orders[pk] for code, pk in after.items()},
            reason=reference,
            chain=bloc_year.chain,
        )


def _make_sheets(bloc_year: BlocYear) -> int:
    """A sheet for each member that has none; how many were made."""
    known = set(ScoreSheet.objects.filter(bloc_year=bloc_year).values_list("unit_id", flat=True))
    members = bloc_year.memberships.order_by("position").values_list("unit_id", flat=True)
    missing = [ScoreSheet(bloc_year=bloc_year, unit_id=unit_id) for unit_id in members if unit_id not in known]
    return len(ScoreSheet.objects.bulk_create(missing))


def _refuse_members_left_out(bloc_year: BlocYear, unit_ids: set[int]) -> None:
    left_out = [m.unit.short for m in bloc_year.memberships.select_related("unit") if m.unit_id not in unit_ids]
    if left_out or not unit_ids:
        raise RuleViolation(
            "members-left-out",
            f"Chưa chốt được: {'; '.join(left_out) or 'Khối'} chưa có cột trong bảng điểm. "
            "Mở lại bước chấm để thêm cột, chấm đủ rồi chốt.",
        )


def _lock_sheet(sheet_id: int) -> ScoreSheet:
    return ScoreSheet.objects.select_related("bloc_year__bloc", "unit").select_for_update(of=("self",)).get(pk=sheet_id)


def _refuse_locked(bloc_year: BlocYear) -> None:
    if active_snapshot(bloc_year.pk) is not None:
        raise Locked("table-locked", "Bảng điểm đã chốt. Muốn sửa, đề nghị Ban Thi đua - Khen thưởng mở lại.")


def _signed(by: Actor) -> str:
    return (f"{by.name}, {by.office}" if by.office else by.name)[:160]
