"""The frame, its bars, and the words of figures and dates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import TemplateSyntaxError, engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path

from thidua.lib.actor import ANONYMOUS, Actor, Post
from thidua.web.templatetags import vi

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
AN = Actor(1, "Nguyễn Thị An (mẫu)", (Post("secretary", label="Thư ký Khối, Sở GDĐT"),))


def nothing(request, **names):
    raise AssertionError


def _names(app: str, *names: str):
    return include(([path(f"{app}/{n}/<int:bloc_year_id>/", nothing, name=n) for n in names], app))


urlpatterns = [
    path("", nothing, name="home"),
    path("dang-xuat/", nothing, name="account_logout"),
    path("", _names("scoring", "grid", "ranking", "scheme", "papers")),
    path("", _names("blocs", "bloc_year", "covenant", "meetings")),
]
pytestmark = pytest.mark.urls("tests.thidua.web.test_frame")


def page(template: str, actor: Actor = AN, **context) -> str:
    request = RequestFactory().get("/hang/?q=so+y+te&page=2")
    request.actor = actor
    return render_to_string(template, context, request)


def text(source: str, **context) -> str:
    return engines["django"].from_string("{% load vi %}" + source).render(context, RequestFactory().get("/?q=a&page=2"))


BLOC_YEAR = SimpleNamespace(
    id=7, year=2026, is_sample=True, bloc=SimpleNamespace(short_name="", official_name="Khối Văn hóa - Xã hội")
)


def test_tabs_stand_in_the_order_of_the_year():
    html = page("layout/bloc_year.html", bloc_year=BLOC_YEAR, tab="ranking")
    bar = html[html.index('class="tt-sub"') : html.index('<details class="tt-subpick"')]
    words = ["Tổng quan", "Tiêu chí", "Giao ước", "Chấm điểm", "Xếp hạng", "Hội nghị", "Giấy tờ"]
    places = [bar.index(f">{word}<") for word in words]
    assert places == sorted(places)
    assert 'href="/scoring/ranking/7/" aria-current="page"' in bar
    assert bar.count("aria-current") == 1
    assert "Khối Văn hóa - Xã hội · năm 2026" in bar
    assert "Đề nghị khen thưởng" not in html
    assert "Số liệu mẫu" in html


def test_places_without_a_page_are_absent():
    html = page("layout/base.html", place="home")
    assert "Khen thưởng" not in html
    assert "Danh bạ" not in html
    assert 'role="search"' not in html


def test_the_frame_names_the_person_and_lets_sign_out_by_post():
    html = page("layout/base.html")
    assert "Thư ký Khối, Sở GDĐT" in html
    assert '<form method="post" action="/dang-xuat/"><input type="hidden" name="csrfmiddlewaretoken"' in html
    assert 'href="#noi-dung"' in html
    assert 'lang="vi"' in html
    assert "style=" not in html
    assert html.count("<script") == html.count("<script src=")


def test_a_stranger_sees_no_places():
    html = page("layout/base.html", ANONYMOUS)
    assert "Việc của tôi" not in html
    assert "Đăng xuất" not in html


def test_tags_are_six_kinds():
    assert 'class="tag tag--ok">Đã nộp<' in text('{% badge "ok" "Đã nộp" %}')
    assert 'class="tag">Chờ<' in text('{% badge "wait" "Chờ" %}')
    with pytest.raises(TemplateSyntaxError):
        text('{% badge "green" "Đã nộp" %}')


def test_each_form_has_its_own_key():
    assert text("{% form_key %}") != text("{% form_key %}")


def test_a_query_keeps_the_other_words():
    assert text("{% query page=3 %}") == "q=a&amp;page=3"
    assert text("{% query page=None %}") == "q=a"


def test_numbers():
    assert vi.points(Decimal("1016")) == "1.016,00"
    assert vi.points(Decimal("-4")) == "−4,00"
    assert vi.points(None) == ""
    assert vi.number(Decimal("1000.50")) == "1.000,5"
    assert vi.percent(Decimal("98.9")) == "98,90%"
    assert vi.plain_number(Decimal("1000.50")) == "1000,5"


def test_dates():
    late = datetime(2026, 11, 23, 20, 30, 5, tzinfo=ZoneInfo("UTC"))
    assert vi.day(late) == "24/11/2026"
    assert vi.moment(late) == "24/11/2026 03:30:05"
    assert vi.clock(late) == "03:30:05"
    assert vi.until(datetime(2026, 11, 27, 17, 0, tzinfo=HANOI)) == "17:00 ngày 27/11/2026"
    assert vi.until(date(2026, 11, 27)) == "27/11/2026"
    assert vi.day(None) == vi.moment(None) == vi.due_words(None) == vi.due_kind(None) == ""


def test_limits_in_words():
    with time_machine.travel(datetime(2026, 11, 24, 18, 0, tzinfo=HANOI), tick=False):
        assert (vi.due_words(date(2026, 11, 23)), vi.due_kind(date(2026, 11, 23))) == ("Quá hạn 1 ngày", "late")
        assert (vi.due_words(date(2026, 11, 24)), vi.due_kind(date(2026, 11, 24))) == ("Hạn hôm nay", "soon")
        gone = datetime(2026, 11, 24, 17, 0, tzinfo=HANOI)
        assert (vi.due_words(gone), vi.due_kind(gone)) == ("Quá giờ hôm nay", "late")
        assert (vi.due_words(date(2026, 11, 28)), vi.due_kind(date(2026, 11, 28))) == ("Còn 4 ngày", "")
        assert vi.ago(datetime(2026, 11, 24, 14, 3, tzinfo=HANOI)) == "14:03"
        assert vi.ago(datetime(2026, 11, 23, 14, 3, tzinfo=HANOI)) == "Hôm qua"
        assert vi.short_day(date(2026, 3, 6)) == "06/03"
        assert vi.short_day(date(2025, 3, 6)) == "06/03/2025"


def test_a_dangerous_act_asks_with_the_names_of_things():
    html = page(
        "components/_confirm.html",
        question="Chốt bảng điểm năm 2026?",
        warning="Sau khi chốt, không ai sửa được điểm.",
        facts=[("Khối", "Văn hóa - Xã hội")],
        yes="Chốt bảng điểm",
        no="Chưa chốt, quay lại",
        back="/",
    )
    assert "csrfmiddlewaretoken" in html
    assert "form_key" in html
    assert ">Chốt bảng điểm</button>" in html


def test_what_was_typed_is_shown_as_text():
    html = page("components/_kept.html", typed=["<script>alert(1)</script>"])
    assert "&lt;script&gt;" in html
