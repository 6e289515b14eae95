"""What an account can do with the two folders, as asyncssh's SFTP server asks for it.

No method touches a file system: a path is a folder and a name, never more (paths.py).  Every method
of asyncssh's server that reaches one is overridden here; a test compares the two lists.
"""

from __future__ import annotations

import stat
from collections.abc import AsyncIterator
from datetime import datetime

import asyncssh
from asyncssh import constants

from gateway import limits
from gateway.adapters.mailbox import Mailbox
from gateway.adapters.sftp_server import status
from gateway.adapters.sftp_server.inbox import Inbox, InboxParts
from gateway.adapters.sftp_server.incoming import Incoming
from gateway.adapters.sftp_server.outbox import Outbox, Outgoing
from gateway.adapters.sftp_server.paths import (
    NOWHERE,
    Folder,
    Place,
    absolute,
    place_of,
    place_to_change,
)
from gateway.canonical.partner import Account
from gateway.pipeline.ports import Directory
from gateway.pipeline.refusal import Refusal
from gateway.pipeline.rows import AccountRef

_FOLDER_MODE = stat.S_IFDIR | 0o750
_FILE_MODE = stat.S_IFREG | 0o640


class AccountFiles(asyncssh.SFTPServer):
    """One SFTP session of one account."""

    def __init__(
        self,
        channel: asyncssh.SSHServerChannel[bytes],
        account: AccountRef,
        directory: Directory,
        parts: InboxParts,
        mailbox: Mailbox,
    ) -> None:
        super().__init__(channel)
        self._account = account
        self._directory = directory
        self._now = parts.clock.now
        self._inbox = Inbox(parts, account)
        self._outbox = Outbox(mailbox, parts.clock, account)
        self._handles: set[Outgoing] = set()
        self._open_count = 0

    def abandon(self) -> None:
        """The session is over, however it ended."""
        self._inbox.abandon()
        for outgoing in self._handles:
            outgoing.close()
        self._handles.clear()

    # --- files ------------------------------------------------------------------------------------

    async def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open an upload in inbox/ or a delivery in outbox/."""
        place = place_to_change(path)
        terms = self._terms()
        if self._open_count >= limits.SFTP_HANDLES_PER_SESSION_MAX:
            raise status.failed("too many open files", "打开的文件过多")
        if place.name is None:
            raise _no_files_here(place)
        writes = pflags & ~constants.FXF_READ
        if place.folder is Folder.INBOX:
            opened: object = await self._open_upload(place.name, pflags, attrs, terms)
        elif writes:
            raise status.denied("outbox/ is read-only", "outbox/ 只读")
        else:
            opened = await self._open_delivery(place.name)
        self._open_count += 1
        return opened

    async def close(self, file_obj: object) -> None:
        """OK here is the promise that the file is kept."""
        self._open_count -= 1
        if isinstance(file_obj, Outgoing):
            file_obj.close()
            self._handles.discard(file_obj)
        elif isinstance(file_obj, Incoming):
            try:
                await self._inbox.close(file_obj)
            except Refusal as refusal:
                raise status.refused(refusal) from refusal

    async def read(self, file_obj: object, offset: int, size: int) -> bytes:
        """Bytes of a delivery."""
        if not isinstance(file_obj, Outgoing):
            raise status.denied("inbox/ is write-only", "inbox/ 只可上传")
        return file_obj.read(offset, size)

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Bytes of an upload, in order."""
        if not isinstance(file_obj, Incoming):
            raise status.denied("outbox/ is read-only", "outbox/ 只读")
        try:
            file_obj.write(offset, data)
        except Refusal as refusal:
            raise status.refused(refusal) from refusal
        return len(data)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        """The final name of a complete upload; an accepted file keeps its name."""
        old, new = place_to_change(oldpath), place_to_change(newpath)
        if old.folder is not Folder.INBOX or old.name is None:
            raise status.denied("only uploads in inbox/ are renamed", "只能为 inbox/ 中的上传改名")
        if new.folder is not Folder.INBOX or new.name is None:
            raise status.denied("uploads stay in inbox/", "上传文件须留在 inbox/")
        self._terms()
        try:
            renamed = await self._inbox.rename(old.name, new.name)
        except Refusal as refusal:
            raise status.refused(refusal) from refusal
        if renamed:
            return
        if await self._inbox.find(old.name):
            raise status.denied("an accepted file keeps its name", "已接收的文件不可改名")
        raise status.missing()

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        """As `rename`: names in inbox/ never collide."""
        await self.rename(oldpath, newpath)

    async def remove(self, path: bytes) -> None:
        """In outbox/: collected.  In inbox/: only what waits for its rename."""
        place = place_to_change(path)
        self._terms()
        if place.folder is Folder.OUTBOX and place.name is not None:
            if not await self._outbox.collect(place.name):
                raise status.missing()
        elif place.folder is Folder.INBOX and place.name is not None:
            if self._inbox.discard(place.name):
                return
            if await self._inbox.find(place.name):
                raise status.denied("an accepted file cannot be withdrawn", "已接收的文件不可撤回")
            raise status.missing()
        else:
            raise _no_files_here(place)

    # --- attributes -------------------------------------------------------------------------------

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Of the folders, of own uploads and of deliveries."""
        place = place_of(path)
        if place == NOWHERE:
            raise status.missing()
        if place.name is None:
            return self._folder()
        if place.folder is Folder.INBOX:
            accepted = await self._inbox.find(place.name)
            if accepted:
                return _file(accepted.size, accepted.at)
        else:
            waiting = await self._outbox.find(place.name)
            if waiting:
                return _file(waiting.size, waiting.row.created_at)
        raise status.missing()

    async def lstat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """As `stat`: there are no links."""
        return await self.stat(path)

    async def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Of an open file."""
        if isinstance(file_obj, Outgoing):
            return _file(file_obj.size, file_obj.row.created_at)
        if isinstance(file_obj, Incoming):
            return _file(file_obj.size, self._now())
        raise status.missing()

    async def setstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """Modes and times: OK, and nothing happens."""
        place = place_of(path)
        if attrs.size is not None:
            raise _no_truncation()
        if place == NOWHERE:
            raise status.missing()

    async def lsetstat(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """As `setstat`."""
        await self.setstat(path, attrs)

    async def fsetstat(self, file_obj: object, attrs: asyncssh.SFTPAttrs) -> None:
        """Modes and times: OK, and nothing happens; a size only where it is the size already."""
        size = file_obj.size if isinstance(file_obj, Incoming | Outgoing) else None
        if attrs.size is not None and attrs.size != size:
            raise _no_truncation()

    # --- folders ----------------------------------------------------------------------------------

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List the root, inbox/ or outbox/."""
        place = place_of(path)
        if place == NOWHERE or place.name is not None:
            raise status.missing()
        for dots in (b".", b".."):
            yield asyncssh.SFTPName(dots, attrs=self._folder())
        if place.folder is Folder.ROOT:
            for name in (b"inbox", b"outbox"):
                yield asyncssh.SFTPName(name, attrs=self._folder())
        elif place.folder is Folder.INBOX:
            for accepted in await self._inbox.listing():
                attrs = _file(accepted.size, accepted.at)
                yield asyncssh.SFTPName(_encoded(accepted.name), attrs=attrs)
        else:
            for waiting in await self._outbox.listing():
                attrs = _file(waiting.size, waiting.row.created_at)
                yield asyncssh.SFTPName(_encoded(waiting.row.file_name), attrs=attrs)

    async def realpath(self, path: bytes) -> bytes:
        """Absolute, by words alone."""
        return absolute(path)

    def format_user(self, uid: int | None) -> str:
        """No user of this machine is named."""
        return "account"

    def format_group(self, gid: int | None) -> str:
        """As `format_user`."""
        return "partner"

    # --- refused to everybody ---------------------------------------------------------------------

    async def mkdir(self, path: bytes, attrs: asyncssh.SFTPAttrs) -> None:
        """There are two folders, and there will be no third."""
        raise status.denied("folders cannot be made", "不能建立文件夹")

    async def rmdir(self, path: bytes) -> None:
        """As `mkdir`."""
        raise status.denied("folders cannot be removed", "不能删除文件夹")

    async def readlink(self, path: bytes) -> bytes:
        """There are no links."""
        raise status.unsupported("there are no links", "不支持链接")

    async def symlink(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise status.unsupported("there are no links", "不支持链接")

    async def link(self, oldpath: bytes, newpath: bytes) -> None:
        """There are no links."""
        raise status.unsupported("there are no links", "不支持链接")

    async def fsync(self, file_obj: object) -> None:
        """Durability is promised by close, not before."""

    # --- inside -----------------------------------------------------------------------------------

    async def _open_upload(
        self, name: bytes, pflags: int, attrs: asyncssh.SFTPAttrs, terms: Account
    ) -> Incoming:
        if not pflags & constants.FXF_WRITE:
            raise status.denied("inbox/ is write-only", "inbox/ 只可上传")
        if pflags & constants.FXF_APPEND:
            raise status.unsupported("appending is not supported", "不支持追加写入")
        if not pflags & constants.FXF_CREAT:
            raise status.missing()
        try:
            return await self._inbox.open(name, terms, attrs.size)
        except Refusal as refusal:
            raise status.refused(refusal) from refusal

    async def _open_delivery(self, name: bytes) -> Outgoing:
        outgoing = await self._outbox.open(name)
        if outgoing is None:
            raise status.missing()
        self._handles.add(outgoing)
        return outgoing

    def _terms(self) -> Account:
        """The account as it stands now: one that was taken away ends its open sessions too."""
        found = self._directory.account(self._account.account)
        if found is None or found[0].code != self._account.partner:
            raise status.denied("the account is closed", "账号已停用")
        return found[1]

    def _folder(self) -> asyncssh.SFTPAttrs:
        now = int(self._now().timestamp())
        return asyncssh.SFTPAttrs(
            size=0, uid=0, gid=0, permissions=_FOLDER_MODE, atime=now, mtime=now
        )


def _file(size: int, at: datetime) -> asyncssh.SFTPAttrs:
    seconds = int(at.timestamp())
    return asyncssh.SFTPAttrs(
        size=size, uid=0, gid=0, permissions=_FILE_MODE, atime=seconds, mtime=seconds
    )


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "replace")


def _no_files_here(place: Place) -> asyncssh.SFTPError:
    if place.name is None and place.folder is not Folder.NOWHERE:
        return status.denied("this is a folder", "这是文件夹")
    return status.denied(
        "upload into inbox/, read from outbox/", "请上传到 inbox/，从 outbox/ 取件"
    )


def _no_truncation() -> asyncssh.SFTPError:
    return status.unsupported("sizes cannot be set", "不能修改文件长度")
