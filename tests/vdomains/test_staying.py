"""Who asks qmail-usersd again and again stays connected with it: that is seen by nobody, whatever becomes of the service meanwhile."""

import contextlib
import re
import subprocess
import time

import pytest

from tests.host import eventually
from tests.smtp.session import Session
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import ASK, HOLD, LOCKED, PLACE, RAW, default, site, who      # noqa: F401 (a fixture)


class Open(Session):
    """A session that goes on asking."""

    def recipients(self, *addresses):
        return [self.ask(b"RCPT TO:<%s>\r\n" % address.encode()) for address in addresses]


@contextlib.contextmanager
def session(host, **more):
    """One whose connection stays: it has asked twice."""
    s = Open(host, **more).begin()
    s.ask(b"MAIL FROM:<>\r\n")
    assert s.recipients("joe@example.net", "nobody@example.net", "joe@example.net") == [OK, UNKNOWN, OK]
    try:
        yield s
    finally:
        s.end()


def test_a_session_comes_once_more_however_much_it_asks(site):
    with session(site, limits=["strace", "-f", "-o", "/tmp/calls", "-e", "trace=connect"]) as s:
        for _ in range(20):
            assert s.recipients("joe@example.net", "postmaster@example.net") == [OK, OK]
    connections = re.findall(r'connect\(.*"/var/qmail/run/users/socket"', site.read("/tmp/calls").decode())
    assert len(connections) == 2


def test_what_a_command_does_is_in_force(site):
    with session(site) as s:
        for n in range(3):
            run(site, "vadduser", "nobody@example.net", "pass word")
            assert s.recipients("nobody@example.net") == [OK]
            run(site, "vmoduser", "-b", "nobody@example.net")
            assert s.recipients("nobody@example.net") == [LOCKED]
            run(site, "vdeluser", "nobody@example.net")
            assert s.recipients("nobody@example.net") == [UNKNOWN]
        default(site, "&a@example.org\n", ".qmail-nobody")
        assert s.recipients("nobody@example.net", "joe@example.net") == [OK, OK]


def test_the_service_comes_anew(site):
    with session(site) as s:
        for _ in range(3):
            site.sh("svc -t /service/qmail-users")
            assert eventually(lambda: s.recipients("joe@example.net", "nobody@example.net") == [OK, UNKNOWN], 5)


def test_the_service_is_killed(site):
    with session(site) as s:
        site.sh("svc -d /service/qmail-users; pkill -9 -x 'qmail-(own|us)ersd'")
        assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
        assert s.recipients("joe@example.net", "nobody@example.net") == [LATER, LATER]
        site.sh("svc -u /service/qmail-users")
        assert eventually(lambda: s.recipients("joe@example.net", "nobody@example.net") == [OK, UNKNOWN], 5)


def test_the_service_hangs(site):
    with session(site) as s:
        site.sh("pkill -STOP -x qmail-usersd")
        began = time.monotonic()
        assert s.recipients("joe@example.net") == [LATER]
        assert 4 < time.monotonic() - began < 10
        site.sh("pkill -CONT -x qmail-usersd")
        assert s.recipients("joe@example.net", "nobody@example.net") == [OK, UNKNOWN]


def test_each_worker_dies(site):
    with session(site) as s:
        site.sh("kill -9 $(pgrep -x qmail-usersd -P $(pgrep -o -x qmail-usersd))")
        assert eventually(lambda: s.recipients("joe@example.net") == [OK], 5)


def test_nobody_waits_behind_a_domain_that_hangs(site):
    """More sessions than workers, and as many questions as a domain may keep workers busy with: a session whose worker is among those
    goes to another one."""
    run(site, "vadddomain", "other.example", "secret")
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(session(site)) for _ in range(16)]
        site.sh(f"rm {PLACE}/vpasswd.cdb")
        holder = site.popen(["/usr/bin/python3", "-c", HOLD], stdout=subprocess.PIPE)
        assert holder.stdout.readline() == b"held\n"
        hanging = [site.popen(["/usr/bin/python3", "-c", ASK, "users/socket", "who", "pop3", "joe@example.net", "", "", "", ""],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(4)]
        time.sleep(1)
        times = []
        for s in sessions:
            began = time.monotonic()
            assert s.recipients("postmaster@other.example", "no@other.example") == [OK, UNKNOWN]
            times.append(time.monotonic() - began)
        assert max(times) < 2, times
        site.sh("pkill -f 'sleep[(]600'")
        for process in [*hanging, holder]:
            process.wait()
        holder.stdout.close()
        assert all(s.recipients("joe@example.net") == [OK] for s in sessions)


def test_there_may_be_more_sessions_than_places(site):
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(session(site)) for _ in range(24)]
        for _ in range(5):
            for s in sessions:
                assert s.recipients("joe@example.net", "nobody@example.net") == [OK, UNKNOWN]


def test_who_asks_nothing_is_hung_up_on(site):
    place = "ss -Hx state connected | grep -c run/users/socket || :"
    with session(site) as s:
        assert site.sh(place).stdout == "1\n"
        assert eventually(lambda: site.sh(place).stdout == "0\n", 10, every=0.5)
        assert s.recipients("joe@example.net", "nobody@example.net") == [OK, UNKNOWN]


TWICE = r"""
import socket
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect("/var/qmail/run/users/socket")
question = b"+44:3:who,4:pop3,15:joe@example.net,0:,0:,0:,0:,,"
for i in range(2):
    try:
        s.sendall(question)
        print(s.recv(9999).decode())
    except OSError:
        print("hung up")
"""


@pytest.mark.parametrize("user, said", [("root", "mailbox"), ("qmaild", "mailbox"), ("qmailr", "not yours")])
def test_who_is_not_of_us_asks_once(site, user, said):
    first, second = site.run(["/usr/bin/python3", "-c", TWICE], user=user).stdout.decode().splitlines()
    assert said in first
    assert (said in second) == (user != "qmailr")


def test_a_question_too_many_at_once_ends_it(site):
    one = "b'+44:3:who,4:pop3,15:joe@example.net,0:,0:,0:,0:,,'"
    done = site.run(["/usr/bin/python3", "-c", RAW, f"{one} * 2"], check=False)
    assert done.stdout == b"b''\n" or b"ConnectionReset" in done.stderr
    assert who(site, "joe@example.net") == "mailbox"
