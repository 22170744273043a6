"""What waits in a Maildir, every system call failing in turn: a message is gone only when the client said that it is taken, or the
queue has its bounce."""

import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.queue.queue_files import QUEUE
from tests.serial.rig import Box

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
