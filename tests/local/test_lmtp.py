"""qmail-lmtp in a .qmail line: what the mail store hears, and what becomes of the message for each of its answers."""

import pathlib
import subprocess

import pytest

from tests.host import eventually

SERVER = pathlib.Path(__file__).with_name("lmtp_server.py")
GOOD = {"greeting": "220 store LMTP", "LHLO": "250-store|250-PIPELINING|250 8BITMIME", "MAIL": "250 2.1.0 ok", "RCPT": "250 2.1.5 ok",
        "DATA": "354 go on", "BODY": "250 2.0.0 <joe> abc Saved"}


class Store:
    def __init__(self, host, where="/tmp/lmtp", **answers):
        self.host, self.log = host, "/tmp/lmtp-heard"
        host.sh(f"rm -f {self.log} /tmp/lmtp")
        self.process = host.popen(["/usr/bin/python3", SERVER, where, self.log, *{**GOOD, **answers}.values()], stdout=subprocess.PIPE)
        assert self.process.stdout.readline() == b"ready\n"

    def heard(self):
        assert eventually(lambda: self.host.sh(f"test -e {self.log} && echo yes || true").stdout)
        return self.host.read(self.log)


def deliver(host, *words, message=b"Subject: x\n\n.\ngr\xc3\xbc\xc3\x9fe", sender="a@b.example"):
    return host.run(["env", f"SENDER={sender}", "RECIPIENT=joe@mail.example.org", "qmail-lmtp", *words], user="qmailr", input=message,
                    check=False)


def test_by_a_socket(host):
    store = Store(host)
    done = deliver(host, "/tmp/lmtp", "joe doe@b.example")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"250 2.0.0 <joe> abc Saved\n", b"")
    lines = store.heard().split(b"\r\n")
    assert lines[0].startswith(b"LHLO ")
    assert lines[1:] == [b"MAIL FROM:<a@b.example> BODY=8BITMIME", b'RCPT TO:<"joe doe"@b.example>', b"DATA", b"Subject: x", b"", b"..",
                         b"gr\xc3\xbc\xc3\x9fe", b".", b"QUIT", b""]


@pytest.mark.parametrize("lhlo, asked", [("250-store|250-8BITMIME|250 SMTPUTF8", " SMTPUTF8"), (GOOD["LHLO"], "")])
def test_addresses_beyond_ascii(host, lhlo, asked):
    store = Store(host, LHLO=lhlo)
    assert deliver(host, "/tmp/lmtp", "é@b.example", sender="josé@b.example").returncode == 0
    lines = store.heard().decode().split("\r\n")
    assert lines[1:3] == [f"MAIL FROM:<josé@b.example> BODY=8BITMIME{asked}", "RCPT TO:<é@b.example>"]


@pytest.mark.parametrize("sender", ["", "#@[]"])
def test_by_a_port_for_the_recipient_of_the_message(host, sender):
    store = Store(host, "2424")
    assert deliver(host, "127.0.0.1:2424", sender=sender).returncode == 0
    assert store.heard().split(b"\r\n")[1:3] == [b"MAIL FROM:<> BODY=8BITMIME", b"RCPT TO:<joe@mail.example.org>"]


@pytest.mark.parametrize("step, answer, code, why", [
    ("greeting", "554 no", 111, "it takes no mail now"),
    ("LHLO", "500 what", 111, "it takes no mail now"),
    ("MAIL", "550 5.1.8 no", 100, "it refuses the sender"),
    ("MAIL", "451 4.3.0 not now", 111, "it refuses the sender"),
    ("RCPT", "550 5.1.1 unknown", 100, "it refuses the recipient"),
    ("RCPT", "452 4.2.2 full", 111, "it refuses the recipient"),
    ("BODY", "552 5.2.2 full", 100, "it refuses the message"),
    ("BODY", "451 4.3.0 not now", 111, "it refuses the message"),
    ("BODY", "-", 111, "the connection died"),
    ("BODY", "354 what", 111, "its replies make no sense"),
])
def test_what_the_store_refuses(host, step, answer, code, why):
    data = {"DATA": "503 no"} if step == "RCPT" else {}
    Store(host, **{step: answer}, **data)
    done = deliver(host, "/tmp/lmtp")
    assert (done.returncode, done.stderr.decode()) == (code, f"qmail-lmtp: fatal: /tmp/lmtp: {why}\n")


def test_a_store_that_is_away_and_wrong_use(host):
    host.sh("rm -f /tmp/lmtp")
    assert deliver(host, "/tmp/lmtp").returncode == 111
    assert deliver(host, "127.0.0.1:2425").returncode == 111
    assert deliver(host, "nowhere.invalid:24").returncode == 111
    assert deliver(host).returncode == deliver(host, "nowhere").returncode == deliver(host, "/tmp/lmtp", "a\nb").returncode == 111


def test_in_a_qmail_file(host):
    host.user("joe")
    store = Store(host)
    host.write("/home/joe/.qmail", "| qmail-lmtp /tmp/lmtp\n")
    host.start("qmail-send")
    host.sh("printf 'To: joe\\n\\nhello\\n' | qmail-inject -fa@b.example joe@mail.example.org")
    heard = store.heard()
    assert b"RCPT TO:<joe@mail.example.org>\r\n" in heard and b"\r\nhello\r\n" in heard
    assert eventually(lambda: "success: 250_2.0.0_<joe>_abc_Saved/did_0+0+1/" in host.log("qmail-send"))
