# ruff: noqa: PLC0415 (what is registered needs all models, so it is imported once they are ready)
from django.apps import AppConfig


class ScoringConfig(AppConfig):
    name = "scoring"

    def ready(self) -> None:
        self._register_imports()
        self._register_papers()
        self._register_home()
        self._register_two_person_deeds()

    def _register_home(self) -> None:
        from scoring.queries import home
        from thidua.web import registry

        registry.register_waiting(home.waiting_rows)
        registry.register_progress(home.progress_rows)
        registry.register_recent(home.recent_rows)

    def _register_papers(self) -> None:
        from scoring.documents import CONFERENCE_MINUTES, SCORE_SHEET, SCORE_TABLE
        from thidua.documents.registry import register

        register(CONFERENCE_MINUTES, SCORE_TABLE, SCORE_SHEET)

    def _register_imports(self) -> None:
        from scoring.exchange import SCHEME_KIND, SCORES_KIND
        from thidua.exchange import kinds

        kinds.register(SCHEME_KIND)
        kinds.register(SCORES_KIND)

    def _register_two_person_deeds(self) -> None:
        """Rows 11, 15 and 34 of the permission matrix; publishing and opening a locked table with a fresh password."""
        from django.urls import reverse

        from scoring.actions.scheme import perform_publish
        from scoring.actions.table import unlock_table
        from scoring.actions.year import copy_to_next_year
        from scoring.permissions import can_confirm_for_office
        from thidua.lib.actor import Actor
        from thidua.lib.verdict import Verdict
        from thidua.pending import registry
        from thidua.pending.models import PendingStep

        def office(actor: Actor, step: PendingStep) -> Verdict:
            """Another member of the standing agency of the province the deed was proposed for."""
            return can_confirm_for_office(actor, step.scope)

        registry.register(
            "scoring.publish_scheme",
            perform=perform_publish,
            can_confirm=office,
            title="Công bố bảng điểm",
            needs_password=True,
            link=lambda step: reverse("scoring:scheme_version", args=[step.args["scheme_id"]]),
        )
        registry.register(
            "scoring.unlock_table",
            perform=unlock_table,
            can_confirm=office,
            title="Mở lại bảng điểm đã chốt",
            needs_password=True,
            link=lambda step: reverse("scoring:ranking", args=[step.args["bloc_year_id"]]),
        )
        registry.register(
            "scoring.copy_to_next_year",
            perform=copy_to_next_year,
            can_confirm=office,
            title="Mở năm sau của khối",
            link=lambda step: reverse("scoring:copy_to_next_year", args=[step.args["bloc_year_id"]]),
        )
