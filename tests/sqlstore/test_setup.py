"""vsetup-sql: from a server that has just been installed to mail, and what is wrong with one."""

import json

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import OK, UNKNOWN, rcpt
from tests.sqlstore.servers import FILE, Mysql, Pgsql, helper_listens
from tests.vdomains.test_domains import run

SERVERS = [Mysql, Pgsql]


@pytest.fixture(params=SERVERS, ids=lambda server: server.name)
def bare(request, host):
    """A server, and the file that says where it is."""
    server = request.param(host)
    try:
        server.begin_bare()
        server.credentials(server.line())
        yield server
    finally:
        server.end()


def set_up(host, server):
    host.sh(f"vsetup-sql {server.name} > /tmp/statements; {server.CLIENT} < /tmp/statements")


def check(host, *words, code=1):
    done = host.run(["vsetup-sql", "--check", *words], check=False)
    assert done.returncode == code, done.stdout.decode() + done.stderr.decode()
    return done.stdout.decode()


def is_well(server):
    return f"{server.name}: nothing is wrong\n"


def test_from_nothing_to_mail(host, bare):
    for _ in range(2):
        set_up(host, bare)
    assert check(host, bare.name, code=0) == is_well(bare)
    host.control("usersbackend", f"{bare.name}\n")
    assert check(host, code=0) == is_well(bare)
    host.start("qmail-send", "qmail-smtpd", "qmail-queue", "qmail-users")
    assert eventually(lambda: helper_listens(host, bare)), host.log("qmail-users")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vadduser", "joe@example.net", "secret")
    assert rcpt(host, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN]


def test_who_reads_has_a_user_of_his_own(host, bare):
    bare.credentials(bare.line("vpopread", "re'ad\\") + bare.line())
    set_up(host, bare)
    assert check(host, bare.name, code=0) == is_well(bare)
    assert host.sh(f"grep -c 'GRANT SELECT ON' /tmp/statements").stdout.strip() == "1"


@pytest.mark.parametrize("bare, fault", [(server, fault) for server in SERVERS for fault in server.faults], indirect=["bare"],
                         ids=lambda given: getattr(given, "name", given))
def test_what_is_wrong_is_said_with_what_to_do(host, bare, fault):
    set_up(host, bare)
    spoil, said = bare.faults[fault]
    bare.sql(spoil)
    told = check(host, bare.name)
    assert told.startswith(f"{bare.name}: {said}") and told.count("\n") == 1
    what, todo = told.rstrip("\n").split(": ", 1)[1].rsplit(": ", 1)
    assert json.loads(check(host, "--json", bare.name)) == {"backend": bare.name, "complaints": [{"what": what, "todo": todo}]}
    if todo.startswith("ALTER"):
        bare.sql(todo)
        assert check(host, bare.name, code=0) == is_well(bare)


def test_a_server_that_cannot_be_entered(host, bare):
    set_up(host, bare)
    bare.credentials(bare.line(password="wrong"))
    assert bare.DENIED in check(host, bare.name)
    bare.credentials(bare.line(), mode=0o644)
    assert "chmod 640" in check(host, bare.name)
    assert host.run(["vsetup-sql", bare.name], check=False).returncode == 1
    bare.credentials(bare.line().replace("vpopmail|it's", "vpop;mail|it's"))
    assert b"more than letters" in host.run(["vsetup-sql", bare.name], check=False).stderr
    host.sh(f"rm /home/vpopmail/etc/vpopmail.{bare.name}")
    assert b"is missing: it is a line" in host.run(["vsetup-sql", bare.name], check=False).stderr
    bare.credentials(bare.line())
    assert check(host, bare.name, code=0) == is_well(bare)
    bare.kill()
    assert "start the server" in check(host, bare.name)


def test_a_file_of_sqlite(host):
    host.sh("vsetup-sql sqlite | su vpopmail -s /bin/sh -c 'umask 077; sqlite3 ~/etc/vpopmail.sqlite'")
    assert check(host, "sqlite", code=0) == "sqlite: nothing is wrong\n"
    host.sh(f"chmod 644 {FILE}")
    assert check(host, "sqlite").endswith("chmod 600\n")
    host.sh(f"chmod 600 {FILE}; sqlite3 {FILE} 'DROP TABLE vpopmail'; chown vpopmail:vchkpw {FILE}")
    assert check(host, "sqlite") == "sqlite: there is no table vpopmail that the user may see: vsetup-sql sqlite prints how it is made and given to him\n"


def test_wrong_use(host):
    for words in ([], ["oracle"], ["--json", "mysql"], ["mysql", "pgsql"], ["-x"]):
        assert host.run(["vsetup-sql", *words], check=False).returncode == 100
    assert b"names no database" in host.run(["vsetup-sql", "--check"]).stderr
