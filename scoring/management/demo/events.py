"""What happened in the demo's blocs: cases 000, 001 and 002 as far as the facts go, and an invented 2026.

Persons of the past are given by office only; nothing the sources do not say is filled in.
"""

from __future__ import annotations

from collections.abc import Callable

from blocs.models import BlocYear
from thidua.lib.actor import Actor

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


def play(actor: Callable[[str], Actor], bloc_year: BlocYear) -> None:
    """Meetings and covenants, each by the office that would have recorded it."""
