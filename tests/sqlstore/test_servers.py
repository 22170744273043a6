"""What only a server has: credentials, two lines of them, tables that others have made, an end of its disk."""

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import LATER, OK, UNKNOWN, rcpt
from tests.sqlstore.servers import Mysql, Pgsql
from tests.vdomains.test_domains import run
from tests.vdomains.test_vchkpw import pop3

pytestmark = pytest.mark.parametrize("server", [Mysql, Pgsql], indirect=True, ids=lambda server: server.name)


def is_well(host):
    return rcpt(host, "joe@example.net", "nobody@example.net")[0] == [OK, UNKNOWN]


def is_in_trouble(host, word):
    return rcpt(host, "joe@example.net", "nobody@example.net")[0] == [LATER, LATER] and word in host.log("qmail-users")


@pytest.mark.parametrize("text, mode, group, word", [
    (str, 0o644, "vchkpw", "chmod 640"), (str, 0o660, "vchkpw", "chmod 640"), (str, 0o640, "users", "Permission denied"),
    (lambda line: "localhost|vpopmail\n", 0o640, "vchkpw", "a line is host|port|user|password|database"),
    (lambda line: line.replace("it's", "wrong"), 0o640, "vchkpw", None), (lambda line: "", 0o640, "vchkpw", "there is no line"),
], ids=["read-by-all", "written-by-group", "other-group", "two-fields", "wrong-password", "empty"])
def test_credentials_must_be_right_and_safe(site, server, text, mode, group, word):
    server.credentials(text(server.line()), mode, group)
    server.reconnect()
    assert eventually(lambda: is_in_trouble(site, word or server.DENIED)), site.log("qmail-users")
    assert "it's" not in site.log("qmail-users")
    server.credentials(server.line())
    assert eventually(lambda: is_well(site), 5)


def test_changes_may_go_elsewhere(site, server):
    """By a user of their own: who reads has no right to change."""
    server.add_user("vpopread", "read", "SELECT")
    reading = server.line("vpopread", "read")
    server.credentials(reading)
    server.reconnect()
    assert eventually(lambda: is_well(site), 5)
    run(site, "vadduser", "jane@example.net", "secret", code=111)
    server.credentials(reading + server.line())
    run(site, "vadduser", "jane@example.net", "secret")
    assert rcpt(site, "jane@example.net")[0] == [OK]


def test_a_full_server_takes_no_change_and_answers(site, server):
    server.fill()
    site.write("/tmp/list", "".join(f"u{i}@example.net:$1$abcdefgh$G//4keteveJp0qb8z2DxG/:{'c' * 60}\n" for i in range(2000)))
    run(site, "vadduser", "-f", "/tmp/list", code=111)
    # MariaDB 10.11 goes on without room, 11.8 ends.
    assert rcpt(site, "joe@example.net", "nobody@example.net", "u0@example.net")[0] in ([OK, UNKNOWN, UNKNOWN], [LATER] * 3)
    server.give_room()
    assert eventually(lambda: is_well(site), 5)
    assert rcpt(site, "u0@example.net")[0] == [UNKNOWN], "all or nothing"
    assert pop3(site, "joe@example.net", "pass word")[0] in (0, 8)
    run(site, "vadduser", "-f", "/tmp/list")
    assert rcpt(site, "u0@example.net", "u1999@example.net")[0] == [OK, OK]


def test_what_a_narrow_column_does_not_take_is_not_cut(site, server):
    """As a site of old has it, where a password had 40 bytes and a comment 48."""
    server.narrow()
    server.reconnect()
    assert eventually(lambda: is_well(site), 5)
    run(site, "vmoduser", "-c", "much too long a comment", "joe@example.net", code=100)
    run(site, "vmoduser", "-c", "short", "joe@example.net")
    assert server.sql("SELECT pw_gecos FROM vpopmail WHERE pw_name = 'joe'").strip() == "short"


def test_names_that_a_server_takes_for_the_same_are_not(site, server):
    server.sql("INSERT INTO vpopmail (pw_name, pw_domain, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell) "
               "VALUES ('Ren\u00e9', 'example.net', 'x', 1, 0, '', '', '')")
    assert rcpt(site, "rene@example.net")[0] == [UNKNOWN]
    run(site, "vdeluser", "rene@example.net", code=1)
    assert server.sql("SELECT COUNT(*) FROM vpopmail WHERE LOWER(pw_name) LIKE 'ren%'").strip() == "1"
