"""Every Vietnamese word for a code value of ``blocs``, once. Keys are plain strings (values), so that no
reference to our code enters a migration."""

from blocs.rules import states

UNIT_CATEGORY = {
    states.UnitCategory.DEPARTMENT.value: "Sở, ban, ngành",
    states.UnitCategory.CENTRAL_AGENCY.value: "Ngành dọc",
    states.UnitCategory.PUBLIC_SERVICE.value: "Đơn vị sự nghiệp",
    states.UnitCategory.PARTY_BODY.value: "Cơ quan Đảng",
    states.UnitCategory.MASS_ORG.value: "Đoàn thể",
    states.UnitCategory.ENTERPRISE.value: "Doanh nghiệp",
    states.UnitCategory.SCHOOL.value: "Trường",
    states.UnitCategory.COMMUNE.value: "Xã, phường, đặc khu",
    states.UnitCategory.DISTRICT.value: "Huyện",
    states.UnitCategory.PROVINCE.value: "Tỉnh",
}
SUCCESSION_KIND = {
    states.SuccessionKind.RENAME.value: "Đổi tên",
    states.SuccessionKind.MERGE.value: "Sáp nhập",
    states.SuccessionKind.SPLIT.value: "Chia tách",
    states.SuccessionKind.DISSOLVE.value: "Giải thể",
}
BLOC_KIND = {states.BlocKind.KHOI.value: "Khối", states.BlocKind.CUM.value: "Cụm"}
BLOC_LEVEL = {
    states.BlocLevel.CENTRAL.value: "Trung ương",
    states.BlocLevel.PROVINCE.value: "Tỉnh",
    states.BlocLevel.COMMUNE.value: "Xã",
    states.BlocLevel.SECTOR.value: "Ngành",
}
LEAD_ROLE = {
    "khoi": {states.LeadRole.LEAD.value: "Trưởng khối", states.LeadRole.DEPUTY.value: "Phó Trưởng khối"},
    "cum": {states.LeadRole.LEAD.value: "Cụm trưởng", states.LeadRole.DEPUTY.value: "Cụm phó"},
}
MEMBER = "Thành viên"
SELECTION_METHOD = {
    states.SelectionMethod.UNKNOWN.value: "Chưa rõ",
    states.SelectionMethod.ELECTED.value: "Bầu",
    states.SelectionMethod.DESIGNATED.value: "Thống nhất chỉ định",
    states.SelectionMethod.ROTATION.value: "Luân phiên",
    states.SelectionMethod.DECISION.value: "Theo quyết định",
}
POST_KIND = {
    states.PostKind.UNIT_OFFICER.value: "Cán bộ phụ trách thi đua",
    states.PostKind.UNIT_HEAD.value: "Thủ trưởng đơn vị",
    states.PostKind.BLOC_SECRETARY.value: "Thư ký Khối",
    states.PostKind.BLOC_LEAD.value: "Trưởng khối",
    states.PostKind.BLOC_DEPUTY.value: "Phó Trưởng khối",
    states.PostKind.STAFF.value: "Chuyên viên Ban Thi đua - Khen thưởng",
    states.PostKind.COUNCIL_MEMBER.value: "Ủy viên Hội đồng Thi đua - Khen thưởng",
    states.PostKind.ADMIN.value: "Quản trị hệ thống",
}
MEETING_KIND = {
    states.MeetingKind.KICKOFF.value: "Hội nghị triển khai",
    states.MeetingKind.SIGNING.value: "Hội nghị ký kết giao ước",
    states.MeetingKind.MID_YEAR.value: "Hội nghị sơ kết",
    states.MeetingKind.YEAR_END.value: "Hội nghị tổng kết",
    states.MeetingKind.AD_HOC.value: "Họp đột xuất",
}
MEETING_STATE = {states.MeetingState.DRAFT.value: "Bản nháp", states.MeetingState.APPROVED.value: "Đã duyệt"}
ATTENDANCE_KIND = {
    states.AttendanceKind.MEMBER.value: "Đơn vị thành viên",
    states.AttendanceKind.GUEST.value: "Đại biểu mời",
}
AGENDA_KIND = {
    states.AgendaKind.REPORT.value: "Báo cáo",
    states.AgendaKind.REVIEW.value: "Góp ý dự thảo",
    states.AgendaKind.PAPER.value: "Tham luận",
    states.AgendaKind.SPEECH.value: "Phát biểu chỉ đạo",
    states.AgendaKind.VOTE.value: "Biểu quyết",
    states.AgendaKind.OTHER.value: "Nội dung khác",
}
COVENANT_STATE = {
    states.CovenantState.DRAFT.value: "Bản nháp",
    states.CovenantState.AGREED.value: "Đã thống nhất, chờ ký",
    states.CovenantState.SIGNED.value: "Đã ký",
}
COVENANT_SECTION = {
    states.CovenantSection.GROUND.value: "Căn cứ",
    states.CovenantSection.CONTENT.value: "Nội dung thi đua",
    states.CovenantSection.TARGET.value: "Chỉ tiêu",
    states.CovenantSection.EXECUTION.value: "Tổ chức thực hiện",
}
MEETING_TITLE = {
    states.MeetingKind.KICKOFF.value: "Hội nghị triển khai công tác thi đua, khen thưởng năm {year}",
    states.MeetingKind.SIGNING.value: "Hội nghị ký kết giao ước thi đua năm {year}",
    states.MeetingKind.MID_YEAR.value: "Hội nghị sơ kết công tác thi đua, khen thưởng 6 tháng đầu năm {year}",
    states.MeetingKind.YEAR_END.value: "Hội nghị tổng kết công tác thi đua, khen thưởng năm {year}",
    states.MeetingKind.AD_HOC.value: "Họp khối thi đua năm {year}",
}
PART_OF_DAY = {"sang": "sáng", "chieu": "chiều", "toi": "tối"}
