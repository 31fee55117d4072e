"""Is this zip container safe to open? Read from its directory alone, before anything is unpacked (T12)."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from thidua.lib.errors import RuleViolation

MAX_ENTRIES = 2_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100
_RATIO_FROM = 100 * 1024  # a few hundred blanks compress far better than 100:1 and harm nobody
_MAX_DIRECTORY = 1024 * 1024
_EOCD = b"PK\x05\x06"
_NESTED = (".zip", ".xlsx", ".xlsm", ".docx", ".docm", ".pptx", ".jar", ".rar", ".7z", ".gz")

RESAVE = "Mở bằng Excel, lưu lại dạng .xlsx rồi tải lại."


def unreadable() -> RuleViolation:
    return RuleViolation("workbook-unreadable", f"Không đọc được tệp bảng tính, có thể tệp bị hỏng. {RESAVE}")


def _too_large() -> RuleViolation:
    return RuleViolation(
        "archive-bomb",
        "Tệp nén quá nhiều dữ liệu so với một bảng tính thường nên không được mở. "
        "Chép phần cần nhập sang một tệp .xlsx mới rồi tải lại.",
    )


def check_archive(data: bytes) -> tuple[str, ...]:
    """The names in the container, after it proved harmless in count, size, ratio and nesting.

    RuleViolation ``archive-bomb`` or ``workbook-unreadable``; never another exception.
    """
    tail = data[-(65_536 + 22) :]
    at = tail.rfind(_EOCD)
    if at < 0 or len(tail) - at < 22:
        raise unreadable()
    entries, directory_size = struct.unpack_from("<HI", tail, at + 10)
    if entries > MAX_ENTRIES or directory_size > _MAX_DIRECTORY:
        raise _too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_ENTRIES or sum(i.file_size for i in infos) > MAX_UNPACKED:
                raise _too_large()
            for info in infos:
                if info.flag_bits & 0x1:
                    raise RuleViolation("workbook-encrypted", f"Tệp có mật khẩu. Bỏ mật khẩu: {RESAVE}")
                if info.file_size > _RATIO_FROM and info.file_size > MAX_RATIO * max(info.compress_size, 1):
                    raise _too_large()
                if info.filename.lower().endswith(_NESTED):
                    raise _nested()
                if info.file_size > 4:
                    with archive.open(info) as part:
                        if part.read(4) == b"PK\x03\x04":
                            raise _nested()
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, ValueError, OSError, EOFError) as error:
        raise unreadable() from error
    except (struct.error, RuntimeError, KeyError, UnicodeError, zlib.error) as error:
        raise unreadable() from error
    if not infos:
        raise unreadable()
    return tuple(i.filename for i in infos)


def _nested() -> RuleViolation:
    return RuleViolation(
        "archive-nested",
        "Trong tệp có tệp nén hoặc tệp nhúng khác nên không được mở. "
        "Xóa phần nhúng trong Excel, lưu lại dạng .xlsx rồi tải lại.",
    )
