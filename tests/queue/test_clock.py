"""The machine's clock is wrong, or is set while mail waits. Nobody waits for years, nobody has had his last try."""

import os
import pathlib
import subprocess

import pytest

from tests.host.machine import BUILD, HERE
from tests.queue.queue_files import NEVER
from tests.queue.send_rig import LOCAL, REMOTE, file_of, wall

YEAR = 365 * 86400
DAY = 86400
SOURCE = HERE.parent / "tools" / "preload" / "wall_clock.c"


@pytest.fixture
def clock(host, rig):
    """A clock that can be set, and a qmail-send that goes by it."""
    library = BUILD / "tests" / f"wall_clock.{os.getpid()}.so"
    subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True)
    off = pathlib.Path(host.path("/tmp/wall-clock"))
    off.write_text("0\n")

    class Clock:
        seconds = 0

        def set(self, seconds):
            self.seconds = seconds
            new = off.with_suffix(".new")
            new.write_text(f"{seconds}\n")
            new.chmod(0o644)
            new.rename(off)

        def start(self):
            rig.log.clear()
            return rig.start(env={"LD_PRELOAD": str(library), "WALL_CLOCK": "/tmp/wall-clock",
                                  "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"})

        def now(self):
            return wall() + self.seconds

    yield Clock()
    library.unlink()


def new(rig, recipients=("joe@mail.example.org",), announce=True, **more):
    id = rig.put(file_of("s@else.example", recipients, older=False, **more))
    if announce:
        rig.announce(id)
    return id


def deferred(rig, channel, id):
    delivery = rig.delivery(channel)
    assert delivery.id == id
    delivery.report("Z", "busy\n")
    rig.logged("delivery [0-9]+: deferral: busy/")
    rig.log.clear()
    index = 0 if channel == LOCAL else 1
    assert rig.until(lambda: rig.due(id)[index] not in (0, NEVER))
    return rig.due(id)[index]


# ---- at a start ----

def test_an_attempt_years_ahead_is_due_now(rig):
    ids = {new(rig, announce=False, birth=wall() + 9 * YEAR, due=(wall() + 9 * YEAR + 100, NEVER)),
           new(rig, announce=False, birth=wall() - 1000, due=(wall() + DAY, NEVER)),
           rig.message(announce=False, due=(wall() + YEAR, NEVER)),
           rig.message(announce=False, birth=wall() - 1000, due=(2**62, NEVER))}
    rig.start()
    assert {rig.delivery(LOCAL).id for _ in range(4)} == ids
    rig.logged("warning: 4 messages, msg [0-9]+ the last of them, were to wait longer than any may: "
               "the clock was wrong; they are due now")


def test_an_attempt_that_may_be_planned_keeps_its_time(rig):
    new(rig, announce=False, birth=wall() - 6 * DAY, due=(NEVER, wall() + 28000), recipients=["r@x.example"])
    rig.start()
    assert rig.silent(1)


def test_a_birth_in_the_future_counts_as_now(rig):
    rig.start()
    id = new(rig, birth=wall() + YEAR)
    due = deferred(rig, LOCAL, id)
    assert wall() + 60 <= due <= wall() + 100


@pytest.mark.parametrize("due", [(0, 0), (430, NEVER)], ids=["never tried", "tried"])
def test_a_message_of_another_age_has_not_had_its_last_try(rig, due):
    """Accepted, or tried too, at a boot when the clock said 1970."""
    id = new(rig, announce=False, birth=30, due=due)
    rig.start()
    due = deferred(rig, LOCAL, id)
    assert due < wall() + 1000
    rig.stop()
    rig.start()
    rig.signal("ALRM")
    deferred(rig, LOCAL, id)


def test_days_in_which_nobody_tried_do_not_age_a_message(rig):
    id = new(rig, announce=False, birth=wall() - 10 * DAY, due=(wall() - 5 * DAY, NEVER))
    rig.start()
    deferred(rig, LOCAL, id)


def test_a_message_that_was_tried_all_the_time_ages(rig):
    new(rig, announce=False, birth=wall() - 10 * DAY, due=(wall() - 3600, NEVER))
    rig.start()
    rig.delivery(LOCAL).report("Z", "busy\n")
    rig.logged("delivery 1: failure: busy/I'm_not_going_to_try_again.*")


# ---- while it runs ----

def test_a_clock_set_right_from_1970_bounces_nothing(rig, clock):
    clock.set(30 - wall())
    clock.start()
    id = new(rig, birth=clock.now())
    local = rig.delivery(LOCAL)
    clock.set(0)
    local.report("Z", "busy\n")
    rig.logged("delivery 1: deferral: busy/")
    rig.logged("warning: the clock was set ahead by [0-9]+ seconds; what waits is tried when it would have been")
    assert rig.until(lambda: wall() + 50 <= rig.due(id)[0] <= wall() + 110)
    assert rig.stop() == 0
    # The file knows by now how old the message is.
    clock.start()
    rig.signal("ALRM")
    deferred(rig, LOCAL, id)


def test_a_clock_set_back_keeps_nobody_waiting(rig, clock):
    clock.set(9 * YEAR)
    id = new(rig, announce=False, birth=clock.now() - 3600, due=(clock.now() + 5, NEVER))
    clock.start()
    assert rig.silent()
    clock.set(0)
    rig.trigger(b"x")
    rig.logged("warning: the clock was set back by [0-9]+ seconds; what waits is tried when it would have been")
    assert rig.delivery(LOCAL, seconds=12).id == id


def test_a_clock_set_ahead_makes_nothing_due(rig, clock):
    clock.start()
    id = new(rig, recipients=["r@x.example"])
    deferred(rig, REMOTE, id)
    clock.set(YEAR)
    rig.trigger(b"x")
    rig.logged("warning: the clock was set ahead by 31536000 seconds.*")
    assert rig.silent(1)
