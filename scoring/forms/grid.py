"""Forms of the grid: what a script sends for a cell, the whole page as a form, a step's limit, handing in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any
from uuid import UUID

from django import forms

from scoring.actions.sheet import CellWrite, Outcome
from scoring.queries.grid import Grid
from thidua.accounts.reauth import PasswordConfirmMixin
from thidua.lib.errors import RuleViolation
from thidua.web.forms import DateTimeField, LineField, OfficeForm, RevisionField, TextField

LONGEST_TEXT = 200
MOST_CELLS = 500
_BIG = 2**53


class CellForm(forms.Form):
    """One cell as the page's script sends it; ``text`` is read by the rule of its criterion."""

    sheet = forms.IntegerField(min_value=1, max_value=_BIG)
    criterion = forms.IntegerField(min_value=1, max_value=_BIG)
    buoc = forms.CharField(max_length=20)
    text = forms.CharField(max_length=LONGEST_TEXT, required=False, strip=False)
    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    key = forms.UUIDField()
    note = forms.CharField(required=False, max_length=4000)
    evidence = forms.CharField(required=False, max_length=20000)

    def told(self, name: str) -> str | None:
        """The text of a field that was sent, else None: what is not sent stays."""
        return self.cleaned_data[name] if name in self.data else None


@dataclass(frozen=True, slots=True)
class Block:
    """A pasted block as the page's script sends it."""

    stage: str
    key: UUID
    writes: tuple[CellWrite, ...]


def read_block(body: bytes) -> Block:
    """RuleViolation ``block-invalid`` for anything but ``{"buoc", "key", "cells": [[sheet, criterion, text,
    revision], …]}``."""
    try:
        data = json.loads(body)
        cells = data["cells"]
        if not isinstance(cells, list) or not 0 < len(cells) <= MOST_CELLS:
            raise ValueError(len(cells))
        writes = tuple(_write(*cell) for cell in cells)
        return Block(str(data["buoc"])[:20], UUID(str(data["key"])), writes)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RuleViolation("block-invalid", "Khối dán không đọc được. Tải lại trang rồi dán lại.") from error


def _write(sheet: Any, criterion: Any, text: Any, revision: Any) -> CellWrite:
    numbers = (sheet, criterion, revision)
    if not all(type(n) is int and 0 <= n < _BIG for n in numbers) or not isinstance(text, str):
        raise ValueError(numbers)
    if revision >= 2**31:
        raise ValueError(revision)
    return CellWrite(sheet, criterion, text[: LONGEST_TEXT + 1], revision)


class WholeGridForm:
    """The page as one form without scripts: ``c-<sheet>-<criterion>`` the text, ``r-…`` the revision shown."""

    def __init__(self, data: Any, grid: Grid) -> None:
        self.typed = {name: str(value) for name, value in data.items() if re.fullmatch(r"c-\d+-\d+", name, re.ASCII)}
        self.data = data
        self.grid = grid

    def changed(self) -> tuple[CellWrite, ...]:
        """The cells whose text differs from the one held (or was typed over an older one)."""
        writes = []
        for place, column in enumerate(self.grid.columns):
            for row in self.grid.rows:
                name = f"{column.sheet_id}-{row.criterion.id}"
                typed = self.typed.get(f"c-{name}")
                if typed is None or not row.is_leaf:
                    continue
                held = row.cells[place]
                revision = str(self.data.get(f"r-{name}", ""))
                seen = int(revision) if re.fullmatch(r"[0-9]{1,9}", revision, re.ASCII) else held.revision
                if typed.strip() != held.text:
                    writes.append(CellWrite(column.sheet_id or 0, row.criterion.id, typed[: LONGEST_TEXT + 1], seen))
        return tuple(writes)

    def refused(self, outcomes: Sequence[Outcome]) -> dict[str, tuple[str, str, str]]:
        """Name of the field -> (unit and criterion, typed text, why), of the cells that were not saved."""
        found = {}
        units = {c.sheet_id: c.column.short for c in self.grid.columns}
        codes = {r.criterion.id: r.full_code for r in self.grid.rows}
        for outcome in outcomes:
            if outcome.refusal is None:
                continue
            write = outcome.write
            name = f"{write.sheet_id}-{write.criterion_id}"
            typed = self.typed.get(f"c-{name}", "")
            sentence = outcome.refusal.message
            theirs = outcome.refusal.details.get("theirs")
            if theirs is not None:
                sentence = f"Bạn nhập {typed or 'ô trống'}; ô đang giữ {theirs or 'ô trống'}. {sentence}"
            found[name] = (f"{units[write.sheet_id]}, {codes[write.criterion_id]}", typed, sentence)
        return found


class OpenStageForm(OfficeForm):
    """When the step ends; without a limit it stays open until it is closed.

    The hour stands at the usual end of a working day, in sight, before anything is typed; alone it says nothing.
    """

    not_done = "Chưa mở được"
    closes_at = DateTimeField(
        label="Hạn của bước",
        required=False,
        usual_hour=time(17),
        help_text="Nhập ngày, ví dụ 03/12/2026. Giờ ghi sẵn 17:00, sửa được. Không nhập ngày thì không có hạn.",
    )


class OpenStageWithPasswordForm(OpenStageForm, PasswordConfirmMixin):
    """The same by a person who answers for it with the password."""


class CellNotesForm(OfficeForm):
    """The note and the list of evidence of one cell; the entry itself stays as it is."""

    revision = RevisionField()
    note = LineField(label="Ghi chú", max_length=600, required=False)
    evidence = TextField(
        label="Minh chứng",
        max_length=4000,
        required=False,
        help_text="Mỗi dòng một tài liệu, ghi số, ngày và tên.",
    )
