"""The record holds what was done, in order, once, and nobody changes it unseen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.transaction import TransactionManagementError

import thidua
from thidua import audit
from thidua.audit.models import ChainHead, Event
from thidua.audit.queries import chain_heads
from thidua.lib.actor import SYSTEM, Actor, Post
from thidua.lib.errors import Conflict

AN = Actor(7, "An (mẫu)", (Post("secretary", label="Thư ký Khối"),), acting_for="Bình (mẫu)", request_id="r1")


def write(count: int = 1, chain: str = "bloc:1") -> None:
    for number in range(count):
        audit.record(AN, "test.deed", ("scoring.sheet", 5), before={"a": number}, after={"a": number + 1}, chain=chain)


@pytest.mark.django_db
class TestRecord:
    def test_holds_who_what_and_only_what_changed(self) -> None:
        key = uuid.uuid4()
        audit.record(
            AN,
            "test.deed",
            ("Scoring.Sheet", 5),
            before={"points": Decimal("1.50"), "note": "x"},
            after={"points": Decimal("2.00"), "note": "x", "on": date(2026, 11, 22)},
            reason="Nhập lại",
            chain="bloc:1",
            subject_text="Bảng điểm",
            key=key,
        )
        event = Event.objects.get()
        assert (event.actor_id, event.actor_name, event.actor_office) == (7, "An (mẫu)", "Thư ký Khối")
        assert (event.acting_for, event.request_id, event.reason) == ("Bình (mẫu)", "r1", "Nhập lại")
        assert (event.subject_label, event.subject_id, event.subject_text) == ("scoring.sheet", "5", "Bảng điểm")
        assert event.before == {"points": "1.50"}
        assert event.after == {"points": "2.00", "on": "2026-11-22"}
        assert (event.chain, event.sequence, event.previous_hash) == ("bloc:1", 1, "")
        assert audit.history_by_key(key) == event
        assert audit.history_by_key(uuid.uuid4()) is None

    def test_one_round_trip(self, django_assert_num_queries) -> None:
        with django_assert_num_queries(1):
            write()

    def test_chains_count_for_themselves(self) -> None:
        write(2, "bloc:1")
        write(1, "bloc:2")
        audit.record(SYSTEM, "test.deed", None)
        assert [(h.chain, h.sequence) for h in chain_heads()] == [("bloc:1", 2), ("bloc:2", 1), ("general", 1)]

    def test_same_key_twice_is_a_conflict(self) -> None:
        key = uuid.uuid4()
        audit.record(AN, "test.deed", None, key=key)
        with pytest.raises(Conflict) as caught, transaction.atomic():
            audit.record(AN, "test.deed", None, key=key)
        assert caught.value.code == "already-recorded"
        assert Event.objects.count() == 1

    def test_history_is_newest_first_and_of_one_object(self) -> None:
        write(3)
        audit.record(AN, "test.deed", ("scoring.sheet", 6))
        assert [e.sequence for e in audit.history_of("scoring.Sheet", 5, limit=2)] == [3, 2]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_event SET reason = 'x'",
            "DELETE FROM audit_event",
            "UPDATE audit_chainhead SET hash = 'x'",
            "UPDATE audit_chainhead SET sequence = sequence - 1",
            "UPDATE audit_chainhead SET chain = 'other', sequence = sequence + 1",
            "DELETE FROM audit_chainhead",
        ],
    )
    def test_the_database_refuses(self, statement: str) -> None:
        write(2)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
        assert audit.verify_chain() == []

    @pytest.mark.parametrize("table", ["audit_event", "audit_chainhead"])
    def test_truncate_is_refused_where_the_setting_is_off(self, table: str) -> None:
        write()
        with connection.cursor() as cursor:
            for value in ("off", ""):
                cursor.execute("SELECT set_config('thidua.allow_truncate', %s, true)", [value])
                with pytest.raises(DatabaseError), transaction.atomic():
                    cursor.execute(f"TRUNCATE {table}")
            cursor.execute("SELECT set_config('thidua.allow_truncate', 'on', true)")
            cursor.execute(f"TRUNCATE {table}")  # the twin: only the setting makes the difference


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written() -> None:
    with pytest.raises(TransactionManagementError):
        audit.record(AN, "test.deed", None)
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_writers_at_once_make_one_chain() -> None:
    def work(name: str) -> None:
        try:
            for number in range(10):
                with transaction.atomic():
                    audit.record(AN, "test.deed", None, after={name: number}, chain="bloc:9")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, "abcd"))
    assert audit.verify_chain("bloc:9") == []
    assert list(Event.objects.order_by("sequence").values_list("sequence", flat=True)) == list(range(1, 41))
    times = list(Event.objects.order_by("sequence").values_list("at", flat=True))
    assert times == sorted(times)


def test_only_the_tests_may_truncate() -> None:
    root = Path(thidua.__file__).parent.parent
    for place in ("thidua/settings.py", "thidua/bootstrap.py", "docker-compose.yml", "Dockerfile"):
        path = root / place
        assert not path.exists() or "allow_truncate" not in path.read_text(encoding="utf-8"), place


@pytest.fixture
def tampering(db: None) -> Iterator[None]:
    """A superuser who switches the triggers off; the tests show that the chain still tells."""
    write(5)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_chainhead DISABLE TRIGGER USER")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE audit_chainhead ENABLE TRIGGER USER")


@pytest.mark.usefixtures("tampering")
class TestTampering:
    @pytest.mark.parametrize(
        ("statement", "kinds"),
        [
            ("UPDATE audit_event SET actor_id = 8 WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET actor_name = 'Chi' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET actor_office = '' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET acting_for = '' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET verb = 'x' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET subject_id = '9' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET after = '{\"a\": 9}' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET before = NULL WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET reason = 'x' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET request_id = 'x' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET at = at + interval '1 microsecond' WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET key = gen_random_uuid() WHERE sequence = 3", {"changed"}),
            ("UPDATE audit_event SET hash = repeat('0', 64) WHERE sequence = 3", {"changed", "broken"}),
            ("DELETE FROM audit_event WHERE sequence = 3", {"gap", "broken"}),
            ("DELETE FROM audit_event WHERE sequence = 1", {"gap", "broken"}),
            ("DELETE FROM audit_event WHERE sequence > 3", {"tail"}),
            ("DELETE FROM audit_event", {"tail"}),
            ("DELETE FROM audit_chainhead", {"headless"}),
        ],
    )
    def test_is_found(self, statement: str, kinds: set[str]) -> None:
        assert audit.verify_chain() == []
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert {f.kind for f in audit.verify_chain("bloc:1")} == kinds
        with pytest.raises(CommandError, match="không còn nguyên vẹn"):
            call_command("verify_audit")

    def test_a_cut_tail_with_a_forged_head_is_found_by_the_anchor(self, tmp_path) -> None:
        anchor = tmp_path / "heads.tsv"
        with anchor.open("w", encoding="utf-8") as out:
            call_command("verify_audit", "--heads", stdout=out)
        call_command("verify_audit", "--anchor", str(anchor))
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM audit_event WHERE sequence > 3")
            cursor.execute(
                "UPDATE audit_chainhead SET sequence = 3, hash = (SELECT hash FROM audit_event WHERE sequence = 3)"
            )
        assert audit.verify_chain() == []  # why the heads are kept elsewhere too
        with pytest.raises(CommandError, match="mốc đã lưu"):
            call_command("verify_audit", "--anchor", str(anchor))


@pytest.mark.django_db
def test_values_of_every_kind_verify() -> None:
    odd = {"số": Decimal("0.10"), "chữ": 'Ẫ " \\ \n 😀', "rỗng": None, "list": [1, 2.5, {"a": []}], "đúng": True}
    audit.record(AN, "test.deed", None, before={}, after=odd, reason="Lý do có dấu")
    assert audit.verify_chain("general") == []
    assert ChainHead.objects.get().sequence == 1
