"""Who gets which answer at which address: the one table behind the tests of access and ``docs/permissions.md``.

``python -m tests.access`` writes the document anew. An address without a row fails the build.

Read a row so: ``Row("scoring:lock_table", get=bloc(403, lead=200, deputy=200), …)`` means that inside the bloc
everybody is told 403 except lead and deputy, and that outside of it the address does not exist (404). Signed-out
people and disabled accounts are sent to the sign-in page everywhere unless the row says otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import urlencode

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"

# column of the table → who that is in tests.personas ("" is nobody signed in)
ACTORS = {
    "signed_out": "",
    "disabled": "van",
    "no_office": "mai",
    "other_bloc": "giang",
    "other_province": "nga",
    "officer": "chung",
    "head": "chi",
    "secretary": "an",
    "lead": "binh",
    "deputy": "ha",
    "staff": "dung",
    "council": "khang",
    "admin": "lan",
}
TITLES = {
    "signed_out": "signed out",
    "disabled": "disabled account",
    "no_office": "no office",
    "other_bloc": "other bloc",
    "other_province": "staff of another province",
    "officer": "unit officer",
    "head": "unit head",
    "secretary": "bloc secretary",
    "lead": "bloc lead",
    "deputy": "bloc deputy",
    "staff": "Ban Thi đua staff",
    "council": "council member",
    "admin": "administrator",
}
GROUPS = {
    "members": ("officer", "head"),
    "officers": ("secretary", "lead", "deputy"),
    "readers": ("council", "admin"),
    "outside": ("no_office", "other_bloc", "other_province"),
    "out": ("signed_out", "disabled"),
}
Cells = Mapping[str, int]


def cells(rest: int, **given: int) -> Cells:
    """Status per actor: ``rest`` for everybody signed in, then groups, then single actors."""
    found = dict.fromkeys(ACTORS, rest)
    found.update(signed_out=302, disabled=302)
    for name, status in given.items():
        for actor in GROUPS.get(name, ()):
            found[actor] = status
    for name, status in given.items():
        if name not in GROUPS:
            assert name in ACTORS, name
            found[name] = status
    return found


def bloc(rest: int, **given: int) -> Cells:
    """Something of one bloc: 404 for everybody outside."""
    return cells(rest, **{"outside": 404, **given})


def agency(done: int, refused: int = 403, **given: int) -> Cells:
    """Work of the standing agency of the province, at an address that exists for everybody of the bloc."""
    return bloc(refused, **{"staff": done, **given})


EVERYONE = cells(200)


@dataclass(frozen=True)
class Row:
    """One address. ``get``/``post`` None: that method is answered 405. ``deed`` is the row of the permission matrix
    the POST carries out; ``ids`` replaces ids of the scene; ``data`` is posted where an empty form tells nothing."""

    url: str
    get: Cells | None = None
    post: Cells | None = None
    deed: int | None = None
    query: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)  # field → id of the scene, or "=text"
    note: str = ""

    def __post_init__(self) -> None:
        if self.post is not None and self.signed_out_post == 401:
            object.__setattr__(self, "post", {**self.post, **dict.fromkeys(GROUPS["out"], 401)})

    @property
    def signed_out_post(self) -> int:
        """A form sent after the session ended is given back; forms of signing in lead to signing in."""
        return 302 if self.url.startswith(("account_", "mfa_", "usersessions_")) else 401


# ------------------------------------------------------------------------------------------------ the addresses
_STAFF_ONLY = cells(403, staff=200, other_province=200)
_STAFF_ONLY_POST = cells(403, staff=422, other_province=422)
_OF_BLOC = bloc(200)
# While the table is open the council and the administrator see no sheet, a member only its own: it does not exist.
_SEEN_SHEET = bloc(200, readers=404)
_OFFICERS = bloc(403, officers=200)
_OFFICERS_POST = bloc(403, officers=422)
_STAGES = agency(200, lead=200, deputy=200)
_STAGES_POST = agency(422, lead=302, deputy=302)  # the standing agency with the password
_HEADS = bloc(403, head=200, lead=200, deputy=200)  # lead and deputy head their own units
_HEADS_POST = bloc(403, head=422, lead=422, deputy=422)
_DRAFTERS = agency(200, officers=200)
_DRAFTERS_POST = agency(422, officers=422)
_DRAFT = {"scheme_id": "draft_id", "criterion_id": "draft_line_id"}
_REGISTER = cells(200, no_office=404, other_province=404)  # whoever holds an office in the province sees its units

ROWS: tuple[Row, ...] = (
    # the frame
    Row("home", get=EVERYONE),
    Row("blocs:search", get=EVERYONE, query="q=so"),
    # signing in, one's own account: allauth's pages
    Row("account_login", get=cells(302, out=200), post=cells(302, out=422), note="signed in: on to the home page"),
    Row("account_logout", get=cells(200), post=cells(302)),
    Row("account_reauthenticate", get=cells(200), post=cells(200)),
    Row("account_change_password", get=cells(200), post=cells(200), deed=1),
    Row("usersessions_list", get=cells(200), post=cells(302), deed=1),
    Row("mfa_index", get=cells(200)),
    Row("mfa_authenticate", get=cells(302), post=cells(302), note="only between password and code"),
    Row("mfa_reauthenticate", get=cells(302), post=cells(302), note="only with a second factor"),
    Row("mfa_activate_totp", get=cells(302), post=cells(302), note="the password first"),
    Row("mfa_deactivate_totp", get=cells(404), post=cells(404), note="only with the app set up"),
    Row("mfa_view_recovery_codes", get=cells(404)),
    Row("mfa_generate_recovery_codes", get=cells(302), post=cells(302)),
    Row("mfa_download_recovery_codes", get=cells(404), post=cells(404)),
    Row("mfa_list_webauthn", get=cells(200)),
    Row("mfa_add_webauthn", get=cells(302), post=cells(302)),
    Row("mfa_reauthenticate_webauthn", get=cells(302), post=cells(302)),
    Row("mfa_remove_webauthn", get=cells(302), post=cells(302), ids={"pk": "nothing"}, note="the password first"),
    Row("mfa_edit_webauthn", get=cells(302), post=cells(302), ids={"pk": "nothing"}, note="the password first"),
    Row("accounts:account", get=EVERYONE, deed=1),
    Row("accounts:update_profile", get=EVERYONE, post=cells(302), deed=1),
    Row("accounts:create_user", get=cells(403, admin=200), post=cells(403, admin=422)),
    # jobs, imports, the second person: the person's own
    Row("jobs:progress", get=cells(404, secretary=200)),
    Row("jobs:retry", post=cells(404, secretary=409), note="409: this one has not failed"),
    Row("pending:steps", get=EVERYONE),
    Row("pending:step", get=cells(404, staff=200)),
    Row("pending:confirm", post=cells(404, staff=403), note="403: nobody confirms the own proposal"),
    Row("pending:refuse", post=cells(404, staff=422)),
    Row("pending:withdraw", post=cells(404, staff=302)),
    Row("exchange:upload", get=_STAFF_ONLY, post=_STAFF_ONLY_POST, ids={"slug": "units"}, deed=10, note="units"),
    Row(
        "exchange:upload",
        get=_DRAFTERS,
        post=_DRAFTERS_POST,
        ids={"slug": "scheme"},
        query="scope={bloc_year_id}",
        deed=14,
        note="a scheme",
    ),
    Row(
        "exchange:upload",
        get=bloc(403, officers=200),
        post=bloc(403, officers=422),
        ids={"slug": "scores"},
        query="scope={bloc_year_id}:khoi",
        note="scores of the bloc's step (37), for who enters a column there; each cell is judged when the file is read",
    ),
    Row("exchange:template", get=_STAFF_ONLY, ids={"slug": "units"}),
    Row("exchange:run", get=cells(404, staff=200)),
    Row("exchange:check", post=cells(404, staff=302)),
    Row("exchange:confirm", post=cells(404, staff=422)),
    Row("exchange:faults", get=cells(404, staff=200)),
    # papers
    Row("documents:document", get=bloc(404, officers=200, staff=200), note="a score table while the table is open"),
    Row("documents:download", get=bloc(404, officers=423, staff=423), note="423: still being made"),
    Row("documents:retry", post=bloc(404, officers=409, staff=409), note="409: this one has not failed"),
    Row(
        "documents:document",
        get=bloc(200, readers=404),
        ids={"document_id": "covenant_paper_id"},
        deed=22,
        note="a covenant",
    ),
    Row(
        "documents:download",
        get=bloc(423, readers=404),
        ids={"document_id": "covenant_paper_id"},
        deed=22,
        note="a covenant; 423: still being made",
    ),
    # register
    Row("blocs:units", get=EVERYONE),
    Row("blocs:create_unit", get=_STAFF_ONLY, post=_STAFF_ONLY_POST, deed=10),
    Row("blocs:unit", get=_REGISTER),
    Row("blocs:update_unit", get=agency(200, other_bloc=403), post=agency(422, other_bloc=403), deed=10),
    Row("blocs:succeed_unit", get=agency(200, other_bloc=403), post=agency(422, other_bloc=403), deed=10),
    Row("blocs:blocs", get=EVERYONE),
    Row("blocs:create_bloc_year", get=_STAFF_ONLY, post=_STAFF_ONLY_POST, deed=11),
    Row("blocs:create_year_of_bloc", get=agency(200), post=agency(422), deed=11),
    Row("blocs:posts", get=EVERYONE),
    Row(
        "blocs:give_post",
        get=cells(403, staff=200, other_province=200, admin=200),
        post=cells(403, staff=422, other_province=422, admin=422),
        deed=5,
    ),
    Row(
        "blocs:end_post",
        get=agency(200, other_bloc=403, admin=200),
        post=agency(422, other_bloc=403, admin=422),
        deed=5,
    ),
    # a bloc-year
    Row("blocs:bloc_year", get=_OF_BLOC),
    Row("blocs:update_bloc_year", get=agency(200), post=agency(422), deed=11),
    Row("blocs:set_members", get=agency(200), post=agency(422), deed=11),
    Row("blocs:set_leads", get=agency(200), post=agency(422), deed=12),
    # ranking
    Row("scoring:ranking", get=_OF_BLOC, deed=46, note="while the table is open a member sees its own unit only"),
    Row("scoring:explain_total", get=_SEEN_SHEET, deed=28),
    Row("scoring:explain_cell", get=_SEEN_SHEET, deed=28),
    Row("scoring:lock_table", get=bloc(403, lead=200, deputy=200), post=bloc(403, lead=422, deputy=422), deed=32),
    Row("scoring:unlock_table", get=agency(200), post=agency(422), deed=34),
    Row("scoring:lots", get=bloc(403, lead=200, deputy=200), post=bloc(403, lead=422, deputy=422)),
    # conferences
    Row("blocs:meetings", get=_OF_BLOC),
    Row("blocs:meeting", get=_OF_BLOC),
    Row("blocs:create_meeting", get=_OFFICERS, post=_OFFICERS_POST),
    Row("blocs:edit_meeting", get=_OFFICERS, post=_OFFICERS_POST),
    Row("blocs:approve_meeting", get=bloc(403, lead=200), post=bloc(403, lead=422)),
    # covenant
    Row("blocs:covenant", get=_OF_BLOC),
    Row("blocs:create_covenant", post=bloc(403, officers=409), deed=18, note="409: there is one already"),
    Row("blocs:copy_covenant", post=bloc(403, officers=409), deed=18, note="409: there is one already"),
    Row("blocs:edit_covenant", get=_OFFICERS, post=_OFFICERS_POST, deed=18),
    Row("blocs:edit_signatures", get=_OFFICERS, post=_OFFICERS_POST, deed=18),
    Row("blocs:agree_covenant", get=_OFFICERS, post=_OFFICERS_POST, deed=18),
    Row("blocs:reopen_covenant", get=_OFFICERS, post=_OFFICERS_POST, deed=18),
    Row("blocs:sign_covenant", get=bloc(403, lead=200), post=bloc(403, lead=422), deed=21),
    Row("blocs:request_covenant", post=agency(302, officers=302)),
    # the grid
    Row("scoring:grid", get=_OF_BLOC, post=bloc(302), query="buoc=tu-cham", note="the page as one form, unchanged"),
    Row(
        "scoring:record_score",
        post=bloc(403, members=200),
        data={
            "sheet": "sheet_id",
            "criterion": "criterion_id",
            "buoc": "=tu-cham",
            "text": "=17",
            "revision": "=1",
            "key": "=0b6f4c1e-5d51-4e3c-9d0f-9b0a3e6c2f11",
        },
        deed=23,
        note="a cell of the members' own unit, own scoring",
    ),
    Row("scoring:record_scores", post=bloc(200), data={"block": "=tu-cham"}, note="each cell has its own answer"),
    Row("scoring:totals", get=_OF_BLOC, query="buoc=tu-cham"),
    Row("scoring:cell_notes", get=_SEEN_SHEET, post=bloc(403, members=422, readers=404), query="buoc=tu-cham"),
    Row("scoring:export_table", get=bloc(200, readers=403), deed=38, note="the columns the person sees"),
    Row("scoring:open_stage", get=_STAGES, post=_STAGES_POST, query="buoc=khoi", deed=16),
    Row("scoring:close_stage", get=_STAGES, post=_STAGES_POST, query="buoc=khoi", deed=16),
    Row("scoring:submit_sheet", get=_HEADS, post=_HEADS_POST, query="buoc=tu-cham", deed=26),
    Row("scoring:withdraw_sheet", get=_HEADS, post=_HEADS_POST, query="buoc=tu-cham", deed=27),
    # scheme
    Row("scoring:scheme", get=_OF_BLOC),
    Row("scoring:scheme_version", get=bloc(302)),
    Row("scoring:compare_schemes", get=_OF_BLOC, ids={"scheme_id": "draft_id"}),
    Row("scoring:export_scheme", get=_OF_BLOC),
    Row("scoring:start_draft", get=_DRAFTERS, post=_DRAFTERS_POST, deed=14),
    Row("scoring:copy_scheme", get=_DRAFTERS, post=_DRAFTERS_POST, deed=14),
    Row("scoring:add_criterion", get=_DRAFTERS, post=_DRAFTERS_POST, ids=_DRAFT, deed=14),
    Row("scoring:update_criterion", get=_DRAFTERS, post=_DRAFTERS_POST, ids=_DRAFT, deed=14),
    Row("scoring:delete_criterion", get=_DRAFTERS, post=_DRAFTERS_POST, ids=_DRAFT, deed=14),
    Row("scoring:update_options", get=_DRAFTERS, post=_DRAFTERS_POST, ids=_DRAFT, deed=14),
    Row("scoring:discard_draft", get=_DRAFTERS, post=_DRAFTERS_POST, ids=_DRAFT, deed=14),
    Row(
        "scoring:move_criterion",
        post=agency(302, officers=302),
        ids=_DRAFT,
        data={"line": "draft_line_id", "revision": "draft_revision", "direction": "=down"},
        deed=14,
    ),
    Row("scoring:publish_scheme", get=agency(200), post=agency(422), ids=_DRAFT, deed=15),
    Row("scoring:copy_to_next_year", get=agency(200), post=agency(302), deed=11),
    # papers of a bloc-year
    Row("scoring:papers", get=_OF_BLOC),
    Row("scoring:request_score_table", post=agency(302, officers=302)),
    Row("scoring:request_minutes", post=agency(302, officers=302)),
    Row(
        "scoring:request_score_sheet",
        post=agency(302, officers=302, members=302, readers=404),
        data={"sheet": "sheet_id"},
        note="a member: its own unit",
    ),
)
BY_URL = {row.url: row for row in reversed(ROWS)}


# ------------------------------------------------------------------------------------------ addresses that exist
def patterns(resolver: URLResolver | None = None, names: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the project with its full name, allauth's as well as ours."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, (*names, entry.namespace) if entry.namespace else names)
        else:
            yield ":".join((*names, entry.name or f"<unnamed {entry.pattern}>")), entry


@cache
def parameters() -> dict[str, tuple[str, ...]]:
    """The parameters each named address takes."""
    found: dict[str, tuple[str, ...]] = {}
    for name, pattern in patterns():
        found[name] = tuple(pattern.pattern.regex.groupindex)
    return found


# ---------------------------------------------------------------------------------------- the permission matrix
ROLES = {
    "UO": ("unit officer", "officer"),
    "UH": ("unit head", "head"),
    "BS": ("bloc secretary", "secretary"),
    "BL": ("bloc lead, deputy", "lead"),
    "ST": ("Ban Thi đua staff", "staff"),
    "CM": ("council member", "council"),
    "AD": ("administrator", "admin"),
}
# number → (deed, rights of UO UH BS BL ST CM AD). Numbers are the matrix's own; deeds that later releases bring
# are left out. o own unit, b own bloc, p own province, r read only, - never, ! fresh password, 2 second person,
# s depends on the stage, a only when assigned.
DEEDS: dict[int, tuple[str, str]] = {
    1: ("sign in, own second factor, own sessions, own profile", "o o o o o o o"),
    5: ("give or remove an office", "- - - - p2 - p!2"),
    9: ("read the history of deeds", "o-r o-r b-r b-r p-r a-r -"),
    10: ("edit the unit register", "- - - - p - -"),
    11: ("create a bloc, assign units for a year, open the next year", "- - - - p2 - -"),
    12: ("appoint lead, deputy, secretary", "- - - - p - -"),
    14: ("draft a scheme of criteria", "- - b b p - -"),
    15: ("publish a scheme", "- - - - p!2 - -"),
    16: ("open or close a stage, set its limit", "- - - b p! - -"),
    18: ("draft the covenant", "- - b b p-r - -"),
    21: ("record the covenant as signed", "- - - b! - - -"),
    22: ("download the covenant", "o o b b p - -"),
    23: ("edit own scores while the stage is open", "o o - - - - -"),
    26: ("hand the unit's sheet in", "- o! - - - - -"),
    27: ("take the sheet back before the limit", "- o! - - - - -"),
    28: ("see other units' sheets", "s-r s-r b-r b-r p-r - -"),
    30: ("enter the bloc's scores (not of one's own unit)", "- - b b - - -"),
    32: ("lock the bloc's table", "- - - b! - - -"),
    34: ("unlock it", "- - - - p!2 - -"),
    37: ("import scores from a spreadsheet", "o o b b p - -"),
    38: ("export the bloc's table", "s s b b p - -"),
    46: ("see the published result: the ranking of a locked table", "b-r b-r b-r b-r p-r p-r -"),
}
# Rows of the first releases' part of the matrix that nothing in the product does yet: nobody may.
NOT_BUILT: dict[int, str] = {
    4: "disable an account",
    6: "reset the password or second factor of another",
    7: "end another person's sessions",
    8: "read the security log",
    13: "delegate one's duty for some days",
    17: "extend a limit with a reason the bloc sees",
    19: "comment on the covenant",
    20: "sign the covenant for one's own unit",
    33: "ask for the table to be unlocked",
    35: "adjust a score for the province, with a reason",
}


def rights(deed: int) -> dict[str, str]:
    """Role → code of one deed."""
    return dict(zip(ROLES, DEEDS[deed][1].split(), strict=True))


# --------------------------------------------------------------------------------------------------- the document
def document() -> str:
    """``docs/permissions.md`` as it must stand."""
    lines = [
        "# Who may do what",
        "",
        "Written by `python -m tests.access` from `tests/access.py`; a test fails when it is out of date. Change the",
        "table there, never here.",
        "",
        "## Deeds",
        "",
        "**o** own unit · **b** own bloc · **p** own province · **a** only when assigned · **s** depends on the stage,",
        "**-r** read only · **-** never · **!** with a fresh password (and code) · **2** a second person confirms.",
        "An administrator writes nothing of the blocs. Closed years are read-only for everyone. An office ends with",
        "its last day, looked at when it is used.",
        "",
        "| # | deed | " + " | ".join(ROLES) + " |",
        "|---" * (len(ROLES) + 2) + "|",
    ]
    for number, (deed, codes) in sorted(DEEDS.items()):
        lines.append(f"| {number} | {deed} | " + " | ".join(codes.split()) + " |")
    lines += ["", ", ".join(f"**{short}** {title}" for short, (title, _) in ROLES.items()) + ".", ""]
    lines += ["Not built yet, so nobody does it in the product: "]
    lines[-1] += "; ".join(f"{number} {deed}" for number, deed in sorted(NOT_BUILT.items())) + "."
    lines += ["Deeds the later releases bring (evidence, ballots, awards) are left out.", ""]
    lines += [
        "## Addresses",
        "",
        "The status each person gets. A POST is tried with an empty form: 422 means that the person may do it once",
        "the form is filled in. Out of scope 404, in scope without the right 403, signed out 302 to the sign-in page",
        "(401 for a script, and for a form, which is given back to be sent again). A method without a line is",
        "answered 405.",
        "",
        "| address | method | " + " | ".join(TITLES.values()) + " | note |",
        "|---" * (len(TITLES) + 3) + "|",
    ]
    for row in ROWS:
        for method, found in (("GET", row.get), ("POST", row.post)):
            if found is not None:
                shown = " | ".join(str(found[actor]) for actor in ACTORS)
                lines.append(f"| {row.url} | {method} | {shown} | {row.note} |")
    return re.sub(r" +\|", " |", "\n".join(lines)) + "\n"


def main() -> None:
    DOCUMENT.write_text(document(), encoding="utf-8")


# ------------------------------------------------------------------------------------------------------ the scene
@dataclass
class Scene:
    """What the addresses point at: one object of each kind, in the people's own bloc or in the other one."""

    world: Any
    ids: dict[str, Any]

    def kwargs(self, row: Row, names: tuple[str, ...]) -> dict[str, Any]:
        return {name: self.ids[row.ids.get(name, name)] for name in names}

    def data(self, row: Row) -> dict[str, str]:
        """What a POST sends; every form has a token, and without any field it would not count as sent."""
        if not row.data:
            return {"csrfmiddlewaretoken": "x"}
        return {name: text[1:] if text.startswith("=") else str(self.ids[text]) for name, text in row.data.items()}


class Visitors:
    """The two scenes and one signed-in browser per actor."""

    def __init__(self, own: Scene, foreign: Scene) -> None:
        self.own, self.foreign = own, foreign
        self.cookies: dict[str, dict[str, str]] = {}
        self.clients: dict[str, Client] = {}
        for actor, name in ACTORS.items():
            client = Client(raise_request_exception=False)
            if name:
                client.force_login(own.world.users[name])
            self.clients[actor] = client
            self.cookies[actor] = {name: morsel.value for name, morsel in client.cookies.items()}
        disabled = own.world.users["van"]
        disabled.is_active = False
        disabled.save(update_fields=["is_active"])

    def url(self, row: Row, scene: Scene | None = None, **swapped: Any) -> str:
        kwargs = (scene or self.own).kwargs(row, parameters()[row.url]) | swapped
        query = row.query.format_map((scene or self.own).ids)
        return reverse(row.url, kwargs=kwargs) + (f"?{query}" if query else "")

    def block(self, slug: str) -> dict[str, Any]:
        """A pasted block of one cell, as the grid's script sends it."""
        ids = self.own.ids
        cell = [ids["sheet_id"], ids["criterion_id"], "17", 1]
        return {"buoc": slug, "key": "0b6f4c1e-5d51-4e3c-9d0f-9b0a3e6c2f12", "cells": [cell]}

    def ask(self, actor: str, method: str, url: str, data: dict[str, str] | None = None, **headers: str) -> Any:
        """The answer; whatever a writing method did is undone."""
        body, kind = urlencode(data or {}), "application/x-www-form-urlencoded"
        if data and "block" in data:
            body, kind = json.dumps(self.block(data["block"])), "application/json"
        with transaction.atomic():
            client = self.clients[actor]
            response = client.generic(method, url, body, kind, headers=headers)
            client.cookies = SimpleCookie(self.cookies[actor])  # signing out is undone in the database only
            if method != "GET":
                transaction.set_rollback(True)
        return response


@contextmanager
def visits() -> Iterator[Visitors]:
    """Visitors for a whole module, in a transaction that is undone; the test client keeps no copies of contexts."""
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        patch.setattr("django.test.client.store_rendered_templates", lambda *args, **kwargs: None)
        yield Visitors(*make_scenes())
        transaction.set_rollback(True)


def make_scenes() -> tuple[Scene, Scene]:
    """The world of ``tests.personas`` with one thing of each kind in both blocs (own, foreign)."""
    from blocs.models import Post
    from tests import personas

    world = personas.make_world()
    world.users["van"] = personas.make_user("van", "Vi Văn Vận (mẫu)")
    world.users["nga"] = personas.make_user("nga", "Nông Thị Nga (mẫu)")
    Post.objects.create(user=world.users["nga"], kind="staff", province=world.other_province)
    own = Scene(world, _things(world, world.bloc_year, world.units, "an"))
    foreign = Scene(world, _things(world, world.other_bloc_year, [world.other_unit], "giang"))
    return own, foreign


def _things(world: Any, bloc_year: Any, units: list[Any], secretary: str) -> dict[str, Any]:
    from django.utils import timezone

    from blocs.actions.bloc import propose_set_members
    from blocs.actions.covenant import request_covenant
    from blocs.models import Attendance, Covenant, Meeting, Post
    from blocs.rules.states import MeetingKind
    from scoring.actions.papers import request_score_table
    from scoring.actions.scheme import start_draft
    from scoring.models import ScoreEntry, ScoreSheet, Stage
    from tests import personas
    from thidua.exchange.actions import upload_import
    from thidua.exchange.kinds import kind_of

    scheme = personas.make_scheme(bloc_year)
    unit = units[2] if len(units) > 2 else units[0]
    sheet = ScoreSheet.objects.get(bloc_year=bloc_year, unit=unit)
    stages = {s.slug: s for s in Stage.objects.filter(bloc_year=bloc_year)}
    criterion = scheme.criteria.get(code="I.2")
    ScoreEntry.objects.create(
        sheet=sheet, criterion=criterion, stage=stages["tu-cham"], points=18, changed_at=timezone.now(), changed_by="x"
    )
    meeting = Meeting.objects.create(
        bloc_year=bloc_year, kind=MeetingKind.YEAR_END.value, title="Hội nghị tổng kết", place="Bắc Ninh"
    )
    for position, member in enumerate(units, 1):
        Attendance.objects.create(meeting=meeting, kind="member", unit=member, position=position)
    covenant = Covenant.objects.create(bloc_year=bloc_year, title="Giao ước thi đua năm 2026")
    draft = start_draft(by=world.actor(secretary), bloc_year_id=bloc_year.pk, reason="Sửa thang điểm để thử")
    paper = request_score_table(by=world.actor(secretary), bloc_year_id=bloc_year.pk)
    covenant_paper = request_covenant(by=world.actor(secretary), covenant_id=covenant.pk)
    spare = personas.make_unit(world.province, f"THEM{bloc_year.pk}", f"Chi cục thử {bloc_year.pk}")
    step = propose_set_members(
        by=world.actor("dung"),
        bloc_year_id=bloc_year.pk,
        members=[*(u.pk for u in units), spare.pk],
        revision=bloc_year.revision,
    )
    kind = kind_of("don-vi")
    assert kind is not None
    run = upload_import(by=world.actor("dung"), kind=kind, scope="", file_name="don-vi.csv", content=_UNITS_CSV)
    return {
        "bloc_year_id": bloc_year.pk,
        "bloc_id": bloc_year.bloc_id,
        "unit_id": unit.pk,
        "sheet_id": sheet.pk,
        "stage_id": stages["khoi"].pk,
        "scheme_id": scheme.pk,
        "criterion_id": criterion.pk,
        "draft_id": draft.pk,
        "draft_revision": draft.revision,
        "draft_line_id": draft.criteria.get(code="I.2").pk,
        "meeting_id": meeting.pk,
        "covenant_id": covenant.pk,
        "document_id": paper.pk,
        "covenant_paper_id": covenant_paper.pk,
        "job_id": paper.job_id,
        "step_id": step.pk,
        "run_id": run.pk,
        "post_id": Post.objects.filter(unit=unit).order_by("pk").first().pk,
        "slug": "khoi",
        "units": "don-vi",
        "scores": "diem",
        "scheme": "bang-diem",
        "nothing": 987654,
    }


_UNITS_CSV = "Mã;Tên\nX;Sở X\n".encode()


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main()
