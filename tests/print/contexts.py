"""Hand-written contexts of every paper, as templates/print/README.md describes them.

Units, founding decision 109/QĐ-UBND and the signing of 11/3/2022 are facts of case 000; every person, score, vote
and opinion is invented, and names end in "(mẫu)".
"""

from __future__ import annotations

import hashlib
from copy import deepcopy
from decimal import Decimal
from typing import Any

Context = dict[str, Any]

UNITS = [
    ("Sở Giáo dục và Đào tạo", ["GD", "ĐT"], "Cao Thị An (mẫu)", "Giám đốc"),
    ("Sở Y tế", ["Y tế"], "Tô Văn Bình (mẫu)", "Giám đốc"),
    ("Sở Văn hóa, Thể thao và Du lịch", ["VH", "TTDL"], "Lê Thị Chi (mẫu)", "Giám đốc"),
    ("Sở Lao động - Thương binh và Xã hội", ["LĐTB", "XH"], "Hồ Văn Du (mẫu)", "Giám đốc"),
    ("Bảo hiểm xã hội tỉnh", ["BHXH"], "Lê Văn Giao (mẫu)", "Giám đốc"),
    ("Ban Quản lý An toàn thực phẩm", ["AT", "TP"], "Vũ Thị Hà (mẫu)", "Trưởng ban"),
    ("Đài Phát thanh và Truyền hình", ["PT", "TH"], "Đỗ Khang (mẫu)", "Giám đốc"),
    ("Trung tâm Hành chính công tỉnh", ["HCC"], "Bùi Thị Lan (mẫu)", "Giám đốc"),
    ("Cục Thi hành án dân sự tỉnh", ["THA", "DS"], "Trần Văn Minh (mẫu)", "Cục trưởng"),
    ("Sở Tư pháp", ["Tư", "pháp"], "Phạm Thị Nga (mẫu)", "Giám đốc"),
    ("Sở Nội vụ", ["Nội", "vụ"], "Đinh Văn Oanh (mẫu)", "Giám đốc"),
    ("Thanh tra tỉnh", ["Thanh", "tra"], "Mai Thị Phú (mẫu)", "Chánh Thanh tra"),
]


def _common(**more: Any) -> Context:
    return {
        "author": "Khối thi đua Văn hóa - Xã hội tỉnh Bắc Ninh",
        "superior_lines": ["Ủy ban nhân dân", "tỉnh Bắc Ninh"],
        "issuer_lines": ["Khối thi đua", "Văn hóa - Xã hội"],
        "place": "Bắc Ninh",
        "date": "2022-12-08",
        "year": 2022,
        "draft": False,
        "sample": False,
        **more,
    }


def signer(capacity: str, name: str | None, unit_lines: list[str] | None = None, note: str = "") -> Context:
    return {"unit_lines": unit_lines or [], "capacity": capacity, "name": name, "note": note}


# ---------------------------------------------------------------- covenant
def covenant() -> Context:
    def box(index: int, lines: list[str]) -> Context:
        return signer(UNITS[index][3], UNITS[index][2], lines)

    return _common(
        document_title="Giao ước thi đua năm 2022 - Khối thi đua Văn hóa - Xã hội",
        date="2022-03-11",
        abstract_lines=["Thực hiện nhiệm vụ công tác năm 2022", "của Khối thi đua Văn hóa - Xã hội tỉnh Bắc Ninh"],
        grounds=[
            "Căn cứ Quyết định số 109/QĐ-UBND ngày 25 tháng 01 năm 2022 của Ủy ban nhân dân tỉnh về việc tổ chức"
            " các Cụm, Khối thi đua của tỉnh năm 2022;",
            "Căn cứ Chỉ thị số 01/CT-UBND ngày 07 tháng 01 năm 2022 của Chủ tịch Ủy ban nhân dân tỉnh về việc"
            " phát động phong trào thi đua năm 2022;",
            "Căn cứ kết quả thảo luận, thống nhất tại Hội nghị triển khai nhiệm vụ của Khối ngày 11 tháng 3 năm 2022",
        ],
        preamble="Với tinh thần đoàn kết, sáng tạo, quyết tâm thực hiện thắng lợi nhiệm vụ được giao, 08 đơn vị"
        " thành viên Khối thi đua Văn hóa - Xã hội cùng ký kết Giao ước thi đua năm 2022 với các nội dung sau:",
        contents=[
            "Thi đua hoàn thành toàn diện, vượt mức các chỉ tiêu, nhiệm vụ chuyên môn được cấp có thẩm quyền giao.",
            "Thi đua học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh; xây dựng tổ chức đảng, chính"
            " quyền, đoàn thể trong sạch, vững mạnh.",
            "Thi đua đẩy mạnh cải cách hành chính, chuyển đổi số, nâng cao chất lượng phục vụ người dân và"
            " doanh nghiệp.",
            "Thi đua thực hành tiết kiệm, chống lãng phí; phòng, chống tham nhũng, tiêu cực.",
            "Thi đua phát hiện, bồi dưỡng, nhân rộng điển hình tiên tiến; không để xảy ra biểu hiện hình thức,"
            " bệnh thành tích.",
        ],
        targets=[
            "100% đơn vị hoàn thành và hoàn thành vượt mức kế hoạch năm.",
            "100% công chức, viên chức và người lao động đăng ký thi đua; trên 95% đạt danh hiệu “Lao động tiên tiến”.",
            "100% hồ sơ thủ tục hành chính được giải quyết đúng hạn và trước hạn.",
        ],
        unit_targets=[],
        execution=[
            "Các đơn vị thành viên cụ thể hóa Giao ước thành kế hoạch, phát động tới toàn thể công chức, viên chức"
            " và người lao động; tự chấm điểm và gửi kết quả về đơn vị Trưởng khối trước ngày 25 tháng 11 năm 2022.",
            "Đơn vị Trưởng khối theo dõi, đôn đốc, tổ chức chấm điểm chéo và tổng kết theo Quy chế hoạt động của Khối.",
        ],
        closing="Giao ước này là căn cứ để xây dựng kế hoạch, tiêu chí chấm điểm và bình xét thi đua năm 2022."
        " Thủ trưởng 08 đơn vị cam kết tổ chức thực hiện tốt các nội dung đã ký kết.",
        groups=[
            {
                "caption": "Nhóm ký thứ nhất",
                "signers": [
                    box(0, ["Sở Giáo dục", "và Đào tạo", "(Trưởng khối)"]),
                    box(2, ["Sở Văn hóa,", "Thể thao", "và Du lịch"]),
                    box(6, ["Đài Phát thanh", "và Truyền hình"]),
                    box(7, ["Trung tâm", "Hành chính", "công tỉnh"]),
                ],
            },
            {
                "caption": "Nhóm ký thứ hai",
                "signers": [
                    box(1, ["Sở Y tế"]),
                    box(3, ["Sở Lao động - Thương binh và Xã hội"]),
                    box(4, ["Bảo hiểm xã hội tỉnh"]),
                    box(5, ["Ban Quản lý An toàn thực phẩm"]),
                ],
            },
        ],
        witness={
            "caption": "Chứng kiến ký kết: Cơ quan thường trực Hội đồng Thi đua - Khen thưởng tỉnh",
            "signer": signer(
                "Phó Trưởng ban phụ trách", "Đặng Văn Nam (mẫu)", ["Ban Thi đua - Khen thưởng, Sở Nội vụ"]
            ),
        },
    )


def covenant_of(count: int) -> Context:
    """A bloc of ``count`` members with unit targets; beyond twelve the units are numbered."""
    context = covenant()
    names = [UNITS[i % 12][0] + (f" khu vực {i // 12 + 1}" if i >= 12 else "") for i in range(count)]
    boxes = [signer(UNITS[i % 12][3], UNITS[i % 12][2], [names[i]]) for i in range(count)]
    boxes[-1]["note"] = "Ký ngày 15/3/2022"
    half = -(-count // 2)
    context["groups"] = [
        {"caption": "Nhóm ký thứ nhất" if count > 1 else "", "signers": boxes[:half]},
        {"caption": "Nhóm ký thứ hai", "signers": boxes[half:]},
    ]
    context["unit_targets"] = [
        {"unit": name, "content": "Hồ sơ giải quyết đúng hạn", "target": "≥ 98%", "note": ""} for name in names
    ]
    return context


def covenant_bare() -> Context:
    """Nothing optional: no grounds, no targets, no witness, no date, an unknown signer."""
    context = covenant()
    context |= {"grounds": [], "preamble": "", "targets": [], "execution": [], "witness": None}
    context |= {"superior_lines": [], "date": None, "draft": True, "sample": True}
    context["groups"] = [{"caption": "", "signers": [signer("Giám đốc", None, ["Sở Y tế"])]}]
    return context


# ----------------------------------------------------------------- minutes
def _people(index: int) -> list[Context]:
    return [{"name": UNITS[index][2], "post": UNITS[index][3]}]


def minutes_kickoff() -> Context:
    return _common(
        document_title="Biên bản hội nghị triển khai năm 2022 - Khối thi đua Văn hóa - Xã hội",
        date="2022-03-11",
        abstract_lines=[
            "Hội nghị triển khai nhiệm vụ và ký kết giao ước thi đua năm 2022",
            "của Khối thi đua Văn hóa - Xã hội",
        ],
        number="1",
        symbol="BB-KTĐ",
        start="2022-03-11T14:00",
        end="2022-03-11T16:40",
        venue="Hội trường Sở Giáo dục và Đào tạo tỉnh Bắc Ninh",
        host="Khối thi đua Văn hóa - Xã hội",
        purpose="Hội nghị triển khai nhiệm vụ và ký kết giao ước thi đua năm 2022",
        chair={"name": "Bà Cao Thị An (mẫu)", "post": "Giám đốc Sở Giáo dục và Đào tạo, Trưởng Khối thi đua"},
        secretary={"name": "Ông Ngô Văn Minh (mẫu)", "post": "Chánh Văn phòng Sở Giáo dục và Đào tạo"},
        guests=[
            {
                "name": "Ông Đặng Văn Nam (mẫu)",
                "post": "Phó Trưởng ban phụ trách Ban Thi đua - Khen thưởng, Sở Nội vụ",
                "role": "phát biểu định hướng",
            }
        ],
        members=[{"unit": UNITS[i][0], "people": _people(i) if i < 2 else [], "count": 2} for i in range(8)],
        absent=[],
        half="",
        silent=[],
        member_total=8,
        agenda=[
            {
                "title": "Thông qua chương trình Hội nghị",
                "presenter": "Chủ trì Hội nghị",
                "content": "",
                "outcome": "Hội nghị nhất trí 100%.",
                "documents": [],
            },
            {
                "title": "Quán triệt nhiệm vụ công tác trọng tâm và phương hướng thi đua năm 2022",
                "presenter": "Đại diện cơ quan thường trực",
                "content": "",
                "outcome": "",
                "documents": ["Kết luận số 01-KL/TW ngày 18/5/2021", "Chỉ thị số 01/CT-UBND ngày 07/01/2022"],
            },
            {
                "title": "Dự thảo Giao ước thi đua, kế hoạch hoạt động và tiêu chí chấm điểm",
                "presenter": "Thư ký",
                "content": "Thư ký trình bày dự thảo Giao ước thi đua gồm 05 nội dung, kế hoạch hoạt động của Khối và"
                " bảng tiêu chí chấm điểm năm 2022.\nCác đơn vị thảo luận từng nội dung.",
                "outcome": "Hội nghị thống nhất thông qua.",
                "documents": [],
            },
            {
                "title": "Ký kết Giao ước thi đua năm 2022 trước sự chứng kiến của cơ quan thường trực",
                "presenter": "",
                "content": "",
                "outcome": "08/08 đơn vị đã ký.",
                "documents": [],
            },
        ],
        opinions=[
            {"who": "Sở Y tế", "text": "đề nghị bổ sung tiêu chí về chuyển đổi số."},
            {"who": "Bảo hiểm xã hội tỉnh", "text": "đề nghị thống nhất thời hạn gửi hồ sơ minh chứng"},
        ],
        ranking=None,
        ballots=[],
        next_lead=None,
        conclusions=[
            {"text": "Hội nghị thống nhất nội dung Giao ước thi đua năm 2022.", "owner": "", "due": None},
            {
                "text": "Hoàn thiện và ban hành bảng tiêu chí chấm điểm",
                "owner": "Sở Giáo dục và Đào tạo",
                "due": "2022-03-31",
            },
            {"text": "Tránh biểu hiện hình thức, bệnh thành tích trong phong trào thi đua.", "owner": "", "due": None},
        ],
        copies=3,
        agreed="100% đại biểu nhất trí",
        signers={
            "secretary": signer("Thư ký", "Ngô Văn Minh (mẫu)"),
            "chair": signer("Chủ trì", "Cao Thị An (mẫu)"),
        },
        recipients=["Ban TĐKT, Sở Nội vụ (để b/c)", "Các đơn vị thành viên"],
        file_code="VT, KTĐ",
    )


RANKED = [
    (2, "97.5", "97.0"), (1, "96.5", "96.5"), (4, "96.0", "95.5"), (0, "95.5", "95.0"),
    (6, "94.0", "93.5"), (3, "93.0", "92.5"), (7, "92.5", "92.0"), (5, "91.5", "91.0"),
]  # fmt: skip
VOTES = [
    (2, "Cờ thi đua của Chính phủ", 15),
    (1, "Cờ thi đua của Ủy ban nhân dân tỉnh", 16),
    (4, "Cờ thi đua của Ủy ban nhân dân tỉnh", 14),
    (0, "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh", 15),
    (6, "Bằng khen của Chủ tịch Ủy ban nhân dân tỉnh", 13),
]


def minutes_year_end() -> Context:
    context = minutes_kickoff()
    return context | {
        "document_title": "Biên bản hội nghị tổng kết năm 2022 - Khối thi đua Văn hóa - Xã hội",
        "date": "2022-12-08",
        "abstract_lines": [
            "Hội nghị tổng kết công tác thi đua, khen thưởng năm 2022",
            "của Khối thi đua Văn hóa - Xã hội",
        ],
        "number": "02",
        "start": "2022-12-08T14:00",
        "end": "2022-12-08T16:30",
        "purpose": "Hội nghị tổng kết công tác thi đua, khen thưởng năm 2022 và triển khai nhiệm vụ năm 2023",
        "members": [{"unit": UNITS[i][0], "people": [], "count": 2} for i in range(7)],
        "absent": [{"unit": UNITS[7][0], "reason": "bận họp, có gửi ý kiến bằng văn bản"}],
        "agenda": [
            context["agenda"][0],
            {
                "title": "Báo cáo kết quả công tác thi đua, khen thưởng năm 2022 và báo cáo tổng hợp kết quả tự chấm"
                " điểm của các đơn vị thành viên",
                "presenter": "Thư ký",
                "content": "",
                "outcome": "",
                "documents": [],
            },
        ],
        "ranking": {
            "caption": "Hội nghị thống nhất kết quả chấm điểm và xếp hạng năm 2022 như sau",
            "digits": 2,
            "rank_by": "points",
            "rows": [
                {
                    "unit": UNITS[unit][0],
                    "self_points": own,
                    "points": agreed,
                    "rate": agreed,
                    "place": place,
                    "classification": "Xuất sắc" if Decimal(agreed) >= 95 else "Tốt",
                }
                for place, (unit, own, agreed) in enumerate(RANKED, 1)
            ],
            "note": "Khi bằng điểm xét điểm mục I, sau đó điểm thưởng.",
        },
        "ballots": [
            {
                "purpose": "Hội nghị bầu Ban Kiểm phiếu gồm 03 người và bỏ phiếu kín suy tôn các đơn vị đề nghị"
                " khen thưởng",
                "issued": 16,
                "returned": 16,
                "valid": 16,
                "invalid": 0,
                "base": 16,
                "rows": [{"option": UNITS[u][0], "award": award, "agree": n} for u, award, n in VOTES],
            }
        ],
        "next_lead": {"year": 2023, "lead": "Sở Y tế", "deputy": "Bảo hiểm xã hội tỉnh", "method": "elected"},
        "conclusions": [
            {
                "text": "Hội nghị thống nhất thông qua kết quả chấm điểm, xếp hạng và danh sách 05 đơn vị đề nghị"
                " khen thưởng năm 2022 như trên.",
                "owner": "",
                "due": None,
            },
            {
                "text": "Hoàn thiện tờ trình, danh sách và hồ sơ, gửi Ban Thi đua - Khen thưởng, Sở Nội vụ",
                "owner": "Sở Giáo dục và Đào tạo",
                "due": "2022-12-20",
            },
            {
                "text": "Xây dựng dự thảo Giao ước thi đua, Quy chế hoạt động và Bảng tiêu chí chấm điểm năm 2023",
                "owner": "Sở Y tế",
                "due": "2023-01-31",
            },
        ],
    }


def minutes_bare() -> Context:
    """A draft that knows almost nothing yet."""
    return minutes_kickoff() | {
        "number": "",
        "date": None,
        "start": None,
        "end": None,
        "venue": "",
        "chair": None,
        "secretary": None,
        "guests": [],
        "members": [],
        "agenda": [],
        "opinions": [],
        "conclusions": [],
        "copies": None,
        "agreed": "",
        "signers": {"secretary": signer("", None), "chair": signer("", None)},
        "recipients": [],
        "file_code": "",
        "draft": True,
    }


# ------------------------------------------------------------- score table
SECTIONS = [
    ("Thực hiện nhiệm vụ chính trị, chuyên môn", 460, [
        "Xây dựng và ban hành kế hoạch công tác năm đúng thời hạn", "Hoàn thành chỉ tiêu kinh tế - xã hội được giao",
        "Hoàn thành vượt mức từ 03 chỉ tiêu trở lên", "Thực hiện nhiệm vụ do Ủy ban nhân dân tỉnh giao đúng hạn",
        "Tham mưu văn bản quy phạm pháp luật bảo đảm chất lượng, tiến độ",
        "Thực hiện chế độ thông tin, báo cáo định kỳ",
        "Công tác thanh tra, kiểm tra, tiếp công dân", "Giải quyết khiếu nại, tố cáo đúng quy định",
        "Quản lý tài chính, tài sản công", "Phối hợp công tác với các sở, ban, ngành"]),
    ("Cải cách hành chính và chuyển đổi số", 240, [
        "Chỉ số cải cách hành chính đạt loại khá trở lên", "Hồ sơ thủ tục hành chính giải quyết đúng hạn",
        "Cung cấp dịch vụ công trực tuyến toàn trình", "Văn bản điện tử được ký số đầy đủ",
        "Xử lý công việc trên môi trường mạng", "Số hóa hồ sơ, kết quả giải quyết", "Bảo đảm an toàn thông tin",
        "Duy trì, cập nhật trang thông tin điện tử", "Mức độ hài lòng của người dân, tổ chức",
        "Sáng kiến về cải cách hành chính"]),
    ("Xây dựng Đảng, chính quyền, đoàn thể", 180, [
        "Chấp hành chủ trương của Đảng, pháp luật của Nhà nước",
        "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh", "Tổ chức đảng hoàn thành tốt nhiệm vụ trở lên",
        "Công đoàn, đoàn thanh niên vững mạnh", "Thực hiện quy chế dân chủ ở cơ sở",
        "Phòng, chống tham nhũng, tiêu cực", "Thực hành tiết kiệm, chống lãng phí", "Thực hiện văn hóa công sở",
        "Công tác an ninh, trật tự, phòng cháy", "Hoạt động xã hội, từ thiện, đền ơn đáp nghĩa"]),
    ("Công tác thi đua, khen thưởng", 120, [
        "Phát động phong trào thi đua bằng văn bản", "Đăng ký giao ước, danh hiệu thi đua đúng hạn",
        "Tổ chức phong trào thi đua theo chuyên đề", "Phát hiện, nhân rộng điển hình tiên tiến",
        "Tỷ lệ khen thưởng người lao động trực tiếp", "Hồ sơ khen thưởng đúng quy định, đúng thời hạn",
        "Tuyên truyền gương người tốt, việc tốt", "Tham gia đầy đủ hoạt động của Khối",
        "Kiểm tra công tác thi đua, khen thưởng", "Có sáng kiến được công nhận cấp tỉnh"]),
]  # fmt: skip
ROMAN = ("I", "II", "III", "IV")


def table_rows(units: int, criteria: int, step: Decimal) -> tuple[list[Context], list[Decimal]]:
    """Four sections of invented points, then bonus and deduction lines; the totals of each unit."""
    rows: list[Context] = []
    totals = [Decimal(0)] * units
    per = criteria // 4
    for number, (name, most, texts) in enumerate(SECTIONS):
        each = Decimal(most) / per
        lines: list[Context] = []
        sums = [Decimal(0)] * units
        for index, text in enumerate(texts[:per], 1):
            cells = []
            for unit in range(units):
                lost = hashlib.sha256(f"{number}/{index}/{unit}".encode()).digest()[0] % 4
                got = each - lost * step
                sums[unit] += got
                cells.append(str(got))
            code = f"{ROMAN[number]}.{index}"
            lines.append(
                {"kind": "criterion", "level": 1, "code": code, "text": text, "max": str(each), "cells": cells}
            )
        rows.append(
            {"kind": "section", "level": 0, "code": ROMAN[number], "text": name, "max": str(most),
             "cells": [str(s) for s in sums]}
        )  # fmt: skip
        rows += lines
        totals = [a + b for a, b in zip(totals, sums, strict=True)]
    bonus = [Decimal(10) if u % 3 == 1 else Decimal(0) for u in range(units)]
    minus = [Decimal(4) if u % 4 == 2 else Decimal(0) for u in range(units)]
    for code, kind, name, text, most_text, cells in (
        ("B", "bonus", "Điểm thưởng", "Mô hình mới, sáng kiến được cấp tỉnh công nhận", "50", bonus),
        ("D", "deduction", "Điểm trừ", "Không gửi báo cáo đúng hạn", None, minus),
    ):
        values = [str(c) if c else None for c in cells]
        rows.append({"kind": "section", "level": 0, "code": code, "text": name, "max": None, "cells": [None] * units})
        rows.append({"kind": kind, "level": 1, "code": f"{code}.1", "text": text, "max": most_text, "cells": values})
    return rows, [t + b - m for t, b, m in zip(totals, bonus, minus, strict=True)]


def score_table(units: int = 8, criteria: int = 20, step: str = "0.5") -> Context:
    rows, totals = table_rows(units, criteria, Decimal(step))
    names = [UNITS[i % 12][0] + (f" khu vực {i // 12 + 1}" if i >= 12 else "") for i in range(units)]
    short = [UNITS[i % 12][1] + ([f"KV{i // 12 + 1}"] if i >= 12 else []) for i in range(units)]
    return _common(
        document_title="Bảng tổng hợp điểm thi đua năm 2022 - Khối thi đua Văn hóa - Xã hội",
        title="Bảng tổng hợp điểm thi đua năm 2022",
        abstract_lines=[f"{units:02d} đơn vị thuộc Khối thi đua Văn hóa - Xã hội tỉnh Bắc Ninh"],
        attached_to="Kèm theo Biên bản số 02/BB-KTĐ ngày 08 tháng 12 năm 2022 của Khối thi đua Văn hóa - Xã hội",
        digits=2,
        total_max="1000",
        units=[
            {
                "name": names[i],
                "short_lines": short[i],
                "total": str(total),
                "max": "1000",
                "rate": str((total / 10).quantize(Decimal("0.01"))),
                "bonus": None,
                "deduction": None,
                "place": 1 + sum(t > total for t in totals),
                "classification": "Xuất sắc" if total >= 980 else "Tốt",
            }
            for i, total in enumerate(totals)
        ],
        rows=rows,
        rank_by="points",
        tie_break=["điểm mục I", "điểm thưởng", "bốc thăm"],
        not_applicable=[],
        notes=[],
        maker=signer("Người lập bảng", "Ngô Văn Minh (mẫu)"),
        approver=signer("TM. Khối thi đua\nTrưởng khối", "Cao Thị An (mẫu)"),
    )


def score_table_of_one() -> Context:
    """One unit with a very long name, cells not assigned and blank, ranking by rate, no classification."""
    context = score_table(1, 8)
    context["units"][0] |= {
        "name": "Trung tâm Bảo tồn, Phát huy giá trị di sản văn hóa và Xúc tiến du lịch vùng đồng bằng sông Hồng",
        "short_lines": ["Trung tâm Bảo tồn, Phát huy giá trị di sản văn hóa"],
        "max": "885",
        "place": None,
        "classification": "",
    }
    context["rows"][1]["cells"] = ["not-assigned"]
    context["rows"][2]["cells"] = [None]
    context |= {"rank_by": "rate", "tie_break": [], "date": None, "draft": True, "sample": True, "attached_to": ""}
    context["not_applicable"] = [{"policy": "excluded", "codes": ["I.1"]}, {"policy": "converted", "codes": []}]
    context["maker"] = signer("Người lập bảng", "")
    return context


# ------------------------------------------------------------- score sheet
def score_sheet() -> Context:
    table = score_table(8, 20)
    entered: list[Context | None] = [
        None,
        {"target": "12", "actual": "12", "count": None, "level": "", "passed": None, "unit_of_measure": ""},
        {"target": None, "actual": None, "count": None, "level": "", "passed": True, "unit_of_measure": ""},
        {"target": None, "actual": None, "count": "2", "level": "", "passed": None, "unit_of_measure": "văn bản"},
        {"target": None, "actual": None, "count": None, "level": "Tốt", "passed": None, "unit_of_measure": ""},
        {"target": None, "actual": "1250.5", "count": None, "level": "", "passed": None, "unit_of_measure": ""},
    ]
    rows = []
    for number, row in enumerate(table["rows"]):
        line = {key: row[key] for key in ("kind", "level", "code", "text", "max")}
        line |= {"points": row["cells"][1], "note": "", "entered": None}
        if row["kind"] == "criterion":
            line["entered"] = deepcopy(entered[number % 6])
        rows.append(line)
    rows[4]["note"] = "Có 01 nhiệm vụ chậm do chờ ý kiến bộ"
    rows[5] |= {"points": "not-assigned", "entered": None}
    unit = table["units"][1]
    return _common(
        document_title="Phiếu tự chấm điểm thi đua năm 2022 - Sở Y tế",
        author="Sở Y tế tỉnh Bắc Ninh",
        issuer_lines=["Sở Y tế"],
        title="Phiếu tự chấm điểm thi đua",
        abstract_lines=["Năm 2022 của Sở Y tế", "Khối thi đua Văn hóa - Xã hội tỉnh Bắc Ninh"],
        digits=2,
        rows=rows,
        total=unit["total"],
        max="1000",
        bonus="10",
        deduction=None,
        rate=unit["rate"],
        rank=2,
        rank_of=8,
        classification="Xuất sắc",
        evidence=[
            {"code": "I.1", "title": "Kế hoạch công tác năm 2022 của ngành y tế", "reference": "Số 15/KH-SYT",
             "date": "2022-01-12", "file": "ke_hoach_cong_tac_nam_2022_cua_nganh_y_te_ban_chinh.pdf"},
            {"code": "I.2", "title": "Báo cáo kết quả thực hiện chỉ tiêu kinh tế - xã hội năm 2022",
             "reference": "Số 210/BC-SYT", "date": "2022-11-20", "file": "bao-cao-210.pdf"},
            {"code": "B.1", "title": "Quyết định công nhận sáng kiến cấp tỉnh", "reference": "", "date": None,
             "file": ""},
        ],
        notes=[],
        officer=signer("Người lập phiếu", "Đỗ Thị Quyên (mẫu)"),
        head=signer("Giám đốc", "Tô Văn Bình (mẫu)"),
    )  # fmt: skip


def score_sheet_without_evidence() -> Context:
    context = score_sheet()
    context |= {"evidence": [], "rank": None, "classification": "", "sample": True, "bonus": None, "deduction": "4"}
    context["head"] = signer("KT. Giám đốc\nPhó Giám đốc", "Hà Văn Sơn (mẫu)")
    return context


# ------------------------------------------------------------------- lists
# name -> (kind for check_paper, template, context)
GOOD = {
    "covenant": ("covenant", "print/blocs/covenant.html", covenant),
    "minutes-kickoff": ("minutes", "print/scoring/minutes.html", minutes_kickoff),
    "minutes-year-end": ("minutes", "print/scoring/minutes.html", minutes_year_end),
    "table-8": ("table", "print/scoring/score_table.html", score_table),
    "table-12": ("table", "print/scoring/score_table.html", lambda: score_table(12, 40, "0.25")),
    "sheet": ("score-sheet", "print/scoring/score_sheet.html", score_sheet),
}
# less usual, but still lawful papers
WIDE = {
    "covenant-20": ("covenant", "print/blocs/covenant.html", lambda: covenant_of(20)),
    "covenant-3": ("covenant", "print/blocs/covenant.html", lambda: covenant_of(3)),
    "table-14": ("table", "print/scoring/score_table.html", lambda: score_table(14, 20)),
    "table-20": ("table", "print/scoring/score_table.html", lambda: score_table(20, 20)),
    "sheet-no-evidence": ("score-sheet", "print/scoring/score_sheet.html", score_sheet_without_evidence),
}
# unfinished drafts: they must come out, but lack what the rules ask for
DRAFTS = {
    "covenant-bare": ("covenant", "print/blocs/covenant.html", covenant_bare),
    "covenant-1": ("covenant", "print/blocs/covenant.html", lambda: covenant_of(1) | {"sample": True}),
    "minutes-bare": ("minutes", "print/scoring/minutes.html", minutes_bare),
    "table-1": ("table", "print/scoring/score_table.html", score_table_of_one),
}
ALL = {**GOOD, **WIDE, **DRAFTS}
