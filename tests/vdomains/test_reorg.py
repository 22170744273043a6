"""Homes are spread anew, and nobody's mail is lost by it."""

import pytest

from tests.vdomains.conftest import VIRTUAL, in_cdb, records
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"


@pytest.fixture
def domain(virtual):
    """240 users u000 to u239 and the postmaster, a message each; then the first 150 go."""
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.write("/run/list", "".join(f"u{i:03d}@example.net:$1$x$y\n" for i in range(240)))
    run(virtual, "vadduser", "-f", "/run/list")
    virtual.sh(f"cd {PLACE} && for d in u??? ?/u???; do echo ${{d#*/}} > $d/Maildir/new/1.a.b; done && chown -R vpopmail: .")
    virtual.sh("for i in $(seq -f %03g 0 149); do echo u$i@example.net; done | xargs -n 1 vdeluser")
    return virtual


def homes(host):
    return {name: fields[4][len(PLACE) + 1:] for name, fields in records(host, PLACE).items()}


def all_have_their_mail(host):
    found = records(host, PLACE)
    mail = dict(line.rsplit(":", 1) for line in host.sh(f"grep -r . {PLACE} --include=1.a.b").stdout.split())
    return all(mail.pop(f"{fields[4]}/Maildir/new/1.a.b") == name for name, fields in found.items() if name != "postmaster") and not mail


def test_they_stand_as_if_they_had_come_by_name(domain):
    before = homes(domain)
    assert before["u239"] == "1/u239" and len(before) == 91
    said = run(domain, "vreorg", "--dry-run", "example.net").splitlines()
    assert "move u239 from 1 to ." in said and len(said) == sum("/" in home for home in before.values())
    assert homes(domain) == before
    assert run(domain, "vreorg", "example.net") == ""
    assert homes(domain) == {name: name for name in before} and all_have_their_mail(domain)
    assert in_cdb(domain, PLACE, "u239") == records(domain, PLACE)["u239"]
    assert domain.read(f"{PLACE}/.dir-control").decode().splitlines()[0] == "91"
    assert domain.sh(f"ls -A {PLACE}/0 {PLACE}/1; cat {PLACE}/.dir_control_free; ls {PLACE}/.moving; find {PLACE} -type l",
                     check=False).stdout.split() == [f"{PLACE}/0:", f"{PLACE}/1:"]
    assert run(domain, "vreorg", "--dry-run", "example.net") == ""
    run(domain, "vadduser", "-e", "$1$x$y", "new@example.net")
    assert homes(domain)["new"] == "new"
    assert run(domain, "vusage", "@example.net") == f"@example.net: {90 * 5} byte(s) in 90 file(s)\n"


def test_what_is_elsewhere_or_in_the_way_stays(domain):
    run(domain, "vmoduser", "-D", "/srv/joe", "u200@example.net")
    domain.sh(f"mkdir {PLACE}/u239 && rm -r {PLACE}/1/u238 && chown vpopmail: {PLACE}/u239")
    done = domain.run(["vreorg", "example.net"], check=False)
    assert done.returncode == 1 and b"stays, since something else has this name where the home would be: u239" in done.stderr
    found = records(domain, PLACE)
    assert found["u200"][4] == "/srv/joe" and found["u239"][4] == f"{PLACE}/1/u239" and found["u238"][4] == f"{PLACE}/u238"
    assert domain.read(f"{PLACE}/1/u239/Maildir/new/1.a.b") == b"u239\n"
    assert domain.sh(f"find {PLACE} -type l").stdout == ""


def test_a_home_that_is_not_there_has_a_new_name_all_the_same(domain):
    domain.sh(f"rm -r {PLACE}/1/u239")
    run(domain, "vrenameuser", "u239@example.net", "max")
    assert homes(domain)["max"] == "1/max" and domain.sh(f"find {PLACE} -type l; ls -A {PLACE} | grep renaming$", check=False).stdout == ""


def test_who_may_and_what_is_wrong(domain):
    domain.user("eve")
    assert run(domain, "vreorg", "example.net", code=100, user="eve").startswith("Error: ")
    for words, code in ((["else.where"], 1), ([], 100), (["a.b", "c.d"], 100)):
        run(domain, "vreorg", *words, code=code)
    domain.sh(f"echo 'x:$1$x$y:1:0:x:{PLACE}/x:NOQUOTA' >> {PLACE}/vpasswd && vmkpasswd example.net")
    assert run(domain, "vreorg", "example.net", code=1) == "Error: a home has the name of a directory of homes: x\n"
