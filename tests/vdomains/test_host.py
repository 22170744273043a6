"""On which host a mailbox is: root says it, it stays with the user, and whoever sends logins there is told."""

import json

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL, records
from tests.vdomains.test_changes import changed
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import ask
from tests.vdomains.test_vpopmaild import Talk, system_admin

PLACE = f"{VIRTUAL}/example.net"
JOE, MAX = "joe@example.net", "max@example.net"


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", JOE, "pass word")
    run(virtual, "vadduser", MAX, "mine")
    virtual.start("qmail-users")
    return virtual


def told(host, address, user="root"):
    """What who sends logins there hears; empty: it is on this one."""
    said = ask(host, "host", "imap", address, user=user).split("|")
    assert said[0] == "let in"
    return said[6]


def test_root_says_where_a_mailbox_is(site):
    assert told(site, JOE) == run(site, "vuserinfo", "-H", JOE).strip() == ""
    run(site, "vmoduser", "-H", "Mail2.Example.NET", JOE)
    assert told(site, "JOE@Example.net") == "mail2.example.net" and told(site, MAX) == ""
    assert site.read(f"{PLACE}/joe/mailhost") == b"joe:mail2.example.net\n"
    assert site.sh(f"stat -c '%U %a' {PLACE}/joe/mailhost").stdout == "vpopmail 600\n"
    assert run(site, "vuserinfo", "-H", JOE) == "mail2.example.net\n"
    assert "\nhost:      mail2.example.net\n" in run(site, "vuserinfo", JOE) and "\nhost:" not in run(site, "vuserinfo", MAX)
    shown = [json.loads(line) for line in run(site, "vuserinfo", "--json", "-D", "example.net").splitlines()]
    assert {one["name"]: one.get("host") for one in shown} == {"joe": "mail2.example.net", "max": None, "postmaster": None}
    assert run(site, "vmoduser", "-H", "other", "--dry-run", JOE) == f"change the host of {JOE}\n"
    assert told(site, JOE) == "mail2.example.net"
    run(site, "vmoduser", "-H", "", JOE)
    assert told(site, JOE) == "" and not site.sh(f"ls {PLACE}/joe/mailhost", check=False).stdout


def test_a_home_that_cannot_be_opened_is_told_of(site):
    """What is in it is not known then, and not absent."""
    assert site.run(["vuserinfo", JOE]).stderr == b""
    site.sh(f"mv {PLACE}/joe {PLACE}/there && ln -s there {PLACE}/joe")
    assert site.run(["vuserinfo", JOE]).stderr.startswith(b"vuserinfo: warning: unable to open a home of example.net: ")


def test_it_is_a_change_like_others(site):
    run(site, "vmoduser", "-c", "Joe", "-H", "192.0.2.1", JOE)
    run(site, "vmoduser", "-H", "b.example", "example.net")
    run(site, "vmoduser", "-H", "", MAX)
    assert [told(site, whom) for whom in (JOE, MAX, "postmaster@example.net")] == ["b.example", "", "b.example"]
    assert records(site, PLACE)["joe"][3] == "Joe"
    lines = [f"other record of {JOE} by uid 0", f"other host of {JOE} with 192.0.2.1 by uid 0",
             "other host of example.net with b.example by uid 0", f"other host of {MAX} by uid 0"]
    assert eventually(lambda: changed(site) == lines)


@pytest.mark.parametrize("name", ["a b", "a:b", "-a.example", "a-.example", "a..b", ".", "192.0.2.256", "1", "a.1", "[::1", "[a.example]", "a/b", "a_b",
                                  "\xe4.example", "x" * 64, ".".join(["x" * 49] * 6), "a\nb"])
def test_what_is_no_host_is_refused(virtual, name):
    run(virtual, "vadddomain", "example.net", "secret")
    assert run(virtual, "vmoduser", "-H", name, "postmaster@example.net", code=100) == "Error: that is no host\n"
    assert not virtual.sh(f"ls {PLACE}/postmaster/mailhost", check=False).stdout


def test_nobody_else_says_it(site):
    site.user("ann")
    site.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    for address, user in (("postmaster@ann.example", "ann"), (JOE, "vpopmail")):
        assert run(site, "vmoduser", "-H", "b.example", address, user=user, code=100).startswith("Error: only root")
    run(site, "vmoduser", "-H", "b.example", "postmaster@ann.example")
    assert eventually(lambda: told(site, "postmaster@ann.example") == "b.example")
    assert told(site, "postmaster@ann.example", user="ann") == "b.example"
    assert site.sh("stat -c %U /home/ann/domains/ann.example/postmaster/mailhost").stdout == "ann\n"
    for user in "qmaild", "ann":
        assert ask(site, "host", "imap", JOE, user=user).startswith("not yours")
    assert ask(site, "host", "imap", "nobody@example.net").startswith("nobody") and run(site, "vmoduser", "-H", "x", "nobody@example.net", code=1)


def test_a_web_page_of_who_administers_the_system(site):
    t = system_admin(site)
    assert t.ask(f"set_host {MAX} b.example") == "+OK" and told(site, MAX) == "b.example"
    assert t.ask(f"set_host {MAX} b c").startswith("-ERR 100.0 ") and t.ask(f"set_host {MAX}") == "+OK" and told(site, MAX) == ""
    assert Talk(site, "postmaster@example.net secret").ask(f"set_host {MAX} b.example").startswith("-ERR 101.0 ")


def test_it_goes_with_the_user_and_keeps_to_him(site):
    run(site, "vmoduser", "-H", "b.example", JOE)
    run(site, "vrenameuser", JOE, "jim")
    run(site, "vadduser", JOE, "another")
    assert told(site, "jim@example.net") == "b.example" and told(site, JOE) == ""
    site.sh(f"mv {PLACE}/jim /srv/jim")
    run(site, "vmoduser", "-D", "/srv/jim", "jim@example.net")
    run(site, "vmoduser", "-D", "/srv/jim", MAX)
    assert told(site, "jim@example.net") == "b.example" and told(site, MAX) == ""
    run(site, "vdeluser", "jim@example.net")
    run(site, "vadduser", "jim@example.net", "another")
    run(site, "vmoduser", "-D", "/srv/jim", "jim@example.net")
    assert told(site, "jim@example.net") == ""


def test_it_goes_with_the_domain(site):
    run(site, "vmoduser", "-H", "b.example", JOE)
    run(site, "vmoduser", "-H", "c.example", "postmaster@example.net")
    run(site, "vexport", "example.net", "/root/domain")
    lines = [json.loads(line) for line in site.read("/root/domain").splitlines()]
    assert {line["user"]: line.get("host") for line in lines if "user" in line} == {"joe": "b.example", "max": None, "postmaster": "c.example"}
    site.sh("mkdir -p /srv/other && chmod 755 /srv/other")
    run(site, "vmovedomain", "-d", "/srv/other", "example.net")
    assert told(site, JOE) == "b.example"
    run(site, "vdeldomain", "example.net")
    run(site, "vadddomain", "example.net", "secret")
    run(site, "vadduser", MAX, "mine")
    run(site, "vmoduser", "-H", "x.example", MAX)
    run(site, "vimport", "/root/domain")
    assert [told(site, whom) for whom in (JOE, MAX, "postmaster@example.net")] == ["b.example", "", "c.example"]


def test_a_file_says_no_host_that_is_none_and_an_owner_says_none(site):
    site.user("eve")
    run(site, "vadddomain", "-u", "eve", "c.example", "secret")
    for name, end in (("good", "b.example"), ("bad", "a b")):
        site.write(f"/tmp/{name}", '{"domain":"c.example","format":1}\n{"user":"joe","host":"%s"}\n{"end":2}\n' % end, owner="eve")
    assert run(site, "vimport", "/tmp/bad", code=100) == "Error: line 2: that is no host\n"
    done = site.run(["vimport", "/tmp/good"], user="eve")
    assert b"only root says on which host a mailbox is: joe" in done.stderr
    assert run(site, "vuserinfo", "-H", "joe@c.example") == "\n"
    run(site, "vimport", "/tmp/good")
    assert run(site, "vuserinfo", "-H", "joe@c.example") == "b.example\n"


def test_twenty_at_once_in_one_home_lose_nothing(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.write("/run/list", "".join(f"user{i}@example.net:$1$x$y\n" for i in range(20)))
    run(virtual, "vadduser", "-f", "/run/list")
    virtual.sh("install -d -o vpopmail -g vchkpw -m 750 /srv/shared")
    for i in range(20):
        run(virtual, "vmoduser", "-D", "/srv/shared", f"user{i}@example.net")
    virtual.sh("for i in $(seq 0 19); do vmoduser -H host$i.example user$i@example.net & done; wait")
    assert {line for line in virtual.read("/srv/shared/mailhost").decode().splitlines()} == {f"user{i}:host{i}.example" for i in range(20)}


def test_what_cannot_be_told_is_trouble(site):
    run(site, "vmoduser", "-H", "b.example", JOE)
    for spoil in ("echo 'joe:a b' > mailhost", "rm mailhost; mkdir mailhost", "rmdir mailhost; ln -s /etc/hostname mailhost",
                  "rm mailhost; head -c 70000 /dev/zero > mailhost; chown vpopmail mailhost"):
        site.sh(f"cd {PLACE}/joe && {spoil}")
        assert ask(site, "host", "imap", JOE).startswith("trouble"), spoil
        done = site.run(["vuserinfo", JOE])
        assert b"mailhost" in done.stderr and b"host: " not in done.stdout
    site.sh(f"rm -r {PLACE}/joe/mailhost")
    site.write(f"{PLACE}/joe/mailhost", "\n:x\njo:a.example\njoe:b.example", owner="vpopmail", mode=0o600)
    assert told(site, JOE) == "b.example"
    site.sh(f"rm -r {PLACE}/joe")
    assert told(site, JOE) == ""
