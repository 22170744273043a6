"""The power goes while a mailing list is at work. What a program of it has said to be done is done: a post is in the archive and reaches
its readers, one that waits for a moderator waits still, who was put into a table is there, whose mail came back is warned of each post.
No number is given twice, of posts or of digests, no post is left out of the digests, and nothing that was half written stops the list."""

import os
import random
import re
import subprocess
import time

import pytest

from tests.crash.changer import users_after
from tests.crash.disks import TOOLS
from tests.crash.lister import BOUNCING, TABLE, post
from tests.crash.test_power_cut import WAYS, something_is_lost
from tests.host import eventually
from tests.host.machine import HERE, TOP
from tests.lists.listhost import the_list

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "12")) // 4
LISTER = HERE.parent / "crash" / "lister.py"
SERVICES = ("qmail-send", "qmail-queue")
READER, MODERATOR, DIGESTED = "ann", "mo", "dan"
KINDS = ("post", "kept", "accepted", "change", "digest", "bounce")


class ListMachine:
    """A host with a list, which lies with the queue on a disk that can lose power."""

    def __init__(self, host, disk, kind):
        self.host = host
        for user in ("joe", READER, MODERATOR, DIGESTED, "bo"):
            host.user(user)
        host.sh("cp -p ~bo/.qmail ~bo/.qmail-default")
        self.list = the_list(host, "sos", f"-m -5 {MODERATOR}@{host.name}", place="/home/joe", owner="joe")
        self.list.subscribe(f"{READER}@{host.name}")
        self.list.subscribe(f"{MODERATOR}@{host.name}", table="mod")
        self.list.subscribe(f"{DIGESTED}@{host.name}", table="digest")
        self.list.subscribe(*(f"{who}@{host.name}" for who in BOUNCING))
        # One disk: two would not lose their power at the same moment.
        host.sh("mv /var/qmail/queue /home/queue && ln -s /home/queue /var/qmail/queue")
        self.disk = disk(host, "homes", kind, "/home")
        # Of all rounds: which post has a number, which digest, what was in digests, and the posts that who is warned has missed.
        self.numbered, self.issues, self.digested, self.warned, self.bounces = {}, {}, set(), set(), 0

    def clear(self):
        maildirs = " ".join(f"~{user}/Maildir/new/*" for user in (READER, MODERATOR, DIGESTED, "bo"))
        self.host.sh(f"cd {self.list.dir} && rm -rf {TABLE}/subscribers/* {TABLE}/Log mod/pending/* mod/accepted/* archive/* {maildirs} && sync")

    def work_until_cut(self, seed, seconds, under):
        """What was surely said to be done when the power went, and how much was said at all: {kind: names} of both."""
        first = self.bounces + 1
        lister = self.host.popen([*under, "/usr/bin/python3", LISTER, seed, self.list.dir, str(first)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                 env={"PYTHONPATH": str(TOP)})
        time.sleep(seconds)
        moment = self.disk.cut(seed)
        self.host.sh("kill -9 -1", check=False)
        told, _ = lister.communicate(timeout=30)
        lines = [line.split() for line in told.decode().splitlines()]
        self.bounces += 10000
        return [{kind: [name for k, name, when in lines if k == kind and float(when) < before] for kind in KINDS} for before in (moment, float("inf"))]

    def come_back(self):
        """As after a boot; the queue is empty in the end."""
        self.disk.power_up()
        self.host.start(*SERVICES)
        empty = "messages in queue: 0\n"
        assert eventually(lambda: self.host.sh("svc -a /service/qmail-send; qmail-qstat").stdout.startswith(empty), 40, every=0.2), \
            self.host.log("qmail-send")[-3000:]
        self.host.stop()

    # ---- what is there ----

    def reaches(self):
        """{name of a post: numbers}, of the reader's mail; what is wrong about it."""
        found, wrong = {}, []
        for mail in self.host.maildir(READER):
            text = mail.decode()
            name, number = re.search(r"^Subject: (\S+)$", text, re.M)[1], int(re.search(r"-return-(\d+)-", text)[1])
            wrong += [] if text.endswith(post(name).split("\n\n")[1]) else [f"{name} is torn"]
            wrong += [f"{number} is {name} and {self.numbered[number]}"] if self.numbered.setdefault(number, name) != name else []
            found.setdefault(name, []).append(number)
        return found, wrong

    def in_archive(self, name, number):
        path = f"{self.list.dir}/archive/{number // 100}/{number % 100:02}"
        kept = self.host.sh(f"cat {path} && [ -x {path} ]", check=False)
        whole = kept.returncode == 0 and kept.stdout.endswith(post(name).split("\n\n")[1])
        return [] if whole else [f"{number}, {name}, is on its way, and not in the archive"]

    def waiting(self):
        """Names of posts that wait, whole, and of which a moderator knows."""
        asked = set(re.findall(r"^Subject: (\S+/\d+)$", b"".join(self.host.maildir(MODERATOR)).decode(), re.M))
        text = self.host.sh(f"cd {self.list.dir}/mod/pending; find . -type f -perm -100 -exec cat {{}} +").stdout
        return {name for name in re.findall(r"^end (\S+)$", text, re.M) if post(name) in text and name in asked}

    def table(self):
        return [address.split("@")[0] for address in sorted(self.list.subscribers(TABLE))]

    def what_is_wrong_with_posts(self, sure, seed):
        """A post of an earlier round may come again: the cut may have undone its removal from the queue."""
        found, wrong = self.reaches()
        for name, number in [(name, number) for name, numbers in found.items() for number in numbers if name.startswith(seed + "/")]:
            wrong += self.in_archive(name, number)
        wrong += [f"{name} is lost" for name in sure["post"] + sure["accepted"] if name not in found]
        return wrong + [f"{name} waits no more" for name in sure["kept"] if name not in self.waiting() and name not in found]

    def what_is_wrong_with_the_table(self, sure, said):
        users, counts = self.table(), range(len(sure["change"]), len(said["change"]) + 2)
        return [] if any(users == users_after(n) for n in counts) else [f"after {counts} changes the table has {users}"]

    # ---- what has gone out by itself ----

    def mails(self, user):
        """That have reached him, or are on their way."""
        queued = self.host.run(["sh", "-c", "for file in /var/qmail/queue/mess/*/*; do cat $file; printf '\\001'; done"], check=False).stdout
        return [mail.decode(errors="replace") for mail in [*self.host.maildir(user), *queued.split(b"\1")]]

    def what_is_wrong_with_digests(self, seed):
        """The last one has all that was not in one before."""
        found, wrong = self.reaches()[0], []
        done = self.host.sh(f"/var/qmail/bin/ezmlm-get {self.list.dir}", user="joe", check=False)
        wrong += [repr(done)] if done.returncode else []
        for mail in self.mails(DIGESTED):
            issue = re.search(r"^Subject: .* Issue (\d+)$", mail, re.M)
            if not issue:
                continue
            name = re.search(r"^Message-ID: (.*)$", mail, re.M)[1]
            wrong += [f"two digests are issue {issue[1]}"] if self.issues.setdefault(issue[1], name) != name else []
            self.digested |= set(re.findall(r"^end (\S+)$", mail, re.M))
        return wrong + [f"{name} is in no digest" for name in found if name.startswith(seed + "/") and name not in self.digested]

    def what_is_wrong_with_warnings(self, sure):
        """The last ones have all that has come back and that nobody was told of."""
        done = self.host.sh(f"/var/qmail/bin/ezmlm-warn -l0 -t0 {self.list.dir}", user="joe", check=False)
        for mail in self.mails("bo"):
            who = re.search(r"^To: (bo-.*)$", mail, re.M)
            self.warned |= {f"{who[1]}/{number}" for number in re.findall(r"^ +(\d+)$", mail, re.M)} if who else set()
        return ([repr(done)] if done.returncode else []) + [f"nobody is told of {bounce}" for bounce in sure["bounce"] if bounce not in self.warned]

    def what_does_not_go_on(self, seed):
        """Everything goes on, and the list has nothing to complain of."""
        name, last = f"{seed}/next/1", max(self.numbered, default=0)
        sent = self.host.sh(f"SENDER=joe@x /var/qmail/bin/ezmlm-send {self.list.dir}", user="joe", input=post(name), check=False)
        kept = self.host.sh(f"SENDER=joe@x /var/qmail/bin/ezmlm-store {self.list.dir}", user="joe", input=post(name), check=False)
        added = self.host.sh(f"/var/qmail/bin/ezmlm-sub {self.list.dir} {TABLE} next@example.com", user="joe", check=False)
        checked = self.host.sh(f"/var/qmail/bin/ezmlm-check {self.list.dir}", user="joe", check=False)
        wrong = [repr(done) for done in (sent, kept, added) if done.returncode]
        wrong += [] if "Nothing is wrong." in checked.stdout else [repr(checked)]
        num = self.host.sh(f"cut -d: -f1 {self.list.dir}/num", check=False).stdout
        wrong += [] if num.strip().isdigit() and int(num) > last else [f"{last} is given again"]
        return wrong + ([] if "next" in self.table() else ["who is added is not there"])


def one_round(machine, seed, seconds, under=()):
    """How much was done, and what is wrong about it."""
    machine.clear()
    sure, said = machine.work_until_cut(seed, seconds, under)
    machine.come_back()
    wrong = machine.what_is_wrong_with_posts(sure, seed) + machine.what_is_wrong_with_the_table(sure, said) + machine.what_does_not_go_on(seed)
    wrong += machine.what_is_wrong_with_digests(seed) + machine.what_is_wrong_with_warnings(sure)
    return {kind: len(names) for kind, names in sure.items()}, wrong


@pytest.mark.parametrize("disk, kind", WAYS)
def test_a_list_keeps_its_word(host, disk, kind):
    machine = ListMachine(host, disk, kind)
    chance = random.Random(os.environ.get("CRASH_SEED", "mailtree"))
    total = dict.fromkeys(KINDS, 0)
    for i in range(ROUNDS):
        done, wrong = one_round(machine, f"{kind}{i}", chance.uniform(0.5, 1.5))
        assert not wrong, f"round {i}, {done}: {wrong}"
        total = {what: total[what] + done[what] for what in total}
    print(f"{kind}: {ROUNDS} rounds, {total}, {len(machine.issues)} digests, 0 lost")
    assert min(total["post"], total["change"], total["bounce"], len(machine.issues)) > ROUNDS and total["kept"]


@pytest.mark.parametrize("disk, kind", [WAYS[0], WAYS[2]])
def test_the_harness_finds_the_loss_when_fsync_does_nothing(host, disk, kind):
    machine = ListMachine(host, disk, kind)
    something_is_lost(lambda i: one_round(machine, f"{kind}{i}", 1, [TOOLS / "without_fsync"])[1])
