"""Schemes and scores in and out of spreadsheets: faults with their cell, nothing half written, the same file twice."""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from scoring.actions.sheet import CellWrite, record_scores
from scoring.actions.table import lock_table
from scoring.exchange import confirm_scores, export_matrix, export_scheme, read_scheme, scheme_template, scores_template
from scoring.models import RankingSnapshot, Scheme, ScoreEntry, ScoreSheet, Stage
from scoring.queries.scheme import lines_of, options_of
from scoring.queries.snapshot import frozen_table
from scoring.queries.table import table_of
from scoring.rules.entered import Entered
from tests.locking import wait_for_a_lock
from tests.personas import World, make_scheme
from thidua.audit.models import Event
from thidua.exchange.models import ImportRun
from thidua.exchange.reader import read_workbook
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import RuleViolation

pytestmark = pytest.mark.django_db
REASON = "Tỉnh giao thêm chỉ tiêu mới"
HEAD = ("Mã", "Mã cha", "Nội dung", "Loại", "Điểm tối đa", "Cách tính", "Tham số", "Không áp dụng")
GOOD: tuple[tuple[Any, ...], ...] = (
    ("I", "", "Nhiệm vụ", "Mục", 60, "Tổng", "", ""),
    ("I.1", "I", "Chỉ tiêu", "Tiêu chí", 40, "Tỷ lệ", "ngưỡng=50%", "bỏ khỏi thang"),
    ("I.2", "I", "Chương trình", "Tiêu chí", 20, "Trực tiếp", "bước=0,25", "tối đa"),
    ("II", "", "Phong trào", "Mục", 40, "Tổng", "", ""),
    ("a)", "II", "Xếp loại", "Tiêu chí", 40, "Mức", "Tốt=40; Khá=30; Đạt=20; Chưa đạt=0", ""),
    ("T", "", "Thưởng", "Điểm thưởng", "", "Theo lần", "mỗi lần=1", ""),
)
OPTIONS = (("Tổng điểm", 100), ("Trần điểm thưởng", 5), ("Xếp loại", "Tốt>=80; Khá"), ("Đồng hạng", "I; bốc thăm"))


def book(rows: Any = GOOD, options: Any = OPTIONS, head: Any = HEAD, name: str = "Bảng điểm") -> bytes:
    wb = openpyxl.Workbook()
    sheet = wb.active
    sheet.title = name
    sheet.append(head)
    for row in rows:
        sheet.append([None if x == "" else x for x in row])
    if options is not None:
        extra = wb.create_sheet("Thiết lập")
        extra.append(("Khóa", "Giá trị"))
        for row in options:
            extra.append(row)
    buffer = io.BytesIO()
    wb.save(buffer)
    return buffer.getvalue()


def changed(place: int, column: int, value: Any, rows: Any = GOOD) -> list[tuple[Any, ...]]:
    found = [list(r) for r in rows]
    found[place][column] = value
    return [tuple(r) for r in found]


def call(command: str, *arguments: Any) -> tuple[int, str, str]:
    out, err = StringIO(), StringIO()
    code = 0
    try:
        call_command(command, *map(str, arguments), stdout=out, stderr=err, no_color=True)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue(), err.getvalue()


def file_of(tmp_path: Path, data: bytes, name: str = "bang.xlsx") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


WHERE = ("--bloc", "BN-VHXH", "--year", "2026")


# ------------------------------------------------------ schemes: command
def test_a_scheme_comes_in_is_published_and_then_changes_nothing(world: World, tmp_path: Path) -> None:
    path = file_of(tmp_path, book())
    code, out, err = call("import_scheme", path, *WHERE, "--publish")
    assert (code, err) == (0, "")
    assert "Tạo mới 6, thay đổi 0, giữ nguyên 0." in out
    scheme = Scheme.objects.get(bloc_year=world.bloc_year)
    assert (scheme.state, scheme.total_points, scheme.bonus_cap) == ("published", 100, 5)
    assert [x.code for x in lines_of(scheme)] == ["I", "I.1", "I.2", "II", "a)", "T"]
    assert Stage.objects.filter(bloc_year=world.bloc_year).count() == 2
    count = Event.objects.count()
    code, out, err = call("import_scheme", path, *WHERE, "--publish")
    assert (code, err) == (0, "")
    assert "Tạo mới 0, thay đổi 0, giữ nguyên 6." in out
    assert "Tạo mới:" not in out
    assert Event.objects.count() == count


def test_without_publish_it_is_the_draft(world: World, tmp_path: Path) -> None:
    code, _, _ = call("import_scheme", file_of(tmp_path, book()), *WHERE)
    assert code == 0
    assert Scheme.objects.get().state == "draft"
    code, out, _ = call("import_scheme", file_of(tmp_path, book(changed(1, 2, "Chỉ tiêu giao"))), *WHERE)
    assert "Thay đổi: I.1 Chỉ tiêu giao" in out
    assert Scheme.objects.get().criteria.get(code="I.1").title == "Chỉ tiêu giao"


def test_a_changed_file_needs_a_reason(world: World, tmp_path: Path) -> None:
    call("import_scheme", file_of(tmp_path, book()), *WHERE, "--publish")
    path = file_of(tmp_path, book(changed(1, 2, "Chỉ tiêu giao")))
    code, _, err = call("import_scheme", path, *WHERE, "--publish")
    assert code == 1
    assert "lý do" in err
    assert Scheme.objects.count() == 1
    code, out, _ = call("import_scheme", path, *WHERE, "--publish", "--reason", REASON)
    assert code == 0
    assert "bản 2, đã công bố" in out
    assert Scheme.objects.get(version=2).reason == REASON


def test_dry_run_writes_nothing(world: World, tmp_path: Path) -> None:
    code, out, _ = call("import_scheme", file_of(tmp_path, book()), *WHERE, "--dry-run")
    assert code == 0
    assert "Chưa ghi gì" in out
    assert not Scheme.objects.exists()


def test_csv_with_its_companion(world: World, tmp_path: Path) -> None:
    rows = [";".join(HEAD), *(";".join(f'"{x}"' if ";" in str(x) else str(x) for x in r) for r in GOOD)]
    path = file_of(tmp_path, "\n".join(rows).encode(), "bang.csv")
    file_of(tmp_path, 'Khóa;Giá trị\nTổng điểm;100\nXếp loại;"Tốt>=80; Khá"\n'.encode(), "bang.thiet-lap.csv")
    code, _, err = call("import_scheme", path, *WHERE, "--publish")
    assert (code, err) == (0, "")
    scheme = Scheme.objects.get()
    assert (scheme.total_points, scheme.bands) == (100, "Tốt>=80; Khá")


def test_without_options_the_total_is_the_sum(world: World, tmp_path: Path) -> None:
    code, _, _ = call("import_scheme", file_of(tmp_path, book(options=None)), *WHERE, "--publish")
    assert code == 0
    scheme = Scheme.objects.get()
    assert (scheme.total_points, scheme.digits, scheme.rank_by, scheme.ties) == (None, 2, "points", "")


@pytest.mark.parametrize(
    ("rows", "cell", "words"),
    [
        (changed(2, 1, "X"), "B4", "mã cha X không có trong bảng"),
        (changed(2, 0, "I.1"), "A4", "Mã I.1 ghi ở hai dòng"),
        (changed(1, 4, 41), "E2", "tổng điểm tiêu chí con là 61, điểm tối đa của mục là 60"),
        (changed(4, 6, "Tốt=50; Khá=30"), "G6", "lớn hơn điểm tối đa 40"),
        (changed(2, 6, "bước=0,3"), "G4", "không chia hết điểm tối đa 20"),
        (changed(1, 5, "Tỷ số"), "F3", "Tỷ số"),
        (changed(1, 6, "ngưỡng khác=50%"), "G3", "không có trong cách tính"),
        (changed(1, 3, "Chỉ tiêu"), "D3", "Chỉ tiêu"),
        (changed(1, 4, "4O"), "E3", "4O"),
        (changed(1, 4, "1.000"), "E3", "1.000"),
        (changed(1, 2, ""), "C3", ""),
        (changed(0, 1, "I.1"), "", "vòng cha con"),
    ],
)
def test_faults_name_sheet_and_cell_and_nothing_is_written(
    world: World, tmp_path: Path, rows: Any, cell: str, words: str
) -> None:
    code, _, err = call("import_scheme", file_of(tmp_path, book(rows)), *WHERE, "--publish")
    assert code == 1
    assert "Bảng điểm" in err
    assert cell in err
    assert words in err
    assert not Scheme.objects.exists()
    assert not Event.objects.filter(verb__startswith="scoring.").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((("Tổng điểm", 90),), "Các mục cộng lại là 100 điểm, tổng điểm của bảng là 90"),
        ((("Xếp loại", "Khá>=60; Tốt>=80"),), "Ghi từ cao xuống thấp"),
        ((("Đồng hạng", "V; thưởng"),), "không có mã V"),
        ((("Xếp hạng theo", "thứ tự"),), "thứ tự"),
        ((("Làm tròn", "hai"),), "hai"),
    ],
)
def test_faults_of_the_options(world: World, tmp_path: Path, options: Any, words: str) -> None:
    code, _, err = call("import_scheme", file_of(tmp_path, book(options=options)), *WHERE)
    assert code == 1
    assert "Thiết lập" in err
    assert words in err
    assert not Scheme.objects.exists()


def test_a_deduction_above_the_maximum_is_a_warning(world: World, tmp_path: Path) -> None:
    rows = [*GOOD, ("P", "", "Chậm báo cáo", "Điểm trừ", 3, "Theo lần", "mỗi lần=5", "")]
    code, _, err = call("import_scheme", file_of(tmp_path, book(rows)), *WHERE, "--publish")
    assert code == 0
    assert "trừ mỗi lần 5 điểm" in err


def test_missing_columns_and_unknown_bloc(world: World, tmp_path: Path) -> None:
    head = [h for h in HEAD if h != "Cách tính"]
    rows = [[x for i, x in enumerate(r) if i != 5] for r in GOOD]
    code, _, err = call("import_scheme", file_of(tmp_path, book(rows, head=head)), *WHERE)
    assert code == 1
    assert "Cách tính" in err
    code, _, err = call("import_scheme", file_of(tmp_path, book()), "--bloc", "KHONG", "--year", "2026")
    assert code == 1
    assert "KHONG" in err


def test_as_a_person_without_the_office(world: World, tmp_path: Path) -> None:
    path = file_of(tmp_path, book())
    assert call("import_scheme", path, *WHERE, "--as", "chung")[0] == 1
    assert call("import_scheme", path, *WHERE, "--as", "an", "--publish")[0] == 1
    assert not Scheme.objects.exists()
    assert call("import_scheme", path, *WHERE, "--as", "an")[0] == 0


def test_export_comes_back_unchanged(world: World, tmp_path: Path) -> None:
    scheme = make_scheme(world.bloc_year)
    data = export_scheme(options_of(scheme), lines_of(scheme))
    read = read_scheme(read_workbook(data, "bang.xlsx"))
    assert not read.faults
    assert [(x.code, x.parent_code, x.rule, x.max_points) for x in read.lines] == [
        (x.code, x.parent_code, x.rule, x.max_points) for x in lines_of(scheme)
    ]
    code, out, _ = call("import_scheme", file_of(tmp_path, data), *WHERE, "--dry-run")
    assert code == 0
    assert "Sẽ tạo mới 0, thay đổi 0, giữ nguyên 11." in out


def test_the_example_of_the_template_is_itself_a_good_file() -> None:
    wb = openpyxl.load_workbook(io.BytesIO(scheme_template()))
    del wb["Bảng điểm"]
    buffer = io.BytesIO()
    wb.save(buffer)
    read = read_scheme(read_workbook(buffer.getvalue(), "mau.xlsx"))
    assert not read.faults
    assert len(read.lines) == 6
    assert scores_template()[:2] == b"PK"


# --------------------------------------------------------- schemes: page
def upload(browser: Any, slug: str, scope: str, data: bytes, name: str = "bang.xlsx") -> Any:
    address = f"{reverse('exchange:upload', args=[slug])}?scope={scope}"
    return browser.post(address, {"file": SimpleUploadedFile(name, data)}, follow=True)


def confirm_run(browser: Any) -> Any:
    run = ImportRun.objects.get()
    return browser.post(reverse("exchange:confirm", args=[run.pk]), {"digest": run.preview["digest"]})


def test_the_page_takes_a_file_through_check_and_confirmation(world: World, sign_in) -> None:
    browser = sign_in(world.user("an"))
    answer = upload(browser, "bang-diem", str(world.bloc_year.pk), book())
    assert answer.status_code == 200
    assert "Chưa ghi dòng nào" in answer.content.decode()
    assert not Scheme.objects.exists()
    assert confirm_run(browser).status_code == 302
    assert Scheme.objects.get(bloc_year=world.bloc_year).state == "draft"


def test_the_page_shows_faults_by_cell(world: World, sign_in) -> None:
    text = upload(
        sign_in(world.user("an")), "bang-diem", str(world.bloc_year.pk), book(changed(1, 4, "4O"))
    ).content.decode()
    assert "E3" in text
    assert "4O" in text
    assert not Scheme.objects.exists()


def test_on_a_published_year_the_page_asks_for_the_new_version_first(world: World, sign_in) -> None:
    make_scheme(world.bloc_year)
    text = upload(sign_in(world.user("an")), "bang-diem", str(world.bloc_year.pk), book()).content.decode()
    assert "Lập bản mới" in text
    assert Scheme.objects.count() == 1


@pytest.mark.parametrize(("who", "status"), [("chung", 403), ("khang", 403), ("giang", 404), ("dung", 200)])
def test_who_may_import_a_scheme(world: World, sign_in, who: str, status: int) -> None:
    address = f"{reverse('exchange:upload', args=['bang-diem'])}?scope={world.bloc_year.pk}"
    assert sign_in(world.user(who)).get(address).status_code == status


# ----------------------------------------------------------------- scores
LONG = ("Mã đơn vị", "Mã tiêu chí", "Chỉ tiêu", "Thực hiện", "Số lần", "Mức", "Đạt", "Hạng", "Điểm", "Không áp dụng",
        "Ghi chú")  # fmt: skip


def long_row(unit: str, code: str, **values: Any) -> list[Any]:
    places = {
        "target": 2,
        "actual": 3,
        "count": 4,
        "level": 5,
        "passed": 6,
        "rank": 7,
        "points": 8,
        "off": 9,
        "note": 10,
    }
    row: list[Any] = [unit, code] + [None] * 9
    for name, value in values.items():
        row[places[name]] = value
    return row


SCORES = (
    long_row("SYT", "I.1", target=100, actual="95,5"),
    long_row("SYT", "I.2", points=18.25, note="Chậm 01 đề án"),
    long_row("SYT", "I.3", rank=5),
    long_row("SYT", "I.4", target=50, actual=60),
    long_row("SYT", "II.1", level="Tốt"),
    long_row("SYT", "II.2", passed="đạt"),
    long_row("SYT", "II.3", count=2),
    long_row("SKHCN", "I.1", off="có"),
    long_row("SYT", "T", count=1),
)


def scores(rows: Any = SCORES) -> bytes:
    return book(rows, options=None, head=LONG, name="Diem")


def entries() -> int:
    return ScoreEntry.objects.count()


@pytest.mark.parametrize("stage", ["khối", "khoi", "tự-chấm", "Tự chấm"])
def test_scores_come_in_and_then_change_nothing(world: World, tmp_path: Path, stage: str) -> None:
    make_scheme(world.bloc_year)
    path = file_of(tmp_path, scores())
    code, out, err = call("import_scores", path, *WHERE, "--stage", stage)
    assert (code, err) == (0, "")
    assert "Tạo mới 9, thay đổi 0, giữ nguyên 0." in out
    assert entries() == 9
    count = Event.objects.count()
    code, out, _ = call("import_scores", path, *WHERE, "--stage", stage)
    assert "Tạo mới 0, thay đổi 0, giữ nguyên 9." in out
    assert Event.objects.count() == count
    other = file_of(tmp_path, scores([long_row("SYT", "I.2", points=19)]))
    code, out, _ = call("import_scores", other, *WHERE, "--stage", stage)
    assert "Thay đổi: Sở Y tế, I.2: 18,25 → 19" in out
    entry = ScoreEntry.objects.get(criterion__code="I.2")
    assert (entry.points, entry.note) == (19, "Chậm 01 đề án")


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        (long_row("SYTX", "I.2", points=5), "A2", "SYTX"),
        (long_row("SYT", "I.9", points=5), "B2", "I.9"),
        (long_row("SYT", "I.2", points=105), "I2", "105"),
        (long_row("SYT", "I.2", points="9O"), "I2", "9O"),
        (long_row("SYT", "I.2", points="1.000"), "I2", "1.000"),
        (long_row("SYT", "I.2", points="9,1"), "I2", "0,25"),
        (long_row("SYT", "I.1", actual=5), "", "chỉ tiêu"),
        (long_row("SYT", "II.1", level="Giỏi"), "F2", "Giỏi"),
        (long_row("SYT", "II.2", passed="hơi đạt"), "G2", "hơi đạt"),
        (long_row("SYT", "II.3", count="2,5"), "E2", "2,5"),
        (long_row("SYT", "I.3", rank=-1), "H2", "-1"),
        (long_row("SYT", "I", points=50), "", ""),
        (long_row("SYT", "I.2", count=3), "", ""),
    ],
)
def test_a_wrong_score_names_its_cell_and_nothing_is_written(
    world: World, tmp_path: Path, row: Any, cell: str, words: str
) -> None:
    make_scheme(world.bloc_year)
    path = file_of(tmp_path, scores([row, long_row("SKHCN", "I.2", points=10)]))
    code, _, err = call("import_scores", path, *WHERE, "--stage", "khối")
    assert code == 1
    assert "Diem" in err
    assert cell in err
    assert words.casefold() in err.casefold()
    assert entries() == 0


def test_a_cell_twice_is_a_fault(world: World, tmp_path: Path) -> None:
    make_scheme(world.bloc_year)
    rows = [long_row("SYT", "I.2", points=10), long_row("syt", "I.2", points=11)]
    code, _, err = call("import_scores", file_of(tmp_path, scores(rows)), *WHERE, "--stage", "khối")
    assert code == 1
    assert "đã có ở dòng 2" in err
    assert entries() == 0


def test_stages_schemes_and_locks(world: World, tmp_path: Path) -> None:
    path = file_of(tmp_path, scores())
    code, _, err = call("import_scores", path, *WHERE, "--stage", "khối")
    assert code == 1
    assert "chưa công bố" in err
    make_scheme(world.bloc_year)
    code, _, err = call("import_scores", path, *WHERE, "--stage", "thẩm-định")
    assert code == 1
    assert "khối" in err
    Stage.objects.filter(slug="khoi").update(state="not-open")
    assert call("import_scores", path, *WHERE, "--stage", "khối")[0] == 0
    assert Stage.objects.get(slug="khoi").state == "open"
    Stage.objects.filter(slug="khoi").update(state="closed")
    code, _, err = call("import_scores", path, *WHERE, "--stage", "khối")
    assert code == 1
    assert "Bước Khối chấm đã đóng" in err


def test_a_locked_table_takes_no_scores(world: World, tmp_path: Path) -> None:
    make_scheme(world.bloc_year)
    rows = []
    for unit in world.units:
        for row in SCORES[:7]:
            rows.append([unit.code, *row[1:]])
    assert call("import_scores", file_of(tmp_path, scores(rows)), *WHERE, "--stage", "khối")[0] == 0
    lock_table(by=world.actor("binh"), bloc_year_id=world.bloc_year.pk)
    code, _, err = call(
        "import_scores", file_of(tmp_path, scores([long_row("SYT", "I.2", points=1)])), *WHERE, "--stage", "khối"
    )
    assert code == 1
    assert "đã chốt" in err


def test_a_person_imports_only_what_is_theirs(world: World, tmp_path: Path) -> None:
    make_scheme(world.bloc_year)
    own = file_of(tmp_path, scores([long_row("SVHTTDL", "I.2", points=10)]), "own.xlsx")
    foreign = file_of(tmp_path, scores([long_row("SVHTTDL", "I.2", points=11), long_row("SYT", "I.2", points=10)]))
    assert call("import_scores", foreign, *WHERE, "--stage", "tự-chấm", "--as", "chung")[0] == 1
    assert entries() == 0
    assert call("import_scores", own, *WHERE, "--stage", "tự-chấm", "--as", "chung")[0] == 0
    assert entries() == 1
    lead = file_of(tmp_path, scores([long_row("SGDDT", "I.2", points=10)]), "lead.xlsx")
    code, _, err = call("import_scores", lead, *WHERE, "--stage", "khối", "--as", "an")
    assert code == 1
    assert "không chấm đơn vị của mình" in err


def matrix_rows(world: World) -> list[Any]:
    return [
        ("I.2", "Chương trình", 20, 18.5, "19,25"),
        ("II.1", "Xếp loại", 20, "Tốt", "khá"),
        ("II.2", "", 10, "Đạt", ""),
    ]


def test_a_matrix_comes_in(world: World, tmp_path: Path) -> None:
    make_scheme(world.bloc_year)
    head = ("Mã", "Nội dung", "Điểm tối đa", "SYT", "SKHCN")
    data = book(matrix_rows(world), options=None, head=head)
    code, out, err = call("import_scores", file_of(tmp_path, data), *WHERE, "--stage", "khối")
    assert (code, err) == (0, "")
    assert "Tạo mới 5" in out
    assert ScoreEntry.objects.get(sheet__unit__code="SKHCN", criterion__code="II.1").level == "Khá"


@pytest.mark.parametrize(
    ("head", "rows", "cell", "words"),
    [
        (("SYT", "LA"), [("I.2", "", 20, 5, 5)], "E1", "LA"),
        (("SYT", "syt"), [("I.2", "", 20, 5, 5)], "E1", "hai cột"),
        (("SYT", "SKHCN"), [("X", "", 20, 5, 5)], "A2", "X"),
        (("SYT", "SKHCN"), [("I.2", "", 20, 5, 5), ("I.2", "", 20, 6, 6)], "A3", "hai dòng"),
        (("SYT", "SKHCN"), [("I.2", "", 20, 5, 25)], "E2", "25"),
        (("SYT", "SKHCN"), [("II.1", "", 20, "Tốt", "Giỏi")], "E2", "Giỏi"),
    ],
)
def test_faults_of_a_matrix(world: World, tmp_path: Path, head: Any, rows: Any, cell: str, words: str) -> None:
    make_scheme(world.bloc_year)
    data = book(rows, options=None, head=("Mã", "Nội dung", "Điểm tối đa", *head))
    code, _, err = call("import_scores", file_of(tmp_path, data), *WHERE, "--stage", "khối")
    assert code == 1
    assert cell in err
    assert words in err
    assert entries() == 0


def test_the_exported_matrix_imported_unchanged_changes_nothing(world: World, tmp_path: Path) -> None:
    make_scheme(world.bloc_year)
    call("import_scores", file_of(tmp_path, scores()), *WHERE, "--stage", "khối")
    table = table_of(world.bloc_year, "khoi")
    assert table is not None
    data = export_matrix(table)
    sheet = openpyxl.load_workbook(io.BytesIO(data))["Bảng chấm điểm"]
    assert sheet.protection.sheet
    assert sheet.data_validations.dataValidation
    before, count = list(ScoreEntry.objects.values()), Event.objects.count()
    code, out, err = call("import_scores", file_of(tmp_path, data), *WHERE, "--stage", "khối")
    assert (code, err) == (0, "")
    assert "Tạo mới 0, thay đổi 0, giữ nguyên 9." in out
    assert list(ScoreEntry.objects.values()) == before
    assert Event.objects.count() == count


def test_the_secretary_brings_her_own_table_back_in(world: World, sign_in, tmp_path: Path) -> None:
    """The column of her own unit stands in the file; only a changed cell of it is refused."""
    make_scheme(world.bloc_year)
    own = file_of(tmp_path, scores([long_row("SGDDT", "I.2", points=3)]))
    call("import_scores", own, *WHERE, "--stage", "khối")
    table = table_of(world.bloc_year, "khoi")
    assert table is not None
    book_of = openpyxl.load_workbook(io.BytesIO(export_matrix(table)))
    sheet = book_of["Bảng chấm điểm"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    line = next(row[0].row for row in sheet.iter_rows() if row[0].value == "I.2")
    browser, scope = sign_in(world.user("an")), f"{world.bloc_year.pk}:khoi"

    def send() -> str:
        buffer = io.BytesIO()
        book_of.save(buffer)
        return upload(browser, "diem", scope, buffer.getvalue()).content.decode()

    sheet.cell(line, heads["SYT"]).value = 5
    assert "không chấm đơn vị của mình" not in send()
    assert confirm_run(browser).status_code == 302
    assert ScoreEntry.objects.get(sheet__unit__code="SYT").points == Decimal(5)
    sheet.cell(line, heads["SGDDT"]).value = 4
    assert "không chấm đơn vị của mình" in send()


def test_a_cell_emptied_again_is_new_in_preview_and_result(world: World, sign_in) -> None:
    scheme = make_scheme(world.bloc_year)
    sheet = ScoreSheet.objects.get_or_create(unit=world.units[2], bloc_year=world.bloc_year)[0]
    line = scheme.criteria.get(code="I.2").pk
    for revision, entered in enumerate((Entered(points=Decimal(7)), Entered())):
        write = CellWrite(sheet.pk, line, entered, revision, None)
        assert record_scores(by=SYSTEM, stage="tu-cham", writes=[write], key=uuid4())[0].refusal is None
    browser = sign_in(world.user("chung"))
    upload(browser, "diem", f"{world.bloc_year.pk}:tu-cham", scores([long_row("SVHTTDL", "I.2", points=10)]))
    confirm_run(browser)
    run = ImportRun.objects.get()
    assert run.preview["counts"]["created"] == run.outcome["created"] == 1
    assert run.preview["counts"]["changed"] == run.outcome["changed"] == 0


def test_the_page_takes_scores_of_a_unit(world: World, sign_in) -> None:
    make_scheme(world.bloc_year)
    scope = f"{world.bloc_year.pk}:tu-cham"
    browser = sign_in(world.user("chung"))
    text = upload(browser, "diem", scope, scores([long_row("SVHTTDL", "I.2", points=10)])).content.decode()
    assert "Chưa ghi dòng nào" in text
    assert confirm_run(browser).status_code == 302
    assert ScoreEntry.objects.get().points == Decimal(10)
    text = upload(browser, "diem", scope, scores([long_row("SYT", "I.2", points=10)])).content.decode()
    assert "Bạn chỉ nhập điểm tự chấm của đơn vị mình." in text
    assert (
        sign_in(world.user("giang")).get(f"{reverse('exchange:upload', args=['diem'])}?scope={scope}").status_code
        == 404
    )


def test_the_page_takes_no_file_in_vain(world: World, sign_in) -> None:
    make_scheme(world.bloc_year)
    page = reverse("exchange:upload", args=["diem"])

    def status(name: str, stage: str) -> int:
        return sign_in(world.user(name)).get(f"{page}?scope={world.bloc_year.pk}:{stage}").status_code

    assert (status("chung", "tu-cham"), status("an", "khoi"), status("ha", "khoi")) == (200, 200, 200)
    assert (status("chung", "khoi"), status("dung", "khoi"), status("khang", "khoi")) == (403, 403, 403)
    assert (status("an", "khong-co"), status("an", "")) == (404, 404)
    table = table_of(world.bloc_year, "khoi")
    assert table is not None
    RankingSnapshot.objects.create(
        bloc_year=world.bloc_year,
        scheme=table.scheme,
        stage=table.stage,
        data=frozen_table(table),
        locked_at=timezone.now(),
        locked_by="mẫu",
    )
    assert status("an", "khoi") == 403


def test_a_cell_saved_between_check_and_confirmation_is_told(world: World, sign_in) -> None:
    scheme = make_scheme(world.bloc_year)
    browser = sign_in(world.user("chung"))
    upload(browser, "diem", f"{world.bloc_year.pk}:tu-cham", scores([long_row("SVHTTDL", "I.2", points=10)]))
    sheet = ScoreSheet.objects.get(unit=world.units[2], bloc_year=world.bloc_year)
    write = CellWrite(sheet.pk, scheme.criteria.get(code="I.2").pk, Entered(points=Decimal(7)), 0, None)
    assert record_scores(by=SYSTEM, stage="tu-cham", writes=[write], key=uuid4())[0].refusal is None
    answer = confirm_run(browser)
    assert answer.status_code in (302, 409, 422)
    assert ScoreEntry.objects.get().points == Decimal(7)
    assert ImportRun.objects.get().state != "confirmed"


@pytest.mark.parametrize(("name", "unit", "stage"), [("chung", "SVHTTDL", "tu-cham"), ("ha", "SGDDT", "khoi")])
def test_a_page_never_opens_a_step(world: World, sign_in, name: str, unit: str, stage: str) -> None:
    """Not even for the deputy lead, who may open it: opening is a deed of its own, with its limit."""
    make_scheme(world.bloc_year)
    Stage.objects.filter(bloc_year=world.bloc_year, slug=stage).update(state="not-open")
    browser = sign_in(world.user(name))
    data = scores([long_row(unit, "I.2", points=10)])
    text = upload(browser, "diem", f"{world.bloc_year.pk}:{stage}", data).content.decode()
    assert "chưa mở. Trưởng khối mở bước này rồi nhập." in text
    with pytest.raises(RuleViolation, match="chưa mở"):
        confirm_scores(
            by=world.actor(name), workbook=read_workbook(data, "bang.xlsx"), scope=f"{world.bloc_year.pk}:{stage}"
        )
    assert Stage.objects.get(bloc_year=world.bloc_year, slug=stage).state == "not-open"
    assert not ScoreEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_cell_saved_while_the_import_is_confirmed_is_not_overwritten(world: World, sign_in) -> None:
    """The confirmation waits for the sheet, checks again, and tells that the data is no longer what was shown."""
    scheme = make_scheme(world.bloc_year)
    browser = sign_in(world.user("chung"))
    upload(browser, "diem", f"{world.bloc_year.pk}:tu-cham", scores([long_row("SVHTTDL", "I.2", points=10)]))
    sheet = ScoreSheet.objects.get(unit=world.units[2], bloc_year=world.bloc_year)
    write = CellWrite(sheet.pk, scheme.criteria.get(code="I.2").pk, Entered(points=Decimal(7)), 0)
    answers = []
    thread = threading.Thread(target=lambda: (answers.append(confirm_run(browser).status_code), connection.close()))
    with transaction.atomic():
        assert record_scores(by=SYSTEM, stage="tu-cham", writes=[write], key=uuid4())[0].refusal is None
        thread.start()
        wait_for_a_lock()
    thread.join()
    assert answers in ([409], [302])
    assert ScoreEntry.objects.get().points == Decimal(7)
    assert ImportRun.objects.get().state != "confirmed"
