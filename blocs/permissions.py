"""Who may do what to units, blocs, offices, covenants and meetings (the permission matrix, rows 3-22).

Plain predicates over the actor's offices; each refusal carries its reason. Scoping (who sees it at all) is in
``blocs.queries.visible``. An administrator has no business write at all.
"""

from __future__ import annotations

from blocs.models import Bloc, BlocYear, Covenant, Meeting, Post, Unit
from blocs.rules.states import PROVINCE_POSTS, CovenantState, MeetingState, PostKind
from thidua.lib.actor import Actor
from thidua.lib.verdict import ALLOWED, Verdict, refused

OFFICE_ONLY = "Việc này do Ban Thi đua - Khen thưởng làm. Nhờ chuyên viên của Ban."
BLOC_ONLY = "Việc này do thư ký hoặc Trưởng khối của năm làm."


def closed_year(bloc_year: BlocYear) -> Verdict | None:
    """Closed years are read-only for everyone."""
    if bloc_year.is_closed:
        return refused(f"Năm {bloc_year.year} của Khối đã khép lại, chỉ xem được.", "closed-year")
    return None


def is_staff_of(actor: Actor, province_id: int | None) -> bool:
    """Does the actor work for the standing agency of this province (or of the one it became part of)?"""
    mine = staff_provinces(actor)
    return bool(mine) and (province_id is None or province_id in mine)


def staff_provinces(actor: Actor) -> frozenset[int]:
    """Provinces whose standing agency the actor works for, with those that became part of them."""
    return frozenset(i for p in actor.posts_of(PostKind.STAFF) for i in p.province_ids)


def holds_bloc_post(actor: Actor, bloc_year: BlocYear, *kinds: PostKind) -> bool:
    """Does the actor hold one of these offices of this bloc in this year?"""
    return any(p.bloc_id == bloc_year.bloc_id and p.year == bloc_year.year for p in actor.posts_of(*kinds))


def bloc_officers(actor: Actor, bloc_year: BlocYear) -> bool:
    """Secretary, lead or deputy of the bloc in that year."""
    return holds_bloc_post(actor, bloc_year, PostKind.BLOC_SECRETARY, PostKind.BLOC_LEAD, PostKind.BLOC_DEPUTY)


def takes_part(actor: Actor, province_id: int | None) -> bool:
    """Does the actor work in the province's blocs, by an office of a unit, of a bloc or of the standing agency?

    Whoever is a council member or an administrator and nothing else looks on from outside (rows 9, 22, 28, 38).
    """
    return (
        actor.is_system
        or is_staff_of(actor, province_id)
        or any(post.kind not in PROVINCE_POSTS for post in actor.posts)
    )


def can_read_history(actor: Actor, province_id: int | None) -> Verdict:
    """Row 9: the history of deeds is never an administrator's, and a council member's only where assigned, which no
    release does yet."""
    return ALLOWED if takes_part(actor, province_id) else refused("Lịch sử do người làm việc trong Khối xem.")


# ------------------------------------------------------------ register
def can_edit_unit(actor: Actor, unit: Unit | None, province_id: int | None = None) -> Verdict:
    """Row 10: the standing agency keeps the register of its province."""
    if actor.is_system:
        return ALLOWED
    wanted = unit.province_id if unit else province_id
    return ALLOWED if is_staff_of(actor, wanted) else refused(OFFICE_ONLY)


def can_edit_bloc(actor: Actor, bloc: Bloc | None, province_id: int | None = None) -> Verdict:
    """Row 11 (create bloc, assign units): the standing agency, two persons."""
    if actor.is_system:
        return ALLOWED
    wanted = bloc.province_id if bloc else province_id
    return ALLOWED if is_staff_of(actor, wanted) else refused(OFFICE_ONLY)


def can_edit_bloc_year(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 11 for a year; closed years are read-only for everyone."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    return can_edit_bloc(actor, bloc_year.bloc)


def can_appoint_leads(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 12: lead, deputy, secretary are appointed by the standing agency."""
    return can_edit_bloc_year(actor, bloc_year)


def can_confirm_post(actor: Actor, province_id: int, receiver_id: int | None) -> Verdict:
    """The second person of row 5: of the standing agency or an administrator, and never who receives the office."""
    if receiver_id is not None and receiver_id == actor.user_id:
        return refused("Bạn không xác nhận chức vụ giao cho chính mình. Nhờ người khác xác nhận.", "own-post")
    mine = {i for p in actor.posts_of(PostKind.STAFF, PostKind.ADMIN) for i in p.province_ids}
    return ALLOWED if province_id in mine else refused(OFFICE_ONLY)


def can_edit_post(actor: Actor, post: Post | None, province_id: int | None = None) -> Verdict:
    """Row 5 (give or remove an office): standing agency or administrator of the province, two persons."""
    if actor.is_system:
        return ALLOWED
    wanted = province_id
    if post is not None:
        wanted = post.province_id or (post.bloc.province_id if post.bloc else None)
        wanted = wanted or (post.unit.province_id if post.unit else None)
    allowed = {i for p in actor.posts_of(PostKind.STAFF, PostKind.ADMIN) for i in p.province_ids}
    if wanted in allowed or (wanted is None and allowed):
        return ALLOWED
    return refused("Chức vụ do Ban Thi đua - Khen thưởng hoặc quản trị hệ thống giao.")


# ------------------------------------------------------------ covenant
def can_edit_covenant(actor: Actor, covenant: Covenant | None, bloc_year: BlocYear) -> Verdict:
    """Row 18: secretary, lead and deputy draft it; a signed one is closed."""
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if covenant is not None and covenant.state == CovenantState.SIGNED:
        return refused("Giao ước đã ký, không sửa được nữa.", "signed")
    if actor.is_system or bloc_officers(actor, bloc_year):
        return ALLOWED
    return refused(BLOC_ONLY)


def can_download_covenant(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 22, asked of a bloc-year in sight: its members, its officers and the standing agency."""
    if takes_part(actor, bloc_year.bloc.province_id):
        return ALLOWED
    return refused("Giao ước do các đơn vị của Khối và Ban Thi đua - Khen thưởng tải.", "not-a-part")


def can_sign_covenant(actor: Actor, covenant: Covenant) -> Verdict:
    """Row 21: the lead closes the covenant once every member has signed."""
    if covenant.state == CovenantState.SIGNED:
        return refused("Giao ước đã ghi nhận là đã ký.", "signed")
    closed = closed_year(covenant.bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or holds_bloc_post(actor, covenant.bloc_year, PostKind.BLOC_LEAD):
        return ALLOWED
    return refused("Chỉ Trưởng khối ghi nhận giao ước đã ký.")


# ------------------------------------------------------------- meeting
def can_edit_meeting(actor: Actor, meeting: Meeting | None, bloc_year: BlocYear) -> Verdict:
    """Secretary, lead and deputy of the year record its meetings; approved minutes are locked."""
    if meeting is not None and meeting.state == MeetingState.APPROVED:
        return refused("Biên bản hội nghị đã duyệt, không sửa được nữa.", "approved")
    closed = closed_year(bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or bloc_officers(actor, bloc_year):
        return ALLOWED
    return refused(BLOC_ONLY)


def can_approve_meeting(actor: Actor, meeting: Meeting) -> Verdict:
    """The lead (chair) approves what the secretary recorded."""
    if meeting.state == MeetingState.APPROVED:
        return refused("Biên bản hội nghị đã duyệt.", "approved")
    closed = closed_year(meeting.bloc_year)
    if closed is not None:
        return closed
    if actor.is_system or holds_bloc_post(actor, meeting.bloc_year, PostKind.BLOC_LEAD):
        return ALLOWED
    return refused("Chỉ Trưởng khối (chủ trì) duyệt biên bản hội nghị.")


# --------------------------------------------------------------- years
def can_start_next_year(actor: Actor, bloc_year: BlocYear) -> Verdict:
    """Row 11: the standing agency opens the bloc's next year, two persons."""
    return can_edit_bloc(actor, bloc_year.bloc)
