"""A domain goes into a file and comes back as it was, and nobody else reads the file."""

import json

import pytest

from tests.vdomains.conftest import VIRTUAL, in_cdb, records, state
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"


@pytest.fixture
def domain(virtual):
    """example.net with users of every kind, aliases, limits, and two alias domains."""
    run(virtual, "vadddomain", "-e", "joe", "example.net", "secret")
    for alias in ("alias.example", "www.example.net"):
        run(virtual, "vaddaliasdomain", "example.net", alias)
    run(virtual, "vadduser", "-q", "1M,100C", "-c", "Joe \"Doe\"", "joe@example.net", "pass")
    run(virtual, "vadduser", "-e", "{MD5}x$y", "-q", "NOQUOTA", "-c", b"J\xf6rg", "max@example.net")
    run(virtual, "vmoduser", "-p", "-S", "-C", "clear:one", "max@example.net")
    run(virtual, "vmoddomlimits", "-Q", "50", "-q", "1000", "-g", "p", "example.net")
    run(virtual, "valias", "-i", "&joe@example.net", "sales.all@example.net")
    run(virtual, "valias", "-i", "| exit 0", "list-default@example.net")
    virtual.write(f"{PLACE}/.delivery", "extensions yes\n", owner="vpopmail")
    return virtual


def without_dir(found):
    return {name: fields[:4] + fields[5:] for name, fields in found.items()}


def files(host, place=PLACE):
    return host.sh(f"cd {place} && for f in .qmail* .delivery; do echo == $f; cat $f; done").stdout


def test_there_and_back(domain):
    before, of_files = records(domain, PLACE), files(domain)
    run(domain, "vexport", "example.net", "/root/domain")
    assert domain.sh("stat -c '%a %U' /root/domain; ls /root/domain*").stdout == "600 root\n/root/domain\n"
    lines = [json.loads(line) for line in domain.read("/root/domain").splitlines()]
    assert lines[0] == {"domain": "example.net", "dir": PLACE, "format": 1} and lines[-1] == {"end": len(lines) - 1}
    assert [line["alias_domain"] for line in lines if "alias_domain" in line] == ["alias.example", "www.example.net"]
    run(domain, "vdeldomain", "-f", "example.net")
    run(domain, "vadddomain", "-d", "/srv", "example.net", "other")
    assert run(domain, "vimport", "/root/domain") == ""
    place = "/srv/domains/example.net"
    assert without_dir(records(domain, place)) == without_dir(before) and set(before) == {"joe", "max", "postmaster"}
    assert in_cdb(domain, place, "max")[5:] == ["NOQUOTA", "clear", "one"]
    assert files(domain, place) == of_files.replace(PLACE, place) and PLACE in of_files
    assert {"+alias.example-:example.net:89:89:" + place + ":-::", "+www.example.net-:example.net:89:89:" + place + ":-::"} <= set(
        state(domain)["users/assign"])
    assert domain.sh(f"ls {place}/joe/Maildir").stdout.split() == ["cur", "maildirsize", "new", "tmp"]
    again = domain.read("/root/domain").replace(PLACE.encode(), place.encode())
    run(domain, "vimport", "/root/domain")
    assert run(domain, "vexport", "example.net", "/root/again") == "" and domain.read("/root/again") == again


def test_into_another_domain_and_over_what_is_there(domain):
    run(domain, "vexport", "example.net", "/root/domain")
    run(domain, "vadddomain", "b.example", "other")
    run(domain, "vadduser", "-e", "$1$x$y", "joe@b.example")
    run(domain, "vadduser", "-e", "$1$x$y", "ann@b.example")
    domain.sh(f"echo mail > {VIRTUAL}/b.example/joe/Maildir/new/1.a.b")
    said = run(domain, "vimport", "--dry-run", "/root/domain", "b.example").splitlines()
    assert {"user joe", "alias sales.all", "file .qmail-default"} <= set(said) and "max" not in records(domain, f"{VIRTUAL}/b.example")
    done = domain.run(["vimport", "/root/domain", "b.example"])
    assert b"is another domain's, and stays: alias.example" in done.stderr
    found = records(domain, f"{VIRTUAL}/b.example")
    assert set(found) == {"ann", "joe", "max", "postmaster"} and found["joe"][0] == records(domain, PLACE)["joe"][0]
    assert found["joe"][4] == f"{VIRTUAL}/b.example/joe" and domain.read(f"{VIRTUAL}/b.example/joe/Maildir/new/1.a.b") == b"mail\n"
    assert run(domain, "vverifypw", "joe@b.example", "pass") == "User authenticated.\n"


def test_nobody_else_reads_it(domain):
    done = domain.sh("umask 022; vexport example.net - > /tmp/open", check=False)
    assert done.returncode == 100 and "umask 077" in done.stderr and domain.read("/tmp/open") == b""
    domain.sh("umask 077; vexport example.net - > /tmp/closed; vexport example.net - | cmp - /tmp/closed")
    domain.write("/root/domain", "old\n")
    run(domain, "vexport", "--dry-run", "example.net", "/root/domain")
    assert domain.read("/root/domain") == b"old\n"
    domain.user("eve")
    assert run(domain, "vexport", "example.net", "/tmp/eve", code=100, user="eve").startswith("Error: ")
    for words, code in ((["else.where", "/tmp/x"], 1), (["example.net"], 100), (["example.net", "/no/such/place"], 111)):
        run(domain, "vexport", *words, code=code)


HEAD, END = '{"domain":"example.net","format":1}', '{"end":%d}'


@pytest.mark.parametrize("lines, why", [
    ([], "the file has no end"), (["x"], "line 1: that is no line of a domain"), ([HEAD], "the file has no end"),
    ([HEAD, END % 2], "line 2: lines are missing before the end"), ([HEAD, END % 1, END % 2], "line 2: lines are missing before the end"),
    (['{"user":"joe"}', END % 1], "line 1: a domain begins with its name, once"), ([HEAD, HEAD, END % 2], "line 2: a domain begins with its name, once"),
    ([HEAD, '{"user":"a:b"}', END % 2], "line 2: invalid email character"), ([HEAD, '{"user":"j"}', END % 2], "line 2: Illegal username"),
    ([HEAD, '{"user":"joe","quota":"much"}', END % 2], "line 2: that is no quota"),
    ([HEAD, '{"user":"joe","comment":"a\\nb"}', END % 2], "line 2: bad character"),
    ([HEAD, '{"alias":"../x","text":"y"}', END % 2], "line 2: invalid email character"),
    ([HEAD, '{"alias":"Default","text":"y"}', END % 2], "line 2: can't delete catchall account"),
    ([HEAD, '{"file":"vpasswd","text":"y"}', END % 2], "line 2: that is no file of a domain"),
    ([HEAD, '{"user":"joe"}', '{"user":"joe"}', END % 3], "Username exists")])
def test_what_is_wrong_changes_nothing(virtual, lines, why):
    run(virtual, "vadddomain", "example.net", "secret")
    before = virtual.sh(f"cd {PLACE} && cat vpasswd && ls -A").stdout
    virtual.write("/root/domain", "".join(line + "\n" for line in lines))
    done = virtual.run(["vimport", "/root/domain"], check=False)
    assert done.returncode in (1, 100) and done.stdout.decode() == f"Error: {why}\n"
    assert set(virtual.sh(f"cd {PLACE} && cat vpasswd && ls -A").stdout.split()) - {"joe"} == set(before.split())


def test_the_owner_makes_no_administrators(domain):
    domain.user("eve")
    run(domain, "vadddomain", "-u", "eve", "c.example", "secret")
    run(domain, "vexport", "example.net", "/tmp/domain")
    domain.sh("chown eve /tmp/domain")
    assert run(domain, "vimport", "/tmp/domain", "c.example", code=100, user="eve").endswith("only root makes administrators of the system\n")
    domain.sh("sed -i 's/\"flags\":65538/\"flags\":2/' /tmp/domain")
    done = domain.run(["vimport", "/tmp/domain", "c.example"], user="eve")
    assert b"only root makes alias domains: alias.example" in done.stderr
    assert set(records(domain, "/home/eve/domains/c.example")) == {"joe", "max", "postmaster"}
