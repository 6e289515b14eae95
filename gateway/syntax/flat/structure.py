"""What a message and a part must hold together: records that must be there, sums, links."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from gateway.findings import Findings, Place
from gateway.syntax.flat import faults
from gateway.syntax.flat.layout import FieldKey, FlatLayout, Required
from gateway.syntax.record import Record

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


class Structure:
    """The checks of one layout that need more than one record."""

    def __init__(self, layout: FlatLayout) -> None:
        self._layout = layout
        self._alone = frozenset(
            rule.labels[0] for rule in layout.required_part if len(rule.labels) == 1
        )
        self._several = tuple(rule for rule in layout.required_part if len(rule.labels) > 1)

    def check_head(self, records: Sequence[Record], findings: Findings) -> None:
        """Records before the first part."""
        present = {record.label for record in records}
        self._check_required(self._layout.required_message, present, records[0], findings)

    def check_part(self, records: Sequence[Record], findings: Findings) -> None:
        """One part: required records, then sums and links."""
        present = {record[0] for record in records}
        if not self._alone <= present or any(
            present.isdisjoint(rule.labels) for rule in self._several
        ):
            self._check_required(self._layout.required_part, present, records[0], findings)
        for source, target in self._layout.links:
            self._check_link(records, source, target, findings)
        for total, item in self._layout.sums:
            self._check_sum(records, total, item, findings)

    def _check_required(
        self, rules: Sequence[Required], present: set[str], first: Record, findings: Findings
    ) -> None:
        for rule in rules:
            if present.isdisjoint(rule.labels):
                layout = self._layout.records[rule.labels[0]]
                place = Place(first.ordinal, rule.labels[0], None, None, first.line, first.offset)
                findings.add(
                    faults.MISSING_RECORD.at(
                        place,
                        None,
                        rule.severity,
                        tag="/".join(rule.labels),
                        zh=layout.zh,
                        en=layout.en,
                    )
                )

    def _check_link(
        self, records: Sequence[Record], source: FieldKey, target: FieldKey, findings: Findings
    ) -> None:
        """A number that points to no record; 0 and nothing point to the part as a whole."""
        pointing = [r for r in records if r[0] == source.label and r[1][source.index]]
        if not pointing:
            return
        known = {_ordinal(r[1][target.index]) for r in records if r[0] == target.label}
        if not known or None in known:
            return
        for record in pointing:
            value = record.values[source.index]
            number = _ordinal(value)
            if number and number not in known:
                findings.add(
                    faults.BROKEN_LINK.at(
                        self._layout.place(record, source.index),
                        value,
                        tag=source.label,
                        of_tag=target.label,
                    )
                )

    def _check_sum(
        self, records: Sequence[Record], total: FieldKey, item: FieldKey, findings: Findings
    ) -> None:
        """A total that differs from the sum of its items; unreadable numbers are the mapping's."""
        head = next((r for r in records if r.label == total.label), None)
        stated = _decimal(head.values[total.index]) if head else None
        items = [_decimal(r.values[item.index]) for r in records if r.label == item.label]
        known = [value for value in items if value is not None]
        if head is None or stated is None or not known or len(known) < len(items):
            return
        if sum(known) != stated:
            findings.add(
                faults.SUM_DIFFERS.at(
                    self._layout.place(head, total.index),
                    head.values[total.index],
                    tag=total.label,
                    zh=total.zh,
                    name=total.en,
                    of_tag=item.label,
                    sum=sum(known),
                )
            )


def _ordinal(value: str) -> int | None:
    """A sequence number, None where there is none or it is no number."""
    bare = value.strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) <= 9 else None


def _decimal(value: str) -> Decimal | None:
    """A number without an exponent, which could be beyond all bounds."""
    bare = value.strip()
    return Decimal(bare) if len(bare) <= 24 and _NUMBER.fullmatch(bare) else None
