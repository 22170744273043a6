"""The service of users who send, as it is installed."""

import re

import pytest

from tests.host import eventually

SEND = """
import smtplib, sys
s = smtplib.SMTP("%s", 587, source_address=("%s", 0))
print(s.ehlo()[1].decode().replace("\\n", " "))
print(s.docmd("MAIL FROM:<joe@mail.example.org>")[0])
try:
    s.login("joe", "se cret: %%")
    s.sendmail("joe@mail.example.org", "joe@mail.example.org", "Subject: x\\r\\n\\r\\nhello")
except Exception as e:
    print(type(e).__name__)
"""


def send(host, address):
    return host.run(["/usr/bin/python3", "-c", SEND % (address, address)]).stdout.decode().splitlines()


@pytest.fixture
def site(host):
    host.user("joe", "se cret: %")
    host.start()
    return host


def waiting(host):
    """As it is installed, before there is a certificate."""
    host.sh("cd /var/qmail/supervise; for s in qmail-submission qmail-submissions; do echo until there is a certificate > $s/down; done")


def down(host):
    return [host.sh(f"cat /var/qmail/supervise/{s}/down", check=False).stdout for s in ("qmail-submission", "qmail-submissions")]


def test_it_is_down_until_there_is_a_certificate(host):
    waiting(host)
    host.sh("qmail-setup host")
    assert down(host) == ["", ""]


def test_who_does_not_want_it_gets_it_by_no_certificate(host):
    waiting(host)
    host.sh("qmail-setup without qmail-submission; qmail-setup host")
    assert down(host) == ["not wanted here\n", ""]


def test_a_port_of_somebody_else_is_left_to_him(host):
    waiting(host)
    host.popen(["tcpserver", "-RHl0", "0", "587", "cat"])
    assert eventually(lambda: "587 is held" in host.sh("qmail-setup host").stderr)
    assert down(host) == ["until there is a certificate\n", ""]


def test_a_login_of_this_host_sends(site):
    said = send(site, "127.0.0.1")
    assert "AUTH PLAIN LOGIN" in said[0] and said[1:] == ["530"]
    message = eventually(lambda: site.maildir("joe"))[0].decode()
    assert " with ESMTPA; " in message and "\nMessage-ID: " in message and "\nDate: " in message
    assert re.search(r"accepted from 127\.0\.0\.1 .* login joe\n", site.log("qmail-submission"))


def test_from_elsewhere_no_password_is_taken_in_clear_text(site):
    said = send(site, "203.0.113.25")
    assert "AUTH" not in said[0] and said[1:] == ["530", "SMTPNotSupportedError"]


def test_it_can_keep_back_where_its_users_are(host):
    host.user("joe", "se cret: %")
    host.sh("cd /var/qmail/supervise/qmail-submission && rm -f down && echo hide > env/SMTPD_RECEIVED")
    host.start()
    assert send(host, "127.0.0.1")[1:] == ["530"]
    message = eventually(lambda: host.maildir("joe"))[0].decode()
    assert "Received: from unknown (unknown)\n  by mail.example.org with ESMTPA; " in message


TLS = """
import smtplib, ssl
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
s = smtplib.SMTP_SSL("203.0.113.25", 465, context=context, source_address=("203.0.113.25", 0))
print(s.docmd("EHLO me")[0], s.docmd("MAIL FROM:<joe@mail.example.org>")[0])
s.login("joe", "se cret: %")
s.sendmail("joe@mail.example.org", "joe@mail.example.org", "Subject: x\\r\\n\\r\\nhello")
s.quit()
"""


def test_over_tls_from_the_first_byte(site):
    assert site.run(["/usr/bin/python3", "-c", TLS]).stdout == b"250 530\n"
    message = eventually(lambda: site.maildir("joe"))[0].decode()
    assert " with ESMTPSA; " in message
    assert " login joe\n" in site.log("qmail-submissions")


# ---- programs that people use, from elsewhere ----

MSMTP = ('defaults\nhost 203.0.113.25\nsource_ip 203.0.113.25\nport {port}\ntls on\ntls_starttls {starttls}\ntls_certcheck off\nauth {auth}\n'
         'user joe\npassword "se cret: %"\nfrom joe@mail.example.org\naccount default\n')
SWAKS = ("swaks --silent 3 --server 203.0.113.25 --local-interface 203.0.113.25 --from joe@mail.example.org --to joe@mail.example.org "
         "--auth-user joe --auth-password 'se cret: %' ")
CURL = ("printf 'Subject: x\\r\\n\\r\\nx\\r\\n' | curl -sS -k --interface 203.0.113.25 --user 'joe:se cret: %' --mail-from joe@mail.example.org "
        "--mail-rcpt joe@mail.example.org -T - ")
S_NAIL = ("echo x | s-nail -n -S v15-compat -S tls-verify=ignore -S smtp-auth={auth} -S from=joe@mail.example.org -s x "
          "-S mta={scheme}://joe:se%20cret%3A%20%25@203.0.113.25:{port} {more} joe@mail.example.org")


def by_msmtp(site, port, auth):
    site.write("/root/.msmtprc", MSMTP.format(port=port, starttls="on" if port == 587 else "off", auth=auth), mode=0o600)
    site.sh("printf 'Subject: x\\n\\nx\\n' | msmtp joe@mail.example.org")


@pytest.mark.parametrize("send_by", [
    lambda site: by_msmtp(site, 587, "plain"),
    lambda site: by_msmtp(site, 465, "login"),
    lambda site: site.sh(SWAKS + "-tls --port 587 --auth LOGIN"),
    lambda site: site.sh(SWAKS + "--tls-on-connect --port 465 --auth PLAIN --pipeline"),
    lambda site: site.sh(CURL + "--ssl-reqd smtp://203.0.113.25:587"),
    lambda site: site.sh(CURL + "smtps://203.0.113.25:465"),
    lambda site: site.sh(S_NAIL.format(scheme="smtp", port=587, auth="plain", more="-S smtp-use-starttls")),
    lambda site: site.sh(S_NAIL.format(scheme="smtps", port=465, auth="login", more="")),
], ids=["msmtp 587", "msmtp 465", "swaks 587", "swaks 465", "curl 587", "curl 465", "s-nail 587", "s-nail 465"])
def test_clients_log_in_over_tls(site, send_by):
    send_by(site)
    message = eventually(lambda: site.maildir("joe"))[0].decode()
    # The msmtp of Debian 13 asks for SMTPUTF8 whenever it is offered.
    assert re.search(r" with (ESMTPSA|UTF8SMTPSA); ", message) and "\nmessage-id: " in message.lower() and "\nDate: " in message
