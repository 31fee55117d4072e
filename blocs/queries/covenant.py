"""Reading covenants: the page, the content two versions are compared by, the year a text may be copied from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from blocs.models import BlocYear, Covenant
from blocs.queries.bloc import MemberRow, members_of, province_of_year
from blocs.queries.covenant_paper import covenant_context
from blocs.queries.unit import province_words
from blocs.rules.covenants import Signing, unsigned
from blocs.rules.states import CovenantSection

HEAD = ("title", "preamble", "closing")
SIGNING_HEAD = ("place", "signing_on", "witness_name", "witness_title", "witness_body")
SIGNATURE_COLUMNS = ("group_no", "position", "signer_name", "signer_title", "signed_on", "absence_reason")
UNSIGNED = {
    "group_no": 1,
    "position": 0,
    "signer_name": "",
    "signer_title": "",
    "signed_on": None,
    "absence_reason": "",
}


def signature_part(unit_id: int) -> str:
    """The name of the part that holds one unit's signature."""
    return f"signature:{unit_id}"


def exact(value: Decimal | None) -> Decimal | None:
    """The same number without trailing zeros, so that a stored and a typed one compare alike also as text."""
    return None if value is None else value.normalize()


def covenant_of(bloc_year: BlocYear) -> Covenant | None:
    """The year's covenant, if anybody began it."""
    return Covenant.objects.select_related("bloc_year__bloc__province").filter(bloc_year=bloc_year).first()


def earlier_covenant(bloc_year: BlocYear) -> Covenant | None:
    """The bloc's latest covenant of an earlier year: what a new text may start from."""
    rows = Covenant.objects.filter(bloc_year__bloc_id=bloc_year.bloc_id, bloc_year__year__lt=bloc_year.year)
    return rows.select_related("bloc_year").order_by("-bloc_year__year").first()


def covenant_text(covenant: Covenant) -> dict[str, Any]:
    """Everything of the text, as parts (``blocs.rules.drafts``): head, the lines of each section, the targets."""
    content: dict[str, Any] = {name: getattr(covenant, name) for name in HEAD}
    for section in CovenantSection:
        content[section.value] = []
    for line in covenant.lines.order_by("position", "pk"):
        content[line.section].append({"text": line.text})
    content["unit_targets"] = [
        {"unit_id": row.unit_id, "name": row.name, "value": exact(row.value), "measure": row.measure}
        for row in covenant.targets.order_by("position", "pk")
    ]
    return content


def covenant_signing(covenant: Covenant, members: Sequence[MemberRow]) -> dict[str, Any]:
    """Everything of the signing, as parts: place, day, witness, and one row a member."""
    rows = {
        s.unit_id: {name: getattr(s, name) for name in SIGNATURE_COLUMNS} for s in covenant.signatures.order_by("pk")
    }
    unit_ids = [m.unit_id for m in members]
    unit_ids += [i for i in rows if i not in unit_ids]
    content: dict[str, Any] = {name: getattr(covenant, name) for name in SIGNING_HEAD}
    return content | {signature_part(i): rows.get(i, dict(UNSIGNED)) for i in unit_ids}


def signings(covenant: Covenant, members: Sequence[MemberRow]) -> tuple[Signing, ...]:
    """One for every member of the year, in its order: what signing looks at."""
    rows = {s.unit_id: s for s in covenant.signatures.all()}
    found = []
    for member in members:
        row = rows.get(member.unit_id)
        found.append(Signing(member.name, row.signed_on if row else None, row.absence_reason if row else ""))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SignatureRow:
    """One member on the page."""

    unit: str
    short: str
    role_words: str
    group_no: int
    signer_name: str
    signer_title: str
    signed_on: date | None
    absence_reason: str


@dataclass(frozen=True, slots=True)
class CovenantPage:
    """All the page of a covenant shows; ``paper`` is what would be printed now."""

    covenant: Covenant
    paper: dict[str, Any]
    province: str
    signatures: tuple[SignatureRow, ...]
    missing: tuple[str, ...]

    @property
    def signed(self) -> int:
        return len(self.signatures) - len(self.missing)


def covenant_page(covenant: Covenant, today: date) -> CovenantPage:
    bloc_year = covenant.bloc_year
    members = members_of(bloc_year)
    rows = {s.unit_id: s for s in covenant.signatures.all()}
    shown = []
    for member in members:
        row = rows.get(member.unit_id)
        shown.append(
            SignatureRow(
                member.name,
                member.short,
                member.role_words,
                row.group_no if row else 1,
                row.signer_name if row else "",
                (row.signer_title if row else "") or member.head_title,
                row.signed_on if row else None,
                row.absence_reason if row else "",
            )
        )
    missing = unsigned([Signing(s.short, s.signed_on) for s in shown])
    shown.sort(key=lambda s: s.group_no)
    return CovenantPage(
        covenant,
        covenant_context(covenant),
        province_words(province_of_year(bloc_year), today),
        tuple(shown),
        missing,
    )
