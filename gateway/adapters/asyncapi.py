"""The AsyncAPI 3 document of published results, exported to schemas/events/asyncapi.json.

Made from the canonical models, so it cannot say anything else than what is sent; a test fails on
drift.  `python -m gateway.adapters.asyncapi FILE` writes it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from gateway.adapters.push_kafka import CONTENT_TYPE
from gateway.canonical.document import DocumentType
from gateway.canonical.registry import DOCUMENT_TYPES

_REFERENCE = "#/components/schemas/{model}"
# Answers to a sender are documents too, and travel to the sender, never as a result.
_UNPUBLISHED = frozenset({"acknowledgement"})
_STATES = ("accepted", "partly")


def document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    kinds = [kind for name, kind in DOCUMENT_TYPES.items() if name not in _UNPUBLISHED]
    names = [kind.name for kind in kinds]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Port EDI gateway, published results",
            "version": "1",
            "description": (
                "Accepted documents on the topics of routes of kind kafka. At least once: the "
                "header ce_id (and `id`) is the delivery id, the same at every repetition. The "
                "message key is the business object; the events of one object are in order."
            ),
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {
            "results": {
                "address": "{topic}",
                "description": "One topic per route.",
                "parameters": {"topic": {"description": "`topic` of the partner's route"}},
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            }
        },
        "operations": {
            "publish": {
                "action": "send",
                "channel": {"$ref": "#/channels/results"},
                "messages": [{"$ref": f"#/channels/results/messages/{name}"} for name in names],
            }
        },
        "components": {
            "messages": {kind.name: _message(kind) for kind in kinds},
            "schemas": _schemas(kinds),
        },
    }


def _message(kind: DocumentType) -> dict[str, Any]:
    return {
        "name": kind.name,
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "required": ["ce_id", "ce_type"],
            "properties": {
                "ce_id": {"type": "string", "description": "delivery id: message-leg-revision"},
                "ce_type": {"type": "string", "enum": _types(kind)},
                "content-type": {"const": CONTENT_TYPE},
            },
        },
        "payload": {"$ref": _REFERENCE.format(model=f"{kind.name}_event")},
        "bindings": {"kafka": {"key": {"type": "string", "description": "`booking=…`"}}},
    }


def _types(kind: DocumentType) -> list[str]:
    return [f"portedi.{kind.name}.{state}" for state in _STATES]


def _schemas(kinds: list[DocumentType]) -> dict[str, Any]:
    models = [model for kind in kinds for model in (kind.header, kind.part)]
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template=_REFERENCE
    )
    schemas: dict[str, Any] = dict(definitions["$defs"])
    for kind in kinds:
        schemas[f"{kind.name}_payload"] = _payload(kind)
        schemas[f"{kind.name}_event"] = _event(kind)
    return dict(sorted(schemas.items()))


def _payload(kind: DocumentType) -> dict[str, Any]:
    """What routing/payload.py writes."""
    text = {"type": "string"}
    properties = {
        "document": {"const": kind.name},
        "format": text,
        "key": {"type": "object", "additionalProperties": text},
        "function": text,
        "id": text,
        "sender": text,
        "decision": {
            "type": "object",
            "properties": {"outcome": text, "codes": {"type": "array", "items": text}},
        },
        "header": {"$ref": _REFERENCE.format(model=kind.header.__name__)},
        "parts": {
            "type": "array",
            "items": {"$ref": _REFERENCE.format(model=kind.part.__name__)},
        },
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _event(kind: DocumentType) -> dict[str, Any]:
    """CloudEvents 1.0, structured; `data_base64` for originals and for large documents."""
    text = {"type": "string"}
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,128}$"},
        "source": text,
        "type": {"type": "string", "enum": _types(kind)},
        "subject": text,
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": text,
        "data": {"$ref": _REFERENCE.format(model=f"{kind.name}_payload")},
        "data_base64": {"type": "string", "contentEncoding": "base64"},
    }
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time", "datacontenttype"],
        "oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}],
        "properties": properties,
        "additionalProperties": False,
    }


def text() -> str:
    """The exported file."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text(), encoding="utf-8")
