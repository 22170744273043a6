"""Tokens: a login yields one, and whoever has it is the user, as he is now, until it is over."""

import re

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL, crypt, records
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import ask, set_record
from tests.vdomains.test_vpopmaild import Talk

PLACE = f"{VIRTUAL}/example.net"
JOE = "joe@example.net"


def login(host, secret="pass word", name=JOE, user="root"):
    return ask(host, "login", "webmail", name, secret, "", "192.0.2.1", user=user)


def token(host, *words):
    said = login(host, *words).split("|")
    assert said[0] == "let in" and re.fullmatch("[0-9a-f]{32}", said[6])
    return said[6]


def who(host, text, access="webmail", user="root"):
    return ask(host, "token", access, "", text, user=user).split("|")[0]


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", JOE, "pass word")
    virtual.start("qmail-users")
    return virtual


def test_a_token_stands_for_the_password(site):
    uid, gid = site.sh("id -u vpopmail; id -g vpopmail").stdout.split()
    first, second = token(site), token(site, "pass word", "JOE%example.net")
    assert first != second
    assert ask(site, "token", "webmail", "", first) == f"let in|{uid}|{gid}|0|joe|example.net|{PLACE}/joe"
    assert who(site, second) == "let in" and who(site, "0" * 32) == who(site, "") == who(site, first[:-1]) == who(site, first.upper()) == "wrong"
    run(site, "vmoduser", "-a", JOE)
    assert ask(site, "token", "webmail", "", first).split("|")[3] == str(0x1000)
    assert ask(site, "logout", "webmail", "", first).split("|")[0] == "let in"
    assert who(site, first) == "wrong" and who(site, second) == "let in"
    assert login(site, "wrong").startswith("wrong|") and login(site, "x", "nobody@example.net").startswith("wrong|")


def test_it_ends_with_the_password_the_user_and_the_service(site):
    for change in (["vpasswd", JOE, "new one"], ["vmoduser", "-e", "x", JOE]):
        text = token(site)
        run(site, "vsetuserquota", JOE, "10M")
        assert who(site, text) == "let in"
        run(site, *change)
        assert who(site, text) == "wrong"
        run(site, "vpasswd", JOE, "pass word")
        assert who(site, text) == "wrong"
    text = token(site)
    run(site, "vdeluser", JOE)
    assert who(site, text) == "wrong"
    run(site, "vadduser", JOE, "pass word")
    assert who(site, text) == "wrong"
    text = token(site)
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("test -e /var/qmail/run/users/socket", check=False).returncode)
    site.sh("svc -u /service/qmail-users")
    assert eventually(lambda: site.sh("test -e /var/qmail/run/users/socket", check=False).returncode == 0)
    assert who(site, text) == "wrong"


def test_it_outlives_a_worker(site):
    text = token(site)
    workers = "pgrep -x qmail-usersd -P $(pgrep -o -x qmail-usersd)"
    site.sh(f"kill -9 $({workers})")
    assert eventually(lambda: len(site.sh(workers, check=False).stdout.split()) == 12)
    assert who(site, text) == "let in" and who(site, token(site)) == "let in"


def test_what_is_closed_is_closed(site):
    text = token(site)
    run(site, "vmoduser", "-w", JOE)
    assert who(site, text) == "denied" and who(site, text, "imap") == "let in" and login(site).startswith("denied|")


def test_who_may_ask(site):
    text = token(site)
    site.user("ann")
    for user in "ann", "qmaild":
        assert who(site, text, user=user) == ask(site, "logout", "webmail", "", text, user=user).split("|")[0] == "not yours"
        assert login(site, user=user).startswith("not yours|")
    assert who(site, text, user="vpopmail") == "let in"


def test_an_old_form_is_stored_anew_before(site):
    site.stop()
    site.control("rehashlogins", "1\n")
    site.start("qmail-users")
    set_record(site, "joe", 1, crypt("pass word", "$1$saltsalt"))
    text = token(site)
    assert records(site, PLACE)["joe"][0].startswith("$y$") and who(site, text) == "let in"


def test_an_app_password_yields_none_and_neither_does_another_accounts_domain(site):
    secret = run(site, "vapppassword", "-a", "w", "-s", "webmail", JOE).split()[-1]
    assert login(site, secret).startswith("wrong|")
    site.user("ann")
    site.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    said = eventually(lambda: login(site, "secret", "postmaster@ann.example"))
    assert said.startswith("let in|") and said.endswith("|postmaster|ann.example|")


def test_a_web_page_keeps_a_token_instead_of_a_password(site):
    t = Talk(site)
    text = t.ask(f"token_login {JOE} pass word")[0].removeprefix("token ")
    assert t.ask("user_info")[0] == "name joe"
    _, log = t.end()
    assert text not in log and f"user {JOE}: login : ok" in log
    t = Talk(site)
    assert t.ask(f"login_by_token {text}") == "+OK" and t.ask("user_info")[0] == "name joe" and t.ask("list_domains").startswith("-ERR 101.0 ")
    assert t.ask(f"login_by_token {text}") == "-ERR 100.0 somebody has logged in already"
    assert site.sh("ps -o user= -C vpopmaild").stdout == "vpopmail\n"
    assert t.ask(f"forget_token {text}") == "+OK" and t.end()[0] == 0
    t = Talk(site)
    assert t.ask(f"login_by_token {text}") == "-ERR 101.0 wrong user or password"
