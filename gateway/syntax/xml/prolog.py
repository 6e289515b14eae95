"""What stands before the first element: declaration, comments; a DOCTYPE could only stand here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_DECLARATION = re.compile(
    r"""<\?xml\s+version\s*=\s*(?:"1\.[01]"|'1\.[01]')"""
    r"""(?:\s+encoding\s*=\s*(?:"[A-Za-z0-9._-]+"|'[A-Za-z0-9._-]+'))?"""
    r"""(?:\s+standalone\s*=\s*(?:"(?:yes|no)"|'(?:yes|no)'))?\s*\?>"""
)
_NAME = re.compile(r"<(?:([\w.-]{1,100}):)?([\w.-]{1,100})(?=[\s/>])")
_CUSTOMS = re.compile(r"urn:Declaration:datamodel:standard:CN:(MT\d{4}):([\w.-]{1,20})")


@dataclass(frozen=True, slots=True)
class Root:
    """The root element as it is written: message name and version, and its namespace."""

    name: str
    version: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Prolog:
    """What the beginning of a text turned out to be.

    state: "more" text is needed, "ready", "doctype", "declaration" (it is wrong), "malformed".
    declaration: its length, so that it can be left out; at: where the root begins.
    """

    state: str
    declaration: int = 0
    at: int = 0
    root: Root | None = None


def examine(text: str) -> Prolog:
    """Look at the beginning of a text; nothing of it is interpreted but names.

    A second declaration would be the parser's first, for ours is taken out: it is wrong, too.
    """
    at = 0
    if text.startswith("<?xml") and text[5:6] in ("", " ", "\t", "\r", "\n"):
        end = text.find("?>")
        if end < 0:
            return Prolog("more")
        at = end + 2
        if not _DECLARATION.fullmatch(text, 0, at):
            return Prolog("declaration", at)
    declaration = at
    while True:
        at += len(text) - at - len(text[at:].lstrip(" \t\r\n"))
        if text[at : at + 5].lower() == "<?xml" and not text[at + 5 : at + 6].strip(" \t\r\n"):
            return Prolog("declaration", len(text[: at + 80].rstrip()))
        closing = _closing(text, at)
        if closing is None:
            return _root(text, declaration, at)
        end = text.find(closing, at + 2)
        if end < 0:
            return Prolog("more", declaration, at)
        at = end + len(closing)


def _closing(text: str, at: int) -> str | None:
    """How the comment or processing instruction at a place ends; None where there is none."""
    if text.startswith("<!--", at):
        return "-->"
    return "?>" if text.startswith("<?", at) else None


def _root(text: str, declaration: int, at: int) -> Prolog:
    rest = text[at : at + 9]
    if rest in "<!--" or (len(rest) < 9 and "<!DOCTYPE".startswith(rest)):
        return Prolog("more", declaration, at)
    if rest[:2] == "<!":
        state = "doctype" if rest.upper() == "<!DOCTYPE" else "malformed"
        return Prolog(state, declaration, at)
    if rest[0] != "<":
        return Prolog("malformed", declaration, at)
    end = text.find(">", at)
    if end < 0:
        return Prolog("more", declaration, at)
    found = _NAME.match(text, at)
    if found is None:
        return Prolog("malformed", declaration, at)
    return Prolog("ready", declaration, at, _named(found, text[at : end + 1]))


def _named(found: re.Match[str], tag: str) -> Root:
    """The root by its namespace, which is looked up in the tag alone."""
    attribute = f"xmlns:{found[1]}" if found[1] else "xmlns"
    pattern = rf"""\s{re.escape(attribute)}\s*=\s*(?:"([^"<]*)"|'([^'<]*)')"""
    declared = re.search(pattern, tag)
    namespace = unescape(declared[1] or declared[2] or "") if declared else ""
    return root_of(found[2], namespace)


def root_of(local: str, namespace: str) -> Root:
    """Customs messages share a root element and are told by their namespace (formats.md 7)."""
    customs = _CUSTOMS.fullmatch(namespace)
    name, version = (customs[1], customs[2]) if customs else (local, "")
    return Root(name, version, namespace)
