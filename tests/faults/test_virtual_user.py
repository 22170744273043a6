"""One message to a user of a virtual domain, every system call failing in turn: by vdelivermail, and by qmail-local alone."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_programs import BODY, empty_queue, killed
from tests.vdomains.conftest import VIRTUAL, virtual

pytestmark = ours_alone
assert virtual
PLACE = f"{VIRTUAL}/example.net"
ENVIRONMENT = {"EXT": "joe", "HOST": "example.net", "SENDER": "sender@example.net", "RPLINE": "Return-Path: <sender@example.net>\n",
               "DTLINE": "Delivered-To: example.net-joe@example.net\n"}


@pytest.fixture
def domain(virtual):
    virtual.run(["vadddomain", "example.net", "x"])
    virtual.run(["vadduser", "-q", "100M", "joe@example.net", "x"])
    virtual.write("/tmp/message", BODY)
    return virtual


def deliver(host, way, under):
    if way == "vdelivermail":
        command = ["sh", "-c", f"cd {PLACE} && exec \"$@\"", "sh", *under, "/home/vpopmail/bin/vdelivermail", "", "bounce-no-mailbox"]
    else:
        command = [*under, "/var/qmail/bin/qmail-local", "--", "vpopmail", PLACE, "example.net-joe", "-", "joe", "example.net",
                   "sender@example.net", "./Maildir/"]
    with open(host.path("/tmp/message"), "rb") as message:
        return host.popen(command, user="root" if under else "vpopmail", env=ENVIRONMENT, stdin=message, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).wait(60)


def clear(place, fault):
    wrong = []
    for part in ("new", "tmp"):
        for left in (place / part).iterdir() if (place / part).is_dir() else ():
            if part == "tmp" and not killed(fault):
                wrong.append(f"{left.name} is left in tmp/")
            left.unlink()
    return wrong


@pytest.mark.parametrize("home", ["there", "missing"])
@pytest.mark.parametrize("way", ["vdelivermail", "qmail-local"])
def test_to_a_maildir_with_a_quota(domain, record_property, way, home):
    place = pathlib.Path(domain.path(f"{PLACE}/joe/Maildir"))

    def prepare():
        (place / "maildirsize").unlink(missing_ok=True)
        if home == "missing":
            domain.sh(f"rm -rf {PLACE}/joe")

    def judge(code, fault):
        found, wrong = must.in_maildir(place, BODY) if (place / "new").is_dir() else (0, [])
        wrong += clear(place, fault)
        prepare()
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, fault and fault.silent) + must.processes(domain)

    prepare()
    sweep(domain, f"{way} to a user whose home is {home}", lambda under: deliver(domain, way, under), judge, user="vpopmail").end(record_property)


@pytest.mark.parametrize("way", ["vdelivermail", "qmail-local"])
def test_through_a_filter(domain, record_property, way):
    """Calls of the filter fail, too: whatever becomes of it, the message is there, whole and once."""
    domain.control("spamfilter", "/bin/sh -c cat\n")
    place = pathlib.Path(domain.path(f"{PLACE}/joe/Maildir"))

    def judge(code, fault):
        found, wrong = must.in_maildir(place, BODY)
        wrong += clear(place, fault)
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, fault and fault.silent)

    sweep(domain, f"{way} through a filter", lambda under: deliver(domain, way, under), judge, user="vpopmail").end(record_property)


@pytest.mark.parametrize("way", ["vdelivermail", "qmail-local"])
def test_forward(domain, record_property, way):
    domain.write(f"{PLACE}/joe/.qmail", "&far@example.net\n", owner="vpopmail", mode=0o600)

    def judge(code, fault):
        found, wrong = must.in_queue(domain, BODY, ["far@example.net"])
        empty_queue(domain)
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, fault and fault.silent) + must.processes(domain)

    sweep(domain, f"{way} forwarding", lambda under: deliver(domain, way, under), judge, user="vpopmail").end(record_property)


@pytest.mark.parametrize("way", ["vdelivermail", "qmail-local"])
def test_full(domain, record_property, way):
    """Nothing is delivered, and whatever fails, it is not for ever."""
    domain.run(["vsetuserquota", "joe@example.net", "10S"])
    place = pathlib.Path(domain.path(f"{PLACE}/joe/Maildir"))

    def judge(code, fault):
        found, wrong = must.in_maildir(place, BODY)
        wrong += clear(place, fault)
        (place / "maildirsize").unlink(missing_ok=True)
        return wrong + ([] if code in (111, 127) or fault and fault.silent else [f"exit {code}"]) + ([f"{found} delivered"] if found else [])

    sweep(domain, f"{way} to a full mailbox", lambda under: deliver(domain, way, under), judge, user="vpopmail").end(record_property)


def test_robot(domain, record_property):
    """An answer that was not given is given the next time: no message is taken for an answered one in vain."""
    lines = 1000                            # more than the header is read with
    text = b"Ich bin weg.\n\n---------- Original Message ----------\n" + b"> Are you there?\n" * lines
    domain.write(f"{PLACE}/joe/text", b"From: joe@example.net\nSubject: away\n\nIch bin weg.\n", owner="vpopmail")
    domain.write("/tmp/message", b"From: sender@example.net\nSubject: hello\n\n" + b"Are you there?\n" * lines)
    domain.sh(f"mkdir {PLACE}/joe/history && chown vpopmail: {PLACE}/joe/history")

    def run(under):
        command = ["sh", "-c", f"cd {PLACE}/joe && exec \"$@\"", "sh", *under, "/var/qmail/bin/autorespond", "86400", "1", "text", "history"]
        with open(domain.path("/tmp/message"), "rb") as message:
            return domain.popen(command, user="root" if under else "vpopmail", env={**ENVIRONMENT, "LOCAL": "example.net-joe"},
                                stdin=message, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)

    def judge(code, fault):
        found, wrong = must.in_queue(domain, text, ["sender@example.net"])
        empty_queue(domain)
        if not found and not killed(fault) and run([]) == 0:
            found_now, more = must.in_queue(domain, text, ["sender@example.net"])
            wrong += more + ([] if found_now else ["he never gets an answer"])
            empty_queue(domain)
        domain.sh(f"rm -rf {PLACE}/joe/history/*")
        return wrong + must.verdict(code == 0, found, killed(fault)) + must.local_exit(code, fault and fault.silent) + must.processes(domain)

    sweep(domain, "autorespond", run, judge, user="vpopmail").end(record_property)
