"""Each change of virtual domains is a line in the log of the service, with who made it."""

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import ask


def changed(host):
    return [line.removeprefix("qmail-usersd: changed: ") for line in host.log("qmail-users").splitlines() if "changed: " in line]


def test_every_change_is_logged_with_who_made_it(virtual):
    virtual.start("qmail-users")
    virtual.sh("mkdir -p /srv/other && chmod 755 /srv/other")
    logged = []
    for command, lines in (
            (["vadddomain", "Example.NET", "secret"], ["new domain example.net by uid 0"]),
            (["vaddaliasdomain", "example.net", "a.example"], ["new alias domain a.example with example.net by uid 0"]),
            (["vadduser", "-e", "x", "Joe@a.example"], ["new user joe@example.net by uid 0"]),
            (["vpasswd", "joe@example.net", "new one"], ["new password of joe@example.net by uid 0"]),
            (["vmoduser", "-p", "joe@example.net"], ["other record of joe@example.net by uid 0"]),
            (["vmoduser", "-x", "example.net"], ["other record of example.net by uid 0"]),
            (["vsetuserquota", "joe@example.net", "1M"], ["other quota of joe@example.net by uid 0"]),
            (["vrenameuser", "joe@example.net", "max"], ["other name of joe@example.net with max by uid 0"]),
            (["valias", "-i", "&a@b.example", "s.x@example.net"], ["new line of alias s.x@example.net with &a@b.example by uid 0"]),
            (["valias", "-d", "s.x@example.net"], ["no longer an alias s.x@example.net by uid 0"]),
            (["vmoddomlimits", "-P", "9", "example.net"], ["other limits of example.net by uid 0"]),
            (["vmoddomlimits", "-S", "example.net"], []),
            (["vmoddomlimits", "-D", "example.net"], ["no limits of example.net by uid 0"]),
            (["vmoddomlimits", "-d", "-P", "9"], ["other limits of the site vlimits.default by uid 0"]),
            (["vipmap", "-a", "192.0.2.1", "example.net"], ["domain of the address 192.0.2.1 with example.net by uid 0"]),
            (["vipmap", "-p"], []),
            (["vipmap", "-d", "192.0.2.1", "example.net"], ["no longer domain of the address 192.0.2.1 with example.net by uid 0"]),
            (["vmovedomain", "-d", "/srv/other", "example.net"], ["other place or owner of example.net by uid 0"]),
            (["vdeluser", "--dry-run", "max@example.net"], []),
            (["vdeluser", "max@example.net"], ["no longer a user max@example.net by uid 0"]),
            (["vuserinfo", "postmaster@example.net"], []),
            (["vdeldomain", "a.example"], ["no longer an alias domain a.example with example.net by uid 0"]),
            (["vdeldomain", "example.net"], ["no longer a domain example.net by uid 0"])):
        run(virtual, *command)
        logged += lines
        assert eventually(lambda: len(changed(virtual)) >= len(logged)) and changed(virtual) == logged, command


def test_of_many_users_one_line_tells(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.start("qmail-users")
    virtual.write("/run/list", "joe@example.net:$1$x$y\nmax@example.net:$1$x$y\n")
    run(virtual, "vadduser", "-f", "/run/list")
    virtual.sh("umask 077; vexport example.net /run/domain.json")
    run(virtual, "vimport", "/run/domain.json")
    assert eventually(lambda: len(changed(virtual)) == 2)
    assert changed(virtual) == ["new users of example.net with 2 by uid 0", "users and aliases taken in by example.net by uid 0"]


def test_an_owner_speaks_for_his_domain_alone(virtual):
    virtual.user("ann")
    virtual.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadddomain", "-u", "ann", "ann.example", "secret")
    virtual.start("qmail-users")
    ann = virtual.sh("id -u ann").stdout.strip()
    run(virtual, "vadduser", "-e", "x", "joe@ann.example", user="ann")
    assert eventually(lambda: changed(virtual) == [f"new user joe@ann.example by uid {ann}"])

    def say(change, name, user, second=""):
        return ask(virtual, "changed", "pop3", name, second, change, user=user).split("|")[0]

    for name in "joe@example.net", "example.net", "else.where", "joe@else.where", "", "ann.example@else.where":
        assert say("add_user", name, "ann") == "not yours"
    assert say("add_user", "joe@ann.example", "qmaild") == say("no_change", "joe@ann.example", "root") == "not yours"
    assert say("add_user", "a b\n%c@ann.example", "ann", "x y") == "let in"
    assert eventually(lambda: changed(virtual)[1:] == [f"new user a_b/_c@ann.example with x_y by uid {ann}"])


def test_a_change_that_is_in_no_log_is_told(virtual):
    done = virtual.run(["vadddomain", "example.net", "secret"])
    assert done.stderr == b"vadddomain: warning: the service qmail-users has not logged this change: add_domain example.net\n"
    assert virtual.sh(f"test -d {VIRTUAL}/example.net", check=False).returncode == 0
