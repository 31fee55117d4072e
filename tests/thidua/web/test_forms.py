"""Fields read strictly and forms come back with everything typed: B01-B61."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.core.exceptions import ValidationError

from thidua.web.forms import (
    CountField,
    DateField,
    DateTimeField,
    LineField,
    OfficeForm,
    PointsField,
    ReasonField,
    TextField,
    YearField,
)

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")


class MeetingForm(OfficeForm):
    name = LineField(label="Tên", max_length=20)
    on = DateField(label="Ngày họp")
    starts = DateTimeField(label="Bắt đầu", required=False)
    chair = forms.ChoiceField(label="Người chủ trì", choices=[("", "Chọn người"), ("a", "A")])
    kind = forms.ChoiceField(label="Cách họp", choices=[("x", "X"), ("y", "Y")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="Đã thống nhất", required=False)
    place = TextField(label="Địa điểm", required=False, max_length=100)


@pytest.mark.parametrize("typed", ["31/12/2026", "31-12-2026", "31.12.2026", " 31/12/2026 ", "2026-12-31"])
def test_dates_are_read(typed):
    assert DateField().clean(typed) == date(2026, 12, 31)


def test_the_day_comes_first():
    assert DateField().clean("05/06/2026") == date(2026, 6, 5)
    assert DateField().clean("29/02/2028") == date(2028, 2, 29)


@pytest.mark.parametrize(
    "typed",
    [
        "12/31/2026",
        "1/1/26",
        "0001-01-01",
        "9999-12-31",
        "31/02/2026",
        "hôm nay",
        "2026",
        "１/1/2026",
        "1/1/2026 08:00",
    ],
)
def test_other_dates_are_refused(typed):
    with pytest.raises(ValidationError):
        DateField().clean(typed)


def test_a_short_year_is_told_so():
    with pytest.raises(ValidationError, match="4 số năm"):
        DateField().clean("1/1/26")


def test_a_date_is_shown_as_typed():
    assert DateField().prepare_value(date(2026, 12, 3)) == "03/12/2026"
    assert DateField().prepare_value("31/02/2026") == "31/02/2026"


@pytest.mark.parametrize("typed", ["14:30", "14 giờ 30", "14h30", "14 giờ 30 phút", "14g30"])
def test_moments_are_read(typed):
    assert DateTimeField().clean(["03/12/2026", typed]) == datetime(2026, 12, 3, 14, 30, tzinfo=HANOI)


@pytest.mark.parametrize(
    "pair", [["03/12/2026", ""], ["", "14:00"], ["03/12/2026", "25:00"], ["03/12/2026", "1430"], ["", ""]]
)
def test_half_moments_are_refused(pair):
    with pytest.raises(ValidationError):
        DateTimeField().clean(pair)


def test_an_optional_moment_may_be_empty():
    assert DateTimeField(required=False).clean(["", ""]) is None


@pytest.mark.parametrize(
    ("typed", "value"), [("9,5", "9.5"), ("9.5", "9.5"), (" 7 ", "7"), ("7\u200b", "7"), ("7\u00a0", "7")]
)
def test_points_are_read(typed, value):
    assert PointsField().clean(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    ["1e2", "1_0", "１２", "NaN", "sNaN", "Infinity", "-0", "+7", "100.001", "1.000", "1,000", "1.000,5"]
    + ["=1+1", "'7", "7;", "1e400", "100,01"],
)
def test_other_points_are_refused(typed):
    with pytest.raises(ValidationError):
        PointsField(max_value=100).clean(typed)


def test_empty_points_are_none_when_allowed():
    assert PointsField(required=False).clean(" ") is None
    with pytest.raises(ValidationError):
        PointsField().clean("")


def test_points_are_shown_with_a_comma_and_come_back_the_same():
    assert PointsField().prepare_value(Decimal("1016.50")) == "1016,5"
    assert PointsField().clean("1016,5") == Decimal("1016.5")


@pytest.mark.parametrize("typed", ["1.0", "999999999999999999999", "-1", "1,5", "ba", "1e3"])
def test_other_counts_are_refused(typed):
    with pytest.raises(ValidationError):
        CountField().clean(typed)


@pytest.mark.parametrize("typed", ["2o26", "20266", "26", "1900"])
def test_other_years_are_refused(typed):
    with pytest.raises(ValidationError):
        YearField().clean(typed)


@pytest.mark.parametrize("typed", ["Đắk Lắk", "Y Ngông Niê Kđăm", "O'Hara", "<script>alert(1)</script>", "' OR 1=1--"])
def test_text_is_kept(typed):
    assert LineField().clean(typed) == typed


def test_text_is_composed_and_lines_are_joined():
    assert LineField().clean("Sơ\u0309 Y tê\u0301\r\nBcc: z") == "Sở Y tế Bcc: z"
    assert TextField().clean("một  \r\nhai\n") == "một\nhai"


@pytest.mark.parametrize("typed", ["a\x00b", "a\x08", "a\ufffe"])
def test_control_characters_are_refused(typed):
    with pytest.raises(ValidationError, match="ký tự điều khiển"):
        LineField().clean(typed)


def test_too_long_says_by_how_much():
    form = MeetingForm({"name": "😀" * 101})
    assert "dài 101 ký tự, nhiều nhất 20 ký tự" in form.errors["name"][0]


def test_a_reason_needs_ten_characters():
    with pytest.raises(ValidationError, match="từ 10 ký tự"):
        ReasonField().clean("vì thế")
    assert ReasonField().clean("vì số liệu nộp chậm")


def test_a_form_with_errors_links_them_and_keeps_what_was_typed():
    form = MeetingForm(
        {
            "name": "Hội nghị",
            "on": "31/02/2026",
            "starts_0": "x",
            "starts_1": "14:00",
            "chair": "zz",
            "place": "Hội trường",
        }
    )
    html = str(form)
    assert "còn 4 chỗ cần sửa" in html
    assert 'href="#id_on"' in html
    assert 'href="#id_starts_0"' in html
    assert 'value="31/02/2026"' in html
    assert "Hội trường" in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_on_error"' in html
    assert "id_on_helptext id_on_error" in html
    assert " required" not in html
    assert html.count("(không bắt buộc)") == 2
    assert "Người chủ trì: lựa chọn này không còn trong danh sách" in html
    assert "Cách họp: chưa chọn." in html


def test_every_control_has_a_label_and_a_class():
    html = str(MeetingForm())
    for name in ("name", "on", "chair", "agreed", "place"):
        assert f'for="id_{name}"' in html
    assert html.count("form-control") == 5
    assert "form-select" in html
    assert "<legend>Cách họp" in html
    assert "error-summary" not in html


def test_a_message_of_ones_own_is_kept():
    class Own(OfficeForm):
        name = LineField(label="Tên", error_messages={"required": "Ghi tên khối."})

    assert Own({}).errors["name"] == ["Ghi tên khối."]


@pytest.mark.urls("tests.thidua.web.urls")
def test_crispy_gives_the_same_fields_without_a_form_element():
    html = render_crispy_form(MeetingForm({"name": ""}))
    assert "<form" not in html
    assert "csrfmiddlewaretoken" not in html
    assert 'class="form-label" for="id_on"' in html
