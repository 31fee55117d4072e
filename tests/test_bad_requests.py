"""Bad input on every address and in every field (quality.md, B45-B83): never a fault of ours, never a lost word.

Forms are not listed here: they are found in the pages as a person gets them, so a new field is tested by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from bs4 import BeautifulSoup, Tag
from django.core.cache import cache

from tests import access
from tests.access import ROWS, Row, Visitors

pytestmark = pytest.mark.django_db
BUSY = ("secretary", "staff", "head", "lead", "admin", "signed_out")  # who looks, in this order, if he may
# Words that never end a request early stand together; those that may (an unknown step is a 404) stand alone.
QUERIES = (
    "q=a%00b",
    "q=%ff%fe&page=0&o=nofield&id=abc",
    "q=%ED%A0%BD&page=abc&o=password&id=1e5&tat-ca=x&loai=khong-co",
    "q=%27%20OR%201%3D1--&q=%25_%25&page=-1&o=-unit__users__password&tu=khong-phai-gio",
    "q=%3Cscript%3Ealert(1)%3C/script%3E&page=999999999999999999999&next=https://evil.vn/&next=//evil.vn",
    "page=%D9%A1&tu=9999-12-31T23:59:59%2B00:00&q=" + "x" * 5000,
    "don-vi=x&page=%C2%B2",
    "don-vi=99999999999999999999&tu=0001-01-01T00:00:00%2B14:00",
    "don-vi=%C2%B2",
    "buoc=x",
    "buoc=tu-cham&buoc=khoi",
    "ban=abc",
    "ban=99999999999",
    "ban=%C2%B2",
    "dong=99999999999999999999",
    "dong=%C2%B2",
    "cha=%C2%B2",
    "sau=99999999999999999999",
    "scope=abc",
    "scope=99999999999999999999:khoi",
    "scope=%C2%B2:x",
)
LONG = "Đ" * 5000
SCRIPT = '"><script>alert(1)</script>'
# What is typed into a field for words, and whether it must be shown again when the form comes back.
TEXTS: tuple[tuple[str, bool], ...] = (
    ("a\x00b", False),
    (SCRIPT, True),
    ("{{7*7}} {% debug %} ' OR 1=1--", True),
    ("😀" * 120, True),
    (LONG, True),
    ("99999999999999999999999999", True),
    ("-1e400", True),
    ("１２", True),
    ("31/02/2026", True),
    ("abc\u202edef\ufffe", False),
)
CHOICES = ("khong-co", "99999999999999999999", "\x00", "²")
TRIED: set[tuple[str, str]] = set()  # forms and fields that stand on more than one page are tried once
SECRET = ("password", "code")


@pytest.fixture(scope="module")
def visitors(django_db_setup: None, django_db_blocker: Any) -> Iterator[Visitors]:
    with django_db_blocker.unblock(), access.visits() as found:
        yield found


@pytest.fixture(autouse=True)
def _unlimited() -> None:
    cache.clear()


def reader_of(row: Row) -> str | None:
    """Somebody who gets the page."""
    return next((actor for actor in BUSY if row.get is not None and row.get[actor] == 200), None)


READ = [row for row in ROWS if row.get is not None]
PAGES = [row for row in READ if reader_of(row)]


# ----------------------------------------------------------------------------------------------------- addresses
@pytest.mark.parametrize("row", READ, ids=lambda r: r.url)
def test_query_strings(visitors: Visitors, row: Row) -> None:
    actor = reader_of(row) or "secretary"
    path, _, usual = visitors.url(row).partition("?")
    for bad in QUERIES:
        word = bad.partition("=")[0]
        query = f"{usual}&{bad}" if usual and not usual.startswith(f"{word}=") else bad
        response = visitors.ask(actor, "GET", f"{path}?{query}")
        assert response.status_code < 500, f"{path}?{query[:60]} as {actor}: {response.status_code}"
        if response.get("Content-Type", "").startswith("text/html"):
            assert b"<script>alert" not in response.content, f"{path}?{query[:60]}"
        if response.status_code in (301, 302):
            assert "evil.vn" not in response["Location"].partition("?")[0], response["Location"]


@pytest.mark.parametrize("row", [r for r in READ if access.parameters()[r.url]], ids=lambda r: r.url)
def test_ids_beyond_all_numbers(visitors: Visitors, row: Row) -> None:
    """The biggest id of the database and one more than it holds: such a thing does not exist."""
    for name in access.parameters()[row.url]:
        if name in ("job_id", "slug"):
            continue
        for number in (0, 2**31, 2**63 - 1, 2**63, 10**30):
            for actor in ("secretary", "staff"):
                response = visitors.ask(actor, "GET", visitors.url(row, **{name: number}))
                assert response.status_code in (403, 404) or row.url.startswith("mfa_"), (
                    f"{row.url} {name}={number} as {actor}: {response.status_code}"
                )


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/..%2f..%2fetc/passwd", (404,)),
        ("/khoi/%00/", (404,)),
        ("/khoi/%ff/", (404,)),
        ("/khoi/-1/", (404,)),
        ("/khoi/%D9%A1/", (404,)),
        ("/static/../thidua/settings.py", (404,)),
        ("/static/%2e%2e/%2e%2e/etc/passwd", (404,)),
        ("/tim/?q=" + "x" * 9000, (414,)),
        ("/" + "x" * 9000, (414,)),
    ],
)
def test_paths(visitors: Visitors, path: str, statuses: tuple[int, ...]) -> None:
    """B71, B72."""
    for actor in ("secretary", "signed_out"):
        found = visitors.ask(actor, "GET", path).status_code
        assert found in statuses or (actor == "signed_out" and found == 302), f"{path[:40]} as {actor}: {found}"


def test_headers(visitors: Visitors) -> None:
    """B73, B79, B80."""
    client = visitors.clients["secretary"]
    assert client.get("/", headers={"Host": "evil.vn"}).status_code == 400
    for header in (
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "Referer",
        "Accept-Language",
        "HX-Target",
    ):
        assert client.get("/tim/", headers={header: "evil.vn, http, ' \"<script>"}).status_code == 200, header
    profile = "/tai-khoan/thong-tin/"
    for kind in ("application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=nope"):
        assert client.generic("POST", profile, "title=x", kind).status_code == 400, kind
    for kind, body in (
        ("multipart/form-data", "x"),
        ("multipart/form-data; boundary=", "x"),
        ("multipart/form-data; boundary=abc", "--abc\r\nContent-Disposition: form-data; name=title\r\n\r\ncut"),
        ("application/json", '{"title": '),
        ("text/plain", "title=x"),
    ):
        assert client.generic("POST", profile, body, kind).status_code in (200, 302, 400, 422), kind


def test_too_much_at_once(visitors: Visitors) -> None:
    """B77, B78: 1,001 fields are a grid, 5,001 are not; three megabytes are told so."""
    client, profile = visitors.clients["secretary"], "/tai-khoan/thong-tin/"
    form = "application/x-www-form-urlencoded"
    many = "&".join(f"x{i}=1" for i in range(1001))
    assert visitors.ask("secretary", "POST", profile, {f"x{i}": "1" for i in range(1001)}).status_code in (
        200,
        302,
        422,
    )
    assert client.generic("POST", profile, many + "&y=1" * 4100, form).status_code == 400
    answer = client.generic("POST", profile, "title=" + "x" * 3_000_000, form)
    assert (answer.status_code, "lớn" in answer.content.decode()) == (413, True)


# ---------------------------------------------------------------------------------------------------------- forms
@dataclass
class Field:
    name: str
    value: str
    is_choice: bool


def field_of(tag: Tag) -> Field | None:
    """What a browser would send for this element, and whether a person may write into it."""
    name = str(tag.get("name") or "")
    kind = str(tag.get("type") or "text").lower()
    if not name or tag.has_attr("disabled") or kind in ("file", "submit", "button", "image", "reset"):
        return None
    if tag.name == "textarea":
        return Field(name, tag.get_text().removeprefix("\n"), False)
    if tag.name == "select":
        chosen = tag.select_one("option[selected]") or tag.select_one("option")
        return Field(name, str(chosen.get("value", "")) if chosen else "", True)
    if kind in ("checkbox", "radio"):
        return Field(name, str(tag.get("value", "on")) if tag.has_attr("checked") else "", True)
    return Field(name, str(tag.get("value", "")), kind == "hidden")


def forms_of(html: bytes, page: str) -> Iterator[tuple[str, list[Field]]]:
    """Address and fields of each form of the page that posts; of many fields named alike only the first."""
    for form in BeautifulSoup(html, "html.parser").select("form[method=post i]"):
        fields: dict[str, Field] = {}
        for tag in form.select("input, textarea, select"):
            found = field_of(tag)
            if found is not None and (found.name not in fields or found.value):
                fields[found.name] = found
        action = urljoin(page, str(form.get("action") or page))
        if "/dang-xuat/" not in action:
            yield action, list(fields.values())


def alike(name: str) -> str:
    return re.sub(r"\d+", "#", name)


def typed_again(page: BeautifulSoup, value: str, field: Field) -> bool:
    """Does the page hold the value once more in the field of that name (or, on a refusal page, as kept text)?"""
    for tag in page.find_all(attrs={"name": field.name}):
        if isinstance(tag, Tag):
            shown = tag.get_text() if tag.name == "textarea" else str(tag.get("value", ""))
            if value in shown.replace("\r\n", "\n"):
                return True
    return value in page.get_text()


@pytest.mark.parametrize("row", PAGES, ids=lambda r: r.url)
def test_every_field_of_every_form(visitors: Visitors, row: Row) -> None:
    """Each bad value in all fields of words at once; then one field at a time, the others keep what they hold.

    Alone, a field gets one or two of the values, the next field the ones after: what a database refuses in one field
    of words it refuses in all.
    """
    actor = reader_of(row)
    assert actor
    page = visitors.url(row)
    response = visitors.ask(actor, "GET", page)
    if not response.get("Content-Type", "").startswith("text/html"):
        return
    for action, fields in forms_of(response.content, page):
        held = {f.name: f.value for f in fields if f.value or not f.is_choice}
        held.pop("form_key", None)
        words = [f for f in fields if not f.is_choice]
        if (alike(action), "") in TRIED:
            continue
        TRIED.add((alike(action), ""))
        for value, must_stay in TEXTS if words else ():
            check_answer(visitors, actor, action, held, words, value, must_stay)
        for field in fields:
            place = (alike(action), alike(field.name))
            if field.name in ("csrfmiddlewaretoken", "form_key") or place in TRIED:
                continue
            number, step = len(TRIED), 5 if len(fields) < 40 else 10
            values = ((CHOICES[number % 4], False),) if field.is_choice else TEXTS[number % 5 :: step]
            TRIED.add(place)
            for value, must_stay in values:
                check_answer(visitors, actor, action, held, [field], value, must_stay)


def check_answer(
    visitors: Visitors,
    actor: str,
    action: str,
    held: dict[str, str],
    fields: list[Field],
    value: str,
    must_stay: bool,
) -> None:
    answer = visitors.ask(actor, "POST", action, held | {f.name: value for f in fields})
    where = f"{action} {[f.name for f in fields][:9]}={quote(value[:20])} as {actor}: {answer.status_code}"
    assert answer.status_code < 500, where
    if not answer.get("Content-Type", "").startswith("text/html"):
        return
    html = answer.content.decode()
    assert "<script>alert" not in html, where
    if answer.status_code == 422 and must_stay:
        page = BeautifulSoup(html, "html.parser")
        lost = [
            f.name for f in fields if not any(word in f.name for word in SECRET) and not typed_again(page, value, f)
        ]
        assert not lost, f"{where}: what was typed is gone from {lost}"


@pytest.mark.parametrize("row", PAGES, ids=lambda r: r.url)
def test_a_megabyte_in_all_fields_of_words(visitors: Visitors, row: Row) -> None:
    """B51: refused, and quickly enough."""
    actor = reader_of(row)
    assert actor
    page = visitors.url(row)
    response = visitors.ask(actor, "GET", page)
    if not response.get("Content-Type", "").startswith("text/html"):
        return
    for action, fields in forms_of(response.content, page):
        words = [f for f in fields if not f.is_choice]
        if words:
            held = {f.name: f.value for f in fields if f.name != "form_key"}
            answer = visitors.ask(actor, "POST", action, held | {words[-1].name: "x" * 1_000_000})
            assert answer.status_code in (200, 302, 400, 403, 404, 409, 413, 422, 423), (
                f"{action}: {answer.status_code}"
            )
