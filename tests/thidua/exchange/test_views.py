"""The pages of an import: upload, faults, preview, confirmation, files."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.personas import make_user
from tests.thidua.exchange.kind import KIND, STORE
from thidua.exchange import labels
from thidua.exchange.models import ImportRun

pytestmark = pytest.mark.django_db
UPLOAD = "/nhap-du-lieu/so-mau/"
GOOD = "Mã;Điểm\nA;9,5\nB;1".encode()


@pytest.fixture(autouse=True)
def _empty_store():
    STORE.clear()
    yield
    STORE.clear()


@pytest.fixture
def an(sign_in):
    return sign_in(make_user("an"))


def send(browser, content=GOOD, name="so.csv", url=UPLOAD):
    return browser.post(url, {"file": SimpleUploadedFile(name, content)})


def test_upload_page_names_columns_and_template(an):
    page = an.get(UPLOAD)
    assert page.status_code == 200
    text = page.content.decode()
    assert "Mã" in text
    assert reverse("exchange:template", args=[KIND.slug]) in text


def test_from_upload_to_confirmation_and_back_button(an):
    answer = send(an)
    run = ImportRun.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("exchange:run", args=[run.pk])
    page = an.get(answer["Location"]).content.decode()
    assert "Tệp không có lỗi. Chưa ghi dòng nào." in page
    assert "Ghi 2 dòng này" in page
    assert STORE == {}
    for _ in range(2):
        answer = an.post(reverse("exchange:confirm", args=[run.pk]), {"digest": run.preview["digest"]})
        assert answer.status_code == 302
    assert STORE == {"A": "9.5", "B": "1"}
    assert "Đã ghi lúc" in an.get(answer["Location"]).content.decode()
    assert "Đã ghi" in an.get(UPLOAD).content.decode()
    send(an)
    page = an.get(reverse("exchange:run", args=[ImportRun.objects.first().pk])).content.decode()
    assert "Chính tệp này đã được" in page
    assert "không cần ghi gì" in page


def test_faults_are_listed_with_their_cells_and_can_be_taken_along(an):
    page = an.get(send(an, "Mã;Điểm\nA;9O\n;x".encode())["Location"])
    text = page.content.decode()
    assert "Cần sửa 3 chỗ. Chưa ghi dòng nào." in text
    assert "Trang tính “so”, ô B2, cột “Điểm”: “9O” không phải số (có chữ O). Sửa thành 90 rồi tải lại." in text
    run = ImportRun.objects.get()
    assert run.state == labels.REFUSED
    file = an.get(reverse("exchange:faults", args=[run.pk]))
    assert file["Content-Disposition"].startswith("attachment")
    assert file["X-Content-Type-Options"] == "nosniff"
    assert openpyxl.load_workbook(io.BytesIO(file.content)).active.max_row == 4
    answer = an.post(reverse("exchange:confirm", args=[run.pk]), {"digest": run.preview["digest"]})
    assert answer.status_code == 422
    assert STORE == {}


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"PK\x03\x04", b"x" * 5_300_000])
def test_unfit_file_stays_on_the_form(an, content):
    answer = send(an, content, "so.xlsx")
    assert answer.status_code == 422
    assert not ImportRun.objects.exists()


def test_no_file(an):
    answer = an.post(UPLOAD, {})
    assert answer.status_code == 422
    assert "chưa chọn tệp" in answer.content.decode()


def test_data_changed_meanwhile(an):
    send(an)
    run = ImportRun.objects.get()
    STORE["A"] = "3"
    answer = an.post(reverse("exchange:confirm", args=[run.pk]), {"digest": run.preview["digest"]})
    assert answer.status_code == 409
    assert STORE == {"A": "3"}
    assert an.post(reverse("exchange:check", args=[run.pk])).status_code == 302
    page = an.get(reverse("exchange:run", args=[run.pk])).content.decode()
    assert "Thay đổi: 1" in page
    assert an.post(reverse("exchange:confirm", args=[run.pk]), {"digest": "x"}).status_code == 422


def test_strangers_and_methods(an, sign_in, client):
    send(an)
    run = ImportRun.objects.get()
    stranger = sign_in(make_user("binh"))
    for name in ("run", "faults"):
        assert stranger.get(reverse(f"exchange:{name}", args=[run.pk])).status_code == 404
    for name in ("check", "confirm"):
        assert stranger.post(reverse(f"exchange:{name}", args=[run.pk])).status_code == 404
        assert an.get(reverse(f"exchange:{name}", args=[run.pk])).status_code == 405
    assert an.get("/nhap-du-lieu/khong-co/").status_code == 404
    assert an.get(UPLOAD + "?scope=hidden").status_code == 404
    assert an.get(UPLOAD + "?scope=closed").status_code == 403
    assert send(an, url=UPLOAD + "?scope=closed").status_code == 403
    assert client.get(UPLOAD).status_code in (302, 401)


def test_template_is_a_workbook(an):
    file = an.get(reverse("exchange:template", args=[KIND.slug]))
    assert openpyxl.load_workbook(io.BytesIO(file.content)).sheetnames == ["Số", "Ví dụ", "Hướng dẫn"]


def test_markup_in_a_file_is_text(an):
    page = an.get(send(an, "Mã;Điểm\n<script>alert(1)</script>;9".encode())["Location"]).content.decode()
    assert "<script>alert" not in page
