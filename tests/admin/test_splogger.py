"""splogger: lines in, messages of syslog out."""

import time

import pytest

from tests.host.syslog import Syslog

MAIL, DAEMON = 2 << 3, 3 << 3
ALERT, WARNING, INFO = 1, 4, 6


@pytest.fixture
def syslog(host):
    return Syslog(host)


def test_a_line_becomes_a_message(host, syslog):
    before = time.time()
    host.run(["splogger"], user="qmaill", input=b"new msg 7\n\n\nend msg 7")
    first, last = syslog.next(), syslog.next()
    assert first[:2] + first[3:] == (MAIL | INFO, "splogger", " ", "new msg 7")
    assert last[4] == "end msg 7", "empty lines are dropped, and the last needs no newline"
    assert before - 1 < float(first[2]) <= float(last[2]) < time.time() + 1


def test_tag_and_facility(host, syslog):
    host.run(["splogger", "smtpd", "3"], input=b"a\n")
    host.run(["splogger", "mail", "2"], input=b"b\n")
    assert [syslog.next()[:2] for _ in range(2)] == [(DAEMON | INFO, "smtpd"), (MAIL | INFO, "mail")]


def test_warnings_and_alerts_have_their_priority(host, syslog):
    host.run(["splogger", "q"], input=b"warning: a\nalert: b\nno alert: c\n")
    assert [syslog.next()[0] for _ in range(3)] == [MAIL | WARNING, MAIL | ALERT, MAIL | INFO]


def test_what_is_not_printable(host, syslog):
    host.run(["splogger", "q"], input=b"a\0b\tc\x7f\x1f\xe4 %s%n~\n")
    assert syslog.next()[4] == "a?b?c??? %s%n~"


@pytest.mark.parametrize("length, parts", [(798, [798]), (799, [799]), (800, [799, 1]), (1599, [799, 799, 1])])
def test_long_lines_are_continued(host, syslog, length, parts):
    host.run(["splogger", "q"], input=b"alert: " + b"x" * (length - 7) + b"\nnext\n")
    got = [syslog.next() for _ in parts]
    assert [len(message[4]) for message in got] == parts
    assert [message[3] for message in got] == [" "] + ["+"] * (len(parts) - 1)
    assert {message[2] for message in got} == {got[0][2]} and {message[0] for message in got} == {MAIL | ALERT}
    assert syslog.next()[3:] == (" ", "next")


@pytest.mark.parametrize("words", [["a", "x"], ["a", "24"], ["a", ""], ["a", "2", "b"]])
def test_wrong_calls(host, words):
    done = host.run(["splogger", *words], check=False)
    assert (done.returncode, done.stderr) == (100, b"splogger: usage: splogger [ tag [ facility-number ] ]\n")


def test_nobody_listens(host):
    assert host.run(["splogger"], input=b"a\n" * 1000).stderr == b""


def test_its_log_is_rotated_and_read_by_matchup(host):
    host.sh("cp /var/qmail/doc/logrotate-mailtree /etc/logrotate.d/mailtree")
    host.write("/var/log/qmail.log", "Nov 28 12:00:00 mail qmail: 1795867200.5 info msg 1: bytes 5 from <a> qp 2 uid 3\n", mode=0o640)
    said = host.sh("logrotate -fs /run/rotated /etc/logrotate.d/mailtree")
    assert (said.stdout, said.stderr) == ("", "")
    assert host.sh("stat -c '%s %a %G' /var/log/qmail.log").stdout == "0 640 adm\n"
    host.write("/var/log/qmail.log", "Nov 29 12:00:00 mail qmail: 1795867201.5 end msg 1\n")
    assert host.sh("cat /var/log/qmail.log-* /var/log/qmail.log | matchup 5>/dev/null").stdout == "m 1795867200.5 1795867201.5 5 0 0 0 <a> 2 3\n"
