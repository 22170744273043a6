"""One message over the socket of qmail-queued: 0 is answered if and only if it is queued."""

import os
import socket
import struct
import subprocess

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.queue.queue_files import QUEUE, mess_files, spare_files
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


def queued_or_not(host, seen):
    """What is wrong with it, when 0 was answered or something else."""
    code, wrong = seen
    eventually(lambda: not must.processes(host), 3)
    found, torn = must.in_queue(host, BODY, ["joe@mail.example.org"])
    for path in mess_files(host):
        path.unlink()
    return wrong + torn + must.verdict(code == 0, found, code is SILENCE) + must.processes(host) + must.queue_exit(code or 0)


def run_once(host, under, place):
    server = host.popen([*under, "/var/qmail/bin/qmail-queued"], user="root" if under else "qmailq", stderr=subprocess.DEVNULL)
    return converse(place, server), must.service_ends(host, server, "qmail-queued")


def test_qmail_queued(host, record_property):
    host.control("concurrencyqueue", "1\n")
    place = host.path(PLACE)
    sweep(host, "qmail-queued", lambda under: run_once(host, under, place), lambda seen, fault: queued_or_not(host, seen),
          user="qmailq").end(record_property)


def test_over_a_file_that_was_used_before(host, record_property):
    """The file that is offered has a message of the past, which never comes back, and keeps its name and size unless it is removed."""
    host.control("concurrencyqueue", "1\n")
    place = host.path(PLACE)
    host.sh(f"mkfifo -m 600 {QUEUE}/lock/spare64 && chown qmailq:qmail {QUEUE}/lock/spare64 && mkdir -p {QUEUE}/mess/{461 % 23}")
    offered = os.open(host.path(f"{QUEUE}/lock/spare64"), os.O_RDWR | os.O_NONBLOCK)
    past = b"a message of the past\n" * 3000

    def run(under):
        for path in spare_files(host):
            path.unlink()
        host.write(f"{QUEUE}/mess/{461 % 23}/461", (past[:65536 - 64] + b"mailfree").ljust(65536, b"\0"), owner="qmailq")
        while True:
            try:
                os.read(offered, 4096)
            except BlockingIOError:
                break
        os.write(offered, struct.pack("=Q", 461))
        return run_once(host, under, place)

    def judge(seen, fault):
        names = [path.name for path in mess_files(host)]
        wrong = queued_or_not(host, seen)
        return wrong if fault or names == ["461"] else wrong + [f"it is not in the file that was offered, but in {names}"]

    try:
        sweep(host, "qmail-queued over a spare file", run, judge, user="qmailq").end(record_property)
    finally:
        os.close(offered)
