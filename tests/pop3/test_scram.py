"""Users who read their mail and do not say their password: SCRAM-SHA-256, and -PLUS inside TLS."""

import pytest

from tests.host import eventually
from tests.vdomains.test_domains import run

SECRET = "pass word"

# A client that is told what to do wrong, and how long its nonce is.
CLIENT = r"""
import base64, hashlib, hmac, os, poplib, ssl, sys
mechanism, login, secret, wrong, size, address = sys.argv[1:7]
def h(key, text): return hmac.new(key, text.encode(), hashlib.sha256).digest()
def b64(text): return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()
def say(text):
    p._putcmd(text)
    return p._getline()[0].decode()
p = poplib.POP3(address, timeout=40)
head, binding = "n,,", b""
if mechanism.endswith("PLUS") or wrong == "downgrade":
    p.stls(ssl._create_unverified_context())
    certificate = p.sock.getpeercert(True)
    binding = hashlib.sha256(certificate + (b"x" if wrong == "channel" else b"")).digest()
    head = "p=tls-server-end-point,,"
if wrong == "downgrade":
    head, binding = "y,,", b""
print("offered", *p.capa()["SASL"])
first = "n=" + login + ",r=" + os.urandom(int(size)).hex()
said = say("AUTH " + mechanism + " " + b64(head + first))
if not said.startswith("+ "):
    print(said)
    sys.exit()
theirs = base64.b64decode(said[2:]).decode()
parts = dict(part.split("=", 1) for part in theirs.split(","))
salted = hashlib.pbkdf2_hmac("sha256", secret.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
key = h(salted, "Client Key")
last = "c=" + b64(head.encode() + binding) + ",r=" + parts["r"]
exchange = first + "," + theirs + "," + last
proof = bytes(a ^ b for a, b in zip(key, h(hashlib.sha256(key).digest(), exchange)))
said = say(b64(last + ",p=" + b64(proof)))
if said.startswith("+ "):
    print("signed", base64.b64decode(said[2:]).decode() == "v=" + b64(h(h(salted, "Server Key"), exchange)))
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
    host.control("passwordhash", "scram-sha-256\n")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vadduser", "joe@example.net", SECRET)
    host.write("/etc/tcp.pop3", ':allow,POP3_AUTH="scram"\n')
    host.sh("qmailctl cdb; qmail-certificate self-signed")
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
