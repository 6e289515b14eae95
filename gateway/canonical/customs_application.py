"""CUSTOMS APPLICATION 预约通关申请单: goods to be cleared outside hours; a part each.

Source: rules.md F.2 (S2-06: the fields; S2-14 … S2-22), annex of announcement 2018/109.  A draft
may lack anything, so every field is optional; what must be there on submission is a rule.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from gateway.canonical.document import DocumentType, Header, key_of
from gateway.canonical.model import Code, Many, Model, Text
from gateway.limits import CUSTOMS_DECLARATIONS_TAKEN_MAX, CUSTOMS_GOODS_LINES_MAX

# An instant with its offset, shown to the second: the rules count clock hours of +08:00.
MOMENT_PATTERN = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$"
DAY_OR_MOMENT_PATTERN = (
    r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$"
)
YEARS = (1990, 2200)


def _exists(value: str) -> str:
    """The pattern admits 30 February."""
    if not YEARS[0] <= datetime.fromisoformat(value).year < YEARS[1]:
        raise ValueError(f"the year lies outside {YEARS[0]} to {YEARS[1]}")
    return value


Moment = Annotated[str, StringConstraints(pattern=MOMENT_PATTERN), AfterValidator(_exists)]
DayOrMoment = Annotated[
    str, StringConstraints(pattern=DAY_OR_MOMENT_PATTERN), AfterValidator(_exists)
]
NUMBER_PATTERN = r"^YTG[0-9]{15}$"
Number = Annotated[str, StringConstraints(pattern=NUMBER_PATTERN)]
FirmCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,18}$")]
PortCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{4,5}$")]
ShortText = Annotated[str, StringConstraints(min_length=1, max_length=200)]
TransportMode = Literal["水运", "陆运", "空运", "其它"]
Situation = Literal["disaster_or_dangerous", "live_or_perishable", "urgent", "none"]

_FLOWS = {"import": "1", "进口": "1", "I": "1", "export": "0", "出口": "0", "E": "0"}


def _flow(value: object) -> object:
    return _FLOWS.get(value, value) if isinstance(value, str) else value


# 进出口标志: "1" import, "0" export; the words are understood, too.
Flow = Annotated[
    Literal["1", "0"],
    BeforeValidator(_flow),
    WithJsonSchema({"enum": ["1", "0", *_FLOWS], "type": "string"}),
]


class CustomsFirm(Model):
    """Declarant 申报单位 or consignee 收发货人: 10 customs, 18 credit, 10 inspection, name."""

    customs_code: FirmCode | None = None
    credit_code: FirmCode | None = None
    inspection_code: FirmCode | None = None
    name: ShortText | None = None


class CustomsContact(Model):
    """联系人: name and mobile."""

    name: ShortText | None = None
    mobile: Annotated[str, StringConstraints(pattern=r"^[0-9+ -]{5,20}$")] | None = None


class CustomsGoods(Model):
    """A line of the goods list: item, name, 10-digit HS code."""

    item: Annotated[int, Field(ge=1, le=9999)] | None = None
    name: Text
    hs: Code


class CustomsDeclaration(Model):
    """报关单号, and what is known of the declaration; firm: the code of its 收发货企业."""

    number: Code
    flag: Flow | None = None
    firm: FirmCode | None = None
    declaring_port: PortCode | None = None
    entry_exit_port: PortCode | None = None
    declared: DayOrMoment | None = None


class CustomsForm(Model):
    """The fields that a firm fills in (S2-06); the end of the window is never entered (S2-13).

    reference: the firm's own, one application each.  situation: of announcement 2018/109.
    """

    reference: Code | None = None
    declarant: CustomsFirm | None = None
    consignee: CustomsFirm | None = None
    contact: CustomsContact | None = None
    declaring_port: PortCode | None = None
    entry_exit_port: PortCode | None = None
    transport_mode: TransportMode | None = None
    start: Moment | None = None
    reason: Text | None = None
    flag: Flow | None = None
    situation: Situation | None = None
    goods: Annotated[Many[CustomsGoods], Field(max_length=CUSTOMS_GOODS_LINES_MAX)] = ()
    declarations: Annotated[
        Many[CustomsDeclaration], Field(max_length=CUSTOMS_DECLARATIONS_TAKEN_MAX)
    ] = ()


class CustomsApplication(CustomsForm):
    """The form as a file; action: leave a draft (暂存) or submit it at once (申报).

    Attachments go to the draft over HTTP: a file that has some is saved, not submitted.
    """

    action: Literal["save", "submit"] = "submit"


class ApplicationHeader(Header):
    """Nothing beside what every header has; function 1 cancels the application of `reference`."""


def _document_key(_header: ApplicationHeader, part: CustomsApplication) -> dict[str, str]:
    return key_of(reference=part.reference)


def _search_keys(_header: ApplicationHeader, part: CustomsApplication) -> list[tuple[str, str]]:
    return [("customs_application", part.reference.upper())] if part.reference else []


CUSTOMS_APPLICATION = DocumentType(
    "customs_application",
    ApplicationHeader,
    CustomsApplication,
    _document_key,
    _document_key,
    _search_keys,
)
