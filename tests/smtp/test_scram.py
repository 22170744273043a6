"""Users who prove their password and do not say it: SCRAM-SHA-256, and -PLUS inside TLS."""

import re

import pytest

from tests.auth.asking import ASK, ask, password
from tests.auth.scram import SECRET, SIDE, furnish
from tests.host import eventually
from tests.vdomains.test_domains import run

CLIENT = SIDE + r"""
import smtplib
mechanism, login, secret, wrong = sys.argv[1:5]
scram = Scram(mechanism, login, secret, wrong)
s = smtplib.SMTP("127.0.0.1")
if scram.wants_tls:
    scram.begin_tls(s.starttls, lambda: s.sock)
s.ehlo()
print("offered", s.esmtp_features.get("auth"))
code, said = s.docmd("AUTH", mechanism + " " + scram.first())
print(code, said.decode() if code != 334 else "")
if code == 334:
    answer = scram.last(said)
    if wrong == "salt":
        print("salt", scram.parts["s"], scram.parts["i"])
    code, said = s.docmd(answer)
    if code == 334:
        print("signed", scram.is_signed(said))
        code, said = s.docmd("*" if wrong == "signature" else "")
    print(code, said.decode())
    print(s.docmd("MAIL FROM:<joe@example.net>")[0])
"""
ASK_ALL = ASK.replace("parts[:3]", "parts")
WRONG = "535 5.7.8 wrong name or password (#5.7.8)"


def scram(host, login, secret, wrong="", mechanism="SCRAM-SHA-256"):
    return host.run(["/usr/bin/python3", "-c", CLIENT, mechanism, login, secret, wrong]).stdout.decode().splitlines()


@pytest.fixture
def site(host):
    host.user("joe", "se cret: %")
    furnish(host, "/etc/tcp.smtp", 'SMTPD_AUTH="clear required scram"')
    host.control("passwordhash", "yescrypt\n")
    run(host, "vadduser", "old@example.net", SECRET)
    host.start("qmail-auth", "qmail-users", "qmail-tls", "qmail-smtpd", "qmail-queue")
    return host


def test_the_password_is_never_said(site):
    assert scram(site, "joe@example.net", SECRET) == [
        "offered  SCRAM-SHA-256 PLAIN LOGIN", "334 ", "signed True", "235 2.7.0 welcome", "250"]


def test_only_on_the_connection_that_the_client_sees(site):
    said = scram(site, "joe@example.net", SECRET, mechanism="SCRAM-SHA-256-PLUS")
    assert said[0] == "offered  SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN"
    assert said[2:] == ["signed True", "235 2.7.0 welcome", "250"]
    assert scram(site, "joe@example.net", SECRET, "channel", "SCRAM-SHA-256-PLUS")[2:] == [WRONG, "530"]
    assert scram(site, "joe@example.net", SECRET, "downgrade")[1:] == [WRONG]


def test_who_does_not_like_our_signature_is_not_in(site):
    assert scram(site, "joe@example.net", SECRET, "signature")[2:] == ["signed True", "501 5.7.0 cancelled (#5.7.0)", "530"]


def test_wrong_ones_and_nobody_hear_the_same(site):
    nobody = [scram(site, login, secret, "salt") for login, secret in [
        ("nobody@example.net", SECRET), ("old@example.net", SECRET), ("x@other.example", SECRET), ("joe", "se cret: %"), ("nobody", SECRET)]]
    wrong = scram(site, "joe@example.net", "pass", "salt")
    for said in (*nobody, wrong):
        assert said[1] == "334 " and said[3:] == [WRONG, "530"]
        assert re.fullmatch(r"salt [A-Za-z0-9+/]{16} 10000", said[2])
    assert len({said[2] for said in (*nobody, wrong)}) == 6
    assert scram(site, "nobody@example.net", SECRET, "salt")[2] == nobody[0][2]
    site.sh("svc -t /service/qmail-auth")
    assert eventually(lambda: ask(site, "salt", "smtp", "nobody@example.net").startswith("let in|10000"))
    assert scram(site, "nobody@example.net", SECRET, "salt")[2] == nobody[0][2]


def test_by_whatever_name_nobody_is_one_as_a_user_is(site):
    """Else a salt that is the same for all names of a user would tell that he is here."""
    run(site, "vaddaliasdomain", "example.net", "alias.example")

    def salts(user):
        names = (f"{user}@example.net", f"{user.upper()}@Example.Net", f"{user}%example.net", f"{user}@alias.example")
        return {site.run(["/usr/bin/python3", "-c", ASK_ALL, "socket", "salt", "smtp", name, *[""] * 4]).stdout for name in names}

    for user in "joe", "old", "nobody":
        assert len(salts(user)) == 1 and b"let in|10000||" in salts(user).pop(), salts(user)
    assert not salts("old") & salts("nobody")


def test_a_proof_is_good_once(site):
    """For what was said in its own exchange: who has heard it cannot use it."""
    exchange = "n=joe@example.net,r=abcdefgh,r=abcdefgh12345678,s=x,i=4096,c=biws,r=abcdefgh12345678"
    assert password(site, "joe@example.net", "A" * 43 + "=", challenge=exchange).startswith("wrong")
    assert password(site, "joe@example.net", SECRET, challenge=exchange).startswith("wrong")
    assert password(site, "joe", "se cret: %", challenge=exchange).startswith("wrong")
    assert password(site, "joe@example.net", SECRET) == "let in|0|joe@example.net"


def test_while_the_users_cannot_be_asked_nobody_is_wrong(site):
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    assert scram(site, "joe@example.net", SECRET)[1:] == ["454 4.7.0 sorry, i cannot look at passwords now (#4.7.0)"]


ACCEPTED = r"accepted from 127\.0\.0\.1 sender <joe@example\.net> .* login joe@example\.net\n"


def test_msmtp(site):
    site.write("/root/.msmtprc", f'defaults\nhost 127.0.0.1\nauth scram-sha-256\nuser joe@example.net\npassword "{SECRET}"\n'
               "tls off\nfrom joe@example.net\naccount default\n", mode=0o600)
    site.sh("printf 'Subject: x\\n\\nhello\\n' | msmtp a@far.example")
    assert eventually(lambda: re.search(ACCEPTED, site.log("qmail-smtpd")))


def test_msmtp_on_its_own_connection(site):
    """-PLUS where it has that. One that has not, and says so, is not taken for somebody from whom it was kept."""
    how = max(set(site.sh("msmtp --version").stdout.split()) & {"scram-sha-256", "scram-sha-256-plus"}, key=len)
    site.write("/root/.msmtprc", f'defaults\nhost 127.0.0.1\nauth {how}\nuser joe@example.net\npassword "{SECRET}"\n'
               "tls on\ntls_starttls on\ntls_certcheck off\nfrom joe@example.net\naccount default\n", mode=0o600)
    site.sh("printf 'Subject: x\\n\\nhello\\n' | msmtp a@far.example")
    assert eventually(lambda: re.search(ACCEPTED, site.log("qmail-smtpd")))


def test_a_wrong_word_says_which_are_right(site):
    site.control("passwordhash", "md5\n")
    done = site.run(["vadduser", "ann@example.net", "y"], check=False)
    assert done.returncode == 111
    assert done.stderr == b"vadduser: fatal: control/passwordhash: line 1: md5: write yescrypt or scram-sha-256\n"
