"""Dialogue tests: a conversation with one program, as written in a .talk file (see tests/README.md)."""

import fnmatch
import re
import select
import shlex
import socket
import subprocess

PATIENCE = 10
CATCH = "/tmp/catch"


def unescape(text):
    return re.sub(rb"\\(x[0-9a-fA-F]{2}|.)", _escape, text.encode("utf-8", "surrogateescape"))


def _escape(match):
    letter = match.group(1)
    if letter.startswith(b"x"):
        return bytes([int(letter[1:], 16)])
    return {b"r": b"\r", b"n": b"\n", b"0": b"\0", b"t": b"\t"}.get(letter, letter)


def matches(line, pattern):
    return fnmatch.fnmatchcase(line, pattern.replace("[", "[[]"))


class Talk:
    def __init__(self, path):
        self.path = path
        self.env = {"QMAILQUEUE": "/usr/local/lib/mailtree-test/catch", "CATCH_DIR": CATCH}
        self.user = "qmaild"
        self.fresh_controls = set()
        self.process = None
        self.received = b""
        self.at = ""

    def hold(self, host):
        self.host = host
        host.sh(f"rm -rf {CATCH} && mkdir -m 777 {CATCH}; cd /var/qmail; "
                "[ -d control.fresh ] || cp -a control control.fresh; rm -rf control; cp -a control.fresh control; "
                "rm -f alias/.qmail-*")
        for name in "bcd":
            self.do_mailbox(name)
        try:
            for number, line in enumerate(self.path.read_text().splitlines(), 1):
                line = line.rstrip("\n")
                if not line.strip() or line.startswith("#"):
                    continue
                self.at = f"{self.path.name}:{number}: {line}"
                verb, _, rest = line.partition(" ")
                getattr(self, "do_" + self.VERBS[verb])(rest)
        finally:
            if self.process:
                self.process.kill()
                self.process.wait()
                self.socket.close()
                self.process.stderr.close()

    VERBS = {"mailbox": "mailbox", "control": "control", "absent": "absent", "env": "env", "user": "user", "run": "run", ">": "send",
             ">>": "send_raw", "qmtp": "qmtp", "qmqp": "qmqp", "<": "expect", "<eof": "expect_eof", "<:": "expect_netstring", "hangup": "hangup", "exit": "exit",
             "stderr": "stderr", "queued": "queued", "queue-exit": "queue_exit"}

    def fail(self, why):
        raise AssertionError(f"{self.at}\n  {why}")

    # ---- before ----

    def do_control(self, rest):
        name, _, text = rest.partition(" ")
        path = f"/var/qmail/control/{name}"
        old = self.host.read(path) if name in self.fresh_controls else b""
        self.fresh_controls.add(name)
        self.host.write(path, old + text.encode() + b"\n")

    def do_mailbox(self, name):
        self.host.mailbox(name)

    def do_absent(self, name):
        self.host.sh(f"rm -f /var/qmail/control/{shlex.quote(name)}")

    def do_env(self, rest):
        name, _, value = rest.partition("=")
        self.env[name] = value

    def do_user(self, name):
        self.user = name

    def do_queue_exit(self, number):
        self.host.write(f"{CATCH}/exit", number)

    def do_run(self, rest):
        self.socket, theirs = socket.socketpair()
        self.process = self.host.popen(shlex.split(rest), user=self.user, env=self.env, stdin=theirs.fileno(),
                                       stdout=theirs.fileno(), stderr=subprocess.PIPE)
        theirs.close()
        self.socket.settimeout(PATIENCE)

    # ---- the conversation ----

    def do_send(self, text):
        self.send(text.encode("utf-8", "surrogateescape") + b"\r\n")

    def do_send_raw(self, text):
        self.send(unescape(text))

    @staticmethod
    def parts(rest):
        """Netstrings of message and sender, and one of each recipient."""
        words = [b"" if word == "<>" else unescape(word) for word in rest.split(" ")]
        return [b"%d:%b," % (len(word), word) for word in words]

    def do_qmtp(self, rest):
        message, sender, *recipients = self.parts(rest)
        recipients = b"".join(recipients)
        self.send(b"%b%b%d:%b," % (message, sender, len(recipients), recipients))

    def do_qmqp(self, rest):
        parts = b"".join(self.parts(rest))
        self.send(b"%d:%b," % (len(parts), parts))

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as trouble:
            self.fail(f"cannot send: {trouble}")

    def read_more(self):
        ready, _, _ = select.select([self.socket], [], [], PATIENCE)
        if not ready:
            self.fail(f"nothing came; unfinished input: {self.received!r}")
        try:
            more = self.socket.recv(65536)
        except ConnectionResetError:
            more = b""
        self.received += more
        return bool(more)

    def do_expect(self, pattern):
        while b"\n" not in self.received:
            if not self.read_more():
                self.fail(f"the program closed; unfinished input: {self.received!r}; stderr: {self.errors()!r}")
        line, _, self.received = self.received.partition(b"\n")
        if not line.endswith(b"\r"):
            self.fail(f"no CR at the end of {line!r}")
        text = line[:-1].decode("utf-8", "surrogateescape")
        if not matches(text, pattern):
            self.fail(f"came:  {text}")

    def do_expect_netstring(self, pattern):
        while True:
            length, colon, rest = self.received.partition(b":")
            if colon and len(rest) > int(length):
                break
            if not self.read_more():
                self.fail(f"the program closed; unfinished input: {self.received!r}; stderr: {self.errors()!r}")
        text, comma, self.received = rest[:int(length)].decode("utf-8", "surrogateescape"), rest[int(length):][:1], rest[int(length) + 1:]
        if comma != b"," or not matches(text, pattern):
            self.fail(f"came:  {text} {comma}")

    def do_expect_eof(self, _):
        while self.read_more():
            pass
        if self.received:
            self.fail(f"more came: {self.received!r}")

    def do_hangup(self, _):
        self.socket.shutdown(socket.SHUT_WR)

    # ---- after ----

    def do_exit(self, number):
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.fail("still running")
        if code != int(number):
            self.fail(f"exited {code}; stderr: {self.errors()!r}")

    def errors(self):
        if not hasattr(self, "_errors"):
            self.process.kill()
            self._errors = self.process.stderr.read().decode("utf-8", "replace")
        return self._errors

    def do_stderr(self, pattern):
        if not any(matches(line, pattern) for line in self.errors().splitlines()):
            self.fail(f"stderr: {self.errors()!r}")

    def do_queued(self, rest):
        kind, _, text = rest.partition(" ")
        try:
            message, envelope = self.host.read(f"{CATCH}/message"), self.host.read(f"{CATCH}/envelope")
        except FileNotFoundError:
            if kind != "nothing":
                self.fail("nothing was queued")
            return
        sender, *recipients = envelope.split(b"\0")[:-2]
        wanted = text.encode("utf-8", "surrogateescape")
        held = {
            "nothing": lambda: False,
            "from": lambda: sender == b"F" + wanted,
            "to": lambda: b"T" + wanted in recipients,
            "records": lambda: wanted.split() == [sender, *recipients],
            "line": lambda: any(matches(line, text) for line in message.decode("latin-1").split("\n")),
        }
        if not held[kind]():
            self.fail(f"queued: {envelope!r} {message!r}")
