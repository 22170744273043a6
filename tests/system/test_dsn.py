"""What a sender wished to be told, from his program through SMTP and the queue to whoever tells him."""

import email
import email.policy

from tests.host import eventually
from tests.remote.remote import Server, through

CLIENT = """
import smtplib
s = smtplib.SMTP("127.0.0.1")
s.ehlo("client.example")
assert s.has_extn("dsn")
s.sendmail("ann@mail.example.org", ["{to}"], "Subject: hello\\n\\nbody\\n", ["RET=HDRS", "ENVID=QQ+2B1"],
           ["NOTIFY={notify}", "ORCPT=rfc822;first+2Bname@example.com"])
"""


def send(host, to, notify="SUCCESS,FAILURE"):
    host.sh(f"cat > /tmp/client.py <<'END'\n{CLIENT.format(to=to, notify=notify)}\nEND\n/usr/bin/python3 /tmp/client.py")


def report(host):
    text, = eventually(lambda: host.maildir("ann"), 20)
    mail = email.message_from_bytes(text, policy=email.policy.default)
    assert mail.get_content_type() == "multipart/report"
    status = list(mail.iter_parts())[1]
    of_message, group = [dict(g.items()) for g in status.get_payload() if g.items()]
    assert of_message["Original-Envelope-Id"] == "QQ+1" and group["Original-Recipient"] == "rfc822; first+name@example.com"
    return group


def begin(host):
    for name in ("ann", "joe"):
        host.user(name)
    host.control("locals", "mail.example.org\n")
    host.start()


def test_success_here(host):
    begin(host)
    send(host, "joe@mail.example.org")
    assert report(host)["Action"] == "delivered" and len(host.maildir("joe")) == 1


def test_success_behind_one_address_and_several(host):
    """One that stands for another is he: the report is about whom it came for."""
    host.user("bob")
    begin(host)
    host.write("/var/qmail/alias/.qmail-one", "&joe@mail.example.org\n")
    host.write("/var/qmail/alias/.qmail-some", "&joe@mail.example.org\n&bob@mail.example.org\n")
    send(host, "one@mail.example.org")
    assert report(host)["Action"] == "delivered"
    host.sh("rm ~ann/Maildir/new/*")
    send(host, "some@mail.example.org")
    assert report(host)["Action"] == "expanded"
    assert eventually(lambda: len(host.maildir("bob")) == 1)


def test_a_failure_behind_an_address_tells_of_whom_it_came_for(host):
    begin(host)
    host.write("/var/qmail/alias/.qmail-one", "&nosuch@mail.example.org\n")
    send(host, "one@mail.example.org")
    group = report(host)
    assert (group["Action"], group["Status"], group["Final-Recipient"]) == ("failed", "5.1.1", "rfc822; nosuch@mail.example.org")


def test_over_to_a_server_that_will_tell_or_not(host):
    through(host)
    server = Server(host, EHLO=["250-mx.example.net\r\n250 DSN", "250 mx.example.net"])
    host.control("agentseconds", "0\n")
    begin(host)
    send(host, "r@example.net")
    assert eventually(lambda: server.connections())
    assert server.lines(0)[1:3] == ["MAIL FROM:<ann@mail.example.org> RET=HDRS ENVID=QQ+2B1",
                                    "RCPT TO:<r@example.net> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first+2Bname@example.com"]
    assert eventually(lambda: not host.in_queue()) and not host.maildir("ann")
    send(host, "r@example.net")
    group = report(host)
    assert (group["Action"], group["Status"], group["Remote-MTA"]) == ("relayed", "2.0.0", "dns; [127.0.0.1]")
    assert server.lines(1)[1] == "MAIL FROM:<ann@mail.example.org>"
