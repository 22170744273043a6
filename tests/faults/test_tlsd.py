"""A connection through qmail-tlsd, whichever call of it fails and wherever it is killed: what comes out at either end is what
went in at the other, or its beginning, and nothing goes in plain text."""

import array
import socket
import ssl
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_queued import connect
from tests.faults.test_usersd import net
from tests.host import eventually

pytestmark = ours_alone
PARTS = 3
INWARD, OUTWARD = b"EHLO a\r\n" + b"x" * 20000, b"250 ok\r\n" + b"y" * 20000


def hear(s):
    """Words of an answer; none when it does not come."""
    answer = s.recv(4096)
    return answer.split(b":", 2)[2].split(b",")[0].decode() if answer else None


def ask(host, server):
    """(what the service says, what came in, what came out) of a connection from one TLS client."""
    s = eventually(lambda: connect(host.path("/var/qmail/run/tls/socket")) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return None, b"", b""
    client, network = socket.socketpair()
    plain, theirs = socket.socketpair()
    for each in (s, client, plain):
        each.settimeout(20)
    try:
        with s, network, theirs:
            s.sendmsg([net([b"server", b"anybody", b"smtp", b"10000", b"", b"", b""])],
                      [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [network.fileno(), theirs.fileno()]))])
            said = hear(s)
            network.close(), theirs.close()
            if said != "ready":
                return said, b"", b""
            s.sendall(b"Y")
            return talk(s, client, plain)
    except OSError:
        return None, b"", b""
    finally:
        client.close(), plain.close()


def read(s, size):
    got = b""
    try:
        while len(got) < size and (more := s.recv(65536)):
            got += more
    except OSError:
        pass
    return got


def talk(s, client, plain):
    inward = outward = b""
    try:
        tls = ssl._create_unverified_context().wrap_socket(client)
    except OSError:
        return hear(s), inward, outward
    said = hear(s)
    try:
        tls.sendall(INWARD)
        inward = read(plain, len(INWARD))
        plain.sendall(OUTWARD)
        outward = read(tls, len(OUTWARD))
    except OSError:
        pass
    tls.close()
    return said, inward, outward


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_tlsd(host, record_property, part):
    host.control("concurrencytls", "4\n")

    def run(under):
        server = host.popen([*under, "/var/qmail/bin/qmail-tlsd"], user="root" if under else "qmailt", stderr=subprocess.DEVNULL)
        return ask(host, server), must.service_ends(host, server, "qmail-tlsd")

    def judge(seen, fault):
        (said, inward, outward), wrong = seen
        if fault is None and (said, inward, outward) != ("done", INWARD, OUTWARD):
            wrong.append(f"trouble: {said} {len(inward)} {len(outward)}")
        if not INWARD.startswith(inward) or not OUTWARD.startswith(outward):
            wrong.append(f"other bytes: {inward[:40]} {outward[:40]}")
        if said in ("failed", "trouble", "ready") and (inward or outward):
            wrong.append(f"{said}, and {inward[:40]} {outward[:40]} came through")
        return wrong

    sweep(host, "qmail-tlsd", run, judge, user="qmailt", part=part, parts=PARTS).end(record_property)
