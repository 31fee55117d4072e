"""The scheme editor as a page: who sees what, forms with and without htmx, the two-person publishing, export."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from scoring.models import Criterion, Scheme
from tests.conftest import assert_flat_queries
from tests.personas import PASSWORD, SMALL_SCHEME, World, make_bloc_year, make_scheme
from thidua.audit.models import Event
from thidua.pending.models import PendingStep

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
REASON = "Tỉnh giao thêm chỉ tiêu mới"


@pytest.fixture
def draft(world: World) -> Scheme:
    return make_scheme(world.bloc_year, published=False)


def url(name: str, *args: object) -> str:
    return reverse(f"scoring:{name}", args=args)


def line(scheme: Scheme, code: str) -> Criterion:
    return Criterion.objects.get(scheme=scheme, code=code)


def typed(scheme: Scheme, row: Criterion | None = None, **changed: str) -> dict[str, str]:
    """What the browser sends of the form of a line."""
    scheme.refresh_from_db()
    values = {
        "code": row.code if row else "I.9",
        "parent_code": (row.parent.code if row.parent else "") if row else "I",
        "title": row.title if row else "Tiêu chí thêm",
        "kind": row.kind if row else "criterion",
        "max_points": str(row.max_points or "").replace(".", ",") if row else "5",
        "rule": row.rule if row else "direct",
        "params": row.params if row else "",
        "not_applicable": row.not_applicable if row else "drop",
        "evidence": "",
        "guidance": "",
        "revision": str(scheme.revision),
    }
    return values | changed


# ------------------------------------------------------------- reading
@pytest.mark.parametrize(
    ("who", "status"),
    [("an", 200), ("binh", 200), ("ha", 200), ("chung", 200), ("dung", 200), ("khang", 200), ("giang", 404),
     ("mai", 404)],
)  # fmt: skip
def test_who_reads_the_scheme(world: World, draft: Scheme, sign_in, who: str, status: int) -> None:
    answer = sign_in(world.user(who)).get(url("scheme", world.bloc_year.pk))
    assert answer.status_code == status


def test_an_editor_sees_the_draft_and_a_member_the_published(world: World, sign_in) -> None:
    published = make_scheme(world.bloc_year)
    from scoring.actions.scheme import start_draft

    start_draft(by=world.actor("an"), bloc_year_id=world.bloc_year.pk, reason=REASON)
    assert "Bản nháp" in sign_in(world.user("an")).get(url("scheme", world.bloc_year.pk)).content.decode()
    page = sign_in(world.user("chung")).get(url("scheme", world.bloc_year.pk)).context["page"]
    assert page.scheme == published
    assert not page.is_editable


def test_the_tree_shows_sums_and_faults(world: World, draft: Scheme, sign_in) -> None:
    Criterion.objects.filter(scheme=draft, code="II.2").update(max_points=Decimal(20))
    text = sign_in(world.user("an")).get(url("scheme", world.bloc_year.pk)).content.decode()
    assert "✕ 50, thừa 10" in text
    assert "✓ 60" in text
    assert "Mục II: tổng điểm tiêu chí con là 50, điểm tối đa của mục là 40." in text
    assert "Chưa công bố được: còn 1 chỗ cần sửa" in text
    assert "60 + 40 = 100, đúng thang điểm." in text


def test_another_version_and_a_line_by_address(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))
    page = url("scheme", world.bloc_year.pk)
    chosen = line(draft, "II.1")
    answer = browser.get(page, {"ban": "1", "dong": str(chosen.pk)})
    assert answer.context["panel"] == "edit"
    assert "Chưa đạt" in answer.content.decode()
    for query in ({"ban": "9"}, {"ban": "x"}, {"dong": "999999999"}, {"dong": "abc"}, {"dong": "9" * 30}):
        assert browser.get(page, query).status_code == 404, query


def test_a_published_scheme_is_read_only(world: World, sign_in) -> None:
    scheme = make_scheme(world.bloc_year)
    row = line(scheme, "I.2")
    browser = sign_in(world.user("an"))
    answer = browser.get(url("scheme", world.bloc_year.pk), {"dong": str(row.pk)})
    assert answer.context["panel"] == "view"
    assert "data-thidua-unsaved" not in answer.content.decode()
    assert browser.get(url("update_criterion", scheme.pk, row.pk)).status_code == 403
    assert browser.post(url("update_criterion", scheme.pk, row.pk), typed(scheme, row)).status_code == 403
    row.refresh_from_db()
    assert row.max_points == 20


def test_without_a_scheme_the_page_says_what_to_do(world: World, sign_in) -> None:
    page = url("scheme", world.bloc_year.pk)
    assert "Lập bản nháp" in sign_in(world.user("an")).get(page).content.decode()
    text = sign_in(world.user("chung")).get(page).content.decode()
    assert "Chưa có bảng điểm" in text
    assert "Lập bản nháp…" not in text


def test_the_part_is_the_same_as_in_the_page(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))
    part = browser.get(url("scheme", world.bloc_year.pk), **HTMX).content.decode()
    assert part.lstrip().startswith('<div id="bang-tieu-chi"')
    assert "<html" not in part


def test_queries_do_not_grow_with_the_lines(world: World, draft: Scheme, sign_in) -> None:
    def more() -> None:
        parent, start = line(draft, "I"), draft.criteria.count()
        Criterion.objects.bulk_create(
            Criterion(scheme=draft, parent=parent, position=100 + start + i, code=f"X.{start + i}", title=f"Dòng {i}",
                      kind="criterion", max_points=1, rule="direct")
            for i in range(83)
        )  # fmt: skip

    assert_flat_queries(sign_in(world.user("an")), url("scheme", world.bloc_year.pk), more, ceiling=12)


# -------------------------------------------------------------- editing
def test_a_line_is_changed_by_a_plain_form(world: World, draft: Scheme, sign_in) -> None:
    row = line(draft, "II.2")
    answer = sign_in(world.user("an")).post(
        url("update_criterion", draft.pk, row.pk), typed(draft, row, max_points="12,5")
    )
    assert answer.status_code == 302
    assert f"dong={row.pk}" in answer["Location"]
    row.refresh_from_db()
    assert row.max_points == Decimal("12.5")


def test_with_htmx_the_tree_comes_back_with_new_sums(world: World, draft: Scheme, sign_in) -> None:
    row = line(draft, "II.2")
    answer = sign_in(world.user("an")).post(
        url("update_criterion", draft.pk, row.pk), typed(draft, row, max_points="20"), **HTMX
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "✕ 50, thừa 10" in text
    assert "<html" not in text
    draft.refresh_from_db()
    assert f'name="revision" value="{draft.revision}"' in text


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"max_points": "1.000"}, "1.000"),
        ({"max_points": "-1"}, ""),
        ({"title": ""}, "Tên tiêu chí: chưa nhập"),
        ({"code": "I.1"}, "Mã I.1 đã có trong bảng điểm"),
        ({"rule": "levels", "params": ""}, "cần các mức"),
        ({"rule": "per-count", "params": "lần=2"}, "không có trong cách tính"),
        ({"rule": "khac"}, "lựa chọn này không còn"),
        ({"parent_code": "khong-co"}, "lựa chọn này không còn"),
    ],
)
def test_a_wrong_line_comes_back_as_typed(world: World, draft: Scheme, sign_in, changed, sentence: str) -> None:
    row = line(draft, "II.2")
    data = typed(draft, row, **({"evidence": "Giấy đã gõ"} | changed))
    answer = sign_in(world.user("an")).post(url("update_criterion", draft.pk, row.pk), data)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in text
    assert "Giấy đã gõ" in text
    before = row.max_points
    row.refresh_from_db()
    assert row.max_points == before
    assert not Event.objects.filter(verb="scoring.update_criterion").exists()


def test_a_line_is_not_its_own_parent(world: World, draft: Scheme, sign_in) -> None:
    row = line(draft, "II")
    browser = sign_in(world.user("an"))
    answer = browser.get(url("update_criterion", draft.pk, row.pk))
    offered = dict(answer.context["form"].fields["parent_code"].choices)
    assert "I" in offered
    assert "II" not in offered
    assert "II.1" not in offered


def test_someone_else_was_faster(world: World, draft: Scheme, sign_in) -> None:
    row = line(draft, "II.2")
    data = typed(draft, row, max_points="11", revision="1")
    Scheme.objects.filter(pk=draft.pk).update(revision=5)
    assert sign_in(world.user("an")).post(url("update_criterion", draft.pk, row.pk), data).status_code == 409


def test_a_line_is_added_under_and_after(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("dung"))
    parent, sibling = line(draft, "I"), line(draft, "I.1")
    form = browser.get(url("add_criterion", draft.pk), {"cha": parent.pk}).context["form"]
    assert form.initial["parent_code"] == "I"
    answer = browser.post(f"{url('add_criterion', draft.pk)}?sau={sibling.pk}", typed(draft))
    assert answer.status_code == 302
    codes = list(draft.criteria.order_by("position").values_list("code", flat=True))
    assert codes[:4] == ["I", "I.1", "I.9", "I.2"]
    assert browser.get(url("add_criterion", draft.pk), {"cha": "999999"}).status_code == 404


def test_lines_move_up_down_in_and_out(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))

    def move(code: str, direction: str):
        draft.refresh_from_db()
        data = {"line": line(draft, code).pk, "direction": direction, "revision": draft.revision}
        return browser.post(url("move_criterion", draft.pk), data, **HTMX)

    assert move("I.2", "up").status_code == 200
    assert list(draft.criteria.order_by("position").values_list("code", flat=True))[:3] == ["I", "I.2", "I.1"]
    assert move("I.1", "in").status_code == 200
    assert line(draft, "I.1").parent.code == "I.2"
    assert move("I.1", "out").status_code == 200
    assert line(draft, "I.1").parent.code == "I"
    assert list(draft.criteria.order_by("position").values_list("code", flat=True))[:3] == ["I", "I.2", "I.1"]
    assert move("I", "up").status_code == 422
    assert move("I", "sang").status_code == 404


def test_deleting_asks_first_and_names_the_count(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))
    row = line(draft, "II")
    address = url("delete_criterion", draft.pk, row.pk)
    assert "Xóa tiêu chí II và 3 tiêu chí con?" in browser.get(address).content.decode()
    assert browser.get(address, **HTMX).status_code == 200
    assert browser.post(address, {"revision": draft.revision}).status_code == 302
    assert not draft.criteria.filter(code__startswith="II").exists()


def test_options_are_changed(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))
    data = {"total_points": "1000", "bonus_cap": "50", "digits": "2", "rank_by": "rate", "bands": "", "ties": "I",
            "title": "Bảng điểm", "legal_basis": "", "revision": draft.revision}  # fmt: skip
    assert browser.post(url("update_options", draft.pk), data).status_code == 302
    draft.refresh_from_db()
    assert (draft.total_points, draft.rank_by) == (1000, "rate")
    wrong = data | {"bands": "Tốt>80", "digits": "7", "revision": draft.revision}
    answer = browser.post(url("update_options", draft.pk), wrong)
    assert answer.status_code == 422
    assert "Tốt&gt;80" in answer.content.decode()


@pytest.mark.parametrize("who", ["chung", "chi", "khang", "lan"])
def test_insiders_without_the_office_are_refused(world: World, draft: Scheme, sign_in, who: str) -> None:
    browser = sign_in(world.user(who))
    row = line(draft, "I.1")
    for address in (
        url("add_criterion", draft.pk),
        url("update_criterion", draft.pk, row.pk),
        url("delete_criterion", draft.pk, row.pk),
        url("update_options", draft.pk),
        url("discard_draft", draft.pk),
        url("publish_scheme", draft.pk),
        url("start_draft", world.bloc_year.pk),
        url("copy_scheme", world.bloc_year.pk),
        url("copy_to_next_year", world.bloc_year.pk),
    ):
        assert browser.get(address).status_code == 403, address
        assert browser.post(address, {"revision": 1}).status_code == 403, address
    data = {"line": row.pk, "direction": "up", "revision": draft.revision}
    assert browser.post(url("move_criterion", draft.pk), data).status_code == 403


def test_strangers_find_nothing(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("giang"))
    row = line(draft, "I.1")
    for address in (
        url("scheme_version", draft.pk),
        url("export_scheme", draft.pk),
        url("add_criterion", draft.pk),
        url("update_criterion", draft.pk, row.pk),
        url("publish_scheme", draft.pk),
        url("start_draft", world.bloc_year.pk),
        url("copy_to_next_year", world.bloc_year.pk),
    ):
        assert browser.get(address).status_code == 404, address


def test_methods(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))
    assert browser.get(url("move_criterion", draft.pk)).status_code == 405
    assert browser.post(url("scheme", world.bloc_year.pk)).status_code == 405
    assert browser.post(url("export_scheme", draft.pk)).status_code == 405


# --------------------------------------------------------------- drafts
def test_a_first_draft_needs_no_reason(world: World, sign_in) -> None:
    answer = sign_in(world.user("an")).post(url("start_draft", world.bloc_year.pk))
    assert answer.status_code == 302
    assert Scheme.objects.get(bloc_year=world.bloc_year).state == "draft"


def test_a_next_version_needs_a_reason(world: World, sign_in) -> None:
    make_scheme(world.bloc_year)
    browser = sign_in(world.user("an"))
    address = url("start_draft", world.bloc_year.pk)
    assert browser.get(address).status_code == 200
    assert browser.post(address, {"reason": "ngắn"}).status_code == 422
    assert browser.post(address, {"reason": REASON}).status_code == 302
    draft = Scheme.objects.get(bloc_year=world.bloc_year, state="draft")
    assert (draft.version, draft.reason, draft.criteria.count()) == (2, REASON, len(SMALL_SCHEME))


def test_discarding_asks_first(world: World, draft: Scheme, sign_in) -> None:
    browser = sign_in(world.user("an"))
    assert "Bỏ bản nháp 1?" in browser.get(url("discard_draft", draft.pk)).content.decode()
    assert browser.post(url("discard_draft", draft.pk), {"revision": draft.revision}).status_code == 302
    assert not Scheme.objects.exists()


def test_copying_from_a_scheme_one_sees(world: World, sign_in) -> None:
    earlier = make_bloc_year(world.province, world.bloc.code, world.units[:3], year=2025)
    source = make_scheme(earlier)
    hidden = make_scheme(world.other_bloc_year)
    browser = sign_in(world.user("an"))
    address = url("copy_scheme", world.bloc_year.pk)
    offered = [pk for pk, _ in browser.get(address).context["sources"]]
    assert offered == [source.pk]
    assert browser.post(address, {"source": hidden.pk}).status_code == 422
    assert browser.post(address, {"source": source.pk}).status_code == 302
    draft = Scheme.objects.get(bloc_year=world.bloc_year)
    assert draft.criteria.count() == source.criteria.count()
    assert browser.post(address, {"source": source.pk}).status_code == 409


def test_two_versions_side_by_side(world: World, sign_in) -> None:
    make_scheme(world.bloc_year)
    browser = sign_in(world.user("an"))
    browser.post(url("start_draft", world.bloc_year.pk), {"reason": REASON})
    draft = Scheme.objects.get(bloc_year=world.bloc_year, state="draft")
    assert "Hai bản giống nhau" in browser.get(url("compare_schemes", draft.pk)).content.decode()
    row = line(draft, "I.2")
    browser.post(url("update_criterion", draft.pk, row.pk), typed(draft, row, max_points="15", title="Tên khác"))
    browser.post(url("update_options", draft.pk), {"digits": "2", "rank_by": "points", "ties": "I", "revision": 2})
    text = browser.get(url("compare_schemes", draft.pk), {"voi": "1"}).content.decode()
    assert "Trực tiếp, 20 điểm, bước=0,25; nội dung: Chương trình công tác" in text
    assert "Trực tiếp, 15 điểm, bước=0,25; nội dung: Tên khác" in text
    assert "Thiết lập, Đồng hạng" in text
    for wrong in ("2", "9", "x", "-1"):
        assert browser.get(url("compare_schemes", draft.pk), {"voi": wrong}).status_code == 404
    assert sign_in(world.user("chung")).get(url("compare_schemes", draft.pk)).status_code == 200
    assert sign_in(world.user("giang")).get(url("compare_schemes", draft.pk)).status_code == 404


# ----------------------------------------------------------- publishing
def test_publishing_takes_two_persons_and_the_password(world: World, draft: Scheme, sign_in) -> None:
    first, second = sign_in(world.user("dung")), sign_in(world.user("dao"))
    address = url("publish_scheme", draft.pk)
    assert first.get(address).status_code == 200
    data = {"revision": draft.revision, "effective_on": "01/02/2026"}
    assert first.post(address, data | {"password": "sai"}).status_code == 422
    assert not PendingStep.objects.exists()
    assert first.post(address, data | {"password": PASSWORD}).status_code == 302
    step = PendingStep.objects.get()
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert "Chờ người thứ hai xác nhận" in first.get(url("scheme", world.bloc_year.pk)).content.decode()
    confirm = reverse("pending:confirm", args=[step.pk])
    assert first.post(confirm, {"password": PASSWORD}).status_code == 403
    assert second.post(confirm, {"password": "sai"}).status_code == 422
    assert second.post(confirm, {"password": PASSWORD}).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, str(draft.effective_on)) == ("published", "2026-02-01")
    assert Event.objects.filter(verb="scoring.publish_scheme").count() == 1


def test_only_the_office_publishes(world: World, draft: Scheme, sign_in) -> None:
    assert sign_in(world.user("an")).get(url("publish_scheme", draft.pk)).status_code == 403
    text = sign_in(world.user("an")).get(url("scheme", world.bloc_year.pk)).content.decode()
    assert "Công bố bản 1…" not in text
    assert "Công bố bản 1…" in sign_in(world.user("dung")).get(url("scheme", world.bloc_year.pk)).content.decode()


def test_a_faulty_draft_is_not_proposed(world: World, draft: Scheme, sign_in) -> None:
    Criterion.objects.filter(scheme=draft, code="II.2").update(max_points=Decimal(20))
    browser = sign_in(world.user("dung"))
    assert "Chưa công bố được" in browser.get(url("publish_scheme", draft.pk)).content.decode()
    answer = browser.post(url("publish_scheme", draft.pk), {"revision": draft.revision, "password": PASSWORD})
    assert answer.status_code == 422
    assert not PendingStep.objects.exists()


def test_a_draft_changed_meanwhile_is_not_published(world: World, draft: Scheme, sign_in) -> None:
    data = {"revision": draft.revision, "password": PASSWORD}
    sign_in(world.user("dung")).post(url("publish_scheme", draft.pk), data)
    step = PendingStep.objects.get()
    Scheme.objects.filter(pk=draft.pk).update(revision=9)
    answer = sign_in(world.user("dao")).post(reverse("pending:confirm", args=[step.pk]), {"password": PASSWORD})
    assert answer.status_code == 409
    draft.refresh_from_db()
    step.refresh_from_db()
    assert (draft.state, step.state) == ("draft", "proposed")


def test_export_downloads_a_workbook(world: World, draft: Scheme, sign_in) -> None:
    answer = sign_in(world.user("chung")).get(url("export_scheme", draft.pk))
    assert answer.status_code == 200
    assert "bang-diem-BN-VHXH-2026-ban-1.xlsx" in answer["Content-Disposition"]
    assert answer.content[:2] == b"PK"


# ------------------------------------------------------------- next year
def test_next_year_is_listed_proposed_and_confirmed(world: World, sign_in) -> None:
    make_scheme(world.bloc_year)
    address = url("copy_to_next_year", world.bloc_year.pk)
    first, second = sign_in(world.user("dung")), sign_in(world.user("dao"))
    text = first.get(address).content.decode()
    assert "8 đơn vị thành viên" in text
    assert "Sở Y tế" in text
    assert "11 dòng" in text
    assert first.post(address).status_code == 302
    assert "Chờ người thứ hai xác nhận" in first.get(address).content.decode()
    assert first.post(address).status_code == 409
    step = PendingStep.objects.get()
    assert first.post(reverse("pending:confirm", args=[step.pk])).status_code == 403
    assert second.post(reverse("pending:confirm", args=[step.pk])).status_code == 302
    following = world.bloc.years.get(year=2027)
    assert following.memberships.count() == 8
    assert Scheme.objects.get(bloc_year=following).state == "draft"
    assert "Khối đã có năm 2027" in first.get(address).content.decode()
    assert sign_in(world.user("an")).get(address).status_code == 403
