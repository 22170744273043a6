"""A session with qmail-pop3d, whichever call of it fails and wherever it is killed: what looks like a whole message is one, and nothing is
gone that the client did not delete, or was told to be gone and is not."""

import pathlib
import subprocess

import pytest

from tests.faults import invariants as must
from tests.faults.sweep import ours_alone, sweep

pytestmark = ours_alone

PARTS = 2
SESSION = b"RETR 1\r\nDELE 2\r\nQUIT\r\n"
TALL = "From: J\xf6rg <j\xf6rg@example.org>\nSubject: Gr\xfc\xdfe\n\n".encode() + b"body\n" * 20000
SHOWN = (b"From: =?utf-8?q?J=C3=B6rg_=3Cj=C3=B6rg=40example=2Eorg=3E?=\r\n <invalid@internationalized-address.invalid>\r\n"
         b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n\r\n" + b"body\r\n" * 20000 + b".\r\n")


@pytest.mark.parametrize("part", range(PARTS))
def test_qmail_pop3d(host, record_property, part):
    host.user("joe")
    host.control("logindelay", "600\n")
    host.write("/tmp/session", SESSION, mode=0o644)
    box = pathlib.Path(host.path("/home/joe/Maildir"))

    def run(under):
        host.sh("cd /home/joe/Maildir; rm -rf pop3login new cur tmp; mkdir new cur tmp; chown joe: new cur tmp")
        host.write("/home/joe/Maildir/cur/1.a:2,", TALL, owner="joe", mode=0o600)
        host.write("/home/joe/Maildir/new/2.b", b"Subject: x\n\n", owner="joe", mode=0o600)
        host.write("/home/joe/Maildir/new/3.c", b"Subject: y\n\n", owner="joe", mode=0o600)
        with open(host.path("/tmp/session"), "rb") as said, open(host.path("/tmp/heard"), "wb") as heard:
            code = host.popen([*under, "/var/qmail/bin/qmail-pop3d", "/home/joe/Maildir"], user="root" if under else "joe",
                              stdin=said, stdout=heard, stderr=subprocess.DEVNULL).wait(60)
        return code, host.read("/tmp/heard")

    def judge(seen, fault):
        code, heard = seen
        wrong = [] if code in (0, 111) or (fault and fault.kill) else [f"exit {code}"]
        names = sorted(p.name.partition(":")[0] for d in ("new", "cur") for p in (box / d).iterdir())
        whole, _, rest = heard.partition(b"\r\n.\r\n")
        if rest and whole + b"\r\n.\r\n" != b"+OK \r\n+OK \r\n" + SHOWN:
            wrong.append(f"a message that is none: {whole[:200]}")
        if not {"1.a", "3.c"} <= set(names):
            wrong.append(f"there are {names}")
        if "2.b" in names and rest == b"+OK \r\n+OK \r\n":
            wrong.append("told to be gone, and there")
        if "2.b" not in names and b"unable to unlink" in heard:
            wrong.append("gone, and the client was told that it is not")
        if fault is None and rest != b"+OK \r\n+OK \r\n":
            wrong.append(f"heard {heard[:100]}")
        return wrong + must.processes(host)

    sweep(host, "qmail-pop3d", run, judge, user="joe", part=part, parts=PARTS).end(record_property)
