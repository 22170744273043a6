"""qmail-smtpd where sockets, time and size matter."""

import os
import re
import socket
import subprocess
import time

import pytest

from tests.host import eventually, full_pipe
from tests.smtp.session import CATCH, ENVELOPE, QUEUE, Session

FLAT = 1024 if "SANITIZE" in os.environ else 128     # kilobytes; a sanitizer keeps books of its own, and the kernel
                                                     # brings in a program by 64 at a time, wherever it lies


@pytest.fixture(autouse=True)
def mailboxes(host):
    """Those of ENVELOPE and of long names."""
    host.mailbox("b", "default")


@pytest.fixture
def catch(host):
    """The catching queue program, as a function that says what was queued last: (envelope, message) or None."""
    host.sh(f"mkdir -m 777 {CATCH}")

    def queued():
        try:
            return host.read(f"{CATCH}/envelope"), host.read(f"{CATCH}/message")
        except FileNotFoundError:
            return None
    return queued


def without_received(message):
    first, second, rest = message.split(b"\n", 2)
    assert first.startswith(b"Received: ") and second.startswith(b"  by ")
    return rest


def test_early_talker_is_refused(host, catch):
    s = Session(host, before=b"EHLO x\r\n")
    assert s.hear() == "554 5.5.0 you must wait for the greeting (#5.5.0)"
    assert s.hear() == ""
    code, log = s.end()
    assert code == 1 and log.endswith(", talks first\n")


@pytest.mark.parametrize("length, reply", [(2047, "250 2.0.0 ok"), (2048, "250 2.0.0 ok"),
                                           (2049, "500 5.5.2 line too long (#5.5.2)")])
def test_command_line_limit(host, length, reply):
    s = Session(host).begin()
    assert s.ask(b"NOOP " + b"x" * (length - 5) + b"\r\n") == reply
    assert s.ask(b"NOOP\r\n") == "250 2.0.0 ok"
    s.end()


@pytest.mark.parametrize("length, reply", [(898, "250 2.1.0 ok"), (899, "250 2.1.0 ok"),
                                           (900, "555 5.5.4 syntax error (#5.5.4)")])
def test_address_limit(host, length, reply):
    s = Session(host).begin()
    assert s.ask(b"MAIL FROM:<" + b"x" * (length - 12) + b"@example.net>\r\n") == reply
    s.end()


@pytest.mark.parametrize("hops, code", [(99, "250"), (100, "554"), (101, "554")])
def test_hop_limit(host, catch, hops, code):
    s = Session(host).begin_data()
    half = hops // 2
    reply = s.ask(b"rEcEiVeD: x\r\n" * half + b"Delivered-To: y\r\n" * (hops - half) + b"\r\nReceived: body\r\n.\r\n")
    assert reply.startswith(code)
    assert code == "250" or reply == "554 5.4.6 too many hops, this message is looping (#5.4.6)"
    assert (catch() is not None) == (code == "250")
    s.end()


def test_recipient_limit_and_flat_memory(host, catch):
    """10000 recipients: 1000 are taken, the others told to come later, memory stays as it was."""
    s = Session(host).begin()
    assert s.ask(b"MAIL FROM:<a@example.net>\r\n").startswith("250")
    replies = []
    for group in range(100):
        s.say(b"".join(b"RCPT TO:<%s%d@mail.example.org>\r\n" % (b"x" * 200, 100 * group + i) for i in range(100)))
        replies += [s.hear()[:3] for _ in range(100)]
        if group == 9:
            before = s.peak_kilobytes()
    assert replies == ["250"] * 1000 + ["452"] * 9000
    assert s.peak_kilobytes() <= before + FLAT
    assert s.ask(b"DATA\r\n").startswith("354")
    assert s.ask(b"x\r\n.\r\n").startswith("250")
    assert catch()[0].count(b"\0T") == 1000
    code, log = s.end()
    assert log.count("refused from") == 1 and "1 accepted, 1 refused, 10002 commands" in log


def test_endless_line_costs_no_memory(host):
    s = Session(host).begin()
    before = s.peak_kilobytes()
    for _ in range(80):
        s.say(b"x" * 65536)
    assert s.ask(b"\r\n") == "500 5.5.2 line too long (#5.5.2)"
    assert s.peak_kilobytes() <= before + FLAT
    assert s.ask(b"NOOP\r\n") == "250 2.0.0 ok"
    s.end()


def test_large_message_byte_for_byte(host, catch):
    """Every byte value but NUL, long lines, many dots, no limit on a line."""
    block = bytes(b for b in range(256) if b not in b"\0\r\n")
    lines = [block, b".", b"..", b"", b"x" * 3000000, block * 4, b".x"] * 3
    s = Session(host).begin_data()
    s.say(b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines) + b".\r\n")
    assert s.hear().startswith("250 2.0.0 ok ")
    assert without_received(catch()[1]) == b"".join(line + b"\n" for line in lines)
    assert s.peak_kilobytes() < 16384
    s.end()


def test_too_large_message_is_read_to_its_end(host, catch):
    host.control("databytes", "1000\n")
    s = Session(host).begin_data()
    reply = s.ask((b"x" * 998 + b"\r\n") * 3000 + b".\r\n")
    assert reply == "552 5.3.4 sorry, that message size exceeds my databytes limit (#5.3.4)"
    assert s.ask(b"QUIT\r\n").startswith("221")
    assert catch() is None
    s.end()


def test_disconnect_at_every_byte_queues_nothing(host, catch):
    before, message = b"EHLO x\r\n" + ENVELOPE + b"DATA\r\n", b"S: x\r\n\r\n..\r\n.\r\n"
    for length in range(len(before + message)):
        s = Session(host).begin().say(before[:length])
        if length > len(before):
            s.hear_go_ahead().say(message[:length - len(before)])
        s.ours.shutdown(socket.SHUT_WR)
        s.lines.read()
        assert s.end()[0] == 1
        assert catch() is None, length
    s = Session(host).begin().say(before).hear_go_ahead().say(message + b"QUIT\r\n")
    s.lines.read()
    assert s.end()[0] == 0
    assert without_received(catch()[1]) == b"S: x\n\n.\n"


SMUGGLED = b"MAIL FROM:<evil@example.net>\r\nRCPT TO:<b@mail.example.org>\r\nDATA\r\nevil\r\n"


HEADERS = [
    # as sent                                          what is added at the end of its header
    ("",                                               "di"),
    ("Subject: x\n",                                   "di"),
    ("Date: x\n",                                      "i"),
    ("MESSAGE-ID : <m>\n",                             "d"),
    ("Subject: x\n Date: folded\n",                    "di"),
    ("Date: x\nMessage-Id: <m>\n",                     ""),
    ("Resent-Date: x\n",                               "di"),
    ("hello\n",                                        ""),
]


def added(message):
    """What fields were added, and the message without them."""
    message, dates = re.subn(rb"(?m)^Date: \d+ \w{3} \d{4} [\d:]{8} -0000\n", b"", message, count=1)
    message, ids = re.subn(rb"(?m)^Message-ID: <\d{14}\.\d+\.\w{16}\.qmail@mail\.example\.org>\n", b"", message, count=1)
    return "d" * dates + "i" * ids, message


@pytest.mark.parametrize("relay", [True, False])
def test_who_may_relay_gets_the_fields_that_are_missing(host, catch, relay):
    s = Session(host, env={"RELAYCLIENT": ""} if relay else {}).begin()
    for header, wanted in HEADERS:
        for body in ("\nbody\n\nDate: none\n", ""):
            s.say(ENVELOPE + b"DATA\r\n").hear_go_ahead()
            assert s.ask((header + body).replace("\n", "\r\n").encode() + b".\r\n").startswith("250 ")
            fields, rest = added(without_received(catch()[1]))
            assert (fields, rest) == (wanted if relay else "", (header + body).encode()), (header, body)
            head = without_received(catch()[1]).split(b"\n\n")[0]
            assert not fields or not body or b"body" not in head
    s.end()


def test_fields_are_added_however_the_message_comes(host, catch):
    s = Session(host, env={"RELAYCLIENT": ""}).begin()
    for at in range(len("X: y\r\n\r\nb\r\n.\r\n")):
        s.say(ENVELOPE + b"DATA\r\n").hear_go_ahead()
        text = b"X: y\r\n\r\nb\r\n.\r\n"
        s.say(text[:at])
        time.sleep(0.01)
        assert s.ask(text[at:]).startswith("250 ")
        assert added(without_received(catch()[1])) == ("di", b"X: y\n\nb\n")
    s.end()


def test_fields_are_not_added_by_rule(host, catch):
    s = Session(host, env={"RELAYCLIENT": "", "SMTPD_HEADER": "keep"}).begin()
    s.say(ENVELOPE + b"DATA\r\n").hear_go_ahead()
    assert s.ask(b"X: y\r\n\r\n.\r\n").startswith("250 ")
    assert without_received(catch()[1]) == b"X: y\n\n"
    s.end()


def test_fields_that_are_added_count_for_no_limit(host, catch):
    s = Session(host, env={"RELAYCLIENT": "", "DATABYTES": "6"}).begin()
    s.say(ENVELOPE + b"DATA\r\n").hear_go_ahead()
    assert s.ask(b"X: y\r\n\r\n.\r\n").startswith("250 ")
    s.say(ENVELOPE + b"DATA\r\n").hear_go_ahead()
    assert s.ask(b"X: y\r\n\r\n\r\n.\r\n").startswith("552 ")
    assert " bytes 6 qp " in s.end()[1]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r.\n", b"\n.\r",
                                 b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\r\n.\n", b"\n\r.\r\n", b"\r\n .\r\n"])
def test_smuggling(host, catch, end):
    """What only another server would take for the end of a message does not begin a second one."""
    s = Session(host).begin_data()
    s.say(b"good" + end + SMUGGLED + b".\r\n")
    first = s.hear()
    assert s.ask(b"NOOP\r\n") == "250 2.0.0 ok"
    if first.startswith("250 "):
        envelope, message = catch()
        assert envelope.startswith(b"Fa@example.net\0") and b"MAIL FROM:<evil" in message
    else:
        assert first.startswith(("550 5.6.11", "550 5.6.0")) and catch() is None
    s.end()


def test_dribbling_client_meets_the_session_deadline(host, catch):
    """One byte now and then satisfies timeoutsmtpd, not timeoutsession."""
    host.control("timeoutsmtpd", "10\n")
    host.control("timeoutsession", "2\n")
    s = Session(host).begin_data()
    began = time.monotonic()
    try:
        while time.monotonic() < began + 10:
            s.say(b"x")
            time.sleep(0.1)
    except OSError:
        pass
    assert time.monotonic() < began + 5
    assert s.hear() == "421 4.4.2 this session took too long (#4.4.2)"
    code, log = s.end()
    assert code == 1 and log.endswith(", too long\n") and catch() is None


def test_slow_message_outlasts_the_session(host, catch):
    """The time of a message that comes at 500 bytes a second or faster is its own; it leaves nothing for later."""
    host.control("timeoutsession", "2\n")
    s = Session(host).begin_data()
    began = time.monotonic()
    while time.monotonic() < began + 4:
        s.say(b"x" * 198 + b"\r\n")
        time.sleep(0.1)
    assert s.ask(b".\r\n").startswith("250 2.0.0 ok ")
    assert catch() is not None
    assert s.hear() == "421 4.4.2 this session took too long (#4.4.2)"
    assert time.monotonic() - began < 8
    s.end()


def test_fast_message_earns_no_rest(host, catch):
    host.control("timeoutsession", "2\n")
    s = Session(host).begin_data()
    began = time.monotonic()
    assert s.ask((b"x" * 998 + b"\r\n") * 1000 + b".\r\n").startswith("250 2.0.0 ok ")
    assert s.hear() == "421 4.4.2 this session took too long (#4.4.2)"
    assert time.monotonic() - began < 5
    s.end()


def test_verdict_is_told_after_the_session_deadline(host, catch):
    """The time may be over while the queue program works: what it queued must still be acknowledged."""
    host.control("timeoutsession", "4\n")
    host.write("/tmp/slow", f"#!/bin/sh\nsleep 5\nexec {QUEUE['QMAILQUEUE']}\n", mode=0o755)
    s = Session(host, env={"QMAILQUEUE": "/tmp/slow"}).begin_data()
    assert s.ask(b"x\r\n.\r\n").startswith("250 2.0.0 ok ")
    assert s.hear() == "421 4.4.2 this session took too long (#4.4.2)"
    assert catch() is not None
    s.end()


def test_client_that_does_not_read_is_left(host):
    host.control("timeoutsmtpd", "1\n")
    s = Session(host).begin()
    s.ours.settimeout(5)
    with pytest.raises(OSError):
        while True:
            s.say(b"HELP\r\n" * 1000)
    assert eventually(lambda: s.process.poll() is not None)
    code, log = s.end()
    assert code == 1 and log.endswith((", timeout\n", ", connection broken\n"))


def test_queue_program_speaks_for_itself(host, catch):
    """Exit 82 and a text on descriptor 6; what would break the reply is cleaned."""
    for text, reply in ((b"Dno spam here (#5.7.1)", "554 5.7.1 no spam here (#5.7.1)"),
                        (b"Zlater\r\n250 ok", "451 4.3.0 later??250 ok")):
        host.write(f"{CATCH}/exit", "82")
        host.write(f"{CATCH}/text", text)
        s = Session(host).begin_data()
        assert s.ask(b"x\r\n.\r\n") == reply
        assert s.ask(b"NOOP\r\n") == "250 2.0.0 ok"
        s.end()


def test_replies_to_a_group_come_in_one_packet(host):
    s = Session(host).begin()
    s.say(b"NOOP\r\n" * 50)
    assert eventually(lambda: len(s.ours.recv(4096, socket.MSG_PEEK)) >= 14)
    assert s.ours.recv(4096) == b"250 2.0.0 ok\r\n" * 50
    s.end()


def test_queue_program_that_cannot_be_started(host):
    """No process to be had: our trouble, so the client comes again."""
    s = Session(host, limits=["prlimit", "--nproc=0:0"]).begin()
    s.say(ENVELOPE + b"DATA\r\n")
    assert [s.hear() for _ in range(3)][2] == "451 4.3.0 qqt failure (#4.3.0)"
    assert s.ask(b"DATA\r\n") == "503 5.5.1 MAIL first (#5.5.1)"
    s.end()


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer itself needs more memory")
def test_want_of_memory_is_told(host):
    host.control("maxrecipients", "100000\n")
    s = Session(host, limits=["prlimit", "--data=2000000"]).begin()
    s.ask(b"MAIL FROM:<a@example.net>\r\n")
    reply = "250"
    while reply.startswith("250"):
        reply = s.ask(b"RCPT TO:<" + b"x" * 800 + b"@mail.example.org>\r\n")
    assert reply == "421 4.3.0 out of memory (#4.3.0)"
    code, log = s.end()
    assert code == 1 and log.endswith(", memory\n")


def test_an_accepted_message_is_answered_though_the_log_stands_still(host):
    reader, log = full_pipe()
    s = Session(host, log=log).begin_data()
    assert s.ask(b"Subject: x\r\n\r\nbody\r\n.\r\n").startswith("250 ")
    os.close(log)
    said = b""
    while b"\n" not in said:
        said += os.read(reader, 65536)
    assert re.search(rb"qmail-smtpd: accepted .* qp [0-9]+\n", said.lstrip(b"x"))
    s.lines.close()
    s.ours.close()
    s.process.wait(20)
    os.close(reader)


def serve(host, *options):
    server = host.popen(["tcpserver", "-HRl", "mail.example.org", *options, "0", "25", "qmail-smtpd"], env=QUEUE,
                        stderr=subprocess.DEVNULL)
    assert eventually(lambda: not host.sh("ss -ltn | grep -q ':25 '", check=False).returncode)
    return server


CLIENT = """
import socket, sys
s = socket.create_connection((sys.argv[1], 25))
f = s.makefile("rb")
f.readline()
for line in b"HELO client.example", b"MAIL FROM:<a@example.net>", b"RCPT TO:<b@mail.example.org>", b"DATA":
    s.sendall(line + b"\\r\\n")
    f.readline()
s.sendall(b"S: x%sbody%s.\\r\\n")
print(f.readline().decode())
"""


def test_behind_tcpserver_swaks(host, catch):
    server = serve(host)
    host.sh("swaks --server 127.0.0.1 --helo client.example --from a@example.net --to b@mail.example.org --silent 2")
    lines = catch()[1].split(b"\n")
    assert lines[0] == b"Received: from unknown (HELO client.example) (127.0.0.1)"
    assert lines[1].startswith(b"  by mail.example.org with ESMTP; ")
    server.kill()


def test_behind_tcpserver_ipv6(host, catch):
    server = serve(host)
    host.write("/tmp/talk.py", CLIENT % (r"\r\n\r\n", r"\r\n"))
    assert host.sh("python3 /tmp/talk.py 2001:db8::25").stdout.startswith("250 2.0.0")
    lines = catch()[1].split(b"\n")
    assert lines[0] == b"Received: from unknown (HELO client.example) (2001:db8::25)"
    assert lines[1].startswith(b"  by mail.example.org with SMTP; ")
    server.kill()


def test_fetchmail_line_ends_on_loopback_by_rule(host, catch):
    """A rule switches normalising on for one client address."""
    host.sh("printf '%s\\n' '127.:allow,SMTPD_BARE=\"normalise\"' ':allow' | tcprules /tmp/rules.cdb /tmp/rules.tmp")
    server = serve(host, "-x", "/tmp/rules.cdb")
    host.write("/tmp/talk.py", CLIENT % (r"\n\n", r"\n"))
    assert host.sh("python3 /tmp/talk.py 203.0.113.25").stdout.startswith("550 5.6.11")
    assert catch() is None
    assert host.sh("python3 /tmp/talk.py 127.0.0.1").stdout.startswith("250 2.0.0")
    assert without_received(catch()[1]) == b"S: x\n\nbody\n"
    server.kill()


def test_morercpthosts_opens_more_domains(host):
    host.write("/var/qmail/control/morercpthosts", "More.example\n")
    host.run(["qmail-newmrh"])
    s = Session(host).begin()
    s.ask(b"MAIL FROM:<a@example.net>\r\n")
    assert s.ask(b"RCPT TO:<b@MORE.example>\r\n") == "250 2.1.5 ok"
    assert s.ask(b"RCPT TO:<b@mail.example.org>\r\n") == "250 2.1.5 ok"
    assert s.ask(b"RCPT TO:<b@other.example>\r\n").startswith("553 5.7.1")
    s.end()


def test_broken_morercpthosts_is_temporary(host):
    host.write("/var/qmail/control/morercpthosts.cdb", b"\x7f" * 2048)
    s = Session(host).begin()
    s.ask(b"MAIL FROM:<a@example.net>\r\n")
    assert s.ask(b"RCPT TO:<b@other.example>\r\n") == "421 4.3.0 unable to read controls (#4.3.0)"
    assert s.end()[0] == 1
    host.write("/var/qmail/control/morercpthosts.cdb", b"")
    s = Session(host)
    assert s.hear() == "421 4.3.0 unable to read controls (#4.3.0)"
    assert "unable to read control/morercpthosts.cdb" in s.end()[1]
