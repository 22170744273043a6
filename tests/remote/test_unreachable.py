"""lock/tcpto: hosts that did not answer are left alone, and who may see and end that."""

import struct
import time

import pytest

from .remote import Server, remote, through

TABLE = "/var/qmail/queue/lock/tcpto"
DEAD = "10.77.0.66"
SKIPPED = f"ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nSkipped {DEAD}: it did not answer lately.\n"
TIMED_OUT = f"ZSorry, I wasn't able to establish an SMTP connection. (#4.4.1)\nTried {DEAD}: Connection timed out.\n"


@pytest.fixture
def machine(hosts):
    a, _ = hosts("a.example", "b.example")
    a.control("timeoutconnect", "1\n")
    table(a, [])
    return a


def record(ip, count, seconds_ago):
    address = bytes(10) + b"\xff\xff" + bytes(int(n) for n in ip.split("."))
    return struct.pack("<16sB7xQ", address, count, int(time.time()) - seconds_ago)


def table(host, records):
    host.write(TABLE, b"".join(records).ljust(2048, b"\0"))
    host.sh(f"chown qmailr:qmail {TABLE}")


def shown(host):
    return host.run(["qmail-tcpto"], user="qmailr").stdout.decode()


def test_a_timeout_is_noted_and_shown(machine):
    assert shown(machine) == ""
    assert remote(machine, DEAD) == [TIMED_OUT]
    assert shown(machine).startswith(f"{DEAD} timed out ")
    assert shown(machine).endswith(" seconds ago; # recent timeouts: 1\n")
    assert remote(machine, DEAD) == [TIMED_OUT]
    assert shown(machine).endswith(": 1\n")


def test_the_second_lets_it_rest_until_qmail_tcpok(machine):
    table(machine, [record(DEAD, 1, 130)])
    assert remote(machine, DEAD) == [TIMED_OUT]
    assert shown(machine).endswith(": 2\n")
    assert remote(machine, DEAD) == [SKIPPED]
    machine.run(["qmail-tcpok"], user="qmailr")
    assert shown(machine) == ""
    assert remote(machine, DEAD) == [TIMED_OUT]


def test_the_rest_ends(machine):
    table(machine, [record(DEAD, 9, 3000)])
    assert remote(machine, DEAD) == [SKIPPED]
    table(machine, [record(DEAD, 9, 6000)])
    assert remote(machine, DEAD) == [TIMED_OUT]
    assert shown(machine).endswith(": 10\n")


def test_only_timeouts_count_and_an_answer_ends_it(host):
    table(host, [])
    through(host)
    assert "Connection refused" in remote(host)[0]
    assert shown(host) == ""
    table(host, [record("127.0.0.1", 1, 500), record("10.0.0.1", 3, 500)])
    Server(host)
    assert remote(host)[-1].startswith("K")
    assert shown(host) == "10.0.0.1 timed out 500 seconds ago; # recent timeouts: 3\n" or ": 3\n" in shown(host)
    assert "127.0.0.1" not in shown(host)


def test_without_the_table_nothing_is_remembered(machine):
    machine.sh(f"rm {TABLE}")
    assert remote(machine, DEAD) == [TIMED_OUT]
    assert machine.sh(f"test -e {TABLE}", check=False).returncode == 1
    machine.sh(f": > {TABLE}; chown qmailr {TABLE}")
    assert remote(machine, DEAD) == [TIMED_OUT]
    assert machine.read(TABLE) == b""


def test_trouble_with_the_table_is_told(host):
    host.sh(f"rm -f {TABLE}")
    done = host.run(["qmail-tcpto"], check=False)
    assert (done.returncode, done.stdout) == (111, b"fatal: unable to open tcpto: No such file or directory\n")
    done = host.run(["qmail-tcpok"], check=False)
    assert done.returncode == 111
    assert done.stderr == f"qmail-tcpok: fatal: unable to open {TABLE}: No such file or directory\n".encode()
