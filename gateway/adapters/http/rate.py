"""A token bucket per account, told to the client in RateLimit headers."""

from __future__ import annotations

import math
from collections import OrderedDict

from gateway import limits
from gateway.adapters.http import problem
from gateway.pipeline.ports import Clock


class Rates:
    """Buckets of `burst` tokens that refill at `per_second`; None for no limit."""

    def __init__(self, clock: Clock, per_second: float | None, burst: int) -> None:
        self._clock = clock
        self._per_second = per_second
        self._burst = burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        window = math.ceil(burst / per_second) if per_second else 0
        self._policy = f'"account";q={burst};w={window}'

    def spend(self, account: str) -> dict[str, str]:
        """Take a token; the headers that tell what is left.  Raises Problem 429."""
        if self._per_second is None:
            return {}
        now = self._clock.monotonic()
        tokens, at = self._buckets.get(account, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - at) * self._per_second)
        enough = tokens >= 1.0
        self._keep(account, tokens - 1.0 if enough else tokens, now)
        wait = math.ceil((1.0 - tokens) / self._per_second) if not enough else 0
        left = int(tokens - 1.0) if enough else 0
        headers = {
            "ratelimit-policy": self._policy,
            "ratelimit": f'"account";r={left};t={max(wait, 1)}',
        }
        if not enough:
            refused = problem.too_many_requests(max(wait, 1))
            refused.headers.update(headers)
            raise refused
        return headers

    def _keep(self, account: str, tokens: float, now: float) -> None:
        self._buckets[account] = (tokens, now)
        self._buckets.move_to_end(account)
        while len(self._buckets) > limits.HTTP_BUCKETS_MAX:
            self._buckets.popitem(last=False)
