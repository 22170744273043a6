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
