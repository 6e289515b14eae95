"""The OpenAPI document, exported to schemas/http/openapi.json; a test fails on drift."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from gateway.adapters.http.app import queries
from gateway.adapters.http.firm_papers import KINDS
from gateway.adapters.http.ports import HttpPorts
from gateway.adapters.http.problem import MEDIA_TYPE
from gateway.adapters.http.shapes import Accepted, ProblemShape
from gateway.rules.callbacks.registry import PROVIDERS

_REFERENCE = "#/components/schemas/{model}"
_SECURITY: list[dict[str, list[str]]] = [{"ApiKey": []}]
_FILE = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}
_CALLBACK_TYPES = ("application/x-www-form-urlencoded", "application/json")
_EVERYWHERE = (401, 403, 404, 405, 422, 429, 503)
# Beside those: of everything that has a body or changes something.
_CHANGES = (408, 409, 413)
_INTAKE = (401, 408, 409, 413, 415, 422, 429, 503)


def export_openapi() -> dict[str, Any]:
    """The document of the application that partners reach."""
    # Routes ask their ports only when they are called.
    document = queries(cast("HttpPorts", None)).openapi()
    schemas = document["components"]["schemas"]
    for model in (Accepted, ProblemShape):
        schemas[model.__name__] = model.model_json_schema(ref_template=_REFERENCE)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"].pop("422", None)
            if path.startswith("/v1/"):
                changes = () if method == "get" else _CHANGES
                operation["responses"].update(_problems((*_EVERYWHERE, *changes)))
    document["paths"].setdefault("/v1/interchanges", {})["post"] = _intake()
    document["paths"]["/v1/check"] = {"post": _check()}
    document["paths"]["/v1/callbacks/payments/{provider}"] = {"post": _callback()}
    document["paths"]["/v1/firm/papers"]["post"] = _paper()
    return document


def write_openapi(path: Path) -> None:
    """Write the export as it is committed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text(), encoding="utf-8")


def text() -> str:
    """The export as text: stable order, one final newline."""
    return json.dumps(export_openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _intake() -> dict[str, Any]:
    accepted = {"schema": {"$ref": _REFERENCE.format(model="Accepted")}}
    return {
        "tags": ["interchanges"],
        "summary": "Send a file",
        "description": "The raw file; 202 after it is kept.  A repeat gets the first answer again.",
        "operationId": "send_interchange",
        "security": _SECURITY,
        "parameters": [
            _header("Idempotency-Key", "1 to 200 visible ASCII characters", 200),
            _header("X-Filename", "the file's name, percent-encoded UTF-8", 1020),
        ],
        "requestBody": _FILE,
        "responses": {
            "202": {
                "description": "kept",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": accepted},
            },
            **_problems(_INTAKE),
        },
    }


def _callback() -> dict[str, Any]:
    providers = {"type": "string", "enum": sorted(PROVIDERS)}
    content = {kind: {"schema": {"type": "string"}} for kind in _CALLBACK_TYPES}
    own = "in the platform's own words"
    return {
        "tags": ["callbacks"],
        "summary": "A payment platform calls back",
        "description": "No API key: the platform signs.  Answered after the commit, in its words.",
        "operationId": "payment_callback",
        "security": [],
        "parameters": [{"name": "provider", "in": "path", "required": True, "schema": providers}],
        "requestBody": {"required": True, "content": content},
        "responses": {
            "200": {"description": f"recorded, {own}"},
            "204": {"description": f"recorded, {own}"},
            "400": {"description": f"refused, {own}"},
            "401": {"description": f"refused, {own}"},
            "413": {"description": f"too large, {own}"},
            **_problems((404, 408, 429, 503)),
        },
    }


def _check() -> dict[str, Any]:
    return {
        "tags": ["check"],
        "summary": "Check a file",
        "description": "The findings; nothing is stored.",
        "operationId": "check_file",
        "security": _SECURITY,
        "parameters": [_header("X-Filename", "the file's name, percent-encoded UTF-8", 1020)],
        "requestBody": _FILE,
        "responses": {
            "200": {
                "description": "what `gateway check --json` prints",
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **_problems(_INTAKE),
        },
    }


def _paper() -> dict[str, Any]:
    kind = {"type": "string", "enum": list(KINDS), "default": "other"}
    return {
        "tags": ["firm"],
        "summary": "Send a qualification document",
        "description": "A PDF, JPEG or PNG below 1 MiB; only the firm's administrator may.",
        "operationId": "send_paper",
        "security": _SECURITY,
        "parameters": [
            {"name": "kind", "in": "query", "required": False, "schema": kind},
            _header("X-Filename", "the file's name, percent-encoded UTF-8", 1020),
        ],
        "requestBody": _FILE,
        "responses": {
            "201": {
                "description": "kept",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            **_problems((401, 403, 408, 409, 413, 415, 422, 429, 503)),
        },
    }


def _header(name: str, description: str, longest: int) -> dict[str, Any]:
    schema = {"type": "string", "minLength": 1, "maxLength": longest}
    return {"name": name, "in": "header", "required": False, "description": description} | {
        "schema": schema
    }


def _problems(statuses: tuple[int, ...]) -> dict[str, Any]:
    schema = {"schema": {"$ref": _REFERENCE.format(model="ProblemShape")}}
    return {
        str(status): {"description": "problem", "content": {MEDIA_TYPE: schema}}
        for status in statuses
    }
