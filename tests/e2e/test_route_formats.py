"""A route that asks for a format gets it: written, named and counted as that format has it."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time

import pytest
import pytest_asyncio

from gateway.mappings.acknowledgement.receipt_flat import Receipt, write_receipt
from gateway.routing.delivery_id import control_reference
from tests.crash.api import Api, sftp
from tests.crash.configuration import Credentials
from tests.crash.files import booking, manifest
from tests.crash.world import running
from tests.property.documents import facts_of, read_back

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("e2e_formats"),
    pytest.mark.timeout(90),
]
SECONDS_MAX = 30.0
READER = Credentials.make("reader")
MANIFESTS = [{"document": "manifest"}]
ROUTES = [
    {"name": "flat", "payload": "manifest/ifcsum-flat", "sender_code": "TJPORT"},
    {"name": "customs", "payload": "manifest/ifctst-flat", "encoding": "utf-8"},
    {"name": "json"},
    {
        "name": "edifact",
        "subscriptions": [{"document": "booking", "payload": "booking/coparn"}],
    },
]
# Two seals on one box: the Ministry's standard has room for one, the customs flavour for all.
TWO_SEALS = b"""00:IFCTST:MANIFEST TEST:9:TJAGENT01:TJTERM01:202411210931:1.0'
10:UN9811000:HAI YUN 8:CN:TWOSEA:::20241128:202411290000086:KRPUS:BUSAN'
11:TJL'
12:TJLPUS0047001::::KRPUS::KRPUS:BUSAN:11:PP:202411251800086'
13:CNTXG/0202:XINGANG:CNTXG:TIANJIN'
16::DEMO STEEL'
17::DEMO MACHINERY'
18::SAME AS CONSIGNEE'
41:1::24:PK:PACKAGE:20480.000::31.500'
44:N/M'
47:MACHINE PARTS'
51:1:CSLU6543219:00558811:22G1:5:24:20480.000:2200.000:31.500'
52:00558811:M:CA'
52:00558812:E:SH'
99:15'
"""


def routes():
    return [
        {"kind": "folder", "folder": f"formats/{each['name']}", "subscriptions": MANIFESTS, **each}
        for each in ROUTES
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory):
    """A port whose second terminal wants every manifest in four forms."""

    def more(site) -> None:
        site.partners["TERMFMT"] = {
            "name": "Formats",
            "identities": ["FMTTERM"],
            "accounts": [READER.as_account()],
            "agreements": [{"document": "acknowledgement"}],
            "routes": [
                *routes(),
                {
                    "name": "box",
                    "kind": "mailbox",
                    "payload": "manifest/ifcsum-flat",
                    "subscriptions": MANIFESTS,
                },
            ],
        }

    async with running(tmp_path_factory.mktemp("formats"), more=more) as everything:
        yield everything.site


async def files_of(site, names, count):
    """The files in the folders of these routes, once each has so many."""
    root = site.folder_leg.parent / "formats"
    ends = time.monotonic() + SECONDS_MAX
    while True:
        found = {n: sorted(f for f in (root / n).glob("*.*") if f.suffix != ".part") for n in names}
        if all(len(files) >= count for files in found.values()):
            return found
        assert time.monotonic() < ends, found
        await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(site):
    """A manifest that every format can carry, as it was sent, once it has gone out."""
    sent = manifest(7)
    async with Api(site, site.agent) as api:
        await api.settled(await api.accept(sent.name, sent.data))
    await files_of(site, ["flat", "customs", "json"], 1)
    return sent


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sealed_twice(site, plain):
    """One that not every format can carry, sent after it: its interchange's row."""
    async with Api(site, site.agent) as api:
        return await api.settled(await api.accept("two-seals.txt", TWO_SEALS))


async def test_a_manifest_goes_out_in_the_format_of_each_route(site, plain):
    before = read_back(plain.data)
    files = await files_of(site, ["flat", "customs", "json"], 1)
    flat, customs = files["flat"][0], files["customs"][0]
    after = read_back(flat.read_bytes())
    assert (flat.suffix, after.format, after.errors) == (".txt", "manifest/ifcsum-flat", [])
    assert (after.header.sender, after.header.receiver) == ("TJPORT", "FMTTERM")
    assert facts_of(after.header, "header") == facts_of(before.header, "header")
    assert [facts_of(p, "part") for p in after.parts] == [facts_of(p, "part") for p in before.parts]
    assert "油漆" in customs.read_text(encoding="utf-8")
    assert [p.number for p in read_back(customs.read_bytes()).parts] == [
        p.number for p in before.parts
    ]
    assert json.loads(files["json"][0].read_bytes())["document"] == "manifest"


async def test_a_booking_goes_out_as_edifact_under_our_own_reference(site):
    sent = booking(8)
    async with Api(site, site.agent) as api:
        await api.settled(await api.accept(sent.name, sent.data))
    (file,) = (await files_of(site, ["edifact"], 1))["edifact"]
    before, after = read_back(sent.data), read_back(file.read_bytes())
    assert (file.suffix, after.format, after.errors) == (".edi", "booking/coparn", [])
    assert [facts_of(p, "part") for p in after.parts] == [facts_of(p, "part") for p in before.parts]
    # UNB and UNZ carry a reference that leads back to the delivery, whose id is the file's name.
    with sqlite3.connect(f"file:{site.database}?mode=ro", uri=True) as database:
        ((seq,),) = database.execute("SELECT seq FROM delivery WHERE id = ?", [file.stem])
    reference = control_reference(file.stem, seq)
    assert file.read_bytes().count(reference.encode()) == 2
    async with Api(site, READER) as api:
        row = await api.settled(await api.accept("contrl.edi", contrl(reference)))
        assert row["documents"][0]["state"] == "accepted", row
    assert state_of(site, file.stem) == "confirmed"


async def test_a_flat_receipt_confirms_the_delivery_whose_file_it_names(site, plain):
    (file,) = (await files_of(site, ["flat"], 1))["flat"]
    async with Api(site, READER) as api:
        row = await api.settled(await api.accept("r.txt", receipt(file.name)))
        assert row["documents"][0]["state"] == "accepted", row
    assert state_of(site, file.stem) == "confirmed"


def receipt(name: str) -> bytes:
    """What a terminal with such a gateway says of our file."""
    return write_receipt(
        Receipt(
            sender="FMTTERM", receiver="PORTEDI", created="20241121013000", interchange="ic-1",
            name=name, size=1, sha256="ab" * 32, received="2024-11-21T01:30:00Z",
            message_type="IFCSUM", state="decided", outcome="accepted", complete=True,
        ),
        "gb18030",
    )  # fmt: skip


def contrl(reference: str) -> bytes:
    """What the terminal says of our interchange."""
    return (
        "UNB+UNOA:2+FMTTERM+PORTEDI+241121:0930+C1'UNH+1+CONTRL:D:3:UN'"
        f"UCI+{reference}+PORTEDI+FMTTERM+8'UNT+3+1'UNZ+1+C1'"
    ).encode()


def state_of(site, delivery: str) -> str:
    with sqlite3.connect(f"file:{site.database}?mode=ro", uri=True) as database:
        return database.execute("SELECT state FROM delivery WHERE id = ?", [delivery]).fetchone()[0]


async def test_what_a_format_cannot_carry_is_a_dead_letter_and_disturbs_nothing(site, sealed_twice):
    assert sealed_twice["outcome"] == "accepted", sealed_twice["findings"]
    files = await files_of(site, ["customs", "json"], 2)
    assert any(b"52:00558812:E:SH'" in each.read_bytes() for each in files["customs"])
    (letter,) = await dead_letters(site, "TERMFMT_flat")
    assert "WRITE-MANY" in letter
    assert "containers[1].seals" in letter
    assert len((await files_of(site, ["flat"], 0))["flat"]) == 1, "the manifest before it, no more"


async def test_a_mailbox_holds_files_of_the_format_and_a_letter_for_what_cannot_be_written(
    site, sealed_twice
):
    async with sftp(site, READER) as client:
        names = [str(name) for name in await client.listdir("outbox") if str(name)[0] != "."]
        (name,) = [name for name in names if name.endswith("TERMFMT_box-1.txt")]
        async with client.open(f"outbox/{name}", "rb") as file:
            data = await file.read()
    assert read_back(data).format == "manifest/ifcsum-flat"
    (letter,) = await dead_letters(site, "TERMFMT_box")
    assert "WRITE-MANY" in letter


async def dead_letters(site, leg):
    """What the dead letters of a route say, once there is one."""
    ends = time.monotonic() + SECONDS_MAX
    while True:
        with sqlite3.connect(f"file:{site.database}?mode=ro", uri=True) as database:
            rows = database.execute(
                "SELECT stage, subject, code, trace FROM dead_letter"
            ).fetchall()
        letters = [" ".join(map(str, row)) for row in rows if leg in row[1]]
        if letters:
            return letters
        assert time.monotonic() < ends
        await asyncio.sleep(0.1)
