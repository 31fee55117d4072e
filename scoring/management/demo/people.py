"""The demo's invented persons, every name ends in "(mẫu)". One log-in per role, two of the office."""

# Printed by the demo, never used in an office.
PASSWORD = "ao-sen-thang-bay-2026"  # noqa: S105

# (user name, full name, title)
PEOPLE = (
    ("thuky", "Bùi Thu Hà (mẫu)", "Phó Chánh Văn phòng"),
    ("truongkhoi", "Lê Văn Bình (mẫu)", "Giám đốc"),
    ("phokhoi", "Trần Thị Cúc (mẫu)", "Giám đốc"),
    ("canbo", "Đỗ Văn Sơn (mẫu)", "Chuyên viên Văn phòng"),
    ("thutruong", "Phạm Thị Mai (mẫu)", "Giám đốc"),
    ("ban1", "Ngô Minh Đức (mẫu)", "Chuyên viên"),
    ("ban2", "Vũ Thị Lan (mẫu)", "Phó Trưởng phòng"),
    ("hoidong", "Hoàng Văn Phúc (mẫu)", "Ủy viên Hội đồng"),
    ("quantri", "Đặng Quang Huy (mẫu)", "Quản trị hệ thống"),
    ("cb.syt", "Lý Văn Tùng (mẫu)", "Chuyên viên"),
    ("cb.skhcn", "Mai Thị Ngọc (mẫu)", "Chuyên viên"),
    ("cb.bhxh", "Tạ Văn Quân (mẫu)", "Chuyên viên"),
    ("cb.attp", "Cao Thị Yến (mẫu)", "Chuyên viên"),
    ("cb.bptth", "Hồ Văn Lâm (mẫu)", "Chuyên viên"),
    ("cb.hcc", "Đinh Thị Thủy (mẫu)", "Chuyên viên"),
    ("thuky.nc", "Chu Thị Vân (mẫu)", "Phó Chánh Văn phòng"),
    ("truong.nc", "Kiều Văn Xuân (mẫu)", "Giám đốc"),
    ("cb.stp", "Tô Thị Ánh (mẫu)", "Chuyên viên"),
)
# (user name, kind, unit code or "", bloc code or "", province or "")
POSTS = (
    ("thuky", "bloc_secretary", "SGDDT", "BN-VHXH", ""),
    ("thuky", "unit_officer", "SGDDT", "", ""),
    ("truongkhoi", "bloc_lead", "SGDDT", "BN-VHXH", ""),
    ("truongkhoi", "unit_head", "SGDDT", "", ""),
    ("phokhoi", "bloc_deputy", "SYT", "BN-VHXH", ""),
    ("phokhoi", "unit_head", "SYT", "", ""),
    ("canbo", "unit_officer", "SVHTTDL", "", ""),
    ("thutruong", "unit_head", "SVHTTDL", "", ""),
    ("ban1", "staff", "", "", "Bắc Ninh"),
    ("ban2", "staff", "", "", "Bắc Ninh"),
    ("hoidong", "council_member", "", "", "Bắc Ninh"),
    ("quantri", "admin", "", "", "Bắc Ninh"),
    ("cb.syt", "unit_officer", "SYT", "", ""),
    ("cb.skhcn", "unit_officer", "SKHCN", "", ""),
    ("cb.bhxh", "unit_officer", "BHXH", "", ""),
    ("cb.attp", "unit_officer", "BQLATTP", "", ""),
    ("cb.bptth", "unit_officer", "BPTTH", "", ""),
    ("cb.hcc", "unit_officer", "TTPVHCC", "", ""),
    ("thuky.nc", "bloc_secretary", "SNV", "BN-NOICHINH", ""),
    ("thuky.nc", "unit_officer", "SNV", "", ""),
    ("truong.nc", "bloc_lead", "SNV", "BN-NOICHINH", ""),
    ("truong.nc", "unit_head", "SNV", "", ""),
    ("cb.stp", "unit_officer", "STP", "", ""),
)
SHOWN = (
    ("thuky", "thư ký Khối"),
    ("truongkhoi", "Trưởng khối"),
    ("phokhoi", "Phó Trưởng khối"),
    ("canbo", "cán bộ phụ trách thi đua của đơn vị"),
    ("thutruong", "thủ trưởng đơn vị"),
    ("ban1", "Ban Thi đua - Khen thưởng, người thứ nhất"),
    ("ban2", "Ban Thi đua - Khen thưởng, người thứ hai"),
    ("hoidong", "ủy viên Hội đồng"),
    ("quantri", "quản trị hệ thống"),
    ("thuky.nc", "thư ký Khối thi đua Nội chính, một khối khác"),
)
