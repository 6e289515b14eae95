"""G.6 fixtures and the traps of rules.md E; where identifiers stand in documents."""

from __future__ import annotations

import pytest

from gateway.canonical.booking import Booking, BookingHeader
from gateway.canonical.manifest import Bill, ManifestHeader
from gateway.findings import Place, Severity
from gateway.rules import identifiers, registration
from gateway.rules.identifiers import identifier_findings

GOOD_BOX = "CSQU3054383"

CHECKS = {
    "container": identifiers.check_container_number,
    "imo": identifiers.check_imo,
    "locode": identifiers.check_locode,
    "bill": identifiers.check_bill_number,
    "uscc": registration.check_credit_code,
    "id": registration.check_identity,
    "declaration": registration.check_declaration,
    "customs": registration.check_customs_code,
    "hs": registration.check_hs,
    "plate": registration.check_plate,
    "ytg": registration.check_appointment_number,
    "login": registration.check_login,
}
VALID = {
    "container": "CSQU3054383 MSKU1234565 TGHU7599330 OOLU7777772 TCLU4265270 TSTU0000020",
    "imo": "9074729 9319466 9234343 IMO9074729",
    "locode": "CNTXG CNTSN USLA2 cntxg",
    "bill": "COSU6123456780 TJL24110001*H01 ABCD",
    "uscc": "9113000034801880XB 91120116103061234C 9112011610306123AY",
    "id": "11010519491231002X 120107198511200033 12011619851120003X",
    "declaration": "020220261000000001 020220260000000001",
    "customs": "130198004Y 1202930001",
    "hs": "2006001000",
    "plate": "津A12345 津AB1234 津AD12345 津A1234挂",
    "ytg": "YTG202300001427600",
    "login": "port01",
}
INVALID = {
    "container": "CSQU3054384 TCLU4265274 CSQU30543８3 1A2U3054381 MSKX1234564 MSKR1234563 "
    "CTN.NO. CSQU3054383\n",
    "imo": "9319467 931946 IMO_9074729",
    "locode": "YIK FIKTMU GUGU CN1XG",
    "bill": "B/L_NO. ABC cosu6123456780",
    "uscc": "911309000000000000 911101010101010101 366272828299292992",
    "id": "120107198511200031 12010101010293847 120107198513200033",
    "declaration": "02022026100000000 020220262000000001",
    "customs": "13019800",
    "hs": "20060010 200600100０",
    "plate": "津O12345 津A1234",
    "ytg": "YTG20230000142760",
    "login": "abc abcdefgh12345678 天津港1",
}


def rows(table):
    return [(kind, value) for kind, values in table.items() for value in values.split(" ") if value]


@pytest.mark.parametrize(("kind", "value"), rows(VALID))
def test_valid(kind, value):
    assert CHECKS[kind](value) is None


@pytest.mark.parametrize(("kind", "value"), rows(INVALID))
def test_invalid(kind, value):
    assert CHECKS[kind](value) is not None


@pytest.mark.parametrize(
    ("number", "kind", "params"),
    [
        ("CBHU1234567", identifiers.CONTAINER_CHECK_DIGIT, {"expected": "1"}),
        ("TEST1234567", identifiers.CONTAINER_CHECK_DIGIT, {"expected": "0"}),
        ("MSKX1234564", identifiers.CONTAINER_CATEGORY, {}),
        ("1A2U3054381", identifiers.CONTAINER_FORM, {}),
        ("CSQU30543８3", identifiers.CONTAINER_FORM, {}),
    ],
)
def test_what_is_wrong_with_a_container(number, kind, params):
    assert identifiers.check_container_number(number) == (kind, params)


def test_a_wrong_check_digit_warns_and_other_text_is_an_error():
    assert identifiers.CONTAINER_CHECK_DIGIT.severity is Severity.WARNING
    assert identifiers.CONTAINER_CATEGORY.severity is Severity.WARNING
    assert identifiers.CONTAINER_FORM.severity is Severity.ERROR
    assert identifiers.BILL_MISSING.severity is Severity.ERROR
    assert identifiers.LOCODE_FORM.severity is Severity.WARNING


def test_an_unknown_district_only_warns():
    fault = registration.check_identity("999999198511200034")
    assert fault is not None
    assert fault.kind is registration.IDENTITY_DISTRICT


def manifest(**header):
    return ManifestHeader(message_type="IFCSUM", **header)


def test_a_good_bill_has_no_findings():
    bill = Bill(
        number="TJL24110001",
        load_port={"code": "CNTXG"},
        discharge_port={"code": "KRPUS", "name": "BUSAN"},
        containers=[{"number": GOOD_BOX}, {"number": None}],
    )
    assert list(identifier_findings("manifest", None, bill)) == []


def test_every_identifier_of_a_manifest_is_found_at_its_path():
    header = manifest(vessel={"imo": "9319467"}, load_port={"code": "TXG"})
    bill = Bill(
        discharge_port={"code": "DISCHARGE PORT CODE"},
        containers=[
            {"number": GOOD_BOX},
            {"number": "CSQU3054384", "discharge_port": {"code": "??"}},
            {"number": "CTNNO"},
        ],
    )
    found = [
        (flaw.path, flaw.kind.code, flaw.value)
        for flaw in identifier_findings("manifest", header, bill)
    ]
    assert found == [
        (("header", "vessel", "imo"), "IMO-WRONG", "9319467"),
        (("header", "load_port", "code"), "LOCODE-FORM", "TXG"),
        (("part", "number"), "BILL-MISSING", None),
        (("part", "discharge_port", "code"), "LOCODE-FORM", "DISCHARGE PORT CODE"),
        (("part", "containers", 1, "number"), "CONTAINER-CHECK-DIGIT", "CSQU3054384"),
        (("part", "containers", 1, "discharge_port", "code"), "LOCODE-FORM", "??"),
        (("part", "containers", 2, "number"), "CONTAINER-FORM", "CTNNO"),
    ]


def test_a_booking_without_any_number_is_told():
    flaws = identifier_findings("booking", BookingHeader(message_type="IFTMBF"), Booking())
    assert [flaw.kind.code for flaw in flaws] == ["BOOKING-MISSING"]
    numbered = Booking(booking_number="BK1", vessel={"imo": "9074729"}, containers=[])
    assert not identifier_findings("booking", None, numbered)


def test_a_flaw_becomes_a_finding_at_its_place():
    (flaw,) = identifier_findings(
        "booking", None, Booking(booking_number="BK1", containers=[{"number": "CSQU3054384"}])
    )
    finding = flaw.finding(Place(tag="51", field=3), "csqu 305438-4")
    assert (finding.code, finding.value) == ("CONTAINER-CHECK-DIGIT", "csqu 305438-4")
    assert "3" in finding.en
    assert finding.place.field == 3


def test_a_document_without_identifiers_has_none_that_are_wrong():
    assert not identifier_findings("acknowledgement", None, Bill())
