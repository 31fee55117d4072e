"""import_units and import_blocs: files of their own, through the commands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.core.management import call_command

from blocs.models import Bloc, BlocYear, FoundingDecision, Province, Unit, UnitSuccession
from thidua.audit.models import Event

pytestmark = pytest.mark.django_db

UNIT_HEAD = "Mã;Tên;Tên ngắn;Tỉnh;Loại;Hiệu lực từ;Hiệu lực đến;Kế thừa bởi;Hình thức kế thừa;Quyết định"
UNITS = f"""{UNIT_HEAD}
SLDTBXH;Sở Lao động - Thương binh và Xã hội;Sở LĐTBXH;Bắc Ninh;sở/ban/ngành;01/01/2010;28/02/2025;SNV;sáp nhập;12/NQ
SNV;Sở Nội vụ;;Bắc Ninh;sở/ban/ngành;01/01/2010;;;;01/QĐ-UBND
DPTTH;Đài Phát thanh và Truyền hình;Đài PTTH;Bắc Ninh;đơn vị sự nghiệp;01.01.2010;;;;
BHXH;Bảo hiểm xã hội tỉnh;BHXH tỉnh;27;Ngành dọc;01-01-2010;;;;
SYT;Sở Y tế;;Vĩnh Phúc;sở/ban/ngành;;30/06/2025;;;
"""
BLOC_HEAD = "Mã khối;Tên khối;Tên ngắn;Cấp;Tỉnh;Năm;Số quyết định;Ngày quyết định;Cơ quan quyết định;Mã đơn vị;Vai trò"
BLOCS = f"""{BLOC_HEAD}
K1;Khối thi đua Văn hóa - Xã hội;Khối VH-XH;tỉnh;Bắc Ninh;2022;109/QĐ-UBND;25/01/2022;UBND tỉnh;SLDTBXH;Thành viên
K1;Khối thi đua Văn hóa - Xã hội;Khối VH-XH;tỉnh;Bắc Ninh;2022;109/QĐ-UBND;25/01/2022;UBND tỉnh;DPTTH;Trưởng khối
K1;Khối thi đua Văn hóa - Xã hội;Khối VH-XH;tỉnh;Bắc Ninh;2022;;;;BHXH;Phó Trưởng khối
K2;Cụm thi đua số 1;;tỉnh;Bắc Ninh;2019;;;;SNV;Thành viên
K2;Cụm thi đua số 1;;tỉnh;Bắc Ninh;2019;;;;Vĩnh Phúc/SYT;Thành viên
"""


def run(capsys, command: str, path: Path, *options: str) -> tuple[int, str, str]:
    try:
        call_command(command, str(path), *options)
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.fixture
def write(tmp_path):
    def do(text: str, name: str = "tep.csv") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return do


def imported_units(capsys, write) -> None:
    assert run(capsys, "import_units", write(UNITS))[0] == 0


def test_import_units_makes_units_lives_and_successions(capsys, write) -> None:
    code, out, err = run(capsys, "import_units", write(UNITS))
    assert code == 0, err
    assert "Tạo mới 5" in out
    old = Unit.objects.get(code="SLDTBXH")
    assert (old.province.code, old.valid_to, old.category) == ("27", date(2025, 2, 28), "department")
    link = UnitSuccession.objects.get()
    assert (link.predecessor, link.successor.code, link.kind) == (old, "SNV", "merge")
    assert (link.happened_on, link.decision) == (date(2025, 3, 1), "12/NQ")
    assert Unit.objects.get(code="SNV").founding == "01/QĐ-UBND"
    assert Unit.objects.get(code="BHXH").province.code == "27"
    assert Unit.objects.get(code="SYT").province.name == "Vĩnh Phúc"
    assert old.name_key == "so lao dong - thuong binh va xa hoi so ldtbxh sldtbxh"
    assert Event.objects.filter(verb="blocs.import_units").count() == 1


def test_import_units_twice_changes_nothing(capsys, write) -> None:
    imported_units(capsys, write)
    before = list(Unit.objects.order_by("pk").values())
    code, out, _ = run(capsys, "import_units", write(UNITS))
    assert code == 0
    assert "Tạo mới 0, thay đổi 0, giữ nguyên 5." in out
    assert list(Unit.objects.order_by("pk").values()) == before
    assert Event.objects.filter(verb="blocs.import_units").count() == 1


def test_import_units_reports_and_writes_changes(capsys, write) -> None:
    imported_units(capsys, write)
    code, out, _ = run(capsys, "import_units", write(UNITS.replace("Đài PTTH", "Đài PT-TH")))
    assert code == 0
    assert "Thay đổi: Đài Phát thanh và Truyền hình (DPTTH), Tên ngắn: Đài PTTH → Đài PT-TH" in out
    assert Unit.objects.get(code="DPTTH").short_name == "Đài PT-TH"
    assert Unit.objects.get(code="DPTTH").revision == 2


def test_import_units_dry_run_writes_nothing(capsys, write) -> None:
    code, out, _ = run(capsys, "import_units", write(UNITS), "--dry-run")
    assert code == 0
    assert "Sẽ tạo mới 5" in out
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ("X;Sở X;;24;sở/ban/ngành;;;;;", "ô D7, cột “Tỉnh”", "Bắc Giang"),
        ("X;Sở X;;Bắc Xinh;sở/ban/ngành;;;;;", "ô D7, cột “Tỉnh”", "không phải tên hay mã tỉnh"),
        ("X;Sở X;;Vĩnh Phúc;sở/ban/ngành;01/01/2026;;;;", "ô D7", "không có tỉnh"),
        ("X;Sở X;;Bắc Ninh;cục vụ;;;;;", "ô E7, cột “Loại”", "Chọn một trong"),
        ("X;Sở X;;Bắc Ninh;trường;31/02/2026;;;;", "ô F7, cột “Hiệu lực từ”", "không có ngày này"),
        ("X;Sở X;;Bắc Ninh;trường;02/01/2020;01/01/2020;;;", "ô G7", "đứng trước"),
        ("X;Sở X;;Bắc Ninh;trường;01/01/2010;;KHONGCO;đổi tên;", "ô H7, cột “Kế thừa bởi”", "KHONGCO"),
        ("X;Sở X;;Bắc Ninh;trường;01/01/2010;;SNV;;", "ô I7, cột “Hình thức kế thừa”", "thiếu hình thức"),
        ("X;Sở X;;Bắc Ninh;trường;01/01/2010;;SNV;chia tách;", "ô H7", "hai đơn vị"),
        ("SNV;Sở khác;;Bắc Ninh;trường;01/01/2010;;;;", "ô A7, cột “Mã”", "hai dòng"),
        ("X;SỞ NỘI VỤ;;Bắc Ninh;trường;01/01/2015;;;;", "ô B7, cột “Tên”", "SNV"),
        (";Sở X;;Bắc Ninh;trường;;;;;", "ô A7", "để trống"),
        ("A/B;Sở X;;Bắc Ninh;trường;;;;;", "ô A7", "dấu /"),
        ("X;Huyện X;;Bắc Ninh;huyện;01/07/2025;;;;", "ô E7", "cấp huyện"),
    ],
)
def test_import_units_names_each_fault_and_writes_nothing(capsys, write, line: str, place: str, said: str) -> None:
    code, _, err = run(capsys, "import_units", write(f"{UNITS}{line}\n"))
    assert code == 1
    assert len(err.strip().splitlines()) == 1, err
    assert place in err
    assert said in err
    assert not Unit.objects.exists()


def test_import_units_tells_all_faults_at_once(capsys, write) -> None:
    bad = UNITS.replace("đơn vị sự nghiệp", "đài").replace("01-01-2010", "1/1/10")
    code, _, err = run(capsys, "import_units", write(bad))
    assert code == 1
    assert len(err.strip().splitlines()) == 2
    assert not Unit.objects.exists()


def test_import_units_without_a_needed_column(capsys, write) -> None:
    code, _, err = run(capsys, "import_units", write("Mã;Tên;Tỉnh\nA;Sở A;Bắc Ninh\n"))
    assert code == 1
    assert "Loại" in err


def test_import_units_takes_codes_in_reused_provinces_by_day(capsys, write) -> None:
    text = f"{UNIT_HEAD}\nA;Sở A;;24;trường;01/01/2010;30/06/2025;;;\nA;Sở A;;24;trường;01/07/2025;;;;\n"
    assert run(capsys, "import_units", write(text))[0] == 0
    assert sorted(u.province.name for u in Unit.objects.all()) == ["Bắc Giang", "Bắc Ninh"]


def test_import_blocs_makes_blocs_years_members_leads_decision(capsys, write) -> None:
    imported_units(capsys, write)
    code, out, err = run(capsys, "import_blocs", write(BLOCS))
    assert code == 0, err
    assert "Khối K2 năm 2019 chưa có Trưởng khối" in err, "a warning for a past year"
    assert "Tạo mới: Khối K1, năm 2022: 3 đơn vị" in out
    year = BlocYear.objects.get(bloc__code="K1")
    assert [m.unit.code for m in year.memberships.all()] == ["SLDTBXH", "DPTTH", "BHXH"]
    assert {t.unit.code: t.role for t in year.lead_terms.all()} == {"DPTTH": "lead", "BHXH": "deputy"}
    assert (year.decision.number, year.decision.decided_on) == ("109/QĐ-UBND", date(2022, 1, 25))
    assert year.bloc.province.code == "27"
    cluster = BlocYear.objects.get(bloc__code="K2")
    assert cluster.bloc.kind == "cum"
    assert [m.unit.code for m in cluster.memberships.all()] == ["SNV", "SYT"]
    assert Event.objects.filter(verb="blocs.import_blocs").count() == 2


def test_import_blocs_twice_changes_nothing(capsys, write) -> None:
    imported_units(capsys, write)
    run(capsys, "import_blocs", write(BLOCS))
    code, out, _ = run(capsys, "import_blocs", write(BLOCS))
    assert code == 0
    assert "Tạo mới 0, thay đổi 0, giữ nguyên 2." in out
    assert FoundingDecision.objects.count() == 1
    assert Event.objects.filter(verb="blocs.import_blocs").count() == 2


def test_import_blocs_changes_members_and_roles(capsys, write) -> None:
    imported_units(capsys, write)
    run(capsys, "import_blocs", write(BLOCS))
    text = BLOCS.replace("BHXH;Phó Trưởng khối", "SNV;Phó Trưởng khối")
    code, out, _ = run(capsys, "import_blocs", write(text))
    assert code == 0
    assert "Thay đổi: Khối K1, năm 2022: sửa thành viên, vai trò" in out
    year = BlocYear.objects.get(bloc__code="K1")
    assert [m.unit.code for m in year.memberships.all()] == ["SLDTBXH", "DPTTH", "SNV"]


def test_import_blocs_moves_the_bloc_to_the_later_province(capsys, write) -> None:
    imported_units(capsys, write)
    run(capsys, "import_blocs", write(BLOCS))
    later = f"{BLOC_HEAD}\nK1;Khối thi đua Văn hóa - Xã hội;;tỉnh;Bắc Ninh;2026;;;;BHXH;Trưởng khối\n"
    code, _, err = run(capsys, "import_blocs", write(later))
    assert code == 0, err
    assert Bloc.objects.get(code="K1").province == Province.objects.get(name="Bắc Ninh", valid_to=None)
    code, out, _ = run(capsys, "import_blocs", write(BLOCS))
    assert "Tạo mới 0, thay đổi 0" in out, "an earlier year moves nothing back"


@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ("K1;Khối thi đua Văn hóa - Xã hội;;tỉnh;Bắc Ninh;2022;;;;KHONGCO;Thành viên", "ô J7", "KHONGCO"),
        ("K1;Khối thi đua Văn hóa - Xã hội;;tỉnh;Bắc Ninh;2022;;;;SNV;Trưởng khối", "ô K7", "đã có Trưởng khối"),
        ("K1;Khối thi đua Văn hóa - Xã hội;;tỉnh;Bắc Ninh;2022;;;;BHXH;Thành viên", "ô J7", "hai dòng"),
        ("K1;Khối khác;;tỉnh;Bắc Ninh;2022;;;;SNV;Thành viên", "ô B7, cột “Tên khối”", "Ghi giống nhau"),
        ("K3;Khối ba;;tỉnh;Bắc Ninh;2026;;;;SNV;Thành viên", "ô K7", "chưa có Trưởng khối"),
        ("K3;Khối ba;;tỉnh;Vĩnh Phúc;2026;;;;SYT;Trưởng khối", "ô E7", "không có tỉnh"),
        ("K3;Khối ba;;tỉnh;Bắc Ninh;1900;;;;SNV;Trưởng khối", "ô F7", "1945"),
        ("K3;Khối ba;;tỉnh;Bắc Ninh;2o26;;;;SNV;Trưởng khối", "ô F7", "2o26"),
        ("K3;Khối ba;;tỉnh;Bắc Ninh;2022;109/QĐ-UBND;26/01/2022;;SNV;Trưởng khối", "ô H7", "25/01/2022"),
        ("K3;Khối ba;;tỉnh;Bắc Ninh;2022;9/QĐ;01/01/2090;;SNV;Trưởng khối", "ô H7", "sau hôm nay"),
        ("K3;Nhóm ba;;tỉnh;Bắc Ninh;2022;;;;SNV;Trưởng khối", "ô B7", "Loại"),
        ("K3;Khối ba;;tỉnh;Bắc Ninh;2026;;;;SLDTBXH;Trưởng khối", "ô J7", "kế thừa"),
        ("K3;Khối ba;;huyện;Bắc Ninh;2022;;;;SNV;Trưởng khối", "ô D7", "Chọn một trong"),
        ("K1;Khối thi đua Văn hóa - Xã hội;;tỉnh;Vĩnh Phúc;2019;;;;SYT;Trưởng khối", "ô E7", "thuộc"),
    ],
)
def test_import_blocs_names_each_fault_and_writes_nothing(capsys, write, line: str, place: str, said: str) -> None:
    imported_units(capsys, write)
    code, _, err = run(capsys, "import_blocs", write(f"{BLOCS}{line}\n"))
    assert code == 1
    assert place in err, err
    assert said in err
    assert not Bloc.objects.exists()


def test_import_as_somebody_who_may_not(capsys, write, world) -> None:
    code, _, err = run(capsys, "import_units", write(UNITS), "--as", "an")
    assert code == 1
    assert "Ban Thi đua" in err


def test_import_as_staff_is_bound_to_the_own_province(capsys, write, world) -> None:
    code, _, err = run(capsys, "import_units", write(UNITS), "--as", "dung")
    assert code == 1
    assert "Vĩnh Phúc" in err


def test_import_blocs_finds_units_kept_under_the_name_of_today(capsys, write) -> None:
    text = "Mã;Tên;Tỉnh;Loại\nSYT;Sở Y tế;Bắc Ninh;sở/ban/ngành\n"
    assert run(capsys, "import_units", write(text))[0] == 0
    assert run(capsys, "import_units", write(text))[1].endswith("Tạo mới 0, thay đổi 0, giữ nguyên 1.\n")
    blocs = f"{BLOC_HEAD}\nK;Khối K;;tỉnh;Bắc Ninh;2019;;;;SYT;Trưởng khối\n"
    assert run(capsys, "import_blocs", write(blocs))[0] == 0
    assert BlocYear.objects.get().memberships.get().unit.code == "SYT"


def test_provinces_are_there_and_load_provinces_adds_only_what_is_missing(capsys) -> None:
    assert Province.objects.count() == 88
    assert Province.objects.filter(valid_to=None).count() == 34
    phu_tho = Province.objects.get(name="Phú Thọ", valid_to=None)
    assert sorted(s.predecessor.name for s in phu_tho.ancestries.all()) == ["Hòa Bình", "Phú Thọ", "Vĩnh Phúc"]
    call_command("load_provinces")
    assert "Tạo mới 0, giữ nguyên 88." in capsys.readouterr().out


def test_import_units_from_a_workbook_with_real_date_cells(capsys, tmp_path) -> None:
    from decimal import Decimal

    from blocs.exchange import UNITS
    from thidua.exchange.writer import table_sheet, write_xlsx

    rows = [
        {"code": "A1", "name": "=1+1", "province": "Bắc Ninh", "category": "trường", "valid_from": date(2020, 9, 5)},
        {"code": Decimal(12), "name": "Trường A2", "province": Decimal(24), "category": "TRƯỜNG"},
    ]
    rows[1]["valid_from"] = date(2026, 1, 1)
    path = tmp_path / "don vi.xlsx"
    path.write_bytes(write_xlsx([table_sheet(UNITS, rows)]))
    code, out, err = run(capsys, "import_units", path)
    assert code == 0, err
    first, second = Unit.objects.order_by("name")
    assert (first.name, first.valid_from, first.province.code) == ("=1+1", date(2020, 9, 5), "27")
    assert (second.code, second.province.name, second.province.code) == ("12", "Bắc Ninh", "24")
    assert "giữ nguyên 2." in run(capsys, "import_units", path)[1]


def test_import_blocs_one_decision_for_all_blocs_of_a_file(capsys, write) -> None:
    imported_units(capsys, write)
    text = BLOC_HEAD + "\n" + "\n".join(
        f"K{n};Khối {n};;tỉnh;Bắc Ninh;2022;109/QĐ-UBND;25/01/2022;UBND tỉnh;SNV;Trưởng khối" for n in range(3)
    )  # fmt: skip
    assert run(capsys, "import_blocs", write(text))[0] == 0
    assert FoundingDecision.objects.count() == 1
    assert {y.decision for y in BlocYear.objects.all()} == {FoundingDecision.objects.get()}


def test_import_blocs_keeps_how_a_lead_was_chosen(capsys, write) -> None:
    imported_units(capsys, write)
    run(capsys, "import_blocs", write(BLOCS))
    year = BlocYear.objects.get(bloc__code="K1")
    year.lead_terms.filter(role="lead").update(selection_method="elected")
    run(capsys, "import_blocs", write(BLOCS.replace("BHXH;Phó Trưởng khối", "BHXH;Thành viên")))
    assert [(t.role, t.selection_method) for t in year.lead_terms.all()] == [("lead", "elected")]


def test_import_blocs_leaves_a_closed_year_closed(capsys, write) -> None:
    imported_units(capsys, write)
    run(capsys, "import_blocs", write(BLOCS))
    BlocYear.objects.update(is_closed=True)
    assert run(capsys, "import_blocs", write(BLOCS))[0] == 0, "nothing changes"
    code, _, err = run(capsys, "import_blocs", write(BLOCS.replace("BHXH;Phó Trưởng khối", "SNV;Thành viên")))
    assert code == 1
    assert "khép lại" in err
