"""``{% load audit_tags %}{% history_panel "scoring.schemeversion" version.pk %}``"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template

from thidua.audit.models import Event
from thidua.audit.queries import history_of
from thidua.audit.sentences import sentences

register = template.Library()


@register.inclusion_tag("components/_history.html")
def history_panel(label: str, subject_id: object, limit: int = 20, title: str = "Lịch sử") -> dict[str, Any]:
    """The newest events of one object, one sentence each. One query."""
    return {"events": sentences(history_of(label, subject_id, limit)), "title": title}


@register.inclusion_tag("components/_history.html")
def history_list(events: Iterable[Event], title: str = "Lịch sử") -> dict[str, Any]:
    """The same for events the view has fetched, with what each is about."""
    return {"events": sentences(events, with_subject=True), "title": title}
