"""Covenants: beginning one, its text, agreeing, the members' signatures, signed. Signing locks everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from blocs.documents import COVENANT
from blocs.models import BlocYear, Covenant, CovenantLine, CovenantSignature, CovenantTarget
from blocs.models.checks import check_fields
from blocs.permissions import can_edit_covenant, can_sign_covenant
from blocs.queries.bloc import MemberRow, members_of
from blocs.queries.covenant import (
    HEAD,
    SIGNING_HEAD,
    UNSIGNED,
    covenant_signing,
    covenant_text,
    earlier_covenant,
    signings,
)
from blocs.queries.draft import revision_saved_by
from blocs.rules.covenants import Signing, check_agreement, check_signature, check_signing
from blocs.rules.drafts import check_revision, known_parts, merge, moment_words
from blocs.rules.states import CovenantSection, CovenantState, covenant_step
from thidua import audit
from thidua.documents.actions import request
from thidua.documents.models import Document
from thidua.lib.actor import Actor
from thidua.lib.errors import Conflict, Locked, RuleViolation
from thidua.lib.verdict import require
from thidua.lib.vietnamese import clean_text, format_date

_SIGNATURE = "signature:"
WHAT = "giao ước này"


# ------------------------------------------------------------ beginning
@transaction.atomic
def create_covenant(*, by: Actor, bloc_year_id: int) -> Covenant:
    """An empty draft for the year; a year has one covenant."""
    bloc_year = _locked_year(bloc_year_id)
    require(can_edit_covenant(by, None, bloc_year))
    _require_none(bloc_year)
    covenant = Covenant(bloc_year=bloc_year, changed_by=by.name)
    covenant.save(force_insert=True)
    audit.record(by, "blocs.create_covenant", covenant, after={"state": covenant.state}, chain=bloc_year.chain)
    return covenant


@transaction.atomic
def copy_covenant(*, by: Actor, bloc_year_id: int) -> Covenant:
    """A draft with the text of the bloc's latest earlier covenant. Signatures, days and unit targets are not copied.

    The words are taken as they stand: a year named in them is for people to change.
    """
    bloc_year = _locked_year(bloc_year_id)
    require(can_edit_covenant(by, None, bloc_year))
    _require_none(bloc_year)
    source = earlier_covenant(bloc_year)
    if source is None:
        raise RuleViolation("no-earlier-covenant", "Khối chưa có giao ước của năm trước để chép. Soạn mới.")
    covenant = Covenant(
        bloc_year=bloc_year,
        changed_by=by.name,
        place=source.place,
        witness_body=source.witness_body,
        **{name: getattr(source, name) for name in HEAD},
    )
    covenant.save(force_insert=True)
    lines = [
        CovenantLine(covenant=covenant, section=line.section, position=line.position, text=line.text)
        for line in source.lines.order_by("section", "position", "pk")
    ]
    CovenantLine.objects.bulk_create(lines)
    after = {"copied_from": source.bloc_year.year, "count": len(lines)}
    audit.record(by, "blocs.copy_covenant", covenant, after=after, chain=bloc_year.chain)
    return covenant


# ----------------------------------------------------------------- text
@transaction.atomic
def save_covenant(
    *,
    by: Actor,
    covenant_id: int,
    revision: int,
    content: Mapping[str, Any],
    picks: Mapping[str, str] | None = None,
    key: UUID | None = None,
    after_key: UUID | None = None,
) -> Covenant:
    """The text as typed (``queries.covenant.covenant_text``), while it is a draft; parts not given stay.

    Content equal to what is stored writes and records nothing; otherwise a stale revision is a Conflict.
    """
    covenant = _locked(covenant_id)
    _require_unsigned(covenant)
    require(can_edit_covenant(by, covenant, covenant.bloc_year))
    if covenant.state != CovenantState.DRAFT:
        raise Locked(
            "covenant-agreed", "Lời giao ước đã thống nhất nên không sửa được. Mở lại bản nháp, nêu lý do, rồi sửa."
        )
    stored = covenant_text(covenant)
    wanted = merge(known_parts(content, stored), stored, picks or {})
    changed = {part: value for part, value in wanted.items() if stored[part] != value}
    if not changed:
        return covenant
    _check_current(covenant, revision, by, after_key)
    members = members_of(covenant.bloc_year)
    _check_units(changed, stored, members)
    _write_text(covenant, changed)
    before = {part: stored[part] for part in changed}
    _bump(covenant, by)
    after = changed | {"_revision": covenant.revision}
    audit.record(
        by, "blocs.save_covenant", covenant, before=before, after=after, chain=covenant.bloc_year.chain, key=key
    )
    return covenant


@transaction.atomic
def agree_covenant(*, by: Actor, covenant_id: int, revision: int) -> Covenant:
    """The members agree on the text as seen at ``revision``; from now on only signatures are recorded."""
    covenant = _locked(covenant_id)
    _require_unsigned(covenant)
    require(can_edit_covenant(by, covenant, covenant.bloc_year))
    target = covenant_step(CovenantState(covenant.state), "agree").target
    _check_current(covenant, revision, by)
    contents = covenant.lines.filter(section=CovenantSection.CONTENT.value).count()
    check_agreement(contents, covenant.bloc_year.memberships.count())
    _move(by, covenant, target.value, "blocs.agree_covenant")
    return covenant


@transaction.atomic
def reopen_covenant(*, by: Actor, covenant_id: int, revision: int, reason: str) -> Covenant:
    """An agreed text becomes a draft again, with a reason; signatures recorded so far stay."""
    covenant = _locked(covenant_id)
    _require_unsigned(covenant)
    require(can_edit_covenant(by, covenant, covenant.bloc_year))
    step = covenant_step(CovenantState(covenant.state), "reopen")
    _check_current(covenant, revision, by)
    words = clean_text(reason)
    if step.reason_needed and len(words) < 10:
        raise RuleViolation("reason-short", "Lý do mở lại: viết rõ hơn, từ 10 ký tự.", field="reason")
    _move(by, covenant, step.target.value, "blocs.reopen_covenant", reason=words)
    return covenant


# -------------------------------------------------------------- signing
@transaction.atomic
def save_signatures(
    *,
    by: Actor,
    covenant_id: int,
    revision: int,
    content: Mapping[str, Any],
    picks: Mapping[str, str] | None = None,
    key: UUID | None = None,
    after_key: UUID | None = None,
) -> Covenant:
    """Place, day, witness and the members' signatures (``queries.covenant.covenant_signing``), until it is signed.

    A signature later than the signing day needs the absent signer's reason.
    """
    covenant = _locked(covenant_id)
    _require_unsigned(covenant)
    require(can_edit_covenant(by, covenant, covenant.bloc_year))
    members = members_of(covenant.bloc_year)
    stored = covenant_signing(covenant, members)
    wanted = merge(known_parts(content, stored), stored, picks or {})
    changed = {part: value for part, value in wanted.items() if stored[part] != value}
    if not changed:
        return covenant
    _check_current(covenant, revision, by, after_key)
    _write_signing(covenant, stored | wanted, changed, members)
    before = {part: stored[part] for part in changed}
    _bump(covenant, by)
    audit.record(
        by,
        "blocs.save_signatures",
        covenant,
        before=_in_words(before, members),
        after=_in_words(changed, members) | {"_revision": covenant.revision},
        chain=covenant.bloc_year.chain,
        key=key,
    )
    return covenant


@transaction.atomic
def sign_covenant(*, by: Actor, covenant_id: int, revision: int) -> Covenant:
    """The lead records the covenant as signed, once every member has; then nothing in it changes (row 21, A3)."""
    covenant = _locked(covenant_id)
    _require_unsigned(covenant)
    require(can_sign_covenant(by, covenant))
    target = covenant_step(CovenantState(covenant.state), "sign").target
    _check_current(covenant, revision, by)
    check_signing(signings(covenant, members_of(covenant.bloc_year)), covenant.signing_on, timezone.localdate())
    covenant.signed_at = timezone.now()
    covenant.signed_by = by.name
    _move(by, covenant, target.value, "blocs.sign_covenant")
    return covenant


@transaction.atomic
def request_covenant(*, by: Actor, covenant_id: int) -> Document:
    """Ask for the covenant's paper as it stands now; a draft until it is signed."""
    covenant = _locked(covenant_id)
    scope = covenant.bloc_year.scope
    document = request(by=by, kind=COVENANT, subject=covenant, scope=scope)
    after = {"document": document.pk, "version": document.version}
    audit.record(by, "blocs.request_covenant", covenant, after=after, chain=covenant.bloc_year.chain)
    return document


# --------------------------------------------------------------- inside
def _locked_year(bloc_year_id: int) -> BlocYear:
    return BlocYear.objects.select_related("bloc").select_for_update(of=("self",)).get(pk=bloc_year_id)


def _locked(covenant_id: int) -> Covenant:
    rows = Covenant.objects.select_related("bloc_year__bloc__province").select_for_update(of=("self",))
    return rows.get(pk=covenant_id)


def _require_none(bloc_year: BlocYear) -> None:
    if Covenant.objects.filter(bloc_year=bloc_year).exists():
        raise Conflict("covenant-exists", f"Năm {bloc_year.year} đã có giao ước. Mở giao ước đó để sửa.")


def _require_unsigned(covenant: Covenant) -> None:
    if covenant.state == CovenantState.SIGNED:
        when = f" lúc {moment_words(timezone.localtime(covenant.signed_at))}" if covenant.signed_at else ""
        raise Locked("covenant-signed", f"Giao ước đã được ghi nhận là đã ký{when} nên không sửa được nữa.")


def _check_current(covenant: Covenant, revision: int, by: Actor, after_key: UUID | None = None) -> None:
    check_revision(
        revision,
        covenant.revision,
        what=WHAT,
        changed_by=covenant.changed_by,
        changed_at=moment_words(timezone.localtime(covenant.changed_at)),
        repeated=revision_saved_by(by, after_key) == covenant.revision,
    )


def _bump(covenant: Covenant, by: Actor) -> None:
    covenant.revision += 1
    covenant.changed_by = by.name
    covenant.save()


def _move(by: Actor, covenant: Covenant, state: str, verb: str, reason: str = "") -> None:
    before = {"state": covenant.state}
    covenant.state = state
    _bump(covenant, by)
    after = {"state": state, "_revision": covenant.revision}
    audit.record(by, verb, covenant, before=before, after=after, reason=reason, chain=covenant.bloc_year.chain)


def _check_units(changed: Mapping[str, Any], stored: Mapping[str, Any], members: Sequence[MemberRow]) -> None:
    allowed = {m.unit_id for m in members} | {row["unit_id"] for row in stored["unit_targets"]}
    if any(row["unit_id"] not in allowed for row in changed.get("unit_targets", ())):
        raise RuleViolation("not-a-member", "Có đơn vị không phải thành viên của năm. Chọn lại đơn vị.")


def _write_text(covenant: Covenant, changed: Mapping[str, Any]) -> None:
    """Head fields on the row (saved with the revision); changed lists are written anew, in their order."""
    for name in HEAD:
        if name in changed:
            setattr(covenant, name, changed[name])
    check_fields(covenant)
    lines = []
    for section in CovenantSection:
        if section.value in changed:
            covenant.lines.filter(section=section.value).delete()
            rows = enumerate(changed[section.value], 1)
            lines += [CovenantLine(covenant=covenant, section=section.value, position=i, **row) for i, row in rows]
    targets = []
    if "unit_targets" in changed:
        covenant.targets.all().delete()
        rows = enumerate(changed["unit_targets"], 1)
        targets = [CovenantTarget(covenant=covenant, position=i, **row) for i, row in rows]
    for row in (*lines, *targets):
        check_fields(row)
    CovenantLine.objects.bulk_create(lines)
    CovenantTarget.objects.bulk_create(targets)


def _write_signing(
    covenant: Covenant, wanted: Mapping[str, Any], changed: Mapping[str, Any], members: Sequence[MemberRow]
) -> None:
    for name in SIGNING_HEAD:
        if name in changed:
            setattr(covenant, name, changed[name])
    check_fields(covenant)
    names = {m.unit_id: m.name for m in members}
    for part, row in wanted.items():
        if part.startswith(_SIGNATURE):
            unit = names.get(int(part.removeprefix(_SIGNATURE)), "Đơn vị không còn là thành viên")
            check_signature(Signing(unit, row["signed_on"], row["absence_reason"]), wanted["signing_on"])
    unit_ids = [int(part.removeprefix(_SIGNATURE)) for part in changed if part.startswith(_SIGNATURE)]
    covenant.signatures.filter(unit_id__in=unit_ids).delete()
    rows = []
    for unit_id in unit_ids:
        value = changed[f"{_SIGNATURE}{unit_id}"]
        if value != UNSIGNED:
            rows.append(CovenantSignature(covenant=covenant, unit_id=unit_id, **value))
    for row in rows:
        check_fields(row)
    CovenantSignature.objects.bulk_create(rows)


def _in_words(parts: Mapping[str, Any], members: Sequence[MemberRow]) -> dict[str, Any]:
    """For the record: who signed when as one sentence; the whole rows beside it."""
    names = {m.unit_id: m.short for m in members}
    plain = {part: value for part, value in parts.items() if not part.startswith(_SIGNATURE)}
    units = {part.removeprefix(_SIGNATURE): value for part, value in parts.items() if part.startswith(_SIGNATURE)}
    if units:
        days = (f"{names.get(int(i), i)}: {format_date(r['signed_on']) or 'chưa ký'}" for i, r in units.items())
        plain |= {"signatures": "; ".join(days), "_signatures": units}
    return plain
