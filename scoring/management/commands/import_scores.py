"""import_scores FILE --bloc MÃ --year NĂM --stage tự-chấm|khối|… [--dry-run] [--as NAME]"""

from typing import Any

from scoring.management.commands.import_scheme import bloc_year_named
from scoring.queries.table import stages_of
from scoring.rules.states import parse_stage_slug
from thidua.exchange.command import ImportCommand
from thidua.lib.actor import Actor


class Command(ImportCommand):
    help = "Import scores of one stage, in long form or as a matrix; all or nothing."
    kind_slug = "diem"

    def add_more_arguments(self, parser) -> None:  # noqa: ANN001
        parser.add_argument("--bloc", required=True, metavar="MÃ")
        parser.add_argument("--year", required=True, type=int, metavar="NĂM")
        parser.add_argument("--stage", required=True, metavar="BƯỚC")

    def scope_of(self, actor: Actor, options: dict[str, Any]) -> str:
        bloc_year = bloc_year_named(options["bloc"], options["year"])
        known = tuple(s.slug for s in stages_of(bloc_year.pk))
        return f"{bloc_year.pk}:{parse_stage_slug(options['stage'], known or ('tu-cham', 'khoi'))}"
