"""WRITTEN: whether XML that we wrote is what our own schema says, before it leaves.

Schemas come from the package's own data only; what arrives from partners is read by `reader.py`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from lxml import etree

from gateway.resources import read_bytes


class NotValid(ValueError):
    """What we wrote does not fit our schema: a fault of ours; the text says where."""


@lru_cache(maxsize=16)
def _schema(path: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(read_bytes(path), _parser()))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def check_written(content: bytes, schema: str) -> None:
    """Raises NotValid unless `content` is well-formed and valid; schema: a path of our data."""
    try:
        tree = etree.fromstring(content, _parser())
    except etree.XMLSyntaxError as error:
        raise NotValid(f"{schema}: {error.msg}") from None
    judge = _schema(schema)
    if not judge.validate(tree):
        # The stubs do not know that it is a sequence; its messages would quote what we wrote.
        log: Any = judge.error_log
        raise NotValid(f"{schema}: line {log[0].line}: {log[0].type_name}")
