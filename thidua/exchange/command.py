"""The base of the import commands: the same check and the same actions as on the page.

Faults go to standard error, one a line, exit 1; on success what was created, changed and left alone, exit 0.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import import_string

from thidua.exchange.kinds import Outcome, Preview, kind_of
from thidua.exchange.reader import MAX_BYTES, SETTINGS_SHEET, read_workbook
from thidua.exchange.workbook import Workbook
from thidua.lib.actor import SYSTEM, Actor
from thidua.lib.errors import Refusal, RuleViolation


def actor_named(username: str | None) -> Actor:
    """The user of that name with the offices held today; without a name the system."""
    if not username:
        return SYSTEM
    user = get_user_model().objects.filter(username=username, is_active=True).first()
    if user is None:
        raise RuleViolation("no-such-user", f"Không có tài khoản đang hoạt động tên “{username}”.")
    return import_string(settings.ACTOR_LOADER)(user)


def workbook_at(path: Path) -> Workbook:
    """Read the file; beside NAME.csv a NAME.thiet-lap.csv becomes the sheet “Thiết lập”."""
    companion: dict[str, bytes] = {}
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RuleViolation("workbook-too-large", "Tệp lớn hơn 5 MB. Chia thành nhiều tệp nhỏ hơn.")
        data = path.read_bytes()
        beside = path.with_name(f"{path.stem}.thiet-lap.csv")
        if path.suffix.lower() == ".csv" and beside.is_file():
            companion[SETTINGS_SHEET] = beside.read_bytes()
    except OSError as error:
        raise RuleViolation("no-file", f"Không mở được tệp “{path}”: kiểm lại đường dẫn và quyền đọc.") from error
    return read_workbook(data, path.name, companion=companion)


class ImportCommand(BaseCommand):
    """``FILE [--dry-run] [--as NAME]`` for one import kind.

    A subclass names ``kind_slug`` and, where the kind has a scope, overrides ``add_more_arguments`` and ``scope_of``;
    ``check_workbook`` and ``confirm_workbook`` may be overridden for options the page does not have.
    """

    kind_slug: ClassVar[str] = ""
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--as", dest="as_user", metavar="NAME", default=None, help="act as this user")
        self.add_more_arguments(parser)

    def add_more_arguments(self, parser: ArgumentParser) -> None:
        """Further options of a subclass."""

    def scope_of(self, actor: Actor, options: dict[str, Any]) -> str:
        """The scope the options name; RuleViolation when there is none."""
        return ""

    def check_workbook(self, actor: Actor, workbook: Workbook, scope: str, options: dict[str, Any]) -> Preview:
        return self._kind.check(actor, workbook, scope)

    def confirm_workbook(self, actor: Actor, workbook: Workbook, scope: str, options: dict[str, Any]) -> Outcome:
        return self._kind.confirm(by=actor, workbook=workbook, scope=scope)

    @property
    def _kind(self):
        kind = kind_of(self.kind_slug)
        if kind is None:
            raise RuntimeError(f"import kind {self.kind_slug} is not registered")
        return kind

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            code = self._carry_out(options)
        except Refusal as refusal:
            self.stderr.write(refusal.message)
            code = 1
        if code:
            raise SystemExit(code)

    def _carry_out(self, options: dict[str, Any]) -> int:
        actor = actor_named(options["as_user"])
        workbook = workbook_at(options["file"])
        with transaction.atomic():
            scope = self.scope_of(actor, options)
            preview = self.check_workbook(actor, workbook, scope, options)
            if preview.faults:
                for fault in preview.faults:
                    self.stderr.write(fault.line())
                return 1
            for notice in preview.notices:
                self.stderr.write(notice)
            if options["dry_run"]:
                self.stdout.write(
                    f"Kiểm xong, không có lỗi. Sẽ tạo mới {len(preview.created)}, thay đổi {len(preview.changed)}, "
                    f"giữ nguyên {len(preview.unchanged)}. Chưa ghi gì."
                )
                return 0
            outcome = self.confirm_workbook(actor, workbook, scope, options)
        for change in preview.created:
            self.stdout.write(f"Tạo mới: {change.line()}")
        for change in preview.changed:
            self.stdout.write(f"Thay đổi: {change.line()}")
        for notice in outcome.notices:
            self.stdout.write(notice)
        self.stdout.write(
            f"Tạo mới {outcome.created}, thay đổi {outcome.changed}, giữ nguyên {outcome.unchanged}."
            + (f" Chờ {outcome.waits_for} xác nhận." if outcome.waits_for else "")
        )
        return 0
