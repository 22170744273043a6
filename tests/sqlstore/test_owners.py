"""Domains of other accounts than vpopmail whose users are in a database: all is as in any domain, the account asks for itself alone,
and cannot read what the helper knows of the server."""

import threading

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.sqlstore.servers import SERVERS, Mysql, install
from tests.sqlstore.test_away import begin_trouble, end_trouble
from tests.vdomains.test_domains import run
from tests.vdomains.test_owners import owner
from tests.vdomains.test_vchkpw import pop3
from tests.vdomains.test_virtual_mail import send

ANNS = "/home/ann/domains/ann.example"


@pytest.fixture
def town(host, server):
    owner(host, "ann")
    owner(host, "bob")
    run(host, "vadddomain", "example.net", "secret")
    return host


def messages(host, user="joe"):
    return len(host.sh(f"ls {ANNS}/{user}/Maildir/new", check=False).stdout.split())


def test_all_is_as_in_any_domain(town, server):
    assert sorted(server.sql("SELECT pw_name, pw_domain, pw_dir FROM vpopmail WHERE pw_domain = 'ann.example'").split()) == \
        [f"joe|ann.example|{ANNS}/joe", f"postmaster|ann.example|{ANNS}/postmaster"]
    run(town, "vaddaliasdomain", "ann.example", "alias.example")
    assert rcpt(town, "joe@ann.example", "joe@alias.example", "nobody@ann.example", "joe@bob.example", "postmaster@example.net",
                "joe@example.net")[0] == [OK, OK, UNKNOWN, OK, OK, UNKNOWN]
    assert send(town, "joe@ann.example") == 0
    assert eventually(lambda: messages(town) == 1), town.log("qmail-send")
    assert pop3(town, "joe@ann.example", "pass word")[0] == 0 and pop3(town, "joe@ann.example", "wrong")[0] == 67
    assert town.sh(f"stat -c %U {ANNS}/joe/Maildir/cur/* {ANNS}/joe/Maildir/new/* | sort -u", check=False).stdout == "ann\n"
    run(town, "vmoduser", "-c", "changed", "joe@ann.example")
    assert "changed" in run(town, "vuserinfo", "joe@ann.example")
    run(town, "vrenameuser", "joe@ann.example", "jim")
    run(town, "vpasswd", "jim@ann.example", "sesame")
    assert rcpt(town, "joe@ann.example", "jim@ann.example")[0] == [UNKNOWN, OK]
    town.sh("vadduser jane@ann.example secret", user="ann")
    run(town, "vdeluser", "jim@ann.example")
    assert rcpt(town, "jim@ann.example", "jane@ann.example")[0] == [UNKNOWN, OK]
    run(town, "vdeldomain", "-f", "ann.example")
    assert not server.sql("SELECT pw_name FROM vpopmail WHERE pw_domain = 'ann.example'").strip()
    assert rcpt(town, "joe@bob.example")[0] == [OK]


def test_users_come_from_files_and_go_there(host, server):
    host.control("usersbackend", f"{server.name}\nann.example:cdb\n")
    owner(host, "ann")
    run(host, "vconvert", "-b", server.name, "ann.example")
    assert rcpt(host, "joe@ann.example", "nobody@ann.example")[0] == [OK, UNKNOWN]
    run(host, "vconvert", "-b", "cdb", "ann.example")
    assert rcpt(host, "joe@ann.example", "nobody@ann.example")[0] == [OK, UNKNOWN]


def test_an_account_sees_its_own_domains_alone(town, server):
    town.sh("vuserinfo joe@ann.example", user="ann")
    for words in "vuserinfo joe@bob.example", "vuserinfo postmaster@example.net", "vpasswd joe@bob.example x":
        assert town.sh(words, user="ann", check=False).returncode, words
    if server.name != "sqlite":
        assert town.sh(f"cat /home/vpopmail/etc/vpopmail.{server.name}", user="ann", check=False).returncode


def test_a_group_that_may_read_the_password_is_refused(host, server):
    host.user("ann")
    host.sh("mkdir -p /home/ann/domains && chmod 711 /home/ann && chown ann: /home/ann/domains")
    gid = host.sh("id -g vpopmail").stdout.strip()
    said = host.sh(f"vadddomain -u ann -g {gid} ann.example secret", check=False)
    assert said.returncode and "the group of vpopmail may read" in said.stderr
    assert not host.sh("ls /home/ann/domains").stdout


def test_a_table_whose_name_is_that_of_two_domains(host, server):
    """That of my-shop.example is not shown to whom my.shop.example belongs: all waits."""
    host.user("max")
    server.sql("CREATE TABLE my_shop_example (pw_name CHAR(32) NOT NULL, pw_passwd CHAR(128), pw_uid INT, pw_gid INT,"
               " pw_gecos CHAR(48), pw_dir CHAR(160), pw_shell CHAR(20), PRIMARY KEY (pw_name))")
    server.sql("INSERT INTO my_shop_example VALUES ('old', 'x', 1, 0, 'Old', '/nowhere', 'NOQUOTA')")
    if server.name == "pgsql":
        server.sql("GRANT ALL ON my_shop_example TO vpopmail")
    host.control("usersbackend", f"{server.name}\nmy.shop.example:cdb\n")
    host.user("ann")
    host.sh("mkdir -p /home/ann/domains && chmod 711 /home/ann && chown ann: /home/ann/domains")
    run(host, "vadddomain", "-u", "ann", "my.shop.example", "secret")
    host.control("usersbackend", f"{server.name}\n")
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: rcpt(host, "old@my.shop.example", "nobody@my.shop.example")[0] == [LATER, LATER])
    assert host.sh("vuserinfo old@my.shop.example", check=False).returncode == 111


@pytest.mark.parametrize("server", [Mysql], indirect=True, ids=["mysql"])
def test_many_at_once_all_have_an_answer(town):
    """Few places are for strangers; who finds none comes again, and no mail waits for that."""
    wrong = []

    def ask():
        done = town.run(["sh", "-c", "for i in 1 2 3 4 5; do vuserinfo joe@ann.example || exit; done"], user="ann", check=False)
        wrong.extend([done.stderr] * (done.returncode != 0))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_while_it_is_away(host, server):
    server = server(host)
    host.user("max")
    try:
        install(host, server, snapshotage="3600")
        owner(host, "ann")
        assert eventually(lambda: "joe@ann.example" in host.sh(f"cdb -l /var/qmail/run/users/{server.name}.snapshot", check=False).stdout)
        kind = next(iter(server.troubles))
        begin_trouble(host, server, kind)
        assert eventually(lambda: rcpt(host, "joe@ann.example", "nobody@ann.example")[0] == [OK, LATER], 10)
        assert send(host, "joe@ann.example") == 0
        assert eventually(lambda: messages(host) == 1, 20), host.log("qmail-send")
        end_trouble(host, server, kind)
        assert eventually(lambda: rcpt(host, "joe@ann.example", "nobody@ann.example")[0] == [OK, UNKNOWN], 5)
    finally:
        server.end()
