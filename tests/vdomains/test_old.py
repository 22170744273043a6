"""Who has not logged in for a long time is told of, and goes only when asked for."""

import pytest

from tests.vdomains.conftest import VIRTUAL, records
from tests.vdomains.test_domains import run

PLACE = f"{VIRTUAL}/example.net"
REPORT = " ** no users were deleted  **\n ** use -D to delete users **\n"


def login(host, name, days, ip="10.0.0.1"):
    host.sh(f"echo {ip} > {PLACE}/{name}/lastauth && touch -d '{days} days ago' {PLACE}/{name}/lastauth && "
            f"chown vpopmail: {PLACE}/{name}/lastauth")


@pytest.fixture
def domain(virtual):
    """old, new and never, who have lastauth; none, who has not."""
    run(virtual, "vadddomain", "example.net", "secret")
    for name in ("old", "new", "never", "none"):
        run(virtual, "vadduser", "-e", "$1$x$y", f"{name}@example.net")
    login(virtual, "postmaster", 1000)
    login(virtual, "old", 200)
    login(virtual, "new", 100)
    login(virtual, "never", 300, ip="0.0.0.0")
    return virtual


def day(host, days):
    return host.sh(f"date -u -d '{days} days ago' +%F").stdout.strip()


def test_without_a_word_they_are_only_told(domain):
    said = run(domain, "vdeloldusers", "-d", "example.net")
    assert said == (f"never@example.net: never logged in, made {day(domain, 300)}\n"
                    f"old@example.net: last login {day(domain, 200)}\n" + REPORT)
    assert len(records(domain, PLACE)) == 5
    assert run(domain, "vdeloldusers", "-a", "400", "-e") == "no old users found\n"
    assert "new@example.net" in run(domain, "vdeloldusers", "-a", "99", "-e")
    assert run(domain, "vdeloldusers", "-D", "--dry-run", "-e").endswith(REPORT) and len(records(domain, PLACE)) == 5
    assert run(domain, "vdeloldusers", "--json", "-e").startswith('{"address":"never@example.net","created":')


def test_they_go_but_never_the_postmaster(domain):
    assert run(domain, "vdeloldusers", "-D", "-a", "0", "-d", "example.net") == ""
    assert set(records(domain, PLACE)) == {"postmaster", "none"}
    assert sorted(domain.sh(f"ls {PLACE}").stdout.split()) == ["none", "postmaster", "vpasswd", "vpasswd.cdb"]


def test_verbose_tells_who_goes(domain):
    assert run(domain, "vdeloldusers", "-DV", "-e").count("\n") == 2
    assert set(records(domain, PLACE)) == {"postmaster", "none", "new"}


def test_the_catch_all_stays(domain):
    domain.write(f"{PLACE}/.qmail-default", f"| /home/vpopmail/bin/vdelivermail '' {PLACE}/old\n", owner="vpopmail")
    done = domain.run(["vdeloldusers", "-D", "-e"])
    assert b"stays, since what is nobody's goes there: old@example.net" in done.stderr
    assert set(records(domain, PLACE)) == {"postmaster", "none", "new", "old"}


def test_trouble_is_no_old_user(domain):
    domain.sh(f"chmod 0 {PLACE}/old && rm {PLACE}/never/lastauth && mkdir {PLACE}/never/lastauth")
    done = domain.run(["vdeloldusers", "-D", "-e"], check=False)
    assert done.returncode == 111 and b"unable to find the last login of old@example.net" in done.stderr
    assert len(records(domain, PLACE)) == 5


def test_wrong_use(domain):
    for words in ([], ["-d", "example.net", "-e"], ["-e", "example.net"], ["-a", "x", "-e"]):
        run(domain, "vdeloldusers", *words, code=100)
    assert run(domain, "vdeloldusers", "-d", "else.where", code=1) == "no old users found\n"
