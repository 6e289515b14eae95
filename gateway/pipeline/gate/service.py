"""SERVICE of the gate as `services.py` wires it: advisers, effects, timers, the step."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.pipeline.counsel import Adviser, Effect
from gateway.pipeline.gate.advice import GateAdvice
from gateway.pipeline.gate.desk import TIMER, Desk
from gateway.pipeline.gate.documents import GateEffects
from gateway.pipeline.gate.life import slot_over
from gateway.pipeline.gate.step import Gate
from gateway.pipeline.gate.windows import STAGE
from gateway.pipeline.ports import Step, Store, Tx
from gateway.pipeline.rows import TimerRow
from gateway.pipeline.timers import Handler


@dataclass(frozen=True, slots=True)
class GateService:
    """Everything of the gate over one store."""

    desk: Desk

    def advisers(self) -> tuple[Adviser, ...]:
        """Asked before documents are decided."""
        return GateAdvice(self.desk).all()

    def effects(self) -> tuple[Effect, ...]:
        """Done once they are accepted."""
        return GateEffects(self.desk).all()

    def timers(self) -> dict[str, Handler]:
        """The end of each slot with its grace."""
        return {TIMER: self._slot_over}

    def steps(self, store: Store) -> dict[str, Step]:
        """Facts that came, windows that changed."""
        return {STAGE: Gate(store, self.desk)}

    def _slot_over(self, tx: Tx, timer: TimerRow) -> None:
        slot_over(self.desk, tx, timer.key)
