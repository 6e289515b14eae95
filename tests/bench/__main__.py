"""`python -m tests.bench [NAME…]`: a table of ratios, all from one run; exit code 1 for a miss.

Only ratios carry over to another machine.  CPU time comes first, peers and candidates take turns,
each in a fresh process.
"""

from __future__ import annotations

import argparse
import importlib
import platform
import sys
import time

from tests.bench.row import Row, table

# In this order; each module has `measure() -> list[Row]`.
MODULES = (
    "coparn", "ifcsum", "bots_engine", "tokenizer",
    "manifest_xml", "manifest_flat", "load_plan_csv", "memory",
    "intake", "callbacks", "isolation", "streams",
)  # fmt: skip


def main() -> int:
    """Measure what is named, else everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}")
    names = parser.parse_args().names or MODULES
    if unknown := set(names) - set(MODULES):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    for name in names:
        started = time.monotonic()
        rows += importlib.import_module(f"tests.bench.{name}").measure()
        print(f"{name}: measured in {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"Python {platform.python_version()}, {platform.machine()}; median of the rounds counts")
    print(table(rows))
    missed = [row.name for row in rows if not row.reached]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
