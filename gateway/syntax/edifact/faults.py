"""What can be wrong with an interchange; EDI-0xx, each once (listed in docs/formats/edifact.md)."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

INCOMPLETE = FindingKind(
    "INCOMPLETE",
    ERROR,
    "文件不完整：{zh}",
    "the file is incomplete: {en}",
    "可能在传输中被截断，请重新发送完整文件",
    "it was probably cut in transit; send the whole file again",
)
UNA_ODD = FindingKind(
    "EDI-001",
    WARNING,
    "UNA“{value}”不是六个字符",
    "UNA “{value}” has not six characters",
    "写成 UNA:+.? '（第五个是空格）",
    "write UNA:+.? ' (the fifth is a blank)",
)
UNA_UNUSABLE = FindingKind(
    "EDI-002",
    ERROR,
    "UNA“{value}”的分隔符相同或不可用，按默认字符读取",
    "the separators of UNA “{value}” are equal or unusable; read with the default ones",
)
BOM = FindingKind(
    "EDI-003",
    INFO,
    "文件以字节顺序标记（BOM）开头，已忽略",
    "the file begins with a byte order mark; ignored",
)
STRAY = FindingKind(
    "EDI-004",
    INFO,
    "报文段之间有空格、制表符或其他多余字符，已忽略",
    "blanks, tabs or other stray characters between segments; ignored",
)
WRAPPED = FindingKind(
    "EDI-005",
    WARNING,
    "报文段中间有换行，已去掉",
    "line breaks inside segments; taken out",
    "每个报文段以终止符结束后再换行",
    "break lines only after a segment terminator",
)
UNTERMINATED = FindingKind(
    "EDI-006",
    ERROR,
    "{tag} 段没有终止符：换行后的 {following} 被当作它的内容",
    "segment {tag} has no terminator: {following} on the next line was read as part of it",
)
LINE_FEED = FindingKind(
    "EDI-007",
    WARNING,
    "以换行作为段终止符，但没有 UNA 说明",
    "line feeds end the segments, and no UNA says so",
    "使用 ' 作为终止符，或发送 UNA",
    "end segments with ' or send UNA",
)
NO_UNB = FindingKind(
    "EDI-010",
    ERROR,
    "缺少交换头 UNB：文件以 {tag} 开头",
    "interchange header UNB is missing: the file begins with {tag}",
)
NO_UNH = FindingKind(
    "EDI-011",
    ERROR,
    "缺少报文头 UNH：{tag} 不在任何报文之内",
    "message header UNH is missing: {tag} stands outside of any message",
)
ENVELOPE_ORDER = FindingKind(
    "EDI-012",
    ERROR,
    "{tag} 出现在不允许的位置：{zh}",
    "{tag} at a wrong place: {en}",
)
UNB_DATE = FindingKind(
    "EDI-013",
    WARNING,
    "UNB 日期“{value}”应为 {digits} 位数字（语法版本 {version}）",
    "UNB date “{value}” should have {digits} digits (syntax version {version})",
)
NO_REFERENCE = FindingKind(
    "EDI-014",
    ERROR,
    "{tag} 没有参考号",
    "{tag} has no reference",
)
SYNTAX_UNKNOWN = FindingKind(
    "EDI-015",
    WARNING,
    "未知的语法标识“{value}”",
    "syntax identifier “{value}” is not known",
)
OBJECT = FindingKind(
    "EDI-016",
    ERROR,
    "不支持对象包 {tag}（语法版本 4 第 8 部分）",
    "object packages ({tag}, syntax 4 part 8) are not supported",
)
AFTER_UNZ = FindingKind(
    "EDI-017",
    WARNING,
    "UNZ 之后还有内容",
    "there is text after UNZ",
)
SEVERAL = FindingKind(
    "EDI-018",
    INFO,
    "一个文件中有第 {number} 个交换",
    "interchange number {number} in one file",
)
COUNT = FindingKind(
    "EDI-020",
    ERROR,
    "{tag} 写明 {value}，实际为 {actual} 个{zh}",
    "{tag} says {value}, actually {actual} {en}",
)
REFERENCE = FindingKind(
    "EDI-021",
    ERROR,
    "{tag} 的参考号“{value}”与 {header} 的“{expected}”不一致",
    "reference “{value}” of {tag} differs from “{expected}” of {header}",
)
DUPLICATE_MESSAGE = FindingKind(
    "EDI-022",
    WARNING,
    "报文参考号“{value}”已在第 {first} 段用过",
    "message reference “{value}” was used before, in segment {first}",
)
DUPLICATE_GROUP = FindingKind(
    "EDI-023",
    ERROR,
    "报文组参考号“{value}”已在第 {first} 段用过",
    "group reference “{value}” was used before, in segment {first}",
)
NO_TYPE = FindingKind(
    "EDI-024",
    ERROR,
    "UNH 没有报文类型",
    "UNH has no message type",
    "在 UNH 第二个元素写报文类型，例如 COPARN:D:95B:UN",
    "write the type in the second element of UNH, for example COPARN:D:95B:UN",
)
ASSOCIATION = FindingKind(
    "EDI-025",
    INFO,
    "协会代码“{value}”写在了后一个元素",
    "association code “{value}” stands one element too far",
)
DIRECTORY = FindingKind(
    "EDI-026",
    INFO,
    "没有目录 {asked}，按最近的 {used} 读取 {message}",
    "directory {asked} is not at hand; {message} was read with the nearest one, {used}",
)
BAD_TAG = FindingKind(
    "EDI-030",
    ERROR,
    "“{value}”不是段标记",
    "“{value}” is no segment tag",
    "段标记是三个大写字母；数据中的 ' + : 要写成 ?' ?+ ?:",
    "a tag is three capital letters; write ' + : inside data as ?' ?+ ?:",
)
UNKNOWN_SEGMENT = FindingKind(
    "EDI-031",
    ERROR,
    "{message} {directory} 没有 {tag} 段",
    "{message} {directory} has no segment {tag}",
)
MISPLACED = FindingKind(
    "EDI-032",
    ERROR,
    "{tag} 段不能出现在 {after} 之后",
    "segment {tag} cannot follow {after}",
)
MISSING = FindingKind(
    "EDI-033",
    ERROR,
    "{tag} 之前缺少必备的 {label}",
    "mandatory {label} is missing before {tag}",
)
TOO_MANY = FindingKind(
    "EDI-034",
    WARNING,
    "{label} 超过目录允许的 {maximum} 次",
    "{label} comes more often than the {maximum} times of the directory",
)
CONTROL_TOTAL = FindingKind(
    "EDI-035",
    WARNING,
    "CNT+{qualifier} 写明 {value}，实际有 {actual} 个 {tag}",
    "CNT+{qualifier} says {value}, actually {actual} of {tag}",
)
ELEMENT_MISSING = FindingKind(
    "EDI-040",
    ERROR,
    "缺少必备的数据元 {id}",
    "mandatory data element {id} is missing",
)
COMPONENT_MISSING = FindingKind(
    "EDI-041",
    WARNING,
    "{composite} 中缺少必备的数据元 {id}",
    "mandatory data element {id} of {composite} is missing",
)
LENGTH = FindingKind(
    "EDI-042",
    WARNING,
    "数据元 {id}“{value}”的长度不符合 {form}",
    "the length of data element {id} “{value}” does not fit {form}",
)
NOT_NUMERIC = FindingKind(
    "EDI-043",
    ERROR,
    "数据元 {id}“{value}”不是数字",
    "data element {id} “{value}” is not a number",
)
DECIMAL_MARK = FindingKind(
    "EDI-044",
    WARNING,
    "“{value}”的小数点应为“{mark}”",
    "the decimal mark of “{value}” should be “{mark}”",
    "小数点由 UNA 第三个字符决定，没有 UNA 时为 .",
    "the third character of UNA decides about the mark; without UNA it is the point",
)
SURPLUS_COMPONENT = FindingKind(
    "EDI-045",
    WARNING,
    "“{value}”的成分多于目录的 {maximum} 个",
    "“{value}” has more components than the {maximum} of the directory",
)
SURPLUS_ELEMENT = FindingKind(
    "EDI-046",
    WARNING,
    "{tag} 段第 {position} 个元素“{value}”在目录中不存在",
    "element {position} “{value}” of {tag} is not in the directory",
)
CONTROL = FindingKind(
    "EDI-047",
    ERROR,
    "数据中有控制字符：“{value}”",
    "control characters in data: “{value}”",
)
LOOSE_RELEASE = FindingKind(
    "EDI-048",
    WARNING,
    "转义字符后面不是分隔符，已按原样保留：“{value}”",
    "the release character stands before an ordinary one; kept as written: “{value}”",
    "问号本身写成 ??",
    "write a question mark as ??",
)
RELEASED_BREAK = FindingKind(
    "EDI-049",
    ERROR,
    "转义字符后面是换行",
    "the release character stands before a line break",
)
UNDECODABLE = FindingKind(
    "EDI-060",
    ERROR,
    "这些字节不是 {encoding}",
    "these bytes are not {encoding}",
)
FOREIGN_BYTES = FindingKind(
    "EDI-061",
    WARNING,
    "{syntax} 不允许这些字节，按 {encoding} 读取",
    "{syntax} does not allow these bytes; read as {encoding}",
    "在 UNB 中使用 UNOC、UNOY 等语法标识",
    "use a syntax identifier such as UNOC or UNOY in UNB",
)
REPERTOIRE = FindingKind(
    "EDI-062",
    INFO,
    "字符“{value}”不在 {syntax} 字符集内",
    "the character “{value}” is outside the character set {syntax}",
)
SEGMENT_SIZE = FindingKind(
    "EDI-090",
    ERROR,
    "一个报文段超过 {maximum} 字节，停止读取",
    "a segment is longer than {maximum} bytes; reading stops",
)
ELEMENT_COUNT = FindingKind(
    "EDI-091",
    ERROR,
    "一个报文段超过 {maximum} 个元素",
    "a segment has more than {maximum} elements",
)
GROUP_SIZE = FindingKind(
    "EDI-092",
    ERROR,
    "一个单据超过 {maximum} 个报文段，停止读取",
    "one part has more than {maximum} segments; reading stops",
)
FILE_SIZE = FindingKind(
    "EDI-093",
    ERROR,
    "文件超过 {maximum} 个报文段，停止读取",
    "the file has more than {maximum} segments; reading stops",
)
MESSAGE_COUNT = FindingKind(
    "EDI-094",
    ERROR,
    "一个交换超过 {maximum} 个报文，停止读取",
    "the interchange has more than {maximum} messages; reading stops",
)
