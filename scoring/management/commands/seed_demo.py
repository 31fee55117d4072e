"""seed_demo: the demo year, built through actions, never by inserting rows. Loading it twice changes nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from blocs.actions.bloc import set_leads, update_bloc_year
from blocs.actions.post import give_post
from blocs.models import Bloc, BlocYear, Post, Province, Unit
from blocs.queries.bloc import bloc_year_for
from blocs.queries.post import load_actor
from scoring.actions.sample import mark_as_sample
from scoring.actions.sheet import CellWrite, record_scores
from scoring.actions.table import close_stage, open_stage, submit_sheet
from scoring.management.demo import events, people, scores
from scoring.models import Stage
from scoring.queries.table import table_of
from scoring.rules.entered import parse_cell
from scoring.rules.states import StageSlug
from thidua.accounts.actions import create_user
from thidua.lib.actor import SYSTEM, Actor

HERE = Path(__file__).resolve().parent.parent / "demo"
YEAR = 2026


class Command(BaseCommand):
    help = "Load the demo year (invented persons and figures) and print the log-ins."

    def handle(self, *args: Any, **options: Any) -> None:
        if not get_user_model().objects.filter(username="thuky").exists():
            with transaction.atomic():
                self._seed()
        self.stdout.write("Tài khoản dùng thử: tên, mật khẩu, chức vụ")
        for name, role in people.SHOWN:
            self.stdout.write(f"{name}  {people.PASSWORD}  {role}")

    def _seed(self) -> None:
        for command, file, extra in (
            ("import_units", "units.csv", {}),
            ("import_blocs", "blocs.csv", {}),
        ):
            call_command(command, str(HERE / file), stdout=_Silent(), stderr=_Silent(), **extra)
        self._people()
        self._leads()
        call_command(
            "import_scheme",
            str(HERE / "scheme.csv"),
            bloc="BN-VHXH",
            year=YEAR,
            publish=True,
            sample=True,
            stdout=_Silent(),
            stderr=_Silent(),
        )
        bloc_year = bloc_year_for("BN-VHXH", YEAR)
        assert bloc_year is not None
        self._score(bloc_year)
        events.play(self._actor, bloc_year)

    # ------------------------------------------------------------ people
    def _people(self) -> None:
        for username, name, title in people.PEOPLE:
            create_user(by=SYSTEM, username=username, full_name=name, password=people.PASSWORD, title=title)
        province = Province.objects.get(name="Bắc Ninh", valid_to__isnull=True)
        units = {u.code: u.pk for u in Unit.objects.filter(province=province)}
        blocs = {b.code: b.pk for b in Bloc.objects.all()}
        users = {u.username: u.pk for u in get_user_model().objects.all()}
        for username, kind, unit, bloc, where in people.POSTS:
            give_post(
                by=SYSTEM,
                user_id=users[username],
                kind=kind,
                unit_id=units[unit] if unit else None,
                bloc_id=blocs[bloc] if bloc else None,
                year=YEAR if bloc else None,
                province_id=province.pk if where else None,
                valid_from=date(YEAR, 1, 1),
            )

    def _actor(self, username: str) -> Actor:
        return load_actor(get_user_model().objects.get(username=username))

    # -------------------------------------------------------------- blocs
    def _leads(self) -> None:
        """How leads were chosen, and what the sources say (cases 000-002)."""
        for code, year, leads in events.LEADS:
            row = bloc_year_for(code, year)
            assert row is not None
            units = {m.unit.code: m.unit_id for m in row.memberships.select_related("unit")}
            set_leads(
                by=SYSTEM,
                bloc_year_id=row.pk,
                revision=row.revision,
                leads=[
                    {"unit_id": units[unit], "role": role, "method": method, "source_wording": wording}
                    for unit, role, method, wording in leads
                ],
            )
        for code, year, note in events.NOTES:
            row = bloc_year_for(code, year)
            assert row is not None
            update_bloc_year(
                by=SYSTEM,
                bloc_year_id=row.pk,
                revision=row.revision,
                bloc_revision=row.bloc.revision,
                source_note=note,
                theme=row.theme,
            )
        for row in BlocYear.objects.filter(year=YEAR):
            mark_as_sample(by=SYSTEM, bloc_year_id=row.pk)

    # ------------------------------------------------------------- scores
    def _score(self, bloc_year: BlocYear) -> None:
        zone = ZoneInfo(settings.TIME_ZONE)
        today = timezone.localdate()
        stages = {s.slug: s for s in Stage.objects.filter(bloc_year=bloc_year)}
        lead = self._actor("truongkhoi")
        open_stage(by=lead, stage_id=stages[StageSlug.SELF].pk, closes_at=None)
        self._enter(bloc_year, StageSlug.SELF, scores.SELF, {}, set())
        for sheet_unit in ("SVHTTDL", "SGDDT", "SYT"):
            head = {"SVHTTDL": "thutruong", "SGDDT": "truongkhoi", "SYT": "phokhoi"}[sheet_unit]
            sheet = bloc_year.sheets.get(unit__code=sheet_unit)
            submit_sheet(by=self._actor(head), sheet_id=sheet.pk)
        close_stage(by=lead, stage_id=stages[StageSlug.SELF].pk)
        limit = datetime.combine(today + timedelta(days=5), time(17, 0), tzinfo=zone)
        open_stage(by=lead, stage_id=stages[StageSlug.BLOC].pk, closes_at=limit)
        self._enter(bloc_year, StageSlug.BLOC, scores.SELF, scores.BLOC_DIFFERS, scores.BLOC_GAPS)

    def _enter(
        self,
        bloc_year: BlocYear,
        stage: str,
        typed: dict[str, tuple[str, ...]],
        differs: dict[tuple[str, str], str],
        gaps: set[tuple[str, str]],
    ) -> None:
        table = table_of(bloc_year, stage)
        assert table is not None
        for column in table.columns:
            writes = []
            for code, text in zip(scores.CODES, typed[column.code], strict=True):
                place = (column.code, code)
                text = differs.get(place, text)
                if not text or place in gaps:
                    continue
                criterion = table.facts.by_code[code]
                evidence = scores.EVIDENCE.get(place) if stage == StageSlug.SELF else None
                writes.append(
                    CellWrite(column.sheet_id or 0, criterion.id, parse_cell(text, criterion), 0, evidence=evidence)
                )
            for outcome in record_scores(
                by=self._writer(column.unit_id, stage), stage=stage, writes=writes, key=uuid4()
            ):
                if outcome.refusal is not None:
                    raise outcome.refusal

    def _writer(self, unit_id: int, stage: str) -> Actor:
        """Own scoring by the unit's officer; the bloc's by the secretary, her own unit's column by the deputy lead."""
        if stage == StageSlug.SELF:
            post = Post.objects.filter(unit_id=unit_id, kind="unit_officer").select_related("user").first()
            return load_actor(post.user) if post else SYSTEM
        secretary = self._actor("thuky")
        return self._actor("phokhoi") if unit_id in secretary.unit_ids else secretary


class _Silent:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        """Nothing to flush."""
