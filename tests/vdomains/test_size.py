"""A host of ten thousand virtual domains: one more is made at once, and who serves them stays small and starts soon."""

import re
import time

import pytest

from tests.admin.test_newcdb import answer
from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_virtual_mail import send

MANY = 10000
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


@pytest.fixture
def large(virtual):
    virtual.ids = virtual.sh("id -u vpopmail; id -g vpopmail").stdout.split()
    lay_out(virtual, MANY)
    return virtual


def seconds(host, *command):
    """Of a processor, of the command and all that it starts: a clock on the wall says nothing on a busy machine."""
    told = host.sh(f"bash -c 'times; TIMEFORMAT=\"%U %S\"; time {' '.join(command)}' 2>&1 | tail -1", user="root").stdout
    return sum(float(word) for word in told.split())


def private_kib(host, pids):
    return sum(int(kib) for pid in pids
               for kib in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB", host.sh(f"cat /proc/{pid}/smaps_rollup", user="root").stdout, re.M))


def test_one_more_domain_and_user(large):
    large.user("max")
    large.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users")
    spent = [seconds(large, "vadddomain", f"new{n}.example", "secret", ">/dev/null") for n in range(3)]
    print("vadddomain:", spent)
    assert min(spent) < 0.1, spent
    assert "In force." in large.sh("qmail-showctl").stdout
    assert ".cdb" not in large.sh("qmail-showctl -c", check=False).stdout
    spent = [seconds(large, "vadduser", f"joe{n}@new0.example", "secret", ">/dev/null") for n in range(3)]
    print("vadduser:", spent)
    assert send(large, "joe0@new0.example") == 0 and send(large, "nobody@new0.example") != 0
    assert eventually(lambda: large.sh(f"ls {VIRTUAL}/new0.example/joe0/Maildir/new").stdout), large.log("qmail-send")
    run(large, "vdeldomain", "new1.example")
    assert answer(large, "joe@new1.example") == "553" and answer(large, "joe0@new0.example") == "250"


def test_the_service_is_small_and_starts_soon(large):
    begun = time.monotonic()
    large.start("qmail-users")
    assert eventually(lambda: "workers listen" in large.log("qmail-users"), 5), large.log("qmail-users")
    took = time.monotonic() - begun
    run(large, "vadddomain", "here.example", "secret")
    assert answer(large, "postmaster@here.example") == "250" and answer(large, "nobody@here.example") == "550"
    pids = large.sh("pgrep -x qmail-usersd", user="root").stdout.split()
    print("qmail-usersd:", took, private_kib(large, pids), "KiB")
    assert private_kib(large, pids) < 64 * 1024
