"""ACT: somebody does something about a firm, now, inside one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from gateway.canonical.partner import Partner
from gateway.findings import Severity
from gateway.pipeline.firms.refusal import FirmRefusal, conflict, invalid, not_found
from gateway.pipeline.ports import Tx
from gateway.pipeline.writing import written_formats
from gateway.rules.partner_file import judge


@dataclass(frozen=True, slots=True)
class Act:
    """by: `cli:<login>`, or the name of the account that asked."""

    tx: Tx
    by: str
    now: datetime

    def record(self, what: str, subject: str, **detail: object) -> None:
        """Put it into the audit record."""
        self.tx.audit.record(self.by, what, subject, detail)


def firm(act: Act, code: str) -> Partner:
    """A partner, held against other changes until the end; raises FirmRefusal."""
    found = act.tx.partners.locked(code)
    if found is None:
        raise not_found(f"没有合作方 {code}", f"there is no partner {code}")
    return found


def change(act: Act, code: str, make: Callable[[Partner], dict[str, Any]]) -> Partner:
    """A new version of a firm that the API manages; `make` says which fields become what."""
    before = firm(act, code)
    if before.managed_by == "file":
        raise conflict(
            "MANAGED_BY_FILE",
            f"合作方 {code} 由文件维护，请修改其文件",
            f"partner {code} is managed by its file: change that",
        )
    return put(act, before.model_dump() | make(before))


def put(act: Act, values: dict[str, Any]) -> Partner:
    """Check and keep a version; raises FirmRefusal for what cannot be a partner."""
    try:
        after = Partner.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        where = ".".join(map(str, faults[0]["loc"]))
        reason = f"{where}: {faults[0]['msg']}".lstrip(": ")
        raise FirmRefusal("invalid", "INVALID", f"内容有误：{reason}", reason) from None
    judged = judge(after, written_formats() if after.routes else None)
    errors = tuple(each for each in judged if each.severity is Severity.ERROR)
    if errors:
        raise invalid(errors)
    try:
        act.tx.partners.apply([after], act.by)
    except ValueError as error:
        raise _taken(str(error)) from None
    return after


def _taken(reason: str) -> FirmRefusal:
    """Whose it is, is not told."""
    if "number" in reason:
        return conflict(
            "NUMBER_TAKEN", "该登记号码已注册", "a firm with that number is registered already"
        )
    return conflict("LOGIN_TAKEN", "该登录名已被使用", "that login name is in use")
