"""One message from qmail-remote to a relay, by SMTP and by QMTP, every system call failing in turn: K is said if and only if the
relay has it, trouble returns nothing, and who may have sent it twice says so."""

import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep
from tests.host import eventually
from tests.remote.remote import Server
from tests.remote.test_qmtp import QmtpServer

pytestmark = ours_alone

BODY = b"Subject: fault\n\n" + b"one line of many\n" * 2000
WORDS = ["/var/qmail/bin/qmail-remote", "example.net", "s@example.org", "r@example.net", "q@example.net"]


class BySmtp(Server):
    """Each connection has one message, whole when a dot ends it."""
    port = 2525

    def taken(self):
        return [c["heard"].encode("latin-1").replace(b"\r\n", b"\n") for c in self.connections() if "\r\n.\r\n" in c["heard"]]


class ByQmtp(QmtpServer):
    port = 209

    def taken(self):
        return [package[1].encode("latin-1")[1:] for package in self.packages()]


def is_idle(host, port):
    """Whether the relay has heard each connection to its end, and noted it: all but its own socket and what waits are gone."""
    states = [line.split()[3] for line in host.sh("cat /proc/net/tcp").stdout.splitlines()[1:] if line.split()[1].endswith(f":{port:04X}")]
    return not set(states) - {"0A", "06"}


def start(host, protocol):
    host.control("smtproutes", f":127.0.0.1:{protocol.port}\n")
    host.control("timeoutremote", "20\n")
    host.write("/tmp/message", BODY)
    return protocol(host)


def run(host, under):
    with open(host.path("/tmp/message"), "rb") as message:
        return host.popen([*under, *WORDS], user="root" if under else "qmailr", stdin=message, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).communicate(timeout=60)[0]


def wrong_about(said, taken, killed):
    """What qmail-rspawn would read, against what the relay has."""
    records = said.decode("latin-1").split("\0")
    letter = next((record[0] for record in records if record[:1] in ("K", "Z", "D")), "")
    wrong = [f"{record!r} is for ever" for record in records if record[:1] in ("D", "h")]
    wrong += ["told that it is done, but the relay has not got it"] if letter == "K" and not taken else []
    wrong += ["the relay has it, and nobody is told"] if letter == "Z" and taken and "Possible duplicate!" not in said.decode("latin-1") else []
    return wrong + (["nothing is told"] if not letter and not killed else [])


@pytest.mark.parametrize("protocol", [BySmtp, ByQmtp])
def test_qmail_remote(host, record_property, protocol):
    relay = start(host, protocol)

    def judge(said, fault):
        assert eventually(lambda: is_idle(host, relay.port))
        taken = relay.taken()
        # Where its own answer cannot be written, nothing is heard, and the message is tried again.
        mute = fault and (fault.kill or fault.call in ("write", "writev") or not said)
        wrong = wrong_about(said, taken, mute) + must.processes(host)
        wrong += ["what the relay has is not what was sent"] if not all(BODY in text for text in taken) else []
        wrong += [f"{len(taken)} messages out of one"] if len(taken) > 1 else []
        host.write(relay.log, "")
        return wrong

    sweep(host, f"qmail-remote {protocol.__name__}", lambda under: run(host, under), judge, user="qmailr").end(record_property)
