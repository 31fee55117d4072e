"""``manage.py load_provinces [FILE]``: provinces that are not there yet, from the list kept with the code."""

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blocs.actions.unit import load_provinces
from thidua.lib.actor import SYSTEM

FILE = Path(__file__).resolve().parents[2] / "data" / "provinces.csv"


class Command(BaseCommand):
    help = "Add provinces missing from the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with options["file"].open(encoding="utf-8-sig", newline="") as handle:
                rows = list(csv.DictReader(handle))
            added = load_provinces(by=SYSTEM, rows=rows)
        except (OSError, KeyError, ValueError, StopIteration) as fault:
            raise CommandError(f"Không đọc được danh mục tỉnh: {fault}") from fault
        self.stdout.write(f"Tạo mới {added}, giữ nguyên {len(rows) - added}.")
