"""What EDIFACT writers send: golden files, hostile texts, character sets, refusals.

`GATEWAY_GOLDEN=write pytest tests/unit/test_edifact_writing.py` writes the golden files anew; read
the difference before you commit it.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.canonical.booking import BOOKING, BookingHeader
from gateway.canonical.container_load_plan import CONTAINER_LOAD_PLAN
from gateway.canonical.delivery_order import DELIVERY_ORDER
from gateway.canonical.manifest import MANIFEST
from gateway.mappings import edifact_writing_output
from gateway.mappings.contract import Unwritable, Writer
from gateway.mappings.edifact_left_out import paths_of
from gateway.mappings.registry import named
from gateway.mappings.writing import WRITERS, writer_named
from tests.property.documents import facts_of, outgoing, written
from tests.property.test_round_trip_edifact import read

FOLDER = Path(__file__).resolve().parents[1] / "samples"
EDIFACT = [w for w in WRITERS if w.suffix == ".edi" and named(w.name)]
SAMPLES = [
    pytest.param(writer, path, id=f"{writer.name} {path.stem}")
    for writer in EDIFACT
    for path in sorted((FOLDER / named(writer.name).samples).glob("good-*.edi"))
]
# A function beyond those of formats.md 1.3 must not go out as an original.
REFUSED = {("booking/iftmbc", "good-conditional-d99b"): "WRITE-VALUE"}


def directory(data: bytes) -> str:
    return "D.00B" if b"00B" in data[:400] else "D.95B"


@pytest.mark.parametrize(("writer", "path"), SAMPLES)
def test_golden(writer: Writer, path: Path):
    """Each sample as we write it: without a finding of the reader, and the same written again."""
    heads, parts, _findings = read(path.read_bytes())
    terms = {"message_type": directory(path.read_bytes())}
    refused = REFUSED.get((writer.name, path.stem))
    if refused:
        with pytest.raises(Unwritable, match=refused):
            written(writer, heads[0], parts, **terms)
        return
    # Several messages of one file are several documents: each goes on its own.
    if writer.document is not MANIFEST and len(heads) > 1:
        parts = parts[:1]
    data = written(writer, heads[0], parts, **terms)
    expected = path.parent / "written" / path.name
    if os.environ.get("GATEWAY_GOLDEN") == "write":
        expected.parent.mkdir(exist_ok=True)
        expected.write_bytes(data)
    assert data.decode() == expected.read_text("utf-8")
    heads_again, parts_again, findings = read(data)
    assert [f.code for f in findings if f.code.startswith("EDI")] == []
    assert [facts_of(p, "part", EXTRAS) for p in parts_again] == [
        facts_of(p, "part", EXTRAS) for p in parts
    ]
    assert facts_of(heads_again[0], "header", EXTRAS) == facts_of(heads[0], "header", EXTRAS)
    assert written(writer, heads_again[0], parts_again, **terms) == data


# Fields without a word of ours come again where a table keeps them by qualifier, not in order.
EXTRAS = frozenset(
    {
        "header.extras", "part.extras", "part.goods.extras", "part.containers.extras",
        "part.equipment.extras", "part.bills.extras", "header.containers.extras",
    }
)  # fmt: skip


def booking(**changes: Any) -> tuple[Any, list[Any]]:
    part: dict[str, Any] = {
        "booking_number": "BK1",
        "vessel": {"name": "HAI YUN 8"},
        "parties": [{"role": "shipper", "lines": ["TIANJIN MOTORS"]}],
        "containers": [{"number": "CSQU3054383", "size_type": "22G1", "status": "5"}],
        **changes,
    }
    header = BookingHeader(message_type="COPARN")
    return header, [BOOKING.part.model_validate(part)]


def sent(name: str = "booking/coparn", *, changes: dict[str, Any] | None = None, **terms: Any):
    writer = writer_named(name)
    assert writer is not None
    return written(writer, *booking(**(changes or {})), **terms)


def refusal(name: str = "booking/coparn", *, changes: dict[str, Any], **terms: Any) -> list[str]:
    with pytest.raises(Unwritable) as refused:
        sent(name, changes=changes, **terms)
    return [f"{f.code} {f.value or ''}".strip() for f in refused.value.findings]


@pytest.mark.parametrize(
    "text",
    [
        "A+B:C'D?E",
        "'",
        "?",
        ":",
        "?:?",
        "+++",
        "UNT+1+1'",
        "O'NEIL ?",
        "天津?港:'",
        "a  b",
        "\u3000x",
    ],
)
def test_service_characters_come_back(text: str):
    data = sent(changes={"remarks": [text], "vessel": {"name": text, "code": "BXYZ"}})
    _heads, parts, findings = read(data)
    assert [f.code for f in findings if f.code.startswith("EDI")] == []
    assert parts[0].remarks == (text.strip(),)
    assert parts[0].vessel.name == text.strip()


@pytest.mark.parametrize("text", ["A\x00B", "A\x1bB", "A\tB", "A\nB", "A\x7fB"])
def test_control_characters_are_refused_where_a_text_is_one_field(text: str):
    assert refusal(changes={"vessel": {"name": text}})[0].startswith("WRITE-VALUE")


def test_lines_of_free_text_break_and_lose_nothing():
    text = "FIRST LINE\nSECOND " + "WORDS " * 40 + "天" * 100
    _heads, parts, _findings = read(sent(changes={"remarks": [text]}))
    assert "".join("".join(parts[0].remarks).split()) == "".join(text.split())
    assert max(map(len, parts[0].remarks)) <= 70


def test_what_is_too_long_is_refused_not_cut():
    codes = refusal(changes={"booking_number": "B" * 36, "voyage": "V" * 18})
    assert [code.split()[0] for code in codes if "LENGTH" in code] == ["WRITE-LENGTH"] * 2


@pytest.mark.parametrize(
    "lost",
    [
        {"temperature": {"setting": Decimal(-18), "ventilation": "50%"}},
        {"dangerous": [{"hazard_class": "3"}, {"hazard_class": "8"}]},
    ],
    ids=["ventilation", "two hazards where D.95B has one"],
)
def test_what_must_never_be_lost_is_refused(lost: dict[str, Any]):
    found = refusal(changes={"containers": [{"number": "CSQU3054383", **lost}]})
    assert found
    assert {code.split()[0] for code in found} <= {"WRITE-NO-PLACE", "WRITE-MANY"}


def test_a_booking_without_a_box_is_no_coparn():
    assert refusal(changes={"containers": []}) == ["WRITE-MISSING"]


@pytest.mark.parametrize(
    ("name", "syntax"), [("HAI YUN 8", b"UNOA:2"), ("Hai Yun 8", b"UNOB:2"), ("海运8", b"UNOY:4")]
)
def test_the_narrowest_set_is_named(name: str, syntax: bytes):
    data = sent(changes={"vessel": {"name": name}})
    assert b"UNB+" + syntax in data
    assert read(data)[1][0].vessel.name == name


def test_a_long_file_is_utf8_from_its_first_byte(monkeypatch: pytest.MonkeyPatch):
    """The set is named before the end is known; Chinese in the last box is still right."""
    monkeypatch.setattr(edifact_writing_output, "EDIFACT_CHARSET_DECIDED_CHARACTERS", 200)
    boxes = [{"number": "CSQU3054383", "goods": "A"}, {"number": "TLLU4567890", "goods": "天津"}]
    data = sent(changes={"containers": boxes})
    assert b"UNB+UNOY:4" in data
    assert read(data)[1][0].containers[1].goods == "天津"


@pytest.mark.parametrize("encoding", ["us-ascii", "iso-8859-1"])
def test_a_set_that_lacks_a_character_refuses(encoding: str):
    found = refusal(changes={"vessel": {"name": "海运8"}}, encoding=encoding)
    assert found[0].startswith("WRITE-ENCODING")


def test_gb18030_for_who_wants_it():
    data = sent(changes={"vessel": {"name": "海运8"}}, encoding="gb18030")
    assert "海运8".encode("gb18030") in data
    assert read(data)[1][0].vessel.name == "海运8"


def test_references_and_counts_are_our_own():
    data = sent(reference="REF77", test=True).decode()
    assert data.splitlines()[1].endswith("+REF77++++++1'")
    assert data.splitlines()[-1] == "UNZ+1+REF77'"
    unt = data.splitlines()[-2]
    assert unt == f"UNT+{len(data.splitlines()) - 3}+1'"


def test_more_boxes_than_the_directory_admits_are_refused():
    """COREOR D.95B takes 999 boxes."""
    writer = writer_named("delivery_order/coreor")
    assert writer is not None
    header = DELIVERY_ORDER.header.model_validate({"message_type": "X"})
    boxes = [{"number": f"CSQU{n:07d}"} for n in range(1_000)]
    order = DELIVERY_ORDER.part.model_validate(
        {"number": "DO1", "bill_of_lading": "B1", "containers": boxes}
    )
    with pytest.raises(Unwritable, match="WRITE-MANY"):
        written(writer, header, [order])


def test_what_a_message_is_stands_in_its_beginning():
    """A text of a flat file is no code; the usual code of the message stands there instead."""
    writer = writer_named("booking/coparn")
    assert writer is not None
    _header, parts = booking()
    for told, code in ((None, "126"), ("ORIGINAL BOOKING", "126"), ("12", "12")):
        header = BookingHeader(message_type="X", file_description=told)
        assert f"BGM+{code}++9'".encode() in written(writer, header, parts)


def test_bills_are_written_as_they_come():
    """A manifest is never held: the first bytes are out before the last bill is asked for."""
    writer = writer_named("manifest/ifcsum")
    assert writer is not None
    header = MANIFEST.header.model_validate({"message_type": "X", "vessel": {"code": "BXYZ"}})
    asked = 0

    def bills():
        nonlocal asked
        for number in range(3_000):
            asked = number
            yield MANIFEST.part.model_validate(
                {"number": f"B{number}", "remarks": ["X" * 70] * 2, "goods": [{"sequence": "1"}]}
            )

    pieces = writer.write(outgoing(), header, bills())
    next(pieces)
    assert asked < 2_900
    sizes = [len(piece) for piece in pieces]
    assert max(sizes) < 64 * 1024


def test_left_out_names_are_paths_of_the_document():
    for writer in EDIFACT:
        assert writer.leaves_out <= set(paths_of(writer.document))


def test_findings_are_bounded():
    boxes = [{"number": "CSQU3054383", "supplier": "X" * 30} for _ in range(300)]
    found = refusal(changes={"containers": boxes})
    assert len(found) <= 100


def plan(*boxes: dict[str, Any]) -> tuple[Any, list[Any]]:
    header = CONTAINER_LOAD_PLAN.header.model_validate({"message_type": "X", "voyage": "046E"})
    return header, [CONTAINER_LOAD_PLAN.part.model_validate(box) for box in boxes]


def test_boxes_for_other_ports_go_in_a_message_of_their_own():
    """COSTCO names ports for the whole call alone."""
    writer = writer_named("container_load_plan/costco")
    assert writer is not None
    boxes = [
        {"number": number, "discharge_port": {"code": port}, "bills": [{"number": f"B{number}"}]}
        for number, port in (("CSQU3054383", "KRPUS"), ("TLLU4567890", "KRINC"))
    ]
    heads, parts, findings = read(written(writer, *plan(*boxes)))
    assert len(heads) == 2
    assert [(p.number, p.discharge_port.code) for p in parts] == [
        ("CSQU3054383", "KRPUS"),
        ("TLLU4567890", "KRINC"),
    ]
    assert [f.code for f in findings if f.code.startswith("EDI")] == []


def test_a_box_with_bills_for_two_ports_is_refused_by_costco():
    writer = writer_named("container_load_plan/costco")
    assert writer is not None
    bills = [{"number": f"B{p}", "discharge_port": {"code": p}} for p in ("KRPUS", "KRINC")]
    with pytest.raises(Unwritable, match="WRITE-VALUE"):
        written(writer, *plan({"number": "CSQU3054383", "bills": bills}))


def test_a_bill_of_two_boxes_is_told_once_and_named_by_both():
    writer = writer_named("container_load_plan/costco")
    assert writer is not None
    bill = {"number": "B1", "goods": [{"sequence": "1", "packages": {"count": 30}}]}
    boxes = [
        {"number": number, "bills": [{**bill, "packages_in_box": count}]}
        for number, count in (("CSQU3054383", 20), ("TLLU4567890", 10))
    ]
    data = written(writer, *plan(*boxes))
    assert data.count(b"CNI+") == 1
    parts = read(data)[1]
    assert [p.bills[0].packages_in_box for p in parts] == [20, 10]


def test_words_that_no_code_list_has_are_left_out():
    parties = [
        {"role": "shipper", "lines": ["TIANJIN MOTORS"]},
        {"role": "contact", "lines": ["DESK"]},
    ]
    data = sent(
        changes={
            "parties": parties,
            "delivery_term": "CY-CY",
            "references": [{"qualifier": "service_contract", "number": "1"}],
        }
    )
    part = read(data)[1][0]
    assert [p.role for p in part.parties] == ["shipper"]
    assert part.delivery_term is None
    assert [r.qualifier for r in part.references] == ["BN"]


@pytest.mark.parametrize("message_type", [None, "COPARN", "COPARN D.00B", "coparn:d.00b"])
def test_the_route_may_name_a_directory(message_type: str | None):
    data = sent(message_type=message_type)
    wanted = b"UNH+1+COPARN:D:00B:UN'" if "00B" in str(message_type).upper() else b":D:95B:"
    assert wanted in data


@pytest.mark.parametrize(
    "writer", [w for w in WRITERS if w.suffix == ".edi" and "-d" in w.name], ids=lambda w: w.name
)
def test_a_variant_of_a_format_is_its_other_directory(writer: Writer):
    usual = writer_named(writer.name.rpartition("-")[0])
    assert usual is not None
    assert usual.document is writer.document
    folder = FOLDER / named(usual.name).samples  # type: ignore[union-attr]
    heads, parts, _findings = read(max(folder.glob("good-*.edi")).read_bytes())
    data = written(writer, heads[0], parts[:1])
    release = writer.name.rpartition("-d")[2].upper().encode()
    assert b":D:" + release + b":UN" in data
    assert [f.code for f in read(data)[2] if f.code.startswith("EDI")] == []


REEFER = {"setting": Decimal(-18), "minimum": Decimal(-20), "maximum": Decimal(-16), "unit": "C"}


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("manifest/cuscar", "goods", "containers"),
        ("manifest/ifcsum", "containers", "goods"),
    ],
)
def test_a_temperature_is_told_where_the_message_has_a_place(name: str, said: str, told: str):
    """CUSCAR tells it of boxes alone, the boxes of IFCSUM have no range."""
    writer = writer_named(name)
    assert writer is not None
    bill: dict[str, Any] = {
        "number": "B1",
        "goods": [{"sequence": "1"}, {"sequence": "2"}],
        "containers": [
            {"number": "CSQU3054383", "goods_sequence": "1"},
            {"number": "TLLU4567890", "goods_sequence": "2"},
        ],
    }
    bill[said][0]["temperature"] = REEFER
    header = MANIFEST.header.model_validate({"message_type": "X", "vessel": {"code": "BXYZ"}})
    part = read(written(writer, header, [MANIFEST.part.model_validate(bill)]))[1][0]
    here, other = getattr(part, told), getattr(part, said)
    assert here[0].temperature.minimum == -20
    assert here[1].temperature is None
    assert other[0].temperature is None
