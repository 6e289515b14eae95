"""Partners' SFTP servers, seen as a client: one contract, two drivers.

`pysftp` is the default; `asyncssh` takes its place by one word of configuration.  Both keep the
same promises (`contract`), which one suite checks against a real OpenSSH server and a hostile one.
"""

from gateway.adapters.sftp_client.contract import SftpClient


def driver(name: str) -> SftpClient:
    """The driver of that name: `pysftp` or `asyncssh`.

    The packages are imported here and not at the top, so that choosing one does not load the other.
    Raises ValueError for another name.
    """
    if name == "pysftp":
        from gateway.adapters.sftp_client.pysftp_driver import PysftpClient  # noqa: PLC0415

        return PysftpClient()
    if name == "asyncssh":
        from gateway.adapters.sftp_client.asyncssh_driver import AsyncsshClient  # noqa: PLC0415

        return AsyncsshClient()
    raise ValueError(f"unknown SFTP driver {name!r}: pysftp or asyncssh")
