"""The power goes while mail waits for a host that is not always there, and while it is sent there: what was answered 250 is with that host
in the end, or went back to its sender; and what a round has sent and removed is not sent again."""

import os
import random
import re
import subprocess

import pytest

from tests.crash.disks import TOOLS, Forgets, ShutDown
from tests.crash.test_power_cut import ROUNDS, RUINED, Machine, noted, something_is_lost
from tests.host import eventually
from tests.host.machine import HERE
from tests.serial.test_service import furnish, waiting

TAKER = HERE.parent / "crash" / "taker.py"
SERIAL = "/var/qmail/serialmail"
SOME = max(2, ROUNDS // 4)


class Dialed(Machine):
    """A host where mail waits for another one, on a file system of its own beside that of the queue."""

    def __init__(self, here, there, disk, kind):
        furnish(here)
        super().__init__(here, disk, kind, False, services=("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-serial"))
        self.recipients = ["joe@customer.example"]
        self.disks.append(disk(here, "serial", kind, SERIAL))
        self.there = there
        there.write("/tmp/taken", "")
        self.taker = there.popen(["/usr/bin/python3", TAKER, "/tmp/taken"], stdout=subprocess.PIPE)
        assert self.taker.stdout.readline() == b"ready\n"

    def start(self, under=()):
        """Who sends is told so again and again, at any moment."""
        super().start(under)
        self.caller = self.host.popen(["sh", "-c", "while sleep 0.1; do svc -a /service/qmail-serial; done"])

    def cut(self, seed):
        moment = super().cut(seed)
        self.caller.wait(20)
        return moment

    def taken(self, seed):
        lines = [line.split() for line in self.there.read("/tmp/taken").decode().splitlines()]
        assert all(state == "whole" for _, _, state in lines), lines
        return [int(number) for round_of, number, _ in lines if round_of == seed]

    def returned(self, seed):
        notices = b"\n\n\n".join(m for m in self.host.maildir("ann") if b"maildirbounce program" in m).decode()
        return {int(number) for number in re.findall(rf"^Subject: {seed}/(\d+)$", notices, re.M)}

    def is_done(self):
        queue = self.host.sh("svc -a /service/qmail-send; qmail-qstat").stdout
        return queue.startswith("messages in queue: 0\n") and not waiting(self.host) and not self.is_sending()

    def is_sending(self):
        return self.host.sh("pgrep -x maildirserial", check=False).returncode == 0


def one_round(machine, seed, seconds, under=()):
    """What was accepted, what of it is lost, how many came twice, and what came back when the power went once more after all was done."""
    machine.start(under)
    accepted = noted(machine, seed, seconds)
    machine.power_up()
    machine.start(under)
    assert eventually(machine.is_done, 60, every=0.2), machine.host.log("qmail-send")[-2000:] + machine.host.log("qmail-serial")[-2000:]
    machine.cut(seed + "again")
    machine.power_up()
    back = waiting(machine.host)
    taken = machine.taken(seed)
    lost = accepted - set(taken) - machine.returned(seed)
    return accepted, lost, len(taken) - len(set(taken)), back


@pytest.mark.parametrize("disk, kind", [pytest.param(Forgets, "ext4", id="Forgets-ext4"), pytest.param(ShutDown, "xfs", id="ShutDown-xfs")])
def test_what_waits_for_a_host_is_sent_there_and_not_again(hosts, disk, kind):
    machine = Dialed(*hosts("mail.example.org", "dial.example"), disk, kind)
    chance = random.Random(os.environ.get("CRASH_SEED", "mailtree"))
    total = doubled = returned = 0
    for i in range(SOME):
        # What is younger than a second is left alone: the longer rounds are cut while something is sent.
        accepted, lost, twice, back = one_round(machine, f"{kind}{i}", chance.uniform(0.5, 3))
        assert not lost, f"round {i}: {len(lost)} of {len(accepted)} accepted messages are lost"
        assert not back, f"round {i}: {len(back)} messages are there again, which were sent and removed"
        total, doubled, returned = total + len(accepted), doubled + twice, returned + len(machine.returned(f"{kind}{i}"))
    print(f"{kind}: {SOME} rounds, {total} accepted, 0 lost, {returned} returned, {doubled} sent twice")
    assert total > 2 * SOME and returned


def test_the_harness_finds_what_comes_back_when_fsync_does_nothing(hosts):
    machine = Dialed(*hosts("mail.example.org", "dial.example"), Forgets, "ext4")

    def lost_or_back(i):
        _, lost, _, back = one_round(machine, f"ext4{i}", 2, [TOOLS / "without_fsync"])
        return lost or back

    # A file that has lost its bytes is left out of each round, and waits for ever.
    something_is_lost(lost_or_back, ["is left out", *RUINED])
