"""Users who send: logging in to qmail-smtpd, and what it lets them do."""

import base64
import re

import pytest

from tests.auth.asking import password
from tests.host import eventually
from tests.smtp.session import Session
from tests.vdomains.test_domains import run

CLEAR = {"SMTPD_AUTH": "clear", "TCPREMOTEIP": "192.0.2.7"}
NOT_YOURS = "553 5.7.1 sorry, that sender address is not yours (#5.7.1)"
WRONG = "535 5.7.8 wrong name or password (#5.7.8)"


def b64(text):
    return base64.b64encode(text.encode())


def plain(login, secret):
    return b"AUTH PLAIN " + b64(f"\0{login}\0{secret}") + b"\r\n"


def session(host, env=None):
    s = Session(host, env={**CLEAR, **(env or {})}).begin()
    s.ask(b"EHLO me.example\r\n")
    while s.hear()[3] == "-":
        pass
    return s


@pytest.fixture
def site(host):
    """Accounts and virtual users who may log in; rules let them do so in clear text."""
    host.user("joe", "se cret: %")
    host.user("ann", "x")
    run(host, "vadddomain", "example.net", "secret")
    run(host, "vaddaliasdomain", "example.net", "alias.example")
    run(host, "vadduser", "joe@example.net", "pass word")
    host.write("/etc/tcp.smtp", ':allow,SMTPD_AUTH="clear"\n')
    host.sh("qmailctl cdb")
    host.start("qmail-auth", "qmail-users")
    return host


def senders(host, login, secret, *addresses):
    """What is said to MAIL with each."""
    s = session(host)
    assert s.ask(plain(login, secret)) == "235 2.7.0 welcome"
    said = []
    for address in addresses:
        said.append(s.ask(b"MAIL FROM:<%s>\r\n" % address.encode()))
        s.ask(b"RSET\r\n")
    s.end()
    return said


def test_a_login_may_send_to_the_world_and_is_told_of(site):
    s = session(site)
    assert s.ask(b"MAIL FROM:<joe@mail.example.org> AUTH=<>\r\n") == "250 2.1.0 ok"
    assert s.ask(b"RCPT TO:<a@far.example>\r\n").startswith("553 5.7.1")
    assert s.ask(b"RSET\r\n") == "250 2.0.0 flushed"
    assert s.ask(plain("joe", "se cret: %")) == "235 2.7.0 welcome"
    assert s.ask(plain("joe", "se cret: %")).startswith("503 5.5.1")
    assert s.ask(b"MAIL FROM:<joe@mail.example.org>\r\n") == "250 2.1.0 ok"
    assert s.ask(b"RCPT TO:<a@far.example>\r\n") == "250 2.1.5 ok"
    site.sh("mkdir -m 777 /tmp/catch")
    assert s.ask(b"DATA\r\n").startswith("354")
    assert s.ask(b"Subject: x\r\n\r\nhello\r\n.\r\n").startswith("250")
    code, log = s.end()
    assert re.search(r"^qmail-smtpd: accepted from 192\.0\.2\.7 sender <joe@mail\.example\.org> recipients 1 bytes \d+ qp \d+ login joe$", log, re.M)
    message = site.read("/tmp/catch/message").decode()
    assert " with ESMTPA; " in message
    assert "\nDate: " in message and "\nMessage-ID: " in message


def header_as_queued(host, *commands, env=None, sender=b"joe@mail.example.org"):
    """Of a message with bare addresses, sent behind these commands."""
    host.sh("rm -rf /tmp/catch; mkdir -m 777 /tmp/catch")
    s = session(host, env)
    for command in (*commands, b"MAIL FROM:<" + sender + b">\r\n", b"RCPT TO:<ann@mail.example.org>\r\n"):
        assert s.ask(command)[0] == "2"
    assert s.ask(b"DATA\r\n").startswith("354")
    assert s.ask(b"From: Joe <joe>\r\nTo: ann,\r\n  bob@far.example\r\nSubject: joe\r\n\r\nTo: joe\r\n.\r\n").startswith("250")
    s.end()
    return host.read("/tmp/catch/message").decode()


def test_bare_addresses_in_the_header_of_who_has_logged_in_are_completed(site):
    site.control("defaulthost", "mail\n")
    site.control("defaultdomain", "example.org\n")
    completed = "From: Joe <joe@mail.example.org>\nTo: ann@mail.example.org,\n  bob@far.example\nSubject: joe\n"
    bare = "From: Joe <joe>\nTo: ann,\n  bob@far.example\nSubject: joe\n"
    login = plain("joe", "se cret: %")
    message = header_as_queued(site, login)
    assert completed in message and message.endswith("\n\nTo: joe\n")
    assert bare in header_as_queued(site, login, env={"SMTPD_HEADER": "keep"})
    assert bare in header_as_queued(site, env={"RELAYCLIENT": ""})
    assert bare in header_as_queued(site)


def test_who_has_logged_in_is_called_as_outsiders_know_him(site):
    """In envelope and header, where that may be touched; not who was not asked who he is, and no recipient."""
    site.control("genericfrom", "joe:joe.smith@x.example\nann:ann@x.example\n")
    login = plain("joe", "se cret: %")
    message = header_as_queued(site, login)
    assert "From: Joe <joe.smith@x.example>\nTo: ann@mail.example.org,\n" in message and message.endswith("\n\nTo: joe\n")
    assert site.read("/tmp/catch/envelope") == b"Fjoe.smith@x.example\0Tann@mail.example.org\0\0"
    message = header_as_queued(site, login, env={"SMTPD_HEADER": "keep"})
    assert "From: Joe <joe>\n" in message and site.read("/tmp/catch/envelope").startswith(b"Fjoe.smith@x.example\0")
    assert "From: Joe <joe.smith@x.example>\n" in header_as_queued(site, login, sender=b"")
    assert site.read("/tmp/catch/envelope").startswith(b"F\0")
    for env in ({"RELAYCLIENT": ""}, None):
        assert "From: Joe <joe>\n" in header_as_queued(site, env=env)
        assert site.read("/tmp/catch/envelope").startswith(b"Fjoe@mail.example.org\0")


def test_names_for_outsiders_that_cannot_be_read_are_trouble(site):
    site.sh("mkdir /var/qmail/control/genericfrom")
    s = session(site)
    assert s.ask(plain("joe", "se cret: %")).startswith("235")
    assert s.ask(b"MAIL FROM:<joe@mail.example.org>\r\n").startswith("421 4.3.0")
    s.end()


def test_lists_do_not_speak_of_who_has_logged_in(site):
    site.control("dnslists", "bl.example:2:refuse\n")
    site.dns({"7.113.0.203.bl.example": ["A 127.0.0.2"]})
    s = session(site, {"TCPREMOTEIP": "203.0.113.7"})
    assert s.ask(b"MAIL FROM:<joe@mail.example.org>\r\n") == "250 2.1.0 ok"
    assert s.ask(b"RCPT TO:<ann@mail.example.org>\r\n").startswith("554 5.7.1")
    assert s.ask(b"RSET\r\n") == "250 2.0.0 flushed"
    assert s.ask(plain("joe", "se cret: %")) == "235 2.7.0 welcome"
    assert s.ask(b"MAIL FROM:<joe@mail.example.org>\r\n") == "250 2.1.0 ok"
    assert s.ask(b"RCPT TO:<ann@mail.example.org>\r\n") == "250 2.1.5 ok"
    s.end()
    s = session(site, {"TCPREMOTEIP": "203.0.113.7", "SMTPD_AUTH": "clear required"})
    assert s.ask(plain("joe", "se cret: %")) == "235 2.7.0 welcome"
    assert "listed from" not in s.end()[1]


def test_as_whom_an_account_sends(site):
    site.control("locals", "mail.example.org\nexample.org\n")
    site.control("virtualdomains", "shop.example:joe-shop\nann@one.example:ann\nexample.net:example.net\n")
    site.write("/var/qmail/users/assign", site.read("/var/qmail/users/assign").decode().replace(".\n", "=sales:joe:1000:1000:/home/joe:::\n.\n"))
    site.sh("qmail-newu")
    said = senders(site, "joe", "se cret: %", "joe@mail.example.org", "JOE@example.org", "any@shop.example", "sales@example.org", "")
    assert said == 5 * ["250 2.1.0 ok"]
    said = senders(site, "joe", "se cret: %", "ann@mail.example.org", "joe@far.example", "ann@one.example", "joe-x@example.org",
                   "joe@example.net", "joey@example.org", "joe")
    assert said == 6 * [NOT_YOURS] + ["250 2.1.0 ok"]
    site.write("/var/qmail/control/senders", "joe:joe-x@example.org\nann:@far.example\n")
    assert senders(site, "joe", "se cret: %", "joe-x@example.org", "x@far.example") == ["250 2.1.0 ok", NOT_YOURS]
    assert senders(site, "ann", "x", "x@far.example", "ann@mail.example.org") == 2 * ["250 2.1.0 ok"]


def test_as_whom_a_virtual_user_sends(site):
    said = senders(site, "joe@alias.example", "pass word", "joe@example.net", "Joe@ALIAS.example", "")
    assert said == 3 * ["250 2.1.0 ok"]
    said = senders(site, "joe@example.net", "pass word", "postmaster@example.net", "joe@mail.example.org", "joe@far.example", "joe-x@example.net")
    assert said == 4 * [NOT_YOURS]
    site.write("/var/qmail/control/senders", "@example.net:@example.net\n")
    assert senders(site, "joe@example.net", "pass word", "postmaster@example.net") == ["250 2.1.0 ok"]


def test_a_client_that_relays_by_rule_sends_as_it_likes(site):
    s = session(site, {"RELAYCLIENT": ""})
    assert s.ask(b"MAIL FROM:<anybody@any.example>\r\n") == "250 2.1.0 ok"
    s.end()


def test_three_wrong_passwords_end_the_session(site):
    site.write("/var/qmail/control/penaltyfree", "192.0.2.7\n")
    s = session(site)
    for secret in "1", "2", "3":
        assert s.ask(plain("joe", secret)) == WRONG
    assert s.ask(plain("joe", "se cret: %")) == "421 4.7.0 too many wrong passwords (#4.7.0)"
    code, log = s.end()
    assert code == 1 and log.count("at AUTH: 535 5.7.8") == 3 and log.endswith(", passwords\n")
    assert "se cret" not in log and "c2Ug" not in log


def test_who_guesses_is_sent_away_before_his_password_is_looked_at(site):
    site.control("penalty", "2\n")
    for n in range(2):
        assert password(site, "joe", f"x{n}").startswith("wrong")
    s = session(site)
    assert s.ask(plain("joe", "se cret: %")).startswith("421 4.7.0 too many wrong passwords came from your address")
    assert s.end()[1].endswith(", penalty\n")
    site.sh("qmailctl penalty empty")
    assert senders(site, "joe", "se cret: %", "joe@mail.example.org") == ["250 2.1.0 ok"]


def test_while_the_service_is_down_nobody_is_wrong(site):
    site.sh("svc -d /service/qmail-auth")
    assert eventually(lambda: not site.sh("ls /var/qmail/run/auth | grep socket", check=False).stdout)
    s = session(site)
    assert s.ask(plain("joe", "se cret: %")) == "454 4.7.0 sorry, i cannot look at passwords now (#4.7.0)"
    s.end()


@pytest.mark.parametrize("length, reply", [(12288, WRONG), (12289, "500 5.5.6 response too long (#5.5.6)")])
def test_length_of_a_response(host, length, reply):
    s = session(host)
    assert s.ask(b"AUTH PLAIN\r\n") == "334 "
    assert s.ask(b"x" * length + b"\r\n") == reply
    assert s.ask(b"NOOP\r\n") == "250 2.0.0 ok"
    s.end()


def test_a_long_response_may_come_with_the_command(host):
    s = session(host)
    assert s.ask(b"AUTH PLAIN " + b"A" * 12288 + b"\r\n") == WRONG
    assert s.ask(b"AUTH PLAIN " + b"A" * 13000 + b"\r\n").startswith("500 5.5.2")
    assert s.ask(b"NOOP\r\n") == "250 2.0.0 ok"
    s.end()


def test_cram_md5_where_the_clear_password_is_kept(site):
    """msmtp and swaks find it; the clear text comes to vpasswd by hand here."""
    place = "/home/vpopmail/domains/example.net"
    lines = [line + ":pass word" if line.startswith("joe:") else line for line in site.read(f"{place}/vpasswd").decode().splitlines()]
    site.write(f"{place}/vpasswd", "\n".join(lines) + "\n", owner="vpopmail", mode=0o600)
    site.sh(f"rm -f {place}/vpasswd.cdb; echo ':allow,SMTPD_AUTH=\"clear cram-md5\"' > /etc/tcp.smtp; qmailctl cdb")
    site.start("qmail-smtpd", "qmail-queue")
    done = site.sh("swaks --silent 3 --server 127.0.0.1 --from joe@example.net --to a@far.example --auth CRAM-MD5 "
                   "--auth-user joe@example.net --auth-password 'pass word'", check=False)
    assert done.returncode == 0, done
    done = site.sh("swaks --server 127.0.0.1 --from joe@example.net --to a@far.example --auth CRAM-MD5 "
                   "--auth-user joe@example.net --auth-password 'pass'", check=False)
    assert "535 5.7.8" in done.stdout


# ---- with the programs people use ----

@pytest.fixture
def served(site):
    site.start("qmail-smtpd", "qmail-queue")
    return site


def accepted(host):
    return re.findall(r"accepted from 127\.0\.0\.1 sender <(.*)> recipients 1 bytes \d+ qp \d+(?: login (.*))?", host.log("qmail-smtpd"))


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_swaks(served, mechanism):
    served.sh(f"swaks --silent 3 --server 127.0.0.1 --from joe@mail.example.org --to a@far.example --auth {mechanism} "
              "--auth-user joe --auth-password 'se cret: %'")
    assert accepted(served) == [("joe@mail.example.org", "joe")]


@pytest.mark.parametrize("mechanism", ["plain", "login"])
def test_msmtp(served, mechanism):
    served.write("/root/.msmtprc", f'defaults\nhost 127.0.0.1\nauth {mechanism}\nuser joe@example.net\npassword "pass word"\n'
                 "tls off\nfrom joe@example.net\naccount default\n", mode=0o600)
    served.sh("printf 'Subject: x\\n\\nhello\\n' | msmtp a@far.example")
    assert accepted(served) == [("joe@example.net", "joe@example.net")]


def test_curl(served):
    served.sh("printf 'Subject: x\\n\\nhello\\n' | curl -sS --crlf --user 'joe:se cret: %' --mail-from joe@mail.example.org "
              "--mail-rcpt a@far.example -T - smtp://127.0.0.1")
    assert accepted(served) == [("joe@mail.example.org", "joe")]


def test_smtplib(served):
    script = """
import smtplib
s = smtplib.SMTP("127.0.0.1")
try:
    s.login("joe", "wrong")
except smtplib.SMTPAuthenticationError as e:
    print(e.smtp_code)
s.login("joe", "se cret: %")
s.sendmail("joe@mail.example.org", "a@far.example", "Subject: x\\r\\n\\r\\nhello")
s.quit()
"""
    assert served.run(["/usr/bin/python3", "-c", script]).stdout == b"535\n"
    assert accepted(served) == [("joe@mail.example.org", "joe")]
