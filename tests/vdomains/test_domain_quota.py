"""The quota of a whole domain, where control/domainquotas says that it counts: at RCPT and at a delivery."""

import pytest

from tests.host import eventually
from tests.smtp.test_mailboxes import OK, rcpt
from tests.vdomains.test_domains import run
from tests.vdomains.test_usersd import FULL, PLACE, who
from tests.vdomains.test_virtual_mail import messages


def fill(host, user, count, place=PLACE, owner="vpopmail", name="m"):
    host.sh(f"cd {place}/{user}/Maildir/new && for i in $(seq {count}); do echo mail > {name}$i.x,S=5; done; chown {owner}: *; rm -f ../maildirsize")


def restart(host):
    """And what was counted is forgotten."""
    host.sh("svc -d /service/qmail-users")
    assert eventually(lambda: host.sh("pgrep -x qmail-usersd", check=False).returncode)
    host.sh("svc -u /service/qmail-users")
    assert eventually(lambda: host.sh("test -S /var/qmail/run/users/socket", check=False).returncode == 0)


@pytest.fixture
def site(virtual):
    virtual.user("max")
    virtual.control("domainquotas", "1\n")
    run(virtual, "vadddomain", "example.net", "secret")
    run(virtual, "vadduser", "joe@example.net", "secret")
    run(virtual, "vadduser", "-q", "1000C", "jane@example.net", "secret")
    run(virtual, "vmoddomlimits", "-M", "10", "example.net")
    virtual.start("qmail-send", "qmail-queue", "qmail-users")
    return virtual


def test_all_mailboxes_count_together(site):
    fill(site, "joe", 5)
    fill(site, "jane", 4)
    assert rcpt(site, "joe@example.net", "jane@example.net")[0] == [OK, OK]
    fill(site, "jane", 1, name="n")
    restart(site)
    assert rcpt(site, "joe@example.net", "jane@example.net", "postmaster@example.net")[0] == [FULL, FULL, FULL]
    assert who(site, "nobody@example.net") == "nobody"
    site.write(f"{PLACE}/.delivery", "overquota 0\n", owner="vpopmail", mode=0o600)
    assert who(site, "joe@example.net") == "full"
    run(site, "vmoddomlimits", "-M", "11", "example.net")
    assert who(site, "joe@example.net") == "mailbox", "limits count at once"


def test_bytes_count_too(site):
    run(site, "vmoddomlimits", "-M", "0", "-Q", "1", "example.net")
    site.sh(f"head -c 1048575 /dev/zero > {PLACE}/joe/Maildir/new/1.x && chown vpopmail: {PLACE}/joe/Maildir/new/*")
    assert who(site, "jane@example.net") == "mailbox"
    site.sh(f"echo >> {PLACE}/joe/Maildir/new/1.x")
    restart(site)
    assert who(site, "jane@example.net") == "full now"


def test_what_was_counted_is_believed_for_a_while(site):
    fill(site, "joe", 9)
    assert who(site, "joe@example.net") == "mailbox"
    fill(site, "joe", 1, name="n")
    assert who(site, "joe@example.net") == "mailbox"
    restart(site)
    assert who(site, "joe@example.net") == "full now"


def test_a_delivery_waits(site):
    site.sh("echo hello | sendmail joe@example.net")
    assert eventually(lambda: messages(site) == 0 and site.sh(f"ls {PLACE}/joe/Maildir/new").stdout), site.log("qmail-send")
    fill(site, "jane", 9)
    restart(site)
    site.sh("echo hello | sendmail joe@example.net")
    assert eventually(lambda: "user_is_over_quota_(#4.2.2)" in site.log("qmail-send")), site.log("qmail-send")
    site.sh("svc -d /service/qmail-users")
    assert eventually(lambda: site.sh("pgrep -x qmail-usersd", check=False).returncode)
    site.sh("echo hello | sendmail jane@example.net")
    assert eventually(lambda: "qmail-users_cannot_tell_now_whether_there_is_room" in site.log("qmail-send"))
    assert len(site.sh(f"ls {PLACE}/joe/Maildir/new").stdout.split()) == 1 and not site.maildir("max")


def test_it_is_off_by_default(site):
    fill(site, "joe", 10)
    site.sh("rm /var/qmail/control/domainquotas")
    restart(site)
    assert who(site, "joe@example.net") == "mailbox"
    site.sh("echo hello | sendmail jane@example.net")
    assert eventually(lambda: site.sh(f"ls {PLACE}/jane/Maildir/new").stdout), site.log("qmail-send")


def test_the_owner_of_a_domain_counts_it(site):
    site.user("ann")
    site.sh("mkdir -p ~ann/domains && chown ann: ~ann/domains && chmod 711 ~ann")
    run(site, "vadddomain", "-u", "ann", "ann.example", "secret")
    run(site, "vmoddomlimits", "-M", "3", "ann.example")
    place = "/home/ann/domains/ann.example"
    site.sh("echo hello | sendmail postmaster@ann.example")
    assert eventually(lambda: site.sh(f"ls {place}/postmaster/Maildir/new").stdout), site.log("qmail-send")
    fill(site, "postmaster", 2, place, "ann")
    site.sh("pkill -u ann -x qmail-usersd")
    assert eventually(lambda: who(site, "postmaster@ann.example") == "full now")
    site.sh("echo hello | sendmail postmaster@ann.example")
    assert eventually(lambda: "user_is_over_quota_(#4.2.2)" in site.log("qmail-send")), site.log("qmail-send")
