"""The main job from end to end, by people in a real browser: score, lock, minutes; and a telephone."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from blocs.models import Attendance, Meeting
from blocs.rules.states import MeetingKind
from scoring.models import Criterion, RankingSnapshot, ScoreEntry, ScoreSheet, Stage
from tests import personas as people
from tests.journeys.conftest import PHONE
from tests.journeys.test_grid_browser import cell, held, open_grid, until, wait_saved
from thidua.jobs.running import run_waiting


@pytest.fixture
def nearly_done(live_world: people.World) -> people.World:
    """A bloc-year whose bloc stage lacks one row, I.2, and nothing else; and the conference of the year's end."""
    from django.utils import timezone

    scheme = people.make_scheme(live_world.bloc_year)
    stage = Stage.objects.get(bloc_year=live_world.bloc_year, slug="khoi")
    lines = {c.code: c for c in Criterion.objects.filter(scheme=scheme)}
    inputs: dict[str, dict[str, Any]] = {
        "I.1": {"target": 100, "actual": 80},
        "I.3": {"outside_rank": 2},
        "I.4": {"actual": 10},
        "II.1": {"level": "Tốt"},
        "II.2": {"passed": True},
        "II.3": {"count": 0},
    }
    for place, unit in enumerate(live_world.units):
        sheet = ScoreSheet.objects.get(bloc_year=live_world.bloc_year, unit=unit)
        for code, values in inputs.items():
            more = {"actual": 80 + place} if code == "I.1" else {}
            ScoreEntry.objects.create(
                sheet=sheet,
                criterion=lines[code],
                stage=stage,
                changed_at=timezone.now(),
                changed_by="An",
                **(values | more),
            )
    meeting = Meeting.objects.create(
        bloc_year=live_world.bloc_year,
        kind=MeetingKind.YEAR_END.value,
        title="Hội nghị tổng kết công tác thi đua năm 2026",
        place="Hội trường Sở Giáo dục và Đào tạo",
        held_on=timezone.localdate(),
        chair_name=people.NAMES["binh"],
        secretary_name=people.NAMES["an"],
        with_ranking=True,
    )
    for place, unit in enumerate(live_world.units, 1):
        Attendance.objects.create(meeting=meeting, kind="member", unit=unit, person="Đại biểu (mẫu)", position=place)
    return live_world


def sign_in(page: Any, name: str) -> None:
    """Through the page, as a person does; the address asked for first is where one ends up."""
    page.goto("/")
    page.get_by_label("Tên đăng nhập").fill(name)
    page.get_by_label("Mật khẩu", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/")


def places(page: Any) -> str:
    return page.locator("tfoot").inner_text()


def test_from_scores_to_minutes(nearly_done: people.World, browse: Any) -> None:
    world = nearly_done
    page = browse(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, "an")
    open_grid(page, world)
    before = places(page)
    # by keyboard
    cell(page, 2, "I.2").click()
    for text in ("18,5", "12"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    wait_saved(page)
    assert [held(world, i, "I.2").points for i in (2, 3)] == [Decimal("18.5"), Decimal(12)]
    until(page, "document.querySelector('tfoot').innerText !== " + json.dumps(before))
    # a block of the workbook
    page.evaluate("() => navigator.clipboard.writeText('14\\t13,25\\n')")
    cell(page, 4, "I.2").click()
    page.keyboard.press("Control+v")
    wait_saved(page)
    assert [held(world, i, "I.2").points for i in (4, 5)] == [Decimal(14), Decimal("13.25")]
    # the line is lost and comes back
    page.context.set_offline(True)
    cell(page, 6, "I.2").click()
    page.keyboard.type("20")
    page.keyboard.press("Tab")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    assert held(world, 6, "I.2") is None
    page.context.set_offline(False)
    wait_saved(page)
    assert [held(world, i, "I.2").points for i in (6, 7)] == [Decimal(20), Decimal(9)]
    # the ranking moved
    page.goto(reverse("scoring:ranking", args=[world.bloc_year.pk]))
    assert "Báo và Phát thanh, Truyền hình" in page.locator("tbody tr").first.inner_text()
    # the column of the secretary's own unit is the deputy's; the lead cannot lock before it is full
    deputy = browse(world.user("ha"))
    open_grid(deputy, world)
    cell(deputy, 0, "I.2").click()
    deputy.keyboard.type("16")
    deputy.keyboard.press("Enter")
    wait_saved(deputy)
    open_grid(page, world)
    cell(page, 1, "I.2").click()
    page.keyboard.type("11")
    page.keyboard.press("Enter")
    wait_saved(page)
    # the lead signs in, confirms the password, locks
    lead = browse()
    sign_in(lead, "binh")
    lead.goto(reverse("scoring:lock_table", args=[world.bloc_year.pk]))
    lead.get_by_label("Mật khẩu của bạn").fill("sai-mat-khau")
    lead.get_by_role("button", name=re.compile("Chốt")).click()
    lead.get_by_text("Mật khẩu chưa đúng").first.wait_for()
    assert not RankingSnapshot.objects.exists()
    lead.get_by_label("Mật khẩu của bạn").fill(people.PASSWORD)
    lead.get_by_role("button", name=re.compile("Chốt")).click()
    lead.wait_for_url("**/xep-hang/")
    assert RankingSnapshot.objects.filter(bloc_year=world.bloc_year, unlocked_at=None).count() == 1
    # no cell takes a number any more
    open_locked = reverse("scoring:grid", args=[world.bloc_year.pk]) + "?buoc=khoi"
    page.goto(open_locked)
    assert page.locator("form.is-live input:not([type=hidden])").count() == 0
    # the minutes
    page.goto(reverse("blocs:meeting", args=[Meeting.objects.get().pk]))
    page.get_by_role("button", name=re.compile("biên bản", re.I)).first.click()
    page.wait_for_url("**/giay-to/")
    assert run_waiting() == 1
    page.reload()
    with page.expect_download() as coming:
        page.get_by_role("link", name=re.compile("Tải")).first.click()
    path = coming.value.path()
    with open(path, "rb") as file:
        assert file.read(5) == b"%PDF-"
    assert coming.value.suggested_filename.endswith(".pdf")


def test_own_scores_on_a_telephone(live_world: people.World, browse: Any) -> None:
    people.make_scheme(live_world.bloc_year)
    page = browse(None, PHONE, has_touch=True, is_mobile=True)
    sign_in(page, "chung")
    page.get_by_role("link", name=re.compile("tự chấm", re.I)).first.click()
    page.wait_for_selector("form.is-live")
    until(page, "document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("thead th:visible").count() <= 3, "a telephone shows one unit"
    box = cell(page, 0, "I.2")  # the only column a member sees
    box.tap()
    page.keyboard.type("17,5")
    page.keyboard.press("Enter")
    wait_saved(page)
    sheet = ScoreSheet.objects.get(bloc_year=live_world.bloc_year, unit=live_world.units[2])
    entry = ScoreEntry.objects.get(sheet=sheet, criterion__code="I.2", stage__slug="tu-cham")
    assert entry.points == Decimal("17.5")
