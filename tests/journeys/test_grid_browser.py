"""The score grid in a real browser: keys, pasting, a lost connection, two editors, an ended session, a phone."""

from __future__ import annotations

import re
import time
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from scoring.models import Criterion, ScoreEntry, ScoreSheet
from tests import personas as people
from tests.journeys.conftest import PHONE


@pytest.fixture
def scored(live_world):
    people.make_scheme(live_world.bloc_year)
    return live_world


def address(world, stage="khoi"):
    return reverse("scoring:grid", args=[world.bloc_year.pk]) + f"?buoc={stage}"


def ids(world, index, code):
    sheet = ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[index])
    criterion = Criterion.objects.get(scheme__bloc_year=world.bloc_year, code=code)
    return sheet, criterion


def cell(page: Any, index: int, code: str) -> Any:
    """The cell of the unit with this index and of this criterion."""
    return page.locator(f'tr[data-code="{code}"] > td').nth(index + 1)


def held(world, index, code):
    sheet, criterion = ids(world, index, code)
    return ScoreEntry.objects.filter(sheet=sheet, criterion=criterion).first()


def until(page: Any, expression: str, seconds: float = 10) -> None:
    """Wait until an expression holds (the page's policy forbids the way the driver waits for one)."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"never: {expression}"
        page.wait_for_timeout(50)


def wait_saved(page: Any) -> None:
    """Everything typed was acknowledged: the tab keeps nothing any more."""
    until(page, "!Object.keys(sessionStorage).some((name) => name.startsWith('thidua-grid:'))")


def open_grid(page: Any, world: Any, stage: str = "khoi") -> None:
    page.goto(address(world, stage))
    page.wait_for_selector("form.is-live")


def test_a_row_is_filled_by_keyboard(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    cell(page, 1, "I.2").click()
    for text in ("9,5", "10", "11,25"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    wait_saved(page)
    assert [held(scored, i, "I.2").points for i in (1, 2, 3)] == [Decimal("9.5"), Decimal(10), Decimal("11.25")]
    assert re.search(r"✓ \d\d:\d\d:\d\d\s*9,50", cell(page, 1, "I.2").inner_text())
    until(page, "document.querySelector('tfoot .t1').cells[3].textContent === '9,50'")
    # up and down, then undo
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Control+z")
    wait_saved(page)
    assert held(scored, 3, "I.2").points is None
    page.keyboard.press("Control+y")
    wait_saved(page)
    assert held(scored, 3, "I.2").points == Decimal("11.25")
    page.keyboard.press("Delete")
    wait_saved(page)
    assert held(scored, 3, "I.2").points is None


def test_refused_value_stays_with_its_reason(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    cell(page, 3, "I.2").click()
    page.keyboard.type("105")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-faults] li")
    words = page.locator("[data-faults]").inner_text()
    assert "105 lớn hơn điểm tối đa 20" in words and "Sở KHCN, I.2" in words
    assert "105" in cell(page, 3, "I.2").inner_text()
    page.reload()
    page.wait_for_selector("[data-faults] li")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Sửa ô").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("15")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert held(scored, 3, "I.2").points == 15
    assert page.locator("[data-faults]").is_hidden()


def test_block_from_a_workbook(scored, browse):
    page = browse(scored.user("an"), permissions=["clipboard-read", "clipboard-write"])
    open_grid(page, scored)
    block = "\n".join("\t".join(f"{r + c},5" for c in range(6)) for r in range(1)) + "\n"
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    cell(page, 1, "I.2").click()
    page.keyboard.press("Control+v")
    wait_saved(page)
    assert [str(held(scored, i, "I.2").points) for i in (1, 6)] == ["0.5000", "5.5000"]
    # above 20 cells a preview is asked
    block = "\n".join("\t".join("1" for _ in range(7)) for _ in range(3))
    page.evaluate("text => navigator.clipboard.writeText(text)", block)
    cell(page, 1, "II.2").click()
    page.keyboard.press("Control+v")
    page.wait_for_selector("dialog[data-dialog=paste][open]")
    assert "21 ô sẽ đổi" in page.locator("dialog[data-dialog=paste]").inner_text()
    page.get_by_role("button", name="Dán", exact=True).click()
    wait_saved(page)
    assert held(scored, 7, "II.3").count == 1 and held(scored, 1, "II.2").passed is True
    assert held(scored, 4, "T").count == 1


def test_nothing_is_lost_offline(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    page.context.set_offline(True)
    cell(page, 1, "I.2").click()
    for number in range(1, 6):
        page.keyboard.type(str(number))
        page.keyboard.press("Tab")
    page.wait_for_selector("text=5 ô đang chờ gửi")
    assert "chờ mạng" in cell(page, 1, "I.2").inner_text()
    assert not ScoreEntry.objects.exists()
    page.context.set_offline(False)
    wait_saved(page)
    assert [held(scored, i, "I.2").points for i in range(1, 6)] == [1, 2, 3, 4, 5]
    assert {e.revision for e in ScoreEntry.objects.all()} == {1}


def test_waiting_values_outlive_a_reload(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    page.route("**/cham-diem/o/", lambda route: route.abort())
    cell(page, 1, "I.2").click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-net]:not([hidden])")
    page.unroute("**/cham-diem/o/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_selector("form.is-live")
    wait_saved(page)
    assert held(scored, 1, "I.2").points == 7


def test_lost_answers_are_not_written_twice(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    seen = []

    def drop(route):
        seen.append(1)
        if len(seen) % 2:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/cham-diem/o/", drop)
    cell(page, 1, "I.2").click()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert held(scored, 1, "I.2").revision == 1 and len(seen) >= 2


def test_two_editors_get_both_values(scored, browse):
    first, second = browse(scored.user("an")), browse(scored.user("binh"))
    open_grid(first, scored)
    open_grid(second, scored)
    cell(second, 3, "I.2").click()
    second.keyboard.type("12")
    second.keyboard.press("Enter")
    wait_saved(second)
    cell(first, 3, "I.2").click()
    first.keyboard.type("15")
    first.keyboard.press("Enter")
    first.wait_for_selector("[data-faults] li.conf")
    words = first.locator("[data-faults]").inner_text()
    assert "bạn nhập 15" in words and "đã lưu 12" in words and "Trần Văn Bình (mẫu)" in words
    assert re.search(r"bạn 15 · B\. 12", cell(first, 3, "I.2").inner_text())
    assert held(scored, 3, "I.2").points == 12
    first.get_by_role("button", name="Dùng 15 của tôi").click()
    wait_saved(first)
    assert held(scored, 3, "I.2").points == 15


def test_session_ends_while_typing(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    cell(page, 1, "I.2").click()
    Session.objects.all().delete()
    from django.conf import settings
    from django.core.cache import cache

    if "cache" in settings.SESSION_ENGINE:
        cache.clear()
    page.keyboard.type("8")
    page.keyboard.press("Tab")
    page.keyboard.type("9")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[data-dialog=login][open]")
    assert "Phiên làm việc đã hết. Đăng nhập lại ở đây, những gì bạn gõ vẫn còn." in page.inner_text("dialog[open]")
    page.fill("#dlg-user", "an")
    page.fill("#dlg-pass", "sai")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-login-fault]').textContent.length > 5")
    page.fill("#dlg-pass", people.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[data-dialog=login]", state="hidden")
    wait_saved(page)
    assert [held(scored, i, "I.2").points for i in (1, 2)] == [8, 9]


def test_another_person_never_finds_what_was_typed(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    name = f"thidua-grid:{scored.user('an').pk}:{scored.bloc_year.pk}:khoi"
    page.evaluate("name => sessionStorage.setItem(name, '{}')", name)
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(scored.user("binh"))
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": page.url.split("/khoi")[0]}]
    )
    open_grid(page, scored)
    assert page.evaluate("Object.keys(sessionStorage).filter((n) => n.startsWith('thidua-grid:'))") == []


def test_levels_list_and_escape(scored, browse):
    page = browse(scored.user("an"))
    open_grid(page, scored)
    cell(page, 3, "II.1").click()
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("dialog[data-dialog=levels][open]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    wait_saved(page)
    assert held(scored, 3, "II.1").level == "Khá"
    page.keyboard.type("xyz")
    page.keyboard.press("Escape")
    assert page.locator("td.focus input").input_value() == "Khá"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.hasAttribute('data-strip')")


def test_changes_of_others_are_marked(scored, browse):
    page, other = browse(scored.user("an")), browse(scored.user("binh"))
    open_grid(page, scored)
    cell(page, 3, "I.2").click()
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    wait_saved(page)
    open_grid(other, scored)
    cell(other, 3, "I.2").click()
    other.keyboard.type("14")
    other.keyboard.press("Enter")
    wait_saved(other)
    cell(page, 5, "I.2").click()
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.changed")
    assert "từ 12,00" in cell(page, 3, "I.2").inner_text() and "14,00" in cell(page, 3, "I.2").inner_text()


def test_phone_shows_one_unit(scored, browse):
    page = browse(scored.user("an"), viewport=PHONE, has_touch=True, is_mobile=True)
    open_grid(page, scored)
    assert page.evaluate("document.documentElement.scrollWidth <= 390")
    assert page.locator("[data-unit-pick] option:checked").inner_text() == "Sở Y tế"
    cell(page, 1, "I.2").tap()
    assert page.locator("td.focus input").get_attribute("inputmode") == "decimal"
    page.keyboard.type("105")
    page.keyboard.press("Enter")
    page.wait_for_selector("td.refused.on[data-msg]")
    assert "1 ô cần sửa" in page.inner_text("[data-bottom]")
    page.get_by_role("button", name="Đơn vị sau").tap()
    assert page.locator("[data-unit-pick] option:checked").inner_text() == "Sở Văn hóa, Thể thao và Du lịch"
    assert cell(page, 1, "I.2").is_hidden() and cell(page, 2, "I.2").is_visible()


def test_form_works_without_scripts(scored, browse):
    page = browse(scored.user("an"), java_script_enabled=False)
    page.goto(address(scored))
    sheet, criterion = ids(scored, 3, "I.2")
    page.fill(f"input[name=c-{sheet.pk}-{criterion.pk}]", "9,5")
    page.get_by_role("button", name="Lưu").click()
    assert held(scored, 3, "I.2").points == Decimal("9.5")


@pytest.mark.parametrize("who", ["an", "chung"])
def test_axe_finds_nothing(scored, browse, who):
    from axe_playwright_python.sync_playwright import Axe

    page = browse(scored.user(who))
    open_grid(page, scored)
    if who == "an":
        cell(page, 3, "I.2").click()
        page.keyboard.type("105")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-faults] li")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_long_table_stays_quick(transactional_db, browse):
    world = people.make_world(12)
    lines = tuple(
        line
        for s in range(16)
        for line in (
            (f"{s}", "", "section", f"Mục {s}", "100", "sum", ""),
            *((f"{s}.{i}", f"{s}", "criterion", f"Tiêu chí {i}", "10", "direct", "") for i in range(10)),
        )
    )
    people.make_scheme(world.bloc_year, lines)
    page = browse(world.user("an"))
    open_grid(page, world)
    assert page.locator("tbody tr:visible").count() == 16
    page.get_by_role("button", name="Mục 3").click()
    assert page.locator("tbody tr:visible").count() == 26
    cell(page, 1, "3.0").click()
    took = page.evaluate(
        """async () => {
            const began = performance.now();
            for (let i = 0; i < 40; i += 1) {
                const key = i % 2 ? "ArrowDown" : "ArrowRight";
                document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
                await new Promise((done) => requestAnimationFrame(done));
            }
            return (performance.now() - began) / 40;
        }"""
    )
    assert took < 100, f"{took} ms a key"
