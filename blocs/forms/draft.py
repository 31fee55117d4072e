"""Forms of long drafts: a head, one row a member unit, and lists of rows; all of it one form on one page.

A row's place in its list is the number typed into "Thứ tự" (moved rows get theirs by script); a row left blank is no
row. Nothing is required but what the draft could not do without.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict

from blocs.rules.drafts import Pick, Piece, differences, digests, word_diff
from thidua.lib.errors import RuleViolation
from thidua.lib.vietnamese import format_date, format_number
from thidua.web.forms import CountField, LineField, OfficeForm, RevisionField, parse_time

MOST_ROWS = 120
BLANK_ROWS = 2
PICK = "pick-"
# What the page sends about itself: not content, so never repeated in a form that compares two versions.
MACHINE = {"csrfmiddlewaretoken", "form_key", "revision", "base", "save_key", "after_key"}


class TimeField(LineField):
    """An hour of the day: "14:00", "14h30", "14 giờ 30"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)
        self.widget.attrs["size"] = "8"

    def prepare_value(self, value: Any) -> Any:
        return f"{value:%H:%M}" if isinstance(value, time) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_time(text)
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from None

    def run_validators(self, value: Any) -> None:
        """Lengths are those of the typed text; what was read is an hour."""


class RowForm(OfficeForm):
    """One row. ``columns``: the fields that make the stored row; ``needed``: at least one of them must be there."""

    columns: ClassVar[tuple[str, ...]] = ()
    needed: ClassVar[tuple[str, ...]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}
    missing = "Chưa nhập nội dung của dòng này."

    def is_blank(self) -> bool:
        cleaned = getattr(self, "cleaned_data", {})
        return all(cleaned.get(name) in (None, "", False, self.defaults.get(name)) for name in self.columns)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.is_blank() and not any(cleaned.get(name) for name in self.needed):
            self.add_error(self.needed[0], forms.ValidationError(self.missing, code="row-incomplete"))
        return cleaned

    def row(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.columns}


class ListRowForm(RowForm):
    """A row of an ordered list."""

    position = CountField(label="Thứ tự", required=False, max_value=9999)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([name for name in self.fields if name != "position"] + ["position"])
        self.fields["position"].widget.attrs["size"] = "4"


class RowList:
    """The rows of one list: those stored (or sent), and a few blank ones. Bounded, whatever is sent."""

    def __init__(
        self,
        name: str,
        row_class: type[ListRowForm],
        data: QueryDict | None,
        rows: Sequence[Mapping[str, Any]],
        **extra: Any,
    ) -> None:
        self.name, self.row_class, self.extra = name, row_class, extra
        self.asked = self._count(data) if data is not None else 0
        if data is None:
            stored = [self._form(i, None, {**row, "position": i + 1}) for i, row in enumerate(rows)]
            self.forms = stored + [self._form(len(stored) + i, None, {}) for i in range(BLANK_ROWS)]
        else:
            self.forms = [self._form(i, data, {}) for i in range(min(self.asked, MOST_ROWS))]

    def _form(self, index: int | str, data: QueryDict | None, initial: Mapping[str, Any]) -> ListRowForm:
        return self.row_class(data, prefix=f"{self.name}-{index}", initial=dict(initial), **self.extra)

    def _count(self, data: QueryDict) -> int:
        typed = data.get(f"{self.name}-total", "0")
        return int(typed) if re.fullmatch(r"[0-9]{1,4}", typed, re.ASCII) else 0

    @property
    def total(self) -> int:
        return len(self.forms)

    @property
    def blank(self) -> ListRowForm:
        """What a script copies for one more row."""
        return self._form("__i__", None, {})

    @property
    def is_too_long(self) -> bool:
        """Were more rows sent than are read? Then nothing is saved, rather than the last ones dropped."""
        return self.asked > MOST_ROWS

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in self.forms]  # every row is read, so that all faults are told at once
        return all(valid) and not self.is_too_long

    def rows(self) -> list[dict[str, Any]]:
        """The rows that are not blank, by their numbers; rows without one stay where they stand, at the end."""
        filled = [(form.cleaned_data.get("position"), i, form) for i, form in enumerate(self.forms)]
        filled.sort(key=lambda entry: (entry[0] is None, entry[0] or 0, entry[1]))
        return [form.row() for _, _, form in filled if not form.is_blank()]


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One member unit's row of the page."""

    unit_id: int
    name: str
    short: str
    form: RowForm


@dataclass(frozen=True, slots=True)
class ConflictPart:
    """One part that two versions hold differently, ready to be shown side by side."""

    part: str
    label: str
    mine: tuple[Piece, ...]
    theirs: tuple[Piece, ...]
    suggested: str
    changed_by_both: bool
    joinable: bool


class DraftForm:
    """Everything of one draft. ``content()`` gives the parts as ``queries`` do, so the two can be compared."""

    not_done = "Chưa lưu được"
    head_class: ClassVar[type[OfficeForm]]
    unit_class: ClassVar[type[RowForm] | None] = None
    unit_prefix: ClassVar[str] = ""
    list_classes: ClassVar[Mapping[str, type[ListRowForm]]] = {}
    list_labels: ClassVar[Mapping[str, str]] = {}
    jumps: ClassVar[tuple[tuple[str, str], ...]] = ()  # (id, label) of the page's sections, for a long page

    def __init__(
        self,
        data: QueryDict | None,
        *,
        content: Mapping[str, Any],
        revision: int,
        units: Sequence[tuple[int, str, str]] = (),
    ) -> None:
        self.data, self.stored = data, content
        names = self.head_class.base_fields
        self.head = self.head_class(data, initial={name: content[name] for name in names if name in content})
        self.units = {unit_id: (name, short) for unit_id, name, short in units}
        self.unit_rows = tuple(self._unit_rows(content))
        self.lists = {
            name: RowList(name, row_class, data, content[name], **self._extra(row_class))
            for name, row_class in self.list_classes.items()
        }
        self.current = revision
        self.page = _PageForm(data, initial={"revision": revision, "base": json.dumps(digests(content))})

    def _extra(self, row_class: type[RowForm]) -> dict[str, Any]:
        choices = [("", "Chọn đơn vị")] + [(str(i), short) for i, (_, short) in self.units.items()]
        return {"units": choices} if getattr(row_class, "takes_units", False) else {}

    def _unit_rows(self, content: Mapping[str, Any]) -> Iterator[UnitRow]:
        if self.unit_class is None:
            return
        for part, row in content.items():
            if part.startswith(f"{self.unit_prefix}:"):
                unit_id = int(part.partition(":")[2])
                name, short = self.units.get(unit_id, (f"Đơn vị {unit_id}", f"Đơn vị {unit_id}"))
                form = self.unit_class(self.data, prefix=f"{self.unit_prefix}-{unit_id}", initial=self._initial(row))
                yield UnitRow(unit_id, name, short, form)

    def _initial(self, row: Mapping[str, Any] | None) -> dict[str, Any]:
        return dict(row or {})

    def _unit_value(self, form: RowForm) -> Any:
        return form.row()

    # ------------------------------------------------------------ reading
    def _forms(self) -> Iterator[tuple[str, OfficeForm]]:
        yield "", self.head
        for unit in self.unit_rows:
            yield unit.short, unit.form
        for name, rows in self.lists.items():
            for i, form in enumerate(rows.forms, 1):
                yield f"{self.list_labels.get(name, name)}, dòng {i}", form

    def is_valid(self) -> bool:
        if self.data is None:
            return False
        valid = [self.page.is_valid(), *(form.is_valid() for _, form in self._forms())]
        return all(valid) and not any(rows.is_too_long for rows in self.lists.values())

    @property
    def is_bound(self) -> bool:
        return self.data is not None

    @property
    def errors(self) -> bool:
        """Is there anything for the summary of errors?"""
        return self.is_bound and bool(self.faults())

    @property
    def fields(self) -> Mapping[str, Any]:
        return self.head.fields

    def add_error(self, field: str | None, error: Any) -> None:
        self.head.add_error(field, error)

    def faults(self) -> list[tuple[str, str, str]]:
        """(id of the control, label, sentence) in the order of the page; a row's sentence says which row."""
        found = [("", "", "Trang này đã cũ. Tải lại trang rồi ghi tiếp.")] if self.page.errors else []
        for name, rows in self.lists.items():
            if rows.is_too_long:
                label = self.list_labels.get(name, name)
                found.append(
                    ("", "", f"{label}: nhiều nhất {MOST_ROWS} dòng một lần lưu. Bỏ bớt dòng trống rồi lưu lại.")
                )
        for where, form in self._forms():
            found += [(i, label, f"{where}: {text}" if where else text) for i, label, text in form.faults()]
        return found

    def content(self) -> dict[str, Any]:
        """The parts as typed, once ``is_valid()``."""
        parts = dict(self.head.cleaned_data)
        parts |= {f"{self.unit_prefix}:{u.unit_id}": self._unit_value(u.form) for u in self.unit_rows}
        return parts | {name: rows.rows() for name, rows in self.lists.items()}

    def sending(self) -> dict[str, Any]:
        """What an action wants to know about this sending, besides the content."""
        page = self.page.cleaned_data
        return {
            "revision": page["revision"],
            "key": page["save_key"],
            "after_key": page["after_key"],
            "picks": self.picks(),
        }

    def picks(self) -> dict[str, str]:
        found = {name.removeprefix(PICK): value for name, value in (self.data or {}).items() if name.startswith(PICK)}
        return {part: value for part, value in found.items() if value in set(Pick)}

    # ----------------------------------------------------------- comparing
    def kept(self) -> list[tuple[str, str]]:
        """Everything typed, to be sent again with the choices."""
        if not isinstance(self.data, QueryDict):
            return []
        return [
            (name, value)
            for name, values in self.data.lists()
            if name not in MACHINE and not name.startswith(PICK)
            for value in values
        ]

    def conflict(self, stored: Mapping[str, Any]) -> tuple[ConflictPart, ...]:
        """The parts that differ from what is stored now; the shown texts are in words."""
        found = []
        for one in differences(self.content(), stored, self.page.marks()):
            mine, theirs = word_diff(self.words(one.part, one.mine), self.words(one.part, one.theirs))
            found.append(
                ConflictPart(
                    one.part,
                    self.label(one.part),
                    mine,
                    theirs,
                    one.suggested.value,
                    one.changed_by_both,
                    one.joinable and self.can_join(one.part),
                )
            )
        return tuple(found)

    def can_join(self, part: str) -> bool:
        """Lists and texts of several lines can stand one after the other; a title cannot."""
        if part in self.lists:
            return True
        field = self.head.fields.get(part)
        return field is not None and isinstance(field.widget, forms.Textarea)

    def label(self, part: str) -> str:
        if part in self.head.fields:
            return str(self.head.fields[part].label)
        if part in self.list_labels:
            return self.list_labels[part]
        unit_id = part.partition(":")[2]
        return self.units[int(unit_id)][0] if unit_id.isdecimal() and int(unit_id) in self.units else part

    def words(self, part: str, value: Any) -> str:
        """A part's value as text, a line a row."""
        if isinstance(value, (list, tuple)):
            return "\n".join(self.words(part, row) for row in value)
        if isinstance(value, Mapping):
            texts = [self._cell(part, name, item) for name, item in value.items()]
            return " · ".join(text for text in texts if text)
        return self._cell(part, part, value)

    def _cell(self, part: str, name: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "có" if value else "không"
        if isinstance(value, date):
            return format_date(value)
        if isinstance(value, time):
            return f"{value:%H:%M}"
        if isinstance(value, Decimal):
            return format_number(value, None)
        if name in ("unit_id", "owner_id"):
            return self.units.get(value, ("", ""))[1]
        return str(self.choice_words(part, name).get(value, value))

    def choice_words(self, part: str, name: str) -> Mapping[Any, str]:
        """Words of a code value, where the part has any."""
        source = self.list_classes.get(part, self.head_class)
        field = source.base_fields.get(name)
        return dict(field.choices) if isinstance(field, forms.ChoiceField) else {}


class _PageForm(OfficeForm):
    """What the page tells about itself: the revision it was opened at, the marks of that version, the sending."""

    revision = RevisionField()
    base = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)
    save_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    after_key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def marks(self) -> dict[str, str]:
        """Part -> mark; nothing where the field was lost or tampered with: then all differing parts are shown."""
        try:
            found = json.loads(self.cleaned_data.get("base") or "{}")
        except ValueError:
            return {}
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def unit_choice(value: Any) -> int | None:
    """The chosen unit's id, or nothing."""
    return int(value) if str(value or "").isdecimal() else None
