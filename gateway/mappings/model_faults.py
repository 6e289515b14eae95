"""What a canonical model refuses, in words that a clerk understands (pydantic's are for us)."""

from __future__ import annotations

import re
from decimal import Decimal

from pydantic_core import ErrorDetails

from gateway.canonical.customs_application import (
    DAY_OR_MOMENT_PATTERN,
    MOMENT_PATTERN,
    NUMBER_PATTERN,
)
from gateway.canonical.model import WALL_TIME_PATTERN

# By the type of pydantic's error: zh, en; the parameters are those of its context.
_WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺少此项", "it is missing"),
    "extra_forbidden": ("没有这一项", "there is no such member"),
    "string_type": ("须为双引号内的文本，{got_zh}", "text in double quotes is needed, {got}"),
    "string_too_short": ("不得为空", "it must not be empty"),
    "string_too_long": (
        "超过 {max_length} 个字符", "longer than {max_length} characters",
    ),
    "string_pattern_mismatch": ("须符合 {pattern}", "it must match {pattern}"),
    "decimal_type": ("须为双引号内的数字，{got_zh}", "a number in double quotes is needed, {got}"),
    "decimal_parsing": ("不是数字", "it is no number"),
    "finite_number": ("不是有限的数字", "it is no finite number"),
    "decimal_max_digits": ("超过 {max_digits} 位数字", "more than {max_digits} digits"),
    "decimal_max_places": (
        "小数超过 {decimal_places} 位", "more than {decimal_places} decimal places",
    ),
    "decimal_whole_digits": (
        "整数部分超过 {whole_digits} 位", "more than {whole_digits} digits before the point",
    ),
    "greater_than_equal": ("不得小于 {ge}", "it must not be less than {ge}"),
    "less_than_equal": ("不得大于 {le}", "it must not be more than {le}"),
    "int_type": ("须为不带引号的整数，{got_zh}", "a whole number without quotes is needed, {got}"),
    "int_from_float": ("须为整数，不带小数点", "a whole number without a point is needed"),
    "bool_type": ("须为 true 或 false，{got_zh}", "true or false is needed, {got}"),
    "enum": ("须为 {expected_zh} 之一", "it must be {expected}"),
    "literal_error": ("须为 {expected_zh} 之一", "it must be {expected}"),
    "model_type": ("须为对象，{got_zh}", "an object is needed, {got}"),
    "tuple_type": ("须为列表，{got_zh}", "a list is needed, {got}"),
    "too_long": ("超过 {max_length} 项", "more than {max_length} items"),
    "value_error": ("没有这样的日期或时间", "there is no such day or time"),
}  # fmt: skip
_OTHER = ("值无效", "it is not valid")
_TIME = (
    "须为确有其日的当地时间，如 2025-03-14 或 2025-03-14T08:15，不带时区",
    "a day and local time that there are is needed, without offset: 2025-03-14 or 2025-03-14T08:15",
)
_MOMENT = (
    "须为 2025-03-14T08:15:00+08:00 这样带时区的时间",
    "a time with its offset is needed, such as 2025-03-14T08:15:00+08:00",
)
_BY_PATTERN = {
    WALL_TIME_PATTERN: _TIME,
    MOMENT_PATTERN: _MOMENT,
    DAY_OR_MOMENT_PATTERN: _MOMENT,
    NUMBER_PATTERN: ("须为 YTG 加 15 位数字", "YTG and 15 digits are needed"),
}
# A code of so many characters.
_CODE = re.compile(r"\^\[(?:A-Z0-9|0-9A-Z)\]\{(\d+),(\d+)\}\$")
_CODE_WORDS = (
    "须为 {0} 至 {1} 位大写字母或数字", "{0} to {1} capital letters or digits are needed",
)  # fmt: skip
_KINDS: tuple[tuple[type, str, str], ...] = (
    (bool, "true/false", "true or false"),
    (dict, "对象", "an object"),
    (list, "列表", "a list"),
    (str, "文本", "text"),
    (int, "数字", "a number"),
    (float, "数字", "a number"),
    (Decimal, "数字", "a number"),
    (type(None), "null", "null"),
)


def words(error: ErrorDetails) -> tuple[str, str]:
    """What is wrong, zh and en."""
    context = dict(error.get("ctx") or {})
    got_zh, got = _kind(error.get("input"))
    expected = str(context.get("expected", ""))
    told = {
        **context,
        "got_zh": f"而不是{got_zh}",
        "got": f"not {got}",
        "expected_zh": expected.replace(" or ", "、").replace(", ", "、"),
    }
    zh, en = _by_pattern(str(context.get("pattern", ""))) or _WORDS.get(_type(error), _OTHER)
    return zh.format(**told), en.format(**told)


def _by_pattern(pattern: str) -> tuple[str, str] | None:
    code = _CODE.fullmatch(pattern)
    if code is None:
        return _BY_PATTERN.get(pattern)
    return _CODE_WORDS[0].format(*code.groups()), _CODE_WORDS[1].format(*code.groups())


def _type(error: ErrorDetails) -> str:
    """Of a number with a decimal point it is no use to say that it is a number."""
    broken = error["type"] == "int_type" and isinstance(error.get("input"), float | Decimal)
    return "int_from_float" if broken else str(error["type"])


def shown(error: ErrorDetails) -> str | None:
    """The value as it is written, None for one that is missing or no scalar."""
    value = error.get("input")
    if error["type"] == "missing" or value is None or isinstance(value, dict | list):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _kind(value: object) -> tuple[str, str]:
    return next(
        ((zh, en) for type_, zh, en in _KINDS if isinstance(value, type_)), ("其他值", "that")
    )
