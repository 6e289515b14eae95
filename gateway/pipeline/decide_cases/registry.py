"""The kinds of `gateway decide`, one line each.

To add a kind: a module with its case and answer models and a `decide`, a line in KINDS, its schemas
(`write_schemas`), an example in `examples/decide/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import Discriminator, Tag, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaMode

from gateway.limits import DECIDE_CASE_BYTES_MAX, DECIDE_PROBLEMS_SHOWN_MAX
from gateway.pipeline.decide_cases import callback as callbacks
from gateway.pipeline.decide_cases import customs_appointment as customs
from gateway.pipeline.decide_cases import fee, payment, permission, settlement
from gateway.pipeline.decide_cases import gate_appointment as gate
from gateway.pipeline.decide_cases.shape import Answer

SCHEMAS = PurePosixPath("schemas/decide")


class CaseUnfit(ValueError):
    """The case does not fit its schema; `problems` name each place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: how its cases are read, the shape of its answers, and who decides."""

    cases: TypeAdapter[Any]
    answer: type[Answer]
    decide: Callable[[Any], Answer]


def _event(default: str) -> Discriminator:
    """Which event a case is about; most cases do not say it."""

    def of(value: object) -> str:
        if isinstance(value, Mapping):
            return str(value.get("event", default))
        return str(getattr(value, "event", default))

    return Discriminator(of)


_CUSTOMS = Annotated[
    Annotated[customs.SubmitCase, Tag("submit")]
    | Annotated[customs.CancelCase, Tag("cancel")]
    | Annotated[customs.DeleteCase, Tag("delete")]
    | Annotated[customs.FeedbackCase, Tag("feedback")]
    | Annotated[customs.ExplainCase, Tag("explain")]
    | Annotated[customs.QueryCase, Tag("query")],
    _event("submit"),
]
_GATE = Annotated[
    Annotated[gate.RequestCase, Tag("request")]
    | Annotated[gate.CancelCase, Tag("cancel")]
    | Annotated[gate.ScheduleChangeCase, Tag("schedule-change")]
    | Annotated[gate.AttendanceCase, Tag("attendance")],
    _event("request"),
]

KINDS: dict[str, Kind] = {
    "permission": Kind(
        TypeAdapter(permission.PermissionQuestion),
        permission.PermissionAnswer,
        permission.decide,
    ),
    "customs-appointment": Kind(TypeAdapter(_CUSTOMS), customs.CustomsAnswer, customs.decide),
    "gate-appointment": Kind(TypeAdapter(_GATE), gate.GateAnswer, gate.decide),
    "fee": Kind(TypeAdapter(fee.FeeCase), fee.FeeAnswer, fee.decide),
    "settlement": Kind(
        TypeAdapter(settlement.SettlementCase), settlement.SettlementAnswer, settlement.decide
    ),
    "callback": Kind(
        TypeAdapter(callbacks.CallbackCase), callbacks.CallbackAnswer, callbacks.decide
    ),
    "payment": Kind(TypeAdapter(payment.PaymentCase), payment.PaymentAnswer, payment.decide),
}


def decide_case(kind: str, raw: bytes) -> dict[str, Any]:
    """The answer to a case as JSON values.

    Raises KeyError for a kind that does not exist, CaseUnfit for a case that does not fit.
    """
    entry = KINDS[kind]
    if len(raw) > DECIDE_CASE_BYTES_MAX:
        raise CaseUnfit([f"the case has more than {DECIDE_CASE_BYTES_MAX} bytes"])
    try:
        case = entry.cases.validate_json(raw, strict=True)
    except ValidationError as error:
        raise CaseUnfit(_problems(error)) from None
    return entry.decide(case).model_dump(mode="json")


def _problems(error: ValidationError) -> list[str]:
    """Place and message of each problem; never what stands there."""
    told = error.errors(include_input=False, include_url=False, include_context=False)
    shown = [f"{_place(each['loc'])}: {each['msg']}" for each in told]
    beyond = len(shown) - DECIDE_PROBLEMS_SHOWN_MAX
    if beyond > 0:
        return [*shown[:DECIDE_PROBLEMS_SHOWN_MAX], f"and {beyond} more"]
    return shown


def _place(path: tuple[int | str, ...]) -> str:
    return ".".join(map(str, path)) or "the case"


def schemas() -> dict[str, str]:
    """File name in `schemas/decide/` → its text, for every kind: the case and the answer."""
    made = {}
    for name, entry in KINDS.items():
        answers: TypeAdapter[Any] = TypeAdapter(entry.answer)
        made[f"{name}.case.json"] = _text(entry.cases, "validation")
        made[f"{name}.answer.json"] = _text(answers, "serialization")
    return made


def _text(shape: TypeAdapter[Any], mode: JsonSchemaMode) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **shape.json_schema(mode=mode),
    }
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
