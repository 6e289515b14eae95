"""The house's numbers and bans, as a test: what a reviewer should not have to say twice."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

REPO: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = REPO / "gateway"
MODULES: Final = sorted(PACKAGE.rglob("*.py"))

FUNCTION_LINES_MAX: Final = 70
MODULE_LINES_MAX: Final = 500
LINE_COLUMNS_MAX: Final = 100
NAMES_THAT_SAY_NOTHING: Final = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "shared",
    "base",
}

Finding = tuple[int, str]
Check = Callable[[str, ast.Module], Iterator[Finding]]
FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
SECRET: Final = re.compile(r"(secret|signature|token|digest|password|hmac)s?$", re.IGNORECASE)


def module_has_a_docstring(_text: str, tree: ast.Module) -> Iterator[Finding]:
    if not ast.get_docstring(tree):
        yield 1, "no module docstring"


def module_is_short(text: str, _tree: ast.Module) -> Iterator[Finding]:
    lines = text.count("\n")
    if lines > MODULE_LINES_MAX:
        yield lines, f"{lines} lines, more than {MODULE_LINES_MAX}"


def lines_are_short(text: str, _tree: ast.Module) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LINE_COLUMNS_MAX:
            yield number, f"{len(line)} columns, more than {LINE_COLUMNS_MAX}"


def functions_are_short(_text: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name}: {lines} lines, more than {FUNCTION_LINES_MAX}"


def _says_nothing(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(line, ast.Pass | ast.Continue)
        or (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
        for line in body
    )


def _is_broad(handler: ast.ExceptHandler) -> bool:
    return any(
        isinstance(node, ast.Name) and node.id in {"Exception", "BaseException"}
        for node in ast.walk(handler.type or ast.Constant(None))
    )


def exceptions_are_not_swallowed(_text: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "bare except"
            elif _is_broad(node) and _says_nothing(node.body):
                yield node.lineno, "a broad except that says nothing"
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                if re.match(r"(contextlib\.)?suppress\((Base)?Exception\b", ast.unparse(item)):
                    yield node.lineno, "a broad suppress"


BANNED_CALLS: Final = {
    "eval": "runs what it is given",
    "os.system": "goes through a shell",
    "os.popen": "goes through a shell",
    "yaml.load": "makes any object",
    "marshal.loads": "is no format for exchange",
    "etree.parse": "unpacks gzip and follows paths: parse bytes",
    "etree.fromstring": "only syntax/xml's parser has the flags",
    "datetime.utcnow": "has no zone",
    "datetime.utcfromtimestamp": "has no zone",
    "datetime.datetime.utcnow": "has no zone",
}
ETREE_HOME: Final = "syntax/xml"
BANNED_IMPORTS: Final = {"pickle", "shelve", "dill", "marshal", "telnetlib", "ftplib", "requests"}
BANNED_ARGUMENTS: Final = {
    "shell": True,
    "verify": False,
    "check_hostname": False,
    "allow_pickle": True,
}


def calls_are_safe(_text: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        for banned, why in BANNED_CALLS.items():
            if name == banned or name.endswith(f".{banned}"):
                yield node.lineno, f"{name} {why}"
        for word in node.keywords:
            value = word.value.value if isinstance(word.value, ast.Constant) else ...
            if word.arg in BANNED_ARGUMENTS and value is BANNED_ARGUMENTS[word.arg]:
                yield node.lineno, f"{word.arg}={value}"


def imports_are_safe(_text: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        for name in names:
            if name.split(".")[0] in BANNED_IMPORTS:
                yield node.lineno, f"imports {name}"


def _secret_name(node: ast.expr) -> str:
    last = node.func if isinstance(node, ast.Call) else node
    name = getattr(last, "attr", getattr(last, "id", ""))
    return name if SECRET.search(name) else ""


def secrets_are_compared_in_constant_time(_text: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        if not all(isinstance(operator, ast.Eq | ast.NotEq) for operator in node.ops):
            continue
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Constant) and not side.value for side in sides):
            continue  # empty or absent is no secret
        if names := list(filter(None, map(_secret_name, sides))):
            yield node.lineno, f"{names[0]} compared with ==; use hmac.compare_digest"


def nothing_is_left_for_later(text: str, _tree: ast.Module) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            yield number, found.group()


CHECKS: Final[list[Check]] = [
    module_has_a_docstring,
    module_is_short,
    functions_are_short,
    exceptions_are_not_swallowed,
    calls_are_safe,
    imports_are_safe,
    secrets_are_compared_in_constant_time,
    nothing_is_left_for_later,
]


def _findings(checks: list[Check], path: Path) -> list[str]:
    """Each file is parsed once for all of them."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    found = [each for check in checks for each in check(text, tree)]
    where = path.relative_to(REPO)
    if ETREE_HOME in where.as_posix():
        found = [(line, what) for line, what in found if "etree.fromstring" not in what]
    return [f"{where}:{line}: {what}" for line, what in found]


def test_the_package_is_tidy():
    assert MODULES
    findings = [finding for path in MODULES for finding in _findings(CHECKS, path)]
    assert not findings, "\n" + "\n".join(findings)


def test_lines_are_short():
    folders = [REPO / name for name in ("gateway", "tests", "examples")]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    findings = [finding for path in paths for finding in _findings([lines_are_short], path)]
    assert not findings, "\n" + "\n".join(findings)


def test_every_name_says_what_the_module_is():
    vague = {path.stem for path in MODULES} | {path.parent.name for path in MODULES}
    assert not vague & NAMES_THAT_SAY_NOTHING


def test_every_folder_is_a_package():
    """Without its __init__ a folder is outside what import-linter and mypy see."""
    bare = {path.parent for path in MODULES if not (path.parent / "__init__.py").exists()}
    assert {path.relative_to(REPO).as_posix() for path in bare} <= {
        "gateway/store/migrations/versions"
    }


UNTIDY = [
    (module_has_a_docstring, "x = 1\n"),
    (module_is_short, "x = 1\n" * (MODULE_LINES_MAX + 1)),
    (lines_are_short, "x = '" + "a" * LINE_COLUMNS_MAX + "'\n"),
    (functions_are_short, "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
    (exceptions_are_not_swallowed, "try:\n    f()\nexcept:\n    raise\n"),
    (exceptions_are_not_swallowed, "try:\n    f()\nexcept (OSError, Exception):\n    pass\n"),
    (exceptions_are_not_swallowed, "with contextlib.suppress(Exception):\n    f()\n"),
    (calls_are_safe, "eval(x)\n"),
    (calls_are_safe, "lxml.etree.parse(path)\n"),
    (calls_are_safe, "subprocess.run(x, shell=True)\n"),
    (calls_are_safe, "Client(verify=False)\n"),
    (imports_are_safe, "import pickle\n"),
    (imports_are_safe, "from pickle import loads\n"),
    (secrets_are_compared_in_constant_time, "if given == self.signature: f()\n"),
    (secrets_are_compared_in_constant_time, "ok = mac.hexdigest() != given\n"),
    (nothing_is_left_for_later, "# TODO: later\n"),
]
TIDY = [
    (secrets_are_compared_in_constant_time, "if token == '': f()\n"),
    (secrets_are_compared_in_constant_time, "if token is None or tokens > 3: f()\n"),
    (exceptions_are_not_swallowed, "try:\n    f()\nexcept KeyError:\n    pass\n"),
    (calls_are_safe, "literal_eval(x); model.evaluate(x); f(verify=True)\n"),
]


@pytest.mark.parametrize(("check", "text"), UNTIDY)
def test_a_check_sees_its_fault(check, text):
    assert list(check(text, ast.parse(text)))


@pytest.mark.parametrize(("check", "text"), TIDY)
def test_a_check_leaves_good_code_alone(check, text):
    assert not list(check(text, ast.parse(text)))
