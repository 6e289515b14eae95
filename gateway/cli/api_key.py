"""API KEY of a command: made where the service makes them."""

from __future__ import annotations

from gateway.pipeline.api_key import ApiKey, new_api_key

__all__ = ["ApiKey", "new_api_key"]
