"""Mail with addresses beyond ASCII (RFC 6531), from a program of Python through two hosts to its user, and back."""

import email
import email.policy

from tests.host import eventually
from tests.remote.remote import Server, through

CLIENT = """
import email.message, email.policy, smtplib
sender, recipients = {sender!r}, {recipients!r}
m = email.message.EmailMessage(policy=email.policy.SMTPUTF8)
m["From"], m["To"], m["Subject"] = sender, ", ".join(recipients), "grüße"
m.set_content("grüße")
s = smtplib.SMTP("127.0.0.1")
s.send_message(m, sender, recipients)
"""


def send(host, sender, *recipients):
    host.write("/tmp/client.py", CLIENT.format(sender=sender, recipients=recipients))
    host.sh("/usr/bin/python3 /tmp/client.py")


def queue_is_empty(host):
    return not host.in_queue()


def mails(host, count, user="joe"):
    assert eventually(lambda: len(host.maildir(user)) == count, 20), host.log("qmail-send")
    return host.maildir(user)


def parts(text):
    mail = email.message_from_bytes(text, policy=email.policy.default)
    assert not mail.defects and mail.get_content_type() == "multipart/report"
    return mail, list(mail.iter_parts())


def group(part):
    return [dict(g.items()) for g in part.get_payload() if g.items()][1]


def test_one_domain_in_all_its_writings(hosts):
    """And boxes that look the same are the same."""
    here, there = hosts("here.example", "xn--bcher-kva.example")
    there.user("joe")
    there.write("/home/joe/.qmail-é", "./Maildir/\n", owner="joe")
    there.write("/var/qmail/alias/.qmail-josé:gómez", "&joe@bücher.example\n")
    for host in (here, there):
        host.start("qmail-send", "qmail-smtpd")
    send(here, "ann@here.example", "joe@bücher.example", "Joe@BÜCHER.example", "joe@xn--bcher-kva.example")
    send(here, "jürgen@here.example", "joe-é@bücher．example", "joe-e\u0301@bücher.example")
    send(here, "jürgen@here.example", "José.Gómez@bücher.example")
    texts = [text.decode() for text in mails(there, 6)]
    assert all("Delivered-To: " in text and "Subject: grüße" in text for text in texts)
    assert [text.count("with UTF8SMTP;") for text in texts] == [2] * 6
    assert sum("Delivered-To: joe-é@xn--bcher-kva.example\n" in text for text in texts) == 2
    forwarded, = [text for text in texts if "Delivered-To: José.Gómez@xn--bcher-kva.example\n" in text]
    assert "Return-Path: <jürgen@here.example>\n" in forwarded
    assert eventually(lambda: queue_is_empty(here) and queue_is_empty(there), 20)


def test_who_cannot_be_reached_is_returned_in_ascii(host):
    through(host)
    server = Server(host, EHLO="250-mx.example.net\r\n250 8BITMIME")
    host.user("joe")
    host.control("locals", "mail.example.org\n")
    host.start()
    send(host, "joe@mail.example.org", "é@example.net")
    text, = mails(host, 1)
    mail, (words, status, original) = parts(text)
    head = text.split(b"\n\n")[0]
    assert head.isascii() and "<é@example.net>:" in words.get_content()
    assert (group(status)["Final-Recipient"], group(status)["Action"], group(status)["Status"]) == (
        "utf-8; \\x{E9}@example.net", "failed", "5.6.9")
    assert original.get_content_type() == "message/global" and "Subject: grüße\n".encode() in text
    assert not server.lines()[1].startswith("MAIL")


def test_a_sender_beyond_ascii_hears_of_it(host):
    host.user("joe")
    host.control("locals", "mail.example.org\n")
    host.write("/var/qmail/alias/.qmail-josé", "&joe\n")
    host.dns({"example.com": ["A 10.0.0.1"]})
    host.start()
    send(host, "josé@mail.example.org", "nosuch@example.net")
    text, = mails(host, 1)
    mail, (words, status, original) = parts(text)
    assert "\nTo: josé@mail.example.org\n".encode() in text
    assert group(status)["Final-Recipient"] == "rfc822; nosuch@example.net"


def test_from_the_command_line(host):
    host.user("joe")
    host.control("locals", "mail.example.org\nxn--bcher-kva.example\n")
    host.write("/home/joe/.qmail-é", "./Maildir/\n", owner="joe")
    host.start()
    host.sh("printf 'Subject: x\\n\\nx\\n' | sendmail -f josé@bücher.example joe-é@bücher.example")
    text, = mails(host, 1)
    assert "Return-Path: <josé@xn--bcher-kva.example>\nDelivered-To: joe-é@xn--bcher-kva.example\n".encode() in text


def test_a_bounce_passes_a_server_of_seven_bits(host):
    """And says there what it says elsewhere."""
    host.control("smtproutes", "away.example:127.0.0.1:2525\nlost.example:127.0.0.1:2526\n")
    sender, nobody = Server(host, EHLO="250 mx.example.net"), Server(host, port=2526, EHLO="250 mx.example.net")
    host.user("joe")
    host.start()
    send(host, "joe@away.example", "é@lost.example")
    assert eventually(lambda: sender.connections(), 20), host.log("qmail-send")
    text = sender.heard().split(b"DATA\r\n")[1].split(b"\r\n.\r\n")[0]
    assert text.isascii() and nobody.lines()[-1] == "QUIT"
    _, (words, _, original) = parts(text.replace(b"\r\n", b"\n"))
    assert "<é@lost.example>:" in words.get_content()
    assert original["Content-Transfer-Encoding"] == "quoted-printable" and b"\r\nSubject: gr=C3=BC=C3=9Fe\r\n" in text
