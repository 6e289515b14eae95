"""Facts that a writer may not lose in silence, and the findings of those that it cannot write.

Every writer uses these kinds, so that a dead letter reads the same whatever the format is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.findings import FindingKind, Severity

# Ends of canonical paths, lists without index.  Where one of these is filled and the format has no
# place for it, the document is refused: who handles the box must know it.
NEVER_LOST = (
    "containers.number",
    "seals.number",
    "vgm_kg",
    "equipment.count",
    "dangerous.hazard_class",
    "dangerous.un_number",
    "temperature.setting",
    "temperature.minimum",
    "temperature.maximum",
    "over_dimension.front_cm",
    "over_dimension.back_cm",
    "over_dimension.left_cm",
    "over_dimension.right_cm",
    "over_dimension.height_cm",
)

NO_PLACE = FindingKind(
    "WRITE-NO-PLACE",
    Severity.ERROR,
    "{format} 没有 {path} 的位置，不能省略",
    "{format} has no place for {path}, which must not be left out",
    "请为该路由选择能够承载此数据的格式",
    "choose a format for this route that carries it",
)
MISSING = FindingKind(
    "WRITE-MISSING",
    Severity.ERROR,
    "{format} 必须有 {path}，单证中没有",
    "{format} must have {path}, the document has none",
)
TOO_LONG = FindingKind(
    "WRITE-LENGTH",
    Severity.ERROR,
    "{path} 的值“{value}”超过 {format} 的 {limit} 个字符",
    "{path}: “{value}” is longer than the {limit} that {format} takes",
)
NOT_ENCODABLE = FindingKind(
    "WRITE-ENCODING",
    Severity.ERROR,
    "“{value}”含有 {encoding} 没有的字符",
    "“{value}” has characters that {encoding} lacks",
)
NOT_A_VALUE = FindingKind(
    "WRITE-VALUE",
    Severity.ERROR,
    "{path} 的值“{value}”在 {format} 中无法表示",
    "{path}: “{value}” cannot be said in {format}",
)
TOO_MANY = FindingKind(
    "WRITE-MANY",
    Severity.ERROR,
    "{path} 有 {count} 项，{format} 只有 {limit} 个位置",
    "{path}: {count} of them, {format} has room for {limit}",
)


def is_never_lost(path: str) -> bool:
    """Whether a canonical path without indices ("goods.dangerous.un_number") must be carried."""
    return any(path == end or path.endswith(f".{end}") for end in NEVER_LOST)


def leaves(
    values: Mapping[str, Any], above: str = "", shown: str = ""
) -> Iterator[tuple[str, str]]:
    """Every filled value of a dumped model: (path without indices, path as people count it)."""
    for name, value in values.items():
        path = f"{above}.{name}" if above else name
        told = f"{shown}.{name}" if shown else name
        yield from _below(value, path, told)


def _below(
    value: Any,  # noqa: ANN401 - JSON-like
    path: str,
    told: str,
) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        yield from leaves(value, path, told)
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value, 1):
            yield from _below(each, path, f"{told}[{number}]")
    elif value is not None:
        yield path, told
