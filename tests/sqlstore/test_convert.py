"""Users of a domain go from any back end to any other, and mail and logins go on."""

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import OK, UNKNOWN, rcpt
from tests.sqlstore.servers import Mysql, Pgsql, Sqlite, helper_listens
from tests.vdomains.test_domains import run
from tests.vdomains.test_vchkpw import pop3

NAMES = ["cdb", "sqlite", "mysql", "pgsql"]


def ways():
    """Each of them to each other, in one walk."""
    left = {(one, other) for one in NAMES for other in NAMES if one != other}
    walk = ["cdb"]
    while left:
        here = walk[-1]
        # Who has most ways left: so none is left behind.
        there = max((to for of, to in left if of == here), key=lambda to: (sum(of == to for of, _ in left), to))
        left.remove((here, there))
        walk.append(there)
    return walk[1:]


@pytest.fixture
def all_servers(host):
    servers = [Sqlite(host), Mysql(host), Pgsql(host)]
    try:
        for server in servers:
            server.begin()
        host.control("usersbackend", "".join(f"{server.name}\n" for server in servers) + "cdb\n")
        host.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users", "qmail-pop3d")
        for server in servers:
            assert eventually(lambda: helper_listens(host, server)), host.log("qmail-users")
        yield host
    finally:
        for server in servers:
            server.end()


def users(host):
    """Some tables have a place for a clear password, and nothing in it."""
    return run(host, "vuserinfo", "-D", "example.net", "--json").replace('"clear":"",', "")


def test_from_each_to_each(all_servers):
    host = all_servers
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vadduser", "-c", "Joe's \\ \"comment\"", "-q", "1000000S", "joe@example.net", "pass word")
    host.write("/tmp/list", "".join(f"u{i}@example.net:secret\n" for i in range(30)))
    run(host, "vadduser", "-f", "/tmp/list")
    assert len(ways()) == 12
    for turn, store in enumerate(ways()):
        run(host, "vmoduser", "-c", f"turn {turn}", "joe@example.net")
        run(host, "vadduser", f"new{turn}@example.net", "secret")
        run(host, "vdeluser", f"u{turn}@example.net")
        before = users(host)
        assert run(host, "vconvert", "-b", store, "example.net") == "converting example.net...    done\n"
        assert host.read("/var/qmail/control/usersbackend").decode().splitlines()[-1] == f"example.net:{store}"
        assert users(host) == before and f"turn {turn}" in before
        assert rcpt(host, "joe@example.net", f"new{turn}@example.net", f"u{turn}@example.net")[0] == [OK, OK, UNKNOWN]
        assert pop3(host, "joe@example.net", "pass word")[0] in (0, 8, 78)
        run(host, "vexport", "example.net", f"/tmp/exported{turn}")
        run(host, "vdeluser", "joe@example.net")
        run(host, "vimport", f"/tmp/exported{turn}")
        assert f"turn {turn}" in users(host) and pop3(host, "joe@example.net", "pass word")[0] in (0, 8, 78)
    assert run(host, "vconvert", "-b", store, "example.net") == "converting example.net...    is there already\n"
    run(host, "vdeldomain", "example.net")


def test_what_is_no_place_to_go(all_servers):
    host = all_servers
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vconvert", "-b", "oracle", "example.net", code=100)
    run(host, "vconvert", "-b", "mysql", code=100)
    run(host, "vconvert", "-b", "mysql", "nobody.example", code=1)
    assert run(host, "vconvert", "-b", "pgsql", "--dry-run", "example.net").startswith("move to another back end")
    assert run(host, "vconvert", "-c", "-m", "example.net").endswith("done\n")
    Mysql.sql(Mysql(host), "UPDATE vpopmail SET pw_gecos = 'mine'")
    assert run(host, "vconvert", "-m", "-c", "example.net").endswith("done\n")
    assert "mine" in users(host)
    Pgsql.sql(Pgsql(host), "CREATE TABLE vpopmail (pw_name VARCHAR(64), pw_domain VARCHAR(96), pw_passwd VARCHAR(128), pw_uid INT, pw_gid INT,"
              " pw_gecos VARCHAR(64), pw_dir VARCHAR(160), pw_shell VARCHAR(20), PRIMARY KEY (pw_name, pw_domain))",
              "INSERT INTO vpopmail VALUES ('x', 'example.net', '', 1, 0, '', '/home/else/x', '')")
    assert run(host, "vconvert", "-b", "pgsql", "example.net", code=1) == "Error: Username exists\n"
    assert "mine" in users(host)


def test_a_server_that_is_away_changes_nothing(all_servers):
    host = all_servers
    run(host, "vadddomain", "example.net", "secret")
    before = users(host), host.read("/var/qmail/control/usersbackend")
    Pgsql.kill(Pgsql(host))
    run(host, "vconvert", "-b", "pgsql", "example.net", code=111)
    assert (users(host), host.read("/var/qmail/control/usersbackend")) == before


@pytest.fixture
def files_and_sqlite(host):
    host.control("usersbackend", "sqlite\ncdb\n")
    host.start("qmail-users")
    assert eventually(lambda: helper_listens(host, Sqlite(host))), host.log("qmail-users")
    run(host, "vadddomain", "example.net", "secret")
    return host


def test_what_was_changed_while_one_was_killed_follows_with_the_next(files_and_sqlite):
    """Of whatever domain; but not over what has been changed since."""
    host, begun = files_and_sqlite, "/var/qmail/users/vconvert.begun"
    host.write("/tmp/list", "".join(f"{name}@example.net:secret\n" for name in ("joe", "jane", "jim", "max", "sue")))
    run(host, "vadduser", "-f", "/tmp/list")
    copied = host.read("/home/vpopmail/domains/example.net/vpasswd").decode()
    run(host, "vconvert", "-b", "sqlite", "example.net")
    assert host.sh(f"ls {begun}", check=False).returncode
    # As after a kill in front of its last step: this was copied, and then these were changed in the files.
    host.write(begun, "example.net cdb sqlite\n" + copied, mode=0o600)
    host.sh("cp /var/qmail/control/usersbackend /tmp/there; sed -i /example.net/d /var/qmail/control/usersbackend")
    run(host, "vmoduser", "-c", "meanwhile", "joe@example.net")
    run(host, "vmoduser", "-c", "meanwhile", "jane@example.net")
    run(host, "vdeluser", "jim@example.net")
    run(host, "vdeluser", "sue@example.net")
    run(host, "vadduser", "new@example.net", "secret")
    host.sh("cp /tmp/there /var/qmail/control/usersbackend")
    for name in "jane", "sue":
        run(host, "vmoduser", "-c", "since", f"{name}@example.net")
    run(host, "vadddomain", "b.example", "secret")
    assert run(host, "vconvert", "--dry-run", "-b", "sqlite", "b.example").startswith("move to another")
    assert run(host, "vconvert", "-b", "sqlite", "b.example").endswith("done\n")
    found = [line.split("|") for line in Sqlite(host).sql("SELECT pw_name, pw_gecos FROM vpopmail ORDER BY pw_name").splitlines()]
    assert {name: comment for name, comment in found if comment in ("meanwhile", "since")} == {"joe": "meanwhile", "jane": "since", "sue": "since"}
    assert {"new", "max"} <= {name for name, _ in found} and "jim" not in {name for name, _ in found}
    assert host.sh(f"ls {begun}", check=False).returncode


def test_one_that_was_never_in_force_is_forgotten(files_and_sqlite):
    host, begun = files_and_sqlite, "/var/qmail/users/vconvert.begun"
    for text in "example.net cdb sqlite\n", "gone.example cdb sqlite\n", "", "example.net cdb", "example.net oracle cdb\n":
        host.write(begun, text, mode=0o600)
        before = users(host)
        assert run(host, "vconvert", "-b", "cdb", "example.net").endswith("is there already\n")
        assert users(host) == before and host.sh(f"ls {begun}", check=False).returncode, text


def test_many_domains_at_once(host):
    """Each is forgotten when it is done."""
    server = Sqlite(host)
    try:
        server.begin()
        host.control("usersbackend", "sqlite\ncdb\n")
        host.start("qmail-users")
        assert eventually(lambda: helper_listens(host, server)), host.log("qmail-users")
        domains = [f"d{i}.example" for i in range(16)]
        for domain in domains:
            run(host, "vadddomain", domain, "secret")
        done = host.sh(f"ulimit -n 16; vconvert -b sqlite {' '.join(domains)}", check=False)
        assert done.returncode == 0 and done.stdout.count("done") == 16, done
    finally:
        server.end()
