"""SFTP FOR ACCOUNTS: an asyncssh server with two folders and nothing behind them.

Interfaces.md, "SFTP, for accounts", is what the outside relies on; docs/howto/send-over-sftp.md
tells it to a partner.
"""

from gateway.adapters.sftp_server.listener import SftpListener, serve_sftp
from gateway.adapters.sftp_server.settings import SftpSettings

__all__ = ["SftpListener", "SftpSettings", "serve_sftp"]
