"""RFC 9457 problems, each with its reason in both languages and nothing about our inside."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from gateway.pipeline.refusal import Refusal, RefusalCode

MEDIA_TYPE = "application/problem+json"

_STATUS = {
    RefusalCode.EMPTY: 422,
    RefusalCode.TOO_LARGE: 413,
    RefusalCode.BAD_NAME: 422,
    RefusalCode.NAME_TAKEN: 409,
    RefusalCode.OVER_QUOTA: 429,
    RefusalCode.KEY_REUSED: 422,
    RefusalCode.BAD_KEY: 422,
    RefusalCode.OVERLOADED: 503,
    RefusalCode.DISK_FULL: 503,
    RefusalCode.UNAVAILABLE: 503,
    RefusalCode.UNSUPPORTED: 415,
}


@dataclass(eq=False)
class Problem(Exception):
    """An answer other than the one asked for; `fields` go into the body, `headers` beside it."""

    status: int
    code: str
    zh: str
    en: str
    retry_after_seconds: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    fields: dict[str, object] = field(default_factory=dict)

    def body(self, request_id: str) -> bytes:
        """The JSON text, UTF-8."""
        members = {
            "type": f"urn:portedi:problem:{self.code}",
            "title": self.en,
            "status": self.status,
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
            "request_id": request_id,
            **self.fields,
        }
        return json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()

    def all_headers(self) -> dict[str, str]:
        """What the answer carries besides length and the headers of every answer."""
        headers = {"content-type": MEDIA_TYPE, **self.headers}
        if self.retry_after_seconds is not None:
            headers["retry-after"] = str(self.retry_after_seconds)
        return headers


def of_refusal(refusal: Refusal) -> Problem:
    """The answer to a refused upload."""
    return Problem(
        _STATUS[refusal.code],
        refusal.code.value,
        refusal.zh,
        refusal.en,
        refusal.retry_after_seconds,
    )


def unauthorized() -> Problem:
    """401."""
    return Problem(
        401,
        "UNAUTHORIZED",
        "需要有效的 API 密钥",
        "a valid API key is needed",
        headers={"www-authenticate": 'Bearer realm="gateway"'},
    )


def forbidden() -> Problem:
    """403."""
    return Problem(403, "FORBIDDEN", "此账号无权访问", "this account may not do that")


def not_found() -> Problem:
    """404, for what is another partner's too."""
    return Problem(404, "NOT_FOUND", "没有此资源", "there is no such thing")


def method_not_allowed(allowed: str) -> Problem:
    """405."""
    return Problem(
        405,
        "METHOD_NOT_ALLOWED",
        "此地址不支持该方法",
        "this address does not take that method",
        headers={"allow": allowed} if allowed else {},
    )


def too_slow() -> Problem:
    """408."""
    return Problem(408, "TOO_SLOW", "请求正文传输过慢", "the body came too slowly")


def conflict(zh: str, en: str) -> Problem:
    """409."""
    return Problem(409, "CONFLICT", zh, en)


def body_too_large(limit: int) -> Problem:
    """413, where the body is no file."""
    return Problem(
        413, "TOO_LARGE", f"请求正文超过 {limit} 字节", f"the body exceeds {limit} bytes"
    )


def unsupported_type(zh: str, en: str) -> Problem:
    """415."""
    return Problem(415, "UNSUPPORTED_TYPE", zh, en)


def wrong_host() -> Problem:
    """421."""
    return Problem(421, "WRONG_HOST", "主机名不属于本网关", "this host name is not ours")


def invalid(where: str, zh: str, en: str) -> Problem:
    """422: a parameter that cannot be understood; `where` names it, its value is not repeated."""
    return Problem(422, "INVALID", zh, en, fields={"parameter": where})


def too_many_requests(retry_after_seconds: int) -> Problem:
    """429 by rate."""
    return Problem(
        429, "TOO_MANY_REQUESTS", "请求过于频繁", "too many requests", retry_after_seconds
    )


def too_many_headers() -> Problem:
    """431."""
    return Problem(431, "HEADERS_TOO_LARGE", "请求头过多或过大", "too many or too large headers")


def internal() -> Problem:
    """500: our fault, and no word about it."""
    return Problem(500, "INTERNAL", "网关内部错误", "fault of the gateway")


def unavailable(retry_after_seconds: int = 10) -> Problem:
    """503."""
    return Problem(
        503, "UNAVAILABLE", "暂时不可用，请稍后重试", "try again later", retry_after_seconds
    )
