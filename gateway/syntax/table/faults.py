"""What can be wrong with a table, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

INCOMPLETE = FindingKind(
    "INCOMPLETE", _ERROR,
    "表格在结束之前就断了，文件可能没有传完", "the table ends too soon; the file may be cut off",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
NO_HEADINGS = FindingKind(
    "TABLE-001", _ERROR,
    "前 {rows} 行中找不到已知的表头", "no known headings in the first {rows} rows",
    "用 gateway sample 取得模板，表头用中文或英文均可",
    "`gateway sample` writes a template; headings may be Chinese or English",
)  # fmt: skip
NO_COLUMN = FindingKind(
    "TABLE-002", _ERROR,
    "缺少必填列“{zh}”", "the column “{en}” is missing",
)  # fmt: skip
EMPTY_CELL = FindingKind(
    "TABLE-003", _ERROR,
    "“{zh}”为空", "“{en}” is empty",
)  # fmt: skip
NONE_OF = FindingKind(
    "TABLE-004", _ERROR,
    "以下各列至少填一列：{zh}", "at least one of these must be filled: {en}",
)  # fmt: skip
UNKNOWN_COLUMN = FindingKind(
    "TABLE-005", _INFO,
    "未知列“{value}”，内容原样保留", "column “{value}” is not known; its cells are kept as they are",
)  # fmt: skip
COLUMN_TWICE = FindingKind(
    "TABLE-006", _WARNING,
    "列“{value}”与前面的列重复，未读取", "the column “{value}” repeats one before it; not read",
)  # fmt: skip
DIFFERS = FindingKind(
    "TABLE-007", _WARNING,
    "“{zh}”与本票第一行不同（“{value}”），以第一行为准",
    "“{en}” differs from the first row of the same document (“{value}”); the first one holds",
)  # fmt: skip
OTHER_UNIT = FindingKind(
    "TABLE-008", _ERROR,
    "列“{value}”的单位不是 {unit}，未读取", "the column “{value}” is not in {unit}; not read",
    "请换算单位", "convert the values",
)  # fmt: skip
TOO_BIG = FindingKind(
    "TABLE-009", _ERROR,
    "表格过大（{what}超过 {limit}），其余未读取",
    "the table is too big (more than {limit} {what_en}); the rest is not read",
    "请分成多个文件发送", "send it as several files",
)  # fmt: skip
CELL_TOO_LONG = FindingKind(
    "TABLE-010", _ERROR,
    "单元格超过 {limit} 个字符，未读取", "a cell is longer than {limit} characters; not read",
)  # fmt: skip
BAD_ROW = FindingKind(
    "TABLE-011", _ERROR,
    "该行的引号不配对，未读取", "the quotes of this row do not match; not read",
)  # fmt: skip
SURPLUS_CELLS = FindingKind(
    "TABLE-012", _WARNING,
    "该行的单元格多于表头，多出的未读取：“{value}”",
    "this row has more cells than there are headings; not read: “{value}”",
    "文字中有分隔符时须加引号", "text that holds a separator must stand in quotes",
)  # fmt: skip
NO_LINE_END = FindingKind(
    "TABLE-013", _WARNING,
    "最后一行没有换行，无法确认文件是否完整",
    "the last row has no line end; nothing tells whether the file is whole",
)  # fmt: skip
UNDECODABLE = FindingKind(
    "TABLE-014", _WARNING,
    "有无法识别的字节（{encoding}），保留为“{value}”",
    "bytes that are no {encoding} text, kept as “{value}”",
)  # fmt: skip
TWO_ENCODINGS = FindingKind(
    "TABLE-015", _WARNING,
    "本行的编码像是 {found}，而文件前面或协议中是 {expected}",
    "this row looks like {found}; the file so far, or its agreement, is {expected}",
)  # fmt: skip
NOT_A_WORKBOOK = FindingKind(
    "TABLE-016", _ERROR,
    "不是可读的 xlsx 工作簿（{what}）", "not a readable xlsx workbook ({what_en})",
    "请另存为 .xlsx 或 .csv", "save it as .xlsx or .csv",
)  # fmt: skip
FORMULA = FindingKind(
    "TABLE-017", _ERROR,
    "公式“{value}”没有保存计算结果，未读取", "the formula “{value}” has no stored result; not read",
    "请粘贴为数值后再发送", "paste it as a value",
)  # fmt: skip
ERROR_VALUE = FindingKind(
    "TABLE-018", _ERROR,
    "单元格是错误值“{value}”", "the cell holds the error “{value}”",
)  # fmt: skip
OTHER_SHEET = FindingKind(
    "TABLE-019", _INFO,
    "工作表“{value}”未读取", "the sheet “{value}” is not read",
    "一个文件只读一张表", "one sheet of a file is read",
)  # fmt: skip
SUM_ROW = FindingKind(
    "TABLE-020", _INFO,
    "合计行未读取", "a row of sums is not read",
)  # fmt: skip
LONG_NUMBER = FindingKind(
    "TABLE-021", _WARNING,
    "数字“{value}”超过 15 位，表格软件可能已改变其末位",
    "“{value}” has more than 15 digits; the spreadsheet may have changed the last ones",
    "请把该列设为文本", "make the column text",
)  # fmt: skip
NO_ROWS = FindingKind(
    "TABLE-022", _ERROR,
    "表头之下没有数据", "no rows stand below the headings",
)  # fmt: skip
UNREAD = FindingKind(
    "TABLE-023", _ERROR,
    "从表头看这是{zh}，{zh}不从表格读取",
    "by its headings this is: {en}, which is not read from a table",
    "请以该单证的其他格式发送；gateway formats 列出全部格式",
    "send that document in another of its formats; `gateway formats` lists them",
)  # fmt: skip
