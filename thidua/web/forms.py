"""The base of every form and the fields through which dates, numbers and text come in.

``{{ form }}`` renders an error summary with links, then each field: label above, hint, control, message.
Fields that may stay empty say "(không bắt buộc)". Reading is strict and goes through ``thidua.lib.vietnamese``:
nothing is guessed, nothing is silently changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.utils import timezone

from thidua.lib import vietnamese
from thidua.lib.errors import RuleViolation

DATE_HINT = "Nhập theo dạng ngày/tháng/năm, ví dụ 03/12/2026."
_BLANK = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]*")
TIME_HINT = "Ngày trước, giờ sau, ví dụ 03/12/2026 và 14:00."


class OfficeRenderer(TemplatesSetting):
    """Forms and fields look the same everywhere."""

    form_template_name = "components/_form.html"
    field_template_name = "components/_field.html"


class OfficeForm(forms.Form):
    """Base of every form of ours.

    ``title`` of the error summary may be set by a subclass (``not_done``). Hidden fields (revision, form key of
    a row) are rendered without a label. The ``<form>`` element, the CSRF token and ``{% form_key %}`` belong to
    the template.
    """

    default_renderer = OfficeRenderer
    use_required_attribute = False
    required_css_class = "is-required"
    not_done = "Chưa lưu được"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            _dress(field)
            _speak_vietnamese(field, str(field.label or name))

    @property
    def helper(self) -> FormHelper:
        """For ``{% crispy form %}``: the same fields, without a second form element or token."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.disable_csrf = True
        helper.include_media = False
        helper.form_show_errors = False
        helper.field_template = "components/_field.html"
        return helper

    def faults(self) -> list[tuple[str, str, str]]:
        """For the error summary: (id of the control or "", label or "", message), in the order of the page."""
        found = [("", "", message) for message in self.non_field_errors()]
        for bound in self:
            found += [(_target(bound), str(bound.label), _named(str(bound.label), message)) for message in bound.errors]
        return found


def _named(label: str, message: str) -> str:
    """The sentence of the summary, which stands far from its field, names the field."""
    return message if not label or label.lower() in message.lower() else f"{label}: {message}"


def _target(bound: forms.BoundField) -> str:
    """The id a link of the summary jumps to: of several controls the first."""
    widget = bound.field.widget
    if isinstance(widget, forms.MultiWidget | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return str(bound.auto_id)


def _dress(field: forms.Field) -> None:
    widgets = field.widget.widgets if isinstance(field.widget, forms.MultiWidget) else [field.widget]
    for widget in widgets:
        if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
            css = "form-check-input"
        elif isinstance(widget, forms.Select):
            css = "form-select"
        elif widget.is_hidden:
            continue
        else:
            css = "form-control"
        had = widget.attrs.get("class", "")
        if css not in had.split():
            widget.attrs["class"] = f"{had} {css}".strip()
    if isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        field.widget.template_name = "components/_options.html"
        field.widget.option_template_name = "django/forms/widgets/input.html"
    if isinstance(field.widget, forms.Textarea) and field.widget.attrs.get("rows") in (None, "10"):
        field.widget.attrs["rows"] = "4"
        field.widget.attrs.pop("cols", None)


def _speak_vietnamese(field: forms.Field, label: str) -> None:
    ours = {"required": f"{label}: chưa nhập. Đây là phần cần có."}
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
        ours["required"] = f"{label}: chưa chọn."
        ours["invalid_choice"] = f"{label}: lựa chọn này không còn trong danh sách. Chọn lại."
    if isinstance(field, forms.FileField):
        ours["required"] = f"{label}: chưa chọn tệp."
    defaults: dict[str, Any] = {}
    for base in reversed(type(field).__mro__):
        defaults.update(getattr(base, "default_error_messages", {}))
    for code, sentence in ours.items():
        if str(field.error_messages.get(code, "")) == str(defaults.get(code, "")):
            field.error_messages[code] = sentence
    for limit in field.validators:
        if getattr(limit, "code", "") == "max_length":
            limit.message = _TooLong(label)


class _TooLong:
    """Message with both figures, filled by the validator."""

    def __init__(self, label: str) -> None:
        self.label = label

    def __mod__(self, params: Mapping[str, Any]) -> str:
        return f"{self.label}: dài {params['show_value']} ký tự, nhiều nhất {params['limit_value']} ký tự. Rút gọn bớt."

    def __str__(self) -> str:
        return f"{self.label}: quá dài. Rút gọn bớt."


def _read(reader: Any, typed: str) -> Any:
    """Run a strict reader; its refusal becomes the message beside the field."""
    try:
        return reader(typed)
    except RuleViolation as refusal:
        raise ValidationError(refusal.message, code=refusal.code) from None


# ------------------------------------------------------------------- text
class LineField(forms.CharField):
    """One line of text: NFC, no control characters, line breaks become blanks (B45-B56)."""

    def __init__(self, *, max_length: int = 255, min_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, min_length=min_length, strip=True, **kwargs)
        self.validators = [v for v in self.validators if getattr(v, "code", "") != "null_characters_not_allowed"]

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return _read(lambda typed: vietnamese.clean_text(typed, one_line=True), text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        # The browser would cut a paste silently at maxlength: the whole text comes in and is refused with a word.
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        attrs.pop("minlength", None)
        return attrs


class TextField(LineField):
    """Several lines of text: NFC, no control characters, ends of lines trimmed."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = 5000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        return _read(vietnamese.clean_text, forms.CharField.to_python(self, value))


class ReasonField(TextField):
    """A reason that is kept and printed: at least ten characters (B61)."""

    def __init__(self, *, max_length: int = 1000, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Lý do")
        super().__init__(max_length=max_length, **kwargs)

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and len(value) < 10:
            raise ValidationError(
                f"{self.label}: mới có {len(value)} ký tự. Viết rõ hơn, từ 10 ký tự.", code="reason-short"
            )


# ---------------------------------------------------------------- numbers
class PointsField(forms.Field):
    """A number of points or a share, exact; "9,5" and "9.5" both mean nine and a half (B01-B26).

    ``places``: decimals allowed. ``max_value`` and ``min_value`` are for comfort; the rule decides.
    """

    widget = forms.TextInput

    def __init__(
        self,
        *,
        max_value: Decimal | int | None = None,
        min_value: Decimal | int = 0,
        places: int = 2,
        **kwargs: Any,
    ) -> None:
        self.max_value, self.min_value, self.places = max_value, min_value, places
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal | int) and not isinstance(value, bool):
            return vietnamese.format_number(Decimal(value), None, thousands=False)
        return value

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        typed = str(value)
        if _BLANK.fullmatch(typed):
            return None
        number: Decimal = _read(vietnamese.parse_number, typed)
        if max(0, -int(number.as_tuple().exponent)) > self.places:
            raise ValidationError(
                f"“{typed.strip()[:40]}” có nhiều hơn {self.places} chữ số sau dấu phẩy.", code="places"
            )
        return number

    def validate(self, value: Decimal | None) -> None:
        super().validate(value)
        if value is None:
            return
        shown = vietnamese.format_number(value, None)
        low = vietnamese.format_number(Decimal(self.min_value), None)
        if self.max_value is not None and value > self.max_value:
            high = vietnamese.format_number(Decimal(self.max_value), None)
            raise ValidationError(f"{shown} lớn hơn mức tối đa {high}. Nhập số từ {low} đến {high}.", code="above")
        if value < self.min_value:
            raise ValidationError(f"{shown} nhỏ hơn mức tối thiểu {low}.", code="below")

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class CountField(forms.Field):
    """A whole number 0 … 999 999 999; "1.0" is refused (B29, B30)."""

    widget = forms.TextInput

    def __init__(self, *, min_value: int = 0, max_value: int = 999_999_999, **kwargs: Any) -> None:
        self.min_value, self.max_value = min_value, max_value
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> int | None:
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        typed = str(value)
        if _BLANK.fullmatch(typed):
            return None
        return _read(vietnamese.parse_count, typed)

    def validate(self, value: int | None) -> None:
        super().validate(value)
        if value is not None and not self.min_value <= value <= self.max_value:
            raise ValidationError(
                f"{value} nằm ngoài khoảng. Nhập số nguyên từ {self.min_value} đến {self.max_value}.", code="range"
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


class YearField(CountField):
    """A year in four digits, 1945 … 2100 (B39)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Năm")
        super().__init__(min_value=vietnamese.FIRST_YEAR, max_value=vietnamese.LAST_YEAR, **kwargs)

    def to_python(self, value: Any) -> int | None:
        if isinstance(value, str) and value.strip() and not re.fullmatch(r"\s*[0-9]{4}\s*", value, re.ASCII):
            raise ValidationError(
                f"“{value.strip()[:40]}” không phải năm. Nhập bốn chữ số, ví dụ 2026.", code="year-invalid"
            )
        return super().to_python(value)


# ------------------------------------------------------------------ dates
class DateInput(forms.TextInput):
    """One text field, dd/mm/yyyy; app.js may put a picker beside it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"autocomplete": "off", "inputmode": "text", "data-thidua-date": "", "size": "12", **(attrs or {})}
        )


class DateField(forms.Field):
    """A day, day first: 31/12/2026, 31-12-2026, 31.12.2026; 1945 … 2100 (B31-B37)."""

    widget = DateInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", DATE_HINT)
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime):
            value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
        return vietnamese.format_date(value) if isinstance(value, date) else value

    def to_python(self, value: Any) -> date | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        typed = str(value)
        if _BLANK.fullmatch(typed):
            return None
        return _read(vietnamese.parse_date, typed)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True


_TIME = re.compile(r"^([0-9]{1,2})(?:[:hH]|giờ|g)?([0-9]{2})?(?:phút|p)?$", re.ASCII)


def parse_time(text: str) -> time:
    """Read "14:00", "14h30", "14 giờ 30", "14 giờ". RuleViolation ``time-invalid`` otherwise."""
    typed = re.sub(r"\s+", "", vietnamese.clean_text(text, one_line=True)).lower()
    found = _TIME.fullmatch(typed)
    if found and not re.fullmatch(r"[0-9]{3,}", typed):
        hour, minute = int(found[1]), int(found[2] or 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise RuleViolation(
        "time-invalid", f"“{text.strip()[:40]}” không phải giờ. Nhập giờ và phút, ví dụ 14:00 hoặc 14 giờ 30."
    )


def _is_hour(text: str, hour: time | None) -> bool:
    try:
        return hour is not None and parse_time(text) == hour
    except RuleViolation:
        return False


class DateTimeInput(forms.MultiWidget):
    """A day and an hour side by side, each with its own name for screen readers."""

    template_name = "components/_date_time.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            [
                DateInput({"aria-label": "Ngày"}),
                forms.TextInput({"autocomplete": "off", "size": "6", "aria-label": "Giờ"}),
            ],
            attrs,
        )

    usual_hour: time | None = None

    def decompress(self, value: Any) -> list[str]:
        if isinstance(value, datetime):
            local = timezone.localtime(value) if timezone.is_aware(value) else value
            return [vietnamese.format_date(local.date()), f"{local.hour:02d}:{local.minute:02d}"]
        return ["", f"{self.usual_hour:%H:%M}" if self.usual_hour else ""]


class DateTimeField(forms.MultiValueField):
    """A day and an hour, as an aware moment in the office's time zone.

    ``usual_hour`` stands in the empty field from the start; left as it is without a day it means nothing was given.
    """

    widget = DateTimeInput

    def __init__(self, *, usual_hour: time | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", TIME_HINT)
        parts = (DateField(help_text=""), LineField(max_length=20))
        super().__init__(fields=parts, require_all_fields=False, **kwargs)
        self.usual_hour = self.widget.usual_hour = usual_hour

    def clean(self, value: Any) -> datetime | None:
        day_text, hour_text = (list(value or []) + ["", ""])[:2] if not isinstance(value, datetime) else ("", "")
        if isinstance(value, datetime):
            return value
        day = self.fields[0].to_python(day_text)
        hour_text = (hour_text or "").strip()
        if day is None and not hour_text:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if day is None and not self.required and _is_hour(hour_text, self.usual_hour):
            return None
        if day is None:
            raise ValidationError("Đã có giờ nhưng chưa có ngày. Nhập cả ngày.", code="date-missing")
        if not hour_text:
            raise ValidationError("Đã có ngày nhưng chưa có giờ. Nhập cả giờ, ví dụ 14:00.", code="time-missing")
        hour = _read(parse_time, hour_text)
        return timezone.make_aware(datetime.combine(day, hour), timezone.get_default_timezone())


# ---------------------------------------------------------------- choices
def choices_of(words: Mapping[str, str], empty: str | None = "Chọn trong danh sách") -> list[tuple[str, str]]:
    """Choices out of a mapping of labels, with a first line that chooses nothing unless ``empty`` is None."""
    return ([("", empty)] if empty is not None else []) + list(words.items())


class RevisionField(forms.IntegerField):
    """The revision a form was opened with; the action compares it under lock."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=2_000_000_000, localize=False, **kwargs)
