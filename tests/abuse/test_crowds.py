"""Many clients that want nothing but our time: memory bounded, everybody else served."""

import socket
import threading
import time

from tests.host import eventually

from .client import (HERE, Client, connect, hang_up, no_smtp_left, private_kilobytes, processes, queue_is_empty,
                     seconds_to_serve, send_mail)

CROWD = 1000
SMTPD_KILOBYTES, QUEUE_KILOBYTES = 300, 200     # private memory of one process
COMMAND = b"MAIL FROM:<" + b"slow" * 400
BODY = b"MAIL FROM:<slow@client.example>\r\nRCPT TO:<joe@mail.example.org>\r\nDATA\r\nSubject: slow" + b"y" * 1000


class Dribble:
    """Sends each of the sockets the next byte of its text once in a second."""

    def __init__(self, sockets, texts):
        self.sockets, self.texts, self.over = sockets, texts, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        at = 0
        while not self.over.wait(1):
            for s, text in zip(self.sockets, self.texts):
                s.send(text[at:at + 1])
            at += 1

    def end(self):
        self.over.set()
        self.thread.join()


def test_a_thousand_slow_clients_leave_room_for_one_more(smtp):
    """A byte a second, half of them in a command, half in a message."""
    host = smtp(concurrencyincoming=CROWD + 5)
    sockets = connect(host, 25, count=CROWD)
    for s in sockets:
        assert s.recv(200).startswith(b"220 ")
    idle, count = private_kilobytes(host, "qmail-smtpd")
    assert count == CROWD
    head = BODY[:BODY.index(b"Subject")]
    writers = sockets[CROWD // 2:]
    for s in writers:
        s.sendall(head)
    for s in writers:
        said = b""
        while b"354" not in said:
            said += s.recv(200)
    crowd = Dribble(sockets, [COMMAND] * (CROWD // 2) + [BODY[len(head):]] * (CROWD // 2))
    try:
        waits = []
        for _ in range(5):
            time.sleep(0.8)
            waits.append(seconds_to_serve(host))
        waits.sort()
        smtpd, count = private_kilobytes(host, "qmail-smtpd")
        queue, queues = private_kilobytes(host, "qmail-queue")
    finally:
        crowd.end()
    print(f"private memory: {idle / CROWD:.0f} KiB an idle client, {smtpd / count:.0f} KiB a busy one, "
          f"{queues} qmail-queue; {smtpd + queue} KiB in all; "
          f"another client served in {waits[2]:.2f} s, at worst {waits[-1]:.2f} s")
    assert count == CROWD and queues <= CROWD // 2
    assert smtpd <= CROWD * SMTPD_KILOBYTES and queue <= queues * QUEUE_KILOBYTES
    assert waits[2] < 2
    for s in sockets:
        hang_up(s)
    assert eventually(lambda: no_smtp_left(host), 30)
    assert eventually(lambda: len(host.maildir("joe")) == 5 and queue_is_empty(host))


def test_one_address_can_take_every_place_until_the_session_deadline(smtp):
    """tcpserver counts clients in all, not by address: what README says about it must stay true."""
    host = smtp(concurrencyincoming=5, timeoutsession=4)
    sockets = connect(host, 25, count=5)
    assert all(s.recv(200).startswith(b"220 ") for s in sockets)
    other = Client(host, address=HERE)
    other.socket.settimeout(1)
    try:
        assert not other.socket.recv(1, socket.MSG_PEEK), "served beyond concurrencyincoming"
    except TimeoutError:
        pass
    other.socket.settimeout(20)
    other.greeted().hang_up()
    assert all(b"421 4.4.2" in s.recv(200) for s in sockets)
    for s in sockets:
        hang_up(s)


def test_a_thousand_clients_of_one_address_wait_in_line(smtp):
    """What is beyond concurrencyincoming costs no process; when the crowd goes, the next client is served."""
    host = smtp(concurrencyincoming=10)
    crowd = connect(host, 25, count=CROWD, wait=False)
    assert eventually(lambda: processes(host, "qmail-smtpd") == 10)
    time.sleep(1)
    assert processes(host, "qmail-smtpd") == 10
    for s in crowd:
        hang_up(s)
    assert seconds_to_serve(host) < 20
    assert eventually(lambda: no_smtp_left(host))


def test_a_rule_keeps_an_address_out_at_once(smtp):
    """The operator's remedy that is built in: a line in /etc/tcp.smtp."""
    host = smtp()
    Client(host).greeted().hang_up()
    host.sh("sed -i '1i 203.0.113.25:deny' /etc/tcp.smtp && qmailctl cdb")
    assert Client(host).hear() == ""
    assert send_mail(host, address=HERE).startswith("250 ")


def test_clients_that_never_read_are_left_and_cost_nothing(smtp):
    """Twenty of them, each with a flood of commands whose replies it does not take."""
    host = smtp(timeoutsmtpd=3)
    sockets = connect(host, 25, count=20, window=4096)
    for s in sockets:
        assert s.recv(4, socket.MSG_WAITALL) == b"220 "
        s.setblocking(False)
    full, began = set(), time.monotonic()
    while len(full) < len(sockets) and time.monotonic() < began + 20:
        for s in sockets:
            try:
                s.send(b"HELP\r\n" * 10000)
            except OSError:
                full.add(s)
    peak, count = private_kilobytes(host, "qmail-smtpd")
    assert len(full) == len(sockets) and peak <= count * SMTPD_KILOBYTES
    assert seconds_to_serve(host) < 2
    assert eventually(lambda: no_smtp_left(host), 20)
    assert eventually(lambda: host.log("qmail-smtpd").count(", timeout\n") + host.log("qmail-smtpd").count("broken\n") >= 20)
    for s in sockets:
        hang_up(s)
