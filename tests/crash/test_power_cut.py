"""The power goes. Whatever was answered 250 is delivered or queued, whole, once the machine is up again.

Queue and homes lie on file systems of their own on loop devices; the cut is the file system's shutdown without a flush
of its journal (tests/tools/cut_power.c)."""

import os
import random
import re
import subprocess
import time

import pytest

from tests.crash.sender import body
from tests.host import eventually
from tests.host.machine import BUILD, HERE

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "25"))
SENDER = HERE.parent / "crash" / "sender.py"
TOOLS = BUILD / "tests" / "tools"
MAKE = {"ext4": ("64M", "mkfs.ext4 -q -F"), "xfs": ("320M", "mkfs.xfs -q -f")}
RECIPIENT = "joe@mail.example.org"


class Machine:
    """A host whose queue, and on demand whose homes, can lose power."""

    def __init__(self, host, kind, homes_too, services=("qmail-send", "qmail-smtpd", "qmail-queue")):
        self.host = host
        self.services = services
        self.places = {"queue": "/var/qmail/queue"}
        if homes_too:
            self.places["homes"] = "/home"
        host.user("joe")
        for name, place in self.places.items():
            self.furnish(name, place, kind)

    def furnish(self, name, place, kind):
        size, mkfs = MAKE[kind]
        made = self.host.sh(f"truncate -s {size} /run/{name}.img && {mkfs} /run/{name}.img && mkdir -p /mnt/new && "
                            f"mount -o loop /run/{name}.img /mnt/new", check=False)
        if made.returncode:
            pytest.skip(f"no loop-mounted {kind} here: {made.stderr.strip()}")
        self.host.sh(f"cp -a {place}/. /mnt/new/ && chown --reference={place} /mnt/new && "
                     f"chmod --reference={place} /mnt/new && sync && umount /mnt/new && "
                     f"mount -o loop /run/{name}.img {place}")

    def start(self, under=()):
        self.host.start(*self.services, under=under)

    def cut(self):
        """Cuts, and returns the moment. Processes live on for an instant, unlike at a real power cut, and ext4 may even
        tell them that an fsync went well; what they say after the moment does not count."""
        places = " ".join(self.places.values())
        return float(self.host.sh(f"{TOOLS}/cut_power {places}; kill -9 -1", check=False).stdout)

    def power_up(self):
        for name, place in self.places.items():
            assert eventually(lambda: self.host.sh(f"umount {place}", check=False).returncode == 0, 20)
            self.host.sh(f"mount -o loop /run/{name}.img {place}")


def noted(machine, seed, seconds):
    """Sends for a while, cuts the power, returns the numbers that had been answered 250."""
    sender = machine.host.popen(["/usr/bin/python3", SENDER, seed, RECIPIENT, "4"], stdout=subprocess.PIPE)
    time.sleep(seconds)
    moment = machine.cut()
    told, _ = sender.communicate(timeout=30)
    lines = [line.split() for line in told.decode().splitlines() if line.startswith("250 ")]
    return {int(number) for _, number, when in lines if float(when) < moment}


def delivered(machine, seed):
    """Numbers of this round's messages in the Maildir. Each message must be whole, also one of an earlier round:
    the cut may have undone its removal from the queue."""
    found = []
    for message in machine.host.maildir("joe"):
        text = message.decode()
        assert re.search(r"^Subject: ", text, re.M), f"a message of {len(text)} bytes without its header: {text[:200]!r}"
        round_of, number = re.search(r"^Subject: (\w+)/(\d+)$", text, re.M).groups()
        assert text.endswith("\n\n" + body(round_of, int(number))), f"message {number} is torn"
        if round_of == seed:
            found.append(int(number))
    return found


def one_round(machine, seed, seconds, under=()):
    """Returns (accepted, lost, doubled)."""
    machine.host.sh("rm -rf ~joe/Maildir/new/* ~joe/Maildir/cur/*")
    machine.start(under)
    accepted = noted(machine, seed, seconds)
    machine.power_up()
    machine.start()
    empty = "messages in queue: 0\n"
    drained = eventually(lambda: machine.host.sh("qmail-qstat").stdout.startswith(empty), 30)
    found = delivered(machine, seed)
    machine.host.stop()
    assert drained, machine.host.sh("qmail-qread").stdout + machine.host.log("qmail-send")[-3000:]
    return accepted, accepted - set(found), len(found) - len(set(found))


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
@pytest.mark.parametrize("homes_too", [False, True], ids=["queue", "queue-and-maildirs"])
def test_nothing_accepted_is_lost(host, kind, homes_too):
    nothing_is_lost(Machine(host, kind, homes_too), kind)


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_nothing_accepted_by_qmail_queue_itself_is_lost(host, kind):
    nothing_is_lost(Machine(host, kind, False, services=("qmail-send", "qmail-smtpd")), kind)


def nothing_is_lost(machine, kind):
    chance = random.Random(os.environ.get("CRASH_SEED", "mailtree"))
    total = doubled = 0
    for i in range(ROUNDS):
        accepted, lost, twice = one_round(machine, f"{kind}{i}", chance.uniform(0.2, 0.9))
        assert not lost, f"round {i}: {len(lost)} of {len(accepted)} accepted messages are lost"
        total += len(accepted)
        doubled += twice
    print(f"{kind}: {ROUNDS} rounds, {total} accepted, 0 lost, {doubled} delivered twice")
    assert total > 2 * ROUNDS


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_the_harness_finds_the_loss_when_fsync_does_nothing(host, kind):
    # Homes too, or what was delivered before the cut would be safe.
    machine = Machine(host, kind, True)
    for i in range(10):
        accepted, lost, _ = one_round(machine, f"{kind}{i}", 0.5, under=[TOOLS / "without_fsync"])
        if lost:
            return
    pytest.fail("no message was lost in 10 rounds without fsync: the test is blind")
