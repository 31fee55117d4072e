"""The command line: faults on standard error and exit 1, else what was done and exit 0."""

from io import StringIO

import pytest
from django.core.management import call_command

from tests.thidua.exchange.kind import KIND, STORE
from thidua.exchange.command import ImportCommand, workbook_at

pytestmark = pytest.mark.django_db


class Command(ImportCommand):
    kind_slug = KIND.slug


@pytest.fixture(autouse=True)
def _empty_store():
    STORE.clear()
    yield
    STORE.clear()


def call(*arguments):
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command(Command(), *map(str, arguments), stdout=out, stderr=err, no_color=True)
    except SystemExit as end:
        code = end.code
    return code, out.getvalue(), err.getvalue()


def test_imports_and_then_changes_nothing(tmp_path):
    file = tmp_path / "so.csv"
    file.write_text("Mã;Điểm\nA;9,5\n", encoding="utf-8")
    code, out, _ = call(file)
    assert code == 0
    assert "Tạo mới: A: 9.5" in out
    assert STORE == {"A": "9.5"}
    code, out, _ = call(file)
    assert code == 0
    assert "Tạo mới 0, thay đổi 0, giữ nguyên 1." in out


def test_dry_run_writes_nothing(tmp_path):
    file = tmp_path / "so.csv"
    file.write_text("Mã;Điểm\nA;9,5\n", encoding="utf-8")
    code, out, _ = call(file, "--dry-run")
    assert code == 0
    assert "Chưa ghi gì" in out
    assert STORE == {}


def test_faults_one_a_line(tmp_path):
    file = tmp_path / "so.csv"
    file.write_text("Mã;Điểm\nA;9O\n;1\n", encoding="utf-8")
    code, out, err = call(file)
    assert code == 1
    assert out == ""
    assert err.splitlines() == [
        "Trang tính “so”, ô B2, cột “Điểm”: “9O” không phải số (có chữ O). Sửa thành 90 rồi tải lại.",
        "Trang tính “so”, ô A3, cột “Mã”: ô để trống. Điền giá trị rồi tải lại.",
    ]
    assert STORE == {}


def test_missing_file_and_unknown_user(tmp_path):
    assert call(tmp_path / "none.csv")[0] == 1
    file = tmp_path / "so.csv"
    file.write_text("Mã;Điểm\nA;9\n", encoding="utf-8")
    code, _, err = call(file, "--as", "nobody")
    assert code == 1
    assert "nobody" in err


def test_companion_file(tmp_path):
    (tmp_path / "so.csv").write_text("Mã\nA", encoding="utf-8")
    (tmp_path / "so.thiet-lap.csv").write_text("Khóa;Giá trị\nLàm tròn;2", encoding="utf-8")
    assert workbook_at(tmp_path / "so.csv").sheet("Thiết lập").rows
