"""Covenants: text, agreement, signatures, signed."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from blocs.actions.covenant import (
    agree_covenant,
    copy_covenant,
    create_covenant,
    reopen_covenant,
    request_covenant,
    save_covenant,
    save_signatures,
    sign_covenant,
)
from blocs.models import BlocYear, Covenant
from blocs.queries.covenant import signature_part
from blocs.queries.waiting import bloc_waiting
from tests.blocs.drafts import agreed_covenant, signature, signatures_of
from tests.personas import World, make_world
from thidua.audit.models import Event
from thidua.documents.models import Document
from thidua.lib.errors import Conflict, Locked, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db


def events(verb: str) -> int:
    return Event.objects.filter(verb=f"blocs.{verb}").count()


def make(world: World) -> Covenant:
    return create_covenant(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)


def text(world: World, covenant: Covenant, who: str = "an", **content: Any) -> Covenant:
    return save_covenant(by=world.actor(who), covenant_id=covenant.pk, revision=covenant.revision, content=content)


def sign_rows(world: World, covenant: Covenant, **content: Any) -> Covenant:
    content = content or signatures_of(world)
    return save_signatures(by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision, content=content)


def test_a_year_has_one_covenant(world: World) -> None:
    make(world)
    with pytest.raises(Conflict):
        make(world)
    assert events("create_covenant") == 1


@pytest.mark.parametrize("who", ["chi", "giang", "dung", "khang", "lan", "mai"])
def test_others_do_not_write(world: World, who: str) -> None:
    for deed in (create_covenant, copy_covenant):
        with pytest.raises(NotPermitted):
            deed(by=world.actor(who), bloc_year_id=world.bloc_year.pk)
    covenant = make(world)
    with pytest.raises(NotPermitted):
        text(world, covenant, who, title="x")
    with pytest.raises(NotPermitted):
        agree_covenant(by=world.actor(who), covenant_id=covenant.pk, revision=1)
    with pytest.raises(NotPermitted):
        sign_covenant(by=world.actor(who), covenant_id=covenant.pk, revision=1)


def test_copy_takes_the_latest_earlier_text_only(world: World) -> None:
    with pytest.raises(RuleViolation):
        copy_covenant(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)
    for year, words in ((2023, "cũ hơn"), (2024, "năm trước")):
        bloc_year = BlocYear.objects.create(bloc=world.bloc, year=year)
        old = Covenant.objects.create(bloc_year=bloc_year, closing=words, signing_on=date(year, 3, 1), state="signed")
        old.lines.create(section="content", position=1, text=words)
        old.signatures.create(unit=world.units[0], signed_on=date(year, 3, 1))
        old.targets.create(unit=world.units[0], name="x", position=1)
    covenant = copy_covenant(by=world.actor("an"), bloc_year_id=world.bloc_year.pk)
    assert (covenant.closing, covenant.state, covenant.signing_on) == ("năm trước", "draft", None)
    assert [line.text for line in covenant.lines.all()] == ["năm trước"]
    assert (covenant.signatures.count(), covenant.targets.count()) == (0, 0)
    assert Event.objects.get(verb="blocs.copy_covenant").after["copied_from"] == 2024


def test_text_lines_and_targets(world: World) -> None:
    covenant = text(
        world,
        make(world),
        title="Giao ước",
        ground=[{"text": "Căn cứ Quyết định số 109/QĐ-UBND"}],
        content=[{"text": "Một"}, {"text": "Hai"}],
        unit_targets=[
            {"unit_id": world.units[1].pk, "name": "Hồ sơ đúng hạn", "value": Decimal("98.5"), "measure": "%"},
            {"unit_id": world.units[2].pk, "name": "Chưa rõ mức", "value": None, "measure": ""},
        ],
    )
    assert covenant.revision == 2
    assert [line.text for line in covenant.lines.filter(section="content")] == ["Một", "Hai"]
    assert covenant.targets.get(unit=world.units[1]).value == Decimal("98.5")
    again = text(
        world,
        covenant,
        unit_targets=[
            {"unit_id": world.units[1].pk, "name": "Hồ sơ đúng hạn", "value": Decimal("98.5"), "measure": "%"},
            {"unit_id": world.units[2].pk, "name": "Chưa rõ mức", "value": None, "measure": ""},
        ],
    )
    assert again.revision == 2
    assert events("save_covenant") == 1


def test_refusals_of_text(world: World) -> None:
    covenant = make(world)
    target = {"unit_id": world.other_unit.pk, "name": "x", "value": None, "measure": ""}
    for content, code in (
        ({"unit_targets": [target]}, "not-a-member"),
        ({"title": "x" * 301}, "field-invalid"),
        ({"strange": "x"}, "not-a-member"),
        ({"preamble": "a\x08"}, "control-character"),
    ):
        with pytest.raises(RuleViolation) as caught:
            text(world, covenant, **content)
        assert caught.value.code == code
    covenant = text(world, covenant, closing="của An")
    with pytest.raises(Conflict):
        save_covenant(by=world.actor("ha"), covenant_id=covenant.pk, revision=1, content={"closing": "của Hà"})
    assert events("save_covenant") == 1


def test_agreed_text_is_locked_until_reopened_with_a_reason(world: World) -> None:
    covenant = make(world)
    with pytest.raises(RuleViolation, match="chưa có nội dung"):
        agree_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=1)
    covenant = text(world, covenant, content=[{"text": "Một"}])
    with pytest.raises(Conflict):
        agree_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=1)
    covenant = agree_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision)
    with pytest.raises(Locked):
        text(world, covenant, title="x")
    with pytest.raises(RuleViolation, match="từ 10 ký tự"):
        reopen_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision, reason="ngắn")
    covenant = reopen_covenant(
        by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision, reason="Bổ sung nội dung hai"
    )
    assert covenant.state == "draft"
    assert Event.objects.get(verb="blocs.reopen_covenant").reason == "Bổ sung nội dung hai"
    with pytest.raises(RuleViolation):
        reopen_covenant(
            by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision, reason="Bổ sung nội dung hai"
        )


def test_a_draft_is_not_signed(world: World) -> None:
    covenant = sign_rows(world, make(world))
    with pytest.raises(RuleViolation) as caught:
        sign_covenant(by=world.actor("binh"), covenant_id=covenant.pk, revision=covenant.revision)
    assert caught.value.code == "covenant-move"


def test_signed_needs_every_member_of_eight_in_two_groups(world: World) -> None:
    """cases.md A3."""
    covenant = agreed_covenant(world)
    rows = {signature_part(u.pk): signature(group=1 + i // 4) for i, u in enumerate(world.units[:7])}
    covenant = sign_rows(world, covenant, signing_on=date(2026, 1, 15), **rows)
    lead = world.actor("binh")
    with pytest.raises(RuleViolation, match="Trung tâm Phục vụ hành chính công"):
        sign_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision)
    absent = signature_part(world.units[7].pk)
    late = date(2026, 1, 20)
    with pytest.raises(RuleViolation, match="cần lý do"):
        sign_rows(world, covenant, **{absent: signature(late)})
    covenant = sign_rows(world, covenant, **{absent: signature(late, "Đi công tác ngày ký", 2)})
    with pytest.raises(NotPermitted):
        sign_covenant(by=world.actor("an"), covenant_id=covenant.pk, revision=covenant.revision)
    with pytest.raises(Conflict):
        sign_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision - 1)
    covenant = sign_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision)
    assert (covenant.state, covenant.signed_by) == ("signed", "Trần Văn Bình (mẫu)")
    assert events("sign_covenant") == 1
    for deed in (
        lambda: sign_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision),
        lambda: sign_rows(world, covenant),
        lambda: text(world, covenant, title="x"),
        lambda: reopen_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision, reason="Vì lý do khác"),
    ):
        with pytest.raises(Locked):
            deed()
    assert events("sign_covenant") == 1


def test_a_signing_day_to_come_and_a_signature_before_it(world: World) -> None:
    covenant = agreed_covenant(world)
    ahead = timezone.localdate() + timezone.timedelta(days=1)
    rows = {signature_part(u.pk): signature(ahead) for u in world.units}
    covenant = sign_rows(world, covenant, signing_on=ahead, **rows)
    with pytest.raises(RuleViolation, match="chưa đến"):
        sign_covenant(by=world.actor("binh"), covenant_id=covenant.pk, revision=covenant.revision)
    with pytest.raises(RuleViolation, match="trước lễ ký"):
        sign_rows(world, covenant, **{signature_part(world.units[0].pk): signature(date(2026, 1, 1))})


def test_rows_are_recorded_in_words(world: World) -> None:
    covenant = sign_rows(world, make(world), **{signature_part(world.units[1].pk): signature(date(2026, 1, 15))})
    event = Event.objects.get(verb="blocs.save_signatures")
    assert event.after["signatures"] == "Sở Y tế: 15/01/2026"
    assert covenant.signatures.count() == 1
    covenant = sign_rows(world, covenant, **{signature_part(world.units[1].pk): signature(None) | {"signer_title": ""}})
    assert covenant.signatures.count() == 0


def test_paper_shows_all_members(world: World) -> None:
    covenant = agreed_covenant(world)
    with pytest.raises(NotPermitted):
        request_covenant(by=world.actor("chi"), covenant_id=covenant.pk)
    first = request_covenant(by=world.actor("an"), covenant_id=covenant.pk)
    second = request_covenant(by=world.actor("an"), covenant_id=covenant.pk)
    assert first.pk == second.pk, "the same content is the same paper"
    assert Document.objects.count() == 1
    assert events("request_covenant") == 2


def test_agreed_covenant_waits_on_the_home_page(world: World) -> None:
    agreed_covenant(world)
    for who in ("an", "binh"):
        assert [w.title for w in bloc_waiting(world.actor(who))] == ["Ký giao ước thi đua năm 2026"]
    assert bloc_waiting(world.actor("chi")) == []


@pytest.mark.django_db(transaction=True)
def test_race_sign_has_one_outcome() -> None:
    world = make_world()
    covenant, lead = sign_rows(world, agreed_covenant(world)), world.actor("binh")
    barrier, outcomes = threading.Barrier(8), []

    def run() -> None:
        try:
            barrier.wait(10)
            sign_covenant(by=lead, covenant_id=covenant.pk, revision=covenant.revision)
            outcomes.append("done")
        except (Conflict, Locked) as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert outcomes.count("done") == 1
    assert len(outcomes) == 8
    assert events("sign_covenant") == 1
