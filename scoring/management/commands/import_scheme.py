"""import_scheme FILE --bloc MÃ --year NĂM [--publish] [--reason TEXT] [--dry-run] [--as NAME]"""

from typing import Any

from blocs.models import BlocYear
from scoring.exchange import check_scheme, confirm_scheme
from thidua.exchange.command import ImportCommand
from thidua.exchange.kinds import Outcome, Preview
from thidua.exchange.workbook import Workbook
from thidua.lib.actor import Actor
from thidua.lib.errors import RuleViolation


def bloc_year_named(code: str, year: int) -> BlocYear:
    found = BlocYear.objects.select_related("bloc").filter(bloc__code__iexact=code, year=year).first()
    if found is None:
        raise RuleViolation("no-bloc-year", f"Không có khối mã “{code}” năm {year}. Nhập khối bằng import_blocs trước.")
    return found


class Command(ImportCommand):
    help = "Import a scoring scheme; the draft is made or replaced, with --publish it is published."
    kind_slug = "bang-diem"

    def add_more_arguments(self, parser) -> None:  # noqa: ANN001
        parser.add_argument("--bloc", required=True, metavar="MÃ")
        parser.add_argument("--year", required=True, type=int, metavar="NĂM")
        parser.add_argument("--publish", action="store_true")
        parser.add_argument("--reason", default="", metavar="TEXT")
        parser.add_argument("--sample", action="store_true", help="mark the scheme as sample data")

    def scope_of(self, actor: Actor, options: dict[str, Any]) -> str:
        return str(bloc_year_named(options["bloc"], options["year"]).pk)

    def check_workbook(self, actor: Actor, workbook: Workbook, scope: str, options: dict[str, Any]) -> Preview:
        return check_scheme(actor, workbook, scope, reason=options["reason"])

    def confirm_workbook(self, actor: Actor, workbook: Workbook, scope: str, options: dict[str, Any]) -> Outcome:
        return confirm_scheme(
            by=actor,
            workbook=workbook,
            scope=scope,
            publish=options["publish"],
            reason=options["reason"],
            is_sample=options["sample"],
        )
