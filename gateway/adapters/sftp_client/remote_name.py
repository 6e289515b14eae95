"""File and folder names that cross a machine's border: one part, printable, nothing clever."""

import unicodedata

from gateway import limits

# Control, format (bidi tricks), surrogate, line and paragraph separators.
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
PART_SUFFIX = b".part"


class BadName(ValueError):
    """The name is not one that we read or write; the text says why and does not repeat it."""


def decoded(raw: bytes) -> str:
    """UTF-8, else GB18030; raises BadName where it is neither."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadName("neither UTF-8 nor GB18030")


def checked_name(raw: bytes) -> str:
    """The text of one file name; raises BadName for anything that could mean a path.

    Slash and backslash are looked for in the bytes and in the text: a GB18030 character may hold
    0x5C as its second byte, where a server that knows no GB18030 sees a separator.
    """
    if not 0 < len(raw) <= limits.FILE_NAME_BYTES_MAX - len(PART_SUFFIX):
        raise BadName("empty or too long")
    if raw in (b".", b".."):
        raise BadName("a relative folder")
    if b"/" in raw or b"\\" in raw or b"\0" in raw:
        raise BadName("a separator or NUL")
    text = decoded(raw)
    if any(unicodedata.category(character) in _UNPRINTABLE for character in text):
        raise BadName("a control or formatting character")
    return text


def checked_folder(folder: str) -> bytes:
    """A configured folder as bytes without a slash at its end; "" is where the login starts."""
    parts = [part for part in folder.split("/") if part not in ("", ".")]
    for part in parts:
        checked_name(part.encode("utf-8", "surrogateescape"))
    path = "/".join(parts).encode()
    return b"/" + path if folder.startswith("/") else path or b"."


def joined(folder: bytes, name: bytes) -> bytes:
    """The path of a checked name in a checked folder."""
    return folder + name if folder == b"/" else folder + b"/" + name


def escaped(raw: bytes) -> str:
    """A name for people and logs: one line of ASCII, bounded."""
    return raw[:80].decode("ascii", "backslashreplace").encode("unicode_escape").decode("ascii")
