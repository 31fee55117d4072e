"""Who can sign in. Offices (who may do what) are rows of ``blocs``, dated, and never stored here."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from thidua.lib.vietnamese import clean_text

USERNAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{1,63}$"


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """A user whose name is lower-case ASCII; without a password the account cannot sign in by password."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in by user name; the full name is what papers and screens show."""

    username = models.CharField(
        "tên đăng nhập",
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                USERNAME_PATTERN,
                "Tên đăng nhập chỉ gồm chữ không dấu (a-z), chữ số, dấu chấm, gạch nối; dài từ 2 đến 64 ký tự.",
            )
        ],
        error_messages={"unique": "Tên đăng nhập này đã có người dùng. Chọn tên khác."},
    )
    full_name = models.CharField("họ và tên", max_length=120, db_collation="vi-x-icu")
    title = models.CharField("chức vụ", max_length=160, blank=True, default="")
    phone = models.CharField("điện thoại", max_length=20, blank=True, default="")
    email = models.EmailField("thư điện tử công vụ", blank=True, default="")
    is_active = models.BooleanField("đang dùng", default=True)
    is_staff = models.BooleanField("vào được trang quản trị kỹ thuật", default=False)
    date_joined = models.DateTimeField("ngày lập", default=timezone.now)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = "tài khoản"
        verbose_name_plural = "tài khoản"
        ordering = ["full_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(username__regex=USERNAME_PATTERN),
                name="accounts_user_ascii_username",
                violation_error_message="Tên đăng nhập chỉ gồm chữ không dấu (a-z), chữ số, dấu chấm, gạch nối.",
            ),
        ]

    def __str__(self) -> str:
        return self.full_name or self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Lower case, composed, no blanks at the ends; what then is not ASCII is refused by the validator."""
        return clean_text(str(username), one_line=True).lower()

    def clean(self) -> None:
        self.username = self.normalize_username(self.username)
        self.full_name = clean_text(self.full_name, one_line=True)
        self.title = clean_text(self.title, one_line=True)

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name
