"""What strangers send to make a list stumble, each through the installed lines of its .qmail files, as qmail-local runs them: it ends well,
with no more than two seconds of CPU and 64 MiB for each program, and the list goes on."""

import os
import re
import subprocess

import pytest

from tests.faults.test_list_posts import queued
from tests.host.machine import BUILD
from tests.lists.listhost import the_list

PEAK = BUILD / "tests/tools/peak"
CPU_MS, MEMORY_KIB = 2000, 64 << 10
MIB = 1 << 20
HEAD = "Received: x; 20 Nov 2025 20:00:00 -0000\nFrom: joe\nTo: sos@mail.example.org\n"
JOE = "joe@example.net"


class Attacked:
    def __init__(self, host):
        self.host = host
        self.list = the_list(host, "sos", "-m -u -5 joe@example.net -f")
        for flag in ("modpost", "subonly"):
            host.sh(f"rm -f {self.list.dir}/{flag}")
        self.list.edit("-M -U")
        self.list.put("mimeremove", "text/html\napplication/x-trash\n")
        self.list.put("answerlimit", "0:0\n")          # which have tests of their own
        self.list.subscribe(JOE)
        self.list.subscribe("mo@example.net", table="mod")

    def deliver(self, message, ext="sos", sender=JOE):
        """(exit code, what was said, what is queued): as when mail comes to this address."""
        message = message if isinstance(message, bytes) else message.encode()
        self.host.write("/tmp/message", message)
        self.host.sh("rm -f /tmp/peak")
        with open(self.host.path("/tmp/message"), "rb") as stdin:
            running = self.host.popen([PEAK, "/tmp/peak", "/var/qmail/bin/qmail-local", "--", "alias", "/var/qmail/alias", ext, "-", ext,
                                       self.host.name, sender, "./Mailbox"], user="alias", stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            said, _ = running.communicate(timeout=120)
        kib, ms = map(int, self.host.read("/tmp/peak").split())
        if "SANITIZE" not in os.environ:
            assert kib < MEMORY_KIB and ms < CPU_MS, f"{kib} KiB, {ms} ms"
        return running.returncode, said.decode(errors="replace"), queued(self.list)

    def goes_on(self):
        """The next post reaches its readers, and is in the archive and the index."""
        number = int(self.list.read("num").split(":")[0]) + 1 if self.list.has("num") else 1
        code, said, sent = self.deliver(HEAD + "Subject: next\n\nnext\n")
        assert code == 0 and len(sent) == 1, said
        assert sent[0].of("F") == [f"sos-return-{number}-@mail.example.org-@[]".encode()]
        code, said, sent = self.deliver("From: joe\n\n", ext="sos-index", sender=f"reader{number}@example.net")
        assert code == 0 and f"{number}: next\n".encode() in sent[0].text, said
        checked = self.list.run("ezmlm-check", self.list.dir, check=False).stdout
        assert "Nothing is wrong." in checked, checked


@pytest.fixture
def sos(host):
    return Attacked(host)


def nested(levels):
    inner = "Content-Type: text/plain\n\ndeep\n"
    for level in range(levels):
        inner = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n{inner}\n--b{level}--\n"
    return inner


MANY_PARTS = "Content-Type: multipart/mixed; boundary=b\n\n" + "".join(f"--b\nContent-Type: text/{'html' if n % 2 else 'plain'}\n\npart {n}\n"
                                                                      for n in range(10000)) + "--b--\n"
SUBJECTS = ["=?utf-8?Q?=FF=FE=00?=", "=?utf-8?B?////?=", "=?utf-8?B?A?=", "=?x" * 5000, "=?iso-2022-jp?B?GyRC" + "A" * 5000 + "?=", "=?utf-8?X?abc?=", "=?" * 20000,
            "=?utf-8?Q?a?= " * 5000, "Re: " * 20000, "\xff\xfe\x80", "=?us-ascii?Q?=0A=0DX-Mark:_y?=", "[sos] " * 10000, "a\n b\n\tc\n ", ":", "-Reply" * 9000]
HEADERS = {
    "header of nearly 1 MiB": ("X-Long: " + "x" * (MIB - 1000) + "\n\nbody\n", 0),
    "header of more than 1 MiB": ("X-Long: " + "x" * MIB + "\n\nbody\n", 100),
    "header of 1 MiB in 60,000 fields": ("".join(f"X-{n}: abcdefgh\n" for n in range(60000)) + "\nbody\n", (0, 100)),
    "header of 1 MiB in folds": ("X: " + "\n x" * 250000 + "\n\nbody\n", 0),
    "header that does not end": ("X: y", 0),
    "lines without an end": ("\n" + "x" * (4 * MIB), 0),
    "10,000 parts": (MANY_PARTS, 0),
    "100 levels": (nested(100), 0),
    "1,000 levels": (nested(1000), (0, 100)),
    "boundary that is everywhere": ("Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n" * 100000, (0, 100)),
    "boundary of 100,000 bytes": (f"Content-Type: multipart/mixed; boundary=\"{'b' * 100000}\"\n\n--{'b' * 100000}\n\nx\n", (0, 100)),
    "boundary without a quote": ('Content-Type: multipart/mixed; boundary="b\n\n--b\n', (0, 100)),
    "10,000 addresses": ("Cc: " + ", ".join(f"a{n}@example.net" for n in range(10000)) + "\n\nbody\n", 0),
    "comments in comments": ("Cc: " + "(" * 100000 + "\n\nbody\n", (0, 100)),
    "NULs": ("Subject: a\0b\n\n\0\0\0", 0),
}


@pytest.mark.parametrize("what", HEADERS)
def test_a_post_that_is_odd(sos, what):
    text, codes = HEADERS[what]
    code, said, sent = sos.deliver(HEAD + ("" if "Subject" in text else "Subject: odd\n") + text)
    assert code in (codes if isinstance(codes, tuple) else (codes,)) and len(sent) == (code == 0), said
    sos.goes_on()
    if not code:
        code, said, sent = sos.deliver("From: joe\n\n", ext="sos-get.1", sender="reader@example.net")
        assert code == 0 and len(sent) == 1, said


OTHERS = ("return-1-joe=example.net", "return-1-", "return-warn-1.x-a=b", "digest-return-1-", "subscribe", "request", "help", "get.1", "index", "owner",
          "accept-1.1.aaaaaaaaaaaaaaaaaaaa", "confirm-1.1.aaaaaaaaaaaaaaaaaaaa", "ed.1.info.aaaaaaaaaaaaaaaaaaaa", "allow-list", "no-such")


@pytest.mark.parametrize("what", HEADERS)
def test_the_same_to_other_addresses_of_a_list(sos, what):
    sos.deliver(HEAD + "Subject: first\n\nbody\n")
    for ext in OTHERS:
        code, said, _ = sos.deliver(HEAD + "Subject: odd\n" + HEADERS[what][0], ext=f"sos-{ext}", sender="joe@example.com")
        assert code in (0, 99, 100), (ext, said)
    sos.goes_on()


def test_subjects_in_broken_encodings(sos):
    for n, subject in enumerate(SUBJECTS, 1):
        code, said, sent = sos.deliver((HEAD + f"Subject: {subject}\n\nbody\n").encode("latin-1"))
        assert code == 0 and len(sent) == 1, (subject[:40], said)
        for word in ("index", f"thread.{n}", f"get.{n}"):
            code, said, sent = sos.deliver("From: joe\n\n", ext=f"sos-{word}", sender=f"reader{n}@example.net")
            assert code == 0 and len(sent) == 1 and b"\nX-Mark" not in sent[0].text.split(b"\n\n")[0], (subject[:40], word, said)
    assert sos.list.run("ezmlm-idx", sos.list.dir).returncode == 0 and sos.list.run("ezmlm-archive", sos.list.dir, check=False).returncode in (0, 99)
    sos.goes_on()


def test_addresses_with_every_byte(sos):
    """As author, as sender, and in the address of a request: nobody is subscribed, no line is torn."""
    before = sos.list.subscribers()
    for at in range(1, 256, 15):
        some = bytes(range(at, min(at + 15, 256)))
        code, said, sent = sos.deliver(HEAD.encode().replace(b"From: joe", b"From: " + some.replace(b"\n", b"") + b"@example.net") + b"Subject: x\n\nbody\n")
        assert code in (0, 100, 111), said
        for request in (b"subscribe-" + some + b"=example.net", b"query-" + some + b"=example.net", b"get." + some, b"thread." + some, some,
                        b"sc.1." + some, b"accept-" + some, b"confirm-" + some, b"return-1-" + some + b"=x", b"return-warn-" + some, b"edit." + some):
            code, said, sent = sos.deliver(b"From: joe\n\n", ext=os.fsdecode(b"sos-" + request), sender=os.fsdecode(some + b"@example.net"))
            assert code in (0, 99, 100) or "in a minute" in said, (request, said)
            assert all(b"\nX-" not in mail.text.split(b"\n\n")[0] for mail in sent)
    assert sos.list.subscribers() == before
    sos.goes_on()


def question(sos, ext, sender):
    code, said, sent = sos.deliver("From: x\n\n", ext=ext, sender=sender)
    assert code == 0 and len(sent) == 1, said
    return re.search(rb"^Reply-To: <?(.*?)@mail.example.org>?$", sent[0].text, re.M)[1].decode()


def test_cookies_that_are_forged_or_old(sos):
    eve = "eve@example.net"
    good = question(sos, "sos-subscribe", eve)
    start, when, cookie, address = re.fullmatch(r"(sos-sc\.)(\d+)\.([a-p]{20})-(.*)", good).groups()
    flipped = ("b" if cookie[0] == "a" else "a") + cookie[1:]
    forged = {f"{start}{when}.{flipped}-{address}", f"{start}{when}.{cookie}-ann=example.net", f"{start}{int(when) + 1}.{cookie}-{address}",
              f"{start}{when}.{cookie}", f"{start}{when}.{cookie}x-{address}", f"{start}{when}.{cookie[:-1]}-{address}", f"sos-uc.{when}.{cookie}-{address}",
              f"sos-rc.{when}.{cookie}-{address}", f"sos-tc.{when}.{cookie}-{address}", f"sos-digest-sc.{when}.{cookie}-{address}",
              f"sos-allow-sc.{when}.{cookie}-{address}", f"sos-deny-sc.{when}.{cookie}-{address}", f"sos-sc.-1.{cookie}-{address}",
              f"sos-sc.{10**30}.{cookie}-{address}", f"sos-accept-{when}.{cookie}", f"sos-return-probe-{when}.{cookie}-{JOE.replace('@', '=')}"}
    for ext in sorted(forged):
        code, said, _ = sos.deliver("From: x\n\n", ext=ext, sender=eve)
        assert code in (0, 99, 100), (ext, said)
        assert sos.list.subscribers() == [JOE] and not sos.list.subscribers("digest") and not sos.list.subscribers("allow"), ext
    assert sos.deliver("From: x\n\n", ext=good, sender="stranger@example.com")[0] == 0
    assert sorted(sos.list.subscribers()) == [eve, JOE]


def test_cookies_that_come_again(sos):
    """Replayed, a consent does what it did, and no more: who left by his own wish is let in by his own cookie only."""
    eve = "eve@example.net"
    into = question(sos, "sos-subscribe", eve)
    assert sos.deliver("From: x\n\n", ext=into, sender=eve)[0] == 0
    for _ in range(3):
        code, said, sent = sos.deliver("From: x\n\n", ext=into, sender=eve)
        assert code == 0 and all(b"WELCOME" not in mail.text for mail in sent), said
    assert sos.list.subscribers().count(eve) == 1
    out = question(sos, "sos-unsubscribe", eve)
    assert sos.deliver("From: x\n\n", ext=out, sender=eve)[0] == 0 and eve not in sos.list.subscribers()
    for _ in range(3):
        code, said, sent = sos.deliver("From: x\n\n", ext=out, sender=eve)
        assert code == 0 and all(b"GOODBYE" not in mail.text for mail in sent), said


def test_a_list_reads_itself(sos):
    """As subscriber, as moderator and as owner of what comes back."""
    sos.list.subscribe("sos@mail.example.org")
    code, said, sent = sos.deliver(HEAD + "Subject: x\n\nbody\n")
    assert code == 0 and len(sent) == 1, said
    again = sent[0].text.decode()
    code, said, sent = sos.deliver(again, sender="sos-return-1-sos=mail.example.org@mail.example.org")
    assert code in (99, 100, 0) and not sent, said
    for ext in ("sos-subscribe", "sos-help", "sos-get.1", "sos-index", "sos-no-such"):
        code, said, sent = sos.deliver("From: x\n\n", ext=ext, sender="sos@mail.example.org")
        for mail in sent:       # what the list says to itself, it does not answer
            back, said, echo = sos.deliver(mail.text, sender=mail.of("F")[0].decode())
            assert back in (99, 100, 0) and not echo, said
    assert sos.list.read("num").startswith("1:")
