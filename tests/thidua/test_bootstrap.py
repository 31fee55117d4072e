"""The bootstrap's own decisions; its servers are what every other test already runs on."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from thidua import bootstrap, bootstrap_check


@pytest.fixture
def taken() -> socket.socket:
    listener = bootstrap.free_port(range(21000, 21100))
    yield listener
    listener.close()


def test_imports_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from thidua import bootstrap, bootstrap_check; "
        "print([n for n in sys.modules if n.split('.')[0] in ('django', 'celery', 'environ', 'psycopg', 'redis')])"
    )
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=bootstrap.ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_port_is_the_next_free_one(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with bootstrap.free_port(range(port, port + 50)) as other:
        assert port < other.getsockname()[1] < 32768


def test_no_free_port_is_said(taken: socket.socket) -> None:
    port = taken.getsockname()[1]
    with pytest.raises(bootstrap.Refusal, match=f"Ports {port} to {port}"):
        bootstrap.free_port(range(port, port + 1))


def test_demo_ports_are_never_handed_out_to_outgoing_connections() -> None:
    assert max(bootstrap.PORTS) < 32768


@pytest.fixture
def locks(tmp_path: Path) -> Path:
    for name in ("base", "test"):
        (tmp_path / f"{name}.txt").write_text(f"{name}==1\n")
    return tmp_path


def test_stamp_follows_the_lock_and_the_python(locks: Path) -> None:
    def stamp(level: str, python: str = "python3.11") -> str:
        return bootstrap.lock_stamp(level, python, locks)

    base, test = stamp("base"), stamp("test")
    assert base != test
    assert base != stamp("base", "python3.99")
    (locks / "test.txt").write_text("test==2\n")
    assert stamp("base") == base
    assert stamp("test") != test
    (locks / "base.txt").write_text("base==2\n")
    assert stamp("base") != base


def test_an_environment_counts_by_its_stamp_and_its_python(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.11").touch()
    (tmp_path / "bin" / "python").symlink_to("python3.11")
    (tmp_path / "thidua-base.stamp").write_text(bootstrap.lock_stamp("base", "python3.11"))
    assert not bootstrap.venv_is_current("base", tmp_path), "its packages are of another Python"
    (tmp_path / "lib" / "python3.11").mkdir(parents=True)
    assert bootstrap.venv_is_current("base", tmp_path)
    assert not bootstrap.venv_is_current("test", tmp_path)
    assert not bootstrap.venv_works(tmp_path)
    (tmp_path / "thidua-base.stamp").write_text("of another lock")
    assert not bootstrap.venv_is_current("base", tmp_path)


def test_locks_name_no_package_host() -> None:
    for path in (bootstrap.ROOT / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path.name
        assert "--hash=sha256:" in text


def test_missing_packages_are_those_whose_probe_fails() -> None:
    assert bootstrap.missing_packages([("a", lambda: False), ("b", lambda: True), ("c", lambda: False)]) == ["a", "c"]


def test_given_servers_need_no_packages() -> None:
    ours = [name for name, _ in bootstrap.probes(for_tests=True, env={})]
    given = [name for name, _ in bootstrap.probes(for_tests=True, env={"DATABASE_URL": "x", "REDIS_URL": "y"})]
    assert set(ours) - set(given) == {"postgresql", "redis-tools"}
    assert {"chromium", "poppler-utils"} <= set(ours)
    assert "chromium" not in [name for name, _ in bootstrap.probes(for_tests=False, env={})]


def test_missing_message_holds_the_exact_line() -> None:
    text = bootstrap.missing_message(["postgresql", "redis-tools"], apt=True)
    line = next(row.strip() for row in text.splitlines() if "apt-get" in row)
    assert line.endswith("install -y --no-install-recommends postgresql redis-tools")
    assert line.startswith("mkdir -p /etc/postgresql-common/createcluster.d && echo 'create_main_cluster = false' > ")
    assert subprocess.run(["sh", "-n", "-c", line]).returncode == 0
    assert "create_main_cluster" not in bootstrap.missing_message(["chromium"], apt=True)
    assert "apt-get:" in bootstrap.missing_message(["chromium"], apt=False)


def test_newest_postgres_is_chosen_by_number(tmp_path: Path) -> None:
    for version in ("9", "15", "16"):
        place = tmp_path / version / "bin"
        place.mkdir(parents=True)
        for name in ("initdb", "postgres"):
            (place / name).touch()
    (tmp_path / "17" / "bin").mkdir(parents=True)
    assert bootstrap.newest_postgres(tmp_path) == tmp_path / "16" / "bin"
    assert bootstrap.newest_postgres(tmp_path, "15") == tmp_path / "15" / "bin"
    assert bootstrap.newest_postgres(tmp_path, "14") is None


def test_a_lock_is_held_once_and_given_back(tmp_path: Path) -> None:
    first = bootstrap.take_lock(tmp_path / "lock")
    assert first is not None
    assert bootstrap.take_lock(tmp_path / "lock") is None
    os.close(first)
    again = bootstrap.take_lock(tmp_path / "lock")
    assert again is not None
    os.close(again)


def test_a_closed_folder_on_the_way_keeps_the_server_user_out(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    inner.chmod(0o755)
    assert not bootstrap.may_enter(inner, 54321)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([], ["-n", "2"]),
        (["-k", "ranking"], ["-n", "2", "-k", "ranking"]),
        (["tests"], ["-n", "2", "tests"]),
        (["tests/conftest.py"], ["-n", "0", "tests/conftest.py"]),
        (["tests/conftest.py::x"], ["-n", "0", "tests/conftest.py::x"]),
        (["-n4"], ["-n4"]),
        (["-n", "0", "tests"], ["-n", "0", "tests"]),
    ],
)
def test_tests_are_spread_over_the_cores(given: list[str], expected: list[str]) -> None:
    assert bootstrap.pytest_arguments(given, cores=2) == expected


def test_a_given_database_that_does_not_answer_stops_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "VENV", Path(sys.prefix))
    monkeypatch.setenv("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")
    with pytest.raises(bootstrap.Refusal, match="DATABASE_URL does not answer") as refusal:
        bootstrap.check_given(dict(os.environ))
    assert refusal.value.code == 2


def test_log_ins_are_found_by_role() -> None:
    told = "Tài khoản mẫu:\n  an   mk-1   Thư ký khối\n  binh mk-2   Trưởng khối, lãnh đạo Sở\n"
    assert bootstrap_check.log_in(told, "trưởng khối") == ("binh", "mk-2")
    with pytest.raises(bootstrap_check.WalkFailed):
        bootstrap_check.log_in(told, "hội đồng")


def test_forms_of_a_page_are_read_as_they_stand() -> None:
    body = (
        b'<form method="post" action="/x/"><input name="csrf" value="t"><input type="checkbox" name="off">'
        b'<select name="year"><option value="1"><option value="2" selected></select>'
        b'<textarea name="note"></textarea></form>'
    )
    form = bootstrap_check.Page("http://h/", 200, body, "text/html").form_with("csrf")
    assert (form.action, form.method) == ("/x/", "post")
    assert form.fields == {"csrf": "t", "year": "2", "note": ""}


def test_a_template_for_scripts_is_no_part_of_a_form() -> None:
    body = (
        b'<form action="/x/"><textarea name="note">\nCh\xc3\xa0o &amp; h\xe1\xba\xb9n</textarea>'
        b'<template><input name="rows-n-text" value="9"></template>'
        b'<button name="do" value="drop">x</button></form>'
    )
    form = bootstrap_check.Page("http://h/", 200, body, "text/html").form_with("note")
    assert form.fields == {"note": "Chào & hẹn"}


def _cell(name: str, value: str, points: str, before: str = "") -> str:
    told = f' data-b="{before}"' if before else ""
    return (
        f'<td role="gridcell" class="c" data-r="0"{told}><input name="c-{name}" value="{value}" inputmode="text">'
        f'<input type="hidden" name="r-{name}" value="0"><span class="p">{points}</span></td>'
    )


def test_blank_cells_are_those_that_count_and_have_no_points() -> None:
    body = (
        '<form data-stage="khoi"><table>'
        '<tr role="row" class="" data-c="7" data-k="leaf" data-code="I.2"><th>x</th>'
        + _cell("1-7", "", "", "2")
        + _cell("2-7", "3", "30,00")
        + _cell("3-7", "", "0,00")
        + _cell("4-7", "", "")
        + '</tr><tr role="row" class="" data-c="8" data-k="leaf" data-code="I.3" data-levels="T&#7889;t|Kh&aacute;">'
        + _cell("1-8", "", "")
        + "</tr></table></form>"
    )
    page = bootstrap_check.Page("http://h/", 200, body.encode(), "text/html")
    assert [(c.code, c.sheet, c.stage, c.texts) for c in bootstrap_check.blank_cells(page)] == [
        ("I.2", "1", "khoi", ("2",)),
        ("I.2", "4", "khoi", ()),
        ("I.3", "1", "khoi", ("Tốt", "Khá")),
    ]


def test_the_newest_paper_of_a_kind_is_the_one_waited_for() -> None:
    row = '<tr id="giay-to-{0}"><td><a class="strong" href="/giay-to/{0}/">Biên bản A</a>{1}</td></tr>'
    file = '<a href="/giay-to/4/tai-ve/" aria-label="Tải PDF: Biên bản A">Tải</a>'
    page = bootstrap_check.Page("http://h/", 200, (row.format(4, file) + row.format(9, "")).encode(), "text/html")
    assert bootstrap_check.paper_row(page, "Biên bản").address == ""
    ready = bootstrap_check.Page("http://h/", 200, row.format(4, file).encode(), "text/html")
    assert bootstrap_check.paper_row(ready, "Biên bản").address == "/giay-to/4/tai-ve/"
    with pytest.raises(bootstrap_check.WalkFailed, match="Giao ước"):
        bootstrap_check.paper_row(ready, "Giao ước")


def test_a_check_without_a_demo_fails_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert bootstrap_check.walk("http://127.0.0.1:1/", "an mk-1 thư ký Khối") == 1
    assert "CHECK FAILED: " in capsys.readouterr().out
