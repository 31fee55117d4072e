"""print_document KIND --bloc MÃ --year NĂM [--meeting ID|--unit MÃ] -o FILE.pdf; print_document --list"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blocs.actions.covenant import request_covenant
from blocs.models import Covenant, Meeting
from scoring.actions.papers import request_minutes, request_score_sheet, request_score_table
from scoring.management.commands.import_scheme import bloc_year_named
from scoring.models import ScoreSheet
from thidua.documents import store
from thidua.documents.models import Document
from thidua.documents.registry import all_kinds
from thidua.documents.states import DocumentState
from thidua.documents.tasks import wait_and_help
from thidua.exchange.command import actor_named
from thidua.lib.errors import Refusal, RuleViolation


class Command(BaseCommand):
    help = "Render a paper through the queue, wait, and write the file."

    def add_arguments(self, parser) -> None:  # noqa: ANN001
        parser.add_argument("kind", nargs="?", metavar="KIND")
        parser.add_argument("--list", action="store_true", help="name the kinds")
        parser.add_argument("--bloc", metavar="MÃ")
        parser.add_argument("--year", type=int, metavar="NĂM")
        parser.add_argument("--meeting", type=int, metavar="ID")
        parser.add_argument("--unit", metavar="MÃ")
        parser.add_argument("--as", dest="as_user", default=None, metavar="NAME")
        parser.add_argument("-o", "--output", metavar="FILE.pdf", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        kinds = {kind.slug: kind for kind in all_kinds()}
        if options["list"]:
            for slug, kind in kinds.items():
                self.stdout.write(f"{slug}\t{kind.title}")
            return
        missing = [name for name in ("kind", "bloc", "year", "output") if not options[name]]
        if missing:
            raise CommandError(f"missing: {', '.join(missing)} (see --help)")
        if options["kind"] not in kinds:
            self.stderr.write(f"Không có loại giấy “{options['kind']}”. Các loại: {', '.join(kinds)}.")
            sys.exit(1)
        try:
            document = wait_and_help(self._ask(options))
            if document.state != DocumentState.READY.value:
                raise RuleViolation("not-made", document.error or "Giấy chưa tạo xong sau 120 giây. Thử lại sau.")
            body = store.read(document.file, document.sha256)
            if body is None:
                raise RuleViolation("file-changed", "Tệp của giấy này đã mất hoặc bị thay đổi. Tạo lại giấy.")
        except Refusal as refusal:
            self.stderr.write(refusal.message)
            sys.exit(1)
        options["output"].write_bytes(body)
        self.stdout.write(f"{options['output']}: {document.title}, bản {document.version}")

    def _ask(self, options: dict[str, Any]) -> Document:
        by = actor_named(options["as_user"])
        bloc_year = bloc_year_named(options["bloc"], options["year"])
        if options["kind"] == "covenant":
            covenant = Covenant.objects.filter(bloc_year=bloc_year).first()
            if covenant is None:
                raise RuleViolation("no-covenant", "Năm này chưa có giao ước thi đua.")
            return request_covenant(by=by, covenant_id=covenant.pk)
        if options["kind"] == "conference-minutes":
            meetings = Meeting.objects.filter(bloc_year=bloc_year)
            if options["meeting"]:
                meetings = meetings.filter(pk=options["meeting"])
            meeting = meetings.order_by("-held_on", "-pk").first()
            if meeting is None:
                raise RuleViolation("no-meeting", "Năm này chưa có hội nghị nào như vậy.")
            return request_minutes(by=by, meeting_id=meeting.pk)
        if options["kind"] == "score-table":
            return request_score_table(by=by, bloc_year_id=bloc_year.pk)
        if not options["unit"]:
            raise RuleViolation("unit-missing", "Phiếu điểm cần --unit MÃ.")
        sheet = ScoreSheet.objects.filter(bloc_year=bloc_year, unit__code__iexact=options["unit"]).first()
        if sheet is None:
            raise RuleViolation("no-unit", f"Không có đơn vị mã “{options['unit']}” trong bảng điểm năm này.")
        return request_score_sheet(by=by, sheet_id=sheet.pk)
