"""What is kept open for the next question is in force no moment longer than it is true, however busy the service was."""

import pytest

from tests.host import eventually
from tests.local.machine import Spawner, cdb, queue_message
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import ASK, PLACE, ask, password, set_record, site      # noqa: F401 (a fixture)

WORKERS = 8
DEFAULT = "| /home/vpopmail/bin/vdelivermail '' {}\n"

# As test_usersd's, one question after the other, so that each worker has had several.
MANY = ASK.replace("place, *words = sys.argv[1:]\n", "count, place, *words = sys.argv[1:]\n").replace(
    'print("|".join(ask(place, [word.encode() for word in words])))',
    'print(*sorted({ask(place, [word.encode() for word in words])[0] for _ in range(int(count))}))')


def who(host, name):
    """What all workers say."""
    return host.run(["/usr/bin/python3", "-c", MANY, str(4 * WORKERS), "users/socket", "who", "pop3", name, "", "", "", ""]).stdout.decode().strip()


def test_users_come_and_go(site):
    for n in range(3):
        assert who(site, "ann@example.net") == "nobody"
        run(site, "vadduser", "ann@example.net", "pass word")
        assert who(site, "ann@example.net") == "mailbox" == who(site, "joe@example.net")
        run(site, "vdeluser", "ann@example.net")


def test_a_user_is_locked_and_let_go(site):
    assert who(site, "joe@example.net") == "mailbox"
    for option, said in (("-b", "locked"), ("-x", "mailbox")) * 2:
        run(site, "vmoduser", option, "joe@example.net")
        assert who(site, "joe@example.net") == said


def test_tables_of_the_same_length_take_turns_within_a_second(site):
    """The number of a file that is gone is given to the next one."""
    for name in "ann", "bob":
        set_record(site, "joe" if name == "ann" else "ann", 0, name)
        run(site, "vmkpasswd", "example.net")
        site.sh(f"cp -p {PLACE}/vpasswd.cdb {PLACE}/../{name}", user="vpopmail")
    for n in range(10):
        here, gone = ("ann", "bob") if n % 2 else ("bob", "ann")
        site.sh(f"cd {PLACE} && for n in {gone} {here} {gone} {here}; do cp -p ../$n new && mv new vpasswd.cdb; done", user="vpopmail")
        assert (who(site, f"{here}@example.net"), who(site, f"{gone}@example.net")) == ("mailbox", "nobody")
        site.sh(f"cat {PLACE}/../{gone} > {PLACE}/vpasswd.cdb", user="vpopmail")
        assert (who(site, f"{here}@example.net"), who(site, f"{gone}@example.net")) == ("nobody", "mailbox")


def test_the_file_of_the_domain_is_edited(site):
    file = f"{PLACE}/.qmail-default"
    assert who(site, "nobody@example.net") == "nobody"
    for n in range(4):
        site.write(file, DEFAULT.format("delete"), owner="vpopmail", mode=0o600)
        assert who(site, "nobody@example.net") == "taken"
        site.write("/tmp/new", DEFAULT.format("bounce-no-mailbox"), owner="vpopmail", mode=0o600)
        site.sh(f"cp -p /tmp/new {PLACE}/new && mv {PLACE}/new {file}")
        assert who(site, "nobody@example.net") == "nobody"
        site.write(f"{PLACE}/.qmail-nobody", "&joe@example.net\n", owner="vpopmail", mode=0o600)
        assert who(site, "nobody@example.net") == "taken"
        site.sh(f"rm {PLACE}/.qmail-nobody")
    site.sh(f"rm {file}")
    assert who(site, "joe@example.net") == "nobody"


def test_a_domain_moves_goes_and_comes(site):
    run(site, "vadddomain", "other.example", "secret")
    assert who(site, "joe@example.net") == "mailbox" and who(site, "joe@other.example") == "nobody"
    site.sh("mkdir -p /srv/mail && chown vpopmail: /srv/mail", user="root")
    run(site, "vmovedomain", "-d", "/srv/mail", "example.net")
    assert who(site, "joe@example.net") == "mailbox"
    run(site, "vadduser", "new@example.net", "pass word")
    assert who(site, "new@example.net") == "mailbox"
    run(site, "vmovedomain", "-d", "/home/vpopmail", "example.net")
    for n in range(5):
        site.sh(f"cd {VIRTUAL} && mv example.net aside && mv other.example example.net && mv aside other.example", user="root")
        assert who(site, "joe@example.net") == ("mailbox" if n % 2 else "nobody")
        assert who(site, "postmaster@example.net") == "mailbox"
    run(site, "vdeldomain", "other.example")
    assert who(site, "postmaster@other.example") == "unseen"


def test_limits_of_the_domain_count_at_the_next_login(site):
    assert password(site, "joe@example.net", "pass word").startswith("let in")
    for option, said in (("p", "denied"), ("", "let in")) * 2:
        run(site, "vmoddomlimits", "-g", option, "example.net")
        assert password(site, "joe@example.net", "pass word").startswith(said)


@pytest.mark.parametrize("owner, place", [("vpopmail", PLACE), ("max", "/home/max/domains/own.example")])
def test_a_disk_may_be_unmounted_when_nobody_asks(site, owner, place):
    """Long before a process that answers for another account ends."""
    site.user("max")
    run(site, "vadddomain", "-u", "max", "own.example", "secret")
    name = "postmaster@" + place.rpartition("/")[2]
    site.sh(f"cp -a {place} /run/aside && mount -t tmpfs tmpfs {place} && cp -a /run/aside/. {place} && "
            f"chown --reference=/run/aside {place} && chmod --reference=/run/aside {place}", user="root")
    assert ask(site, "who", "pop3", name).startswith("mailbox")
    if owner == "vpopmail":
        assert who(site, name) == "mailbox"
    assert site.sh(f"umount {place}", user="root", check=False).returncode != 0
    assert eventually(lambda: site.sh(f"umount {place}", user="root", check=False).returncode == 0, 20, every=0.5)
    site.sh(f"rm -rf {place}/vpasswd* && rmdir {place} || mv {place} /run/old", user="root")
    assert not ask(site, "who", "pop3", name).startswith("mailbox")


# ---- qmail-lspawn ----

@pytest.fixture
def homes(host):
    """Two homes of one account, and a table for each."""
    host.user("joe")
    queue_message(host)
    uid, gid = host.sh("id -u joe; id -g joe").stdout.encode().split()
    for name in "one", "two":
        host.sh(f"mkdir -p /home/{name} && echo '|echo {name} $EXT' > /home/{name}/.qmail-default && chown -R joe: /home/{name}")
        rows = [(b"!example.net-", b"\0".join([b"example.net", uid, gid, b"/home/" + name.encode(), b"-", b""])), (b"", b"-")]
        host.write(f"/var/qmail/users/{name}", cdb(rows))
    return host


def test_the_table_of_users_is_replaced_within_a_second(homes):
    spawner = Spawner(homes)
    place = "/var/qmail/users"
    for n in range(12):
        home = ("one", "two")[n % 2]
        homes.sh(f"cd {place} && for n in one two one two {home}; do cp $n new && mv new cdb; done", user="root")
        for box in "a", "b":
            assert spawner.deliver(f"example.net-{box}@example.net".encode())[1].startswith(f"{home} {box}\n".encode())
    homes.sh(f"rm {place}/cdb", user="root")
    assert spawner.deliver(b"example.net-a@example.net")[0] == "D"
    spawner.end()
