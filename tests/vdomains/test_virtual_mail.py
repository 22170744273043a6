"""Mail by SMTP to the users of virtual domains, through the whole system; and what it costs once qmail-local is warm."""

import re

import pytest

from tests.host import eventually
from tests.local.machine import Spawner, dotqmail, queue_message
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"


def messages(host, user="joe"):
    return host.sh(f"cat {PLACE}/{user}/Maildir/new/* 2>/dev/null", check=False).stdout.count("Subject: ")


def send(host, to, sender="max@mail.example.org", subject="hello"):
    done = host.sh(f"swaks --silent 3 --server 127.0.0.1 --from {sender} --to '{to}' --h-Subject {subject}", check=False)
    return done.returncode


@pytest.fixture
def site(virtual):
    virtual.user("max")
    virtual.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users")
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "joe@example.net", "secret")
    return virtual


def qmail(host, user, text):
    host.write(f"{PLACE}/{user}/.qmail", text, owner="vpopmail", mode=0o600)


def test_two_commands_make_a_mailbox_that_receives(site):
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert send(site, "Joe@Example.NET") == 0
    assert eventually(lambda: messages(site) == 2), site.log("qmail-send")
    head = site.sh(f"cat {PLACE}/joe/Maildir/new/* | head -3").stdout.splitlines()
    assert head[:2] == ["Return-Path: <max@mail.example.org>", "Delivered-To: joe@example.net"]
    assert head[2].startswith("Received: (qmail ")


def test_mail_for_an_alias_domain_arrives(site):
    run(site, "vaddaliasdomain", "example.net", "alias.example")
    assert send(site, "joe@alias.example") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert "Delivered-To: joe@alias.example" in site.sh(f"cat {PLACE}/joe/Maildir/new/*").stdout


def test_mail_for_nobody_comes_back(site):
    site.sh(f"printf 'max@mail.example.org' >/dev/null; printf 'Fmax@mail.example.org\\0Tnobody@example.net\\0\\0' > /tmp/envelope && "
            "printf 'Subject: x\\n\\nx\\n' | qmail-queue 1</tmp/envelope")
    assert eventually(lambda: site.maildir("max")), site.log("qmail-send")
    assert b"Sorry, no mailbox here by that name. (#5.1.1)" in site.maildir("max")[0]


def test_a_users_file_is_obeyed(site):
    run(site, "vadduser", "jane@example.net", "secret")
    qmail(site, "joe", "| cat > $HOME/told\n./Maildir/\n&max@mail.example.org\njane@example.net\n")
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site, "jane") == 1 and site.maildir("max")), site.log("qmail-send")
    assert messages(site) == 1 and b"Subject: hello" in site.read(f"{PLACE}/told")
    assert site.maildir("max")[0].startswith(b"Return-Path: <max@mail.example.org>\nDelivered-To: max@mail.example.org\n")
    assert b"\nDelivered-To: joe@example.net\n" in site.maildir("max")[0]


def test_a_full_mailbox_makes_mail_wait(site):
    run(site, "vsetuserquota", "joe@example.net", "10S")
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: "deferral: user_is_over_quota_(#4.2.2)" in site.log("qmail-send")), site.log("qmail-send")
    run(site, "vsetuserquota", "joe@example.net", "NOQUOTA")
    site.sh("svc -a /service/qmail-send")
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")


def test_a_forward_to_himself_ends(site):
    qmail(site, "joe", "&joe@example.net\n")
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: site.maildir("max"), 20), site.log("qmail-send")
    assert b"mail is looping" in site.maildir("max")[0]


def test_who_answers_the_door_and_who_delivers_agree_on_extensions(site):
    assert send(site, "joe-list@example.net") != 0
    site.write(f"{PLACE}/.delivery", "extensions yes\n", owner="vpopmail")
    assert send(site, "joe-list@example.net") == 0 and send(site, "jane-list@example.net") != 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    site.write(f"{PLACE}/.delivery", "extensions perhaps\n", owner="vpopmail")
    assert "451" in site.sh("swaks --server 127.0.0.1 --from max@mail.example.org --to joe-list@example.net", check=False).stdout


# ---- what it costs ----

CALLS = "fork,vfork,clone,clone3,execve,fsync,fdatasync"
LOG = "/run/strace.log"


def counted(host, spawner, address):
    """The calls that one delivery makes."""
    before = len(host.read(LOG))
    assert spawner.deliver(address)[0] == "K"
    return [match for match in re.findall(r"^\d+ +(\w+)\(", host.read(LOG)[before:].decode(), re.M)]


def test_a_warm_delivery_starts_nothing(virtual):
    """As one to a system user: one fsync, and no process; also for a user of the domain who never got mail before."""
    run(virtual, "vadddomain", "example.net", "secret")
    for name in ("joe", "jane", "first", "second"):
        run(virtual, "vadduser", f"{name}@example.net", "secret")
    virtual.user("max")
    dotqmail(virtual, "./Maildir/\n", user="max")
    queue_message(virtual)
    virtual.control("agentseconds", "60\n")
    spawner = Spawner(virtual)
    spawner.end()
    spawner.start(virtual, ["strace", "-f", "-qq", "-o", LOG, "-e", f"trace={CALLS}", "/var/qmail/bin/qmail-lspawn", "./Maildir/"])
    addresses = [b"max@mail.example.org", b"example.net-joe@example.net", b"example.net-jane@example.net"]
    for address in addresses * 2:
        assert spawner.deliver(address)[0] == "K"
    assert [counted(virtual, spawner, address) for address in addresses * 2] == [["fsync"]] * 6
    assert [counted(virtual, spawner, f"example.net-{name}@example.net".encode()) for name in ("first", "second")] == [["fsync"]] * 2
    assert spawner.deliver(b"example.net-nobody@example.net") == ("D", b"Sorry, no mailbox here by that name. (#5.1.1)\n")
    assert messages(virtual) == messages(virtual, "jane") == 4
    spawner.end()


def test_a_user_whose_mail_hangs_does_not_hold_the_others(virtual):
    virtual.control("concurrencylocal", "4\n")
    virtual.start("qmail-send", "qmail-queue", "qmail-users")
    for domain in ("my-shop.example", "example.net"):
        run(virtual, "vadddomain", domain, "secret")
        for user in ("joe", "ann"):
            run(virtual, "vadduser", f"{user}@{domain}", "secret")
    virtual.write(f"{VIRTUAL}/my-shop.example/ann/.qmail", "| exec sleep 600\n", owner="vpopmail", mode=0o600)

    def arrived():
        return virtual.sh(f"ls {VIRTUAL}/*/joe/Maildir/new/*", check=False).stdout.count("/new/")

    for _ in range(6):
        virtual.sh("echo hello | sendmail ann@my-shop.example")
    assert eventually(lambda: "status: local 2/4" in virtual.log("qmail-send"))
    for user in ("joe@my-shop.example", "joe@example.net"):
        virtual.sh(f"echo hello | sendmail {user}")
    assert eventually(lambda: arrived() == 2), virtual.log("qmail-send")


# ---- what an agent keeps ----

def test_a_warm_delivery_sees_each_change_of_the_table(virtual):
    """Whatever becomes of the file meanwhile, and however soon."""
    run(virtual, "vadddomain", "example.net", "secret")
    queue_message(virtual)
    virtual.control("agentseconds", "60\n")
    spawner = Spawner(virtual)

    def box(name):
        return spawner.deliver(f"example.net-{name}@example.net".encode())[0]

    assert box("postmaster") == box("postmaster") == "K"
    for n in range(4):
        assert box("joe") == "D"
        run(virtual, "vadduser", "-e", "$1$x$y", "joe@example.net")
        assert box("joe") == "K" == box("postmaster")
        run(virtual, "vmoduser", "-b", "joe@example.net")
        assert box("joe") == "D"
        run(virtual, "vdeluser", "joe@example.net")
    for name in "ann", "bob":
        run(virtual, "vadduser", "-e", "$1$x$y", f"{name}@example.net")
        virtual.sh(f"cp -p {PLACE}/vpasswd.cdb {VIRTUAL}/{name}", user="vpopmail")
        run(virtual, "vdeluser", f"{name}@example.net")
    for n in range(6):
        here, gone = ("ann", "bob") if n % 2 else ("bob", "ann")
        virtual.sh(f"cd {PLACE} && for n in {gone} {here} {gone} {here}; do cp -p ../$n new && mv new vpasswd.cdb; done", user="vpopmail")
        assert (box(here), box(gone)) == ("K", "D")
        virtual.sh(f"cat {VIRTUAL}/{gone} > {PLACE}/vpasswd.cdb", user="vpopmail")
        assert (box(here), box(gone)) == ("D", "K")
    virtual.sh(f"rm {PLACE}/vpasswd.cdb && mkdir {PLACE}/vpasswd.cdb", user="vpopmail")
    assert box("ann") == "Z"
    virtual.sh(f"rmdir {PLACE}/vpasswd.cdb", user="vpopmail")
    assert box("postmaster") == "K"
    spawner.end()
