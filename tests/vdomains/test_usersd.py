"""qmail-usersd: who is there, whose password is right, and who may know; and what qmail-smtpd makes of it."""

import subprocess
import time

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.system.test_confinement import statuses
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"
LOCKED = "550 5.2.1 sorry, that account is locked (#5.2.1)"
FULL = "452 4.2.2 sorry, that mailbox is full now (#4.2.2)"

# Asks one question of seven parts, given as words; prints the parts of the answer.
ASK = r"""
import socket, sys
def net(parts):
    inside = b"".join(b"%d:%s," % (len(p), p) for p in parts)
    return b"%d:%s," % (len(inside), inside)
def ask(place, words):
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(20)
    s.connect("/var/qmail/run/" + place)
    s.sendall(net(words))
    got = b""
    while more := s.recv(9999):
        got += more
    parts, got = [], got[got.find(b":") + 1:-1]
    while got:
        n, _, got = got.partition(b":")
        parts.append(got[:int(n)].decode())
        got = got[int(n) + 1:]
    return parts
place, *words = sys.argv[1:]
print("|".join(ask(place, [word.encode() for word in words])))
"""


def ask(host, *words, user="root", place=None):
    """What is said; of who is elsewhere, what is said there."""
    words = [*words, *[""] * (7 - len(words))]
    is_login = words[0] in ("password", "login")
    place = place or ("users/password" if is_login else "users/socket")
    said = host.run(["/usr/bin/python3", "-c", ASK, place, *words], user=user).stdout.decode().rstrip("\n")
    if not said.startswith("elsewhere"):
        return said
    _, uid, _, _, name, domain, _ = said.split("|")
    if domain:
        words[2] = f"{name}@{domain}"
    return ask(host, *words, user=user, place=f"owners/{uid}" + (".password" if is_login else ""))


def who(host, name, user="root"):
    return ask(host, "who", "pop3", name, user=user).split("|")[0]


def password(host, login, secret, access="pop3", challenge="", client="192.0.2.1", local="203.0.113.25", user="root"):
    return ask(host, "password", access, login, secret, challenge, client, local, user=user)


@pytest.fixture
def site(virtual):
    """A virtual domain with a user, an alias of it, and the service."""
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    run(virtual, "vadduser", "joe@example.net", "pass word")
    virtual.start("qmail-users")
    return virtual


def default(host, text, name=".qmail-default"):
    host.write(f"{PLACE}/{name}", text, owner="vpopmail", mode=0o600)


def set_record(host, name, field, value):
    """As an admin who edits the table: name is 0, password 1, uid 2, flags 3, comment 4, dir 5, quota 6, clear 7."""
    lines = host.read(f"{PLACE}/vpasswd").decode().splitlines()
    changed = []
    for line in lines:
        parts = line.split(":", 7)
        if parts[0] == name:
            parts[field:field + 1] = [value]
        changed.append(":".join(parts) + "\n")
    host.write(f"{PLACE}/vpasswd", "".join(changed), owner="vpopmail", mode=0o600)
    host.sh(f"rm -f {PLACE}/vpasswd.cdb")


# ---- who ----

def test_a_user_is_there_by_every_name_of_the_domain(site):
    for name in "joe@example.net", "JOE@Example.Net", "joe@alias.example", "postmaster@example.net":
        assert who(site, name) == "mailbox"
    for name in "jo@example.net", "joe.x@example.net", "@example.net", "a:b@example.net", "x" * 70 + "@example.net", "-@example.net", \
            "joe-list@example.net":
        assert who(site, name) == "nobody"
    assert who(site, "joe@else.where") == "unseen"


def test_extensions_are_known_where_the_domain_has_them(site):
    default(site, "extensions yes\n", ".delivery")
    for name in "joe-list", "joe-list-x", "JOE-", "joe-" + "x" * 100:
        assert who(site, f"{name}@example.net") == "mailbox"
    assert who(site, "jo-e@example.net") == "nobody"
    default(site, "extensions perhaps\n", ".delivery")
    assert who(site, "joe-list@example.net") == "trouble"
    assert who(site, "joe@example.net") == "mailbox"


@pytest.mark.parametrize("text, said", [
    ("| /home/vpopmail/bin/vdelivermail '' delete\n", "taken"),
    ("| /home/vpopmail/bin/vdelivermail '' postmaster@example.net\n", "taken"),
    ("| /home/vpopmail/bin/vdelivermail '' /home/vpopmail/domains/example.net/joe\n", "taken"),
    ("# users\n| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n", "nobody"),
    ("&a@example.org\n| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n", "taken"),
    ("./Maildir/\n", "taken"), ("| exit 100\n", "taken"), ("# nothing\n", "taken"), ("", "taken"),
])
def test_the_last_word_of_the_domain_decides_about_nobody(site, text, said):
    default(site, text)
    assert who(site, "nobody@example.net") == said


def test_an_alias_is_taken(site):
    default(site, "&a@example.org\n", ".qmail-sales")
    default(site, "&a@example.org\n", ".qmail-first:last")
    default(site, "&a@example.org\n", ".qmail-news-default")
    for name in "sales", "SALES", "first.last", "news-x", "news-x-y":
        assert who(site, f"{name}@example.net") == "taken"
    assert who(site, "news@example.net") == "nobody"
    site.sh(f"rm {PLACE}/.qmail-default")
    assert who(site, "joe@example.net") == "nobody", "as a delivery finds no file for it"


def test_a_locked_user_and_one_without_room(site):
    set_record(site, "joe", 3, "16")
    assert who(site, "joe@example.net") == "locked"
    set_record(site, "joe", 3, "0")
    set_record(site, "joe", 6, "10C")
    site.sh(f"cd {PLACE}/joe/Maildir/new && for i in 1 2 3 4 5 6 7 8 9; do echo mail > $i.x,S=5; done; chown vpopmail: *")
    assert who(site, "joe@example.net") == "mailbox"
    site.sh(f"cd {PLACE}/joe/Maildir && echo mail > new/10.x,S=5 && chown vpopmail: new/* && rm -f maildirsize")
    assert who(site, "joe@example.net") == "full now"
    default(site, "overquota 0\n", ".delivery")
    assert who(site, "joe@example.net") == "full"
    site.write(f"{PLACE}/joe/.qmail", "&a@example.org\n", owner="vpopmail")
    assert who(site, "joe@example.net") == "mailbox"
    site.sh(f"rm {PLACE}/joe/.qmail; rm -r {PLACE}/joe")
    assert who(site, "joe@example.net") == "mailbox", "the delivery makes the home that is missing"


def test_what_cannot_be_read_is_trouble(site):
    site.sh(f"rm {PLACE}/vpasswd.cdb {PLACE}/vpasswd")
    assert who(site, "joe@example.net") == "trouble"
    assert password(site, "joe@example.net", "pass word") == "trouble|0|0|0|||"
    site.sh(f"mv {PLACE} {PLACE}.away")
    assert who(site, "joe@example.net") == "trouble"
    site.sh(f"mv {PLACE}.away {PLACE} && chmod 1750 {PLACE}")
    assert who(site, "joe@example.net") == "unseen", "as a delivery waits while somebody edits"


# ---- passwords ----

def test_a_password_lets_in(site):
    uid, gid = site.sh("id -u vpopmail; id -g vpopmail").stdout.split()
    right = f"let in|{uid}|{gid}|0|joe|example.net|{PLACE}/joe"
    for login in "joe@example.net", "JOE%example.net", "joe/alias.example":
        assert password(site, login, "pass word") == right
    site.write("/home/vpopmail/etc/defaultdomain", "alias.example\n")
    assert password(site, "joe", "pass word") == right
    assert site.read(f"{PLACE}/joe/lastauth") == b"192.0.2.1\n"
    assert site.sh(f"stat -c '%U %a' {PLACE}/joe/lastauth").stdout == "vpopmail 600\n"
    assert "refused" not in site.log("qmail-users")


def refusals(host):
    return [line for line in host.log("qmail-users").splitlines() if "refused" in line]


def test_a_wrong_password_is_one_line_without_it(site):
    for login, secret in ("joe@example.net", "pass words"), ("nobody@example.net", "sesame"), ("joe@else.where", "sesame"), ("joe", "sesame"), \
            ("joe@example.net", ""), ("a b%\n@example.net", "sesame"):
        assert password(site, login, secret) == "wrong|0|0|0|||"
    set_record(site, "joe", 1, "{ROT13}cnff")
    assert password(site, "joe@example.net", "pass") == "wrong|0|0|0|||"
    assert eventually(lambda: len(refusals(site)) == 7)
    assert refusals(site) == [f"qmail-usersd: refused: {line}" for line in (
        "joe@example.net from 192.0.2.1 by pop3: wrong password", "nobody@example.net from 192.0.2.1 by pop3: no such user",
        "joe@else.where from 192.0.2.1 by pop3: no such domain", "joe from 192.0.2.1 by pop3: no such domain",
        "joe@example.net from 192.0.2.1 by pop3: wrong password", "a_b_/@example.net from 192.0.2.1 by pop3: no such user",
        "joe@example.net from 192.0.2.1 by pop3: the password is stored in a form that nobody knows")]


def test_a_domain_below_directories_that_nobody_may_list(virtual):
    """As vadddomain makes them below one of root's."""
    virtual.sh("mkdir -m 711 /srv/mail")
    run(virtual, "vadddomain", "-d", "/srv/mail", "example.net", "secret")
    run(virtual, "vadduser", "joe@example.net", "pass word")
    virtual.start("qmail-users")
    assert who(virtual, "joe@example.net") == "mailbox" and who(virtual, "nobody@example.net") == "nobody"
    assert password(virtual, "joe@example.net", "pass word").startswith("let in|")
    assert "\nlast auth ip: 192.0.2.1\n" in run(virtual, "vuserinfo", "joe@example.net")


def test_logins_are_noted_wherever_a_domain_lies(site):
    """Who logs in is no old user that vdeloldusers would remove."""
    def make(place, *domains):
        site.sh(f"mkdir -p -m 755 {place}")
        said = [site.run(["vadddomain", "-d", place, domain, "secret"]).stderr.decode() for domain in domains]
        return [("qmailctl restart qmail-users" in line) for line in said]

    def note(domain):
        assert password(site, f"postmaster@{domain}", "secret").startswith("let in|")
        return "Never" not in run(site, "vuserinfo", "-l", f"postmaster@{domain}")

    assert make("/srv/one", "one.example", "two.example") == [True, False] and make("/home/vpopmail", "three.example") == [False]
    assert [note(domain) for domain in ("one.example", "three.example", "example.net")] == [False, True, True]
    site.sh("svc -t /service/qmail-users")
    assert eventually(lambda: site.log("qmail-users").count("workers listen on /var/qmail/run/users/socket") == 2)
    assert note("one.example") and note("two.example")
    assert make("/srv/one", "four.example") == [False] and note("four.example")
    run(site, "vmovedomain", "-d", "/home/vpopmail", "one.example")
    assert note("one.example")


@pytest.mark.parametrize("flags, closed", [(0, ""), (2, "pop3"), (4, "webmail"), (8, "imap"), (0x800, "smtp")])
def test_flags_are_told_to_who_has_the_password(site, flags, closed):
    set_record(site, "joe", 3, str(flags))
    for access in "pop3", "imap", "smtp", "webmail":
        said = password(site, "joe@example.net", "pass word", access).split("|")[0]
        assert said == ("denied" if access == closed else "let in")
        assert password(site, "joe@example.net", "x", access).split("|")[0] == "wrong"


def test_limits_of_the_domain_and_of_the_site_close_too(site):
    site.write(f"{PLACE}/.qmailadmin-limits", "disable_pop\n", owner="vpopmail", mode=0o600)
    assert password(site, "joe@example.net", "pass word").startswith("denied")
    set_record(site, "joe", 3, str(0x2000))
    assert password(site, "joe@example.net", "pass word").startswith("let in")
    site.write(f"{PLACE}/.qmailadmin-limits", "maxaliases x\n", owner="vpopmail", mode=0o600)
    assert password(site, "joe@example.net", "pass word").startswith("trouble")


def test_an_answer_to_a_challenge_needs_a_clear_password(site):
    import hashlib
    import hmac
    challenge = "<1.2@mail.example.org>"
    apop = hashlib.md5(f"{challenge}tanstaaf".encode()).hexdigest()
    cram = hmac.new(b"tanstaaf", challenge.encode(), "md5").hexdigest()
    assert password(site, "joe@example.net", apop, challenge=challenge).startswith("wrong")
    set_record(site, "joe", 6, "NOQUOTA:tanstaaf")
    assert password(site, "joe@example.net", apop, challenge=challenge).startswith("let in")
    assert password(site, "joe@example.net", "pass word", challenge=challenge).startswith("let in")
    assert password(site, "joe@example.net", cram, "smtp", challenge).startswith("let in")
    assert password(site, "joe@example.net", challenge, "smtp", cram).startswith("let in")
    assert password(site, "joe@example.net", cram, challenge=challenge).startswith("wrong")


# ---- who may know ----

def test_each_knows_what_is_his_to_know(site):
    site.user("ann")
    site.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    assert who(site, "joe@example.net", user="qmaild") == "mailbox"
    assert who(site, "joe@example.net", user="vpopmail") == "mailbox"
    for user in "ann", "qmailr":
        assert who(site, "joe@example.net", user=user) == "not yours"
        assert who(site, "joe@else.where", user=user) == "not yours"
        assert password(site, "joe@example.net", "pass word", user=user) == "not yours|0|0|0|||"
        assert password(site, "joe@else.where", "pass word", user=user) == "not yours|0|0|0|||"
    assert password(site, "joe@example.net", "pass word", user="qmaild") == "not yours|0|0|0|||"
    for user in "ann", "root", "qmaild":
        assert who(site, "joe@ann.example", user=user) == "nobody"
        assert who(site, "postmaster@ann.example", user=user) == "mailbox"
    assert who(site, "joe@ann.example", user="qmailr") == "not yours"
    uid, gid = site.sh("id -u ann; id -g ann").stdout.split()
    assert password(site, "postmaster@ann.example", "secret") == f"let in|{uid}|{gid}|{1 << 31}|postmaster|ann.example|/home/ann/domains/ann.example/postmaster"
    assert password(site, "postmaster@ann.example", "secret", user="qmaild") == "not yours|0|0|0|||"


RAW = r"""
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(20)
s.connect("/var/qmail/run/users/socket")
s.sendall(eval(sys.argv[1]))
print(s.recv(9999))
"""


@pytest.mark.parametrize("bytes_", [
    "b'GET / HTTP/1.0\\r\\n\\r\\n'", "b'4097:' + b'x' * 4000", "b'5:abc'",
    "b'37:8:password,4:pop3,0:,0:,0:,0:,0:,,'", "b'33:3:who,4:pop3,3:a\\0b,0:,0:,0:,0:,,'"])
def test_what_is_no_question_gets_no_answer(site, bytes_):
    done = site.run(["/usr/bin/python3", "-c", RAW, bytes_], check=False)
    assert done.stdout == b"b''\n" or b"ConnectionReset" in done.stderr
    assert who(site, "joe@example.net") == "mailbox"


def test_a_worker_that_dies_is_replaced(site):
    workers = "pgrep -x qmail-usersd -P $(pgrep -o -x qmail-usersd)"
    site.sh(f"kill -9 $({workers})")
    assert eventually(lambda: len(site.sh(workers, check=False).stdout.split()) == 12)
    assert who(site, "joe@example.net") == "mailbox"
    assert eventually(lambda: "was killed by signal 9" in site.log("qmail-users"))


def test_term_ends_it_and_takes_the_sockets(site):
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    assert site.sh("ls /var/qmail/run/users").stdout == "lock\n"


@pytest.mark.parametrize("command, user, code", [(["qmail-usersd", "x"], "vpopmail", 100), (["qmail-usersd"], "root", 100),
                                                 (["qmail-usersd"], "vpopmail", 111), (["qmail-usersd"], "qmailr", 111)])
def test_it_runs_once_and_as_whom_it_must(site, command, user, code):
    assert site.run(command, user=user, check=False).returncode == code


def test_it_is_confined(site):
    assert statuses(site, "qmail-usersd") == [("1", "2")] * 13
    assert "unable to confine" not in site.log("qmail-users")


def test_passwords_hold_up_no_other_question(site):
    """More logins than workers are under way: who asks for somebody hears at once."""
    busy = [site.popen(["/usr/bin/python3", "-c", "import os, sys\nfor i in range(12): os.spawnv(0, sys.executable, ['p', '-c', *sys.argv[1:]])",
                        ASK, "users/password", "password", "pop3", "joe@example.net", "wrong", "", "", ""]) for _ in range(6)]
    times = []
    for _ in range(20):
        began = time.monotonic()
        assert rcpt(site, "joe@example.net")[0] == [OK]
        times.append(time.monotonic() - began)
    assert sorted(times)[10] < 2, times
    for process in busy:
        process.kill()
        process.wait()


HOLD = """
import fcntl, time
lock = open("/home/vpopmail/domains/example.net/.vpasswd.lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(600)
"""


def test_a_domain_that_hangs_does_not_keep_all(site):
    """Its table is missing, and somebody else has the lock that is needed to make it: each question waits for that."""
    run(site, "vadddomain", "other.example", "secret")
    site.sh(f"rm {PLACE}/vpasswd.cdb")
    holder = site.popen(["/usr/bin/python3", "-c", HOLD], stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    loop = "import os, sys\nwhile True: os.spawnv(0, sys.executable, ['p', '-c', *sys.argv[1:]])"
    asking = [site.popen(["/usr/bin/python3", "-c", loop, ASK, place, verb, "pop3", "joe@example.net", "pass word", "", "", ""], stdout=subprocess.DEVNULL)
              for place, verb in (("users/socket", "who"), ("users/password", "password")) for _ in range(16)]
    assert eventually(lambda: "Device or resource busy" in site.log("qmail-users"), 30)
    times = []
    for _ in range(8):
        began = time.monotonic()
        assert rcpt(site, "postmaster@other.example", "no@other.example")[0] == [OK, UNKNOWN]
        assert password(site, "postmaster@other.example", "secret").startswith("let in")
        times.append(time.monotonic() - began)
    assert sorted(times)[4] < 3, times
    site.sh("pkill -f 'sleep[(]600|os[.]spawnv'")
    for process in [*asking, holder]:
        process.wait()
    holder.stdout.close()
    assert eventually(lambda: who(site, "joe@example.net") == "mailbox")


# ---- qmail-smtpd ----

def test_rcpt_says_what_a_delivery_would(site):
    default(site, "&a@example.org\n", ".qmail-sales")
    assert rcpt(site, "joe@example.net", "Joe@ALIAS.example", "sales@example.net", "nobody@example.net", "no@alias.example")[0] == \
        [OK, OK, OK, UNKNOWN, UNKNOWN]
    set_record(site, "joe", 3, "16")
    assert rcpt(site, "joe@example.net")[0] == [LOCKED]
    set_record(site, "joe", 3, "0")
    set_record(site, "joe", 6, "1C")
    site.sh(f"cd {PLACE}/joe/Maildir/new && echo mail > 1.x,S=5 && chown vpopmail: *")
    assert rcpt(site, "joe@example.net")[0] == [FULL]


def test_rcpt_is_put_off_while_the_service_is_down(site):
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    assert rcpt(site, "joe@example.net", "nobody@example.net", "postmaster@mail.example.org")[0] == [LATER, LATER, OK]
    site.sh("svc -u /service/qmail-users")
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN])


def test_rcpt_is_put_off_when_the_service_hangs(site):
    site.sh("pkill -STOP -x qmail-usersd")
    began = time.monotonic()
    assert rcpt(site, "joe@example.net")[0] == [LATER]
    assert 4 < time.monotonic() - began < 30
    site.sh("pkill -CONT -x qmail-usersd")
    assert rcpt(site, "joe@example.net")[0] == [OK]


def test_a_host_without_the_service_takes_every_name(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    assert rcpt(virtual, "nobody@example.net")[0] == [LATER]
    virtual.sh("rmdir /var/qmail/run/users")
    assert rcpt(virtual, "nobody@example.net")[0] == [OK]
