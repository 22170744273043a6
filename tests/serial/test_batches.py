"""Batched SMTP: out of a .qmail file, out of a Maildir, and into the queue on the other host."""

import pytest

from tests.host import eventually
from tests.serial.rig import Box

BATCH = b"""HELO far.example\r
MAIL FROM:<a@far.example>\r
RCPT TO:<joe@mail.example.org>\r
DATA\r
Subject: one\r
\r
..dot\r
.\r
"""


def rsmtp(host, batch, user="daemon", **more):
    done = host.run(["rsmtp"], user=user, input=batch, check=False, **more)
    return done.returncode, done.stderr.decode().splitlines()


@pytest.fixture
def joe(host):
    host.user("joe")
    host.start("qmail-send")
    return host


def test_a_batch_goes_into_the_queue(joe):
    second = b"RSET\nMAIL FROM:<>\nRCPT TO:<joe@mail.example.org>\nRCPT TO:<joe@mail.example.org>\nDATA\nSubject: two\n.\nQUIT\nnonsense\n"
    assert rsmtp(joe, BATCH + second) == (0, [])
    assert eventually(lambda: len(joe.maildir("joe")) == 3)
    one, = [text for text in joe.maildir("joe") if b"Subject: one" in text]
    assert one.startswith(b"Return-Path: <a@far.example>\nDelivered-To: joe@mail.example.org\nReceived: ")
    assert b"\nReceived: from far.example\n  by mail.example.org with BSMTP; " in one and one.endswith(b"Subject: one\n\n.dot\n")


@pytest.mark.parametrize("batch, says", [
    (b"MAIL FROM:<a@b>\nRCPT TO:<>\nDATA\nx\n.\n", ["this recipient makes no sense: TO:<>", "a message has no sender or no recipient"]),
    (b'MAIL FROM:<"a\rb"@c>\nRCPT TO:<joe@mail.example.org>\nDATA\nx\n.\n',
     ['this sender makes no sense: FROM:<"a?b"@c>', "a message has no sender or no recipient"]),
    (b"MAIL FROM:<a@b>\nRCPT TO:<joe\x1b@mail.example.org>\nDATA\nx\n.\n",
     ["this recipient makes no sense: TO:<joe?@mail.example.org>", "a message has no sender or no recipient"]),
    (b"RCPT TO:<joe@mail.example.org>\nDATA\nx\n.\n", ["a message has no sender or no recipient"]),
    (b"MAIL FROM:<a@b>\nRCPT TO:<joe@mail.example.org>\nDATA\n" + b"Received: x\n" * 100 + b"\n.\n",
     ["a message goes round in circles, and is not queued; its sender: a@b"]),
    (b"MAIL FROM:<a@b>\nRCPT TO:<joe@mail.example.org>\nDATA\n" + b"x" * 5000 + b"\n.\n", ["a message is too big, and not queued; its sender: a@b"]),
    (b"From joe\x1b[2J\n", ["no command of SMTP: From joe?[2J"])])
def test_what_cannot_be_queued_is_told_and_the_rest_is(joe, batch, says):
    joe.control("databytes", "4000\n")
    assert rsmtp(joe, batch + BATCH) == (65, ["rsmtp: warning: " + text for text in says])
    assert eventually(lambda: joe.maildir("joe"))
    assert len(joe.maildir("joe")) == 1


def test_a_batch_that_was_cut_off_ends_before_the_message_it_was_cut_in(joe):
    for cut in (1, 2, 3, 4, 10):
        assert rsmtp(joe, BATCH[:-cut])[0] == 65
    assert joe.sh("qmail-qstat").stdout.startswith("messages in queue: 0\n")
    assert not joe.maildir("joe")


def test_trouble_is_for_another_time(joe):
    code, said = rsmtp(joe, BATCH, env={"QMAILQUEUE": "/bin/false"})
    assert code == 75 and said[0].startswith("rsmtp: fatal: ")
    assert rsmtp(joe, BATCH, env={"QMAILQUEUE": "/nonexistent"})[0] == 75


def test_uucp_between_two_hosts_without_the_wire(hosts):
    """A .qmail file writes batches, a program carries them, rsmtp reads them there."""
    here, there = hosts("here.example", "there.example")
    there.user("joe")
    here.control("virtualdomains", "there.example:alias-uucp\n")
    here.write("/var/qmail/alias/.qmail-uucp-default", "|bsmtp here.example /spool 'a  b'\n")
    here.write("/spool", "#!/bin/sh\n[ \"$1\" = 'a  b' ] || exit 100\n[ ! -e /tmp/down ] || exit 111\ncat > /tmp/batch.$$ && mv /tmp/batch.$$ /tmp/batch\n", mode=0o755)
    here.start("qmail-send")
    there.start("qmail-send")
    here.sh("printf 'Subject: x\\n\\n.dot\\nno end' | sendmail -f o@here.example joe@there.example joe-x@there.example")
    assert eventually(lambda: here.log("qmail-send").count("success") == 2), here.log("qmail-send")
    batch = here.read("/tmp/batch")
    assert batch.startswith(b"HELO here.example\r\nMAIL FROM:<o@here.example>\r\nRCPT TO:<joe")
    assert b"DATA\r\nDelivered-To: alias-uucp-joe" in batch and batch.endswith(b"\r\n..dot\r\nno end\r\n.\r\nQUIT\r\n")
    there.run(["rsmtp"], user="daemon", input=batch.replace(b"joe-x@", b"joe@"))
    assert eventually(lambda: there.maildir("joe"))
    here.sh("touch /tmp/down; printf 'Subject: y\\n\\n' | sendmail joe@there.example")
    assert eventually(lambda: "deferral" in here.log("qmail-send"))


def test_a_maildir_goes_as_batches(host):
    box = Box(host)
    for i in range(3):
        box.put(f"{i}", b"Subject: %d\n\nx\n" % i, age=100 - i)
    box.put("big", b"y" * (11 << 20), age=50)
    box.put("last", age=20)
    program = box.client("cat > /tmp/batch.$$; ls /tmp/batch.* >&2\n")
    code, said = box.send("serialbsmtp", "joe-ppp-", "me.example", program)
    assert (code, box.left()) == (0, [])
    assert len([line for line in said if line.endswith(" succeeded: the batch was taken")]) == 5
    names = host.sh("ls -S /tmp/batch.*").stdout.split()
    first, second = (host.read(name) for name in names)
    assert first.count(b"RCPT TO:<r@virt.example>\r\n") == 4 and first.index(b"Subject: 0") < first.index(b"Subject: 2")
    assert second == b"HELO me.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<r@virt.example>\r\nDATA\r\nSubject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n"


@pytest.mark.parametrize("script, says", [("cat > /dev/null; exit 100", "exit 100"), ("kill -9 $$", "the program crashed, or did not read all")])
def test_a_batch_that_is_not_taken_stays(host, script, says):
    box = Box(host)
    box.put("a")
    code, said = box.send("serialbsmtp", "joe-ppp-", "me.example", box.client(script + "\n"))
    assert (code, box.left()) == (111, ["new/a"])
    assert f"maildirserial: info: new/a failed temporarily: the batch was not taken: {says}" in said


@pytest.mark.parametrize("words, code", [(["rsmtp", "x"], 64), (["bsmtp", "x"], 100), (["serialbsmtp", "a", "b"], 100)])
def test_wrong_use(host, words, code):
    assert host.run(words, check=False).returncode == code
