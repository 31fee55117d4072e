"""What the covenant's paper prints (templates/print/README.md), frozen when it is asked for."""

from __future__ import annotations

from typing import Any

from blocs.models import BlocYear, Covenant
from blocs.queries.bloc import members_of, province_of_year
from blocs.rules.states import CovenantSection, CovenantState
from thidua.lib.vietnamese import format_date, format_number, two_digits

ORDINALS = ("thứ nhất", "thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy", "thứ tám", "thứ chín")


def lines_of(text: str, name: str) -> list[str]:
    """The name's printed lines, broken by hand where the unit says how."""
    return [line.strip() for line in text.split("|") if line.strip()] or [name]


def head_of(bloc_year: BlocYear) -> dict[str, Any]:
    """The keys every paper of a bloc-year shares: agencies, place, names. The province is the one of that year."""
    bloc = bloc_year.bloc
    province = province_of_year(bloc_year)
    return {
        "author": f"{bloc.short} {province}",
        "superior_lines": ["Ủy ban nhân dân", str(province)],
        "issuer_lines": lines_of(bloc.paper_lines, bloc.short),
        "place": province.name,
        "year": bloc_year.year,
        "sample": bloc_year.is_sample,
    }


def signer(unit_lines: list[str], capacity: str, name: str, note: str = "") -> dict[str, Any]:
    return {"unit_lines": unit_lines, "capacity": capacity, "name": name or None, "note": note}


def covenant_context(covenant: Covenant) -> dict[str, Any]:
    """Everything the covenant prints; a member without a signature row is still given its box."""
    bloc_year = covenant.bloc_year
    bloc = bloc_year.bloc
    lines: dict[str, list[str]] = {section.value: [] for section in CovenantSection}
    for line in covenant.lines.order_by("position", "pk"):
        lines[line.section].append(line.text)
    head = head_of(bloc_year)
    title = covenant.title or f"Thực hiện nhiệm vụ công tác năm {bloc_year.year}"
    members = members_of(bloc_year)
    order = {member.unit_id: member.position for member in members}
    targets = covenant.targets.select_related("unit").order_by("position", "pk")
    return {
        **head,
        "document_title": f"Giao ước thi đua năm {bloc_year.year} - {bloc.short}",
        "place": covenant.place or head["place"],
        "date": covenant.signing_on.isoformat() if covenant.signing_on else None,
        "abstract_lines": [title, f"của {bloc.short} {province_of_year(bloc_year)}"],
        "draft": covenant.state != CovenantState.SIGNED,
        "grounds": lines[CovenantSection.GROUND.value],
        "preamble": covenant.preamble
        or f"{two_digits(len(members))} đơn vị thành viên {bloc.short} cùng ký kết Giao ước thi đua năm "
        f"{bloc_year.year} với các nội dung sau:",
        "contents": lines[CovenantSection.CONTENT.value],
        "targets": lines[CovenantSection.TARGET.value],
        "unit_targets": [
            {
                "unit": target.unit.name,
                "content": target.name,
                "target": f"{format_number(target.value, None)} {target.measure}".strip().replace(" %", "%"),
                "note": "",
            }
            for target in sorted(targets, key=lambda t: order.get(t.unit_id, 999))
        ],
        "execution": lines[CovenantSection.EXECUTION.value],
        "closing": covenant.closing
        or f"Thủ trưởng {two_digits(len(members))} đơn vị cam kết tổ chức thực hiện tốt các nội dung đã ký kết",
        "groups": _groups(covenant, bloc_year),
        "witness": _witness(covenant),
    }


def _groups(covenant: Covenant, bloc_year: BlocYear) -> list[dict[str, Any]]:
    """All members in their signing groups, the lead first."""
    signed = {s.unit_id: s for s in covenant.signatures.select_related("unit")}
    lead_words = "Cụm trưởng" if bloc_year.bloc.kind == "cum" else "Trưởng khối"
    boxes: dict[int, list[tuple[tuple[int, int], dict[str, Any]]]] = {}
    for member in members_of(bloc_year):
        row = signed.get(member.unit_id)
        unit_lines = lines_of(member.paper_lines, member.name)
        if member.role == "lead":
            unit_lines = [*unit_lines, f"({lead_words})"]
        note = ""
        if row is not None and row.absence_reason and row.signed_on:
            note = f"Ký ngày {format_date(row.signed_on)}"
        group = row.group_no if row else 1
        order = (0 if member.role == "lead" else 1, row.position if row and row.position else member.position)
        capacity = (row.signer_title if row else "") or member.head_title or "Thủ trưởng đơn vị"
        boxes.setdefault(group, []).append((order, signer(unit_lines, capacity, row.signer_name if row else "", note)))
    several = len(boxes) > 1
    return [
        {
            "caption": f"Nhóm ký {ORDINALS[i] if i < len(ORDINALS) else i + 1}" if several else "",
            "signers": [box for _, box in sorted(boxes[number], key=lambda pair: pair[0])],
        }
        for i, number in enumerate(sorted(boxes))
    ]


def _witness(covenant: Covenant) -> dict[str, Any] | None:
    if not (covenant.witness_name or covenant.witness_body):
        return None
    return {
        "caption": "Chứng kiến ký kết: Cơ quan thường trực Hội đồng Thi đua - Khen thưởng",
        "signer": signer(
            [covenant.witness_body] if covenant.witness_body else [], covenant.witness_title, covenant.witness_name
        ),
    }
