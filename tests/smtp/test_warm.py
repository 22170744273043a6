"""qmail-warm: from outside it is tcpserver with qmail-smtpd behind it; what it does not do itself tcpserver does."""

import re
import signal
import socket

import pytest

from tests.abuse.client import HERE, connect
from tests.host import eventually

RULES = ("203.0.113.25:deny\n2001:db8::25:allow,RELAYCLIENT=\"\",COLOUR=\"blue=green\"\n"
         "127.:allow,DATABYTES=\"1000\"\n:allow\n")
ADDRESSES = ["127.0.0.1", "2001:db8::25", "::1", "203.0.113.25"]
# A client, inside the host, from an address of its own: the whole of one message, or nothing where nobody greets.
CLIENT = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family)
s.bind((sys.argv[1], 0))
s.connect((sys.argv[1], 25))
f = s.makefile("rb")
if f.readline():
    for line in b"HELO client.example", b"MAIL FROM:<a@example.net>", b"RCPT TO:<b@mail.example.org>", b"DATA", b"S: x\\r\\n\\r\\nbody\\r\\n.", b"QUIT":
        s.sendall(line + b"\\r\\n")
        print(f.readline().decode().rstrip())
"""
COMMAND = ["tcpserver", "-v", "-R", "-H", "-l", "mail.example.org", "-D"]


@pytest.fixture
def door(host):
    """A host with a mailbox, rules, and a queue program that keeps its environment."""
    host.mailbox("b", "default")
    host.write("/tmp/keep", "#!/bin/sh\nenv | sort > /tmp/environment\ncat >/dev/null\ncat <&1 >/dev/null\n", mode=0o755)
    host.write("/tmp/rules", RULES)
    host.write("/tmp/client.py", CLIENT)
    host.sh("tcprules /tmp/rules.cdb /tmp/rules.tmp < /tmp/rules; mkdir -m 777 /tmp/logs")
    return host


def ids(host):
    return ["-u", host.sh("id -u qmaild").stdout.strip(), "-g", host.sh("id -g qmaild").stdout.strip()]


class Listener:
    """A command that listens on port 25, its log, and its end."""

    def __init__(self, host, command, wait=True):
        self.host = host
        with open(host.path("/tmp/logs/current"), "wb") as log:
            self.process = host.popen(command, env={"QMAILQUEUE": "/tmp/keep", "LEFT": "alone"}, stderr=log)
        if wait:
            assert eventually(lambda: host.sh("ss -Hltn sport = :25").stdout)

    def lines(self):
        return self.host.read("/tmp/logs/current").decode().splitlines()

    def status(self):
        return [line for line in self.lines() if "status: " in line][-1].split(": ")[2]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.host.sh("pkill -x 'tcpserver|qmail-warm'")
        self.process.wait(20)
        assert eventually(lambda: not self.host.sh("ss -Hltn sport = :25").stdout)


def known(text):
    """Without what differs from one time to the next: process numbers and the client's port."""
    text = re.sub(r"(pid|ok|deny|end) \d+", r"\1 N", text)
    text = re.sub(r"::\d+$", "::PORT", text, flags=re.M)
    return re.sub(r"REMOTEPORT=\d+", "REMOTEPORT=PORT", text)


def seen(door, command):
    """What clients hear, what the queue program finds in its environment, and the log."""
    found = []
    with Listener(door, command) as listener:
        for address in ADDRESSES:
            door.sh("rm -f /tmp/environment")
            said = door.sh(f"python3 /tmp/client.py {address}").stdout
            there = door.sh("cat /tmp/environment", check=False).stdout
            found.append((re.sub(r"ok \d+ qp \d+", "ok", said), known(there)))
            assert eventually(lambda: listener.status().startswith("0/"))
        log = [line for line in listener.lines() if line.startswith("tcpserver: ")]
    return found, known("\n".join(log)).splitlines()


def test_clients_log_and_environment_are_as_behind_tcpserver(door):
    door.sh("ip addr add 203.0.113.25/32 dev lo; ip -6 addr add 2001:db8::25/128 dev lo", check=False)
    command = [*COMMAND, "-x", "/tmp/rules.cdb", "-c", "3", *ids(door), "0", "25", "qmail-smtpd"]
    cold, warm = seen(door, command), seen(door, ["qmail-warm", *command])
    assert [said.count("250 ") for said, _ in cold[0]] == [4, 4, 4, 0]
    assert warm[0] == cold[0]
    assert sorted(warm[1]) == sorted(cold[1]) and warm[1][:2] == cold[1][:2]


def client_of(door):
    return connect(door, 25, HERE)[0]


def greeting(client, seconds=20):
    client.settimeout(seconds)
    try:
        return client.recv(100)
    except TimeoutError:
        return b""


def test_a_process_of_the_server_is_found_by_its_program(door):
    with Listener(door, ["qmail-warm", *COMMAND, *ids(door), "0", "25", "qmail-smtpd"]):
        client = client_of(door)
        assert greeting(client).startswith(b"220 ")
        assert door.sh("ps -o user= -p $(pgrep -x qmail-smtpd)").stdout.strip() == "qmaild"
        assert door.sh("pgrep -x qmail-warm").stdout
        client.close()


@pytest.mark.parametrize("words", [
    "-h -R -l me 0 25 qmail-smtpd", "-HRl me 0 25 cat", "-HRl me 0 25 rblsmtpd qmail-smtpd", "-HRl me 127.0.0.1 25 qmail-smtpd",
])
def test_what_it_does_not_do_tcpserver_does(door, words):
    with Listener(door, ["qmail-warm", "tcpserver", *words.split()]):
        assert door.sh("pgrep -x tcpserver").stdout and not door.sh("pgrep -x qmail-warm", check=False).stdout


def test_who_has_a_tcpserver_of_his_own_gets_it(host):
    host.write("/usr/local/bin/tcpserver", "#!/bin/sh\necho own\n", mode=0o755)
    assert host.run(["qmail-warm", *COMMAND, "0", "25", "qmail-smtpd"]).stdout == b"own\n"
    assert host.run(["qmail-warm", "/usr/local/bin/tcpserver", *COMMAND[1:], "0", "25", "qmail-smtpd"]).stdout == b"own\n"


@pytest.mark.parametrize("place", ["/usr/local/bin", "/var/qmail/bin"])
def test_who_has_a_server_of_his_own_gets_it(door, place):
    door.write(f"{place}/qmail-smtpd", "#!/bin/sh\nprintf 'own\\r\\n'\n", mode=0o755)
    with Listener(door, ["env", f"PATH={place}:/var/qmail/bin:/usr/bin:/bin", "qmail-warm", *COMMAND, "0", "25", "qmail-smtpd"]):
        assert greeting(client_of(door)) == b"own\r\n"


@pytest.mark.parametrize("words, code, said", [
    ("", 100, "tcpserver: usage: tcpserver "),
    ("-Z -HRl me 0 25 qmail-smtpd", 100, "tcpserver: illegal option -- Z"),
    ("-HRl me 0 25 qmail-smtpd", 111, "tcpserver: fatal: unable to bind: address already used"),
])
def test_what_is_wrong_tcpserver_says(door, words, code, said):
    with Listener(door, [*COMMAND, "0", "25", "cat"]):
        done = door.run(["qmail-warm", "tcpserver", *words.split()], check=False)
        assert done.returncode == code and done.stderr.decode().startswith(said)


def test_usage(host):
    done = host.run(["qmail-warm"], check=False)
    assert done.returncode == 100 and done.stderr.decode().startswith("qmail-warm: usage: qmail-warm tcpserver ")
    done = host.run(["qmail-warm", "nothing-of-that-name"], check=False)
    assert done.returncode == 111 and done.stderr == b"qmail-warm: fatal: unable to run nothing-of-that-name: No such file or directory\n"


def test_never_more_at_once_than_c_says(door):
    with Listener(door, ["qmail-warm", *COMMAND, "-c", "2", *ids(door), "0", "25", "qmail-smtpd"]) as listener:
        first, second, third = (client_of(door) for _ in range(3))
        assert greeting(first) and greeting(second)
        assert greeting(third, 0.5) == b"" and listener.status() == "2/2"
        first.close()
        assert greeting(third).startswith(b"220 ") and listener.status() == "2/2"
        second.close()
        third.close()
        assert eventually(lambda: listener.status() == "0/2")


def image(door, listener):
    """Where the program lies in memory: each time it is begun somewhere else."""
    return door.sh("grep -m 1 qmail-warm /proc/$(pgrep -x qmail-warm)/maps").stdout.split("-")[0], listener.process.pid


def test_after_a_hundred_clients_it_begins_anew_and_loses_none(door):
    """While clients are there from before, which are counted as before."""
    with Listener(door, ["qmail-warm", *COMMAND, "-c", "30", *ids(door), "0", "25", "qmail-smtpd"]) as listener:
        stays = client_of(door)
        assert greeting(stays)
        before = image(door, listener)
        clients = door.sh("for i in 1 2 3 4 5 6 7 8 9 10; do (for j in $(seq 15); do python3 /tmp/client.py 127.0.0.1; done) & done; wait").stdout
        assert [line for line in clients.splitlines() if line[:3] not in ("250", "354", "221")] == []
        assert clients.count("250 2.0.0 ok") == 150
        assert eventually(lambda: listener.status() == "1/30")
        after = image(door, listener)
        assert after[0] != before[0] and after[1] == before[1]
        stays.sendall(b"NOOP\r\n")
        assert greeting(stays).startswith(b"250 ")
        stays.close()
        assert eventually(lambda: listener.status() == "0/30")


def test_a_client_stays_when_the_listener_is_told_to_end(door):
    with Listener(door, ["qmail-warm", *COMMAND, *ids(door), "0", "25", "qmail-smtpd"]):
        client = client_of(door)
        assert greeting(client)
    client.sendall(b"NOOP\r\n")
    assert greeting(client).startswith(b"250 ")
    client.close()


def test_a_table_that_is_not_there_lets_nobody_in(door):
    with Listener(door, ["qmail-warm", *COMMAND, "-x", "/tmp/none.cdb", "0", "25", "qmail-smtpd"]) as listener:
        assert greeting(client_of(door)) == b""
        assert eventually(lambda: "tcpserver: warning: dropping connection, unable to read /tmp/none.cdb: No such file or directory"
                          in listener.lines())
        assert eventually(lambda: listener.status() == "0/40")


def test_words_for_the_next_image_are_not_believed_from_others(door):
    """A variable that names no listening socket is nothing."""
    with Listener(door, ["env", "QMAIL_WARM=0 7", "qmail-warm", *COMMAND, "0", "25", "qmail-smtpd"]) as listener:
        assert listener.status() == "0/40"
