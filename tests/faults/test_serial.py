"""What waits in a Maildir, every system call failing in turn: a message is gone only when the client said that it is taken, or the
queue has its bounce."""

import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_queued import connect
from tests.faults.test_usersd import net
from tests.host import eventually
from tests.queue.queue_files import QUEUE
from tests.serial.rig import Box
from tests.serial.test_service import furnish

pytestmark = ours_alone

# Who says K has it for sure.
TAKES = "tr '\\0' '\\n' | while read -r name; do echo \"$name\" >> /tmp/got/names && printf '%s\\0Kok\\n' \"$name\"; done\n"
REFUSES = "tr '\\0' '\\n' | while read -r name; do printf '%s\\0Dno\\n' \"$name\"; done\n"
BODY = b"Subject: x\n\n" + b"y\n" * 50


@pytest.fixture
def box(host):
    box = Box(host)
    host.sh("install -d -o joe /tmp/got")
    return box


def run(host, under, *client):
    return host.popen([*under, "/var/qmail/bin/maildirserial", "-b", "/home/joe/pppdir", "joe-ppp-", *client],
                      user="root" if under else "joe", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def test_maildirserial(box, host, record_property):
    client = box.client(TAKES)

    def fill():
        host.sh("rm -f /tmp/got/names")
        for name in ("1", "2"):
            box.put(name, BODY)

    def taken():
        return host.sh("cat /tmp/got/names 2>/dev/null", check=False).stdout.split()

    def judge(code, fault):
        left = box.left()
        wrong = [f"{name} is lost" for name in ("new/1", "new/2") if name not in left and name not in taken()]
        wrong += ["said done, and is not"] if code == 0 and left else []
        wrong += ["a second run does not mend it"] if run(host, [], client) or box.left() else []
        wrong += ["one came three times"] if any(taken().count(name) > 2 for name in ("new/1", "new/2")) else []
        fill()
        return wrong + must.nothing_aside(host)

    fill()
    sweep(host, "maildirserial", lambda under: run(host, under, client), judge, user="joe", itself=True).end(record_property)


def test_bounces_of_maildirserial(box, host, record_property):
    client = box.client(REFUSES)

    def queued():
        return host.sh(f"grep -rlF 'Subject: failure notice' {QUEUE}/mess", check=False).stdout.split()

    def judge(code, fault):
        wrong = ["the message is lost"] if not box.left() and not queued() else []
        wrong += ["said done, and is not"] if code == 0 and (box.left() or not queued()) else []
        wrong += ["a second run does not mend it"] if run(host, [], client) or box.left() or not queued() else []
        wrong += ["more than one came twice"] if len(queued()) > 2 else []
        host.sh(f"find {QUEUE}/mess -type f -delete")
        box.put("1", BODY)
        return wrong

    box.put("1", BODY)
    sweep(host, "bounces of maildirserial", lambda under: run(host, under, client), judge, user="joe", itself=True).end(record_property)


class Customer:
    """Who called for his mail, and is the server now."""

    def __init__(self, ours):
        self.got = []
        self.socket = ours
        ours.settimeout(20)
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        try:
            with self.socket, self.socket.makefile("rwb") as f:
                self.converse(f)
        except OSError:
            pass

    def converse(self, f):
        def say(text):
            f.write(text + b"\r\n")
            f.flush()
        say(b"220 customer.example")
        while line := f.readline():
            say(b"354 go" if line == b"DATA\r\n" else b"250 ok")
            if line != b"DATA\r\n":
                continue
            text = b""
            while not text.endswith(b"\r\n.\r\n"):
                if not (more := f.readline()):
                    return
                text += more
            self.got.append(re.search(rb"^Subject: (.*)\r$", text, re.M)[1].decode())
            say(b"250 taken")

    def end(self):
        self.thread.join(30)
        return self.got


def call(host, server):
    """What is said, and what came."""
    s = eventually(lambda: connect(host.path("/var/qmail/run/serial/socket")) or server.poll() is not None, 10)
    if not isinstance(s, socket.socket):
        return "", []
    ours, theirs = socket.socketpair()
    with s, theirs:
        customer = Customer(ours)
        try:
            s.settimeout(20)
            socket.send_fds(s, [net([b"joe", b"", b"192.0.2.7", b"clear"])], [theirs.fileno(), theirs.fileno()])
            theirs.close()
            said = s.recv(1).decode()
            while said == "K" and s.recv(1):
                pass
        except OSError:
            said = ""
    return said, customer.end()


PLACES = ("customer.example", "shop.example")


def test_qmail_seriald_that_is_called(host, record_property):
    """Whatever of it fails, in the process that hears the question or those that send: a message is in the Maildir, or was taken; and the
    next call brings the rest."""
    for name in PLACES:
        furnish(host, name)
    host.control("atrn", "joe:customer.example shop.example\n")

    def new(name):
        return f"/var/qmail/serialmail/{name}/Maildir/new"

    def left():
        return [name for name in PLACES if os.listdir(host.path(new(name)))]

    def serve(under):
        server = host.popen([*under, "/var/qmail/bin/qmail-seriald"], stderr=subprocess.DEVNULL)
        said = call(host, server)
        host.sh("pkill -TERM -x qmail-seriald; for i in $(seq 50); do pgrep -x 'qmail-seriald|maildirserial|serialsmtp' >/dev/null || exit 0; sleep 0.1; done; "
                "pkill -9 -x 'qmail-seriald|maildirserial|serialsmtp'", check=False)
        server.send_signal(signal.SIGKILL)
        server.wait()
        return said

    def run(under):
        for name in PLACES:
            host.sh(f"rm -f {new(name)}/1")
            host.write(f"{new(name)}/1", f"Return-Path: <>\nDelivered-To: {name}-joe@{name}\nSubject: {name}\n\n", owner="serialmail")
            host.sh(f"touch -d '1 minute ago' {new(name)}/1")
        said, got = serve(under)
        after = left()
        again, more = serve([])
        return said, got, after, again, more, left()

    def judge(seen, fault):
        said, got, after, again, more, end = seen
        if fault is None and (said, got, after, again) != ("K", list(PLACES), [], "N"):
            return [f"said {said}, sent {got}, left {after}, and then said {again}"]
        wrong = [f"{name} is lost" for name in PLACES if name not in after and name not in got]
        wrong += [] if again == ("K" if after else "N") and not end else [f"the next call said {again}, and left {end}"]
        wrong += ["sent what nobody asked for"] if said != "K" and got else []
        return wrong + [f"{name} came more than twice" for name in PLACES if (got + more).count(name) > 2]

    sweep(host, "qmail-seriald that is called", run, judge, itself=True).end(record_property)
