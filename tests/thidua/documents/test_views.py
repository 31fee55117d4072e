"""Pages of papers and jobs: strangers 404, files sent as they were stored, polling that ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests import personas
from tests.thidua.documents.kinds import BROKEN, covenant_context
from tests.thidua.jobs import handlers  # noqa: F401
from thidua.documents import actions, store
from thidua.documents.models import Document
from thidua.documents.permissions import can_retry, can_view
from thidua.documents.registry import DocumentKind, register
from thidua.jobs import actions as jobs
from thidua.jobs import running
from thidua.lib.actor import SYSTEM, Actor

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
MINUTES = DocumentKind(
    slug="tests-office",
    title="Biên bản hội nghị tổng kết",
    template="print/blocs/covenant.html",
    build_context=covenant_context,
    can_view=lambda actor, document: actor.is_system or actor.holds("bloc_secretary"),
)
register(MINUTES)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.THIDUA_JOB_BELL = False


@pytest.fixture
def paper(world: personas.World) -> Document:
    return actions.request(by=world.actor("an"), kind=MINUTES, subject=world.user("an"), scope="x")


@pytest.fixture
def ready(paper: Document) -> Document:
    running.run_waiting()
    paper.refresh_from_db()
    return paper


def test_the_file_is_sent_as_an_attachment_with_its_vietnamese_name(
    world: personas.World, ready: Document, sign_in: Callable[..., Any]
) -> None:
    answer = sign_in(world.user("an")).get(f"/giay-to/{ready.pk}/tai-ve/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''" + quote(
        "Biên bản hội nghị tổng kết, bản 1.pdf"
    )
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert answer.content == (store.folder() / ready.file).read_bytes()


@pytest.mark.parametrize("address", ["", "tai-ve/", "tao-lai/"])
@pytest.mark.parametrize("who", ["mai", "chi"])
def test_strangers_see_nothing(
    world: personas.World, ready: Document, sign_in: Callable[..., Any], who: str, address: str
) -> None:
    browser = sign_in(world.user(who))
    send = browser.post if address == "tao-lai/" else browser.get
    assert send(f"/giay-to/{ready.pk}/{address}").status_code == 404
    assert send(f"/giay-to/{ready.pk + 1}/{address}").status_code == 404


def test_a_changed_file_is_not_sent_and_can_be_made_again(
    world: personas.World, ready: Document, sign_in: Callable[..., Any]
) -> None:
    path = store.folder() / ready.file
    good = path.read_bytes()
    path.write_bytes(good.replace(b"obj", b"0bj", 1))
    browser = sign_in(world.user("an"))
    answer = browser.get(f"/giay-to/{ready.pk}/tai-ve/")
    assert answer.status_code == 409
    assert answer["Content-Type"].startswith("text/html")
    assert "không còn giống lúc tạo" in answer.content.decode()
    assert browser.post(f"/giay-to/{ready.pk}/tao-lai/").status_code == 302
    running.run_waiting()
    answer = browser.get(f"/giay-to/{ready.pk}/tai-ve/")
    assert answer.content == good, "the same content gives the same bytes"


def test_a_paper_that_is_not_ready_says_so(world: personas.World, paper: Document, sign_in: Callable[..., Any]) -> None:
    answer = sign_in(world.user("an")).get(f"/giay-to/{paper.pk}/tai-ve/")
    assert answer.status_code == 423
    assert "chưa tạo xong" in answer.content.decode()


def test_the_row_asks_for_itself_until_the_paper_is_made(
    world: personas.World, paper: Document, sign_in: Callable[..., Any]
) -> None:
    browser = sign_in(world.user("an"))
    url = f"/giay-to/{paper.pk}/"
    page = browser.get(url).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert "thứ 1 trong hàng" in page
    assert "Xem lại" in page, "without JavaScript there is a link"
    row = browser.get(url, **HTMX)
    assert (row.status_code, row.content.decode().strip()[:3]) == (200, "<tr")
    assert row.content.decode().strip() in page
    running.run_waiting()
    row = browser.get(url, **HTMX)
    assert row.status_code == 286
    assert "hx-get" not in row.content.decode()
    assert "Tải PDF" in browser.get(url).content.decode()


def test_a_failed_paper_tells_why_and_can_be_made_again(world: personas.World, sign_in: Callable[..., Any]) -> None:
    broken = replace(BROKEN, slug="tests-office-broken", can_view=MINUTES.can_view)
    register(broken)
    paper = actions.request(by=world.actor("an"), kind=broken, subject=world.user("an"), scope="x")
    running.run_waiting()
    browser = sign_in(world.user("an"))
    page = browser.get(f"/giay-to/{paper.pk}/").content.decode()
    assert "Chưa tạo được: Giấy thiếu dữ liệu" in page
    assert "Tạo lại" in page
    row = browser.post(f"/giay-to/{paper.pk}/tao-lai/", **HTMX)
    assert (row.status_code, "hx-get" in row.content.decode()) == (200, True)
    assert browser.post(f"/giay-to/{paper.pk}/tao-lai/").status_code == 409, "it is being made already"
    assert browser.get(f"/giay-to/{paper.pk}/tao-lai/").status_code == 405


def test_a_letter_the_typeface_lacks_is_mended_and_asked_for_anew(
    world: personas.World, sign_in: Callable[..., Any]
) -> None:
    odd = replace(
        MINUTES,
        slug="tests-office-odd",
        build_context=lambda user: {**covenant_context(user), "closing": user.title},
    )
    register(odd)
    user = world.user("an")
    user.title = "Cam kết \U00013000"
    paper = actions.request(by=world.actor("an"), kind=odd, subject=user, scope="x")
    running.run_waiting()
    page = sign_in(user).get(f"/giay-to/{paper.pk}/").content.decode()
    assert "lưu lại, rồi bấm “Tạo …”" in page
    assert "Tạo lại" not in page
    user.title = "Cam kết"
    assert actions.request(by=world.actor("an"), kind=odd, subject=user, scope="x").version == 2


def test_the_page_of_a_job(world: personas.World, sign_in: Callable[..., Any]) -> None:
    job = jobs.start("tests.count", {"user": world.user("an").pk}, by=world.actor("an"))
    browser = sign_in(world.user("an"))
    url = f"/cong-viec/{job.pk}/"
    page = browser.get(url).content.decode()
    assert "Đang chờ, thứ 1 trong hàng" in page
    assert "Xem lại" in page
    assert browser.get(url, **HTMX).status_code == 200
    assert sign_in(world.user("chi")).get(url).status_code == 404
    running.run_waiting()
    done = browser.get(url, **HTMX)
    assert (done.status_code, "Mở kết quả" in done.content.decode()) == (286, True)
    assert browser.get(url).status_code == 200
    assert browser.post(f"{url}lam-lai/").status_code == 409


def test_a_failed_job_is_tried_again_by_its_owner(world: personas.World, sign_in: Callable[..., Any]) -> None:
    job = jobs.start("tests.refuse", {}, by=world.actor("an"))
    running.run_waiting()
    browser = sign_in(world.user("an"))
    assert "Sở Y tế chưa có tên người ký" in browser.get(f"/cong-viec/{job.pk}/").content.decode()
    assert sign_in(world.user("chi")).post(f"/cong-viec/{job.pk}/lam-lai/").status_code == 404
    assert browser.post(f"/cong-viec/{job.pk}/lam-lai/").status_code == 302
    job.refresh_from_db()
    assert job.state == "queued"


@pytest.mark.parametrize(
    "address", ["/cong-viec/00000000-0000-0000-0000-000000000000/", "/cong-viec/x/", "/giay-to/99999999999999999999/"]
)
def test_garbage_in_the_address_is_404(world: personas.World, sign_in: Callable[..., Any], address: str) -> None:
    assert sign_in(world.user("an")).get(address).status_code == 404


def test_a_paper_of_a_forgotten_kind_is_seen_by_nobody(ready: Document, world: personas.World) -> None:
    ready.kind = "gone"
    assert not can_view(SYSTEM, ready)
    assert not can_retry(Actor(user_id=1, name="x"), ready)
