"""Ranking, "Vì sao?", closing and opening the table: pages, refusals, races."""

from __future__ import annotations

import threading
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from scoring.actions.sheet import CellWrite, record_score, record_scores
from scoring.actions.table import lock_table, propose_unlock, unlock_table
from scoring.models import RankingSnapshot, ScoreEntry, ScoreSheet
from scoring.queries.ranking import COMPARED, explain_criterion, explain_unit, ranking_of
from scoring.queries.table import table_of
from scoring.rules.entered import parse_cell
from tests.conftest import assert_flat_queries
from tests.personas import PASSWORD, World, make_bloc_year, make_scheme, make_unit, make_world
from thidua.audit.models import Event
from thidua.lib.actor import SYSTEM
from thidua.lib.errors import Conflict, Locked, NotPermitted, RuleViolation

pytestmark = pytest.mark.django_db
FULL = {"I.1": "95/100", "I.2": "18,5", "I.3": "2", "I.4": "120/100", "II.1": "Tốt", "II.2": "Đạt", "II.3": "1"}


def fill(world: World, *, but: set[tuple[int, str]] = frozenset()) -> None:  # type: ignore[assignment]
    """Score every unit at the bloc's stage, a little less for each next one."""
    table = table_of(world.bloc_year, "khoi")
    assert table is not None
    writes = []
    for number, column in enumerate(table.columns):
        for code, text in {**FULL, "I.2": f"{20 - number},5" if number else "20"}.items():
            if (number, code) in but:
                continue
            criterion = table.facts.by_code[code]
            writes.append(CellWrite(column.sheet_id or 0, criterion.id, parse_cell(text, criterion), 0))
    outcomes = record_scores(by=SYSTEM, stage="khoi", writes=writes, key=uuid4())
    assert not [o.refusal for o in outcomes if o.refusal]


@pytest.fixture
def scored(world: World) -> World:
    make_scheme(world.bloc_year)
    fill(world)
    return world


def url(name: str, world: World, *more: int) -> str:
    return reverse(f"scoring:{name}", args=[world.bloc_year.pk, *more])


def test_ranking_shows_places_and_reasons(scored: World, sign_in) -> None:  # noqa: ANN001
    browser = sign_in(scored.user("an"))
    page = browser.get(url("ranking", scored))
    text = page.content.decode()
    assert page.status_code == 200
    assert "Tạm tính, chưa chốt" in text
    assert text.index("Sở Giáo dục và Đào tạo") < text.index("Trung tâm Phục vụ hành chính công")
    why = browser.get(url("ranking", scored) + f"?don-vi={scored.units[1].pk}").content.decode()
    assert "Vì sao được điểm này?" in why
    assert (
        "95 ÷ 100" in browser.get(url("explain_cell", scored, scored.units[1].pk, _criterion("I.1"))).content.decode()
    )


def _criterion(code: str) -> int:
    from scoring.models import Criterion

    return Criterion.objects.get(code=code).pk


def test_ranking_changes_after_a_score(scored: World) -> None:
    table = table_of(scored.bloc_year, "khoi")
    assert table is not None
    first = {c.code: table.places[c.unit_id].place for c in table.columns}
    column, criterion = table.columns[7], table.facts.by_code["I.2"]
    held = table.cell(column.unit_id, criterion.id)
    done = record_scores(
        by=scored.actor("an"),
        stage="khoi",
        writes=[CellWrite(column.sheet_id or 0, criterion.id, parse_cell("20", criterion), held.revision)],
        key=uuid4(),
    )
    assert done[0].saved
    again = table_of(scored.bloc_year, "khoi")
    assert again is not None
    assert first[column.code] == 8
    assert again.places[column.unit_id].place == 1
    assert again.places[column.unit_id].tied


def test_a_member_sees_the_own_line_alone_until_the_lock(scored: World, sign_in) -> None:  # noqa: ANN001
    browser = sign_in(scored.user("chi"))
    text = browser.get(url("ranking", scored)).content.decode()
    assert "Sở Văn hóa, Thể thao và Du lịch" in text
    assert "Sở Y tế" not in text
    assert browser.get(url("explain_total", scored, scored.units[1].pk)).status_code == 404
    assert browser.get(url("explain_cell", scored, scored.units[1].pk, _criterion("I.1"))).status_code == 404
    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert "Sở Y tế" in browser.get(url("ranking", scored)).content.decode()
    assert browser.get(url("explain_total", scored, scored.units[1].pk)).status_code == 200


def test_a_member_learns_no_place_and_no_number_of_others_until_the_lock(world: World) -> None:
    make_scheme(world.bloc_year)
    fill(world)
    chi = world.actor("chi")
    unit = world.units[2].pk
    best = record_score(
        by=SYSTEM,
        sheet_id=ScoreSheet.objects.get(bloc_year=world.bloc_year, unit=world.units[4]).pk,
        criterion_id=_criterion("I.4"),
        stage="khoi",
        entered="197/100",
        revision=1,
        key=uuid4(),
    )
    table = table_of(world.bloc_year, "khoi")
    assert table is not None and best.revision == 2
    assert [(r.unit_id, r.place, r.tied) for r in ranking_of(chi, table).rows] == [(unit, None, False)]
    told = explain_unit(chi, table, unit)
    assert told is not None and told.row.place is None and told.neighbour == ""
    reasons = explain_criterion(chi, table, unit, _criterion("I.4"))
    assert reasons is not None and reasons.sentences == (COMPARED,)
    own = explain_criterion(chi, table, unit, _criterion("I.1"))
    assert own is not None and "95" in own.sentences[0]
    officer = explain_criterion(world.actor("an"), table, unit, _criterion("I.4"))
    assert officer is not None and "vượt 97,00%" in " ".join(officer.sentences)


def test_why_one_number_asks_little_and_shows_the_other_step(scored: World, sign_in) -> None:  # noqa: ANN001
    """The other steps are read as cells; no table is computed for them."""
    unit, code = scored.units[1], _criterion("I.2")
    sheet = ScoreSheet.objects.get(bloc_year=scored.bloc_year, unit=unit)
    record_scores(by=SYSTEM, stage="tu-cham", writes=[CellWrite(sheet.pk, code, "12,75", 0)], key=uuid4())
    browser, place = sign_in(scored.user("an")), url("explain_cell", scored, unit.pk, code) + "?buoc=khoi"
    browser.get(place)
    with CaptureQueriesContext(connection) as asked:
        text = browser.get(place).content.decode()
    assert len(asked) <= 12, "\n".join(q["sql"][:160] for q in asked.captured_queries)
    assert "<dt>Tự chấm</dt><dd>12,75, Hệ thống" in text


def test_relative_reasons_do_not_name_hidden_units(scored: World, sign_in) -> None:  # noqa: ANN001
    text = sign_in(scored.user("chi")).get(url("explain_cell", scored, scored.units[2].pk, _criterion("I.4")))
    for unit in (scored.units[0], scored.units[1], scored.units[3]):
        assert unit.short_name not in text.content.decode().split("<main", 1)[1]


def test_the_lead_locks_with_the_password(scored: World, sign_in) -> None:  # noqa: ANN001
    browser = sign_in(scored.user("binh"))
    page = browser.get(url("lock_table", scored))
    seen = page.context["form"]["seen"].value()
    wrong = browser.post(url("lock_table", scored), {"seen": seen, "password": "khong-phai"})
    assert wrong.status_code == 422
    assert not RankingSnapshot.objects.exists()
    done = browser.post(url("lock_table", scored), {"seen": seen, "password": PASSWORD})
    assert done.status_code == 302
    snapshot = RankingSnapshot.objects.get()
    assert len(snapshot.data["units"]) == 8
    assert Event.objects.filter(verb="scoring.lock_table").count() == 1
    assert not ScoreSheet.objects.filter(bloc_year=scored.bloc_year, is_locked=False).exists()


def test_a_stale_page_cannot_lock(scored: World, sign_in) -> None:  # noqa: ANN001
    browser = sign_in(scored.user("binh"))
    answer = browser.post(url("lock_table", scored), {"seen": "0" * 64, "password": PASSWORD})
    assert answer.status_code == 409
    assert not RankingSnapshot.objects.exists()


def test_lock_is_refused_while_a_cell_is_blank(world: World) -> None:
    make_scheme(world.bloc_year)
    fill(world, but={(3, "II.1"), (3, "II.2"), (5, "I.1")})
    with pytest.raises(RuleViolation) as refusal:
        lock_table(by=world.actor("binh"), bloc_year_id=world.bloc_year.pk)
    assert refusal.value.details["gaps"] == {"Sở KHCN": 2, "BQL ATTP": 1}
    assert "còn 3 ô chưa chấm ở 2 đơn vị" in refusal.value.message


def test_the_locking_page_says_why_not_instead_of_asking_for_the_password(world: World, sign_in) -> None:  # noqa: ANN001
    make_scheme(world.bloc_year)
    fill(world, but={(3, "I.2"), (3, "II.1")})
    browser = sign_in(world.user("binh"))
    page = browser.get(url("lock_table", world)).content.decode()
    assert "Còn 2 ô chưa chấm ở 1 đơn vị" in page and 'type="password"' not in page
    table = table_of(world.bloc_year, "khoi")
    assert table is not None
    writes = [
        CellWrite(table.columns[3].sheet_id or 0, c.id, parse_cell(FULL.get(c.code, "5"), c), 0)
        for c in (table.facts.by_code["I.2"], table.facts.by_code["II.1"])
    ]
    record_scores(by=SYSTEM, stage="khoi", writes=writes, key=uuid4())
    assert 'type="password"' in browser.get(url("lock_table", world)).content.decode()
    lock_table(by=world.actor("binh"), bloc_year_id=world.bloc_year.pk)
    page = browser.get(url("lock_table", world)).content.decode()
    assert "Bảng điểm đã chốt lúc" in page and 'type="password"' not in page


def test_only_the_lead_or_deputy_locks(scored: World, sign_in) -> None:  # noqa: ANN001
    for name in ("an", "chi", "dung", "khang", "lan"):
        with pytest.raises(NotPermitted):
            lock_table(by=scored.actor(name), bloc_year_id=scored.bloc_year.pk)
    assert sign_in(scored.user("an")).get(url("lock_table", scored)).status_code == 403
    assert sign_in(scored.user("giang")).get(url("lock_table", scored)).status_code == 404


def test_no_cell_is_written_after_the_lock(scored: World) -> None:
    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    table = table_of(scored.bloc_year)
    assert table is not None
    criterion = table.facts.by_code["I.2"]
    write = CellWrite(table.columns[3].sheet_id or 0, criterion.id, parse_cell("1", criterion), 1)
    outcome = record_scores(by=scored.actor("an"), stage="khoi", writes=[write], key=uuid4())[0]
    assert isinstance(outcome.refusal, Locked)
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError, match="locked"), transaction.atomic():
        ScoreEntry.objects.update(points=Decimal(1))


def test_unlock_takes_two_persons_of_the_office(scored: World) -> None:
    from thidua.pending.actions import confirm

    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    with pytest.raises(NotPermitted):
        propose_unlock(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk, reason="Sửa lỗi nhập điểm")
    with pytest.raises(RuleViolation):
        propose_unlock(by=scored.actor("dung"), bloc_year_id=scored.bloc_year.pk, reason="ngắn")
    step = propose_unlock(by=scored.actor("dung"), bloc_year_id=scored.bloc_year.pk, reason="Sửa lỗi nhập điểm II.1")
    with pytest.raises((NotPermitted, RuleViolation)):
        confirm(by=scored.actor("dung"), step_id=step.pk)
    assert RankingSnapshot.objects.filter(unlocked_at__isnull=True).exists()
    confirm(by=scored.actor("dao"), step_id=step.pk)
    snapshot = RankingSnapshot.objects.get()
    assert snapshot.unlock_reason == "Sửa lỗi nhập điểm II.1"
    assert not ScoreSheet.objects.filter(is_locked=True).exists()
    again = lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    assert again.pk != snapshot.pk
    assert again.data["hash"] == snapshot.data["hash"]


def test_unlock_of_an_open_table_is_a_conflict(scored: World) -> None:
    with pytest.raises(Conflict):
        unlock_table(by=scored.actor("dung"), bloc_year_id=scored.bloc_year.pk, reason="Không có lý do gì cả")


def test_lots_break_a_tie_and_need_their_minutes(world: World, sign_in) -> None:  # noqa: ANN001
    scheme = make_scheme(world.bloc_year, published=False)
    scheme.ties = "I; bốc thăm"
    scheme.state = "published"
    scheme.save()
    table = table_of(world.bloc_year, "khoi")
    assert table is not None
    writes = []
    for column in table.columns:
        for code, text in FULL.items():
            criterion = table.facts.by_code[code]
            writes.append(CellWrite(column.sheet_id or 0, criterion.id, parse_cell(text, criterion), 0))
    record_scores(by=SYSTEM, stage="khoi", writes=writes, key=uuid4())
    browser = sign_in(world.user("binh"))
    orders = {f"unit_{u.pk}": str(n) for n, u in enumerate(world.units, 1)}
    assert browser.post(url("lots", world), {**orders, "reference": ""}).status_code == 422
    assert browser.post(url("lots", world), {**orders, "reference": "Biên bản 05/BB-KTĐ"}).status_code == 302
    drawn = table_of(world.bloc_year, "khoi")
    assert drawn is not None
    assert [drawn.places[u.pk].place for u in world.units] == list(range(1, 9))


@pytest.mark.django_db(transaction=True)
def test_race_of_two_locks_gives_one(db) -> None:  # noqa: ANN001
    world = make_world()
    make_scheme(world.bloc_year)
    fill(world)
    answers: list[str] = []
    actor = world.actor("binh")

    def lock() -> None:
        try:
            lock_table(by=actor, bloc_year_id=world.bloc_year.pk)
            answers.append("locked")
        except Locked:
            answers.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=lock) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["locked"] + ["refused"] * 5
    assert RankingSnapshot.objects.count() == 1


def test_ranking_asks_the_same_questions_for_three_and_twelve_units(db, sign_in) -> None:  # noqa: ANN001
    world = make_world(size=3)
    make_scheme(world.bloc_year)
    browser = sign_in(world.user("an"))
    browser.get(url("ranking", world))
    number = iter(range(100))

    def three_more() -> None:
        for _ in range(3):
            n = next(number)
            unit = make_unit(world.province, f"X{n}", f"Đơn vị thứ {n}")
            world.bloc_year.memberships.create(unit=unit, position=50 + n)
            ScoreSheet.objects.create(bloc_year=world.bloc_year, unit=unit)

    assert_flat_queries(browser, url("ranking", world), three_more, ceiling=8, times=3)


def test_a_year_without_a_scheme_says_so(world: World, sign_in) -> None:  # noqa: ANN001
    browser = sign_in(world.user("an"))
    assert "Chưa có xếp hạng" in browser.get(url("ranking", world)).content.decode()
    other = make_bloc_year(world.province, "BN-X", [world.units[0]], name="Khối khác")
    assert browser.get(reverse("scoring:ranking", args=[other.pk])).status_code == 200


def test_the_council_reads_the_locked_ranking_and_no_sheet(scored: World, sign_in) -> None:  # noqa: ANN001
    """Rows 28, 38 and 46: places after the lock, never the cells; an administrator neither."""
    council, admin = sign_in(scored.user("khang")), sign_in(scored.user("lan"))
    name = scored.units[3].name
    before = council.get(url("ranking", scored)).content.decode()
    assert name not in before
    assert "Bạn chưa xem được xếp hạng." in before
    lock_table(by=scored.actor("binh"), bloc_year_id=scored.bloc_year.pk)
    page = council.get(url("ranking", scored)).content.decode()
    assert name in page
    assert "don-vi=" not in page, "no link to an explanation that is not theirs"
    refused = admin.get(url("ranking", scored)).content.decode()
    assert name not in refused
    assert "Bạn không xem được xếp hạng này." in refused
    for browser in (council, admin):
        assert browser.get(url("explain_total", scored, scored.units[3].pk)).status_code == 404
        assert browser.get(url("export_table", scored)).status_code == 403
        grid = browser.get(url("grid", scored))
        assert grid.status_code == 200
        assert "Bạn không xem được cột điểm nào." in grid.content.decode()
