"""Filling and reading the forms of long drafts in tests."""

from __future__ import annotations

from datetime import date, time
from html.parser import HTMLParser
from typing import Any

from blocs.actions.covenant import agree_covenant, create_covenant, save_covenant
from blocs.actions.meeting import create_meeting, save_meeting
from blocs.models import Covenant, Meeting
from blocs.queries.bloc import members_of
from blocs.queries.covenant import signature_part
from blocs.queries.meeting import meeting_content, member_part
from tests.personas import World


class _Fields(HTMLParser):
    """What a browser would send of the page's main form (the one with a revision)."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.select = self.area = ""
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "template":
            self.hidden += 1
        if self.hidden:
            return
        if tag == "form":
            self.forms.append({})
        if not self.forms:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            self.forms[-1][name] = given.get("value", "")
        if tag == "select":
            self.select = name
        if tag == "option" and self.select and ("selected" in given or self.select not in self.forms[-1]):
            self.forms[-1][self.select] = given.get("value", "")
        if tag == "textarea":
            self.area = name
            self.forms[-1][name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "template":
            self.hidden -= 1
        if tag == "select":
            self.select = ""
        if tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area and not self.hidden:
            self.forms[-1][self.area] += data.removeprefix("\n")


def fields_of(page: str) -> dict[str, str]:
    """Names and values of the form that carries a revision."""
    parser = _Fields()
    parser.feed(page)
    return next(form for form in parser.forms if "revision" in form)


def meeting_content_of(world: World, meeting: Meeting) -> dict[str, Any]:
    return meeting_content(meeting, members_of(meeting.bloc_year))


PRESENT = {"is_present": True, "person": "", "office": "", "head_count": 1, "note": ""}


def ready_meeting(world: World, **other: Any) -> Meeting:
    """A year-end conference with all that approval asks for, held in the past."""
    meeting = create_meeting(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, kind="year_end")
    content: dict[str, Any] = {
        "place": "Hội trường Sở Giáo dục và Đào tạo",
        "held_on": date(2026, 1, 15),
        "starts_at": time(14),
        "ends_at": time(16, 30),
        "chair_name": "Trần Văn Bình (mẫu)",
        "secretary_name": "Nguyễn Thị An (mẫu)",
        **{member_part(unit.pk): dict(PRESENT) for unit in world.units},
        **other,
    }
    return save_meeting(by=world.actor("an"), meeting_id=meeting.pk, revision=1, content=content)


def signature(day: date | None = date(2026, 1, 15), reason: str = "", group: int = 1) -> dict[str, Any]:
    return {
        "group_no": group,
        "position": 0,
        "signer_name": "",
        "signer_title": "Giám đốc",
        "signed_on": day,
        "absence_reason": reason,
    }


def agreed_covenant(world: World) -> Covenant:
    """A text of one content, agreed, nobody has signed."""
    covenant = create_covenant(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)
    content = {"content": [{"text": "Hoàn thành nhiệm vụ được giao"}]}
    covenant = save_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=1, content=content)
    return agree_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision)


def signatures_of(world: World, missing: int = 0) -> dict[str, Any]:
    """Rows of all units but the last ``missing``."""
    units = world.units[: len(world.units) - missing]
    return {"signing_on": date(2026, 1, 15)} | {signature_part(u.pk): signature() for u in units}
