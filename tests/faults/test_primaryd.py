"""Questions to qmail-primaryd, whichever call of it fails and wherever it is killed: who is there is never refused."""

import socket
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_queued import connect
from tests.host import eventually
from tests.remote.remote import Server

pytestmark = ours_alone

PARTS = 3
PLACE = "/var/qmail/run/primary/socket"
QUESTIONS = [("joe", "KT"), ("nobody", "NT")]
PATIENCE = 3        # seconds, while each worker dies again and again; whoever asks must not wait for ever


def ask_line(place, server, line, patience):
    """One letter; T also where there is no answer."""
    s = eventually(lambda: connect(place) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return "T"
    with s:
        s.settimeout(patience)
        try:
            s.sendall(line.encode())
            return s.recv(1).decode() or "T"
        except OSError:
            return "T"


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_primaryd(host, record_property, part):
    host.control("primary", "p.example:127.0.0.1:2525\n")
    Server(host, RCPT={"joe@p.example": "250 ok", "postmaster@p.example": "250 ok", "": "550 5.1.1 nobody"})

    def run(under):
        host.sh("rm -f /var/qmail/primary/memory")
        server = host.popen([*under, "/var/qmail/bin/qmail-primaryd"], user="root" if under else "qmailr", stderr=subprocess.DEVNULL)
        patience = PATIENCE if "inject" in str(under) else 20
        said = [ask_line(host.path(PLACE), server, f"{box}@p.example\n", patience) for box, _ in QUESTIONS]
        return said, must.service_ends(host, server, "qmail-primaryd")

    def judge(seen, fault):
        said, wrong = seen
        if fault is None and "T" in said:
            return [f"trouble: {said}"]
        return wrong + [f"{box}: {answer}" for (box, may), answer in zip(QUESTIONS, said) if answer not in may]

    sweep(host, "qmail-primaryd", run, judge, user="qmailr", part=part, parts=PARTS).end(record_property)
