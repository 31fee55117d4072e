"""The home page: what is late comes first."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from thidua.web import registry
from thidua.web.registry import Recent, Step, Waiting, YearProgress

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.thidua.web.urls")]


@pytest.fixture
def providers(monkeypatch):
    today = timezone.localdate()
    rows = [
        Waiting("Việc không hạn", "", "/d/"),
        Waiting("Việc còn xa", "", "/c/", due=today + timedelta(days=9)),
        Waiting("Việc gần", "Đã chấm 115 trên 139 ô.", "/b/", "Chấm tiếp", datetime.combine(
            today + timedelta(days=2), datetime.min.time().replace(hour=17), ZoneInfo("Asia/Ho_Chi_Minh"))),
        Waiting("Việc quá hạn", "Tiêu chí II.4.", "/a/", "Trả lời", today - timedelta(days=1)),
        Waiting("Trưởng khối duyệt kế hoạch", "đã gửi 19/11", "", waits_for_others=True),
    ]  # fmt: skip
    year = YearProgress(
        "Khối thi đua Văn hóa - Xã hội, năm 2026",
        "/khoi/1/",
        (Step("Thành lập", "QĐ 20/01/2026", "done"), Step("Khối chấm", "83% ô", "now"), Step("Đề nghị", "", "todo")),
        (("Trưởng khối", "Sở Giáo dục và Đào tạo", ""), ("Thành viên", "8 đơn vị", "/tv/")),
        "Khối chấm",
        True,
    )
    recent = [
        Recent("Biên bản", timezone.now(), "/p/", "bản 3", "lock", "Đã duyệt"),
        Recent("BHXH tỉnh tải lên 3 minh chứng", timezone.now() - timedelta(days=1)),
    ]
    monkeypatch.setattr(registry, "_waiting", [lambda actor: rows])
    monkeypatch.setattr(registry, "_progress", [lambda actor: [year]])
    monkeypatch.setattr(registry, "_recent", [lambda actor: recent])


def test_home_puts_the_late_first(world, sign_in, providers):
    text = sign_in(world.users["an"]).get("/").content.decode()
    order = [text.index(f">{title}<") for title in ("Việc quá hạn", "Việc gần", "Việc còn xa", "Việc không hạn")]
    assert order == sorted(order)
    assert "4 việc đang chờ bạn" in text
    assert "Quá hạn 1 ngày" in text
    assert "Còn 2 ngày" in text
    assert text.count("btn-primary") == 1
    assert "Bạn đang chờ người khác" in text
    assert "Số liệu mẫu" in text
    assert 'aria-current="step"' in text
    assert "Hôm qua · BHXH tỉnh" in text


def test_home_without_work_says_what_will_come(world, sign_in, monkeypatch):
    for name in ("_waiting", "_progress", "_recent"):
        monkeypatch.setattr(registry, name, [])
    text = sign_in(world.users["mai"]).get("/").content.decode()
    assert "Không có việc nào đang chờ bạn" in text


def test_home_needs_a_signed_in_person(client):
    assert client.get("/").status_code == 302


def test_registering_twice_is_harmless(monkeypatch):
    monkeypatch.setattr(registry, "_waiting", [])

    def provider(actor):
        return [Waiting("Một", "", "/")]

    registry.register_waiting(provider)
    registry.register_waiting(provider)
    assert len(registry.waiting_of(None)) == 1
