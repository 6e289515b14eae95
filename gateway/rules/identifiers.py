"""Identifiers of the trade: container, ship, place, bill; and where they stand in a document.

Source: rules.md E, G.6 and H-45.  python-stdnum stands behind an ASCII pattern of our own, for it
takes a full-width digit for a digit, digits in the owner code and category R.

The good path of a part costs a pattern and a sum per box and allocates nothing; what is wrong is
worked out only where something is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from stdnum import imo, iso6346

from gateway.canonical.booking import Booking
from gateway.canonical.container import Container
from gateway.canonical.container_list import ListedContainer, ListHeader
from gateway.canonical.container_load_plan import LoadedContainer, LoadPlanHeader
from gateway.canonical.delivery_order import DeliveryOrder
from gateway.canonical.gate_move import MovedContainer, MoveHeader
from gateway.canonical.load_discharge_report import HandledContainer, ReportHeader
from gateway.canonical.manifest import Bill, ManifestHeader
from gateway.canonical.model import CodeName, Model
from gateway.canonical.verified_gross_mass import GrossMassHeader, WeighedContainer
from gateway.canonical.vessel import Vessel
from gateway.canonical.vessel_schedule import PortCall, ScheduleHeader
from gateway.findings import FindingKind, Severity
from gateway.rules.fault import GOOD, Fault
from gateway.rules.flaw import NO_FLAWS, CanonicalPath, Flaw

CONTAINER_FORM = FindingKind(
    "CONTAINER-FORM",
    Severity.ERROR,
    "“{value}”不是箱号",
    "“{value}” is not a container number",
    "4 个大写字母 + 7 位数字，例如 CSQU3054383",
    "4 capital letters and 7 digits, for example CSQU3054383",
)
CONTAINER_CHECK_DIGIT = FindingKind(
    "CONTAINER-CHECK-DIGIT",
    Severity.WARNING,
    "箱号 {value} 的校验位应为 {expected}",
    "container {value}: the check digit should be {expected}",
    "请核对箱号，最后一位按 ISO 6346 计算",
    "compare with the box; ISO 6346 computes the last digit",
)
CONTAINER_CATEGORY = FindingKind(
    "CONTAINER-CATEGORY",
    Severity.WARNING,
    "箱号 {value} 的第四个字母应为 U、J 或 Z",
    "container {value}: the fourth letter should be U, J or Z",
    "U 表示集装箱",
    "U stands for a freight container",
)
IMO_WRONG = FindingKind(
    "IMO-WRONG",
    Severity.WARNING,
    "“{value}”不是有效的 IMO 号",
    "“{value}” is not a valid IMO number",
    "7 位数字，最后一位是校验位，例如 9074729",
    "7 digits, the last one checks the others, for example 9074729",
)
LOCODE_FORM = FindingKind(
    "LOCODE-FORM",
    Severity.WARNING,
    "“{value}”不是 UN/LOCODE",
    "“{value}” is not a UN/LOCODE",
    "2 位国家代码 + 3 位地点代码，例如 CNTXG",
    "2 letters of the country and 3 of the place, for example CNTXG",
)
BILL_MISSING = FindingKind(
    "BILL-MISSING",
    Severity.ERROR,
    "提单号缺失",
    "the bill of lading has no number",
    "提单号是舱单各提单的唯一标识，必须填写",
    "the number tells the bills of a manifest apart and must be given",
)
BILL_FORM = FindingKind(
    "BILL-FORM",
    Severity.WARNING,
    "提单号“{value}”形式异常",
    "“{value}” does not look like a bill of lading number",
    "4 至 35 位大写字母、数字、* / -，不含空格",
    "4 to 35 capital letters, digits, * / -, no blanks",
)
BOOKING_MISSING = FindingKind(
    "BOOKING-MISSING",
    Severity.WARNING,
    "订舱号和提单号均缺失",
    "the booking has neither a booking number nor a bill of lading number",
    "没有编号的订舱无法更改或取消",
    "a booking without a number cannot be changed or cancelled",
)

_ALPHABET = "0123456789A BCDEFGHIJK LMNOPQRSTU VWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET) if letter != " "}
_OWNER = re.compile(r"[A-Z]{3}[UJZ]", re.ASCII).fullmatch
# What three digits add at places 4 to 6, and at places 7 to 9; the check digit by the remainder.
_DIGITS_4_TO_6 = {
    text: sum(int(digit) << place for place, digit in enumerate(text, 4))
    for text in map("{:03}".format, range(1000))
}
_DIGITS_7_TO_9 = {text: total << 3 for text, total in _DIGITS_4_TO_6.items()}
_CHECK = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0")
_CONTAINER = re.compile(r"[A-Z]{4}[0-9]{7}", re.ASCII).fullmatch
_IMO = re.compile(r"(IMO ?)?[0-9]{7}", re.ASCII).fullmatch
_LOCODE = re.compile(r"[A-Z]{2}[A-Z2-9]{3}", re.ASCII).fullmatch
_BILL = re.compile(r"[A-Z0-9][A-Z0-9*/-]{3,34}", re.ASCII).fullmatch


def check_container_number(number: str) -> Fault | None:
    """ISO 6346, normalised text (formats.md 1.7).  Remainder 10 is check digit 0 and accepted.

    A wrong check digit or category circulates and only warns; other text is no container number.
    """
    if _is_good_container(number):
        return GOOD
    if not _CONTAINER(number):
        return Fault(CONTAINER_FORM)
    expected = iso6346.calc_check_digit(number[:-1])
    if expected != number[-1]:
        return Fault(CONTAINER_CHECK_DIGIT, {"expected": expected})
    return Fault(CONTAINER_CATEGORY)


def _is_good_container(number: str) -> bool:
    """The same answer as stdnum in a tenth of its time; a property test compares the two.

    Owners are few and digits come in threes: three look-ups are the whole weighted sum.
    """
    owner = _owner_sum(number[:4])
    first, last = _DIGITS_4_TO_6.get(number[4:7]), _DIGITS_7_TO_9.get(number[7:10])
    if owner is None or first is None or last is None:
        return False
    return number[10:] == _CHECK[(owner + first + last) % 11]


@lru_cache(maxsize=4096)
def _owner_sum(owner: str) -> int | None:
    """What owner code and category add; None where they are none of a freight container."""
    if not _OWNER(owner):
        return None
    return sum(_VALUES[letter] << place for place, letter in enumerate(owner))


@lru_cache(maxsize=4096)
def check_imo(number: str) -> Fault | None:
    """IMO ship number: 7 digits, the last one checks the others."""
    good = _IMO(number) and imo.is_valid(number.removeprefix("IMO").strip())
    return GOOD if good else Fault(IMO_WRONG)


@lru_cache(maxsize=4096)
def check_locode(code: str) -> Fault | None:
    """UN/LOCODE by its form; letters of either case.  Whether the place exists is not checked."""
    return GOOD if _LOCODE(code.upper()) else Fault(LOCODE_FORM)


def check_bill_number(number: str | None) -> Fault | None:
    """提单号: 4 to 35 characters, a house bill joined by `*`; it has no check digit."""
    if number is None:
        return Fault(BILL_MISSING)
    return GOOD if _BILL(number) else Fault(BILL_FORM)


_HEADER_PLACES = ("load_port", "discharge_port", "departure_port", "next_port")
_BILL_PLACES = ("load_port", "discharge_port", "delivery_place", "receipt_place", "transfer_port")
_BOOKING_PLACES = (*_BILL_PLACES, "destination")
_BOX_PLACES = ("load_port", "discharge_port", "delivery_place")


def identifier_findings(
    document_type: str, header: Model | None, part: Model | None
) -> Sequence[Flaw]:
    """What is wrong with the identifiers of a header, of a part, or of both, in their order.

    Give the header once per document and the part alone from then on, or its faults are told
    again with every part.  A document type without identifiers has none that are wrong.
    """
    flaws: list[Flaw] | None = None
    if header is not None and (check := _HEADER_CHECKS.get(document_type)):
        flaws = check(header, flaws)
    if part is not None and (check := _PART_CHECKS.get(document_type)):
        flaws = check(part, flaws)
    return NO_FLAWS if flaws is None else flaws


def _manifest_header(header: ManifestHeader, flaws: list[Flaw] | None) -> list[Flaw] | None:
    flaws = _vessel(header.vessel, ("header", "vessel"), flaws)
    return _places(header, _HEADER_PLACES, ("header",), flaws)


def _bill(bill: Bill, flaws: list[Flaw] | None) -> list[Flaw] | None:
    number = bill.number
    if number is None or not _BILL(number):
        flaws = _noted(flaws, ("part", "number"), number, check_bill_number(number))
    flaws = _places(bill, _BILL_PLACES, ("part",), flaws)
    return _boxes(bill.containers, flaws)


def _booking(booking: Booking, flaws: list[Flaw] | None) -> list[Flaw] | None:
    if booking.booking_number is None and booking.bill_of_lading is None:
        flaws = _noted(flaws, ("part", "booking_number"), None, Fault(BOOKING_MISSING))
    for name in ("bill_of_lading", "house_bill"):
        number = getattr(booking, name)
        if number is not None and not _BILL(number):
            flaws = _noted(flaws, ("part", name), number, check_bill_number(number))
    flaws = _vessel(booking.vessel, ("part", "vessel"), flaws)
    flaws = _places(booking, _BOOKING_PLACES, ("part",), flaws)
    return _boxes(booking.containers, flaws)


def _call_header(
    header: LoadPlanHeader | GrossMassHeader | ScheduleHeader | ReportHeader | MoveHeader,
    flaws: list[Flaw] | None,
) -> list[Flaw] | None:
    """A header that names a ship and nothing else that could be checked."""
    return _vessel(header.vessel, ("header", "vessel"), flaws)


def _loaded_container(box: LoadedContainer, flaws: list[Flaw] | None) -> list[Flaw] | None:
    flaws = _box(box.number, flaws)
    for index, bill in enumerate(box.bills):
        path = ("part", "bills", index)
        if bill.number is not None and not _BILL(bill.number):
            flaws = _noted(flaws, (*path, "number"), bill.number, check_bill_number(bill.number))
        flaws = _places(bill, _BOX_PLACES, path, flaws)
    return flaws if box.bills else _places(box, _BOX_PLACES, ("part",), flaws)


def _weighed_container(box: WeighedContainer, flaws: list[Flaw] | None) -> list[Flaw] | None:
    return _box(box.number, flaws)


def _port_call(call: PortCall, flaws: list[Flaw] | None) -> list[Flaw] | None:
    flaws = _places(call, ("port",), ("part",), flaws)
    for index, each in enumerate(call.calls):
        flaws = _places(each, ("port",), ("part", "calls", index), flaws)
    return flaws


def _list_header(header: ListHeader, flaws: list[Flaw] | None) -> list[Flaw] | None:
    flaws = _vessel(header.vessel, ("header", "vessel"), flaws)
    return _places(header, ("port",), ("header",), flaws)


def _handled_container(
    box: HandledContainer | ListedContainer | MovedContainer, flaws: list[Flaw] | None
) -> list[Flaw] | None:
    flaws = _places(box, _BOX_PLACES, ("part",), _box(box.number, flaws))
    bill = box.bill_of_lading
    if bill is not None and not _BILL(bill):
        flaws = _noted(flaws, ("part", "bill_of_lading"), bill, check_bill_number(bill))
    return flaws


def _box(number: str | None, flaws: list[Flaw] | None) -> list[Flaw] | None:
    """A part that is a box; one without a number was told by its layout."""
    if number is not None and not _is_good_container(number):
        flaws = _noted(flaws, ("part", "number"), number, check_container_number(number))
    return flaws


def _delivery_order(order: DeliveryOrder, flaws: list[Flaw] | None) -> list[Flaw] | None:
    bill = order.bill_of_lading
    if bill is not None and not _BILL(bill):
        flaws = _noted(flaws, ("part", "bill_of_lading"), bill, check_bill_number(bill))
    flaws = _vessel(order.vessel, ("part", "vessel"), flaws)
    flaws = _places(order, _BOX_PLACES, ("part",), flaws)
    return _boxes(order.containers, flaws)


def _vessel(
    vessel: Vessel | None, path: CanonicalPath, flaws: list[Flaw] | None
) -> list[Flaw] | None:
    if vessel is not None and vessel.imo is not None and (fault := check_imo(vessel.imo)):
        flaws = _noted(flaws, (*path, "imo"), vessel.imo, fault)
    return flaws


def _places(
    model: Model, names: tuple[str, ...], path: CanonicalPath, flaws: list[Flaw] | None
) -> list[Flaw] | None:
    # The fields of a model are its __dict__: three times as fast as getattr in this hot loop.
    fields = model.__dict__
    for name in names:
        place: CodeName | None = fields[name]
        if place is not None and place.code is not None and (fault := check_locode(place.code)):
            flaws = _noted(flaws, (*path, name, "code"), place.code, fault)
    return flaws


def _boxes(boxes: tuple[Container, ...], flaws: list[Flaw] | None) -> list[Flaw] | None:
    for index, box in enumerate(boxes):
        number = box.number
        if number is not None and not _is_good_container(number):
            path = ("part", "containers", index, "number")
            flaws = _noted(flaws, path, number, check_container_number(number))
        if box.load_port is not None or box.discharge_port is not None or box.delivery_place:
            flaws = _places(box, _BOX_PLACES, ("part", "containers", index), flaws)
    return flaws


def _noted(
    flaws: list[Flaw] | None, path: CanonicalPath, value: str | None, fault: Fault | None
) -> list[Flaw] | None:
    if fault is None:
        return flaws
    flaws = [] if flaws is None else flaws
    flaws.append(Flaw(path, fault.kind, value, fault.params))
    return flaws


_Check = Callable[[Any, list[Flaw] | None], list[Flaw] | None]
_HEADER_CHECKS: dict[str, _Check] = {
    "manifest": _manifest_header,
    "container_load_plan": _call_header,
    "verified_gross_mass": _call_header,
    "vessel_schedule": _call_header,
    "load_discharge_report": _call_header,
    "container_list": _list_header,
    "gate_move": _call_header,
}
_PART_CHECKS: dict[str, _Check] = {
    "manifest": _bill,
    "booking": _booking,
    "container_load_plan": _loaded_container,
    "verified_gross_mass": _weighed_container,
    "vessel_schedule": _port_call,
    "load_discharge_report": _handled_container,
    "container_list": _handled_container,
    "gate_move": _handled_container,
    "delivery_order": _delivery_order,
}
