"""What the tests of local delivery do to a host: run qmail-local by hand, drive qmail-lspawn, make what they read."""

import os
import pathlib
import select
import struct
import subprocess
import zlib

CATCH = {"QMAILQUEUE": "/usr/local/lib/mailtree-test/catch", "CATCH_DIR": "/tmp/catch"}
MESSAGE = b"Received: by test\nSubject: hello\n\nFrom the start\n>From here\nend"


# ---- qmail-local by hand ----

class Said:
    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def __repr__(self):
        return f"exit {self.code}, out {self.out!r}, err {self.err!r}"


def local(host, dash="", ext="", box=None, sender="sender@example.net", message=MESSAGE, default="./Maildir/",
          options=(), user="joe", home="/home/joe", domain="mail.example.org", env=CATCH,
          **more):
    """Runs qmail-local as the user, as qmail-lspawn would."""
    box = box if box is not None else user + ("-" + ext if dash else "")
    host.write("/tmp/message", message)
    with open(host.path("/tmp/message"), "rb") as stdin:
        running = host.popen(["/var/qmail/bin/qmail-local", *options, "--", user, home, box, dash, ext, domain, sender,
                              default], user=user, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             **more)
        out, err = running.communicate(timeout=60)
    return Said(running.returncode, out, err)


def dotqmail(host, text, name=".qmail", mode=0o644, user="joe"):
    host.write(f"/home/{user}/{name}", text, owner=user, mode=mode)


def queued(host):
    """Message and envelope that the queue program got last; forgets them."""
    place = pathlib.Path(host.path("/tmp/catch"))
    if not (place / "envelope").exists():
        return None, None
    message, envelope = (place / "message").read_bytes(), (place / "envelope").read_bytes()
    (place / "message").unlink()
    (place / "envelope").unlink()
    return message, envelope


# ---- files that others write ----

def queue_message(host, message=MESSAGE, number=457, owner="qmailq", spoil=None):
    """A queue file as mail/queue_message.h describes it; returns its name for qmail-lspawn."""
    envelope = b"u0\0p1\0Fsender@example.net\0Tjoe@mail.example.org\0"
    footer = struct.pack("<8sIIQQQI", b"mailtree", 1, zlib.crc32(message), len(message), len(envelope), 0,
                         zlib.crc32(envelope))
    footer += struct.pack("<IQQ", zlib.crc32(footer), 0, 0)
    content = message + envelope + footer
    name = f"{number % 23}/{number}"
    host.write(f"/var/qmail/queue/mess/{name}", spoil(content) if spoil else content, owner=owner, mode=0o640)
    return name


def cdb(records):
    """A constant database."""
    def hashed(key):
        h = 5381
        for byte in key:
            h = (h * 33 & 0xffffffff) ^ byte
        return h

    body, tables = b"", [[] for _ in range(256)]
    for key, data in records:
        h = hashed(key)
        tables[h & 255].append((h, 2048 + len(body)))
        body += struct.pack("<II", len(key), len(data)) + key + data
    header = b""
    for table in tables:
        slots = [(0, 0)] * (2 * len(table))
        for h, place in table:
            at = (h >> 8) % len(slots)
            while slots[at][1]:
                at = (at + 1) % len(slots)
            slots[at] = (h, place)
        header += struct.pack("<II", 2048 + len(body), len(slots))
        body += b"".join(struct.pack("<II", *slot) for slot in slots)
    return header + body


def users_cdb(host, records, wildcards=b""):
    host.write("/var/qmail/users/cdb", cdb([*records, (b"", wildcards)]))


# ---- qmail-lspawn ----

class Spawner:
    """A running qmail-lspawn and the part of qmail-send that talks to it."""

    def __init__(self, host, default="./Maildir/", env=CATCH):
        self.start(host, ["/var/qmail/bin/qmail-lspawn", default], env=env)

    def start(self, host, command, **more):
        self.process = host.popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  bufsize=0, **more)
        self.pending = b""
        self.light = []         # slots, in the order in which they were told of
        self.limit = struct.unpack("<H", self._take(2))[0]

    def _fill(self, seconds):
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        assert ready, f"no report within {seconds} s; have {self.pending!r}"
        block = os.read(self.process.stdout.fileno(), 65536)
        assert block, "qmail-lspawn is gone: " + self.process.stderr.read().decode()
        self.pending += block

    def _take(self, n, seconds=20):
        while len(self.pending) < n:
            self._fill(seconds)
        taken, self.pending = self.pending[:n], self.pending[n:]
        return taken

    def command(self, *recipients, **more):
        self.process.stdin.write(self.packed(*recipients, **more))

    @staticmethod
    def packed(*recipients, messid="20/457", sender=b"sender@example.net", destination=b"", stranger=False, extras=None, identity=None):
        """recipients are (slot, address); extras those of the message, then one for each recipient."""
        kind = b"-+?!abcd"[4 * (identity is not None) + 2 * stranger + (extras is not None):][:1]
        rest = kind + messid.encode() + b"\0" + sender + b"\0" + destination + b"\0"
        if identity is not None:
            rest += identity + b"\0"
        if extras is not None:
            rest += extras[0] + b"\0"
        for i, (slot, address) in enumerate(recipients):
            rest += struct.pack("<H", slot) + address + b"\0" + (extras[i + 1] + b"\0" if extras is not None else b"")
        return struct.pack("<I", len(rest)) + rest

    def report(self, seconds=20):
        """slot, letter, text; what goes before it is noted."""
        while len(self.pending) < 5 or b"\0" not in self.pending[5:]:
            self._fill(seconds)
        slot = struct.unpack("<H", self._take(2))[0]
        letter, self.outcome, self.most = self._take(3).decode()
        self.most = ord(self.most)
        text = self.pending[:self.pending.index(b"\0")]
        self._take(len(text) + 1)
        if letter == "L":
            self.light.append(slot)
            return self.report(seconds)
        return slot, letter, text

    def deliver(self, address, slot=7, **more):
        """One delivery: letter and text."""
        self.command((slot, address), **more)
        got, letter, text = self.report()
        assert got == slot
        return letter, text

    def silent(self, seconds=0.5):
        return not self.pending and not select.select([self.process.stdout], [], [], seconds)[0]

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()
        return code
