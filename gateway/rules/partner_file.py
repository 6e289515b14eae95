"""PARTNER FILE: one `partners/<CODE>.toml` becomes a Partner, or everything that is wrong with it.

The keys are those of canonical/partner.py.  `Place.key` of a finding is the path of the key
(`routes[0].url`); values are not repeated, for a secret may have been written where its reference
belongs.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import struct
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from gateway.canonical.document import Function
from gateway.canonical.partner import Account, Agreement, Partner, Poll, Route
from gateway.canonical.registry import DOCUMENT_TYPES
from gateway.findings import Finding, FindingKind, Place, Severity
from gateway.limits import PARTNER_FILE_CHARACTERS_MAX
from gateway.rules.partner_encoding import encoding_findings
from gateway.rules.partner_firm import firm_findings
from gateway.rules.partner_layout import layout_findings
from gateway.rules.partner_payload import Formats, payload_findings

SUFFIX = ".toml"
# What may be sent: every document type that we speak.
DOCUMENTS = frozenset(DOCUMENT_TYPES)
# What routes may carry beside it: notices of the services (pipeline/notices.py).
NOTICES = frozenset(
    {
        "firm", "firm_approval", "appointment", "customs_appointment",
        "customs_appointment_status", "fee_declaration", "fee_notice", "payment",
    }
)  # fmt: skip


def _kind(code: str, zh: str, en: str, hint_zh: str = "", hint_en: str = "") -> FindingKind:
    return FindingKind(f"PARTNER-{code}", Severity.ERROR, zh, en, hint_zh, hint_en)


TOO_LONG = _kind("SIZE", "文件过大", "the file is too large")
NOT_TOML = _kind("TOML", "不是有效的 TOML：{reason}", "not valid TOML: {reason}")
UNKNOWN_KEY = _kind("KEY", "未知的键", "unknown key", "请核对拼写", "compare its spelling")
MISSING = _kind("MISSING", "必填项缺失", "this key is required")
WRONG = _kind("VALUE", "值无效：{reason}", "not a valid value: {reason}")
FILE_NAME = _kind(
    "FILE-NAME", "文件名应为 {expected}", "the file should be named {expected}"
)  # fmt: skip
ACCOUNT_TAKEN = _kind(
    "ACCOUNT", "账户名 {value} 已在 {other} 中使用", "account {value} is used in {other} already"
)
CODE_TAKEN = _kind(
    "CODE", "代码 {value} 已在 {other} 中使用", "code {value} is used in {other} already"
)
IDENTITY_TAKEN = FindingKind(
    "PARTNER-IDENTITY",
    Severity.WARNING,
    "发送方代码 {value} 也属于 {other}",
    "identity {value} belongs to {other}, too",
)
KEY_LINE = _kind(
    "SSH-KEY",
    "不是 OpenSSH 公钥行",
    "not an OpenSSH public key line",
    "例如 ssh-ed25519 AAAA…(主机密钥不写主机名)",
    "for example ssh-ed25519 AAAA… (a host key without its host name)",
)
PASSWORD_HASH = _kind("PASSWORD-HASH", "不是 argon2 散列", "not an argon2 hash")
API_KEY = _kind(
    "API-KEY",
    "应为 前缀(12 位):sha256，不是密钥本身",
    "should be prefix (12 characters):sha256, never the key itself",
)
ADDRESS = _kind(
    "URL",
    "不是可用的地址：{reason}",
    "not a usable address: {reason}",
    "只用 https；http 只用于 allow_networks 内的地址",
    "https only; http inside allow_networks",
)
NETWORK = _kind(
    "NETWORK", "不是网段", "not a network", "例如 10.1.0.0/16", "for example 10.1.0.0/16"
)
ZONE = _kind(
    "ZONE", "未知的时区", "not a time zone", "例如 Asia/Shanghai", "for example Asia/Shanghai"
)
DOCUMENT = _kind("DOCUMENT", "未知的单证类型", "not a document type", "{known}", "{known}")
FUNCTION = _kind("FUNCTION", "未知的功能代码", "not a function", "{known}", "{known}")
MAILBOX = _kind(
    "MAILBOX",
    "名为 mailbox 的路由必须是 mailbox 类",
    "a route named mailbox must be of kind mailbox",
)
SIGN_IN = _kind(
    "SIGN-IN",
    "需要 password 或 private_key",
    "password or private_key is needed",
)
NO_SIGN_IN = FindingKind(
    "PARTNER-NO-SIGN-IN",
    Severity.WARNING,
    "账户没有任何登录方式",
    "the account has no way to sign in",
    "请填写 ssh_keys、password_hash 或 api_keys",
    "give ssh_keys, password_hash or api_keys",
)

# The prefix finds the key, so its length is fixed (pipeline/directory.py).
_API_KEY = re.compile(r"[A-Za-z0-9_-]{12}:[0-9a-f]{64}", re.ASCII)
_ARGON2 = re.compile(r"\$argon2(id|i|d)\$v=\d+\$[^\s$]+\$[^\s$]+\$[^\s$]+", re.ASCII)
_TOML_LINE = re.compile(r"line (\d+)")
_KEY_TYPES = re.compile(r"(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+)")


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of one file: a partner where no finding is an error."""

    partner: Partner | None
    findings: tuple[Finding, ...]


def check_partner(file_name: str | None, text: str, formats: Formats = None) -> Checked:
    """Read and judge one file; every problem is told at once.

    file_name: without folders; None where it does not matter what the file is called.
    """
    raw, findings = _toml(text)
    if raw is None:
        return Checked(None, tuple(findings))
    partner, found = _model(raw)
    findings += found
    if partner is not None:
        findings += _judged(partner, file_name, formats)
    wrong = any(each.severity is Severity.ERROR for each in findings)
    return Checked(None if wrong else partner, tuple(findings))


def check_partners(files: Mapping[str, str], formats: Formats = None) -> dict[str, Checked]:
    """All files of a folder by name: each by itself, then names that only one of them may have."""
    checked = {name: check_partner(name, files[name], formats) for name in sorted(files)}
    taken: dict[tuple[str, str], str] = {}
    for name, each in checked.items():
        if each.partner is not None:
            clashes = tuple(_clashes(each.partner, name, taken))
            wrong = any(finding.severity is Severity.ERROR for finding in clashes)
            partner = None if wrong else each.partner
            checked[name] = Checked(partner, each.findings + clashes)
    return checked


def _toml(text: str) -> tuple[dict[str, Any] | None, list[Finding]]:
    if len(text) > PARTNER_FILE_CHARACTERS_MAX:
        return None, [TOO_LONG.at()]
    try:
        return tomllib.loads(text), []
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = _TOML_LINE.search(str(error))
        place = Place(line=int(line.group(1))) if line else Place()
        return None, [NOT_TOML.at(place, reason=str(error))]


def _model(raw: dict[str, Any]) -> tuple[Partner | None, list[Finding]]:
    try:
        return Partner.model_validate(raw), []
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        return None, [_finding(detail["loc"], detail["type"], detail["msg"]) for detail in details]


def _finding(path: tuple[str | int, ...], kind: str, reason: str) -> Finding:
    place = Place(key=key_path(path))
    if kind == "extra_forbidden":
        return UNKNOWN_KEY.at(place)
    if kind == "missing":
        return MISSING.at(place)
    return WRONG.at(place, reason=reason.removeprefix("Value error, "))


def key_path(path: tuple[str | int, ...]) -> str:
    """`("routes", 0, "url")` as `routes[0].url`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def _judged(partner: Partner, file_name: str | None, formats: Formats) -> list[Finding]:
    """As `judge`, with the name of the file."""
    findings = []
    if file_name not in (None, partner.code + SUFFIX):
        findings.append(FILE_NAME.at(Place(key="code"), expected=partner.code + SUFFIX))
    return findings + judge(partner, formats)


def judge(partner: Partner, formats: Formats = None) -> list[Finding]:
    """What the model cannot say of a partner, wherever it comes from (file or API)."""
    findings: list[Finding] = list(firm_findings(partner))
    for index, account in enumerate(partner.accounts):
        findings += _account(account, f"accounts[{index}]")
    for index, agreement in enumerate(partner.agreements):
        findings += _agreement(agreement, f"agreements[{index}]")
    for index, route in enumerate(partner.routes):
        findings += _route(route, f"routes[{index}]")
        findings += payload_findings(route, f"routes[{index}]", formats)
    for index, poll in enumerate(partner.polls):
        findings += _host_keys(poll.host_keys, f"polls[{index}].host_keys")
        findings += _sign_in(poll, f"polls[{index}]")
    return findings


def _account(account: Account, at: str) -> Iterator[Finding]:
    yield from _host_keys(account.ssh_keys, f"{at}.ssh_keys")
    if account.password_hash is not None and not _ARGON2.fullmatch(account.password_hash):
        yield PASSWORD_HASH.at(Place(key=f"{at}.password_hash"))
    for index, key in enumerate(account.api_keys):
        if not _API_KEY.fullmatch(key):
            yield API_KEY.at(Place(key=f"{at}.api_keys[{index}]"))
    if not (account.ssh_keys or account.password_hash or account.api_keys):
        yield NO_SIGN_IN.at(Place(key=at))


def _agreement(agreement: Agreement, at: str) -> Iterator[Finding]:
    if agreement.document not in DOCUMENTS:
        yield DOCUMENT.at(Place(key=f"{at}.document"), known=", ".join(sorted(DOCUMENTS)))
    known = [each.value for each in Function if each is not Function.OTHER]
    for index, function in enumerate(agreement.functions):
        if function not in known:
            yield FUNCTION.at(Place(key=f"{at}.functions[{index}]"), known=", ".join(known))
    if agreement.zone is not None and not _is_zone(agreement.zone):
        yield ZONE.at(Place(key=f"{at}.zone"))
    yield from layout_findings(agreement, at)
    yield from encoding_findings(agreement, at)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _route(route: Route, at: str) -> Iterator[Finding]:
    if route.name == "mailbox" and route.kind != "mailbox":
        yield MAILBOX.at(Place(key=f"{at}.kind"))
    for index, subscription in enumerate(route.subscriptions):
        if subscription.document not in DOCUMENTS | NOTICES:
            place = Place(key=f"{at}.subscriptions[{index}].document")
            yield DOCUMENT.at(place, known=", ".join(sorted(DOCUMENTS | NOTICES)))
    if route.kind == "http" and route.url and (reason := _address_fault(route)):
        yield ADDRESS.at(Place(key=f"{at}.url"), reason=reason)
    for index, network in enumerate(route.allow_networks):
        if not _is_network(network):
            yield NETWORK.at(Place(key=f"{at}.allow_networks[{index}]"))
    yield from _host_keys(route.host_keys, f"{at}.host_keys")
    if route.kind == "sftp":
        yield from _sign_in(route, at)


def _address_fault(route: Route) -> str | None:
    """Why an address is refused by its form alone; where it leads is checked at every call."""
    try:
        url = urlsplit(route.url or "")
        port = url.port
    except ValueError as error:
        return str(error)
    if url.scheme not in ("https", "http") or not url.hostname or port == 0:
        return "scheme and host"
    if url.username is not None or url.password is not None:
        return "user name or password in the address"
    if url.fragment:
        return "fragment"
    if url.scheme == "http" and not route.allow_networks:
        return "http"
    return None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _sign_in(server: Route | Poll, at: str) -> Iterator[Finding]:
    if not (server.password or server.private_key):
        yield SIGN_IN.at(Place(key=at))


def _host_keys(lines: tuple[str, ...], at: str) -> Iterator[Finding]:
    for index, line in enumerate(lines):
        if not is_public_key(line):
            yield KEY_LINE.at(Place(key=f"{at}[{index}]"))


def is_public_key(line: str) -> bool:
    """An OpenSSH public key line: type, base64 whose first string is that type, a comment."""
    fields = line.split(None, 2)
    if len(fields) < 2 or not _KEY_TYPES.fullmatch(fields[0]):
        return False
    try:
        blob = base64.b64decode(fields[1], validate=True)
    except (binascii.Error, ValueError):
        return False
    name = fields[0].encode()
    head = struct.pack(">I", len(name)) + name
    return blob.startswith(head) and len(blob) > len(head)


def _clashes(partner: Partner, name: str, taken: dict[tuple[str, str], str]) -> Iterator[Finding]:
    claims = [("code", partner.code, CODE_TAKEN, "code")]
    for index, account in enumerate(partner.accounts):
        claims.append(("account", account.name, ACCOUNT_TAKEN, f"accounts[{index}].name"))
    for index, identity in enumerate(partner.identities):
        claims.append(("identity", identity.upper(), IDENTITY_TAKEN, f"identities[{index}]"))
    for sort, value, kind, path in claims:
        other = taken.setdefault((sort, value), name)
        if other != name:
            yield kind.at(Place(key=path), value=value, other=other)
