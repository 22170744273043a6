"""A post through a list of a host, as mail: to subscribers here and elsewhere, and by an author whose domain wants its mail to come from
it."""

import re

import pytest

from tests.host import eventually
from tests.lists.listhost import the_list


@pytest.fixture
def sos(host):
    host.user("joe")
    host.user("ann")
    made = the_list(host, "sos")
    made.subscribe(f"ann@{host.name}", f"joe@{host.name}")
    host.start()
    return made


def mails(host, user, count=1):
    assert eventually(lambda: len(host.maildir(user)) >= count), host.sh("tail -n 30 /var/log/qmail/qmail-send/current").stdout
    return [mail.decode() for mail in host.maildir(user)]


def test_each_subscriber_has_a_sender_of_his_own(host, sos):
    sos.write(f"joe@{host.name}", "Hello")
    for user in ("ann", "joe"):
        mail, = mails(host, user)
        assert mail.startswith(f"Return-Path: <sos-return-1-{user}={host.name}@{host.name}>\n")
        assert f"Mailing-List: contact sos-help@{host.name}; run by ezmlm\n" in mail and "\nPrecedence: bulk\n" in mail
    assert "Hello" in sos.read("archive/0/01")


def sent_by(host, sos, author):
    before = len(host.maildir("ann"))
    sos.write(f"joe@{host.name}", "Hello", From=author)
    return mails(host, "ann", before + 1)[-1]


def send_to_list(host, sos, author, code=0, **env):
    """What ezmlm-send says, run by hand."""
    text = f"From: {author}\nSubject: s\n\nHello\n"
    words = " ".join(f"{name}={value}" for name, value in env.items())
    done = host.sh(f"{words} SENDER=joe@{host.name} /var/qmail/bin/ezmlm-send {sos.dir}", user=sos.owner, input=text, check=False)
    assert done.returncode == code, done
    return done.stderr


def test_a_domain_that_wants_its_mail_to_come_from_it(host, sos):
    host.dns({"_dmarc.bank.example": ["TXT v=DMARC1; p=reject"], "_dmarc.shop.example": ["TXT v=DMARC1; p=quarantine; pct=100"],
              "_dmarc.free.example": ["TXT v=DMARC1; p=none"], "_dmarc.late.example": ["SERVFAIL"], "_dmarc.odd.example": ["TXT something"]})
    count = 0
    for domain, rewritten in (("bank", True), ("shop", True), ("free", False), ("odd", False), ("none", False), ("sub.bank", False)):
        count += 1
        send_to_list(host, sos, f"Joe <joe@{domain}.example>")
        mail = max(mails(host, "ann", count), key=lambda text: int(re.search(r"-return-(\d+)-", text)[1]))
        assert (f'\nFrom: "Joe via sos" <sos@{host.name}>\n' in mail) == rewritten, mail
        assert (f"\nReply-To: Joe <joe@{domain}.example>\n" in mail) == rewritten
    assert "late.example" in send_to_list(host, sos, "joe@late.example", code=111)
    assert sos.read("num").startswith(f"{count}:")
    known = sos.read("dmarc")
    assert " 1 bank.example\n" in known and " 0 free.example\n" in known and "late" not in known


def test_answers_are_kept(host, sos):
    host.dns({"_dmarc.bank.example": ["TXT v=DMARC1; p=reject"]})
    send_to_list(host, sos, "joe@bank.example")
    host.dns({"_dmarc.bank.example": ["SERVFAIL"]})
    send_to_list(host, sos, "joe@bank.example")
    sos.put("dmarc", "1000 1 bank.example\n")
    send_to_list(host, sos, "joe@bank.example", code=111)


def test_another_name_server(host, sos):
    host.dns({"_dmarc.bank.example": ["TXT v=DMARC1; p=reject"]})
    send_to_list(host, sos, "joe@bank.example", code=111, DNSCACHEIP="127.0.0.9")
    send_to_list(host, sos, "joe@bank.example", DNSCACHEIP="127.0.0.1")


def test_lists_in_a_circle(host, sos):
    """A list that reads itself, and one that reads another which reads it: each post comes once, and no more:
    what a list sends is thrown away by the next one, for its Precedence; and refused, where it has none."""
    other = the_list(host, "other")
    sos.subscribe(sos.address(), other.address())
    other.subscribe(sos.address(), f"ann@{host.name}")
    sos.write(f"joe@{host.name}", "Hello")
    mails(host, "joe")
    assert eventually(lambda: host.sh("cat /var/log/qmail/qmail-send/current").stdout.count("end msg") >= 2, 60)
    assert sos.read("num").startswith("1:") and not other.has("num")
    assert len(host.maildir("ann")) == 1
    for made in (sos, other):
        made.put("headeradd", "X-List: yes\n")
        made.put("headerremove", "return-path\n")
    sos.write(f"joe@{host.name}", "Hello")
    assert eventually(lambda: host.sh("cat /var/log/qmail/qmail-send/current").stdout.count("failure:") >= 2, 60)
    assert sos.read("num").startswith("2:") and not other.has("num")
