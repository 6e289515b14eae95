"""Partner files: the samples are right, and every fault is told with the path of its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.findings import Severity
from gateway.rules.partner_file import check_partner, check_partners, is_public_key
from gateway.rules.partner_payload import WrittenFormat

PARTNERS = Path(__file__).resolve().parents[2] / "partners"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3WzbjkgtGZ5/acB3BmGrzqsasE1SPnbBvcBsDXzTot"
GOOD = f'code = "AB1"\nname = "made up"\n[[accounts]]\nname = "ab1"\nssh_keys = ["{KEY}"]\n'


def told(text, file_name="AB1.toml"):
    checked = check_partner(file_name, text)
    errors = [each for each in checked.findings if each.severity is Severity.ERROR]
    assert (checked.partner is None) == bool(errors)
    return [(finding.code, finding.place.key) for finding in checked.findings]


def test_the_sample_partners_are_right():
    files = {path.name: path.read_text(encoding="utf-8") for path in PARTNERS.glob("*.toml")}
    assert len(files) >= 4
    checked = check_partners(files)
    assert {name: [f.en for f in each.findings] for name, each in checked.items()} == {
        name: [] for name in files
    }
    states = {each.partner.state for each in checked.values()}
    assert states == {"active", "suspended"}


def test_a_small_file_is_right():
    assert told(GOOD) == []


def test_a_layout_that_ships_is_right():
    assert told(GOOD + LAYOUTS % ("manifest/ifcsum-flat", "ifctst-v1")) == []


LAYOUTS = '[[agreements]]\ndocument = "manifest"\nlayouts = { "%s" = "%s" }\n'
ROUTE = '[[routes]]\nname = "r"\nkind = "http"\nsecrets = ["env:S"]\n'
SFTP = (
    '[[routes]]\nname = "r"\nkind = "sftp"\nhost = "h"\nusername = "u"\nfolder = "/in"\n'
    'password = "env:P"\n'
)
FAULTS = [
    (
        GOOD + LAYOUTS % ("manifest/ifcsum-flat", "nowhere"),
        [("PARTNER-LAYOUT", "agreements[0].layouts.manifest/ifcsum-flat")],
    ),
    (
        GOOD + LAYOUTS % ("booking/iftmbf-flat-classic", "ifcsum-v1"),
        [("PARTNER-LAYOUT-FORMAT", "agreements[0].layouts.booking/iftmbf-flat-classic")],
    ),
    ("code = ", [("PARTNER-TOML", None)]),
    (GOOD + "nick = 1\n", [("PARTNER-KEY", "accounts[0].nick")]),
    ('code = "AB1"\n', [("PARTNER-MISSING", "name")]),
    (GOOD.replace("AB1", "ab1", 1), [("PARTNER-VALUE", "code")]),
    (GOOD.replace("AB1", "AB2", 1), [("PARTNER-FILE-NAME", "code")]),
    (GOOD.replace("AAAAC3", "AAAAD3"), [("PARTNER-SSH-KEY", "accounts[0].ssh_keys[0]")]),
    (
        'code = "AB1"\nname = "x"\n[[accounts]]\nname = "ab1"\n',
        [("PARTNER-NO-SIGN-IN", "accounts[0]")],
    ),
    (GOOD + 'password_hash = "secret"\n', [("PARTNER-PASSWORD-HASH", "accounts[0].password_hash")]),
    (GOOD + 'api_keys = ["secret"]\n', [("PARTNER-API-KEY", "accounts[0].api_keys[0]")]),
    (
        GOOD + '[[agreements]]\ndocument = "novel"\nfunctions = ["8"]\nzone = "Asia/Nowhere"\n',
        [
            ("PARTNER-DOCUMENT", "agreements[0].document"),
            ("PARTNER-FUNCTION", "agreements[0].functions[0]"),
            ("PARTNER-ZONE", "agreements[0].zone"),
        ],
    ),
    (
        GOOD + '[[agreements]]\ndocument = "booking"\nzone = "../etc"\n',
        [("PARTNER-ZONE", "agreements[0].zone")],
    ),
    (GOOD + ROUTE, [("PARTNER-VALUE", "routes[0]")]),
    (GOOD + ROUTE + 'url = "ftp://h/"\n', [("PARTNER-URL", "routes[0].url")]),
    (GOOD + ROUTE + 'url = "https://u:p@h/"\n', [("PARTNER-URL", "routes[0].url")]),
    (GOOD + ROUTE + 'url = "https://h:99999/"\n', [("PARTNER-URL", "routes[0].url")]),
    (GOOD + ROUTE + 'url = "https://h/#a"\n', [("PARTNER-URL", "routes[0].url")]),
    (GOOD + ROUTE + 'url = "http://h/"\n', [("PARTNER-URL", "routes[0].url")]),
    (
        GOOD + ROUTE + 'url = "http://h/"\nallow_networks = ["10.1.0.0/8"]\n',
        [("PARTNER-NETWORK", "routes[0].allow_networks[0]")],
    ),
    (
        GOOD + ROUTE.replace('"r"', '"mailbox"') + 'url = "https://h/"\n',
        [("PARTNER-MAILBOX", "routes[0].kind")],
    ),
    (
        GOOD + ROUTE + 'url = "https://h/"\nsubscriptions = [{document = "x"}]\n',
        [("PARTNER-DOCUMENT", "routes[0].subscriptions[0].document")],
    ),
    (GOOD + ROUTE.replace("env:S", "whsec_open"), [("PARTNER-VALUE", "routes[0].secrets[0]")]),
    (
        GOOD + SFTP + 'host_keys = ["[h]:22 ssh-ed25519 AAAA"]\n',
        [("PARTNER-SSH-KEY", "routes[0].host_keys[0]")],
    ),
    (
        GOOD + SFTP.replace('password = "env:P"\n', "") + f'host_keys = ["{KEY}"]\n',
        [("PARTNER-SIGN-IN", "routes[0]")],
    ),
    (
        GOOD.replace("AB1", "ab-1", 1) + ROUTE.replace("http", "fax") + "colour = 1\n",
        [
            ("PARTNER-VALUE", "code"),
            ("PARTNER-VALUE", "routes[0].kind"),
            ("PARTNER-KEY", "routes[0].colour"),
        ],
    ),
    ("x" * 300_000, [("PARTNER-SIZE", None)]),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_every_fault_is_told_at_its_key(text, expected):
    assert told(text) == expected


def test_a_syntax_error_names_its_line():
    (finding,) = check_partner("AB1.toml", 'code = "AB1"\nname = \n').findings
    assert finding.place.line == 2


def test_no_finding_repeats_a_secret():
    text = GOOD + 'password_hash = "hunter2hunter2"\n' + ROUTE + 'bearer = "hunter2hunter2"\n'
    findings = check_partner("AB1.toml", text).findings
    assert findings
    assert "hunter2" not in str(findings)


def test_names_are_unique_across_files():
    other = GOOD.replace("AB1", "CD2", 1).replace(
        'name = "made up"', 'name = "x"\nidentities = ["AGENT"]'
    )
    first = GOOD.replace('name = "made up"', 'name = "x"\nidentities = ["agent"]')
    checked = check_partners({"CD2.toml": other, "AB1.toml": first})
    assert checked["AB1.toml"].partner is not None
    assert checked["CD2.toml"].partner is None
    assert [(f.code, f.place.key, f.severity.value) for f in checked["CD2.toml"].findings] == [
        ("PARTNER-ACCOUNT", "accounts[0].name", "error"),
        ("PARTNER-IDENTITY", "identities[0]", "warning"),
    ]


@pytest.mark.parametrize(
    ("line", "good"),
    [
        (KEY, True),
        (KEY + " a comment", True),
        ("ssh-rsa " + KEY.split()[1], False),
        ("ssh-ed25519 not*base64", False),
        ("ssh-ed25519", False),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", False),
        ("ssh-dss AAAA", False),
    ],
)
def test_public_key_lines(line, good):
    assert is_public_key(line) is good


FORMATS = {
    "manifest/ifcsum-flat": WrittenFormat("manifest", frozenset({"utf-8", "gb18030"})),
    "booking/coparn": WrittenFormat("booking", frozenset({"unoa"})),
}
WANTED = GOOD + '[[routes]]\nname = "r"\nkind = "folder"\nfolder = "ab1"\n'
MANIFESTS = 'subscriptions = [{ document = "manifest" }]\n'
BOTH = (
    'subscriptions = [{ document = "manifest" },'
    ' { document = "booking", payload = "booking/coparn" }]\n'
)
PAYLOADS = [
    ('payload = "manifest/ifcsum-flat"\n' + MANIFESTS, []),
    ('payload = "manifest/ifcsum-flat"\nencoding = "utf-8"\n' + MANIFESTS, []),
    ('payload = "manifest/ifcsum-flat"\n' + BOTH, []),
    (
        'payload = "manifest/ifcsum"\n' + MANIFESTS,
        [("PARTNER-FORMAT", "routes[0].payload", "manifest/ifcsum-flat")],
    ),
    (
        'payload = "booking/coparn"\n' + MANIFESTS,
        [("PARTNER-FORMAT", "routes[0].payload", "manifest/ifcsum-flat")],
    ),
    (
        'subscriptions = [{ document = "booking", payload = "booking/novel" }]\n',
        [("PARTNER-FORMAT", "routes[0].subscriptions[0].payload", "booking/coparn")],
    ),
    (
        'payload = "manifest/ifcsum-flat"\nencoding = "unoa"\n' + MANIFESTS,
        [("PARTNER-ENCODING", "routes[0].encoding", "gb18030, utf-8")],
    ),
    ('payload = "x/y"\n', [("PARTNER-FORMAT", "routes[0].payload", "manifest/ifcsum-flat")]),
]


@pytest.mark.parametrize(("more", "expected"), PAYLOADS)
def test_a_route_asks_for_a_format_that_is_written_for_its_documents(more, expected):
    findings = check_partner("AB1.toml", WANTED + more, FORMATS).findings
    assert [(f.code, f.place.key) for f in findings] == [row[:2] for row in expected]
    for finding, (_code, _key, hint) in zip(findings, expected, strict=True):
        assert hint in finding.hint_en


AGREED = GOOD + '[[agreements]]\ndocument = "manifest"\n'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('encoding = "gb18030"', []),
        ('encoding = "iso-8859-1"', []),
        *(
            (f'encoding = "{name}"', [("PARTNER-READ-ENCODING", "agreements[0].encoding")])
            for name in ("gb1803", "utf-16-le", "rot13", "hex", "unicode_escape", "cp037", "")
        ),
        ('layouts = {"manifest/ifcsum-flat" = "ifctst-v1"}', []),
        (
            'layouts = {"manifest/ifcsum-flat" = "../../secret"}',
            [("PARTNER-LAYOUT", "agreements[0].layouts.manifest/ifcsum-flat")],
        ),
    ],
)
def test_how_files_are_read_must_be_possible(line, expected):
    assert told(AGREED + line + "\n") == expected


def test_the_name_of_a_file_may_not_matter():
    assert check_partner(None, GOOD).partner is not None
