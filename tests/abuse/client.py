"""What the tests of this folder share: clients that speak to a host from inside its network, the host's memory and processes."""

import ctypes
import errno
import os
import pathlib
import re
import socket
import struct
import threading
import time

FULL = os.environ.get("ABUSE") == "full"
STRANGER = "203.0.113.25"       # an address of the host itself for which no rule but the last one counts
HERE = "127.0.0.1"
ENVELOPE = b"MAIL FROM:<a@client.example>\r\nRCPT TO:<joe@mail.example.org>\r\n"
CLONE_NEWNET = 0x40000000


def inside(host, does):
    """Runs does() in a thread within the host's network; a socket made there stays there."""
    results = []

    def enter():
        with open(f"/proc/{host.pid}/ns/net") as space:
            if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), CLONE_NEWNET):
                results.append(OSError(ctypes.get_errno(), "setns"))
                return
        try:
            results.append(does())
        except Exception as trouble:
            results.append(trouble)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if isinstance(results[0], Exception):
        raise results[0]
    return results[0]


def connect(host, port, address=STRANGER, count=1, window=None, wait=True):
    """count sockets to a server of the host; with a window, the receive buffer of a client that wants little; without
    waiting, whether the server has room or not."""
    def dial():
        found = []
        for _ in range(count):
            s = socket.socket()
            if window:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            s.settimeout(60 if wait else 0)
            trouble = s.connect_ex((address, port))
            assert trouble == 0 or trouble == errno.EINPROGRESS and not wait, os.strerror(trouble)
            found.append(s)
        return found
    return inside(host, dial)


class Client:
    """A conversation line by line."""

    def __init__(self, host, port=25, address=STRANGER, socket_=None):
        self.socket = socket_ or connect(host, port, address)[0]
        self.lines = self.socket.makefile("rb")

    def hear(self):
        return self.lines.readline().rstrip(b"\r\n").decode("latin-1")

    def say(self, data):
        self.socket.sendall(data)
        return self

    def ask(self, data):
        self.say(data)
        return self.hear()

    def greeted(self):
        first = self.hear()
        assert first.startswith(("220 ", "+OK")), first
        return self

    def hang_up(self, rudely=False):
        self.lines.close()
        hang_up(self.socket, rudely)


def hang_up(s, rudely=False):
    """Rudely: the other side gets a reset instead of an end."""
    if rudely:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def send_mail(host, message=b"Subject: good\r\n\r\ngood\r\n", envelope=ENVELOPE, address=STRANGER):
    """One whole session; the reply to the message."""
    c = Client(host, address=address).greeted()
    c.say(b"HELO client.example\r\n" + envelope + b"DATA\r\n")
    replies = [c.hear()[:3] for _ in range(4)]
    assert replies == ["250", "250", "250", "354"], replies
    reply = c.ask(message + b".\r\n")
    c.ask(b"QUIT\r\n")
    c.hang_up()
    return reply


def seconds_to_serve(host):
    """How long a well-behaved client takes to get rid of its message."""
    began = time.monotonic()
    assert send_mail(host).startswith("250 ")
    return time.monotonic() - began


def pids(host, *programs):
    """Where the host's running processes of these names are, as seen from outside."""
    found = []
    for place in pathlib.Path(host.path("/proc")).glob("[0-9]*"):
        try:
            if (place / "comm").read_text().strip() in [p[:15] for p in programs] and (place / "cmdline").read_bytes():
                found.append(place)
        except OSError:
            pass
    return found


def processes(host, *programs):
    return len(pids(host, *programs))


def private_kilobytes(host, *programs):
    """Memory that only these programs' processes have, in all, and the number of processes. Sanitized ones are let have
    16 times as much."""
    sizes = []
    for place in pids(host, *programs):
        roll = (place / "smaps_rollup").read_text()
        sizes.append(sum(int(n) for n in re.findall(r"Private_\w+:\s+(\d+) kB", roll)))
    return sum(sizes) // (16 if "SANITIZE" in os.environ else 1), len(sizes)


def cpu_seconds(host, program):
    """What the only process of this name has used."""
    place, = pids(host, program)
    fields = (place / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def no_smtp_left(host):
    return processes(host, "qmail-smtpd", "qmail-queue") == 0


def queue_is_empty(host):
    return not host.in_queue()
