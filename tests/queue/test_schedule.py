"""Schedules of destinations: how long mail for them is tried, and how often. What all else has is in test_send.py."""

import email.utils

import pytest

from tests.queue.send_rig import LOCAL, REMOTE, UNREACHED, wall
from tests.queue.test_destinations import commands, hosts_of
from tests.queue.test_dsn import HERE, MESSAGE, the_report
from tests.queue.test_send import bounce_catcher

BUSY = "10.0.0.2 said: 450 greylisted (#4.7.1)\n"
DEAD = "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
TOO_LONG = "I'm not going to try again; this message has been in the queue too long.\n"


def put_off(rig, text=BUSY, outcome="r"):
    """All that is handed out is deferred; the delivery's hosts."""
    taken = commands(rig)
    for command in taken:
        for d in command:
            d.report("Z", text, outcome)
    return sorted(hosts_of(taken))


def next_attempt(rig, id, birth):
    assert rig.until(lambda: rig.due(id)[1])
    return rig.due(id)[1] - birth


# ---- how long ----

def test_each_destination_has_its_lifetime(rig, host):
    host.control("queuelifetime", "3000\n")
    host.control("destinationschedule", "short.example:1000\n.long.example:1209600\n")
    rig.start(env=bounce_catcher(host))
    id = rig.message(recipients=["a@short.example", "b@x.long.example", "c@usual.example"], birth=wall() - 2000)
    assert len(put_off(rig)) == 3
    def told(verdict):
        return [l for l in rig.log if f": {verdict}:" in l]
    assert rig.until(lambda: len(told("failure")) == 1 and len(told("deferral")) == 2)
    assert rig.until(lambda: rig.due(id)[1])
    old = rig.message(recipients=["d@x.long.example", "e@usual.example"], birth=wall() - 4000)
    assert len(put_off(rig)) == 2
    assert rig.until(lambda: len(told("failure")) == 2 and len(told("deferral")) == 3)
    assert all(TOO_LONG.strip().replace(" ", "_") in l for l in told("failure"))


def test_the_last_attempt_is_not_put_off_by_a_rest(rig, host):
    host.control("destinationschedule", "dead.example:1000\n")
    rig.start(env=bounce_catcher(host))
    rig.message(recipients=["a@dead.example"])
    put_off(rig, DEAD, UNREACHED)
    rig.logged("warning: unable to reach dead.example; next attempt in 60 seconds")
    rig.message(recipients=["young@dead.example"])
    old = rig.message(recipients=["old@dead.example"], birth=wall() - 2000)
    d = rig.delivery(REMOTE)
    assert d.id == old
    d.report("Z", DEAD, UNREACHED)
    rig.logged(f"bounce msg {old} qp [0-9]+")
    assert rig.silent()


def test_local_mail_has_the_usual_lifetime(rig, host):
    host.control("destinationschedule", ":1000\n")
    rig.start()
    id = rig.message(recipients=["joe@mail.example.org"], birth=wall() - 2000)
    rig.delivery(LOCAL).report("Z", "busy\n")
    assert rig.until(lambda: rig.due(id)[0])


# ---- how often ----

@pytest.mark.parametrize("lines, age, wanted", [
    ("", 0, 400), (":1000000\n", 0, 400), ("x.example::60\n", 0, 60), (":7200:60:\ny.example::5\n", 0, 60),
    ("x.example::900:300\n", 0, 300), ("bad.example:x\nx.example:60m\n", 0, 400),
    ("y.example:::900\n", 72000, None), ("x.example:::900\n", 72000, 900), ("x.example:::900\n", 0, 400),
])
def test_the_next_attempt_is_by_its_line(rig, host, lines, age, wanted):
    host.control("destinationschedule", lines)
    rig.start()
    birth = wall() - age
    id = rig.message(recipients=["a@x.example"], birth=birth)
    start = wall()
    assert put_off(rig) == ["x.example"]
    due = next_attempt(rig, id, birth)
    if not age:
        assert wanted <= due <= wanted + 50
    elif wanted:
        assert start + wanted <= birth + due <= wall() + wanted
    else:
        assert birth + due > start + 3 * 3600


def test_of_several_the_first_that_is_wanted_counts(rig, host):
    host.control("destinationschedule", "slow.example::3600\nquick.example::30\n")
    rig.start()
    birth = wall()
    id = rig.message(recipients=["a@slow.example", "b@quick.example", "c@usual.example"], birth=birth)
    for command in commands(rig):
        command[0].report("K" if "quick" in command[0].address else "Z", BUSY)
    assert 400 <= next_attempt(rig, id, birth) <= 450
    id = rig.message(recipients=["a@slow.example", "b@quick.example", "c@usual.example"], birth=wall())
    birth = wall()
    assert len(put_off(rig)) == 3
    assert 30 <= next_attempt(rig, id, birth) <= 60


def test_a_reload_counts_and_a_late_attempt_is_no_fault_of_the_clock(rig, host):
    rig.start()
    host.control("destinationschedule", "x.example::604800\n")
    rig.signal("HUP")
    birth = wall()
    id = rig.message(recipients=["a@x.example"], birth=birth)
    assert put_off(rig) == ["x.example"]
    assert 604800 <= next_attempt(rig, id, birth) <= 604850
    assert rig.stop() == 0
    rig.start()
    assert rig.silent(1)
    assert not [l for l in rig.log if "clock was wrong" in l]


def test_who_is_told_of_a_delay_hears_until_when_each_is_tried(rig, host):
    host.control("destinationschedule", "x.example:100000\n")
    rig.start(env=bounce_catcher(host))
    birth = wall() - 5 * 3600
    id = rig.message(HERE, ["r@x.example", "s@usual.example"], birth=birth, message=MESSAGE)
    assert len(put_off(rig)) == 2
    rig.logged(f"notice msg {id} qp [0-9]+: delay")
    report = the_report(host)
    until = {group["Final-Recipient"]: email.utils.parsedate_to_datetime(group["Will-Retry-Until"]).timestamp() for group in report.of_recipients}
    assert until == {"rfc822; r@x.example": birth + 100000, "rfc822; s@usual.example": birth + 604800}
    latest, = (group["Will-Retry-Until"] for group in report.of_recipients if "usual" in group["Final-Recipient"])
    assert latest in report.text
