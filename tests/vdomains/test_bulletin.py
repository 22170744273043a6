"""A bulletin comes to each mailbox once, within its quota, or to nobody by mistake."""

import email
import re

import pytest

from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run

NEWS = "From: us@example.net\nSubject: news\n\nThe machine will be off.\n"


@pytest.fixture
def two(virtual):
    """example.net with its alias, joe and jane, b.example with max; a postmaster each."""
    for domain, *names in (("example.net", "joe", "jane"), ("b.example", "max")):
        run(virtual, "vadddomain", domain, "secret")
        for name in names:
            run(virtual, "vadduser", "-e", "$1$x$y", f"{name}@{domain}")
    run(virtual, "vaddaliasdomain", "example.net", "alias.example")
    virtual.write("/root/news", NEWS)
    return virtual


def found(host, user):
    """The files in new/ of a mailbox."""
    name, domain = user.split("@")
    return sorted(host.sh(f"find {VIRTUAL}/{domain}/{name}/Maildir/new -type f").stdout.split())


ALL = ["joe@example.net", "jane@example.net", "postmaster@example.net", "max@b.example", "postmaster@b.example"]


def test_it_comes_to_each_mailbox_with_his_address(two):
    assert run(two, "vpopbull", "-f", "/root/news") == ""
    names = set()
    for user in ALL:
        path, = found(two, user)
        message = email.message_from_bytes(two.read(path))
        assert message["To"] == user and message["Date"] and message["Subject"] == "news"
        assert message.get_payload() == "The machine will be off.\n"
        size, wire = map(int, re.search(r",S=(\d+),W=(\d+)$", path).groups())
        assert size == len(two.read(path)) and wire == size + two.read(path).count(b"\n") and two.sh(f"stat -c '%a %U:%G' {path}").stdout == "600 vpopmail:vchkpw\n"
        names.add(path.split("/")[-1])
    assert len(names) == 5
    assert two.sh("stat -c '%a %U' /root/news").stdout == "644 root\n" and two.read("/root/news").decode() == NEWS


def test_domains_are_named_and_an_alias_is_passed_over(two):
    done = two.run(["vpopbull", "-V", "-f", "/root/news", "alias.example", "else.where", "B.example"], check=False)
    assert done.returncode == 1 and done.stdout == b"max@b.example\npostmaster@b.example\n"
    assert b"since it is an alias: alias.example" in done.stderr and b"there is no virtual domain else.where" in done.stderr
    assert [len(found(two, user)) for user in ALL] == [0, 0, 0, 1, 1]


def test_who_is_to_be_left_out(two):
    two.write("/root/without", "Joe@example.net\npostmaster@b.example\n")
    said = run(two, "vpopbull", "-n", "-e", "/root/without")
    assert said.split() == ["jane@example.net", "postmaster@example.net", "max@b.example"]
    assert [len(found(two, user)) for user in ALL] == [0] * 5
    run(two, "vpopbull", "-f", "/root/news", "-e", "/root/without")
    assert [len(found(two, user)) for user in ALL] == [0, 1, 1, 1, 0]
    assert run(two, "vpopbull", "--dry-run", "--json", "-f", "/root/news", "b.example") == \
        '{"address":"max@b.example"}\n{"address":"postmaster@b.example"}\n'
    assert [len(found(two, user)) for user in ALL] == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("way", ["-h", "-s"])
def test_one_file_may_serve_a_domain(two, way):
    run(two, "vpopbull", way, "-f", "/root/news")
    paths = [found(two, user)[0] for user in ALL]
    assert len({path.split("/")[-1] for path in paths}) == 5
    inodes = [two.sh(f"stat -c '%i %h %a %U' {path}").stdout.split() for path in paths]
    assert [inode[1:] for inode in inodes] == [["3", "600", "vpopmail"]] * 3 + [["2", "600", "vpopmail"]] * 2
    assert len({inode[0] for inode in inodes}) == 2
    two.sh("rm /root/news")
    assert {two.read(path).decode() for path in paths} == {NEWS}


@pytest.mark.parametrize("way", ["-c", "-h"])
def test_a_quota_holds_and_its_ledger_is_kept(two, way):
    run(two, "vsetuserquota", "joe@example.net", "1M,2C")
    run(two, "vsetuserquota", "jane@example.net", "20")
    run(two, "vpopbull", way, "-f", "/root/news", "b.example")
    done = two.run(["vpopbull", way, "-f", "/root/news", "example.net"], check=False)
    assert done.returncode == 1 and done.stderr == b"vpopbull: warning: over quota: jane@example.net\n"
    path, = found(two, "joe@example.net")
    assert found(two, "jane@example.net") == []
    ledger = two.read(f"{VIRTUAL}/example.net/joe/Maildir/maildirsize").decode().split()
    assert ledger[0] == "1048576S,2C"
    assert [sum(map(int, ledger[at::2])) for at in (1, 2)] == [len(two.read(path)), 1]
    two.run(["vpopbull", way, "-f", "/root/news", "example.net"], check=False)
    two.run(["vpopbull", way, "-f", "/root/news", "example.net"], check=False)
    assert len(found(two, "joe@example.net")) == 2 and len(found(two, "postmaster@example.net")) == 3


def test_missing_homes_are_made_and_links_lead_nowhere(two):
    two.sh(f"rm -r {VIRTUAL}/example.net/joe {VIRTUAL}/b.example/max/Maildir")
    two.sh(f"mkdir /tmp/else && mv {VIRTUAL}/example.net/jane /tmp/jane && ln -s /tmp/else {VIRTUAL}/example.net/jane")
    done = two.run(["vpopbull", "-f", "/root/news"], check=False)
    assert done.returncode == 111 and b"unable to deliver to jane@example.net" in done.stderr
    assert len(found(two, "joe@example.net")) == len(found(two, "max@b.example")) == len(found(two, "postmaster@example.net")) == 1
    assert two.sh("ls /tmp/else").stdout == ""


def test_what_is_no_bulletin(two):
    two.write("/root/empty", "")
    assert run(two, "vpopbull", "-f", "/root/empty", code=100) == "Error: /root/empty is empty\n"
    for words, code in ((["-f", "/root/none"], 111), (["-f", "/root"], 100), ([], 100), (["-f", "/root/news", "-c", "-h"], 100),
                        (["-f", "/root/news", "-e", "/root/none"], 111)):
        run(two, "vpopbull", *words, code=code)
    assert [len(found(two, user)) for user in ALL] == [0] * 5
    two.write("/root/text", "only text\n")
    run(two, "vpopbull", "-f", "/root/text", "b.example")
    assert email.message_from_bytes(two.read(found(two, "max@b.example")[0])).get_payload() == "only text\n"


def test_the_owner_of_a_domain_reaches_his_domains_alone(two):
    two.user("eve")
    run(two, "vadddomain", "-u", "eve", "c.example", "secret")
    assert run(two, "vpopbull", "-n", user="eve") == "postmaster@c.example\n"
    two.write("/tmp/news", NEWS)
    done = two.run(["vpopbull", "-f", "/tmp/news", "b.example", "c.example"], user="eve", check=False)
    assert done.returncode == 100 and b"only root and its owner may do this in b.example" in done.stderr
    assert two.sh("ls /home/eve/domains/c.example/postmaster/Maildir/new | wc -l").stdout == "1\n"
    assert found(two, "max@b.example") == []
