"""qmail-authd: whose password is right, who looks at it, and who may ask."""

import statistics
import subprocess
import time

import pytest

from tests.host import eventually
from tests.auth.asking import ASK, ask, many, password
from tests.vdomains.test_domains import run

CHECKER = """#!/bin/sh
# The checker of a site: what it is told is in /tmp/told.
{ tr '\\000' '|' <&3; echo " $* $TCPREMOTEIP $TCPLOCALPORT $(id -u)"; } >> /tmp/told
case $(tail -n 1 /tmp/told) in
  *right*) exec "$@";;
  *busy*) exit 111;;
  *odd*) exit 7;;
  *killed*) kill -9 $$;;
  *) exit 1;;
esac
"""


@pytest.fixture
def site(host):
    """A host whose users may log in."""
    host.user("joe", "se cret: %")
    host.start("qmail-auth")
    return host


def refusals(host):
    return [line for line in host.log("qmail-auth").splitlines() if line.startswith("qmail-authd: refused")]


def test_an_account_of_the_system(site):
    site.user("ann", "x")
    site.sh("usermod --expiredate 1 ann; echo root:top | chpasswd -c YESCRYPT")
    assert password(site, "joe", "se cret: %") == "let in|0|joe"
    assert [password(site, *pair) for pair in [("joe", "se cret: "), ("nobody.there", "x"), ("ann", "x"), ("root", "top"), ("daemon", "x"),
                                               ("joe", ""), ("", "x")]] == 3 * ["wrong|2|"] + ["wrong|4|", "wrong|6|", "wrong|8|", "wrong|10|"]
    assert refusals(site) == [f"qmail-authd: refused from 192.0.2.7 by smtp user {rest}" for rest in [
        "joe: wrong password", "nobody.there: no such user", "ann: account expired", "root: root may not log in",
        "daemon: account without password", "joe: no name or password that can be", ": no name or password that can be"]]


def test_a_virtual_user_and_an_account_log_in_side_by_side(site):
    site.start("qmail-users")
    run(site, "vadddomain", "example.net", "secret")
    run(site, "vaddaliasdomain", "example.net", "alias.example")
    run(site, "vadduser", "joe@example.net", "pass word")
    assert password(site, "JOE@alias.example", "pass word") == "let in|0|joe@example.net"
    assert password(site, "joe", "se cret: %") == "let in|0|joe"
    assert password(site, "joe@example.net", "se cret: %").startswith("wrong|2")
    run(site, "vmoduser", "-s", "joe@example.net")
    assert password(site, "joe@example.net", "pass word") == "denied|2|"
    assert password(site, "joe@example.net", "pass word", access="pop3") == "let in|0|joe@example.net"
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: password(site, "joe@example.net", "pass word") == "trouble|0|", 20)
    assert password(site, "joe", "se cret: %") == "let in|0|joe"
    assert refusals(site)[-1] == "qmail-authd: refused from 192.0.2.7 by smtp user joe@example.net: qmail-users cannot tell now"


def test_a_right_password_that_may_not_be_used_here_tells_nothing(site):
    site.start("qmail-users")
    run(site, "vadddomain", "example.net", "secret")
    run(site, "vadduser", "joe@example.net", "pass word")
    run(site, "vmoduser", "-s", "joe@example.net")
    site.control("penalty", "6\n")
    answers = [password(site, "joe@example.net", secret) for secret in ("a", "b", "c", "pass word", "d", "pass word", "e")]
    assert answers == ["wrong|2|"] * 3 + ["denied|4|", "wrong|6|", "denied|8|", "wrong|10|"]
    assert password(site, "joe@example.net", "f").startswith("must wait|")


def test_without_a_domain_as_the_site_says(site):
    site.start("qmail-users")
    run(site, "vadddomain", "example.net", "secret")
    run(site, "vadduser", "joe@example.net", "pass word")
    site.write("/home/vpopmail/etc/defaultdomain", "example.net\n")
    site.control("checkpassword", "vchkpw\n")
    assert password(site, "joe", "pass word") == "let in|0|joe@example.net"
    assert password(site, "joe", "se cret: %").startswith("wrong")


def test_any_password_checker(site):
    site.write("/usr/local/bin/checker", CHECKER, mode=0o755)
    site.control("checkpassword", "checker\n")
    site.write("/var/qmail/control/penaltyfree", "192.0.2.0/24\n")
    assert password(site, "ann", "right one") == "let in|0|ann"
    assert password(site, "ann", "deadbeef", challenge="<1.2@right>") == "let in|0|ann"
    assert password(site, "ann", "x") == "wrong|2|"
    assert [password(site, "ann", word) for word in ("busy", "odd", "killed")] == 3 * ["trouble|0|"]
    assert password(site, "ann", "right" * 110) == "wrong|2|"
    assert site.read("/tmp/told").decode().splitlines()[:3] == [
        "ann|right one|| true 192.0.2.7 587 0", "ann|deadbeef|<1.2@right>| true 192.0.2.7 587 0", "ann|x|| true 192.0.2.7 587 0"]
    site.control("checkpassword", "/no/such/checker\n")
    assert password(site, "ann", "right") == "trouble|0|"
    assert [line.rpartition(": ")[2] for line in refusals(site)] == [
        "the checker refuses", "the checker cannot tell now", "the checker is misused", "the checker crashed",
        "no name or password that can be", "the checker cannot tell now"]


def test_a_checker_that_cannot_be_watched_is_not_waited_for(site):
    site.write("/usr/local/bin/checker", "#!/bin/sh\nexec sleep 1000\n", mode=0o755)
    site.control("checkpassword", "checker\n")
    site.sh("svc -d /service/qmail-auth")
    assert eventually(lambda: site.sh("[ ! -e /var/qmail/run/auth/socket ]", check=False).returncode == 0)
    service = site.popen(["sh", "-c", "echo $$ > /run/pid; exec strace -f -o /dev/null -e trace=pidfd_open "
                          "-e inject=pidfd_open:error=EMFILE /var/qmail/bin/qmail-authd"], stderr=subprocess.PIPE)
    try:
        assert eventually(lambda: site.sh("[ -e /var/qmail/run/auth/socket ]", check=False).returncode == 0)
        assert password(site, "ann", "x") == "trouble|0|"
    finally:
        site.sh("kill $(pgrep -P $(cat /run/pid))")
        log = service.communicate(timeout=60)[1].decode()
    assert "refused from 192.0.2.7 by smtp user ann: the checker cannot be watched" in log


def test_only_who_serves_logins_is_answered(site):
    assert password(site, "joe", "se cret: %", user="root") == "let in|0|joe"
    assert [password(site, "joe", "se cret: %", user=user) for user in ("joe", "vpopmail")] == ["", ""]
    assert ask(site, "may try", "pop3", "joe", "x", "", "192.0.2.7", user="vpopmail") == ""
    assert ask(site, "has failed", "pop3", "joe", "7", "", "192.0.2.7", user="vpopmail") == ""
    assert ask(site, "list", "smtp", user="qmaild") == "" and ask(site, "empty", "smtp", user="qmaild") == ""
    assert ask(site, "list", "smtp") == "let in|0|"


def test_what_is_no_question_harms_nobody(site):
    site.sh("for i in 1 2 3 4 5 6; do head -c 5000 /dev/urandom | /usr/bin/python3 -c 'import socket, sys; "
            "s = socket.socket(socket.AF_UNIX); s.connect(\"/var/qmail/run/auth/socket\"); s.sendall(sys.stdin.buffer.read())'; done",
            check=False)
    assert password(site, "joe", "se cret: %") == "let in|0|joe"
    assert "worker" not in site.log("qmail-auth").replace("workers listen", "")


def test_nobody_takes_as_long_as_somebody(site):
    site.write("/var/qmail/control/penaltyfree", "192.0.2.0/24\n")

    def seconds(name):
        began = time.monotonic()
        password(site, name, "wrong")
        return time.monotonic() - began

    both = [(seconds("joe"), seconds("nobody.there")) for _ in range(9)]
    joe, nobody = (statistics.median(times) for times in zip(*both))
    assert abs(joe - nobody) < 0.3 * max(joe, nobody), both


def test_names_forge_no_line(site):
    password(site, "joe\nqmail-authd: refused from 10.0.0.1 by smtp user a: wrong password", "x")
    assert refusals(site) == ["qmail-authd: refused from 192.0.2.7 by smtp user "
                              "joe/qmail-authd:_refused_from_10.0.0.1_by_smtp_user_a:_wrong_password: no such user"]


# ---- the box ----

def test_guessing_ends_in_the_box(site):
    assert many(site, 60, "192.0.2.7") == "must wait 50|wrong 10"
    assert password(site, "joe", "se cret: %").startswith("must wait|")
    assert password(site, "joe", "se cret: %", client="192.0.2.8") == "let in|0|joe"
    assert "qmail-authd: penalty for 192.0.2.7: 60 seconds" in site.log("qmail-auth")
    told = site.sh("qmailctl penalty").stdout.split()
    assert told[:4] == ["192.0.2.7", "failures", "10", "wait"] and 30 < int(told[4]) <= 60
    assert site.sh("qmailctl penalty empty 192.0.2.7").stdout == "1 address may try again\n"
    assert password(site, "joe", "se cret: %") == "let in|0|joe"
    assert site.sh("qmailctl penalty").stdout == ""


def test_networks_of_ipv6(site):
    many(site, 5, "2001:db8:1:2::1", "2001:db8:1:2::2")
    assert password(site, "joe", "se cret: %", client="2001:db8:1:2:3::").startswith("must wait|")
    assert password(site, "joe", "se cret: %", client="2001:db8:1:3::1") == "let in|0|joe"
    assert site.sh("qmail-penalty list").stdout.startswith("2001:db8:1:2::/64 failures 10 wait ")


def test_some_never_wait(site):
    site.write("/var/qmail/control/penaltyfree", "# the office\n198.51.100.0/24\n")
    assert many(site, 30, "127.0.0.1", "198.51.100.9") == "wrong 60"
    many(site, 10, "192.0.2.7")
    assert password(site, "joe", "se cret: %").startswith("must wait|")
    site.write("/var/qmail/control/penaltyfree", "192.0.2.7\n")
    assert password(site, "joe", "se cret: %") == "let in|0|joe"


def test_the_site_says_how_many(site):
    site.control("penalty", "3\n")
    assert many(site, 5, "192.0.2.7") == "must wait 2|wrong 3"
    site.control("penalty", "0\n")
    assert many(site, 20, "192.0.2.8") == "wrong 20"


def test_a_program_with_an_old_password_shuts_nobody_out(site):
    seconds = [2, 2, 2, 4, 6, 8] + 14 * [10]
    assert [password(site, "joe", "the old one") for _ in seconds] == [f"wrong|{n}|" for n in seconds]
    assert password(site, "joe", "se cret: %") == "let in|0|joe"


def test_who_checks_himself_tells_of_it(site):
    assert ask(site, "may try", "pop3", "joe", "x", "", "192.0.2.7") == "let in|0|"
    for n in range(10):
        assert ask(site, "has failed", "pop3", "joe", f"{n}", "", "192.0.2.7").startswith("let in|")
    assert ask(site, "may try", "pop3", "", "", "", "192.0.2.7").startswith("must wait|")
    assert password(site, "joe", "se cret: %").startswith("must wait|")
    assert refusals(site) == ["qmail-authd: refused from 192.0.2.7 by smtp user joe: must wait"]


def test_a_checker_that_hangs_keeps_nobody_from_the_box(site):
    site.write("/usr/local/bin/checker", "#!/bin/sh\nexec sleep 1000\n", mode=0o755)
    site.control("checkpassword", "checker\n")
    hanging = [site.popen(["/usr/bin/python3", "-c", ASK, "socket", "password", "smtp", "ann", "x", "", "192.0.2.7", ""]) for _ in range(5)]
    assert eventually(lambda: site.sh("pgrep -fc '^sleep 1000'", check=False).stdout == "4\n"), site.sh("ps axf").stdout
    assert ask(site, "may try", "pop3", "joe", "x", "", "192.0.2.8", door="quick") == "let in|0|"
    assert ask(site, "password", "smtp", "joe", "x", "", "192.0.2.8", door="quick") == ""
    assert site.sh("qmail-penalty").returncode == 0
    for process in hanging:
        process.kill()


def test_qmail_penalty_tells_what_it_cannot(site):
    assert site.sh("qmail-penalty empty here", check=False).returncode == 100
    assert site.sh("qmail-penalty full", check=False).returncode == 100
    assert site.sh("qmail-penalty", user="joe", check=False).returncode == 100
    site.sh("svc -d /service/qmail-auth")
    assert eventually(lambda: site.sh("qmail-penalty", check=False).returncode == 111)


# ---- fail2ban ----

def test_the_filter_for_fail2ban_matches_refusals_and_nothing_else(site):
    site.write("/tmp/filter.conf", site.read("/var/qmail/doc/fail2ban-mailtree.conf"))
    log = [f"@40000000656e1a2b0000000{n} {line}" for n, line in enumerate([
        "qmail-authd: refused from 192.0.2.1 by smtp user joe: wrong password",
        "qmail-authd: refused from 2001:db8::1 by pop3 user joe@example.net: wrong name or password",
        "qmail-popup: ip 192.0.2.3 user ann: refused",
        "qmail-popup: ip 192.0.2.9 user ann: must wait",
        "qmail-authd: refused from 192.0.2.4 by smtp user : no name or password that can be",
        "qmail-authd: refused from 192.0.2.5 by smtp user joe: qmail-users cannot tell now",
        "qmail-authd: refused from 192.0.2.6 by smtp user joe: may not use this service",
        "qmail-popup: ip 192.0.2.7 user ann: session over",
        "qmail-authd: penalty for 192.0.2.8: 60 seconds"])]
    site.write("/tmp/log", "\n".join(log) + "\n")
    said = site.sh("fail2ban-regex --print-all-matched /tmp/log /tmp/filter.conf").stdout
    assert "Lines: 9 lines, 0 ignored, 5 matched, 4 missed" in said, said
    password(site, "joe", "x")
    said = site.sh("fail2ban-regex /var/log/qmail/qmail-auth/current /tmp/filter.conf").stdout
    assert " 1 matched" in said, said


def test_a_login_costs_no_process(site):
    site.start("qmail-users")
    run(site, "vadddomain", "example.net", "secret")
    run(site, "vadduser", "joe@example.net", "pass word")
    services = site.sh("pgrep -x 'qmail-authd|qmail-usersd'").stdout.split()
    watcher = site.popen(["strace", "-f", "-qq", "-o", "/tmp/processes", "-e", "trace=clone,clone3,fork,vfork,execve,connect",
                          *[word for pid in services for word in ("-p", pid)]])
    assert eventually(lambda: all(site.sh(f"grep TracerPid /proc/{pid}/status").stdout.split()[1] != "0" for pid in services))
    assert password(site, "joe@example.net", "pass word") == "let in|0|joe@example.net"
    assert password(site, "joe", "se cret: %") == "let in|0|joe"
    assert password(site, "joe", "other") == "wrong|2|"
    site.sh("pkill -x strace")
    watcher.wait(20)
    seen = site.read("/tmp/processes").decode()
    assert "connect(" in seen and not [line for line in seen.splitlines() if "connect(" not in line], seen
