"""One message over the socket of qmail-queued: 0 is answered if and only if it is queued."""

import socket
import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.queue.queue_files import mess_files
from tests.queue.test_queued import PLACE, request

pytestmark = ours_alone

BODY = b"Subject: fault\n\n" + b"one line of many\n" * 3000
ENVELOPE = b"Fs@example.net\0Tjoe@mail.example.org\0\0"
SILENCE = None


def connect(place):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    try:
        s.connect(place)
        return s
    except OSError:
        s.close()
        return None


def converse(place, server):
    """The exit code that is answered, or SILENCE. Asks again when the door stays shut, as long as there is a server."""
    s = eventually(lambda: connect(place) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return SILENCE
    with s:
        try:
            s.sendall(request(BODY, ENVELOPE))
            answer = s.makefile("rb").read()[16:17]
        except OSError:
            return SILENCE
    return answer[0] if answer else SILENCE


def test_qmail_queued(host, record_property):
    host.control("concurrencyqueue", "1\n")
    place = host.path(PLACE)

    def run(under):
        server = host.popen([*under, "/var/qmail/bin/qmail-queued"], user="root" if under else "qmailq",
                            stderr=subprocess.DEVNULL)
        return converse(place, server), must.service_ends(host, server, "qmail-queued")

    def judge(seen, fault):
        code, wrong = seen
        eventually(lambda: not must.processes(host), 3)
        found, torn = must.in_queue(host, BODY, ["joe@mail.example.org"])
        for path in mess_files(host):
            path.unlink()
        wrong = wrong + torn + must.verdict(code == 0, found, code is SILENCE) + must.processes(host)
        return wrong + must.queue_exit(code or 0)

    sweep(host, "qmail-queued", run, judge, user="qmailq").end(record_property)
