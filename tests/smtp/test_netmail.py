"""QMTP and QMQP over sockets: the services, many messages, large ones."""

import os
import socket
import subprocess

import pytest

from tests.host import eventually
from tests.smtp.session import CATCH, QUEUE

FLAT = 1024 if "SANITIZE" in os.environ else 512      # kilobytes


def netstring(data):
    return b"%d:%b," % (len(data), data)


def package(message, sender, *recipients):
    return netstring(message) + netstring(sender) + netstring(b"".join(map(netstring, recipients)))


class Netstrings:
    """A connection on which netstrings come."""

    def __init__(self, ours):
        self.ours = ours
        self.file = ours.makefile("rb")

    def say(self, data):
        self.ours.sendall(data)
        return self

    def hear(self):
        length = b""
        while not (c := self.file.read(1)) == b":":
            assert c.isdigit(), c
            length += c
        text = self.file.read(int(length))
        assert self.file.read(1) == b","
        return text.decode()


class Server(Netstrings):
    """One qmail-qmtpd or qmail-qmqpd over a socket pair."""

    def __init__(self, host, program, env=None):
        ours, theirs = socket.socketpair()
        ours.settimeout(20)
        self.host = host
        self.process = host.popen([program], user="qmaild", env={**QUEUE, **(env or {})}, stdin=theirs.fileno(), stdout=theirs.fileno(),
                                  stderr=subprocess.PIPE)
        theirs.close()
        super().__init__(ours)

    def peak_kilobytes(self):
        script = f"for p in $(pgrep -x {self.process.args[-1]}); do grep VmHWM /proc/$p/status; done"
        return int(self.host.sh(script).stdout.split()[1])

    def end(self):
        self.ours.shutdown(socket.SHUT_WR)
        assert self.file.read() == b""
        self.file.close()
        self.ours.close()
        log = self.process.communicate(timeout=20)[1].decode()
        return self.process.returncode, log


@pytest.fixture
def catching(host):
    host.mailbox("b", "default")
    host.sh(f"mkdir -m 777 {CATCH}")
    return host


def test_a_large_message_costs_no_memory(catching):
    s = Server(catching, "qmail-qmtpd")
    s.say(package(b"\nx", b"", b"b@mail.example.org"))
    assert s.hear().startswith("Kok ")
    before = s.peak_kilobytes()
    line = b"x" * 998 + b"\r\n"
    s.say(b"%d:\r" % (1 + 20000 * len(line)))
    for _ in range(20):
        s.say(line * 1000)
    s.say(b",0:," + netstring(netstring(b"b@mail.example.org")))
    assert s.hear().startswith("Kok ")
    assert s.peak_kilobytes() <= before + FLAT
    assert catching.read(f"{CATCH}/message").split(b"\n", 2)[2] == (b"x" * 998 + b"\n") * 20000
    code, log = s.end()
    assert code == 0 and "bytes 19980000 " in log


def test_many_recipients_cost_no_memory(catching):
    """Those above the limit are told to come again."""
    s = Server(catching, "qmail-qmtpd")
    s.say(package(b"\nx", b"", *[b"b-%d@mail.example.org" % i for i in range(1000)]))
    assert [s.hear()[:1] for _ in range(1000)] == ["K"] * 1000
    before = s.peak_kilobytes()
    s.say(package(b"\nx", b"", *[b"b-%d@mail.example.org" % i for i in range(30000)]))
    assert [s.hear()[:1] for _ in range(30000)] == ["K"] * 1000 + ["Z"] * 29000
    assert s.peak_kilobytes() <= before + FLAT
    code, log = s.end()
    assert code == 0 and log.count("refused from") == 1


@pytest.mark.parametrize("length, letter", [(998, "K"), (999, "K"), (1000, "D")])
def test_address_limit(catching, length, letter):
    address = b"x" * (length - 17) + b"@mail.example.org"
    for program, made in (("qmail-qmtpd", package(b"\nx", b"", address)), ("qmail-qmqpd", netstring(netstring(b"x") + netstring(b"") + netstring(address)))):
        s = Server(catching, program, {"NORCPTCHECK": ""})
        assert s.say(made).hear()[0] == letter
        s.end()


def test_who_guesses_waits(catching):
    """The sixth unknown name is answered after a second."""
    catching.sh("rm /var/qmail/alias/.qmail-default")
    s = Server(catching, "qmail-qmtpd")
    s.say(package(b"\nx", b"", *[b"nobody%d@mail.example.org" % i for i in range(5)]))
    assert {s.hear() for _ in range(5)} == {"Dsorry, no mailbox here by that name (#5.1.1)"}
    s.say(package(b"\nx", b"", b"nobody5@mail.example.org"))
    s.ours.settimeout(0.5)
    with pytest.raises(TimeoutError):
        s.ours.recv(1)
    s.ours.settimeout(20)
    s.file = s.ours.makefile("rb")
    assert s.hear()[0] == "D"
    s.end()


CLIENT = """
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)
s.sendall(sys.stdin.buffer.read())
s.shutdown(socket.SHUT_WR)
f = s.makefile('rb')
while c := f.read(1):
    n = b''
    while c != b':': n, c = n + c, f.read(1)
    print(f.read(int(n) + 1).decode())
"""


def speak(host, where, port, data):
    """The answers, each with its comma."""
    return host.run(["/usr/bin/python3", "-c", CLIENT, where, port], input=data, check=False).stdout.decode().splitlines()


def service(host, name):
    host.sh(f"rm /var/qmail/supervise/{name}/down; qmailctl cdb")
    host.start("qmail-queue", "qmail-send", name)


@pytest.mark.parametrize("where", ["127.0.0.1", "::1"])
def test_the_service_takes_many_messages_on_a_connection(host, where):
    """Each is in the queue by itself, answered in its order, without a program for any of them."""
    host.user("joe")
    service(host, "qmail-qmtpd")
    packages = [package(b"\nSubject: %d\n\nx\n" % i, b"a@example.net", b"joe@mail.example.org", *[b"\0"] * (i % 2)) for i in range(40)]
    said = speak(host, where, 209, b"".join(packages))
    assert "".join(text[0] for text in said) == "KKD" * 20
    assert len({text.split()[-1] for text in said if text[0] == "K"}) == 40
    assert eventually(lambda: len(host.maildir("joe")) == 40, 30)
    assert b"by mail.example.org with QMTP; " in host.maildir("joe")[0]


def test_qmqp_is_for_named_hosts(hosts):
    """The shipped rules let in this host alone; a line lets in another one."""
    hub, other = hosts("hub.example", "other.example")
    hub.user("joe")
    service(hub, "qmail-qmqpd")
    mail = netstring(netstring(b"Subject: x\n\nx\n") + netstring(b"a@example.net") + netstring(b"joe@hub.example"))
    assert speak(hub, "127.0.0.1", 628, mail)[0].startswith("Kok ")
    assert speak(other, hub.address, 628, mail) == []
    hub.sh(f"sed -i '1i {other.address}:allow' /etc/tcp.qmqp; qmailctl cdb")
    assert speak(other, hub.address, 628, mail)[0].startswith("Kok ")
    assert eventually(lambda: len(hub.maildir("joe")) == 2)
    assert "qmail-qmqpd: accepted from " + other.address in hub.log("qmail-qmqpd")
    assert hub.sh("qmailctl check", check=False).stdout.count("QMQP") == 0


def test_from_host_to_host(hosts):
    """Some messages over one connection, by a route; a recipient who is not there comes back."""
    here, there = hosts("here.example", "there.example")
    here.user("ann")
    there.user("joe")
    service(there, "qmail-qmtpd")
    here.control("smtproutes", f"there.example:{there.address}:209\n")
    here.start("qmail-queue", "qmail-send")
    for _ in range(3):
        here.sh("printf 'Subject: x\n\nhello' | qmail-inject joe@there.example nosuch@there.example", user="ann")
    assert eventually(lambda: len(there.maildir("joe")) == 3 and len(here.maildir("ann")) == 3, 30), here.log("qmail-send")
    assert all(b"\n\nhello" in mail and b"with QMTP" in mail for mail in there.maildir("joe"))
    assert all(b"does not like recipient.\nRemote host said: sorry, no mailbox here by that name (#5.1.1)" in mail for mail in here.maildir("ann"))
    assert "session from" not in there.log("qmail-qmtpd") or "3 accepted, 3 refused" in there.log("qmail-qmtpd")


def test_a_capture_shows_what_was_said(catching):
    s = Server(catching, "qmail-qmtpd", {"CAPTURE": "", "TCPREMOTEIP": "192.0.2.7"})
    assert s.say(package(b"\nSubject: x\n\nhello\n", b"a@example.net", b"b@mail.example.org")).hear()[0] == "K"
    log = s.end()[1]
    assert " < hello" in log and "b@mail.example.org,," in log and ":Kok " in log.partition(" > ")[2]


def test_a_queue_that_is_away_is_told(host):
    """A message is not answered with K while nobody keeps it."""
    host.mailbox("b")
    s = Server(host, "qmail-qmtpd", {"QMAILQUEUE": "/nonexistent"})
    assert s.say(package(b"\nx", b"", b"b@mail.example.org")).hear() == "Zunable to exec qq (#4.3.0)"
    s.end()
