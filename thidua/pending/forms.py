"""Forms of the second person."""

from __future__ import annotations

from thidua.pending.rules import SHORTEST_REASON
from thidua.web.forms import OfficeForm, ReasonField


class RefuseForm(OfficeForm):
    """Why not; the proposer reads it."""

    not_done = "Chưa ghi được"
    reason = ReasonField(
        label="Lý do không đồng ý", help_text=f"Từ {SHORTEST_REASON} ký tự. Người đề nghị đọc được lý do này."
    )
