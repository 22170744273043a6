"""qmail-send, seen from the spawners, from qmail-clean, and from its log."""

import fcntl
import hashlib
import os
import random
import re
import time

import pytest

from tests.host import eventually
from tests.queue.send_rig import LOCAL, NEVER, REMOTE, Rig, file_of, footer_of, wall

LIFETIME = 604800


@pytest.fixture
def clean_rig(host):
    """The test answers for qmail-clean."""
    r = Rig(host, own_clean=True)
    yield r
    r.end()


def gone(rig, id):
    return rig.until(lambda: not rig.place(id).exists())


# ---- success, and the log ----

def test_one_local_message_from_trigger_to_end(rig):
    rig.start()
    rig.logged("status: local 0/10 remote 0/20")
    id = rig.message("s@else.example", ["joe@mail.example.org"])
    d = rig.delivery(LOCAL)
    assert (d.messid, d.sender, d.address) == (f"{id % 23}/{id}", "s@else.example", "joe@mail.example.org")
    d.report("K", "did 1+0+0\n")
    rig.logged(f"end msg {id}")
    assert gone(rig, id)
    assert rig.log[1:] == [
        "status: local 0/10 remote 0/20",
        f"new msg {id}",
        f"info msg {id}: bytes 33 from <s@else.example> qp 77 uid 1000",
        f"starting delivery 1: msg {id} to local joe@mail.example.org",
        "status: local 1/10 remote 0/20",
        "delivery 1: success: did_1+0+0/",
        "status: local 0/10 remote 0/20",
        f"end msg {id}"]
    rig.signal("TERM")
    rig.logged("status: exiting")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.close()


@pytest.mark.parametrize("body, said", [
    (b"Subject: x\n\n" + bytes(range(256)) * 5000, "sha256 {}"), (b"", "sha256 {}"),
    (b"x" * ((64 << 20) + 1), "too large")], ids=["any", "empty", "too large"])
def test_a_hash_of_each_message_is_logged_where_that_is_wanted(rig, host, body, said):
    host.control("loghash", "1\n")
    rig.start()
    id = rig.message(message=body)
    rig.delivery(LOCAL)
    at = rig.log.index(f"new msg {id}")
    assert rig.log[at + 1].startswith(f"info msg {id}: bytes {len(body)} ")
    assert rig.log[at + 2] == f"hash msg {id}: " + said.format(hashlib.sha256(body).hexdigest())
    host.control("loghash", "0\n")
    rig.signal("HUP")
    other = rig.message()
    rig.delivery(LOCAL)
    assert [line for line in rig.log if line.startswith(f"hash msg {other}")] == []


def test_qmail_queue_announces_what_it_queued(rig, host):
    rig.start()
    host.sh("printf 'Subject: x\\n\\nhello\\n' > /tmp/m; printf 'Fs@else.example\\0Tjoe@mail.example.org\\0\\0' > /tmp/e; "
            "qmail-queue < /tmp/m 1< /tmp/e")
    rig.delivery(LOCAL, seconds=3).report("K", "")
    rig.logged("end msg .*")


def test_marks_only_what_others_outlive(clean_rig):
    rig = clean_rig.start()
    id = rig.message(recipients=["a@mail.example.org", "b@mail.example.org"])
    first, second = rig.delivery(LOCAL), rig.delivery(LOCAL)
    first.report("K", "")
    assert rig.request() == f"done/{id}/{rig.envelope(id).index(b'Ta@')}"
    rig.answer()
    second.report("K", "")
    assert rig.request() == f"foop/{id}"


def test_without_recipients_a_message_ends_at_once(rig):
    rig.start()
    id = rig.message(recipients=[])
    assert gone(rig, id)
    rig.logged(f"end msg {id}")


def test_local_goes_one_by_one_and_remote_by_domain(rig):
    rig.start()
    rig.message(recipients=["a@x.example", "joe@mail.example.org", "b@Y.example", "c@X.example", "ann@mail.example.org",
                            "d@y.example"])
    commands = [rig.command(REMOTE), rig.command(REMOTE)]
    assert [[d.address for d in c] for c in commands] == [["a@x.example", "c@X.example"], ["b@Y.example", "d@y.example"]]
    assert len({d.slot for c in commands for d in c}) == 4
    assert [rig.delivery(LOCAL).address for _ in range(2)] == ["joe@mail.example.org", "ann@mail.example.org"]
    assert rig.logged("status: local 2/10 remote 2/20")
    assert len([l for l in rig.log if l.startswith("starting delivery")]) == 6


def test_a_command_has_at_most_100_recipients(rig):
    rig.start(remote=1000)
    rig.message(recipients=[f"u{i}@x.example" for i in range(250)])
    assert [len(rig.command(REMOTE)) for _ in range(3)] == [100, 100, 50]
    rig.logged("status: local 0/10 remote 3/20")


def test_a_command_has_no_more_recipients_than_the_spawner_has_slots(rig):
    rig.start(remote=120)
    rig.message(recipients=[f"u{i}@x.example" for i in range(130)])
    commands = [rig.command(REMOTE) for _ in range(2)]
    assert [len(c) for c in commands] == [100, 20]
    commands[1][0].report("K", "")
    assert rig.delivery(REMOTE).address == "u120@x.example"


def test_concurrency_bounds_and_slots_come_back(rig, host):
    host.control("concurrencylocal", "2\n")
    rig.start()
    rig.message(recipients=[f"u{i}@mail.example.org" for i in range(5)])
    a, b = rig.delivery(LOCAL), rig.delivery(LOCAL)
    assert rig.silent()
    a.report("K", "")
    c = rig.delivery(LOCAL)
    assert c.address == "u2@mail.example.org"
    assert b.slot != c.slot


def test_the_spawner_may_carry_less(rig):
    rig.start(local=1)
    rig.logged("status: local 0/1 remote 0/20")
    rig.message(recipients=["a@mail.example.org", "b@mail.example.org"])
    rig.delivery(LOCAL)
    assert rig.silent()


def test_concurrency_0_holds_a_channel_but_not_the_other(rig, host):
    host.control("concurrencylocal", "0\n")
    rig.start()
    rig.message(recipients=["a@mail.example.org", "b@x.example"])
    assert rig.delivery(REMOTE).address == "b@x.example"
    assert not rig.waiting[LOCAL]


# ---- VERP ----

def test_a_verp_sender_is_expanded_and_never_shared(rig):
    rig.start()
    rig.message("owner-@lists.example-@[]", ["r@x.example", "q@x.example", "joe@mail.example.org"])
    assert {rig.delivery(REMOTE).sender for _ in range(2)} == {"owner-r=x.example@lists.example", "owner-q=x.example@lists.example"}
    assert rig.delivery(LOCAL).sender == "owner-joe=mail.example.org@lists.example"


def test_verp_uses_the_rewritten_recipient(rig, host):
    host.control("virtualdomains", "v.example:joe\n")
    rig.start()
    rig.message("owner-@lists.example-@[]", ["r@v.example"])
    d = rig.delivery(LOCAL)
    assert (d.address, d.sender) == ("joe-r@v.example", "owner-joe-r=v.example@lists.example")


# ---- deferral and schedule ----

def test_a_deferral_waits_by_the_schedule(rig):
    rig.start()
    birth = wall() - 1000
    id = rig.message(recipients=["joe@mail.example.org", "r@x.example"], birth=birth)
    rig.delivery(LOCAL).report("Z", "not now\n")
    rig.logged("delivery .: deferral: not_now/")
    r = rig.delivery(REMOTE)
    r.report("Z", "later\n")
    assert rig.until(lambda: all(rig.due(id)))
    local, remote = rig.due(id)
    # age 1000 or a little more: root 31
    assert local - birth == (31 + 10) ** 2 and remote - birth == (31 + 20) ** 2
    assert rig.silent()


def test_a_channel_without_recipients_is_told_in_the_footer(rig):
    rig.start()
    birth = wall()
    id = rig.message(birth=birth)
    rig.delivery(LOCAL).report("Z", "")
    assert rig.until(lambda: rig.due(id)[1] == NEVER)
    # A second may have passed until the report came.
    assert rig.until(lambda: rig.due(id)[0] in (birth + 100, birth + 121))


def test_a_flush_finds_what_its_writer_could_not_announce(rig):
    rig.start()
    assert rig.silent(1)
    id = rig.message(announce=False)
    rig.signal("ALRM")
    assert rig.delivery(LOCAL).id == id


def test_a_restart_keeps_the_schedule_also_after_a_kill(rig):
    rig.start()
    due = wall() + 6
    id = rig.message(announce=False, birth=due - 3600, due=(due, NEVER))
    rig.kill()
    rig.log.clear()
    rig.start()
    assert rig.silent(1)
    assert rig.delivery(LOCAL, seconds=12).id == id
    assert due <= wall() <= due + 2
    assert not any(l.startswith("new msg") for l in rig.log)


def test_a_kill_in_the_midst_redelivers_only_what_was_not_done(rig):
    rig.start()
    id = rig.message(recipients=["a@mail.example.org", "b@mail.example.org", "c@x.example"])
    a, b, c = rig.delivery(LOCAL), rig.delivery(LOCAL), rig.delivery(REMOTE)
    a.report("K", "")
    c.report("K", "")
    assert rig.until(lambda: rig.done(id) == ["a@mail.example.org", "c@x.example"])
    rig.kill()
    rig.start()
    assert rig.delivery(LOCAL).address == "b@mail.example.org"
    assert rig.silent()


def test_alrm_makes_everything_due(rig):
    far = wall() + 5000
    ids = {rig.message(announce=False, due=(far, NEVER)), rig.message(announce=False, due=(NEVER, far), recipients=["r@x.example"])}
    rig.start()
    assert rig.silent()
    rig.signal("ALRM")
    assert {rig.delivery(LOCAL).id, rig.delivery(REMOTE).id} == ids


@pytest.mark.parametrize("at,text", [(b"Ta@", "mark of a recipient"), (b"v2\0mailtree", "next attempt")])
def test_a_bit_that_turns_loses_nobody(rig, at, text):
    content = bytearray(file_of("s@else.example", ["a@mail.example.org", "b@mail.example.org"], birth=wall() - 100,
                                due=(wall() + 300, NEVER), older=False))
    turn = content.index(at) if at[:1] == b"T" else len(content) - 16
    content[turn] ^= 16
    id = rig.put(bytes(content))
    rig.start()
    rig.signal("ALRM")
    assert {rig.delivery(LOCAL).address for _ in range(2)} == {"a@mail.example.org", "b@mail.example.org"}
    rig.logged(f"warning: the {text} in mess/{id % 23}/{id} is damaged; .*")


@pytest.mark.parametrize("spoil", ["rm lock/trigger", "rm lock/trigger; : > lock/trigger", "rm lock/trigger; mkdir lock/trigger",
                                   "rm lock/trigger; ln -s /etc/passwd lock/trigger",
                                   "rm lock/trigger; mkfifo lock/trigger; chown qmails:qmail lock/trigger; chmod 622 lock/trigger"])
def test_a_trigger_that_is_gone_comes_again(rig, host, spoil):
    rig.start()
    rig.message()
    rig.delivery(LOCAL).report("K", "")                         # the scan of the start is over
    missed = rig.message(announce=False)                        # first: a look that came in between would not have to see it
    host.sh(f"cd /var/qmail/queue && {spoil}", check=False)     # it may have come again already between two commands
    assert rig.until(lambda: host.sh("find /var/qmail/queue/lock/trigger -type p", check=False).stdout, 60)
    d = rig.delivery(LOCAL, seconds=120)        # a first scan that took 2 seconds is followed by 20 without another
    assert d.id == missed
    d.report("K", "")
    # It works for qmail-queue too.
    host.sh("printf 'Fs@x\\0Tjoe@mail.example.org\\0\\0' > /tmp/envelope; qmail-queue 0< /etc/hostname 1< /tmp/envelope")
    assert rig.delivery(LOCAL, seconds=5).id != missed


def test_a_mangled_report_defers(rig):
    rig.start()
    id = rig.message()
    rig.delivery(LOCAL).report("Q", "what")
    rig.logged("delivery 1: report mangled, will defer")
    assert rig.until(lambda: rig.due(id)[0])


def test_a_report_for_nothing_is_only_a_warning(rig):
    rig.start()
    rig.write(LOCAL, b"\x05\0Kx\0\xff\xffKx\0")
    rig.until(lambda: len([l for l in rig.log if l == "warning: internal error: delivery report out of range"]) == 2)
    rig.message()
    rig.delivery(LOCAL)


def test_foreign_bytes_are_harmless_in_the_log(rig):
    rig.start()
    id = rig.message("s\n%x@e", ["jo e@mail.example.org"])
    rig.delivery(LOCAL).report("K", "a\nb\tc%d\xff")
    rig.logged(re.escape(f"info msg {id}: bytes 33 from <s/_x@e> qp 77 uid 1000"))
    rig.logged(f"starting delivery 1: msg {id} to local jo_e@mail.example.org")
    rig.logged("delivery 1: success: a/b_c_d__?")


# ---- failure and bounces ----

def bounce_catcher(host, exit=0):
    """Takes the place of qmail-queue for bounces. A message has its name when all of it is there."""
    host.sh("mkdir -p /tmp/caught; chmod 777 /tmp/caught")
    host.write("/usr/local/bin/catch-bounce", "#!/bin/sh\ncd /tmp/caught\ncat > new.$$; cat <&1 > envelope.$$\n"
               f"ls -l /proc/self/fd > fds.$$\nmv new.$$ message.$$\nexit {exit}\n", mode=0o755)
    return {"QMAILQUEUE": "/usr/local/bin/catch-bounce"}


def caught(host, kind="message"):
    return [host.read("/tmp/caught/" + name) for name in host.sh(f"ls /tmp/caught | grep ^{kind} || :").stdout.split()]


def test_a_failure_goes_back_to_the_sender(rig, host):
    host.control("virtualdomains", "v.example:joe\n")
    host.control("bounceformat", "qsbmf\n")
    rig.start(env=bounce_catcher(host))
    id = rig.message("s@else.example", ["nobody@v.example", "plain", "ok@mail.example.org"], message=b"Received: x\n\nhello\n")
    for _ in range(3):
        d = rig.delivery(LOCAL)
        d.report(*{"joe-nobody@v.example": ("D", "No such user.\n\n\nSo sorry. (#5.1.1)\n"), "ok@mail.example.org": ("K", ""),
                   "plain@mail.example.org": ("D", "no")}[d.address])
    rig.logged(f"bounce msg {id} qp [0-9]+")
    rig.logged(f"end msg {id}")
    assert gone(rig, id) and not rig.place(id, "bounce").exists()
    assert caught(host, "envelope") == [b"F\0Ts@else.example\0\0"]
    message, = caught(host)
    message = re.sub(rb"Message-ID: <\d{14}\.\d+\.[0-9a-f]{16}\.qmail@mail\.example\.org>\n", b"Message-ID: .\n", message)
    assert re.sub(rb"Date: [0-9]+ \w\w\w \d{4} \d\d:\d\d:\d\d -0000\n", b"Date: .\n", message) == (
        b"Date: .\n"
        b"From: MAILER-DAEMON@mail.example.org\n"
        b"To: s@else.example\n"
        b"Subject: failure notice\n"
        b"Message-ID: .\n"
        b"Auto-Submitted: auto-replied\n"
        b"MIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=utf-8\n"
        b"Content-Transfer-Encoding: 8bit\n"
        b"\n"
        b"Hi. This is the qmail-send program at mail.example.org.\n"
        b"I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        b"This is a permanent error; I've given up. Sorry it didn't work out.\n"
        b"\n"
        b"<nobody@v.example>:\nNo such user.\n//So sorry. (#5.1.1)\n\n"
        b"<plain@mail.example.org>:\nno\n\n"
        b"--- Below this line is a copy of the message.\n"
        b"\n"
        b"Return-Path: <s@else.example>\n"
        b"Received: x\n\nhello\n")


def test_the_queue_program_of_a_bounce_holds_no_pipe_of_ours(rig, host):
    rig.start(env=bounce_catcher(host))
    rig.message()
    rig.delivery(LOCAL).report("D", "no")
    rig.logged("end msg .*")
    fds, = caught(host, "fds")
    numbers = {int(n) for n in re.findall(rb" (\d+) -> pipe", fds)}
    assert numbers <= {0, 1, 2, 6}, fds


def test_a_real_bounce_comes_into_the_queue(rig):
    rig.start()
    id = rig.message("joe@mail.example.org", ["r@x.example"])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged(f"bounce msg {id} qp [0-9]+")
    d = rig.delivery(LOCAL)
    assert (d.sender, d.address) == ("", "joe@mail.example.org")
    assert b" for bounce); " in rig.place(d.id).read_bytes().splitlines()[0]


def test_the_log_tells_of_a_bounce_before_it_tells_of_its_message(rig):
    """Whoever reads the log links both by their order: bounce, end, and only then new and info."""
    rig.start()
    ids = [rig.message("joe@mail.example.org", [f"r{i}@x{i}.example"]) for i in range(40)]
    for _ in ids:
        rig.delivery(REMOTE).report("D", "no\n")
    bounces = set()
    for _ in ids:
        d = rig.delivery(LOCAL, seconds=30)
        d.report("K", "")
        bounces.add(d.id)
    at = {line: i for i, line in reversed(list(enumerate(rig.log)))}
    for id in ids:
        line, = (l for l in at if re.fullmatch(f"bounce msg {id} qp [0-9]+", l))
        info, = (l for l in at if re.fullmatch(f"info msg [0-9]+: bytes [0-9]+ from <> {line[line.index('qp'):]} uid [0-9]+", l))
        new = info.split(":")[0].replace("info", "new")
        # A number may come again.
        is_new = max(i for i, l in enumerate(rig.log[:at[info]]) if l == new)
        assert at[line] < at[f"end msg {id}"] < is_new
        assert int(new.split()[2]) in bounces


def test_a_verp_sender_gets_the_bounce_without_the_suffix(rig, host):
    rig.start(env=bounce_catcher(host))
    rig.message("owner-@lists.example-@[]", ["r@x.example"])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged("end msg .*")
    assert caught(host, "envelope") == [b"F\0Towner-@lists.example\0\0"]
    assert b"Return-Path: <owner-@lists.example>\n" in caught(host)[0]


@pytest.mark.parametrize("text", ["", "\n", " \t\npostmaster\n"])
def test_bounced_bounces_can_be_discarded(rig, host, text):
    host.control("doublebounceto", text)
    rig.start(env=bounce_catcher(host))
    double, single = rig.message("", ["r@x.example"]), rig.message("s@y.example", ["q@x.example"])
    for _ in range(2):
        rig.delivery(REMOTE).report("D", "no\n")
    rig.logged(f"double bounce: discarding bounce/{double}")
    rig.logged(f"bounce msg {single} qp .*")
    assert eventually(lambda: not host.sh("ls /var/qmail/queue/bounce; find /var/qmail/queue/mess -type f").stdout)
    assert caught(host, "envelope") == [b"F\0Ts@y.example\0\0"], "other failures are returned"


def test_a_bounced_bounce_goes_to_the_postmaster(rig, host):
    host.control("doublebouncehost", "else.example\n")
    rig.start(env=bounce_catcher(host))
    rig.message("", ["r@x.example"])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged("end msg .*")
    assert caught(host, "envelope") == [b"F#@[]\0Tpostmaster@else.example\0\0"]
    message, = caught(host)
    assert b"To: postmaster@else.example\n" in message
    assert (b"\nHi. This is the qmail-send program at mail.example.org.\n"
            b"I tried to deliver a bounce message to this address, but the bounce bounced!\n\n"
            b"<r@x.example>:\nno\n\n--- Below this line is the original bounce.\n\nReturn-Path: <>\n") in message


def test_a_triple_bounce_is_discarded(rig, host):
    rig.start(env=bounce_catcher(host))
    id = rig.message("#@[]", ["r@x.example"])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged(f"triple bounce: discarding bounce/{id}")
    rig.logged(f"end msg {id}")
    assert gone(rig, id) and not rig.place(id, "bounce").exists()
    assert caught(host) == []


def test_a_bounce_that_cannot_be_queued_waits_and_survives(rig, host):
    rig.start(env=bounce_catcher(host, exit=53))
    id = rig.message("s@else.example", ["r@x.example"])
    rig.delivery(REMOTE).report("D", "no\n")
    rig.logged("warning: trouble injecting bounce message, will try later")
    # The recipient is marked now: a restart bounces, and does not deliver again.
    assert rig.until(lambda: rig.done(id) == ["r@x.example"])
    assert rig.stop() == 0
    rig.start(env=bounce_catcher(host))
    rig.logged(f"bounce msg {id} qp [0-9]+")
    assert not rig.waiting[REMOTE]


def test_the_last_pass_makes_failures_of_deferrals(rig, host):
    rig.start(env=bounce_catcher(host))
    rig.message("s@else.example", ["r@x.example"], birth=wall() - LIFETIME - 2, due=(NEVER, wall() - 5))
    rig.delivery(REMOTE).report("Z", "busy\n")
    rig.logged(re.escape("delivery 1: failure: busy/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./"))
    rig.logged("bounce msg .*")
    assert b"busy\nI'm not going to try again; this message has been in the queue too long.\n\n" in caught(host)[0]


def test_one_that_is_not_yet_too_old_stays(rig, host):
    host.control("queuelifetime", "1000\n")
    rig.start()
    id = rig.message(birth=wall() - 900)
    rig.delivery(LOCAL).report("Z", "busy\n")
    rig.logged("delivery 1: deferral: busy/")
    assert rig.until(lambda: rig.due(id)[0])


def test_a_failure_that_cannot_be_noted_is_tried_again(rig, host):
    rig.start()
    host.sh("chmod 500 /var/qmail/queue/bounce; chown root /var/qmail/queue/bounce")
    id = rig.message()
    rig.delivery(LOCAL).report("D", "no\n")
    rig.logged(f"alert: unable to append to bounce/{id}; will try again later")
    assert rig.until(lambda: rig.due(id)[0])
    assert rig.done(id) == []


def test_a_failure_is_marked_after_it_is_noted(clean_rig):
    rig = clean_rig.start()
    id = rig.message(recipients=["a@mail.example.org", "b@mail.example.org"])
    rig.delivery(LOCAL).report("D", "no\n")
    assert rig.request() == f"done/{id}/{rig.envelope(id).index(b'Ta@')}"
    assert rig.place(id, "bounce").read_bytes() == b"<a@mail.example.org>:\nno\n\n"


# ---- control files ----

def test_hup_rereads_everything_and_queued_mail_follows(rig, host):
    rig.start()
    id = rig.message(recipients=["r@moved.example"])
    rig.delivery(REMOTE).report("Z", "")
    assert rig.until(lambda: rig.due(id)[1])
    host.control("virtualdomains", "moved.example:joe\n")
    host.control("concurrencylocal", "3\n")
    rig.signal("HUP")
    time.sleep(0.2)
    rig.signal("ALRM")
    assert rig.delivery(LOCAL).address == "joe-r@moved.example"
    rig.logged("status: local 1/3 remote 0/20")
    assert not rig.waiting[REMOTE]


def test_hup_in_the_midst_of_a_pass_counts_for_the_rest_of_it(rig, host):
    host.control("concurrencyremote", "1\n")
    rig.start()
    rig.message(recipients=["r@first.example", "r@moved.example", "joe@mail.example.org"])
    rig.delivery(LOCAL).report("K", "")
    first = rig.delivery(REMOTE)
    host.control("virtualdomains", "moved.example:joe\n")
    host.control("concurrencylocal", "3\n")
    rig.signal("HUP")
    rig.message(recipients=["ann@mail.example.org"])
    rig.delivery(LOCAL).report("K", "")
    rig.logged("status: local 1/3 remote 1/1")
    first.report("K", "")
    assert rig.delivery(LOCAL).address == "joe-r@moved.example"
    assert not rig.waiting[REMOTE]


def test_hup_with_a_broken_file_keeps_all_old_values(rig, host):
    rig.start()
    host.sh("mkdir /var/qmail/control/virtualdomains")
    host.control("concurrencylocal", "3\n")
    rig.signal("HUP")
    rig.logged("alert: unable to reread control/virtualdomains")
    rig.message()
    rig.delivery(LOCAL)
    rig.logged("status: local 1/10 remote 0/20")


# ---- ending ----

def test_term_waits_for_running_deliveries(rig):
    rig.start()
    id = rig.message(recipients=["a@mail.example.org"])
    d = rig.delivery(LOCAL)
    rig.signal("TERM")
    time.sleep(0.2)
    rig.message()
    assert rig.silent()
    assert rig.process.poll() is None
    d.report("Z", "")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.until(lambda: rig.log[-1] == "status: exiting")
    assert rig.log[-2:] == ["status: local 0/10 remote 0/20 exitasap", "status: exiting"]
    rig.close()
    assert rig.due(id)[0]


def term_with_a_straggler(rig, host, seconds=1, **more):
    host.control("timeoutstop", f"{seconds}\n")
    rig.start()
    id = rig.message(recipients=["a@mail.example.org", "r@x.example"], **more)
    running = rig.delivery(LOCAL), rig.delivery(REMOTE)
    rig.signal("TERM")
    return id, running


def test_stragglers_are_ended_and_tried_again_at_once(rig, host):
    id, running = term_with_a_straggler(rig, host)
    assert rig.until(lambda: sorted(rig.ended) == [LOCAL, REMOTE])
    rig.logged("warning: ending 2 deliveries after 1 seconds")
    for d in running:
        d.report("E", "it was ended")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.pump(0.1)
    assert [l for l in rig.log if "deferral" in l] == [f"delivery {n}: deferral: it_was_ended" for n in (1, 2)]
    assert rig.log[-1] == "status: exiting"
    rig.close()
    assert max(rig.due(id)) <= wall()
    rig.start()
    assert rig.delivery(LOCAL).id == rig.delivery(REMOTE).id == id


def test_an_end_by_force_bounces_nothing(rig, host):
    host.control("queuelifetime", "10\n")
    id, running = term_with_a_straggler(rig, host, birth=wall() - 100)
    assert rig.until(lambda: len(rig.ended) == 2)
    for d in running:
        d.report("E", "it was ended")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.close()
    assert rig.place(id).exists() and not rig.place(id, "bounce").exists() and rig.done(id) == []


def test_a_delivery_that_ends_in_time_is_not_ended(rig, host):
    id, running = term_with_a_straggler(rig, host, seconds=60)
    for d in running:
        d.report("K", "")
    assert rig.until(lambda: rig.process.poll() == 0)
    assert rig.ended == []
    rig.close()
    assert not rig.place(id).exists()


def test_a_spawner_that_does_not_answer_is_left_alone(rig, host):
    id, _ = term_with_a_straggler(rig, host)
    assert rig.until(lambda: rig.process.poll() == 0, 30)
    rig.logged("alert: 2 deliveries do not end and are left to themselves")
    rig.close()
    rig.start()
    assert rig.delivery(LOCAL).id == id


def test_a_lost_spawner_does_not_wait_for_the_other_for_ever(rig, host):
    host.control("timeoutstop", "1\n")
    rig.start()
    rig.message(recipients=["a@mail.example.org", "r@x.example"])
    rig.delivery(LOCAL)
    r = rig.delivery(REMOTE)
    os.close(rig.reports[LOCAL])
    assert rig.until(lambda: rig.ended == [REMOTE])
    r.report("E", "")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.close()


def test_term_waits_for_the_removal_to_be_asked(clean_rig):
    rig = clean_rig.start()
    id = rig.message()
    d = rig.delivery(LOCAL)
    rig.signal("TERM")
    d.report("K", "")
    assert rig.until(lambda: rig.process.poll() == 0)
    assert rig.request() == f"foop/{id}"


def test_a_lost_spawner_ends_it_in_order(rig):
    rig.start()
    rig.message(recipients=["a@mail.example.org", "r@x.example"])
    rig.delivery(LOCAL)
    r = rig.delivery(REMOTE)
    os.close(rig.reports[LOCAL])
    rig.logged("alert: oh no! lost spawn connection! dying...")
    assert rig.process.poll() is None
    r.report("K", "")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.logged("status: exiting")
    rig.close()


def test_a_lost_qmail_clean_ends_it_in_order(clean_rig):
    rig = clean_rig.start()
    os.close(rig.answers)
    rig.logged("alert: oh no! lost qmail-clean connection! dying...")
    rig.logged("status: exiting")
    assert rig.until(lambda: rig.process.poll() == 0)
    rig.answers = os.dup(0)


def test_only_one_qmail_send_runs(rig, host):
    rig.start()
    with open(host.path("/tmp/log"), "wb") as log:
        second = host.popen(["/var/qmail/bin/qmail-send"], user="qmails", stdin=log)
        assert second.wait(10) == 111
    assert host.read("/tmp/log") == b"alert: cannot start: qmail-send is already running\n"


def test_without_locals_it_does_not_start(host):
    host.sh("rm /var/qmail/control/locals /var/qmail/control/me")
    with open(host.path("/tmp/log"), "wb") as log:
        assert host.popen(["/var/qmail/bin/qmail-send"], user="qmails", stdin=log).wait(10) == 111
    assert host.read("/tmp/log") == (b"warning: unable to read control/me: No such file or directory\n"
                                     b"alert: cannot start: unable to read controls\n")


# ---- how mail is found ----

def test_a_scan_at_the_start_finds_what_nobody_announced(rig):
    id = rig.message(announce=False)
    rig.start()
    assert rig.delivery(LOCAL).id == id
    rig.logged(f"new msg {id}")


@pytest.mark.parametrize("byte", [b"\0", b"x", b"-5\n"])
def test_other_bytes_in_the_trigger_make_it_scan(rig, byte):
    rig.start()
    assert rig.silent()
    id = rig.message(announce=False)
    assert rig.silent()
    rig.trigger(byte)
    assert rig.delivery(LOCAL).id == id


def test_garbage_numbers_are_ignored(rig):
    rig.start()
    rig.trigger(b"0\n\n99999999999999999999999999999\n4711\n00012\n")
    assert rig.silent()
    assert not any("msg" in l or "warning" in l for l in rig.log)
    rig.message()
    rig.delivery(LOCAL)


def test_a_number_cut_in_two_is_one_number(rig):
    rig.start()
    assert rig.silent()
    id = rig.message(announce=False)
    rig.trigger(b"%d" % (id // 10))
    assert rig.silent(0.2)
    rig.trigger(b"%d\n" % (id % 10))
    assert rig.delivery(LOCAL).id == id


def test_a_hint_spoilt_by_somebody_else_costs_a_scan_not_the_mail(rig):
    rig.start()
    assert rig.silent()
    rig.trigger(b"666")
    id = rig.message()
    assert rig.delivery(LOCAL, seconds=5).id == id


def test_a_flood_in_the_trigger_loses_nothing(rig, host):
    host.control("concurrencylocal", "1000\n")
    rig.start(local=1000)
    assert rig.silent()
    known = rig.message()
    rig.delivery(LOCAL)
    rig.signal("STOP")
    ids = {rig.message(announce=False) for _ in range(300)}
    fd = os.open(host.path("/var/qmail/queue/lock/trigger"), os.O_WRONLY | os.O_NONBLOCK)
    for repeat in (800, 1):
        with pytest.raises(BlockingIOError):
            while True:
                os.write(fd, b"%d\n" % known * repeat)
    os.close(fd)
    rig.signal("CONT")
    assert {rig.delivery(LOCAL).id for _ in range(300)} == ids


def test_a_scan_leaves_alone_what_its_writer_still_holds(rig):
    content = file_of("s@else.example", ["joe@mail.example.org"])
    id = rig.put(content)
    with open(rig.place(id), "r+b") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        rig.start()
        assert rig.silent(1)
        rig.announce(id)
        assert rig.delivery(LOCAL).id == id


def test_a_dead_writers_message_is_taken_in_without_announcement(rig):
    id = rig.put(file_of("s@else.example", ["joe@mail.example.org"]))
    with open(rig.place(id), "r+b") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        rig.start()
        assert rig.silent(0.5)
    assert rig.delivery(LOCAL, seconds=15).id == id


def broken_files():
    whole = file_of("s@else.example", ["joe@mail.example.org"])
    yield "empty", b""
    yield "no footer", b"Subject: x\n\nhello\n" * 20
    yield "cut", whole[:-1]
    yield "message changed", b"X" + whole[1:]
    at = whole.index(b"Tjoe")
    yield "envelope changed", whole[:at + 1] + b"J" + whole[at + 2:]
    message, envelope = b"x", b"Tjoe@mail.example.org\0"
    yield "no sender", message + envelope + footer_of(message, envelope, wall(), (0, 0))


@pytest.mark.parametrize("name,content", broken_files(), ids=lambda v: v if isinstance(v, str) else "")
def test_a_damaged_file_is_moved_aside(rig, name, content):
    id = rig.put(content)
    rig.start()
    rig.logged(f"alert: mess/{id % 23}/{id} is damaged, moved to corrupt/{id}; after a power cut it may be one that was being written, and was not accepted")
    assert rig.place(id, "corrupt").read_bytes() == content and not rig.place(id).exists()
    rig.message()
    assert rig.delivery(LOCAL).id != id
    assert rig.process.poll() is None


def test_a_message_removed_by_hand_is_forgotten(rig):
    id = rig.message(announce=False, due=(wall() + 3, NEVER))
    rig.start()
    assert rig.silent(0.5)
    rig.place(id).unlink()
    rig.logged(f"warning: unable to open mess/{id % 23}/{id}: it is gone")
    rig.message(id=id)
    assert rig.delivery(LOCAL).id == id


# ---- a number comes again ----

def test_a_number_announced_again_before_its_removal_is_answered(clean_rig):
    rig = clean_rig.start()
    id = rig.message(recipients=["old@mail.example.org"])
    rig.delivery(LOCAL).report("K", "")
    assert rig.request() == f"foop/{id}"
    rig.place(id).unlink()
    rig.message(recipients=["new@mail.example.org"], id=id)
    assert rig.silent()
    rig.answer("+")
    assert rig.delivery(LOCAL).address == "new@mail.example.org"
    assert len([l for l in rig.log if l == f"new msg {id}"]) == 2


def test_a_failed_removal_is_asked_again_and_the_last_recipient_marked(clean_rig):
    rig = clean_rig.start()
    id = rig.message()
    rig.delivery(LOCAL).report("K", "")
    assert rig.request() == f"foop/{id}"
    rig.answer("!")
    rig.logged(f"warning: qmail-clean unable to clean up foop/{id}")
    assert rig.request().startswith(f"done/{id}/")
    assert re.fullmatch(f"due/{id}/l/[1-9][0-9]+/[1-9][0-9]+", rig.request())


def test_a_message_is_not_read_while_its_marks_are_under_way(clean_rig):
    rig = clean_rig.start()
    id = rig.message(recipients=["a@mail.example.org", "b@mail.example.org"])
    a, b = rig.delivery(LOCAL), rig.delivery(LOCAL)
    a.report("K", "")
    b.report("Z", "")
    mark = rig.request()
    assert mark.startswith(f"done/{id}/")
    assert rig.request().startswith(f"due/{id}/l/")
    assert rig.request().startswith(f"due/{id}/r/{NEVER}/")
    rig.signal("ALRM")
    assert rig.silent()
    at = rig.place(id).read_bytes().index(b"Ta@")
    with open(rig.place(id), "r+b") as f:
        f.seek(at)
        f.write(b"D")
    rig.answer("+++")
    assert rig.delivery(LOCAL).address == "b@mail.example.org"
    assert rig.silent()


def test_a_silent_qmail_clean_stops_nothing(clean_rig, host):
    host.control("concurrencylocal", "500\n")
    rig = clean_rig.start(local=500)
    for i in range(40):
        rig.message(recipients=[f"u{j}-{i}@mail.example.org" for j in range(200)])
        for _ in range(200):
            rig.delivery(LOCAL).report("K", "")
    # 8000 requests, far more than a pipe holds, and none is answered.
    rig.message(recipients=["last@mail.example.org"])
    assert rig.delivery(LOCAL).address == "last@mail.example.org"


# ---- fairness and size ----

def test_a_long_list_leaves_room_for_others(rig, host):
    host.control("concurrencylocal", "4\n")
    rig.start()
    rig.message(recipients=[f"u{i}@mail.example.org" for i in range(10000)])
    running = [rig.delivery(LOCAL) for _ in range(4)]
    late = rig.message(recipients=["late@mail.example.org"])
    rig.logged(f"new msg {late}")
    for turn in range(4):
        running.pop(0).report("K", "")
        running.append(rig.delivery(LOCAL))
        if running[-1].id == late:
            break
    assert running[-1].id == late


def test_new_mail_passes_a_backlog(rig):
    for i in range(20000):
        rig.message(announce=False, recipients=[f"r{i}@x{i}.example"], due=(NEVER, 1000 + i), birth=wall() - 5000)
    rig.start()
    backlog = [rig.delivery(REMOTE) for _ in range(10)]
    begin = time.monotonic()
    assert rig.message(recipients=["joe@mail.example.org"]) == rig.delivery(LOCAL).id
    assert rig.message(recipients=["new@y.example"]) == rig.delivery(REMOTE).id
    assert time.monotonic() - begin < 1
    taken = []
    new = [rig.message(recipients=[f"new@y{i}.example"]) for i in range(10)]
    taken += [rig.delivery(REMOTE).id for _ in range(4)]
    assert rig.silent()
    for d in backlog[:8]:
        d.report("Z", "dead\n")
        taken.append(rig.delivery(REMOTE).id)
    assert len(set(taken) & set(new)) == 4 + 4
    assert len(rig.asked) < 200


def test_a_first_scan_does_not_hold_up_what_is_announced(rig):
    for i in range(20000):
        rig.message(announce=False, recipients=["late@mail.example.org"], due=(wall() + 5000, NEVER))
    id = rig.put(file_of("s@else.example", ["now@mail.example.org"]), id=23 * 10**6 + 22)
    rig.start()
    rig.announce(id)
    assert rig.delivery(LOCAL, seconds=3).id == id


# ---- everything at once ----

def answer_all(rig, verdicts, luck):
    """Reports something to each waiting delivery, in any order; notes the final words."""
    deliveries = [d for c in (LOCAL, REMOTE) for command in rig.waiting[c] for d in command]
    rig.waiting = {LOCAL: [], REMOTE: []}
    luck.shuffle(deliveries)
    for d in deliveries:
        letter = luck.choice("KKKZZD")
        if letter != "Z":
            verdicts.setdefault(d.address, []).append(letter)
        d.report(letter, f"said {letter}\n")


def mixed_mail(rig, luck, count):
    addresses = []
    for i in range(count):
        kinds = [luck.choice(["mail.example.org", "x.example", "Y.example"]) for _ in range(luck.randint(1, 12))]
        mine = [f"m{i}r{j}@{k}" for j, k in enumerate(kinds)]
        rig.message(f"sender{i}@else.example", mine, announce=luck.random() < 0.8)
        addresses += mine
    return addresses


def queue_empty(rig, host):
    return not host.sh("find /var/qmail/queue/mess /var/qmail/queue/bounce -type f").stdout


@pytest.mark.parametrize("kills", [0, 6])
def test_every_recipient_gets_his_mail_or_his_sender_the_news(rig, host, kills):
    luck = random.Random(int(os.environ.get("LUCK", kills)))     # another LUCK is another story
    env = bounce_catcher(host)
    rig.start(env=env)
    addresses, verdicts = mixed_mail(rig, luck, 100), {}
    for turn in range(400):
        rig.pump(0.02)
        answer_all(rig, verdicts, luck)
        if kills and turn % 2:
            kills -= 1
            rig.kill()
            rig.start(env=env)
        if turn % 5 == 0:
            rig.signal("ALRM")
            rig.trigger(b"\0")
            if queue_empty(rig, host):
                break
    assert queue_empty(rig, host) and not kills, rig.log[-30:]
    assert set(verdicts) == set(addresses)
    bounced = re.findall(rb"^<(m\d+r\d+@.*)>:$", b"".join(caught(host)), re.M)
    for address in addresses:
        if "D" in verdicts[address] and "K" not in verdicts[address]:
            assert address.encode() in bounced, address
    if not any(l.startswith("pid") for l in rig.log[1:]):
        assert all(len(v) == 1 for v in verdicts.values())
        assert sorted(bounced) == sorted(a.encode() for a in addresses if verdicts[a] == ["D"])
    assert rig.stop() == 0
