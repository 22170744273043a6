"""Users who read their mail and do not say their password: SCRAM-SHA-256, and -PLUS inside TLS."""

import pytest

from tests.auth.scram import SECRET, SIDE, furnish
from tests.host import eventually

# How long its nonce is it is told, too.
CLIENT = SIDE + r"""
import poplib
mechanism, login, secret, wrong, size, address = sys.argv[1:7]
scram = Scram(mechanism, login, secret, wrong)
p = poplib.POP3(address, timeout=40)
def say(text):
    p._putcmd(text)
    return p._getline()[0].decode()
if scram.wants_tls:
    scram.begin_tls(p.stls, lambda: p.sock)
print("offered", *p.capa()["SASL"])
said = say("AUTH " + mechanism + " " + scram.first(int(size)))
if not said.startswith("+ "):
    print(said)
    sys.exit()
said = say(scram.last(said[2:]))
if said.startswith("+ "):
    print("signed", scram.is_signed(said[2:]))
    said = say("*" if wrong == "signature" else "")
print(said)
if said.startswith("+OK"):
    print(*p.capa()["SASL"])
    print(p.stat()[0], p.quit().decode())
"""


def scram(host, login, secret, wrong="", mechanism="SCRAM-SHA-256", size=12, address="127.0.0.1"):
    return host.run(["/usr/bin/python3", "-c", CLIENT, mechanism, login, secret, wrong, str(size), address]).stdout.decode().splitlines()


@pytest.fixture
def site(host):
    host.user("joe", "secret")
    furnish(host, "/etc/tcp.pop3", 'POP3_AUTH="scram"')
    host.start("qmail-auth", "qmail-users", "qmail-tls", "qmail-pop3d", "qmail-queue")
    return host


OFFERED = "SCRAM-SHA-256 PLAIN LOGIN"
WRONG = "-ERR [AUTH] authorization failed"


def test_the_password_is_never_said(site):
    assert scram(site, "joe@example.net", SECRET) == ["offered " + OFFERED, "signed True", "+OK ", OFFERED, "0 +OK "]
    assert eventually(lambda: "user joe@example.net: session over" in site.log("qmail-pop3d"))


def test_an_exchange_may_be_long(site):
    """Longer than what checkers of other houses are told."""
    assert scram(site, "joe@example.net", SECRET, size=120)[1:3] == ["signed True", "+OK "]
    assert scram(site, "joe@example.net", SECRET, size=160)[1:] == ["-ERR syntax error"]


def test_only_on_the_connection_that_the_client_sees(site):
    plus = "SCRAM-SHA-256-PLUS"
    said = scram(site, "joe@example.net", SECRET, mechanism=plus)
    assert said == [f"offered {plus} {OFFERED}", "signed True", "+OK ", f"{plus} {OFFERED}", "0 +OK "]
    assert scram(site, "joe@example.net", SECRET, "channel", plus)[1:] == ["-ERR syntax error"]
    assert scram(site, "joe@example.net", SECRET, "downgrade")[1:] == ["-ERR syntax error"]


def test_who_does_not_like_our_signature_is_not_in(site):
    assert scram(site, "joe@example.net", SECRET, "signature")[1:] == ["signed True", "-ERR syntax error"]


def test_wrong_ones_and_nobody_hear_the_same(site):
    for login, secret in [("joe@example.net", "pass"), ("nobody@example.net", SECRET), ("joe", "secret"), ("nobody", "secret")]:
        assert scram(site, login, secret)[1:] == [WRONG], login
    assert site.log("qmail-auth").count(" by pop3 user ") == 4


def test_while_nobody_can_tell_no_proof_is_wrong(site):
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    assert scram(site, "joe@example.net", SECRET)[1:] == ["-ERR [SYS/TEMP] temporary problem, try again later"]


def test_guessing_is_counted(site):
    site.control("penalty", "2\n")
    for _ in range(2):
        scram(site, "joe@example.net", "pass", address="203.0.113.25")
    said = scram(site, "joe@example.net", SECRET, address="203.0.113.25")
    assert said[1:] == ["-ERR [SYS/TEMP] too many wrong passwords came from your address, come again later"]


def test_not_offered_where_the_site_does_not_say_so(site):
    site.write("/etc/tcp.pop3", ":allow\n")
    site.sh("qmailctl cdb")
    assert scram(site, "joe@example.net", SECRET) == ["offered PLAIN LOGIN", "-ERR authorization first"]


def test_mpop(site):
    site.sh("printf 'Subject: x\\n\\nhello\\n' | sendmail joe@example.net")
    site.start("qmail-send")
    # One that knows -PLUS and does not use it says so, and a server that offers it has to believe that somebody in between took it away.
    how = max(set(site.sh("mpop --version").stdout.split()) & {"scram-sha-256", "scram-sha-256-plus"}, key=len)
    site.write("/root/.mpoprc", f"account x\nhost 127.0.0.1\ntls on\ntls_starttls on\ntls_certcheck off\nauth {how}\nuser joe@example.net\n"
               f'password "{SECRET}"\nuidls_file /root/uidls\ndelivery mbox /root/got\n', mode=0o600)
    assert eventually(lambda: site.sh("ls /home/vpopmail/domains/example.net/joe/Maildir/new", check=False).stdout)
    site.sh("mpop x")
    assert b"hello" in site.read("/root/got")
