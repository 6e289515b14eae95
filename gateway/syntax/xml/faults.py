"""What can be wrong with an XML file, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

INCOMPLETE = FindingKind(
    "INCOMPLETE", _ERROR,
    "XML 在根元素结束之前就断了，文件可能没有传完",
    "the XML ends before its root element does; the file may be cut off",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
DOCTYPE = FindingKind(
    "XML-001", _ERROR,
    "文件含有 DOCTYPE，一律不读", "the file has a DOCTYPE; such files are not read",
    "去掉 DOCTYPE 和实体定义", "leave out the DOCTYPE and its entities",
)  # fmt: skip
ENCODING = FindingKind(
    "XML-002", _ERROR,
    "不接受编码“{value}”", "the encoding “{value}” is not accepted",
    "用 UTF-8、GB18030（GBK、GB2312）、ISO-8859-1，或带 BOM 的 UTF-16",
    "use UTF-8, GB18030 (GBK, GB2312), ISO-8859-1, or UTF-16 with a byte order mark",
)  # fmt: skip
UNDECODABLE = FindingKind(
    "XML-003", _ERROR,
    "有不属于 {encoding} 的字节“{value}”，其后未读取",
    "bytes that are no {encoding} text (“{value}”); nothing behind them is read",
    "内容须与 XML 声明的编码一致", "the content must be in the encoding that the file declares",
)  # fmt: skip
NOT_WELL_FORMED = FindingKind(
    "XML-004", _ERROR,
    "第 {line} 行第 {column} 列不是合格的 XML（{what}），其后未读取",
    "line {line}, column {column} is not well-formed XML ({what}); nothing behind it is read",
)  # fmt: skip
RUN_TOO_LONG = FindingKind(
    "XML-005", _ERROR,
    "一个标记或一段文字超过 {limit} 个字符，其后未读取",
    "a tag or a text is longer than {limit} characters; nothing behind it is read",
)  # fmt: skip
PART_TOO_BIG = FindingKind(
    "XML-006", _ERROR,
    "一票过大（超过 {characters} 个字符或 {records} 个元素），其后未读取",
    "a part is too big (more than {characters} characters or {records} elements); "
    "nothing behind it is read",
)  # fmt: skip
TOO_DEEP = FindingKind(
    "XML-007", _ERROR,
    "元素嵌套超过 {limit} 层，更深的未读取",
    "elements are nested deeper than {limit}; what is deeper is not read",
)  # fmt: skip
TOO_MANY_ATTRIBUTES = FindingKind(
    "XML-008", _ERROR,
    "一个元素的属性超过 {limit} 个，均未读取",
    "an element has more than {limit} attributes; none of them is read",
)  # fmt: skip
TOO_MANY_NAMES = FindingKind(
    "XML-009", _ERROR,
    "不同的元素超过 {limit} 种，其余未读取",
    "more than {limit} different elements; the rest is not read",
)  # fmt: skip
UNKNOWN_ELEMENT = FindingKind(
    "XML-010", _INFO,
    "未知元素 {path}：“{value}”，原样保留", "unknown element {path}: “{value}”, kept as it is",
)  # fmt: skip
MISSING_ELEMENT = FindingKind(
    "XML-011", _WARNING,
    "缺少 {path}（{zh}）", "{path} is missing or empty",
)  # fmt: skip
AFTER_PARTS = FindingKind(
    "XML-012", _INFO,
    "{path}“{value}”在提运单之后，不随任何一票保存",
    "{path} “{value}” stands behind the parts and is kept with none of them",
)  # fmt: skip
MIXED_TEXT = FindingKind(
    "XML-013", _WARNING,
    "元素之间的文字“{value}”未读取", "“{value}” stands between elements; not read",
)  # fmt: skip
OTHER_ROOT = FindingKind(
    "XML-014", _ERROR,
    "根元素的名称写法有歧义（{value}），未读取",
    "the root element is written in a way that can be read as two names ({value}); not read",
    "按原样书写命名空间，不用字符引用", "write the namespace plainly, without character references",
)  # fmt: skip
BAD_DECLARATION = FindingKind(
    "XML-015", _ERROR,
    "XML 声明“{value}”不正确", "the XML declaration “{value}” is not right",
    '例如 <?xml version="1.0" encoding="UTF-8"?>',
    'for example <?xml version="1.0" encoding="UTF-8"?>',
)  # fmt: skip
REPEATED = FindingKind(
    "XML-016", _WARNING,
    "{path} 在一处出现多次，取第一个；本次为“{value}”",
    "{path} stands more than once in one place; the first one holds, this is “{value}”",
)  # fmt: skip
