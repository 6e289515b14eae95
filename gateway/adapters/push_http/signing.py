"""Standard Webhooks signatures of what we send; the core has them, callbacks are verified there."""

from gateway.rules.webhook_signature import (
    Verification,
    decode_secret,
    is_webhook_id,
    sign,
    verify,
)

__all__ = ["Verification", "decode_secret", "is_webhook_id", "sign", "verify"]
