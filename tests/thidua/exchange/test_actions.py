"""Upload, check, confirm: nothing written before the confirmation, a replay changes nothing."""

import pytest
from django.db import transaction

from tests.thidua.exchange.kind import KIND, STORE
from thidua.audit.models import Event
from thidua.exchange import actions, labels
from thidua.exchange.models import ImportRun
from thidua.exchange.queries import earlier_confirmed, faults_of, visible_runs, workbook_of
from thidua.lib.actor import SYSTEM, Actor
from thidua.lib.errors import Conflict, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db
AN = Actor(user_id=1, name="Nguyễn Văn An (mẫu)")
BINH = Actor(user_id=2, name="Lê Văn Bình (mẫu)")
GOOD = "Mã;Điểm;Màu\nA;9,5\nB;1".encode()


@pytest.fixture(autouse=True)
def _empty_store():
    STORE.clear()
    yield
    STORE.clear()


def uploaded(content=GOOD, by=AN, scope="", name="so.csv"):
    return actions.upload_import(by=by, kind=KIND, scope=scope, file_name=name, content=content)


def confirmed(run, by=AN):
    return actions.confirm_import(by=by, run_id=run.pk, digest=run.preview["digest"])


def test_upload_checks_and_writes_nothing():
    run = uploaded()
    run.refresh_from_db()
    assert run.state == labels.CHECKED
    assert run.preview["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "notices": 1}
    assert STORE == {}
    assert workbook_of(run).first.rows
    event = Event.objects.get()
    assert (event.verb, event.actor_id) == ("exchange.upload_import", 1)


def test_upload_with_faults_is_refused_state_and_lists_all():
    run = uploaded("Mã;Điểm\n;9O\nB;x".encode())
    assert run.state == labels.REFUSED
    assert [f.cell for f in faults_of(run)] == ["A2", "B2", "B3"]
    with pytest.raises(RuleViolation):
        confirmed(run)
    assert STORE == {}


def test_unreadable_file_keeps_nothing():
    with pytest.raises(RuleViolation):
        uploaded(b"%PDF-1.7", name="so.xlsx")
    assert not ImportRun.objects.exists()
    assert not Event.objects.exists()


def test_confirm_writes_once_and_replay_changes_nothing():
    run = uploaded()
    done = confirmed(run)
    assert done.state == labels.CONFIRMED
    assert done.outcome["created"] == 2
    assert done.confirmed_at
    assert STORE == {"A": "9.5", "B": "1"}
    STORE["A"] = "later"
    again = confirmed(run)
    assert again.outcome == done.outcome
    assert STORE["A"] == "later"
    assert Event.objects.filter(verb="exchange.confirm_import").count() == 1
    assert actions.check_import(by=AN, run_id=run.pk).state == labels.CONFIRMED


def test_same_file_again_changes_nothing_and_is_told():
    first = confirmed(uploaded())
    second = uploaded()
    assert second.preview["counts"]["unchanged"] == 2
    assert earlier_confirmed(second) == first


def test_data_changed_since_the_preview_is_a_conflict():
    run = uploaded()
    STORE["A"] = "3"
    with pytest.raises(Conflict):
        confirmed(run)
    assert STORE == {"A": "3"}
    checked = actions.check_import(by=AN, run_id=run.pk)
    assert checked.preview["changed"] == [["A", "9.5", "3"]]
    confirmed(checked)
    assert STORE["A"] == "9.5"


def test_only_the_uploader_confirms_and_sees():
    run = uploaded()
    with pytest.raises(NotPermitted):
        confirmed(run, BINH)
    assert list(visible_runs(AN)) == [run]
    assert not visible_runs(BINH).exists()
    assert not visible_runs(SYSTEM).exists()


def test_closed_scope_is_refused():
    with pytest.raises(NotPermitted):
        uploaded(scope="closed")


def test_confirm_fails_whole(monkeypatch):
    run = uploaded()
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012
        confirmed(run)
        raise RuntimeError
    run.refresh_from_db()
    assert run.state == labels.CHECKED


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../so.csv", "so.csv"),
        ("..\\so.csv", "so.csv"),
        ("a\u202egpj.csv", "agpj.csv"),
        ("x" * 300 + ".csv", "x" * 110 + ".csv"),
    ],
)
def test_file_names_are_cleaned(given, kept):
    assert uploaded(name=given).file_name == kept
