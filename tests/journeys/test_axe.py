"""axe finds nothing: every page of the access table as four roles, on a desk and on a telephone.

A page that shows a second role nothing new (elements with classes seen on some page already) is not looked at again.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import access
from tests.access import BY_URL, ROWS, Visitors
from tests.journeys.conftest import DESK, PHONE

ROLES = ("secretary", "staff", "officer", "lead")
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}
# Pages that come with a refusal or a choice, besides those of the table.
MORE = {
    "secretary": (
        "/khong-co-trang-nay/",
        "/tim/?q=khong-thay-gi",
        "{scoring:lock_table}",
        "{scoring:scheme}&dong={line}",
    ),
    "staff": ("{blocs:units}?tat-ca=1", "{blocs:posts}?tat-ca=1"),
    "officer": ("{scoring:lock_table}",),
    "lead": (),
}


def shape_of(html: str) -> frozenset[str]:
    """The kinds of element the page is made of."""
    return frozenset(re.findall(r"<[a-z][a-z0-9]*(?=[\s>])(?:[^>]*?\s(?:class|role|type)=\"[^\"]*\")*", html))


@pytest.fixture
def visitors(transactional_db: None) -> Visitors:
    return Visitors(*access.make_scenes())


def addresses(visitors: Visitors, role: str) -> list[str]:
    """Every page this role gets."""
    found = [visitors.url(row) for row in ROWS if row.get is not None and row.get[role] == 200]
    for more in MORE[role]:
        known = re.sub(r"\{([a-z_]+:[a-z_]+)\}", lambda m: visitors.url(BY_URL[m.group(1)]), more)
        found.append(known.replace("{line}", str(visitors.own.ids["draft_line_id"])))
    return found


def test_axe_finds_nothing(visitors: Visitors, browse: Any) -> None:
    axe, seen, known, found = Axe(), set[str](), set[str](), []
    for role in ("signed_out", *ROLES):
        client = visitors.clients[role]
        name = access.ACTORS[role]
        page = browse(visitors.own.world.users[name] if name else None, DESK)
        for url in addresses(visitors, role) if name else [visitors.url(BY_URL["account_login"])]:
            response = client.get(url)
            if not response.get("Content-Type", "").startswith("text/html") or response.status_code in (301, 302):
                continue
            shapes, kind = shape_of(response.content.decode()), re.sub(r"\d+", "#", url)
            if kind in known and shapes <= seen:
                continue
            known.add(kind)
            seen |= shapes
            page.set_viewport_size(DESK)
            page.goto(url)
            for width in (DESK, PHONE):
                page.set_viewport_size(width)
                found += [f"{url} as {role} at {width['width']}: {fault}" for fault in faults_on(axe, page)]
    assert len(known) > 55, len(known)
    assert not found, "\n".join(found)


def faults_on(axe: Axe, page: Any) -> list[str]:
    """What axe finds on the page as it stands, and a page wider than the screen."""
    found = []
    for fault in axe.run(page, options=RULES).response["violations"]:
        places = "; ".join(str(node["target"][0]) + " " + node["html"][:120] for node in fault["nodes"][:3])
        found.append(f"{fault['id']}: {fault['help']} at {places}")
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return [*found, f"{wide} px wider than the screen"] if wide > 0 else found


def test_a_fault_is_found(browse: Any) -> None:
    """Planted: a picture without words, a field without label, and a table too wide."""
    page = browse(None, PHONE)
    page.goto("/tai-khoan/dang-nhap/")
    page.evaluate(
        """() => {
            const form = document.querySelector("form");
            form.append(document.createElement("img"));
            form.append(document.createElement("input"));
            form.lastChild.size = 200;
        }"""
    )
    ids = " ".join(faults_on(Axe(), page))
    assert "image-alt" in ids and "label" in ids and "wider than the screen" in ids
