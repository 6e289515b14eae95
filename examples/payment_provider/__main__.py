"""`python -m examples.payment_provider --notify http://127.0.0.1:8080 --keys FOLDER`.

Five platforms on one port.  Keys are made in the folder at the first start: what the gateway
verifies with (`*.pub.pem`, `*.secret`) and what the platforms sign with (`platform.pem`).  `POST
/control/{platform}/pay {"order": "PO…"}` is the payer; `/control/{platform}/refunded` the bank;
`/control/{platform}/notify` says where to call back.
"""

import argparse
import asyncio
import base64
import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from examples.payment_provider.languages import (
    Aggregator,
    Alipay,
    Language,
    StandardWebhooks,
    UnionPay,
    WeChatPay,
)
from examples.payment_provider.server import Platform, Trouble, application

MERCHANT = "100200300"
APP = "wx0000000000000001"


def main() -> None:
    """Serves until stopped; the first line on stdout says that it is ready and where."""
    options = _options()
    options.keys.mkdir(parents=True, exist_ok=True)
    trouble = Trouble(duplicates=options.duplicates, lost=options.lost, probes=True)
    platforms = {
        name: Platform(
            name,
            language,
            f"{options.notify.rstrip('/')}/v1/callbacks/payments/{name}",
            lambda: datetime.now(UTC),
            trouble=trouble,
        )
        for name, language in languages(options.keys).items()
    }
    with socket.create_server((options.host, options.port)) as listener:
        server = uvicorn.Server(uvicorn.Config(application(platforms), log_level="error"))
        print(json.dumps({"event": "ready", "port": listener.getsockname()[1]}), flush=True)
        asyncio.run(server.serve([listener]))


def languages(folder: Path) -> dict[str, Language]:
    """All five, with the keys of a folder; missing ones are made."""
    key = _private(folder / "platform.pem")
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "platform.pub.pem").write_bytes(public)
    _private(folder / "merchant.pem")
    hook = "whsec_" + base64.b64encode(os.urandom(24)).decode()
    return {
        "unionpay": UnionPay(MERCHANT, _secret(folder / "unionpay.secret", os.urandom(16).hex())),
        "alipay": Alipay(MERCHANT, APP, key),
        "wechatpay": WeChatPay(
            MERCHANT,
            APP,
            key,
            "PUB_KEY_ID_1",
            _secret(folder / "wechatpay.secret", os.urandom(16).hex()),
        ),
        "aggregator": Aggregator(
            MERCHANT, _secret(folder / "aggregator.secret", os.urandom(16).hex())
        ),
        "standard-webhooks": StandardWebhooks(_secret(folder / "webhooks.secret", hook)),
    }


def _private(path: Path) -> rsa.RSAPrivateKey:
    if not path.exists():
        made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.touch(mode=0o600)
        path.write_bytes(pem)
    loaded = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    return loaded


def _secret(path: Path, made: str) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(made, encoding="ascii")
    return path.read_text(encoding="ascii")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.payment_provider")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9100, help="0 takes a free one")
    parser.add_argument("--notify", default="", help="the gateway's address; or told later")
    parser.add_argument("--keys", type=Path, default=Path("payment-keys"))
    parser.add_argument("--duplicates", type=int, default=1, help="each callback so often again")
    parser.add_argument("--lost", action="store_true", help="lose every callback")
    return parser.parse_args()


if __name__ == "__main__":
    main()
