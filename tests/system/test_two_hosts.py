"""Mail between machines: routes, virtual domains, bounces, IPv6."""

from tests.host import eventually


def send(host, sender, recipient, text="hello"):
    host.sh(f"printf 'From: {sender}\\nTo: {recipient}\\nSubject: {text}\\n\\n{text}\\n' | "
            f"sendmail -f {sender} {recipient}")


def test_a_message_crosses_the_wire_and_its_bounce_comes_back(hosts):
    here, there = hosts("here.example", "there.example")
    here.user("anna")
    there.user("joe")
    there.write("/etc/tcp.smtp", ':allow,NORCPTCHECK=""\n')
    there.sh("qmailctl cdb")
    here.start("qmail-send", "qmail-smtpd")
    there.start("qmail-send", "qmail-smtpd")

    send(here, "anna@here.example", "joe@there.example", "across")
    assert eventually(lambda: there.maildir("joe"))
    message = there.maildir("joe")[0].decode()
    assert message.startswith("Return-Path: <anna@here.example>\nDelivered-To: joe@there.example\n")
    assert "10.77.0.2_accepted_message" in here.log("qmail-send") or "fd77::2_accepted" in here.log("qmail-send")

    send(here, "anna@here.example", "nosuch@there.example", "lost")
    assert eventually(lambda: here.maildir("anna"), 20), here.log("qmail-send") + there.log("qmail-send")
    bounce = here.maildir("anna")[0].decode()
    assert "Hi. This is the qmail-send program at there.example." in bounce
    assert "<nosuch@there.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n" in bounce


def test_an_unknown_recipient_is_returned_by_the_senders_own_host(hosts):
    here, there = hosts("here.example", "there.example")
    here.user("anna")
    for host in (here, there):
        host.start("qmail-send", "qmail-smtpd")
    send(here, "anna@here.example", "nosuch@there.example", "lost")
    assert eventually(lambda: here.maildir("anna"), 20), here.log("qmail-send")
    bounce = here.maildir("anna")[0].decode()
    assert "Hi. This is the qmail-send program at here.example." in bounce
    assert "550 5.1.1 sorry, no mailbox here by that name (#5.1.1)" in bounce
    assert "new msg" not in there.log("qmail-send")


def test_a_virtual_domain_belongs_to_a_user(hosts):
    here, there = hosts("here.example", "there.example")
    there.user("joe")
    there.control("virtualdomains", "shop.example:joe-shop\n")
    there.control("rcpthosts", "there.example\nshop.example\n")
    there.write("/home/joe/.qmail-shop-default", "./Maildir/\n", owner="joe")
    for host in (here, there):
        host.dns({"shop.example": ["MX 10 there.example"]})
        host.start("qmail-send", "qmail-smtpd")
    send(here, "root@here.example", "Sales@shop.example")
    assert eventually(lambda: there.maildir("joe")), here.log("qmail-send") + there.log("qmail-send")
    assert b"Delivered-To: joe-shop-Sales@shop.example\n" in there.maildir("joe")[0]


def test_ipv6_alone_is_enough(hosts):
    here, there = hosts("here.example", "there.example")
    there.user("joe")
    here.dns({"six.example": ["MX 10 mx.six.example"], "mx.six.example": ["AAAA fd77::2"]})
    there.control("locals", "six.example\n")
    there.control("rcpthosts", "six.example\n")
    here.start("qmail-send", "qmail-smtpd")
    there.start("qmail-send", "qmail-smtpd")
    send(here, "root@here.example", "joe@six.example")
    assert eventually(lambda: there.maildir("joe")), here.log("qmail-send") + there.log("qmail-smtpd")
    assert "fd77::2_accepted_message" in here.log("qmail-send")


def test_smtproutes_sends_all_to_the_hub(hosts):
    here, there = hosts("here.example", "there.example")
    there.user("joe")
    there.control("locals", "there.example\nfar.example\n")
    there.control("rcpthosts", "there.example\nfar.example\n")
    here.control("smtproutes", ":[10.77.0.2]\n")
    here.start("qmail-send", "qmail-smtpd")
    there.start("qmail-send", "qmail-smtpd")
    send(here, "root@here.example", "joe@far.example")
    assert eventually(lambda: there.maildir("joe")), here.log("qmail-send")
