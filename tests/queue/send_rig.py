"""A real qmail-send between spawners and, if wanted, a qmail-clean that the test plays itself."""

import os
import pathlib
import re
import select
import signal
import struct
import subprocess
import time
import zlib

from tests.queue.queue_files import plan_of, plans_of

NEVER = 2**63 - 1
LOCAL, REMOTE = "local", "remote"
REACHED, UNREACHED, UNKNOWN = "r", "u", "-"     # whether a server was, in a report (delivery_wire.h)

# Puts the descriptors in its arguments where qmail-send expects them, says its pid into the log, becomes it.
LAUNCHER = """
import os, sys
given = [int(a) for a in sys.argv[1:8]]
high = [os.dup(fd) for fd in given]
import fcntl
high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in high]
for place, fd in enumerate(high):
    os.dup2(fd, place)
os.closerange(7, 256)
os.write(0, b"pid %d\\n" % os.getpid())
os.execvp(sys.argv[8], sys.argv[8:])
"""


def wall():
    return int(time.time())


def envelope_of(sender, recipients, uid=1000, qp=77, older=True, extras=()):
    """Recipients are addresses to do; a pair (address, "D") is done."""
    records = [b"u%d\0" % uid, b"p%d\0" % qp, b"F" + sender.encode() + b"\0"]
    records += [text.encode() + b"\0" for text in extras]
    for r in recipients:
        address, letter, *his = r if isinstance(r, tuple) else (r, "T")
        records.append(letter.encode() + address.encode() + b"\0")
        records += [text.encode() + b"\0" for text in his]
    if not older:
        records = [b"K" + r[1:] if r[:1] == b"D" else r for r in records] + [b"v2\0"]
    return b"".join(records)


def footer_of(message, envelope, birth, due):
    """Due times are written as they are."""
    as_born = b"".join((b"T" + r[1:] if r[:1] in b"DK" and r else r) + b"\0" for r in envelope.split(b"\0")[:-1])
    head = b"mailtree" + struct.pack("<IIQQQI", 1, zlib.crc32(message), len(message), len(envelope), birth, zlib.crc32(as_born))
    return head + struct.pack("<I", zlib.crc32(head)) + struct.pack("<QQ", *due)


def file_of(sender, recipients, message=b"Received: x\nSubject: hello\n\nbody\n", birth=None, due=(0, 0), older=True, extras=()):
    """A file as an older release wrote it, whose due times are plain numbers, or as qmail-queue writes it."""
    birth = wall() if birth is None else birth
    envelope = envelope_of(sender, recipients, older=older, extras=extras)
    footer = footer_of(message, envelope, birth, (0, 0))
    fingerprint, = struct.unpack("<I", footer[44:48])
    if not older:
        due = [plan_of(when, birth, False, fingerprint, channel) for channel, when in enumerate(due)]
    return message + envelope + footer[:48] + struct.pack("<QQ", *due)


class Delivery:
    def __init__(self, rig, channel, messid, sender, destination, slot, address, stranger, extras, identity=None):
        self.stranger = stranger        # qmail-send knows nothing of the destination
        self.extras = extras            # words of the message, words of the recipient; None where the wire has none
        self.rig, self.channel, self.messid, self.sender, self.destination = rig, channel, messid, sender, destination
        self.slot, self.address = slot, address
        self.id = int(messid.split("/")[1]) if messid else None

    def report(self, letter, text, outcome=UNKNOWN, most=0):
        self.rig.write(self.channel, struct.pack("<H", self.slot) + (letter + outcome + chr(most) + text).encode() + b"\0")


class Rig:
    def __init__(self, host, own_clean=False):
        self.host, self.own_clean = host, own_clean
        self.process = self.cleaner = None
        self.ids = 1000
        self.log = []
        self.where = {}         # domain to servers, as qmail-rspawn says when it is asked; None: it does not answer
        self.asked = []
        self.whose = {}         # the same for qmail-lspawn: address without host to account
        self.asked_whose = []
        self.ended = []         # the spawners that were told to end what runs
        self.uids = {name: int(host.sh(f"id -u {name}").stdout) for name in ("qmailq", "qmails")}
        self.gid = int(host.sh("id -g qmailq").stdout)

    # ---- the queue ----

    def place(self, id, kind="mess"):
        inside = f"/var/qmail/queue/mess/{id % 23}/{id}" if kind == "mess" else f"/var/qmail/queue/{kind}/{id}"
        return pathlib.Path(self.host.path(inside))

    def put(self, content, id=None):
        """A file in the queue that nobody announced."""
        if id is None:
            self.ids += 1
            id = self.ids
        unseen = self.place(id).with_name(f".{id}")
        unseen.write_bytes(content)
        unseen.chmod(0o640)
        os.chown(unseen, self.uids["qmailq"], self.gid)
        unseen.rename(self.place(id))
        return id

    def message(self, sender="s@else.example", recipients=("joe@mail.example.org",), id=None, announce=True, **more):
        id = self.put(file_of(sender, recipients, **more), id)
        if announce:
            self.announce(id)
        return id

    def trigger(self, text):
        fd = os.open(self.host.path("/var/qmail/queue/lock/trigger"), os.O_WRONLY | os.O_NONBLOCK)
        os.write(fd, text)
        os.close(fd)

    def announce(self, id):
        self.trigger(b"%d\n" % id)

    def envelope(self, id):
        content = self.place(id).read_bytes()
        message_len, envelope_len = struct.unpack("<QQ", content[-48:-32])
        return content[message_len:message_len + envelope_len]

    def done(self, id):
        """The recipients that are marked done."""
        return [r[1:].decode() for r in self.envelope(id).split(b"\0") if r and r[:1] in b"DK"]

    def due(self, id):
        return plans_of(self.place(id).read_bytes())[:2]

    def held(self, id):
        return plans_of(self.place(id).read_bytes())[2]

    # ---- the programs ----

    def start(self, local=120, remote=120, env=None, under=()):
        """Starts qmail-send and waits until it works. Under another program it may have trouble: None when it ended."""
        pipes = {name: os.pipe() for name in ("log", "lcmd", "lrep", "rcmd", "rrep", "creq", "cans")}
        theirs = [pipes["log"][1], pipes["lcmd"][1], pipes["lrep"][0], pipes["rcmd"][1], pipes["rrep"][0],
                  pipes["creq"][1], pipes["cans"][0]]
        self.process = self.host.popen(["/usr/bin/python3", "-c", LAUNCHER, *theirs, *under, "/var/qmail/bin/qmail-send"],
                                       user="root" if under else "qmails", pass_fds=theirs, stdin=subprocess.DEVNULL, env=env)
        if self.own_clean:
            self.requests, self.answers = pipes["creq"][0], pipes["cans"][1]
            self.request_bytes = b""
        else:
            self.cleaner = self.host.popen(["/var/qmail/bin/qmail-clean"], user="qmailq", stdin=pipes["creq"][0],
                                           stdout=pipes["cans"][1])
            os.close(pipes["creq"][0])
            os.close(pipes["cans"][1])
        for fd in theirs:
            os.close(fd)
        self.commands = {LOCAL: pipes["lcmd"][0], REMOTE: pipes["rcmd"][0]}
        self.reports = {LOCAL: pipes["lrep"][1], REMOTE: pipes["rrep"][1]}
        self.log_fd = pipes["log"][0]
        self.log_bytes, self.bytes = b"", {LOCAL: b"", REMOTE: b""}
        self.waiting = {LOCAL: [], REMOTE: []}
        try:
            self.write_all(LOCAL, struct.pack("<H", local))
            self.write_all(REMOTE, struct.pack("<H", remote))
        except BrokenPipeError:
            assert under, "it ended before it heard of its spawners"
        before = len(self.log)
        works = re.compile("status: |new msg |warning: " if under else "status: local 0/")
        said = self.until(lambda: any(works.match(l) for l in self.log[before:]) or self.process.poll() is not None)
        # A warning may be the last word but one.
        if under and not any(l.startswith(("status: ", "new msg ")) for l in self.log[before:]):
            self.until(lambda: self.process.poll() is not None, 1)
        if under and self.process.poll() is not None:
            return self.close()
        assert said and self.process.poll() is None, self.log
        self.pid = int([l for l in self.log if l.startswith("pid ")][-1].split()[1])
        return self

    def write_all(self, channel, data):
        os.write(self.reports[channel], data)

    write = write_all

    def signal(self, name):
        self.host.sh(f"kill -{name} {self.pid}")

    def kill(self):
        self.signal("KILL")
        # nsenter stops together with what it started.
        self.process.send_signal(signal.SIGCONT)
        self.process.wait(10)
        self.close()
        # A child that was about to become the injector of a bounce still has the lock for a moment.
        self.host.sh("flock -w 10 /var/qmail/queue/lock/sendmutex true")

    def stop(self):
        """TERM, and its exit code."""
        self.signal("TERM")
        assert self.until(lambda: self.process.poll() is not None)
        self.pump(0)
        code = self.process.returncode
        self.close()
        return code

    def close(self):
        for fd in (self.log_fd, *self.commands.values(), *self.reports.values()):
            try:
                os.close(fd)
            except OSError:
                pass
        if self.cleaner:
            self.cleaner.wait(10)
        elif self.own_clean:
            os.close(self.requests)
            os.close(self.answers)
        self.process = None

    def end(self):
        if self.process and self.process.poll() is None:
            self.kill()

    # ---- listening ----

    def pump(self, seconds):
        """Takes what the programs say; true if there was something."""
        ready, _, _ = select.select([self.log_fd, *self.commands.values()], [], [], seconds)
        said = False
        for fd in ready:
            data = os.read(fd, 1 << 16)
            said = said or bool(data)
            if fd == self.log_fd:
                lines = (self.log_bytes + data).split(b"\n")
                self.log_bytes = lines.pop()
                self.log += [l.decode() for l in lines]
            else:
                channel = LOCAL if fd == self.commands[LOCAL] else REMOTE
                self.bytes[channel] += data
                self.understand(channel)
        if ready and not said:
            time.sleep(0.02)
        return said

    def understand(self, channel):
        data = self.bytes[channel]
        while len(data) >= 4 and len(data) >= 4 + struct.unpack("<I", data[:4])[0]:
            size = struct.unpack("<I", data[:4])[0]
            body, data = data[4:4 + size], data[4 + size:]
            kind, (messid, sender, destination, rest) = body[:1], body[1:].split(b"\0", 3)
            has_extras, extras, command, identity = kind in b"!+bd", None, [], None
            if kind in b"abcd":
                identity, rest = rest.split(b"\0", 1)
            if has_extras:
                message_extras, rest = rest.split(b"\0", 1)
            while rest:
                slot, = struct.unpack("<H", rest[:2])
                address, rest = rest[2:].split(b"\0", 1)
                if has_extras:
                    his, rest = rest.split(b"\0", 1)
                    extras = message_extras.decode(), his.decode()
                command.append(Delivery(self, channel, messid.decode(), sender.decode(), destination.decode(), slot,
                                        address.decode(), kind in b"?!cd", extras, identity and identity.decode()))
            if not command:
                self.ended.append(channel)
            elif messid:
                self.waiting[channel].append(command)
            else:
                asked, names = (self.asked, self.where) if channel == REMOTE else (self.asked_whose, self.whose)
                asked.append(command[0])
                if names is not None:
                    self.answer_question(names, asked=asked)
        self.bytes[channel] = data

    def until(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            said = condition()
            if said:
                return said
            self.pump(0.02)
        return condition()

    def command(self, channel, seconds=10):
        """The next command to a spawner: its deliveries."""
        assert self.until(lambda: self.waiting[channel], seconds), "\n".join(self.log[-30:])
        return self.waiting[channel].pop(0)

    def delivery(self, channel, seconds=10):
        """The next command, which is for one recipient."""
        command = self.command(channel, seconds)
        assert len(command) == 1
        return command[0]

    def silent(self, seconds=0.4):
        """True when no spawner hears anything for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.pump(0.02)
        return not self.waiting[LOCAL] and not self.waiting[REMOTE]

    def logged(self, pattern, seconds=10):
        """The first log line that matches all of the pattern."""
        def find():
            return next((l for l in self.log if re.fullmatch(pattern, l)), None)
        found = self.until(find, seconds)
        assert found, f"no line {pattern} in\n" + "\n".join(self.log[-40:])
        return found

    # ---- being asked where mail goes ----

    def answer_question(self, names, index=-1, asked=None):
        question = (self.asked if asked is None else asked)[index]
        try:
            question.report("W", names.get(question.address.strip("@"), ""))
        except BrokenPipeError:
            pass    # whoever asked is gone

    # ---- being qmail-clean ----

    def request(self, seconds=10):
        """The next request to qmail-clean, which the test answers."""
        end = time.monotonic() + seconds
        while b"\0" not in self.request_bytes:
            assert time.monotonic() < end, "no request\n" + "\n".join(self.log[-30:])
            self.pump(0)
            ready, _, _ = select.select([self.requests], [], [], 0.02)
            if ready:
                self.request_bytes += os.read(self.requests, 4096)
        request, self.request_bytes = self.request_bytes.split(b"\0", 1)
        return request.decode()

    def answer(self, letter="+"):
        os.write(self.answers, letter.encode())
