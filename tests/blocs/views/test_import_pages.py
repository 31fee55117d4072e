"""The import pages of units and blocs: check, confirm, second person."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from blocs.exchange import IMPORT_BLOCS, IMPORT_UNITS
from blocs.models import BlocYear, Unit
from tests import personas
from thidua.exchange.models import ImportRun
from thidua.exchange.reader import read_workbook
from thidua.lib.actor import SYSTEM
from thidua.pending.models import PendingStep

pytestmark = pytest.mark.django_db


def upload(browser, slug: str, text: str):
    file = SimpleUploadedFile("tep.csv", text.encode(), "text/csv")
    return browser.post(reverse("exchange:upload", args=[slug]), {"file": file})


def confirm(browser) -> int:
    run = ImportRun.objects.latest("id")
    url = reverse("exchange:confirm", args=[run.pk])
    return browser.post(url, {"digest": run.preview["digest"]}).status_code


@pytest.mark.parametrize("slug", ["don-vi", "khoi"])
def test_import_pages_are_for_the_standing_agency(world, sign_in, slug: str) -> None:
    url = reverse("exchange:upload", args=[slug])
    assert sign_in(world.user("dung")).get(url).status_code == 200
    assert sign_in(world.user("an")).get(url).status_code == 403


def test_import_units_page(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    upload(browser, "don-vi", "Mã;Tên;Tỉnh;Loại\nSTC;Sở Tài chính;Bắc Ninh;sở/ban/ngành\n")
    assert not Unit.objects.filter(code="STC").exists(), "nothing before the confirmation"
    assert confirm(browser) == 302
    assert Unit.objects.filter(code="STC").exists()
    assert browser.get(reverse("exchange:run", args=[ImportRun.objects.get().pk])).status_code == 200


def test_import_units_page_shows_faults(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    upload(browser, "don-vi", "Mã;Tên;Tỉnh;Loại\nSTC;Sở Tài chính;Phú Thọ;sở/ban/ngành\n")
    page = browser.get(reverse("exchange:run", args=[ImportRun.objects.get().pk])).content.decode()
    assert "không thuộc nơi bạn phụ trách" in page


def test_import_blocs_page_waits_for_a_second_person(world, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    text = (
        "Mã khối;Tên khối;Cấp;Tỉnh;Năm;Mã đơn vị;Vai trò\n"
        "BN-NC;Khối Nội chính;tỉnh;Bắc Ninh;2026;SYT;Trưởng khối\n"
        "BN-NC;Khối Nội chính;tỉnh;Bắc Ninh;2026;BHXH;Thành viên\n"
    )
    upload(browser, "khoi", text)
    assert confirm(browser) == 302
    assert not BlocYear.objects.filter(bloc__code="BN-NC").exists()
    step = PendingStep.objects.get()
    other = sign_in(world.user("dao"))
    assert other.post(reverse("pending:confirm", args=[step.pk]), {"password": personas.PASSWORD}).status_code == 302
    assert BlocYear.objects.get(bloc__code="BN-NC").memberships.count() == 2


@pytest.mark.parametrize("kind", [IMPORT_UNITS, IMPORT_BLOCS], ids=lambda k: k.slug)
def test_the_filled_example_of_the_template_can_be_read(kind) -> None:
    workbook = read_workbook(kind.template(), "mau.xlsx")
    assert [s.name for s in workbook.sheets][0] == kind.tables[0].name
    preview = kind.check(SYSTEM, workbook, "")
    assert "chưa có dòng" in preview.faults[0].message
