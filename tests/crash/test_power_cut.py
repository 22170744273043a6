"""The power goes. Whatever was answered 250 is delivered or queued, whole, once the machine is up again; and whoever wished
to be told of its delivery is.

Queue and homes lie on file systems of their own (disks.py), which lose power in two ways: shut down by the kernel, or on a
disk that forgets."""

import os
import random
import re
import subprocess
import time

import pytest

from tests.crash.disks import TOOLS, Forgets, NotAFileSystemAnyMore, ShutDown
from tests.crash.sender import body, wishes
from tests.host import eventually
from tests.host.machine import HERE
from tests.sqlstore.servers import Mysql, Pgsql

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "12"))
SENDER = HERE.parent / "crash" / "sender.py"
RECIPIENT = "joe@mail.example.org"
LIMIT = f"{1000 << 20}S"
VIRTUAL_PLACE = "/home/vpopmail/domains/example.net/joe"


class Machine:
    """A host whose queue, and on demand whose homes, can lose power."""

    def __init__(self, host, disk, kind, homes_too, services=("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users"), store="cdb", **more):
        self.host = host
        self.services = services
        self.store = store
        host.user("joe")
        host.user("ann")
        self.disks = [disk(host, "queue", kind, "/var/qmail/queue", **more)]
        self.recipients = [RECIPIENT]
        if homes_too:
            self.disks.append(disk(host, "homes", kind, "/home", **more))
            # so few places that deliveries to Maildirs give them back
            host.control("concurrencylocal", "3\n")
            self.add_virtual_user()

    def add_virtual_user(self):
        """Every other message of a sender is for him. With a quota: then there is a ledger, too. A database is among the homes."""
        self.host.control("usersbackend", f"{self.store}\n")
        self.host.start("qmail-users")
        self.host.sh("vadddomain example.net x && vadduser -q 1000M joe@example.net x")
        self.host.stop()
        self.recipients.append("joe@example.net")

    def ledger(self):
        return self.host.sh(f"cat {VIRTUAL_PLACE}/Maildir/maildirsize", check=False).stdout

    def messages_of_virtual_user(self):
        return self.host.maildir("joe", f"../..{VIRTUAL_PLACE}/Maildir")

    def messages(self):
        return self.host.maildir("joe") + self.messages_of_virtual_user()

    def start(self, under=()):
        self.host.start(*self.services, under=under)

    def come_back(self):
        """As after a boot."""
        self.start()

    def prepare_round(self, seed):
        pass

    def end(self):
        pass

    def cut(self, seed):
        moment = min([disk.cut(seed) for disk in self.disks])
        self.host.sh("kill -9 -1", check=False)
        return moment

    def power_up(self):
        for disk in self.disks:
            disk.power_up()


class MachineWithServer(Machine):
    """Whose virtual users are kept by a server; its data lie among the homes, or on a disk of its own."""

    def __init__(self, host, disk, kind, server, apart):
        self.server = server
        self.added = []
        if apart:
            host.sh(f"mkdir -p {server.DATA}")
            data = disk(host, "data", kind, server.DATA, size=self.SIZE)
            host.sh(f"rmdir {server.DATA}/lost+found")
        else:
            host.sh(f"mkdir /home/data && ln -s ../../home/data {server.DATA}")
        super().__init__(host, disk, kind, True, store=server.name, **({} if apart else {"size": self.SIZE}))
        self.disks += [data] if apart else []

    SIZE = "320M"

    def add_virtual_user(self):
        self.server.begin()
        self.host.sh("sync")
        super().add_virtual_user()

    def prepare_round(self, seed):
        """One who is new is there after the cut."""
        added = eventually(lambda: self.host.sh(f"vadduser {seed}@example.net x", check=False).returncode == 0, 20)
        assert added, self.host.log("qmail-users")
        self.added.append(seed)

    def cut(self, seed):
        """Whoever waits for the server sees that it has ended: else it would be a zombie, for which another one would not start."""
        moment = super().cut(seed)
        self.server.process.wait(20)
        return moment

    def come_back(self):
        """The server takes its time, and the services do not wait for it."""
        self.start()
        self.server.start()

    def end(self):
        self.server.end()

    def missing(self):
        known = self.server.sql("SELECT pw_name FROM vpopmail").split()
        return [name for name in self.added if name not in known]


def noted(machine, seed, seconds):
    """Sends for a while, cuts the power, returns the numbers that had been answered 250."""
    sender = machine.host.popen(["/usr/bin/python3", SENDER, seed, ",".join(machine.recipients), "4"], stdout=subprocess.PIPE)
    time.sleep(seconds)
    moment = machine.cut(seed)
    told, _ = sender.communicate(timeout=30)
    lines = [line.split() for line in told.decode().splitlines() if line.startswith("250 ")]
    return {int(number) for _, number, when in lines if float(when) < moment}


def delivered(machine, seed):
    """Numbers of this round's messages in the Maildirs. Each message must be whole, also one of an earlier round:
    the cut may have undone its removal from the queue."""
    found = []
    for message in machine.messages():
        text = message.decode()
        assert re.search(r"^Subject: ", text, re.M), f"a message of {len(text)} bytes without its header: {text[:200]!r}"
        round_of, number = re.search(r"^Subject: (\w+)/(\d+)$", text, re.M).groups()
        assert text.endswith("\n\n" + body(round_of, int(number))), f"message {number} is torn"
        if round_of == seed:
            found.append(int(number))
    return found


def told(machine, seed):
    """Numbers of this round's messages of whose delivery their sender was told."""
    reports = b"".join(machine.host.maildir("ann")).decode()
    return {int(number) for number in re.findall(rf"^Subject: {seed}/(\d+)$", reports, re.M)}


def wrong_ledger(machine):
    """Whether it says what is not so: no limit of his, less than nothing. One with a line that is none nobody believes: the next
    delivery counts anew."""
    lines = [line.split() for line in machine.ledger().splitlines()]
    is_none = not lines or any(not re.fullmatch(r"-?[0-9]+ -?[0-9]+", " ".join(line)) for line in lines[1:])
    if is_none or not machine.messages_of_virtual_user():
        return ""
    sums = [sum(int(words[i]) for words in lines[1:]) for i in (0, 1)]
    return "" if lines[0] == [LIMIT] and min(sums) >= 0 else machine.ledger()


def one_round(machine, seed, seconds, under=()):
    """Returns (accepted, lost, doubled)."""
    machine.host.sh(f"rm -rf ~ann/Maildir/new/* ~joe/Maildir/new/* ~joe/Maildir/cur/* {VIRTUAL_PLACE}/Maildir/new/*")
    machine.start(under)
    machine.prepare_round(seed)
    accepted = noted(machine, seed, seconds)
    machine.power_up()
    machine.come_back()
    empty = "messages in queue: 0\n"
    # Who starts first after a power cut finds the database of users not ready yet, and would come again in minutes.
    drained = eventually(lambda: machine.host.sh("svc -a /service/qmail-send; qmail-qstat").stdout.startswith(empty), 30, every=0.2)
    found = delivered(machine, seed)
    untold = {number for number in accepted if wishes(number)} - told(machine, seed)
    wrong = wrong_ledger(machine)
    lost = accepted - set(found) | untold
    assert lost or len(accepted) < 50 or len(machine.recipients) == 1 or machine.messages_of_virtual_user(), "he had no mail"
    machine.host.stop()
    assert not wrong, wrong
    assert drained, machine.host.sh("qmail-qread").stdout + machine.host.log("qmail-send")[-3000:]
    return accepted, lost, len(found) - len(set(found))


WAYS = [pytest.param(disk, kind, id=f"{disk.__name__}-{kind}") for disk in (ShutDown, Forgets) for kind in disk.kinds]


@pytest.mark.parametrize("disk, kind", WAYS)
@pytest.mark.parametrize("homes_too", [False, True], ids=["queue", "queue-and-maildirs"])
def test_nothing_accepted_is_lost(host, disk, kind, homes_too):
    nothing_is_lost(Machine(host, disk, kind, homes_too), kind)


@pytest.mark.parametrize("disk", [ShutDown, Forgets])
def test_nothing_is_lost_of_a_user_in_a_database(host, disk):
    nothing_is_lost(Machine(host, disk, "ext4", True, store="sqlite"), "ext4")


# A few rounds each time, and the other halves of the ways in make test-crash.
SERVER_ROUNDS = max(2, ROUNDS // 6)
SERVER_WAYS = [(Mysql, Forgets, True), (Pgsql, ShutDown, False)]
if ROUNDS > 12:
    SERVER_WAYS = [(server, disk, apart) for server in (Mysql, Pgsql) for disk in (ShutDown, Forgets) for apart in (True, False)]


@pytest.mark.parametrize("server, disk, apart", SERVER_WAYS, ids=[
    f"{server.name}-{disk.__name__}-{'apart' if apart else 'among-the-homes'}" for server, disk, apart in SERVER_WAYS])
def test_nothing_is_lost_of_a_user_of_a_server(host, server, disk, apart):
    """And who was added is there; the server comes back while mail is already asking for it."""
    machine = MachineWithServer(host, disk, "ext4", server(host), apart)
    try:
        nothing_is_lost(machine, "ext4", SERVER_ROUNDS)
        assert not machine.missing()
    finally:
        machine.end()


@pytest.mark.parametrize("disk, kind", WAYS)
def test_nothing_accepted_by_qmail_queue_itself_is_lost(host, disk, kind):
    nothing_is_lost(Machine(host, disk, kind, False, services=("qmail-send", "qmail-smtpd")), kind)


def nothing_is_lost(machine, kind, rounds=ROUNDS):
    chance = random.Random(os.environ.get("CRASH_SEED", "mailtree"))
    total = doubled = 0
    for i in range(rounds):
        accepted, lost, twice = one_round(machine, f"{kind}{i}", chance.uniform(0.2, 0.9))
        assert not lost, f"round {i}: {len(lost)} of {len(accepted)} accepted messages are lost"
        total += len(accepted)
        doubled += twice
    print(f"{kind}: {rounds} rounds, {total} accepted, 0 lost, {doubled} delivered twice")
    assert total > 2 * rounds


@pytest.mark.parametrize("disk, kind", WAYS)
def test_the_harness_finds_the_loss_when_fsync_does_nothing(host, disk, kind):
    # Homes too, or what was delivered before the cut would be safe.
    machine = Machine(host, disk, kind, True)
    something_is_lost(lambda i: one_round(machine, f"{kind}{i}", 0.5, [TOOLS / "without_fsync"])[1])


def test_the_harness_finds_the_loss_when_the_disk_is_not_asked_to_flush(host):
    """fsync commits, and the commit reaches the cache of a disk that forgets, no further."""
    machine = Machine(host, Forgets, "ext4", True, options="barrier=0")
    something_is_lost(lambda i: one_round(machine, f"ext4{i}", 0.5)[1])


# What is said of a file system that is no longer whole, and of a message that is not.
RUINED = ["Structure needs cleaning", "Bad message", "Input/output error", "is torn", "without its header"]


def something_is_lost(round_of, ruined=RUINED):
    """round_of(number) cuts the power once and says what is lost: within ten rounds something is, or cannot be read any more."""
    for i in range(10):
        try:
            lost = round_of(i)
        except NotAFileSystemAnyMore:
            return
        except (OSError, AssertionError) as trouble:
            assert any(words in str(trouble) for words in ruined), trouble
            return
        if lost:
            return
    pytest.fail("nothing was lost in 10 rounds: the test is blind")
