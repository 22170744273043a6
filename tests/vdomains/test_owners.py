"""Virtual domains of other accounts than vpopmail: who is there and whose password is right is known by processes of the account
itself, which qmail-ownersd starts when somebody asks."""

import os
import threading
import time

import pytest

from tests.auth.asking import password as login
from tests.host import eventually
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.system.test_confinement import statuses
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import FULL, LOCKED, ask, password, who
from tests.vdomains.test_vchkpw import check, pop3
from tests.vdomains.test_virtual_mail import send
from tests.vdomains.test_vpopmaild import Talk

ANNS = "/home/ann/domains/ann.example"
WORKERS = "pgrep -f '^qmail-usersd (who|password)$' -u"


def owner(host, name):
    host.user(name)
    host.sh(f"mkdir -p /home/{name}/domains && chmod 711 /home/{name} && chown {name}: /home/{name}/domains")
    run(host, "vadddomain", "-u", name, f"{name}.example", "secret")
    run(host, "vadduser", f"joe@{name}.example", "pass word")


@pytest.fixture
def town(virtual):
    virtual.start("qmail-users")
    owner(virtual, "ann")
    owner(virtual, "bob")
    run(virtual, "vadddomain", "example.net", "secret")
    return virtual


def set_record(host, name, field, value):
    lines = [line.split(":", 7) for line in host.read(f"{ANNS}/vpasswd").decode().splitlines()]
    for parts in lines:
        if parts[0] == name:
            parts[field] = value
    host.write(f"{ANNS}/vpasswd", "".join(":".join(parts) + "\n" for parts in lines), owner="ann", mode=0o600)
    host.sh(f"rm -f {ANNS}/vpasswd.cdb")


def workers(host, user):
    return host.sh(f"{WORKERS} {user}", check=False).stdout.split()


def test_rcpt_is_answered_as_in_any_domain(town):
    run(town, "vaddaliasdomain", "ann.example", "alias.example")
    assert rcpt(town, "joe@ann.example", "Joe@ALIAS.example", "nobody@ann.example", "joe@bob.example", "no@alias.example",
                "postmaster@example.net", "joe@example.net")[0] == [OK, OK, UNKNOWN, OK, UNKNOWN, OK, UNKNOWN]
    set_record(town, "joe", 3, "16")
    assert rcpt(town, "joe@ann.example")[0] == [LOCKED]
    set_record(town, "joe", 3, "0")
    set_record(town, "joe", 6, "1C")
    town.write(f"{ANNS}/joe/Maildir/new/1.x,S=5", "mail\n", owner="ann")
    assert rcpt(town, "joe@ann.example", "joe@bob.example")[0] == [FULL, OK]


def test_who_logs_in_becomes_the_owner(town):
    code, said, _ = check(town, "joe%ann.example", "pass word", "")
    assert (code, said.splitlines()[:2]) == (0, ["ann", f"{ANNS}/joe"])
    assert town.sh(f"stat -c '%U %a' {ANNS}/joe/lastauth").stdout == "ann 600\n" and town.read(f"{ANNS}/joe/lastauth") == b"192.0.2.1\n"
    assert check(town, "joe@ann.example", "password", "")[0] == 3
    assert check(town, "nobody@ann.example", "pass word", "")[0] == 3
    assert eventually(lambda: "refused: joe@ann.example from 192.0.2.1 by pop3: wrong password" in town.log("qmail-users"))
    town.write("/home/vpopmail/etc/defaultdomain", "ann.example\n", mode=0o600, owner="vpopmail")
    assert check(town, "joe", "pass word", "")[1].splitlines()[0] == "ann"


def test_mail_is_read_at_the_port_of_all(town):
    town.write(f"{ANNS}/joe/Maildir/new/1.a.b", "Subject: hello\n\nhello joe\n", owner="ann")
    town.start("qmail-pop3d")
    assert pop3(town, "joe@ann.example", "pass word")[:2] == (0, "Subject: hello\n\nhello joe\n")
    assert pop3(town, "joe@ann.example", "wrong")[0] == 67


@pytest.mark.parametrize("of_domain, own, code", [("", 0, 1), ("disable_imap\n", 0, 0), ("", 0x2000, 0), ("disable_pop\n", 0x2000, 0),
                                                 ("disable_pop\n", 0, 1), ("", 2, 1)])
def test_limits_of_the_site_close_where_nobody_may_read_them(town, of_domain, own, code):
    town.write("/home/vpopmail/etc/vlimits.default", "disable_pop\n" if own != 2 else "", owner="vpopmail", mode=0o600)
    if of_domain:
        town.write(f"{ANNS}/.qmailadmin-limits", of_domain, owner="ann", mode=0o600)
    set_record(town, "joe", 3, str(own))
    assert check(town, "joe@ann.example", "pass word", "")[0] == code


def test_mail_arrives_and_no_backscatter_leaves(town):
    town.start("qmail-send", "qmail-smtpd", "qmail-queue")
    assert send(town, "joe@ann.example") == 0
    assert eventually(lambda: town.sh(f"ls {ANNS}/joe/Maildir/new").stdout), town.log("qmail-send")
    assert send(town, "nobody@ann.example") != 0


# ---- processes ----

def test_nobody_is_there_until_somebody_asks(town):
    assert not workers(town, "ann") and not workers(town, "bob")
    assert who(town, "joe@ann.example") == "mailbox"
    assert len(workers(town, "ann")) == 1 and not workers(town, "bob")
    assert password(town, "joe@ann.example", "pass word").startswith("let in")
    assert len(workers(town, "ann")) == 2
    assert statuses(town, "qmail-usersd") == [("1", "2")] * 15
    assert not town.sh("pgrep -u root -x qmail-usersd", check=False).stdout


def test_a_worker_that_is_killed_is_replaced(town):
    for _ in range(3):
        assert eventually(lambda: who(town, "joe@ann.example") == "mailbox")
        town.sh(f"kill -9 {workers(town, 'ann')[0]}")
        assert eventually(lambda: not workers(town, "ann"))
    assert eventually(lambda: "was killed by signal 9" in town.log("qmail-users"))


def test_the_first_process_takes_all_with_it(town):
    for end in "svc -d /service/qmail-users", "kill -9 $(pgrep -x qmail-ownersd)":
        assert eventually(lambda: who(town, "joe@ann.example") == "mailbox")
        first = town.sh("pgrep -x qmail-ownersd").stdout
        town.sh(end)
        assert eventually(lambda: first not in town.sh("pgrep -x qmail-usersd; pgrep -x qmail-ownersd", check=False).stdout)
        if "svc" in end:
            assert eventually(lambda: town.sh("pgrep -x 'qmail-(own|us)ersd'", check=False).returncode)
            assert town.sh("ls /var/qmail/run/owners").stdout == ""
            assert rcpt(town, "joe@ann.example", "joe@example.net")[0] == [LATER, LATER]
            assert check(town, "joe@ann.example", "pass word", "")[0] == 111
            town.sh("svc -u /service/qmail-users")
            assert eventually(lambda: not town.sh("test -S /var/qmail/run/users/socket", check=False).returncode)
    assert eventually(lambda: rcpt(town, "joe@ann.example", "nobody@ann.example")[0] == [OK, UNKNOWN], 20)


def test_who_hangs_hangs_alone(town):
    """As on a disk that does not answer: ann's processes stand still, for everybody else nothing has changed."""
    assert who(town, "joe@ann.example") == "mailbox" and password(town, "joe@ann.example", "pass word").startswith("let in")
    for pid in workers(town, "ann"):
        town.sh(f"kill -STOP {pid}")
    asking = [town.popen(["sh", "-c", "printf 'joe@ann.example\\0x\\0\\0' | vchkpw true 3<&0"]) for _ in range(20)]
    began = time.monotonic()
    assert rcpt(town, "joe@ann.example")[0] == [LATER]
    assert time.monotonic() - began > 4
    began = time.monotonic()
    assert rcpt(town, "joe@bob.example", "no@bob.example", "postmaster@example.net")[0] == [OK, UNKNOWN, OK]
    assert check(town, "joe@bob.example", "pass word", "")[0] == check(town, "postmaster@example.net", "secret", "")[0] == 0
    assert time.monotonic() - began < 4
    for pid in workers(town, "ann"):
        town.sh(f"kill -CONT {pid}")
    for process in asking:
        process.wait()
    assert rcpt(town, "joe@ann.example")[0] == [OK]


def test_whose_processes_hang_keeps_nobody_else_from_logging_in(town):
    town.start("qmail-auth")
    assert login(town, "joe@ann.example", "pass word").startswith("let in")
    run(town, "vadddomain", "-u", "ann", "second.example", "secret")
    assert eventually(lambda: login(town, "postmaster@second.example", "secret").startswith("let in"))
    assert eventually(lambda: login(town, "joe@ann.example", "pass word").startswith("let in"))
    for pid in workers(town, "ann"):
        town.sh(f"kill -STOP {pid}")
    asking = [threading.Thread(target=login, args=(town, f"joe@{domain}.example", "pass word")) for domain in ("ann", "second") * 5]
    for thread in asking:
        thread.start()
    assert eventually(lambda: "the owner of the domain is slow" in town.log("qmail-auth"))
    began = time.monotonic()
    assert login(town, "joe@bob.example", "pass word").startswith("let in")
    assert login(town, "postmaster@example.net", "secret").startswith("let in")
    assert time.monotonic() - began < 8
    for pid in workers(town, "ann"):
        town.sh(f"kill -CONT {pid}", check=False)
    for thread in asking:
        thread.join()
    assert login(town, "joe@ann.example", "pass word").startswith("let in")


def test_a_stopped_worker_does_not_keep_the_service_up(town):
    assert who(town, "joe@ann.example") == "mailbox"
    town.sh(f"kill -STOP {workers(town, 'ann')[0]}; svc -d /service/qmail-users")
    assert eventually(lambda: town.sh("pgrep -x 'qmail-(own|us)ersd'", check=False).returncode, 20)


MANY = 70

ASK_MANY = """
import socket, sys
for uid in range(int(sys.argv[1]), int(sys.argv[2])):
    name = b"joe@d%d.example" % uid
    inside = b"3:who,4:pop3,%d:%s,0:,0:,0:,0:," % (len(name), name)
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(30)
    s.connect("/var/qmail/run/owners/%d" % uid)
    s.sendall(b"%d:%s," % (len(inside), inside))
    print(s.recv(99).split(b":", 2)[2].split(b",")[0].decode())
"""


def test_there_are_never_too_many(town):
    """An account for each of many domains: all are answered, by those who can be had."""
    lines = town.read("/var/qmail/users/assign").decode().rstrip(".\n") + "\n"
    uids = range(3000, 3000 + MANY)
    for uid in uids:
        lines += f"+d{uid}.example-:d{uid}.example:{uid}:{uid}:/srv/d{uid}:-::\n"
    town.sh(f"for u in $(seq {uids[0]} {uids[-1]}); do mkdir -p /srv/d$u && cp /dev/null /srv/d$u/vpasswd && "
            "echo \"| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\" > /srv/d$u/.qmail-default && chown -R $u:$u /srv/d$u; done")
    town.write("/var/qmail/users/assign", lines + ".\n")
    town.run(["qmail-newu"])
    assert eventually(lambda: len(os.listdir(town.path("/var/qmail/run/owners"))) == 2 * (MANY + 2))
    done = town.run(["/usr/bin/python3", "-c", ASK_MANY, uids[0], uids[-1] + 1])
    assert done.stdout.decode().split() == ["nobody"] * MANY
    assert int(town.sh("pgrep -cf '^qmail-usersd who$'").stdout) <= 64
    assert who(town, "joe@ann.example") == "mailbox"


# ---- who owns what ----

def test_doors_come_and_go_with_domains(town):
    def doors():
        return sorted(town.sh("ls /var/qmail/run/owners").stdout.split())
    ann, bob = (town.sh(f"id -u {name}").stdout.strip() for name in ("ann", "bob"))
    assert eventually(lambda: doors() == sorted([ann, f"{ann}.password", bob, f"{bob}.password"]))
    assert who(town, "joe@ann.example") == "mailbox"
    run(town, "vadddomain", "-u", "ann", "second.example", "secret")
    assert rcpt(town, "postmaster@second.example", "no@second.example", "joe@ann.example")[0] == [OK, UNKNOWN, OK]
    assert check(town, "postmaster@second.example", "secret", "")[0] == 0
    assert town.sh("ls /home/ann/domains/second.example/postmaster/lastauth").returncode == 0
    run(town, "vdeldomain", "ann.example")
    run(town, "vdeldomain", "second.example")
    assert eventually(lambda: doors() == sorted([bob, f"{bob}.password"]) and not workers(town, "ann"))


def test_no_worker_is_root(town):
    lines = town.read("/var/qmail/users/assign").decode().rstrip(".\n") + "\n+root.example-:root.example:0:0:/root:-::\n"
    town.write("/var/qmail/users/assign", lines + ".\n")
    town.run(["qmail-newu"])
    assert who(town, "joe@root.example") == "unseen"
    assert password(town, "joe@root.example", "x") == "trouble|0|0|0|||"
    assert "0" not in town.sh("ls /var/qmail/run/owners").stdout.split()


def test_a_worker_knows_its_own_domains_alone(town):
    ann = town.sh("id -u ann").stdout.strip()
    for name in "joe@bob.example", "postmaster@example.net":
        assert ask(town, "who", "pop3", name, place=f"owners/{ann}").split("|")[0] in ("unseen", "not yours")
        assert ask(town, "password", "pop3", name, "secret", place=f"owners/{ann}.password").split("|")[0] in ("trouble", "not yours")


def test_others_cannot_look_into_a_worker(town):
    assert who(town, "joe@ann.example") == "mailbox"
    assert town.sh(f"cat /proc/{workers(town, 'ann')[0]}/environ", user="ann", check=False).returncode


IMPOSTOR = """
import os, socket, sys
place = sys.argv[1]
s = socket.socket(socket.AF_UNIX)
s.bind(place + ".new")
os.chmod(place + ".new", 0o666)
s.listen(5)
os.rename(place + ".new", place)
while True:
    c = s.accept()[0]
    c.recv(9999)
    inside = b"".join(b"%d:%s," % (len(part), part) for part in open("/tmp/said", "rb").read().split(b"|"))
    c.sendall(b"%d:%s," % (len(inside), inside))
    c.close()
"""


def test_an_account_speaks_for_its_own_domains_alone(town):
    """Its processes are in its hands. Whoever has got hold of one lets in whom he likes there, but as nobody else's user."""
    town.start("qmail-auth")
    ann, bob, owner = (town.sh(f"id -u {name}; id -g {name}").stdout.split() for name in ("ann", "bob", "vpopmail"))
    impostor = town.popen(["/usr/bin/python3", "-c", IMPOSTOR, f"/var/qmail/run/owners/{ann[0]}.password"])

    def said(ids, user, domain):
        town.write("/tmp/said", "|".join(["let in", *ids, "0", user, domain, f"{ANNS}/joe"]))
        return login(town, "joe@ann.example", "any")

    assert eventually(lambda: said(ann, "joe", "ann.example") == "let in|0|joe@ann.example")
    for other in [(ann, "max", "ann.example"), (ann, "joe", "bob.example"), (bob, "joe", "bob.example"), (bob, "joe", "ann.example"),
                  (ann, "joe", ""), (ann, "", ""), (owner, "joe", "example.net"), (["0", "0"], "joe", "ann.example")]:
        assert said(*other) == "trouble|0|", other
    said(owner, "postmaster", "example.net")
    page = Talk(town)
    assert page.ask("slogin postmaster@ann.example any").startswith("-ERR 111.0 ")
    page.end()
    impostor.kill()


@pytest.mark.parametrize("command, user", [(["qmail-ownersd", "x"], "root"), (["qmail-ownersd"], "vpopmail"), (["qmail-usersd", "x"], "ann")])
def test_wrong_use(town, command, user):
    assert town.run(command, user=user, check=False).returncode == 100


def test_it_runs_once(town):
    assert town.run(["qmail-ownersd"], check=False).returncode == 111
    assert who(town, "joe@ann.example") == "mailbox"


# ---- whose programs ----

def test_a_program_of_a_user_runs_as_the_owner_of_his_domain(town):
    """Warm, in qmail-local, and by the program vdelivermail alike."""
    town.start("qmail-send", "qmail-queue")
    town.write(f"{ANNS}/joe/.qmail", "| id -un >> /tmp/as; pwd >> /tmp/as\n", owner="ann", mode=0o600)
    town.sh("echo hello | sendmail joe@ann.example")
    assert eventually(lambda: town.sh("cat /tmp/as", check=False).stdout == f"ann\n{ANNS}/joe\n"), town.log("qmail-send")
    town.sh("printf 'Subject: x\\n\\nx\\n' > /tmp/m; cd %s && EXT=joe HOST=ann.example SENDER= LOCAL=x setuidgid ann /home/vpopmail/bin/vdelivermail "
            "'' bounce-no-mailbox < /tmp/m" % ANNS)
    assert town.sh("cat /tmp/as").stdout == f"ann\n{ANNS}/joe\n" * 2


def test_a_user_may_be_an_account_himself(town):
    """A line of his own in users/assign: his mail, his .qmail and his login are the account's."""
    town.user("max", password="sesame")
    town.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-pop3d")
    uid, gid = town.sh("id -u max; id -g max").stdout.split()
    lines = town.read("/var/qmail/users/assign").decode()
    town.write("/var/qmail/users/assign", f"=example.net-max:max:{uid}:{gid}:/home/max:::\n{lines}")
    town.run(["qmail-newu"])
    assert rcpt(town, "max@example.net", "no@example.net")[0] == [OK, UNKNOWN]
    town.write("/home/max/.qmail", "| id -un > /tmp/as\n./Maildir/\n", owner="max", mode=0o600)
    assert send(town, "Max@example.net") == 0
    assert eventually(lambda: town.maildir("max")), town.log("qmail-send")
    assert town.read("/tmp/as") == b"max\n"
    assert pop3(town, "max", "sesame")[0] == 0 and pop3(town, "max@example.net", "sesame")[0] == 67
    run(town, "vadduser", "jane@example.net", "secret")
    assert f"=example.net-max:max:{uid}:{gid}:/home/max:::\n".encode() in town.read("/var/qmail/users/assign")
