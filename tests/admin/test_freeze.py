"""qmailctl freeze and thaw: an account that nobody gets into, and its mail that waits; and all as it was."""

import re

import pytest

from tests.auth.asking import password
from tests.host import eventually
from tests.smtp.session import Session
from tests.smtp.test_auth import CLEAR, plain
from tests.vdomains.test_domains import run

FROZEN = "550 5.7.1 sorry, this account is frozen (#5.7.1)"


@pytest.fixture
def site(host):
    """An account and a virtual user; qmail-send finds nobody it could send to."""
    host.user("joe", "secret")
    host.user("ann", "secret")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vaddaliasdomain", "example.net", "alias.example")
    run(host, "vadduser", "joe@example.net", "secret")
    host.control("virtualdomains", host.read("/var/qmail/control/virtualdomains").decode() +
                 "shop.example:joe-shop\nann@one.example:ann\n.sub.example:joe\n")
    host.control("locals", "mail.example.org\nexample.org\n")
    host.dns({"far.example": ["SERVFAIL"]})
    host.start("qmail-auth", "qmail-users", "qmail-send")
    return host


def queue(host, *senders):
    """A message of each sender that waits; their numbers."""
    for sender in senders:
        host.sh(f"printf 'Subject: x\\n\\nx\\n' | qmail-inject -f '{sender}' a@far.example")
    assert eventually(lambda: host.sh("qmail-qctl list").stdout.count("\n") >= len(senders))
    return {line.split()[0]: line for line in host.sh("qmail-qctl list").stdout.splitlines()}


def held(host):
    """The senders of the messages that are held."""
    return sorted(re.findall(r'"sender":"([^"]*)","held":true', host.sh("qmail-qctl list --json").stdout))


def logins(host, login="joe"):
    """What is said to the right password by SMTP and POP3."""
    return [password(host, login, "secret", access).partition("|")[0] for access in ("smtp", "pop3")] + [
        host.sh(f"printf '{login}\\0secret\\0\\0' | checklogin true 3<&0", check=False).returncode]


OWN = ["joe@mail.example.org", "Joe@example.org", "any@shop.example", "x@a.sub.example"]
OTHERS = ["ann@mail.example.org", "joe-x@example.org", "joe@example.net", "joe@far.example", "ann@one.example", ""]


def test_an_account_of_the_system(site):
    queue(site, *OWN, *OTHERS)
    assert logins(site) == ["let in", "let in", 0]
    said = site.sh("qmailctl freeze joe", env={"SUDO_USER": "admin"}).stdout
    assert said == "joe is frozen: it cannot log in or send, and 4 of its messages are held.\n"
    assert held(site) == sorted(OWN)
    assert logins(site) == ["wrong", "wrong", 1]
    assert "user joe: account is frozen" in site.log("qmail-auth")
    assert logins(site, "ann")[:2] == ["let in", "let in"] and logins(site, "joe@example.net")[:2] == ["let in", "let in"]
    assert re.fullmatch(r"joe since 20\S+Z by admin, messages held: 4\n", site.sh("qmailctl frozen").stdout)
    site.sh("printf 'Subject: in\\n\\nx\\n' | qmail-inject -fann@mail.example.org joe@mail.example.org")
    assert eventually(lambda: site.maildir("joe"))
    assert site.sh("qmailctl thaw joe").stdout == "joe is as it was, and 4 of its messages go on.\n"
    assert held(site) == [] and logins(site)[:2] == ["let in", "let in"]
    assert site.sh("qmailctl frozen").stdout == ""
    log = site.read("/var/qmail/frozen/log").decode().splitlines()
    assert [line.partition(" ")[2] for line in log] == ["froze joe, messages held: 4 by admin", "thawed joe, messages released: 4 by root"]


def test_a_virtual_user_and_his_flags(site):
    queue(site, "joe@example.net", "JOE@alias.example", "postmaster@example.net", "joe@mail.example.org")
    site.sh("vmoduser -w joe@example.net")
    before = site.sh("vuserinfo -dgp joe@example.net").stdout
    assert logins(site, "joe@example.net")[:2] == ["let in", "let in"]
    assert site.sh("qmailctl freeze Joe@Alias.example").stdout.startswith("joe@example.net is frozen")
    assert held(site) == ["JOE@alias.example", "joe@example.net"]
    for name in ("joe@example.net", "joe@alias.example", "JOE@example.net"):
        assert logins(site, name)[:2] == ["denied", "denied"]
    assert "joe@example.net from 192.0.2.7 by smtp: is frozen" in site.log("qmail-users")
    assert logins(site, "joe")[:2] == ["let in", "let in"]
    site.sh("qmailctl thaw joe@alias.example")
    assert held(site) == [] and logins(site, "joe@example.net")[:2] == ["let in", "let in"]
    assert site.sh("vuserinfo -dgp joe@example.net").stdout == before


def test_only_what_freeze_held_is_released(site):
    numbers = queue(site, "joe@mail.example.org", "joe@example.org")
    first = sorted(numbers)[0]
    site.sh(f"qmail-qctl hold {first}")
    assert "and 1 of its messages are held" in site.sh("qmailctl freeze joe").stdout
    queue(site, "joe@example.org", "ann@example.org", "ann@example.org")
    assert len(held(site)) == 2
    assert "and 1 of its messages are held" in site.sh("qmailctl freeze joe").stdout
    assert len(held(site)) == 3
    site.sh("svc -t /service/qmail-send")
    assert "2 of its messages go on" in site.sh("qmailctl thaw joe").stdout
    assert [line.split()[0] for line in site.sh("qmail-qctl list -H").stdout.splitlines()] == [first]


def test_a_queue_that_cannot_be_read_leaves_the_account_frozen(site):
    queue(site, "joe@example.org")
    site.sh("qmailctl freeze joe && mount -t tmpfs none /var/qmail/queue/mess")
    done = site.run(["qmailctl", "thaw", "joe"], check=False)
    site.sh("umount /var/qmail/queue/mess")
    assert done.returncode == 111 and b"thaw: unable to look at the queue" in done.stderr
    assert logins(site)[:2] == ["wrong", "wrong"] and len(held(site)) == 1
    assert "1 of its messages go on" in site.sh("qmailctl thaw joe").stdout


def test_a_session_that_is_there_already_sends_nothing_more(site):
    site.sh("mkdir -m 777 /tmp/catch")
    s = Session(site, env=CLEAR).begin()
    s.say(b"EHLO me\r\n")
    while s.hear()[3] == "-":
        pass
    assert s.ask(plain("joe", "secret")) == "235 2.7.0 welcome"
    assert s.ask(b"MAIL FROM:<joe@example.org>\r\n") == "250 2.1.0 ok"
    site.sh("qmailctl freeze joe")

    def said():
        s.ask(b"RSET\r\n")
        return s.ask(b"MAIL FROM:<joe@example.org>\r\n")
    assert eventually(lambda: said() == FROZEN, 20, every=0.5)
    site.sh("qmailctl thaw joe")
    assert said() == "250 2.1.0 ok"
    s.end()


def test_a_checker_of_the_site(site):
    site.write("/usr/local/bin/checker", "#!/bin/sh\nexec \"$@\"\n", mode=0o755)
    site.control("checkpassword", "/usr/local/bin/checker\n")
    assert logins(site, "joe") == ["let in", "let in", 0]
    site.sh("qmailctl freeze joe")
    assert logins(site, "joe") == ["denied", "denied", 1]
    site.sh("qmailctl thaw joe")
    assert logins(site, "joe") == ["let in", "let in", 0]


def test_who_is_not_there(site):
    for name in ("nobody-there", "nobody@example.net", "joe@far.example", "../joe", ".log", "joe/x", "a b",
                 site.sh("id -u joe").stdout.strip()):
        done = site.run(["qmailctl", "freeze", name], check=False)
        assert (done.returncode, done.stderr.decode()) == (100, f"qmailctl: fatal: freeze: no such account: {name}\n")
    assert site.run(["qmailctl", "thaw", "joe"], check=False).returncode == 100
    assert site.run(["qmailctl", "thaw", "../log"], check=False).returncode == 100
    assert site.sh("qmailctl freeze joe", user="ann", check=False).returncode == 100
    assert site.sh("ls /var/qmail/frozen/accounts").stdout == ""


def test_a_place_that_cannot_be_read_is_trouble(site):
    site.sh("rm -r /var/qmail/frozen && ln -s frozen /var/qmail/frozen")
    assert [word for word in logins(site)[:2]] == ["trouble", "trouble"]
    assert logins(site, "joe@example.net")[:2] == ["trouble", "trouble"]
