"""What one client says, in the log: all of it, in its order, and no password."""

import base64
import os
import re

import pytest

from tests.smtp.session import CATCH, ENVELOPE, Session


@pytest.fixture(autouse=True)
def mailboxes(host):
    host.mailbox("b")
    host.sh(f"mkdir -m 777 {CATCH}")


def captured(log):
    """Who says what, without the numbers of the process; and the other lines."""
    found = [re.fullmatch(r"qmail-smtpd: captured \d+ (.*)", line) for line in log.splitlines()]
    return [m[1].rstrip() for m in found if m], [line for line, m in zip(log.splitlines(), found) if not m]


def talk(host, *said, env=None):
    s = Session(host, {"TCPREMOTEIP": "192.0.2.7", "CAPTURE": "", **(env or {})}).begin()
    for line in said:
        s.ask(line)
    return captured(s.end()[1])


def test_a_session_line_by_line(host):
    s = Session(host, {"TCPREMOTEIP": "192.0.2.7", "CAPTURE": ""}).begin_data()
    assert s.ask(b"Subject: caf\xc3\xa9 \\\r\n\r\nhello\r\n.\r\n").startswith("250 ")
    assert s.ask(b"quit\r\n").startswith("221 ")
    said, others = captured(s.end()[1])
    assert said[:9] == ["= 192.0.2.7", "> 220 mail.example.org ESMTP", "< MAIL FROM:<a@example.net>", "> 250 2.1.0 ok",
                        "< RCPT TO:<b@mail.example.org>", "> 250 2.1.5 ok", "< DATA", "> 354 go ahead", r"< Subject: caf\xc3\xa9 \x5c"]
    assert said[9:12] == ["<", "< hello", "< ."] and said[12].startswith("> 250 2.0.0 ok ") and said[13:] == ["< quit", "> 221 2.0.0 mail.example.org"]
    assert [line.split()[1] for line in others] == ["accepted", "session"]


def test_nothing_is_captured_without_a_rule(host):
    assert captured(Session(host, {"CAPTURE": "0"}).begin().end()[1])[0] == []
    assert captured(Session(host).begin().end()[1])[0] == []


def test_what_is_broken_can_be_seen(host):
    said, _ = talk(host, b"NOOP\rx\r\n", env={"SMTPD_BARE": "normalise"})
    assert r"< NOOP\x0dx" in said
    s = Session(host, {"CAPTURE": "", "SMTPD_BARE": "normalise"}).begin_data()
    s.ask(b"one\ntwo\r\n.\r\n")
    assert "< one (no CR)" in captured(s.end()[1])[0]


def test_a_message_and_a_session_have_a_bound(host):
    body = b"".join(b"%05d\r\n" % n for n in range(30000))
    s = Session(host, {"CAPTURE": ""}).begin()
    for _ in range(2):
        s.say(ENVELOPE + b"DATA\r\n").hear_go_ahead()
        assert s.ask(body + b".\r\n").startswith("250 ")
    said, _ = captured(s.end()[1])
    assert said.count("< 00000") == 2 and "< 00500" in said and "< 00600" not in said
    assert said.count(f"< ({len(body) + 3 - 4096} bytes more)") == 2
    said, _ = talk(host, *[b"NOOP " + b"x" * 2000 + b"\r\n"] * 20, env={"CAPTURE": "3000"})
    assert said[-1] == "< (enough)" and len(said) < 12
    chunk = b"BDAT 9000 LAST\r\n" + b"y" * 9000
    s = Session(host, {"CAPTURE": ""}).begin()
    s.say(ENVELOPE + chunk + b"RSET\r\n")
    assert [s.hear()[:3] for _ in range(4)] == ["250"] * 4
    said, _ = captured(s.end()[1])
    assert "< BDAT 9000 LAST" in said and "< RSET" in said and sum(line.count("y") for line in said if line.startswith("< y")) == 4096 - len("BDAT 9000 LAST")


def test_passwords_are_left_out(host):
    host.user("joe", "secret-of-joe")
    host.start("qmail-auth", "qmail-users")
    secret = base64.b64encode(b"secret-of-joe")
    plain = base64.b64encode(b"\0joe\0secret-of-joe")
    s = Session(host, {"TCPREMOTEIP": "192.0.2.7", "CAPTURE": "", "SMTPD_AUTH": "clear"}).begin()
    s.ask(b"EHLO x\r\n")
    while s.hear()[3] == "-":
        pass
    assert s.ask(b"AUTH LOGIN\r\n").startswith("334 ")
    assert s.ask(base64.b64encode(b"joe") + b"\r\n").startswith("334 ")
    assert s.ask(secret + b"\r\n").startswith("235 ")
    assert s.ask(b"AUTH PLAIN " + plain + b"\r\n").startswith("503 ")
    assert s.ask(secret + b"\r\n").startswith("502 ")
    log = s.end()[1]
    said, _ = captured(log)
    tail = [line for line in said if not line.startswith("> 250")]
    assert tail[2:] == ["< EHLO x", "< AUTH LOGIN", "> 334 VXNlcm5hbWU6", "< (...)", "> 334 UGFzc3dvcmQ6", "< (...)", "> 235 2.7.0 welcome",
                        "< AUTH PLAIN (...)", "> 503 5.5.1 AUTH comes once, behind EHLO, before MAIL (#5.5.1)", "< (...)",
                        "> 502 5.5.1 unimplemented (#5.5.1)"]
    assert secret.decode() not in log and plain.decode() not in log


def test_a_log_that_stands_still_holds_nobody_up(host):
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        try:
            while True:
                os.write(write, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(write, True)
        s = Session(host, {"CAPTURE": ""}, log=write).begin()
        assert s.ask(b"NOOP\r\n").startswith("250 ")
        s.process.kill()
        s.process.wait()
    finally:
        os.close(read)
        os.close(write)
