"""Who may do what to schemes, cells, tables (the permission matrix, rows 14-38).

Own unit is excluded from the bloc's stage: "Bạn không chấm đơn vị của mình. Cột này do người được Khối giao chấm."
The deputy lead enters the column of the secretary's and the lead's unit, and no other.
"""

from __future__ import annotations

from collections.abc import Collection

from blocs.models import BlocYear
from blocs.permissions import bloc_officers, closed_year, holds_bloc_post, is_staff_of, takes_part
from blocs.rules.states import PostKind
from scoring.models import Scheme
from scoring.rules.states import SchemeState
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

SELF, BLOC = "tu-cham", "khoi"
OWN_UNIT = "Bạn không chấm đơn vị của mình. Cột này do người được Khối giao chấm."
NOT_YOURS = "Bạn chỉ nhập điểm tự chấm của đơn vị mình."


def can_draft_scheme(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 14: secretary, lead, deputy of the year, and the standing agency."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or bloc_officers(actor, bloc_year) or is_staff_of(actor, bloc_year.bloc.province_id):
        return ALLOWED
    return refused("Bảng điểm do thư ký, Trưởng khối hoặc Ban Thi đua - Khen thưởng soạn.")


def can_edit_scheme(actor: Actor, scheme: Scheme) -> Verdict:
    """Row 14 for one version: a draft only; a published one is replaced by a new version."""
    if scheme.state != SchemeState.DRAFT:
        return refused("Bảng điểm đã công bố thì không sửa. Lập bản mới để sửa.", "published")
    return can_draft_scheme(actor, scheme.bloc_year)


def can_publish_scheme(actor: Actor, scheme: Scheme) -> Verdict:
    """Row 15: the standing agency, two persons, with the password."""
    closed = closed_year(scheme.bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or is_staff_of(actor, scheme.bloc_year.bloc.province_id):
        return ALLOWED
    return refused("Bảng điểm do Ban Thi đua - Khen thưởng công bố. Nhờ chuyên viên của Ban.")


def can_confirm_for_office(actor: Actor, scope: str) -> Verdict:
    """The second person of a deed of the standing agency; ``scope`` is "province:3" as it was proposed."""
    kind, _, number = scope.partition(":")
    if kind == "province" and number.isdecimal() and is_staff_of(actor, int(number)):
        return ALLOWED
    return refused("Việc này do người thứ hai của Ban Thi đua - Khen thưởng xác nhận.")


def can_manage_stages(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 16: the lead (or deputy) and the standing agency open and close the steps of scoring."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if (
        actor.is_system
        or holds_bloc_post(actor, bloc_year, PostKind.BLOC_LEAD, PostKind.BLOC_DEPUTY)
        or is_staff_of(actor, bloc_year.bloc.province_id)
    ):
        return ALLOWED
    return refused("Bước chấm điểm do Trưởng khối hoặc Ban Thi đua - Khen thưởng mở và đóng.")


def stage_needs_password(actor: Actor, bloc_year: BlocYear) -> bool:
    """Row 16 ("p!"): the standing agency opens and closes a step with the password; the bloc's own lead without."""
    return not holds_bloc_post(actor, bloc_year, PostKind.BLOC_LEAD, PostKind.BLOC_DEPUTY)


def can_record_score(
    actor: Actor, bloc_year: BlocYear, stage_slug: str, unit_id: int, officers_units: Collection[int]
) -> Verdict:
    """Rows 23 and 30. ``officers_units``: the units of the bloc's secretary and lead of the year, whose columns
    the deputy lead enters."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if actor.is_system:
        return ALLOWED
    if stage_slug == SELF:
        mine = {p.unit_id for p in actor.posts_of(PostKind.UNIT_OFFICER, PostKind.UNIT_HEAD)}
        return ALLOWED if unit_id in mine else refused(NOT_YOURS, "not-own-unit")
    if stage_slug == BLOC:
        if unit_id in actor.unit_ids:
            return refused(OWN_UNIT, "own-unit")
        if holds_bloc_post(actor, bloc_year, PostKind.BLOC_SECRETARY, PostKind.BLOC_LEAD):
            if unit_id in officers_units:
                return refused("Cột này do Phó Trưởng khối chấm: đơn vị của thư ký hoặc Trưởng khối.", "own-unit")
            return ALLOWED
        if holds_bloc_post(actor, bloc_year, PostKind.BLOC_DEPUTY):
            if unit_id in officers_units:
                return ALLOWED
            return refused("Phó Trưởng khối chấm cột của đơn vị Trưởng khối và thư ký; các cột khác do thư ký chấm.")
        return refused("Bước này do thư ký và Trưởng khối chấm.")
    return refused("Bước này chưa dùng trong Khối.")


def can_submit_sheet(actor: Actor, bloc_year: BlocYear, unit_id: int) -> Verdict:
    """Rows 26, 27: the unit's head hands the sheet in, or takes it back before the limit."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    mine = {p.unit_id for p in actor.posts_of(PostKind.UNIT_HEAD)}
    return ALLOWED if actor.is_system or unit_id in mine else refused("Thủ trưởng đơn vị nộp bảng tự chấm của đơn vị.")


def can_see_sheet(actor: Actor, bloc_year: BlocYear, unit_id: int, *, is_open: bool) -> Verdict:
    """Row 28 ("s r"): while the table is open a member unit sees only its own column; afterwards all of the bloc."""
    if unit_id in actor.unit_ids or sees_all_sheets(actor, bloc_year, is_open=is_open):
        return ALLOWED
    return refused("Điểm của đơn vị khác xem được sau khi Khối chốt bảng điểm.", "hidden-until-locked")


def sees_all_sheets(actor: Actor, bloc_year: BlocYear, *, is_open: bool) -> bool:
    """May the actor see every column (grid, ranking, exports, papers use this one rule)?

    Officers and the standing agency always; a locked table everybody who takes part in the work of a bloc. A council
    member and an administrator never (rows 28 and 38).
    """
    if actor.is_system or bloc_officers(actor, bloc_year) or is_staff_of(actor, bloc_year.bloc.province_id):
        return True
    return not is_open and takes_part(actor, bloc_year.bloc.province_id)


def sees_whole_ranking(actor: Actor, bloc_year: BlocYear, *, is_open: bool) -> bool:
    """Row 46: a locked table's ranking is a published result, which the council of the province sees as well."""
    if sees_all_sheets(actor, bloc_year, is_open=is_open):
        return True
    councils = {i for p in actor.posts_of(PostKind.COUNCIL_MEMBER) for i in p.province_ids}
    return not is_open and bloc_year.bloc.province_id in councils


def can_lock_table(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 32: the lead (or deputy) closes the table, with the password."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or holds_bloc_post(actor, bloc_year, PostKind.BLOC_LEAD, PostKind.BLOC_DEPUTY):
        return ALLOWED
    return refused("Chỉ Trưởng khối hoặc Phó Trưởng khối chốt bảng điểm.")


def can_unlock_table(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 34: the standing agency, two persons, with the password."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if is_staff_of(actor, bloc_year.bloc.province_id):
        return ALLOWED
    return refused("Chỉ Ban Thi đua - Khen thưởng mở lại bảng điểm đã chốt.")


def can_import_scores(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 37: whoever may enter scores may bring them in a file; each cell is judged on its own."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or actor.unit_ids or is_staff_of(actor, bloc_year.bloc.province_id):
        return ALLOWED
    return refused("Bạn không nhập điểm trong Khối này.")


def can_export_table(actor: Actor, bloc_year: BlocYear, *, is_open: bool) -> Verdict:
    """Row 38."""
    if sees_all_sheets(actor, bloc_year, is_open=is_open) or actor.unit_ids:
        return ALLOWED
    return refused("Bạn không xem được bảng điểm của Khối này.")
