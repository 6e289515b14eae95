"""Facts that a writer may not lose in silence, and the findings of those that it cannot write.

Every writer uses these kinds, so that a dead letter reads the same whatever the format is.
"""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

# Wherever one of these stands in a document and the format has no place for it, the document is
# refused: who handles the box must know it.  A step of a canonical path.
NEVER_LOST = frozenset(
    {
        "dangerous", "temperature", "over_dimension", "vgm_kg", "seals", "containers", "equipment",
        "bills", "goods", "number", "booking_number", "bill_of_lading", "optional_discharge_ports",
    }
)  # fmt: skip

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
    "{path} 的值“{value}”含有 {encoding} 没有的字符",
    "{path}: “{value}” has characters that {encoding} lacks",
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
