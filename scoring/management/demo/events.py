"""What happened in the demo's blocs: cases 000, 001 and 002 as far as the facts go, and an invented 2026.

Persons of the past are given by office only; nothing the sources do not say is filled in, so those conferences stay
drafts: nobody knows the hours approval asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.utils import timezone

from blocs.actions.covenant import agree_covenant, create_covenant, save_covenant, save_signatures, sign_covenant
from blocs.actions.meeting import approve_meeting, create_meeting, save_meeting
from blocs.models import BlocYear, Meeting
from blocs.queries.bloc import bloc_year_for
from blocs.queries.covenant import UNSIGNED, signature_part
from blocs.queries.meeting import member_part
from thidua.lib.actor import SYSTEM, Actor

# (bloc, year, ((unit, role, method, wording), …))
LEADS = (
    ("BN-VHXH", 2020, (("CU-TTHCC", "lead", "elected", "thống nhất bình bầu; bầu"),)),
    ("BN-VHXH", 2022, (("CU-SGDDT", "lead", "unknown", ""),)),
    ("BN-DANG", 2019, (("CU-BTGTU", "lead", "unknown", ""),)),
    ("BN-DANG", 2020, (("CU-VPTU", "lead", "elected", "được bầu"),)),
    ("BN-KTKT", 2020, (("CU-LMHTX", "lead", "elected", "bầu"),)),
    ("BN-NOICHINH", 2019, (("CU-CTHADS", "lead", "unknown", ""),)),
    ("BN-NOICHINH", 2020, (("CU-SNV", "lead", "designated", "thống nhất chỉ định"),)),
    ("VP-VHXH", 2019, (("SGDDT", "lead", "unknown", ""),)),
    (
        "BN-VHXH",
        2026,
        (("SGDDT", "lead", "elected", ""), ("SYT", "deputy", "elected", "")),
    ),
)
NOTES = (
    ("BN-KTKT", 2019, "Tin ghi “Cụm Thi đua khối … kinh tế, kỹ thuật”; không nêu danh sách thành viên."),
    ("BN-VHXH", 2019, "Tin không nêu Trưởng khối năm 2019. 04 đơn vị đề nghị Bằng khen không nêu tên."),
    ("VP-VHXH", 2019, "Tin không nêu các đơn vị thành viên khác."),
)
PLACE = "Hội trường Sở Giáo dục và Đào tạo tỉnh Bắc Ninh"
CHAIR = ("Lê Văn Bình (mẫu)", "Giám đốc Sở Giáo dục và Đào tạo, Trưởng khối")
SECRETARY = ("Bùi Thu Hà (mẫu)", "Phó Chánh Văn phòng Sở Giáo dục và Đào tạo, Thư ký Khối")
AGENCY = ("Vũ Thị Lan (mẫu)", "Phó Trưởng phòng, Ban Thi đua - Khen thưởng, Sở Nội vụ")
RECIPIENTS = "Ban Thi đua - Khen thưởng, Sở Nội vụ (để b/c)\nCác đơn vị thành viên"
# unit -> (person, office, signing group, place in the group)
HEADS = {
    "SGDDT": ("Lê Văn Bình (mẫu)", "Giám đốc", 1, 1),
    "SYT": ("Trần Thị Cúc (mẫu)", "Giám đốc", 2, 1),
    "SVHTTDL": ("Phạm Thị Mai (mẫu)", "Giám đốc", 1, 2),
    "SKHCN": ("Đoàn Văn Kiên (mẫu)", "Giám đốc", 2, 2),
    "BHXH": ("Phan Thị Liên (mẫu)", "Giám đốc", 2, 3),
    "BQLATTP": ("Dương Văn Nghĩa (mẫu)", "Trưởng ban", 2, 4),
    "BPTTH": ("Trịnh Văn Oanh (mẫu)", "Giám đốc", 1, 3),
    "TTPVHCC": ("Lương Thị Phượng (mẫu)", "Giám đốc", 1, 4),
}
HEARD = "dự, chỉ đạo"


def play(actor: Callable[[str], Actor], bloc_year: BlocYear) -> None:
    """Meetings and covenants, each by the office that would have recorded it."""
    _year_2022()
    _year_2019()
    _vinh_phuc()
    _this_year(actor("thuky"), actor("truongkhoi"), bloc_year)


# ------------------------------------------------------------ shared steps
def _year(code: str, year: int) -> BlocYear:
    row = bloc_year_for(code, year)
    assert row is not None
    return row


def _units(bloc_year: BlocYear) -> dict[str, int]:
    """Member codes to ids, in the order of the decision."""
    return {m.unit.code: m.unit_id for m in bloc_year.memberships.select_related("unit").order_by("position", "pk")}


def _present(person: str = "", office: str = "", count: int = 1, note: str = "", here: bool = True) -> dict[str, Any]:
    return {"is_present": here, "person": person, "office": office, "head_count": count, "note": note}


def _guest(office: str, note: str, person: str = "") -> dict[str, Any]:
    return {"person": person, "office": office, "head_count": 1, "note": note}


def _item(kind: str, title: str, speaker: str = "", document: str = "") -> dict[str, Any]:
    return {"kind": kind, "title": title, "speaker": speaker, "document": document}


def _said(text: str, unit_id: int | None = None, speaker: str = "") -> dict[str, Any]:
    return {"unit_id": unit_id, "speaker": speaker, "text": text}


def _concluded(text: str, owner_id: int | None = None, due_on: date | None = None) -> dict[str, Any]:
    return {"text": text, "owner_id": owner_id, "due_on": due_on}


def _lines(*texts: str) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def _record(by: Actor, bloc_year: BlocYear, kind: str, content: Mapping[str, Any], title: str = "") -> Meeting:
    meeting = create_meeting(by=by, bloc_year_id=bloc_year.pk, kind=kind, title=title)
    return save_meeting(by=by, meeting_id=meeting.pk, revision=meeting.revision, content=content)


def _approve(by: Actor, meeting: Meeting) -> None:
    """Only what is past is approved: the demo loads on any day."""
    if meeting.held_on and meeting.held_on <= timezone.localdate():
        approve_meeting(by=by, meeting_id=meeting.pk, revision=meeting.revision)


def _seal(by: Actor, lead: Actor, bloc_year: BlocYear, text: Mapping[str, Any], signing: Mapping[str, Any]) -> None:
    """A covenant from its first word to "đã ký"; on a day before the signing it stays agreed."""
    covenant = create_covenant(by=by, bloc_year_id=bloc_year.pk)
    covenant = save_covenant(by=by, covenant_id=covenant.pk, revision=covenant.revision, content=text)
    covenant = agree_covenant(by=by, covenant_id=covenant.pk, revision=covenant.revision)
    covenant = save_signatures(by=by, covenant_id=covenant.pk, revision=covenant.revision, content=signing)
    if signing["signing_on"] <= timezone.localdate():
        sign_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision)


# -------------------------------------------------- case 000: 11/3/2022
def _year_2022() -> None:
    """Kick-off and signing of the bloc of Bắc Ninh; eight members in the two photographed groups."""
    year = _year("BN-VHXH", 2022)
    units = _units(year)
    day = date(2022, 3, 11)
    content = {
        "place": "Sở Giáo dục và Đào tạo tỉnh Bắc Ninh",
        "held_on": day,
        "part_of_day": "chieu",
        "chair_title": "Giám đốc Sở Giáo dục và Đào tạo, Trưởng khối",
        "guests": [
            _guest("Phó Trưởng ban phụ trách Ban Thi đua - Khen thưởng, Sở Nội vụ", "phát biểu định hướng"),
            _guest("Ban Giám đốc Sở Giáo dục và Đào tạo", ""),
        ],
        "agenda": [
            _item("review", "Thảo luận, thống nhất nhiệm vụ trọng tâm, kế hoạch và tiêu chí thi đua năm 2022"),
            _item("report", "Nhiệm vụ trọng tâm theo các văn bản của Trung ương và Tỉnh ủy", "", KL01),
            _item("report", "Phong trào thi đua năm 2022 theo chủ đề của năm", "", CT01),
            _item("speech", "Phát biểu định hướng", "Phó Trưởng ban phụ trách Ban Thi đua - Khen thưởng, Sở Nội vụ"),
            _item(
                "other", "Ký kết Giao ước thi đua năm 2022 trước sự chứng kiến của cơ quan thường trực và Trưởng khối"
            ),
        ],
        "opinions": [_said("Lưu ý tránh biểu hiện hình thức, bệnh thành tích")],
        "conclusions": [
            _concluded("Thống nhất nhiệm vụ trọng tâm, kế hoạch và tiêu chí thi đua năm 2022"),
            _concluded("Giao ước thi đua năm 2022 là căn cứ xây dựng kế hoạch và tiêu chí chấm điểm của Khối"),
        ],
        "source_note": "Ghi theo tin. Tin nêu năm nhóm nhiệm vụ nhưng không chép nguyên văn; không nêu giờ bắt đầu, "
        "giờ kết thúc, thư ký và họ tên người dự. Ngày của Chỉ thị 05-CT/TW ghi như tin in: 15/5/2016.",
    } | {member_part(pk): _present(office="lãnh đạo và cán bộ", count=0) for pk in units.values()}
    _record(SYSTEM, year, "kickoff", content)
    text = {
        "ground": _lines(
            "Căn cứ Quyết định số 109/QĐ-UBND ngày 25/01/2022 của Ủy ban nhân dân tỉnh về việc tổ chức các Cụm, Khối "
            "thi đua của tỉnh năm 2022",
            "Căn cứ Chỉ thị số 01/CT-UBND ngày 07/01/2022 của Ủy ban nhân dân tỉnh",
            "Căn cứ kết quả thảo luận, thống nhất tại Hội nghị ngày 11/3/2022 của Khối",
        ),
        "content": _lines(
            "Thực hiện năm nhóm nhiệm vụ trọng tâm, kế hoạch và tiêu chí đã thống nhất tại Hội nghị ngày 11/3/2022, "
            "theo Kết luận số 01-KL/TW ngày 18/5/2021, Chỉ thị số 05-CT/TW, Kế hoạch số 22-KH/TU ngày 13/8/2021 và "
            "Chỉ thị số 01/CT-UBND ngày 07/01/2022 nêu chủ đề phong trào thi đua của năm",
            "Không để xảy ra biểu hiện hình thức, bệnh thành tích trong thi đua",
        ),
        "closing": "Giao ước này là căn cứ để xây dựng kế hoạch và tiêu chí chấm điểm thi đua năm 2022 của Khối",
    }
    groups = (("CU-SGDDT", "CU-SVHTTDL", "CU-DPTTH", "CU-TTHCC"), ("CU-SYT", "CU-SLDTBXH", "CU-BHXH", "CU-BQLATTP"))
    signing: dict[str, Any] = {
        "place": "Bắc Ninh",
        "signing_on": day,
        "witness_title": "Phó Trưởng ban phụ trách",
        "witness_body": "Ban Thi đua - Khen thưởng, Sở Nội vụ",
    }
    for number, codes in enumerate(groups, 1):
        for position, code in enumerate(codes, 1):
            row = UNSIGNED | {"group_no": number, "position": position, "signed_on": day}
            signing[signature_part(units[code])] = row
    _seal(SYSTEM, SYSTEM, year, text, signing)


KL01 = (
    "Kết luận số 01-KL/TW ngày 18/5/2021; Chỉ thị số 05-CT/TW (tin ghi ngày 15/5/2016); "
    "Kế hoạch số 22-KH/TU ngày 13/8/2021"
)
CT01 = "Chỉ thị số 01/CT-UBND ngày 07/01/2022 của Ủy ban nhân dân tỉnh"


# --------------------------------------------- case 001: 2-3/12/2019
def _year_2019() -> None:
    """Four year-end conferences of one province, two on the same afternoon, each as its article tells."""
    day = date(2019, 12, 3)
    no_hours = "Tin không nêu giờ bắt đầu, giờ kết thúc, thư ký và họ tên người dự."
    _record(
        SYSTEM,
        _year("BN-DANG", 2019),
        "year_end",
        {
            "held_on": day,
            "part_of_day": "chieu",
            "chair_title": "Ủy viên Ban Thường vụ, Trưởng Ban Tuyên giáo Tỉnh ủy, Trưởng khối",
            "guests": [_guest("Phó Bí thư Tỉnh ủy, Chủ tịch Hội đồng nhân dân tỉnh", HEARD)],
            "agenda": [
                _item("report", "Thông qua báo cáo tổng hợp tự chấm điểm, xếp loại, bình xét"),
                _item("vote", "Bầu Trưởng khối năm 2020"),
            ],
            "conclusions": [
                _concluded("100% đơn vị đạt các chỉ tiêu đã đăng ký"),
                _concluded("Đề nghị tặng “Cờ thi đua của Thủ tướng Chính phủ”: Ban Tuyên giáo Tỉnh ủy"),
                _concluded("Đề nghị tặng Bằng khen của Thủ tướng Chính phủ: Ban Bảo vệ, Chăm sóc sức khỏe cán bộ tỉnh"),
                _concluded("Đề nghị tặng Cờ thi đua của UBND tỉnh: Ban Tổ chức Tỉnh ủy, Văn phòng Tỉnh ủy"),
                _concluded(
                    "Đề nghị tặng Bằng khen của Chủ tịch UBND tỉnh: Ban Dân vận Tỉnh ủy, Ban Nội chính Tỉnh ủy, "
                    "Đảng ủy Khối các cơ quan và doanh nghiệp tỉnh, Báo Bắc Ninh"
                ),
                _concluded(
                    "Đề nghị tặng Bằng khen của Ban Thường vụ Tỉnh ủy: Ủy ban Kiểm tra Tỉnh ủy, "
                    "Trường Chính trị Nguyễn Văn Cừ"
                ),
            ],
            "source_note": f"Ghi theo tin, giữ tên gọi như tin ghi; tin không nêu địa điểm. {no_hours} Thành viên suy "
            "từ danh sách đề nghị. Văn phòng Tỉnh ủy “được bầu” làm Trưởng khối năm 2020.",
        },
    )
    _record(
        SYSTEM,
        _year("BN-VHXH", 2019),
        "year_end",
        {
            "place": "Bảo hiểm xã hội tỉnh",
            "held_on": day,
            "guests": [_guest("Phó Chủ tịch Ủy ban nhân dân tỉnh", HEARD)],
            "agenda": [_item("vote", "Thống nhất bình bầu các đơn vị đề nghị khen thưởng; bầu Trưởng khối năm 2020")],
            "conclusions": [
                _concluded("Đề nghị tặng Cờ thi đua của Chính phủ: Sở Văn hóa, Thể thao và Du lịch"),
                _concluded("Đề nghị tặng Cờ thi đua của UBND tỉnh: Sở Y tế, Bảo hiểm xã hội tỉnh"),
                _concluded("Đề nghị tặng Bằng khen của Chủ tịch UBND tỉnh: 4 đơn vị (tin không nêu tên)"),
                _concluded("Năm 2020, 100% đơn vị hoàn thành vượt mức kế hoạch"),
            ],
            "source_note": f"Ghi theo tin; tin không nêu buổi họp và chủ trì. {no_hours} Bảy đề nghị: 03 đơn vị nêu "
            "tên, 04 đơn vị không nêu tên.",
        },
    )
    _record(
        SYSTEM,
        _year("BN-KTKT", 2019),
        "year_end",
        {
            "place": "Sở Công Thương",
            "held_on": date(2019, 12, 2),
            "agenda": [_item("vote", "Bình bầu các danh hiệu; bầu Trưởng khối năm 2020")],
            "conclusions": [
                _concluded("Bình bầu các danh hiệu (tin không nêu danh sách)"),
                _concluded("Chỉ tiêu năm 2020 như tin nêu: 100% đơn vị; 100% cán bộ; trên 95% “Lao động tiên tiến”"),
            ],
            "source_note": f"Ghi theo tin; tin không nêu chủ trì và thành viên. {no_hours}",
        },
    )
    _record(
        SYSTEM,
        _year("BN-NOICHINH", 2019),
        "year_end",
        {
            "place": "Cục Thi hành án dân sự tỉnh",
            "held_on": day,
            "part_of_day": "chieu",
            "agenda": [
                _item("vote", "Bỏ phiếu suy tôn các đơn vị đề nghị khen thưởng"),
                _item("vote", "Cử Trưởng khối năm 2020"),
            ],
            "conclusions": [
                _concluded("Trong năm, Khối có Giao ước thi đua gồm 9 nội dung, quy chế và tiêu chí chấm điểm"),
                _concluded("Kết quả bỏ phiếu suy tôn: tin không nêu danh sách"),
            ],
            "source_note": f"Ghi theo tin; tin không nêu chủ trì và khách mời. {no_hours}",
        },
    )


# -------------------------------------------------- case 002: 28/8/2019
def _vinh_phuc() -> None:
    """A mid-year conference in a province that ended; the article is a day younger than the event."""
    year = _year("VP-VHXH", 2019)
    lead = _units(year)["SGDDT"]
    _record(
        SYSTEM,
        year,
        "mid_year",
        {
            "place": "Sở Giáo dục và Đào tạo tỉnh Vĩnh Phúc",
            "held_on": date(2019, 8, 28),
            "published_on": date(2019, 8, 29),
            "part_of_day": "chieu",
            "agenda": [
                _item("report", "Đánh giá công tác thi đua, khen thưởng những tháng đầu năm"),
                _item("review", "Nhiệm vụ những tháng còn lại của năm 2019"),
            ],
            "opinions": [
                _said("Các đơn vị đã ban hành kế hoạch và đăng ký thi đua với UBND tỉnh và bộ, ngành chủ quản")
            ],
            "conclusions": [
                _concluded("Sửa đổi, bổ sung các tiêu chí"),
                _concluded("Lựa chọn điển hình tiên tiến thực chất"),
                _concluded("Tuyên truyền kỷ niệm 90 năm thành lập Đảng và 70 năm thành lập tỉnh Vĩnh Phúc"),
                _concluded("Thực hiện phong trào “Cán bộ, công chức, viên chức thi đua thực hiện văn hóa công sở”"),
            ],
            "source_note": "Ghi theo tin đăng ngày 29/8/2019 của Ban Thi đua - Khen thưởng, Sở Nội vụ. Một phong trào "
            "được in là “không để ai bị bỏ lại phía sau”. Tin không nêu giờ bắt đầu, giờ kết thúc và họ tên người dự; "
            "không nêu đơn vị và hạn thực hiện các nội dung thống nhất.",
            member_part(lead): _present(office="đơn vị Trưởng khối, nơi họp", count=0),
        },
    )


# ------------------------------------------------------- the invented 2026
def _this_year(secretary: Actor, lead: Actor, year: BlocYear) -> None:
    units = _units(year)
    kickoff = _record(
        secretary,
        year,
        "kickoff",
        _kickoff(units),
        "Hội nghị triển khai nhiệm vụ và ký kết giao ước thi đua năm 2026",
    )
    _approve(lead, kickoff)
    _seal(secretary, lead, year, _covenant_text(units), _covenant_signing(units))
    _approve(lead, _record(secretary, year, "mid_year", _mid_year(units)))
    _record(secretary, year, "year_end", _year_end(units))


def _head(number: str, day: date, start: time, end: time | None) -> dict[str, Any]:
    return {
        "number": number,
        "place": PLACE,
        "held_on": day,
        "starts_at": start,
        "ends_at": end,
        "chair_name": CHAIR[0],
        "chair_title": CHAIR[1],
        "secretary_name": SECRETARY[0],
        "secretary_title": SECRETARY[1],
        "recipients": RECIPIENTS,
        "copies": 3,
    }


def _members(units: Mapping[str, int], absent: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Two persons a unit; an absent unit with its reason."""
    rows = {}
    for code, pk in units.items():
        person, office, _, _ = HEADS[code]
        reason = (absent or {}).get(code, "")
        rows[member_part(pk)] = (
            _present(count=0, note=reason, here=False) if reason else _present(person, office, count=2)
        )
    return rows


def _kickoff(units: Mapping[str, int]) -> dict[str, Any]:
    return {
        **_head("01", date(2026, 3, 12), time(14), time(16, 45)),
        **_members(units),
        "guests": [_guest(AGENCY[1], "phát biểu định hướng", AGENCY[0])],
        "agenda": [
            _item("other", "Khai mạc, nêu mục đích, yêu cầu và chương trình làm việc", "Trưởng khối"),
            _item(
                "report",
                "Báo cáo nhiệm vụ trọng tâm và kế hoạch công tác thi đua năm 2026 của Khối",
                "Thư ký Khối",
                "Dự thảo Kế hoạch số 01/KH-KTĐ (mẫu)",
            ),
            _item(
                "review",
                "Thảo luận, thông qua Quy chế hoạt động và Bảng tiêu chí chấm điểm năm 2026",
                "Phó Trưởng khối",
                "Bảng tiêu chí thi đua năm 2026 (mẫu), bản lấy ý kiến và bản sau Hội nghị",
            ),
            _item(
                "speech",
                "Phát biểu định hướng công tác thi đua, khen thưởng năm 2026",
                "Đại diện Ban Thi đua - Khen thưởng, Sở Nội vụ",
            ),
            _item("other", "Ký kết Giao ước thi đua năm 2026", "Thủ trưởng các đơn vị thành viên"),
        ],
        "opinions": [
            _said("Đề nghị làm rõ cách tính chỉ tiêu chuyển đổi số so với đơn vị dẫn đầu", units["SYT"]),
            _said("Đề nghị thống nhất thời hạn gửi minh chứng trước ngày 20 tháng 11", units["BHXH"]),
            _said("Nhất trí với dự thảo; đề nghị Khối tổ chức giới thiệu điển hình tiên tiến", units["BPTTH"]),
        ],
        "conclusions": [
            _concluded("Thông qua Quy chế hoạt động, Bảng tiêu chí chấm điểm và Giao ước thi đua năm 2026 của Khối"),
            _concluded(
                "Hoàn thiện Kế hoạch công tác năm 2026, gửi các đơn vị thực hiện", units["SGDDT"], date(2026, 3, 31)
            ),
            _concluded(
                "Xây dựng chuyên mục giới thiệu điển hình tiên tiến của Khối", units["BPTTH"], date(2026, 6, 30)
            ),
        ],
    }


def _covenant_text(units: Mapping[str, int]) -> dict[str, Any]:
    return {
        "ground": _lines(
            "Căn cứ Quyết định số 12/QĐ-UBND ngày 20/01/2026 của Ủy ban nhân dân tỉnh về việc tổ chức các Cụm, Khối "
            "thi đua của tỉnh năm 2026 (mẫu)",
            "Căn cứ Chỉ thị số 02/CT-UBND ngày 09/01/2026 của Ủy ban nhân dân tỉnh phát động phong trào thi đua năm "
            "2026 (mẫu)",
            "Căn cứ kết quả thảo luận, thống nhất tại Hội nghị triển khai nhiệm vụ của Khối ngày 12/3/2026",
        ),
        "content": _lines(
            "Thi đua hoàn thành toàn diện, vượt mức các chỉ tiêu, nhiệm vụ được cấp có thẩm quyền giao",
            "Thi đua học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh; xây dựng tổ chức đảng, chính "
            "quyền, đoàn thể trong sạch, vững mạnh",
            "Thi đua đẩy mạnh cải cách hành chính, chuyển đổi số, nâng cao chất lượng phục vụ người dân và doanh "
            "nghiệp",
            "Thi đua thực hành tiết kiệm, chống lãng phí; phòng, chống tham nhũng, tiêu cực",
            "Thi đua lao động sáng tạo; phát huy sáng kiến, mô hình mới, cách làm hiệu quả",
            "Thi đua phát hiện, bồi dưỡng, nhân rộng điển hình tiên tiến; khen thưởng kịp thời, đúng người, đúng việc",
        ),
        "target": _lines(
            "100% đơn vị hoàn thành và hoàn thành vượt mức kế hoạch năm",
            "100% công chức, viên chức và người lao động đăng ký thi đua; trên 90% đạt danh hiệu “Lao động tiên tiến”",
            "100% hồ sơ thủ tục hành chính được giải quyết đúng hạn và trước hạn",
            "Mỗi đơn vị có ít nhất 01 mô hình mới hoặc sáng kiến được công nhận và 05 điển hình được tuyên truyền",
        ),
        "unit_targets": [
            {"unit_id": units[code], "name": name, "value": Decimal(value), "measure": measure}
            for code, name, value, measure in (
                ("SGDDT", "Trường học đạt chuẩn quốc gia", "92.5", "%"),
                ("SYT", "Dân số được quản lý sức khỏe bằng hồ sơ điện tử", "95", "%"),
                ("SVHTTDL", "Lượt khách du lịch", "6500000", "lượt"),
                ("BHXH", "Dân số tham gia bảo hiểm y tế", "96.75", "%"),
                ("TTPVHCC", "Hồ sơ trực tuyến toàn trình", "90", "%"),
            )
        ],
        "execution": _lines(
            "Các đơn vị thành viên cụ thể hóa Giao ước thành kế hoạch, phát động tới toàn thể công chức, viên chức và "
            "người lao động; tự chấm điểm và gửi kết quả về đơn vị Trưởng khối trước ngày 20 tháng 11 năm 2026",
            "Đơn vị Trưởng khối theo dõi, đôn đốc, tổ chức chấm điểm, sơ kết, tổng kết theo Quy chế hoạt động của Khối",
        ),
    }


def _covenant_signing(units: Mapping[str, int]) -> dict[str, Any]:
    """Eight signatures in two groups; one head was away and signed four days later."""
    day = date(2026, 3, 12)
    rows: dict[str, Any] = {
        "place": "Bắc Ninh",
        "signing_on": day,
        "witness_name": AGENCY[0],
        "witness_title": "Phó Trưởng phòng",
        "witness_body": "Ban Thi đua - Khen thưởng, Sở Nội vụ",
    }
    for code, pk in units.items():
        person, office, group, position = HEADS[code]
        late = code == "SKHCN"
        rows[signature_part(pk)] = {
            "group_no": group,
            "position": position,
            "signer_name": person,
            "signer_title": office,
            "signed_on": date(2026, 3, 16) if late else day,
            "absence_reason": "Đi công tác theo lịch của Ủy ban nhân dân tỉnh" if late else "",
        }
    return rows


def _mid_year(units: Mapping[str, int]) -> dict[str, Any]:
    return {
        **_head("02", date(2026, 7, 15), time(8), time(10, 30)),
        **_members(units, {"BQLATTP": "tham gia đoàn kiểm tra liên ngành"}),
        "guests": [_guest(AGENCY[1], "dự", AGENCY[0])],
        "agenda": [
            _item("report", "Báo cáo sơ kết công tác thi đua, khen thưởng 6 tháng đầu năm 2026", "Thư ký Khối"),
            _item(
                "paper",
                "Tham luận: Giảm thời gian chờ của người dân tại bộ phận một cửa",
                "Trung tâm Phục vụ hành chính công tỉnh",
            ),
            _item("review", "Nhiệm vụ trọng tâm 6 tháng cuối năm 2026", "Trưởng khối"),
        ],
        "opinions": [_said("Đề nghị Khối gửi sớm mẫu phiếu tự chấm điểm và danh mục minh chứng", units["SVHTTDL"])],
        "conclusions": [
            _concluded("Các đơn vị rà soát chỉ tiêu đã ký kết, tập trung hoàn thành các chỉ tiêu đạt thấp"),
            _concluded("Gửi mẫu phiếu tự chấm điểm và danh mục minh chứng", units["SGDDT"], date(2026, 10, 15)),
        ],
    }


def _year_end(units: Mapping[str, int]) -> dict[str, Any]:
    """Called, not held yet: attendance, opinions and the closing hour are what the main job records."""
    return {
        **_head("03", date(2026, 12, 3), time(14), None),
        "with_ranking": True,
        "guests": [_guest(AGENCY[1], HEARD, AGENCY[0])],
        "agenda": [
            _item("report", "Báo cáo kết quả công tác thi đua, khen thưởng năm 2026 của Khối", "Thư ký Khối"),
            _item("review", "Thông qua kết quả chấm điểm, xếp hạng năm 2026", "Trưởng khối"),
        ],
        "conclusions": [
            _concluded("Hội nghị thống nhất kết quả chấm điểm, xếp hạng năm 2026 của Khối"),
            _concluded(
                "Hoàn thiện hồ sơ, gửi Ban Thi đua - Khen thưởng, Sở Nội vụ", units["SGDDT"], date(2026, 12, 18)
            ),
        ],
    }
