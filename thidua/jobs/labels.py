"""Every Vietnamese word for the state of a job, once: (kind of tag, word)."""

from __future__ import annotations

STATES = {"queued": "Đang chờ", "running": "Đang làm", "done": "Đã xong", "failed": "Không làm được"}
TAGS = {"queued": "wait", "running": "now", "done": "ok", "failed": "bad"}

NO_HANDLER = "Máy chủ chưa biết làm loại việc này. Báo quản trị, kèm mã {code}."
FAULT = "Máy chủ gặp lỗi, mã {code}. Bấm làm lại; nếu vẫn lỗi, báo mã này cho quản trị."
TOO_LONG = "Việc này chạy quá lâu nên máy chủ đã dừng, mã {code}. Bấm làm lại; nếu vẫn vậy, báo mã này cho quản trị."
WORKER_LOST = (
    "Máy chủ đã thử {attempts} lần mà lần nào cũng bị ngắt giữa chừng, mã {code}."
    " Bấm làm lại; nếu vẫn vậy, báo mã này cho quản trị."
)
