"""What a password must not be: longer than can be hashed in good time, or one everybody in an office tries first."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from thidua.lib.vietnamese import fold

MAX_LENGTH = 1000
# Words and number tails seen in office passwords; compared without accents, case, blanks and the usual swaps.
_WORDS = (
    "thiduakhenthuong|thidua|khenthuong|matkhau|password|vietnam|hanoi|saigon|bacninh|bacgiang|hochiminh|dienbienphu"
    "|sonoivu|noivu|banthidua|uyban|uybannhandan|ubnd|admin|administrator|quantri|thuky|chuyenvien|vanphong|vanthu"
    "|truongkhoi|phokhoi|khoithidua|cumthidua|coquan|congvan|nguyen|tran|anhyeuem|iloveyou|emyeuanh|conyeu|giadinh"
    "|hanhphuc|yeuthuong|tinhyeu|motngaydeptroi|abc|abcd|abcdef|qwerty|qwertyuiop|asdfgh|asdfghjkl|zxcvbnm|welcome"
    "|quoctedoclap|doclap|tudo|bacho|dangcongsan|thanhnien|congdoan|canbo|nhanvien|giamdoc|lanhdao|demo|test|login"
)
_TAIL = r"[0-9@!#$%^&*._+-]*"
_COMMON = re.compile(rf"^{_TAIL}(?:(?:{_WORDS}){_TAIL})+$")
_SWAPS = str.maketrans({"0": "o", "1": "i", "3": "e", "$": "s", "@": "a", "5": "s"})


class OfficePasswordValidator:
    """Refuses passwords over 1,000 characters and those made only of office words, numbers and signs."""

    def validate(self, password: str, user: object = None) -> None:
        if len(password) > MAX_LENGTH:
            raise ValidationError(f"Mật khẩu dài quá {MAX_LENGTH} ký tự. Dùng mật khẩu ngắn hơn.", "password_too_long")
        folded = fold(password).replace(" ", "")
        if any(_COMMON.match(text) for text in (folded, folded.translate(_SWAPS))) or len(set(folded)) < 5:
            raise ValidationError(
                "Mật khẩu này dễ đoán (từ quen dùng ở cơ quan, số năm, phím liền nhau). "
                "Ghép vài từ không liên quan, ví dụ ba bốn từ bất kỳ.",
                "password_too_common",
            )

    def get_help_text(self) -> str:
        return "Không dùng tên cơ quan, tên phong trào hay dãy số quen thuộc, kể cả khi thêm năm hoặc dấu."
