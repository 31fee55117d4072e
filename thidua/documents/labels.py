"""Every Vietnamese word for the state of a paper, once. Kinds of tag as in the look reference."""

from __future__ import annotations

STATES = {"queued": "Chờ tạo", "rendering": "Đang tạo", "ready": "Sẵn sàng", "failed": "Không tạo được"}
TAGS = {"queued": "wait", "rendering": "now", "ready": "ok", "failed": "bad"}
DRAFT = "dự thảo"
CHANGED = (
    "Tệp của giấy tờ này không còn giống lúc tạo nên máy chủ không gửi đi, mã {code}."
    " Bấm Tạo lại để có tệp mới, và báo mã này cho quản trị."
)
NOT_READY = "Giấy tờ này chưa tạo xong nên chưa tải về được. Đợi tạo xong rồi bấm Tải PDF."
# The frozen content itself is at fault: the same content would fail again, so such a paper is asked for anew.
MEND_AND_ASK = "Xóa hoặc thay ký tự đó trong nội dung, lưu lại, rồi bấm “Tạo …” ở trang Giấy tờ để có bản mới."
