"""Questions about a domain of another account, whichever call of qmail-ownersd fails and wherever it is killed: nobody becomes unknown,
no right password wrong, no wrong one right; and what is asked after a fault is answered."""

import socket
import subprocess

import pytest

from tests.faults.invariants import service_ends
from tests.faults.sweep import FULL, ours_alone, strikes_again, sweep
from tests.faults.test_queued import connect
from tests.faults.test_usersd import SILENCE, TROUBLE, net
from tests.host import eventually
from tests.vdomains.conftest import virtual
from tests.vdomains.test_domains import run as command
from tests.vdomains.test_owners import owner

pytestmark = ours_alone
assert virtual

PARTS = 6 if FULL else 1
SOME = 18
PATIENCE = 12         # seconds: a worker that could not be started is there after one, a socket that could not be made after ten;
SHORT = 1             # for each question


def questions(uid):
    """Where, what, and what may be said of it."""
    return [
        ("users/socket", ("who", "pop3", "joe@ann.example"), {"elsewhere"} | TROUBLE),
        (f"owners/{uid}", ("who", "pop3", "nobody@ann.example"), {"nobody"} | TROUBLE),
        (f"owners/{uid}.password", ("password", "pop3", "joe@ann.example", "password"), {"wrong"} | TROUBLE),
        (f"owners/{uid}.password", ("password", "pop3", "joe@ann.example", "pass word"), {"let in"} | TROUBLE),
        (f"owners/{uid}", ("who", "pop3", "joe@ann.example"), {"mailbox"} | TROUBLE),
    ]


def said(s, words):
    """The first word of the answer."""
    with s:
        s.settimeout(SHORT)
        try:
            s.sendall(net([part.encode() for part in [*words, *[""] * (7 - len(words))]]))
            answer = s.makefile("rb").read()
        except OSError:
            return SILENCE
    return answer.split(b":", 2)[2].split(b",")[0].decode() if answer else SILENCE


def ask(host, server, place, words):
    s = eventually(lambda: connect(host.path(f"/var/qmail/run/{place}")) or server.poll() is not None, SHORT)
    return said(s, words) if isinstance(s, socket.socket) else SILENCE


def answers(host, server, uid):
    """Of each question; and whether the last one must be answered in the end."""
    all_of_them = questions(uid)
    first = [ask(host, server, place, words) for place, words, _ in all_of_them[:-1]]
    place, words, _ = all_of_them[-1]

    def is_over():
        return server.poll() is not None or strikes_again(host)

    last = eventually(lambda: ask(host, server, place, words) or is_over(), PATIENCE)
    return [*first, last if isinstance(last, str) else SILENCE], not is_over()


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_ownersd(virtual, record_property, part):
    virtual.control("concurrencylogins", "1\n")
    virtual.start("qmail-users")
    owner(virtual, "ann")
    virtual.stop()
    uid = virtual.sh("id -u ann").stdout.strip()

    def run(under):
        server = virtual.popen([*under, "/var/qmail/bin/qmail-ownersd"], stderr=subprocess.DEVNULL)
        given, must_answer = answers(virtual, server, uid)
        return given, must_answer, service_ends(virtual, server, "qmail-ownersd")

    def judge(seen, fault):
        given, must_answer, wrong = seen
        if fault is None and set(given) & TROUBLE:
            return [f"trouble: {given}"]
        wrong += [f"{' '.join(words)}: {answer}" for (_, words, may), answer in zip(questions(uid), given) if answer not in may]
        return wrong + ([f"no answer afterwards: {given}"] if given[-1] in TROUBLE and must_answer else [])

    sweep(virtual, "qmail-ownersd", run, judge, user="root", part=part, parts=PARTS, some=SOME, itself=True).end(record_property)
