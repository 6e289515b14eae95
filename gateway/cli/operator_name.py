"""Who works at this terminal, for the record of what was done by hand."""

from __future__ import annotations

import getpass


def operator_name() -> str:
    """`cli:<login name>`; the login name of the machine, for there is no other sign-in here."""
    try:
        return f"cli:{getpass.getuser()}"
    except (OSError, KeyError, ImportError):
        return "cli"
