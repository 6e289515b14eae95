"""TERMS of a firm as the audit keeps them: everything but what opens a door."""

from __future__ import annotations

from typing import Any

from gateway.canonical.partner import Partner


def audited(partner: Partner | None) -> dict[str, Any] | None:
    """The partner document without defaults; hashes are cut down to what tells them apart."""
    if partner is None:
        return None
    data = partner.model_dump(mode="json", exclude_defaults=True)
    for account in data.get("accounts", ()):
        if account.pop("password_hash", None):
            account["has_password"] = True
        if "api_keys" in account:
            account["api_keys"] = [key.partition(":")[0] + "…" for key in account["api_keys"]]
    return data
