"""Why an arrival is not taken: told inside the SFTP or HTTP answer, before anything is promised."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RefusalCode(StrEnum):
    """Stable codes; adapters map them to SFTP status and HTTP problem types."""

    EMPTY = "EMPTY"
    TOO_LARGE = "TOO_LARGE"
    BAD_NAME = "BAD_NAME"
    NAME_TAKEN = "NAME_TAKEN"
    OVER_QUOTA = "OVER_QUOTA"
    KEY_REUSED = "KEY_REUSED"
    BAD_KEY = "BAD_KEY"
    OVERLOADED = "OVERLOADED"
    DISK_FULL = "DISK_FULL"
    UNAVAILABLE = "UNAVAILABLE"
    UNSUPPORTED = "UNSUPPORTED"


@dataclass(eq=False)
class Refusal(Exception):
    """An arrival refused: nothing of it exists afterwards.

    retry_after_seconds is set where the sender may simply come again.
    """

    code: RefusalCode
    zh: str
    en: str
    retry_after_seconds: int | None = None

    def __str__(self) -> str:
        return f"{self.code}: {self.en}"


def empty() -> Refusal:
    """Zero bytes (R-20)."""
    return Refusal(RefusalCode.EMPTY, "文件是空的", "the file is empty")


def too_large(limit: int) -> Refusal:
    """Cut at the limit during the transfer (R-20)."""
    return Refusal(
        RefusalCode.TOO_LARGE, f"文件超过上限 {limit} 字节", f"the file exceeds {limit} bytes"
    )


def bad_name(reason_zh: str, reason_en: str) -> Refusal:
    """A name that cannot be kept or answered safely."""
    return Refusal(RefusalCode.BAD_NAME, f"文件名无效：{reason_zh}", f"bad file name: {reason_en}")


def over_quota(zh: str, en: str) -> Refusal:
    """More than the account may send in 24 hours."""
    return Refusal(RefusalCode.OVER_QUOTA, f"超过配额：{zh}", f"over quota: {en}", 3600)


def key_reused() -> Refusal:
    """The same Idempotency-Key with other bytes."""
    return Refusal(
        RefusalCode.KEY_REUSED,
        "同一 Idempotency-Key 已用于其他内容",
        "this Idempotency-Key was used for other bytes",
    )


def bad_key() -> Refusal:
    """An Idempotency-Key that is too long or not printable."""
    return Refusal(
        RefusalCode.BAD_KEY,
        "Idempotency-Key 须为 1 至 200 个可见 ASCII 字符",
        "Idempotency-Key must be 1 to 200 visible ASCII characters",
    )


def overloaded(retry_after_seconds: int = 5) -> Refusal:
    """More uploads at once than the gateway takes (R-18)."""
    return Refusal(
        RefusalCode.OVERLOADED, "网关繁忙，请稍后重试", "busy, try again later", retry_after_seconds
    )


def disk_full() -> Refusal:
    """Nothing is accepted that could not be kept (R-07, R-08)."""
    return Refusal(
        RefusalCode.DISK_FULL, "存储空间不足，暂不收件", "out of space, not accepting", 60
    )


def unavailable() -> Refusal:
    """The database does not take writes now."""
    return Refusal(
        RefusalCode.UNAVAILABLE, "暂时不能保存，请稍后重试", "cannot keep it now, try again", 10
    )
