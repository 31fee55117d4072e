"""House rules that a reader would otherwise have to check by eye in every change."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).resolve().parent.parent
APPS = ("blocs", "scoring", "awards")
WRITING = {"save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
# Calls named like a write that are none: dictionaries, sets, sessions.
HARMLESS_OWNERS = {"context", "params", "values", "session", "digest", "hash", "data", "headers", "initial", "attrs"}


def modules(*layers: str) -> Iterator[Path]:
    for app in APPS:
        for layer in layers:
            yield from (ROOT / app).glob(f"{layer}.py")
            yield from (ROOT / app / layer).glob("*.py")


def owner(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def writes_in(source: str) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITING:
            last = node.func.value
            name = last.attr if isinstance(last, ast.Attribute) else owner(last)
            if name not in HARMLESS_OWNERS:
                found.append(f"{node.lineno}: .{node.func.attr}(")
        if isinstance(node, (ast.Import, ast.ImportFrom)) and any(a.name == "transaction" for a in node.names):
            found.append(f"{node.lineno}: imports transaction")
    return found


@pytest.mark.parametrize("path", sorted(modules("views", "forms")), ids=lambda p: str(p.relative_to(ROOT)))
def test_views_and_forms_do_not_write(path: Path) -> None:
    assert not writes_in(path.read_text())


def test_a_planted_write_is_caught() -> None:
    assert writes_in("def v(request):\n    Bloc.objects.create(name='x')")
    assert writes_in("from django.db import transaction")
    assert not writes_in("context.update(a=1)")


def public_functions(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("path", sorted(modules("actions")), ids=lambda p: str(p.relative_to(ROOT)))
def test_each_action_is_keyword_only_and_recorded(path: Path) -> None:
    """A public function of actions/ takes `by` first, keyword-only, and records (itself, or by an action it calls)."""
    source = path.read_text()
    known = set(re.findall(r"^def ([a-z]\w+)", source, re.M))
    for function in public_functions(path):
        text = ast.get_source_segment(source, function) or ""
        names = [a.arg for a in function.args.kwonlyargs]
        assert not function.args.args, f"{path.name}:{function.name} takes positional arguments"
        assert names[:1] == ["by"], f"{path.name}:{function.name}: `by` is not first"
        recorded = "audit.record(" in text
        calls = {
            n.func.id if isinstance(n.func, ast.Name) else getattr(n.func, "attr", "")
            for n in ast.walk(function)
            if isinstance(n, ast.Call)
        }
        delegated = bool(calls & (known - {function.name})) or "propose" in calls or "request" in calls
        helper = any(c.startswith("_") and c != "_" for c in calls)
        assert recorded or delegated or helper, f"{path.name}:{function.name} leaves no audit event"


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", templates(), ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_templates_keep_the_house_rules(path: Path) -> None:
    text = path.read_text()
    assert "|safe" not in text, "no |safe"
    assert "autoescape off" not in text
    if "/print/" not in str(path):
        assert not re.search(r"<(script)(?![^>]*\bsrc=)", text), "no inline script"
        assert not re.search(r"\sstyle=", text), "no inline style"
        assert not re.search(r"\son[a-z]+=\"", text), "no inline handler"
    assert "http://" not in text.replace("http://www.w3.org", ""), "nothing from another server"


@pytest.mark.parametrize(
    "path",
    [p for p in templates() if "/print/" not in str(p) and "/cells/" not in str(p)],
    ids=lambda p: str(p.relative_to(ROOT / "templates")),
)
def test_templates_compile(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")), using="django")


def test_no_unused_template() -> None:
    sources = "\n".join(
        p.read_text()
        for p in [*ROOT.glob("*/**/*.py"), *templates()]
        if ".venv" not in p.parts and "var" not in p.parts
    )
    framework = re.compile(
        r"^(account|mfa|usersessions|allauth|django|bootstrap5)/|^(400|403|404|409|423|500|503|csrf)\.html$|^crispy"
    )
    unused = []
    for path in templates():
        name = str(path.relative_to(ROOT / "templates"))
        tail = name.removeprefix("cells/").removeprefix("print/")
        if framework.search(name) or f'"{name}"' in sources or f"'{name}'" in sources:
            continue
        if f'"{tail}"' in sources or tail in sources:
            continue
        unused.append(name)
    assert not unused


def test_texts_are_composed_letters() -> None:
    import unicodedata

    for folder in ("blocs", "scoring", "awards", "thidua", "templates"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in {".py", ".html", ".txt"}:
                text = path.read_text()
                assert unicodedata.is_normalized("NFC", text), path


def test_no_raw_sql_is_put_together_from_pieces() -> None:
    pattern = re.compile(r"execute\(\s*f[\"']|\.raw\(|\.extra\(|mark_safe|shell=True|\beval\(|pickle")
    for app in (*APPS, "thidua"):
        for path in (ROOT / app).rglob("*.py"):
            if path.name in {"bootstrap.py", "bootstrap_check.py"}:
                continue
            found = pattern.search(path.read_text())
            assert not found, f"{path}: {found.group(0) if found else ''}"
