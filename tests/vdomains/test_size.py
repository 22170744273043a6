"""Ten thousand virtual domains, and a domain of a hundred thousand users, kept by files and by MariaDB: one more is made at once,
each is known at once, and who serves them stays small and starts soon. Work is measured by the processors' time: a clock on the wall
says nothing on a busy machine."""

import json
import os
import re
import time

import pytest

from tests.admin.test_newcdb import answer
from tests.host import eventually
from tests.sqlstore.servers import Mysql, helper_listens
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_virtual_mail import send

MANY, USERS = 10000, 100000
SERVICES = "qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users"
KIB_MAX = 64 * 1024
PLACE = f"{VIRTUAL}/example.net"
BASE = "/var/qmail"


def names(count):
    return [f"d{n}.example" for n in range(count)]


def lay_out(host, count):
    """As that many vadddomain would leave it, but for the directories."""
    host.write(f"{BASE}/users/assign", "".join(f"+{d}-:{d}:{host.ids[0]}:{host.ids[1]}:{VIRTUAL}/{d}:-::\n" for d in names(count)) + ".\n")
    host.control("virtualdomains", "".join(f"{d}:{d}\n" for d in names(count)))
    host.control("rcpthosts", "".join(f"{d}\n" for d in names(count)[:50]))
    host.control("morercpthosts", "".join(f"{d}\n" for d in names(count)[50:]))
    host.sh("qmail-newu && qmailctl cdb", user="root")


# ---- who keeps them ----

class Files:
    """vpasswd.cdb, as everybody has it."""

    name, vadduser_max, bulk_max = "cdb", 0.4, 0.00005

    def __init__(self, host):
        self.host = host

    def begin(self):
        pass

    def end(self):
        pass

    def is_up(self):
        return "workers listen" in self.host.log("qmail-users")

    def fill(self, count):
        lines = "".join(f"{name}:{stored}:1:0:{name}:{home}:NOQUOTA\n" for name, stored, home in users(count))
        self.host.write(f"{PLACE}/vpasswd", lines, owner="vpopmail", mode=0o600)
        run(self.host, "vmkpasswd", "example.net")


class LargeMysql(Mysql):
    """On a disk that grows."""

    vadduser_max, bulk_max = 0.1, 0.0001
    OPTIONS = Mysql.OPTIONS.replace("ibdata1:20M", "ibdata1:20M:autoextend")

    def begin(self):
        self.host.control("usersbackend", "mysql\n")
        super().begin()

    def is_up(self):
        return helper_listens(self.host, self)

    def fill(self, count):
        self.add_users("example.net", users(count))


@pytest.fixture(params=[Files, LargeMysql], ids=lambda keeper: keeper.name)
def keeper(request, virtual):
    kept = request.param(virtual)
    try:
        kept.begin()
        yield kept
    finally:
        kept.end()


def seconds(host, *command):
    """Of a processor, of the command and all that it starts."""
    told = host.sh(f"bash -c 'times; TIMEFORMAT=\"%U %S\"; time {' '.join(command)}' 2>&1 | tail -1", user="root").stdout
    return sum(float(word) for word in told.split())


def assert_within(bound, what, took, least=1, tries=10):
    """One of the tries: others make caches cold."""
    spent = []
    while len(spent) < tries and (len(spent) < least or min(spent) >= bound):
        spent.append(took(len(spent)))
    print(f"{what}:", spent)
    # Sanitized programs take another time.
    assert "SANITIZE" in os.environ or min(spent) < bound, (what, spent)


def assert_small(host):
    """Who serves; of what it has for itself."""
    pids = host.sh("pgrep 'qmail-(usersd|ownersd|store)'", user="root").stdout.split()
    kib = sum(int(kib) for pid in pids for kib in
              re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB", host.sh(f"cat /proc/{pid}/smaps_rollup", user="root").stdout, re.M))
    print("who serves:", kib, "KiB")
    assert len(pids) > 12 and kib < KIB_MAX


def start(host, keeper):
    begun = time.monotonic()
    host.start(*SERVICES)
    assert eventually(keeper.is_up, 10), host.log("qmail-users")
    print("started:", time.monotonic() - begun)


# The median of the answers to RCPT, each for another name, in a few rounds.
RCPT = r"""
import json, socket, statistics, sys, time
made = socket.create_connection(("127.0.0.1", 25))
made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
answers = made.makefile("rb")
def ask(line):
    begun = time.perf_counter()
    made.sendall(line.encode() + b"\r\n")
    answer = answers.readline()
    while answer[3:4] == b"-":
        answer = answers.readline()
    return answer[:3].decode(), time.perf_counter() - begun
answers.readline()
ask("EHLO x")
rounds, names = [], json.load(sys.stdin)
for at in range(0, len(names), 20):
    ask("MAIL FROM:<>")
    said = [ask(f"RCPT TO:<{name}>") for name in names[at:at + 20]]
    ask("RSET")
    assert {code for code, _ in said} == {"250"}, said
    rounds.append(statistics.median(took for _, took in said))
print(min(rounds))
"""


def assert_known(host, names):
    """A millisecond is the middle of twenty answers; on a busy machine a round may fail, and all that is asked may be asked again."""
    def took():
        said = host.run(["/usr/bin/python3", "-c", RCPT], input=json.dumps(names).encode()).stdout
        print("RCPT:", said)
        return float(said) < 0.001
    assert eventually(took, 30)


# ---- very many domains ----

@pytest.fixture
def large(virtual):
    virtual.ids = virtual.sh("id -u vpopmail; id -g vpopmail").stdout.split()
    lay_out(virtual, MANY)
    return virtual


def test_ten_thousand_domains(large, keeper):
    large.user("max")
    start(large, keeper)
    assert_within(0.1, "vadddomain", lambda n: seconds(large, "vadddomain", f"new{n}.example", "secret", ">/dev/null"), least=3)
    assert "In force." in large.sh("qmail-showctl").stdout
    assert ".cdb" not in large.sh("qmail-showctl -c", check=False).stdout
    assert_within(0.1, "vadduser", lambda n: seconds(large, "vadduser", f"joe{n}@new0.example", "secret", ">/dev/null"), least=2)
    assert_known(large, ["joe0@new0.example", "joe1@new0.example", "postmaster@new2.example"] * 20)
    assert_small(large)
    assert send(large, "joe0@new0.example") == 0 and send(large, "nobody@new0.example") != 0
    assert eventually(lambda: large.sh(f"ls {VIRTUAL}/new0.example/joe0/Maildir/new").stdout), large.log("qmail-send")
    run(large, "vdeldomain", "new1.example")
    assert answer(large, "joe@new1.example") == "553" and answer(large, "joe0@new0.example") == "250"


# ---- a domain of very many users ----

def users(count):
    return [(f"u{n}", "$1$abcdefgh$G//4keteveJp0qb8z2DxG/", f"{PLACE}/u{n}") for n in range(count)]


@pytest.fixture
def crowded(virtual, keeper):
    """On a disk of its own: what a layer over another one has to do for each directory is no work of ours."""
    start(virtual, keeper)
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.sh(f"mkdir /run/aside && cp -a {PLACE}/. /run/aside && mount -t tmpfs tmpfs {PLACE} && cp -a /run/aside/. {PLACE} && "
               f"chown --reference=/run/aside {PLACE} && chmod --reference=/run/aside {PLACE}")
    keeper.fill(USERS)
    return virtual


def many_lines(host, name, count):
    host.write(f"/root/{name}", "".join(f"{name}{n}@example.net:$1$a$b\n" for n in range(count)))
    return f"/root/{name}"


def of_one_more(host, more, n):
    """Of each that is added after the first, in bulk."""
    one, many = (seconds(host, "vadduser", "-f", many_lines(host, f"{name}{n}-", count)) for name, count in (("one", 1), ("many", more + 1)))
    return (many - one) / more


def test_a_hundred_thousand_users_of_a_domain(crowded, keeper):
    assert_within(keeper.vadduser_max, "vadduser", lambda n: seconds(crowded, "vadduser", f"joe{n}@example.net", "secret", ">/dev/null"))
    assert_within(keeper.bulk_max, "in bulk", lambda n: of_one_more(crowded, 2000, n))
    assert_known(crowded, [f"u{n * 991 % USERS}@example.net" for n in range(200)] + ["joe0@example.net", "many0-2000@example.net"])
    assert answer(crowded, "nobody@example.net") == "550"
    assert_small(crowded)
    crowded.stop()
    crowded.sh("rm -rf /var/log/qmail/qmail-users/*")
    start(crowded, keeper)
    assert answer(crowded, "u99999@example.net") == "250"
