"""Claim, lease, end: the row decides, whatever the broker does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from tests.personas import make_user
from tests.thidua.jobs.handlers import SEEN
from thidua.accounts.models import User
from thidua.jobs import actions, bell, registry, running
from thidua.jobs.models import Heartbeat, Job
from thidua.jobs.queries import job_page, oldest_waiting, position_in_queue, queue_positions, sweeper_age, visible_jobs
from thidua.jobs.sweeping import sweep_jobs
from thidua.lib.actor import SYSTEM, Actor
from thidua.lib.errors import Conflict

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(settings: Any) -> Iterator[None]:
    settings.THIDUA_JOB_BELL = False
    SEEN.clear()
    yield
    SEEN.clear()


@pytest.fixture
def user() -> User:
    return make_user("an")


def actor_of(user: User) -> Actor:
    return Actor(user_id=user.pk, name=user.full_name)


def start(user: User, kind: str = "tests.count") -> Job:
    return actions.start(kind, {"user": user.pk}, by=actor_of(user))


def let_lease_run_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def test_a_job_runs_once_however_often_it_is_delivered(user: User) -> None:
    job = start(user)
    assert [running.run_job(str(job.pk)) for _ in range(5)] == [True, False, False, False, False]
    job.refresh_from_db()
    user.refresh_from_db()
    assert (job.state, job.attempts, job.result, user.title) == ("done", 1, {"user": user.pk}, "x")
    assert job.finished_at is not None
    assert job.requested_by_name == user.full_name


def test_start_of_an_unknown_kind_is_our_fault(user: User) -> None:
    with pytest.raises(LookupError):
        start(user, "tests.unknown")


def test_a_row_of_a_kind_without_handler_fails_with_a_sentence(user: User) -> None:
    job = Job.objects.create(kind="gone", args={})
    assert running.run_job(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert job.fault_code in job.error


def test_a_refusal_is_told_at_once_and_not_tried_again(user: User) -> None:
    job = start(user, "tests.refuse")
    running.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error == "Sở Y tế chưa có tên người ký. Thêm người ký, rồi bấm Tạo lại."
    assert [f"failed {job.error}"] == SEEN


def test_a_fault_is_tried_three_times_then_failed_with_a_code(user: User) -> None:
    job = start(user, "tests.fault")
    for attempt in (1, 2):
        assert running.run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, job.attempts) == ("queued", attempt)
        assert job.not_before is not None
        assert not running.run_job(job.pk), "before its pause is over nobody takes it"
        Job.objects.filter(pk=job.pk).update(not_before=Now() - timedelta(seconds=1))
    assert running.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3)
    assert f"mã {job.fault_code}" in job.error
    assert len(job.fault_code) == 4
    assert "secret detail" not in job.error
    assert "secret detail" in job.traceback


def test_a_worker_that_lost_its_lease_publishes_nothing(user: User) -> None:
    job = start(user)
    slow = running.claim(job.pk)
    assert slow is not None
    let_lease_run_out(job)
    assert running.run_job(job.pk), "another worker takes it"
    with pytest.raises(running.LeaseLost):
        running._end(slow, registry.Finish({}, lambda: SEEN.append("published twice")))
    with pytest.raises(running.LeaseLost):
        running.Progress(slow).update(1, 1)
    user.refresh_from_db()
    assert user.title == "x"
    assert "published twice" not in SEEN


def test_a_failing_late_worker_does_not_spoil_the_result(user: User) -> None:
    job = start(user)
    slow = running.claim(job.pk)
    assert slow is not None
    let_lease_run_out(job)
    running.run_job(job.pk)
    running._fail(slow, "muộn", "0000", "", final=True)
    job.refresh_from_db()
    assert job.state == "done"


def test_the_sweeper_gives_back_what_a_lost_worker_held(user: User) -> None:
    job = start(user)
    assert running.claim(job.pk)
    assert sweep_jobs().requeued == 0, "the lease still holds"
    let_lease_run_out(job)
    swept = sweep_jobs()
    assert (swept.requeued, swept.rung) == (1, 1)
    job.refresh_from_db()
    assert (job.state, job.lease_until) == ("queued", None)
    assert running.run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


def test_the_sweeper_ends_a_job_whose_every_attempt_was_cut_off(user: User) -> None:
    job = start(user)
    for _ in range(3):
        assert running.claim(job.pk)
        let_lease_run_out(job)
        sweep_jobs()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3)
    assert "3 lần" in job.error
    assert [f"failed {job.error}"] == SEEN
    assert not running.run_job(job.pk)


def test_the_sweeper_rings_again_for_a_message_that_was_lost(user: User) -> None:
    job = start(user)
    assert sweep_jobs().rung == 0
    Job.objects.filter(pk=job.pk).update(rung_at=Now() - timedelta(minutes=5))
    assert sweep_jobs().rung == 1
    assert sweep_jobs().rung == 0, "not at every sweep"
    age = sweeper_age()
    assert age is not None
    assert age < timedelta(seconds=5)
    assert Heartbeat.objects.count() == 1


def test_retry_gives_three_more_attempts_and_never_reuses_a_number(user: User) -> None:
    job = start(user, "tests.refuse")
    running.run_job(job.pk)
    again = actions.retry(by=actor_of(user), job_id=job.pk)
    assert (again.state, again.attempts, again.attempts_allowed, again.error) == ("queued", 1, 4, "")
    claimed = running.claim(job.pk)
    assert claimed is not None
    assert claimed.attempts == 2


def test_retry_of_a_job_that_did_not_fail_is_a_conflict(user: User) -> None:
    job = start(user)
    with pytest.raises(Conflict):
        actions.retry(by=actor_of(user), job_id=job.pk)


def test_places_in_the_queue_and_who_sees_a_job(user: User) -> None:
    jobs = [start(user) for _ in range(3)]
    for number, job in enumerate(jobs):
        Job.objects.filter(pk=job.pk).update(enqueued_at=Now() + timedelta(seconds=number - 10))
        job.refresh_from_db()
    assert [position_in_queue(job) for job in jobs] == [1, 2, 3]
    assert queue_positions() == {str(job.pk): place for place, job in enumerate(jobs, 1)}
    assert oldest_waiting() > timedelta(seconds=5)
    assert visible_jobs(actor_of(user)).count() == 3
    assert visible_jobs(Actor(user_id=user.pk + 1, name="")).count() == 0
    assert visible_jobs(SYSTEM).count() == 0
    assert running.run_waiting() == 3
    jobs[0].refresh_from_db()
    page = job_page(jobs[0])
    assert (page.position, page.is_finished, page.link) == (0, True, ("/", "Mở kết quả"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "odd"},
        {"state": "running"},
        {"state": "done"},
        {"state": "failed", "finished_at": Now()},
        {"attempts": 9},
    ],
)
def test_impossible_rows_are_refused_by_the_database(user: User, wrong: dict[str, Any]) -> None:
    job = start(user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(**wrong)


def test_progress_is_seen(user: User) -> None:
    job = start(user)
    held = running.claim(job.pk)
    assert held is not None
    progress = running.Progress(held)
    progress.update(1, 10, "trang 1 trên 10")
    progress.update(2, 10, "trang 2 trên 10")
    job.refresh_from_db()
    assert (job.done, job.total, job.message) == (1, 10, "trang 1 trên 10"), "at most every 0.4 s"
    progress.update(10, 10)
    job.refresh_from_db()
    assert job.done == 10


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_the_handler_works(settings: Any, tmp_path: Any) -> None:
    settings.THIDUA_JOB_LEASE_SECONDS = 1
    job = actions.start("tests.mark", {"path": str(tmp_path / "runs"), "seconds": "2.5"}, by=SYSTEM)
    swept = []

    def watch() -> None:
        for _ in range(4):
            over.wait(0.6)
            swept.append(sweep_jobs().requeued)
        connection.close()

    over = threading.Event()
    watcher = threading.Thread(target=watch)
    watcher.start()
    running.run_job(job.pk)
    over.set()
    watcher.join()
    job.refresh_from_db()
    assert (job.state, job.attempts, set(swept)) == ("done", 1, {0})
    assert (tmp_path / "runs").read_text() == "run\n"


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_request_rings_no_bell(monkeypatch: pytest.MonkeyPatch, user: User) -> None:
    rung: list[str] = []
    monkeypatch.setattr(bell, "ring", lambda job_id, kind: rung.append(job_id))
    with transaction.atomic():
        start(user)
        transaction.set_rollback(True)
    assert (rung, Job.objects.count()) == ([], 0)
    with transaction.atomic():
        job = start(user)
        assert rung == []
    assert rung == [str(job.pk)]
