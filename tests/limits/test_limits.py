"""How much may come from whom: qmail-limitd as qmail-smtpd asks it, and mail that goes on without it."""

import re
import threading

import pytest

from tests.host import eventually
from tests.smtp.session import ENVELOPE, Session
from tests.smtp.test_auth import b64

CLEAR = {"SMTPD_AUTH": "clear"}
REACHED = re.compile(r"over the limit of (\S+): (\S+ \d+/\w+), come again in \d+ (seconds|minutes|hours)")


@pytest.fixture
def site(host):
    host.user("joe", "secret")
    host.user("ann", "secret")
    host.mailbox("b")
    host.write("/etc/tcp.smtp", ':allow\n')
    host.sh("qmailctl cdb; mkdir -m 777 /tmp/catch")
    return host


def limits(host, text, *services):
    host.control("limits", text)
    host.start("qmail-limits", *services)
    return host


def session(host, address="192.0.2.7", login=None, **env):
    s = Session(host, env={"TCPREMOTEIP": address, **CLEAR, **env})
    if not s.hear().startswith("220 "):
        s.end()
        return None
    s.ask(b"EHLO me.example\r\n")
    while s.hear()[3] == "-":
        pass
    if login:
        assert s.ask(b"AUTH PLAIN " + b64(f"\0{login}\0secret") + b"\r\n") == "235 2.7.0 welcome"
    return s


def send(s, sender="a@example.net", recipients=1):
    """What MAIL says, unless it is 250; what the RCPTs say, unless all are; what the message gets."""
    said = s.ask(b"MAIL FROM:<%s>\r\n" % sender.encode())
    if not said.startswith("250"):
        return said
    said = [s.ask(b"RCPT TO:<b@mail.example.org>\r\n") for _ in range(recipients)]
    if not said[-1].startswith("250"):
        return said[-1]
    assert s.ask(b"DATA\r\n").startswith("354")
    return s.ask(b"x\r\n.\r\n")


def count(host, address="192.0.2.7", login=None, sender="a@example.net", most=8, **env):
    """How many messages are taken in one session; then what was said, in the words of the limit."""
    s = session(host, address, login, **env)
    for n in range(most):
        said = send(s, sender)
        if not said.startswith("250"):
            break
    code, log = s.end()
    reached = REACHED.search(said)
    return (n, reached[1], reached[2]) if reached else (most, log.count("no limits"))


def test_messages_of_an_address(site):
    limits(site, "address messages 3/hour\n")
    assert count(site) == (3, "192.0.2.7", "messages 3/hour")
    assert count(site) == (0, "192.0.2.7", "messages 3/hour")
    assert count(site, "192.0.2.8") == (3, "192.0.2.8", "messages 3/hour")
    assert count(site, "2001:db8::1") == (3, "2001:db8::/64", "messages 3/hour")
    assert count(site, "2001:db8::ffff:1") == (0, "2001:db8::/64", "messages 3/hour")
    assert "address 192.0.2.7 messages 3 of 3/hour wait " in site.sh("qmailctl limits").stdout
    assert site.log("qmail-limits").count("reached 192.0.2.7:_messages_3/hour\n") == 1
    assert site.sh("qmailctl limits clear 192.0.2.7").stdout == "1 begins anew\n"
    assert count(site, most=3) == (3, 0)


def test_what_is_said_and_logged(site):
    limits(site, "address messages 1/day\n")
    s = session(site)
    send(s)
    said = send(s)
    assert re.fullmatch(r"451 4\.7\.1 over the limit of 192\.0\.2\.7: messages 1/day, come again in \d+ hours \(#4\.7\.1\)", said)
    code, log = s.end()
    assert f"qmail-smtpd: refused from 192.0.2.7 at MAIL sender <a@example.net>: {said}\n" in log
    site.write("/tmp/log", log)
    site.sh("sed s,/var/log/qmail/qmail-auth/current,/tmp/log, /var/qmail/doc/fail2ban-mailtree.conf > /tmp/filter.conf")
    assert "0 matched" in site.sh("fail2ban-regex /tmp/log /tmp/filter.conf").stdout


def test_connections_and_who_is_free(site):
    limits(site, "address connections 2/hour\naddress 198.51.100.0/24 free\nweb: address connections 1/hour\n")
    assert [bool(session(site)) for _ in range(4)] == [True, True, False, False]
    s = Session(site, env={"TCPREMOTEIP": "192.0.2.7"})
    assert re.fullmatch(r"421 4\.7\.0 over the limit of 192\.0\.2\.7: connections 2/hour, come again in .*", s.hear())
    code, log = s.end()
    assert re.search(r": 0 accepted, 1 refused, 0 commands, \d+ s, limits$", log.splitlines()[-1])
    for _ in range(4):
        assert session(site, "127.0.0.1") and session(site, "::1") and session(site, RELAYCLIENT="") and session(site, SMTPD_LIMITS="off")
        assert session(site, "198.51.100.9")
    assert [bool(session(site, "127.0.0.1", SMTPD_LIMITS="web")) for _ in range(2)] == [True, False]
    assert [bool(session(site, "192.0.2.9", SMTPD_LIMITS="mistyped")) for _ in range(3)] == [True, True, False]


def test_logins_and_their_domains(site):
    limits(site, "login messages 4/hour\nlogin ann messages 2/hour\n", "qmail-auth")
    assert count(site, login="joe", sender="joe@mail.example.org") == (4, "joe", "messages 4/hour")
    assert count(site, "127.0.0.1", login="joe", sender="joe@mail.example.org") == (0, "joe", "messages 4/hour")
    assert count(site, login="ann", sender="ann@mail.example.org", RELAYCLIENT="") == (2, "ann", "messages 2/hour")
    assert count(site) == (8, 0)
    site.control("limits", "domain messages 5/hour\n")
    site.sh("svc -t /service/qmail-limits")
    assert eventually(lambda: site.log("qmail-limits").count("listens on") == 2)
    assert count(site, login="joe", sender="joe@mail.example.org") == (5, "mail.example.org", "messages 5/hour")
    assert count(site, login="ann", sender="ann@mail.example.org") == (0, "mail.example.org", "messages 5/hour")


def test_recipients(site):
    limits(site, "login recipients 7/hour\n", "qmail-auth")
    s = session(site, login="joe")
    assert send(s, "joe@mail.example.org", 5).startswith("250")
    assert send(s, "joe@mail.example.org", 2).startswith("250")
    assert REACHED.search(send(s, "joe@mail.example.org"))[2] == "recipients 7/hour"
    s.end()
    site.sh("qmailctl limits clear joe")
    s = session(site, login="joe")
    s.say(b"MAIL FROM:<joe@mail.example.org>\r\n" + 9 * b"RCPT TO:<b@mail.example.org>\r\n" + b"DATA\r\n")
    assert [s.hear()[:3] for _ in range(11)] == 8 * ["250"] + 2 * ["451"] + ["354"]
    assert s.ask(b"x\r\n.\r\n").startswith("250")
    s.end()


def test_without_the_file_only_logins_are_limited_and_strangers_do_not_ask(site):
    site.start("qmail-limits")
    assert "addresses" not in site.sh("ls /var/qmail/run/limits").stdout
    s = Session(site, limits=["strace", "-f", "-o", "/tmp/trace"], env={"TCPREMOTEIP": "192.0.2.7"}).begin()
    s.end()
    trace = site.read("/tmp/trace").decode()
    assert "run/limits/addresses" in trace and "AF_UNIX" not in trace
    site.control("limits", "address messages 1/day\n")
    assert eventually(lambda: "addresses" in site.sh("ls /var/qmail/run/limits").stdout, 30)
    assert count(site) == (1, "192.0.2.7", "messages 1/day")


def test_a_kept_connection_asks_rarely(site):
    limits(site, "address messages 100000/hour\n")
    s = Session(site, limits=["strace", "-e", "trace=%net", "-o", "/tmp/trace"], env={"TCPREMOTEIP": "192.0.2.7"}).begin()
    s.ask(b"HELO me\r\n")
    for _ in range(100):
        assert send(s).startswith("250")
    s.end()
    trace = site.read("/tmp/trace").decode()
    assert trace.count("4:send,") + trace.count("7:connect,") <= 4 and trace.count("4:done,") == 1
    assert site.sh("qmailctl limits").stdout == ""


def test_a_restart_forgets_nothing(site):
    limits(site, "address messages 3/day\n")
    assert count(site)[0] == 3
    for n, signal in enumerate("tt", 2):
        site.sh(f"svc -{signal} /service/qmail-limits")
        assert eventually(lambda: site.log("qmail-limits").count("listens on") == n)
        assert count(site) == (0, "192.0.2.7", "messages 3/day")
    site.write("/var/qmail/run/limits/counts", "rubbish\n\n\0address\n")
    site.sh("svc -k /service/qmail-limits")
    assert eventually(lambda: site.log("qmail-limits").count("listens on") == 4)
    assert count(site)[0] == 3


def state(host):
    """The letter of the process: S sleeping, T stopped; nothing: there is none."""
    return host.sh("ps -C qmail-limitd -o s=", check=False).stdout.strip()


def test_while_it_is_away_mail_goes_on(site):
    limits(site, "address messages 3/day\n")
    site.sh("svc -d /service/qmail-limits")
    assert eventually(lambda: site.sh("[ ! -e /var/qmail/run/limits/socket ]", check=False).returncode == 0)
    assert count(site) == (8, 0)
    site.sh("svc -o /service/qmail-limits")
    assert eventually(lambda: site.log("qmail-limits").count("listens on") == 2)
    site.sh("svc -k /service/qmail-limits")
    assert eventually(lambda: site.sh("pgrep -x qmail-limitd", check=False).returncode)
    assert count(site) == (8, 1)
    site.sh("svc -u /service/qmail-limits")
    assert eventually(lambda: site.log("qmail-limits").count("listens on") == 3)
    assert count(site)[:1] == (3,)
    site.sh("svc -p /service/qmail-limits")
    assert eventually(lambda: state(site) == "T")
    assert count(site, "192.0.2.8") == (8, 1)
    site.sh("svc -c /service/qmail-limits")
    assert count(site) == (0, "192.0.2.7", "messages 3/day")


def test_killed_and_stopped_under_load(site):
    """Whatever becomes of it each message of each session is taken, and afterwards it counts again."""
    limits(site, "address messages 1000000/day\naddress connections 1000000/day\n")
    over, taken, lost = threading.Event(), [], []

    def client():
        while not over.is_set():
            s = session(site)
            for _ in range(5):
                (taken if send(s).startswith("250") else lost).append(1)
            s.end()

    clients = [threading.Thread(target=client) for _ in range(4)]
    for c in clients:
        c.start()
    for signal in "kkpkcpck":
        enough = len(taken) + 15
        assert eventually(lambda: len(taken) > enough or lost, 60)
        site.sh(f"svc -{signal} /service/qmail-limits")
    over.set()
    for c in clients:
        c.join()
    assert not lost and len(taken) > 100
    site.control("limits", "address messages 3/day\n")
    begun = site.log("qmail-limits").count("listens on")
    site.sh("svc -k /service/qmail-limits")
    assert eventually(lambda: site.log("qmail-limits").count("listens on") > begun)
    assert count(site, "192.0.2.9") == (3, "192.0.2.9", "messages 3/day")


def test_who_may_ask(site):
    limits(site, "address messages 3/day\n")
    assert site.sh("qmail-limits", user="joe", check=False).returncode == 100
    ask = ("import socket; s = socket.socket(socket.AF_UNIX); s.connect('/var/qmail/run/limits/socket'); "
           "s.sendall(b'28:4:list,0:,0:,0:,0:,1:0,1:0,1:0,,'); print(s.recv(9))")
    done = site.run(["/usr/bin/python3", "-c", ask], user="joe", check=False)
    assert b"granted" not in done.stdout and b"7:" not in done.stdout
    done = site.run(["/usr/bin/python3", "-c", ask], user="qmaild", check=False)
    assert b"7:" not in done.stdout


def test_what_is_wrong_with_the_file_is_told(site):
    limits(site, "address messages 3/week\nadress messages 3/day\naddress messages 2/day\n")
    assert count(site)[0] == 2
    log = site.log("qmail-limits")
    assert "warning: control/limits: not NUMBER/minute, NUMBER/hour or NUMBER/day at its end: address_messages_3/week\n" in log
    complaints = site.sh("qmail-showctl -c", check=False).stdout
    assert "control/limits" in complaints and "does not begin with address, login or domain" in complaints


def test_limits_that_nobody_keeps_are_told(site):
    site.control("limits", "login messages 3/day\n")
    complaint = "qmailctl: control/limits limits nobody: qmail-limits, which keeps to it, is not wanted\n"
    assert complaint not in site.sh("qmailctl check", check=False).stderr
    site.sh("touch /var/qmail/supervise/qmail-limits/down")
    assert complaint in site.sh("qmailctl check", check=False).stderr
