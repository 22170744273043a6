"""Questions to qmail-usersd, whichever call of it fails and wherever it is killed: nobody becomes unknown, no right password wrong,
no wrong one right."""

import socket
import subprocess
import time

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_queued import connect
from tests.host import eventually
from tests.vdomains.conftest import virtual
from tests.vdomains.test_domains import run as command
from tests.vdomains.test_usersd import PLACE, set_record

pytestmark = ours_alone
assert virtual

PARTS = 3
SILENCE = None
TROUBLE = {"trouble", SILENCE}
# What is asked, and what may be said of it.
QUESTIONS = [
    (("who", "pop3", "joe@example.net"), {"mailbox"} | TROUBLE),
    (("who", "pop3", "nobody@example.net"), {"nobody"} | TROUBLE),
    (("who", "pop3", "full@example.net"), {"full now"} | TROUBLE),
    (("password", "pop3", "joe@example.net", "pass word"), {"let in"} | TROUBLE),
    (("password", "pop3", "joe@example.net", "password"), {"wrong"} | TROUBLE),
]


def net(parts):
    inside = b"".join(b"%d:%s," % (len(p), p) for p in parts)
    return b"%d:%s," % (len(inside), inside)


def ask_at(place, server, parts):
    """The first word of the answer; SILENCE without one."""
    s = eventually(lambda: connect(place) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return SILENCE
    with s:
        try:
            s.sendall(net([part.encode() for part in parts]))
            answer = s.makefile("rb").read()
        except OSError:
            return SILENCE
    return answer.split(b":", 2)[2].split(b",")[0].decode() if answer else SILENCE


def ask_all(questions, ask):
    """What is answered, as far as anybody answers: where each worker dies, one question is waited for, not all."""
    said = []
    for words, _ in questions:
        began = time.monotonic()
        said.append(ask(words))
        if time.monotonic() - began > 5:
            break
    return said


def ask(host, server, words):
    place = host.path("/var/qmail/run/users/" + ("password" if words[0] == "password" else "socket"))
    return ask_at(place, server, [*words, *[""] * (7 - len(words))])


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_usersd(virtual, record_property, part):
    virtual.control("concurrencylogins", "1\n")
    command(virtual, "vadddomain", "example.net", "secret")
    command(virtual, "vadduser", "joe@example.net", "pass word")
    command(virtual, "vadduser", "full@example.net", "secret")
    set_record(virtual, "full", 6, "1C")
    virtual.write(f"{PLACE}/full/Maildir/new/1.a.b", "mail\n", owner="vpopmail")

    def run(under):
        virtual.sh(f"rm -f {PLACE}/*/Maildir/maildirsize {PLACE}/vpasswd.cdb")      # so that each time both are made
        server = virtual.popen([*under, "/var/qmail/bin/qmail-usersd"], user="root" if under else "vpopmail", stderr=subprocess.DEVNULL)
        return ask_all(QUESTIONS, lambda words: ask(virtual, server, words)), must.service_ends(virtual, server, "qmail-usersd")

    def judge(seen, fault):
        said, wrong = seen
        if fault is None and set(said) & TROUBLE:
            return [f"trouble: {said}"]
        return wrong + [f"{' '.join(words)}: {answer}" for (words, may), answer in zip(QUESTIONS, said) if answer not in may]

    sweep(virtual, "qmail-usersd", run, judge, user="vpopmail", part=part, parts=PARTS).end(record_property)
