"""The power goes while users are added and removed: what was done is done, and of the rest a beginning, whole changes only."""

import os
import random
import subprocess
import time

import pytest

from tests.crash.changer import users_after
from tests.crash.disks import TOOLS
from tests.crash.test_power_cut import WAYS, something_is_lost
from tests.host.machine import HERE

ROUNDS = int(os.environ.get("CRASH_ROUNDS", "12")) // 2
CHANGER = HERE.parent / "crash" / "changer.py"
STORE_EDIT = TOOLS / "store_edit"
DOMAIN = "/home/domain"


class Domain:
    """A domain without users, on a file system that can lose power."""

    def __init__(self, host, disk, kind):
        self.host, self.disk = host, disk(host, "homes", kind, "/home")

    def fresh(self):
        self.host.sh(f"rm -rf {DOMAIN} && mkdir {DOMAIN} && touch {DOMAIN}/vpasswd && sync")

    def change_until_cut(self, seed, seconds, under):
        """How many changes were surely done when the power went, and how many were begun before all ended."""
        changer = self.host.popen([*under, "/usr/bin/python3", CHANGER, STORE_EDIT, DOMAIN], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        moment = self.disk.cut(seed)
        self.host.sh("kill -9 -1", check=False)
        told, _ = changer.communicate(timeout=30)
        ends = [float(line.split()[1]) for line in told.decode().splitlines()]
        return sum(end < moment for end in ends), len(ends) + 1

    def edit(self, *words):
        done = self.host.sh(" ".join(map(str, [STORE_EDIT, DOMAIN, *words])), check=False)
        return done.returncode, done.stdout.split()


def one_round(domain, seed, seconds, under=()):
    """How many changes were done, and what is wrong about them."""
    domain.fresh()
    done, begun = domain.change_until_cut(seed, seconds, under)
    domain.disk.power_up()
    code, users = domain.edit("list")
    wrong = [] if code == 0 and any(users == users_after(n) for n in range(done, begun + 1)) else \
        [f"after {done} to {begun} changes a reader says {code} and finds {users}"]
    added, after = domain.edit("add", "next")[0], domain.edit("list")[1]
    return done, wrong + ([] if added == 0 and after == ["next", *users] else [f"the next change says {added}: {after}"])


@pytest.mark.parametrize("disk, kind", WAYS)
def test_no_change_is_lost(host, disk, kind):
    domain = Domain(host, disk, kind)
    chance = random.Random(os.environ.get("CRASH_SEED", "mailtree"))
    total = 0
    for i in range(ROUNDS):
        done, wrong = one_round(domain, f"{kind}{i}", chance.uniform(0.2, 0.9))
        assert not wrong, f"round {i}: {wrong}"
        total += done
    print(f"{kind}: {ROUNDS} rounds, {total} changes, 0 lost")
    assert total > 2 * ROUNDS


@pytest.mark.parametrize("disk, kind", [WAYS[0], WAYS[2]])
def test_the_harness_finds_the_loss_when_fsync_does_nothing(host, disk, kind):
    domain = Domain(host, disk, kind)
    something_is_lost(lambda i: one_round(domain, f"{kind}{i}", 0.5, [TOOLS / "without_fsync"])[1])
