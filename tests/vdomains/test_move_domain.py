"""A domain gets another owner or another place, with all that its users have."""

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL, in_cdb, records, state
from tests.vdomains.test_domains import owner_of, plan_is_there, run
from tests.vdomains.test_virtual_mail import send

PLACE = f"{VIRTUAL}/example.net"


@pytest.fixture
def domain(virtual):
    """example.net with joe, who gets what is nobody's, an alias domain and a message; and the accounts max and eve."""
    virtual.user("max")
    run(virtual, "vadddomain", "-e", "joe", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    run(virtual, "vadduser", "joe@example.net", "pass")
    virtual.sh(f"echo mail > {PLACE}/joe/Maildir/new/1.a.b && chown vpopmail: {PLACE}/joe/Maildir/new/1.a.b && "
               f"echo x > {PLACE}/of-root && ln -s /etc/passwd {PLACE}/link && chown -h vpopmail: {PLACE}/link")
    return virtual


def owners(host, place):
    return {line for line in host.sh(f"find {place} -not -name of-root -printf '%u:%g %y\\n'").stdout.splitlines()}


def test_another_owner_in_his_home(domain):
    before = state(domain)
    run(domain, "vmovedomain", "-u", "max", "example.net")
    place = "/home/max/domains/example.net"
    assert owner_of(domain, "example.net") == owner_of(domain, "alias.example") == ["example.net", place]
    assert owners(domain, place) == {"max:max d", "max:max f", "max:max l"} and domain.sh(f"stat -c %U {place}/of-root").stdout == "root\n"
    assert domain.sh("stat -c %U /etc/passwd").stdout == "root\n" and domain.sh(f"ls -A {VIRTUAL}").stdout.split() == [
        ".dir-control", ".dir-control.lock"]
    found = records(domain, place)
    assert {fields[4] for fields in found.values()} == {f"{place}/joe", f"{place}/postmaster"}
    assert in_cdb(domain, place, "joe") == found["joe"]
    assert domain.read(f"{place}/.qmail-default").decode() == f"| /home/vpopmail/bin/vdelivermail '' {place}/joe\n"
    assert domain.read(f"{VIRTUAL}/.dir-control").split()[0] == b"0" and domain.read("/home/max/domains/.dir-control").split()[0] == b"1"
    after = state(domain)
    assert {**after, "users/assign": []} == {**before, "users/assign": []} and not plan_is_there(domain)
    run(domain, "vadduser", "ann@example.net", "x")
    assert domain.sh(f"stat -c %U {place}/ann").stdout == "max\n"


def test_mail_and_logins_go_on(domain):
    domain.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users")
    run(domain, "vmovedomain", "-u", "max", "example.net")
    assert send(domain, "joe@alias.example") == 0
    assert eventually(lambda: domain.sh("ls /home/max/domains/example.net/joe/Maildir/new | wc -l").stdout == "2\n"), domain.log("qmail-send")
    run(domain, "vmovedomain", "-i", "89", "-g", "89", "-d", "/home/vpopmail", "example.net")
    assert owner_of(domain, "example.net") == ["example.net", PLACE]
    assert send(domain, "joe@example.net") == 0
    assert eventually(lambda: domain.sh(f"ls {PLACE}/joe/Maildir/new | wc -l").stdout == "3\n"), domain.log("qmail-send")
    assert owners(domain, PLACE) == {"vpopmail:vchkpw d", "vpopmail:vchkpw f", "vpopmail:vchkpw l"}


def test_another_owner_where_it_is(domain):
    before = state(domain)
    done = domain.run(["vmovedomain", "-i", "4711", "-g", "4712", "example.net"], check=False)
    assert done.returncode == 111 and b"unable to reach, as the owner of the domain, " in done.stderr and state(domain) == before
    domain.sh(f"chmod 711 /home/vpopmail {VIRTUAL}")
    run(domain, "vmovedomain", "-i", "4711", "-g", "4712", "example.net")
    assert owners(domain, PLACE) == {"4711:4712 d", "4711:4712 f", "4711:4712 l"}
    assert f"+alias.example-:example.net:4711:4712:{PLACE}:-::" in state(domain)["users/assign"]


def test_what_would_be_done_is_said(domain):
    before = state(domain), domain.sh(f"ls -lRA --time-style=full-iso {VIRTUAL}").stdout
    said = run(domain, "vmovedomain", "--dry-run", "-u", "max", "example.net").splitlines()
    assert said[0] == f"move {PLACE} to {VIRTUAL}/.moving.example.net" and said[3] == f"move {VIRTUAL}/.moving.example.net to /home/max/domains/example.net"
    assert before == (state(domain), domain.sh(f"ls -lRA --time-style=full-iso {VIRTUAL}").stdout)


def test_what_is_refused(domain):
    domain.sh("mkdir -p /home/max/domains/example.net /run/other && mount -t tmpfs none /run/other")
    for words, code in ((["-u", "max", "example.net"], 1), (["-d", "/run/other", "example.net"], 1), (["-u", "root", "example.net"], 100),
                        (["example.net"], 100), (["-u", "max"], 100), (["-u", "max", "alias.example"], 100), (["-u", "max", "else.where"], 1),
                        (["-i", "89", "example.net"], 1), (["-d", "/home/vpopmail", "example.net"], 1)):
        done = domain.run(["vmovedomain", *words], check=False)
        assert done.returncode == code, done
    assert owner_of(domain, "example.net") == ["example.net", PLACE] and domain.read("/home/max/domains/.dir-control").split()[0] == b"0"
    assert domain.run(["vmovedomain", "-u", "max", "example.net"], user="max", check=False).returncode == 100
