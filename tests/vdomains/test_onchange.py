"""The site's script hears of each change once it is done, and cannot undo or hold it."""

import time

import pytest

from tests.vdomains.conftest import VIRTUAL, records
from tests.vdomains.test_domains import run

SCRIPT = "/home/vpopmail/etc/onchange"
LOG = "/tmp/onchange.log"
ALL = """#!/bin/sh
[ ! -e /home/vpopmail/domains/example.net/vpasswd ] || grep -c . /home/vpopmail/domains/example.net/vpasswd
echo "$(id -un) $# $*" >> /tmp/onchange.log
"""


def script(host, text=ALL, mode=0o755):
    host.write(SCRIPT, text, owner="vpopmail", mode=mode)


def told(host):
    """What the script heard since the last time; by whom it was run goes without saying."""
    lines = host.sh(f"cat {LOG} 2>/dev/null; rm -f {LOG}", check=False).stdout.splitlines()
    assert all(line.startswith("vpopmail 4 ") for line in lines), lines
    return [line[len("vpopmail 4 "):] for line in lines]


@pytest.fixture
def site(virtual):
    script(virtual)
    return virtual


def test_it_hears_of_domains(site):
    run(site, "vadddomain", "Example.NET", "secret")
    assert told(site) == ["add_domain example.net - -"]
    run(site, "vaddaliasdomain", "example.net", "alias.example")
    run(site, "vaddaliasdomain", "other.example", "example.net")
    assert told(site) == ["add_alias_domain alias.example example.net -", "add_alias_domain other.example example.net -"]
    run(site, "vdeldomain", "alias.example")
    run(site, "vdeldomain", "-f", "example.net")
    assert told(site) == ["del_domain alias alias.example of example.net - -", "del_domain example.net - -"]


def test_it_hears_of_users(site):
    run(site, "vadddomain", "example.net", "secret")
    told(site)
    for command, heard in (
            (["vadduser", "-e", "$1$x$y", "Joe@example.net"], ["add_user joe@example.net - -"]),
            (["vpasswd", "joe@example.net", "x"], ["mod_user joe@example.net - -"]),
            (["vmoduser", "-p", "joe@example.net"], ["mod_user joe@example.net - -"]),
            (["vsetuserquota", "joe%example.net", "1M"], ["mod_user joe@example.net - -"]),
            (["vmoduser", "-x", "example.net"], ["mod_user joe@example.net - -", "mod_user postmaster@example.net - -"]),
            (["vrenameuser", "joe@example.net", "max"], ["del_user joe@example.net - -", "add_user max@example.net - -"]),
            (["valias", "-i", "&a@b.example", "sales@example.net"], ["valias_insert sales@example.net &a@b.example -"]),
            (["valias", "-d", "sales@example.net"], ["valias_delete sales@example.net - -"]),
            (["valias", "-s", "default@example.net"], []),
            (["vuserinfo", "max@example.net"], []),
            (["vdeluser", "--dry-run", "max@example.net"], []),
            (["vdeluser", "max@example.net"], ["del_user max@example.net - -"])):
        run(site, *command)
        assert told(site) == heard, command
    run(site, "vdeluser", "max@example.net", code=1)
    assert told(site) == []


def test_it_has_no_terminal_of_root(site):
    """On one of its own session vpopmail could type for root."""
    run(site, "vadddomain", "example.net", "secret")
    script(site, "#!/bin/sh\nset -- $(cat /proc/$$/stat) $$\necho \"$6 $7\" > /tmp/session; echo $$ >> /tmp/session\n")
    site.sh("setsid -w script -qec 'vadduser -e x joe@example.net' /dev/null < /dev/null")
    session, terminal, process = site.read("/tmp/session").decode().split()
    assert (session, terminal) == (process, "0")


def test_it_hears_of_each_of_many(site):
    run(site, "vadddomain", "example.net", "secret")
    told(site)
    site.write("/run/list", "joe@example.net:$1$x$y\nmax@example.net:$1$x$y\n")
    run(site, "vadduser", "-f", "/run/list")
    assert told(site) == ["add_user joe@example.net - -", "add_user max@example.net - -"]
    site.write("/run/pairs", "ann:$1$x$y\n")
    run(site, "vconvert", "-p", "/run/pairs", "-c", "example.net")
    assert told(site) == ["add_user ann@example.net - -"]
    site.sh(f"for name in joe max; do echo 10.0.0.1 > {VIRTUAL}/example.net/$name/lastauth; touch -d '400 days ago' "
            f"{VIRTUAL}/example.net/$name/lastauth; chown vpopmail: {VIRTUAL}/example.net/$name/lastauth; done")
    run(site, "vdeloldusers", "-D", "-e")
    assert told(site) == ["del_user joe@example.net - -", "del_user max@example.net - -"]


@pytest.mark.parametrize("text, mode, why", [
    ("#!/bin/sh\nexit 3\n", 0o755, "has failed"), ("#!/bin/sh\nkill -9 $$\n", 0o755, "has failed"), (ALL, 0o644, "not executable"),
    ("#!/no/such/program\n", 0o755, "not executable")])
def test_its_failure_is_one_line(site, text, mode, why):
    site.start("qmail-users")
    run(site, "vadddomain", "example.net", "secret")
    script(site, text, mode)
    done = site.run(["vadduser", "-e", "$1$x$y", "joe@example.net"])
    assert done.stderr.decode() == f"vadduser: warning: ONCHANGE script {SCRIPT} {why}: add_user joe@example.net\n" and done.stdout == b""
    assert set(records(site, f"{VIRTUAL}/example.net")) == {"postmaster", "joe"}


def test_it_has_its_time(site):
    run(site, "vadddomain", "example.net", "secret")
    script(site, "#!/bin/sh\nsleep 1000 &\nsleep 1000\n")
    began = time.monotonic()
    done = site.run(["vadduser", "-e", "$1$x$y", "joe@example.net"])
    assert 29 < time.monotonic() - began < 50
    assert b"has had its time and is stopped" in done.stderr and site.sh("pgrep -x sleep").stdout == "1\n"      # the host itself


def test_without_a_script_nothing_is_started(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    virtual.sh("strace -f -o /run/trace vmoduser -p postmaster@example.net; strace -f -o /run/trace2 vadduser -e x joe@example.net")
    for trace in ("/run/trace", "/run/trace2"):
        assert virtual.read(trace).decode().count("onchange") == 1
        assert virtual.sh(f"grep -c '+++ exited' {trace}").stdout == "2\n"
