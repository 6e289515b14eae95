"""EVENT: a claim check on a topic, as bytes: ids of what is to be done, never a payload."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from gateway.limits import EVENT_BYTES_MAX
from gateway.pipeline.rows import OutboxRow


class _Event(BaseModel):
    """The JSON of an outbox row."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    id: int = Field(ge=1)
    stage: str = Field(min_length=1, max_length=40)
    subject: str = Field(min_length=1, max_length=200)
    revision: int = Field(ge=0)
    lane: str = Field(max_length=400)
    created_at: datetime


def encode(row: OutboxRow) -> bytes:
    """The value of a message."""
    event = _Event.model_construct(
        id=row.id,
        stage=row.stage,
        subject=row.subject,
        revision=row.revision,
        lane=row.lane,
        created_at=row.created_at,
    )
    return event.model_dump_json().encode()


def decode(stage: str, value: bytes | None) -> OutboxRow:
    """The event of a message on the topic of `stage`; raises ValueError for anything else."""
    if value is None or len(value) > EVENT_BYTES_MAX:
        raise ValueError("no event: empty or too large")
    event = _Event.model_validate_json(value)
    if event.stage != stage:
        raise ValueError(f"an event of stage {event.stage!r} on the topic of {stage!r}")
    return OutboxRow(
        event.id, event.stage, event.subject, event.revision, event.lane, event.created_at
    )


def lane_of(row: OutboxRow) -> str:
    """What keeps its order: decide and the later steps by lane, translate has none (house.md 4)."""
    return row.subject if row.stage == "translate" else row.lane
