"""JSON text → values, strictly: no member twice, no NaN, no number that is none of the trade."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from gateway.limits import JSON_NUMBER_CHARACTERS_MAX, JSON_NUMBER_EXPONENT_MAX
from gateway.syntax.json import positions
from gateway.syntax.json.faults import What, twice

_NOT_TEXT: What = ("文本中有不能用的字符", "a text holds characters that are none")
_TOO_LONG: What = ("数字过长或过大", "a number is too long or too big")
_VALUE: What = (
    "此处不是值，例如逗号多余、有注释或用了单引号",
    "no value stands here: a comma too many, a comment, single quotes",
)
_NAME: What = (
    "逗号多余，或成员名不在双引号内", "a comma too many, or a name that is not in double quotes",
)  # fmt: skip
# By the messages of the json module, which differ between versions of Python.
_SYNTAX: dict[str, What] = {
    "Expecting value": _VALUE,
    "Expecting ',' delimiter": ("此处缺少逗号", "a comma is missing here"),
    "Expecting ':' delimiter": ("此处缺少冒号", "a colon is missing here"),
    "Expecting property name enclosed in double quotes": _NAME,
    "Illegal trailing comma before end of object": _NAME,
    "Illegal trailing comma before end of array": _VALUE,
    "Invalid control character at": (
        "文本中有换行等控制字符", "a text holds a control character, a line break say",
    ),
    "Invalid \\escape": ("反斜杠后的字符无效", "a backslash before a character that has none"),
}  # fmt: skip
_OTHER: What = ("语法错误", "a syntax error")


class BadJson(ValueError):
    """The text is not JSON as we take it: what is wrong, and in which line of the text."""

    def __init__(self, what: What, line: int = 1) -> None:
        super().__init__(what[1])
        self.what = what
        self.line = line


def parse(text: str) -> Any:  # noqa: ANN401 - JSON is any of its types
    """The value of a text whose depth is known to be small; raises BadJson."""
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_constant=_constant,
            parse_float=_number,
            parse_int=_whole,
        )
        if "\\" in text:
            _check_characters(value, text)
    except json.JSONDecodeError as error:
        raise BadJson(_SYNTAX.get(error.msg.rstrip(": "), _OTHER), error.lineno) from None
    except _Refused as refused:
        raise BadJson(refused.what, refused.line_in(text)) from None
    return value


class _Refused(Exception):
    """A value that is well-formed and none of ours.

    is_it: knows its token.  name: of the member that stands twice.
    """

    def __init__(
        self, what: What, is_it: Callable[[str], bool] | None = None, name: str = ""
    ) -> None:
        super().__init__(what[1])
        self.what = what
        self._is_it = is_it
        self._name = name

    def line_in(self, text: str) -> int:
        """The line of the value."""
        seen: set[positions.Path] = set()
        for path, token, line in positions.values(text):
            if self._is_it is not None:
                if self._is_it(token):
                    return line
            elif path and path[-1] == self._name:
                if path in seen:
                    return line
                seen.add(path)
        return 1


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        again = next(name for name, times in Counter(n for n, _ in pairs).items() if times > 1)
        raise _Refused(twice(again), name=again)
    return found


def _constant(name: str) -> NoReturn:
    raise _Refused((f"{name} 不是数字", f"{name} is no number"), name.__eq__)


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text[: JSON_NUMBER_CHARACTERS_MAX + 1])
    except InvalidOperation:
        raise _Refused(_TOO_LONG, text.__eq__) from None
    if len(text) > JSON_NUMBER_CHARACTERS_MAX or abs(value.adjusted()) > JSON_NUMBER_EXPONENT_MAX:
        raise _Refused(_TOO_LONG, text.__eq__)
    return value


def _whole(text: str) -> int:
    if len(text) > JSON_NUMBER_CHARACTERS_MAX:
        raise _Refused(_TOO_LONG, text.__eq__)
    return int(text)


def _check_characters(value: object, text: str) -> None:
    """Escapes can write what is no text: half of a pair, or NUL."""
    if "\\u0000" in text:
        raise _Refused(_NOT_TEXT, lambda token: "\\u0000" in token)
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise _Refused(_NOT_TEXT, _has_half) from None


def _has_half(token: str) -> bool:
    """Whether a text holds half of a surrogate pair."""
    if not token.startswith('"'):
        return False
    try:
        json.loads(token).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
