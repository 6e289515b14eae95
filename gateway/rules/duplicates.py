"""DUPLICATES and functions: what a document does to what is in force for its business key.

Clauses: house.md 6 (the only definition; equal bytes are `receive`'s) and formats.md 1.3, 1.7 and
10.14 (functions, older files must not win, function 9 again replaces in practice).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.canonical.document import Function
from gateway.findings import Finding, FindingKind, Severity
from gateway.rules.case import Case, DocumentFacts, HeldDocument, PartGroup, Survey
from gateway.rules.decision import NO_OBJECTION, Current, Ruling

REFERENCE_REUSED = FindingKind(
    "REFERENCE_REUSED",
    Severity.ERROR,
    "交换参考号 {value} 已被 {holder} 使用，而内容不同",
    "reference {value} was used by {holder} before, for other bytes",
    "每次发送请用新的交换参考号",
    "give every interchange a reference of its own",
)
ALREADY_RECEIVED = FindingKind(
    "ALREADY_RECEIVED",
    Severity.WARNING,
    "与已收到的 {holder} 完全相同，不再处理，以其结果为准",
    "received before, byte by byte, in {holder}; nothing is done again, its result holds",
    "无需重发；如有更改，请用新的交换参考号或文件建立时间",
    "no need to send it again; give changed data a reference or a creation time of its own",
)
OUT_OF_DATE = FindingKind(
    "OUT_OF_DATE",
    Severity.ERROR,
    "文件建立时间 {value} 早于已接受的 {held}",
    "created {value}, earlier than {held}, which is in force",
    "请发送最新数据，并更新文件建立时间",
    "send the latest data with its own creation time",
)
SAME_CREATE_TIME = FindingKind(
    "SAME_CREATE_TIME",
    Severity.WARNING,
    "文件建立时间 {value} 与已接受的相同，以后到的为准",
    "created {value}, the same as the one in force; the later arrival wins",
    "每次生成文件请更新建立时间",
    "write a new creation time into every file",
)
NO_CREATE_TIME = FindingKind(
    "NO_CREATE_TIME",
    Severity.WARNING,
    "没有文件建立时间可比较，以后到的为准",
    "no creation time to compare; the later arrival wins",
    "请填写文件建立时间(00 记录第 7 项)",
    "give the creation time (record 00, field 7)",
)
NO_ORIGINAL = FindingKind(
    "NO_ORIGINAL",
    Severity.ERROR,
    "功能代码 {value} 需要原始单证，但没有已接受的原始单证",
    "function {value} needs an original, and none is in force",
    "请先以功能代码 9 发送完整单证",
    "send the whole document with function 9 first",
)
ALREADY_HELD = FindingKind(
    "ALREADY_HELD",
    Severity.ERROR,
    "增加的 {count} 项已存在：{names}",
    "{count} parts to be added are held already: {names}",
    "更改已有内容请用功能代码 4",
    "to change them use function 4",
)
NOT_HELD = FindingKind(
    "NOT_HELD",
    Severity.ERROR,
    "要{what_zh}的 {count} 项不存在：{names}",
    "{count} parts to be {what} are not held: {names}",
    "新增内容请用功能代码 2",
    "to add new ones use function 2",
)
REPLACES_HELD = FindingKind(
    "REPLACES_HELD",
    Severity.INFO,
    "替换已接受的 {held}",
    "replaces {held}, which was in force",
)
NOT_IDENTIFIED = FindingKind(
    "NOT_IDENTIFIED",
    Severity.WARNING,
    "{document} 没有足以区分的编号，不能与其他单证比较",
    "nothing identifies this {document}; it cannot be compared with others",
    "舱单请填写船舶和航次，订舱请填写订舱号",
    "give vessel and voyage of a manifest, the number of a booking",
)
FUNCTION_UNKNOWN = FindingKind(
    "FUNCTION_UNKNOWN",
    Severity.ERROR,
    "功能代码“{value}”无法处理",
    "function “{value}” cannot be processed",
    "9 原始，2 增加，3 删除，4 变更，5 替换，1 撤销",
    "9 original, 2 add, 3 delete, 4 change, 5 replace, 1 cancel",
)

# Whole documents (7 is the copy of one): they put themselves in the place of what is held.
WHOLE = frozenset({Function.ORIGINAL, Function.REPLACE, Function.DUPLICATE})
AMENDING = frozenset({Function.ADD, Function.DELETE, Function.CHANGE})
# Types of which a document is a single part: that part is in force when the document is, and
# deleting it removes the document.
ONE_PART_TYPES = frozenset({"booking", "delivery_order"})
# What a key needs to tell documents of a type apart; any value will do for the other types.
IDENTIFYING_KEYS = {
    "manifest": ("vessel", "voyage"),
    "container_list": ("vessel", "voyage"),
    "vessel_schedule": ("vessel", "voyage"),
}


def reference_is_new(case: Case, _seen: Survey) -> Ruling:
    """Same UNB5 or MessageID with other bytes, unless the first was rejected (house.md 6)."""
    if case.reference_holder is None:
        return NO_OBJECTION
    finding = REFERENCE_REUSED.at(value=case.document.reference, holder=case.reference_holder)
    return Ruling((finding,))


def file_is_new(case: Case, _seen: Survey) -> Ruling:
    """Same bytes as a file accepted or in progress: no new effect (house.md 6).

    Only of files in archives: whole uploads are compared as they are received.
    """
    if case.repeats is None:
        return NO_OBJECTION
    return Ruling((ALREADY_RECEIVED.at(holder=case.repeats),), current="keep")


def is_identified(document: DocumentFacts) -> bool:
    """Whether its key tells the document from others of its type."""
    needed = IDENTIFYING_KEYS.get(document.type)
    if needed is None:
        return any(document.key.values())
    return all(document.key.get(name) for name in needed)


def in_force(case: Case) -> Sequence[HeldDocument]:
    """What the document can replace or amend: nothing, where nothing tells it from others."""
    return case.held if is_identified(case.document) else ()


def document_is_newer(case: Case, _seen: Survey) -> Ruling:
    """Flat file (no reference): newer creation wins, older is out of date, equal: later arrival.

    Compared with the newest of what is in force, as far as both are precise.
    """
    document = case.document
    held_before = in_force(case)
    if document.reference is not None or not held_before:
        return NO_OBJECTION
    known = [each.created_wall for each in held_before if each.created_wall]
    if not known or document.created_wall is None:
        return Ruling((NO_CREATE_TIME.at(),))
    held = max(known)
    shared = min(len(held), len(document.created_wall))
    mine, theirs = document.created_wall[:shared], held[:shared]
    if mine > theirs:
        return NO_OBJECTION
    if mine < theirs:
        return Ruling((OUT_OF_DATE.at(value=document.created_wall, held=held),))
    return Ruling((SAME_CREATE_TIME.at(value=document.created_wall),))


def function_fits(case: Case, seen: Survey) -> Ruling:
    """What the function does to what is in force (formats.md 1.3, 10.14).

    9, 5, 7: replace it, whether or not there is one (5 without one warns).  2, 3, 4: amend it, or
    NO_ORIGINAL; added parts must be new, changed and deleted ones must be there.  1: remove it.
    An agreement that lowers NO_ORIGINAL lets 2 and 4 stand as originals.  A document that nothing
    identifies changes nothing.
    """
    function = case.document.function
    if function in WHOLE:
        return _replaces(case)
    held = in_force(case)
    if function == Function.CANCEL:
        missing = () if held else (NO_ORIGINAL.at(value=function),)
        return Ruling(missing, current="remove" if held else "keep")
    if function not in AMENDING:
        return Ruling((FUNCTION_UNKNOWN.at(value=function),), current="keep")
    if not held:
        alone = function != Function.DELETE and is_identified(case.document)
        return Ruling((NO_ORIGINAL.at(value=function),), current="replace" if alone else "keep")
    return _amends(case, seen)


def _replaces(case: Case) -> Ruling:
    document = case.document
    if not is_identified(document):
        return Ruling((NOT_IDENTIFIED.at(document=document.type),), current="keep")
    if case.held:
        return Ruling((REPLACES_HELD.at(held=case.held[0].id),), current="replace")
    if document.function == Function.REPLACE:
        # A whole document loses nothing by the absence of what it replaces.
        warned = NO_ORIGINAL.at(value=document.function, severity=Severity.WARNING)
        return Ruling((warned,), current="replace")
    return Ruling(current="replace")


def _amends(case: Case, seen: Survey) -> Ruling:
    function = case.document.function
    one_part = case.document.type in ONE_PART_TYPES
    whole = one_part and function == Function.DELETE
    current: Current = "remove" if whole else "amend"
    if function == Function.ADD:
        wrong = seen.all if one_part else seen.held
        kind, what = ALREADY_HELD, ("added", "增加")
    else:
        wrong = PartGroup() if one_part else seen.not_held
        kind = NOT_HELD
        what = ("deleted", "删除") if function == Function.DELETE else ("changed", "变更")
    if not wrong:
        return Ruling(current=current)
    finding = kind.at(count=len(wrong), names=wrong.listed, what=what[0], what_zh=what[1])
    return _parts_that_do_not_fit(case, seen, wrong, finding, current)


def _parts_that_do_not_fit(
    case: Case, seen: Survey, wrong: PartGroup, finding: Finding, current: Current
) -> Ruling:
    """Under `accept = "part"` they are left out, unless none would remain."""
    by_part = case.agreement is not None and case.agreement.accept == "part"
    if not by_part or len(wrong) == seen.total:
        return Ruling((finding,), current=current)
    left_out = replace(finding, severity=Severity.WARNING)
    return Ruling((left_out,), rejected_parts=tuple(wrong.ordinals), current=current)
