"""The people of the tests, as Alice, Bob and Charlie are elsewhere.

An is the bloc's secretary (of the lead unit), Bình the lead, Chi the head of another member, Chung her officer,
Dũng works for the standing agency with Đào, Hà is deputy lead, Giang belongs to another bloc, Khang is of the
council, Lan the administrator, Mai holds no office at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from blocs.models import Bloc, BlocYear, FoundingDecision, LeadTerm, Membership, Post, Province, Unit
from blocs.queries.post import load_actor
from thidua.accounts.models import User
from thidua.lib.actor import Actor
from thidua.lib.vietnamese import fold

PASSWORD = "mat-khau-thu-2026"
NAMES = {
    "an": "Nguyễn Thị An (mẫu)",
    "binh": "Trần Văn Bình (mẫu)",
    "chi": "Lê Thị Chi (mẫu)",
    "chung": "Đỗ Văn Chung (mẫu)",
    "dung": "Phạm Văn Dũng (mẫu)",
    "dao": "Vũ Thị Đào (mẫu)",
    "giang": "Hoàng Văn Giang (mẫu)",
    "ha": "Bùi Thị Hà (mẫu)",
    "khang": "Hồ Văn Khang (mẫu)",
    "lan": "Ngô Thị Lan (mẫu)",
    "mai": "Lý Thị Mai (mẫu)",
}
UNITS = (
    ("SGDDT", "Sở Giáo dục và Đào tạo", "Sở GDĐT"),
    ("SYT", "Sở Y tế", "Sở Y tế"),
    ("SVHTTDL", "Sở Văn hóa, Thể thao và Du lịch", "Sở VHTTDL"),
    ("SKHCN", "Sở Khoa học và Công nghệ", "Sở KHCN"),
    ("BHXH", "Bảo hiểm xã hội tỉnh", "BHXH tỉnh"),
    ("BQLATTP", "Ban Quản lý An toàn thực phẩm", "BQL ATTP"),
    ("BPTTH", "Báo và Phát thanh, Truyền hình", "Báo và PTTH"),
    ("TTPVHCC", "Trung tâm Phục vụ hành chính công", "TT PVHCC"),
    ("STP", "Sở Tư pháp", "Sở Tư pháp"),
    ("SNV", "Sở Nội vụ", "Sở Nội vụ"),
    ("TTRA", "Thanh tra tỉnh", "Thanh tra"),
    ("CTHADS", "Cục Thi hành án dân sự tỉnh", "THADS"),
)


@dataclass
class World:
    province: Province
    bloc: Bloc
    bloc_year: BlocYear
    units: list[Unit]
    other_bloc_year: BlocYear
    other_unit: Unit
    other_province: Province
    users: dict[str, User] = field(default_factory=dict)

    def user(self, name: str) -> User:
        return self.users[name]

    def actor(self, name: str) -> Actor:
        return load_actor(self.users[name])


def make_user(name: str, full_name: str = "") -> User:
    user = User(username=name, full_name=full_name or NAMES.get(name, f"{name.title()} (mẫu)"))
    user.set_password(PASSWORD)
    user.save()
    return user


def make_province(name: str, kind: str = "tỉnh", code: str = "", **life: date | None) -> Province:
    found = Province.objects.filter(name=name, kind=kind, valid_to__isnull=True).first()
    return found or Province.objects.create(name=name, kind=kind, code=code, name_key=fold(name), **life)


def make_unit(province: Province, code: str, name: str, short: str = "", category: str = "department") -> Unit:
    return Unit.objects.create(
        province=province,
        code=code,
        name=name,
        short_name=short,
        name_key=fold(f"{name} {short} {code}"),
        category=category,
        head_title="Giám đốc",
        place=province.name,
    )


def make_bloc_year(
    province: Province, code: str, units: list[Unit], year: int = 2026, name: str = "Khối thi đua Văn hóa - Xã hội"
) -> BlocYear:
    bloc, _ = Bloc.objects.get_or_create(
        code=code,
        defaults={
            "official_name": name,
            "short_name": name,
            "name_key": fold(f"{name} {code}"),
            "kind": "khoi",
            "level": "province",
            "province": province,
            "paper_lines": "KHỐI THI ĐUA|VĂN HÓA - XÃ HỘI",
            "symbol": "KTĐ",
        },
    )
    decision, _ = FoundingDecision.objects.get_or_create(
        province=province, number="12/QĐ-UBND", decided_on=date(year, 1, 20), defaults={"issuer": "UBND tỉnh"}
    )
    bloc_year = BlocYear.objects.create(bloc=bloc, year=year, decision=decision)
    for position, unit in enumerate(units, 1):
        Membership.objects.create(bloc_year=bloc_year, unit=unit, position=position)
    if units:
        LeadTerm.objects.create(bloc_year=bloc_year, unit=units[0], role="lead", selection_method="elected")
    if len(units) > 1:
        LeadTerm.objects.create(bloc_year=bloc_year, unit=units[1], role="deputy", selection_method="elected")
    return bloc_year


def make_world(size: int = 8) -> World:
    province = make_province("Bắc Ninh", code="24")
    elsewhere = make_province("Phú Thọ", code="25")
    units = [make_unit(province, *row) for row in UNITS[:size]]
    bloc_year = make_bloc_year(province, "BN-VHXH", units)
    stranger = make_unit(province, "SXD", "Sở Xây dựng", "Sở XD")
    other = make_bloc_year(province, "BN-KTKT", [stranger], name="Khối thi đua Kinh tế - Kỹ thuật")
    world = World(province, bloc_year.bloc, bloc_year, units, other, stranger, elsewhere)
    for name, full in NAMES.items():
        world.users[name] = make_user(name, full)
    year = bloc_year.year

    def office(name: str, kind: str, **where: object) -> None:
        Post.objects.create(user=world.users[name], kind=kind, **where)

    office("an", "bloc_secretary", unit=units[0], bloc=world.bloc, year=year)
    office("an", "unit_officer", unit=units[0])
    office("binh", "bloc_lead", unit=units[0], bloc=world.bloc, year=year)
    office("binh", "unit_head", unit=units[0])
    if len(units) > 1:
        office("ha", "bloc_deputy", unit=units[1], bloc=world.bloc, year=year)
        office("ha", "unit_head", unit=units[1])
    if len(units) > 2:
        office("chi", "unit_head", unit=units[2])
        office("chung", "unit_officer", unit=units[2])
    office("giang", "unit_head", unit=stranger)
    office("giang", "bloc_secretary", unit=stranger, bloc=other.bloc, year=year)
    office("dung", "staff", province=province)
    office("dao", "staff", province=province)
    office("khang", "council_member", province=province)
    office("lan", "admin", province=province)
    return world


# (code, parent, kind, title, max, rule, params): sums to 100, one line of every rule.
SMALL_SCHEME = (
    ("I", "", "section", "Thực hiện nhiệm vụ", "60", "sum", ""),
    ("I.1", "I", "criterion", "Chỉ tiêu được giao", "20", "ratio", ""),
    ("I.2", "I", "criterion", "Chương trình công tác", "20", "direct", "bước=0,25"),
    ("I.3", "I", "criterion", "Cải cách hành chính", "10", "outside-rank", "1-3=10; 4-6=8; 7-=5"),
    ("I.4", "I", "criterion", "Kết quả nổi bật", "10", "relative", "hệ số=0,5"),
    ("II", "", "section", "Xây dựng Đảng, đoàn thể", "40", "sum", ""),
    ("II.1", "II", "criterion", "Xếp loại tổ chức đảng", "20", "levels", "Tốt=20; Khá=15; Đạt=10; Chưa đạt=0"),
    ("II.2", "II", "criterion", "Nội bộ đoàn kết", "10", "pass-fail", ""),
    ("II.3", "II", "criterion", "Báo cáo đúng hạn", "10", "minus-per-count", "mỗi lần=1"),
    ("T", "", "bonus", "Điểm thưởng sáng kiến", "5", "per-count", "mỗi lần=1"),
    ("P", "", "deduction", "Chậm báo cáo", "", "per-count", "mỗi lần=2"),
)


def make_scheme(bloc_year: BlocYear, lines: tuple[tuple[str, ...], ...] = SMALL_SCHEME, *, published: bool = True):  # noqa: ANN201
    """A scheme with its sheets and its two stages (own scoring open, the bloc's open)."""
    from scoring.models import Criterion, Scheme, ScoreSheet, Stage

    total = sum(Decimal(line[4]) for line in lines if line[2] == "section" and not line[1])
    scheme = Scheme.objects.create(
        bloc_year=bloc_year,
        version=1,
        total_points=total,
        bands="Xuất sắc>=90; Tốt>=80; Khá>=65; Trung bình",
        ties="I; thưởng",
    )
    made: dict[str, Criterion] = {}
    for position, (code, parent, kind, title, most, rule, params) in enumerate(lines, 1):
        made[code] = Criterion.objects.create(
            scheme=scheme,
            parent=made.get(parent),
            position=position,
            code=code,
            title=title,
            kind=kind,
            max_points=Decimal(most) if most else None,
            rule=rule,
            params=params,
        )
    if published:
        scheme.state = "published"
        scheme.save()
    for slug, name, position in (("tu-cham", "Tự chấm", 1), ("khoi", "Khối chấm", 2)):
        Stage.objects.get_or_create(
            bloc_year=bloc_year, slug=slug, defaults={"name": name, "position": position, "state": "open"}
        )
    for membership in bloc_year.memberships.all():
        ScoreSheet.objects.get_or_create(bloc_year=bloc_year, unit_id=membership.unit_id)
    return scheme
