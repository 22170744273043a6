"""One message into qmail-smtpd and the qmail-queue it starts: 250 if and only if it is queued."""

import socket
import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.queue.queue_files import mess_files

pytestmark = ours_alone

BODY = b"Subject: fault\n\n" + b"one line of many\n" * 8000
DIALOGUE = (b"EHLO client.example\r\n", b"MAIL FROM:<sender@client.example>\r\n", b"RCPT TO:<joe-list@mail.example.org>\r\n",
            b"DATA\r\n", BODY.replace(b"\n", b"\r\n") + b".\r\n", b"QUIT\r\n")
ENVIRONMENT = {"PROTO": "TCP", "TCPREMOTEIP": "192.0.2.1", "TCPLOCALIP": "192.0.2.2", "TCPREMOTEHOST": "client.example",
               "TCPLOCALHOST": "mail.example.org", "TCPREMOTEPORT": "1025", "TCPLOCALPORT": "25"}


def reply(lines):
    """The last line of the next reply; empty when the server is gone."""
    line = lines.readline()
    while line[3:4] == b"-":
        line = lines.readline()
    return line


def converse(connection, dialogue):
    """The replies to all that could be said, the greeting first."""
    replies, words = [], list(dialogue)
    with connection.makefile("rb") as lines:
        while True:
            try:
                replies.append(reply(lines))
                if not words or not replies[-1][:1] in (b"2", b"3"):
                    return replies
                connection.sendall(words.pop(0))
            except OSError:
                return replies


def session(host, dialogue):
    """What the sweep runs, under what makes a call fail."""
    def run(under):
        ours, theirs = socket.socketpair()
        ours.settimeout(30)
        server = host.popen([*under, "/var/qmail/bin/qmail-smtpd"], user="root" if under else "qmaild", env=ENVIRONMENT,
                            stdin=theirs.fileno(), stdout=theirs.fileno(), stderr=subprocess.DEVNULL)
        theirs.close()
        with ours:
            replies = converse(ours, dialogue)
        server.wait(60)
        return replies
    return run


def case(host, but=()):
    """How a message is brought, and how that is judged."""
    host.user("joe")
    host.write("/home/joe/.qmail-list", "./Maildir/\n", owner="joe")

    def judge(replies, fault):
        eventually(lambda: not must.processes(host, but), 3)
        found, wrong = must.in_queue(host, BODY, ["joe-list@mail.example.org"])
        for path in mess_files(host):
            path.unlink()
        accepted = len(replies) > 5 and replies[5].startswith(b"250 ")
        # Without a reply the client tries again; a qmail-queue that was killed has told nobody.
        silent = not replies[-1] or bool(fault and fault.kill)
        return wrong + must.verdict(accepted, found, silent) + must.smtp_replies(replies) + must.processes(host, but)

    return session(host, DIALOGUE), judge


def test_qmail_smtpd(host, record_property):
    sweep(host, "qmail-smtpd with qmail-queue", *case(host), user="qmaild").end(record_property)


ASKING = (b"MAIL FROM:<sender@client.example>\r\n", b"RCPT TO:<joe@mail.example.org>\r\n", b"QUIT\r\n")


def test_qmail_smtpd_that_asks_lists(host, record_property):
    """Whatever fails, a client is refused for ever only by a list that has him; what is not heard says nothing."""
    host.user("joe")
    host.control("dnslists", "bl.example:2:refuse\n")
    host.dns({"1.2.0.192.bl.example": ["A 127.0.0.2", "TXT no"]})

    def judge(replies, fault):
        others = [r for r in replies if not r.startswith(b"554 5.7.1 ")]
        unheard = [] if fault or len(others) < len(replies) else ["the list was not heard"]
        return unheard + must.smtp_replies(others) + must.processes(host)

    sweep(host, "qmail-smtpd that asks lists", session(host, ASKING), judge, user="qmaild").end(record_property)
