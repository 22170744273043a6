"""Users of virtual domains in a database: commands, mail, logins; and what becomes of them while it is in trouble."""

import zlib

import pytest

from tests.host import eventually
from tests.host.machine import BUILD
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.sqlstore.servers import SERVERS, Pgsql, helper
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_staying import session
from tests.vdomains.test_vchkpw import pop3
from tests.vdomains.test_virtual_mail import messages, send

PLACE = f"{VIRTUAL}/example.net"
JOE = ("joe@example.net", "pass word")
NO_MESSAGE = (0, 8, 78)         # of curl: the login was right, and there may be nothing to read


def login(host, user="joe@example.net", password="pass word"):
    return pop3(host, user, password)[2]


# ---- all is well ----


def test_the_store_does_what_all_stores_do(host, server):
    done = host.run([BUILD / "tests" / "mail" / "store_test"], env={"STORE": server.name}, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode() + host.log("qmail-users")


def test_a_user_gets_mail_and_reads_it(site, server):
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert rcpt(site, "joe@example.net", "JOE@EXAMPLE.NET", "nobody@example.net")[0] == [OK, OK, UNKNOWN]
    assert pop3(site, *JOE)[0] == 0
    assert pop3(site, "joe@example.net", "wrong")[0] == 67 and pop3(site, "nobody@example.net", "pass word")[0] == 67
    assert server.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'joe' AND pw_domain = 'example.net'").strip() == f"{PLACE}/joe"
    assert not site.sh(f"ls {PLACE}/vpasswd*", check=False).stdout


def test_an_alias_of_the_domain_has_its_users(site):
    run(site, "vaddaliasdomain", "example.net", "alias.example")
    assert rcpt(site, "joe@alias.example", "nobody@alias.example")[0] == [OK, UNKNOWN]
    assert send(site, "joe@Alias.Example") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert pop3(site, "joe@alias.example", "pass word")[0] == 0


def test_a_domain_may_have_a_store_of_its_own(site, server):
    run(site, "vadddomain", "files.example", "secret")
    run(site, "vadduser", "ann@files.example", "sesame")
    assert "ann:" in site.read(f"{VIRTUAL}/files.example/vpasswd").decode()
    assert "ann" not in server.sql("SELECT pw_name FROM vpopmail")
    assert rcpt(site, "ann@files.example", "joe@files.example", "ann@example.net")[0] == [OK, UNKNOWN, UNKNOWN]


def test_commands_change_users(site, server):
    run(site, "vpasswd", "joe@example.net", "sesame")
    assert pop3(site, *JOE)[0] == 67 and pop3(site, "joe@example.net", "sesame")[0] in NO_MESSAGE
    run(site, "vsetuserquota", "joe@example.net", "1000000S")
    run(site, "vmoduser", "-p", "-c", "Joe's", "joe@example.net")
    assert server.sql("SELECT pw_shell, pw_gid, pw_gecos FROM vpopmail WHERE pw_name = 'joe'").split() == ["1000000S|2|Joe's"] \
        or "Joe's" in run(site, "vuserinfo", "joe@example.net")
    run(site, "vrenameuser", "joe@example.net", "jim")
    assert rcpt(site, "joe@example.net", "jim@example.net")[0] == [UNKNOWN, OK]
    run(site, "vdeluser", "jim@example.net")
    assert rcpt(site, "jim@example.net")[0] == [UNKNOWN]
    assert run(site, "vdominfo", "-t", "example.net").strip() == "1"
    site.write("/tmp/list", "".join(f"u{i}@example.net:secret\n" for i in range(50)))
    run(site, "vadduser", "-f", "/tmp/list")
    assert run(site, "vdominfo", "-t", "example.net").strip() == "51"


def test_a_domain_that_goes_takes_its_users_along(site, server):
    run(site, "vadddomain", "other.example", "secret")
    run(site, "vdeldomain", "example.net")
    assert server.sql("SELECT pw_name, pw_domain FROM vpopmail").split() == ["postmaster|other.example"]
    run(site, "vadddomain", "example.net", "secret")
    assert rcpt(site, "postmaster@example.net", "joe@example.net")[0] == [OK, UNKNOWN]


def test_users_of_that_name_who_are_there_already_are_nobody_new(site, server):
    server.sql("INSERT INTO vpopmail (pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell) "
               "VALUES ('eve', 'new.example', 'x', 1, 0, '', '', '')")
    assert run(site, "vadddomain", "new.example", "secret", code=1) == "Error: Username exists\n"
    server.sql("DELETE FROM vpopmail WHERE pw_domain = 'new.example'")
    server.sql("INSERT INTO vpopmail (pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell) "
               f"VALUES ('postmaster', 'new.example', 'x', 1, 0, '', '{VIRTUAL}/new.example/postmaster', '')")
    run(site, "vadddomain", "new.example", "secret")
    assert rcpt(site, "postmaster@new.example")[0] == [OK]


def test_a_domain_moves_with_its_users(site, server):
    """To another account, with what is kept of them; and back."""
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert "\nchange the homes of users of " in run(site, "vmovedomain", "--dry-run", "-u", "max", "example.net")
    run(site, "vmovedomain", "-u", "max", "example.net")
    place = "/home/max/domains/example.net"
    assert server.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'joe' AND pw_domain = 'example.net'").strip() == f"{place}/joe"
    assert rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN] and pop3(site, *JOE)[0] == 0
    assert site.sh(f"find {place} -not -user max").stdout == "" and len(site.sh(f"ls {place}/joe/Maildir/*/*").stdout.split()) == 1
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: len(site.sh(f"ls {place}/joe/Maildir/*/*").stdout.split()) == 2), site.log("qmail-send")
    gid = site.sh("id -g vpopmail").stdout.strip()
    uid = site.sh("id -u vpopmail").stdout.strip()
    run(site, "vmovedomain", "-i", uid, "-g", gid, "-d", "/home/vpopmail", "example.net")
    assert rcpt(site, "joe@example.net")[0] == [OK] and pop3(site, *JOE)[0] == 0
    assert server.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'joe' AND pw_domain = 'example.net'").strip() == f"{PLACE}/joe"


def test_a_domain_does_not_move_while_the_database_takes_no_changes(site, server):
    server.forbid_writing()
    run(site, "vmovedomain", "-d", "/home/other", "example.net", code=111)
    server.allow_writing()
    assert not site.sh("ls /var/qmail/users/vdomains.plan", check=False).stdout
    assert rcpt(site, "joe@example.net")[0] == [OK] and pop3(site, *JOE)[0] in NO_MESSAGE
    run(site, "vadddomain", "other.example", "x")


def test_a_move_that_a_power_cut_ended_is_finished_by_the_service(site, server):
    """Before the rows were changed, with the server away at first. Meanwhile all waits."""
    place, new = f"{VIRTUAL}/example.net", "/home/other/domains/example.net"
    uid, gid = (site.sh(f"id -{letter} vpopmail").stdout.strip() for letter in "ug")
    site.sh("install -d -o vpopmail -g vchkpw /home/other /home/other/domains; svc -d /service/qmail-users")
    assert eventually(lambda: not helper(site, server))
    lines = [f"carry\t{place}\t{VIRTUAL}/.moving.example.net", f"rows\t{VIRTUAL}/.moving.example.net\t{place}:{new}:example.net",
             f"carry\t{VIRTUAL}/.moving.example.net\t{new}", f"drop\tusers/assign\t+example.net-:example.net:{uid}:{gid}:{place}:-::",
             f"add\tusers/assign\t+example.net-:example.net:{uid}:{gid}:{new}:-::"]
    text = "".join(line + "\n" for line in lines)
    kind = next(iter(server.troubles))
    begin_trouble(site, server, kind)
    site.write("/var/qmail/users/vdomains.plan", f"{text}end\t{zlib.crc32(text.encode()):08x}\n", mode=0o600)
    site.sh("svc -u /service/qmail-users")
    assert eventually(lambda: "the next command finishes it" in site.log("qmail-users"), 20), site.log("qmail-users")
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [LATER, LATER])
    end_trouble(site, server, kind)
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN], 30, every=0.5), site.log("qmail-users")
    assert server.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'joe' AND pw_domain = 'example.net'").strip() == f"{new}/joe"
    assert pop3(site, *JOE)[0] in NO_MESSAGE


# ---- rows that somebody else made ----


def test_a_row_without_a_home_gets_one(site, server):
    server.sql("INSERT INTO vpopmail (pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell) "
               "VALUES ('ann', 'example.net', 'x', 1, 0, '', '', 'NOQUOTA')")
    assert send(site, "ann@example.net") == 0
    assert eventually(lambda: messages(site, "ann") == 1), site.log("qmail-send")
    assert server.sql("SELECT pw_dir FROM vpopmail WHERE pw_name = 'ann'").strip() == f"{PLACE}/ann"


def test_a_domain_with_a_table_of_its_own(site, server):
    """As an older vpopmail has it: no column of the domain, none of the clear password; the name with _ for . and -."""
    server.sql("CREATE TABLE example_net (pw_name CHAR(32) NOT NULL, pw_passwd CHAR(40), pw_uid INT, pw_gid INT,"
               " pw_gecos CHAR(48), pw_dir CHAR(160), pw_shell CHAR(20), PRIMARY KEY (pw_name))")
    server.sql("INSERT INTO example_net VALUES ('old', '$1$abcdefgh$G//4keteveJp0qb8z2DxG/', 1, 0, 'Old', "
               f"'{PLACE}/old', 'NOQUOTA')")
    site.sh(f"mkdir -p {PLACE}/old/Maildir/new {PLACE}/old/Maildir/cur {PLACE}/old/Maildir/tmp && chown -R vpopmail:vchkpw {PLACE}/old")
    site.sh("svc -t /service/qmail-users")
    assert eventually(lambda: rcpt(site, "old@example.net", "joe@example.net")[0] == [OK, UNKNOWN])
    assert send(site, "old@example.net") == 0
    assert eventually(lambda: messages(site, "old") == 1), site.log("qmail-send")
    run(site, "vadduser", "-e", "x", "-c", "new", "new@example.net")
    assert server.sql("SELECT pw_name FROM example_net ORDER BY pw_name").split() == ["new", "old"]
    run(site, "vdeluser", "old@example.net")
    assert server.sql("SELECT pw_name FROM example_net").split() == ["new"]


@pytest.mark.parametrize("server", [Pgsql], indirect=True, ids=["pgsql"])
def test_a_row_that_the_server_cannot_say_is_trouble(site, server):
    """As one with a comment in Latin-1 in a database without an encoding, or of a view that stumbles: he is there all the same."""
    server.sql("ALTER TABLE vpopmail RENAME TO rows",
               "CREATE VIEW vpopmail AS SELECT pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, "
               "CASE WHEN pw_name = 'joe' THEN pw_gecos::int::text ELSE pw_gecos END AS pw_gecos, pw_dir, pw_shell, pw_clear_passwd FROM rows",
               "GRANT SELECT ON vpopmail TO vpopmail")
    server.reconnect()
    assert rcpt(site, "joe@example.net", "nobody@example.net", "postmaster@example.net")[0] == [LATER, UNKNOWN, OK]
    assert rcpt(site, b"j\xc3\xb6@example.net".decode(), "nobody@example.net")[0][1] == UNKNOWN
    inject(site)
    assert eventually(lambda: "deferral" in site.log("qmail-send")), site.log("qmail-send")
    assert "failure" not in site.log("qmail-send")
    assert "warning: a user cannot be read: " in site.log("qmail-users")


# ---- trouble ----


def is_put_off(host):
    """Nobody is unknown, no password is wrong, no mail comes back."""
    return rcpt(host, "joe@example.net", "nobody@example.net")[0] == [LATER, LATER] \
        and "-ERR [SYS/TEMP]" in login(host)


def begin_trouble(host, server, kind):
    if kind.startswith("helper"):
        host.sh(f"pkill -{'KILL' if kind == 'helper-killed' else 'STOP'} -f ^/var/qmail/bin/qmail-store-{server.name}")
    else:
        getattr(server, server.troubles[kind][0])()


def end_trouble(host, server, kind):
    if kind.startswith("helper"):
        host.sh(f"pkill -CONT -f ^/var/qmail/bin/qmail-store-{server.name}")
    else:
        getattr(server, server.troubles[kind][1])()


def inject(host):
    host.sh("printf 'Fmax@mail.example.org\\0Tjoe@example.net\\0\\0' > /tmp/envelope && "
            "printf 'Subject: x\\n\\nx\\n' | qmail-queue 1</tmp/envelope")


def tries_again(host):
    return host.sh("svc -a /service/qmail-send").returncode == 0


KINDS = [(server, kind) for server in SERVERS for kind in [*server.troubles, "helper-stopped"]]


@pytest.mark.parametrize("server, kind", KINDS, indirect=["server"], ids=[f"{server.name}-{kind}" for server, kind in KINDS])
def test_while_it_is_away_all_waits(site, server, kind):
    begin_trouble(site, server, kind)
    assert is_put_off(site)
    inject(site)
    assert eventually(lambda: "deferral: Unable_to_look_up_the_user" in site.log("qmail-send"), 20), site.log("qmail-send")
    run(site, "vadduser", "jane@example.net", "secret", code=111)
    end_trouble(site, server, kind)
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN]), site.log("qmail-users")
    assert eventually(lambda: pop3(site, *JOE)[0] in NO_MESSAGE), "another worker, which may still rest for a second"
    assert eventually(lambda: tries_again(site) and "success: did_0+0+1" in site.log("qmail-send"), 20, every=0.5), site.log("qmail-send")
    assert not site.maildir("max"), "nothing came back"
    assert eventually(lambda: site.run(["vadduser", "jane@example.net", "secret"], check=False).returncode == 0)


def test_a_helper_that_dies_is_there_again(site, server):
    first = helper(site, server)
    begin_trouble(site, server, "helper-killed")
    assert eventually(lambda: helper(site, server) not in ("", first), 5)
    assert eventually(lambda: rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN], 5), site.log("qmail-users")


def test_one_that_takes_no_changes_serves_all_the_same(site, server):
    server.forbid_writing()
    assert rcpt(site, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN]
    assert send(site, "joe@example.net") == 0
    assert eventually(lambda: messages(site) == 1), site.log("qmail-send")
    assert pop3(site, *JOE)[0] == 0
    run(site, "vadduser", "jane@example.net", "secret", code=111)
    server.allow_writing()
    run(site, "vadduser", "jane@example.net", "secret")
    assert rcpt(site, "jane@example.net")[0] == [OK]


# ---- who may ask ----


def test_a_stranger_learns_nothing(site, server):
    parts = [b"find", b"0", b"example.net", b"0", b"0", b"joe", b"", b"0", b"0", b"", b"", b"", b"0", b""]
    inside = b"".join(b"%d:%s," % (len(part), part) for part in parts)
    script = ("import socket; s = socket.socket(socket.AF_UNIX); "
              f"s.connect('/var/qmail/run/users/{server.name}'); s.sendall({b'%d:%s,' % (len(inside), inside)}); print(s.recv(9999))")
    assert b"record" in site.run(["/usr/bin/python3", "-c", script], user="vpopmail").stdout
    for stranger in ("max", "qmaild"):
        said = site.run(["/usr/bin/python3", "-c", script], user=stranger).stdout
        assert b"trouble" in said and b"record" not in said


# ---- who names none that there is ----


def test_a_word_that_names_no_store_is_trouble(site):
    site.control("usersbackend", "oracle\n")
    assert rcpt(site, "joe@example.net")[0] == [LATER]
    run(site, "vadduser", "jane@example.net", "secret", code=111)


def test_a_session_goes_on_whatever_becomes_of_the_helper(site, server):
    """Its connection stays, and so does that of the service to the helper."""
    with session(site) as s:
        for _ in range(2):
            run(site, "vadduser", "nobody@example.net", "pass word")
            assert s.recipients("nobody@example.net") == [OK]
            run(site, "vdeluser", "nobody@example.net")
            assert s.recipients("nobody@example.net") == [UNKNOWN]
            site.sh(f"pkill -9 -f '[b]in/qmail-store-{server.name}'")
            assert eventually(lambda: s.recipients("joe@example.net", "nobody@example.net") == [OK, UNKNOWN], 5)
