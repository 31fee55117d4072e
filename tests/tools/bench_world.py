"""The data of the bench: a bloc of 12 units with a scheme of 50 lines, every cell filled, one officer per unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.middleware.csrf import CSRF_SESSION_KEY
from django.utils import timezone
from django.utils.crypto import get_random_string

from blocs.models import BlocYear, Post
from scoring.models import Criterion, ScoreEntry, ScoreSheet, Stage
from tests import personas
from thidua.accounts.models import User

BY = "Bùi Văn Tú (mẫu)"
UNITS, SECTIONS, LINES = 12, 5, 9  # 5 sections with 9 lines each: 50 rows
Line = tuple[str, str, str, str, str, str, str]
RULES = (("direct", "bước=0,25"), ("ratio", ""), ("levels", "Tốt=4; Khá=3; Đạt=2; Chưa đạt=0"), ("pass-fail", ""))


@dataclass(frozen=True)
class Officer:
    """Someone signed in: the cookie, the token, and the sheet the person fills."""

    user: User
    cookie: str
    token: str
    sheet_id: int


@dataclass(frozen=True)
class BenchWorld:
    bloc_year: BlocYear
    officers: tuple[Officer, ...]
    secretary: Officer
    direct: tuple[Criterion, ...]


def scheme_lines() -> tuple[Line, ...]:
    """50 rows; the first lines of each section take points as they are entered."""
    lines: list[Line] = []
    for s in range(1, SECTIONS + 1):
        lines.append((f"{s}", "", "section", f"Nội dung thi đua {s}", str(4 * LINES), "sum", ""))
        for number in range(1, LINES + 1):
            rule, params = RULES[0] if number <= 4 else RULES[number % len(RULES)]
            title = f"Hoàn thành nhiệm vụ {number} của nội dung {s} đúng thời hạn, bảo đảm chất lượng"
            lines.append((f"{s}.{number}", f"{s}", "criterion", title, "4", rule, params))
    return tuple(lines)


def fill() -> BenchWorld:
    world = personas.make_world(UNITS)
    scheme = personas.make_scheme(world.bloc_year, scheme_lines())
    direct = tuple(scheme.criteria.filter(rule="direct").order_by("position"))
    leaves = list(scheme.criteria.exclude(rule="sum"))
    sheets = list(ScoreSheet.objects.filter(bloc_year=world.bloc_year).order_by("pk"))
    rows, now = [], timezone.now()
    for stage in Stage.objects.filter(bloc_year=world.bloc_year):
        for sheet in sheets:
            for line in leaves:
                number = len(rows)
                inputs = {
                    "direct": {"points": Decimal(number * 7 % 17) / 4},
                    "ratio": {"target": Decimal(50 + number % 90), "actual": Decimal(45 + number % 83)},
                    "levels": {"level": ("Tốt", "Khá", "Đạt")[number % 3]},
                    "pass-fail": {"passed": number % 5 > 0},
                }[line.rule]
                rows.append(
                    ScoreEntry(
                        sheet=sheet,
                        criterion=line,
                        stage=stage,
                        changed_at=now - timedelta(seconds=977 * number),
                        changed_by=BY,
                        **inputs,
                    )
                )
    ScoreEntry.objects.bulk_create(rows)
    officers = []
    for index, sheet in enumerate(sheets, 1):
        user = personas.make_user(f"canbo{index}", f"Cán bộ {index} (mẫu)")
        Post.objects.create(user=user, kind="unit_officer", unit_id=sheet.unit_id)
        officers.append(signed_in(user, sheet.pk))
    secretary = signed_in(world.user("an"), sheets[0].pk)
    return BenchWorld(world.bloc_year, tuple(officers), secretary, direct)


def signed_in(user: User, sheet_id: int) -> Officer:
    """A session as sign-in leaves it."""
    token = get_random_string(32)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session[CSRF_SESSION_KEY] = token
    session.create()
    return Officer(user, f"{settings.SESSION_COOKIE_NAME}={session.session_key}", token, sheet_id)
