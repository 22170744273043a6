"""Whatever a name is made of: commands, RCPT and delivery agree on whether there is such a user, and who he is."""

import json
import random

import pytest

from tests.host import eventually
from tests.smtp.session import Session
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run

BYTES = "!#$&'*+-.0123456789=?^_`abcdefghijklmnopqrstuvwxyz{|}~"         # of a new user, in lower case
SHORT, PUNY, DASHES, EXTENDED = "example.net", "xn--bcher-kva.example", "a-b--c.d-e.example", "ext.example"
LONG = ".".join(["l" * 63, "o-" * 31 + "o", "n" * 63, "g" * 63])
DOMAINS = [SHORT, LONG, PUNY, DASHES, EXTENDED]
FAMILY = ["joe", "joe-smith", "joe-smith-jr", "joe-", "joe--x", "jo"]
ANSWERS_AT_ONCE = 5             # to unknown recipients of a session
PEOPLE = 1500


def of_every_byte():
    made = {form.format(c) for c in BYTES for form in ("{0}x", "x{0}", "x{0}y", "{0}{0}", "x{0}{0}y")}
    return {name for name in made if name[0] not in ".-"}


def of_every_length():
    return {"n" * length for length in range(2, 65)} | {"d-" * length for length in range(1, 33)} | {"e" + "." * 62 + "e"}


def by_chance(chance, count, longest=64):
    made = set()
    while len(made) < count:
        name = "".join(chance.choices(BYTES, k=chance.randint(2, longest)))
        made |= {name} if name[0] not in ".-" else set()
    return made


def people(chance):
    """{domain: names}"""
    return {SHORT: of_every_byte() | of_every_length() | by_chance(chance, PEOPLE) | {"default", "postmaster", "root"},
            LONG: by_chance(chance, 20) | {"x" * 64, "postmaster"},
            PUNY: by_chance(chance, 60) | {"postmaster"},
            DASHES: by_chance(chance, 60) | {"c.d-e.example", "postmaster"},
            EXTENDED: {*FAMILY, "postmaster"}}


def extensions(chance):
    """{name: whose mail that is}: the longest of those that it begins with, and a dash behind."""
    names = [f"{name}-{more}" for name in FAMILY for more in ("", "x", "-", "smith-x", "x.y-z", "a=b")]
    names += [f"{name}-{more}" for name in FAMILY for more in by_chance(chance, 5, 20)]
    return {name: max((who for who in FAMILY if name == who or name.startswith(who + "-")), key=len) for name in names}


def nobodies(chance, known):
    """{box: whether a command could make such a user}, of SHORT."""
    wrong = [bytes([c]) for c in range(1, 256) if c not in b"\r\n@" and chr(c).lower() not in BYTES + "/"]
    made = {b"x" + c + b"y": False for c in wrong}
    made |= {b"/x": False, b"x/y": False, b".x": False, b"..": False, b"x": False, b"-": False, b"-joe": False, b"v" * 65: False, b"v" * 300: False,
             b"vpasswd": False, b"VPASSWD": False, b"vpasswd.x": False, b"cdb.tmp": False}
    made |= {name.encode(): True for name in by_chance(chance, 60) - known}
    return made


def any_case(chance, name):
    return "".join(chance.choice((c, c.upper())) for c in name)


def path(box, domain):
    quoted = box.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'<"%s"@%s>' % (quoted, domain.encode())


@pytest.fixture
def site(virtual):
    """The domains with all their people, and their names as they are written."""
    chance = random.Random(12)
    virtual.control("maxrecipients", "9999\n")
    virtual.control("concurrencylocal", "40\n")
    for domain in DOMAINS:
        run(virtual, "vadddomain", any_case(chance, domain), "secret")
    virtual.write(f"{VIRTUAL}/{EXTENDED}/.delivery", "extensions yes\n", owner="vpopmail")
    all_of_them = people(chance)
    lines = [f"{any_case(chance, name)}@{domain}:$1$x$y\n" for domain, names in all_of_them.items() for name in names if name != "postmaster"]
    virtual.write("/run/list", "".join(line for line in lines if not line.startswith("#")))
    run(virtual, "vadduser", "-f", "/run/list")
    for line in lines:
        if line.startswith("#"):                # it is a comment in a list
            run(virtual, "vadduser", "-e", "$1$x$y", line.split(":")[0])
    return virtual, all_of_them, chance


def test_all_agree_on_who_is_there(site):
    host, all_of_them, chance = site
    for domain, names in all_of_them.items():
        told = [json.loads(line)["name"] for line in run(host, "vuserinfo", "--json", "-D", domain).splitlines()]
        assert sorted(told) == sorted(names), domain
    wanted = [(name, domain, name) for domain, names in all_of_them.items() for name in names]
    wanted += [(name, EXTENDED, whose) for name, whose in extensions(chance).items() if len(name) <= 64 and name not in FAMILY]
    assert len(wanted) > 2000
    host.start("qmail-send", "qmail-queue", "qmail-users")
    s = Session(host, env={"QMAILQUEUE": "/var/qmail/bin/qmail-queue"}).begin()
    assert s.ask(b"MAIL FROM:<>\r\n").startswith("250 ")
    said = [s.ask(b"RCPT TO:" + path(any_case(chance, name).encode(), any_case(chance, domain)) + b"\r\n") for name, domain, _ in wanted]
    assert [(*address, reply) for address, reply in zip(wanted, said) if not reply.startswith("250 ")] == []
    assert s.ask(b"DATA\r\n").startswith("354 ") and s.ask(b"Subject: to all\r\n\r\nhello\r\n.\r\n").startswith("250 ")
    s.end()
    assert eventually(lambda: not host.in_queue(), 240, every=1), host.log("qmail-send")[-3000:]
    expected = {}
    for _, domain, whose in wanted:
        expected[domain, whose] = expected.get((domain, whose), 0) + 1
    assert delivered(host) == expected


def delivered(host):
    """{(domain, user): how many messages he has}"""
    found = {}
    for place in host.sh(f"find {VIRTUAL} -path '*/Maildir/new/*' -printf '%h\\n'").stdout.splitlines():
        parts = place[len(VIRTUAL) + 1:].split("/")
        found[parts[0], parts[-3]] = found.get((parts[0], parts[-3]), 0) + 1
    return found


# For each box, as hexadecimal on a line: the exit codes of three programs.
JUDGE = r"""
import os, subprocess, sys
domain = sys.argv[1]
def code(words, **more):
    return subprocess.run(words, stdin=open("/run/message"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more).returncode
for line in sys.stdin:
    box = bytes.fromhex(line)
    address = box + b"@" + domain.encode()
    print(code(["vuserinfo", address]), code(["vadduser", "--dry-run", "-e", "$1$x$y", address]),
          code(["/home/vpopmail/bin/vdelivermail", "", "bounce-no-mailbox"], cwd="/home/vpopmail/domains/" + domain,
               env={**os.environ, "EXT": os.fsdecode(box), "HOST": domain, "SENDER": "", "RPLINE": "", "DTLINE": "Delivered-To: x\n"}))
"""


def refusals(host, boxes):
    """What RCPT says to each, a few in a session."""
    said = []
    for at in range(0, len(boxes), ANSWERS_AT_ONCE):
        s = Session(host).begin()
        s.ask(b"MAIL FROM:<>\r\n")
        said += [s.ask(b"RCPT TO:" + path(box, SHORT) + b"\r\n") for box in boxes[at:at + ANSWERS_AT_ONCE]]
        s.end()
    return said


def test_all_agree_on_who_is_not(site):
    host, all_of_them, chance = site
    boxes = nobodies(chance, all_of_them[SHORT])
    host.write("/run/message", "Subject: x\n\nx\n", mode=0o644)
    host.start("qmail-users")
    codes = host.run(["/usr/bin/python3", "-c", JUDGE, SHORT], input="".join(box.hex() + "\n" for box in boxes).encode()).stdout.decode()
    wrong = []
    for (box, could_be), line, reply in zip(boxes.items(), codes.splitlines(), refusals(host, list(boxes)), strict=True):
        info, add, delivery = line.split()
        if info not in ("1", "100") or add != ("0" if could_be else "100") or delivery != "100" or not reply.startswith("55"):
            wrong.append((box, line, reply))
    assert len(boxes) > 200 and wrong == []
    assert delivered(host) == {}


@pytest.mark.parametrize("name", ["l" * 64 + ".example", LONG + "x", "-a.example", "a..example", ".a.example", "a.example-", "a_b.example",
                                  "a.e", "bücher.example", "a b.example", "a/b.example", "example", ""])
def test_what_is_no_domain(virtual, name):
    assert run(virtual, "vadddomain", "--", name, "x", code=100).startswith("Error: ")
    assert not virtual.sh(f"ls -A {VIRTUAL}", check=False).stdout
