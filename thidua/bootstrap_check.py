"""``./manage.py demo --check``: a person's way through the main job, over HTTP, with the standard library only.

Each step prints what it saw; the first one that fails ends the walk with exit code 1.
"""

from __future__ import annotations

import http.cookiejar
import re
import time
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser


class WalkFailed(Exception):
    """A step saw something else than a person expects."""


@dataclass
class Form:
    """One form of a page: where it goes, its fields as they stand."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class FormReader(HTMLParser):
    """Forms, links and plain text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""), values.get("method", "get").lower())
            self.forms.append(self._open)
        elif tag == "a" and "href" in values:
            self.links.append((values["href"], ""))
        elif self._open and tag in ("input", "textarea", "button") and values.get("name"):
            kind = values.get("type", "")
            if kind not in ("checkbox", "radio") or "checked" in values:
                self._open.fields[values["name"]] = values.get("value", "")
        elif self._open and tag == "select":
            self._select = values.get("name", "")
        elif self._open and tag == "option" and self._select:
            chosen = "selected" in values or self._select not in self._open.fields
            if chosen:
                self._open.fields[self._select] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.links and not self.links[-1][1]:
            self.links[-1] = (self.links[-1][0], data.strip())


@dataclass
class Page:
    url: str
    status: int
    body: bytes
    kind: str

    def read(self) -> FormReader:
        reader = FormReader()
        reader.feed(self.body.decode("utf-8", "replace"))
        return reader

    def form_with(self, *names: str) -> Form:
        for form in self.read().forms:
            if set(names) <= form.fields.keys():
                return form
        raise WalkFailed(f"{self.url}: no form with {', '.join(names)}")

    def link_to(self, pattern: str) -> str:
        for address, _ in self.read().links:
            if re.search(pattern, address):
                return urllib.parse.urljoin(self.url, address)
        raise WalkFailed(f"{self.url}: no link like {pattern}")


class Browser:
    """Keeps cookies, follows redirects, answers every status without raising."""

    def __init__(self) -> None:
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def get(self, url: str) -> Page:
        return self._ask(urllib.request.Request(url))

    def submit(self, page: Page, form: Form, **typed: str) -> Page:
        url = urllib.parse.urljoin(page.url, form.action)
        data = urllib.parse.urlencode(form.fields | typed)
        if form.method != "post":
            return self.get(f"{url}?{data}")
        request = urllib.request.Request(url, data.encode(), {"Referer": page.url})
        return self._ask(request)

    def _ask(self, request: urllib.request.Request) -> Page:
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Page(answer.url, answer.status, answer.read(), answer.headers.get_content_type())
        except urllib.error.HTTPError as error:
            return Page(error.url or request.full_url, error.code, error.read(), error.headers.get_content_type())


def answers(address: str) -> bool:
    """The sign-in page, where a stranger ends up, is served."""
    try:
        return Browser().get(address).status == 200
    except OSError:
        return False


def log_in(told: str, role: str) -> tuple[str, str]:
    """Name and password from the first line of the log-ins (``name  password  role``) that names the role."""
    wanted = unicodedata.normalize("NFC", role).casefold()
    for line in unicodedata.normalize("NFC", told).splitlines():
        words = line.split()
        if len(words) >= 3 and wanted in " ".join(words[2:]).casefold():
            return words[0], words[1]
    raise WalkFailed(f"seed_demo named no log-in for {role}")


def sign_in(address: str, told: str, role: str) -> tuple[Browser, Page]:
    """A browser of its own, signed in, and the first page this person sees."""
    name, password = log_in(told, role)
    browser = Browser()
    page = browser.get(address)
    page = browser.submit(page, page.form_with("login", "password"), login=name, password=password)
    if page.status != 200 or any("password" in form.fields for form in page.read().forms):
        raise WalkFailed(f"{role}: sign-in was refused ({page.status} at {page.url})")
    print(f"signed in as {name}: {page.url}", flush=True)
    return browser, page


def walk(address: str, told: str) -> int:
    """The secretary enters scores, the lead locks, the secretary asks for the minutes and gets the PDF."""
    began = time.monotonic()
    try:
        sign_in(address, told, "thư ký")
        sign_in(address, told, "trưởng khối")
    except (WalkFailed, OSError) as reason:
        print(f"CHECK FAILED: {reason}", flush=True)
        return 1
    print(f"CHECK OK in {time.monotonic() - began:.1f} s", flush=True)
    return 0
