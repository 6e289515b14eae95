"""WATCH: what became of each dropped file, asked of the gateway's HTTP API and the terminal."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gateway.cli.demo.plan import Drop
    from gateway.cli.demo.site import Site

_ASK_SECONDS = 5
_ENDED = frozenset({"decided", "quarantined", "dead"})
_ARRIVED = frozenset({"sent", "confirmed", "collected"})
# "event" routes carry documents; answers wait in the agent's mailbox.
_ANSWER = "portedi.answer."


@dataclass(slots=True)
class Seen:
    """One drop: what the agent was told, and how far the gateway has come with it."""

    drop: Drop
    told: str = ""
    detail: str = ""
    interchange: str | None = None
    state: str = ""
    outcome: str | None = None
    errors: int = 0
    codes: list[str] = field(default_factory=list)
    deliveries: dict[str, str] = field(default_factory=dict)
    answers: int = 0

    @property
    def became(self) -> str:
        """In the words of plan.toml; "" while it is on its way."""
        if self.told in ("refused", "failed"):
            return self.told
        if self.told == "ok" and "repeat" in self.detail:
            return "repeat"
        if self.state == "quarantined":
            return "quarantined"
        if self.state == "dead":
            return "dead"
        if self.state == "decided":
            return self._decided()
        return ""

    def _decided(self) -> str:
        if self.outcome not in ("accepted", "partly"):
            return self.outcome or ""
        if not self.deliveries or not set(self.deliveries.values()) <= _ARRIVED:
            return ""
        return "partly" if self.outcome == "partly" else "delivered"

    @property
    def as_expected(self) -> bool:
        """Outcome and findings are those of the plan, and the sender was answered."""
        answered = self.answers > 0 or self.drop.expect in ("repeat", "refused")
        told = set(self.drop.codes) <= set(self.codes)
        return self.became == self.drop.expect and told and answered


@dataclass(frozen=True, slots=True)
class Booked:
    """The terminal's own ledger: documents with an effect, and those with more than one."""

    effects: int = 0
    doubled: int = 0


class Watch:
    """All drops.  `look` asks once; nothing here waits."""

    def __init__(self, site: Site, drops: Sequence[Drop]) -> None:
        self._site = site
        self.seen = [Seen(drop) for drop in drops]
        self.booked = Booked()

    def heard(self, lines: Iterable[dict[str, Any]]) -> None:
        """What the agent says about its drops."""
        for line in lines:
            for seen in self.seen:
                if seen.drop.name == line.get("name"):
                    seen.told, seen.detail = line["told"], line["detail"]
                    seen.interchange = line.get("interchange") or seen.interchange

    def look(self) -> None:
        """Ask the gateway and the terminal; a question without an answer changes nothing."""
        by_name = {item["name"]: item for item in self._ask("/v1/interchanges?limit=100", "items")}
        for seen in self.seen:
            item = by_name.get(seen.drop.name)
            if item is not None and not seen.as_expected:
                seen.interchange = item["id"]
                self._look_at(seen)
        self._look_at_ledger()

    def _look_at(self, seen: Seen) -> None:
        whole = self._get(f"{self._site.url}/v1/interchanges/{seen.interchange}")
        if whole is None:
            return
        seen.state, seen.outcome = whole["state"], whole["outcome"]
        seen.errors = whole["errors_total"]
        severe = [f["code"] for f in whole["findings"] if f["severity"] != "info"]
        seen.codes = list(dict.fromkeys(severe))
        deliveries = whole["deliveries"]
        answers = [d for d in deliveries if d["event_type"].startswith(_ANSWER)]
        seen.answers = len(answers)
        seen.deliveries = {
            d["id"]: d["state"] for d in deliveries if not d["event_type"].startswith(_ANSWER)
        }

    def _look_at_ledger(self) -> None:
        page = self._get(f"{self._site.receiver_url}/ledger?limit=1000")
        if page is not None:
            times = Counter(effect["delivery_id"] for effect in page["effects"])
            self.booked = Booked(len(times), sum(count > 1 for count in times.values()))

    def _ask(self, path: str, name: str) -> list[dict[str, Any]]:
        answer = self._get(self._site.url + path)
        return [] if answer is None else list(answer[name])

    def _get(self, url: str) -> dict[str, Any] | None:
        request = urllib.request.Request(  # noqa: S310 - the demonstration's own loopback addresses
            url, headers={"Authorization": f"Bearer {self._site.admin_key}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_ASK_SECONDS) as answer:  # noqa: S310
                value = json.load(answer)
        except (urllib.error.URLError, OSError, ValueError):
            return None
        return value if isinstance(value, dict) else None

    @property
    def settled(self) -> bool:
        """Whether each drop has come to an end, expected or not."""
        return all(seen.became and (seen.as_expected or self._final(seen)) for seen in self.seen)

    @staticmethod
    def _final(seen: Seen) -> bool:
        return seen.state == "dead" or (seen.state in _ENDED and bool(seen.answers))

    @property
    def good(self) -> bool:
        """Whether every expected outcome was seen, and the terminal's own ledger agrees."""
        delivered = sum(seen.drop.expect in ("delivered", "partly") for seen in self.seen)
        booked = self.booked == Booked(delivered, 0)
        return booked and all(seen.as_expected for seen in self.seen)

    def unexpected(self) -> list[str]:
        """Names of drops that did not end as planned."""
        return [
            f"{s.drop.name} ({s.became or s.state or s.told or 'not sent'})"
            for s in self.seen
            if not s.as_expected
        ]

    def example(self) -> str:
        """An interchange worth looking at: the one with most findings."""
        known = [seen for seen in self.seen if seen.interchange]
        worth = max(known, key=lambda seen: len(seen.codes), default=None)
        return worth.interchange or "" if worth else ""
