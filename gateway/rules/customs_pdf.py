"""Why a PDF cannot be taken as an attachment; sizes are judged by customs_application.py.

Source: S2-14, S2-32; H-43: the size of a page is that of the page written alone.
"""

from __future__ import annotations

from gateway.rules.verdict import kind

_AGAIN = ("请重新导出为普通 PDF 再上传", "export it as a plain PDF and send it again")

EMPTY = kind("ATTACHMENT_EMPTY", "附件为空", "the attachment is empty")
NOT_A_PDF = kind("ATTACHMENT_NOT_PDF", "附件不是 PDF 文件", "the attachment is no PDF", _AGAIN)
ENCRYPTED = kind(
    "ATTACHMENT_ENCRYPTED", "附件已加密，无法检查", "the attachment is encrypted", _AGAIN
)
BROKEN = kind(
    "ATTACHMENT_BROKEN",
    "附件已损坏，无法读取其页面",
    "the attachment's pages cannot be read",
    _AGAIN,
)
TOO_COMPLEX = kind(
    "ATTACHMENT_TOO_COMPLEX",
    "附件过于复杂，未能在限定的时间和内存内检查",
    "the attachment cannot be measured within the bounds of time and memory",
    _AGAIN,
)
TOO_MANY_PAGES = kind(
    "ATTACHMENT_TOO_MANY_PAGES",
    "附件超过 {most} 页",
    "the attachment has more than {most} pages",
)
NO_PAGES = kind("ATTACHMENT_NO_PAGES", "附件没有页面", "the attachment has no page")
