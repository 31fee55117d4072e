"""``{{ session.user_agent|browser }}``: "Chrome trên Windows", so that a person knows the own machine again."""

from __future__ import annotations

from django import template

register = template.Library()
# In this order: every browser also names those it descends from.
_BROWSERS = (
    ("Edg", "Edge"), ("coc_coc", "Cốc Cốc"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)  # fmt: skip


@register.filter
def browser(agent: str) -> str:
    """Browser and system in words; an unknown one as it calls itself, cut."""
    name = next((words for mark, words in _BROWSERS if mark.lower() in agent.lower()), "")
    system = next((words for mark, words in _SYSTEMS if mark in agent), "")
    if name and system:
        return f"{name} trên {system}"
    return name or system or agent[:40] or "Không rõ"
