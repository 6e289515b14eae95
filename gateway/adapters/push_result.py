"""What a push to a partner came to, whatever the channel."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class PushResult:
    """The result of one attempt.

    `outcome`: `sent` (the receiver has it), `retry` (try again later, under the same key) or
    `refused` (trying again cannot help).  `detail` is for an operator: no payload, no secret.
    `status` is the HTTP status where there was one; `retry_after_seconds` what the receiver asked
    for, already bounded.
    """

    outcome: Literal["sent", "retry", "refused"]
    detail: str
    status: int | None = None
    retry_after_seconds: float | None = None
