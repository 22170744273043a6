"""What one server takes for the end of a message and another does not must not carry a second message through us."""

import itertools
import re

import pytest

from tests.host import eventually

from .client import Client, queue_is_empty, send_mail
from .strict_sink import StrictSink

LINE_ENDS = [b"\r\n", b"\n", b"\r", b"\r\r", b"\n\n", b"\n\r", b"\r\r\n", b"\r\n\n", b"\r\0\n", b"\0\r\n", b"\r\n\0", b"\0\n", b"\x85",
             b"\xe2\x80\xa8", b"\x0b", b"\x0c"]
# Before and behind the dot; the one that is the end by right is left out.
ENDS = [a + b"." + b for a, b in itertools.product(LINE_ENDS, LINE_ENDS)]
ENDS = [end for end in ENDS if b"\r\n.\r\n" not in end] + [b"\r\n..\r\n", b"\r\n .\r\n", b"\r\n. \r\n", b"\r\n.\0\r\n", b"\r\n\0.\r\n"]
BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
# The end of a message in the eyes of the most lenient of servers.
ANY_END = re.compile(rb"(?:\r\n|\n|\r|^)\.(?=\r\n|\n|\r)")
SECOND = b"MAIL FROM:<evil@example.net>\r\nRCPT TO:<victim@there.example>\r\nDATA\r\nevil\r\n"
TO_THERE = b"MAIL FROM:<a@client.example>\r\nRCPT TO:<box@there.example>\r\n"


@pytest.fixture
def relay(host):
    """A host that relays for the stranger's address, strictly, into a sink."""
    host.user("joe")
    host.control("smtproutes", ":127.0.0.1:2525\n")
    host.control("eightbit", "send\n")         # as it came, since that is what is looked at
    host.write("/etc/tcp.smtp", '203.0.113.:allow,RELAYCLIENT=""\n:allow\n')
    host.sh("qmailctl cdb")
    sink = StrictSink(host)
    host.start("qmail-send", "qmail-queue", "qmail-smtpd")
    yield host, sink
    sink.close()


def assert_nothing_smuggled(sink, number):
    """As many messages as were sent, from who sent them, each one message in anybody's eyes."""
    assert sink.trouble == []
    assert len(sink.messages) == number
    for commands, data in sink.messages:
        verbs = [c for c in commands if not c.startswith((b"EHLO", b"HELO", b"RSET", b"QUIT"))]
        assert len(verbs) == 3 and b"box@there.example" in verbs[1], commands
        assert not any(b"evil" in c or b"victim" in c for c in commands)
        assert not any(BARE.search(c) for c in commands), commands
        assert not BARE.search(data), data
        assert len(ANY_END.findall(data)) == 1, data


def test_inward_no_string_begins_a_second_message(relay):
    """Each string in the middle of a message from a client: taken as one message, or refused; then out to the sink."""
    host, sink = relay
    taken = []
    for end in ENDS:
        c = Client(host).greeted().say(b"EHLO x\r\n" + TO_THERE + b"DATA\r\n")
        while not c.hear().startswith("354"):
            pass
        reply = c.ask(b"Subject: x\r\n\r\ngood" + end + SECOND + b".\r\n")
        assert reply.startswith("550 5.6.11" if BARE.search(end) else "550 5.6.0" if b"\0" in end else "250 "), (end, reply)
        taken += [end] if reply.startswith("250 ") else []
        if reply.startswith("250 "):
            assert c.ask(b"NOOP\r\n") == "250 2.0.0 ok", end
        c.hang_up()
    assert len(taken) >= 20
    assert eventually(lambda: len(sink.messages) >= len(taken) and queue_is_empty(host), 30)
    assert_nothing_smuggled(sink, len(taken))


def test_outward_no_string_of_a_local_user_begins_a_second_message(relay):
    """The same strings in files that go through sendmail, qmail-queue and qmail-remote, in the header and in the body."""
    host, sink = relay
    for i, end in enumerate(ENDS):
        host.write(f"/tmp/mail/{i:03}", b"Subject: x\n\ngood" + end + SECOND + b".\r\n" + end)
    host.write("/tmp/mail/header", b"Subject: x\n.\nDATA\n\n.\r.\n\r.\n")
    host.sh("chmod 755 /tmp/mail; for f in /tmp/mail/*; do sendmail -f joe@mail.example.org box@there.example < $f || exit 1; done",
            user="joe")
    sent = len(ENDS) + 1
    assert eventually(lambda: len(sink.messages) >= sent and queue_is_empty(host), 60), host.log("qmail-send")[-2000:]
    assert_nothing_smuggled(sink, sent)


ADDRESSES = [
    "x>\r\nRCPT TO:<victim@there.example", "x\r\nRCPT TO:<victim@there.example>", "x\nRCPT TO:<victim@there.example>",
    "x>\r\nDATA\r\nevil\r\n.\r\n@there.example", "x\rRSET\r@there.example", "\"x\r\nRSET\r\n\"@there.example",
]


def test_outward_no_address_of_a_local_user_becomes_a_command(relay):
    """As sender and as recipient, handed to qmail-queue by hand and to sendmail as an argument."""
    host, sink = relay
    host.write("/tmp/message", "Subject: x\n\nx\n")
    for address in ADDRESSES:
        for sender, recipient in ((address, "box@there.example"), ("joe@mail.example.org", address)):
            host.write("/tmp/envelope", f"F{sender}\0T{recipient}\0\0")
            host.sh("qmail-queue < /tmp/message 1< /tmp/envelope", user="joe")
            host.run(["sendmail", "-f", sender, recipient], user="joe", input=b"Subject: x\n\nx\n", check=False)
    assert send_mail(host, envelope=TO_THERE).startswith("250 ")
    assert eventually(lambda: queue_is_empty(host), 20), host.sh("qmail-qread").stdout
    assert sink.trouble == [] and sink.messages
    for commands, _ in sink.messages:
        assert not any(BARE.search(c) for c in commands), commands
        assert len([c for c in commands if c.upper().startswith((b"MAIL", b"RCPT", b"DATA"))]) == 3, commands
        assert not any(c.startswith(b"RCPT TO:<victim") for c in commands)
