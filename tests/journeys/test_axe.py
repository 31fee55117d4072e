"""axe finds nothing: every page of the access table as four roles, on a desk and on a telephone.

A page that shows a role nothing new (the same elements with the same classes) is not looked at twice.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client

from tests import access
from tests.access import BY_URL, ROWS, Visitors
from tests.journeys.conftest import DESK, PHONE

ROLES = ("secretary", "staff", "officer", "lead")
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
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
    axe, seen, found, looked = Axe(), dict[str, set[str]](), [], 0
    people = {role: visitors.own.world.users[access.ACTORS[role]] for role in ROLES}
    pages = {(role, w["width"]): browse(user, w) for role, user in people.items() for w in (DESK, PHONE)}
    pages |= {("signed_out", width["width"]): browse(None, width) for width in (DESK, PHONE)}
    for role in ("signed_out", *ROLES):
        client: Client = visitors.clients[role]
        urls = addresses(visitors, role) if role in ROLES else [visitors.url(BY_URL["account_login"])]
        for url in urls:
            response = client.get(url)
            if not response.get("Content-Type", "").startswith("text/html") or response.status_code in (301, 302):
                continue
            kind = re.sub(r"\d+", "#", url)
            new = shape_of(response.content.decode()) - seen.setdefault(kind, set())
            if not new:
                continue
            seen[kind] |= new
            for width in (DESK, PHONE):
                page = pages[role, width["width"]]
                page.goto(url)
                looked += 1
                for fault in axe.run(page, options=RULES).response["violations"]:
                    places = "; ".join(str(node["target"][0]) + " " + node["html"][:120] for node in fault["nodes"][:3])
                    found.append(f"{url} as {role} at {width['width']}: {fault['id']}: {fault['help']} at {places}")
                wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                if wide > 0:
                    found.append(f"{url} as {role} at {width['width']}: {wide} px wider than the screen")
    assert looked > 80, looked
    assert not found, "\n".join(found)
