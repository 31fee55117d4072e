"""Kinds of job that only tests know. Registered once per process; what they do is in their arguments."""

from __future__ import annotations

import os
import time
from pathlib import Path

from thidua.accounts.models import User
from thidua.jobs.models import Job
from thidua.jobs.registry import Finish, handler
from thidua.jobs.running import Progress
from thidua.lib.errors import RuleViolation

SEEN: list[str] = []


def told(job: Job) -> None:
    SEEN.append(f"failed {job.error}")


@handler("tests.count", title="Đếm", on_failed=told, link=lambda job: ("/", "Mở kết quả"))
def count(job: Job, progress: Progress) -> Finish:
    """Adds one to a user's title when it is published: a second run would show."""
    SEEN.append("run")
    progress.update(1, 2, "một nửa")

    def write() -> None:
        user = User.objects.select_for_update().get(pk=job.args["user"])
        user.title += "x"
        user.save(update_fields=["title"])

    return Finish({"user": job.args["user"]}, write, lambda: SEEN.append("undone"))


@handler("tests.refuse", title="Từ chối", on_failed=told)
def refuse(job: Job, progress: Progress) -> None:
    raise RuleViolation("tests", "Sở Y tế chưa có tên người ký. Thêm người ký, rồi bấm Tạo lại.")


@handler("tests.fault", title="Hỏng", on_failed=told)
def fault(job: Job, progress: Progress) -> None:
    raise ZeroDivisionError("secret detail")


@handler("tests.poison", title="Giết máy", on_failed=told)
def poison(job: Job, progress: Progress) -> None:
    os._exit(9)


@handler("tests.mark", title="Ghi dấu", time_limit=20)
def mark(job: Job, progress: Progress) -> None:
    """One line in a file per start; then sleeps. Arguments: path, seconds."""
    with Path(job.args["path"]).open("a") as file:
        file.write("run\n")
    time.sleep(float(job.args["seconds"]))


@handler("tests.stuck", title="Không dừng", time_limit=1)
def stuck(job: Job, progress: Progress) -> None:
    while True:
        time.sleep(0.01)
