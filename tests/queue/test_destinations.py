"""Concurrency of remote mail: in all, to one destination, and to destinations that do not answer."""

import time

import pytest

from tests.queue.send_rig import LOCAL, NEVER, REMOTE, Rig, wall

DEAD = "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
CUT = "Connected to 10.0.0.2 but connection died. (#4.4.2)\n"
BUSY = "10.0.0.2 said: 450 greylisted (#4.7.1)\n"
FIRST = 5               # commands at a time to a destination nobody knows


@pytest.fixture
def rig(host):
    r = Rig(host)
    yield r
    r.end()


def commands(rig, seconds=0.5):
    """All commands to qmail-rspawn until it hears nothing for a while."""
    rig.silent(seconds)
    taken, rig.waiting[REMOTE] = rig.waiting[REMOTE], []
    return taken


def report(command, letter, text=""):
    for delivery in command:
        delivery.report(letter, text)


def hosts_of(taken):
    return [command[0].address.split("@")[1] for command in taken]


# ---- in all ----

def test_a_message_to_1000_recipients_at_one_host_goes_in_10_commands(rig):
    rig.start(remote=1000)
    id = rig.message(recipients=[f"u{i}@x.example" for i in range(1000)])
    sent = []
    while len(sent) < 10:
        sent.append(rig.command(REMOTE))
        report(sent[-1], "K")
    rig.logged(f"end msg {id}")
    assert [len(c) for c in sent] == [100] * 10
    assert len([l for l in rig.log if l.startswith("starting delivery")]) == 1000


def test_recipients_of_a_command_are_as_many_as_the_domain_may_have(rig, host):
    host.control("destinationrecipients", "one.example:1\n.two.example:2\n:3\nbad.example:x\nzero.example:0\nmany.example:1000\n"
                 "list.example:1\n0.example:9\n")
    rig.start(remote=200)
    def counts(domain, recipients=7):
        id = rig.message(recipients=[f"u{i}@{domain}" for i in range(recipients)])
        sent = []
        while sum(sent) < recipients:
            command = rig.command(REMOTE)
            sent.append(len(command))
            report(command, "K")
        rig.logged(f"end msg {id}")
        return sent

    assert counts("One.example") == [1] * 7
    assert counts("a.two.example") == [2, 2, 2, 1]
    assert counts("two.example") == [3, 3, 1]
    assert counts("bad.example") == counts("zero.example") == [7], "no number is no limit"
    assert counts("many.example", 150) == [100, 50]
    assert counts("list.example", 2) == [1, 1], "the number ends with its line"
    host.control("destinationrecipients", ":4\n")
    rig.signal("HUP")
    assert counts("one.example") == [4, 3]


def test_a_command_is_over_with_its_last_report(rig, host):
    host.control("concurrencyremote", "1\n")
    rig.start()
    rig.message(recipients=["a@x.example", "b@x.example", "c@y.example"])
    a, b = rig.command(REMOTE)
    a.report("K", "")
    assert rig.silent()
    rig.logged("status: local 0/10 remote 1/1")
    b.report("Z", BUSY)
    assert rig.delivery(REMOTE).address == "c@y.example"


# ---- one destination ----

def test_a_destination_begins_with_a_few_and_gets_one_more_for_each_success(rig):
    rig.start()
    for i in range(30):
        rig.message(recipients=[f"u{i}@x.example"])
    running = commands(rig)
    assert len(running) == FIRST
    report(running.pop(0), "K")
    running += commands(rig)
    assert len(running) == FIRST + 1
    while len(running) < 10:
        report(running.pop(0), "K")
        running += commands(rig, 0.2)
    report(running.pop(0), "K")
    running += commands(rig)
    assert len(running) == 10


def test_the_limit_is_concurrencydestination(rig, host):
    host.control("concurrencydestination", "2\n")
    rig.start()
    for i in range(6):
        rig.message(recipients=[f"u{i}@{domain}.example" for domain in ("x", "X", "y")])
    running = commands(rig)
    assert sorted(h.lower() for h in hosts_of(running)) == ["x.example"] * 2 + ["y.example"] * 2
    report(running[0], "K")
    assert len(commands(rig)) == 1


def test_0_is_no_limit(rig, host):
    host.control("concurrencydestination", "0\n")
    rig.start()
    for i in range(60):
        rig.message(recipients=[f"u{i}@x.example"])
    for _ in range(20):
        report(rig.command(REMOTE), "K")
    assert len(commands(rig)) == 20


def test_a_busy_destination_does_not_hold_up_others(rig, host):
    host.control("concurrencydestination", "1\n")
    rig.start()
    first = rig.message(recipients=["a@x.example"])
    assert rig.delivery(REMOTE).id == first
    for i in range(200):
        rig.message(recipients=[f"u{i}@x.example"])
    list_mail = rig.message(recipients=["l@x.example", "l@y.example"])
    other = rig.message(recipients=["z@z.example"])
    assert {rig.delivery(REMOTE).id for _ in range(2)} == {list_mail, other}
    assert rig.silent()


def test_those_that_wait_go_in_the_order_of_birth(rig, host):
    host.control("concurrencydestination", "1\n")
    rig.start()
    ids = [rig.message(recipients=[f"u{i}@x.example"], birth=wall() - 100 + i) for i in range(5)]
    for id in ids:
        d = rig.delivery(REMOTE)
        assert d.id == id
        d.report("K", "")


def test_recipients_of_a_list_wait_for_a_busy_destination(rig, host):
    host.control("concurrencydestination", "1\n")
    rig.start(remote=1000)
    id = rig.message(recipients=[f"u{i}@{d}.example" for d in ("x", "y") for i in range(250)])
    seen = {"x.example": 0, "y.example": 0}
    for _ in range(6):
        command = rig.command(REMOTE)
        seen[hosts_of([command])[0]] += len(command)
        report(command, "K")
    rig.logged(f"end msg {id}")
    assert seen == {"x.example": 250, "y.example": 250}


# ---- destinations that do not answer ----

@pytest.mark.parametrize("text", [DEAD, CUT], ids=["no connection", "died"])
def test_a_destination_that_does_not_answer_rests(rig, text):
    rig.start()
    rig.message(recipients=["a@x.example"])
    report(rig.command(REMOTE), "Z", text)
    rig.logged("warning: unable to reach x.example; next attempt in 60 seconds")
    rig.message(recipients=["b@x.example"])
    both = rig.message(recipients=["c@X.example", "d@y.example"])
    d = rig.delivery(REMOTE)
    assert (d.id, d.address) == (both, "d@y.example")
    d.report("K", "")
    assert rig.until(lambda: rig.due(both)[1] > wall() + 300)
    assert rig.silent()


@pytest.mark.parametrize("letter,text", [("Z", BUSY), ("Z", "qmail-remote crashed.\n"), ("D", "no such user (#4.4.1)\n")])
def test_other_words_are_no_reason_to_rest(rig, letter, text):
    rig.start()
    rig.message(recipients=["a@x.example"])
    report(rig.command(REMOTE), letter, text)
    rig.message(recipients=["b@x.example"])
    rig.delivery(REMOTE)
    assert not any("unable to reach" in line for line in rig.log)


def test_one_failure_among_successes_only_lowers_the_number(rig):
    rig.start()
    for i in range(20):
        rig.message(recipients=[f"u{i}@x.example"])
    running = commands(rig)
    report(running.pop(0), "K")
    running += commands(rig)
    assert len(running) == 6
    report(running.pop(0), "Z", DEAD)
    assert not commands(rig)
    report(running.pop(0), "Z", BUSY)
    report(running.pop(0), "Z", BUSY)
    running += commands(rig)
    assert len(running) == 3
    assert not any("unable to reach" in line for line in rig.log)


def test_2000_messages_to_a_dead_host_do_not_hold_up_a_new_one(rig):
    for i in range(2000):
        rig.message(announce=False, recipients=[f"u{i}@dead.example"], due=(NEVER, 1000 + i), birth=wall() - 5000)
    rig.start()
    running = commands(rig)
    assert len(running) == FIRST            # hanging
    begin = time.monotonic()
    new = rig.message(recipients=["new@alive.example"])
    d = rig.delivery(REMOTE)
    assert d.id == new and time.monotonic() - begin < 1
    d.report("K", "")
    for command in running:
        report(command, "Z", DEAD)
    assert not commands(rig)
    rig.logged("warning: unable to reach dead.example; next attempt in 60 seconds")
    for i in range(50):
        rig.message(recipients=[f"w{i}@dead.example"])
    begin = time.monotonic()
    new = rig.message(recipients=["new@alive.example", "joe@mail.example.org"])
    assert rig.delivery(REMOTE).id == rig.delivery(LOCAL).id == new and time.monotonic() - begin < 1
    assert not commands(rig)


def test_alrm_and_hup_end_all_rests(rig):
    rig.start()
    rig.message(recipients=["a@x.example"])
    for name in ("ALRM", "HUP"):
        report(rig.command(REMOTE), "Z", DEAD)
        rig.message(recipients=["b@x.example"])
        assert rig.silent()
        rig.signal(name)
        rig.until(lambda: rig.waiting[REMOTE])
    rig.logged("warning: unable to reach x.example; next attempt in 120 seconds")


def test_many_dead_destinations_share_a_quarter_of_the_places(rig):
    rig.start()
    for i in range(30):
        rig.message(recipients=[f"a@dead{i}.example"])
    for _ in range(30):
        report(rig.command(REMOTE), "Z", DEAD)
    assert rig.silent()
    rig.signal("ALRM")
    assert len(commands(rig)) == 20 // 4
    new = rig.message(recipients=["new@alive.example"])
    assert rig.delivery(REMOTE).id == new


def test_the_last_pass_does_not_wait_for_the_end_of_a_rest(rig, host):
    host.control("queuelifetime", "1000\n")
    rig.start()
    rig.message("", recipients=["a@x.example"])
    report(rig.command(REMOTE), "Z", DEAD)
    old = [rig.message("#@[]", recipients=[f"u{i}@x.example"], birth=wall() - 2000 + i) for i in range(5)]
    rig.message("", recipients=["b@x.example"])
    for id in old:
        d = rig.delivery(REMOTE)
        assert d.id == id
        d.report("Z", DEAD)
        rig.logged(f"end msg {id}")
    assert rig.silent()


def test_more_destinations_than_are_remembered_are_served_in_little_memory(rig, host):
    host.control("concurrencyremote", "200\n")
    rig.start(remote=1000)
    count = 12000
    for part in range(0, count, 100):
        rig.message(recipients=[f"u@d{part + i}.example" for i in range(100)])
        for _ in range(100):
            report(rig.command(REMOTE), "K")
    size = int(host.sh(f"grep VmRSS /proc/{rig.pid}/status").stdout.split()[1])
    assert size < 16000
    assert rig.process.poll() is None
