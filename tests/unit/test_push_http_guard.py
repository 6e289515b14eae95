"""S-17: where an outgoing call may go, as a table, and the address it is pinned to."""

import ipaddress
from collections.abc import Sequence

import pytest

from gateway import limits
from gateway.adapters.push_http.guard import (
    SystemResolver,
    TargetRefusedError,
    TargetUnresolvedError,
    check_target,
    parse_networks,
    parse_url,
)

PUBLIC = "93.184.216.34"
PUBLIC6 = "2606:2800:220:1:248:1893:25c8:1946"


class Names:
    """A resolver with set answers, one for each question; the last one is repeated."""

    def __init__(self, *answers: Sequence[str]):
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def code_of(url, answer=(PUBLIC,), allowed=()):
    try:
        await check_target(url, parse_networks(allowed), Names(answer))
    except TargetRefusedError as refusal:
        return refusal.code
    return "OK"


@pytest.mark.parametrize(
    "url",
    [
        # schemes
        "file:///etc/passwd",
        "gopher://partner.example/_GET",
        "ftp://partner.example/in",
        "ws://partner.example/",
        "javascript:alert(1)",
        "data:text/plain,x",
        "unix:///var/run/docker.sock",
        "HTTPS://partner.example/",
        "//partner.example/",
        "partner.example/in",
        "https:partner.example/",
        "https:/partner.example/",
        "https:///partner.example/",
        "",
        "https://",
        # userinfo
        "https://user@partner.example/",
        "https://user:word@partner.example/",
        "https://@partner.example/",
        "https://partner.example@127.0.0.1/",
        "https://127.0.0.1\\@partner.example/",
        "https://partner.example%40127.0.0.1/",
        # zones, brackets
        "https://[fe80::1%eth0]/",
        "https://[fe80::1%25eth0]/",
        "https://[::1/",
        "https://::1/",
        "https://[v1.fe80]/",
        "https://[]/",
        # white space, controls, other alphabets
        " https://partner.example/",
        "https://partner.example/ ",
        "https://partner.example/\r\nX: y",
        "https://partner.example\n/",
        "https://partner.example/\x00",
        "https://part ner.example/",
        "https://partner.example/a\tb",
        "https://①②⑦.⓪.⓪.①/",
        "https://１２７.0.0.1/",
        "https://partner。example/",
        "https://pärtner.example/",
        # ports
        "https://partner.example:/",
        "https://partner.example:0/",
        "https://partner.example:0443/",
        "https://partner.example:+443/",
        "https://partner.example:443:443/",
        "https://partner.example:4430000/",
        # paths
        "https://partner.example/#frag",
        "https://partner.example/%zz",
        "https://partner.example/<script>",
        "https://partner.example?x=1",
        "https://partner.example/" + "a" * limits.PUSH_URL_CHARACTERS_MAX,
    ],
)
async def test_a_doubtful_form_is_refused(url):
    assert await code_of(url, allowed=("127.0.0.0/8",)) == "URL_FORM"


@pytest.mark.parametrize(
    "url",
    [
        "https://0x7f.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://0X7F000001/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.1./",
        "https://127.0.0.256/",
        "https://1.2.3.4.5/",
        "https://0/",
        "https://0x/",
        "https://partner.0x7f/",
        "https://[::ffff:127.0.0.256]/",
        "https://[1::2::3]/",
        "https://partner..example/",
        "https://.partner.example/",
        "https://partner.example./",
        "https://-partner.example/",
        "https://partner-.example/",
        "https://" + "a" * 64 + ".example/",
    ],
)
async def test_a_host_that_resolvers_read_differently_is_refused(url):
    """Also where loopback is allow-listed: the form itself is the fault."""
    assert await code_of(url, allowed=("127.0.0.0/8",)) == "URL_HOST"


PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "::1",
    "::7f00:1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "100::1",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "5f00::1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::1",
    "fe80::1",
    "ff02::1",
    "2002:7f00:1::1",
    "2001:0:7f00:1::1",
]


def literal(address):
    return f"https://[{address}]/in" if ":" in address else f"https://{address}/in"


@pytest.mark.parametrize("address", PRIVATE)
async def test_private_addresses_need_the_allow_list(address):
    listed = (f"{ipaddress.ip_address(address)}",)
    assert await code_of(literal(address)) == "ADDRESS_PRIVATE"
    assert await code_of("https://partner.example/", [address]) == "ADDRESS_PRIVATE"
    assert await code_of(literal(address), allowed=listed) == "OK"


@pytest.mark.parametrize("address", NEVER)
async def test_some_addresses_are_never_called(address):
    everything = ("0.0.0.0/0", "::/0")
    assert await code_of(literal(address), allowed=everything) == "ADDRESS_NEVER"
    assert await code_of("https://partner.example/", [address], everything) == "ADDRESS_NEVER"


@pytest.mark.parametrize("answer", ["fe80::1%eth0", "::1%lo", "not an address", ""])
async def test_a_resolver_that_gives_no_plain_address_is_not_followed(answer):
    assert await code_of("https://partner.example/", [answer], ("::/0",)) == "ADDRESS_NEVER"


@pytest.mark.parametrize(
    ("url", "answer", "allowed", "code"),
    [
        ("https://partner.example/in", [PUBLIC], (), "OK"),
        ("https://partner.example", [PUBLIC, PUBLIC6], (), "OK"),
        ("https://PARTNER.example:8443/in?a=b&c=%20", [PUBLIC], (), "OK"),
        ("https://xn--prtner-bua.example/", [PUBLIC], (), "OK"),
        (f"https://{PUBLIC}/", [], (), "OK"),
        (f"https://[{PUBLIC6}]:443/", [], (), "OK"),
        ("https://172.32.0.1/", [], (), "OK"),
        ("https://100.128.0.1/", [], (), "OK"),
        # http only inside the allow-list
        ("http://partner.example/", [PUBLIC], (), "HTTP_PUBLIC"),
        ("http://partner.example/", [PUBLIC], ("10.0.0.0/8",), "HTTP_PUBLIC"),
        ("http://terminal:8080/in", ["10.1.2.3"], ("10.0.0.0/8",), "OK"),
        ("http://terminal:8080/in", ["10.1.2.3", PUBLIC], ("10.0.0.0/8",), "HTTP_PUBLIC"),
        ("http://127.0.0.1:49152/", [], ("127.0.0.0/8",), "OK"),
        ("http://[::1]:49152/", [], ("::1/128",), "OK"),
        ("http://localhost:80/", ["127.0.0.1", "::1"], ("127.0.0.0/8",), "ADDRESS_PRIVATE"),
        ("http://localhost:80/", ["127.0.0.1", "::1"], ("127.0.0.0/8", "::1"), "OK"),
        # ports
        ("https://partner.example:22/", [PUBLIC], (), "URL_PORT"),
        ("https://partner.example:80/", [PUBLIC], (), "URL_PORT"),
        ("https://partner.example:6379/", [PUBLIC], (), "URL_PORT"),
        ("https://partner.example:65536/", [PUBLIC], (), "URL_PORT"),
        ("http://10.1.2.3:22/", [], ("10.0.0.0/8",), "URL_PORT"),
        ("http://10.1.2.3:25/", [], ("10.0.0.0/8",), "URL_PORT"),
        ("https://10.1.2.3:65535/", [], ("10.0.0.0/8",), "OK"),
        # every address counts, wherever it stands
        ("https://partner.example/", [PUBLIC, "127.0.0.1"], (), "ADDRESS_PRIVATE"),
        ("https://partner.example/", ["169.254.169.254", PUBLIC], (), "ADDRESS_NEVER"),
        ("https://partner.example/", [PUBLIC] * 3 + ["::ffff:10.0.0.1"], (), "ADDRESS_NEVER"),
        ("https://partner.example/", [PUBLIC] * 17, (), "ADDRESS_COUNT"),
        # a list for one version says nothing about the other
        ("https://10.1.2.3/", [], ("::/0",), "ADDRESS_PRIVATE"),
        ("https://[fd00::1]/", [], ("0.0.0.0/0",), "ADDRESS_PRIVATE"),
    ],
)
async def test_targets(url, answer, allowed, code):
    assert await code_of(url, answer, allowed) == code


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one():
    """DNS rebinding: the second answer, loopback, is never asked for."""
    names = Names([PUBLIC], ["127.0.0.1"])
    checked = await check_target("https://partner.example/in?x=1", (), names)
    assert names.asked == [("partner.example", 443)]
    assert [checked.url.at(address) for address in checked.addresses] == [
        f"https://{PUBLIC}:443/in?x=1"
    ]
    assert checked.url.host_header == "partner.example"
    with pytest.raises(TargetRefusedError):
        await check_target("https://partner.example/in?x=1", (), names)


@pytest.mark.parametrize(
    ("url", "host_header", "at"),
    [
        ("https://A.example", "a.example", "https://[2001:470::1]:443/"),
        ("http://a.example:8080/x", "a.example:8080", "http://[2001:470::1]:8080/x"),
        ("https://[2001:470::1]:8443/x", "[2001:470::1]:8443", "https://[2001:470::1]:8443/x"),
    ],
)
def test_host_header_and_pinned_url(url, host_header, at):
    read = parse_url(url)
    assert read.host_header == host_header
    assert read.at(ipaddress.ip_address("2001:470::1")) == at


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "localhost", "", "10.0.0"])
def test_an_allow_list_entry_is_exact(text):
    with pytest.raises(ValueError, match=r"does not appear|has host bits"):
        parse_networks([text])


async def test_no_answer_is_no_refusal():
    async def fails(_host, _port):
        raise OSError("no such name")

    for resolver in (Names([]), fails):
        with pytest.raises(TargetUnresolvedError):
            await check_target("https://partner.example/", (), resolver)


async def test_the_system_resolver_knows_localhost():
    resolver = SystemResolver()
    try:
        assert set(await resolver("localhost", 80)) <= {"127.0.0.1", "::1"}
    finally:
        resolver.close()
