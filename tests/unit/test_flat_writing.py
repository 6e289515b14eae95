"""Flat and fixed writers: what they refuse and why, what goes where, the same bytes every time."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from gateway.canonical.booking import Booking, BookingHeader
from gateway.canonical.container_list import ListedContainer, ListHeader
from gateway.canonical.container_load_plan import LoadedContainer, LoadPlanHeader
from gateway.canonical.document import Function
from gateway.canonical.manifest import Bill, ManifestHeader
from gateway.canonical.verified_gross_mass import GrossMassHeader, WeighedContainer
from gateway.findings import Finding
from gateway.mappings.contract import Unwritable
from gateway.mappings.writing import WRITERS, writer_named
from tests.property.documents import outgoing, read_back, written

MANIFEST = ManifestHeader(message_type="X", voyage="081E", vessel={"imo": "9523108"})


def bill(**more: Any) -> Bill:
    return Bill.model_validate({"number": "B1", **more})


def box(**more: Any) -> dict[str, Any]:
    return {"number": "TEMU3010013", **more}


def refused(name: str, header: Any, *parts: Any, **changes: Any) -> list[Finding]:
    with pytest.raises(Unwritable) as error:
        written(writer_named(name), header, parts, **changes)
    return list(error.value.findings)


def text_of(name: str, header: Any, *parts: Any, **changes: Any) -> str:
    return written(writer_named(name), header, parts, **changes).decode("gb18030")


V1, V2 = "manifest/ifcsum-flat", "manifest/ifctst-flat"
NO_VOYAGE = ManifestHeader(message_type="X")
BOOKING = BookingHeader(message_type="X")
LIST = ListHeader(message_type="X")
REFUSALS = [
    ("no voyage", V1, NO_VOYAGE, bill(), [("WRITE-MISSING", "10.voyage")]),
    ("no bill number", V1, MANIFEST, Bill(payment="P"), [("WRITE-MISSING", "12.bill_number")]),
    (
        "a box without its number", V1, MANIFEST, bill(containers=[{"status": "F"}]),
        [("WRITE-MISSING", "51.container_number")],
    ),
    (
        "two seals where one fits", V1, MANIFEST,
        bill(containers=[box(seals=[{"number": "S1"}, {"number": "S2"}])]),
        [("WRITE-MANY", "containers[1].seals")],
    ),
    (
        "a reefer box", V1, MANIFEST,
        bill(containers=[box(), box(temperature={"unit": "C", "setting": Decimal(-18)})]),
        [("WRITE-NO-PLACE", "containers[2].temperature.setting")],
    ),
    (
        "dangerous goods told of a box", V2, MANIFEST,
        bill(containers=[box(), box(dangerous=[{"hazard_class": "3", "un_number": "1263"}])]),
        [
            ("WRITE-NO-PLACE", "containers[2].dangerous[1].hazard_class"),
            ("WRITE-NO-PLACE", "containers[2].dangerous[1].un_number"),
        ],
    ),
    (
        "two shippers", V1, MANIFEST,
        bill(parties=[{"role": "shipper", "lines": ["A"]}, {"role": "shipper", "lines": ["B"]}]),
        [("WRITE-MANY", "parties")],
    ),
    (
        "a place code that would be read as a name", V1, MANIFEST,
        bill(receipt_place={"code": "TIANJIN"}), [("WRITE-VALUE", "12")],
    ),
    (
        "a function of its own", V1,
        ManifestHeader(message_type="X", voyage="1", function=Function.OTHER), bill(),
        [("WRITE-VALUE", "function")],
    ),
    (
        "known boxes in a classic booking", "booking/iftmbf-flat-classic", BOOKING,
        Booking(booking_number="K1", containers=[box()]),
        [("WRITE-NO-PLACE", "containers[1].number")],
    ),
    (
        "no booking number", "booking/iftmbf-flat-3.1", BOOKING, Booking(payment="P"),
        [("WRITE-MISSING", "02.booking_number")],
    ),
    (
        "a number too wide for its columns", "container_list/ncl-fixed", LIST,
        ListedContainer(number="TEMU3010013", bill_of_lading="B" * 17),
        [("WRITE-LENGTH", "bill_of_lading")],
    ),
    (
        "a size that the columns are not known for", "container_list/ncl-fixed", LIST,
        ListedContainer(number="TEMU3010013", size_type="?"),
        [("WRITE-VALUE", "size_type, status")],
    ),
    (
        "dangerous goods in a container list", "container_list/ncl-fixed", LIST,
        ListedContainer(number="TEMU3010013", dangerous=[{"un_number": "1263"}]),
        [("WRITE-NO-PLACE", "dangerous[1].un_number")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "header", "part", "expected"),
    [row[1:] for row in REFUSALS],
    ids=[row[0] for row in REFUSALS],
)
def test_what_a_format_cannot_say_is_refused(name, header, part, expected):
    found = refused(name, header, part)
    assert [finding.code for finding in found] == [code for code, _ in expected]
    for finding, (_code, path) in zip(found, expected, strict=True):
        assert path in finding.en
        assert path in finding.zh


def test_everything_is_told_at_once_and_with_the_bill_that_it_concerns():
    bad = bill(number="B2", containers=[box(vgm_kg=Decimal(3900))])
    found = refused(V1, NO_VOYAGE, bill(), bad)
    assert [(f.code, f.place.key) for f in found] == [
        ("WRITE-MISSING", "header"),
        ("WRITE-NO-PLACE", "B2"),
    ]


def test_findings_are_bounded():
    parts = [bill(containers=[box(vgm_kg=Decimal(1))] * 10) for _ in range(50)]
    assert len(refused(V1, MANIFEST, *parts)) == 100


def test_a_document_without_parts_is_no_file():
    assert [f.code for f in refused(V1, MANIFEST)] == ["WRITE-MISSING"]


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_a_character_that_the_encoding_lacks(encoding):
    (found,) = refused(V1, MANIFEST, bill(remarks=[], goods=[{"marks": ["𠮷"]}]), encoding=encoding)
    assert (found.code, encoding in found.en) == ("WRITE-ENCODING", True)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.name)
def test_a_writer_says_what_a_route_must_know(writer):
    folder, _, _ = writer.name.partition("/")
    assert folder == writer.document.name
    assert writer.suffix.startswith(".")
    assert writer.encoding in writer.encodings or writer.suffix == ".xlsx"
    assert all(path.startswith(("header.", "part.")) for path in writer.leaves_out)
    assert sum(each.name == writer.name for each in WRITERS) == 1


def test_head_and_trailer_are_our_own():
    header = MANIFEST.model_copy(update={"message_type": "CUSCAR", "sender": "THEIRS"})
    lines = text_of(V1, header, bill(), sender="TJPORT", receiver="TERM1").split("\r\n")
    assert lines[0] == "00:IFCSUM:MANIFEST:9:TJPORT:TERM1:202611200930'"
    assert lines[1] == "10:UN9523108:::081E'"
    assert lines[-2:] == ["99:4'", ""]


def test_what_all_boxes_say_alike_is_said_of_their_only_goods():
    cold = {"temperature": {"unit": "C", "setting": Decimal(-18)}}
    boxes = [box(**cold), box(number="TEMU3010029", **cold)]
    one = text_of(V1, MANIFEST, bill(containers=boxes, goods=[{"description": ["SHRIMP"]}]))
    assert [line for line in one.splitlines() if line[:2] == "43"] == ["43:::::::::C:-18'"]
    none = text_of(
        "booking/iftmbf-flat-3.1", BOOKING, Booking(booking_number="K", containers=boxes)
    )
    assert "43:::::::::::C:-18'" in none
    for goods in ([{"marks": ["A"]}, {"marks": ["B"]}], [{"temperature": {"setting": Decimal(5)}}]):
        found = refused(V1, MANIFEST, bill(containers=boxes, goods=goods))
        assert {f.code for f in found} == {"WRITE-NO-PLACE"}


def test_what_is_released():
    marks = ["A:B", "O'NEIL", "5+5", "WHY?", "?+"]
    manifest = text_of(V1, MANIFEST, bill(goods=[{"marks": marks}]))
    lines = [line[4:] for line in manifest.splitlines() if line[:2] == "44"]
    assert lines == ["A?:B'", "O?'NEIL'", "5+5'", "WHY??'", "??+'"]
    booked = Booking(booking_number="K", goods=[{"marks": ["5+5"]}])
    assert "44:5?+5'" in text_of("booking/iftmbf-flat-3.1", BOOKING, booked)


def test_status_is_said_in_the_letters_or_digits_of_the_format():
    boxes = [box(status="5"), box(number="TEMU3010029", status="E")]
    v1 = text_of(V1, MANIFEST, bill(containers=boxes))
    v2 = text_of(V2, MANIFEST, bill(containers=boxes))
    assert [line.split(":")[5] for line in v1.splitlines() if line[:2] == "51"] == ["F'", "E'"]
    assert [line.split(":")[5] for line in v2.splitlines() if line[:2] == "51"] == ["5'", "4'"]


def test_raw_values_go_back_only_to_a_file_of_their_own_kind():
    extras = [{"record": "10", "field": "spare_15", "value": "1"}]
    own = ManifestHeader(message_type="IFCTST", message_version="1.0", voyage="081E", extras=extras)
    other = own.model_copy(update={"message_version": None})
    assert ":::::1'" in text_of(V2, own, bill())
    assert ":1'" not in text_of(V2, other, bill()).split("\r\n")[1]


def test_a_box_under_two_bills_stands_once_and_is_linked_twice():
    def plan(number: str, *bills: dict[str, Any]) -> LoadedContainer:
        return LoadedContainer.model_validate(
            {"number": number, "bills": list(bills), "tare_kg": Decimal(2300)}
        )

    header = LoadPlanHeader(message_type="X", voyage="081E", vessel={"code": "BXYZ"})
    goods = {"goods": [{"description": ["PAINT"]}]}
    first, second = {"number": "B1", **goods}, {"number": "B2", **goods}
    text = text_of(
        "container_load_plan/cotemp-flat", header,
        plan("TEMU3010013", {**first, "packages_in_box": 5}, second),
        plan("TEMU3010029", second | {"cargo_weight_in_box_kg": Decimal("7.50")}),
    )  # fmt: skip
    labels = [line[:2] for line in text.splitlines()]
    assert labels == [
        "00", "10", "50", "50", "51", "52", "53", "56", "51", "52", "53", "56", "56", "99",
    ]  # fmt: skip
    assert "56:TEMU3010013:5:2300'" in text
    assert "56:TEMU3010029::2300:7.50'" in text


def test_bills_keep_the_order_in_which_each_box_has_them():
    header = LoadPlanHeader(message_type="X", voyage="081E", vessel={"code": "BXYZ"})
    one, two = {"number": "B1"}, {"number": "B2"}
    plans = [
        LoadedContainer(number="TEMU3010013", bills=[one, two]),
        LoadedContainer(number="TEMU3010029", bills=[two, one]),
    ]
    data = written(writer_named("container_load_plan/wlcost-flat"), header, plans)
    read = read_back(data)
    assert [[b.number for b in part.bills] for part in read.parts] == [["B1", "B2"], ["B2", "B1"]]


def test_a_mass_told_with_its_ship_box_by_box():
    header = GrossMassHeader(message_type="X")
    mass = {"vgm_kg": Decimal(3900), "vessel": {"name": "HAI YUN 8"}, "voyage": "081E"}
    boxes = [
        WeighedContainer.model_validate({"number": number, **mass})
        for number in ("TEMU3010013", "TEMU3010029")
    ]
    name = "verified_gross_mass/ctnvgm-flat"
    assert "10::HAI YUN 8:081E'" in text_of(name, header, *boxes)
    other = boxes[1].model_copy(update={"voyage": "082W"})
    assert [f.code for f in refused(name, header, boxes[0], other)] == ["WRITE-NO-PLACE"]


def test_columns_are_bytes_and_long_goods_take_more_lines():
    goods = "油漆" * 10
    parts = [ListedContainer(number="TEMU3010013", size_type="20GP", status="8", goods=goods)]
    data = written(writer_named("container_list/ncl-fixed"), LIST, parts)
    lines = data.split(b"\r\n")
    assert lines[0] == b"00NCLCONTAINER LIST"
    assert [len(line) for line in lines[1:-1]] == [44, 43, 43]
    assert lines[1][27:28] == b"F"
    assert b"".join(line[13:].strip() for line in lines[2:4]).decode("gb18030") == goods


def many(count: int) -> Iterator[Bill]:
    for number in range(count):
        yield bill(number=f"B{number:06d}", goods=[{"description": ["PAINT"]}], containers=[box()])


def test_a_long_manifest_is_never_in_memory_whole():
    """Four times the bills, the same memory: pieces are thrown away as they come."""
    writer = writer_named(V1)

    def grown(count: int) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        size = sum(len(piece) for piece in writer.write(outgoing(), MANIFEST, many(count)))
        assert size > count * 40
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    grown(500)
    assert grown(4000) < 4 * 1024
