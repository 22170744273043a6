"""matchup: each line of a log of qmail-send, each form of its times, and what is open at its end."""

import os
import re
import subprocess
import time

import pytest

from tests.analog.programs import BIN, deliveries, label, matchup
from tests.host import eventually
from tests.host.machine import TOP

WHOLE = """\
1.0 status: local 0/10 remote 0/20
2.5 new msg 7
2.5 info msg 7: bytes 300 from <Joe@Example.Org> qp 20 uid 1000
3.25 starting delivery 1: msg 7 to local Ann@mail.example.org
3.25 status: local 1/10 remote 0/20
3.5 starting delivery 2: msg 7 to remote bob@Heaven.Example
4.75 delivery 1: success: did_1+0+0/
5.0 delivery 2: deferral: Connected_to_192.0.2.1_but_greylisted/
6.0 starting delivery 3: msg 7 to remote bob@Heaven.Example
7.5 delivery 3: failure: Sorry._(#5.1.1)/
7.75 end msg 7
"""
MATCHED = """\
d k 2.5 3.25 4.75 300 <joe@example.org> local.ann@mail.example.org 20 1000 did_1+0+0/
d z 2.5 3.5 5.0 300 <joe@example.org> remote.bob@heaven.example 20 1000 Connected_to_192.0.2.1_but_greylisted/
d d 2.5 6.0 7.5 300 <joe@example.org> remote.bob@heaven.example 20 1000 Sorry._(#5.1.1)/
m 2.5 7.75 300 1 1 1 <joe@example.org> 20 1000
"""


def test_a_message_and_its_attempts():
    assert matchup(WHOLE) == (MATCHED, "")


KNOWN = "1 info msg 7: bytes 3 from <> qp 20 uid 1\n2 starting delivery 1: msg 7 to local a@b\n"
CASES = {
    "an empty sender": (KNOWN + "3 end msg 7\n", "m 1 3 3 0 0 0 <> 20 1\n"),
    "a mangled report": (KNOWN + "3 delivery 1: report mangled, will defer\n", "d z 1 2 3 3 <> local.a@b 20 1 report_mangled\n"),
    "an unknown result": (KNOWN + "3 delivery 1: strange: x\n", "?1 2 3 3 <> local.a@b 20 1 x\n"),
    "no reason": (KNOWN + "3 delivery 1: success:\n", "d k 1 2 3 3 <> local.a@b 20 1 \n"),
    "an unknown message": ("2 starting delivery 1: msg 7 to remote A@B\n3 delivery 1: success: ok\n", "d k 2 2 3 0 ? remote.a@b ? ? ok\n"),
    "an unknown delivery": ("3 delivery 1: success: ok\n", ""),
    "an unknown end": ("3 end msg 1\n", ""),
    "a number that is used again": (KNOWN + "3 new msg 7\n4 end msg 7\n", ""),
    "a second info": (KNOWN + "3 info msg 7: bytes 4 from <b> qp 5 uid 6\n4 end msg 7\n", "m 3 4 4 0 0 0 <b> 5 6\n"),
    "a delivery that starts twice": (KNOWN + "3 starting delivery 1: msg 7 to remote C@D\n4 delivery 1: success: y\n",
                                     "d k 1 3 4 3 <> remote.c@d 20 1 y\n"),
    "counters": ("1 info msg 7: bytes 3 from <a> qp 2 uid 1\n1 extra 7 3 2 1\n5 end msg 7\n", "m 1 5 3 3 1 2 <a> 2 1\n"),
    "a restart": (KNOWN + "3 running\n4 delivery 1: success: x\n5 end msg 7\n", "m 1 5 3 0 0 0 <> 20 1\n"),
    "an end of qmail-send": (KNOWN + "3 exiting\n4 delivery 1: success: x\n", ""),
    "what is not looked at": ("1 status: exiting\n1 number of x\n1 local 1\n1 remote 2\n", ""),
    "complaints": ("1  warning: a  b\n@4000 alert: c\n", "1  warning: a  b\n@4000 alert: c\n"),
    "something else": ("1 bounce msg 7 qp 5\n\n", "? 1 bounce msg 7 qp 5\n? \n"),
    "blanks": ("1\t info  msg \t7: bytes 3 from <a> qp 2 uid 1\n  5 end msg 7 \n", "m 1 5 3 0 0 0 <a> 2 1\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_cases(case):
    log, printed = CASES[case]
    assert matchup(log)[0] == printed


def test_what_is_open_is_put_in_front_of_the_rest():
    lines = WHOLE.splitlines(keepends=True)
    for cut in range(len(lines)):
        for middle in (0, 12):
            first = "".join(lines[:cut]) + lines[cut][:middle]
            rest = lines[cut][middle:] + "".join(lines[cut + 1:])
            printed, pending = matchup(first)
            for again in (matchup(pending + rest), matchup(rest, "mlmatchup", before=pending)):
                assert (printed + again[0], again[1]) == (MATCHED, ""), (cut, middle)


def test_what_is_open_in_its_form_and_order():
    log = ("9 info msg 3: bytes 1 from <A> qp 2 uid 4\n1 info msg 2: bytes 1 from <b> qp 2 uid 4\n"
           "5 starting delivery 2: msg 3 to remote X@y\n4 starting delivery 1: msg 3 to local z\n"
           "6 delivery 1: deferral: no\n7 starting delivery 3: msg 2 to local z\n8 status: loc")
    assert matchup(log)[1] == ("9 info msg 3: bytes 1 from <a> qp 2 uid 4\n9 extra 3 0 1 0\n1 info msg 2: bytes 1 from <b> qp 2 uid 4\n"
                               "1 extra 2 0 0 0\n5 starting delivery 2: msg 3 to remote x@y\n7 starting delivery 3: msg 2 to local z\n"
                               "8 status: loc")


def as_labels(line):
    seconds, rest = line.split(" ", 1)
    return f"{label(901967408 + int(seconds.split('.')[0]), int((seconds.split('.')[1] + '0' * 9)[:9]))} {rest}"


def test_every_form_of_the_time_gives_the_same():
    lines = [f"{901967408 + float(line.split(' ', 1)[0]):.9f} {line.split(' ', 1)[1]}" for line in WHOLE.splitlines()]
    decimal = "".join(line + "\n" for line in lines)
    printed = matchup(decimal)[0]
    assert printed.startswith("d k 901967410.500000000 901967411.250000000 901967412.750000000 300 ")
    labels = "".join(as_labels(line) for line in WHOLE.splitlines(keepends=True))
    assert matchup(labels)[0] == printed
    assert matchup("".join(f"Aug  1 10:30:08 mail qmail: {line}\n" for line in lines))[0] == printed
    assert matchup("".join(f"     {line}\n" for line in lines))[0] == printed
    assert matchup("".join(f"2026-11-28T17:15:04.123+01:00 mail qmail: {line}\n" for line in lines))[0] == printed
    for zone in ("UTC", "Europe/Berlin", "America/St_Johns"):
        local = subprocess.run(["tai64nlocal"], input=labels, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin", "TZ": zone})
        assert local.stdout.startswith("1998-08-01 ")
        assert matchup(local.stdout, env={"TZ": zone})[0] == printed


def test_descriptor_5_is_missing():
    done = subprocess.run([BIN / "matchup"], input=WHOLE.encode(), capture_output=True)
    assert (done.returncode, done.stdout.decode(), done.stderr) == (
        111, MATCHED, b"matchup: fatal: unable to write fd 5: Bad file descriptor\n")


def test_a_disk_that_is_full_and_an_input_that_is_none():
    done = subprocess.run(["bash", "-c", f"exec {BIN}/matchup 5>/dev/null >/dev/full"], input=WHOLE.encode(), capture_output=True)
    assert (done.returncode, done.stderr) == (111, b"matchup: fatal: unable to write output: No space left on device\n")
    done = subprocess.run(["bash", "-c", f"exec {BIN}/matchup 5>/dev/null </"], capture_output=True)
    assert (done.returncode, done.stderr) == (111, b"matchup: fatal: unable to read input: Is a directory\n")


@pytest.mark.parametrize("more", [-1, 0, 1, 200_000, 1_000_000])
def test_a_long_line_is_cut_and_the_next_one_is_read(more):
    long = "1 warning: " + "x" * (65536 - 11 + more)
    assert matchup(long + "\n" + WHOLE)[0] == long[:65536] + "\n" + MATCHED


def test_many_messages_open_at_once(tmp_path):
    """Numbers that fall on the same places, in and out in any order."""
    log = "".join(f"1 info msg {n * 4096}: bytes {n} from <a> qp 2 uid 1\n" for n in range(3000))
    order = [n * 7 % 3000 for n in range(3000)]
    printed, pending = matchup(log + "".join(f"2 end msg {n * 4096}\n" for n in order if n % 3))
    assert [line.split()[3] for line in printed.splitlines()] == [str(n) for n in order if n % 3]
    assert [int(line.split()[3][:-1]) for line in pending.splitlines() if "info" in line] == [n * 4096 for n in range(3000) if n % 3 == 0]


def test_a_real_log_has_no_line_that_is_unknown(host):
    """Mail that arrives, is forwarded, is refused, bounces, waits; then a stop."""
    host.user("joe")
    host.user("ann")
    host.sh("cd ~ann && echo '|exit 111' > .qmail-later && echo '|echo sorry; exit 100' > .qmail-never && "
            "echo '&joe' > .qmail-on && chown ann: .qmail-*")
    host.start()
    for to in ("joe", "ann-later", "ann-never", "ann-on", "nobody-at-all", "x@nowhere.invalid"):
        host.sh(f"printf 'Subject: x\\n\\nhello\\n' | qmail-inject -fann@mail.example.org {to}")
    place = "/var/log/qmail/qmail-send/current"
    assert eventually(lambda: host.read(place).count(b"end msg") >= 6, 30)
    host.sh("svc -d /service/qmail-send")
    assert eventually(lambda: b"status: exiting" in host.read(place), 30)
    log = host.read(place).decode()
    printed, pending = matchup(log)
    # "bounce msg" and its kin came later than qmailanalog: it has always told of them.
    assert [line for line in printed.splitlines() if line[0] == "?" and " bounce" not in line] == []
    assert {line[:3] for line in printed.splitlines() if line[0] in "dm"} >= {"d k", "d d", "d z"}
    assert printed.count("\nm ") + printed.startswith("m ") == log.count("end msg")
    assert "info msg" in pending


# What qmailanalog never knew, and so tells of behind a "?".
UNKNOWN = {"bounce", "call:", "double", "triple", "notice", "queue:"}


def test_each_line_that_qmail_send_may_write_is_known():
    """By its first word, as it stands in the source."""
    said = {word for source in (TOP / "programs/queue").glob("*.c")
            for word in re.findall(r'\blog_line\("(\S+)', source.read_text())}
    assert {"new", "info", "starting", "delivery", "end", "status:", "warning:", "alert:"} <= said
    assert {word for word in said if matchup(f"1 {word} x\n")[0].startswith("? ")} == UNKNOWN


@pytest.mark.skipif("SANITIZE" in os.environ, reason="sanitized programs take another time")
def test_a_log_of_many_deliveries_is_read_in_time(tmp_path):
    """A million take less than three seconds on a machine that has nothing else to do."""
    with open(tmp_path / "log", "w") as log:
        deliveries(log, 100_000)
    best = 100
    for _ in range(3):
        start = time.monotonic()
        done = subprocess.run(["bash", "-c", f"{BIN}/matchup 5>{tmp_path}/pending <{tmp_path}/log | {BIN}/zoverall"],
                              capture_output=True, text=True, check=True)
        best = min(best, time.monotonic() - start)
    assert "Completed messages: 100000\n" in done.stdout and "Total delivery attempts: 100000\n" in done.stdout
    assert (tmp_path / "pending").read_text() == ""
    assert best < 3
