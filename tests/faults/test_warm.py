"""A message from a client of qmail-warm, which forks where tcpserver starts a program: whatever fails, 250 if and only if it is queued,
and the next client is served, by this listener or, when it has ended, by the one that supervise starts."""

import socket
import subprocess

from tests.abuse.client import HERE, inside
from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_smtp import DIALOGUE, case, converse
from tests.host import eventually

pytestmark = ours_alone

GREETING = (b"QUIT\r\n",)


def serve(host, under):
    ids = host.sh("echo $(id -u qmaild) $(id -g qmaild)").stdout.split()
    return host.popen([*under, "/var/qmail/bin/qmail-warm", "tcpserver", "-v", "-R", "-H", "-l", "mail.example.org", "-x", "/run/rules.cdb",
                       "-u", ids[0], "-g", ids[1], "-D", "0", "25", "qmail-smtpd"], stderr=subprocess.DEVNULL)


def client(host, server, dialogue):
    """The replies; none where nobody listens any more."""
    def dial():
        s = socket.socket()
        s.settimeout(30)
        if s.connect_ex((HERE, 25)):
            s.close()
            return None
        return s
    s = eventually(lambda: inside(host, dial) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return [b""]
    with s:
        return converse(s, dialogue) or [b""]


def test_qmail_warm(host, record_property):
    host.sh("echo ':allow' | tcprules /run/rules.cdb /run/rules.tmp")
    _, judge_message = case(host)

    def run(under):
        server = serve(host, under)
        replies = client(host, server, DIALOGUE)
        alive = server.poll() is None
        next_one = client(host, server, GREETING) if alive else []
        return replies, next_one, must.service_ends(host, server, "'qmail-warm|tcpserver'")

    def judge(seen, fault):
        replies, next_one, wrong = seen
        # A fault that lasts, and one that meets each process anew, meets the next client as well.
        if fault is None and [line[:3] for line in next_one] != [b"220", b"221"]:
            wrong = [*wrong, f"the next client heard {next_one}"]
        return wrong + judge_message(replies, fault) + must.smtp_replies(next_one)

    sweep(host, "qmail-warm with qmail-smtpd", run, judge, some=80, itself=True).end(record_property)
