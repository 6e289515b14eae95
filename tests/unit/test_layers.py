"""The direction of imports, and what import-linter cannot see: calls, and mappings side by side.

The contracts stand in pyproject.toml. They follow chains of imports; what is checked here is what a
module of the core says itself, package `__init__` files and calls of builtins included.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

REPO: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = REPO / "gateway"
CORE: Final = ("findings", "limits", "canonical", "syntax", "mappings", "rules", "routing")
CORE_THIRD_PARTIES: Final = {
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "stdnum",
    # Computes only: signatures of payment providers are verified in rules/callbacks.
    "cryptography",
    "lxml",
    "openpyxl",
    "zoneinfo",
}
OUTSIDE_WORLD: Final = {
    "asyncio",
    "concurrent",
    "glob",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "pathlib",
    "queue",
    "random",
    "secrets",
    "select",
    "selectors",
    "shutil",
    "signal",
    "smtplib",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "sys",
    "tempfile",
    "threading",
    "time",
    "urllib",
    "uuid",
    "warnings",
}
# Functions of these modules that only compute.
PURE_PARTS: Final = {
    "urllib.parse",
    "http.HTTPStatus",
    "uuid.UUID",
    # To silence a library, never to warn.
    "warnings.catch_warnings",
    "warnings.simplefilter",
}
CLOCK_AND_WORLD: Final = {
    "open",
    "print",
    "input",
    "breakpoint",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
}
ENVIRONMENT: Final = {"os.environ", "os.getenv", "os.environb", "os.putenv"}


def modules(*parts: str) -> Iterator[Path]:
    for part in parts:
        yield from sorted((PACKAGE / part).rglob("*.py"))
        if (single := PACKAGE / f"{part}.py").exists():
            yield single


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line and the full name of everything that is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            prefix = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{prefix}.{alias.name}") for alias in node.names)


def impure_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, name in imported(tree):
        top = name.split(".")[0]
        pure = any(name == part or name.startswith(f"{part}.") for part in PURE_PARTS)
        if top in OUTSIDE_WORLD and not pure:
            yield line, name
        elif top not in sys.stdlib_module_names | CORE_THIRD_PARTIES | {"gateway"}:
            yield line, f"{name} (a third party that the core does not use, or a relative import)"


def _is_method(name: str, banned: str) -> bool:
    return "." in banned and name.endswith(f".{banned}")


def impure_calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if any(name == banned or _is_method(name, banned) for banned in CLOCK_AND_WORLD):
                yield node.lineno, f"{name}()"


def reads_of_the_environment(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in ENVIRONMENT:
            yield node.lineno, ast.unparse(node)
    for line, name in imported(tree):
        if name in ENVIRONMENT:
            yield line, name


def findings(check, paths):
    found = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found += [f"{path.relative_to(REPO)}:{line}: {what}" for line, what in check(tree)]
    return found


def report(found: list[str]) -> str:
    return "\n" + "\n".join(found)


def test_the_contracts_of_import_linter_are_kept():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("check", [impure_imports, impure_calls], ids=lambda check: check.__name__)
def test_the_core_is_pure(check):
    paths = list(modules(*CORE))
    assert paths
    found = findings(check, paths)
    assert not found, report(found)


def test_only_settings_reads_the_environment():
    own = {"settings", "settings.py"}
    paths = [path for path in modules(".") if path.relative_to(PACKAGE).parts[0] not in own]
    found = findings(reads_of_the_environment, paths)
    assert not found, report(found)


def test_no_mapping_imports_another_documents_mapping():
    folders = {path.parent.name for path in (PACKAGE / "mappings").glob("*/__init__.py")}
    found = []
    for own in folders:
        others = {f"gateway.mappings.{other}" for other in folders - {own}}
        for path in (PACKAGE / "mappings" / own).rglob("*.py"):
            for line, name in imported(ast.parse(path.read_text(encoding="utf-8"))):
                if any(f"{name}.".startswith(f"{other}.") for other in others):
                    found.append(f"{path.relative_to(REPO)}:{line}: {name}")
    assert not found, report(found)


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (impure_imports, "import asyncio"),
        (impure_imports, "from os import path"),
        (impure_imports, "from .. import store"),
        (impure_imports, "import structlog"),
        (impure_imports, "from urllib import request"),
        (impure_calls, "x = datetime.now(UTC)"),
        (impure_calls, "x = dt.datetime.now(UTC)"),
        (impure_calls, "open('file')"),
        (reads_of_the_environment, "import os\nx = os.environ['A']"),
        (reads_of_the_environment, "from os import environ"),
    ],
)
def test_a_check_sees_its_fault(check, text):
    assert list(check(ast.parse(text)))


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (impure_imports, "from urllib.parse import quote"),
        (impure_imports, "from gateway.canonical.booking import Booking"),
        (impure_imports, "from datetime import UTC, datetime"),
        (impure_calls, "x = datetime(2026, 1, 1); stream.open(); reopen()"),
        (reads_of_the_environment, "import os\nos.fsync(1)"),
    ],
)
def test_a_check_leaves_good_code_alone(check, text):
    assert not list(check(ast.parse(text)))
