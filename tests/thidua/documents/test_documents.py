"""Frozen first, rendered later; each paper once; a changed file is never sent."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.test import TestCase

from tests.personas import make_user
from tests.thidua.documents.kinds import BROKEN, COVENANT
from thidua.accounts.models import User
from thidua.audit.models import Event
from thidua.documents import actions, store
from thidua.documents.models import Document
from thidua.documents.queries import failed_of, paper_row, papers_of, recent_of, summary, wait_for
from thidua.documents.registry import DocumentKind, register
from thidua.documents.tasks import wait_and_help
from thidua.jobs import running
from thidua.jobs.models import Job
from thidua.jobs.sweeping import sweep_jobs
from thidua.lib.actor import SYSTEM, Actor, Post
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db
SCOPE = "bloc-year:12:2026"


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.THIDUA_JOB_BELL = False


@pytest.fixture
def user() -> User:
    return make_user("an")


@pytest.fixture
def an(user: User) -> Actor:
    return Actor(user_id=user.pk, name=user.full_name, posts=(Post(kind="viewer"),))


def ask(by: Actor, subject: User, kind: DocumentKind = COVENANT, *, draft: bool = False) -> Document:
    return actions.request(by=by, kind=kind, subject=subject, scope=SCOPE, draft=draft)


def ready(by: Actor, subject: User) -> Document:
    document = ask(by, subject)
    running.run_waiting()
    document.refresh_from_db()
    return document


def files() -> list[str]:
    return sorted(path.name for path in store.folder().iterdir())


def test_a_paper_comes_whole_and_once(user: User, an: Actor) -> None:
    document = ask(an, user)
    assert (document.state, document.version, document.title) == ("queued", 1, "Giao ước thi đua của an")
    assert running.run_waiting() == 1
    document.refresh_from_db()
    assert document.state == "ready"
    assert document.page_count >= 1
    body = (store.folder() / document.file).read_bytes()
    assert body.startswith(b"%PDF-")
    assert (len(body), hashlib.sha256(body).hexdigest()) == (document.size, document.sha256)
    assert files() == [document.file]
    assert store.folder().stat().st_mode & 0o077 == 0
    assert "an" not in document.file.split("-")[0]


def test_the_same_request_twice_is_one_paper_in_any_state(user: User, an: Actor) -> None:
    first = ask(an, user)
    assert ask(an, user).pk == first.pk, "still queued"
    running.run_waiting()
    assert ask(an, user).pk == first.pk, "ready"
    assert (Document.objects.count(), Job.objects.count()) == (1, 1)


def test_what_changes_after_the_request_does_not_reach_the_file(user: User, an: Actor) -> None:
    document = ask(an, user)
    before = document.context
    user.title = "Câu kết đã đổi"
    user.save()
    running.run_waiting()
    document.refresh_from_db()
    assert document.context == before
    second = ask(an, user)
    assert (second.version, second.pk == document.pk) == (2, False)
    assert second.context["closing"] == "Câu kết đã đổi"


def test_a_draft_is_another_version_and_says_so(user: User, an: Actor) -> None:
    draft = ask(an, user, draft=True)
    assert (draft.is_draft, draft.context["draft"]) == (True, True)
    final = ask(an, user)
    assert (final.version, final.is_draft) == (2, False)
    assert draft.file_name == "Giao ước thi đua của an (dự thảo), bản 1.pdf"


def test_a_new_template_makes_a_new_version(user: User, an: Actor) -> None:
    first = ask(an, user)
    Document.objects.filter(pk=first.pk).update(template_version="older")
    assert ask(an, user).version == 2


def test_who_may_not_ask_leaves_nothing_behind(user: User) -> None:
    with pytest.raises(NotPermitted):
        ask(Actor(user_id=7, name="Người lạ (mẫu)"), user)
    assert (Document.objects.count(), Job.objects.count()) == (0, 0)


@pytest.mark.parametrize("content", [{"a": 1.5}, {"a": object()}, {"a": float("nan")}])
def test_content_that_cannot_be_frozen_is_refused(content: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        actions.frozen(content, draft=False)


def test_frozen_text_is_composed_and_the_hash_ignores_the_order_of_keys() -> None:
    copy = actions.frozen({"b": "e\u0302\u0301", "a": [1]}, draft=False)
    assert copy["b"] == "ế"
    assert actions.hash_of({"a": 1, "b": 2}) == actions.hash_of({"b": 2, "a": 1})


def test_missing_data_fails_at_once_with_a_sentence_and_can_be_asked_again(user: User) -> None:
    document = ask(SYSTEM, user, BROKEN)
    running.run_waiting()
    document.refresh_from_db()
    assert (document.state, files()) == ("failed", [])
    assert document.error.startswith("Giấy thiếu dữ liệu để in")
    again = ask(SYSTEM, user, BROKEN)
    assert (again.pk, again.state, again.error) == (document.pk, "queued", "")
    assert Job.objects.count() == 1, "the failed job itself is tried again"


def test_retry_is_recorded_and_only_for_failed_papers(user: User, an: Actor) -> None:
    document = ask(SYSTEM, user, BROKEN)
    with pytest.raises(Conflict):
        actions.retry(by=an, document_id=document.pk)
    running.run_waiting()
    actions.retry(by=an, document_id=document.pk)
    event = Event.objects.get()
    assert (event.verb, event.actor_name, event.chain) == ("documents.retry", an.name, SCOPE)
    with pytest.raises(NotPermitted):
        actions.retry(by=Actor(user_id=99, name="Người lạ (mẫu)"), document_id=document.pk)


def test_a_lost_worker_leaves_neither_half_a_paper_nor_a_second_file(user: User, an: Actor) -> None:
    document = ask(an, user)
    job = running.claim(document.job_id)
    assert job is not None
    cut_off = store.folder() / f"{document.stem}-{job.pk.hex[:8]}-1.pdf"
    cut_off.write_bytes(b"%PDF half")
    cut_off.with_name(cut_off.name + ".part").write_bytes(b"%PDF")
    Job.objects.filter(pk=job.pk).update(state="queued", lease_until=None)
    with TestCase.captureOnCommitCallbacks(execute=True):
        running.run_waiting()
    document.refresh_from_db()
    assert document.state == "ready"
    assert files() == [document.file]


def test_a_full_disk_is_tried_again_and_leaves_no_half_file(user: User, an: Actor, monkeypatch: Any) -> None:
    document = ask(an, user)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        running.run_waiting()
    document.refresh_from_db()
    assert (document.state, files()) == ("rendering", [])
    Job.objects.update(not_before=None)
    running.run_waiting()
    document.refresh_from_db()
    assert document.state == "ready"


def test_papers_of_a_scope(user: User, an: Actor) -> None:
    ready(an, user)
    user.title = "Bản hai"
    user.save()
    second = ready(an, user)
    ask(SYSTEM, user, BROKEN)
    running.run_waiting()
    actions.request(by=an, kind=COVENANT, subject=make_user("chi"), scope=SCOPE)
    papers = papers_of(SCOPE, actor=an)
    assert [(p.kind, p.state, p.version, len(p.older)) for p in papers] == [
        ("tests-broken", "failed", 1, 0),
        ("tests-covenant", "queued", 1, 0),
        ("tests-covenant", "ready", 2, 1),
    ]
    assert papers[1].state_text == "Chờ tạo, thứ 1 trong hàng"
    assert papers[2].facts == f"{second.page_count} trang, PDF {round(second.size / 1000)} kB"
    assert summary(papers) == "3 giấy tờ · 1 đang chờ, 1 không tạo được"
    assert [p.kind for p in papers_of(SCOPE, actor=an, search="giao uoc", state="ready")] == ["tests-covenant"]
    assert papers_of("bloc-year:13:2026", actor=an) == ()
    assert papers_of(SCOPE, actor=Actor(user_id=5, name="")) == ()
    assert paper_row(second, an).older[0].version == 1


def test_the_list_asks_the_same_number_of_questions_for_any_length(
    user: User, an: Actor, django_assert_num_queries: Any
) -> None:
    ask(an, user)
    with django_assert_num_queries(2):
        papers_of(SCOPE, actor=an)
    for name in ("chi", "dung"):
        ask(an, make_user(name))
    with django_assert_num_queries(2):
        papers_of(SCOPE, actor=an)


def test_failed_and_new_papers_stand_on_the_home_page(user: User, an: Actor) -> None:
    document = ready(an, user)
    ask(an, user, BROKEN)
    running.run_waiting()
    waiting = failed_of(an)
    assert [row.title for row in waiting] == ["Giấy tờ chưa tạo được: Giấy thiếu dữ liệu"]
    assert waiting[0].detail.startswith("Giấy thiếu dữ liệu để in")
    assert [(row.tag_kind, row.is_paper) for row in recent_of(an)] == [("bad", True), ("ok", True)]
    assert recent_of(an)[1].url == f"/giay-to/{document.pk}/"
    assert recent_of(SYSTEM) == []


@pytest.mark.django_db(transaction=True)
def test_a_fault_at_any_step_leaves_a_whole_state_and_the_paper_still_comes(user: User, an: Actor) -> None:
    """The database fails at the 1st, 2nd, 3rd … statement of a render, until one run passes untouched."""
    for step in range(1, 60):
        user.title = f"Lần {step}"
        user.save()
        document = ask(an, user)
        fault = FailAt(step)
        with connection.execute_wrapper(fault), suppress(OperationalError):
            running.run_job(document.job_id)
        document.refresh_from_db()
        whole = document.state == "ready" and store.read(document.file, document.sha256) is not None
        assert whole == (Job.objects.get(pk=document.job_id).state == "done"), step
        if document.state != "ready":
            Job.objects.filter(state="running").update(lease_until=Now() - timedelta(seconds=1))
            Job.objects.update(not_before=None)
            sweep_jobs()
            running.run_waiting()
        document.refresh_from_db()
        assert document.state == "ready", step
        assert store.read(document.file, document.sha256) is not None
        assert [name for name in files() if name.startswith(document.stem)] == [document.file]
        if not fault.happened:
            return
    pytest.fail("no run passed untouched")


class FailAt:
    """Raises at the n-th statement that is not bookkeeping of savepoints."""

    def __init__(self, step: int) -> None:
        self.left, self.happened = step, False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            self.left -= 1
            if self.left == 0:
                self.happened = True
                raise OperationalError("planted")
        return execute(sql, params, many, context)


def test_without_a_worker_the_waiting_command_does_it_itself(user: User, an: Actor) -> None:
    document = wait_and_help(ask(an, user), timeout=20, patience=0.1)
    assert document.state == "ready"
    assert wait_for(document, 0).pk == document.pk


def test_one_version_number_is_given_once(user: User, an: Actor) -> None:
    document = ask(an, user)
    document.pk, document.stem = None, "x"
    with pytest.raises(IntegrityError), transaction.atomic():
        document.save(force_insert=True)


def test_two_kinds_of_one_name_are_refused() -> None:
    register(COVENANT)
    with pytest.raises(ValueError, match="two document kinds"):
        register(DocumentKind("tests-covenant", "x", "x", dict, lambda a, d: True))


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "absent.pdf", "link.pdf"])
def test_the_store_reads_only_its_own_files(name: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    outside.write_bytes(b"x")
    (store.folder() / "link.pdf").symlink_to(outside)
    assert store.read(name, hashlib.sha256(b"x").hexdigest()) is None


def test_one_person_cannot_fill_the_queue(user: User, an: Actor) -> None:
    first = ask(an, user)
    fields = {f.attname: getattr(first, f.attname) for f in Document._meta.fields if f.attname not in ("id", "job_id")}
    more = range(2, actions.MOST_COMING + 1)
    Document.objects.bulk_create(Document(**{**fields, "version": n, "stem": f"s{n}"}) for n in more)
    other = make_user("hai")
    with pytest.raises(RuleViolation) as refused:
        ask(an, other)
    assert refused.value.code == "too-many-papers"
    assert ask(SYSTEM, other).state == "queued"
