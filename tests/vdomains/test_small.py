"""Small commands around virtual domains: how much there is, who is there, aliases that stay where they are."""

import json

import pytest

from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    for name, quota in (("joe", "1M"), ("jane", "NOQUOTA"), ("full", "10")):
        run(virtual, "vadduser", "-e", "$1$x$y", "-q", quota, f"{name}@example.net")
    run(virtual, "valias", "-i", "&joe@example.net", "sales.all@example.net")
    run(virtual, "valias", "-i", "&joe@example.net", "list-default@example.net")
    return virtual


def put(host, name, sizes):
    host.sh("; ".join(f"head -c {size} /dev/zero > {PLACE}/{name}/Maildir/new/{i}.a.b" for i, size in enumerate(sizes)) +
            f"; chown -R vpopmail: {PLACE}/{name}")


# ---- vusage ----

def test_how_much_users_and_domains_have(site):
    put(site, "joe", [100, 200])
    put(site, "jane", [1000])
    assert run(site, "vusage", "joe@example.net", "Jane%alias.example", "@example.net", "alias.example") == (
        "joe@example.net: 300 byte(s) in 2 file(s)\njane@example.net: 1000 byte(s) in 1 file(s)\n" +
        "@example.net: 1300 byte(s) in 3 file(s)\n" * 2)
    assert json.loads(run(site, "vusage", "--json", "joe@example.net")) == {"name": "joe@example.net", "bytes": 300, "messages": 2}
    assert site.sh(f"ls {PLACE}/jane/Maildir").stdout.split() == ["cur", "new", "tmp"]


def test_a_sum_is_of_what_can_be_seen(site):
    put(site, "joe", [100])
    site.sh(f"rm -r {PLACE}/full; chmod 0 {PLACE}/jane")
    done = site.run(["vusage", "example.net"], check=False)
    assert done.returncode == 111 and b"unable to look at the mailbox of jane@example.net" in done.stderr
    assert done.stdout == b"@example.net: 100 byte(s) in 1 file(s)\n"
    assert run(site, "vusage", "nobody@example.net", code=1) == "no such user nobody@example.net\n"
    for words, code in (([], 100), (["@else.where"], 1)):
        run(site, "vusage", *words, code=code)


# ---- vrcptcheck ----

def check(host, address, user="root"):
    host.write("/tmp/address", address)
    return host.sh("vrcptcheck 3< /tmp/address", check=False, user=user).returncode


def test_who_is_there(site):
    site.user("max")
    site.start("qmail-users")
    put(site, "full", [20])
    run(site, "vadduser", "-e", "$1$x$y", "locked@example.net")
    run(site, "vmoduser", "-b", "locked@example.net")
    for address, code in (("joe@example.net", 0), ("JOE@alias.example\n", 0), ("sales.all@example.net", 0), ("list-x@example.net\0\0", 0),
                          ("nobody@example.net", 1), ("locked@example.net", 1), ("full@example.net", 111),
                          ("max@mail.example.org", 0), ("max-x@mail.example.org", 1), ("postmaster@mail.example.org", 0),
                          ("joe@else.where", 1), ("joe", 1), ("", 1), ("x" * 510 + "@example.net", 1)):
        assert check(site, address) == code, address
    assert check(site, "joe@example.net", user="qmaild") == 0 and check(site, "nobody@example.net", user="qmaild") == 1
    assert site.sh("vrcptcheck", check=False).returncode == 111


def test_nobody_knows_while_the_service_is_down(site):
    assert check(site, "joe@example.net") == check(site, "nobody@example.net") == 111


# ---- dotqmail2valias ----

def test_aliases_are_where_they_are_looked_for(site):
    before = site.sh(f"ls -lA --time-style=full-iso {PLACE}").stdout
    assert run(site, "dotqmail2valias", "-a") == "example.net: aliases that stay in their files: 2\n"
    assert run(site, "dotqmail2valias", "example.net") == "example.net: aliases that stay in their files: 2\n"
    assert site.sh(f"ls -lA --time-style=full-iso {PLACE}").stdout == before
    for words, code in (([], 100), (["-a", "example.net"], 100), (["else.where"], 1)):
        run(site, "dotqmail2valias", *words, code=code)
