"""App passwords: each opens what it is for and nothing else, until it is revoked; nobody else notices that there are any."""

import json
import re

import pytest

from tests.host import eventually
from tests.vdomains.conftest import VIRTUAL
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import password, set_record
from tests.vdomains.test_vpopmaild import Talk

PLACE = f"{VIRTUAL}/example.net"
JOE = "joe@example.net"


@pytest.fixture
def site(virtual):
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", JOE, "pass word")
    run(virtual, "vadduser", "max@example.net", "mine")
    virtual.start("qmail-users")
    return virtual


def make(host, *options, whom=JOE):
    said = run(host, "vapppassword", *options, whom)
    assert re.fullmatch(r"App password: ([a-z2-9]{5}-){3}[a-z2-9]{5}\n", said)
    return said.split()[-1]


def opens(host, secret, whom=JOE):
    """The services that it lets in to."""
    said = {access: password(host, whom, secret, access).split("|")[0] for access in ("pop3", "imap", "smtp", "webmail")}
    assert set(said.values()) <= {"let in", "wrong"}
    return [access for access, word in said.items() if word == "let in"]


def test_each_opens_what_it_is_for_until_it_is_revoked(site):
    usual, mail, web = make(site, "-a", "usual"), make(site, "-a", "tele.phone-2", "-s", "imap,smtp"), make(site, "-a", "w", "-s", "webmail")
    assert [opens(site, secret) for secret in (usual, mail, web)] == [["pop3", "imap", "smtp"], ["imap", "smtp"], ["webmail"]]
    assert opens(site, "pass word") == ["pop3", "imap", "smtp", "webmail"]
    assert opens(site, mail.replace("-", "")) == opens(site, mail.replace("-", " ")) == ["imap", "smtp"]
    assert opens(site, mail.upper()) == opens(site, mail[:-1]) == opens(site, mail, "max@example.net") == []
    uid, gid = site.sh("id -u vpopmail; id -g vpopmail").stdout.split()
    assert password(site, JOE, mail, "imap") == f"let in|{uid}|{gid}|0|joe|example.net|{PLACE}/joe"
    assert run(site, "vapppassword", "-a", "usual", JOE, code=1) == "Error: there is an app password of that name\n"
    run(site, "vapppassword", "-d", "tele.phone-2", JOE)
    assert opens(site, mail) == [] and opens(site, usual) == ["pop3", "imap", "smtp"]
    assert run(site, "vapppassword", "-d", "tele.phone-2", JOE, code=1) == "no such app password\n"
    run(site, "vapppassword", "-D", JOE)
    assert opens(site, usual) == opens(site, web) == [] and opens(site, "pass word")
    assert site.sh(f"ls {PLACE}/joe").stdout.split() == ["Maildir", "apppasswords.lock", "lastauth"]


def test_what_there_is_and_when_it_was_used(site):
    assert run(site, "vapppassword", JOE) == ""
    secret = make(site, "-a", "phone", "-s", "smtp,imap")
    day = site.sh("date -u +%F").stdout.strip()
    assert run(site, "vapppassword", JOE) == f"phone: imap,smtp, made {day}, never used\n"
    assert password(site, JOE, secret, "imap", client="192.0.2.7").startswith("let in")
    assert run(site, "vapppassword", JOE) == f"phone: imap,smtp, made {day}, last used {day} from 192.0.2.7\n"
    shown = json.loads(run(site, "vapppassword", "--json", JOE))
    assert shown["name"] == "phone" and shown["last_ip"] == "192.0.2.7" and 0 <= shown["last_used"] - shown["made"] < 600
    stored = site.read(f"{PLACE}/joe/apppasswords").decode()
    assert stored.startswith("joe:phone:imap,smtp:") and secret.replace("-", "") not in stored
    assert site.sh(f"stat -c '%U %a' {PLACE}/joe/apppasswords").stdout == "vpopmail 600\n"
    assert secret not in site.log("qmail-users")


def test_a_service_that_is_closed_stays_closed_but_where_only_the_password_was_meant(site):
    plain, opening = make(site, "-a", "plain"), make(site, "-a", "opening", "-o")
    run(site, "vmoduser", "-i", JOE)
    said = [password(site, JOE, secret, "imap").split("|")[0] for secret in ("pass word", plain, opening)]
    assert said == ["denied", "denied", "let in"]
    assert password(site, JOE, opening, "pop3").startswith("let in")
    run(site, "vmoddomlimits", "-g", "i", "example.net")
    assert password(site, JOE, opening, "imap").startswith("denied")


def test_wrong_words_make_none(site):
    for words in (["-a", ""], ["-a", "A"], ["-a", "a/b"], ["-a", ".x"], ["-a", "x" * 33], ["-a", "x", "-s", ""], ["-a", "x", "-s", "ftp"],
                  ["-a", "x", "-d", "y"], ["-s", "imap"], ["-d", ""]):
        run(site, "vapppassword", *words, JOE, code=100)
    run(site, "vapppassword", "-a", "x", "nobody@example.net", code=1)
    assert run(site, "vapppassword", "-a", "x", "--dry-run", JOE) == f"add an app password of {JOE}\n" and run(site, "vapppassword", JOE) == ""
    run(site, "vmoduser", "-d", JOE)
    run(site, "vapppassword", "-a", "x", JOE, code=1)


def test_a_user_has_so_many(site):
    for i in range(32):
        make(site, "-a", f"n{i}")
    assert run(site, "vapppassword", "-a", "more", JOE, code=1) == "Error: no more app passwords for this user\n"


def test_ten_at_once_are_all_there(site):
    site.sh(f"for i in 0 1 2 3 4 5 6 7 8 9; do vapppassword -a n$i {JOE} > /dev/null & done; wait")
    assert len(run(site, "vapppassword", JOE).splitlines()) == 10


def test_they_go_with_the_user_and_keep_to_him(site):
    secret = make(site, "-a", "phone")
    run(site, "vrenameuser", JOE, "jim")
    assert opens(site, secret, "jim@example.net") == ["pop3", "imap", "smtp"]
    run(site, "vadduser", JOE, "another")
    assert opens(site, secret) == []
    site.sh(f"mv {PLACE}/jim /srv/jim")
    run(site, "vmoduser", "-D", "/srv/jim", "jim@example.net")
    assert opens(site, secret, "jim@example.net") == ["pop3", "imap", "smtp"]
    run(site, "vmoduser", "-D", "/srv/jim", "max@example.net")
    assert opens(site, secret, "max@example.net") == []
    run(site, "vdeluser", "jim@example.net")
    run(site, "vadduser", "jim@example.net", "another")
    run(site, "vmoduser", "-D", "/srv/jim", "jim@example.net")
    assert opens(site, secret, "jim@example.net") == []


def test_what_cannot_be_read_is_trouble_and_only_for_who_may_have_one(site):
    secret = make(site, "-a", "phone")
    site.sh(f"mv {PLACE}/joe/apppasswords /tmp/kept && mkdir {PLACE}/joe/apppasswords")
    assert password(site, JOE, secret).startswith("trouble") and password(site, JOE, "pass word").startswith("let in")
    site.sh(f"rmdir {PLACE}/joe/apppasswords && ln -s /tmp/kept {PLACE}/joe/apppasswords && chown vpopmail /tmp/kept")
    assert password(site, JOE, secret).startswith("trouble")
    site.sh(f"rm {PLACE}/joe/apppasswords; head -c 70000 /dev/zero > {PLACE}/joe/apppasswords; chown vpopmail {PLACE}/joe/apppasswords")
    assert password(site, JOE, secret).startswith("trouble")
    site.write(f"{PLACE}/joe/apppasswords", b"\0\n:::\njoe:phone\n" + site.read("/tmp/kept"), owner="vpopmail", mode=0o600)
    assert opens(site, secret) == ["pop3", "imap", "smtp"]


def opened_by(host, secrets):
    """What the service opens while somebody logs in."""
    trace = host.popen(["strace", "-f", "-qq", "-e", "trace=openat", "-o", "/run/trace",
                        *[word for pid in host.sh("pgrep -x qmail-usersd").stdout.split() for word in ("-p", pid)]])
    assert eventually(lambda: "TracerPid:\t0\n" not in host.sh("cat $(pgrep -x qmail-usersd | sed 's|.*|/proc/&/status|')").stdout)
    for secret in secrets:
        password(host, "max@example.net", secret)
    trace.terminate()
    trace.wait(60)
    return host.read("/run/trace").decode()


def test_who_has_none_pays_nothing(site):
    """Not one call of the system more, whatever his password is, unless it looks like one."""
    opened = opened_by(site, ["mine", "wrong one"])
    assert "apppasswords" not in opened and "lastauth" in opened
    assert "apppasswords" in opened_by(site, ["abcde-fghij-kmnpq-rstuv"])


def test_a_web_page_manages_those_of_its_user(site):
    t = Talk(site, "joe@example.net pass word")
    secret = t.ask("add_app_password joe@example.net phone imap")[0].removeprefix("App password: ")
    assert opens(site, secret) == ["imap"]
    assert t.ask("list_app_passwords")[0].startswith("phone: imap, made ")
    assert t.ask("add_app_password max@example.net x").startswith("-ERR 101.0 ")
    assert t.ask("add_app_password joe@example.net -o").startswith("-ERR 100.0 ")
    assert t.ask("del_app_password joe@example.net phone") == "+OK" and opens(site, secret) == []
    code, log = t.end()
    assert secret not in log and "add_app_password joe@example.net: ok" in log


def test_a_domain_of_another_account_has_them_too(site):
    site.user("ann")
    site.sh("mkdir -p /home/ann/domains && chmod 755 /home/ann && chown ann: /home/ann/domains")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    secret = make(site, "-a", "phone", "-o", whom="postmaster@ann.example")
    assert eventually(lambda: opens(site, secret, "postmaster@ann.example") == ["pop3", "imap", "smtp"])
    run(site, "vmoduser", "-i", "postmaster@ann.example")
    assert opens(site, secret, "postmaster@ann.example") == ["pop3", "imap", "smtp"]
    assert "last used" in run(site, "vapppassword", "postmaster@ann.example", user="ann")
