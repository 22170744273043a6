"""A list from its first subscriber to the last, by nothing but mail between two hosts: as its people see it."""

import email
import email.utils
import re

import pytest

from tests.host import eventually
from tests.lists.listhost import the_list

HERE, THERE = "here.example", "there.example"


class Reader:
    """Somebody with a mailbox, who reads each mail once and answers as his program would."""

    def __init__(self, host, name):
        self.host, self.name, self.seen = host, name, 0
        self.address = f"{name}@{host.name}"
        host.user(name)

    def mail(self):
        """The next mail he gets."""
        assert eventually(lambda: len(self.host.maildir(self.name)) > self.seen, 30), self.host.others[0].log("qmail-send")[-1500:]
        text = self.host.maildir(self.name)[self.seen]
        self.seen += 1
        return email.message_from_bytes(text)

    def send(self, to, subject="", text="text", sender=None):
        self.host.run(["/var/qmail/bin/qmail-inject", "-a", "-f", self.address if sender is None else sender, to], user=self.name,
                      input=f"From: {self.address}\nTo: {to}\nSubject: {subject}\n\n{text}\n".encode())

    def answer(self, mail, text="yes"):
        self.send(email.utils.parseaddr(mail["Reply-To"] or mail["From"])[1], f"Re: {mail['Subject']}", text)


@pytest.fixture
def two(hosts):
    here, there = hosts(HERE, THERE)
    here.others, there.others = [there], [here]
    return here, there


def body(mail):
    return "".join(part.get_payload() for part in mail.walk() if not part.is_multipart())


def test_a_life_with_a_list(two):
    here, there = two
    owner, ann, bob = Reader(here, "owner"), Reader(there, "ann"), Reader(there, "bob")
    sos = the_list(here, "sos", f"-d -f -5 {owner.address}", domain=HERE)
    here.start()
    there.start()
    # Who asks is asked back, and is on the list once he has answered.
    for reader in (ann, bob):
        reader.send(sos.address("subscribe"))
        question = reader.mail()
        assert question["Subject"] == f"confirm subscribe to {sos.address()}" and question["Auto-Submitted"] == "auto-replied"
        assert reader.address not in sos.subscribers()
        reader.answer(question)
        assert reader.mail()["Subject"] == f"WELCOME to {sos.address()}"
    assert sorted(sos.subscribers()) == [ann.address, bob.address]
    # A post reaches both, under its number.
    ann.send(sos.address(), "Hello", "The first post.")
    for reader in (ann, bob):
        post = reader.mail()
        assert post["Subject"] == "[sos] Hello" and "The first post." in body(post)
        assert post["Return-Path"] == f"<sos-return-1-{reader.name}={THERE}@{HERE}>" and post["Mailing-List"]
        assert post["List-ID"] == f"<sos.{HERE}>" and post["List-Post"] == f"<mailto:{sos.address()}>"
        assert {post[f"List-{name}"] for name in ("Help", "Subscribe", "Unsubscribe", "Owner")} == {
            f"<mailto:{sos.address(word)}>" for word in ("help", "subscribe", "unsubscribe", "owner")}
        assert post["List-Archive"] == f"<mailto:{sos.address('index')}>"
    # It can be asked for, and so can help and the index.
    bob.send(sos.address("get.1"))
    assert "The first post." in body(bob.mail())
    bob.send(sos.address("index"))
    assert "Hello" in body(bob.mail())
    bob.send(sos.address("help"))
    assert sos.address("unsubscribe") in body(bob.mail())
    # Who is not there is told, and it is not the list that says so.
    bob.send(sos.address("no-such-command"))
    assert bob.mail()
    # A digest for who wants that.
    bob.send(sos.address("digest-subscribe"))
    bob.answer(bob.mail())
    assert bob.mail()["Subject"].startswith("WELCOME")
    assert sos.subscribers("digest") == [bob.address]
    ann.send(sos.address(), "Again", "The second post.")
    assert all("The second post." in body(reader.mail()) for reader in (ann, bob))
    sos.run("ezmlm-get", sos.dir)
    digest = bob.mail()
    assert digest["Subject"].startswith("sos Digest") and "The second post." in body(digest)
    # He leaves.
    bob.send(sos.address("unsubscribe"))
    bob.answer(bob.mail())
    assert bob.mail()["Subject"] == f"GOODBYE from {sos.address()}"
    assert sos.subscribers() == [ann.address]


def test_readers_at_one_host_share_connections(two):
    """Each has a sender of his own, so that he has a transaction of his own; the connection goes on."""
    here, there = two
    there.write("/var/qmail/alias/.qmail-r-default", "./Readers/\n", owner="alias")
    there.sh("maildirmake /var/qmail/alias/Readers && chown -R alias /var/qmail/alias/Readers")
    here.control("concurrencyremote", "3\n")
    sos = the_list(here, "sos", domain=HERE)
    sos.subscribe(*(f"r-{n}@{THERE}" for n in range(60)))
    here.start()
    there.start()
    sos.write(f"joe@{HERE}", "Hello")
    assert eventually(lambda: len(there.maildir("alias", "Readers")) == 60, 60), here.log("qmail-send")[-2000:]
    senders = {re.match(rb"Return-Path: <(.*)>\n", mail)[1].decode() for mail in there.maildir("alias", "Readers")}
    assert senders == {f"sos-return-1-r-{n}={THERE}@{HERE}" for n in range(60)}
    assert eventually(lambda: sum(map(int, re.findall(r"session from .*: (\d+) accepted", there.log("qmail-smtpd")))) == 60, 30), there.log("qmail-smtpd")
    assert there.log("qmail-smtpd").count(" session from ") <= 3


def test_who_is_gone_leaves_the_list(two):
    """A post bounces, so does the warning, and so does the probe; then he is no subscriber any more."""
    here, there = two
    sos = the_list(here, "sos", "-U", domain=HERE)
    ann = Reader(there, "ann")
    gone = f"gone@{THERE}"
    sos.subscribe(ann.address, gone)
    here.start()
    there.start()
    ann.send(sos.address(), "Hello")
    assert ann.mail()["Subject"] == "Hello"
    for place in ("d", "w"):
        assert eventually(lambda: sos.host.sh(f"find {sos.dir}/bounce/d -name '{place}*' -type f", check=False).stdout, 60), here.log("qmail-send")[-3000:]
        assert gone in sos.subscribers()
        sos.run("ezmlm-warn", "-t", "0", sos.dir)
    assert eventually(lambda: sos.subscribers() == [ann.address], 60), here.log("qmail-send")[-3000:]
    assert "-probe gone@" in sos.read("Log")


def test_a_moderator_decides(two):
    here, there = two
    sos = the_list(here, "sos", "-m -s", domain=HERE)
    ann, mod = Reader(there, "ann"), Reader(there, "mod")
    sos.subscribe(ann.address)
    sos.subscribe(mod.address, table="mod")
    here.start()
    there.start()
    ann.send(sos.address(), "Good", "Worth reading.")
    request = mod.mail()
    assert request["Subject"] == f"MODERATE for {sos.address()}"
    mod.answer(request)
    assert "Worth reading." in body(ann.mail())
    ann.send(sos.address(), "Bad", "Not worth it.")
    request = mod.mail()
    mod.send(email.utils.parseaddr(request["From"])[1], "no", "%%%\nToo short.\n%%%")
    returned = ann.mail()
    assert returned["Subject"] == f"Returned post for {sos.address()}" and "Too short." in body(returned)
    assert sos.read("num").startswith("1:")


PRINTED = """
mkdir /home/lists
ezmlm-make /home/lists/test /var/qmail/alias/.qmail-test test {}
chown -R alias:qmail /home/lists
"""
HERE_AND_THERE = "{}ezmlm-make ~alias/test ~alias/.qmail-test test {{}} && chown -R alias:nofiles ~alias/test ~alias/.qmail-test*"
TAUGHT = {"~alias/test": HERE_AND_THERE.format(""), "~alias/./test": HERE_AND_THERE.format("/usr/local/bin/ezmlm/"), "/home/lists/test": PRINTED}


@pytest.mark.parametrize("place", TAUGHT)
def test_as_it_has_been_taught(host, place):
    """As administrators have it in their notes: root makes the list, gives it away, and tries it by mail."""
    host.others = [host]
    ann = Reader(host, "ann")
    host.start()
    host.dns({})
    host.sh("set -e\n" + TAUGHT[place].format(host.name))
    ann.send(f"test-subscribe@{host.name}")
    question = ann.mail()
    assert re.fullmatch(rf"<?test-sc\.\d+\.[a-p]{{20}}-ann={host.name}@{host.name}>?", question["Reply-To"])
    ann.answer(question)
    assert ann.mail()["Subject"] == f"WELCOME to test@{host.name}"
    assert host.sh(f"ezmlm-list {place}").stdout == f"{ann.address}\n"
    ann.send(f"test@{host.name}", "Hello", "It works.")
    assert "It works." in body(ann.mail())
    ann.send(f"test-unsubscribe@{host.name}")
    ann.answer(ann.mail())
    assert ann.mail()["Subject"] == f"GOODBYE from test@{host.name}"
    assert host.sh(f"ezmlm-list {place}; find -H {place} ! -user alias", check=False).stdout == ""
