"""The import contracts, the linters and the migrations, run as tests so that one command tells all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(*command: str, **env: str) -> None:
    base = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**base, **env}, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


def test_import_contracts_are_kept() -> None:
    run(str(BIN / "lint-imports"), "--no-cache", PYTHONPATH=str(ROOT))


def test_a_planted_breach_is_caught(tmp_path: Path) -> None:
    """The contracts are alive: a rule that imports Django breaks them."""
    for name in ("thidua", "blocs", "scoring", "awards"):
        run("cp", "-r", str(ROOT / name), str(tmp_path / name))
    run("cp", str(ROOT / "pyproject.toml"), str(tmp_path))
    (tmp_path / "scoring/rules/points.py").write_text("import django\n")
    done = subprocess.run(
        [str(BIN / "lint-imports"), "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode != 0
    assert "4 rules are pure BROKEN" in done.stdout


def test_ruff_is_clean() -> None:
    run(str(BIN / "ruff"), "check", "--no-cache", "--output-format", "concise", ".")


def test_ruff_format_is_clean() -> None:
    run(str(BIN / "ruff"), "format", "--check", ".")


def test_rules_are_typed() -> None:
    run(str(BIN / "mypy"), "--no-error-summary")


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_deployment_checks_are_silent() -> None:
    """`check --deploy` under production settings says nothing."""
    env = {
        "DJANGO_SETTINGS_MODULE": "thidua.settings",
        "DEBUG": "0",
        "THIDUA_TESTING": "0",
        "SECRET_KEY": "k" * 25 + "Zx9-production-like-secret-value-0123456789",
        "ALLOWED_HOSTS": "thidua.example.vn",
        "HTTPS": "1",
        "THIDUA_MFA_FORCED": "1",
    }
    run(sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING", PYTHONPATH=str(ROOT), **env)


def test_production_refuses_to_start_without_a_secret() -> None:
    env = {**os.environ, "DEBUG": "0", "THIDUA_TESTING": "0", "SECRET_KEY": "", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", "import thidua.settings"], cwd=ROOT, capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def test_lock_files_name_no_host() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in lock.read_text(), lock
