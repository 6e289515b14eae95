"""What can be wrong with a canonical JSON file, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

_ERROR = Severity.ERROR

INCOMPLETE = FindingKind(
    "INCOMPLETE", _ERROR,
    "JSON 在结束之前就断了，文件可能没有传完", "the JSON ends too soon; the file may be cut off",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
NOT_JSON = FindingKind(
    "JSON-001", _ERROR,
    "不是合格的 JSON（{what}），其后未读取",
    "not well-formed JSON ({what}); nothing behind it is read",
)  # fmt: skip
UNDECODABLE = FindingKind(
    "JSON-002", _ERROR,
    "有不属于 UTF-8 的字节，其后未读取", "bytes that are no UTF-8; nothing behind them is read",
    "JSON 须用 UTF-8", "JSON must be UTF-8",
)  # fmt: skip
TOO_BIG = FindingKind(
    "JSON-003", _ERROR,
    "一个值超过 {characters} 个字符或 {depth} 层，其后未读取",
    "a value has more than {characters} characters or {depth} levels; nothing behind it is read",
)  # fmt: skip
NOT_THE_SHAPE = FindingKind(
    "JSON-004", _ERROR,
    "不是标准报文的结构：{what}", "not the shape of a canonical document: {what}",
    "依次为 document、header、parts", "document, header and parts, in this order",
)  # fmt: skip
OTHER_PORT = FindingKind(
    "JSON-006", Severity.WARNING,
    "“{value}”所指的港口不是 {port}", "“{value}” names another port than {port}",
    "请核对挂靠港", "compare the port of call",
)  # fmt: skip
UNKNOWN_MEMBER = FindingKind(
    "JSON-005", Severity.WARNING,
    "成员“{value}”未知，未读取", "member “{value}” is not known; not read",
)  # fmt: skip
