"""Passwords that older systems stored become yescrypt at a login, where control/rehashlogins says so."""

import hashlib
import subprocess

import pytest

from tests.host import eventually
from tests.vdomains.conftest import crypt, in_cdb, records
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import PLACE, password, set_record

SECRET = "pass word"
OLD = {
    "DES": crypt(SECRET, "ab"), "MD5": crypt(SECRET, "$1$abcdefgh$"), "SHA512": crypt(SECRET, "$6$abcdefgh$"),
    "tagged": "{SHA512.HEX}" + hashlib.sha512(SECRET.encode()).hexdigest(), "clear": "{PLAIN}" + SECRET,
}


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "joe@example.net", SECRET)
    virtual.control("rehashlogins", "1\n")
    virtual.start("qmail-users")
    return virtual


def stored(host):
    return records(host, PLACE)["joe"][0]


def let_in(host, secret=SECRET, **more):
    return password(host, "JOE@example.net", secret, **more).startswith("let in")


@pytest.mark.parametrize("form", OLD)
def test_an_old_form_becomes_the_new_one(site, form):
    set_record(site, "joe", 1, OLD[form])
    assert not let_in(site, "password") and stored(site) == OLD[form]
    assert let_in(site)
    assert stored(site).startswith("$y$") and in_cdb(site, PLACE, "joe")[0] == stored(site)
    assert "qmail-usersd: stored anew: the password of joe@example.net\n" in site.log("qmail-users")
    assert SECRET not in site.log("qmail-users")
    new = stored(site)
    assert let_in(site) and stored(site) == new and not let_in(site, "password")
    assert site.sh(f"stat -c '%U %a' {PLACE}/vpasswd {PLACE}/vpasswd.cdb").stdout == "vpopmail 600\n" * 2
    assert site.log("qmail-users").count("stored anew") == 1


def test_only_where_it_is_wanted(site):
    site.control("rehashlogins", "0\n")
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    site.sh("svc -u /service/qmail-users")
    set_record(site, "joe", 1, OLD["MD5"])
    assert eventually(lambda: site.run(["sh", "-c", "printf 'joe@example.net\\0pass word\\0\\0' | vchkpw true 3<&0"], check=False).returncode == 0)
    assert stored(site) == OLD["MD5"]


def test_only_who_is_let_in_with_the_password(site):
    challenge = "<1.2@mail.example.org>"
    set_record(site, "joe", 1, OLD["MD5"])
    set_record(site, "joe", 3, "2")
    assert password(site, "joe@example.net", SECRET).startswith("denied")
    set_record(site, "joe", 3, "0")
    set_record(site, "joe", 6, "NOQUOTA:tanstaaf")
    assert let_in(site, hashlib.md5(f"{challenge}tanstaaf".encode()).hexdigest(), challenge=challenge)
    assert stored(site) == OLD["MD5"]


HOLD = """
import fcntl, sys
lock = open("/home/vpopmail/domains/example.net/.vpasswd.lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.readline()
"""


def test_a_change_meanwhile_stays_and_the_answer_does_not_wait(site):
    """Somebody holds the lock, and gives joe another password."""
    set_record(site, "joe", 1, OLD["MD5"])
    assert password(site, "postmaster@example.net", "secret").startswith("let in"), "and so the table is made"
    holder = site.popen(["/usr/bin/python3", "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"held\n"
    site.write("/tmp/told", f"joe@example.net\0{SECRET}\0\0")
    assert site.run(["sh", "-c", "vchkpw true 3</tmp/told"], timeout=15).returncode == 0
    new = crypt("other", "$6$abcdefgh$")
    site.write(f"{PLACE}/vpasswd", site.read(f"{PLACE}/vpasswd").decode().replace(OLD["MD5"], new), owner="vpopmail", mode=0o600)
    holder.communicate(b"\n")
    assert eventually(lambda: (in_cdb(site, PLACE, "joe") or [""])[0] == new)
    assert stored(site) == new
    assert let_in(site, "other")


def test_the_owner_of_a_domain_does_so_too(site):
    site.user("ann")
    site.sh("mkdir -p ~ann/domains && chown ann: ~ann/domains")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    run(site, "vadduser", "-e", OLD["MD5"], "joe@ann.example")
    assert password(site, "joe@ann.example", SECRET).startswith("let in")
    assert records(site, "/home/ann/domains/ann.example")["joe"][0].startswith("$y$")
    assert site.sh("stat -c '%U %a' ~ann/domains/ann.example/vpasswd").stdout == "ann 600\n"
