"""Every address × every actor × every method, against the one table in ``tests.access``.

One world for the module; each POST is undone at once. GETs are not undone: at the end the database must be as it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import override_settings
from django.urls import path, reverse
from django.urls.resolvers import RegexPattern, URLResolver

from tests import access
from tests.access import ACTORS, BY_URL, DEEDS, ROLES, ROWS, Cells, Row, Visitors

METHODS = ("HEAD", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "FOO")
REFUSED = (403, 404)
SIGN_IN = "/tai-khoan/dang-nhap/"
# Written by looking at a page: the session itself, and nothing a person would call data.
NOT_DATA = {"django_session", "usersessions_usersession", "web_cache"}
pytestmark = pytest.mark.django_db
PARAMETERS = access.parameters()


@pytest.fixture(scope="module")
def stage(django_db_setup: None, django_db_blocker: Any) -> Iterator[Visitors]:
    with django_db_blocker.unblock(), access.visits() as found:
        yield found


def faults_of(stage: Visitors, row: Row, method: str, expected: Cells | None) -> list[str]:
    """What differs from the table, a line per actor."""
    found = []
    url = stage.url(row)
    for actor in ACTORS:
        signed_out = row.signed_out_post if method == "POST" else 302
        wanted = expected[actor] if expected is not None else signed_out if actor in access.GROUPS["out"] else 405
        response = stage.ask(actor, method, url, stage.own.data(row) if method == "POST" else None)
        if response.status_code != wanted:
            found.append(f"{method} {row.url} as {actor}: {response.status_code}, the table says {wanted}")
        if actor in access.GROUPS["out"] and response.status_code == 302 and row.url != "account_logout":
            assert response["Location"].startswith((SIGN_IN, "/")), response["Location"]
    return found


# ------------------------------------------------------------------------------------------------- completeness
def missing() -> list[str]:
    return sorted({name for name, _ in access.patterns()} - set(BY_URL))


def test_every_address_has_a_row() -> None:
    assert missing() == [], "addresses without a row in tests/access.py"
    assert sorted(set(BY_URL) - {name for name, _ in access.patterns()}) == [], "rows of addresses that are gone"
    assert len({(row.url, row.query, *row.ids.values()) for row in ROWS}) == len(ROWS)


def test_an_address_without_a_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = URLResolver(
        RegexPattern(r"^/"),
        [path("trom/", lambda request: None, name="planted"), path("khong-ten/", lambda request: None)],
    )
    monkeypatch.setattr(access, "get_resolver", lambda: planted)
    assert missing() == ["<unnamed khong-ten/>", "planted"]


def test_the_document_is_up_to_date() -> None:
    assert access.DOCUMENT.read_text(encoding="utf-8") == access.document(), "run: python -m tests.access"


@pytest.mark.parametrize("row", [r for r in ROWS if r.deed], ids=lambda r: r.url)
def test_addresses_agree_with_the_permission_matrix(row: Row) -> None:
    """Where the matrix says never (or read only), the address refuses; where it allows, it does not."""
    for role, code in access.rights(row.deed or 0).items():
        actor = ROLES[role][1]
        if role == "BL" and row.deed in (26, 27):
            continue  # the lead of the tests heads a unit as well
        if row.post is not None:
            refused = row.post[actor] in REFUSED
            assert refused == (code == "-" or code.endswith("-r")), f"{row.url}: {role} has {code}"
        elif row.get is not None and code != "-":
            assert row.get[actor] not in REFUSED, f"{row.url}: {role} has {code}"


# -------------------------------------------------------------------------------------------------- the matrix
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.url)
def test_reading(stage: Visitors, row: Row) -> None:
    faults = faults_of(stage, row, "GET", row.get)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.url)
def test_writing(stage: Visitors, row: Row) -> None:
    cache.clear()
    faults = faults_of(stage, row, "POST", row.post)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.url)
def test_other_methods(stage: Visitors, row: Row) -> None:
    """B74: whatever is neither GET nor POST is refused, for the person with most rights as for nobody."""
    url = stage.url(row)
    for actor in ("signed_out", "staff"):
        for method in METHODS[1:]:
            assert stage.ask(actor, method, url).status_code == 405, f"{method} {row.url} as {actor}"


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.url)
def test_a_script_without_session_is_told_so(stage: Visitors, row: Row) -> None:
    """B82: 401, never a redirect it would swap into the page."""
    if row.url in ("account_login", "account_logout", "mfa_authenticate"):
        return  # pages for people not signed in yet
    url = stage.url(row)
    htmx, fetch = {"HX-Request": "true"}, {"Sec-Fetch-Mode": "cors"}
    for actor, method, headers in (
        ("signed_out", "GET", htmx),
        ("signed_out", "POST", fetch),
        ("disabled", "POST", htmx),
        ("disabled", "GET", fetch),
    ):
        response = stage.ask(actor, method, url, **headers)
        assert response.status_code == 401, f"{method} {row.url} as {actor} {headers}: {response.status_code}"


WITHOUT_FACTOR = ("account_", "mfa_")


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.url)
def test_staff_without_second_factor(stage: Visitors, row: Row) -> None:
    """Where the second factor is forced, who must have one gets to nothing else before setting it up."""
    if row.url.startswith(WITHOUT_FACTOR):
        return
    url, to = stage.url(row), reverse("mfa_activate_totp")
    with override_settings(THIDUA_MFA_FORCED=True):
        for actor, method in (("staff", "GET"), ("staff", "POST"), ("admin", "GET"), ("other_province", "POST")):
            response = stage.ask(actor, method, url)
            assert (response.status_code, response.get("Location")) == (302, to), f"{method} {row.url} as {actor}"
        assert stage.ask("staff", "POST", url, **{"HX-Request": "true"}).status_code == 403


@pytest.mark.parametrize("actor", ["secretary", "lead", "officer", "council"])
def test_the_second_factor_is_forced_on_nobody_else(stage: Visitors, actor: str) -> None:
    with override_settings(THIDUA_MFA_FORCED=True):
        assert stage.ask(actor, "GET", stage.url(BY_URL["blocs:bloc_year"])).status_code == 200


# ------------------------------------------------------------------------------------- objects of another bloc
INSIDE = ("officer", "head", "secretary", "lead", "deputy")
# Ids that open nothing: the register of units is open to all offices of the province, a cell's sheet decides alone.
OPEN_IDS = {
    ("blocs:unit", "unit_id"),
    ("scoring:record_score", "bloc_year_id"),
    ("scoring:record_scores", "bloc_year_id"),
}


@pytest.mark.parametrize("row", [r for r in ROWS if PARAMETERS[r.url]], ids=lambda r: r.url)
def test_objects_of_another_bloc(stage: Visitors, row: Row) -> None:
    """Each id in the address swapped for the other bloc's, alone and all together: refused, and nothing written."""
    own, foreign = (scene.kwargs(row, PARAMETERS[row.url]) for scene in (stage.own, stage.foreign))
    swaps = [{n: foreign[n]} for n in own if own[n] != foreign[n] and (row.url, n) not in OPEN_IDS]
    swaps += [foreign] if len(swaps) > 1 else []
    for swap in swaps:
        url = stage.url(row, **swap)
        for actor in INSIDE:
            for method in ("GET", "POST"):
                if (row.get if method == "GET" else row.post) is None:
                    continue
                status = stage.ask(actor, method, url, stage.own.data(row)).status_code
                assert status in REFUSED, f"{method} {url} as {actor}: {status}"


@pytest.mark.parametrize("slug", ["scheme", "scores"])
def test_imports_into_another_bloc(stage: Visitors, slug: str) -> None:
    row = next(r for r in ROWS if r.url == "exchange:upload" and r.ids.get("slug") == slug)
    url = stage.url(row, stage.foreign)
    for actor in INSIDE:
        assert [stage.ask(actor, method, url).status_code for method in ("GET", "POST")] == [404, 404], actor


@pytest.mark.parametrize("row", [r for r in ROWS if r.data and "block" not in r.data], ids=lambda r: r.url)
def test_posted_ids_of_another_bloc(stage: Visitors, row: Row) -> None:
    """The same for ids that travel in the form: 403 or 404, or the form says that there is no such thing."""
    own, foreign = stage.own.data(row), stage.foreign.data(row)
    for name in (n for n in own if own[n] != foreign[n]):
        for actor in INSIDE:
            status = stage.ask(actor, "POST", stage.url(row), own | {name: foreign[name]}).status_code
            assert status in (*REFUSED, 409, 422), f"{row.url} with {name} of the other bloc as {actor}: {status}"


@pytest.mark.parametrize(
    ("actor", "status"),
    [("officer", 200), ("head", 200), ("secretary", 403), ("deputy", 403), ("staff", 403), ("admin", 403)]
    + [("other_bloc", 404), ("no_office", 404), ("other_province", 404)],
)
def test_cells_of_a_pasted_block(stage: Visitors, actor: str, status: int) -> None:
    """Each cell of a block is judged as if it were sent alone."""
    answer = stage.ask(actor, "POST", stage.url(BY_URL["scoring:record_scores"]), {"block": "tu-cham"})
    told = [answer.json()["cells"][0]["status"]] if answer.status_code == 200 else [answer.status_code]
    assert told == [status], answer.content.decode()[:300]


# ----------------------------------------------------------------------------------------- GET writes nothing
def digest() -> dict[str, str]:
    """Table → hash of all its rows."""
    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - NOT_DATA):
            row = "t.*" if table != "accounts_user" else "(to_jsonb(t) - 'last_login')"
            cursor.execute(
                f"SELECT md5(string_agg(x, '|' ORDER BY x)) FROM (SELECT ({row})::text AS x FROM {table} t) s"
            )  # noqa: S608
            found[table] = cursor.fetchone()[0] or ""
    return found


def test_reading_changes_nothing(stage: Visitors) -> None:
    """The whole database but sessions is the same after every page was read by everybody who may."""
    before = digest()
    assert len(before) > 30 and before["blocs_unit"]
    for row in ROWS:
        if row.get is None:
            continue
        url = stage.url(row)
        for actor in ("secretary", "staff"):
            if row.get[actor] == 200:
                stage.ask(actor, "GET", url)
                stage.ask(actor, "GET", url, **{"HX-Request": "true"})
    after = digest()
    assert [table for table in after if after[table] != before[table]] == []
    stage.own.world.bloc_year.theme = "khác"
    with transaction.atomic():
        stage.own.world.bloc_year.save()
        assert digest()["blocs_blocyear"] != before["blocs_blocyear"], "the digest sees no change"
        transaction.set_rollback(True)


def test_deeds_are_numbered_as_in_the_matrix() -> None:
    assert all(len(codes.split()) == len(ROLES) for _, codes in DEEDS.values())
    assert {row.deed for row in ROWS if row.deed} <= set(DEEDS)
    assert not set(access.NOT_BUILT) & set(DEEDS)
