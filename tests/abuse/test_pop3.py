"""Clients of POP3 that are slow, mad or gone: others are served, and no message is lost."""

import random
import socket
import threading
import time

import pytest

from tests.host import eventually

from .client import FULL, Client, connect, cpu_seconds, hang_up, private_kilobytes, processes

CROWD = 1000 if FULL else 300
POPUP_KILOBYTES = 200           # private memory of one process
LINE = (4096 if FULL else 64) << 20
MEBIBYTE = 1 << 20
LOGIN = b"USER joe\r\nPASS secret\r\n"
MESSAGES = 5


def fill(host, number=MESSAGES):
    for i in range(number):
        host.write(f"/home/joe/Maildir/new/{i}.x", b"Subject: %d\n\nbody\n" % i, owner="joe", mode=0o600)


def messages(host):
    return sorted(host.sh("cd /home/joe/Maildir; ls new cur | grep x").stdout.split())


def log_in(host):
    c = Client(host, 110).greeted().say(LOGIN)
    assert (c.hear(), c.hear()) == ("+OK ", "+OK ")
    return c


def seconds_to_fetch(host):
    """How long a well-behaved client takes to see its first message."""
    began = time.monotonic()
    c = log_in(host).say(b"RETR 1\r\nQUIT\r\n")
    assert b"body\r\n" in c.lines.read()
    c.hang_up()
    return time.monotonic() - began


def nobody_left(host):
    return processes(host, "qmail-popup", "qmail-pop3d", "checkpassword") == 0


def test_slow_clients_leave_room_for_one_more(pop3):
    """A byte a second before the login."""
    host = pop3(CROWD + 5)
    fill(host)
    sockets = connect(host, 110, count=CROWD)
    for s in sockets:
        assert s.recv(200).startswith(b"+OK")
    waits = []
    for byte in b"USER":
        for s in sockets:
            s.send(bytes([byte]))
        time.sleep(1)
        waits.append(seconds_to_fetch(host))
    memory, count = private_kilobytes(host, "qmail-popup")
    print(f"{memory / count:.0f} KiB a client; another client served in {sorted(waits)[1]:.2f} s, at worst {max(waits):.2f} s")
    assert count == CROWD and memory <= CROWD * POPUP_KILOBYTES
    assert sorted(waits)[1] < 2
    for s in sockets:
        hang_up(s)
    assert eventually(lambda: nobody_left(host), 20)


def test_many_sessions_on_one_maildir_lose_nothing(pop3):
    """Twenty sessions open, each marks two messages and hears all; ten of them quit, ten hang up."""
    host = pop3()
    fill(host, 40)
    sessions = [log_in(host) for _ in range(20)]

    def use(c, n):
        c.say(b"".join(b"DELE %d\r\n" % (2 * n + k) for k in (1, 2)) + b"".join(b"RETR %d\r\n" % (i + 1) for i in range(40)))
        c.say(b"QUIT\r\n" if n < 10 else b"NOOP\r\n")
        time.sleep(0.1)
        if n < 10:
            c.lines.read()
        c.hang_up(rudely=n == 15)

    threads = [threading.Thread(target=use, args=(c, n)) for n, c in enumerate(sessions)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert eventually(lambda: nobody_left(host))
    # Sessions number the messages alike: those that quit took 1 to 20, those that hung up none.
    assert {name.split(":")[0] for name in messages(host)} == {f"{i}.x" for i in range(20, 40)}


@pytest.mark.parametrize("rudely", [False, True], ids=["end", "reset"])
def test_disconnect_in_each_state_deletes_nothing(pop3, rudely):
    """At every byte before the login and of the commands behind it, up to the last of QUIT."""
    host = pop3(200)
    fill(host)
    talk = LOGIN + b"STAT\r\nDELE 1\r\nRETR 2\r\nDELE 3\r\nTOP 2 1\r\nUIDL\r\nQUIT"
    for length in range(len(talk) + 1):
        if b"PASS" in talk[:length] and not talk[:length].startswith(LOGIN):
            continue            # half a password is a wrong one only when its line ends
        s = connect(host, 110)[0]
        assert s.recv(100, socket.MSG_PEEK).startswith(b"+OK")
        s.sendall(talk[:length])
        if length % 2:
            s.recv(4096)
        hang_up(s, rudely)
    assert eventually(lambda: nobody_left(host), 20)
    assert messages(host) == [f"{i}.x" for i in range(MESSAGES)]
    assert seconds_to_fetch(host) < 5


WORDS = [b"USER ", b"PASS ", b"APOP", b"AUTH PLAIN\r\n", b"joe", b"\r\n", b"\r\n", b"\n", b"\r", b"\0", b"RETR ", b"TOP ", b"UIDL ", b"LIST",
         b" 1", b"-1", b"99999999999999999999", b"18446744073709551616", b"../../etc/passwd", b"%s%n", b"\xff" * 20, b"x" * 2000, b"STLS", b"NOOP",
         b"RSET", b"LAST", b"CAPA", b"STAT", b"DELE ", b"DELE 1\r\n"]


def shout(s, text):
    """Says all of it after the greeting and hears what there is to hear."""
    try:
        assert s.recv(100).startswith(b"+OK")
        s.sendall(text)
        s.shutdown(socket.SHUT_WR)
        while s.recv(65536):
            pass
    except OSError:
        pass
    s.close()


@pytest.mark.parametrize("login", [b"", LOGIN], ids=["before-login", "after-login"])
def test_garbage_is_survived_and_deletes_nothing(pop3, login):
    """Every DELE dies with its connection."""
    host = pop3()
    fill(host)
    chance = random.Random(110)
    noises = [chance.randbytes(50_000) if i % 4 == 0 else b"".join(chance.choices(WORDS, k=500)) for i in range(20)]
    threads = [threading.Thread(target=shout, args=(s, login + noise)) for s, noise in zip(connect(host, 110, count=20), noises)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert eventually(lambda: nobody_left(host), 20)
    assert messages(host) == [f"{i}.x" for i in range(MESSAGES)]
    assert seconds_to_fetch(host) < 5


@pytest.mark.parametrize("login, program", [(b"", "qmail-popup"), (LOGIN, "qmail-pop3d")], ids=["before-login", "after-login"])
def test_a_line_without_end_costs_little(pop3, login, program):
    """No memory; and of time no more than reading in large pieces takes, 64 MiB within 3 seconds of CPU."""
    host = pop3()
    fill(host)
    c = log_in(host) if login else Client(host, 110).greeted()
    before = private_kilobytes(host, program)[0]
    for n in range(LINE // MEBIBYTE):
        c.say(b"x" * MEBIBYTE)
        if n == 1:
            assert seconds_to_fetch(host) < 5
    assert c.ask(b"\r\n") == "-ERR line too long"
    assert private_kilobytes(host, program)[0] <= before + 64
    used = cpu_seconds(host, program)
    print(f"{LINE >> 20} MiB: {used} s of CPU")
    assert used <= 3 * (LINE >> 26)
    c.hang_up()
    assert eventually(lambda: nobody_left(host))
    assert len(messages(host)) == MESSAGES


def test_clients_that_never_read_cost_nothing(pop3):
    """They ask for 64 MiB each and take none of it."""
    host = pop3()
    host.write("/home/joe/Maildir/new/0.x", b"Subject: large\n\nbody\n" + (b"x" * 1023 + b"\n") * 1024, owner="joe", mode=0o600)
    sockets = connect(host, 110, count=10, window=4096)
    for s in sockets:
        s.sendall(LOGIN + b"RETR 1\r\n" * 64)
    assert eventually(lambda: processes(host, "qmail-pop3d") == 10)
    time.sleep(1)
    memory, count = private_kilobytes(host, "qmail-pop3d")
    assert count == 10 and memory <= 10 * 300
    assert seconds_to_fetch(host) < 5
    for s in sockets:
        hang_up(s)
    assert eventually(lambda: nobody_left(host))
    assert len(messages(host)) == 1
