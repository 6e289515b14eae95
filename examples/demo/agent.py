"""An agent's side of the wire: sends files over SFTP and HTTP, and tells what it was told.

    python -m examples.demo.agent < orders.json

`orders.json`: {"sftp": {"host", "port", "username", "key", "known_hosts"},
"http": {"url", "api_key"}, "drops": [{"file", "name", "channel", "pause"}]}.  For each drop, in
order, one JSON line on stdout: {"name", "channel", "told", "detail", "interchange"}; told is "ok",
"refused" or "failed".  It is meant to be read: this is all that a sender has to do.
"""

import asyncio
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from pathlib import Path
from typing import Any

import asyncssh

_SECONDS = 20


async def main() -> None:
    """Send everything in order; a line for each."""
    orders = json.load(sys.stdin)
    async with _connection(orders["sftp"]) as connection, connection.start_sftp_client() as sftp:
        for drop in orders["drops"]:
            await asyncio.sleep(drop.get("pause", 0))
            data = await asyncio.to_thread(Path(drop["file"]).read_bytes)
            if drop["channel"] == "sftp":
                told = await send_over_sftp(sftp, drop["name"], data)
            else:
                told = await asyncio.to_thread(send_over_http, orders["http"], drop["name"], data)
            line = {"name": drop["name"], "channel": drop["channel"], **told}
            print(json.dumps(line, ensure_ascii=False), flush=True)


def _connection(server: dict[str, Any]) -> Any:  # noqa: ANN401 - asyncssh's own context manager
    """Only the server whose key we know: never send anything to another one."""
    return asyncssh.connect(
        server["host"],
        server["port"],
        username=server["username"],
        client_keys=[server["key"]],
        known_hosts=server["known_hosts"],
        agent_path=None,
        config=None,
        connect_timeout=_SECONDS,
    )


async def send_over_sftp(sftp: asyncssh.SFTPClient, name: str, data: bytes) -> dict[str, Any]:
    """Under a temporary name, then renamed: the gateway never sees half a file.

    OK to the rename means that the gateway has it for good.  After a broken connection send the
    same file again: it cannot take effect twice.
    """
    try:
        async with sftp.open(f"inbox/{name}.part", "wb") as file:
            await file.write(data)
        await sftp.rename(f"inbox/{name}.part", f"inbox/{name}")
    except asyncssh.SFTPError as error:
        return {"told": "refused", "detail": error.reason, "interchange": None}
    except (OSError, asyncssh.Error) as error:
        return {"told": "failed", "detail": str(error), "interchange": None}
    return {"told": "ok", "detail": "SFTP OK", "interchange": None}


def send_over_http(server: dict[str, Any], name: str, data: bytes) -> dict[str, Any]:
    """One POST; the Idempotency-Key makes a repeat after a lost answer harmless."""
    request = urllib.request.Request(  # noqa: S310 - the gateway's own address
        server["url"] + "/v1/interchanges",
        data=data,
        headers={
            "Authorization": f"Bearer {server['api_key']}",
            "Content-Type": "application/octet-stream",
            "Idempotency-Key": str(uuid.uuid4()),
            "X-Filename": urllib.parse.quote(name),
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 - as above
            body = json.load(answer)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        return {"told": "refused", "detail": problem.get("en", str(error)), "interchange": None}
    except OSError as error:
        return {"told": "failed", "detail": str(error), "interchange": None}
    detail = "HTTP 202" + (f", a repeat ({body['repeat']})" if body.get("repeat") else "")
    return {"told": "ok", "detail": detail, "interchange": body["id"]}


if __name__ == "__main__":
    asyncio.run(main())
