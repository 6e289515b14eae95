"""What can be wrong with a canonical JSON file, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity, shortened

_ERROR = Severity.ERROR
# What is wrong, in Chinese and in English.
What = tuple[str, str]

AFTER_THE_END: What = ("结束之后还有内容", "text behind the document")
ANOTHER_PART: What = ("逗号之后应还有一项", "a part is expected behind the comma")
A_NAME: What = (
    "此处应为双引号内的成员名",
    "the name of a member in double quotes is expected here",
)
TOO_BIG_OBJECT: What = ("整个对象过大", "too big")
TOO_MANY: What = ("成员过多", "too many members")
NO_PARTS: What = ("缺少 parts", "no parts")
EMPTY_LIST: What = ("列表是空的", "an empty list")
UNKNOWN_OBJECT: What = (
    "没有 document，也不是已知的标准", "no member document, and of no known standard",
)  # fmt: skip
NO_NAME: What = ("document 须为单证名称的文本", "document is no name of a document")
NO_HEADER: What = ("header 须为对象", "header is no object")
NO_PART: What = ("parts 的每一项须为对象", "a part is no object")
NO_LIST: What = ("parts 须为列表", "parts is no list")
TOO_EARLY: What = (
    "parts 之前须先有 document 和 header", "document and header must come before parts",
)  # fmt: skip


def twice(name: str) -> What:
    """A member that stands twice in one object."""
    shown = shortened(name)
    return f"同一对象中有两个“{shown}”", f"member “{shown}” stands twice in one object"


def expected(character: str) -> What:
    """Another character should stand here."""
    return f"此处应为 {character}", f"{character} is expected here"


INCOMPLETE = FindingKind(
    "INCOMPLETE", _ERROR,
    "JSON 在结束之前就断了，文件可能没有传完", "the JSON ends too soon; the file may be cut off",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
NOT_JSON = FindingKind(
    "JSON-001", _ERROR,
    "不是合格的 JSON（{what_zh}），其后未读取",
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
    "不是标准报文的结构：{what_zh}", "not the shape of a canonical document: {what}",
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
