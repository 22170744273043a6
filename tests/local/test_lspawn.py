"""qmail-lspawn: commands in, reports out, and what a delivery can and cannot see."""

import os
import struct
import time

import pytest

from tests.host import eventually
from tests.host.directory import Directory
from tests.local.machine import MESSAGE, Spawner, dotqmail, queue_message, queued, users_cdb

JOE = b"joe@mail.example.org"
TROUBLE = ("Z", b"Temporary failure in qmail-lspawn.\n")
HEAD = b"Return-Path: <sender@example.net>\nDelivered-To: joe@mail.example.org\n"


@pytest.fixture
def joe(host):
    """A host with the user joe and one queued message, 20/457."""
    host.user("joe")
    queue_message(host)
    return host


@pytest.fixture(params=["warm", "cold"])
def spawner(joe, request):
    """Both ways; what only the warm one does is in test_agents.py."""
    joe.control("agentseconds", "5\n" if request.param == "warm" else "0\n")
    running = Spawner(joe)
    yield running
    assert running.end() == 0


def play_local(host, script):
    """Another program in qmail-local's place."""
    host.write("/var/qmail/bin/qmail-local", "#!/bin/sh\n" + script, mode=0o755)


# ---- the frame ----

def test_hello_and_farewell(joe):
    running = Spawner(joe)
    assert running.limit == 1000
    assert running.end() == 0


def test_usage(joe):
    done = joe.run(["/var/qmail/bin/qmail-lspawn"], check=False)
    assert (done.returncode, done.stderr) == (100, b"qmail-lspawn: usage: qmail-lspawn defaultdelivery\n")


def test_delivers_the_message_and_nothing_else(joe, spawner):
    assert spawner.deliver(JOE) == ("K", b"did 1+0+0\n")
    assert joe.maildir("joe") == [HEAD + MESSAGE]


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5 << 20])
def test_messages_of_any_size(joe, spawner, size):
    message = os.urandom(size)
    queue_message(joe, message)
    assert spawner.deliver(JOE) == ("K", b"did 1+0+0\n")
    assert joe.maildir("joe") == [HEAD + message]


@pytest.mark.parametrize("size", [100, 2 << 20])
def test_the_message_on_descriptor_0(joe, spawner, size):
    """It begins and ends with the message, can be read by name, and cannot be changed."""
    queue_message(joe, b"x" * size)
    dotqmail(joe, "|wc -c\n|tail -c 99999999 | tr -d x | wc -c\n|cat /dev/stdin | wc -c\n"
                  "|(echo y > /dev/stdin) 2>/dev/null || echo no\n|(echo y >&0) 2>/dev/null || echo no\n"
                  "|readlink /proc/self/fd/0 | grep -q mess/ || echo hidden\n|wc -c\n")
    letter, text = spawner.deliver(JOE)
    n = b"%d\n" % size
    assert (letter, text) == ("K", n + b"0\n" + n + b"no\nno\nhidden\n" + n + b"did 0+0+7\n")


FULL = "mount -t tmpfs -o size=64k none {0} && head -c 100k /dev/zero > {0}/full 2>/dev/null; true"


@pytest.mark.parametrize("spoil", ["rm -rf /var/tmp; touch /var/tmp", FULL.format("/var/tmp"), FULL.format("/var/qmail/queue/copies"),
                                   "rmdir /var/qmail/queue/copies"])
@pytest.mark.parametrize("size", [2 << 20, 40 << 20])
def test_large_copies_do_without_one_of_their_places(joe, spawner, size, spoil):
    joe.sh(spoil)
    queue_message(joe, b"x" * size)
    assert spawner.deliver(JOE)[0] == "K"


def test_large_copies_without_any_place_have_a_bound(joe, spawner):
    joe.sh(FULL.format("/var/tmp") + ";" + FULL.format("/var/qmail/queue/copies"))
    dotqmail(joe, "|: > /tmp/up.$$; while [ ! -e /tmp/go ]; do sleep 0.05; done\n")
    queue_message(joe, b"x" * (32 << 20), number=457)
    queue_message(joe, b"x" * ((32 << 20) + 1), number=480)
    assert spawner.deliver(JOE, messid="20/480") == ("Z", b"qmail-spawn unable to copy message. (#4.3.0)\n")
    for slot in range(4):
        spawner.command((slot, JOE))
    assert eventually(lambda: joe.sh("ls /tmp/up.* | wc -l", check=False).stdout == "4\n")
    spawner.command((4, JOE))
    assert spawner.report() == (4, "Z", b"qmail-spawn unable to copy message. (#4.3.0)\n")
    joe.sh("touch /tmp/go")
    assert {spawner.report()[:2] for _ in range(4)} == {(slot, "K") for slot in range(4)}
    assert spawner.deliver(JOE)[0] == "K"


def test_nothing_leaks_into_deliveries(joe, spawner):
    dotqmail(joe, "|for i in $(seq 0 99); do [ ! -e /proc/$$/fd/$i ] || echo $i; done; id -u; id -G; ulimit -n\n"
                  "|grep SigBlk /proc/self/status\n", name=".qmail")
    dotqmail(joe, "|sleep 3\n", name=".qmail-slow")
    spawner.command((1, b"joe-slow@h"))                # holds descriptors of its own meanwhile
    letter, text = spawner.deliver(JOE)
    uid = joe.sh("id -u joe; id -g joe").stdout.encode()
    limit = joe.sh("ulimit -n").stdout.encode()
    assert text == b"0\n1\n2\n" + uid + limit + b"SigBlk:\t0000000000000000\ndid 0+0+2\n"
    assert spawner.report()[0] == 1


def test_reports_wait_for_background_programs(joe, spawner):
    dotqmail(joe, "|(sleep 1; echo late) & echo early\n")
    spawner.command((3, JOE))
    assert spawner.silent(0.5)
    assert spawner.report() == (3, "K", b"early\ndid 0+0+1\nlate\n")


def test_many_at_once_in_any_order(joe, spawner):
    dotqmail(joe, '|[ $EXT != 0 ] || while [ ! -e go ]; do sleep 0.1; done; echo "$EXT"\n', name=".qmail-default")
    for i in range(150):
        spawner.command((i * 6, b"joe-%d@h" % i))
    reports = [spawner.report() for _ in range(149)]
    assert sorted(reports) == [(6 * i, "K", b"%d\ndid 0+0+1\n" % i) for i in range(1, 150)]
    joe.write("/home/joe/go", "")
    assert spawner.report() == (0, "K", b"0\ndid 0+0+1\n")


def test_a_sender_that_does_not_listen_blocks_nobody(joe, spawner):
    dotqmail(joe, "|head -c 2500 /dev/zero | tr '\\0' x; touch done-$EXT\n", name=".qmail-default")
    for slot in range(60):
        spawner.command((slot, b"joe-%d@h" % slot))
    assert eventually(lambda: joe.sh("find ~joe -name 'done*' | wc -l").stdout == "60\n", 30)
    assert sorted(spawner.report()[0] for _ in range(60)) == list(range(60))


def test_running_deliveries_are_finished_after_the_last_command(joe):
    running = Spawner(joe)
    dotqmail(joe, "|sleep 1; echo done\n")
    running.command((1, JOE))
    running.process.stdin.close()
    assert running.report() == (1, "K", b"done\ndid 0+0+1\n")
    assert running.process.wait(5) == 0


def test_commands_in_pieces(joe, spawner):
    rest = b"-20/457\0s@t\0\0" + struct.pack("<H", 5) + JOE + b"\0"
    for byte in struct.pack("<I", len(rest)) + rest:
        spawner.process.stdin.write(bytes([byte]))
        time.sleep(0.002)
    assert spawner.report() == (5, "K", b"did 1+0+0\n")


@pytest.mark.parametrize("nonsense", [b"\xff\xff\xff\xff", b"\3\0\0\0abc", b"\2\0\0\0\0\0", b"\5\0\0\0a\0b\0\1"])
def test_nonsense_ends_it(joe, nonsense):
    running = Spawner(joe)
    dotqmail(joe, "|sleep 1\n")
    running.command((1, JOE))
    running.process.stdin.write(nonsense)
    assert running.report()[:2] == (1, "K")
    assert running.process.wait(5) == 111


# ---- what is refused before a delivery begins ----

@pytest.mark.parametrize("messid,letter,text", [
    ("", "D", b"Internal error: messid too short. (#5.3.5)\n"),
    ("1" * 101, "D", b"Internal error: messid too long. (#5.3.5)\n"),
    ("1" * 100, "Z", b"qmail-spawn unable to open message. (#4.3.0)\n"),
    ("../20/457", "D", b"Internal error: messid has nonnumerics. (#5.3.5)\n"),
    ("/20/457", "D", b"Internal error: messid has nonnumerics. (#5.3.5)\n"),
    ("20/458", "Z", b"qmail-spawn unable to open message. (#4.3.0)\n"),
    ("20", "Z", b"Sorry, message has wrong type. (#4.3.5)\n"),
])
def test_message_names(joe, spawner, messid, letter, text):
    assert spawner.deliver(JOE, messid=messid) == (letter, text)


def test_files_that_are_no_messages(joe, spawner):
    wrong_type = ("Z", b"Sorry, message has wrong type. (#4.3.5)\n")
    queue_message(joe, owner="joe")
    assert spawner.deliver(JOE) == ("Z", b"Sorry, message has wrong owner. (#4.3.5)\n")
    for spoil in (lambda whole: whole[:-1], lambda whole: whole[1:], lambda whole: b"", lambda whole: whole[:-64],
                  lambda whole: whole[:-60] + b"\xff" + whole[-59:]):
        queue_message(joe, spoil=spoil)
        assert spawner.deliver(JOE) == wrong_type
    joe.sh("cd /var/qmail/queue/mess/20 && rm 457 && mkfifo 457 && chown qmailq 457")
    assert spawner.deliver(JOE) == wrong_type
    joe.sh("cd /var/qmail/queue/mess/20 && rm 457 && ln -s ../21/458 457")
    queue_message(joe, number=458)
    assert spawner.deliver(JOE) == ("Z", b"qmail-spawn unable to open message. (#4.3.0)\n")


def test_slots(joe, spawner):
    assert spawner.deliver(JOE, slot=1000) == ("Z", b"Internal error: delnum too big. (#4.3.5)\n")
    assert spawner.deliver(JOE, slot=65535) == ("Z", b"Internal error: delnum too big. (#4.3.5)\n")
    assert spawner.deliver(JOE, slot=999) == ("K", b"did 1+0+0\n")
    dotqmail(joe, "|sleep 1\n")
    spawner.command((4, JOE))
    assert spawner.deliver(JOE, slot=4) == ("Z", b"Internal error: delnum in use. (#4.3.5)\n")
    assert spawner.report() == (4, "K", b"did 0+0+1\n")
    assert spawner.deliver(JOE, slot=4)[0] == "K"


def test_only_the_first_recipient_of_a_command_is_served(joe, spawner):
    spawner.command((1, JOE), (1, JOE), (2, b"x"), (3, b"ann@h"))
    assert sorted(spawner.report() for _ in range(4)) == [
        (1, "K", b"did 1+0+0\n"), (1, "Z", b"Internal error: delnum in use. (#4.3.5)\n"),
        (2, "D", b"Sorry, address must include host name. (#5.1.3)\n"),
        (3, "Z", b"Internal error: one recipient at a time. (#4.3.5)\n")]
    assert len(joe.maildir("joe")) == 1


def test_addresses(joe, spawner):
    assert spawner.deliver(b"joe") == ("D", b"Sorry, address must include host name. (#5.1.3)\n")
    assert spawner.deliver(b"@mail.example.org") == ("K", b"")
    assert joe.maildir("joe") == []


# ---- exit codes and output ----

EXITS = [
    (0, "K", b"said\n"), (71, "Z", b"said\n"), (74, "Z", b"said\n"), (75, "Z", b"said\n"),
    (111, "Z", b"said\n"), (127, "Z", b"said\n"),
    (100, "D", b"said\n"), (1, "D", b"said\n"), (99, "D", b"said\n"), (255, "D", b"said\n"),
    (117, "Z", b"Trouble reading users/cdb in qmail-lspawn.\n"), (119, "Z", b"Out of memory in qmail-lspawn.\n"),
    (118, "Z", b"Temporary failure in qmail-lspawn.\n"), (116, "Z", b"Unable to find alias user!\n"),
    (113, "Z", b"Not allowed to perform deliveries as root.\n"), (112, "Z", b"Internal qmail-lspawn bug.\n"),
    (115, "Z", b"NFS failure in qmail-local.\n"), (126, "D", b"Unable to run qmail-local.\n"),
    (120, "Z", b"Unable to run qmail-local.\n"), (121, "Z", b"Unable to run qmail-getpw.\n"),
]


def test_exit_codes(joe, spawner):
    for code, letter, text in EXITS:
        play_local(joe, f"echo said; exit {code}\n")
        assert spawner.deliver(JOE) == (letter, text), code
    play_local(joe, "kill -9 $$\n")
    assert spawner.deliver(JOE) == ("Z", b"qmail-local crashed.\n")


def test_output_is_bounded(joe, spawner):
    cut = b"\nError report too long, sorry.\n"
    for n in (2999, 3000, 3001, 1000000):
        play_local(joe, f"head -c {n} /dev/zero | tr '\\0' x\nexit 100\n")
        assert spawner.deliver(JOE) == ("D", b"x" * n if n <= 3000 else b"x" * (3000 - len(cut)) + cut)
    play_local(joe, "printf 'a\\0b'\nexit 111\n")
    assert spawner.deliver(JOE) == ("Z", b"a")


def test_arguments_of_qmail_local(joe):
    play_local(joe, 'for a; do printf "<%s>" "$a"; done\npwd; id -un\n')
    running = Spawner(joe, default="|a b\n./c")
    assert running.deliver(b"joe-Ext.x@Host", sender=b"-s@t") == (
        "K", b"<--><joe></home/joe><joe-Ext.x><-><Ext.x><Host><-s@t><|a b\n./c>/var/qmail\njoe\n")
    assert running.deliver(b"a@b@c", sender=b"") == (
        "K", b"<--><alias></var/qmail/alias><a@b><-><a@b><c><><|a b\n./c>/var/qmail\nalias\n")
    running.end()


def test_missing_programs_defer(joe, spawner):
    joe.sh("mv /var/qmail/bin/qmail-local /tmp/")
    assert spawner.deliver(JOE) == ("Z", b"Unable to run qmail-local.\n")
    joe.sh("rm /var/qmail/bin/qmail-getpw")
    assert spawner.deliver(JOE) == ("Z", b"Unable to run qmail-getpw.\n")
    joe.write("/var/qmail/bin/qmail-getpw", "#!/bin/sh\nexit 127\n", mode=0o755)
    assert spawner.deliver(JOE) == ("Z", b"Unable to run qmail-getpw.\n")
    joe.write("/var/qmail/bin/qmail-getpw", "#!/bin/sh\nkill -9 $$\n", mode=0o755)
    assert spawner.deliver(JOE) == ("Z", b"Temporary failure in qmail-lspawn.\n")
    joe.write("/var/qmail/bin/qmail-getpw", "#!/bin/sh\necho joe\n", mode=0o755)
    assert spawner.deliver(JOE) == ("Z", b"Internal qmail-lspawn bug.\n")


# ---- users ----

def test_users_cdb_comes_first(joe, spawner):
    joe.user("ann")
    uid, gid = joe.sh("id -u ann; id -g ann").stdout.encode().split()
    fields = b"ann\0" + uid + b"\0" + gid + b"\0/home/ann\0"
    users_cdb(joe, [(b"!joe\0", fields + b"\0"), (b"!x-", fields + b"-\0pre-")], b"-")
    dotqmail(joe, '|echo "$USER $EXT"\n', name=".qmail-default", user="ann")
    assert spawner.deliver(JOE)[0] == "K"
    assert len(joe.maildir("ann")) == 1 and joe.maildir("joe") == []
    assert spawner.deliver(b"X-Yz@h") == ("K", b"ann pre-Yz\ndid 0+0+1\n")
    dotqmail(joe, "|echo mine\n", name=".qmail-other")
    assert spawner.deliver(b"joe-other@h") == ("K", b"mine\ndid 0+0+1\n")


def test_users_assign_through_qmail_newu(joe, spawner):
    uid, gid = joe.sh("id -u joe; id -g joe").stdout.split()
    joe.write("/var/qmail/users/assign", "".join(f"{key}:joe:{uid}:{gid}:/home/joe:{rest}:\n" for key, rest in [
        ("=Boss", "-:exact"), ("+team", "-:t-"), ("+teamX", "-:x-"), ("+", "-:all-")]) + ".\n")
    joe.sh("qmail-newu")
    dotqmail(joe, '|echo "$EXT"\n', name=".qmail-default")
    for box, ext in [(b"boss", b"exact"), (b"BOSS", b"exact"), (b"bossy", b"all-bossy"), (b"Team-A", b"t--A"),
                     (b"team", b"t-"), (b"teamxY", b"x-Y"), (b"teaM.Y", b"t-.Y"), (b"joe", b"all-joe")]:
        assert spawner.deliver(box + b"@h") == ("K", ext + b"\ndid 0+0+1\n"), box


def test_broken_users_cdb_defers(joe, spawner):
    joe.write("/var/qmail/users/cdb", "rubbish")
    assert spawner.deliver(JOE) == ("Z", b"Trouble reading users/cdb in qmail-lspawn.\n")


def test_nothing_runs_as_root(joe, spawner):
    users_cdb(joe, [(b"!joe\0", b"root\0" b"0\0" b"0\0/root\0\0")])
    assert spawner.deliver(JOE) == ("Z", b"Not allowed to perform deliveries as root.\n")
    users_cdb(joe, [(b"!joe\0", b"root\0" b"4294967295\0" b"0\0/root\0\0")])
    assert spawner.deliver(JOE) == ("Z", b"Trouble reading users/cdb in qmail-lspawn.\n")


def test_alias(joe, spawner):
    joe.write("/var/qmail/alias/.qmail-info", "&boss@example.net\n")
    letter, text = spawner.deliver(b"Info@mail.example.org")
    assert letter == "K" and text.startswith(b"did 0+1+0\nqp ")
    message, envelope = queued(joe)
    assert message == b"Delivered-To: Info@mail.example.org\n" + MESSAGE
    assert envelope == b"Fsender@example.net\0Tboss@example.net\0\0"
    assert spawner.deliver(b"nobody-here@h") == ("D", b"Sorry, no mailbox here by that name. (#5.1.1)\n")
    joe.sh("rm /var/qmail/alias/.qmail-root")
    assert spawner.deliver(b"root@h") == ("D", b"Sorry, no mailbox here by that name. (#5.1.1)\n")
    joe.sh("userdel -f alias")     # its agent may still be there
    assert spawner.deliver(b"info@h") == ("Z", b"Unable to find alias user!\n")
    assert spawner.deliver(JOE)[0] == "K"


def test_hostile_recipients(joe, spawner):
    joe.write("/var/qmail/alias/.qmail-default", '|printf "%s" "$LOCAL"\n')
    for byte in range(1, 256):
        box = b"$(id)`id`" + bytes([byte]) + b"';\"x"
        if byte == ord("@"):
            continue
        letter, text = spawner.deliver(box + b"@h", sender=b"-" + box)
        assert (letter, text) == ("K", box + b"did 0+0+1\n"), byte


# ---- qmail-getpw ----

def getpw(host, *arguments):
    done = host.run(["/var/qmail/bin/qmail-getpw", *arguments], user="qmailp", check=False)
    return done.returncode, done.stdout.split(b"\0")


def test_getpw(joe):
    joe.user("joe-x")
    joe.sh("useradd -m Upper; useradd -M -d /nonexistent homeless; useradd -m robbed; chown joe ~robbed; "
           "useradd -m a2345678901234567890123456789012; useradd -m -d /home/zero -o -u 0 zero")
    uids = joe.sh("id -u joe; id -u joe-x; id -u alias").stdout.encode().split()
    gids = joe.sh("id -g joe; id -g joe-x; id -g alias").stdout.encode().split()
    joe_is, x_is = [b"joe", uids[0], gids[0], b"/home/joe"], [b"joe-x", uids[1], gids[1], b"/home/joe-x"]
    alias_is = [b"alias", uids[2], gids[2], b"/var/qmail/alias"]
    cases = {
        "joe": joe_is + [b"", b""], "JOE": joe_is + [b"", b""], "joe-": joe_is + [b"-", b""],
        "Joe-Some-Thing": joe_is + [b"-", b"Some-Thing"], "joe-x": x_is + [b"", b""],
        "joe-x-Y": x_is + [b"-", b"Y"], "joe-xy": joe_is + [b"-", b"xy"], "joey": alias_is + [b"-", b"joey"],
        "": alias_is + [b"-", b""], "-": alias_is + [b"-", b"-"], "--": alias_is + [b"-", b"--"],
        "root": alias_is + [b"-", b"root"], "zero": alias_is + [b"-", b"zero"],
        "homeless": alias_is + [b"-", b"homeless"], "robbed-A": alias_is + [b"-", b"robbed-A"],
        "Upper": alias_is + [b"-", b"Upper"], "joe+x": alias_is + [b"-", b"joe+x"],
        "a2345678901234567890123456789012": alias_is + [b"-", b"a2345678901234567890123456789012"],
    }
    for address, expected in cases.items():
        assert getpw(joe, address) == (0, expected + [b""]), address
    assert getpw(joe)[0] == 100
    assert getpw(joe, "a", "b")[0] == 100
    joe.sh("userdel -f alias")     # its agent may still be there
    assert getpw(joe, "nobody-knows")[0] == 116
    assert getpw(joe, "joe") == (0, joe_is + [b"", b"", b""])


def test_break_characters(joe):
    joe.user("joe-x")
    account = {name: joe.sh(f"id -u {name}; id -g {name}; echo ~{name}").stdout.encode().split() for name in ("joe", "joe-x", "alias")}
    whose = lambda name, dash, ext: (0, [name.encode(), *account[name], dash, ext, b""])
    joe.control("breakchars", "-+\n")
    for address, answer in {
        "joe+foo": whose("joe", b"-", b"foo"), "joe-foo": whose("joe", b"-", b"foo"), "JOE+A-b": whose("joe", b"-", b"A-b"),
        "joe-a+b": whose("joe", b"-", b"a+b"), "joe-x+b": whose("joe-x", b"-", b"b"), "joe+x": whose("joe", b"-", b"x"),
        "joe+": whose("joe", b"-", b""), "joe=foo": whose("alias", b"-", b"joe=foo"),
    }.items():
        assert getpw(joe, address) == answer, address
    joe.control("breakchars", "=  \nignored +\n")
    assert getpw(joe, "joe=a") == whose("joe", b"-", b"a")
    assert getpw(joe, "joe-a") == whose("alias", b"-", b"joe-a")
    joe.control("breakchars", "\n")
    assert getpw(joe, "joe-a") == whose("alias", b"-", b"joe-a")
    assert getpw(joe, "joe") == whose("joe", b"", b"")
    joe.sh("rm /var/qmail/control/breakchars; mkdir /var/qmail/control/breakchars")
    assert getpw(joe, "joe")[0] == 111


def test_break_characters_and_the_files_they_lead_to(joe, spawner):
    """Also a changed file counts at once, although somebody waits who knows the answer by the old one."""
    dotqmail(joe, '|echo "$LOCAL $EXT $EXT2 $DEFAULT"\n', name=".qmail-foo-default")
    joe.write("/var/qmail/alias/.qmail-default", "|echo alias\n", owner="alias")
    assert spawner.deliver(b"joe+foo-a-b@h") == ("K", b"alias\ndid 0+0+1\n")
    joe.control("breakchars", "-+\n")
    assert spawner.deliver(b"joe+foo-a-b@h") == ("K", b"joe+foo-a-b foo-a-b a-b a-b\ndid 0+0+1\n")
    assert spawner.deliver(b"joe-foo-a+b@h") == ("K", b"joe-foo-a+b foo-a+b a+b a+b\ndid 0+0+1\n")
    joe.control("breakchars", "+\n")
    assert spawner.deliver(b"joe-foo-a+b@h") == ("K", b"alias\ndid 0+0+1\n")


def test_a_table_of_users_may_break_anywhere(joe, spawner):
    """Wildcards of users/cdb end where they are written to end, whatever control/breakchars says."""
    joe.user("ann")
    dotqmail(joe, '|echo "$USER $EXT"\n', name=".qmail-foo")
    uid = joe.sh("id -u joe").stdout.strip()
    joe.write("/var/qmail/users/assign", f"+ann+:joe:{uid}:{uid}:/home/joe:-::\n.\n")
    joe.sh("qmail-newu")
    assert spawner.deliver(b"ann+Foo@h") == ("K", b"joe Foo\ndid 0+0+1\n")
    assert spawner.deliver(b"ann@h")[0] == "K" and len(joe.maildir("ann")) == 1


# ---- nobody, or could not look ----

def test_a_name_service_that_is_down_is_no_answer(joe, spawner):
    """Who is not in the files may be known to it: that mail waits, and everybody else's does not."""
    directory = Directory(joe)
    directory.add("ldap", 2001, "/home/ldap")
    ldap = (0, [b"ldap", b"2001", b"2001", b"/home/ldap", b"", b"", b""])
    assert getpw(joe, "ldap") == ldap
    assert getpw(joe, "nobody-here")[1][0] == b"alias"
    directory.stop()
    assert getpw(joe, "joe")[1][0] == b"joe"
    assert [getpw(joe, name)[0] for name in ("ldap", "ldap-x", "nobody-here")] == [118] * 3
    assert spawner.deliver(b"ldap@h") == spawner.deliver(b"ldap-x@h") == TROUBLE
    assert spawner.deliver(JOE)[0] == "K"
    directory.start()
    assert getpw(joe, "ldap") == ldap
    assert spawner.deliver(b"ldap@h") == ("K", b"did 1+0+0\n"), "what was found in doubt is not believed later"
    assert spawner.deliver(b"nobody-here@h")[0] == "D"


@pytest.mark.parametrize("order", ["directory files", "files directory systemd", "directory files systemd",
                                   "files [NOTFOUND=continue] directory db", "directory [UNAVAIL=continue] systemd files"])
def test_a_service_behind_which_another_answers(joe, order):
    """The library tells what the last one says, and that one knows nobody."""
    directory = Directory(joe, order)
    directory.add("ldap", 2001, "/home/ldap")
    assert [getpw(joe, name)[1][0] for name in ("ldap-x", "who", "joe-x")] == [b"ldap", b"alias", b"joe"]
    directory.stop()
    assert [getpw(joe, name)[0] for name in ("ldap", "ldap-x", "who", "joe")] == [118, 118, 118, 0]


def test_a_service_that_has_no_say_may_be_down(joe):
    directory = Directory(joe, "files [NOTFOUND=return] directory")
    directory.stop()
    assert getpw(joe, "who")[1][0] == b"alias"
    Directory(joe, "files notinstalled directory")
    assert getpw(joe, "who")[1][0] == b"alias"


def test_an_account_of_any_length_is_found(joe):
    Directory(joe).add("long", 2002, "/home/long", gecos="x" * 5000)
    assert getpw(joe, "long") == (0, [b"long", b"2002", b"2002", b"/home/long", b"", b"", b""])


@pytest.mark.parametrize("trouble", ["mv /etc/passwd /etc/passwd.away", "chmod 600 /etc/passwd", ": > /etc/passwd",
                                     "chmod 600 /etc/nsswitch.conf"])
def test_accounts_that_cannot_be_read_are_no_answer(joe, trouble):
    """The next name service answers for a file that is not there: nobody, it says."""
    joe.sh(trouble)
    done = joe.sh("setpriv --reuid 9999 --regid 9999 --clear-groups qmail-getpw nobody-here", check=False)
    assert done.returncode == 118


AWAY = {
    "the volume": ("mv /home /home.away && mkdir /home", "rmdir /home && mv /home.away /home"),
    "one home": ("mv /home/joe /home/away", "mv /home/away /home/joe"),
    "the place is there": ("mv /home/joe /home/away && mkdir /home/joe", "rmdir /home/joe && mv /home/away /home/joe"),
    "nobody may look": ("chmod 700 /home", "chmod 755 /home"),
    "nobody may look at the place": ("mv /home/joe /home/away && mkdir -m 700 /home/joe",
                                     "rmdir /home/joe && mv /home/away /home/joe"),
}


@pytest.mark.parametrize("what", AWAY)
def test_a_home_that_is_away_is_no_answer(joe, spawner, what):
    """Its mail waits, and goes at once when it is back; who never had a home is nobody all the time."""
    away, back = AWAY[what]
    joe.sh("useradd -r -d /var/list system; useradd -M -d /nonexistent placeless; "
           "echo homeless:x:2003:2003:::/bin/sh >> /etc/passwd")
    joe.sh(away)
    assert [getpw(joe, name)[0] for name in ("joe", "joe-x", "Joe-Y-z")] == [115] * 3
    for name in ("system", "placeless", "homeless", "root", "nobody", "else"):
        code, fields = getpw(joe, name)
        assert (code, fields[0]) == (0, b"alias"), name
    assert spawner.deliver(JOE) == spawner.deliver(b"joe-x@h") == ("Z", b"NFS failure in qmail-local.\n")
    joe.sh(back)
    assert spawner.deliver(JOE) == ("K", b"did 1+0+0\n")
    assert spawner.deliver(b"joe-x@h") == ("D", b"Sorry, no mailbox here by that name. (#5.1.1)\n")


def test_a_home_of_somebody_else_is_none(joe):
    joe.sh("useradd -m robbed; chown joe ~robbed; useradd -m roots; chown root ~roots; touch ~roots/.profile")
    for name in ("robbed", "robbed-A", "roots"):
        assert getpw(joe, name)[1][0] == b"alias", name


def test_an_assigned_home_that_is_away(joe, spawner):
    """Its place, empty, has no file for any address: that is no reason to return mail."""
    uid = joe.sh("id -u joe").stdout.strip()
    joe.write("/var/qmail/users/assign", f"+club-:joe:{uid}:{uid}:/srv/club:-::\n.\n")
    joe.sh("qmail-newu; mkdir /srv/club")
    assert spawner.deliver(b"club-x@h") == (
        "Z", b"/srv/club is an empty directory of root: is its file system mounted? (#4.3.0)\n")
    joe.sh("touch /srv/club/.qmail-y")
    assert spawner.deliver(b"club-x@h") == ("D", b"Sorry, no mailbox here by that name. (#5.1.1)\n")
    joe.sh("rm -r /srv/club")
    assert spawner.deliver(b"club-x@h") == (
        "Z", b"Unable to switch to /srv/club: file does not exist. (#4.3.0)\n")


# ---- whose an address is ----

def whose(spawner, address):
    spawner.command((1000, address), messid="", sender=b"")
    slot, letter, text = spawner.report()
    assert slot == 1000
    return letter, text.decode()


def test_it_says_whose_an_address_is(host):
    host.user("joe")
    joe, alias = (host.sh(f"echo {user}:$(id -u {user}):$(id -g {user}):$(echo ~{user})").stdout.strip()
                  for user in ("joe", "alias"))
    queue_message(host)
    spawner = Spawner(host)
    for _ in range(2):
        assert whose(spawner, b"joe@") == ("W", joe)
        assert whose(spawner, b"JOE-x-y@h") == ("W", joe)
        assert whose(spawner, b"nobody-of-that-name@") == ("W", alias)
        assert spawner.deliver(b"joe@h") == ("K", b"did 1+0+0\n")
    users_cdb(host, [(b"!info\0", b"\0".join([b"shop", b"1234", b"1234", b"/home/shop", b"", b"", b""]))])
    assert whose(spawner, b"info@") == ("W", "shop:1234:1234:/home/shop")
    host.sh("mv /var/qmail/bin/qmail-getpw /tmp")
    assert whose(spawner, b"ann@")[0] == "Z"
    assert whose(spawner, b"@")[0] == "Z"
    assert spawner.end() == 0
