"""What a password must not be: longer than can be hashed in good time, or one everybody in an office tries first."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
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
        bare = re.sub(rf"^{_TAIL}|{_TAIL}$", "", folded)
        if any(_COMMON.match(text) for text in (folded, bare.translate(_SWAPS))) or len(set(folded)) < 5 or not bare:
            raise ValidationError(
                "Mật khẩu này dễ đoán (từ quen dùng ở cơ quan, số năm, phím liền nhau). "
                "Ghép vài từ không liên quan, ví dụ ba bốn từ bất kỳ.",
                "password_too_common",
            )

    def get_help_text(self) -> str:
        return "Không dùng tên cơ quan, tên phong trào hay dãy số quen thuộc, kể cả khi thêm năm hoặc dấu."


class LengthValidator(MinimumLengthValidator):
    """Django's, in our words."""

    def get_error_message(self) -> str:
        return f"Mật khẩu cần ít nhất {self.min_length} ký tự."

    def get_help_text(self) -> str:
        return self.get_error_message()


class SimilarityValidator(UserAttributeSimilarityValidator):
    """Django's over our own fields, in our words; accents make no difference."""

    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "full_name", "email", "phone"))

    def validate(self, password: str, user: Any = None) -> None:
        super().validate(password, user)
        if user is not None and fold(getattr(user, "full_name", "") or "-").replace(" ", "") in fold(password).replace(
            " ", ""
        ):
            raise ValidationError(self.get_error_message(), "password_too_similar")

    def get_error_message(self) -> str:
        return "Mật khẩu quá giống tên hoặc địa chỉ của bạn. Chọn mật khẩu khác hẳn."

    def get_help_text(self) -> str:
        return self.get_error_message()


class CommonValidator(CommonPasswordValidator):
    """Django's list of 20,000, in our words."""

    def get_error_message(self) -> str:
        return "Mật khẩu này nằm trong danh sách ai cũng đoán được. Chọn mật khẩu khác."

    def get_help_text(self) -> str:
        return self.get_error_message()
