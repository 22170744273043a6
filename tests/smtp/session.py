"""A client of one qmail-smtpd."""

import re
import socket
import subprocess

CATCH = "/tmp/catch"
QUEUE = {"QMAILQUEUE": "/usr/local/lib/mailtree-test/catch", "CATCH_DIR": CATCH}
ENVELOPE = b"MAIL FROM:<a@example.net>\r\nRCPT TO:<b@mail.example.org>\r\n"


class Session:
    """A conversation with one qmail-smtpd over a socket pair."""

    def __init__(self, host, env=None, before=b"", limits=(), user="qmaild", log=subprocess.PIPE):
        self.ours, theirs = socket.socketpair()
        self.ours.settimeout(20)
        self.ours.sendall(before)
        self.host = host
        self.process = host.popen([*limits, "qmail-smtpd"], user=user, env={**QUEUE, **(env or {})}, stdin=theirs.fileno(),
                                  stdout=theirs.fileno(), stderr=log)
        theirs.close()
        self.lines = self.ours.makefile("rb")

    def say(self, data):
        self.ours.sendall(data)
        return self

    def hear(self):
        return self.lines.readline().rstrip(b"\r\n").decode("latin-1")

    def ask(self, data):
        self.say(data)
        return self.hear()

    def begin(self):
        assert self.hear().startswith("220 ")
        return self

    def hear_go_ahead(self):
        while not (said := self.hear()).startswith("354 "):
            assert said.startswith("250"), said
        return self

    def begin_data(self):
        self.begin().say(ENVELOPE + b"DATA\r\n")
        assert [self.hear()[:3] for _ in range(3)] == ["250", "250", "354"]
        return self

    def end(self):
        """Hangs up; exit code and log."""
        try:
            self.ours.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.lines.close()
        self.ours.close()
        log = self.process.communicate(timeout=20)[1].decode()
        return self.process.returncode, log

    def peak_kilobytes(self):
        status = self.host.sh("cat /proc/$(pgrep -x qmail-smtpd)/status").stdout
        return int(re.search(r"VmHWM:\s+(\d+)", status).group(1))
