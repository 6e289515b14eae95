"""What a partner's HTTP answer means for the delivery."""

import re
from collections.abc import Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

from gateway import limits
from gateway.adapters.push_result import PushResult

Outcome = Literal["sent", "retry", "refused"]

# What no later try can change: these bytes are not wanted there, or the endpoint is gone for good.
# All else may pass: a receiver that is being set up says 401, 403 or 404 for a while.
_REFUSED = frozenset({400, 410, 411, 413, 414, 415, 422})
_SECONDS = re.compile(r"[0-9]{1,10}\Z", re.ASCII)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\u00a1-\u1fff\u3000-\ud7ff\uff00-\uffef]+")


def judge(
    status: int, retry_after: str | None, answer: bytes, now: float, secrets: Sequence[str]
) -> PushResult:
    """The result of a whole answer (or of its first 64 kB).

    The status alone decides: 2xx is sent, whatever the body says; 400, 410, 413, 415, 422 and the
    like are refused; all others, 3xx (never followed) among them, are tried again.  `now` is Unix
    seconds.
    """
    outcome = _outcome(status)
    if outcome == "sent":
        return PushResult("sent", f"HTTP {status}", status)
    detail = f"HTTP {status}"
    if status == 410:
        detail += ", the endpoint is disabled"
    elif 300 <= status < 400:
        detail += ", redirects are not followed"
    said = excerpt(answer, secrets)
    wait = retry_after_seconds(retry_after, now) if outcome == "retry" else None
    return PushResult(outcome, f"{detail}: {said}" if said else detail, status, wait)


def judge_torn(status: int, cause: str) -> PushResult:
    """The result when the connection broke inside the answer.

    A 2xx is in doubt then: sent again under the same key, which the receiver's ledger suppresses.
    """
    outcome = _outcome(status)
    return PushResult(
        "retry" if outcome == "sent" else outcome,
        f"HTTP {status}, then the answer broke off ({cause})",
        status,
    )


def retry_after_seconds(text: str | None, now: float) -> float | None:
    """`Retry-After` in seconds, at most an hour; None where absent or unreadable."""
    if text is None:
        return None
    if _SECONDS.match(text):
        wait = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
            wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return min(max(wait, 0.0), limits.PUSH_RETRY_AFTER_SECONDS_MAX)


def excerpt(answer: bytes, secrets: Sequence[str]) -> str:
    """The beginning of an answer for an operator: printable, short, without our secrets."""
    text = _UNPRINTABLE.sub(" ", answer.decode("utf-8", "replace"))
    for secret in secrets:
        for form in (secret, secret.removeprefix("whsec_")):
            text = text.replace(form, "***")
    return " ".join(text.split())[: limits.PUSH_DETAIL_CHARACTERS_MAX]


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return "sent"
    return "refused" if status in _REFUSED else "retry"
