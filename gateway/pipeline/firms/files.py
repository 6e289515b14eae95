"""FILES: partner files are loaded; what the API manages is left alone (house.md 5)."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.canonical.partner import Partner
from gateway.pipeline.firms.act import Act
from gateway.pipeline.firms.refusal import conflict


def apply_files(act: Act, partners: Sequence[Partner], gone: Sequence[str] = ()) -> list[str]:
    """All of them or none; raises FirmRefusal for one that is managed by the API."""
    for each in partners:
        known = act.tx.partners.locked(each.code)
        if known is not None and known.managed_by == "api" and each.managed_by == "file":
            raise conflict(
                "MANAGED_BY_API",
                f"合作方 {each.code} 由 API 维护，文件未载入",
                f"partner {each.code} is managed by the API: its file was not loaded",
            )
    return act.tx.partners.apply(partners, act.by, gone)
