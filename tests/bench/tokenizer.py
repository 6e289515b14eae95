"""Our tokenizer beside three splits that know nothing, and beside pydifact (performance.md 5: 3).

That no cut of the chunks changes a token, and that the tokens written again are the same bytes, is
shown in tests/unit/test_edifact_tokens.py.
"""

from __future__ import annotations

from tests.bench import ifcsum, peer
from tests.bench.row import Row

CEILING = peer.Peer("naive split", run="naive_split")


def measure() -> list[Row]:
    """IFCSUM, where 7 % of the segments have an escape."""
    return [
        *peer.compare("IFCSUM", ifcsum.interchange, {"tokenizer": 0.65}, peer=CEILING),
        *peer.compare("IFCSUM", ifcsum.interchange, {"tokenizer": 24.0}),
    ]
