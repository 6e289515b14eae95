"""API: the demonstration's own small client, JSON in and out."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

_ASK_SECONDS = 10
_LOOK_SECONDS = 0.1


class Refused(Exception):
    """An answer other than 2xx; `code` as the problem names it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.code = code


class Api:
    """One server and one key."""

    def __init__(self, url: str, key: str = "") -> None:
        self._url = url
        self._key = key

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """The answer's JSON; raises Refused."""
        return self.ask("GET", path)

    def post(self, path: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
        """As JSON; raises Refused."""
        data = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.ask("POST", path, data)

    def ask(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Any request; raises Refused."""
        url = path if path.startswith("http") else self._url + path
        sent = {"content-type": "application/json", **(headers or {})}
        if self._key:
            sent["authorization"] = f"Bearer {self._key}"
        request = urllib.request.Request(url, data, sent, method=method)  # noqa: S310 - our own
        try:
            with urllib.request.urlopen(request, timeout=_ASK_SECONDS) as answer:  # noqa: S310
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, _code(error.read())) from None


def _code(body: bytes) -> str:
    try:
        return str(json.loads(body).get("code", ""))
    except (ValueError, AttributeError):
        return ""


def until(look: Callable[[], Any], seconds: float = 20.0) -> Any:  # noqa: ANN401 - what look gives
    """The first thing that is something; raises TimeoutError."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := look():
            return found
        time.sleep(_LOOK_SECONDS)
    raise TimeoutError
