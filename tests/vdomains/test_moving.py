"""A tree as vpopmail leaves it: it serves where it lies, and nothing in it is changed but what mail and logins change."""

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL, crypt
from tests.vdomains.test_domains import run
from tests.vdomains.test_virtual_mail import send
from tests.vdomains.test_vchkpw import check

PLACE = f"{VIRTUAL}/0/old.example"
HOMES = {"joe": "joe", "ann": "0/ann", "max": "A/max", "postmaster": "postmaster"}
STORED = {"joe": "$1$abcdefgh$", "ann": "ab", "max": "$6$saltsalt$", "postmaster": "$1$12345678$"}
PASSWORDS = {name: f"word of {name}"[:8] for name in HOMES}
DIR_CONTROL = "104\n0\n3\n0 0 0 \n61 61 61 \n0 2 4 \n1 0 0 \n0\n"


def record(name):
    return f"{name}:{crypt(PASSWORDS[name], STORED[name])}:1:0:{name}:{PLACE}/{HOMES[name]}:NOQUOTA\n"


@pytest.fixture(params=["with its cdb", "without"])
def old(virtual, request):
    """By hand, with the names and modes of 5.4; users/assign is compiled by qmail-newu as the site's own did."""
    virtual.write(f"{PLACE}/vpasswd", "".join(record(name) for name in sorted(HOMES)), mode=0o600)
    virtual.write(f"{PLACE}/.qmail-default", "| /home/vpopmail/bin/vdelivermail '' bounce-no-mailbox\n", mode=0o600)
    virtual.write(f"{PLACE}/.qmail-first:last", "&joe@old.example\n", mode=0o600)
    virtual.write(f"{PLACE}/.dir-control", DIR_CONTROL, mode=0o600)
    virtual.sh(f"touch {PLACE}/.vpasswd.lock && chmod 600 {PLACE}/.vpasswd.lock && " + " && ".join(
        f"mkdir -p {PLACE}/{home}/Maildir/cur {PLACE}/{home}/Maildir/new {PLACE}/{home}/Maildir/tmp" for home in HOMES.values()) +
        f" && chown -R vpopmail:vchkpw {VIRTUAL} && chmod -R go-rwx {PLACE} && chmod 750 {PLACE}")
    if request.param == "with its cdb":
        lines = (record(name).rstrip("\n").split(":", 1) for name in sorted(HOMES))
        virtual.write("/tmp/records", "".join(f"+{len(k)},{len(v)}:{k}->{v}\n" for k, v in lines) + "\n")
        virtual.sh(f"cdb -c {PLACE}/vpasswd.cdb /tmp/records && chown vpopmail:vchkpw {PLACE}/vpasswd.cdb && chmod 600 {PLACE}/vpasswd.cdb")
    virtual.write("/var/qmail/users/assign", "".join(f"+{name}-:old.example:89:89:{PLACE}:-::\n" for name in ("old.example", "www.old.example")) + ".\n")
    virtual.control("virtualdomains", "old.example:old.example\nwww.old.example:www.old.example\n")
    virtual.control("rcpthosts", "mail.example.org\nold.example\nwww.old.example\n")
    virtual.run(["qmail-newu"])
    virtual.user("sender")
    virtual.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users")
    return virtual


def texts(host):
    return {name: host.read(f"{PLACE}/{name}") for name in ("vpasswd", ".qmail-default", ".qmail-first:last", ".dir-control")}


def arrived(host, name):
    return host.sh(f"ls {PLACE}/{HOMES[name]}/Maildir/new").stdout.split()


def test_mail_logins_and_commands_find_what_was_there(old):
    before = texts(old)
    for name in HOMES:
        assert send(old, f"{name}@old.example") == 0
        assert eventually(lambda name=name: arrived(old, name)), old.log("qmail-send")
        code, said, err = check(old, f"{name}@old.example", PASSWORDS[name], "")
        assert (code, said.splitlines()[:2]) == (0, ["vpopmail", f"{PLACE}/{HOMES[name]}"]), err
        assert check(old, f"{name}@old.example", "wrong", "")[0] == 3
    assert send(old, "first.last@www.old.example") == 0
    assert eventually(lambda: len(arrived(old, "joe")) == 2), old.log("qmail-send")
    assert send(old, "nobody@old.example") != 0
    assert "users:  4\n" in run(old, "vdominfo", "old.example")
    assert f"dir:       {PLACE}/0/ann\n" in run(old, "vuserinfo", "ann@old.example")
    assert texts(old) == before


def test_a_new_user_goes_where_the_old_tree_has_its_next_place(old):
    run(old, "vadduser", "jane@old.example", "secret")
    assert f"dir:       {PLACE}/0/jane\n" in run(old, "vuserinfo", "jane@old.example")
    assert check(old, "joe@old.example", PASSWORDS["joe"], "")[0] == check(old, "jane@old.example", "secret", "")[0] == 0
    assert old.read(f"{PLACE}/.dir-control").decode().split()[0] == "105"
