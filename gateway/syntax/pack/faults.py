"""What can be wrong with a packed file, each kind of fault once."""

from __future__ import annotations

from gateway.findings import FindingKind, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

INCOMPLETE = FindingKind(
    "INCOMPLETE", _ERROR,
    "压缩文件在结束之前就断了，文件可能没有传完",
    "the packed file ends too soon; it may be cut off",
    "请重新发送完整文件", "send the whole file again",
)  # fmt: skip
NOT_READABLE = FindingKind(
    "PACK-001", _ERROR,
    "压缩文件的结构有误（{what}），未读取", "the packed file is not well-formed ({what}); not read",
)  # fmt: skip
ENCRYPTED = FindingKind(
    "PACK-002", _ERROR,
    "压缩文件中有加密的文件，未读取", "a file in the archive is encrypted; nothing is read",
    "请不加密码重新压缩", "pack it again without a password",
)  # fmt: skip
TOO_BIG = FindingKind(
    "PACK-003", _ERROR,
    "压缩文件过大（{what}，上限 {limit}），未读取",
    "the packed file is too big ({what}, at most {limit}); not read",
    "请分成多个文件发送", "send it as several files",
)  # fmt: skip
RATIO = FindingKind(
    "PACK-004", _ERROR,
    "压缩比超过 {limit}，其后未读取", "it unpacks to more than {limit} times its size; not read on",
)  # fmt: skip
BAD_NAME = FindingKind(
    "PACK-005", _ERROR,
    "压缩文件中的文件名“{value}”不可接受，未读取",
    "the name “{value}” in the archive is not accepted; nothing is read",
    "文件名不得含路径上级、绝对路径、反斜杠或控制字符",
    "no absolute path, no way upwards, no backslash, no control character",
)  # fmt: skip
TWICE = FindingKind(
    "PACK-006", _ERROR,
    "压缩文件中有两个“{value}”，均未读取", "“{value}” is in the archive twice; nothing is read",
)  # fmt: skip
NESTED = FindingKind(
    "PACK-007", _ERROR,
    "压缩文件之内还有压缩文件，未读取", "a packed file within a packed file; not read",
    "请只压缩一层", "pack once",
)  # fmt: skip
LINK = FindingKind(
    "PACK-008", _ERROR,
    "“{value}”是链接或设备，未读取", "“{value}” is a link or a device; nothing is read",
)  # fmt: skip
METHOD = FindingKind(
    "PACK-009", _ERROR,
    "不支持的压缩方法，未读取", "packed by a method that is not read",
    "请用普通 zip（deflate）压缩", "use plain zip (deflate)",
)  # fmt: skip
DAMAGED = FindingKind(
    "PACK-010", _ERROR,
    "压缩数据损坏（{what}），其后未读取", "the packed data is damaged ({what}); not read on",
)  # fmt: skip
NO_FILES = FindingKind(
    "PACK-011", _ERROR,
    "压缩文件里没有文件", "there is no file in the archive",
)  # fmt: skip
BESIDE = FindingKind(
    "PACK-012", _INFO,
    "“{value}”是压缩程序的附加文件，未读取", "“{value}” was added by the packing program; not read",
)  # fmt: skip
