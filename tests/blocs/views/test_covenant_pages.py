"""The pages of covenants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from blocs.actions.covenant import create_covenant, save_covenant, save_signatures
from blocs.models import BlocYear, Covenant
from tests.blocs.drafts import agreed_covenant, fields_of, signatures_of
from tests.client import OfficeClient
from tests.conftest import assert_flat_queries
from tests.personas import PASSWORD, World
from thidua.documents.models import Document

pytestmark = pytest.mark.django_db
SignIn = Callable[[Any], OfficeClient]


@pytest.fixture
def covenant(world: World) -> Covenant:
    return create_covenant(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)


def _url(name: str, pk: int) -> str:
    return reverse(f"blocs:{name}", args=[pk])


def test_nothing_yet_then_a_draft(world: World, sign_in: SignIn) -> None:
    an = sign_in(world.user("an"))
    url = _url("covenant", world.bloc_year.pk)
    page = an.get(url).content.decode()
    assert "Chưa có giao ước thi đua năm 2026" in page
    assert "Chép lời" not in page
    assert "Soạn giao ước mới" not in sign_in(world.user("chi")).get(url).content.decode()
    answer = an.post(_url("create_covenant", world.bloc_year.pk))
    covenant = Covenant.objects.get()
    assert answer["Location"] == _url("edit_covenant", covenant.pk)
    assert an.post(_url("create_covenant", world.bloc_year.pk)).status_code == 409
    assert an.get(_url("create_covenant", world.bloc_year.pk)).status_code == 405


def test_last_years_text_is_a_start(world: World, sign_in: SignIn) -> None:
    last = BlocYear.objects.create(bloc=world.bloc, year=2025)
    old = Covenant.objects.create(bloc_year=last, preamble="Lời mở đầu năm trước", state="signed")
    old.lines.create(section="content", position=1, text="Nội dung cũ")
    an = sign_in(world.user("an"))
    assert "Chép lời giao ước năm 2025" in an.get(_url("covenant", world.bloc_year.pk)).content.decode()
    assert an.post(_url("copy_covenant", world.bloc_year.pk)).status_code == 302
    copied = Covenant.objects.get(bloc_year=world.bloc_year)
    assert (copied.preamble, copied.state) == ("Lời mở đầu năm trước", "draft")
    assert [line.text for line in copied.lines.all()] == ["Nội dung cũ"]


def test_text_is_saved_in_order(world: World, sign_in: SignIn, covenant: Covenant) -> None:
    an = sign_in(world.user("an"))
    edit = _url("edit_covenant", covenant.pk)
    data = fields_of(an.get(edit).content.decode())
    data |= {
        "preamble": "Tám đơn vị cùng ký kết:",
        "ground-0-text": "Căn cứ Quyết định số 109/QĐ-UBND",
        "content-0-text": "Việc thứ hai",
        "content-0-position": "2",
        "content-1-text": "Việc thứ nhất",
        "content-1-position": "1",
        "unit_targets-0-unit_id": str(world.units[1].pk),
        "unit_targets-0-name": "Tỷ lệ hồ sơ đúng hạn",
        "unit_targets-0-value": "98,50",
        "unit_targets-0-measure": "%",
    }
    assert an.post(edit, data).status_code == 302
    assert [line.text for line in covenant.lines.filter(section="content")] == ["Việc thứ nhất", "Việc thứ hai"]
    page = an.get(_url("covenant", world.bloc_year.pk)).content.decode()
    assert "98,5" in page
    assert "Tám đơn vị cùng ký kết:" in page
    again = fields_of(an.get(edit).content.decode())
    assert again["unit_targets-0-value"] == "98,5"
    assert an.post(edit, again).status_code == 302
    covenant.refresh_from_db()
    assert covenant.revision == 2, "the same content again is no new version"


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("unit_targets-0-value", "1.000"),
        ("unit_targets-0-value", "-5"),
        ("unit_targets-0-value", "9e9"),
        ("unit_targets-0-name", ""),
        ("unit_targets-0-unit_id", "999999"),
        ("title", "x" * 301),
        ("preamble", "a" * 1_000_000),
        ("content-0-text", "a\x08b"),
    ],
)
def test_bad_input_is_refused_and_kept(
    world: World, sign_in: SignIn, covenant: Covenant, name: str, typed: str
) -> None:
    an = sign_in(world.user("an"))
    edit = _url("edit_covenant", covenant.pk)
    data = fields_of(an.get(edit).content.decode())
    data |= {"unit_targets-0-unit_id": str(world.units[1].pk), "unit_targets-0-name": "Tên", "closing": "Gõ dở"}
    data |= {"unit_targets-0-measure": "%", name: typed}
    answer = an.post(edit, data)
    assert answer.status_code == 422
    assert "Gõ dở" in answer.content.decode()
    covenant.refresh_from_db()
    assert covenant.revision == 1


def test_two_editors_of_the_text(world: World, sign_in: SignIn, covenant: Covenant) -> None:
    an = sign_in(world.user("an"))
    edit = _url("edit_covenant", covenant.pk)
    mine = fields_of(an.get(edit).content.decode()) | {"content-0-text": "Việc của An"}
    theirs = {"content": [{"text": "Việc của Hà"}]}
    save_covenant(by=world.actor("ha"), covenant_id=covenant.pk, revision=1, content=theirs)
    answer = an.post(edit, mine)
    assert answer.status_code == 409
    chosen = fields_of(answer.content.decode()) | {"pick-content": "both"}
    assert an.post(edit, chosen).status_code == 302
    assert [line.text for line in covenant.lines.all()] == ["Việc của Hà", "Việc của An"]


def test_agreed_text_is_locked_and_reopened_with_a_reason(world: World, sign_in: SignIn) -> None:
    covenant = agreed_covenant(world)
    an = sign_in(world.user("an"))
    assert an.get(_url("edit_covenant", covenant.pk)).status_code == 423
    reopen = _url("reopen_covenant", covenant.pk)
    data = fields_of(an.get(reopen).content.decode())
    assert an.post(reopen, data | {"reason": "ngắn"}).status_code == 422
    assert an.post(reopen, data | {"reason": "Bổ sung nội dung thứ hai"}).status_code == 302
    assert an.get(_url("edit_covenant", covenant.pk)).status_code == 200
    agree = _url("agree_covenant", covenant.pk)
    assert an.post(agree, fields_of(an.get(agree).content.decode())).status_code == 302
    assert an.post(agree, {"revision": 99}).status_code in (409, 422)


def test_empty_text_cannot_be_agreed(world: World, sign_in: SignIn, covenant: Covenant) -> None:
    an = sign_in(world.user("an"))
    agree = _url("agree_covenant", covenant.pk)
    answer = an.post(agree, fields_of(an.get(agree).content.decode()))
    assert answer.status_code == 422
    assert "chưa có nội dung thi đua" in answer.content.decode()


def test_signatures_then_signed_with_the_password(world: World, sign_in: SignIn) -> None:
    covenant = agreed_covenant(world)
    an, binh = sign_in(world.user("an")), sign_in(world.user("binh"))
    rows = _url("edit_signatures", covenant.pk)
    data = fields_of(an.get(rows).content.decode()) | {"signing_on": "15/01/2026"}
    for i, unit in enumerate(world.units[:-1]):
        data |= {f"signature-{unit.pk}-signed_on": "15/01/2026", f"signature-{unit.pk}-group_no": str(1 + i // 4)}
    assert an.post(rows, data).status_code == 302
    sign = _url("sign_covenant", covenant.pk)
    answer = binh.post(sign, fields_of(binh.get(sign).content.decode()) | {"password": PASSWORD})
    assert answer.status_code == 422
    assert "còn thiếu chữ ký của Trung tâm Phục vụ hành chính công" in answer.content.decode()
    last = world.units[-1].pk
    data = fields_of(an.get(rows).content.decode()) | {f"signature-{last}-signed_on": "20/01/2026"}
    late = an.post(rows, data)
    assert late.status_code == 422
    assert "cần lý do" in late.content.decode()
    data |= {f"signature-{last}-absence_reason": "Đi công tác ngày ký"}
    assert an.post(rows, data).status_code == 302
    assert an.get(sign).status_code == 403
    answer = binh.post(sign, fields_of(binh.get(sign).content.decode()) | {"password": PASSWORD})
    assert answer.status_code == 302
    covenant.refresh_from_db()
    assert (covenant.state, covenant.signed_by) == ("signed", "Trần Văn Bình (mẫu)")
    for name in ("edit_covenant", "edit_signatures", "agree_covenant", "reopen_covenant", "sign_covenant"):
        assert binh.get(_url(name, covenant.pk)).status_code == 423, name
    page = binh.get(_url("covenant", world.bloc_year.pk)).content.decode()
    assert "Đi công tác ngày ký" in page
    assert "Nhóm ký thứ hai" in page


def test_who_may_what(world: World, sign_in: SignIn, covenant: Covenant) -> None:
    stranger, insider = sign_in(world.user("giang")), sign_in(world.user("chi"))
    names = ("edit_covenant", "edit_signatures", "agree_covenant", "reopen_covenant", "sign_covenant")
    assert stranger.get(_url("covenant", world.bloc_year.pk)).status_code == 404
    assert insider.get(_url("covenant", world.bloc_year.pk)).status_code == 200
    for name in names:
        assert stranger.get(_url(name, covenant.pk)).status_code == 404
        assert insider.get(_url(name, covenant.pk)).status_code == 403
        assert insider.put(_url(name, covenant.pk)).status_code == 405
    for name in ("create_covenant", "copy_covenant"):
        assert stranger.post(_url(name, world.bloc_year.pk)).status_code == 404
        assert insider.post(_url(name, world.bloc_year.pk)).status_code == 403


def test_paper_is_asked_for(world: World, sign_in: SignIn) -> None:
    covenant = agreed_covenant(world)
    assert sign_in(world.user("chi")).post(_url("request_covenant", covenant.pk)).status_code == 403
    assert sign_in(world.user("an")).post(_url("request_covenant", covenant.pk)).status_code == 302
    document = Document.objects.get()
    assert (document.kind, document.scope) == ("covenant", world.bloc_year.scope)
    assert len([box for group in document.context["groups"] for box in group["signers"]]) == len(world.units)


@pytest.mark.parametrize(
    ("who", "status"),
    [("chung", 423), ("chi", 423), ("an", 423), ("binh", 423), ("dung", 423), ("khang", 404), ("lan", 404)],
)
def test_who_downloads_the_covenant(world: World, sign_in: SignIn, who: str, status: int) -> None:
    """Row 22: 423 while it is being made; the council and the administrator do not even find it in the list."""
    covenant = agreed_covenant(world)
    assert sign_in(world.user("an")).post(_url("request_covenant", covenant.pk)).status_code == 302
    document = Document.objects.get()
    browser = sign_in(world.user(who))
    assert browser.get(reverse("documents:download", args=[document.pk])).status_code == status
    page = browser.get(reverse("documents:document", args=[document.pk]))
    assert page.status_code == (200 if status == 423 else 404)
    papers = browser.get(reverse("scoring:papers", args=[world.bloc_year.pk])).content.decode()
    assert (reverse("documents:document", args=[document.pk]) in papers or document.title in papers) is (status == 423)


def test_pages_ask_few_and_constant_questions(world: World, sign_in: SignIn) -> None:
    covenant = agreed_covenant(world)
    an = sign_in(world.user("an"))
    days = iter(range(16, 30))

    def more() -> None:
        covenant.refresh_from_db()
        content = signatures_of(world) | {"place": f"Bắc Ninh {next(days)}"}
        save_signatures(by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision, content=content)

    assert_flat_queries(an, _url("covenant", world.bloc_year.pk), more, 24)
    assert_flat_queries(an, _url("edit_signatures", covenant.pk), more, 20)
