"""A user of a virtual domain logs in: vchkpw, checklogin, and POP3 on the port where accounts log in, too."""

import re
import subprocess

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import PLACE, set_record

JOE = ("joe@example.net", "pass word")


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", *JOE)
    virtual.start("qmail-users")
    return virtual


def check(host, *words, told=None, program="vchkpw", user="root", env=None, run=("sh", "-c", "id -un; pwd; env")):
    """The exit code of the checker, and what the program that it runs says."""
    host.write("/tmp/told", "".join(w + "\0" for w in words) if told is None else told)
    done = host.run(["sh", "-c", '"$@" 3</tmp/told', "sh", program, *run], user=user, check=False,
                    env={"TCPREMOTEIP": "192.0.2.1", "TCPLOCALIP": "203.0.113.25", "TCPLOCALPORT": "110", **(env or {})})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_who_is_let_in_becomes_the_owner_in_his_home(site):
    code, said, _ = check(site, *JOE, "<1@x>")
    assert code == 0
    assert said.splitlines()[:2] == ["vpopmail", f"{PLACE}/joe"]
    assert {"USER=joe", f"HOME={PLACE}/joe", "SHELL=NOLOGIN", "VPOPUSER=joe@example.net"} <= set(said.splitlines())
    assert check(site, *JOE, "", run=("id", "-G"))[1] == site.sh("id -g vpopmail").stdout


def test_a_home_that_is_missing_is_made(site):
    site.sh(f"rm -r {PLACE}/joe")
    assert check(site, *JOE, "")[1].splitlines()[:2] == ["vpopmail", f"{PLACE}/joe"]
    assert site.sh(f"stat -c '%U %a' {PLACE}/joe {PLACE}/joe/Maildir/new").stdout == "vpopmail 750\nvpopmail 700\n"


def test_smtp_stays_what_it_is(site):
    code, said, _ = check(site, *JOE, "", env={"TCPLOCALPORT": "587"})
    assert (code, said.splitlines()[0]) == (0, "root") and "VPOPUSER=joe@example.net" in said


@pytest.mark.parametrize("words, told, code", [
    (("joe@example.net", "wrong", ""), None, 3), (("nobody@example.net", "pass word", ""), None, 3), (("joe", "pass word", ""), None, 3),
    (("", "pass word", ""), None, 12), (("joe@example.net", "", ""), None, 13), ((), "", 15), ((), "joe@example.net\0pass", 15),
    ((), "x" * 513, 3), (("joe@example.net", "pass word"), None, 0)])
def test_exit_codes(site, words, told, code):
    assert check(site, *words, told=told)[:2] == ((code, "") if code else (0, check(site, *JOE, "")[1]))


def courier(host, service, *lines, **more):
    return check(host, told="".join(line + "\n" for line in (service, *lines)), program="authvchkpw", **more)


def test_a_module_of_couriers_logins(site):
    code, said, _ = courier(site, "imap", "login", *JOE)
    assert code == 0 and said.splitlines()[:2] == ["vpopmail", f"{PLACE}/joe"]
    assert {"AUTHENTICATED=joe@example.net", "AUTHADDR=joe@example.net", "USER=joe", f"HOME={PLACE}/joe"} <= set(said.splitlines())
    code, said, _ = courier(site, "smtp", "login", *JOE, "more")
    assert (code, said.splitlines()[0]) == (0, "root") and "AUTHENTICATED=joe@example.net" in said
    for lines in (["imap", "login", JOE[0], "wrong"], ["imap", "login", "nobody@example.net", "x"], ["imap", "cram-md5", *JOE],
                  ["imap", "changepw", *JOE, "new"], ["imap", "login", JOE[0]], ["imap", "login", "", ""], ["x" * 600], []):
        assert courier(site, *lines or [""])[:2] == (1, ""), lines
    run(site, "vmoduser", "-i", JOE[0])
    assert courier(site, "imap-ssl", "login", *JOE)[0] == 1 and courier(site, "pop3-ssl", "login", *JOE)[0] == 0
    assert courier(site, "imap", "login", *JOE, run=())[0] == 100
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: courier(site, "pop3", "login", *JOE)[0] == 111)


@pytest.mark.parametrize("env, program, access", [
    ({}, "x", "pop3"), ({"TCPLOCALPORT": "995"}, "imapd", "pop3"), ({"TCPLOCALPORT": "143"}, "x", "imap"),
    ({"TCPLOCALPORT": "25"}, "x", "smtp"), ({"TCPLOCALPORT": "9"}, "x", "pop3"), ({"TCPLOCALPORT": "9"}, "/bin/true", "smtp"),
    ({"TCPLOCALPORT": "9"}, "imapd", "imap"), ({"TCPREMOTEIP": "127.0.0.1"}, "x", "webmail"), ({"TCPREMOTEIP": "::1"}, "imapd", "webmail"),
    ({"TCPREMOTEIP": "127.0.0.1", "TCPLOCALPORT": "25"}, "x", "smtp")])
def test_which_service_it_is(site, env, program, access):
    """Its flag denies it, and the log names it when the password is wrong."""
    flag = {"pop3": 2, "webmail": 4, "imap": 8, "smtp": 0x800}[access]
    set_record(site, "joe", 3, str(flag))
    assert check(site, *JOE, "", env=env, run=(program,))[0] == 1
    assert check(site, "joe@example.net", "wrong", "", env=env, run=(program,))[0] == 3
    assert eventually(lambda: f" by {access}: wrong password" in site.log("qmail-users"))


def test_only_root_is_told(site):
    assert check(site, *JOE, "", user="qmaild")[0] == 111
    assert check(site, *JOE, "", user="vpopmail")[0] == 111, "it cannot become the owner with his groups"


def test_a_service_that_is_down_is_trouble(site):
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    code, _, said = check(site, *JOE, "")
    assert (code, said) == (111, "vchkpw: fatal: qmail-users cannot tell now: see its log\n")


FALSE = r"""
import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind("/var/qmail/run/users/password")
os.chmod("/var/qmail/run/users/password", 0o666)
s.listen()
print("ready", flush=True)
while True:
    c = s.accept()[0]
    c.recv(4096)
    c.sendall(sys.argv[1].encode())
    c.close()
"""


@pytest.mark.parametrize("login", ["joe@example.net", "joe", "joe@ann.example"])
def test_a_service_in_wrong_hands_lets_in_as_no_account(virtual, login):
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.user("ann")
    uid, gid = virtual.sh("id -u ann; id -g ann").stdout.split()
    parts = ["let in", uid, gid, "0", "joe", "example.net", "/home/ann"]
    inside = "".join(f"{len(part)}:{part}," for part in parts)
    virtual.sh("mkdir -p /var/qmail/run/users")
    false = virtual.popen(["/usr/bin/python3", "-c", FALSE, f"{len(inside)}:{inside},"], stdout=subprocess.PIPE)
    assert false.stdout.readline() == b"ready\n"
    code, said, _ = check(virtual, login, "x", "")
    false.kill()
    false.wait()
    false.stdout.close()
    assert (code, said) == (111, "")


# ---- checklogin ----

SHOW = "#!/bin/sh\nprintf '%s %s: ' ${0##*/} \"$*\"; tr '\\0' '|' <&3\n"


@pytest.fixture
def checkers(virtual):
    """Both only tell what they are told; no service is needed."""
    run(virtual, "vadddomain", "example.net", "secret")
    for name in "vchkpw", "checkpassword", "other":
        virtual.write(f"/var/qmail/bin/{name}", SHOW, mode=0o755)
    return virtual


def test_each_login_goes_to_one_checker(checkers):
    for login, checker in (("joe@example.net", "vchkpw"), ("JOE%Example.net", "vchkpw"), ("joe/example.net", "vchkpw"), ("joe", "checkpassword"),
                           ("joe@else.where", "checkpassword"), ("", "checkpassword"), ("@", "checkpassword")):
        assert check(checkers, login, "a b", "<1@x>", program="checklogin", run=("prog", "x"))[:2] == (0, f"{checker} prog x: {login}|a b|<1@x>|")
    checkers.control("checkpassword", "other\n")
    assert check(checkers, "joe", "a b", "", program="checklogin", run=("prog",))[1] == "other prog: joe|a b||"
    assert check(checkers, "joe@example.net", "a", "", program="checklogin", run=("prog",))[1] == "vchkpw prog: joe@example.net|a||"


def test_what_checklogin_cannot_hand_over(checkers):
    assert check(checkers, told="joe\0x", program="checklogin")[0] == 2
    assert check(checkers, told="j" * 513, program="checklogin")[0] == 1
    assert check(checkers, "joe", "x", "", program="checklogin", run=())[0] == 2
    checkers.write("/var/qmail/users/cdb", "no table")
    assert check(checkers, "joe@example.net", "x", "", program="checklogin")[0] == 111
    assert check(checkers, "joe", "x", "", program="checklogin")[1].startswith("checkpassword ")


# ---- the whole ----

MESSAGE = "Subject: hello\n\nhello joe\n"


def pop3(host, login, password, command=None):
    """What curl says of it, and its exit code; None as command retrieves the first message."""
    done = host.run(["curl", "-s", "-v", "--max-time", "40", "-u", f"{login}:{password}", "pop3://127.0.0.1/1"], check=False)
    return done.returncode, done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode()


@pytest.fixture
def door(site):
    site.user("ann", password="sesame")
    site.write("/home/ann/Maildir/new/1.a.b", MESSAGE.replace("joe", "ann"), owner="ann")
    site.write(f"{PLACE}/joe/Maildir/new/1.a.b", MESSAGE, owner="vpopmail")
    site.start("qmail-pop3d")
    return site


def test_accounts_and_virtual_users_read_mail_at_one_port(door):
    assert pop3(door, *JOE)[:2] == (0, MESSAGE)
    assert pop3(door, "JOE%example.net", "pass word")[:2] == (0, MESSAGE)
    assert pop3(door, "ann", "sesame")[:2] == (0, MESSAGE.replace("joe", "ann"))
    assert door.read(f"{PLACE}/joe/lastauth") == b"127.0.0.1\n"


def test_a_wrong_password_is_not_trouble_and_trouble_no_wrong_password(door):
    code, _, said = pop3(door, "joe@example.net", "wrong")
    assert code == 67 and re.search(r"< -ERR \[AUTH\] authorization failed", said)
    assert pop3(door, "nobody@example.net", "pass word")[0] == 67
    assert pop3(door, "ann@example.net", "sesame")[0] == 67, "who is an account is none in the domain"
    assert pop3(door, "joe", "pass word")[0] == 67
    door.sh("svc -d /service/qmail-users")
    assert eventually(lambda: door.sh("pgrep -x qmail-usersd", check=False).returncode)
    assert re.search(r"< -ERR \[SYS/TEMP\] temporary problem, try again later", pop3(door, *JOE)[2])
    assert pop3(door, "ann", "sesame")[0] == 0
    door.sh("svc -u /service/qmail-users")
    assert eventually(lambda: pop3(door, *JOE)[0] == 0)
