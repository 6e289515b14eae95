"""CUSTOMS ANSWER 海关回执: what customs say about applications; a part each.

Source: rules.md F.2 (S2-36: the states; S2-43: customs feed the acceptance result back online).
"""

from __future__ import annotations

from typing import Literal

from gateway.canonical.customs_application import Moment, Number
from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Many, Model, RawField, Text

AnswerState = Literal[
    "未受理", "已受理", "预约成功", "退单", "已取消", "通关完成未反馈", "通关完成"
]


class AnswerHeader(Header):
    """Nothing beside what every header has."""

    extras: Many[RawField] = ()


class CustomsAnswer(Model):
    """One answer: number is the pre-entry number (YTG…), application_number customs' 申请编号.

    answered_at: customs' own time; of two answers the later one is the newer.
    """

    number: Number
    state: AnswerState
    answered_at: Moment
    application_number: Code | None = None
    reason: Text | None = None
    extras: Many[RawField] = ()


def _document_key(_header: AnswerHeader, part: CustomsAnswer) -> dict[str, str]:
    return key_of(customs_application=part.number, state=part.state, answered_at=part.answered_at)


def _search_keys(_header: AnswerHeader, part: CustomsAnswer) -> list[tuple[str, str]]:
    pairs = [("customs_application", part.number), ("customs_application", part.application_number)]
    return [(kind, value.upper()) for kind, value in pairs if value]


CUSTOMS_ANSWER = DocumentType(
    "customs_answer", AnswerHeader, CustomsAnswer, _document_key, _document_key, _search_keys
)
