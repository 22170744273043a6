"""ezmlm-manage run by hand on a host, and what it sends."""

import email
import re
import subprocess

from tests.local.machine import CATCH, queued

REQUEST = "From: Joe <joe@example.net>\nSubject: please\nTo: sos@mail.example.org\n\nline 1\nline 2\n"


class Said:
    def __init__(self, code, err, message, envelope):
        self.code, self.err = code, err
        self.raw = message
        self.message = message and email.message_from_bytes(message)
        parts = envelope.split(b"\0")[:-2] if envelope else []
        self.sender = parts[0][1:].decode() if parts else None
        self.to = [part[1:].decode() for part in parts[1:]]

    def __repr__(self):
        return f"exit {self.code}, {self.err!r}, {self.sender} to {self.to}\n{self.raw}"

    @property
    def names(self):
        """Of what was sent."""
        return re.findall(r"^[\w-]+: info: sending (.*)$", self.err, re.M)

    @property
    def text(self):
        part = self.message.get_payload(0) if self.message.is_multipart() else self.message
        return part.get_payload(decode=True).decode()

    def reply(self):
        """The word of the address that a reply goes to."""
        return re.fullmatch(r"<?sos-(.*)@mail\.example\.org>?", self.message["Reply-To"])[1]


def ask(sos, default, sender="joe@example.net", options=("-a",), request=REQUEST, program="ezmlm-manage", **env):
    sos.host.write("/tmp/message", request)
    with open(sos.host.path("/tmp/message"), "rb") as stdin:
        running = sos.host.popen([f"/var/qmail/bin/{program}", *options, sos.dir], user=sos.owner, stdin=stdin, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env={**CATCH, "SENDER": sender, "DEFAULT": default, **env})
        out, err = running.communicate(timeout=60)
    return Said(running.returncode, (out + err).decode(), *queued(sos.host))


def mailed(sos, default, **more):
    """The same of a request that has come as mail."""
    return ask(sos, default, RECIPIENT=f"sos-{default}@mail.example.org", **more)


def forget(sos):
    """Everybody may be asked again."""
    sos.host.sh(f"rm -f {sos.dir}/confirms")
