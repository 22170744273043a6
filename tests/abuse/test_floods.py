"""Too much of everything in one session: what it may cost is known beforehand.

ABUSE=full makes it 10 million recipients, a line of 4 GiB and a message of 1 GiB."""

import collections
import os
import random
import socket
import threading

import pytest

from tests.host import eventually

from .client import (ENVELOPE, FULL, Client, connect, hang_up, no_smtp_left, private_kilobytes, processes,
                     queue_is_empty, seconds_to_serve, send_mail)

RECIPIENTS = 10_000_000 if FULL else 200_000
LINE = (4096 if FULL else 256) << 20
MESSAGE = (1024 if FULL else 64) << 20
MEBIBYTE = 1 << 20
GROWTH = 256            # kilobytes that a process may have more after the flood than before: 128 of them a message held for the queue


def count_replies(client, number):
    """The codes of the next replies."""
    return collections.Counter(client.lines.readline()[:3] for _ in range(number))


@pytest.mark.skipif("SANITIZE" in os.environ, reason="the sanitizer holds on to what was freed")
def test_recipients_without_end_cost_no_memory(smtp):
    """Groups of recipients in one session and ten transactions: the first 1,000 of each are taken, the others told 452."""
    host = smtp()
    host.mailbox("default")
    c = Client(host).greeted()
    group = 10_000
    line = b"RCPT TO:<" + b"x" * 100 + b"@mail.example.org>\r\n"
    replies, before = collections.Counter(), None
    for n in range(RECIPIENTS // group):
        text = line * group
        if n % (RECIPIENTS // group // 10) == 0:
            assert c.ask(b"MAIL FROM:<a@client.example>\r\n").startswith("250")
        writer = threading.Thread(target=c.say, args=(text,))
        writer.start()
        replies += count_replies(c, group)
        writer.join()
        before = before or private_kilobytes(host, "qmail-smtpd")[0]
    after = private_kilobytes(host, "qmail-smtpd")[0]
    print(f"{RECIPIENTS} recipients: {before} KiB after the first {group}, {after} KiB after the last")
    assert replies == {b"250": 10 * 1000, b"452": RECIPIENTS - 10 * 1000}
    assert after <= before + GROWTH
    assert c.ask(b"QUIT\r\n").startswith("221")
    assert len(host.log("qmail-smtpd")) < 20_000


def test_recipients_of_strangers_end_the_session(smtp):
    """Twenty refusals, then 421: nobody tries ten million addresses in one session."""
    host = smtp()
    c = Client(host).greeted()
    c.ask(b"MAIL FROM:<a@client.example>\r\n")
    try:
        c.say(b"RCPT TO:<x@elsewhere.example>\r\n" * 10_000)
    except OSError:
        pass
    codes = []
    try:
        while line := c.hear():
            codes.append(line[:3])
    except ConnectionResetError:
        pass
    assert codes == ["553"] * 20 + ["421"], codes
    assert eventually(lambda: no_smtp_left(host))


@pytest.mark.parametrize("before, after, reply", [
    (b"", b"\r\n", "500 5.5.2"),
    (ENVELOPE + b"DATA\r\n", b"\r\n.\r\n", "552 5.3.4"),
], ids=["command", "message"])
def test_a_line_without_end_costs_no_memory(smtp, before, after, reply):
    host = smtp(databytes=MEBIBYTE)
    c = Client(host).greeted()
    if before:
        c.say(before)
    for _ in range(before.count(b"\r\n")):
        c.hear()
    idle = private_kilobytes(host, "qmail-smtpd")[0]
    block = b"x" * MEBIBYTE
    for n in range(LINE // MEBIBYTE):
        c.say(block)
        if n == 1:
            assert seconds_to_serve(host) < 2
    peak, count = private_kilobytes(host, "qmail-smtpd")
    assert c.ask(after).startswith(reply)
    assert count == 1 and peak <= idle + GROWTH
    assert c.ask(b"NOOP\r\n").startswith("250")


def free_bytes(host, path="/var/qmail/queue"):
    s = os.statvfs(host.path(path))
    return s.f_bfree * s.f_frsize


def test_a_message_beyond_databytes_takes_no_disk(smtp):
    """It is read to its end, but what is behind the limit goes nowhere, and what was written is given back."""
    host = smtp(databytes=MEBIBYTE)
    send_mail(host)
    assert eventually(lambda: queue_is_empty(host) and len(host.maildir("joe")) == 1)
    free = least = free_bytes(host)
    c = Client(host).greeted().say(ENVELOPE + b"DATA\r\n")
    assert [c.hear()[:3] for _ in range(3)] == ["250", "250", "354"]
    block = (b"x" * 1022 + b"\r\n") * 256
    memory = 0
    for n in range(MESSAGE // len(block)):
        c.say(block)
        least = min(least, free_bytes(host))
        if n % 64 == 0:
            memory = max(memory, private_kilobytes(host, "qmail-smtpd", "qmail-queue")[0])
    reply = c.ask(b".\r\n")
    print(f"at most {(free - least) >> 10} KiB of disk and {memory} KiB of memory")
    assert reply == "552 5.3.4 sorry, that message size exceeds my databytes limit (#5.3.4)"
    assert free - least <= 2 * MEBIBYTE
    assert memory <= 1536      # with the pages of the two programs themselves, which nobody shares here
    assert eventually(lambda: processes(host, "qmail-queue") == 0 and queue_is_empty(host))
    assert eventually(lambda: free_bytes(host) >= free - MEBIBYTE // 4)
    c.say(b"RSET\r\nQUIT\r\n").hear()
    assert len(host.maildir("joe")) == 1


def test_nul_bytes_everywhere(smtp):
    """In a command they spoil the command only, in a message the message; a message of this host keeps them."""
    host = smtp()
    c = Client(host).greeted()
    command = b"MAIL FROM:<a@client.example>\r\n"
    for at in range(len(command) - 1):
        assert c.ask(command[:at] + b"\0" + command[at:])[:3] in ("500", "555", "502"), at
        if at % 15 == 14:       # below the limit for errors
            c.hang_up()
            c = Client(host).greeted()
    assert c.ask(b"RCPT TO:<joe@mail.example.org>\r\n").startswith("503")
    c.hang_up()
    try:
        flood = Client(host).greeted().say(b"\0" * MEBIBYTE + b"\r\n")
        assert flood.hear().startswith("500")
    except OSError:
        pass
    body = b"\0Subject\0: a\0b\r\n\0\r\n\r\n\0.\r\n.\0\r\n\0\0\0\r\n"
    assert send_mail(host, body).startswith("550 5.6.0 ")
    host.run(["sendmail", "joe"], input=b"X: y\n\n" + body.replace(b"\r\n", b"\n"))
    assert eventually(lambda: host.maildir("joe"))
    assert host.maildir("joe")[0].endswith(b"\n\0Subject\0: a\0b\n\0\n\n\0.\n.\0\n\0\0\0\n")


WORDS = [b"MAIL FROM:", b"RCPT TO:", b"<a@b>", b"<>", b"<joe@elsewhere.example>", b"DATA", b"RSET", b"EHLO", b"\r\n", b"\r\n", b"\r\n",
         b"\n", b"\r", b"\0", b".", b"\r\n.\r\n", b" ", b"SIZE=", b"99999999999999999999", b"BODY=8BITMIME", b"@", b"[", b"]", b"\"", b"\\",
         b"NOOP", b"VRFY", b"HELP", b"\xff" * 30, b"%n%s", b"BDAT 18446744073709551615 LAST", b"AUTH PLAIN", b"STARTTLS", b"x" * 3000]


def test_pipelined_garbage_is_survived_and_relays_nothing(smtp):
    """Words of the protocol and pure noise. A recipient without a domain is ours by the rules, all others are strangers."""
    host = smtp(maxerrors=1000000, concurrencylocal=0, concurrencyremote=0)
    chance = random.Random(821)
    for i in range(60):
        s = connect(host, 25)[0]
        assert s.recv(200).startswith(b"220 ")
        noise = chance.randbytes(100_000) if i % 6 == 0 else b"".join(chance.choice(WORDS) for _ in range(1500))
        reader = threading.Thread(target=drain, args=(s,))
        reader.start()
        try:
            s.sendall(noise)
            s.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        reader.join()
        s.close()
    assert eventually(lambda: no_smtp_left(host))
    assert eventually(lambda: host.log("qmail-smtpd").count(" commands, ") == 60)
    assert "\tremote\t" not in host.sh("qmail-qread").stdout
    assert send_mail(host).startswith("250 ")


def drain(s):
    try:
        while s.recv(1 << 16):
            pass
    except OSError:
        pass


CONVERSATION = b"EHLO client.example\r\n" + ENVELOPE + b"DATA\r\nSubject: half\r\n\r\n..\r\nbody\r\n.\r"


@pytest.mark.parametrize("rudely", [False, True], ids=["end", "reset"])
def test_disconnect_at_every_byte_leaves_nothing(smtp, rudely):
    """Through tcpserver into the real queue, all at the same time; half of the clients hear out what was said, half do not."""
    host = smtp()
    for length in range(len(CONVERSATION) + 1):
        s = connect(host, 25)[0]
        if length % 2:
            s.recv(4096)
        else:
            assert s.recv(4096, socket.MSG_PEEK).startswith(b"220 ")
        s.sendall(CONVERSATION[:length])
        hang_up(s, rudely)
    assert eventually(lambda: no_smtp_left(host), 30)
    assert queue_is_empty(host)
    assert "qmail-smtpd: accepted" not in host.log("qmail-smtpd")
    assert send_mail(host).startswith("250 ")
    assert eventually(lambda: len(host.maildir("joe")) == 1 and queue_is_empty(host))


def test_disconnect_anywhere_in_a_large_message_leaves_nothing(smtp):
    """Inside what the queue program has got already, and between its writes."""
    host = smtp()
    free = free_bytes(host)
    line = b"x" * 1022 + b"\r\n"
    chance = random.Random(7)
    for i in range(20):
        c = Client(host).greeted().say(ENVELOPE + b"DATA\r\n")
        assert [c.hear()[:3] for _ in range(3)] == ["250", "250", "354"]
        c.say((line * 600)[:chance.randrange(600 * 1024)])
        c.hang_up(rudely=i % 2 == 1)
    assert eventually(lambda: no_smtp_left(host), 20)
    assert queue_is_empty(host)
    assert eventually(lambda: free_bytes(host) >= free - MEBIBYTE // 4)
    assert send_mail(host).startswith("250 ")
