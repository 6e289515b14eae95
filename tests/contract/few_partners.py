"""A directory of a few made-up partners."""

from __future__ import annotations

import json
from typing import Any

from gateway.canonical.partner import Partner


class FewPartners:
    """What steps ask of a directory; partners are given as the fields of their files."""

    def __init__(self, *given: dict[str, Any]) -> None:
        made = [Partner.model_validate_json(json.dumps({"name": "Made up", **p})) for p in given]
        self._known = {each.code: each for each in made}
        self._all = tuple(made)

    def partner(self, code: str) -> Partner | None:
        return self._known.get(code)

    def partners(self) -> tuple[Partner, ...]:
        return self._all
