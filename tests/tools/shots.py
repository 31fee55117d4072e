"""Screenshots of every page as every role at both widths, into var/shots/<role>/<width>/, for looking at.

    make shots                      all roles
    python -m tests.tools.shots thuky canbo --only scoring:

The demo year is loaded into a test database of its own. Each role follows the links of its pages from the home page
on (same origin, GET only), at most two pages of each address. What a script or the CSP complains about, a fault of the
server and a page wider than the screen (390 and 320 px) are printed, and make the command fail.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "shots"
DESK, PHONE, NARROW = (1366, 768), (390, 844), (320, 700)
LINK = re.compile(r"<a\b[^>]*?\shref=\"([^\"]+)\"[^>]*>", re.I)
EACH = 2
NOT_PAGES = {
    "account_logout",
    "documents:download",
    "exchange:template",
    "exchange:faults",
    "mfa_download_recovery_codes",
}
SIGNED_OUT = "khach"
SIGNED_OUT_START = ("/tai-khoan/dang-nhap/",)
START = ("/", "/tai-khoan/", "/cho-xac-nhan/", "/tim/?q=so")


@dataclass
class Walk:
    """What one role met on its way."""

    role: str
    client: Any
    seen: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def heard(self, line: Any) -> None:
        if line.type in ("error", "warning"):
            self.faults.append(f"{self.role}: {line.text}")

    def pages(self, start: tuple[str, ...]) -> Iterator[tuple[str, str]]:
        """Name and address of each page, found by following links with the test client."""
        from django.urls import Resolver404, resolve

        waiting, known = list(start), set(start)
        while waiting:
            address = waiting.pop(0)
            try:
                match = resolve(urlsplit(address).path)
            except Resolver404:
                self.faults.append(f"{self.role}: {address} is a link to nowhere")
                continue
            query = urlsplit(address).query
            kind = match.view_name + (
                "?" + "&".join(sorted(p.partition("=")[0] for p in query.split("&"))) if query else ""
            )
            if match.view_name in NOT_PAGES or self.seen[kind] >= EACH:
                continue
            response = self.client.get(address)
            if response.status_code >= 400:
                self.faults.append(f"{self.role}: {address} is linked and answers {response.status_code}")
            if response.status_code in (301, 302) or not response.get("Content-Type", "").startswith("text/html"):
                continue
            self.seen[kind] += 1
            name = re.sub(r"[^a-z0-9_]+", "-", kind.lower()) + (f"-{self.seen[kind]}" if self.seen[kind] > 1 else "")
            yield name, address
            for tag in LINK.finditer(response.content.decode()):
                target = urldefrag(urljoin(address, tag.group(1).replace("&amp;", "&")))[0]
                if target.startswith("/") and not target.startswith("/static/") and target not in known:
                    known.add(target)
                    waiting.append(target)


def take(walk: Walk, page: Any, start: tuple[str, ...], only: str) -> int:
    """Screenshots of all pages of one role; returns how many pages there were."""
    folder = FOLDER / walk.role
    shutil.rmtree(folder, ignore_errors=True)
    count = 0
    for name, address in walk.pages(start):
        if only and only.replace(":", "-") not in name:
            continue
        count += 1
        for width, height in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            page.goto(address)
            page.wait_for_load_state("load")
            path = folder / str(width) / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path, full_page=True)
            if width == PHONE[0]:
                too_wide(walk, page, address, width)
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        too_wide(walk, page, address, NARROW[0])
    return count


def too_wide(walk: Walk, page: Any, address: str, width: int) -> None:
    over = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if over > 0:
        walk.faults.append(f"{walk.role}: {address} is {over} px wider than {width}")


def roles() -> dict[str, str]:
    """User name → whom it stands for, as the demo prints them; and nobody."""
    from scoring.management.demo.people import SHOWN

    return {SIGNED_OUT: "không đăng nhập", **dict(SHOWN)}


def situations() -> None:
    """What the demo year does not hold: papers made and one still coming, an import with faults, a step that waits,
    a draft of the next scheme. By the same actions as in the office."""
    from django.contrib.auth import get_user_model

    from blocs.actions.bloc import propose_set_members
    from blocs.models import BlocYear, Meeting, Unit
    from blocs.queries.post import load_actor
    from scoring.actions.papers import request_minutes, request_score_sheet, request_score_table
    from scoring.actions.scheme import start_draft
    from scoring.models import ScoreSheet
    from thidua.exchange.actions import upload_import
    from thidua.exchange.kinds import kind_of
    from thidua.jobs.running import run_waiting

    users = {user.username: load_actor(user) for user in get_user_model().objects.all()}
    year = BlocYear.objects.get(bloc__code="BN-VHXH", year=2026)
    request_score_table(by=users["thuky"], bloc_year_id=year.pk)
    request_minutes(by=users["thuky"], meeting_id=Meeting.objects.filter(bloc_year=year, state="approved")[0].pk)
    print(f"{run_waiting()} papers made", flush=True)
    sheet = ScoreSheet.objects.filter(bloc_year=year, unit__code="SVHTTDL").get()
    request_score_sheet(by=users["canbo"], sheet_id=sheet.pk)
    kind = kind_of("don-vi")
    assert kind is not None
    lines = "Mã;Tên đơn vị;Tỉnh\nSXD;Sở Xây dựng;Bắc Ninh\n;Sở không mã;Bắc Ninh\nSYT2;Sở Y tế;Tỉnh không có\n"
    upload_import(by=users["ban1"], kind=kind, scope="", file_name="don-vi.csv", content=lines.encode())
    members = list(year.memberships.order_by("position").values_list("unit_id", flat=True))
    other = Unit.objects.filter(code="SCT", valid_to__isnull=True).first()
    if other is not None:
        propose_set_members(
            by=users["ban1"], bloc_year_id=year.pk, revision=year.revision, members=[*members, other.pk]
        )
    start_draft(by=users["thuky"], bloc_year_id=year.pk, reason="Điều chỉnh thang điểm năm sau (mẫu)")


def shoot(browser: Any, base: str, names: list[str], only: str) -> list[str]:
    """All roles, one context each; returns what was wrong."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    faults: list[str] = []
    for role in names:
        context = browser.new_context(
            base_url=base, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", reduced_motion="reduce"
        )
        client = Client()
        if role != SIGNED_OUT:
            client.force_login(get_user_model().objects.get(username=role))
            value = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": base}])
        walk = Walk(role, client)
        page = context.new_page()
        page.on("pageerror", lambda error, w=walk: w.faults.append(f"{w.role}: script: {error}"))
        page.on("console", walk.heard)
        start = (
            ("/tai-khoan/dang-nhap/",) if role == SIGNED_OUT else ("/", "/tai-khoan/", "/cho-xac-nhan/", "/tim/?q=so")
        )
        count = take(walk, page, start, only)
        print(f"{role}: {count} pages, {len(walk.faults)} faults", flush=True)
        faults += walk.faults
        context.close()
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description="Screenshots of every page as every role.")
    parser.add_argument("roles", nargs="*")
    parser.add_argument("--only", default="", help="pages whose name contains this, such as scoring: or blocs:meeting")
    wanted = parser.parse_args()

    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    os.environ["THIDUA_TEST_DB"] = "shots"
    os.environ["THIDUA_TESTING"] = "1"
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    import django

    django.setup()
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.management import call_command
    from django.db import connection
    from django.test.testcases import LiveServerThread
    from django.test.utils import setup_test_environment
    from playwright.sync_api import sync_playwright

    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    try:
        call_command("seed_demo")
        situations()
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        env = {n: v for n, v in os.environ.items() if n != "FONTCONFIG_FILE"}  # the papers' fonts, not the screen's
        path = os.environ.get("THIDUA_CHROMIUM", "/usr/bin/chromium")
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"], env=env)
            names = wanted.roles or list(roles())
            faults = shoot(browser, f"http://127.0.0.1:{server.port}", names, wanted.only)
            browser.close()
    finally:
        server.terminate()
        with connection.cursor() as cursor:  # a last request of a page may still hold its connection
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.creation.destroy_test_db(name, verbosity=0)
    for fault in dict.fromkeys(faults):
        print("  " + fault)
    print(f"{len(set(faults))} faults; pictures in {FOLDER.relative_to(ROOT)}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
