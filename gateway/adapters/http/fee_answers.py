"""What the fee service refuses, as problems; its pages, as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from gateway.adapters.http import cursor, problem
from gateway.adapters.http.problem import Problem
from gateway.findings import Finding
from gateway.pipeline.fees.goods import Refused
from gateway.pipeline.fees.receipts import NotNow
from gateway.pipeline.fees.service import FeeService, NotPermitted
from gateway.pipeline.ports import Stale
from gateway.pipeline.rows import Page

T = TypeVar("T")
Item = dict[str, Any]


def at_work(service: FeeService | None) -> FeeService:
    """The service, where this gateway rates fees at all."""
    if service is None:
        raise Problem(
            404,
            "FEES_OFF",
            "本网关未启用规费申报",
            "this gateway does not rate fees ([fees] tariffs)",
        )
    return service


async def answered(call: Awaitable[T]) -> T:
    """The result; every refusal of the service as a problem."""
    try:
        return await call
    except LookupError:
        raise problem.not_found() from None
    except NotPermitted as refused:
        raise _of(403, refused.verdict.findings) from None
    except Refused as refused:
        raise _of(409, refused.findings) from None
    except NotNow:
        raise problem.conflict("当前状态不能进行此操作", "not in this state") from None
    except Stale:
        raise problem.conflict(
            "申报已被他人修改，请重新查询", "changed meanwhile; look again"
        ) from None


def _of(status: int, findings: Sequence[Finding]) -> Problem:
    """All findings at once; the first gives the problem its code."""
    return Problem(
        status,
        findings[0].code if findings else "REFUSED",
        "；".join(dict.fromkeys(each.zh for each in findings)),
        "; ".join(dict.fromkeys(each.en for each in findings)),
        fields={"findings": [each.as_json() for each in findings]},
    )


async def paged(ask: Callable[[str | None], Awaitable[Page]], given: str | None) -> Item:
    """`{"items": […], "cursor": …}`, newest first."""
    at = cursor.opened(given)
    try:
        page = await ask(at)
    except ValueError:
        if at is None:
            raise
        raise cursor.bad_cursor() from None
    return {"items": [asdict(row) for row in page.rows], "cursor": cursor.sealed(page.cursor)}
