"""standings --bloc MÃ --year NĂM [--stage …] [--format table|json|csv]"""

import csv
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from scoring.management.commands.import_scheme import bloc_year_named
from scoring.queries.snapshot import standings
from scoring.queries.table import stages_of, table_of
from scoring.rules.states import parse_stage_slug
from thidua.lib.errors import Refusal, RuleViolation


class Command(BaseCommand):
    help = "Print totals and places of a bloc-year."

    def add_arguments(self, parser) -> None:  # noqa: ANN001
        parser.add_argument("--bloc", required=True, metavar="MÃ")
        parser.add_argument("--year", required=True, type=int, metavar="NĂM")
        parser.add_argument("--stage", default=None, metavar="BƯỚC")
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            bloc_year = bloc_year_named(options["bloc"], options["year"])
            slug = None
            if options["stage"]:
                slug = parse_stage_slug(options["stage"], tuple(s.slug for s in stages_of(bloc_year.pk)))
            table = table_of(bloc_year, slug)
            if table is None:
                raise RuleViolation("no-scheme", "Bảng điểm của năm chưa công bố, chưa có xếp hạng.")
        except Refusal as refusal:
            self.stderr.write(refusal.message)
            sys.exit(1)
        data = standings(table)
        if options["format"] == "json":
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=1))
            return
        heads = ("unit", "total", "max", "rate", "bonus", "deduction", "rank", "tied", "classification", "missing")
        rows = [[row[h] for h in heads] for row in data["standings"]]
        if options["format"] == "csv":
            writer = csv.writer(self.stdout, lineterminator="\n")
            writer.writerow(heads)
            writer.writerows([["" if v is None else v for v in row] for row in rows])
            return
        shown = [[("" if v is None else str(v)) for v in row] for row in rows]
        widths = [max(len(h), *(len(r[i]) for r in shown)) if shown else len(h) for i, h in enumerate(heads)]
        for line in [list(heads), *shown]:
            self.stdout.write("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip())
