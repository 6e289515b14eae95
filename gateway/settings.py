"""Environment and one commented file → one frozen object; the only module that reads either.

The file is TOML (`gateway.toml`, see examples/gateway.toml); a variable GATEWAY_<SECTION>_<KEY>
wins over it.  Secrets are references (`env:NAME`, `file:path`), resolved by `EnvironmentSecrets`.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gateway import limits

_PREFIX = "GATEWAY_"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_LISTS = ("behind_proxy", "retry_seconds", "servers", "tariffs")
_SECRET_BYTES_MAX = 64 * limits.KIB


class ConfigurationError(Exception):
    """The configuration cannot be used; the text says which key and why, never a value."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


_AnySection = TypeVar("_AnySection", bound=_Section)


class StoreSettings(_Section):
    """Where the truth is kept: an SQLite file or PostgreSQL."""

    url: str = "sqlite:///data/gateway.sqlite"
    archive: Path = Path("data/archive")


class HttpSettings(_Section):
    """The HTTP listener; `behind_proxy` names the proxies whose forwarded headers count."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    admin_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_proxy: tuple[str, ...] = ()
    requests_per_second: Annotated[float, Field(gt=0)] | None = limits.HTTP_REQUESTS_PER_SECOND

    @model_validator(mode="after")
    def _is_safe(self) -> HttpSettings:
        """A listener that others reach needs TLS, its own or a named proxy's."""
        has_tls = self.tls_certificate is not None and self.tls_key is not None
        if self.host not in _LOOPBACK and not (has_tls or self.behind_proxy):
            raise ValueError("a non-loopback HTTP listener needs TLS or behind_proxy")
        return self


class SftpSettings(_Section):
    """The SFTP listener; the host key is made by `gateway init` when it does not exist."""

    enabled: bool = True
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 2222
    host_key: Path = Path("data/ssh_host_ed25519_key")


class IntakeSettings(_Section):
    """Bounds of what is taken."""

    bytes_max: Annotated[int, Field(gt=0)] = limits.INTERCHANGE_BYTES_MAX
    uploads_max: Annotated[int, Field(gt=0)] = limits.UPLOADS_OPEN_MAX


class ParserSettings(_Section):
    """Parser children: how many, and how nice to the rest of the machine."""

    children: Annotated[int, Field(ge=1, le=64)] = 2
    nice: Annotated[int, Field(ge=0, le=19)] = 10
    silence_seconds: Annotated[float, Field(gt=0)] = limits.PARSER_SILENCE_SECONDS


class DeliverySettings(_Section):
    """Durable retries of deliveries."""

    retry_seconds: tuple[float, ...] = limits.DELIVERY_RETRY_SECONDS
    call_seconds: Annotated[float, Field(gt=0)] = limits.DELIVERY_CALL_SECONDS
    lease_seconds: Annotated[float, Field(gt=0)] = limits.DELIVERY_LEASE_SECONDS
    folder_root: Path = Path("data/folders")


class FirmsSettings(_Section):
    """Policy about firms: which role table is followed (H-1), whether drivers must be filed (H-3).

    hash_key and keys are references (`env:`, `file:`) to the secrets of personal data; of `keys`
    (id → reference) `key` names the one for new values, the others still read old ones.
    """

    permission_profile: Literal["table1", "table2", "merged"] = "merged"
    driver_filing_required: bool = False
    drivers_kept_days: Annotated[int, Field(ge=1, le=36500)] = 730
    hash_key: str | None = None
    key: str | None = None
    keys: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_whole(self) -> FirmsSettings:
        """The key for new values is one of the keys."""
        if self.key is not None and self.key not in self.keys:
            raise ValueError("key names none of the keys")
        return self


class GateSettings(_Section):
    """Gate appointments; `policy` is a file of dated figures (docs/howto/gate-appointments.md)."""

    policy: Path | None = None


class FeesSettings(_Section):
    """Fees that the gateway rates and declares (docs/howto/fees.md); without a tariff it does not.

    tariffs: codes, in the order of the lines.  approver: `route` asks the authority, `embedded`
    approves by itself.  switches: of weak tariff rows, by name.
    """

    tariffs: tuple[str, ...] = ()
    approver: Literal["route", "embedded"] = "route"
    submit: Literal["automatic", "declarant"] = "automatic"
    filing_required: bool = True
    hold_delivery_orders: bool = True
    half_rate_port: bool = False
    stack_half_rates: bool = False
    switches: dict[str, bool] = Field(default_factory=dict)


class KafkaSettings(_Section):
    """Kafka, for the processes of many machines; `password` is a reference (`env:`, `file:`)."""

    servers: tuple[str, ...] = ()
    prefix: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,60}$")] = "gateway"
    partitions: Annotated[int, Field(ge=1, le=1000)] = 12
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    ca_file: Path | None = None
    username: str | None = None
    password: str | None = None
    session_seconds: Annotated[float, Field(gt=0)] = limits.KAFKA_SESSION_SECONDS
    rebalance_seconds: Annotated[float, Field(gt=0)] = limits.KAFKA_REBALANCE_SECONDS
    again_seconds: Annotated[float, Field(gt=0)] = limits.PUBLISHED_AGAIN_SECONDS


ProviderName = Literal["unionpay", "alipay", "wechatpay", "aggregator", "standard-webhooks"]
KeyReference = Annotated[str, Field(pattern=r"^(env|file):.{1,200}$")]


class PaymentSettings(_Section):
    """One payment platform, `[payments.<provider>]`; docs/howto/payments.md says what each needs.

    Keys are references (`env:`, `file:`), read again every few seconds; several of a kind are in
    force at once while one is changed.  merchant_name is what the payer is shown.
    """

    merchant: str | None = None
    merchant_name: str = ""
    app_id: str | None = None
    secrets: tuple[KeyReference, ...] = ()
    public_keys: tuple[KeyReference, ...] | dict[str, KeyReference] = ()
    certificates: tuple[KeyReference, ...] = ()
    api_v3_keys: tuple[KeyReference, ...] = ()
    common_names: tuple[str, ...] = ()
    back_url_fields: tuple[str, ...] = ()
    sign_method: Literal["MD5", "HMAC-SHA256"] | None = None
    window_seconds: Annotated[int, Field(ge=1)] | None = None
    success: Literal["SUCCESS", "OK", "success"] | None = None
    private_key: KeyReference | None = None
    private_key_serial: str | None = None
    checkout_url: str = ""
    api_url: str = ""
    notify_url: str = ""
    back_url: str = ""
    ca_file: Path | None = None
    query_after_seconds: Annotated[float, Field(gt=0)] | None = None


class CustomsSettings(_Section):
    """Clearance by appointment.

    profile: the rule set (rules.md C.1).  declaration_mismatch: a number that does not fit its
    application warns, or is refused (H-16).  calendars: a folder `<port>/<year>.toml` whose files
    stand before those that ship.
    """

    profile: Literal["s2", "strict-109"] = "s2"
    declaration_mismatch: Literal["warn", "error"] = "warn"
    calendars: Path = Path("calendars")


class Settings(_Section):
    """Everything an operator may decide."""

    store: StoreSettings = StoreSettings()
    http: HttpSettings = HttpSettings()
    sftp: SftpSettings = SftpSettings()
    intake: IntakeSettings = IntakeSettings()
    parser: ParserSettings = ParserSettings()
    delivery: DeliverySettings = DeliverySettings()
    kafka: KafkaSettings = KafkaSettings()
    firms: FirmsSettings = FirmsSettings()
    customs: CustomsSettings = CustomsSettings()
    fees: FeesSettings = FeesSettings()
    gate: GateSettings = GateSettings()
    payments: dict[ProviderName, PaymentSettings] = Field(default_factory=dict)
    partners: Path = Path("partners")
    name: str = "PORTEDI"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    crash_at: str | None = None


def load(path: Path | None) -> Settings:
    """Read the file (if any) and the environment; relative paths count from the file's folder.

    Raises ConfigurationError naming every key that is wrong.
    """
    data: dict[str, Any] = {}
    base = Path.cwd()
    if path is not None:
        base = path.resolve().parent
        data = _read(path)
    _overlay(data)
    try:
        settings = Settings.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        lines = [f"{'.'.join(map(str, f['loc'])) or 'file'}: {f['msg']}" for f in faults]
        raise ConfigurationError("; ".join(lines)) from None
    return _anchored(settings, base)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from None


def _overlay(data: dict[str, Any]) -> None:
    """GATEWAY_STORE_URL=… → [store] url; GATEWAY_LOG_LEVEL=… → log_level."""
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, _Section):
            section = data.setdefault(name, {})
            for key in type(default).model_fields:
                _take(section, key, f"{_PREFIX}{name}_{key}".upper())
        else:
            _take(data, name, f"{_PREFIX}{name}".upper())


def _take(section: dict[str, Any], key: str, variable: str) -> None:
    value = os.environ.get(variable)
    if value is not None:
        section[key] = tuple(value.split(",")) if key in _LISTS else value


def _anchored(settings: Settings, base: Path) -> Settings:
    """Relative paths, also the one in an SQLite URL, count from the configuration's folder."""
    store, sftp, delivery = settings.store, settings.sftp, settings.delivery
    return settings.model_copy(
        update={
            "store": _below(base, store, "archive").model_copy(
                update={"url": _anchored_url(store.url, base)}
            ),
            "http": _below(base, settings.http, "tls_certificate", "tls_key"),
            "sftp": _below(base, sftp, "host_key"),
            "delivery": _below(base, delivery, "folder_root"),
            "partners": base / settings.partners,
            "customs": _below(base, settings.customs, "calendars"),
            "gate": _below(base, settings.gate, "policy"),
            "kafka": _below(base, settings.kafka, "ca_file"),
            "payments": {
                name: _below(base, each, "ca_file") for name, each in settings.payments.items()
            },
        }
    )


def _below(base: Path, section: _AnySection, *keys: str) -> _AnySection:
    """The section with those of its paths that are set counted from `base`."""
    paths = ((key, getattr(section, key)) for key in keys)
    return section.model_copy(update={key: base / path for key, path in paths if path is not None})


def _anchored_url(url: str, base: Path) -> str:
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{base / url.removeprefix(prefix)}"
    return url


class EnvironmentSecrets:
    """Secrets by reference: `env:NAME` or `file:path`, read when asked so that they can rotate.

    A relative path counts from the folder in which the process was started.
    """

    def resolve(self, reference: str) -> str:
        """The secret; LookupError names the reference, never the value."""
        kind, _, where = reference.partition(":")
        if kind == "env" and where in os.environ:
            return os.environ[where]
        if kind == "file":
            try:
                data = Path(where).read_bytes()[:_SECRET_BYTES_MAX]
                return data.decode("utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise LookupError(reference) from None
        raise LookupError(reference)
