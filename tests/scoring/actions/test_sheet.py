"""Entering scores: one cell, a block, a replay, two editors, a closed step, a locked table."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from blocs.models import Post
from scoring.actions.sheet import CellWrite, record_score, record_scores
from scoring.models import Criterion, Scheme, ScoreEntry, ScoreSheet, Stage, Submission
from scoring.queries.table import table_of
from scoring.rules.entered import NOT_ASSIGNED, Entered
from tests import personas as people
from thidua.audit.models import Event
from thidua.lib.actor import ANONYMOUS
from thidua.lib.errors import Conflict, Locked, NotPermitted, Refusal, RuleViolation

pytestmark = pytest.mark.django_db


@pytest.fixture
def scored(world):
    people.make_scheme(world.bloc_year)
    return world


def sheet_of(world, index):
    return ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[index])


def criterion_of(world, code):
    return Criterion.objects.get(scheme__bloc_year=world.bloc_year, code=code)


def save(world, who, index=3, code="I.2", text="10", revision=0, stage="khoi", key=None, **more):
    entered = more.pop("entered", None) or Entered(points=Decimal(text))
    return record_score(
        by=world.actor(who),
        sheet_id=sheet_of(world, index).pk,
        criterion_id=criterion_of(world, code).pk,
        stage=stage,
        entered=entered,
        revision=revision,
        key=key or uuid4(),
        **more,
    )


def test_first_entry_gets_revision_one_and_the_servers_clock(scored):
    saved = save(scored, "an")
    entry = ScoreEntry.objects.get()
    assert (saved.revision, entry.revision, entry.points) == (1, 1, Decimal(10))
    assert saved.changed_at == entry.changed_at
    assert "Nguyễn Thị An (mẫu)" in entry.changed_by
    event = Event.objects.get(verb="scoring.record_score")
    assert "Sở KHCN" in event.subject_text and "I.2" in event.subject_text


def test_next_entry_counts_on_and_keeps_note_and_evidence(scored):
    save(scored, "an", note="  Theo báo cáo   quý ", evidence="Báo cáo 12\nQuyết định 3")
    saved = save(scored, "an", text="11", revision=1)
    entry = ScoreEntry.objects.get()
    assert (saved.revision, entry.points, entry.note) == (2, Decimal(11), "Theo báo cáo quý")
    assert entry.evidence.splitlines() == ["Báo cáo 12", "Quyết định 3"]


def test_a_note_alone_leaves_the_entry_that_is_held(scored):
    save(scored, "an", text="10")
    save(scored, "binh", text="11", revision=1)
    place = {"sheet_id": sheet_of(scored, 3).pk, "criterion_id": criterion_of(scored, "I.2").pk, "stage": "khoi"}
    key = uuid4()
    for _ in range(2):
        saved = record_score(by=scored.actor("an"), **place, entered=None, revision=2, key=key, note="Theo báo cáo quý")
    entry = ScoreEntry.objects.get()
    assert (entry.points, entry.note, entry.revision) == (Decimal(11), "Theo báo cáo quý", 3)
    assert saved.is_replay and saved.entered == Entered(points=Decimal(11))
    assert Event.objects.filter(verb="scoring.record_score").count() == 3


def test_an_ended_office_makes_no_column_the_deputys(scored):
    """The secretary changed: the column of her unit is again the bloc's to enter, and no longer the deputy's."""
    yesterday = timezone.localdate() - timedelta(days=1)
    kinds = {"kind": "bloc_secretary", "bloc": scored.bloc, "year": scored.bloc_year.year, "unit": scored.units[4]}
    post = Post.objects.create(user=scored.user("mai"), **kinds)
    with pytest.raises(NotPermitted):
        save(scored, "binh", index=4)
    assert table_of(scored.bloc_year).officers_units == {scored.units[0].pk, scored.units[4].pk}
    Post.objects.filter(pk=post.pk).update(valid_to=yesterday)
    with pytest.raises(NotPermitted):
        save(scored, "ha", index=4)
    assert save(scored, "binh", index=4).revision == 1
    assert table_of(scored.bloc_year).officers_units == {scored.units[0].pk}
    Post.objects.filter(pk=post.pk).update(valid_to=timezone.localdate())  # her last day counts
    assert save(scored, "ha", index=4, text="11", revision=1).revision == 2


@pytest.mark.parametrize(
    ("code", "entered", "field", "value"),
    [
        ("I.1", Entered(target=Decimal(100), actual=Decimal("95.5")), "actual", Decimal("95.5")),
        ("I.3", Entered(rank=3), "outside_rank", 3),
        ("II.1", Entered(level="Khá"), "level", "Khá"),
        ("II.2", Entered(passed=False), "passed", False),
        ("II.3", Entered(count=2), "count", 2),
        ("I.2", NOT_ASSIGNED, "not_assigned", True),
    ],
)
def test_each_kind_of_entry_is_held_as_it_was_given(scored, code, entered, field, value):
    save(scored, "an", code=code, entered=entered)
    assert getattr(ScoreEntry.objects.get(), field) == value


def test_emptied_cell_keeps_its_row_and_revision(scored):
    save(scored, "an")
    saved = save(scored, "an", entered=Entered(), revision=1)
    assert saved.revision == 2
    assert ScoreEntry.objects.get().points is None


def test_second_editor_gets_both_values(scored):
    save(scored, "an", text="10")
    with pytest.raises(Conflict) as refused:
        save(scored, "binh", text="12")
    assert refused.value.details["cell"].entered.points == Decimal(10)
    assert "Nguyễn Thị An" in refused.value.message
    assert ScoreEntry.objects.get().points == Decimal(10)


def test_same_key_again_is_answered_and_not_written(scored):
    key = uuid4()
    first = save(scored, "an", key=key)
    again = save(scored, "an", key=key)
    assert (again.revision, again.is_replay) == (first.revision, True)
    assert abs(again.changed_at - first.changed_at) < timedelta(seconds=1)
    assert Event.objects.filter(verb="scoring.record_score").count() == 1


def test_key_of_another_person_or_cell_is_no_replay(scored):
    key = uuid4()
    save(scored, "an", key=key)
    with pytest.raises(Conflict):
        save(scored, "binh", text="12", key=key)
    with pytest.raises(Conflict), transaction.atomic():
        save(scored, "an", index=4, key=key)
    assert ScoreEntry.objects.count() == 1


def test_key_used_again_for_other_content_is_told_as_a_conflict(scored):
    """The answer "saved" belongs to what was saved: another value or cell under the same key is never told so."""
    key = uuid4()
    save(scored, "an", text="10", key=key)
    with pytest.raises(Conflict) as refused:
        save(scored, "an", text="12", key=key)
    assert refused.value.code == "stale-cell"
    save(scored, "an", code="I.1", entered=Entered(target=Decimal(10), actual=Decimal(9)))
    with pytest.raises(Conflict):
        save(scored, "an", code="I.1", entered=Entered(target=Decimal(10), actual=Decimal(8)), key=key)
    assert save(scored, "an", text="10", key=key).is_replay


def test_handed_in_sheet_takes_nothing_until_it_is_taken_back(scored):
    sheet, stage = sheet_of(scored, 2), Stage.objects.get(bloc_year=scored.bloc_year, slug="tu-cham")
    live = Submission.objects.create(sheet=sheet, stage=stage, submitted_at=timezone.now(), submitted_by="Chi")
    with pytest.raises(Locked) as refused:
        save(scored, "chung", index=2, stage="tu-cham")
    assert refused.value.code == "sheet-submitted"
    assert save(scored, "an", index=2, stage="khoi").revision == 1
    live.withdrawn_at = timezone.now()
    live.save()
    assert save(scored, "chung", index=2, stage="tu-cham").revision == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("meanwhile", ["replaced", "submitted"])
def test_cell_that_waited_for_its_sheet_sees_what_happened_meanwhile(db, meanwhile):
    """What was read before the lock was granted is old; the write looks again."""
    world = people.make_world(3)
    people.make_scheme(world.bloc_year)
    sheet, stage = sheet_of(world, 2), Stage.objects.get(bloc_year=world.bloc_year, slug="tu-cham")
    criterion, by = criterion_of(world, "I.2"), world.actor("chung")
    codes = []

    def late() -> None:
        try:
            record_score(
                by=by, sheet_id=sheet.pk, criterion_id=criterion.pk, stage="tu-cham",
                entered=Entered(points=Decimal(10)), revision=0, key=uuid4(),
            )  # fmt: skip
        except Refusal as refusal:
            codes.append(refusal.code)
        finally:
            connection.close()

    with transaction.atomic():
        ScoreSheet.objects.select_for_update(of=("self",)).get(pk=sheet.pk)
        waiting = threading.Thread(target=late)
        waiting.start()
        threading.Event().wait(0.6)
        if meanwhile == "replaced":
            Scheme.objects.update(state="replaced")
        else:
            Submission.objects.create(sheet=sheet, stage=stage, submitted_at=timezone.now(), submitted_by="Chi")
    waiting.join(10)
    assert codes == [{"replaced": "scheme-replaced", "submitted": "sheet-submitted"}[meanwhile]]
    assert not ScoreEntry.objects.exists()


def test_replay_after_the_step_closed_is_still_answered(scored):
    key = uuid4()
    save(scored, "an", key=key)
    Stage.objects.filter(slug="khoi").update(state="closed")
    assert save(scored, "an", key=key).is_replay


@pytest.mark.parametrize(
    ("who", "index", "stage", "allowed"),
    [
        ("an", 3, "khoi", True),
        ("an", 0, "khoi", False),  # her own unit
        ("binh", 0, "khoi", False),
        ("ha", 0, "khoi", True),  # the deputy enters the lead's unit
        ("ha", 3, "khoi", False),
        ("ha", 1, "khoi", False),
        ("chi", 2, "khoi", False),
        ("dung", 3, "khoi", False),
        ("chung", 2, "tu-cham", True),
        ("chi", 2, "tu-cham", True),
        ("chi", 3, "tu-cham", False),
        ("an", 0, "tu-cham", True),
        ("an", 3, "tu-cham", False),
        ("lan", 3, "tu-cham", False),
    ],
)
def test_who_enters_which_column(scored, who, index, stage, allowed):
    if allowed:
        assert save(scored, who, index=index, stage=stage).revision == 1
    else:
        with pytest.raises(NotPermitted):
            save(scored, who, index=index, stage=stage)
        assert not ScoreEntry.objects.exists()


@pytest.mark.parametrize("who", ["giang", "mai"])
def test_strangers_learn_nothing_of_a_cell(scored, who):
    save(scored, "an")
    with pytest.raises(RuleViolation) as refused:
        save(scored, who, text="12")
    assert refused.value.code == "cell-unknown"
    assert not refused.value.details


def test_who_may_not_write_gets_no_values_of_a_conflict(scored):
    save(scored, "an")
    with pytest.raises(NotPermitted):
        save(scored, "chi", text="12")


def test_nobody_writes_without_a_name(scored):
    with pytest.raises(RuleViolation):
        record_score(
            by=ANONYMOUS,
            sheet_id=sheet_of(scored, 3).pk,
            criterion_id=criterion_of(scored, "I.2").pk,
            stage="khoi",
            entered=Entered(points=Decimal(1)),
            revision=0,
            key=uuid4(),
        )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"state": "not-open"}, "stage-not-open"),
        ({"state": "closed"}, "stage-closed"),
        ({"closes_at": timezone.now() - timedelta(seconds=1)}, "stage-closed"),
    ],
)
def test_step_that_takes_no_entries(scored, change, code):
    Stage.objects.filter(slug="khoi").update(**change)
    with pytest.raises(Locked) as refused:
        save(scored, "an")
    assert refused.value.code == code
    assert not ScoreEntry.objects.exists()


def test_locked_sheet_takes_nothing(scored):
    ScoreSheet.objects.update(is_locked=True)
    with pytest.raises(Locked) as refused:
        save(scored, "an")
    assert refused.value.code == "table-locked"


@pytest.mark.parametrize(
    ("code", "entered", "refusal"),
    [
        ("I.2", Entered(points=Decimal("20.25")), "points-above-max"),
        ("I.2", Entered(points=Decimal("9.13")), "points-step"),
        ("I", Entered(points=Decimal(1)), "entered-section"),
        ("II.1", Entered(level="Giỏi"), "level-unknown"),
    ],
)
def test_rules_hold_in_the_action(scored, code, entered, refusal):
    with pytest.raises(RuleViolation) as refused:
        save(scored, "an", code=code, entered=entered)
    assert refused.value.code == refusal


def test_criterion_of_another_scheme_is_unknown(scored):
    people.make_scheme(scored.other_bloc_year)
    other = Criterion.objects.get(scheme__bloc_year=scored.other_bloc_year, code="I.2")
    with pytest.raises(RuleViolation) as refused:
        record_score(
            by=scored.actor("an"),
            sheet_id=sheet_of(scored, 3).pk,
            criterion_id=other.pk,
            stage="khoi",
            entered=Entered(points=Decimal(1)),
            revision=0,
            key=uuid4(),
        )
    assert refused.value.code == "cell-unknown"


def test_long_note_is_refused(scored):
    with pytest.raises(RuleViolation) as refused:
        save(scored, "an", note="a" * 601)
    assert refused.value.field == "note"


# -------------------------------------------------------------- a block
def write(world, index, code, points, revision=0):
    return CellWrite(sheet_of(world, index).pk, criterion_of(world, code).pk, Entered(points=Decimal(points)), revision)


def test_block_writes_what_it_may_and_says_why_not(scored):
    save(scored, "an", index=4, text="5")
    writes = [
        write(scored, 3, "I.2", "10"),
        write(scored, 0, "I.2", "10"),
        write(scored, 4, "I.2", "6"),
        write(scored, 5, "I.2", "25"),
        write(scored, 6, "I.2", "7"),
    ]
    outcomes = record_scores(by=scored.actor("an"), stage="khoi", writes=writes, key=uuid4())
    assert [o.saved is not None for o in outcomes] == [True, False, False, False, True]
    assert [type(o.refusal) for o in outcomes[1:4]] == [NotPermitted, Conflict, RuleViolation]
    assert ScoreEntry.objects.count() == 3
    event = Event.objects.get(verb="scoring.record_scores")
    assert set(event.after) == {"SKHCN/I.2", "BPTTH/I.2"}


def test_block_sent_twice_is_written_once(scored):
    key, writes = uuid4(), [write(scored, 3, "I.2", "10"), write(scored, 4, "I.2", "11")]
    record_scores(by=scored.actor("an"), stage="khoi", writes=writes, key=key)
    outcomes = record_scores(by=scored.actor("an"), stage="khoi", writes=writes, key=key)
    assert all(o.saved and o.saved.is_replay for o in outcomes)
    assert set(ScoreEntry.objects.values_list("revision", flat=True)) == {1}


def test_block_with_nothing_to_save_leaves_no_event(scored):
    outcomes = record_scores(by=scored.actor("an"), stage="khoi", writes=[write(scored, 0, "I.2", "10")], key=uuid4())
    assert outcomes[0].refusal is not None
    assert not Event.objects.filter(verb="scoring.record_scores").exists()


def test_block_across_two_bloc_years_is_unknown(scored):
    people.make_scheme(scored.other_bloc_year)
    foreign = ScoreSheet.objects.get(bloc_year=scored.other_bloc_year)
    writes = [write(scored, 3, "I.2", "10"), CellWrite(foreign.pk, criterion_of(scored, "I.2").pk, Entered(), 0)]
    with pytest.raises(RuleViolation):
        record_scores(by=scored.actor("an"), stage="khoi", writes=writes, key=uuid4())


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_is_saved_and_the_others_get_both_values():
    world = people.make_world(4)
    people.make_scheme(world.bloc_year)
    actors = [world.actor("an"), world.actor("binh")] * 4
    sheet, criterion = sheet_of(world, 3).pk, criterion_of(world, "I.2").pk
    start, results = threading.Barrier(len(actors)), []

    def enter(number, by):
        try:
            start.wait(5)
            record_score(
                by=by,
                sheet_id=sheet,
                criterion_id=criterion,
                stage="khoi",
                entered=str(number),
                revision=0,
                key=uuid4(),
            )
            results.append("saved")
        except Conflict as refused:
            results.append(refused.details["theirs"])
        finally:
            connection.close()

    threads = [threading.Thread(target=enter, args=(n, by)) for n, by in enumerate(actors, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    held = ScoreEntry.objects.get()
    assert (results.count("saved"), held.revision) == (1, 1)
    assert [r for r in results if r != "saved"] == [f"{held.points:.0f}"] * (len(actors) - 1)
