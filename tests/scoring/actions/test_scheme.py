"""What may be done to a scheme: drafts, lines, publishing, carrying scores over, import, the next year."""

from __future__ import annotations

import threading
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from blocs.models import BlocYear
from scoring.actions import scheme as actions
from scoring.actions.scheme import propose_publish, publish_scheme
from scoring.actions.sheet import CellWrite, record_scores
from scoring.actions.year import copy_to_next_year, propose_next_year
from scoring.models import Criterion, RankingSnapshot, Scheme, ScoreEntry, ScoreSheet, Stage
from scoring.queries.scheme import LineInput, OptionsInput, content_hash_of, lines_of, options_of
from scoring.rules.entered import Entered
from tests.locking import wait_for_a_lock
from tests.personas import SMALL_SCHEME, World, make_scheme
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import Conflict, Locked, NotPermitted, RuleViolation
from thidua.pending.actions import confirm
from thidua.pending.models import PendingStep

pytestmark = pytest.mark.django_db
REASON = "Tỉnh giao thêm chỉ tiêu mới"
NEW = LineInput("I.5", "Tiêu chí thêm", "criterion", "direct", parent_code="I", max_points=Decimal(5))


@pytest.fixture
def draft(world: World) -> Scheme:
    return make_scheme(world.bloc_year, published=False)


def codes(scheme: Scheme) -> list[str]:
    return list(scheme.criteria.order_by("position", "id").values_list("code", flat=True))


def row(scheme: Scheme, code: str) -> Criterion:
    return scheme.criteria.get(code=code)


def events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=f"scoring.{verb}"))


# --------------------------------------------------------------- drafts
def test_start_draft_makes_an_empty_one_once(world: World) -> None:
    by = world.actor("an")
    first = actions.start_draft(by=by, bloc_year_id=world.bloc_year.pk)
    again = actions.start_draft(by=by, bloc_year_id=world.bloc_year.pk)
    assert first == again
    assert first.version == 1
    assert len(events("start_draft")) == 1


def test_start_draft_copies_the_published_one_with_a_reason(world: World) -> None:
    published = make_scheme(world.bloc_year)
    by = world.actor("dung")
    with pytest.raises(RuleViolation) as refusal:
        actions.start_draft(by=by, bloc_year_id=world.bloc_year.pk, reason="ngắn")
    assert refusal.value.code == "reason-short"
    draft = actions.start_draft(by=by, bloc_year_id=world.bloc_year.pk, reason=REASON)
    assert (draft.version, draft.reason) == (2, REASON)
    assert content_hash_of(draft) == content_hash_of(published)
    assert codes(draft) == [line[0] for line in SMALL_SCHEME]
    assert {c.parent.code for c in draft.criteria.filter(code__startswith="II.")} == {"II"}


@pytest.mark.parametrize("who", ["chung", "chi", "khang", "lan", "giang", "mai"])
def test_others_do_not_draft(world: World, draft: Scheme, who: str) -> None:
    by = world.actor(who)
    with pytest.raises(NotPermitted):
        actions.start_draft(by=by, bloc_year_id=world.bloc_year.pk)
    with pytest.raises(NotPermitted):
        actions.add_criterion(by=by, scheme_id=draft.pk, revision=1, line=NEW)
    with pytest.raises(NotPermitted):
        actions.update_options(by=by, scheme_id=draft.pk, revision=1, options=OptionsInput())
    with pytest.raises(NotPermitted):
        actions.discard_draft(by=by, scheme_id=draft.pk, revision=1)
    assert not Event.objects.filter(verb__startswith="scoring.").exists()


def test_discard_leaves_the_published(world: World) -> None:
    published = make_scheme(world.bloc_year)
    draft = actions.start_draft(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, reason=REASON)
    actions.discard_draft(by=world.actor("an"), scheme_id=draft.pk, revision=draft.revision)
    assert list(Scheme.objects.all()) == [published]
    assert len(events("discard_draft")) == 1


def test_a_closed_year_is_read_only(world: World, draft: Scheme) -> None:
    BlocYear.objects.filter(pk=world.bloc_year.pk).update(is_closed=True)
    with pytest.raises(NotPermitted) as refusal:
        actions.add_criterion(by=world.actor("an"), scheme_id=draft.pk, revision=1, line=NEW)
    assert refusal.value.code == "closed-year"


# ---------------------------------------------------------------- lines
def test_add_puts_the_line_last_or_after(world: World, draft: Scheme) -> None:
    by = world.actor("an")
    actions.add_criterion(by=by, scheme_id=draft.pk, revision=1, line=NEW)
    assert codes(draft)[:7] == ["I", "I.1", "I.2", "I.3", "I.4", "I.5", "II"]
    actions.add_criterion(
        by=by, scheme_id=draft.pk, revision=2, line=replace(NEW, code="I.1a"), after_id=row(draft, "I.1").pk
    )
    assert codes(draft)[:4] == ["I", "I.1", "I.1a", "I.2"]
    assert [c.position for c in draft.criteria.order_by("position")] == list(range(1, 14))
    draft.refresh_from_db()
    assert draft.revision == 3
    assert len(events("add_criterion")) == 2


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (replace(NEW, code="I.1"), "code-twice"),
        (replace(NEW, parent_code="X"), "parent-unknown"),
        (replace(NEW, rule="levels"), "param-missing"),
        (replace(NEW, rule="per-count", params="mỗi lần=0"), "param-zero"),
        (replace(NEW, params="bậc=1"), "param-unknown"),
    ],
)
def test_a_wrong_line_is_refused_and_nothing_written(world: World, draft: Scheme, line: LineInput, code: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        actions.add_criterion(by=world.actor("an"), scheme_id=draft.pk, revision=1, line=line)
    assert refusal.value.code == code
    assert draft.criteria.count() == len(SMALL_SCHEME)
    assert not events("add_criterion")


def test_update_under_another_parent_keeps_the_printed_order(world: World, draft: Scheme) -> None:
    moved = row(draft, "I.2")
    line = LineInput("II.0", "Chuyển sang", "criterion", "direct", parent_code="II", max_points=Decimal(20))
    actions.update_criterion(by=world.actor("an"), scheme_id=draft.pk, revision=1, criterion_id=moved.pk, line=line)
    assert codes(draft) == ["I", "I.1", "I.3", "I.4", "II", "II.1", "II.2", "II.3", "II.0", "T", "P"]
    event = events("update_criterion")[0]
    assert event.before["code"] == "I.2"
    assert event.after["parent_code"] == "II"


def test_a_line_never_stands_under_itself(world: World, draft: Scheme) -> None:
    top = row(draft, "I")
    line = LineInput("I", "Vòng", "section", "sum", parent_code="I.1", max_points=Decimal(60))
    with pytest.raises(RuleViolation) as refusal:
        actions.update_criterion(by=world.actor("an"), scheme_id=draft.pk, revision=1, criterion_id=top.pk, line=line)
    assert refusal.value.code == "parent-circle"


def move(world: World, draft: Scheme, code: str, direction: str) -> None:
    draft.refresh_from_db()
    actions.move_criterion(
        by=world.actor("an"), scheme_id=draft.pk, revision=draft.revision, criterion_id=row(draft, code).pk,
        direction=direction,
    )  # fmt: skip


def test_move_takes_the_children_along(world: World, draft: Scheme) -> None:
    move(world, draft, "I", "down")
    assert codes(draft) == ["II", "II.1", "II.2", "II.3", "I", "I.1", "I.2", "I.3", "I.4", "T", "P"]
    move(world, draft, "I", "in")
    assert row(draft, "I").parent.code == "II"
    assert codes(draft)[:5] == ["II", "II.1", "II.2", "II.3", "I"]
    move(world, draft, "I", "out")
    assert row(draft, "I").parent is None
    assert codes(draft)[4:9] == ["I", "I.1", "I.2", "I.3", "I.4"]
    assert len(events("move_criterion")) == 3


@pytest.mark.parametrize(("code", "direction"), [("I", "up"), ("I.1", "in"), ("I", "out"), ("P", "down"), ("I", "x")])
def test_moves_that_lead_nowhere(world: World, draft: Scheme, code: str, direction: str) -> None:
    with pytest.raises(RuleViolation):
        move(world, draft, code, direction)
    assert not events("move_criterion")


def test_delete_takes_everything_under_it(world: World, draft: Scheme) -> None:
    count = actions.delete_criterion(
        by=world.actor("an"), scheme_id=draft.pk, revision=1, criterion_id=row(draft, "I").pk
    )
    assert count == 5
    assert codes(draft) == ["II", "II.1", "II.2", "II.3", "T", "P"]
    assert events("delete_criterion")[0].before["codes"] == ["I", "I.1", "I.2", "I.3", "I.4"]


def test_a_stale_revision_is_a_conflict(world: World, draft: Scheme) -> None:
    by, first = world.actor("an"), row(draft, "I.1")
    actions.add_criterion(by=by, scheme_id=draft.pk, revision=1, line=NEW)
    with pytest.raises(Conflict):
        actions.add_criterion(by=by, scheme_id=draft.pk, revision=1, line=replace(NEW, code="I.6"))
    with pytest.raises(Conflict):
        actions.delete_criterion(by=by, scheme_id=draft.pk, revision=1, criterion_id=first.pk)
    with pytest.raises(Conflict) as refusal:
        actions.delete_criterion(by=by, scheme_id=draft.pk, revision=2, criterion_id=first.pk + 1000)
    assert refusal.value.code == "line-gone"


def test_options_are_read_before_they_are_written(world: World, draft: Scheme) -> None:
    by = world.actor("an")
    actions.update_options(
        by=by, scheme_id=draft.pk, revision=1, options=OptionsInput(total_points=Decimal(1000), ties="II; bốc thăm")
    )
    draft.refresh_from_db()
    assert (draft.total_points, draft.ties) == (1000, "II; bốc thăm")
    for wrong in (OptionsInput(bands="Tốt>80"), OptionsInput(bands="A>=1; B>=2"), OptionsInput(ties="I; I")):
        with pytest.raises(RuleViolation):
            actions.update_options(by=by, scheme_id=draft.pk, revision=2, options=wrong)
    assert len(events("update_options")) == 1


def test_a_published_scheme_is_frozen(world: World) -> None:
    scheme = make_scheme(world.bloc_year)
    with pytest.raises(Locked):
        actions.add_criterion(by=world.actor("an"), scheme_id=scheme.pk, revision=1, line=NEW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Criterion.objects.filter(scheme=scheme, code="I.1").update(max_points=1)


# ----------------------------------------------------------- publishing
def test_publish_freezes_and_prepares_the_table(world: World, draft: Scheme) -> None:
    Stage.objects.all().delete()
    ScoreSheet.objects.all().delete()
    scheme = publish_scheme(by=world.actor("dung"), scheme_id=draft.pk, revision=1)
    assert scheme.state == "published"
    assert scheme.content_hash == content_hash_of(scheme)
    assert scheme.published_by == world.user("dung").full_name
    assert list(Stage.objects.filter(bloc_year=world.bloc_year).values_list("slug", flat=True)) == ["tu-cham", "khoi"]
    assert ScoreSheet.objects.filter(bloc_year=world.bloc_year).count() == 8
    assert len(events("publish_scheme")) == 1


@pytest.mark.parametrize("who", ["an", "binh", "ha", "chung", "khang", "lan", "giang"])
def test_only_the_office_publishes(world: World, draft: Scheme, who: str) -> None:
    with pytest.raises(NotPermitted):
        publish_scheme(by=world.actor(who), scheme_id=draft.pk, revision=1)
    with pytest.raises(NotPermitted):
        propose_publish(by=world.actor(who), scheme_id=draft.pk, revision=1)


def test_publish_refuses_faults_stale_locked_and_twice(world: World, draft: Scheme) -> None:
    by = world.actor("dung")
    with pytest.raises(Conflict):
        publish_scheme(by=by, scheme_id=draft.pk, revision=9)
    Criterion.objects.filter(scheme=draft, code="II.2").update(max_points=20)
    with pytest.raises(RuleViolation) as refusal:
        publish_scheme(by=by, scheme_id=draft.pk, revision=1)
    assert refusal.value.code == "scheme-faults"
    assert "Mục II: tổng điểm tiêu chí con là 50" in refusal.value.message
    Criterion.objects.filter(scheme=draft, code="II.2").update(max_points=10)
    publish_scheme(by=by, scheme_id=draft.pk, revision=1)
    with pytest.raises(Conflict):
        publish_scheme(by=by, scheme_id=draft.pk, revision=2)


def test_a_locked_table_takes_no_new_version(world: World) -> None:
    scheme = make_scheme(world.bloc_year)
    draft = actions.start_draft(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, reason=REASON)
    stage = Stage.objects.get(bloc_year=world.bloc_year, slug="khoi")
    RankingSnapshot.objects.create(
        bloc_year=world.bloc_year, scheme=scheme, stage=stage, data={}, locked_at="2026-11-30T00:00Z", locked_by="x"
    )
    with pytest.raises(Locked):
        publish_scheme(by=world.actor("dung"), scheme_id=draft.pk, revision=draft.revision)


def test_the_next_version_carries_scores_over(world: World) -> None:
    former = make_scheme(world.bloc_year)
    sheet = ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[2])
    stage = Stage.objects.get(bloc_year=world.bloc_year, slug="tu-cham")

    def enter(code: str, **value: Any) -> None:
        ScoreEntry.objects.create(
            sheet=sheet,
            stage=stage,
            criterion=row(former, code),
            changed_at="2026-11-01T00:00Z",
            changed_by="x",
            **value,
        )

    enter("I.2", points=Decimal(18))
    enter("II.1", level="Tốt")
    enter("II.2", passed=True)
    draft = actions.start_draft(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, reason=REASON)
    line = next(x for x in lines_of(draft) if x.code == "I.2")
    actions.update_criterion(
        by=world.actor("an"), scheme_id=draft.pk, revision=draft.revision, criterion_id=row(draft, "I.2").pk,
        line=replace(line, max_points=Decimal(15)),
    )  # fmt: skip
    line = next(x for x in lines_of(draft) if x.code == "I.1")
    draft.refresh_from_db()
    actions.update_criterion(
        by=world.actor("an"), scheme_id=draft.pk, revision=draft.revision, criterion_id=row(draft, "I.1").pk,
        line=replace(line, max_points=Decimal(25)),
    )  # fmt: skip
    draft.refresh_from_db()
    publish_scheme(by=world.actor("dung"), scheme_id=draft.pk, revision=draft.revision)
    former.refresh_from_db()
    assert former.state == "replaced"
    kept = ScoreEntry.objects.filter(criterion__scheme=draft).values_list("criterion__code", flat=True)
    assert sorted(kept) == ["II.1", "II.2"]
    event = events("publish_scheme")[0]
    assert (event.after["carried"], event.after["not_carried"]) == (2, ["I.2"])
    assert event.reason == REASON


def next_version(world: World) -> Scheme:
    make_scheme(world.bloc_year)
    return actions.start_draft(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, reason=REASON)


def cell_of(world: World, scheme: Scheme) -> CellWrite:
    sheet = ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[3])
    return CellWrite(sheet.pk, row(scheme, "I.2").pk, Entered(points=Decimal(10)), 0)


@pytest.mark.django_db(transaction=True)
def test_a_cell_saved_while_a_version_is_published_is_carried_over(world: World) -> None:
    draft = next_version(world)
    by, write = world.actor("dung"), cell_of(world, Scheme.objects.get(version=1))

    def publish() -> None:
        try:
            publish_scheme(by=by, scheme_id=draft.pk, revision=draft.revision)
        finally:
            connection.close()

    thread = threading.Thread(target=publish)
    with transaction.atomic():  # saved, and not yet told to anybody
        assert record_scores(by=SYSTEM, stage="khoi", writes=[write], key=uuid4())[0].refusal is None
        thread.start()
        wait_for_a_lock()
    thread.join()
    assert ScoreEntry.objects.get(criterion__scheme=draft).points == Decimal(10)
    assert events("publish_scheme")[0].after["carried"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_cell_that_waited_for_the_new_version_is_refused(world: World) -> None:
    draft = next_version(world)
    write, told = cell_of(world, Scheme.objects.get(version=1)), []

    def save() -> None:
        try:
            told.append(record_scores(by=SYSTEM, stage="khoi", writes=[write], key=uuid4())[0].refusal)
        finally:
            connection.close()

    thread = threading.Thread(target=save)
    with transaction.atomic():
        publish_scheme(by=world.actor("dung"), scheme_id=draft.pk, revision=draft.revision)
        thread.start()
        wait_for_a_lock()
    thread.join()
    assert [(type(refusal), refusal.code) for refusal in told] == [(Locked, "scheme-replaced")]
    assert not ScoreEntry.objects.exists()


def test_the_two_persons_are_two(world: World, draft: Scheme) -> None:
    first, second = world.actor("dung"), world.actor("dao")
    step = propose_publish(by=first, scheme_id=draft.pk, revision=1)
    with pytest.raises(Conflict):
        propose_publish(by=second, scheme_id=draft.pk, revision=1)
    for who in ("dung", "an", "khang", "giang"):
        with pytest.raises(NotPermitted):
            confirm(by=world.actor(who), step_id=step.pk)
    draft.refresh_from_db()
    assert draft.state == "draft"
    published = confirm(by=second, step_id=step.pk)
    assert published.state == "published"
    event = events("publish_scheme")[0]
    assert (event.actor_name, event.acting_for) == (second.name, first.name)


def test_a_draft_thrown_away_meanwhile_is_a_conflict(world: World, draft: Scheme) -> None:
    step = propose_publish(by=world.actor("dung"), scheme_id=draft.pk, revision=1)
    actions.discard_draft(by=world.actor("an"), scheme_id=draft.pk, revision=1)
    for attempt in (
        lambda: confirm(by=world.actor("dao"), step_id=step.pk),
        lambda: propose_publish(by=world.actor("dung"), scheme_id=draft.pk, revision=1),
        lambda: actions.discard_draft(by=world.actor("an"), scheme_id=draft.pk, revision=1),
        lambda: actions.copy_scheme(by=world.actor("an"), source_id=draft.pk, bloc_year_id=world.bloc_year.pk),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "scheme-gone"


# ---------------------------------------------------------------- import
def content(scheme: Scheme) -> tuple[OptionsInput, list[LineInput]]:
    return options_of(scheme), lines_of(scheme)


def test_import_of_the_same_content_changes_nothing(world: World, draft: Scheme) -> None:
    options, lines = content(draft)
    year = world.other_bloc_year.pk
    first = actions.import_scheme(by=SYSTEM, bloc_year_id=year, options=options, lines=lines, publish=True)
    assert (first.is_new, first.is_changed, first.is_published) == (True, True, True)
    count = Event.objects.count()
    again = actions.import_scheme(by=SYSTEM, bloc_year_id=year, options=options, lines=lines, publish=True)
    assert (again.is_new, again.is_changed) == (False, False)
    assert again.scheme == first.scheme
    assert Event.objects.count() == count
    assert [line_.code for line_ in lines_of(again.scheme)] == [x.code for x in lines]


def test_a_changed_import_needs_a_reason_and_makes_the_next_version(world: World, draft: Scheme) -> None:
    options, lines = content(draft)
    year = world.other_bloc_year.pk
    actions.import_scheme(by=SYSTEM, bloc_year_id=year, options=options, lines=lines, publish=True)
    lines = [replace(x, title="Tên mới") if x.code == "I.1" else x for x in lines]
    with pytest.raises(RuleViolation) as refusal:
        actions.import_scheme(by=SYSTEM, bloc_year_id=year, options=options, lines=lines, publish=True)
    assert refusal.value.code == "reason-short"
    assert Scheme.objects.filter(bloc_year=year).count() == 1
    done = actions.import_scheme(
        by=SYSTEM, bloc_year_id=year, options=options, lines=lines, publish=True, reason=REASON
    )
    assert (done.scheme.version, done.scheme.state) == (2, "published")
    assert list(Scheme.objects.filter(bloc_year=year).order_by("version").values_list("state", flat=True)) == [
        "replaced",
        "published",
    ]


def test_import_replaces_the_draft_whole(world: World, draft: Scheme) -> None:
    options, lines = content(draft)
    kept = [x for x in lines if not x.code.startswith("II")]
    options = replace(options, total_points=Decimal(60))
    done = actions.import_scheme(
        by=world.actor("an"), bloc_year_id=world.bloc_year.pk, options=options, lines=kept, publish=False
    )
    assert done.scheme == draft
    assert codes(draft) == [x.code for x in kept]
    assert not done.is_published


def test_import_refuses_faults_with_every_sentence(world: World, draft: Scheme) -> None:
    options, lines = content(draft)
    wrong = [replace(x, max_points=Decimal(1)) if x.code == "I.1" else x for x in lines]
    with pytest.raises(RuleViolation) as refusal:
        actions.import_scheme(by=SYSTEM, bloc_year_id=world.bloc_year.pk, options=options, lines=wrong, publish=False)
    assert refusal.value.details["faults"]
    with pytest.raises(NotPermitted):
        actions.import_scheme(
            by=world.actor("an"), bloc_year_id=world.bloc_year.pk, options=options, lines=lines, publish=True
        )


def test_copy_from_another_scheme(world: World) -> None:
    source = make_scheme(world.other_bloc_year)
    by = world.actor("dung")
    draft = actions.copy_scheme(by=by, source_id=source.pk, bloc_year_id=world.bloc_year.pk)
    assert content_hash_of(draft) == content_hash_of(source)
    with pytest.raises(Conflict):
        actions.copy_scheme(by=by, source_id=source.pk, bloc_year_id=world.bloc_year.pk)
    publish_scheme(by=by, scheme_id=draft.pk, revision=draft.revision)
    with pytest.raises(RuleViolation):
        actions.copy_scheme(by=by, source_id=source.pk, bloc_year_id=world.bloc_year.pk)
    assert len(events("copy_scheme")) == 1


# ------------------------------------------------------------- next year
def test_next_year_copies_members_leads_and_scheme(world: World) -> None:
    source = make_scheme(world.bloc_year)
    following = copy_to_next_year(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk)
    assert (following.bloc, following.year) == (world.bloc, 2027)
    assert following.memberships.count() == 8
    assert following.lead_terms.count() == 2
    draft = Scheme.objects.get(bloc_year=following)
    assert (draft.state, content_hash_of(draft)) == ("draft", content_hash_of(source))
    assert len(events("copy_to_next_year")) == 1
    with pytest.raises(Conflict):
        copy_to_next_year(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk)


def test_next_year_is_the_office_s_and_takes_two(world: World) -> None:
    for who in ("an", "binh", "chung", "khang", "giang"):
        with pytest.raises(NotPermitted):
            propose_next_year(by=world.actor(who), bloc_year_id=world.bloc_year.pk)
        with pytest.raises(NotPermitted):
            copy_to_next_year(by=world.actor(who), bloc_year_id=world.bloc_year.pk)
    step = propose_next_year(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk)
    assert not BlocYear.objects.filter(year=2027).exists()
    with pytest.raises(NotPermitted):
        confirm(by=world.actor("dung"), step_id=step.pk)
    confirm(by=world.actor("dao"), step_id=step.pk)
    assert BlocYear.objects.filter(bloc=world.bloc, year=2027).exists()
    with pytest.raises(Conflict):
        propose_next_year(by=world.actor("dung"), bloc_year_id=world.bloc_year.pk)
    assert PendingStep.objects.count() == 1
