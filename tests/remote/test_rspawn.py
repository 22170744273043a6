"""qmail-rspawn: commands in, one report for each recipient out."""

import struct
import zlib

import pytest

from .remote import MESSAGE, Server, through

OK = "127.0.0.1 accepted message.\nRemote host said: 250 ok 1234 qp 5678\n"


@pytest.fixture(autouse=True, params=["warm", "cold"])
def ways(host, request):
    """Both; what only the warm one does is in test_agents.py."""
    host.control("agentseconds", "5\n" if request.param == "warm" else "0\n")


def queued(host, message=MESSAGE, number=24):
    """A message in the queue, as qmail-queue leaves it (queue_message.h)."""
    envelope = b"u0\0p1\0Fs@example.org\0Tr@example.net\0"
    footer = struct.pack("<8sIIQQQI", b"mailtree", 1, zlib.crc32(message), len(message), len(envelope), 1700000000,
                         zlib.crc32(envelope))
    footer += struct.pack("<IQQ", zlib.crc32(footer), 0, 0)
    path = f"/var/qmail/queue/mess/{number % 23}/{number}"
    host.write(path, message + envelope + footer, mode=0o640)
    host.sh(f"chown qmailq:qmail {path}")
    return f"{number % 23}/{number}"


def command(messid, *recipients, sender="s@example.org", first_slot=0):
    body = f"-{messid}\0{sender}\0\0".encode()
    for slot, recipient in enumerate(recipients, first_slot):
        body += struct.pack("<H", slot) + recipient.encode() + b"\0"
    return struct.pack("<I", len(body)) + body


def spawn_in_full(host, *commands, env=None):
    """The reports by slot: letter, outcome, most, text."""
    host.sh("chgrp qmail /var/qmail/queue/mess /var/qmail/queue/mess/*")
    done = host.run(["qmail-rspawn"], user="qmailr", input=b"".join(commands), env=env)
    assert struct.unpack("<H", done.stdout[:2]) == (1000,)
    reports, rest = {}, done.stdout[2:]
    while rest:
        slot, = struct.unpack("<H", rest[:2])
        learnt, (text, rest) = rest[2:5], rest[5:].split(b"\0", 1)
        assert slot not in reports
        reports[slot] = (learnt + text).decode("latin-1")
    return reports


def spawn(host, *commands, **more):
    """The reports by slot, without their outcomes."""
    return {slot: text[0] + text[3:] for slot, text in spawn_in_full(host, *commands, **more).items()}


def test_recipients_of_a_command_share_a_transaction(host):
    server = Server(host, RCPT=["250 ok", "550 no", "450 later", "250 ok"])
    through(host)
    reports = spawn(host, command(queued(host), "a@example.net", "b@example.net", "c@example.net", "d@example.net"))
    assert reports == {
        0: "K" + OK, 3: "K" + OK,
        1: "D127.0.0.1 does not like recipient.\nRemote host said: 550 no\nGiving up on 127.0.0.1.\n",
        2: "Z127.0.0.1 does not like recipient.\nRemote host said: 450 later\nGiving up on 127.0.0.1.\n",
    }
    said = [line for line in server.lines() if line != "RSET"]
    assert said[-5:] == ["Subject: hello", "", "body", ".", "QUIT"]     # and nothing of the envelope
    assert len(server.connections()) == 1


def test_commands_are_deliveries_of_their_own(host):
    server = Server(host)
    through(host)
    messid = queued(host)
    reports = spawn(host, command(messid, "a@example.net"), command(messid, "b@example.com", first_slot=7, sender=""))
    assert reports == {0: "K" + OK, 7: "K" + OK}
    assert server.heard(1)


@pytest.mark.parametrize("place", ["/var/tmp", "/var/qmail/queue/copies"])
def test_a_full_disk_elsewhere_does_not_hold_up_large_mail(host, place):
    Server(host)
    through(host)
    host.sh(f"mount -t tmpfs -o size=64k none {place}; head -c 100k /dev/zero > {place}/full 2>/dev/null; true")
    message = b"Subject: large\n\n" + b"x" * 70 * 1000 + b"\n" + (b"y" * 70 + b"\n") * 30000
    assert spawn(host, command(queued(host, message), "a@example.net")) == {0: "K" + OK}


def test_a_hundred_refusals_fit(host):
    Server(host, RCPT="550 " + "x" * 4000)
    through(host)
    reports = spawn(host, command(queued(host), *[f"{n}@example.net" for n in range(100)]))
    assert len(reports) == 100
    assert all(r.startswith("D127.0.0.1 does not like recipient.\nRemote host said: 550 xxx") for r in reports.values())
    assert all(r.endswith("Giving up on 127.0.0.1.\n") for r in reports.values())


@pytest.mark.parametrize("script, report", [
    ("kill -9 $$", "Zqmail-remote crashed.\n"),
    ("exit 111", "ZUnable to run qmail-remote.\n"),
    ("exit 100", "DUnable to run qmail-remote.\n"),
    ("exit 1", "DUnable to run qmail-remote.\n"),
    ("exit 0", "Zqmail-remote produced no output.\n"),
    ("printf 'hno\\0Dbye\\0'", "Dnobye"),
    ("printf 'r\\0Zlater\\0' >&2", "Zlater"),
    ("printf \"r\\0K$*\\0\"; cat >/tmp/got", "Kexample.net s@example.org r@example.net"),
])
def test_another_program_may_stand_in(host, script, report):
    host.write("/tmp/stand-in", f"#!/bin/sh\n{script}\n", mode=0o755)
    assert spawn(host, command(queued(host), "r@example.net"), env={"QMAILREMOTE": "/tmp/stand-in"}) == {0: report}
    if "got" in script:
        assert host.read("/tmp/got") == MESSAGE


def test_a_stand_in_is_told_of_strangers_by_a_variable_only(host):
    host.write("/tmp/stand-in", "#!/bin/sh\nprintf \"r\\0K$* ${QMAILSTRANGER+new}\\0\"\n", mode=0o755)
    env = {"QMAILREMOTE": "/tmp/stand-in"}
    known = command(queued(host), "r@e")
    assert spawn(host, known, env=env) == {0: "Ke s@example.org r@e "}
    assert spawn(host, known.replace(b"-", b"?", 1), env=env) == {0: "Ke s@example.org r@e new"}


def test_whether_a_server_was_reached_is_not_read_from_what_it_says(host):
    through(host)
    messid = queued(host)
    assert spawn_in_full(host, command(messid, "r@e"))[0].startswith("Zu\0Sorry, I wasn't able to establish")
    Server(host, RCPT=["451 4.4.1 connection to mail server timed out (#4.4.1)", "250 ok", "CLOSE"])
    assert spawn_in_full(host, command(messid, "r@e"))[0].startswith("Zr\x00127.0.0.1 does not like")
    assert [text[:2] for text in spawn_in_full(host, command(messid, "a@e", "b@e", "c@e")).values()] == ["Zu"] * 3
    host.write("/tmp/stand-in", "#!/bin/sh\nprintf 'ZSorry, no SMTP connection. (#4.4.1)\n\\0'\n", mode=0o755)
    assert spawn_in_full(host, command(messid, "r@e"), env={"QMAILREMOTE": "/tmp/stand-in"})[0].startswith("Z-\0Sorry")


def test_a_stand_in_is_searched_in_path_and_its_lack_is_our_trouble(host):
    host.write("/usr/bin/stand-in", "#!/bin/sh\nprintf 'Kfound\\0'\n", mode=0o755)
    assert spawn(host, command(queued(host), "r@e"), env={"QMAILREMOTE": "stand-in"}) == {0: "Kfound"}
    assert spawn(host, command(queued(host), "r@e"), env={"QMAILREMOTE": "nowhere"}) == {0: "ZUnable to run qmail-remote.\n"}


def test_the_host_is_behind_the_last_at(host):
    host.write("/tmp/stand-in", "#!/bin/sh\nprintf \"r\\0K$1\\0\"\n", mode=0o755)
    assert spawn(host, command(queued(host), "a@b@c.example"), env={"QMAILREMOTE": "/tmp/stand-in"}) == {0: "Kc.example"}


def test_the_table_of_timeouts_is_cleared_at_the_start(host):
    host.write("/var/qmail/queue/lock/tcpto", b"\1" * 1024)
    host.sh("chown qmailr /var/qmail/queue/lock/tcpto")
    spawn(host)
    assert host.read("/var/qmail/queue/lock/tcpto") == bytes(2048)
    host.sh("rm /var/qmail/queue/lock/tcpto")
    assert spawn(host) == {}


OPEN = """#!/usr/bin/python3
import os
def is_open(fd):
    try: return bool(os.fstat(fd))
    except OSError: return False
print("K", *[fd for fd in range(1000) if is_open(fd)], end="\\0")
"""


def test_a_delivery_has_three_descriptors(host):
    host.write("/tmp/stand-in", OPEN, mode=0o755)
    assert spawn(host, command(queued(host), "r@e"), env={"QMAILREMOTE": "/tmp/stand-in"}) == {0: "K 0 1 2"}


def test_without_a_queue_it_ends(host):
    host.sh("mv /var/qmail/queue/mess /var/qmail/queue/away")
    done = host.run(["qmail-rspawn"], user="qmailr", check=False)
    assert done.returncode == 111
    assert b"unable to chdir to /var/qmail/queue/mess" in done.stderr
