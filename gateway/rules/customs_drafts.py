"""What may be done with an application that is, or is no longer, a draft 暂存 (S2-07, S2-43)."""

from __future__ import annotations

from gateway.rules.customs_life import State
from gateway.rules.verdict import Clause, kind

NOT_EDITABLE = kind(
    "NOT_EDITABLE",
    "只有“暂存”的申请可以修改，现为“{value}”",
    "only drafts (暂存) can be changed, this one is “{value}”",
    ("可以复制后重新申请", "copy it and apply anew"),
)
NOT_SUBMITTABLE = kind(
    "NOT_SUBMITTABLE",
    "只有“暂存”的申请可以提交，现为“{value}”",
    "only drafts (暂存) can be submitted, this one is “{value}”",
    ("可以复制后重新申请", "copy it and apply anew"),
)
REFERENCE_TAKEN = kind(
    "REFERENCE_TAKEN",
    "企业编号“{value}”已用于另一份申请",
    "another application has the reference “{value}”",
)
REFERENCE_MISSING = kind(
    "REFERENCE_MISSING",
    "文件申请须有企业编号 reference",
    "an application as a file needs a reference",
)
REFERENCE_UNKNOWN = kind(
    "REFERENCE_UNKNOWN",
    "没有企业编号为“{value}”的申请",
    "there is no application with the reference “{value}”",
)
NOT_ACTIVE = kind(
    "FIRM_NOT_ACTIVE", "企业未启用或已停用", "the firm is not active, or is suspended"
)
NOT_ATTACHABLE = kind(
    "NOT_ATTACHABLE",
    "现为“{value}”，不能增加或删除该类附件",
    "attachments of this purpose cannot be changed in state “{value}”",
)

EDIT = (Clause("customs-edit", "1", "S2-07, S2-43"),)
SUBMIT = Clause("customs-submit", "1", "S2-43")
ATTACH = Clause("customs-attach", "1", "S2-14, S2-32")

# A submission that was answered already: the same request again changes nothing.
SUBMITTED = frozenset({State.SUBMITTED, State.NOT_ACCEPTED, State.ACCEPTED, State.BOOKED})
