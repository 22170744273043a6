"""Ten thousand wrong passwords, at POP3 and SMTP together, and who is let in meanwhile."""

import os
import re
import subprocess
import time

import pytest

from tests.host import eventually
from tests.auth.asking import MANY, many, password

# From 203.0.113.25, which is no loopback address: so many connections by so many threads; what is said last on each.
GUESS = r"""
import base64, collections, queue, socket, sys, threading
count, threads, port = map(int, sys.argv[1:])
work, said, lock = queue.SimpleQueue(), collections.Counter(), threading.Lock()
for n in range(count):
    work.put(n)
def talk(n):
    s = socket.create_connection(("203.0.113.25", port), 60, ("203.0.113.25", 0))
    f = s.makefile("rwb", 0)
    f.readline()
    if port == 110:
        f.write(b"USER joe\r\n"); f.readline(); f.write(b"PASS wrong%d\r\n" % n)
        return f.readline()
    f.write(b"EHLO me\r\n")
    while f.readline()[3:4] == b"-":
        pass
    f.write(b"AUTH PLAIN " + base64.b64encode(b"\0joe\0wrong%d" % n) + b"\r\n")
    line = f.readline()
    s.close()
    return line
def worker():
    while True:
        try:
            n = work.get_nowait()
        except queue.Empty:
            return
        line = talk(n)[:13].decode()
        with lock:
            said[line] += 1
all = [threading.Thread(target=worker) for _ in range(threads)]
[t.start() for t in all]
[t.join() for t in all]
for line, number in sorted(said.items()):
    print(number, line)
"""


def guess(host, count, threads, port):
    done = host.run(["/usr/bin/python3", "-c", GUESS, str(count), str(threads), str(port)], timeout=500)
    return {line.partition(" ")[2]: int(line.partition(" ")[0]) for line in done.stdout.decode().splitlines()}


def looked_at(host):
    return host.log("qmail-auth").count(": wrong password")


@pytest.fixture
def site(host):
    host.user("joe", "se cret: %")
    host.write("/etc/tcp.smtp", ':allow,SMTPD_AUTH="clear"\n')
    host.sh("qmailctl cdb; echo 60 > /var/qmail/control/concurrencyincoming")
    host.start("qmail-auth", "qmail-smtpd", "qmail-pop3d")
    return host


def login(host):
    """From another address, as quickly as ever."""
    return host.sh("curl -sS --max-time 20 --user 'joe:se cret: %' pop3://127.0.0.1/").stdout


def test_ten_thousand_wrong_passwords(site):
    first = guess(site, 40, 20, 25)
    assert first["535 5.7.8 wro"] <= 10 + 4 and first["421 4.7.0 too"] >= 26
    assert many(site, 8960, "203.0.113.25") == "must wait 8960"
    said = guess(site, 1000, 20, 25)
    assert said == {"421 4.7.0 too": 1000}
    assert looked_at(site) == first["535 5.7.8 wro"]
    assert login(site) == "\n"
    assert eventually(lambda: site.sh("pgrep -x qmail-smtpd", check=False).returncode)


def test_pop3_and_smtp_count_together(site):
    said = guess(site, 6, 6, 110)
    assert said == {"-ERR authoriz": 6}
    said = guess(site, 20, 4, 25)
    assert said["535 5.7.8 wro"] <= 4 + 4     # and what was under way
    assert guess(site, 5, 5, 110) == {"-ERR too many": 5}
    assert "user joe: must wait" in site.log("qmail-pop3d")
    assert login(site) == "\n"
    site.sh("qmailctl penalty empty 203.0.113.25")
    assert guess(site, 1, 1, 110) == {"-ERR authoriz": 1}


def test_pop3_goes_on_without_the_service(site):
    site.sh("svc -d /service/qmail-auth")
    assert eventually(lambda: site.sh("[ ! -e /var/qmail/run/auth/socket ]", check=False).returncode == 0)
    assert guess(site, 15, 15, 110) == {"-ERR authoriz": 15}
    assert login(site) == "\n"


def kilobytes(host):
    """What all processes of qmail-authd have in memory of their own and share."""
    return sum(int(n) for n in host.sh("for p in $(pgrep -x qmail-authd); do sed -n 's/^Pss: *\\([0-9]*\\) kB/\\1/p' /proc/$p/smaps_rollup; done").stdout.split())


def guessing(host, count, *addresses):
    """The same in the background."""
    return host.popen(["/usr/bin/python3", "-c", MANY, str(count), *addresses], stdout=subprocess.PIPE)


def said_to(process):
    return process.communicate(timeout=300)[0].decode().rstrip("\n")


def test_ten_thousand_from_one_address_from_many_and_from_the_admin(host):
    """At once: who guesses is stopped, a botnet fills no memory, and neither the admin nor anybody else is kept out by it."""
    for name in ("joe", "ann"):
        host.user(name)
        host.sh("chpasswd -e", input=f"{name}:{host.sh('openssl passwd -1 -salt abcdefgh secret').stdout.strip()}\n")
    host.control("penaltyfree", "203.0.113.0/24\n")
    host.start("qmail-auth")
    # What a worker once had in memory it keeps.
    many(host, 50, "127.0.0.1")
    before = kilobytes(host)
    botnet = [f"198.51.{n // 250}.{n % 250}" for n in range(2000)] + [f"2001:db8:{n:x}::1" for n in range(2000)]
    guessers = [guessing(host, 5000, "192.0.2.7"), guessing(host, 1, *botnet), guessing(host, 1000, "203.0.113.25")]
    waited = []
    while any(g.poll() is None for g in guessers):
        began = time.monotonic()
        assert password(host, "ann", "secret", client="192.0.2.99").startswith("let in|")
        assert password(host, "ann", "secret", client="203.0.113.25").startswith("let in|")
        waited.append(time.monotonic() - began)
    one, many_ones, admin = (said_to(g) for g in guessers)
    # After a minute the box opens for one more.
    assert re.fullmatch(r"must wait 49(90|8\d)\|wrong 1\d", one) and (many_ones, admin) == ("wrong 4000", "wrong 1000")
    assert waited and max(waited) < 10
    # A sanitizer holds on to what was freed.
    assert "SANITIZE" in os.environ or kilobytes(host) - before < 6000
    assert password(host, "joe", "secret", client="203.0.113.25").startswith("let in|")
    assert password(host, "joe", "secret", client="192.0.2.7").startswith("must wait|")
    assert len(host.sh("qmailctl penalty").stdout.splitlines()) > 100
