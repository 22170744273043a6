"""qmail-whose: an address is followed as its mail would go, and told of in words."""

import pytest

from tests.vdomains.conftest import VIRTUAL


def whose(host, address, code=0, user="root"):
    done = host.run(["/var/qmail/bin/qmail-whose", address], user=user, check=False)
    assert done.returncode == code, done
    return (done.stdout + done.stderr).decode().splitlines()


@pytest.fixture
def joe(host):
    host.user("joe")
    host.write("/home/joe/.qmail-default", "./Maildir/\n|date > /tmp/ran\n&ann@example.net\n", owner="joe")
    host.sh("chmod 700 ~joe")
    return host


def test_which_file_speaks_for_an_address(joe):
    assert whose(joe, "Joe-A.B-c@mail.example.org") == [
        "mail.example.org is in control/locals: the mailbox is Joe-A.B-c", "It is of the account joe, by qmail-getpw, with files in /home/joe",
        "/home/joe/.qmail-a:b-c is not there", "/home/joe/.qmail-a:b-default is not there", "/home/joe/.qmail-default is there, and counts:",
        "maildir ./Maildir/", "program date > /tmp/ran", "forward ann@example.net", "did 1+1+1"]
    assert joe.maildir("joe") == [] and joe.sh("ls /tmp/ran", check=False).returncode
    assert joe.sh("/var/qmail/bin/qmailctl whose joe-x@mail.example.org").stdout.endswith("did 1+1+1\n")


def test_an_account_itself_and_nobody(joe):
    joe.sh("rm ~joe/.qmail")
    assert whose(joe, "joe@mail.example.org")[2:] == [
        "looked for /home/joe/.qmail, which is not there", "looked for /home/joe/.qmaildefault, which is not there", "maildir ./Maildir/", "did 1+0+0"]
    assert whose(joe, "nosuch@mail.example.org", 100)[1:] == [
        "It is of the account alias, by qmail-getpw, with files in /var/qmail/alias", 
        "looked for /var/qmail/alias/.qmail-nosuch, which is not there", "looked for /var/qmail/alias/.qmail-default, which is not there",
        "Sorry, no mailbox here by that name. (#5.1.1)"]


def test_tables(joe):
    joe.control("virtualdomains", "shop.example:joe-shop\n")
    assert whose(joe, "info@shop.example")[0] == "shop.example is in control/virtualdomains: the mailbox is joe-shop-info"
    ids = joe.sh("id -u joe; id -g joe").stdout.split()
    joe.write("/var/qmail/users/assign", f"=sales:joe:{ids[0]}:{ids[1]}:/home/joe:-:shop:\n.\n")
    joe.sh("qmail-newu")
    assert whose(joe, "sales@mail.example.org")[1:3] == ["It is of the account joe, by users/assign, with files in /home/joe", "/home/joe/.qmail-shop is not there"]
    assert whose(joe, "a@far.example") == ["a@far.example goes to another host: qmailctl tls far.example tells to which"]
    joe.write("/var/qmail/users/assign", "=sales:root:0:0:/root:::\n.\n")
    joe.sh("qmail-newu")
    assert whose(joe, "sales@mail.example.org", 111)[-1] == "qmail-whose: fatal: that is root, as whom nothing is delivered"


def test_a_virtual_domain_is_its_owners(joe):
    joe.start("qmail-users")
    joe.sh("echo x | vadddomain example.net")
    said = whose(joe, "ann@example.net")
    assert said[1:4] == [f"It is of the account example.net, by users/assign, with files in {VIRTUAL}/example.net",
                         f"{VIRTUAL}/example.net/.qmail-ann is not there", f"{VIRTUAL}/example.net/.qmail-default is there, and counts:"]
    assert "vdelivermail" in said[4]


def test_what_is_told_is_what_may_be_seen(joe):
    """Who is not root sees no more than he may, and no line of a home gets to a terminal as it is."""
    said = whose(joe, "joe-x@mail.example.org", 111, user="nobody")
    assert said[1].endswith("with files in /home/joe") and "access denied" in said[-1] and "Maildir" not in str(said), said
    assert whose(joe, "joe-\x1b[2J@mail.example.org")[0].endswith("the mailbox is joe-?[2J")
    joe.write("/home/joe/.qmail-x", "|echo \x1b]0;hello\x07\n", owner="joe")
    assert whose(joe, "joe-x@mail.example.org")[3:] == ["program echo ?]0;hello?", "did 0+0+1"]
    joe.write("/home/joe/.qmail-x", "|echo \u009b2J\n", owner="joe")
    assert whose(joe, "joe-x@mail.example.org")[3:] == ["program echo ??2J", "did 0+0+1"]
    for words in ((), ("a", "b"), ("",)):
        assert joe.run(["/var/qmail/bin/qmail-whose", *words], check=False).returncode == 100


def test_who_is_asked_about_has_no_hold_on_the_terminal_of_root(joe):
    joe.write("/var/qmail/bin/qmail-local", "#!/bin/sh\nid -un\n(: < /dev/tty) 2>/dev/null && echo holds a terminal\n", mode=0o755)
    said = joe.sh("script -qec '/var/qmail/bin/qmail-whose joe-x@mail.example.org' /dev/null", check=False).stdout.splitlines()
    assert said[-1] == "joe" and said[-2].endswith("counts:"), said
