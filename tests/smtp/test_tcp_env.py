"""tcp-env, under a listener that hands over connections as inetd does: as fd 0, 1 and 2."""

import contextlib
import os
import signal
import subprocess

import pytest

from tests.host import eventually

INETD = """
import os, socket, sys
s = socket.create_server((sys.argv[1], 2525), family=socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET,
                         dualstack_ipv6=sys.argv[1] == '::')
print('ready', flush=True)
while True:
    c, _ = s.accept()
    if os.fork() == 0:
        for fd in range(3): os.dup2(c.fileno(), fd)
        c.close(); s.close()
        os.execv('/var/qmail/bin/tcp-env', ['tcp-env', *sys.argv[2:]])
    c.close()
"""
# Answers any question on the ident port.
IDENTD = """
import socket, sys, time
s = socket.create_server(('::', 113), family=socket.AF_INET6, dualstack_ipv6=True)
print('ready', flush=True)
while True:
    c, peer = s.accept()
    question = c.recv(100).decode()
    if sys.argv[1] == 'silent': time.sleep(20)
    c.sendall(f'{question.strip()} : USERID : UNIX : joe of {peer[0]}\\r\\n'.encode())
    c.close()
"""


@contextlib.contextmanager
def running(host, program, *words, user="root"):
    process = host.popen(["/usr/bin/python3", "-c", program, *words], user=user, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"ready\n"
    yield
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def talk(host, text="", to="127.0.0.1"):
    """What the server says to a client that sends this."""
    program = (f"import socket\ns = socket.create_connection(({to!r}, 2525), timeout=20)\ns.sendall({text.encode()!r})\n"
               "s.shutdown(1)\nwhile True:\n b = s.recv(4096)\n if not b: break\n print(b.decode(), end='')\n")
    return host.run(["/usr/bin/python3", "-c", program]).stdout.decode()


def environment(host, *options, listen="127.0.0.1", to="127.0.0.1"):
    with running(host, INETD, listen, *options, "sh", "-c", "env | grep -E '^(TCP|PROTO)'"):
        return dict(line.split("=", 1) for line in talk(host, to=to).splitlines())


NAMES = {
    "1.0.0.127.in-addr.arpa": ["PTR Client.Example.NET"],
    "client.example.net": ["A 127.0.0.1"],
}


def test_the_facts(host):
    host.dns(NAMES)
    told = environment(host)
    assert 1024 < int(told.pop("TCPREMOTEPORT")) < 65536
    assert told == {
        "PROTO": "TCP", "TCPLOCALIP": "127.0.0.1", "TCPLOCALPORT": "2525", "TCPLOCALHOST": "client.example.net",
        "TCPREMOTEIP": "127.0.0.1", "TCPREMOTEHOST": "client.example.net"}


def test_ipv6(host):
    host.dns({".".join("1" + 31 * "0") + ".ip6.arpa": ["PTR six.example.net"], "six.example.net": ["AAAA ::1"]})
    told = environment(host, listen="::1", to="::1")
    assert told.pop("TCPREMOTEPORT") == told.pop("TCP6REMOTEPORT")
    both = {"LOCALIP": "::1", "LOCALPORT": "2525", "LOCALHOST": "six.example.net", "REMOTEIP": "::1",
            "REMOTEHOST": "six.example.net"}
    assert told == {"PROTO": "TCP6"} | {family + name: value for name, value in both.items() for family in ("TCP", "TCP6")}


def test_ipv4_on_a_socket_for_both(host):
    told = environment(host, listen="::")
    assert (told["PROTO"], told["TCPREMOTEIP"]) == ("TCP", "127.0.0.1")
    assert not [name for name in told if name.startswith("TCP6")]


@pytest.mark.parametrize("zone, name", [
    ({}, None),
    ({"1.0.0.127.in-addr.arpa": ["PTR liar.example.net"], "liar.example.net": ["A 192.0.2.1"]}, None),
    ({"1.0.0.127.in-addr.arpa": ["PTR gone.example.net"]}, None),
    ({"1.0.0.127.in-addr.arpa": ["SERVFAIL"]}, "softdnserror"),
])
def test_names_that_do_not_count(host, zone, name):
    host.dns({"example.net": []} | zone)
    assert environment(host).get("TCPREMOTEHOST") == name


def test_ident_is_asked_only_with_r(host):
    host.dns(NAMES)
    with running(host, IDENTD, "quick"):
        assert "TCPREMOTEINFO" not in environment(host)
        assert "TCPREMOTEINFO" not in environment(host, "-rR")
        assert environment(host, "-r")["TCPREMOTEINFO"] == "joeof::ffff:127.0.0.1"
        assert environment(host, "-r", listen="::1", to="::1")["TCP6REMOTEINFO"] == "joeof::1"
    assert "TCPREMOTEINFO" not in environment(host, "-r"), "nobody listens"


def test_ident_that_does_not_answer(host):
    host.dns(NAMES)
    with running(host, IDENTD, "silent"):
        assert "TCPREMOTEINFO" not in environment(host, "-r", "-t", "1")


def test_what_is_known_already_stays(host):
    told = host.run(["tcp-env", "sh", "-c", "echo $PROTO $TCPREMOTEIP"], env={"PROTO": "TCP", "TCPREMOTEIP": "x"}).stdout
    assert told == b"TCP x\n"


def test_endings(host):
    assert host.run(["tcp-env", "true"], check=False).returncode == 111, "no connection"
    assert host.run(["tcp-env", "no-such-program"], env={"PROTO": "TCP"}, check=False).returncode == 111
    for words in ([], ["-x", "true"], ["-t", "x", "true"], ["-t", "86401", "true"]):
        done = host.run(["tcp-env", *words], check=False)
        assert (done.returncode, done.stdout) == (100, b"") and b"usage: tcp-env [ -rR ]" in done.stderr


def test_qmail_smtpd_under_inetd(host):
    """The line of /etc/inetd.conf: the log does not mix with the conversation, and the message says who sent it."""
    host.dns(NAMES)
    host.user("joe")
    host.start("qmail-send")
    with running(host, INETD, "127.0.0.1", "/var/qmail/bin/qmail-smtpd", user="qmaild"):
        program = ("import smtplib\ns = smtplib.SMTP('127.0.0.1', 2525, timeout=20)\ns.helo('x'); s.mail('a@b.example')\n"
                   "print(s.rcpt('joe@mail.example.org')[0], s.rcpt('a@far.example')[0], s.data('Subject: x')[0], s.quit()[0])\n")
        assert host.run(["/usr/bin/python3", "-c", program]).stdout == b"250 553 250 221\n"
    assert eventually(lambda: host.maildir("joe"))
    assert b"Received: from client.example.net (HELO x) (127.0.0.1)\n  by client.example.net with SMTP;" in host.maildir("joe")[0]
