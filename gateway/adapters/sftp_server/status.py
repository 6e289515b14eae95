"""Refusals as SFTP answers: a code that every client knows, and why, in both languages.

Protocol version 3 has few codes: quota and space are plain failures there, so the reason always
stands in the message, as `CODE: English / 中文`.
"""

from __future__ import annotations

import asyncssh

from gateway.pipeline.refusal import Refusal, RefusalCode

_DENIED = frozenset({RefusalCode.BAD_NAME, RefusalCode.NAME_TAKEN})


def refused(refusal: Refusal) -> asyncssh.SFTPError:
    """The answer to a refused upload."""
    text = f"{refusal.code}: {refusal.en} / {refusal.zh}"
    if refusal.code in _DENIED:
        return asyncssh.SFTPPermissionDenied(text)
    if refusal.code is RefusalCode.UNSUPPORTED:
        return asyncssh.SFTPOpUnsupported(text)
    return asyncssh.SFTPFailure(text)


def denied(en: str, zh: str) -> asyncssh.SFTPError:
    """The account may not do this here."""
    return asyncssh.SFTPPermissionDenied(f"{en} / {zh}")


def unsupported(en: str, zh: str) -> asyncssh.SFTPError:
    """Nobody may do this here."""
    return asyncssh.SFTPOpUnsupported(f"{en} / {zh}")


def missing() -> asyncssh.SFTPError:
    """There is no such file, as far as this account can see."""
    return asyncssh.SFTPNoSuchFile("no such file / 没有此文件")


def failed(en: str, zh: str) -> asyncssh.SFTPError:
    """Something went wrong on our side; the text says nothing about the inside."""
    return asyncssh.SFTPFailure(f"{en} / {zh}")
