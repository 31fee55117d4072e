"""Vietnamese words of the import, once."""

from __future__ import annotations

UPLOADED, CHECKED, CONFIRMED, REFUSED = "uploaded", "checked", "confirmed", "refused"

STATES = {
    UPLOADED: "Đã tải lên",
    CHECKED: "Đã kiểm, chờ xác nhận",
    CONFIRMED: "Đã ghi",
    REFUSED: "Có chỗ cần sửa",
}
STATE_TAGS = {UPLOADED: "wait", CHECKED: "now", CONFIRMED: "ok", REFUSED: "bad"}

VERBS = {
    "exchange.upload_import": "tải lên tệp nhập dữ liệu",
    "exchange.check_import": "kiểm lại tệp nhập dữ liệu",
    "exchange.confirm_import": "xác nhận nhập dữ liệu",
}
FIELDS = {
    "exchange.file_name": "tên tệp",
    "exchange.sha256": "mã kiểm tệp",
    "exchange.kind": "loại dữ liệu",
    "exchange.scope": "phạm vi",
    "exchange.state": "trạng thái",
    "exchange.faults": "số chỗ cần sửa",
    "exchange.created": "số dòng tạo mới",
    "exchange.changed": "số dòng thay đổi",
    "exchange.unchanged": "số dòng giữ nguyên",
}
