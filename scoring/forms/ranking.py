"""Forms of the ranking page: locking, asking to unlock, the drawn order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from scoring.queries.table import Column
from thidua.accounts.reauth import PasswordConfirmMixin
from thidua.web.forms import CountField, LineField, OfficeForm, ReasonField


class LockTableForm(PasswordConfirmMixin):
    """The password, and the hash of the table the person saw."""

    not_done = "Chưa chốt được"
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)


class UnlockTableForm(PasswordConfirmMixin):
    not_done = "Chưa đề nghị được"
    reason = ReasonField(label="Lý do mở lại", max_length=400)


class LotsForm(OfficeForm):
    """An order for each unit still equal, and the minutes of the drawing."""

    reference = LineField(label="Biên bản bốc thăm", max_length=200, help_text="Ghi số, ngày của biên bản.")

    def __init__(self, *args: Any, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = columns
        for column in columns:
            self.fields[f"unit_{column.unit_id}"] = CountField(
                label=column.name, min_value=1, max_value=200, required=False, initial=column.lot_order
            )

    @property
    def orders(self) -> dict[int, int]:
        """Unit -> drawn order, of the units that have one."""
        found = {c.unit_id: self.cleaned_data.get(f"unit_{c.unit_id}") for c in self.columns}
        return {unit_id: order for unit_id, order in found.items() if order}
