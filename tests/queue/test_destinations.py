"""Concurrency of remote mail: in all, to one destination, and to destinations that do not answer."""

import time

import pytest

from tests.queue.send_rig import LOCAL, NEVER, REACHED, REMOTE, UNKNOWN, UNREACHED, wall

DEAD = "Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)\n"
CUT = "Connected to 10.0.0.2 but connection died. (#4.4.2)\n"
BUSY = "10.0.0.2 said: 450 greylisted (#4.7.1)\n"
QUOTED = "10.0.0.2 does not like recipient.\nRemote host said: 451 4.4.1 connection to mail server timed out (#4.4.1)\n"
FIRST = 5               # commands at a time to a destination nobody knows


def commands(rig, seconds=0.5):
    """All commands to qmail-rspawn until it hears nothing for a while."""
    rig.silent(seconds)
    taken, rig.waiting[REMOTE] = rig.waiting[REMOTE], []
    return taken


def report(command, letter, text="", outcome=UNKNOWN, most=0):
    for delivery in command:
        delivery.report(letter, text, outcome, most)


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


def test_recipients_of_a_command_are_as_many_as_the_servers_take(rig, host):
    rig.where = {"a.example": "mx.example", "b.example": "mx.example"}
    rig.start(remote=200)
    rig.message(recipients=[f"u{i}@a.example" for i in range(10)])
    first = rig.command(REMOTE)
    assert len(first) == 10
    report(first, "K", most=3)
    for domain in ("b.example", "else.example"):
        rig.message(recipients=[f"u{i}@{domain}" for i in range(7)])
    assert sorted((len(c), hosts_of([c])[0]) for c in commands(rig)) == [
        (1, "b.example"), (3, "b.example"), (3, "b.example"), (7, "else.example")]


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


def test_a_line_limits_one_destination(rig, host):
    host.control("destinationconnections", "x.example:1\n.many.example:7\n:2\nfree.example:0\n")
    rig.start(remote=100)
    def at_once(domain, count=9):
        for i in range(count):
            rig.message(recipients=[f"u{i}@{domain}"])
        running, most = commands(rig), 0
        while running:
            most = max(most, len(running))
            report(running.pop(0), "K")
            running += commands(rig, 0.2)
        return most
    assert [at_once(d) for d in ("x.example", "a.many.example", "z.example")] == [1, 7, 2]
    assert at_once("free.example", 40) > 10


def test_a_line_of_a_server_limits_all_its_domains(rig, host):
    host.control("destinationconnections", "mx.provider.example:1\nc.example:2\n")
    rig.where = {"a.example": "mx.provider.example", "b.example": "mx.provider.example", "c.example": "10.0.0.9"}
    rig.start(remote=100)
    for domain in ("a.example", "b.example", "c.example"):
        for i in range(4):
            rig.message(recipients=[f"u{i}@{domain}"])
    taken = hosts_of(commands(rig))
    assert sorted(d for d in taken if d == "c.example") == ["c.example"] * 2 and len(taken) == 3


# ---- in a time ----

def test_a_rate_lets_so_many_through_and_others_pass(rig, host):
    host.control("destinationrate", "x.example:2/4\n")
    rig.start()
    begun = time.monotonic()
    ids = [rig.message(recipients=[f"u{i}@x.example"], birth=wall() - 100 + i) for i in range(6)]
    several = rig.message(recipients=["l@x.example", "l@z.example"])
    seen, times = [], []
    while len(seen) < 8:
        d = rig.delivery(REMOTE, 20)
        seen.append((d.id, d.address.split("@")[1]))
        times.append(time.monotonic() - begun)
        d.report("K", "", REACHED)
    of_x = [t for t, (_, domain) in zip(times, seen) if domain == "x.example"]
    assert sorted(id for id, domain in seen if domain == "x.example") == sorted(ids + [several])
    assert min(t for t, (_, domain) in zip(times, seen) if domain == "z.example") < 4
    assert all(later - earlier >= 3.5 for earlier, later in zip(of_x, of_x[2:])) and of_x[-1] > 11
    rig.logged(f"end msg {several}")


def test_who_waits_for_a_rate_costs_nothing(rig, host):
    """qmail-send sleeps until its time has come."""
    host.control("destinationrate", "x.example:1/3600\n")
    rig.start()
    for i in range(50):
        rig.message(recipients=[f"u{i}@x.example"])
    rig.delivery(REMOTE).report("K", "", REACHED)
    assert rig.silent()
    def wakings():
        return int(host.sh(f"grep ^voluntary /proc/{rig.pid}/status").stdout.split()[1])
    before = wakings()
    assert rig.silent(2)
    assert wakings() - before <= 3


def test_a_reload_changes_rates_and_limits(rig, host):
    host.control("destinationrate", "x.example:1/3600\n")
    host.control("destinationconnections", "y.example:1\n")
    rig.start()
    for i in range(3):
        rig.message(recipients=[f"u{i}@x.example"])
        rig.message(recipients=[f"u{i}@y.example"])
    assert sorted(hosts_of(commands(rig))) == ["x.example", "y.example"]
    host.control("destinationrate", "x.example:2/3600\n")
    host.control("destinationconnections", "y.example:3\n")
    rig.signal("HUP")
    assert sorted(hosts_of(commands(rig))) == ["x.example", "y.example", "y.example"]
    host.sh("rm /var/qmail/control/destinationrate")
    rig.signal("HUP")
    assert hosts_of(commands(rig)) == ["x.example"]


def test_flushing_does_not_break_a_rate(rig, host):
    host.control("destinationrate", ":1/3600\n")
    rig.start()
    for i in range(3):
        rig.message(recipients=[f"u{i}@x.example"])
    rig.delivery(REMOTE).report("K", "", REACHED)
    rig.signal("ALRM")
    assert rig.silent(1)


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
    assert rig.silent()
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


def test_a_command_tells_whether_the_destination_is_strange(rig):
    """Until something has reached it, or failed to."""
    rig.start()
    def stranger(letter, text="", outcome=UNKNOWN):
        rig.message("", recipients=["a@x.example"])
        command = rig.command(REMOTE)
        report(command, letter, text, outcome)
        return command[0].stranger

    assert stranger("Z", BUSY, REACHED) and stranger("Z", "crashed\n") and stranger("K")
    assert not stranger("D", "no such user\n", REACHED) and not stranger("Z", DEAD, UNREACHED)
    assert stranger("Z", DEAD, UNREACHED)
    rig.logged("warning: unable to reach x.example; .*")
    rig.message("", recipients=["a@x.example"])
    rig.signal("ALRM")
    assert not rig.command(REMOTE)[0].stranger


# ---- destinations that do not answer ----

@pytest.mark.parametrize("text", [DEAD, CUT], ids=["no connection", "died"])
def test_a_destination_that_does_not_answer_rests(rig, text):
    rig.start()
    rig.message(recipients=["a@x.example"])
    report(rig.command(REMOTE), "Z", text, UNREACHED)
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


@pytest.mark.parametrize("outcome", [REACHED, UNKNOWN])
def test_a_server_that_answered_was_reached_whatever_it_says(rig, outcome):
    rig.start()
    for i in range(3):
        rig.message(recipients=[f"u{i}@x.example"])
    for i in range(3):
        report(rig.command(REMOTE), "Z", QUOTED, outcome)
    rig.silent(0.5)
    assert not [line for line in rig.log if "unable to reach" in line]


def test_one_failure_among_successes_only_lowers_the_number(rig):
    rig.start()
    for i in range(20):
        rig.message(recipients=[f"u{i}@x.example"])
    running = commands(rig)
    report(running.pop(0), "K")
    running += commands(rig)
    assert len(running) == 6
    report(running.pop(0), "Z", DEAD, UNREACHED)
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
        report(command, "Z", DEAD, UNREACHED)
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
        report(rig.command(REMOTE), "Z", DEAD, UNREACHED)
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
        report(rig.command(REMOTE), "Z", DEAD, UNREACHED)
    assert rig.silent()
    rig.signal("ALRM")
    assert len(commands(rig)) == 20 // 4
    new = rig.message(recipients=["new@alive.example"])
    assert rig.delivery(REMOTE).id == new


def test_the_last_pass_does_not_wait_for_the_end_of_a_rest(rig, host):
    host.control("queuelifetime", "1000\n")
    rig.start()
    rig.message("", recipients=["a@x.example"])
    report(rig.command(REMOTE), "Z", DEAD, UNREACHED)
    old = [rig.message("#@[]", recipients=[f"u{i}@x.example"], birth=wall() - 2000 + i) for i in range(5)]
    rig.message("", recipients=["b@x.example"])
    for id in old:
        d = rig.delivery(REMOTE)
        assert d.id == id
        d.report("Z", DEAD, UNREACHED)
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


# ---- domains with the same servers ----

def provider(count, name="mx.provider.example"):
    return {f"d{i}.example": name for i in range(count)}


def test_a_hundred_domains_at_one_provider_are_one_destination(rig):
    rig.where = provider(100)
    rig.start()
    for i in range(100):
        rig.message(recipients=[f"u@d{i}.example"])
    running = commands(rig)
    assert len(running) == FIRST
    assert {d.destination for command in running for d in command} == {"mx.provider.example"}
    done = set()
    while running:
        done |= set(hosts_of(running[:1]))
        report(running.pop(0), "K")
        running += commands(rig, 0.05)
        assert len(running) <= 10
    assert len(done) == 100
    assert len(rig.asked) == 100


def test_recipients_at_many_domains_of_a_provider_share_its_places(rig):
    rig.where = provider(100)
    rig.start()
    id = rig.message(recipients=[f"u@d{i}.example" for i in range(100)] + ["u@else.example"])
    running = commands(rig)
    assert len(running) == FIRST + 1
    while running:
        report(running.pop(0), "K")
        running += commands(rig, 0.02)
    rig.logged(f"end msg {id}")


def test_a_dead_provider_rests_for_all_its_domains(rig):
    rig.where = provider(100)
    rig.start()
    for i in range(100):
        rig.message(recipients=[f"u@d{i}.example"])
    for command in commands(rig):
        report(command, "Z", DEAD, UNREACHED)
    rig.logged("warning: unable to reach d[0-9]+.example at mx.provider.example; next attempt in 60 seconds")
    new = rig.message(recipients=["new@alive.example"])
    assert rig.delivery(REMOTE).id == new
    assert rig.silent()


def test_a_domain_that_is_not_reached_is_asked_about_anew(rig):
    rig.where = {"a.example": "mx.one.example", "b.example": "mx.one.example"}
    rig.start()
    rig.message(recipients=["u@a.example"])
    report(rig.command(REMOTE), "Z", DEAD, UNREACHED)
    rig.logged("warning: unable to reach a.example at mx.one.example; .*")
    rig.where = {"a.example": "mx.two.example"}
    moved = rig.message(recipients=["v@a.example"])
    d = rig.delivery(REMOTE)
    assert (d.id, d.destination) == (moved, "mx.two.example")


def test_mail_waits_for_the_answer_and_other_mail_does_not(rig):
    rig.where = None
    rig.start()
    for i in range(3):
        rig.message(recipients=["u@slow.example"])
    rig.message(recipients=["u@slow.example", "u@slower.example"])
    local = rig.message(recipients=["joe@mail.example.org"])
    assert rig.delivery(LOCAL).id == local
    assert rig.silent()
    assert [q.address for q in rig.asked] == ["@slow.example", "@slower.example"]
    rig.answer_question({"slow.example": "mx.example"}, 0)
    assert len(commands(rig)) == 4
    rig.asked[1].report("Z", "no word of where\n")
    assert rig.delivery(REMOTE).destination == "slower.example"


def test_many_domains_that_nobody_knows_of_do_not_hold_up_a_new_one(rig):
    """More than may be asked at a time, and the name servers are silent."""
    rig.where = None
    rig.start()
    for i in range(200):
        rig.message(recipients=[f"u@silent{i}.example"])
    assert rig.until(lambda: len(rig.asked) == 50) and rig.silent()
    new = rig.message(recipients=["new@known.example"])
    rig.logged(f"new msg {new}")
    assert rig.silent()
    rig.answer_question({}, 0)
    assert rig.until(lambda: rig.asked[-1].address == "@known.example")
    rig.where = {}
    rig.answer_question({})
    assert rig.until(lambda: any(d.id == new for command in rig.waiting[REMOTE] for d in command))


def test_more_lists_than_can_wait_in_memory_go_without_an_answer(rig, host):
    host.control("concurrencyremote", "120\n")
    rig.where = None
    rig.start()
    for i in range(110):
        rig.message(recipients=["u@a.example", "u@b.example"])
    assert len(commands(rig)) == 2 * FIRST


def test_more_lists_than_can_wait_in_memory_are_tried_again_soon(rig):
    rig.start()
    ids = [rig.message(recipients=[f"u@a{i}.example", f"u@b{i}.example"]) for i in range(120)]
    assert len(commands(rig)) == 15
    put_off = [id for id in ids if rig.due(id)[1]]
    assert put_off and all(rig.due(id)[1] <= wall() + 30 for id in put_off)


# ---- many hosts that hang ----

@pytest.mark.parametrize("count", [100, 1000])
def test_a_backlog_for_hosts_that_hang_leaves_places_for_new_mail(rig, count):
    for i in range(count):
        rig.message(announce=False, recipients=[f"u@hangs{i}.example"], due=(NEVER, 1000 + i), birth=wall() - 5000)
    rig.start()
    assert len(commands(rig)) == 10
    begin = time.monotonic()
    new = rig.message(recipients=["new@good.example"])
    assert rig.delivery(REMOTE).id == new and time.monotonic() - begin < 1


def test_new_mail_for_hosts_that_hang_leaves_places_for_hosts_that_work(rig):
    rig.start()
    rig.message(recipients=["first@good.example"])
    report(rig.command(REMOTE), "K")
    for i in range(100):
        rig.message(recipients=[f"u@hangs{i}.example"])
    list_mail = rig.message(recipients=[f"u@hangs{i}.example" for i in range(1000, 1100)])
    assert len(commands(rig)) == 15
    begin = time.monotonic()
    new = [rig.message(recipients=["new@good.example"]), rig.message(recipients=["new@good.example", "u@hangs0.example"])]
    taken = [rig.delivery(REMOTE) for _ in range(2)]
    assert {d.id for d in taken} == set(new) and time.monotonic() - begin < 1
    assert {d.address for d in taken} == {"new@good.example"}
    assert list_mail not in new and rig.silent()


def test_backlog_and_new_mail_take_turns_at_hosts_that_hang(rig):
    for i in range(100):
        rig.message(announce=False, recipients=[f"u@hangs{i}.example"], due=(NEVER, 1000 + i), birth=wall() - 5000)
    rig.start()
    running = commands(rig)
    for i in range(100):
        rig.message(recipients=[f"u@new{i}.example"])
    running += commands(rig)
    assert len(running) == 15
    for _ in range(20):
        report(running.pop(0), "Z", BUSY)
        running += commands(rig, 0.05)
    assert len(running) == 15
    assert 5 <= len([h for h in hosts_of(running) if h.startswith("hangs")]) <= 10
