"""What can be wrong with a file of fixed columns, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

INCOMPLETE = FindingKind(
    "INCOMPLETE", _ERROR,
    "最后一行“{value}”不完整，文件可能没有传完",
    "the last line “{value}” is cut off; the file may be, too",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
NO_LINE_END = FindingKind(
    "FIXED-001", _INFO,
    "最后一行没有换行；本格式没有尾记录，无法确认文件是否完整",
    "the last line has no line end; nothing in this format tells whether the file is whole",
)  # fmt: skip
NO_HEAD = FindingKind(
    "FIXED-002", _WARNING,
    "缺少文件头（{zh}）", "the first line ({en}) is missing",
)  # fmt: skip
UNKNOWN_LINE = FindingKind(
    "FIXED-003", _INFO,
    "未知行“{value}”，原样保留", "unknown line “{value}”, kept as it is",
)  # fmt: skip
MISSING_LINE = FindingKind(
    "FIXED-004", _WARNING,
    "{value} 缺少 {tag} 行（{zh}）", "{value} has no line {tag} ({en})",
)  # fmt: skip
MISSING_FIELD = FindingKind(
    "FIXED-005", _WARNING,
    "第 {first} 列起的{zh}为空", "columns {first} and following ({name}) are empty",
)  # fmt: skip
HALF_CHARACTER = FindingKind(
    "FIXED-006", _INFO,
    "第 {column} 列有半个汉字“{value}”，未读取",
    "“{value}” lies across the border before column {column}; it was left out",
    "列宽按 GB18030 字节计算", "columns count bytes of GB18030",
)  # fmt: skip
UNDECODABLE = FindingKind(
    "FIXED-007", _WARNING,
    "有无法识别的字节（{encoding}），保留为“{value}”",
    "bytes that are no {encoding} text, kept as “{value}”",
)  # fmt: skip
TWO_ENCODINGS = FindingKind(
    "FIXED-008", _WARNING,
    "本行的编码像是 {found}，而文件前面或协议中是 {expected}",
    "this line looks like {found}; the file so far, or its agreement, is {expected}",
)  # fmt: skip
CONTROL_BYTES = FindingKind(
    "FIXED-009", _INFO,
    "行中有 NUL 或制表符，按空格处理", "NUL or tab in the line, taken as blanks",
)  # fmt: skip
LINE_TOO_LONG = FindingKind(
    "FIXED-010", _ERROR,
    "行超过 {limit} 字节，未读取", "a line is longer than {limit} bytes; not read",
)  # fmt: skip
FILE_TOO_LONG = FindingKind(
    "FIXED-011", _ERROR,
    "文件过大（超过 {lines} 行或 {size} 字节），其余未读取",
    "the file is too big (more than {lines} lines or {size} bytes); the rest is not read",
    "请分成多个文件发送", "send it as several files",
)  # fmt: skip
