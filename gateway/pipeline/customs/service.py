"""The service of customs applications, as the process wires it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.pipeline.counsel import Adviser, Effect
from gateway.pipeline.customs import watching
from gateway.pipeline.customs.answers import answer_adviser, answer_effect
from gateway.pipeline.customs.deadlines import timers
from gateway.pipeline.customs.desk import CustomsDesk
from gateway.pipeline.customs.files import file_adviser, file_effect
from gateway.pipeline.customs.office import Office
from gateway.pipeline.customs.ports import PdfMeasurer
from gateway.pipeline.customs.watching import CalendarWatch
from gateway.pipeline.ports import Store
from gateway.pipeline.timers import Handler


@dataclass(frozen=True, slots=True)
class CustomsService:
    """Its parts: asked by HTTP, by the decision about documents, by the clock, beside the jobs."""

    desk: CustomsDesk
    watch: CalendarWatch
    office: Office

    @classmethod
    def over(cls, store: Store, office: Office, measure: PdfMeasurer) -> CustomsService:
        """On a store."""
        desk = CustomsDesk(store, office, measure)
        return cls(desk, CalendarWatch(store, office.clock, office.calendars), office)

    def advisers(self) -> tuple[Adviser, ...]:
        """Asked about applications and answers that come as documents."""
        return (file_adviser(self.office), answer_adviser(self.office))

    def effects(self) -> tuple[Effect, ...]:
        """What follows from such documents."""
        return (file_effect(self.office), answer_effect(self.office))

    def timers(self) -> Mapping[str, Handler]:
        """The five days, and the look at the calendars once a day."""
        return {**timers(self.office), watching.KIND: self.watch.fire}
