"""Lists whose subscribers are in SQLite, MariaDB or PostgreSQL: as in files; and nothing is lost and nothing sent twice while the server
is away."""

import os
import re

import pytest

from tests.host import eventually
from tests.lists.elsewhere import PLACES, MysqlOfLists, PgsqlOfLists, Sqlite, list_there
from tests.sqlstore.servers import Locker

# What a statement would be made of that had values in it.
ODD = ["x'--@example.net", 'a"b@example.net', "a\\'b@example.net", "';drop-table-sos;--@example.net", "%@example.net", "_@example.net",
       "a`b@example.net", "$1@example.net", "?@example.net", "jö@example.net", "o'neil@example.net", "\\@example.net"]


@pytest.fixture(params=PLACES, ids=lambda place: place.name)
def place(request, host):
    place = request.param(host)
    try:
        place.begin()
        yield place
    finally:
        place.end()


@pytest.fixture
def sos(host, place):
    return list_there(host, place)


def fails(sos, program, *words, code=111, env=""):
    done = sos.host.sh(f"{env} {program} {sos.dir} {' '.join(words)}", user=sos.owner, check=False)
    assert done.returncode == code, done
    return done.stderr


def count(place, table="sos"):
    return int(place.sql(f"SELECT COUNT(*) FROM {table}"))


# ---- as in files ----

def test_addresses_come_and_go(host, sos, place):
    sos.subscribe("Joe@Example.NET", "ann@example.org", "joe@example.net")
    assert sorted(sos.subscribers()) == ["Joe@example.net", "ann@example.org"] and count(place) == 2
    assert sos.run("ezmlm-list", "-n", sos.dir).stdout == "2\n"
    for who, code in (("JOE@example.NET", 0), ("jo@example.net", 99), ("", 99)):
        fails(sos, "ezmlm-issubn", code=code, env=f"SENDER={who}")
    assert "only subscribers" in host.sh(f"SENDER=x@y ezmlm-checksub {sos.dir}", user=sos.owner, check=False).stdout
    sos.run("ezmlm-unsub", sos.dir, "JOE@example.net", "nobody@example.net")
    assert sos.subscribers() == ["ann@example.org"]
    assert re.sub(r"\d{6,}", "T", sos.read("Log")) == "T +manual Joe@example.net\nT +manual ann@example.org\nT -manual JOE@example.net\n"
    assert sorted(place.sql("SELECT edir, etype, address FROM sos_slog").split()) == \
        ["+|m|Joe@example.net", "+|m|ann@example.org", "-|m|JOE@example.net"]
    assert not host.sh(f"ls {sos.dir}/subscribers").stdout


def test_tables(host, sos, place):
    for table in ("allow", "deny", "digest", "mod"):
        sos.subscribe(f"{table}@example.org", table=table)
        assert sos.subscribers(table) == [f"{table}@example.org"] and count(place, f"sos_{table}") == 1
    assert sos.subscribers() == []
    sos.subscribe("@bad.example", table="deny")
    fails(sos, "ezmlm-issubn", "deny", code=0, env="SENDER=any@bad.example")
    fails(sos, "ezmlm-issubn", "deny", "mod", code=99, env="SENDER=any@good.example")
    assert "sos_none" in fails(sos, "ezmlm-list", "none")
    sos.run("ezmlm-rmtab", sos.dir)
    assert "sos" in fails(sos, "ezmlm-list")
    sos.edit()
    assert sos.subscribers() == [] == sos.subscribers("mod")


def test_no_value_is_a_part_of_a_statement(host, sos, place):
    sos.run("ezmlm-sub", sos.dir, input="".join(f"{odd}\n" for odd in ODD))
    assert sorted(sos.subscribers()) == sorted(ODD)
    for odd in ODD:
        assert host.run(["env", f"SENDER={odd}", "ezmlm-issubn", sos.dir], user=sos.owner, check=False).returncode == 0, odd
    sos.run("ezmlm-sub", "-n", sos.dir, "who@example.net", "'); DROP TABLE sos; -- \\' \" é")
    for odd in ODD:
        sos.run("ezmlm-unsub", sos.dir, odd)
    assert sos.subscribers() == ["who@example.net"]
    assert "'); DROP TABLE sos; -- " in place.sql("SELECT fromline FROM sos_slog")
    fails(sos, "ezmlm-issubn", code=99, env="SENDER='%@example.net'")


def test_what_no_column_takes_is_refused(sos, place):
    long = "x" * 240 + "@example.net"
    assert "#5.1.1" in fails(sos, "ezmlm-sub", "ann@example.net", "x" + "y" * 255 + "@b", code=100)
    assert "#5.1.1" in fails(sos, "ezmlm-sub", long, "'b\udcffd@example.net'", code=100)
    sos.run("ezmlm-sub", sos.dir, input="a@b\nc@d\nnobody\ne@f\n", check=False)
    assert sorted(sos.subscribers()) == sorted(["ann@example.net", long, "a@b", "c@d"])
    fails(sos, "ezmlm-issubn", code=99, env=f"SENDER={'y' * 300}@b")


def test_who_has_no_room_keeps_nobody_out(host, sos, place):
    """Of many that come in one piece: each that the database does not take is named, all others are in."""
    place.narrow_addresses()
    long = ["x" * 40 + "@b.example", "y" * 300 + "@b.example", "z" * 40 + "@b.example"]
    short = [f"r{n}@b.example" for n in range(100)]
    host.write("/tmp/many", "".join(f"{who}\n" for who in [*short[:50], *long[:2], *short[50:], "R3@B.example", long[2]]))
    done = host.sh(f"ezmlm-sub {sos.dir} </tmp/many", user=sos.owner, check=False)
    assert re.findall(r"^ezmlm-sub: warning: the database does not take (\S+): \S.*$", done.stderr, re.M) == long, done.stderr
    assert done.returncode == 100 and done.stderr.count("\n") == 3
    assert sorted(sos.subscribers()) == sorted(short)
    assert count(place, "sos_slog") == 100 == sos.read("Log").count("\n")
    more = [f"new{n}@b.example" for n in range(40)]
    host.write("/tmp/many", "".join(f"{who}\n" for who in [*short, *more, *(who.upper() for who in more)]))
    host.sh(f"ezmlm-sub {sos.dir} </tmp/many", user=sos.owner)
    assert sorted(sos.subscribers()) == sorted(short + more) and count(place, "sos_slog") == 140
    host.write("/tmp/many", "".join(f"{who}\n" for who in [*long, *short, *more]))
    assert not host.sh(f"ezmlm-unsub {sos.dir} </tmp/many", user=sos.owner).stderr, "who cannot be there is not there"
    assert sos.subscribers() == [] and count(place, "sos_slog") == 280


def test_a_row_that_is_too_long_is_told(host, sos, place):
    if place.name == "sqlite":
        place.sql(f"INSERT INTO sos (hash, address) VALUES (1, '{'x' * 5000}@b.example')")
    else:
        place.sql("ALTER TABLE sos " + ("MODIFY address TEXT" if place.name == "mysql" else "DROP CONSTRAINT sos_pkey, ALTER address TYPE TEXT"))
        place.sql(f"INSERT INTO sos (hash, address) VALUES (1, '{'x' * 5000}@b.example')")
    assert "a row of the table is longer than 4096 bytes" in fails(sos, "ezmlm-list")


def test_hashes(sos, place):
    sos.run("ezmlm-sub", "-h", "3", sos.dir, "user@example.com")
    sos.subscribe("lindberg@id.wustl.edu")
    assert sorted(place.sql("SELECT address, hash FROM sos").split()) == ["lindberg@id.wustl.edu|5", "user@example.com|3"]
    sos.run("ezmlm-unsub", "-h", "4", sos.dir, "user@example.com")
    assert len(sos.subscribers()) == 2
    sos.run("ezmlm-unsub", "-h", "3", sos.dir, "user@example.com")
    assert len(sos.subscribers()) == 1


# ---- from files, and back ----

def test_from_files_to_a_table_and_back(host, sos, place):
    """What an administrator types."""
    for n in range(30):
        sos.run("ezmlm-sub", "-M", sos.dir, f"old{n}@example.net")
    assert sos.subscribers() == []
    host.sh(f"ezmlm-list -M {sos.dir} | ezmlm-sub {sos.dir}", user=sos.owner)
    assert len(sos.subscribers()) == 30
    sos.subscribe("new@example.net")
    host.sh(f"ezmlm-list {sos.dir} | ezmlm-sub -M {sos.dir} && rm {sos.dir}/subdb", user=sos.owner)
    assert len(sos.subscribers()) == 31
    assert sos.run("ezmlm-list", "-n", "-S", place.LINE, sos.dir).stdout == "31\n"


def test_an_old_list(host, sos, place):
    """DIR/sql, of when one server was known."""
    sos.subscribe("ann@example.net")
    host.sh(f"mv {sos.dir}/subdb {sos.dir}/sql && sed -i 's/^{place.plugin}://' {sos.dir}/sql")
    if place.name == "mysql":
        assert sos.subscribers() == ["ann@example.net"]
    else:
        fails(sos, "ezmlm-list")


# ---- posts ----

def test_a_post(host, sos, place):
    for user in ("joe", "ann"):
        host.user(user)
        sos.subscribe(f"{user}@{host.name}")
    host.start()
    sos.write(f"joe@{host.name}", "Hello")
    for user in ("joe", "ann"):
        assert eventually(lambda: host.maildir(user)), host.log("qmail-send")
        assert f"Return-Path: <sos-return-1-{user}={host.name}@{host.name}>" in host.maildir(user)[0].decode()


def test_a_hundred_thousand(host, sos, place):
    """As they come, in little memory."""
    place.sql(f"INSERT INTO sos (hash, address) {place.MANY}")
    assert count(place) == 100000
    host.write("/tmp/queue", "#!/bin/sh\ncat >/dev/null\nexec 3<&1 >/tmp/count\ntr '\\0' '\\n' <&3 | grep -c '^Treader'\n", mode=0o755)
    done = host.sh(f"SENDER=joe@example.net QMAILQUEUE=/tmp/queue /usr/bin/time -f %M ezmlm-send {sos.dir}", user=sos.owner,
                   input="From: joe@example.net\nSubject: s\n\nHello\n")
    assert host.read("/tmp/count") == b"100000\n"
    # A sanitizer needs memory of its own.
    assert "SANITIZE" in os.environ or int(done.stderr.split()[-1]) < 8192, done.stderr


# ---- trouble ----

def post(host, sos, number):
    sos.write(f"joe@{host.name}", f"number {number}", subject=f"s{number}")


def is_here(host, *numbers):
    mails = sorted(re.search(rb"Subject: s(\d+)", mail)[1].decode() for mail in host.maildir("ann"))
    return mails == sorted(map(str, numbers))


def test_a_post_waits_for_the_server(host, sos, place):
    host.user("ann")
    host.user("joe")
    sos.subscribe(f"ann@{host.name}")
    host.start()
    post(host, sos, 0)
    assert eventually(lambda: is_here(host, 0))
    for number, (begin, end) in enumerate(place.troubles.values(), 1):
        getattr(place, begin)()
        try:
            before = host.log("qmail-send").count("deferral:")
            post(host, sos, number)
            assert eventually(lambda: host.log("qmail-send").count("deferral:") > before, 40), host.log("qmail-send")
            said = fails(sos, "ezmlm-sub", "bob@example.net")
            assert said.count("\n") == 1 and said.startswith("ezmlm-sub: fatal: unable to ask the database of subscribers: "), said
            fails(sos, "ezmlm-issubn", env="SENDER=ann@example.net")
            assert is_here(host, *range(number)) and "it's" not in said
        finally:
            getattr(place, end)()
        host.sh("qmailctl flush")
        assert eventually(lambda: is_here(host, *range(number + 1)), 40), host.log("qmail-send")
    assert "bob@example.net" not in sos.subscribers()
    assert not host.maildir("joe"), "a bounce"


def test_what_cannot_be_written_is_read(host, sos, place):
    sos.subscribe("ann@example.net")
    place.forbid_writing()
    fails(sos, "ezmlm-sub", "bob@example.net")
    fails(sos, "ezmlm-unsub", "ann@example.net")
    assert sos.subscribers() == ["ann@example.net"]
    place.allow_writing()
    sos.subscribe("bob@example.net")
    assert len(sos.subscribers()) == 2


@pytest.mark.parametrize("place", [MysqlOfLists, PgsqlOfLists], indirect=True, ids=["mysql", "pgsql"])
def test_many_are_all_there_or_none(host, sos, place):
    """Of what has come in one piece somebody else has a row in the middle, and does not go on."""
    host.write("/tmp/many", "".join(f"r{n}@b.example\n" for n in range(3000)))
    locker = Locker(host, place.SHELL, "BEGIN; INSERT INTO sos (hash, address) VALUES (1, 'r2000@b.example')")
    try:
        assert host.sh(f"ezmlm-sub {sos.dir} </tmp/many", user=sos.owner, check=False).returncode == 111
    finally:
        locker.end()
    assert eventually(lambda: count(place) == 0 == count(place, "sos_slog"))
    host.sh(f"ezmlm-sub {sos.dir} </tmp/many", user=sos.owner)
    assert count(place) == 3000 == count(place, "sos_slog")


# ---- what is wrong ----

@pytest.mark.parametrize("text, mode, word", [
    (None, 0o644, "chmod 600"), (None, 0o660, "chmod 600"), ("", 0o600, "subdb: there is no line"), ("# none\n", 0o600, "subdb: there is no line"),
    ("mysql:localhost\n", 0o600, "subdb: there is no user"), ("mysql:localhost:x:u:p:d:t\n", 0o600, "subdb: what stands behind the host"),
    ("oracle:h::u:p:d:t\n", 0o600, "subdb: it names none of"), ("pgsql:h::u:p:d:sos; DROP TABLE sos\n", 0o600, "subdb: the table's name"),
    ("mysql:h::u:p:d:t:more\n", 0o600, "subdb: a line is plugin:"),
])
@pytest.mark.parametrize("place", [Sqlite], indirect=True, ids=["sqlite"])
def test_what_is_wrong_is_said_in_a_line(host, sos, place, text, mode, word):
    host.write(f"{sos.dir}/subdb", place.LINE + "\n" if text is None else text, owner=sos.owner, mode=mode)
    for program in ("ezmlm-list", "ezmlm-sub"):
        said = fails(sos, program)
        assert word in said and said.count("\n") == 1, said
    host.sh(f"rm -f {sos.dir}/Mailbox")
    checked = host.sh(f"ezmlm-check {sos.dir}", user=sos.owner, check=False).stdout
    assert "nobody can tell who is subscribed, and mail waits: " in checked and word in checked
    host.write(f"{sos.dir}/subdb", place.LINE + "\n", owner=sos.owner, mode=0o600)
    assert "nobody can tell" not in host.sh(f"ezmlm-check {sos.dir}", user=sos.owner, check=False).stdout


def test_a_row_without_an_address_stops_nobody(host, sos, place):
    """As a form of the site may have put it there."""
    host.user("ann")
    sos.subscribe(f"ann@{host.name}")
    place.sql("INSERT INTO sos (hash, address) VALUES (3, '')")
    if place.name == "sqlite":
        place.sql("INSERT INTO sos (hash, address) VALUES (3, 'a@b.example' || char(0) || 'Fc@d.example')")
    host.start()
    post(host, sos, 0)
    assert eventually(lambda: is_here(host, 0))
    assert eventually(lambda: "without_an_address_is_passed_over" in host.log("qmail-send"))


def test_root_asks_as_who_owns_the_list(host, sos, place):
    """He is told the truth of a list of somebody else, and neither reads nor leaves what only he may."""
    sos.subscribe("ann@example.net")
    assert "nobody can tell" not in host.sh(f"ezmlm-check {sos.dir}", check=False).stdout
    assert host.sh(f"ezmlm-list {sos.dir}").stdout == "ann@example.net\n"
    host.sh(f"ezmlm-sub {sos.dir} bob@example.net")
    assert sorted(sos.subscribers()) == ["ann@example.net", "bob@example.net"]
    assert not host.sh("find /var/qmail/alias -user root").stdout
    host.sh(f"chown root {sos.dir}/subdb")
    for user in ("root", sos.owner):
        assert "Permission denied" in host.sh(f"ezmlm-list {sos.dir}", user=user, check=False).stderr


def test_a_wrong_password(host, sos, place):
    if place.name == "sqlite":
        pytest.skip("there is none")
    sos.put("subdb", place.LINE.replace("it's", "wrong"))
    said = fails(sos, "ezmlm-list")
    assert place.DENIED in said and said.count("\n") == 1
