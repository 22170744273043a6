"""qmail-qmqpc in the place of qmail-queue: what it sends, whom it asks, with what it ends."""

import json
import subprocess
import time

import pytest


SERVER = """
import json, socket, sys, threading, time
address, answer, log = sys.argv[1:]
s = socket.create_server((address, 628), family=socket.AF_INET6 if ':' in address else socket.AF_INET)
print('ready', flush=True)
while True:
    c, _ = s.accept()
    f = c.makefile('rb')
    if answer == 'CLOSE': f.close(); c.close(); continue
    n = b''
    while (x := f.read(1)) not in (b':', b''): n += x
    data = f.read(int(n)) if n else b''
    comma = f.read(1)
    with open(log, 'a') as out: out.write(json.dumps([data.decode('latin-1'), comma.decode()]) + chr(10))
    if answer == 'SILENT': time.sleep(600)
    c.sendall(answer.encode('latin-1'))
    f.close(); c.close()
"""

ENVELOPE = b"Fs@example.org\0Ta@example.net\0Tb@example.net\0\0"
MESSAGE = b"Subject: x\n\nhello\n"


class Hub:
    def __init__(self, host, address, answer="2:Kx,"):
        self.host, self.log = host, f"/tmp/hub-{address}"
        host.write(self.log, "", mode=0o666)
        self.process = host.popen(["/usr/bin/python3", "-c", SERVER, address, answer, self.log], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def got(self):
        return [json.loads(line) for line in self.host.read(self.log).splitlines()]


def hand_over(host, message=MESSAGE, envelope=ENVELOPE, user="nobody"):
    host.write("/tmp/m", message)
    host.write("/tmp/e", envelope)
    return host.sh("qmail-qmqpc < /tmp/m 1< /tmp/e", user=user, check=False)


def servers(host, *addresses):
    host.control("qmqpservers", "".join(a + "\n" for a in addresses))


def netstring(data):
    return b"%d:%b," % (len(data), data)


def test_all_of_it_is_one_netstring(host):
    hub = Hub(host, "127.0.0.1")
    servers(host, "# the hub", "not an address", "127.0.0.1")
    assert hand_over(host).returncode == 0
    assert hub.got() == [[(netstring(MESSAGE) + netstring(b"s@example.org") + netstring(b"a@example.net") + netstring(b"b@example.net")).decode(), ","]]


def test_a_large_message(host):
    hub = Hub(host, "::1")
    servers(host, "::1")
    message = bytes(range(256)) * 20000
    assert hand_over(host, message).returncode == 0
    assert hub.got()[0][0].encode("latin-1").startswith(b"%d:" % len(message) + message + b",")


@pytest.mark.parametrize("answer, code, said", [
    ("2:Kx,", 0, ""), ("9:Dgo away!,", 31, "127.0.0.1 refused the message: go away!"), ("8:Znot now,", 71, "127.0.0.1 cannot take the message now: not now"),
    ("2:Xx,", 74, "does not speak QMQP"), ("hello", 74, "unable to learn what became of the message"), ("", 74, "unable to learn"),
    ("99999:Kx", 74, "unable to learn")])
def test_only_a_servers_word_is_for_ever(host, answer, code, said):
    Hub(host, "127.0.0.1", answer)
    servers(host, "127.0.0.1")
    done = hand_over(host)
    assert done.returncode == code and said in done.stderr


def test_who_is_not_there_is_passed_over(host):
    """Nobody listens at the first; the second ends what it was sent; the third cannot take it now."""
    Hub(host, "127.0.0.3", "CLOSE")
    Hub(host, "127.0.0.4", "5:Zbusy,")
    last = Hub(host, "127.0.0.5")
    servers(host, "127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")
    done = hand_over(host, b"x" * 3000000)
    assert done.returncode == 0 and len(last.got()) == 1, done
    servers(host, "127.0.0.2")
    done = hand_over(host)
    assert done.returncode == 73 and "unable to connect to a server of control/qmqpservers: Connection refused" in done.stderr


def test_who_has_it_and_says_nothing_may_have_queued_it(host):
    """So nobody else gets it."""
    Hub(host, "127.0.0.1", "")
    other = Hub(host, "127.0.0.2")
    servers(host, "127.0.0.1", "127.0.0.2")
    assert hand_over(host).returncode == 74 and other.got() == []


def test_one_that_does_not_answer_costs_a_second(hosts):
    """Two of them: addresses on the wire that nobody has."""
    host, _ = hosts("client.example", "other.example")
    last = Hub(host, "127.0.0.2")
    servers(host, "10.77.0.97", "10.77.0.98", "127.0.0.2")
    began = time.monotonic()
    assert hand_over(host).returncode == 0 and len(last.got()) == 1
    assert 1.5 < time.monotonic() - began < 8
    servers(host, "10.77.0.97")
    done = hand_over(host)
    assert done.returncode in (72, 73) and "unable to connect to a server" in done.stderr


@pytest.mark.parametrize("envelope, code", [(b"", 54), (b"Fa\0Tb\0", 54), (b"Tb\0\0", 91), (b"Fa\0Fb\0\0", 91), (b"F" + b"x" * 1000 + b"\0\0", 11)])
def test_what_is_no_envelope_goes_nowhere(host, envelope, code):
    hub = Hub(host, "127.0.0.1")
    servers(host, "127.0.0.1")
    assert hand_over(host, envelope=envelope).returncode == code
    assert hub.got() == []


def test_without_servers(host):
    host.sh("rm -f /var/qmail/control/qmqpservers")
    assert hand_over(host).returncode == 55
    servers(host, "mail.example.org")
    done = hand_over(host)
    assert done.returncode == 55 and "control/qmqpservers has no address of a server" in done.stderr
    host.sh("rm /var/qmail/control/qmqpservers; mkdir /var/qmail/control/qmqpservers")
    assert hand_over(host).returncode == 55


def test_injectors_tell_what_is_wrong(host):
    """By QMAILQUEUE; the server away is trouble for now."""
    servers(host, "127.0.0.1")
    env = {"QMAILQUEUE": "/var/qmail/bin/qmail-qmqpc"}
    done = host.sh("echo hello | qmail-inject joe@example.net", env=env, check=False)
    assert done.returncode == 111 and "connection to mail server rejected (#4.4.1)" in done.stderr and "Connection refused" in done.stderr
    Hub(host, "127.0.0.1", "9:Dgo away!,")
    assert host.sh("echo hello | qmail-inject joe@example.net", env=env, check=False).returncode == 100
