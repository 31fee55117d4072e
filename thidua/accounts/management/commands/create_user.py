"""``create_user <username> <full name> [--title …] [--password-env NAME]``: an account from the command line."""

from __future__ import annotations

import getpass
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from thidua.accounts.actions import create_user
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import RuleViolation


class Command(BaseCommand):
    help = "Lập một tài khoản. Mật khẩu được hỏi, hoặc đọc từ biến môi trường nêu ở --password-env."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("full_name")
        for name in ("title", "phone", "email"):
            parser.add_argument(f"--{name}", default="")
        parser.add_argument("--password-env", default="", help="name of the environment variable with the password")

    def handle(self, *args: Any, **options: Any) -> None:
        variable = options["password_env"]
        password = os.environ.get(variable, "") if variable else getpass.getpass("Mật khẩu: ")
        fields = {name: options[name] for name in ("username", "full_name", "title", "phone", "email")}
        try:
            user = create_user(by=SYSTEM, password=password, **fields)
        except RuleViolation as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(f"Đã lập tài khoản {user.username} cho {user.full_name}.")
