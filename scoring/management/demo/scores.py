"""Invented scores of 2026: unit -> criterion -> what is typed into the cell."""

from __future__ import annotations

CODES = (
    "I.1.a", "I.1.b", "I.1.c", "I.2", "I.3", "I.4", "II.1", "II.2", "II.3", "II.4",
    "III.1", "III.2", "III.3", "III.4", "B.1", "B.2", "B.3", "D.1", "D.2",
)  # fmt: skip
TOT, KHA = "Hoàn thành tốt", "Vững mạnh"
XS, VMXS = "Hoàn thành xuất sắc", "Vững mạnh xuất sắc"
SELF = {
    "SGDDT": ("47/48", "0", "50", "0", "4", "88/85", XS, VMXS, "Đạt", "0", "0", "6", "0", "48", "1", "10", "1", "", ""),
    "SYT": ("36/36", "1", "50", "1", "7", "80/80", XS, KHA, "Đạt", "0", "0", "5", "1", "50", "1", "5", "1", "2", ""),
    "SVHTTDL": ("30/30", "1", "47,5", "0", "3", "92/80", XS, VMXS, "Đạt", "0", "0", "6", "0", "50", "2", "", "1", "",
                ""),
    "SKHCN": ("37/40", "1", "45", "0", "8", "78/80", TOT, KHA, "Đạt", "0", "1", "4", "0", "45", "1", "", "", "3", "1"),
    "BHXH": ("25/25", "0", "50", "0", "5", "85/75", XS, VMXS, "Đạt", "0", "0", "5", "0", "47", "1", "", "", "", ""),
    "BQLATTP": ("20/21", "2", "45", "1", "9", "60/70", TOT, KHA, "Đạt", "0", "2", "4", "0", "44", "", "", "", "", ""),
    "BPTTH": ("27/28", "1", "50", "1", "10", "75/70", XS, VMXS, "Đạt", "0", "0", "6", "1", "50", "", "", "", "", ""),
    "TTPVHCC": ("19/20", "1", "47,5", "0", "2", "97/90", XS, "không được giao", "Đạt", "0", "0", "5", "0", "49", "1",
                "", "", "", ""),
}  # fmt: skip
# Where the bloc's own scoring differs from the unit's; the rest is taken over.
BLOC_DIFFERS = {
    ("SYT", "I.2"): "2",
    ("SVHTTDL", "I.1.c"): "45,25",
    ("SKHCN", "III.4"): "43,5",
    ("BQLATTP", "I.1.b"): "3",
    ("BPTTH", "III.2"): "5",
}
# Cells the bloc has not scored yet: the demo's main job begins here.
BLOC_GAPS = {
    ("BQLATTP", "II.4"), ("BQLATTP", "III.1"), ("BQLATTP", "III.3"),
    ("BPTTH", "III.3"), ("BPTTH", "III.4"),
    ("TTPVHCC", "III.1"), ("TTPVHCC", "III.4"),
}  # fmt: skip
EVIDENCE = {
    ("SVHTTDL", "I.1.a"): "Báo cáo kết quả thực hiện chỉ tiêu năm 2026\nBảng tổng hợp chỉ tiêu văn hóa, du lịch",
    ("SVHTTDL", "I.3"): "Quyết định công bố chỉ số cải cách hành chính (mẫu)",
    ("SVHTTDL", "B.1"): "Quyết định công nhận sáng kiến cấp tỉnh (mẫu)",
    ("SGDDT", "I.1.a"): "Báo cáo kết quả thực hiện chỉ tiêu năm 2026",
}
