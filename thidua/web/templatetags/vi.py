"""Numbers, dates and small parts of pages as the office writes them: ``{% load vi %}``."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from thidua.lib import vietnamese

register = template.Library()


def _local(moment: datetime) -> datetime:
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return _local(value).date()
    return value if isinstance(value, date) else None


def _is_past(value: Any) -> bool:
    """Has this very moment gone by? A day without an hour lasts until its end."""
    return isinstance(value, datetime) and timezone.is_aware(value) and value < timezone.now()


# ---------------------------------------------------------------- filters
@register.filter
def sentence(text: Any) -> str:
    """The text with a full stop at its end, unless it ends with a mark already."""
    typed = str(text).rstrip()
    return typed if not typed or typed[-1] in ".!?…:;" else f"{typed}."


@register.filter
def number(value: Any, digits: int | None = None) -> str:
    """1000 -> "1.000", 12.5 -> "12,5"; with an argument that many decimals."""
    return "" if value in (None, "") else vietnamese.format_number(Decimal(value), digits)


@register.filter
def points(value: Any) -> str:
    """Points always carry two decimals: 1016 -> "1.016,00"; nothing for None."""
    return "" if value in (None, "") else vietnamese.format_number(Decimal(value), 2)


@register.filter
def plain_number(value: Any) -> str:
    """As it is typed into a field: no dots between thousands."""
    return "" if value in (None, "") else vietnamese.format_number(Decimal(value), None, thousands=False)


@register.filter
def percent(value: Any) -> str:
    """98.9 -> "98,90%"."""
    return "" if value in (None, "") else vietnamese.format_percent(Decimal(value))


@register.filter
def day(value: Any) -> str:
    """24/11/2026."""
    return vietnamese.format_date(_day(value))


@register.filter
def short_day(value: Any) -> str:
    """Within the running year 27/11, else the whole date."""
    found = _day(value)
    if found is None:
        return ""
    if found.year == timezone.localdate().year:
        return f"{found.day:02d}/{found.month:02d}"
    return vietnamese.format_date(found)


@register.filter
def moment(value: Any) -> str:
    """24/11/2026 14:03:22, local time."""
    if not isinstance(value, datetime):
        return ""
    local = _local(value)
    return f"{vietnamese.format_date(local.date())} {local:%H:%M:%S}"


@register.filter
def clock(value: Any) -> str:
    """14:03:22, local time."""
    return f"{_local(value):%H:%M:%S}" if isinstance(value, datetime) else ""


@register.filter
def until(value: Any) -> str:
    """A limit: "17:00 ngày 27/11/2026" for a moment, "27/11/2026" for a day."""
    if isinstance(value, datetime):
        local = _local(value)
        return f"{local:%H:%M} ngày {vietnamese.format_date(local.date())}"
    return day(value)


@register.filter
def due_words(value: Any) -> str:
    """Quá hạn 1 ngày · Quá giờ hôm nay · Hạn hôm nay · Còn 3 ngày."""
    found = _day(value)
    if found == timezone.localdate() and _is_past(value):
        return "Quá giờ hôm nay"
    return "" if found is None else vietnamese.due_in_words(found, timezone.localdate())


@register.filter
def due_kind(value: Any) -> str:
    """ "late", "soon" (three days or fewer) or "": class of a row of tasks."""
    found = _day(value)
    if found is None:
        return ""
    days = (found - timezone.localdate()).days
    return "late" if days < 0 or _is_past(value) else "soon" if days <= 3 else ""


@register.filter
def ago(value: Any) -> str:
    """When something happened: "14:03" today, "Hôm qua" yesterday, else the short date."""
    if not isinstance(value, datetime):
        return short_day(value)
    local = _local(value)
    days = (timezone.localdate() - local.date()).days
    if days == 0:
        return f"{local:%H:%M}"
    return "Hôm qua" if days == 1 else short_day(value)


@register.filter
def weekday(value: Any) -> str:
    """Thứ Ba."""
    found = _day(value)
    return "" if found is None else vietnamese.weekday(found)


@register.filter
def initials(value: Any) -> str:
    """ "Lê Văn Bình (mẫu)" -> "B."."""
    return vietnamese.initials(str(value or ""))


@register.filter
def item(mapping: Any, key: Any) -> Any:
    """``{{ labels|item:code }}``: the value, or nothing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return ""


@register.filter
def is_check(field: BoundField) -> bool:
    """Is the field a single tick box? Its label stands behind it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox" and not hasattr(field.field, "choices")


@register.filter
def is_group(field: BoundField) -> bool:
    """Several controls under one name: needs a fieldset with a legend."""
    return bool(field.use_fieldset)


# ------------------------------------------------------------------- tags
@register.simple_tag
def form_key() -> SafeString:
    """The one-time key of a POST form: a second press of its button changes nothing."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid.uuid4())


TAG_KINDS = ("wait", "now", "ok", "warn", "bad", "lock")


@register.inclusion_tag("components/_tag.html")
def badge(kind: str, label: Any) -> dict[str, Any]:
    """``{% badge "ok" "Đã nộp" %}``: one of the six kinds, sign and word."""
    if kind not in TAG_KINDS:
        raise template.TemplateSyntaxError(f"badge: {kind!r} is none of {TAG_KINDS}")
    return {"kind": kind, "label": label}


@register.simple_tag(takes_context=True)
def active(context: Context, name: str, value: str) -> SafeString | str:
    """``{% active "tab" "grid" %}``: aria-current where the context variable has that value."""
    return format_html('aria-current="{}"', "page") if context.get(name) == value else ""


def url_or_empty(names: str, *args: Any, **kwargs: Any) -> str:
    """Address of the first of these (blank-separated) names that exists, else ""."""
    for name in names.split():
        try:
            return reverse(name, args=args or None, kwargs=kwargs or None)
        except NoReverseMatch:
            continue
    return ""


@register.simple_tag
def address(names: str, *args: Any, **kwargs: Any) -> str:
    """``{% address "blocs:covenant" id as url %}``: "" instead of a fault while a page does not exist yet."""
    return url_or_empty(names, *args, **kwargs)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The address's query with changes, for pagers and filters: ``?{% query page=3 %}``; None drops a name."""
    request = context.get("request")
    asked = request.GET.copy() if request is not None else None
    if asked is None:
        return ""
    for name, value in changes.items():
        if value is None or value == "":
            asked.pop(name, None)
        else:
            asked[name] = str(value)
    return asked.urlencode()
