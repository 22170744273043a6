"""Servers that are slow, or wait for us to lose patience: each holds a place that other mail needs."""

import re
import subprocess
import time

import pytest

from tests.host import eventually
from .remote import Server, records, remote, through
from .test_agents import PIPELINING, SENT, RemoteSpawner

IP = "127.0.0.1"
DIED = f"Connected to {IP} but connection died."


@pytest.mark.parametrize("ehlo", ["250 mx.example.net", PIPELINING])
def test_an_answer_has_its_time_as_a_whole(host, ehlo):
    """A byte each tenth of a second is no better than silence."""
    verbs = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "BODY"]
    host.control("timeoutremote", "2\n")
    host.control("smtproutes", "".join(f"{3000 + i}.example:{IP}:{3000 + i}\n" for i in range(len(verbs))))
    started, running = time.monotonic(), []
    for i, verb in enumerate(verbs):
        Server(host, port=3000 + i, **{"EHLO": ehlo, verb: "DRIBBLE"})
        running.append(host.popen(["sh", "-c", f"qmail-remote {3000 + i}.example s@e r@e < /var/qmail/control/me"],
                                  user="qmailr", stdout=subprocess.PIPE))
    for verb, process in zip(verbs, running):
        said, contact = records(process.communicate(timeout=30)[0])
        assert said[-1].startswith("Z" + DIED) and contact == "u", (verb, said)
    assert time.monotonic() - started < 15          # the whole session has 22 seconds


def test_a_message_that_is_taken_by_drops(host):
    host.control("timeoutdata", "2\n")
    Server(host, sips=True)
    through(host)
    started = time.monotonic()
    assert remote(host, message=b"x" * 30000000) == ["r", f"ZConnected to {IP} but connection died. (#4.4.2)\n"]
    assert time.monotonic() - started < 60


def first_wait(host, port, recipients=1, **more):
    """For how many seconds a server may be silent, or all of the envelope may take, whichever is less."""
    host.write("/tmp/calls", "", mode=0o666)
    Server(host, port=port, greeting="")
    through(host, f"{IP}:{port}")
    process = host.popen(["strace", "-qq", "-o", "/tmp/calls", "-e", "trace=poll,getpeername,setsockopt", "qmail-remote", "a.example",
                          "s@e", *(f"r{i}@a.example" for i in range(recipients))], user="qmailr", stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, **more)
    def waits():
        return re.findall(r"TCP_NODELAY.*?\npoll\(.*?POLLIN\b.*?, 1, (\d+)", host.read("/tmp/calls").decode(), re.S)
    assert eventually(waits)
    host.sh("pkill -x qmail-remote")
    process.communicate(timeout=20)
    return int(waits()[0]) / 1000


def test_a_host_that_nothing_is_known_of_gets_little_time(host):
    stranger = {"QMAILSTRANGER": ""}
    assert 290 < first_wait(host, 3000) <= 300
    assert 50 < first_wait(host, 3001, env=stranger) <= 61
    assert 90 < first_wait(host, 3002, 40, env=stranger) <= 100
    host.control("timeoutremote", "4\n")
    assert first_wait(host, 3003) <= 4
    assert first_wait(host, 3004, env=stranger) <= 4


def test_a_further_delivery_is_told_of_strangers_too(host):
    Server(host, RSET="250 ok")
    spawner = RemoteSpawner(host)
    assert [spawner.send(stranger=stranger) for stranger in (True, True, False)] == [SENT] * 3
    assert spawner.end() == 0
