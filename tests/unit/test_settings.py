"""Settings: what stands in the file, and from where its paths count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from gateway.settings import Settings, load

PATHS = """
partners = "p"
[store]
url = "sqlite:///data/g.sqlite"
archive = "a"
[http]
tls_certificate = "tls/c.pem"
tls_key = "tls/k.pem"
[sftp]
host_key = "k"
[delivery]
folder_root = "f"
[kafka]
ca_file = "ca.pem"
[gate]
policy = "policy.toml"
[customs]
calendars = "c"
[payments.alipay]
ca_file = "alipay.pem"
"""


def paths(section: BaseModel) -> Iterator[tuple[str, Path | None]]:
    """Every path that an operator may set, whichever section it stands in."""
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, BaseModel):
            yield from ((f"{name}.{below}", path) for below, path in paths(value))
        elif isinstance(value, dict):
            inner = (each for each in value.values() if isinstance(each, BaseModel))
            yield from (pair for each in inner for pair in paths(each))
        elif "Path" in str(type(section).model_fields[name].annotation):
            yield name, value


def test_every_relative_path_counts_from_the_folder_of_the_file(tmp_path, monkeypatch):
    site = tmp_path / "site"
    site.mkdir()
    (site / "gateway.toml").write_text(PATHS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = load(site / "gateway.toml")
    found = dict(paths(settings))
    assert len(found) == 10
    assert {
        name: path.parent.is_relative_to(site) for name, path in found.items()
    } == dict.fromkeys(found, True)
    assert settings.store.url == f"sqlite:///{site}/data/g.sqlite"


def test_an_absolute_path_stays_and_one_that_is_not_set_is_none(tmp_path):
    (tmp_path / "gateway.toml").write_text('[kafka]\nca_file = "/etc/ca.pem"\n', encoding="utf-8")
    settings = load(tmp_path / "gateway.toml")
    assert settings.kafka.ca_file == Path("/etc/ca.pem")
    assert settings.http.tls_certificate is None
    assert isinstance(settings, Settings)
