"""Recipients who do not exist are refused, by the rules of delivery; in doubt nobody is."""

import os
import re
import time

import pytest

from tests.host import eventually
from tests.host.directory import Directory
from tests.smtp.session import ENVELOPE, Session

ME = "mail.example.org"
UNKNOWN = "550 5.1.1 sorry, no mailbox here by that name (#5.1.1)"
OK = "250 2.1.5 ok"
LATER = "451 4.3.0 sorry, i cannot look for that mailbox now (#4.3.0)"


def rcpt(host, *addresses, env=None, **more):
    """The replies in one session, and what was logged."""
    s = Session(host, env=env, **more).begin()
    s.ask(b"MAIL FROM:<>\r\n")
    replies = [s.ask(b"RCPT TO:<%s>\r\n" % address.encode()) for address in addresses]
    s.ask(b"QUIT\r\n")
    return replies, s.end()[1]


@pytest.fixture
def town(host):
    """A host with people, aliases and domains of every kind."""
    host.user("joe")
    host.user("ann")
    host.sh("useradd -m --badname Big; rm -f ~ann/.qmail /var/qmail/alias/.qmail-*")
    for name in "list", "sub-default", "sub-default-owner", "first:last":
        host.write(f"/home/joe/.qmail-{name}", "./Maildir/\n", owner="joe")
    host.mailbox("postmaster", "news-default")
    domains = [ME, "virtual.example", "exact.example", "none.example", "wild.example", "a.wild.example", "nothing.example",
               "hack.example", "far.example", "assigned.example"]
    host.control("rcpthosts", "".join(d + "\n" for d in domains))
    host.control("virtualdomains", "virtual.example:joe-sub\nann@exact.example:ann\nnone.example:ann-none\n"
                 ".wild.example:joe-list\nnothing.example:\nassigned.example:club\n")
    host.control("percenthack", "hack.example\n")
    host.control("locals", f"{ME}\nhack.example\n")
    uid, gid = host.sh("id -u joe; id -g joe").stdout.split()
    host.write("/var/qmail/users/assign", f"=info:joe:{uid}:{gid}:/home/joe:::\n=gone:joe:{uid}:{gid}:/home/joe:-:gone:\n"
               f"+club-:joe:{uid}:{gid}:/home/joe:-:sub-:\n+Box.:joe:{uid}:{gid}:/home/joe:-:box-:\n.\n")
    host.sh("qmail-newu")
    return host


HERE = [f"{box}@{ME}" for box in (
    "joe", "JOE", "joe-list", "Joe-LIST", "joe-sub-anything", "joe-sub-return-7-a=b.example", "joe-sub-", "joe-First.Last", "ann",
    "postmaster", "news-x-y", "info", "INFO", "club-x")] + [
    "postmaster", "x@virtual.example", "joe-list%mail.example.org@hack.example", "joe@hack.example", "x@assigned.example"]
AWAY = ["x@nothing.example", "x@far.example", "else@exact.example", "x%far.example@hack.example"]
NOWHERE = [f"{box}@{ME}" for box in (
    "nobody", "joe-", "joe-nothing", "joe-list-x", "joe-sub", "joe-.qmail", "ann-x", "Big", "big", "news", "gone", "root", "qmaild-x",
    "box.y", "x" * 300, "joe-" + "x" * 300, "a b", "joe@far.example")] + [
    "nobody", "x@none.example", "ann@exact.example", "x@a.wild.example", "nobody%mail.example.org@hack.example"]


def test_an_address_is_refused_when_its_mail_would_bounce(town):
    """What RCPT says of each is what the delivery does."""
    addresses = [a for a in HERE + AWAY if not a.startswith("@")]
    assert [(a, *rcpt(town, a)[0]) for a in HERE + AWAY] == [(a, OK) for a in HERE + AWAY]
    assert [(a, *rcpt(town, a)[0]) for a in NOWHERE] == [(a, UNKNOWN) for a in NOWHERE]
    town.start("qmail-send")
    for address in addresses[:-len(AWAY)] + NOWHERE:
        town.run(["/usr/bin/python3", "-c", BY_QUEUE, address])
    bounced = {True: 0, False: 0}

    def ends():
        log = town.log("qmail-send")
        bounced[True] = log.count("failure: Sorry,_no_mailbox_here_by_that_name")
        bounced[False] = log.count(": success: did_1+0+0/")
        return sum(bounced.values()) >= len(addresses) - len(AWAY) + len(NOWHERE)
    assert eventually(ends, 30), town.log("qmail-send")
    assert bounced == {True: len(NOWHERE), False: len(addresses) - len(AWAY)}, town.log("qmail-send")


BY_QUEUE = r"""
import os, subprocess, sys
r, w = os.pipe()
os.write(w, b"F#@[]\0T" + os.fsencode(sys.argv[1]) + b"\0\0")
os.close(w)
sys.exit(subprocess.run(["/var/qmail/bin/qmail-queue"], input=b"Subject: x\n\n", stdout=r).returncode)
"""


def test_other_signs_between_user_and_extension(town):
    assert rcpt(town, f"joe+list@{ME}")[0] == [UNKNOWN]
    town.control("breakchars", "-+\n")
    assert rcpt(town, f"joe+list@{ME}", f"joe+nothing@{ME}")[0] == [OK, UNKNOWN]


def test_the_log_tells_of_a_refusal(town):
    _, log = rcpt(town, f"nobody@{ME}")
    assert f"qmail-smtpd: refused from unknown at RCPT sender <> recipient <nobody@{ME}>: {UNKNOWN}\n" in log


def test_who_is_asked(town):
    """Clients who may relay as well; not where a suffix leads elsewhere, or the administrator does not want it."""
    for env, reply in (({"RELAYCLIENT": ""}, UNKNOWN), ({"RELAYCLIENT": "@far.example"}, OK), ({"NORCPTCHECK": ""}, OK)):
        assert rcpt(town, f"nobody@{ME}", env=env)[0] == [reply], env


def test_the_domain_is_asked_first(town):
    town.control("rcpthosts", "far.example\n")
    assert rcpt(town, f"nobody@{ME}")[0] == ["553 5.7.1 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"]


# ---- doubt ----

@pytest.mark.parametrize("trouble", [
    "chmod 700 /home/ann",
    "chmod 1755 /home/ann",
    "chmod 757 /home/ann",
    "mkdir /home/ann/.qmail-x",
    "ln -s /root/secret /home/ann/.qmail-x",
    "chmod 600 /var/qmail/users/cdb",
    "echo rubbish > /var/qmail/users/cdb",
    "chmod 600 /var/qmail/control/virtualdomains",
    "chmod 600 /var/qmail/control/locals",
    "mkdir /var/qmail/control/breakchars",
    "chmod 700 /var/qmail/bin/qmail-getpw",
    "mkdir /var/qmail/control/percenthack.d; rm /var/qmail/control/percenthack; ln -s percenthack.d /var/qmail/control/percenthack",
    "truncate -s 9M /var/qmail/control/virtualdomains",
    "printf '#!/bin/sh\\n' > /var/qmail/bin/qmail-getpw",
    "printf '#!/bin/sh\\n' > /var/qmail/bin/qmail-local",
    "chmod 711 /var/qmail/bin/qmail-local",
    "rm /var/qmail/bin/qmail-local",
])
def test_in_doubt_nobody_is_refused(town, trouble):
    assert rcpt(town, f"ann-x@{ME}")[0] == [UNKNOWN]
    town.sh("[ -r /home/ann ]; " + trouble)
    assert rcpt(town, f"ann-x@{ME}", f"ann@{ME}")[0] == [OK, OK]


def test_the_sites_own_mode_bits(town):
    """Where mail would wait because others may write, nobody is refused."""
    town.sh("chmod 775 /home/ann")
    assert rcpt(town, f"ann-x@{ME}")[0] == [UNKNOWN]
    town.control("patrn", "022\n")
    assert rcpt(town, f"ann-x@{ME}")[0] == [OK]
    town.sh("chmod 777 /home/ann")
    town.control("patrn", "000\n")
    assert rcpt(town, f"ann-x@{ME}")[0] == [UNKNOWN]


@pytest.mark.parametrize("trouble", [
    "mv /home/ann /home/away",
    "mv /home/ann /home/away; mkdir /home/ann",
    "mv /home /home.away; mkdir /home",
    "chmod 700 /home",
])
def test_a_home_that_is_away(town, trouble):
    """Of an account: nobody knows now. The account itself is known by its file, and mail for it waits."""
    town.sh(trouble)
    assert rcpt(town, f"ann-x@{ME}", f"ann@{ME}", f"nobody@{ME}")[0] == [LATER, OK, UNKNOWN]


def test_an_assigned_home_that_is_away(town):
    uid = town.sh("id -u joe").stdout.strip()
    town.write("/var/qmail/users/assign", f"+club-:joe:{uid}:{uid}:/srv/club:-::\n.\n")
    town.sh("qmail-newu")
    assert rcpt(town, f"club-x@{ME}")[0] == [LATER]
    town.sh("mkdir /srv/club")
    assert rcpt(town, f"club-x@{ME}")[0] == [LATER]
    town.sh("mv /var/qmail/bin/qmail-local /tmp; printf '#!/bin/sh\\n' > /var/qmail/bin/qmail-local")
    assert rcpt(town, f"club-x@{ME}")[0] == [OK], "another program may find the mailbox elsewhere"
    town.sh("mv /tmp/qmail-local /var/qmail/bin; touch /srv/club/.profile")
    assert rcpt(town, f"club-x@{ME}")[0] == [UNKNOWN]


def test_a_name_service_that_is_down(town):
    directory = Directory(town)
    directory.add("ldap", 2001, "/home/ldap")
    assert rcpt(town, f"ldap@{ME}", f"ldap-x@{ME}", f"who@{ME}")[0] == [OK, UNKNOWN, UNKNOWN]
    directory.stop()
    assert rcpt(town, f"ldap@{ME}", f"who@{ME}", f"joe@{ME}", f"postmaster@{ME}")[0] == [LATER, LATER, OK, OK]
    directory.start()
    assert rcpt(town, f"ldap@{ME}", f"who@{ME}")[0] == [OK, UNKNOWN]


def test_accounts_that_cannot_be_read(town):
    town.sh("chmod 600 /etc/passwd")
    assert rcpt(town, f"ann-x@{ME}", f"who@{ME}", f"info@{ME}", f"postmaster@{ME}")[0] == [LATER, LATER, OK, OK]


@pytest.mark.parametrize("error", ["EIO", "ESTALE", "ENOMEM", "ETIMEDOUT"])
def test_a_home_in_trouble(town, error):
    """Whatever call about the home fails."""
    strace = ["strace", "-f", "-o", "/dev/null", "-u", "qmaild", "-P", "/home/ann", "-P", "/home/ann/.qmail-x"]
    for call in "newfstatat", "openat":
        under = [*strace, f"-e", f"inject={call}:error={error}"]
        assert rcpt(town, f"ann-x@{ME}", limits=under, user="root")[0] == [LATER], call


def test_a_dead_file_server_does_not_hold_the_session(town):
    under = ["strace", "-f", "-o", "/dev/null", "-u", "qmaild", "-P", "/home/ann", "-e", "inject=newfstatat:delay_enter=20000000"]
    began = time.monotonic()
    s = Session(town, limits=under, user="root").begin()
    s.ask(b"MAIL FROM:<>\r\n")
    assert s.ask(b"RCPT TO:<ann-x@%s>\r\n" % ME.encode()) == OK
    assert 4 < time.monotonic() - began < 12
    assert s.ask(b"RCPT TO:<nobody@%s>\r\n" % ME.encode()) == OK
    assert s.ask(b"QUIT\r\n").startswith("221 ")
    s.end()


# ---- who guesses ----

def test_guessing_gets_slower_and_ends(town):
    """Five answers at once, then pauses of 1, 2, 4, 8, 10... seconds (cut short here by signals), then none."""
    s = Session(town).begin()
    s.ask(b"MAIL FROM:<>\r\n")
    began = time.monotonic()
    assert [s.ask(b"RCPT TO:<x%d@%s>\r\n" % (i, ME.encode())) for i in range(5)] == [UNKNOWN] * 5
    assert time.monotonic() - began < 1
    assert s.ask(b"RCPT TO:<x@%s>\r\n" % ME.encode()) == UNKNOWN
    assert 1 <= time.monotonic() - began < 2.5
    assert s.ask(b"RCPT TO:<joe@%s>\r\n" % ME.encode()) == OK
    pauses = town.popen(["sh", "-c", "while pkill -PIPE -o -x qmail-smtpd; do sleep 0.05; done"])
    assert [s.ask(b"RCPT TO:<x%d@%s>\r\n" % (i, ME.encode())) for i in range(6, 20)] == [UNKNOWN] * 14
    assert s.ask(b"RCPT TO:<x@%s>\r\n" % ME.encode()) == "421 4.7.0 too many unknown recipients (#4.7.0)"
    assert s.hear() == ""
    code, log = s.end()
    pauses.wait()
    assert code == 1 and log.endswith(", unknown recipients\n") and log.count(UNKNOWN) == 20


def test_a_pause_ends_with_the_session_and_with_the_client(town):
    town.control("timeoutsession", "3\n")
    s = Session(town).begin()
    s.say(b"MAIL FROM:<>\r\n" + b"RCPT TO:<x@%s>\r\n" % ME.encode() * 9)
    began = time.monotonic()
    heard = s.lines.read().decode()
    assert time.monotonic() - began < 6 and heard.endswith("421 4.4.2 this session took too long (#4.4.2)\r\n")
    s.end()
    town.control("timeoutsession", "60\n")
    s = Session(town).begin()
    s.say(b"MAIL FROM:<>\r\n" + b"RCPT TO:<x@%s>\r\n" % ME.encode() * 9)
    for _ in range(8):
        s.hear()
    began = time.monotonic()
    code, log = s.end()
    assert time.monotonic() - began < 1 and code == 1 and log.endswith(", hangup\n")


# ---- cost ----

def test_nothing_is_read_before_the_first_recipient(town):
    """A session starts as fast as ever; then each control file is read once."""
    under = ["strace", "-f", "-o", "/tmp/calls", "-u", "qmaild", "-e", "trace=openat,read,clone3,clone"]
    s = Session(town, limits=under, user="root").begin()
    s.ask(b"MAIL FROM:<>\r\n")
    before = town.read("/tmp/calls").decode()
    assert not re.search("virtualdomains|locals|users/cdb|/etc/passwd|clone", before)
    for _ in range(3):
        s.ask(b"RCPT TO:<joe@%s>\r\n" % ME.encode())
    s.ask(b"QUIT\r\n")
    s.end()
    calls = town.read("/tmp/calls").decode()
    assert calls.count('"control/virtualdomains"') == 1 and calls.count('"control/locals"') == 1


def test_a_hundred_thousand_domains_cost_little(town):
    town.control("virtualdomains", "".join(f"d{i}.example:joe-sub\n" for i in range(100000)))
    town.control("rcpthosts", "d7.example\n" + ME + "\n")
    s = Session(town).begin()
    s.ask(b"MAIL FROM:<>\r\n")
    idle = s.peak_kilobytes()
    began = time.monotonic()
    assert s.ask(b"RCPT TO:<x@d7.example>\r\n") == OK
    assert time.monotonic() - began < (5 if "SANITIZE" in os.environ else 0.5)
    if "SANITIZE" not in os.environ:
        assert s.peak_kilobytes() - idle < 16384
    s.end()


def test_a_known_user_costs_a_few_system_calls(town):
    s = Session(town, limits=["strace", "-o", "/tmp/calls", "-u", "qmaild"], user="root").begin()
    s.ask(b"MAIL FROM:<>\r\n")
    for _ in range(2):
        s.ask(b"RCPT TO:<joe@%s>\r\n" % ME.encode())
    s.ask(b"QUIT\r\n")
    s.end()
    calls = town.read("/tmp/calls").decode()
    second = calls[calls.rindex("RCPT TO"):calls.index('"QUIT')]
    assert "/etc/passwd" in second and second.count("\n") < 25, second
