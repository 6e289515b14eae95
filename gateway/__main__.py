"""`python -m gateway` and the `gateway` command."""

from __future__ import annotations

import sys

from gateway.cli.app import run


def main() -> int:
    """Run the command line with the arguments of this process; returns the exit code."""
    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
