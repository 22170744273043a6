"""vacation and fastforward in a line of a .qmail file, every system call failing in turn."""

import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.faults.test_programs import empty_queue, killed

pytestmark = ours_alone

VARIABLES = {"SENDER": "max@example.net", "NEWSENDER": "max@example.net", "LOCAL": "joe", "EXT": "", "HOST": "mail.example.org",
             "USER": "joe", "DEFAULT": "joe", "RECIPIENT": "joe@mail.example.org", "HOME": "/home/joe", "DTLINE": "Delivered-To: joe@mail.example.org\n",
             "RPLINE": "Return-Path: <max@example.net>\n", "UFLINE": "From max@example.net Thu Jan  1 00:00:01 1970\n"}
MESSAGE = b"To: joe@mail.example.org\nSubject: hello\n\n" + b"Are you there?\n" * 4000


@pytest.fixture
def joe(host):
    host.user("joe")
    host.write("/tmp/message", MESSAGE)
    return host


def run(host, under, *words):
    with open(host.path("/tmp/message"), "rb") as message:
        return host.popen(["sh", "-c", 'cd /home/joe && exec "$@"', "sh", *under, *words], user="root" if under else "joe", env=VARIABLES,
                          stdin=message, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).wait(60)


def test_vacation(joe, record_property):
    """The message is never returned for the answer's sake, and an answer that was not given is given the next time."""
    joe.write("/home/joe/.vacation.msg", "Subject: away\n\nBack soon.\n", owner="joe")
    command = ["/var/qmail/bin/vacation"]

    def judge(code, fault):
        found, wrong = must.in_queue(joe, b"Back soon.\n", ["max@example.net"])
        empty_queue(joe)
        if not found and not killed(fault) and code:
            wrong += [] if run(joe, [], *command) == 0 and must.in_queue(joe, b"Back soon.\n", ["max@example.net"])[0] else ["he never gets an answer"]
            empty_queue(joe)
        joe.sh("rm -rf ~joe/.vacation")
        return wrong + must.local_exit(code, fault and fault.silent) + must.verdict(code == 0, found, killed(fault)) + must.processes(joe)

    sweep(joe, "vacation", lambda under: run(joe, under, *command), judge, user="joe", itself=True).end(record_property)


def test_fastforward(joe, record_property):
    joe.write("/etc/aliases", "joe: far@example.net\n")
    joe.sh("/var/qmail/bin/newaliases")
    command = ["/var/qmail/bin/fastforward", "-d", "/etc/aliases.cdb"]

    def judge(code, fault):
        found, wrong = must.in_queue(joe, MESSAGE, ["far@example.net"])
        empty_queue(joe)
        said_done = code in (0, 99)
        return wrong + must.verdict(said_done, found, killed(fault)) + must.local_exit(0 if said_done else code, fault and fault.silent) + \
            must.processes(joe)

    sweep(joe, "fastforward", lambda under: run(joe, under, *command), judge, user="joe", itself=True).end(record_property)
