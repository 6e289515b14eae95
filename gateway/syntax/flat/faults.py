"""What can be wrong with a flat platform file, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

INCOMPLETE_NO_TRAILER = FindingKind(
    "INCOMPLETE", _ERROR,
    "文件没有 99 记录，可能没有传完",
    "the file has no record 99; it may be cut off",
    "请重新发送完整文件；如果贵方的文件本来就没有 99 记录，请与我方约定",
    "send the whole file again; if your files never have a record 99, agree it with us",
)  # fmt: skip
INCOMPLETE_RECORD = FindingKind(
    "INCOMPLETE", _ERROR,
    "最后一条记录没有以 ' 结束，文件可能没有传完",
    "the last record does not end with ', the file may be cut off",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
NO_HEAD = FindingKind(
    "FLAT-001", _ERROR,
    "文件不是以 00 记录开头，“{value}”不属于任何报文",
    "the file does not begin with a record 00; “{value}” belongs to no message",
    "第一条记录写成 00:IFCSUM:…", "make 00:IFCSUM:… the first record",
)  # fmt: skip
WRONG_COUNT = FindingKind(
    "FLAT-002", _WARNING,
    "99 记录写明 {value} 条，文件共有 {counted} 条记录",
    "record 99 says {value} records, the file has {counted}",
    "99 记录的第 2 项应为 {counted}（含 00 和 99）",
    "field 2 of record 99 should be {counted} (00 and 99 included)",
)  # fmt: skip
COUNT_NOT_A_NUMBER = FindingKind(
    "FLAT-003", _WARNING,
    "99 记录的记录总数“{value}”不是数字", "the record count “{value}” of record 99 is not a number",
    "99 记录的第 2 项应为 {counted}（含 00 和 99）",
    "field 2 of record 99 should be {counted} (00 and 99 included)",
)  # fmt: skip
AFTER_TRAILER = FindingKind(
    "FLAT-004", _ERROR,
    "99 记录之后还有记录“{value}”，不属于任何报文",
    "record “{value}” stands after record 99 and belongs to no message",
    "99 应为最后一条记录；新报文须以 00 开头", "99 must be last; a new message begins with 00",
)  # fmt: skip
DATA_AFTER_END = FindingKind(
    "FLAT-005", _WARNING,
    "最后一条记录之后还有内容“{value}”，未读取", "“{value}” stands after the last record; not read",
)  # fmt: skip
UNKNOWN_RECORD = FindingKind(
    "FLAT-006", _INFO,
    "未知记录 {tag}：“{value}”，原样保留", "unknown record {tag}: “{value}”, kept as it is",
)  # fmt: skip
RECORD_TOO_LONG = FindingKind(
    "FLAT-007", _ERROR,
    "记录超过 {limit} 字节，未读取", "a record is longer than {limit} bytes; not read",
    "检查是否缺少记录结束符 '", "look for a missing record end '",
)  # fmt: skip
TOO_MANY_FIELDS = FindingKind(
    "FLAT-008", _ERROR,
    "记录超过 {limit} 项，其余未读取", "a record has more than {limit} fields; the rest is not read",
)  # fmt: skip
GROUP_TOO_LONG = FindingKind(
    "FLAT-009", _ERROR,
    "一票过大（超过 {records} 条记录、{size} 字节或 {odd} 个未知字段），其余未读取",
    "a part is too big (more than {records} records, {size} bytes or {odd} unknown fields); "
    "the rest of it is not read",
)  # fmt: skip
FILE_TOO_LONG = FindingKind(
    "FLAT-010", _ERROR,
    "文件超过 {limit} 条记录，其余未读取", "the file has more than {limit} records; the rest is not read",
)  # fmt: skip
MISSING_RECORD = FindingKind(
    "FLAT-011", _WARNING,
    "缺少 {tag} 记录（{zh}）", "record {tag} ({en}) is missing",
)  # fmt: skip
MISSING_FIELD = FindingKind(
    "FLAT-012", _WARNING,
    "{tag} 记录第 {position} 项（{zh}）为空", "field {position} ({name}) of record {tag} is empty",
)  # fmt: skip
FIELD_TOO_LONG = FindingKind(
    "FLAT-013", _INFO,
    "{tag} 记录第 {position} 项（{zh}）超过 {length} 个字符",
    "field {position} ({name}) of record {tag} is longer than {length} characters",
)  # fmt: skip
UNDECODABLE = FindingKind(
    "FLAT-014", _WARNING,
    "有无法识别的字节（{encoding}），保留为“{value}”",
    "bytes that are no {encoding} text, kept as “{value}”",
    "汉字可能被截断；按 GB18030 或 UTF-8 编码发送",
    "a character may be cut in half; send GB18030 or UTF-8",
)  # fmt: skip
TWO_ENCODINGS = FindingKind(
    "FLAT-015", _WARNING,
    "本记录的编码像是 {found}，而文件前面或协议中是 {expected}",
    "this record looks like {found}; the file so far, or its agreement, is {expected}",
    "整个文件使用同一种编码", "use one encoding for the whole file",
)  # fmt: skip
SHIFTED = FindingKind(
    "FLAT-016", _INFO,
    "{tag} 记录的各项有移位，已按 {zh} 读取", "record {tag} is shifted; it was read as: {en}",
)  # fmt: skip
RELEASED_END = FindingKind(
    "FLAT-017", _WARNING,
    "记录结束符之前有 ?，按丢失的字符处理，不作转义",
    "a ? stands before the record end; taken for a lost character, not for a release",
    "可能汉字被替换成 ?；请检查编码", "Chinese characters may have become ?; look at the encoding",
)  # fmt: skip
BARE_APOSTROPHE = FindingKind(
    "FLAT-018", _INFO,
    "字段中有未转义的 '，按文字处理", "an unescaped ' inside a field was taken as text",
    "字段中的 ' 写成 ?'", "write ?' for ' inside a field",
)  # fmt: skip
BARE_COLON = FindingKind(
    "FLAT-019", _INFO,
    "{tag} 记录的文字中有未转义的 :，按文字处理",
    "an unescaped : inside the text of record {tag} was taken as text",
    "文字中的 : 写成 ?:", "write ?: for : inside a text",
)  # fmt: skip
NOT_A_SIZE_TYPE = FindingKind(
    "FLAT-020", _WARNING,
    "“{value}”不是箱尺寸类型", "“{value}” is no container size and type",
    "例如 22G1、45G1 或 20GP、40HC", "for example 22G1, 45G1 or 20GP, 40HC",
)  # fmt: skip
SUM_DIFFERS = FindingKind(
    "FLAT-021", _WARNING,
    "{tag} 记录的{zh}为 {value}，而各 {of_tag} 记录合计 {sum}",
    "{name} of record {tag} is {value}, but the records {of_tag} add up to {sum}",
)  # fmt: skip
BROKEN_LINK = FindingKind(
    "FLAT-022", _WARNING,
    "{tag} 记录指向货物序号 {value}，本票没有该序号的 {of_tag} 记录",
    "record {tag} points to item {value}, but this part has no record {of_tag} of that number",
)  # fmt: skip
ANOTHER_HEAD = FindingKind(
    "FLAT-023", _INFO,
    "文件中有多个 00 记录，按多个报文处理",
    "the file has more than one record 00; each begins a message",
)  # fmt: skip
NUL_BYTES = FindingKind(
    "FLAT-024", _INFO,
    "字段中的 NUL 字节已去掉", "NUL bytes inside a field were taken out",
)  # fmt: skip
SURPLUS = FindingKind(
    "FLAT-025", _INFO,
    "{tag} 记录第 {position} 项“{value}”超出格式，原样保留",
    "field {position} “{value}” of record {tag} is beyond the layout, kept as it is",
)  # fmt: skip
