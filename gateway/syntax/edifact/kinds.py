"""What kind of message a UNH announces, and with which structure it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from gateway.findings import Findings, Place, Severity
from gateway.syntax.edifact import faults
from gateway.syntax.edifact.envelope import Values, pick
from gateway.syntax.edifact.layout import EdifactLayout
from gateway.syntax.edifact.structure import Structure, structure_for
from gateway.syntax.record import Grammar, MessageKind, Split

_ASSOCIATION = re.compile(r"[A-Z]{2,5}\d{1,2}")
_KINDS_KEPT_MAX = 64


class Reading(NamedTuple):
    """How one kind of message is read; severity of structural faults, None: as declared.

    split: as in `Grammar`.
    """

    kind: MessageKind
    structure: Structure | None
    severity: Severity | None
    split: Split | None = None


class Kinds:
    """The kinds of one file; each is looked up, and what is odd about it reported, once."""

    def __init__(
        self, grammar: Callable[[MessageKind], Grammar | None], mark: str, findings: Findings
    ) -> None:
        self._grammar = grammar
        self._mark = mark
        self._findings = findings
        self._readings: dict[Values, Reading] = {}

    def reading(self, values: Values, place: Place) -> Reading:
        """How the message of this UNH is read.

        Raises TypeError where the caller's grammar is not for EDIFACT.
        """
        announced = values[1:9]
        found = self._readings.get(announced)
        if found is None:
            if len(self._readings) >= _KINDS_KEPT_MAX:
                self._readings.clear()
            found = self._readings[announced] = self._reading(values, place)
        return found

    def _reading(self, values: Values, place: Place) -> Reading:
        kind = self._kind_of(values, place)
        self._findings.stand(place)
        grammar = self._grammar(kind) if kind.name else None
        if grammar is None:
            return Reading(kind, None, None)
        if not isinstance(grammar.layout, EdifactLayout):
            raise TypeError("the grammar of an EDIFACT message needs an EdifactLayout")
        used = grammar.layout.version
        exact = used in (kind.version, "service")
        if not exact:
            self._findings.add(
                faults.DIRECTORY.at(
                    place, kind.version, asked=kind.version, used=used, message=kind.name
                )
            )
        structure = structure_for(grammar.layout, grammar.group_labels, self._mark)
        return Reading(kind, structure, None if exact else Severity.WARNING, grammar.split)

    def _kind_of(self, values: Values, place: Place) -> MessageKind:
        name = pick("UNH", values, 2, 1).upper()
        if not name:
            self._findings.add(faults.NO_TYPE.at(place))
        version = f"{pick('UNH', values, 2, 2)}.{pick('UNH', values, 2, 3)}"
        association = pick("UNH", values, 2, 5)
        access = pick("UNH", values, 3)
        if not association and _ASSOCIATION.fullmatch(access):
            association = access
            self._findings.add(faults.ASSOCIATION.at(place, access))
        return MessageKind("edifact", name, version, association)
