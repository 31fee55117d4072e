"""Pages of units, blocs, offices and search: who sees them, what they do, what they refuse."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.cache import cache
from django.urls import reverse

from blocs.models import Bloc, BlocYear, Post, Unit, UnitSuccession
from tests import personas
from tests.conftest import assert_flat_queries
from thidua.audit.models import Event
from thidua.pending.models import PendingStep

pytestmark = pytest.mark.django_db

STAFF_ONLY = (
    ("blocs:create_unit", ""),
    ("blocs:update_unit", "unit"),
    ("blocs:succeed_unit", "unit"),
    ("blocs:create_bloc_year", ""),
    ("blocs:create_year_of_bloc", "bloc"),
    ("blocs:update_bloc_year", "year"),
    ("blocs:set_members", "year"),
    ("blocs:set_leads", "year"),
    ("blocs:give_post", ""),
    ("blocs:end_post", "post"),
)
READ = (
    ("blocs:units", ""),
    ("blocs:unit", "unit"),
    ("blocs:blocs", ""),
    ("blocs:bloc_year", "year"),
    ("blocs:posts", ""),
    ("blocs:search", ""),
)


def address(world, name: str, what: str) -> str:
    ids = {
        "unit": world.units[3].pk,
        "bloc": world.bloc.pk,
        "year": world.bloc_year.pk,
        "post": Post.objects.filter(unit=world.units[2], kind="unit_officer").get().pk,
    }
    return reverse(name, args=[ids[what]] if what else [])


@pytest.mark.parametrize(("name", "what"), READ)
def test_everybody_with_an_office_reads(world, sign_in, name: str, what: str) -> None:
    for person in ("an", "chung", "dung", "khang", "lan"):
        assert sign_in(world.user(person)).get(address(world, name, what)).status_code == 200, person


@pytest.mark.parametrize(("name", "what"), STAFF_ONLY)
def test_office_pages_are_for_the_office(world, sign_in, name: str, what: str) -> None:
    url = address(world, name, what)
    assert sign_in(world.user("dung")).get(url).status_code == 200
    answer = sign_in(world.user("an")).get(url)
    assert answer.status_code == 403
    assert "Ban Thi đua" in answer.content.decode()


@pytest.mark.parametrize(("name", "what"), [*READ, *STAFF_ONLY])
def test_strangers_do_not_learn_what_there_is(world, sign_in, client, name: str, what: str) -> None:
    url = address(world, name, what)
    assert client.get(url).status_code == 302
    if what in ("year", "bloc"):
        assert sign_in(world.user("giang")).get(url).status_code == 404
        assert sign_in(world.user("mai")).get(url).status_code == 404
    if what == "unit":
        assert sign_in(world.user("mai")).get(url).status_code == 404


@pytest.mark.parametrize(("name", "what"), READ)
def test_reading_pages_take_no_post(world, sign_in, name: str, what: str) -> None:
    assert sign_in(world.user("dung")).post(address(world, name, what)).status_code == 405


@pytest.mark.parametrize("words", ["%", "_", "%_%", "' OR 1=1--", "\\", "\u0000x"[1:]])
def test_search_takes_signs_literally(world, sign_in, words: str) -> None:
    browser = sign_in(world.user("an"))
    for name in ("blocs:search", "blocs:units", "blocs:blocs", "blocs:posts"):
        answer = browser.get(reverse(name), {"q": words * 3})
        assert answer.status_code == 200
        assert "Sở Y tế" not in answer.content.decode()


def test_search_ignores_accents_and_case(world, sign_in) -> None:
    browser = sign_in(world.user("an"))
    page = browser.get(reverse("blocs:search"), {"q": "VAN HOA"}).content.decode()
    assert "Sở Văn hóa, Thể thao và Du lịch" in page
    assert "Khối thi đua Văn hóa - Xã hội" in page
    assert "Sở Y tế" not in page
    assert "Sở Y tế" in browser.get(reverse("blocs:search"), {"q": "sở y"}).content.decode()


def test_search_stays_in_scope(world, sign_in) -> None:
    page = sign_in(world.user("an")).get(reverse("blocs:search"), {"q": "khoi thi dua"}).content.decode()
    assert "Kinh tế" not in page


UNIT_FIELDS = {
    "name": "Sở Khoa học và Công nghệ",
    "short_name": "Sở KHCN",
    "category": "department",
    "valid_from": "",
    "valid_to": "",
    "founding": "",
    "head_title": "Giám đốc",
    "paper_lines": "",
    "superior_lines": "",
    "symbol": "",
    "place": "",
}


def test_create_unit(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    data = UNIT_FIELDS | {"name": "Sở Tài chính", "code": "STC", "province": world.province.pk}
    answer = browser.post(reverse("blocs:create_unit"), data)
    made = Unit.objects.get(code="STC")
    assert answer.headers["Location"] == reverse("blocs:unit", args=[made.pk])
    assert made.name_key == "so tai chinh so khcn stc"
    assert Event.objects.filter(verb="blocs.create_unit").count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Tên: chưa nhập"),
        ({"name": "SỞ Y TẾ"}, "SYT"),
        ({"code": "SYT"}, "không dùng lại"),
        ({"code": "A/B"}, "dấu /"),
        ({"valid_from": "31/02/2026"}, "không có ngày này"),
        ({"valid_from": "12/31/2026"}, "không có ngày này"),
        ({"valid_from": "1/1/26"}, "4 số năm"),
        ({"valid_from": "02/01/2026", "valid_to": "01/01/2026"}, "đứng trước"),
        ({"name": "x" * 201}, "nhiều nhất 200"),
        ({"category": "cuc"}, "lựa chọn này không còn"),
        ({"province": "999999"}, "lựa chọn này không còn"),
    ],
)
def test_create_unit_refuses_beside_the_field(world, sign_in, change: dict, said: str) -> None:
    browser = sign_in(world.user("dung"))
    data = UNIT_FIELDS | {"name": "Sở Tài chính", "code": "STC", "province": world.province.pk} | change
    answer = browser.post(reverse("blocs:create_unit"), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Unit.objects.filter(code="STC").exists()


def test_update_unit_and_the_second_of_two_is_a_conflict(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    unit = world.units[3]
    url = reverse("blocs:update_unit", args=[unit.pk])
    assert browser.post(url, UNIT_FIELDS | {"symbol": "SKHCN", "revision": 1}).status_code == 302
    answer = browser.post(url, UNIT_FIELDS | {"symbol": "KHCN", "revision": 1})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "KHCN" in text
    assert "SKHCN" in text
    unit.refresh_from_db()
    assert (unit.symbol, unit.revision) == ("SKHCN", 2)


def test_succeed_unit_page(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    unit = world.units[3]
    url = reverse("blocs:succeed_unit", args=[unit.pk])
    data = {"kind": "merge", "happened_on": "01/03/2027", "decision": "", "successors": "SYT", "revision": "1"}
    wrong = browser.post(url, data | {"successors": "KHONG\nSYT"})
    assert wrong.status_code == 422
    assert "Dòng 1" in wrong.content.decode()
    assert "Dòng 2" not in wrong.content.decode()
    assert browser.post(url, data).status_code == 302
    assert UnitSuccession.objects.get().successor.code == "SYT"
    unit.refresh_from_db()
    assert unit.valid_to == date(2027, 2, 28)
    page = browser.get(reverse("blocs:unit", args=[unit.pk])).content.decode()
    assert "Sáp nhập, kế thừa:" in page
    assert "Sáp nhập từ" in browser.get(reverse("blocs:unit", args=[world.units[1].pk])).content.decode()


def test_bloc_year_page_shows_roles_history_and_province(world, sign_in) -> None:
    later = BlocYear.objects.create(bloc=world.bloc, year=2028)
    browser = sign_in(world.user("dung"))
    page = browser.get(reverse("blocs:bloc_year", args=[world.bloc_year.pk])).content.decode()
    for words in ("<b>Trưởng khối</b>", "Phó Trưởng khối", "12/QĐ-UBND", "Nguyễn Thị An (mẫu)", "tỉnh Bắc Ninh"):
        assert words in page
    page = browser.get(reverse("blocs:bloc_year", args=[later.pk])).content.decode()
    assert page.count("chưa rõ</span>") == 2, "2027 and 2028"
    assert "Chưa rõ đơn vị Trưởng khối năm 2028" in page


@pytest.mark.parametrize(
    ("who", "reads"), [("chung", True), ("an", True), ("dung", True), ("khang", False), ("lan", False)]
)
def test_history_is_not_for_those_who_look_on(world, sign_in, who: str, reads: bool) -> None:
    """Row 9 of the matrix: administrators never, a council member only where assigned."""
    from blocs.actions.covenant import create_covenant
    from blocs.actions.meeting import create_meeting

    meeting = create_meeting(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, kind="kickoff", title="Họp thử")
    create_covenant(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)
    personas.make_scheme(world.bloc_year)
    browser = sign_in(world.user(who))
    for address in (
        reverse("blocs:bloc_year", args=[world.bloc_year.pk]),
        reverse("blocs:unit", args=[world.units[0].pk]),
        reverse("blocs:meeting", args=[meeting.pk]),
        reverse("blocs:covenant", args=[world.bloc_year.pk]),
        reverse("scoring:scheme", args=[world.bloc_year.pk]),
    ):
        page = browser.get(address)
        assert page.status_code == 200, address
        assert ("<h2>Lịch sử</h2>" in page.content.decode()) is reads, address


def test_bloc_year_of_a_province_that_ended(world, sign_in) -> None:
    from blocs.models import Province

    old = Province.objects.get(name="Vĩnh Phúc")
    year = personas.make_bloc_year(old, "VP-VHXH", [], 2019)
    year.bloc.refresh_from_db()
    from blocs.queries.bloc import bloc_year_page

    page = bloc_year_page(year.pk, date(2026, 11, 22))
    assert page.province == "tỉnh Vĩnh Phúc (đến 30/6/2025; nay thuộc tỉnh Phú Thọ)"
    Bloc.objects.filter(pk=year.bloc_id).update(province=Province.objects.get(name="Phú Thọ", valid_to=None))
    assert bloc_year_page(year.pk, date(2026, 11, 22)).province.startswith("tỉnh Vĩnh Phúc (đến")


def test_update_bloc_year_page(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    url = reverse("blocs:update_bloc_year", args=[world.bloc_year.pk])
    data = {
        "official_name": "Khối thi đua Văn hóa và Xã hội",
        "short_name": "Khối VH-XH",
        "paper_lines": "",
        "symbol": "",
        "number": "12/QĐ-UBND",
        "decided_on": "20/01/2026",
        "issuer": "UBND tỉnh Bắc Ninh",
        "subject": "",
        "theme": "Chủ đề",
        "source_note": "",
        "revision": "1",
        "bloc_revision": "1",
    }
    assert browser.post(url, data).status_code == 302
    world.bloc_year.refresh_from_db()
    world.bloc.refresh_from_db()
    assert (world.bloc_year.theme, world.bloc.short_name) == ("Chủ đề", "Khối VH-XH")
    assert browser.post(url, data | {"theme": "Khác"}).status_code == 409
    again = data | {"revision": "2", "bloc_revision": "2"}
    assert browser.post(url, again | {"decided_on": "01/01/2099"}).status_code == 422
    assert browser.post(url, again | {"number": ""}).status_code == 422
    answer = browser.post(url, again | {"decided_on": "21/01/2026"})
    assert answer.status_code == 409, "one number, two dates (B44)"
    assert reverse("blocs:bloc_year", args=[world.bloc_year.pk]) in answer.content.decode()


def test_set_leads_page(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    url = reverse("blocs:set_leads", args=[world.bloc_year.pk])
    data = {
        "lead": world.units[2].pk,
        "lead_method": "designated",
        "lead_wording": "thống nhất chỉ định",
        "deputy": "",
        "deputy_method": "unknown",
        "deputy_wording": "",
        "second_deputy": "",
        "revision": "1",
    }
    assert browser.post(url, data | {"deputy": world.units[2].pk}).status_code == 422
    assert browser.post(url, data).status_code == 302
    term = world.bloc_year.lead_terms.get()
    assert (term.unit, term.selection_method, term.source_wording) == (
        world.units[2],
        "designated",
        "thống nhất chỉ định",
    )


def members_text(units) -> str:
    return "\r\n".join(f"{u.code} | {u.name}" for u in units)


def confirm(sign_in, user, step: PendingStep) -> int:
    browser = sign_in(user)
    return browser.post(reverse("pending:confirm", args=[step.pk]), {"password": personas.PASSWORD}).status_code


def test_set_members_waits_for_a_second_person(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    url = reverse("blocs:set_members", args=[world.bloc_year.pk])
    wanted = [world.units[1], world.units[0], *world.units[2:7]]
    assert browser.post(url, {"members": members_text(wanted), "revision": "1"}).status_code == 302
    assert world.bloc_year.memberships.count() == 8, "nothing happens yet"
    step = PendingStep.objects.get()
    assert "bớt" in step.summary
    assert confirm(sign_in, world.user("dung"), step) in (403, 404, 422)
    assert confirm(sign_in, world.user("dao"), step) == 302
    assert [m.unit_id for m in world.bloc_year.memberships.all()] == [u.pk for u in wanted]
    assert Event.objects.filter(verb="blocs.set_members").count() == 1


def test_set_members_refuses(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    url = reverse("blocs:set_members", args=[world.bloc_year.pk])
    for text, said in (
        (members_text(world.units[1:]), "Trưởng khối"),
        (members_text(world.units), "không thay đổi"),
        (members_text([*world.units, world.units[0]]), "hai lần"),
        ("KHONGCO", "không có trong danh bạ"),
        ("", "chưa nhập"),
    ):
        answer = browser.post(url, {"members": text, "revision": "1"})
        assert answer.status_code == 422
        assert said in answer.content.decode()
    assert not PendingStep.objects.exists()


def test_create_bloc_waits_for_a_second_person(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    data = {
        "province": world.province.pk,
        "kind": "khoi",
        "level": "province",
        "code": "BN-NC",
        "official_name": "Khối Nội chính",
        "short_name": "",
        "year": "2026",
        "members": "Sở GDĐT\nso y te",
        "lead": world.units[1].pk,
        "deputy": "",
        "method": "designated",
        "number": "12/QĐ-UBND",
        "decided_on": "20/01/2026",
        "issuer": "",
        "subject": "",
        "theme": "",
        "source_note": "",
    }
    assert browser.post(reverse("blocs:create_bloc_year"), data | {"year": "20266"}).status_code == 422
    assert browser.post(reverse("blocs:create_bloc_year"), data | {"code": "BN-VHXH"}).status_code == 422
    assert browser.post(reverse("blocs:create_bloc_year"), data).status_code == 302
    assert not Bloc.objects.filter(code="BN-NC").exists()
    assert confirm(sign_in, world.user("dao"), PendingStep.objects.get()) == 302
    year = BlocYear.objects.get(bloc__code="BN-NC")
    assert [m.unit.code for m in year.memberships.all()] == ["SGDDT", "SYT"]
    assert year.lead_terms.get().selection_method == "designated"
    assert year.decision == world.bloc_year.decision, "one decision covers all blocs of the year"


def test_units_of_one_name_are_told_apart(world, sign_in) -> None:
    old = world.units[2]
    Unit.objects.filter(pk=old.pk).update(valid_to=date(2025, 6, 30))
    Unit.objects.create(
        province=world.province, code="MOI", name=old.name, name_key=old.name_key, category=old.category,
        valid_from=date(2025, 7, 1),
    )  # fmt: skip
    page = sign_in(world.user("dung")).get(reverse("blocs:create_bloc_year")).content.decode()
    assert f"{old.name} ({old.code}, đến 30/06/2025)</option>" in page
    assert f"{old.name} (MOI, từ 01/07/2025)</option>" in page
    assert f"{world.units[1].name}</option>" in page


def test_create_year_of_bloc_waits_too(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    data = {
        "year": "2027",
        "members": "SGDDT",
        "lead": "",
        "deputy": "",
        "method": "unknown",
        "number": "",
        "decided_on": "",
        "issuer": "",
        "subject": "",
        "theme": "",
        "source_note": "",
    }
    url = reverse("blocs:create_year_of_bloc", args=[world.bloc.pk])
    assert browser.post(url, data | {"year": "2026"}).status_code == 422
    assert browser.post(url, data).status_code == 302
    assert confirm(sign_in, world.user("dao"), PendingStep.objects.get()) == 302
    assert BlocYear.objects.filter(bloc=world.bloc, year=2027).exists()


POST = {
    "user": "",
    "kind": "unit_officer",
    "unit": "",
    "bloc": "",
    "year": "",
    "province": "",
    "valid_from": "",
    "valid_to": "",
    "decision": "",
}


def test_give_post_of_a_unit_waits_for_a_second_person(world, sign_in) -> None:
    data = POST | {"user": world.user("mai").pk, "unit": world.units[4].pk}
    browser = sign_in(world.user("dung"))
    assert browser.post(reverse("blocs:give_post"), data | {"unit": ""}).status_code == 422
    assert browser.post(reverse("blocs:give_post"), data).status_code == 302
    assert not Post.objects.filter(user=world.user("mai")).exists()
    step = PendingStep.objects.get()
    assert "Lý Thị Mai" in step.summary
    assert confirm(sign_in, world.user("dao"), step) == 302
    assert Post.objects.get(user=world.user("mai")).unit == world.units[4]
    event = Event.objects.get(verb="blocs.give_post")
    assert event.acting_for == world.user("dung").full_name


def test_who_gets_an_office_does_not_confirm_it(world, sign_in) -> None:
    """Row 5: the second person is somebody else than the proposer and than the one who gets the office."""
    data = POST | {"user": world.user("dao").pk, "unit": world.units[4].pk}
    assert sign_in(world.user("dung")).post(reverse("blocs:give_post"), data).status_code == 302
    step = PendingStep.objects.get()
    assert confirm(sign_in, world.user("dao"), step) in (403, 404)
    assert not Post.objects.filter(user=world.user("dao"), kind=data["kind"]).exists()
    assert confirm(sign_in, world.user("lan"), step) == 302
    assert Post.objects.filter(user=world.user("dao"), kind=data["kind"]).exists()


def test_give_post_of_a_bloc_takes_effect_at_once(world, sign_in) -> None:
    data = POST | {
        "user": world.user("mai").pk,
        "kind": "bloc_secretary",
        "unit": world.units[1].pk,
        "bloc": world.bloc.pk,
        "year": "2026",
    }
    browser = sign_in(world.user("dung"))
    assert browser.post(reverse("blocs:give_post"), data | {"year": "2031"}).status_code == 422
    assert browser.post(reverse("blocs:give_post"), data | {"unit": world.other_unit.pk}).status_code == 422
    assert browser.post(reverse("blocs:give_post"), data).status_code == 302
    assert Post.objects.filter(user=world.user("mai"), kind="bloc_secretary").exists()
    assert browser.post(reverse("blocs:give_post"), data).status_code == 422, "held already"


def test_an_administrator_gives_posts_with_the_password_and_no_bloc_office(world, sign_in) -> None:
    cache.clear()
    browser = sign_in(world.user("lan"))
    data = POST | {"user": world.user("mai").pk, "unit": world.units[4].pk}
    assert browser.post(reverse("blocs:give_post"), data).status_code == 422
    assert browser.post(reverse("blocs:give_post"), data | {"password": "sai-mat-khau"}).status_code == 422
    assert browser.post(reverse("blocs:give_post"), data | {"password": personas.PASSWORD}).status_code == 302
    assert PendingStep.objects.count() == 1
    lead = POST | {
        "user": world.user("mai").pk,
        "kind": "bloc_lead",
        "unit": world.units[1].pk,
        "bloc": world.bloc.pk,
        "year": "2026",
        "password": personas.PASSWORD,
    }
    assert browser.post(reverse("blocs:give_post"), lead).status_code == 403


def test_end_post(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    officer = Post.objects.get(user=world.user("chung"))
    url = reverse("blocs:end_post", args=[officer.pk])
    assert browser.post(url, {"ends_on": "hôm nay", "reason": ""}).status_code == 422
    assert browser.post(url, {"ends_on": "01/01/2026", "reason": "chuyển công tác"}).status_code == 302
    officer.refresh_from_db()
    assert officer.valid_to is None
    assert confirm(sign_in, world.user("dao"), PendingStep.objects.get()) == 302
    officer.refresh_from_db()
    assert officer.valid_to == date(2026, 1, 1)
    assert browser.post(url, {"ends_on": "01/01/2026", "reason": ""}).status_code == 422


def test_lists_ask_the_same_number_of_questions(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    numbers = iter(range(1, 1000))

    def unit() -> None:
        for _ in range(4):
            n = next(numbers)
            made = personas.make_unit(world.province, f"U{n}", f"Đơn vị {n}")
            world.bloc_year.memberships.create(unit=made, position=100 + n)

    def bloc() -> None:
        n = next(numbers)
        personas.make_bloc_year(world.province, f"K{n}", [], name=f"Khối {n}")

    assert_flat_queries(browser, reverse("blocs:units"), unit, 12)
    assert_flat_queries(browser, reverse("blocs:bloc_year", args=[world.bloc_year.pk]), unit, 22)
    assert_flat_queries(browser, reverse("blocs:blocs"), bloc, 12)
    assert_flat_queries(browser, reverse("blocs:posts"), unit, 12)
    assert_flat_queries(browser, reverse("blocs:search") + "?q=don", unit, 12)


def test_units_are_paged_and_filtered(world, sign_in) -> None:
    for n in range(60):
        personas.make_unit(world.province, f"X{n:03d}", f"Xã số {n:03d}", category="commune")
    gone = personas.make_unit(world.province, "CU", "Đơn vị cũ")
    Unit.objects.filter(pk=gone.pk).update(valid_to=date(2020, 1, 1))
    browser = sign_in(world.user("dung"))
    page = browser.get(reverse("blocs:units")).content.decode()
    assert "1 - 50 trên 69" in page
    assert "Đơn vị cũ" not in page
    assert "Đơn vị cũ" in browser.get(reverse("blocs:units"), {"tat-ca": "1", "q": "don vi cu"}).content.decode()
    assert "1 - 50 trên 60" in browser.get(reverse("blocs:units"), {"loai": "commune"}).content.decode()
    assert browser.get(reverse("blocs:units"), {"page": "abc", "loai": "xx"}).status_code == 200
    fragment = browser.get(reverse("blocs:units"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "Sở Y tế" in fragment


def test_names_are_shown_as_text(world, sign_in) -> None:
    name = "<script>alert(1)</script>"
    Unit.objects.filter(pk=world.units[1].pk).update(name=name, short_name="Y Ngông Niê Kđăm & O'Hara")
    browser = sign_in(world.user("dung"))
    for url in (
        reverse("blocs:units"),
        reverse("blocs:unit", args=[world.units[1].pk]),
        reverse("blocs:bloc_year", args=[world.bloc_year.pk]),
        reverse("blocs:set_members", args=[world.bloc_year.pk]),
        reverse("blocs:set_leads", args=[world.bloc_year.pk]),
        reverse("blocs:give_post"),
    ):
        page = browser.get(url).content.decode()
        assert name not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("name", ["unit", "bloc_year", "end_post", "create_year_of_bloc"])
def test_an_endless_number_is_not_found(world, sign_in, name: str) -> None:
    assert sign_in(world.user("dung")).get(reverse(f"blocs:{name}", args=[10**25])).status_code == 404
