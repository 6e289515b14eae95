"""The flat reader's tolerances and findings (formats.md 1.1, 9.2 and 10), one by one."""

from __future__ import annotations

import pytest

from gateway.findings import Findings
from gateway.limits import (
    FIELDS_PER_RECORD_MAX,
    FLAT_PART_BYTES_MAX,
    FLAT_RUN_RECORDS_MAX,
    SEGMENT_BYTES_MAX,
)
from gateway.syntax.flat.layout import load
from gateway.syntax.flat.reader import FlatReader
from gateway.syntax.profile import Profile
from gateway.syntax.record import Grammar, Group, Message, MessageEnd

LAYOUTS = {"IFCSUM": "ifcsum-v1", "IFCTST": "ifctst-v1", "IFTMBF": "iftmbf-classic"}
HEAD = "00:IFCSUM:MANIFEST:9:A:B:202502031015'\n10:BDEM:BO HAI DEMO:CN:012E'\n11:DML'\n"
BILL = (
    "12:DML0001::::::CNTXG:XINGANG'\n13:KRPUS'\n16::A'\n17::B'\n18::C'\n41:1::1'\n47:GOODS'\n"
    "51:1:GWYU1002010::20GP'\n"
)


class Read:
    """A file, read."""

    def __init__(self, data: bytes | str, profile: Profile | None = None) -> None:
        raw = data.encode() if isinstance(data, str) else data
        found = Findings(keep_max=100_000)
        reader = FlatReader(iter([raw]), grammar, profile or Profile(), found)
        self.events = list(reader)
        self.findings = list(found)
        self.interchange = reader.interchange

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    def groups(self) -> list[list[str]]:
        return [[r.label for r in e.records] for e in self.events if isinstance(e, Group)]

    def record(self, label: str):
        return next(r for e in self.events for r in e.records if r.label == label)

    def one(self, code: str):
        (finding,) = [f for f in self.findings if f.code == code]
        return finding


def grammar(kind):
    name = LAYOUTS.get(kind.name)
    if name is None:
        return None
    layout = load(name)
    return Grammar(layout, layout.parts)


def manifest(body: str = BILL, count: int | None = None, head: str = HEAD) -> str:
    text = head + body
    counted = text.count("\n") + 1 if count is None else count
    return f"{text}99:{counted}'\n"


def test_a_good_file_has_nothing_to_report():
    read = Read(manifest(BILL + BILL))
    assert read.codes == []
    assert read.interchange.complete
    assert [type(event) for event in read.events] == [Message, Group, Group, MessageEnd]
    assert read.groups() == [["12", "13", "16", "17", "18", "41", "47", "51"]] * 2
    assert [r.label for r in read.events[0].records] == ["00", "10", "11"]
    assert (read.interchange.sender, read.interchange.receiver) == ("A", "B")
    assert read.interchange.reference is None
    assert read.interchange.encoding == "ascii"


def test_records_are_padded_and_placed():
    record = Read(manifest()).record("12")
    assert record.values[0] == "12"
    assert len(record.values) == load("ifcsum-v1").width("12")
    assert (record.ordinal, record.line) == (4, 4)
    assert record.offset == len(HEAD)


@pytest.mark.parametrize("end", ["", " ", "\r\n", "\n\n\n", "\x00\x00", "\x1a", " \r\n\x1a\x00"])
def test_what_may_stand_behind_the_last_record(end):
    read = Read(manifest().rstrip("\n") + end)
    assert read.codes == []
    assert read.interchange.complete


@pytest.mark.parametrize("separator", ["\r\n", "\n", "", " \r\n ", "\n\n  "])
def test_line_ends_are_no_delimiters(separator):
    read = Read(manifest().replace("'\n", "'" + separator))
    assert read.codes == []
    assert read.groups() == [["12", "13", "16", "17", "18", "41", "47", "51"]]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("47:001:PAINT", "PAINT"),
        ("47:PAINT", "PAINT"),
        ("47:1:PAINT:::", "PAINT"),
        ("47:1234:PAINT", "1234:PAINT"),
        ("47:A?:B??C?'D?+E?F", "A:B?C'D+E?F"),
        ("47:A:B", "A:B"),
        ("47:O'NEIL 5' x 6'", "O'NEIL 5' x 6'"),
        ("47:LINE 1\nLINE 2", "LINE 1\nLINE 2"),
        ("47:IT'S\n12 PIECES", "IT'S\n12 PIECES"),
        ("47:END?'\n", "END'"),
        ("47:", ""),
        ("47", ""),
        ("47:001", "001"),
    ],
)
def test_text_records(written, text):
    read = Read(manifest(BILL.replace("47:GOODS", written)))
    values = read.record("47").values
    assert len(values) == 3
    assert values[2].rstrip("\n") == text


def test_released_apostrophe_at_a_line_end_before_a_record_is_a_lost_character():
    read = Read(manifest(BILL.replace("47:GOODS", "47:???")))
    assert read.groups() == [["12", "13", "16", "17", "18", "41", "47", "51"]]
    assert read.codes == ["FLAT-017"]


def test_released_apostrophe_inside_a_line_never_ends_a_record():
    read = Read(manifest(BILL.replace("47:GOODS", "47:5?'10:6")))
    assert read.record("47").values[2] == "5'10:6"
    assert "51" in read.groups()[0]


@pytest.mark.parametrize(
    ("data", "count", "code"),
    [
        (manifest(count=24), "24", "FLAT-002"),
        (manifest(count=1), "1", "FLAT-002"),
        (manifest().replace("99:12'", "99'"), "", "FLAT-003"),
        (manifest().replace("99:12'", "99:MANY'"), "MANY", "FLAT-003"),
    ],
)
def test_wrong_count_is_a_warning_at_its_place(data, count, code):
    finding = Read(data).one(code)
    assert finding.severity == "warning"
    assert (finding.place.tag, finding.place.field, finding.value) == ("99", 2, count)
    assert finding.place.line == 12
    assert "12" in finding.hint_en


def test_missing_trailer_is_incomplete_unless_the_profile_excuses_it():
    data = HEAD + BILL
    read = Read(data)
    assert read.codes == ["INCOMPLETE"]
    place = read.findings[0].place
    assert (place.tag, place.line, place.offset) == ("99", 12, len(data))
    assert not read.interchange.complete
    excused = Read(data, Profile(trailer="absent"))
    assert excused.codes == []
    assert excused.interchange.complete


def test_unterminated_record_is_not_read_and_is_shown():
    read = Read(HEAD + BILL + "12:DML00")
    assert read.codes == ["INCOMPLETE"]
    finding = read.findings[0]
    assert (finding.value, finding.place.tag, finding.place.line) == ("12:DML00", "12", 12)
    assert finding.place.offset == len(HEAD + BILL)
    assert len(read.groups()) == 1


def test_missing_records_are_told_once_for_each_part():
    read = Read(manifest("12:DML1::::::CNTXG'\n51:1:GWYU1002010::20GP'\n" * 2, head=HEAD[:-9]))
    told = [(f.place.tag, f.place.record) for f in read.findings if f.code == "FLAT-011"]
    assert told == [("11", 1)] + [
        (t, n) for n in (3, 5) for t in ("13", "16", "17", "18", "41", "47")
    ]
    assert {f.severity for f in read.findings} == {"warning"}


def test_missing_vessel_record_is_an_error():
    head = HEAD.splitlines(keepends=True)[0]
    finding = next(f for f in Read(manifest(head=head)).findings if f.place.tag == "10")
    assert finding.severity == "error"


def test_unknown_record_is_kept_raw_and_told():
    read = Read(manifest(BILL + "98:ANY:THING'\n"))
    finding = read.one("FLAT-006")
    assert (finding.severity, finding.place.tag, finding.value) == ("info", "98", "ANY:THING")
    assert read.record("98").values == ["98", "ANY", "THING"]


def test_several_messages_in_one_file():
    one = manifest()
    read = Read(one + "00:NCREQ:X:9:C:D'\n10:Y'\n99:3'\n" + one)
    assert [type(event) for event in read.events] == [Message, Group, MessageEnd] * 2
    assert read.codes == ["FLAT-023"]
    assert read.interchange.complete
    assert read.interchange.messages == 2
    assert read.interchange.sender == "A"


def test_message_without_trailer_before_another_one():
    read = Read(HEAD + BILL + manifest())
    assert read.codes == ["INCOMPLETE", "FLAT-023"]
    assert (read.findings[0].place.line, read.findings[0].place.offset) == (12, len(HEAD + BILL))
    assert not read.interchange.complete
    assert [e.complete for e in read.events if isinstance(e, MessageEnd)] == [False, True]


def test_unknown_message_type_yields_nothing_but_its_trailer_is_checked():
    read = Read("00:NCREQ:X:9:C:D'\n10:Y'\n99:7'\n")
    assert read.events == []
    assert read.codes == ["FLAT-002"]
    assert read.interchange.sender == "C"
    assert not Read("00:NCREQ:X:9:C:D'\n10:Y'\n").interchange.complete


def test_record_behind_the_trailer_is_an_error():
    finding = Read(manifest() + "51:1:GWYU1002010'\n").one("FLAT-004")
    assert finding.severity == "error"
    assert finding.place.tag == "51"


def test_rubbish_behind_the_trailer_is_told():
    read = Read(manifest().rstrip() + "RUBBISH")
    assert read.one("FLAT-005").value == "RUBBISH"
    assert read.interchange.complete


@pytest.mark.parametrize("data", ["12:DML1'13:KRPUS'", "hello", "'", "12:DML1"])
def test_file_without_a_head(data):
    read = Read(data)
    assert "FLAT-001" in read.codes
    assert read.events == []
    assert not read.interchange.complete


def test_bom_and_blanks_before_the_head_keep_offsets_true():
    read = Read(b"\xef\xbb\xbf\r\n  " + manifest().encode())
    assert read.codes == []
    assert read.interchange.encoding == "utf-8"
    head = read.record("00")
    assert (head.offset, head.line) == (7, 2)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8"])
def test_chinese_text(encoding):
    read = Read(manifest(BILL.replace("GOODS", "油漆 5*6'")).encode(encoding))
    assert read.record("47").values[2] == "油漆 5*6'"
    assert read.interchange.encoding == ("utf-8" if encoding == "utf-8" else "gb18030")


def test_half_a_character_at_a_field_end_stays_visible_with_its_byte():
    data = manifest(BILL.replace("16::A", "16::天津:X")).encode("gbk")
    at = data.index("津".encode("gbk"))
    read = Read(data[: at + 1] + data[at + 2 :], Profile(encoding="gbk"))
    finding = read.one("FLAT-014")
    assert (finding.place.tag, finding.place.field, finding.place.offset) == ("16", 3, at)
    assert read.record("16").values[2:4] == ["天\\xbd", "X"]


@pytest.mark.parametrize(
    ("record", "code", "field", "severity"),
    [
        ("12:::::::CNTXG:XINGANG", "FLAT-012", 2, "error"),
        ("51:1:::20GP", "FLAT-012", 3, "error"),
        ("51:1:GWYU1002010:::F", "FLAT-012", 5, "warning"),
        ("51:1:GWYU1002010::BIG BOX", "FLAT-020", 5, "warning"),
        ("51:9:GWYU1002010::20GP", "FLAT-022", 2, "warning"),
        ("10:BDEM:" + "X" * 36 + ":CN:012E", "FLAT-013", 3, "info"),
        ("10:BDEM:BO HAI DEMO:CN", "FLAT-012", 5, "error"),
        ("13:KRPUS" + ":" * 17 + "SURPLUS", "FLAT-025", 19, "info"),
    ],
)
def test_field_findings(record, code, field, severity):
    lines = (HEAD + BILL).splitlines()
    text = "\n".join(record + "'" if line[:2] == record[:2] else line for line in lines) + "\n"
    finding = Read(manifest(text, head="")).one(code)
    assert (finding.place.tag, finding.place.field) == (record[:2], field)
    assert finding.severity == severity


@pytest.mark.parametrize("size", ["22G1", "L5G1", "4530", "20GP", "40HC", "40'HQ", "40 HC", "45g1"])
def test_size_types_that_circulate(size):
    assert "FLAT-020" not in Read(manifest(BILL.replace("20GP", size))).codes


def test_sums_of_ifctst():
    text = (
        manifest()
        .replace("IFCSUM", "IFCTST")
        .replace(
            "12:DML0001::::::CNTXG:XINGANG",
            "12:DML0001::::::CNTXG:XINGANG:::::::::24::20480.00:31.5",
        )
    )
    item = "41:1::24:PK:PACKAGE:{}::31.500"
    good = Read(text.replace("41:1::1", item.format("20480")))
    assert good.codes == []
    finding = Read(text.replace("41:1::1", item.format("20481"))).one("FLAT-021")
    assert (finding.place.tag, finding.place.field, finding.value) == ("12", 20, "20480.00")
    # What is no number is the mapping's to tell.
    for number in ("x", "1e999999999", "1E5", "Infinity", "1_0"):
        assert Read(text.replace("41:1::1", item.format(number))).codes == [], number


def test_overlong_record_is_refused_and_the_rest_is_read(monkeypatch):
    monkeypatch.setattr("gateway.syntax.flat.cutter.FLAT_READ_BYTES", 1000)
    long = "44:" + "X'" * SEGMENT_BYTES_MAX + "'\n"
    data = manifest(BILL.replace("47:", long + "47:")).encode()
    for chunks in ([data], [data[i : i + 5000] for i in range(0, len(data), 5000)]):
        findings = Findings()
        reader = FlatReader(iter(chunks), grammar, Profile(), findings)
        groups = [[r.label for r in e.records] for e in reader if isinstance(e, Group)]
        assert groups == [["12", "13", "16", "17", "18", "41", "47", "51"]]
        (finding,) = findings
        assert (finding.code, finding.place.line) == ("FLAT-007", 10)
        assert reader.interchange.complete


def test_overlong_record_at_the_end_of_the_file():
    read = Read(HEAD + BILL + "44:" + "X" * (2 * SEGMENT_BYTES_MAX))
    assert read.codes == ["FLAT-007", "INCOMPLETE"]
    assert len(read.findings[0].value or "") <= 80


def test_record_of_many_fields_is_cut():
    read = Read(manifest(BILL.replace("13:KRPUS", "13:KRPUS" + ":X" * FIELDS_PER_RECORD_MAX)))
    assert "FLAT-008" in read.codes
    assert len(read.record("13").values) == FIELDS_PER_RECORD_MAX


def test_part_of_many_records_is_cut(monkeypatch):
    monkeypatch.setattr("gateway.syntax.flat.message.RECORDS_PER_GROUP_MAX", 50)
    many = "44:1:N/M'" * (FLAT_RUN_RECORDS_MAX + 1)
    read = Read(manifest(BILL + many + "\n", count=3))
    assert read.codes.count("FLAT-009") == 1
    assert len(read.groups()[0]) == 50


def test_part_of_many_bytes_is_cut(monkeypatch):
    assert FLAT_RUN_RECORDS_MAX * SEGMENT_BYTES_MAX <= FLAT_PART_BYTES_MAX
    monkeypatch.setattr("gateway.syntax.flat.message.FLAT_PART_BYTES_MAX", 200)
    monkeypatch.setattr("gateway.syntax.flat.run.FLAT_RUN_RECORDS_MAX", 1)
    read = Read(manifest(BILL + "44:1:N/M'\n" * 60 + BILL))
    assert read.codes.count("FLAT-009") == 1
    assert len(read.groups()[0]) < 30
    assert len(read.groups()[1]) == 8


@pytest.mark.parametrize("record", ["98:A:B:C", "13:KRPUS" + ":" * 17 + "X:Y:Z"])
def test_part_of_many_odd_fields_is_cut(monkeypatch, record):
    """Each of them is kept by itself, which takes a hundred times the bytes of the file."""
    monkeypatch.setattr("gateway.syntax.flat.message.FLAT_ODD_FIELDS_PER_PART_MAX", 20)
    read = Read(manifest(BILL + (record + "'\n") * 10))
    assert read.codes.count("FLAT-009") == 1
    assert len(read.groups()[0]) < 8 + 10


def test_unknown_record_of_many_fields_is_cut():
    read = Read(manifest(BILL + "98" + ":X" * 2 * FIELDS_PER_RECORD_MAX + "'\n"))
    assert "FLAT-008" in read.codes
    assert len(read.record("98").values) == FIELDS_PER_RECORD_MAX


def test_file_of_many_records_is_stopped(monkeypatch):
    monkeypatch.setattr("gateway.syntax.flat.reader.RECORDS_PER_FILE_MAX", 8)
    read = Read(manifest())
    assert "FLAT-010" in read.codes
    assert not read.interchange.complete


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        # The place of receipt has a name and no code.
        (
            "12:B::::TIANJIN PORT:CNTXG:XINGANG",
            {"receipt_place_name": "TIANJIN PORT", "load_port_code": "CNTXG"},
        ),
        (
            "12:B::::::CNLYG:::20250206:Y",
            {"load_date": "20250206", "quarantine": "Y", "payment": ""},
        ),
        ("43:C:-18", {"temperature_unit": "C", "temperature_setting": "-18", "hazard_class": ""}),
        (
            "41:1::SHOES:10:CT:CARTONS:5",
            {"packages": "10", "package_kind": "CARTONS", "commodity": "SHOES"},
        ),
        (
            "13:CNTXG:XINGANG:CNTXG:XINGANG:CNTSN:TIANJIN:VNSGN:HCM:SGSIN:HKHKG",
            {
                "delivery_place_code": "CNTXG",
                "destination_code": "CNTSN",
                "destination_name": "TIANJIN",
                "issue_place_code": "VNSGN",
                "transfer_port_code": "SGSIN",
                "transfer_port_name": "",
                "transfer_port_2": "HKHKG",
            },
        ),
        (
            "14:VNSGN:20250105:CNTXG:20250112:BXYZ:046E:1:SEA",
            {
                "port_code_1": "",
                "routing_from": "VNSGN",
                "routing_to_date": "20250112",
                "routing_mode": "SEA",
            },
        ),
        (
            "51:1:GWYU1002010::20RF:F:1:2:3:4:C:-18:-20:-16:10:N:20250101:S2:S3",
            {
                "over_front": "",
                "temperature_unit": "C",
                "ventilation": "10",
                "seal_2": "S2",
                "seal_3": "S3",
            },
        ),
    ],
)
def test_shifted_records_are_put_right_and_told(written, fields):
    read = Read(manifest(BILL + written + "'\n"))
    layout = load("ifcsum-v1")
    record = [r for e in read.events for r in e.records if r.label == written[:2]][-1]
    got = {name: record.values[layout.index(record.label, name)] for name in fields}
    assert got == fields
    assert len(record.values) == layout.width(record.label)
    assert "FLAT-016" in read.codes
