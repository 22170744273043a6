"""vacation, qreceipt and qbiff: what tells somebody that a message has come."""

import email
import email.policy
import os
import pty
import struct
import subprocess
import time

import pytest

from tests.host.machine import eventually
from tests.local.machine import CATCH, dotqmail, local, queued

BIN = "/var/qmail/bin"
HOME = "/home/joe"
TEXT = "From: Jörg <joe@mail.example.org>\nSubject: away (was: $SUBJECT)\n\nBack soon. You wrote: $SUBJECT\n"
MESSAGE = "Message-ID: <1@example.net>\nTo: Joe <JOE@mail.example.org>\nSubject: hello\n\nAre you there?\n"
VARIABLES = {**CATCH, "SENDER": "max@example.net", "LOCAL": "joe", "EXT": "", "HOST": "mail.example.org", "USER": "joe"}


@pytest.fixture
def joe(host):
    host.user("joe")
    host.write(f"{HOME}/.vacation.msg", TEXT, owner="joe")
    return host


def run(host, *words, message=MESSAGE, code=0, env=VARIABLES, **more):
    host.write("/tmp/message", message)
    with open(host.path("/tmp/message"), "rb") as stdin:
        running = host.popen(["sh", "-c", f'cd {HOME} && exec "$@"', "-", f"{BIN}/{words[0]}", *words[1:]], user="joe",
                             env={**env, **more}, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = running.communicate(timeout=60)
    assert running.returncode == code, (running.returncode, out, err)
    return (out + err).decode()


def answer(host):
    message, envelope = queued(host)
    return message and email.message_from_bytes(message, policy=email.policy.default), envelope


# ---- vacation ----

def test_a_vacation_notice(joe):
    assert run(joe, "vacation") == ""
    letter, envelope = answer(joe)
    assert envelope == b"F\0Tmax@example.net\0\0"
    assert letter["Subject"] == "away (was: hello)" and letter["From"] == "Jörg <joe@mail.example.org>" and letter["To"] == "max@example.net"
    assert letter["Auto-Submitted"] == "auto-replied" and letter["In-Reply-To"] == "<1@example.net>"
    assert letter.get_content() == "Back soon. You wrote: hello\n"
    assert joe.sh(f"stat -c '%a %U' {HOME}/.vacation").stdout == "700 joe\n"


def age(host, days):
    host.sh(f"cd {HOME}/.vacation && for f in A*; do mv $f ${{f%.*}}.$((${{f##*.}} - 86400 * {days})); done")


def test_once_in_its_time_to_each_sender(joe):
    run(joe, "vacation")
    assert answer(joe)[0]
    assert run(joe, "vacation") == "no answer: its sender has been answered\n" and not answer(joe)[0]
    assert run(joe, "vacation", SENDER="eve@example.net") == "" and answer(joe)[0]
    age(joe, 6)
    assert run(joe, "vacation").startswith("no answer") and not answer(joe)[0]
    age(joe, 2)
    assert run(joe, "vacation") == "" and answer(joe)[0]
    joe.write(f"{HOME}/.vacation.msg", "Days: 2\n" + TEXT, owner="joe")
    age(joe, 3)
    assert run(joe, "vacation") == "" and answer(joe)[0]
    assert run(joe, "vacation", "-r", "0").startswith("no answer: its sender") or answer(joe)[0]
    run(joe, "vacation", "-i")
    assert joe.sh("ls ~joe/.vacation").stdout == "" and run(joe, "vacation", "joe") == "" and answer(joe)[0]


def test_what_is_forgotten_is_answers_alone(joe):
    """Whoever keeps them beside other things keeps those."""
    assert run(joe, "vacation", "-d", ".") == "" and answer(joe)[0]
    joe.sh("maildirmake ~joe/Maildir; echo precious > ~joe/Maildir/new/1")
    run(joe, "vacation", "-i", "-d", ".")
    assert joe.sh("ls -A ~joe; cat ~joe/Maildir/new/1").stdout == ".lock\n.qmail\n.vacation.msg\nMaildir\nprecious\n"
    run(joe, "vacation", "-I", "-d", "nowhere")


@pytest.mark.parametrize("message, sender, why", [
    ("Precedence: bulk\n" + MESSAGE, "a@b.c", "it is bulk mail"),
    ("List-Id: <x>\n" + MESSAGE, "a@b.c", "it comes from a mailing list"),
    ("Auto-Submitted: auto-generated\n" + MESSAGE, "a@b.c", "no person has sent it"),
    (MESSAGE, "", "it is a bounce"),
    (MESSAGE, "list-request@b.c", "its sender is a robot"),
    (MESSAGE, "joe@mail.example.org", "its sender is who would answer"),
    ("To: all@example.net\nSubject: x\n\n", "a@b.c", "its recipient is not named in To or Cc"),
    ("To: notjoe@mail.example.org, joe@mail.example.org.uk\n\n", "a@b.c", "its recipient is not named in To or Cc"),
])
def test_who_gets_no_answer(joe, message, sender, why):
    assert run(joe, "vacation", message=message, SENDER=sender) == f"no answer: {why}\n"
    assert answer(joe) == (None, None)


def test_an_answer_is_never_answered(joe):
    assert "mail is looping" in run(joe, "vacation", message="Delivered-To: Autoresponder\n" + MESSAGE, code=100)


def test_further_addresses(joe):
    for field in ("Cc: x@y.z,\n j.doe@else.example", "Resent-To: <J.Doe@else.example>"):
        message = f"{field}\nSubject: x\n\n"
        assert run(joe, "vacation", message=message).startswith("no answer: its recipient")
        assert run(joe, "vacation", "-a", "other@x.y", "-a", "j.doe@else.example", message=message, SENDER=f"{len(field)}@b.c") == ""
        assert answer(joe)[0]
    assert run(joe, "vacation", "-j", message="Subject: x\n\n") == "" and answer(joe)[0]
    extension = "To: joe-shop@mail.example.org\n\n"
    assert run(joe, "vacation", message=extension, LOCAL="joe-shop", EXT="shop", SENDER="e@b.c") == "" and answer(joe)[0]


def test_the_days_of_a_vacation(joe):
    day = 86400
    for first, last, said in ((-1, 1, ""), (0, 0, ""), (1, 3, "no answer: the vacation has not begun\n"),
                              (-3, -1, "no answer: the vacation is over\n")):
        dates = [time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * day)) for n in (first, last)]
        joe.write(f"{HOME}/.vacation.msg", f"Starts: {dates[0]}\nEnds: {dates[1]}\n{TEXT}", owner="joe")
        run(joe, "vacation", "-i")
        assert run(joe, "vacation") == said
        letter, _ = answer(joe)
        assert bool(letter) == (not said) and (not letter or "Starts" not in letter)


def test_a_text_that_cannot_be_read_is_no_empty_one(joe):
    joe.sh(f"rm {HOME}/.vacation.msg; mkdir {HOME}/.vacation.msg")
    assert run(joe, "vacation", code=111) == "vacation: fatal: unable to read .vacation.msg: Is a directory\n"
    assert not answer(joe)[0]


def test_without_a_text_nobody_is_away(joe):
    joe.sh(f"rm {HOME}/.vacation.msg")
    assert run(joe, "vacation") == "no answer: there is no text of an answer\n"
    joe.write(f"{HOME}/away", "Ends: soon\n\nx\n")
    assert run(joe, "vacation", "-m", "away", code=111) == "vacation: fatal: away: Ends is no date such as 2026-07-14\n"
    joe.write(f"{HOME}/away", "I am away.\n")
    assert run(joe, "vacation", "-m", "away", "-d", "there") == ""
    letter, _ = answer(joe)
    assert letter["From"] == "joe@mail.example.org" and letter["Subject"] == "Auto: hello" and len(os.listdir(joe.path(f"{HOME}/there"))) > 0
    for words in (["-x"], ["-r", "x"], ["a", "b"]):
        assert run(joe, "vacation", *words, code=111).startswith("vacation: usage: ")


def test_in_a_qmail_file(joe):
    dotqmail(joe, "|vacation -a 'joe@else.example'\n./Maildir/\n")
    assert local(joe, message=MESSAGE.encode()).out == b"did 1+0+1\n" and answer(joe)[0]
    assert local(joe, message=MESSAGE.encode()).out == b"no answer: its sender has been answered\ndid 1+0+1\n"
    assert len(joe.maildir("joe")) == 2


# ---- qreceipt ----

ASKING = "Message-Id: <7@example.net>\nNotice-Requested-Upon-Delivery-To: Ann <ann@x.y>,\n \"joe b\"@mail.example.org\nSubject: x\n\nbody\n"


def test_a_receipt(joe):
    assert run(joe, "qreceipt", "joe b@mail.example.org", message=ASKING, SENDER="a b@example.net") == ""
    message, envelope = queued(joe)
    assert envelope == b"F\0Ta b@example.net\0\0"
    assert message.decode() == (
        'From: DELIVERY NOTICE SYSTEM <"a b"@example.net>\nTo: <"a b"@example.net>\nSubject: success notice\n\n'
        "Hi! This is the qreceipt program. Your message was delivered to the\n"
        "following address: joe b@mail.example.org. Thanks for asking.\nYour Message-ID: <7@example.net>\n")
    run(joe, "qreceipt", "ann@x.y", message=ASKING.replace("Message-Id", "X-Id"))
    assert queued(joe)[0].endswith(b"Thanks for asking.\n")


def test_who_gets_no_receipt(joe):
    for address, sender in (("ANN@x.y", "a@b"), ("bob@x.y", "a@b"), ("ann@x.y", ""), ("ann@x.y", "#@[]"), ("ann@x.y", "a\n@b")):
        assert run(joe, "qreceipt", address, message=ASKING, SENDER=sender) == ""
    assert queued(joe) == (None, None)
    assert run(joe, "qreceipt", code=100) == "qreceipt: usage: qreceipt address\n"
    assert run(joe, "qreceipt", "a", env=CATCH, code=100) == "qreceipt: fatal: SENDER not set\n"
    wrong = "Notice-Requested-Upon-Delivery-To: (\n\n"
    assert run(joe, "qreceipt", "a", message=wrong, code=100) == "qreceipt: fatal: unable to parse Notice-Requested-Upon-Delivery-To\n"
    joe.write("/usr/local/bin/refuse", "#!/bin/sh\nexit 53\n", mode=0o755)
    assert run(joe, "qreceipt", "ann@x.y", message=ASKING, QMAILQUEUE="/usr/local/bin/refuse", code=111) == \
        "qreceipt: fatal: qq write error or disk full (#4.3.0)\n"


# ---- qbiff ----

def login(host, user, line):
    """A record of utmp."""
    record = struct.pack("<h2xi32s4s32s256shhiii4i20s", 7, 1, line.encode(), b"1", user.encode(), b"", 0, 0, 0, int(time.time()), 0, 0, 0, 0, 0, b"")
    host.write("/run/utmp", record)
    host.sh("[ /var/run -ef /run ] || ln -sfn /run /var/run")


def shown(host, mode=0o700, user="joe", **more):
    ours, theirs = pty.openpty()
    try:
        name = os.ttyname(theirs)
        os.chown(name, int(host.sh("id -u joe").stdout), -1)
        os.chmod(name, mode)
        login(host, user, name.removeprefix("/dev/"))
        assert run(host, "qbiff", **more) == ""
        os.set_blocking(ours, False)
        try:
            return os.read(ours, 4096).decode().replace("\r\r\n", "\r\n")
        except BlockingIOError:
            return ""
    finally:
        os.close(ours)
        os.close(theirs)


def test_who_is_logged_in_sees_what_has_come(joe):
    assert shown(joe, LOCAL="joe-\x1bx") == "\r\n\a*** TO <joe-_x> FROM <max@example.net>\r\n    hello/Are you there?\r\n"
    long = "Subject: a\x1bb\n\n" + "x\n" * 100
    assert shown(joe, message=long).split("\r\n")[2] == "    a/b/" + "x/" * 35
    assert shown(joe, mode=0o600) == shown(joe, user="ann") == ""
    assert run(joe, "qbiff", env=CATCH) == "" and run(joe, "qbiff") == ""
