"""Users who were known lately get their mail while the database is away; nobody is refused, and no login is, for what was known lately."""

import os

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.sqlstore.servers import SERVERS, helper_listens, install
from tests.sqlstore.test_users import JOE, KINDS, NO_MESSAGE, PLACE, begin_trouble, end_trouble, inject, login
from tests.vdomains.test_domains import run
from tests.vdomains.test_vchkpw import pop3
from tests.vdomains.test_virtual_mail import messages, send

BEGINS = "warning: the database is away: users are looked up in run/users/"
IS_BACK = "info: the database is back: the snapshot is used no more"
KINDS = [(server, kind) for server, kind in KINDS if not kind.startswith("helper")]


@pytest.fixture
def server(request, host):
    server = request.param(host)
    host.user("max")
    try:
        install(host, server, snapshotage="3600")
        run(host, "vadddomain", "example.net", "secret")
        run(host, "vadduser", "joe@example.net", "pass word")
        yield server
    finally:
        server.end()


each_server = pytest.mark.parametrize("server", SERVERS, indirect=True, ids=lambda server: server.name)
each_trouble = pytest.mark.parametrize("server, kind", KINDS, indirect=["server"], ids=[f"{server.name}-{kind}" for server, kind in KINDS])


def place(server):
    return f"/var/qmail/run/users/{server.name}.snapshot"


def keys(host, server):
    return {line.partition(":")[2] for line in host.sh(f"cdb -l {place(server)}", check=False).stdout.splitlines()}


def knows(host, server, *names):
    """Whether the snapshot has these users, and nobody of the others."""
    every = ("joe", "jane", "jim", "max")
    known = keys(host, server)
    return [name for name in every if f"{name}@example.net" in known] == sorted(names, key=every.index)


def is_well(host):
    return rcpt(host, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN]


def is_known(host):
    return rcpt(host, "joe@example.net", "nobody@example.net")[0] == [OK, LATER]


@each_trouble
def test_who_is_known_gets_his_mail(host, server, kind):
    """At RCPT, by SMTP and from the queue; then all is as it was, within 5 seconds."""
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    begin_trouble(host, server, kind)
    assert eventually(lambda: is_known(host), 10), host.log("qmail-users")
    assert send(host, "joe@example.net") == 0
    inject(host)
    assert eventually(lambda: messages(host) == 2, 20), host.log("qmail-send")
    assert "-ERR [SYS/TEMP]" in login(host) and "-ERR [SYS/TEMP]" in login(host, password="wrong")
    run(host, "vadduser", "jane@example.net", "secret", code=111)
    end_trouble(host, server, kind)
    assert eventually(lambda: is_well(host), 5), host.log("qmail-users")
    assert pop3(host, *JOE)[0] in NO_MESSAGE
    log = host.log("qmail-users")
    assert log.count(BEGINS) == log.count(IS_BACK) == 1, log
    assert not host.maildir("max"), "nothing came back"


@each_server
def test_it_survives_a_restart(host, server):
    """Of the service, and of the database that never came back in between."""
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    kind = next(iter(server.troubles))
    begin_trouble(host, server, kind)
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: host.log("qmail-users").count("workers listen on /var/qmail/run/users/" + server.name) == 2)
    assert eventually(lambda: is_known(host), 10), host.log("qmail-users")
    end_trouble(host, server, kind)
    assert eventually(lambda: is_well(host), 5), host.log("qmail-users")


@each_server
def test_there_is_none_before_the_first(host, server):
    host.sh("svc -d /service/qmail-users")
    assert eventually(lambda: "down" in host.sh("svstat /service/qmail-users").stdout)
    host.sh(f"rm -f {place(server)}")
    kind = next(iter(server.troubles))
    begin_trouble(host, server, kind)
    host.sh("svc -u /service/qmail-users")
    assert eventually(lambda: helper_listens(host, server))
    assert eventually(lambda: rcpt(host, "joe@example.net", "nobody@example.net")[0] == [LATER, LATER])
    end_trouble(host, server, kind)
    assert eventually(lambda: is_well(host), 5), host.log("qmail-users")
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")


@each_server
def test_one_that_is_too_old_is_not_used(host, server):
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    kind = next(iter(server.troubles))
    begin_trouble(host, server, kind)
    assert eventually(lambda: is_known(host), 10)
    host.sh(f"touch -d '2 hours ago' {place(server)}")
    assert rcpt(host, "joe@example.net", "nobody@example.net")[0] == [LATER, LATER]
    host.sh(f"touch -d '50 minutes ago' {place(server)}")
    assert is_known(host)
    end_trouble(host, server, kind)


@each_server
def test_who_was_changed_by_a_command_is_not_believed(host, server):
    """In the seconds until the next snapshot. Its maker is stopped, so that there comes none."""
    run(host, "vadduser", "jim@example.net", "secret")
    assert eventually(lambda: knows(host, server, "joe", "jim")), host.log("qmail-users")
    keeper = host.sh(f"pgrep -n -f '^/var/qmail/bin/qmail-store-{server.name}'").stdout.strip()
    host.sh(f"kill -STOP {keeper}")
    run(host, "vdeluser", "jim@example.net")
    kind = next(iter(server.troubles))
    begin_trouble(host, server, kind)
    assert eventually(lambda: rcpt(host, "joe@example.net", "jim@example.net")[0] == [OK, LATER], 10)
    host.sh(f"kill -CONT {keeper}")
    end_trouble(host, server, kind)
    assert eventually(lambda: rcpt(host, "joe@example.net", "jim@example.net")[0] == [OK, UNKNOWN], 5)
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")


@each_server
def test_nor_is_he_after_a_restart(host, server):
    """Just after the change, while the database is away."""
    run(host, "vadduser", "jim@example.net", "secret")
    assert eventually(lambda: knows(host, server, "joe", "jim")), host.log("qmail-users")
    host.sh(f"kill -STOP $(pgrep -n -f '^/var/qmail/bin/qmail-store-{server.name}')")
    run(host, "vdeluser", "jim@example.net")
    kind = next(iter(server.troubles))
    begin_trouble(host, server, kind)
    host.sh(f"pkill -KILL -f '^/var/qmail/bin/qmail-store-{server.name}'")
    assert eventually(lambda: rcpt(host, "joe@example.net", "jim@example.net")[0] == [OK, LATER], 20), host.log("qmail-users")
    end_trouble(host, server, kind)
    assert eventually(lambda: rcpt(host, "joe@example.net", "jim@example.net")[0] == [OK, UNKNOWN], 5)
    assert eventually(lambda: host.read(f"/var/qmail/run/users/{server.name}.recent") == b"", 20)


@each_server
def test_nobody_is_refused_for_what_was_so_lately(host, server):
    """Who was locked, full, or has no home waits."""
    for name in "jane", "jim", "max":
        run(host, "vadduser", f"{name}@example.net", "secret")
    server.sql("UPDATE vpopmail SET pw_gid = 16 WHERE pw_name = 'jane'")
    server.sql("UPDATE vpopmail SET pw_shell = '1C' WHERE pw_name = 'jim'")
    host.write(f"{PLACE}/.delivery", "overquota 0\n", owner="vpopmail")
    host.write(f"{PLACE}/jim/Maildir/new/1.a.b", "Subject: x\n\nmail\n", owner="vpopmail")
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: rcpt(host, "jane@example.net", "jim@example.net")[0][0][:3] == "550")
    assert eventually(lambda: knows(host, server, "joe", "jane", "jim", "max")), host.log("qmail-users")
    assert eventually(lambda: "1C" in host.sh(f"cdb -d {place(server)}").stdout)
    host.sh(f"rm -r {PLACE}/max")
    kind = next(iter(server.troubles))
    begin_trouble(host, server, kind)
    assert eventually(lambda: is_known(host), 10)
    replies = rcpt(host, "jane@example.net", "jim@example.net", "joe-ext@example.net")[0]
    assert [reply[:1] for reply in replies] == ["4", "4", "4"], replies
    for to in "jane", "jim", "max", "nobody":
        host.sh(f"printf 'Fmax@mail.example.org\\0T{to}@example.net\\0\\0' > /tmp/envelope && "
                "printf 'Subject: x\\n\\nx\\n' | qmail-queue 1</tmp/envelope")
    assert eventually(lambda: host.log("qmail-send").count(": deferral: ") == 4, 20), host.log("qmail-send")
    assert not host.maildir("max") and not host.sh(f"ls -d {PLACE}/max", check=False).stdout
    end_trouble(host, server, kind)


@each_server
def test_who_may_logs_in(host, server):
    """With the password that was his; with another he is put off. Nobody else's hash is kept."""
    host.control("snapshotlogins", "Example.net\n")
    run(host, "vadddomain", "other.example", "secret")
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: "$" in host.sh(f"cdb -q {place(server)} joe@example.net", check=False).stdout), host.log("qmail-users")
    assert "$" not in host.sh(f"cdb -q {place(server)} postmaster@other.example").stdout
    begin_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: is_known(host), 10)
    assert pop3(host, *JOE)[0] in NO_MESSAGE
    for user, password in ("joe@example.net", "wrong"), ("nobody@example.net", "x"), ("postmaster@other.example", "secret"):
        assert "-ERR [SYS/TEMP]" in login(host, user, password), user
    end_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: "[AUTH]" in login(host, "joe@example.net", "wrong"), 5)


# Comes from an address that is not free of penalties: what is said to a password, by POP3, or by SMTP as well.
TRY = r"""
import base64, socket, sys
port, password = int(sys.argv[1]), sys.argv[2]
s = socket.create_connection(("203.0.113.25", port), 60, ("203.0.113.25", 0))
f = s.makefile("rwb", 0)
f.readline()
if port == 110:
    f.write(b"CAPA\r\n")
    while f.readline() != b".\r\n":
        pass
    f.write(b"USER joe@example.net\r\n"); f.readline(); f.write(b"PASS %s\r\n" % password.encode())
else:
    f.write(b"EHLO me\r\n")
    while f.readline()[3:4] == b"-":
        pass
    f.write(b"AUTH PLAIN " + base64.b64encode(b"\0joe@example.net\0" + password.encode()) + b"\r\n")
print(f.readline().decode())
"""


@pytest.mark.parametrize("server", SERVERS[:1], indirect=True, ids=lambda server: server.name)
def test_who_guesses_meanwhile_must_wait(host, server):
    """Not who has no hash there that could be guessed."""
    def tried(port, password):
        return host.run(["/usr/bin/python3", "-c", TRY, str(port), password]).stdout.decode().strip()

    put_off = "-ERR [SYS/TEMP] temporary problem, try again later"
    host.control("penalty", "6\n")
    host.write("/etc/tcp.smtp", ':allow,SMTPD_AUTH="clear"\n')
    host.sh("qmailctl cdb")
    host.start("qmail-auth")
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    begin_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: is_known(host), 10)
    assert [tried(110, f"wrong{n}") for n in range(8)] == [put_off] * 8
    end_trouble(host, server, next(iter(server.troubles)))
    host.control("snapshotlogins", "example.net\n")
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: "$" in host.sh(f"cdb -q {place(server)} joe@example.net", check=False).stdout), host.log("qmail-users")
    begin_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: is_known(host), 10)
    assert [tried(110, "wrong") for n in range(3)] == [put_off] * 3, "the same one is counted once"
    assert [tried(110, f"wrong{n}") for n in range(2)] == [put_off] * 2
    assert [tried(25, f"wrong{n}")[:4] for n in range(2, 5)] == ["454 "] * 3
    assert tried(25, "pass word")[:4] == "421 "
    assert tried(110, "pass word") == "-ERR [SYS/TEMP] too many wrong passwords came from your address, come again later"
    host.sh("qmailctl penalty empty")
    assert tried(110, "pass word") == "+OK"
    end_trouble(host, server, next(iter(server.troubles)))


@each_server
def test_only_its_owner_reads_it_and_check_tells_its_age(host, server):
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    assert host.sh(f"stat -c '%U %a' {place(server)}").stdout == "vpopmail 600\n"
    told = f"kept by {server.name} are known from a snapshot"
    assert told in host.sh("qmailctl check", check=False).stdout
    begin_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: is_known(host), 10)
    assert eventually(lambda: f"the database of {server.name} is away" in host.sh("qmailctl check", check=False).stderr, 15)
    end_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: is_well(host), 5)
    assert eventually(lambda: "is away" not in host.sh("qmailctl check", check=False).stderr, 10)


@each_server
def test_without_an_age_there_is_none(host, server):
    host.control("snapshotage", "0\n")
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: not host.sh(f"ls {place(server)}", check=False).stdout)
    begin_trouble(host, server, next(iter(server.troubles)))
    assert rcpt(host, "joe@example.net", "nobody@example.net")[0] == [LATER, LATER]
    end_trouble(host, server, next(iter(server.troubles)))


@each_server
def test_a_table_that_is_none_of_users_does_no_harm(host, server):
    """By its columns it might be that of a domain."""
    server.sql("CREATE TABLE odd (pw_name CHAR(10), x INT)")
    server.sql("CREATE TABLE own_example (pw_name CHAR(32) NOT NULL, pw_passwd CHAR(40), pw_uid INT, pw_gid INT,"
               " pw_gecos CHAR(48), pw_dir CHAR(160), pw_shell CHAR(20), PRIMARY KEY (pw_name))")
    server.sql("INSERT INTO own_example VALUES ('old', 'x', 1, 0, 'Old', '/nowhere', 'NOQUOTA')")
    host.sh(f"svc -t /service/qmail-users; rm {place(server)}")
    assert eventually(lambda: {"joe@example.net", "old@own_example", "@odd"} <= keys(host, server)), host.log("qmail-users")


@each_server
def test_a_domain_that_counts_all_its_mailboxes_goes_on(host, server):
    host.control("domainquotas", "1\n")
    run(host, "vmoddomlimits", "-Q", "100", "example.net")
    assert eventually(lambda: knows(host, server, "joe")), host.log("qmail-users")
    begin_trouble(host, server, next(iter(server.troubles)))
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: is_known(host), 20), host.log("qmail-users")
    assert send(host, "joe@example.net") == 0
    assert eventually(lambda: messages(host) == 1, 20), host.log("qmail-send")
    end_trouble(host, server, next(iter(server.troubles)))


ROWS = {
    "sqlite": "WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s LIMIT {count}) "
              "INSERT INTO vpopmail SELECT 'u' || value, 'example.net', 'x', 1, 0, '', '/nowhere', '', '' FROM s",
    "mysql": "INSERT INTO vpopmail SELECT CONCAT('u', seq), 'example.net', 'x', 1, 0, '', '/nowhere', '', '' FROM seq_1_to_{count}",
    "pgsql": "INSERT INTO vpopmail SELECT 'u' || n, 'example.net', 'x', 1, 0, '', '/nowhere', '', '' FROM generate_series(1, {count}) n",
}


@each_server
def test_many_users_need_little_memory(host, server):
    """And it is they who are found."""
    count = 50000
    server.sql(ROWS[server.name].format(count=count))
    host.sh("svc -t /service/qmail-users")
    assert eventually(lambda: f"u{count}@example.net" in keys(host, server), 30, every=1), host.log("qmail-users")
    most = host.sh(f"for p in $(pgrep -f '^/var/qmail/bin/qmail-store-{server.name}'); do sed -n 's/VmHWM:[^0-9]*\\([0-9]*\\).*/\\1/p' /proc/$p/status; done")
    # A sanitizer holds on to what was freed.
    assert "SANITIZE" in os.environ or max(int(kilobytes) for kilobytes in most.stdout.split()) < 32 * 1024, most.stdout
    begin_trouble(host, server, next(iter(server.troubles)))
    assert eventually(lambda: rcpt(host, "u1@example.net", f"u{count}@example.net", "u0@example.net")[0] == [OK, OK, LATER], 10)
